//! Editions: opened once a year, archived when all is counted.

use domain::{
    Edition, EditionId, Violation, ViolationKind, Violations,
    campaign::world_goal,
    case::CaseState,
    edition::{EditionState, year},
    violation::EntityKind,
};

use super::{check_open, check_revision, not_found, reason};
use crate::catalogue::{Catalogue, CatalogueChange, CatalogueEdit};

/// An edition as typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditionDraft {
    /// The year that names it; needed for a new one.
    pub year: Option<i64>,
    /// How many letters the world sets out to write.
    pub letter_goal: Option<Option<f64>>,
}

impl EditionDraft {
    /// Whether this would change the edition. What is against the rules would, too: its change says so.
    pub(crate) fn changes(&self, catalogue: &Catalogue, edition: &Edition) -> bool {
        let (mut violations, mut after) = (Violations::default(), edition.clone());
        self.apply(&mut violations, catalogue, &mut after);
        !violations.is_empty() || after != *edition
    }

    fn apply(&self, violations: &mut Violations, catalogue: &Catalogue, edition: &mut Edition) {
        if let Some(year) = violations.check_optional("year", self.year.map(year)) {
            edition.year = year;
        }
        if catalogue.edition_by_year(edition.year).is_some_and(|other| other.id != edition.id) {
            violations.add("year", ViolationKind::AlreadyExists { noun: EntityKind::Edition });
        }
        if let Some(goal) = self.letter_goal {
            edition.letter_goal = violations.check_optional("letterGoal", goal.map(world_goal));
        }
    }
}

/// Opens an edition.
///
/// # Errors
/// The rules that the draft breaks, or [`Rule::AlreadyExists`] for a year that has its edition.
pub fn create(
    revising: &mut CatalogueEdit,
    id: EditionId,
    draft: &EditionDraft,
) -> Result<Edition, Vec<Violation>> {
    let mut violations = Violations::default();
    if draft.year.is_none() {
        violations.add("year", ViolationKind::YearOutOfRange);
    }
    let mut edition = Edition { id, year: 0, letter_goal: None, state: EditionState::Open, revision: 1 };
    draft.apply(&mut violations, &revising.catalogue, &mut edition);
    violations.into_result()?;
    store(revising, "editionCreate", &edition, None);
    Ok(edition)
}

/// Changes the year or the goal of an edition.
///
/// # Errors
/// The rules that the draft breaks, and those of every change.
pub fn change(
    revising: &mut CatalogueEdit,
    id: EditionId,
    expected_revision: u32,
    draft: &EditionDraft,
) -> Result<Edition, Vec<Violation>> {
    let (mut violations, mut edition) = changing(revising, id, expected_revision)?;
    draft.apply(&mut violations, &revising.catalogue, &mut edition);
    violations.into_result()?;
    store(revising, "editionChange", &edition, None);
    Ok(edition)
}

/// Ends an edition: it and its cases are kept to be read and change no more.
///
/// A case that never left its draft stays a draft. It is known to staff only and perhaps without
/// consent, and archived cases are public.
///
/// # Errors
/// [`Rule::ReasonMissing`], and the rules of every change.
pub fn archive(
    revising: &mut CatalogueEdit,
    id: EditionId,
    expected_revision: u32,
    typed_reason: &str,
) -> Result<Edition, Vec<Violation>> {
    let (mut violations, mut edition) = changing(revising, id, expected_revision)?;
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    edition.state = EditionState::Archived;
    let published = revising.catalogue.cases().filter(|case| case.edition_id == id && case.state.is_public());
    for mut case in published.cloned().collect::<Vec<_>>() {
        case.state = CaseState::Archived;
        case.changed_at = revising.now;
        case.revision += 1;
        revising.upsert(CatalogueChange::Case(case));
    }
    store(revising, "editionArchive", &edition, Some(&reason));
    Ok(edition)
}

/// The edition with its next revision, and what speaks against changing it.
fn changing(
    revising: &CatalogueEdit,
    id: EditionId,
    expected_revision: u32,
) -> Result<(Violations, Edition), Vec<Violation>> {
    let catalogue = &revising.catalogue;
    let mut edition = catalogue.edition(id).ok_or_else(|| not_found("id", EntityKind::Edition))?.clone();
    let mut violations = Violations::default();
    check_open(&mut violations, "id", catalogue, id);
    check_revision(&mut violations, expected_revision, edition.revision);
    edition.revision += 1;
    Ok((violations, edition))
}

