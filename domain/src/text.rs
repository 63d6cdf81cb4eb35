//! Normalisation of texts and codes as typed: each is made safe and canonical once.
//!
//! Every text is normalised to NFC, so that the same name typed on two keyboards is one name.
//!
//! ```
//! use domain::text;
//! assert_eq!(text::line("  Mikita Zalatarou ").unwrap(), "Mikita Zalatarou");
//! assert!(text::line("gnp.\u{202E}exe").is_err());
//! ```

use unicode_normalization::UnicodeNormalization;

mod collation;
mod identity;
mod search;

pub use collation::Collation;
pub use identity::nfkc_casefold;
pub use search::{search_text, search_words};

/// The version of the forms of texts that are stored for comparison: [`nfkc_casefold`], [`search_text`] and
/// [`Language::with_likely_subtags`]. Where a database has forms of another version, they are made anew.
pub const STORED_FORMS: &str = "1, Unicode 18, CLDR 49";

use crate::violation::ViolationKind;

/// Titles and names are read in lists: 200 characters are two lines of one.
pub const MAX_LINE: usize = 200;
/// About eight printed pages, longer than any case sheet.
pub const MAX_PROSE: usize = 20_000;
/// A remark for staff: a screen of text. Reports have one each, and any client may send them by the hundred.
pub const MAX_NOTE: usize = 2_000;
/// A slug is part of addresses that people type.
pub const MAX_SLUG: usize = 80;

/// A one-line text such as a name or a title: 1–200 characters, trimmed, in NFC.
///
/// # Errors
/// [`ViolationKind::Required`], [`ViolationKind::TextTooLong`], [`ViolationKind::ControlCharacter`] (line breaks too) or
/// [`ViolationKind::BidirectionalOverride`].
pub fn line(typed: &str) -> Result<String, ViolationKind> {
    let text = bounded(typed, MAX_LINE)?;
    for character in text.chars() {
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            return Err(ViolationKind::ControlCharacter { character });
        }
        if matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') {
            return Err(ViolationKind::BidirectionalOverride { character });
        }
    }
    Ok(text)
}

/// A text of several lines: 1–20,000 characters, trimmed, in NFC, line breaks as `\n`.
///
/// # Errors
/// [`ViolationKind::Required`], [`ViolationKind::TextTooLong`], or [`ViolationKind::ControlCharacter`] for any control
/// character but line breaks and tabs.
///
/// ```
/// assert_eq!(domain::text::prose("Dear sir,\r\nplease").unwrap(), "Dear sir,\nplease");
/// ```
pub fn prose(typed: &str) -> Result<String, ViolationKind> {
    lines(typed, MAX_PROSE)
}

/// A remark for staff, of several lines: 1–2,000 characters, like [`prose`] otherwise.
///
/// # Errors
/// Those of [`prose`].
///
/// ```
/// assert!(domain::text::note(&"a".repeat(2_000)).is_ok());
/// assert!(domain::text::note(&"a".repeat(2_001)).is_err());
/// ```
pub fn note(typed: &str) -> Result<String, ViolationKind> {
    lines(typed, MAX_NOTE)
}

fn lines(typed: &str, most: usize) -> Result<String, ViolationKind> {
    let text = bounded(&typed.replace("\r\n", "\n"), most)?;
    match text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        Some(character) => Err(ViolationKind::ControlCharacter { character }),
        None => Ok(text),
    }
}

/// A reason that has to be given.
///
/// # Errors
/// [`ViolationKind::ReasonMissing`], and those of [`prose`].
///
/// ```
/// assert_eq!(domain::text::reason(" "), Err(domain::ViolationKind::ReasonMissing));
/// ```
pub fn reason(typed: &str) -> Result<String, ViolationKind> {
    prose(typed).map_err(|rule| match rule {
        ViolationKind::Required => ViolationKind::ReasonMissing,
        rule => rule,
    })
}

fn bounded(typed: &str, most: usize) -> Result<String, ViolationKind> {
    let text: String = typed.trim().nfc().collect();
    let length = text.chars().count();
    if length == 0 {
        Err(ViolationKind::Required)
    } else if length > most {
        Err(ViolationKind::TextTooLong { most, length })
    } else {
        Ok(text)
    }
}

