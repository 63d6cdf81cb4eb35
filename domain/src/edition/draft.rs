//! Input of an edition, as typed.

use super::{Edition, year};
use crate::{
    campaign::world_goal,
    catalogue::Catalogue,
    draft::Patch,
    number::CountDraft,
    violation::{EntityKind, ViolationKind, Violations},
};

/// An edition as typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditionDraft {
    /// The year that names it; needed for a new one.
    pub year: Option<i64>,
    /// How many letters the world sets out to write.
    pub letter_goal: Patch<CountDraft>,
}

impl EditionDraft {
    /// Whether this would change the edition. An invalid draft counts as a change, which then reports the violations.
    pub fn changes(&self, catalogue: &Catalogue, edition: &Edition) -> bool {
        let (mut violations, mut after) = (Violations::default(), edition.clone());
        self.apply(&mut violations, catalogue, &mut after);
        !violations.is_empty() || after != *edition
    }

    pub(super) fn apply(&self, violations: &mut Violations, catalogue: &Catalogue, edition: &mut Edition) {
        if let Some(year) = violations.check_optional("year", self.year.map(year)) {
            edition.year = year;
        }
        if catalogue.edition_by_year(edition.year).is_some_and(|other| other.id != edition.id) {
            violations.add("year", ViolationKind::AlreadyExists { noun: EntityKind::Edition });
        }
        let goal = self.letter_goal.complete(
            violations,
            "letter_goal",
            |typed| world_goal(*typed),
            edition.letter_goal,
        );
        edition.letter_goal = goal;
    }
}
