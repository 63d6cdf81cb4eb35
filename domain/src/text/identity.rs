//! Being the same text: names are compared in NFKC case folding.

use icu_casemap::CaseMapper;
use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};
use unicode_normalization::UnicodeNormalization;

/// The text in NFKC case folding (Unicode 18, chapter 3.13, `toNFKC_Casefold`), trimmed, with single spaces.
///
/// Two texts with the same result differ only in case, width, and how they are encoded. No mark is taken away: a
/// vowel sign or an accent makes another name. Two people with one address must not become one; that one person
/// is there twice does less harm.
///
/// ```
/// use domain::text::nfkc_casefold;
/// assert_eq!(nfkc_casefold(" JOSÉ  Díaz"), nfkc_casefold("José Di\u{301}az"));
/// assert_ne!(nfkc_casefold("José"), nfkc_casefold("Jose"));
/// assert_ne!(nfkc_casefold("सीता"), nfkc_casefold("सती"));
/// ```
#[must_use]
pub fn nfkc_casefold(text: &str) -> String {
    if text.is_ascii() {
        return with_single_spaces(&text.to_ascii_lowercase());
    }
    let fold = |text: String| CaseMapper::new().fold_string(&text).into_owned();
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let once: String = fold(text.nfd().collect()).nfkc().filter(|&c| !ignorable.contains(c)).collect();
    // Compatibility forms of capital letters, such as `ℝ`, are folded in a second round.
    let twice: String = fold(once).nfkc().collect();
    with_single_spaces(&twice)
}

fn with_single_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_differ_in_a_mark_or_a_letter_are_two() {
        for (one, other) in [
            ("सीता", "सती"),
            ("কমল", "কমলা"),
            ("மலர்", "மலர"),
            ("รัง", "รุ้ง"),
            ("نور", "نُور"),
            ("José", "Jose"),
            ("Łucja", "Lucja"),
            ("Øystein", "Oystein"),
            ("Işık", "Isik"),
            ("Đào", "Dao"),
            ("Ольга", "Олга"),
            ("שָׁרָה", "שרה"),
        ] {
            assert_ne!(nfkc_casefold(one), nfkc_casefold(other), "{one} and {other}");
        }
    }

    #[test]
    fn names_that_differ_in_case_width_or_encoding_are_one() {
        for (one, other) in [
            ("ŁUCJA", "Łucja"),
            ("ΠΑΤΡΑΣ", "πατρας"),
            ("Straße", "STRASSE"),
            ("Zoe\u{308}", "Zoë"),
            ("Ａｄａ", "ada"),
            ("カナ", "ｶﾅ"),
            ("Мария", "МАРИЯ"),
            ("  Ada \u{A0} Lovelace\u{3000}", "ada lovelace"),
            ("\u{1100}\u{1161}", "가"),
            ("\u{958}", "\u{915}\u{93c}"),
        ] {
            assert_eq!(nfkc_casefold(one), nfkc_casefold(other), "{one} and {other}");
        }
    }

    proptest! {
        #[test]
        fn what_was_folded_once_stays_as_it_is(typed in any::<String>()) {
            let folded = nfkc_casefold(&typed);
            prop_assert_eq!(nfkc_casefold(&folded), folded);
        }
    }
}