/// A slug: 1–80 of `a-z 0-9`, with single hyphens between them. Capital letters and white space around it are taken,
/// too.
///
/// # Errors
/// [`ViolationKind::SlugInvalid`].
///
/// ```
/// assert_eq!(domain::text::slug(" Zhang-Zhan").unwrap(), "zhang-zhan");
/// assert!(domain::text::slug("Zhang Zhan").is_err());
/// ```
pub fn slug(typed: &str) -> Result<String, ViolationKind> {
    let slug = code_as_typed(typed).to_ascii_lowercase();
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if slug.len() <= MAX_SLUG && slug.split('-').all(is_part) {
        Ok(slug)
    } else {
        Err(ViolationKind::SlugInvalid)
    }
}

/// A code as typed, without the white space around it, which keyboards and clipboards add.
///
/// ```
/// assert_eq!(domain::text::code_as_typed(" CA-ON\u{A0}"), "CA-ON");
/// ```
#[must_use]
pub fn code_as_typed(typed: &str) -> &str {
    typed.trim()
}

/// The e-mail address of an office, kept as typed.
///
/// # Errors
/// [`ViolationKind::EmailInvalid`].
///
/// ```
/// assert!(domain::text::email("prosecutor@example.org").is_ok());
/// assert!(domain::text::email("the prosecutor").is_err());
/// ```
pub fn email(typed: &str) -> Result<String, ViolationKind> {
    crate::EmailAddress::parse(typed).map(String::from)
}

/// An absolute `http` or `https` address in its normal form.
///
/// # Errors
/// [`ViolationKind::UrlInvalid`].
///
/// ```
/// assert!(domain::text::url("https://example.org/appeal").is_ok());
/// assert!(domain::text::url("javascript:alert(1)").is_err());
/// ```
pub fn url(typed: &str) -> Result<String, ViolationKind> {
    match url::Url::parse(typed.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.as_str().len() <= 2_000 => Ok(url.into()),
        _ => Err(ViolationKind::UrlInvalid),
    }
}

