//! The order of names: the Unicode Collation Algorithm with the tailorings of CLDR.

use icu_collator::{CollatorBorrowed, options::CollatorOptions};
use icu_locale::Locale;

use super::Language;

/// The order of names for the readers of a language.
#[derive(Debug)]
pub struct Collation(Option<CollatorBorrowed<'static>>);

impl Collation {
    /// The order in this language; without one, or where CLDR has none for it, its root order: Łucja stands at L and
    /// Øystein at O.
    #[must_use]
    pub fn of(language: Option<&Language>) -> Self {
        let locale =
            language.and_then(|language| language.as_str().parse::<Locale>().ok()).unwrap_or(Locale::UNKNOWN);
        let collator = CollatorBorrowed::try_new((&locale).into(), CollatorOptions::default());
        Self(
            collator
                .or_else(|_| CollatorBorrowed::try_new((&Locale::UNKNOWN).into(), CollatorOptions::default()))
                .ok(),
        )
    }

    /// The sort key of a text: bytes that are compared one by one. None of them is zero.
    ///
    /// ```
    /// use domain::{Language, text::Collation};
    /// let before = |tag: Option<&str>, one, other| {
    ///     let language = tag.map(|tag| Language::parse(tag).unwrap());
    ///     let collation = Collation::of(language.as_ref());
    ///     collation.sort_key(one) < collation.sort_key(other)
    /// };
    /// assert!(before(None, "Łucja", "Lydia") && before(None, "Øystein", "Peter"));
    /// assert!(before(Some("nb"), "Zoe", "Øystein"));
    /// ```
    #[must_use]
    pub fn sort_key(&self, text: &str) -> Vec<u8> {
        let mut key = Vec::new();
        match &self.0 {
            Some(collator) => match collator.write_sort_key_to(text, &mut key) {
                Ok(_) => key,
                Err(never) => match never {},
            },
            None => text.as_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(tag: Option<&str>, names: &[&'static str]) -> Vec<&'static str> {
        let language = tag.map(|tag| Language::parse(tag).expect("a language"));
        let collation = Collation::of(language.as_ref());
        let mut names = names.to_vec();
        names.sort_by_key(|name| collation.sort_key(name));
        names
    }

    #[test]
    fn names_stand_where_the_readers_of_a_language_look_for_them() {
        let names = ["Zoe", "Øystein", "Łucja", "Lydia", "Peter", "Ćwik", "Cyryl", "Ñusta", "Nadia", "Ola"];
        let root = ["Ćwik", "Cyryl", "Łucja", "Lydia", "Nadia", "Ñusta", "Ola", "Øystein", "Peter", "Zoe"];
        assert_eq!(sorted(None, &names), root);
        assert_eq!(sorted(Some("fr-CA"), &names), root);
        let polish = ["Cyryl", "Ćwik", "Lydia", "Łucja", "Nadia", "Ñusta", "Ola", "Øystein", "Peter", "Zoe"];
        assert_eq!(sorted(Some("pl"), &names), polish);
        assert_eq!(
            sorted(Some("nb-NO"), &["Øystein", "Zoe", "Åse", "Ærlig"]),
            ["Zoe", "Ærlig", "Øystein", "Åse"]
        );
        assert_eq!(sorted(Some("es"), &["Ñusta", "Nzuri", "Ola"]), ["Nzuri", "Ñusta", "Ola"]);
        assert_eq!(sorted(Some("zxx"), &["b", "ä", "a"]), ["a", "ä", "b"]);
    }

    #[test]
    fn a_sort_key_has_no_zero() {
        let collation = Collation::of(None);
        for text in ["", "a\u{0}b", "Łódź", "सीता", "章展", "\u{10FFFF}"] {
            assert!(!collation.sort_key(text).contains(&0), "{text:?}");
        }
    }
}
