//! Custom scalars, whose names tell a reader the format.
//!
//! As input they accept any value of the right JSON type: the domain validates countries, quantities and so
//! on, so that all validation errors are returned at once. White space around a code, a date or an address is
//! ignored, and so is the case of codes.

use async_graphql::{InputValueError, InputValueResult, MaybeUndefined, Scalar, ScalarType, Value};
use domain::{Patch, number::CountDraft};
use jiff::Timestamp;

/// Returns whether a value is valid for this custom scalar; false for an unknown scalar.
#[must_use]
pub fn is_of_scalar(name: &str, value: &Value) -> bool {
    match name {
        "DateTime" => DateTime::is_valid(value),
        "Count" => Count::is_valid(value),
        _ => is_of_text(name, value),
    }
}

/// Scalars that are strings.
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
    /// A calendar date, `YYYY-MM-DD` (RFC 3339, `full-date`), in the time zone of the object it belongs to.
    Date as "Date", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6";

    /// A local date and time, `YYYY-MM-DDTHH:MM`, optionally with `:SS` (ISO 8601), in the time zone of the
    /// object it belongs to. It is not an instant by itself.
    LocalDateTime as "LocalDateTime", "https://www.iso.org/iso-8601-date-and-time-format.html";

    /// A time zone name of the IANA database, such as `America/Toronto`.
    TimeZone as "TimeZone", "https://www.iana.org/time-zones";

    /// An ISO 3166-1 alpha-2 country code, such as `CA`. Output is in capital letters; input may have any case.
    CountryCode as "CountryCode", "https://www.iso.org/iso-3166-country-codes.html";

    /// An ISO 3166-2 code of a region (province, state, voivodeship …), such as `CA-ON`. Output is in capital letters;
    /// input may have any case.
    RegionCode as "RegionCode", "https://www.iso.org/standard/72483.html";

    /// A BCP 47 language tag, such as `en` or `fr-CA`. Output is in canonical form; input may have any case, and
    /// underscores for hyphens.
    Language as "Language", "https://www.rfc-editor.org/info/bcp47";

    /// An absolute URL with the scheme `https` or `http`.
    Url as "URL", "https://url.spec.whatwg.org/";

    /// An e-mail address as defined by the HTML standard, which ignores white space around it.
    EmailAddress as "EmailAddress", "https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address";
}

/// An instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateTime(pub(crate) Timestamp);

/// An instant with microsecond precision (RFC 3339). Output is always in UTC and ends in `Z`; input may have
/// any offset.
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

/// Parses an instant. The parser accepts more forms of ISO 8601 than RFC 3339 has; they are rejected here.
fn instant(value: &Value) -> Option<Timestamp> {
    let Value::String(text) = value else { return None };
    let text = domain::text::code_as_typed(text);
    let is = |at: usize, among: &[u8]| text.as_bytes().get(at).is_some_and(|byte| among.contains(byte));
    let dated = is(4, b"-") && is(7, b"-") && is(10, b"Tt");
    let timed = is(13, b":") && is(16, b":");
    let closed = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TtZz".contains(&byte));
    let instant: Timestamp = text.parse().ok().filter(|_| dated && timed && closed)?;
    Timestamp::from_microsecond(instant.as_microsecond()).ok()
}

/// A count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Count(pub(crate) CountDraft);

/// A count: an integer from 0 to 9,007,199,254,740,991 (2⁵³ − 1), written as a JSON number that every client
/// represents exactly. It is wider than `Int`, because a worldwide total may exceed that.
///
/// Other numbers as input are reported as validation errors.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2")]
impl ScalarType for Count {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => {
                let number = number.as_f64().ok_or(InputValueError::expected_type(value))?;
                Ok(Self(CountDraft::from_number(number)))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(_))
    }

    fn to_value(&self) -> Value {
        self.whole().map_or_else(|| self.0.number().into(), Value::from)
    }
}

/// A field that is absent keeps its value, and `null` clears it.
pub(crate) fn patch<T>(input: MaybeUndefined<T>) -> Patch<T> {
    match input {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(value),
    }
}

impl Count {
    /// Returns the integer if it is one from 0 to 2^53 − 1.
    pub(crate) fn whole(self) -> Option<u64> {
        self.0.whole()
    }
}

impl From<u64> for Count {
    fn from(count: u64) -> Self {
        Self(count.into())
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
        let read = |value: Value| Count::parse(value).ok().map(|count| (count.0.number(), count.whole()));
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
        assert_eq!(Count::from(domain::number::MAX_COUNT).to_value().to_string(), "9007199254740991");
        assert_eq!(Count::from(0).to_value().to_string(), "0");
    }
}
