//! The distance between two languages by CLDR's enhanced language matching (UTS #35, part 1, 4.4).
//!
//! The table beside this file names its version. Tags are compared by language, script and region, each
//! with what is likely where the tag does not say it (CLDR's likely subtags).

use std::{collections::HashMap, sync::LazyLock};

use icu_locale::{Locale, LocaleCanonicalizer, LocaleExpander};

/// The distance of languages between which CLDR has no relation.
const UNRELATED: u16 = 80;
/// The distance of scripts between which CLDR has no relation.
const OTHER_SCRIPT: u16 = 50;
/// The distance of regions between which CLDR has no closer relation.
const OTHER_REGION: u16 = 4;
/// What is farther is not offered instead: the distance of another script, as in ICU's `LocaleMatcher`.
pub(super) const MAX_DISTANCE: u16 = OTHER_SCRIPT;
/// As near as two regions of one language or two scripts that the same people read: 5 is what CLDR gives to Serbian in
/// its two scripts. ICU puts this much between a language of a list and the next one.
pub(super) const MAX_NEAR: u16 = 5;
/// The members of the ISO 639 macrolanguage `no`. CLDR puts 20 between the two written forms, which every school in
/// Norway teaches; both are Norwegian before anything else is.
const NORWEGIAN: [&str; 3] = ["nb", "nn", "no"];

/// A language with its script and region, given or likely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expanded {
    pub(super) language: String,
    pub(super) script: String,
    pub(super) region: String,
}

impl Expanded {
    /// The canonical form by CLDR of a well-formed tag, with its likely subtags. Tags without likely subtags, such as
    /// `zxx`, have an empty script and region.
    pub(super) fn of(tag: &str) -> Self {
        let Ok(mut locale) = tag.parse::<Locale>() else {
            return Self { language: tag.to_owned(), script: String::new(), region: String::new() };
        };
        // Both are references to compiled-in data and cost nothing to make.
        LocaleCanonicalizer::new_extended().canonicalize(&mut locale);
        LocaleExpander::new_extended().maximize(&mut locale.id);
        Self {
            language: locale.id.language.to_string(),
            script: locale.id.script.map(|script| script.to_string()).unwrap_or_default(),
            region: locale.id.region.map(|region| region.to_string()).unwrap_or_default(),
        }
    }

    /// How far this desired language is from a supported one; 0 is the same.
    pub(super) fn distance(&self, supported: &Self) -> u16 {
        self.distance_of_language(supported)
            + self.distance_of_script(supported)
            + self.distance_of_region(supported)
    }

    /// Whether readers of this language read the other one as their own.
    pub(super) fn is_near(&self, supported: &Self) -> bool {
        let is_norwegian = |language: &str| NORWEGIAN.contains(&language);
        match (self.language == supported.language, self.script == supported.script) {
            (true, true) => true,
            (true, false) => self.distance_of_script(supported) <= MAX_NEAR,
            (false, true) => {
                self.distance_of_language(supported) <= MAX_NEAR
                    || is_norwegian(&self.language) && is_norwegian(&supported.language)
            }
            (false, false) => false,
        }
    }

    /// The languages with their scripts that are near, this one first.
    pub(super) fn near(&self) -> Vec<(String, String)> {
        let mut near = vec![(self.language.clone(), self.script.clone())];
        let languages = TABLE.languages.keys().filter(|(desired, _)| *desired == self.language);
        let languages = languages.map(|(_, supported)| (*supported, self.script.as_str()));
        let scripts = TABLE.scripts.keys().filter_map(|(desired, supported)| {
            let (language, script) = supported.split_once('_')?;
            (*desired == format!("{}_{}", self.language, self.script)).then_some((language, script))
        });
        for (language, script) in languages.chain(scripts) {
            let other =
                Self { language: language.to_owned(), script: script.to_owned(), region: String::new() };
            if self.is_near(&other) {
                near.push((other.language, other.script));
            }
        }
        near[1..].sort();
        near
    }

    fn distance_of_language(&self, supported: &Self) -> u16 {
        if self.language == supported.language {
            return 0;
        }
        let pair = (self.language.as_str(), supported.language.as_str());
        TABLE.languages.get(&pair).copied().unwrap_or(UNRELATED)
    }

    fn distance_of_script(&self, supported: &Self) -> u16 {
        if self.script == supported.script {
            return 0;
        }
        let [desired, supported] = [self, supported].map(|one| format!("{}_{}", one.language, one.script));
        TABLE.scripts.get(&(desired.as_str(), supported.as_str())).copied().unwrap_or(OTHER_SCRIPT)
    }