fn store(revising: &mut CatalogueEdit, action: &'static str, edition: &Edition, reason: Option<&str>) {
    revising.upsert(CatalogueChange::Edition(edition.clone()));
    revising.record(action, edition.id.uuid(), reason);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::administration::{
        case,
        tests::{CASE, EDITION, NOBODY, archive as archived, empty, noted, refused, rung, stocked, the_case},
    };
    use domain::CaseId;
    use uuid::Uuid;

    fn of(year: i64) -> EditionDraft {
        EditionDraft { year: Some(year), letter_goal: None }
    }

    #[test]
    fn a_year_has_one_edition() {
        let mut revising = stocked();
        let id = EditionId::new(NOBODY);
        assert_eq!(refused(create(&mut revising, id, &of(2021))), ["year ALREADY_EXISTS"]);
        let other = create(&mut revising, id, &of(2022)).expect("another year");
        assert_eq!(refused(change(&mut revising, other.id, 1, &of(2021))), ["year ALREADY_EXISTS"]);
        assert!(change(&mut revising, other.id, 1, &of(2022)).is_ok(), "its own year is its own");
    }

    #[test]
    fn a_new_edition_names_every_field_at_fault() {
        let goal = Some(Some(1_000_000_001.0));
        let draft = EditionDraft { year: None, letter_goal: goal };
        assert_eq!(
            refused(create(&mut empty(), EDITION, &draft)),
            ["year YEAR_OUT_OF_RANGE", "letterGoal GOAL_OUT_OF_RANGE"]
        );
        assert_eq!(refused(create(&mut empty(), EDITION, &of(1960))), ["year YEAR_OUT_OF_RANGE"]);
    }

    #[test]
    fn a_goal_can_be_set_left_alone_and_taken_away() {
        let mut revising = stocked();
        let mut goal = |revision, letter_goal| {
            let draft = EditionDraft { year: None, letter_goal };
            change(&mut revising, EDITION, revision, &draft).expect("a change").letter_goal
        };
        assert_eq!(goal(1, Some(Some(5_000_000.0))), Some(5_000_000));
        assert_eq!(goal(2, None), Some(5_000_000));
        assert_eq!(goal(3, Some(None)), None);
        assert_eq!(noted(&revising), ("editionChange", EDITION.uuid(), None));
    }

    #[test]
    fn a_change_needs_an_edition_its_present_revision_and_good_fields() {
        let mut revising = stocked();
        let nobody = EditionId::new(NOBODY);
        assert_eq!(refused(change(&mut revising, nobody, 1, &of(2021))), ["id NOT_FOUND"]);
        assert_eq!(
            refused(change(&mut revising, EDITION, 2, &of(0))),
            ["expectedRevision STALE_REVISION", "year YEAR_OUT_OF_RANGE"]
        );
    }

    #[test]
    fn an_archived_edition_takes_its_cases_with_it_and_changes_no_more() {
        let mut revising = stocked();
        case::record_consent(&mut revising, CASE, 1, "2021-08-01", "herself").expect("a consent");
        case::publish(&mut revising, CASE, 2).expect("a published case");
        let draft = CaseId::new(Uuid::from_u128(5));
        case::create(&mut revising, draft, EDITION, "never-published", &rung()).expect("a second case");
        assert_eq!(refused(archive(&mut revising, EDITION, 1, " ")), ["reason REASON_MISSING"]);
        archived(&mut revising);
        assert_eq!((the_case(&revising).state, the_case(&revising).revision), (CaseState::Archived, 4));
        let draft = revising.catalogue.case(draft).expect("the draft");
        assert_eq!(draft.state, CaseState::Draft, "archiving publishes nothing");
        assert_eq!(noted(&revising), ("editionArchive", EDITION.uuid(), Some("It is over.")));
        assert_eq!(refused(archive(&mut revising, EDITION, 2, "Again.")), ["id EDITION_ARCHIVED"]);
        assert_eq!(refused(change(&mut revising, EDITION, 2, &of(2020))), ["id EDITION_ARCHIVED"]);
    }
}
