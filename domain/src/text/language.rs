//! Languages: their tags, which text a reader gets, and which languages a filter takes.

use super::code_as_typed;
use crate::violation::ViolationKind;

mod matching;

use matching::{Expanded, MAX_DISTANCE};

code! {
    /// A language by its BCP 47 tag, checked against the IANA registry.
    ///
    /// ```
    /// use domain::Language;
    /// assert_eq!(Language::parse(" FR_ca").unwrap().as_str(), "fr-CA");
    /// assert!(Language::parse("zz").is_err());
    /// ```
    Language, LanguageUnknown
}

impl Language {
    /// Parses a tag in any case, with hyphens or, as POSIX and Java write it, underscores.
    ///
    /// # Errors
    /// [`ViolationKind::LanguageUnknown`] for a tag that is ill formed or uses an unregistered part.
    pub fn parse(typed: &str) -> Result<Self, ViolationKind> {
        language_tags::LanguageTag::parse(&code_as_typed(typed).replace('_', "-"))
            .ok()
            .filter(|tag| tag.is_valid() && tag.is_language_range())
            .and_then(|tag| tag.canonicalize().ok())
            .map(|tag| Self(tag.into_string()))
            .ok_or(ViolationKind::LanguageUnknown)
    }

    /// Of several languages, the one for a reader of this one: the closest by CLDR, else English, else the first.
    ///
    /// ```
    /// let offered = ["en", "nb", "fr"].map(|tag| domain::Language::parse(tag).unwrap());
    /// assert_eq!(domain::Language::parse("nn").unwrap().closest(&offered), Some(&offered[1]));
    /// ```
    #[must_use]
    pub fn closest<'a>(&self, offered: &'a [Self]) -> Option<&'a Self> {
        in_language(offered, |offered| offered, [self], [])
    }

    /// The languages that a filter for this one takes.
    #[must_use]
    pub fn range(&self) -> LanguageRange {
        LanguageRange::of(self)
    }

    /// The tag with its likely script and region by CLDR, that [`LanguageRange::beginnings`] are beginnings of.
    ///
    /// ```
    /// assert_eq!(domain::Language::parse("zh-TW").unwrap().with_likely_subtags(), "zh-Hant-TW");
    /// ```
    #[must_use]
    pub fn with_likely_subtags(&self) -> String {
        let Expanded { language, script, region } = Expanded::of(&self.0);
        [language, script, region].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    }
}

/// The languages that a filter takes: the language itself in any region, and what its readers read as their own by
/// CLDR's language matching. A tag without script and region takes all scripts.
///
/// ```
/// let language = |tag| domain::Language::parse(tag).unwrap();
/// let taiwan = language("zh-TW").range();
/// assert!(taiwan.takes(&language("zh-Hant")) && !taiwan.takes(&language("zh-Hans")));
/// assert!(language("zh").range().takes(&language("zh-Hant")));
/// assert!(language("nn").range().takes(&language("nb")));
/// ```
#[derive(Clone, Debug)]
pub struct LanguageRange {
    tag: String,
    expanded: Expanded,
    // The tag is a language without script or region.
    takes_all_scripts: bool,
}

impl LanguageRange {
    /// The most [`beginnings`](Self::beginnings) of a range by the table of CLDR: Japanese in six scripts, and two for
    /// what a later version adds. Statements of the databases have this many conditions.
    pub const MAX_BEGINNINGS: usize = 8;

    fn of(language: &Language) -> Self {
        Self {
            tag: language.0.clone(),
            expanded: Expanded::of(&language.0),
            takes_all_scripts: !language.0.contains('-'),
        }
    }

    /// Whether the filter takes this language.
    #[must_use]
    pub fn takes(&self, language: &Language) -> bool {
        language.0 == self.tag || self.is_near(&Expanded::of(&language.0))
    }

