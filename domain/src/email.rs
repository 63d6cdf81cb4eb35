//! E-mail addresses of people: kept as typed for sending, folded for comparison.
//!
//! Families share an address, so that an address does not identify a person. It must not appear in logs
//! or messages: its `Debug` output hides it, and it has no `Display`.

use crate::violation::ViolationKind;

/// What a mail path carries at most (RFC 5321, 4.5.3.1.3, without its angle brackets).
pub const MAX_EMAIL: usize = 254;
/// What a label of a host name may be long (RFC 1034, 3.1).
const MAX_LABEL: usize = 63;

/// An e-mail address by the rule of HTML's `<input type=email>`.
///
/// ```
/// use domain::EmailAddress;
/// let typed = EmailAddress::parse("Moses.A@Example.org").unwrap();
/// let again = EmailAddress::parse("moses.a@example.ORG").unwrap();
/// assert_eq!(typed.as_str(), "Moses.A@Example.org");
/// assert_eq!(typed.folded(), again.folded());
/// assert_eq!(format!("{typed:?}"), "EmailAddress(…)");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as typed, without white space around it, which HTML strips before it judges.
    ///
    /// # Errors
    /// [`ViolationKind::EmailInvalid`]; see
    /// <https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>.
    pub fn parse(typed: &str) -> Result<Self, ViolationKind> {
        let typed = typed.trim();
        match typed.split_once('@') {
            Some((name, host))
                if typed.len() <= MAX_EMAIL && is_name(name) && host.split('.').all(is_label) =>
            {
                Ok(Self(typed.to_owned()))
            }
            _ => Err(ViolationKind::EmailInvalid),
        }
    }

    /// As it was typed: what a letter is sent to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is compared: without regard to case. Hosts have none, and no mail provider of today
    /// gives `Moses@` to one person and `moses@` to another.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The mailbox of the address, folded: the address without the suffix behind a `+` in its name, which most
    /// mail providers ignore in delivery.
    ///
    /// ```
    /// let address = domain::EmailAddress::parse("Moses.A+letters@Example.org").unwrap();
    /// assert_eq!(address.box_folded(), "moses.a@example.org");
    /// ```
    #[must_use]
    pub fn box_folded(&self) -> String {
        let (name, host) = (self.name(), self.host());
        let base = name.split_once('+').map_or(name, |(base, _)| base);
        let base = if base.is_empty() { name } else { base };
        format!("{base}@{host}").to_ascii_lowercase()
    }

    /// The part before the `@`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once('@').map_or("", |(name, _)| name)
    }

    /// The part behind the `@`.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, host)| host)
    }
}

impl std::fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = ViolationKind;

    fn try_from(typed: String) -> Result<Self, ViolationKind> {
        Self::parse(&typed)
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b))
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_follows_the_rule_of_html() {
        for good in ["a@b", "first.last+tag@sub.example.org", "o'neil@example.org", "..a..@a-b.c"] {
            assert_eq!(EmailAddress::parse(good).expect("an address").as_str(), good);
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b..c",
            "a@.b",
            "a@b.",
            "a@-b",
            "a@b-",
            "a b@c",
            "a@b@c",
            "a,b@c",
            "\"a\"@b",
            "<a@b>",
            "ł@example.org",
            "a@łódź.pl",
            "a@[127.0.0.1]",
            "a\r\nBcc: c@d",
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(ViolationKind::EmailInvalid), "{bad}");
        }
    }

    #[test]
    fn white_space_around_an_address_is_not_part_of_it() {
        for typed in ["a@b ", " a@b", "\ta@b\r\n", "\u{A0}a@b\u{3000}"] {
            assert_eq!(EmailAddress::parse(typed).expect("an address").as_str(), "a@b", "{typed:?}");
        }
    }

    #[test]
    fn an_address_fits_up_to_its_last_character() {
        let name = |length: usize| format!("{}@example.org", "a".repeat(length - "@example.org".len()));
        assert!(EmailAddress::parse(&name(MAX_EMAIL)).is_ok());
        assert!(EmailAddress::parse(&name(MAX_EMAIL + 1)).is_err());
        assert!(EmailAddress::parse(&format!("a@{}.org", "b".repeat(MAX_LABEL))).is_ok());
        assert!(EmailAddress::parse(&format!("a@{}.org", "b".repeat(MAX_LABEL + 1))).is_err());
    }

    #[test]
    fn two_spellings_of_one_address_are_told_to_be_one() {
        let folded = |typed: &str| EmailAddress::parse(typed).expect("an address").folded();
        assert_eq!(folded("Moses@Example.ORG"), folded("moses@example.org"));
        assert_ne!(folded("m.oses@example.org"), folded("moses@example.org"));
        assert_ne!(folded("moses+w4r@example.org"), folded("moses@example.org"));
    }

    proptest! {
        #[test]
        fn nothing_that_could_end_a_line_of_a_letter_is_an_address(typed in any::<String>()) {
            if let Ok(address) = EmailAddress::parse(&typed) {
                prop_assert!(address.as_str().bytes().all(|b| b.is_ascii_graphic() && !b"<>,;:\\\"()[]".contains(&b)));
                prop_assert_eq!(format!("{}@{}", address.name(), address.host()), typed.trim());
            }
        }

        #[test]
        fn what_was_folded_once_stays_as_it_is(typed in "[a-zA-Z.+]{1,20}@[a-zA-Z]{1,20}") {
            let folded = EmailAddress::parse(&typed).expect("an address").folded();
            prop_assert_eq!(EmailAddress::parse(&folded).expect("an address").folded(), folded.clone());
        }
    }
}