    fn distance_of_region(&self, supported: &Self) -> u16 {
        if self.region == supported.region {
            return 0;
        }
        let rule = TABLE.regions.iter().find(|rule| {
            TABLE.takes(&rule.desired, self) && TABLE.takes(&rule.supported, supported)
                || !rule.is_oneway
                    && TABLE.takes(&rule.desired, supported)
                    && TABLE.takes(&rule.supported, self)
        });
        rule.map_or(OTHER_REGION, |rule| rule.distance)
    }
}

/// A rule for regions: patterns of language, script and region.
struct RegionRule {
    desired: [&'static str; 3],
    supported: [&'static str; 3],
    distance: u16,
    is_oneway: bool,
}

/// The table of CLDR, as looked up.
#[derive(Default)]
struct Table {
    languages: HashMap<(&'static str, &'static str), u16>,
    scripts: HashMap<(&'static str, &'static str), u16>,
    regions: Vec<RegionRule>,
    groups: HashMap<&'static str, Vec<&'static str>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("matching.tsv")));

impl Table {
    fn read(text: &'static str) -> Self {
        let mut table = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<_> = line.split('\t').collect();
            match cells[..] {
                [name, regions] => drop(table.groups.insert(name, regions.split('+').collect())),
                [desired, supported, distance] => table.add(desired, supported, distance, false),
                [desired, supported, distance, "oneway"] => table.add(desired, supported, distance, true),
                _ => {}
            }
        }
        table
    }

    fn add(&mut self, desired: &'static str, supported: &'static str, distance: &str, is_oneway: bool) {
        let Ok(distance) = distance.parse() else { return };
        let parts = |pattern: &'static str| pattern.split('_').collect::<Vec<_>>();
        let pairs = match (&parts(desired)[..], &parts(supported)[..]) {
            ([_], [_]) => &mut self.languages,
            ([_, _], [_, _]) => &mut self.scripts,
            (&[a, b, c], &[d, e, f]) => {
                let rule = RegionRule { desired: [a, b, c], supported: [d, e, f], distance, is_oneway };
                return self.regions.push(rule);
            }
            _ => return,
        };
        pairs.insert((desired, supported), distance);
        if !is_oneway {
            pairs.insert((supported, desired), distance);
        }
    }

    fn takes(&self, pattern: &[&'static str; 3], one: &Expanded) -> bool {
        let [language, script, region] = *pattern;
        let is = |pattern: &str, value: &str| pattern == "*" || pattern == value;
        let is_in = |group: &str| {
            self.groups.get(group).is_some_and(|regions| regions.contains(&one.region.as_str()))
        };
        let is_region = match region.strip_prefix("$!") {
            Some(group) => !is_in(&format!("${group}")),
            None if region.starts_with('$') => is_in(region),
            None => is(region, &one.region),
        };
        is(language, &one.language) && is(script, &one.script) && is_region
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_is_read() {
        let lines = include_str!("matching.tsv").lines().filter(|line| !line.starts_with('#'));
        let (groups, rules): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with('$'));
        assert_eq!((TABLE.groups.len(), groups.len()), (4, 4));
        let twice = |pairs: &HashMap<(&str, &str), u16>| {
            pairs.iter().filter(|((a, b), distance)| a < b && pairs.get(&(*b, *a)) == Some(distance)).count()
        };
        let of_pairs = |pairs: &HashMap<(&str, &str), u16>| pairs.len() - twice(pairs);
        assert_eq!(of_pairs(&TABLE.languages) + of_pairs(&TABLE.scripts) + TABLE.regions.len(), rules.len());
        assert_eq!((TABLE.languages[&("*", "*")], TABLE.scripts[&("*_*", "*_*")]), (UNRELATED, OTHER_SCRIPT));
        let desired = TABLE.languages.keys().map(|(desired, _)| *desired);
        let desired =
            desired.chain(TABLE.scripts.keys().map(|(desired, _)| *desired)).filter(|it| !it.contains('*'));
        for tag in desired.map(|pattern| pattern.replace('_', "-")) {
            assert!(Expanded::of(&tag).near().len() <= super::super::LanguageRange::MAX_BEGINNINGS, "{tag}");
        }
        assert_eq!(TABLE.regions.last().map(|rule| rule.distance), Some(OTHER_REGION));
    }
}
