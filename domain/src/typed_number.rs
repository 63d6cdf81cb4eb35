//! Parsing of whole numbers as people type them: with the digits of their script, and with the signs between
//! groups of digits that their language has.
//!
//! `1,234` is a thousand in English and one and a quarter in French, and a number field of a browser drops the
//! comma of `12,5` and reports 125. What could mean two numbers is therefore refused, so that the person is
//! asked. The page `/manage` has the same parser in JavaScript; `vectors.json` in the folder of this module
//! tests both.

use crate::{Language, number::MAX_COUNT};

mod signs;

use signs::{Sign, digit, group_sign};

/// The digits of a group.
const GROUP_DIGITS: usize = 3;

/// Why a text is not read as a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TypedNumberError {
    /// Nothing was typed.
    Empty,
    /// It has something other than digits and signs between them: letters, `+`, `-`, digits of two scripts.
    NotANumber,
    /// It has decimals.
    NotWhole,
    /// It may be one number or another: `1,234` where the language is not known to group by commas.
    Ambiguous,
    /// It is above [`MAX_COUNT`].
    TooLarge,
}

impl TypedNumberError {
    /// Its spelling in test vectors.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "EMPTY",
            Self::NotANumber => "NOT_A_NUMBER",
            Self::NotWhole => "NOT_WHOLE",
            Self::Ambiguous => "AMBIGUOUS",
            Self::TooLarge => "TOO_LARGE",
        }
    }
}

impl std::fmt::Display for TypedNumberError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "a number is missing",
            Self::NotANumber => "a number has digits only",
            Self::NotWhole => "a whole number has no decimals",
            Self::Ambiguous => "the sign between the digits can mean thousands or decimals: type digits only",
            Self::TooLarge => "the number is too large",
        })
    }
}

impl std::error::Error for TypedNumberError {}

/// Parses a whole number that was typed on a page in this language. Spaces, apostrophes and the Arabic
/// thousands separator group digits in every language; a comma or a dot only in a language that groups by it,
/// or where it occurs twice, as a decimal sign never does.
///
/// # Errors
/// [`TypedNumberError`], also where a person probably meant a number.
///
/// ```
/// use domain::{Language, typed_number::{TypedNumberError, parse}};
/// let english = Language::parse("en").unwrap();
/// assert_eq!(parse("1,234", Some(&english)), Ok(1_234));
/// assert_eq!(parse("12,5", Some(&english)), Err(TypedNumberError::NotWhole));
/// assert_eq!(parse("١٢٣", None), Ok(123));
/// ```
pub fn parse(typed: &str, language: Option<&Language>) -> Result<u64, TypedNumberError> {
    let visible: String = typed.chars().filter(|character| !is_direction_mark(*character)).collect();
    let visible = visible.trim();
    if visible.is_empty() {
        return Err(TypedNumberError::Empty);
    }
    let number = SignedGroups::parse(visible)?;
    number.check_signs(language)?;
    number.value()
}

/// Whether a character only directs the text around it; keyboards and copies from pages add such.
const fn is_direction_mark(character: char) -> bool {
    matches!(
        character,
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Groups of digits with a sign between each two.
struct SignedGroups {
    groups: Vec<Vec<u64>>,
    signs: Vec<Sign>,
}

impl SignedGroups {
    fn parse(text: &str) -> Result<Self, TypedNumberError> {
        let mut parsed = Self { groups: vec![vec![]], signs: vec![] };
        let mut script = None;
        for character in text.chars() {
            if let Some((zero, value)) = digit(character) {
                if *script.get_or_insert(zero) != zero {
                    return Err(TypedNumberError::NotANumber);
                }
                if let Some(group) = parsed.groups.last_mut() {
                    group.push(value);
                }
            } else {
                parsed.signs.push(Sign::of(character).ok_or(TypedNumberError::NotANumber)?);
                parsed.groups.push(vec![]);
            }
        }
        match parsed.groups.iter().any(Vec::is_empty) {
            true => Err(TypedNumberError::NotANumber),
            false => Ok(parsed),
        }
    }

    fn check_signs(&self, language: Option<&Language>) -> Result<(), TypedNumberError> {
        let Some(&sign) = self.signs.first() else { return Ok(()) };
        if self.signs.iter().any(|other| *other != sign) {
            return Err(TypedNumberError::Ambiguous);
        }
        match sign {
            Sign::ArabicDecimal => Err(TypedNumberError::NotWhole),
            Sign::Space | Sign::Apostrophe | Sign::ArabicGroup if self.is_grouped() => Ok(()),
            Sign::Space | Sign::Apostrophe | Sign::ArabicGroup => Err(TypedNumberError::NotANumber),
            Sign::Comma | Sign::Dot if self.signs.len() > 1 => {
                match self.is_grouped() || self.is_indian(sign) {
                    true => Ok(()),
                    false => Err(TypedNumberError::Ambiguous),
                }
            }
            Sign::Comma | Sign::Dot if !self.is_grouped() => Err(TypedNumberError::NotWhole),
            Sign::Comma | Sign::Dot => match language.and_then(|language| group_sign(language.as_str())) {
                Some(group) if group == sign => Ok(()),
                _ => Err(TypedNumberError::Ambiguous),
            },
        }
    }

    /// Whether all groups but the first have three digits, as thousands do. `0,123` has decimals.
    fn is_grouped(&self) -> bool {
        self.begins_well(GROUP_DIGITS) && self.groups[1..].iter().all(|group| group.len() == GROUP_DIGITS)
    }

    /// Whether they are groups of two before the last three, as in `12,34,567` of India.
    fn is_indian(&self, sign: Sign) -> bool {
        let Some((last, others)) = self.groups.split_last() else { return false };
        sign == Sign::Comma
            && self.begins_well(2)
            && last.len() == GROUP_DIGITS
            && others[1..].iter().all(|group| group.len() == 2)
    }

    fn begins_well(&self, most: usize) -> bool {
        self.groups[0].len() <= most && self.groups[0][0] != 0
    }

    fn value(&self) -> Result<u64, TypedNumberError> {
        let mut digits = self.groups.iter().flatten();
        digits
            .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(*digit))
            .filter(|value| *value <= MAX_COUNT)
            .ok_or(TypedNumberError::TooLarge)
    }
}

#[cfg(test)]
mod tests;
