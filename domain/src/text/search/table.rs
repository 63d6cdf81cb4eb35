//! The table of primary weights beside this file, made from the collation data of `icu_collator`.

use std::collections::{BTreeMap, HashMap};

use icu_collator::{
    CollatorBorrowed,
    options::{AlternateHandling, CollatorOptions, Strength},
};

use super::{APOSTROPHES, JOINERS, nfkc_casefold, search_text};

/// The characters that are compared: the planes with alphabets. Han and Hangul have no variants that compatibility
/// normalization does not know.
const COMPARED: [std::ops::RangeInclusive<char>; 4] =
    ['\0'..='\u{33FF}', '\u{A000}'..='\u{ABFF}', '\u{F900}'..='\u{FFFF}', '\u{10000}'..='\u{1FFFF}'];

/// What the table says above its rows.
const HEADER: &str = "\
# Characters of the same primary weight in the root collation of CLDR, alternate shifted.
# Source: crate icu_collator 2.4.0 (CLDR 49, Unicode 18), for what NFKC case folding leaves; licence: Unicode-3.0,
# copyright Unicode, Inc. Printed by the test `the_table_is_that_of_the_collation_data` where it differs.
# Columns: the replacement, which is empty for what has no primary weight and SPACE for punctuation; the characters.
";

/// Primary weights of the root order.
struct Primary(CollatorBorrowed<'static>);

impl Primary {
    fn new(punctuation: AlternateHandling) -> Self {
        let mut options = CollatorOptions::default();
        options.strength = Some(Strength::Primary);
        options.alternate_handling = Some(punctuation);
        let root = icu_locale::Locale::UNKNOWN;
        Self(CollatorBorrowed::try_new((&root).into(), options).expect("the root order is compiled in"))
    }

    fn weight(&self, text: &str) -> Vec<u8> {
        let mut weight = Vec::new();
        match self.0.write_sort_key_to(text, &mut weight) {
            Ok(_) => weight,
            Err(never) => match never {},
        }
    }
}

/// The two characters that weigh together what one does, as `ae` for `æ`. The second may have lost the first byte of
/// its weight if it is that of the first.
fn two(shifted: &Primary, first: &HashMap<Vec<u8>, char>, weight: &[u8]) -> Option<String> {
    (1..weight.len()).find_map(|at| {
        let (head, tail) = weight.split_at(at);
        let whole_tail = [&head[..1], tail].concat();
        let one = first.get(head)?;
        let pairs = [tail, &whole_tail].map(|tail| first.get(tail).map(|other| format!("{one}{other}")));
        pairs.into_iter().flatten().find(|pair| shifted.weight(pair) == weight)
    })
}

/// The replacement of each character that is not its own.
fn replacements() -> BTreeMap<char, String> {
    let shifted = Primary::new(AlternateHandling::Shifted);
    let all = Primary::new(AlternateHandling::NonIgnorable);
    let letters = ('a'..='z').chain('0'..='9');
    let is_left = |character: &char| nfkc_casefold(&character.to_string()).chars().eq([*character]);
    let others = COMPARED.into_iter().flatten().filter(|c| !c.is_ascii_alphanumeric()).filter(is_left);
    let others = others.filter(|c| *c != 'ı' && !JOINERS.contains(c) && !APOSTROPHES.contains(c));
    let mut first: HashMap<Vec<u8>, char> = HashMap::new();
    let mut weighed: Vec<(char, Vec<u8>)> = Vec::new();
    for character in letters.chain(others) {
        let weight = shifted.weight(&character.to_string());
        first.entry(weight.clone()).or_insert(character);
        weighed.push((character, weight));
    }
    let replacement = |character: char, weight: &[u8]| {
        if weight.is_empty() {
            let is_punctuation = !all.weight(&character.to_string()).is_empty();
            return Some(if is_punctuation { "SPACE".to_owned() } else { String::new() });
        }
        let same = first.get(weight).filter(|same| **same != character);
        two(&shifted, &first, weight).or_else(|| same.map(char::to_string))
    };
    weighed
        .iter()
        .filter_map(|(character, weight)| Some((*character, replacement(*character, weight)?)))
        .collect()
}

/// The table as it is stored: a row for each replacement.
fn table() -> String {
    let mut rows: BTreeMap<String, Vec<(u32, u32)>> = BTreeMap::new();
    for (character, replacement) in replacements() {
        let (code, ranges) = (u32::from(character), rows.entry(replacement).or_default());
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => ranges.push((code, code)),
        }
    }
    let rows = rows.into_iter().map(|(replacement, ranges)| {
        let ranges = ranges.into_iter().map(|(first, last)| {
            if first == last { format!("{first:04X}") } else { format!("{first:04X}-{last:04X}") }
        });
        format!("{replacement}\t{}\n", ranges.collect::<Vec<_>>().join(" "))
    });
    rows.fold(HEADER.to_owned(), |table, row| table + &row)
}

#[test]
fn the_table_is_that_of_the_collation_data() {
    let table = table();
    let is_current = table == include_str!("primary.tsv");
    if !is_current {
        print!("{table}");
    }
    assert!(is_current, "the table that the test prints belongs into src/text/search/primary.tsv");
}

#[test]
fn texts_of_equal_primary_weight_have_one_form() {
    let primary = Primary::new(AlternateHandling::Shifted);
    let letters = ('\0'..='\u{2FFF}').filter(|c| c.is_alphabetic() && *c != 'ı' && !APOSTROPHES.contains(c));
    let mut known: HashMap<Vec<u8>, (String, char)> = HashMap::new();
    let mut differing = Vec::new();
    for character in letters {
        let folded = nfkc_casefold(&character.to_string());
        let form = search_text(&folded);
        let (first, same) = known.entry(primary.weight(&folded)).or_insert((form.clone(), character));
        if *first != form && !folded.contains(APOSTROPHES) {
            differing.push((*same, character));
        }
    }
    assert_eq!(differing, []);
}
