//! The form of texts in which words are searched: the primary strength of the Unicode Collation Algorithm, with
//! punctuation shifted, in the root order of CLDR.
//!
//! A sort key is no help in finding a part of a text, because it is compressed across letters. So each character is
//! replaced by the first one of the same primary weight: `Ł` and `l` by `l`, `か` and `カ` by `か`, and `æ` by
//! the two letters `ae` that it weighs like. What has no primary weight goes: accents and tone marks, but not the
//! vowel signs of Hindi or Thai, which are letters.

use std::{collections::HashMap, sync::LazyLock};

use super::nfkc_casefold;

/// What stands within a word: apostrophes, hyphens and the like. A text is searched without them, and a search for
/// `Saint-Denis` is one for both words.
const JOINERS: [char; 21] = [
    '\'', '-', '·', '֊', '՚', '־', '׳', '״', '‐', '‑', '‒', '–', '—', '‘', '’', '‛', '′', '‧', '・', '゠',
    '･',
];
/// Modifier letters and accents that keyboards and transliterations give for an apostrophe.
const APOSTROPHES: [char; 9] = ['ʹ', 'ʻ', 'ʼ', 'ʽ', 'ʾ', 'ʿ', 'ˈ', '`', '´'];
/// The text as it is searched, in lower case, its words separated by one space.
///
/// ```
/// use domain::text::search_text;
/// assert_eq!(search_text("Łódź, Đà Nẵng"), "lodz da nang");
/// assert_eq!(search_text("Sacré-Cœur"), "sacrecoeur");
/// assert_ne!(search_text("सीता"), search_text("सती"));
/// ```
#[must_use]
pub fn search_text(text: &str) -> String {
    compared(text, "")
}

/// The words of a search. A text is found if its [`search_text`] contains each of them.
///
/// ```
/// use domain::text::search_words;
/// assert_eq!(search_words("l’Écriture à Saint-Denis"), ["l", "ecriture", "a", "saint", "denis"]);
/// ```
#[must_use]
pub fn search_words(typed: &str) -> Vec<String> {
    compared(typed, " ").split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The text with each character replaced; `joiner` stands for those within words.
fn compared(text: &str, joiner: &str) -> String {
    let plain: String = text.chars().map(|c| if APOSTROPHES.contains(&c) { '\'' } else { c }).collect();
    let mut compared = String::with_capacity(plain.len());
    for character in nfkc_casefold(&plain).chars() {
        match character {
            'a'..='z' | '0'..='9' => compared.push(character),
            // It has a weight of its own in the root order, but keyboards other than Turkish ones have no key for it.
            'ı' => compared.push('i'),
            _ if JOINERS.contains(&character) => compared.push_str(joiner),
            _ if character.is_whitespace() => compared.push(' '),
            _ => match REPLACED.get(&character) {
                Some(replacement) => compared.push_str(replacement),
                None => compared.push(character),
            },
        }
    }
    compared.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The replacements of characters that are not their own, from the table beside this file.
static REPLACED: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
    let lines = include_str!("search/primary.tsv").lines().filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| line.split_once('\t'));
    rows.flat_map(|(replacement, characters)| {
        // A space cannot be seen at the beginning of a line.
        let replacement = if replacement == "SPACE" { " " } else { replacement };
        let codes = characters.split(' ').filter_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            Some(u32::from_str_radix(first, 16).ok()?..=u32::from_str_radix(last, 16).ok()?)
        });
        codes.flatten().filter_map(char::from_u32).map(move |character| (character, replacement))
    })
    .collect()
});

#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
