//! Input of a section, as typed.

use super::Section;
use crate::{
    catalogue::checks::languages,
    draft::Patch,
    text::{self, Country, Zone},
    violation::Violations,
};

/// A section as typed, without its code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SectionDraft {
    /// Its name; needed for a new one.
    pub name: Option<String>,
    /// Where it works; [`Patch::Clear`] for everywhere.
    pub country: Patch<String>,
    /// The languages it writes in, at least one; needed for a new one.
    pub languages: Option<Vec<String>>,
    /// Its zone; needed for a new one.
    pub time_zone: Option<String>,
}

impl SectionDraft {
    /// Whether this would change the section. An invalid draft counts as a change, which then reports the violations.
    pub fn changes(&self, section: &Section) -> bool {
        let (mut violations, mut after) = (Violations::default(), section.clone());
        self.apply(&mut violations, &mut after);
        !violations.is_empty() || after != *section
    }

    pub(super) fn apply(&self, violations: &mut Violations, section: &mut Section) {
        if let Some(name) = violations.check_optional("name", self.name.as_deref().map(text::line)) {
            section.name = name;
        }
        section.country = self.country(violations, section.country.take());
        if let Some(typed) = &self.languages {
            section.languages = languages(violations, typed);
        }
        if let Some(zone) = violations.check_optional("time_zone", self.time_zone.as_deref().map(Zone::parse))
        {
            section.zone = zone;
        }
    }

    pub(super) fn country(&self, violations: &mut Violations, before: Option<Country>) -> Option<Country> {
        self.country.complete(violations, "country", |typed| Country::parse(typed), before)
    }
}
