//! Changes of editions: opened once a year, archived when counting is over.

use super::{Edition, EditionDraft, EditionState, FIRST_YEAR, LAST_YEAR};
use crate::{
    EditionId,
    case::CaseState,
    catalogue::{
        CatalogueChange, CatalogueEdit,
        checks::{check_open, check_revision, not_found, reason},
    },
    violation::{EntityKind, ViolationKind, Violations},
};

/// Opens an edition.
///
/// # Errors
/// The rules that the draft breaks, or [`ViolationKind::AlreadyExists`] for a year that has its edition.
pub fn create(edit: &mut CatalogueEdit, id: EditionId, draft: &EditionDraft) -> Result<Edition, Violations> {
    let mut violations = Violations::default();
    if draft.year.is_none() {
        violations.add("year", ViolationKind::YearOutOfRange { first: FIRST_YEAR, last: LAST_YEAR });
    }
    let mut edition = Edition { id, year: 0, letter_goal: None, state: EditionState::Open, revision: 1 };
    draft.apply(&mut violations, &edit.catalogue, &mut edition);
    violations.into_result()?;
    store(edit, "editionCreate", &edition, None);
    Ok(edition)
}

/// Changes the year or the goal of an edition.
///
/// # Errors
/// The rules that the draft breaks, and those of every change.
pub fn change(
    edit: &mut CatalogueEdit,
    id: EditionId,
    expected_revision: u32,
    draft: &EditionDraft,
) -> Result<Edition, Violations> {
    let (mut violations, mut edition) = changing(edit, id, expected_revision)?;
    draft.apply(&mut violations, &edit.catalogue, &mut edition);
    violations.into_result()?;
    store(edit, "editionUpdate", &edition, None);
    Ok(edition)
}

/// Ends an edition: it and its cases are kept to be read and change no more.
///
/// A case that never left its draft stays a draft. It is known to staff only and perhaps without
/// consent, and archived cases are public.
///
/// # Errors
/// [`ViolationKind::ReasonMissing`], and the rules of every change.
pub fn archive(
    edit: &mut CatalogueEdit,
    id: EditionId,
    expected_revision: u32,
    typed_reason: &str,
) -> Result<Edition, Violations> {
    let (mut violations, mut edition) = changing(edit, id, expected_revision)?;
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    edition.state = EditionState::Archived;
    let published = edit.catalogue.cases().filter(|case| case.edition_id == id && case.state.is_public());
    for mut case in published.cloned().collect::<Vec<_>>() {
        case.enter(CaseState::Archived, edit.now);
        case.updated_at = edit.now;
        case.revision += 1;
        edit.upsert(CatalogueChange::Case(case));
    }
    store(edit, "editionArchive", &edition, Some(&reason));
    Ok(edition)
}

/// The edition with its next revision, and the violations that forbid the change.
fn changing(
    edit: &CatalogueEdit,
    id: EditionId,
    expected_revision: u32,
) -> Result<(Violations, Edition), Violations> {
    let catalogue = &edit.catalogue;
    let mut edition = catalogue.edition(id).ok_or_else(|| not_found("id", EntityKind::Edition))?.clone();
    let mut violations = Violations::default();
    check_open(&mut violations, "id", catalogue, id);
    check_revision(&mut violations, expected_revision, edition.revision);
    edition.revision += 1;
    Ok((violations, edition))
}

fn store(edit: &mut CatalogueEdit, action: &'static str, edition: &Edition, reason: Option<&str>) {
    edit.upsert(CatalogueChange::Edition(edition.clone()));
    edit.record(action, edition.id.uuid(), reason);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CaseId;
    use crate::Patch;
    use crate::{
        case,
        catalogue::fixtures::{
            CASE, EDITION, UNKNOWN_ID, archive as archived, empty, noted, refused, rung, stocked, the_case,
        },
    };
    use uuid::Uuid;

    fn of(year: i64) -> EditionDraft {
        EditionDraft { year: Some(year), letter_goal: Patch::Keep }
    }

    #[test]
    fn a_year_has_one_edition() {
        let mut edit = stocked();
        let id = EditionId::new(UNKNOWN_ID);
        assert_eq!(refused(create(&mut edit, id, &of(2021))), ["year ALREADY_EXISTS"]);
        let other = create(&mut edit, id, &of(2022)).expect("another year");
        assert_eq!(refused(change(&mut edit, other.id, 1, &of(2021))), ["year ALREADY_EXISTS"]);
        assert!(change(&mut edit, other.id, 1, &of(2022)).is_ok(), "its own year is its own");
    }

    #[test]
    fn a_new_edition_names_every_field_at_fault() {
        let goal = Patch::Set(1_000_000_001.into());
        let draft = EditionDraft { year: None, letter_goal: goal };
        assert_eq!(
            refused(create(&mut empty(), EDITION, &draft)),
            ["year YEAR_OUT_OF_RANGE", "letter_goal GOAL_OUT_OF_RANGE"]
        );
        assert_eq!(refused(create(&mut empty(), EDITION, &of(1960))), ["year YEAR_OUT_OF_RANGE"]);
    }

    #[test]
    fn a_goal_can_be_set_left_alone_and_taken_away() {
        let mut edit = stocked();
        let mut goal = |revision, letter_goal| {
            let draft = EditionDraft { year: None, letter_goal };
            change(&mut edit, EDITION, revision, &draft).expect("a change").letter_goal
        };
        assert_eq!(goal(1, Patch::Set(5_000_000.into())), Some(5_000_000));
        assert_eq!(goal(2, Patch::Keep), Some(5_000_000));
        assert_eq!(goal(3, Patch::Clear), None);
        assert_eq!(noted(&edit), ("editionUpdate", EDITION.uuid(), None));
    }

    #[test]
    fn a_change_needs_an_edition_its_present_revision_and_good_fields() {
        let mut edit = stocked();
        let nobody = EditionId::new(UNKNOWN_ID);
        assert_eq!(refused(change(&mut edit, nobody, 1, &of(2021))), ["id NOT_FOUND"]);
        assert_eq!(
            refused(change(&mut edit, EDITION, 2, &of(0))),
            ["expected_revision STALE_REVISION", "year YEAR_OUT_OF_RANGE"]
        );
    }

    #[test]
    fn an_archived_edition_takes_its_cases_with_it_and_changes_no_more() {
        let mut edit = stocked();
        case::record_consent(&mut edit, CASE, 1, "2021-08-01", "herself").expect("a consent");
        case::publish(&mut edit, CASE, 2).expect("a published case");
        let draft = CaseId::new(Uuid::from_u128(5));
        case::create(&mut edit, draft, EDITION, "never-published", &rung()).expect("a second case");
        assert_eq!(refused(archive(&mut edit, EDITION, 1, " ")), ["reason REASON_MISSING"]);
        archived(&mut edit);
        assert_eq!((the_case(&edit).state, the_case(&edit).revision), (CaseState::Archived, 4));
        let draft = edit.catalogue.case(draft).expect("the draft");
        assert_eq!(draft.state, CaseState::Draft, "archiving publishes nothing");
        assert_eq!(noted(&edit), ("editionArchive", EDITION.uuid(), Some("It is over.")));
        assert_eq!(refused(archive(&mut edit, EDITION, 2, "Again.")), ["id EDITION_ARCHIVED"]);
        assert_eq!(refused(change(&mut edit, EDITION, 2, &of(2020))), ["id EDITION_ARCHIVED"]);
    }
}
