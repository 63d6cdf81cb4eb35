//! Postal addresses in the order of their country, with the names of region and country.
//!
//! Nothing that was given is left out, and nothing is added but these two names: a part that the format of a
//! country has no field for is put where formats of other countries have it.
//!
//! ```
//! use domain::{Country, Region, address::{NameLanguage, PostalAddress}};
//! let (country, region) = (Country::parse("CA").unwrap(), Region::parse("CA-BC").unwrap());
//! let library = PostalAddress {
//!     venue: Some("Library"),
//!     street: Some("7700 Minoru Gate"),
//!     locality: Some("Richmond"),
//!     region: Some(&region),
//!     postal_code: Some("V6Y 1R8"),
//!     country: &country,
//! };
//! assert_eq!(library.lines(NameLanguage::English).join(", "),
//!     "Library, 7700 Minoru Gate, Richmond, BC V6Y 1R8, Canada");
//! let town = PostalAddress { venue: None, street: None, postal_code: None, ..library };
//! assert_eq!(town.lines(NameLanguage::English), ["Richmond, British Columbia", "Canada"]);
//! ```

use crate::{
    event::PlaceSeen,
    text::{Country, Region},
};

mod countries;
mod formats;

/// Countries whose addresses have the letters of the region's ISO 3166-2 code before or behind the postal code
/// (libaddressinput has these letters as the keys of their regions).
const ABBREVIATED: [&str; 5] = ["AU", "BR", "CA", "IT", "US"];

/// Countries with names of regions that have a comma as a part of the name. In all others, what stands behind a
/// comma belongs before the name: `Tatarstan, Respublika`.
const WITH_COMMA: [&str; 2] = ["CO", "ET"];

/// The first character of the scripts of East Asia: CJK Radicals Supplement (Unicode 17.0, Blocks.txt). Behind it
/// are Han, Kana, Bopomofo and Hangul syllables.
const FIRST_EAST_ASIAN: char = '\u{2E80}';

/// The language of the names of countries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameLanguage {
    /// English.
    English,
    /// French.
    French,
}

/// The name of a country (Unicode CLDR).
///
/// ```
/// use domain::{Country, address::{NameLanguage, country_name}};
/// let poland = Country::parse("PL").unwrap();
/// assert_eq!(country_name(&poland, NameLanguage::French), "Pologne");
/// ```
#[must_use]
pub fn country_name(country: &Country, language: NameLanguage) -> &str {
    let known = countries::COUNTRIES.binary_search_by_key(&country.as_str(), |(code, ..)| code);
    known.map_or(country.as_str(), |index| {
        let (_, english, french) = countries::COUNTRIES[index];
        match language {
            NameLanguage::English => english,
            NameLanguage::French => french,
        }
    })
}

/// The name of a region in its own country (ISO 3166-2), as it is read: without notes in brackets, and not
/// inverted as in an index.
///
/// ```
/// use domain::{Region, address::region_name};
/// assert_eq!(region_name(&Region::parse("CA-ON").unwrap()), "Ontario");
/// assert_eq!(region_name(&Region::parse("RU-TA").unwrap()), "Respublika Tatarstan");
/// ```
#[must_use]
pub fn region_name(region: &Region) -> String {
    let Some(entry) = rust_iso3166::iso3166_2::from_code(region.as_str()) else {
        return region.as_str().to_owned();
    };
    let name = entry.name.split(" (").next().unwrap_or(entry.name);
    match name.split_once(", ") {
        Some((name, kind)) if !WITH_COMMA.contains(&entry.country_code) => format!("{kind} {name}"),
        _ => name.to_owned(),
    }
}

/// The lines of an address for letters from other countries: those that were given, and below them the country in
/// capitals, as the Universal Postal Union asks for. It is left out if the lines end with its name, or it is not
/// known.
///
/// ```
/// use domain::{Country, address::international};
/// let minsk = ["Internatsionalnaya Str. 22".to_owned(), "220030 Minsk".to_owned()];
/// let belarus = Country::parse("BY").unwrap();
/// assert_eq!(international(&minsk, Some(&belarus))[1..], ["220030 Minsk", "BELARUS"]);
/// assert_eq!(international(&minsk, None), minsk);
/// ```
#[must_use]
pub fn international(lines: &[String], country: Option<&Country>) -> Vec<String> {
    let mut lines = lines.to_vec();
    let Some((last, country)) = lines.last().zip(country) else { return lines };
    let last = last.to_lowercase();
    let is_said = |name: &str| last.trim_end_matches('.').ends_with(&name.to_lowercase());
    let known = rust_iso3166::from_alpha2(country.as_str()).map(|entry| entry.name);
    let names = [NameLanguage::English, NameLanguage::French].map(|language| country_name(country, language));
    if !names.into_iter().chain(known).any(is_said) {
        lines.push(country_name(country, NameLanguage::English).to_uppercase());
    }
    lines
}