macro_rules! code {
    ($(#[$meta:meta])* $name:ident, $rule:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
        pub struct $name(String);

        impl $name {
            /// The canonical spelling.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = ViolationKind;

            fn try_from(typed: String) -> Result<Self, ViolationKind> {
                Self::parse(&typed)
            }
        }
    };
}

mod language;

pub(crate) use language::in_language;
pub use language::{Language, LanguageRange};

code! {
    /// A country by its ISO 3166-1 alpha-2 code.
    ///
    /// ```
    /// use domain::Country;
    /// assert_eq!(Country::parse(" ca").unwrap().as_str(), "CA");
    /// assert!(Country::parse("ZZ").is_err());
    /// ```
    Country, CountryUnknown
}

impl Country {
    /// # Errors
    /// [`ViolationKind::CountryUnknown`].
    pub fn parse(typed: &str) -> Result<Self, ViolationKind> {
        rust_iso3166::from_alpha2(&code_as_typed(typed).to_ascii_uppercase())
            .map(|country| Self(country.alpha2.to_owned()))
            .ok_or(ViolationKind::CountryUnknown)
    }
}

code! {
    /// A region (province, state, voivodeship …) by its ISO 3166-2 code.
    ///
    /// ```
    /// use domain::Region;
    /// assert_eq!(Region::parse(" ca-on").unwrap().country().as_str(), "CA");
    /// assert!(Region::parse("CA-XX").is_err());
    /// ```
    Region, RegionUnknown
}

impl Region {
    /// # Errors
    /// [`ViolationKind::RegionUnknown`].
    pub fn parse(typed: &str) -> Result<Self, ViolationKind> {
        rust_iso3166::iso3166_2::from_code(&code_as_typed(typed).to_ascii_uppercase())
            .map(|region| Self(region.code.to_owned()))
            .ok_or(ViolationKind::RegionUnknown)
    }

    /// The country it lies in.
    #[must_use]
    pub fn country(&self) -> Country {
        Country(self.0.chars().take_while(|&c| c != '-').collect())
    }
}

code! {
    /// A time zone by its name in the IANA database.
    ///
    /// ```
    /// use domain::Zone;
    /// assert_eq!(Zone::parse("america/toronto ").unwrap().as_str(), "America/Toronto");
    /// assert!(Zone::parse("America/Rosnowo").is_err());
    /// ```
    Zone, TimeZoneUnknown
}

impl Zone {
    /// # Errors
    /// [`ViolationKind::TimeZoneUnknown`].
    pub fn parse(typed: &str) -> Result<Self, ViolationKind> {
        jiff::tz::TimeZone::get(code_as_typed(typed))
            .ok()
            .and_then(|zone| zone.iana_name().map(str::to_owned))
            .filter(|name| name != "Etc/Unknown")
            .map(Self)
            .ok_or(ViolationKind::TimeZoneUnknown)
    }

    /// The zone's rules.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the name was found in the same database before")]
    pub fn time_zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.0).expect("a zone once checked stays in the compiled-in database")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_fits_up_to_its_last_character() {
        assert!(line(&"ł".repeat(MAX_LINE)).is_ok());
        assert_eq!(
            line(&"ł".repeat(MAX_LINE + 1)),
            Err(ViolationKind::TextTooLong { most: MAX_LINE, length: MAX_LINE + 1 })
        );
        assert_eq!(line(" \t "), Err(ViolationKind::Required));
        assert!(prose(&"a".repeat(MAX_PROSE)).is_ok());
        assert!(prose(&"a".repeat(MAX_PROSE + 1)).is_err());
    }

    #[test]
    fn control_characters_and_overrides_are_refused_in_one_line() {
        assert_eq!(line("a\u{0}b"), Err(ViolationKind::ControlCharacter { character: '\u{0}' }));
        assert_eq!(line("a\nb"), Err(ViolationKind::ControlCharacter { character: '\n' }));
        assert_eq!(line("a\u{2028}b"), Err(ViolationKind::ControlCharacter { character: '\u{2028}' }));
        for override_ in ['\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}'] {
            assert_eq!(
                line(&format!("a{override_}b")),
                Err(ViolationKind::BidirectionalOverride { character: override_ })
            );
        }
        assert!(line("a\u{200F}b").is_ok(), "a mark turns nothing around");
        assert_eq!(prose("a\u{7}b"), Err(ViolationKind::ControlCharacter { character: '\u{7}' }));
        assert!(prose("a\n\tb").is_ok());
    }

    #[test]
    fn one_name_typed_on_two_keyboards_is_one_name() {
        assert_eq!(line("Zalataro\u{301}u"), line("Zalatar\u{f3}u"));
    }

    #[test]
    fn codes_that_do_not_exist_are_refused() {
        assert_eq!(Language::parse("xx-nope-1"), Err(ViolationKind::LanguageUnknown));
        assert_eq!(Language::parse("x-private"), Err(ViolationKind::LanguageUnknown));
        assert_eq!(Zone::parse("Mars/Olympus"), Err(ViolationKind::TimeZoneUnknown));
        assert_eq!(Zone::parse(""), Err(ViolationKind::TimeZoneUnknown));
        assert_eq!(Country::parse("c a"), Err(ViolationKind::CountryUnknown));
        assert_eq!(Region::parse("CA"), Err(ViolationKind::RegionUnknown));
        assert_eq!(url("ftp://example.org"), Err(ViolationKind::UrlInvalid));
        assert_eq!(slug("a--b"), Err(ViolationKind::SlugInvalid));
        assert_eq!(slug(&"a".repeat(MAX_SLUG + 1)), Err(ViolationKind::SlugInvalid));
    }

    proptest! {
        #[test]
        fn what_was_cleaned_once_stays_as_it_is(typed in any::<String>()) {
            if let Ok(clean) = line(&typed) {
                prop_assert_eq!(line(&clean), Ok(clean.clone()));
                prop_assert!(!clean.chars().any(char::is_control));
            }
        }
    }
}
