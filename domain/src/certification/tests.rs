use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::*;
use crate::{
    ActionKind, Totals,
    catalogue::CatalogueEdit,
    catalogue::fixtures::{
        CAMPAIGN, CASE, EDITION, SECTION, UNKNOWN_ID, archive, noted, refused, stocked, the_campaign,
    },
    open_data::OpenData,
    report::Origin,
    total::Counts,
    total::{Contribution, Location},
};

fn totals() -> Totals {
    Totals::from_cells(&one_report()).expect("nothing is below zero")
}

fn one_report() -> Counts {
    let place = Location { section: SECTION, country: None, region: None };
    let lines = BTreeMap::from([((Some(CASE), ActionKind::AppealLetter), 205)]);
    let (origin, people) = (Some(Origin::Person), None);
    let mut counts = Counts::default();
    counts.add(&Contribution { place: &place, origin, way: None, lines: &lines, people, late: false });
    counts
}

fn count(totals: &Totals) -> CertifiedCount<'_> {
    CertifiedCount { version: 3, totals, is_recounted: true }
}

/// The edition after its only campaign is over.
fn over() -> CatalogueEdit {
    let mut edit = stocked();
    edit.now = the_campaign(&edit).window.closes_at();
    edit
}

#[test]
fn a_total_is_certified_from_the_instant_at_which_its_windows_are_over() {
    let (mut edit, totals) = (over(), totals());
    let end = edit.now;
    edit.now = end - SignedDuration::from_micros(1);
    let both = |edit: &mut CatalogueEdit| {
        [None, Some(SECTION)].map(|section| certify(edit, EDITION, section, 3, count(&totals)))
    };
    for early in both(&mut edit) {
        assert_eq!(refused(early), ["id TOTAL_NOT_COMPLETE"]);
    }
    edit.now = end;
    for certified in both(&mut edit) {
        let (certification, snapshot) = certified.expect("it is complete");
        let rows = OpenData::parse(&snapshot).expect("open data");
        assert_eq!((rows.version, rows.hash()), (3, certification.hash));
        assert_eq!(rows.check().expect("it adds up").letters, 205);
    }
    assert_eq!(noted(&edit), ("campaignCertify", CAMPAIGN.uuid(), None));
    for again in both(&mut edit) {
        assert_eq!(refused(again), ["id ALREADY_CERTIFIED"]);
    }
}

#[test]
fn what_was_not_recounted_or_not_seen_is_not_certified() {
    let (mut edit, totals) = (over(), totals());
    let differs = CertifiedCount { is_recounted: false, ..count(&totals) };
    assert_eq!(
        refused(certify(&mut edit, EDITION, None, 2, differs)),
        ["id RECOUNT_DIFFERS", "expected_version STALE_REVISION"]
    );
    let unknown = EditionId::new(UNKNOWN_ID);
    assert_eq!(refused(certify(&mut edit, unknown, None, 3, count(&totals))), ["id NOT_FOUND"]);
    let nowhere = Some(SectionId::new(UNKNOWN_ID));
    assert_eq!(refused(certify(&mut edit, EDITION, nowhere, 3, count(&totals))), ["id NOT_FOUND"]);
    archive(&mut edit);
    assert_eq!(refused(certify(&mut edit, EDITION, None, 3, count(&totals))), ["id EDITION_ARCHIVED"]);
}

#[test]
fn a_change_of_a_certified_section_is_a_correction_and_one_of_what_awaits_review_is_not() {
    let (mut edit, before) = (over(), totals());
    let mut after = before.clone();
    after.apply(&one_report()).expect("nothing is taken away");
    let expected = Correction {
        section_id: SECTION,
        version: 4,
        reason: "A letter that was found.".into(),
        corrected_at: edit.now,
        before: LetterCounts::default(),
        after: LetterCounts::default(),
    };
    let made = |edit: &CatalogueEdit, change: &Counts| {
        corrections(&edit.catalogue, EDITION, change, (&before, &after), &expected)
    };
    assert_eq!(made(&edit, &one_report()), [], "nothing is certified");
    let (certification, _) = certify(&mut edit, EDITION, None, 3, count(&before)).expect("it is complete");
    let [correction] = made(&edit, &one_report()).try_into().expect("one section");
    assert_eq!((correction.before.letters, correction.after.letters), (205, 410));
    let mut held = Counts::default();
    held.add_pending_review(SECTION, &BTreeMap::from([((None, ActionKind::Fax), 1)]));
    assert_eq!(made(&edit, &held), []);
    for scope in [TotalScope::Edition, TotalScope::Section(SECTION), TotalScope::Case(CASE)] {
        assert!(correction.is_of(&certification, scope));
        assert_eq!(edit.catalogue.certification_of_total(EDITION, scope), Some(&certification));
    }
    assert!(!correction.is_of(&certification, TotalScope::Section(SectionId::new(UNKNOWN_ID))));
    assert!(!correction.is_of(&Certification { version: 4, ..certification }, TotalScope::Edition));
}