/// The parts of an address.
///
/// ```
/// use domain::{Country, address::{NameLanguage, PostalAddress}};
/// let japan = Country::parse("JP").unwrap();
/// let address = PostalAddress {
///     venue: Some("会場"), street: Some("丸の内1-1"), locality: Some("千代田区"), region: None,
///     postal_code: Some("100-0005"), country: &japan,
/// };
/// assert_eq!(address.lines(NameLanguage::English), ["100-0005", "千代田区", "丸の内1-1", "会場", "Japan"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are said by their names")]
pub struct PostalAddress<'a> {
    pub venue: Option<&'a str>,
    pub street: Option<&'a str>,
    pub locality: Option<&'a str>,
    pub region: Option<&'a Region>,
    pub postal_code: Option<&'a str>,
    pub country: &'a Country,
}

impl PlaceSeen<'_> {
    /// The lines of its address in the order of the country, with the names of region and country.
    #[must_use]
    pub fn address_lines(&self, language: NameLanguage) -> Vec<String> {
        let Self { country, region, locality, venue, street, postal_code, .. } = *self;
        PostalAddress { venue, street, locality, region, postal_code, country }.lines(language)
    }
}

impl PostalAddress<'_> {
    /// The lines of the address; the last one is the country.
    #[must_use]
    pub fn lines(&self, language: NameLanguage) -> Vec<String> {
        let region = self.region();
        let mut lines: Vec<String> = self
            .format()
            .split('|')
            .map(|line| self.line(line, region.as_ref()))
            .filter(|line| !line.is_empty())
            .collect();
        let country = country_name(self.country, language);
        // Singapore is a town, too.
        if lines.last().is_none_or(|last| last != country) {
            lines.push(country.to_owned());
        }
        lines
    }

    /// The format of the country, with a place for every part.
    fn format(&self) -> String {
        let of_country = |table: &[(&'static str, &str)]| {
            let mut formats = table.iter();
            let is_of = |codes: &str| codes.split_whitespace().any(|code| code == self.country.as_str());
            formats.find(|(_, codes)| is_of(codes)).map(|(format, _)| *format)
        };
        let mut words = [self.venue, self.street, self.locality].into_iter().flatten();
        let is_east_asian = words.any(|word| word.chars().any(|c| c >= FIRST_EAST_ASIAN));
        let native = is_east_asian.then(|| of_country(formats::NATIVE_FORMATS)).flatten();
        let found = native.or_else(|| of_country(formats::FORMATS)).unwrap_or(formats::DEFAULT);
        let is_largest_first = found.find('A') < found.find('O');
        let mut format = found.to_owned();
        if !format.contains('C') {
            format = format.replace('A', if is_largest_first { "C|A" } else { "A|C" });
        }
        if !format.contains('Z') {
            format = format.replace('C', "C Z");
        }
        if !format.contains('S') {
            format = if is_largest_first { format!("S|{format}") } else { format!("{format}|S") };
        }
        format
    }

    /// The region as it is written, and whether it is abbreviated.
    fn region(&self) -> Option<(String, bool)> {
        let region = self.region?;
        let letters = region.as_str().split('-').next_back().unwrap_or_default();
        let is_abbreviated = ABBREVIATED.contains(&self.country.as_str());
        let has_letters = letters.bytes().all(|byte| byte.is_ascii_alphabetic());
        if is_abbreviated && has_letters && self.postal_code.is_some() {
            return Some((letters.to_owned(), true));
        }
        let name = region_name(region);
        // A town that is a region of its own is said once, but New York also lies in New York.
        let is_said = self.locality.is_some_and(|town| town.to_lowercase() == name.to_lowercase());
        (is_abbreviated || !is_said).then_some((name, false))
    }

    /// A line of the format. What separates two fields is written between two that are given.
    fn line(&self, format: &str, region: Option<&(String, bool)>) -> String {
        let (mut line, mut separator, mut is_named) = (String::new(), String::new(), false);
        for character in format.chars() {
            let value = match character {
                'O' => self.venue,
                'A' => self.street,
                'C' => self.locality,
                'Z' => self.postal_code,
                'S' => region.map(|(name, _)| name.as_str()),
                _ => {
                    separator.push(character);
                    continue;
                }
            };
            let before = std::mem::take(&mut separator);
            let Some(value) = value else { continue };
            let is_name = character == 'S' && region.is_some_and(|(_, is_abbreviated)| !is_abbreviated);
            if !line.is_empty() {
                // Where an abbreviation is expected, a name in full needs a comma.
                line.push_str(if is_name || is_named { ", " } else { &before });
            }
            line.push_str(value);
            is_named = is_name;
        }
        line
    }
}

#[cfg(test)]
mod tests;