    /// How a database finds the languages: the beginnings of their forms with likely subtags, each closed by a
    /// hyphen, or the whole tag where nothing is likely.
    ///
    /// ```
    /// let beginnings = |tag| domain::Language::parse(tag).unwrap().range().beginnings();
    /// // CLDR has a distance between `sr` and `sh`, the former tag of Serbo-Croatian.
    /// assert_eq!(beginnings("sr-Latn"), ["sr-Latn-", "sh-Latn-", "sr-Cyrl-"]);
    /// assert_eq!(beginnings("zh"), ["zh-"]);
    /// assert_eq!(beginnings("zxx"), ["zxx "]);
    /// ```
    #[must_use]
    pub fn beginnings(&self) -> Vec<String> {
        if self.expanded.script.is_empty() {
            return vec![format!("{} ", self.tag)];
        }
        let near = self.expanded.near().into_iter().map(|(language, script)| {
            let takes_all = self.takes_all_scripts && language == self.expanded.language;
            if takes_all { format!("{language}-") } else { format!("{language}-{script}-") }
        });
        let mut beginnings: Vec<_> = near.collect();
        beginnings.dedup();
        beginnings
    }

    fn is_near(&self, other: &Expanded) -> bool {
        let is_in_any_script = self.takes_all_scripts && self.expanded.language == other.language;
        is_in_any_script || self.expanded.is_near(other)
    }
}

/// Of several texts, the one for a reader who asked for the languages `requested`, or else reads `accepted`, in this order;
/// else the English one, else one in another script of such a language, else the first.
///
/// The distance of two languages is that of CLDR. Of `requested` the first for which there is a text at all decides. Of
/// `accepted` the first for which there is a text that its readers read as their own, so that a reader of Catalan
/// and English gets English before Spanish; only then one in a related language.
pub(crate) fn in_language<'a, 'b, T>(
    texts: &'a [T],
    language: impl Fn(&T) -> &Language,
    requested: impl IntoIterator<Item = &'b Language>,
    accepted: impl IntoIterator<Item = &'b Language>,
) -> Option<&'a T> {
    let (requested, accepted) = (Vec::from_iter(requested), Vec::from_iter(accepted));
    if let Some(exact) = exact(texts, &language, requested.first().or(accepted.first()).copied()) {
        return Some(exact);
    }
    let offered: Vec<_> = texts.iter().map(|text| (text, Expanded::of(&language(text).0))).collect();
    let closest = |wanted: &Language, is_enough: &dyn Fn(&LanguageRange, &Expanded) -> bool| {
        let range = wanted.range();
        let taken =
            offered.iter().filter(|(text, other)| *language(text) == *wanted || is_enough(&range, other));
        taken.min_by_key(|(text, other)| (*language(text) != *wanted, range.expanded.distance(other)))
    };
    let near = |range: &LanguageRange, other: &Expanded| range.is_near(other);
    let related = |range: &LanguageRange, other: &Expanded| {
        range.is_near(other) || range.expanded.distance(other) < MAX_DISTANCE
    };
    let same = |range: &LanguageRange, other: &Expanded| range.expanded.language == other.language;
    let found = requested
        .iter()
        .find_map(|wanted| closest(wanted, &related))
        .or_else(|| accepted.iter().find_map(|wanted| closest(wanted, &near)))
        .or_else(|| accepted.iter().find_map(|wanted| closest(wanted, &related)))
        .or_else(|| closest(&Language("en".to_owned()), &near))
        .or_else(|| requested.iter().chain(&accepted).find_map(|wanted| closest(wanted, &same)));
    found.map(|(text, _)| *text).or_else(|| texts.first())
}

/// The text in exactly the language that is wanted first: most readers are served without any look at a table.
fn exact<'a, T>(
    texts: &'a [T],
    language: impl Fn(&T) -> &Language,
    wanted: Option<&Language>,
) -> Option<&'a T> {
    let tag = wanted.map_or("en", |wanted| wanted.0.as_str());
    texts.iter().find(|text| language(text).0 == tag)
}

#[cfg(test)]
mod tests;
