//! Values of one line that need a name of their own, so that a reader knows what they look like.
//!
//! As input they take what was typed: it is the domain that says whether it is a country or a
//! quantity, so that a person hears of all mistakes at once.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use jiff::Timestamp;

/// Whether a value is one of this scalar of the schema's own; false for a scalar that it does not have.
#[must_use]
pub fn is_of_scalar(name: &str, value: &Value) -> bool {
    match name {
        "DateTime" => DateTime::is_valid(value),
        "Count" => Count::is_valid(value),
        _ => is_of_text(name, value),
    }
}

/// Scalars that are texts.
macro_rules! text {
    ($($(#[$meta:meta])* $name:ident as $spelled:literal, $specified_by:literal;)+) => {
    fn is_of_text(name: &str, value: &Value) -> bool {
        match name {
            $($spelled => $name::is_valid(value),)+
            _ => false,
        }
    }

    $(
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) String);

        $(#[$meta])*
        #[Scalar(name = $spelled, specified_by_url = $specified_by)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => Ok(Self(text)),
                    other => Err(InputValueError::expected_type(other)),
                }
            }

            fn is_valid(value: &Value) -> bool {
                matches!(value, Value::String(_))
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }

        impl<T: std::fmt::Display> From<T> for $name {
            fn from(value: T) -> Self {
                Self(value.to_string())
            }
        }
    )+
    };
}

text! {
    /// A day of the calendar, `YYYY-MM-DD` (RFC 3339, `full-date`). It belongs to the time zone of
    /// what it is said about.
    Date as "Date", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6";

    /// A local time, `YYYY-MM-DDTHH:MM`, perhaps with `:SS` (ISO 8601). It belongs to the time zone of
    /// what it is said about, and is no instant by itself.
    LocalDateTime as "LocalDateTime", "https://www.iso.org/iso-8601-date-and-time-format.html";

    /// A time zone by its name in the IANA database, such as `America/Toronto`.
    TimeZone as "TimeZone", "https://www.iana.org/time-zones";

    /// A country by its ISO 3166-1 code of two capital letters, such as `CA`.
    CountryCode as "CountryCode", "https://www.iso.org/iso-3166-country-codes.html";

    /// A region (province, state, voivodeship …) by its ISO 3166-2 code, such as `CA-ON`.
    RegionCode as "RegionCode", "https://www.iso.org/standard/72483.html";

    /// A language by its BCP 47 tag, such as `en` or `fr-CA`.
    Language as "Language", "https://www.rfc-editor.org/info/bcp47";

    /// An absolute web address, `https` or `http`.
    Url as "URL", "https://url.spec.whatwg.org/";

    /// An e-mail address by the rule of HTML.
    EmailAddress as "EmailAddress", "https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address";
}

/// An instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateTime(pub(crate) Timestamp);

/// An instant, to the microsecond (RFC 3339). Answers are always in UTC and end in `Z`; any offset is
/// understood as input.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        instant(&value).map(Self).ok_or_else(|| InputValueError::expected_type(value))
    }

    fn is_valid(value: &Value) -> bool {
        instant(value).is_some()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for DateTime {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

/// The parser knows more forms of ISO 8601 than RFC 3339 has; one form is enough for everybody.
fn instant(value: &Value) -> Option<Timestamp> {
    let Value::String(text) = value else { return None };
    let is = |at: usize, among: &[u8]| text.as_bytes().get(at).is_some_and(|byte| among.contains(byte));
    let dated = is(4, b"-") && is(7, b"-") && is(10, b"Tt");
    let timed = is(13, b":") && is(16, b":");
    let closed = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TtZz".contains(&byte));
    let instant: Timestamp = text.parse().ok().filter(|_| dated && timed && closed)?;
    Timestamp::from_microsecond(instant.as_microsecond()).ok()
}

/// A number of things.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Count(pub(crate) f64);

/// A number of things: a whole number from 0 to 9,007,199,254,740,991 (2⁵³ − 1), written as a JSON
/// number that every client reads exactly. Wider than `Int`, because a world total may be.
///
/// Any other number given as input is answered by the rule it breaks.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2")]
impl ScalarType for Count {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number.as_f64().map(Self).ok_or(InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(_))
    }

    fn to_value(&self) -> Value {
        self.whole().map_or_else(|| self.0.into(), Value::from)
    }
}

impl Count {
    /// The whole number that this is, if it is one from 0 to 2^53 − 1.
    pub(crate) fn whole(self) -> Option<u64> {
        let most = domain::total::COUNT_MOST as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, not negative, and exact up to 2^53"
        )]
        (self.0.fract() == 0.0 && (0.0..=most).contains(&self.0)).then_some(self.0 as u64)
    }
}

impl From<u64> for Count {
    fn from(count: u64) -> Self {
        Self(count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_utc_and_read_with_any_offset() {
        let read =
            |text: &str| DateTime::parse(text.into()).ok().map(|instant| instant.to_value().to_string());
        assert_eq!(read("2022-02-01T00:00:00-05:00").as_deref(), Some("\"2022-02-01T05:00:00Z\""));
        assert_eq!(read("2022-02-01T05:00:00.1234567Z").as_deref(), Some("\"2022-02-01T05:00:00.123456Z\""));
        for bad in
            ["", "2022-02-01", "2022-02-01 05:00:00Z", "2022-02-01T05:00:00", "2022-02-30T05:00:00Z", "now"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read("2022-02-01T05:00:00-05:00[America/Toronto]"), None, "annotations are not RFC 3339");
    }

    #[test]
    fn a_count_takes_any_number_and_leaves_it_to_the_domain() {
        let read = |value: Value| Count::parse(value).ok().map(|count| (count.0, count.whole()));
        assert_eq!(read(Value::from(26)), Some((26.0, Some(26))));
        assert_eq!(read(Value::from(-1)), Some((-1.0, None)));
        assert_eq!(read(Value::from(2.5)), Some((2.5, None)));
        assert_eq!(read(Value::from(u64::MAX)).map(|(_, whole)| whole), Some(None));
        assert!(Count::parse("26".into()).is_err());
        assert!(!Count::is_valid(&"26".into()));
    }

    #[test]
    fn every_scalar_of_the_schema_knows_its_values() {
        let sdl = crate::api::sdl();
        let names = sdl.lines().filter_map(|line| line.strip_prefix("scalar ")?.split(' ').next());
        let mut known = 0;
        for name in names {
            let text = "2021-12-10T00:00:00Z";
            assert!(is_of_scalar(name, &text.into()) || is_of_scalar(name, &Value::from(1)), "{name}");
            assert!(!is_of_scalar(name, &Value::from(true)), "{name}");
            known += 1;
        }
        assert!(known > 5, "{known} scalars");
        assert!(!is_of_scalar("Colour", &"red".into()));
    }

    #[test]
    fn a_count_is_written_as_a_whole_number() {
        assert_eq!(Count::from(domain::total::COUNT_MOST).to_value().to_string(), "9007199254740991");
        assert_eq!(Count::from(0).to_value().to_string(), "0");
    }
}
