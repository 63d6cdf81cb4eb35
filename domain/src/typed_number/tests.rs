//! The vectors that the page's own parser is tested with, and properties.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors.json")).expect("JSON")
}

fn parsed(text: &str, language: Option<&str>) -> Result<u64, TypedNumberError> {
    let language = language.map(|tag| Language::parse(tag).expect("a language"));
    parse(text, language.as_ref())
}

#[test]
fn each_vector_is_read_as_it_says() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().expect("cases");
    assert!(cases.len() > 60);
    for case in cases {
        let text = case["text"].as_str().expect("a text");
        let found = parsed(text, case["language"].as_str());
        let expected = match case["number"].as_u64() {
            Some(number) => Ok(number),
            None => Err(case["problem"].as_str().expect("a problem")),
        };
        assert_eq!(found.map_err(TypedNumberError::as_str), expected, "{case}");
    }
}

#[test]
fn each_language_groups_by_the_sign_of_its_table() {
    let vectors = vectors();
    for (sign, languages) in vectors["groups"].as_object().expect("signs") {
        for language in languages.as_array().expect("languages") {
            let language = language.as_str();
            for (text, comma_or_dot) in [("1,234", ","), ("1.234", ".")] {
                let expected =
                    if sign == comma_or_dot { Ok(1_234) } else { Err(TypedNumberError::Ambiguous) };
                assert_eq!(parsed(text, language), expected, "{text} {language:?}");
            }
        }
    }
}

#[test]
fn the_digits_of_every_script_have_their_values() {
    for (zero, script) in [('٠', "Arabic"), ('०', "Devanagari"), ('０', "full-width"), ('𝟎', "mathematical")]
    {
        for value in 0..10 {
            let character = char::from_u32(u32::from(zero) + value).expect("a digit");
            assert_eq!(digit(character).map(|(_, value)| value), Some(value.into()), "{script} {value}");
        }
    }
    for other in ['²', '½', 'Ⅷ', '三', '٬', '/', ':', 'a', '\u{10ffff}'] {
        assert_eq!(digit(other), None, "{other}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        let _ = parse(&text, None);
    }

    #[test]
    fn plain_digits_are_their_number_in_every_language(number in 0..=MAX_COUNT, language in "[a-z]{2}") {
        let language = Language::parse(&language);
        prop_assert_eq!(parse(&number.to_string(), language.ok().as_ref()), Ok(number));
    }

    #[test]
    fn what_is_read_has_exactly_the_digits_that_were_typed(text in "[0-9 .,']{1,12}") {
        let english = Language::parse("en").expect("a language");
        if let Ok(number) = parse(&text, Some(&english)) {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(number.to_string(), if digits.trim_start_matches('0').is_empty() {
                "0".to_owned()
            } else {
                digits.trim_start_matches('0').to_owned()
            });
        }
    }
}
