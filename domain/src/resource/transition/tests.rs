use jiff::SignedDuration;
use uuid::Uuid;

use super::*;
use crate::Patch;
use crate::{
    CaseId, EditionId, case,
    catalogue::fixtures::{CAMPAIGN, CASE, EDITION, UNKNOWN_ID, archive, noted, refused, stocked},
    edition::{self, EditionDraft},
    resource::ResourceContents,
};

const LABELS: ResourceId = ResourceId::new(Uuid::from_u128(5));

fn labels() -> ResourceDraft {
    ResourceDraft {
        kind: Some(ResourceKind::AddressLabels),
        title: Some("Labels for Rung".into()),
        case: Patch::Set(CASE),
        language: Some("en".into()),
        audience: Some(ResourceAudience::Writers),
        url: Some("https://example.org/labels.pdf".into()),
        version: Patch::Set("2".into()),
        ..ResourceDraft::default()
    }
}

fn poster() -> ResourceDraft {
    ResourceDraft { kind: Some(ResourceKind::Poster), edition: Patch::Keep, case: Patch::Keep, ..labels() }
}

/// The catalogue with labels for a case that is published.
fn offered() -> CatalogueEdit {
    let mut edit = stocked();
    case::record_consent(&mut edit, CASE, 1, "2021-08-01", "herself").expect("a consent");
    case::publish(&mut edit, CASE, 2).expect("a published case");
    add(&mut edit, LABELS, &labels()).expect("labels");
    edit
}

#[test]
fn a_resource_about_a_case_belongs_to_the_edition_of_the_case() {
    let edit = offered();
    let labels = edit.catalogue.resource(LABELS).expect("labels");
    assert_eq!((labels.edition_id, labels.case_id, labels.revision), (Some(EDITION), Some(CASE), 1));
    assert_eq!((labels.state, labels.updated_at), (ResourceState::Offered, edit.now));
    assert_eq!(noted(&edit), ("resourceAdd", LABELS.uuid(), None));
    assert_eq!(edit.catalogue.resources_about(CASE).count(), 1);
}

#[test]
fn a_new_resource_names_every_field_at_fault() {
    let mut edit = stocked();
    let nothing = ResourceDraft::default();
    assert_eq!(
        refused(add(&mut edit, LABELS, &nothing)),
        [
            "kind REQUIRED",
            "audience REQUIRED",
            "title REQUIRED",
            "language LANGUAGE_UNKNOWN",
            "url URL_INVALID"
        ]
    );
    let bad = ResourceDraft {
        title: Some("a\u{202E}b".into()),
        edition: Patch::Set(EditionId::new(UNKNOWN_ID)),
        case: Patch::Set(CaseId::new(UNKNOWN_ID)),
        language: Some("zz".into()),
        url: Some("http://example.org/labels.pdf".into()),
        version: Patch::Set(String::new()),
        ..labels()
    };
    assert_eq!(
        refused(add(&mut edit, LABELS, &bad)),
        [
            "title BIDIRECTIONAL_OVERRIDE",
            "edition NOT_FOUND",
            "case NOT_FOUND",
            "language LANGUAGE_UNKNOWN",
            "url URL_NOT_SECURE",
            "version REQUIRED",
        ]
    );
}

#[test]
fn what_may_carry_an_address_names_its_case() {
    let mut edit = stocked();
    for &kind in ResourceKind::ALL {
        let draft = ResourceDraft { kind: Some(kind), edition: Patch::Set(EDITION), ..poster() };
        let result = add(&mut stocked(), LABELS, &draft);
        match kind.carries() {
            ResourceContents::Address => assert_eq!(refused(result), ["case CASE_MISSING"], "{kind}"),
            ResourceContents::PerhapsAddress | ResourceContents::Nothing => assert!(result.is_ok(), "{kind}"),
        }
    }
    add(&mut edit, LABELS, &labels()).expect("labels");
    let without = ResourceDraft { case: Patch::Clear, ..ResourceDraft::default() };
    assert_eq!(refused(change(&mut edit, LABELS, 1, &without)), ["case CASE_MISSING"]);
    let poster = ResourceDraft { kind: Some(ResourceKind::Poster), ..without };
    assert_eq!(change(&mut edit, LABELS, 1, &poster).expect("a poster").case_id, None);
}

#[test]
fn a_case_of_another_edition_is_foreign_to_a_resource() {
    let mut edit = stocked();
    let other = EditionId::new(Uuid::from_u128(8));
    let draft = EditionDraft { year: Some(2022), ..EditionDraft::default() };
    edition::create(&mut edit, other, &draft).expect("an edition");
    let foreign = ResourceDraft { edition: Patch::Set(other), ..labels() };
    assert_eq!(refused(add(&mut edit, LABELS, &foreign)), ["case CASE_NOT_IN_CAMPAIGN"]);
    let own = ResourceDraft { edition: Patch::Set(EDITION), ..labels() };
    assert!(add(&mut edit, LABELS, &own).is_ok());
}

#[test]
fn one_file_is_offered_once_for_the_same() {
    let mut edit = offered();
    let id = ResourceId::new(UNKNOWN_ID);
    assert_eq!(refused(add(&mut edit, id, &labels())), ["url ALREADY_EXISTS"]);
    assert!(add(&mut edit, id, &poster()).is_ok(), "for every case it may be offered as well");
    retire(&mut edit, LABELS, 1, "Another address.").expect("it is retired");
    let again = ResourceId::new(Uuid::from_u128(6));
    assert!(add(&mut edit, again, &labels()).is_ok(), "what is retired is not offered");
}

#[test]
fn a_change_leaves_alone_what_it_does_not_name_and_says_when_it_was() {
    let mut edit = offered();
    edit.now += SignedDuration::from_hours(1);
    let draft = ResourceDraft { version: Patch::Clear, ..ResourceDraft::default() };
    assert!(draft.changes(&edit.catalogue, edit.catalogue.resource(LABELS).expect("labels")));
    let after = change(&mut edit, LABELS, 1, &draft).expect("a change");
    assert_eq!((after.version.as_deref(), after.title.as_str()), (None, "Labels for Rung"));
    assert_eq!((after.revision, after.updated_at), (2, edit.now));
    assert!(!draft.changes(&edit.catalogue, &after));
    assert_eq!(refused(change(&mut edit, LABELS, 1, &draft)), ["expected_revision STALE_REVISION"]);
    assert_eq!(refused(change(&mut edit, ResourceId::new(UNKNOWN_ID), 1, &draft)), ["id NOT_FOUND"]);
}

#[test]
fn a_resource_is_retired_once_and_for_good_and_with_a_reason() {
    let mut edit = offered();
    assert_eq!(refused(retire(&mut edit, LABELS, 1, " ")), ["reason REASON_MISSING"]);
    retire(&mut edit, LABELS, 1, "Another address.").expect("it is retired");
    assert_eq!(noted(&edit), ("resourceRetire", LABELS.uuid(), Some("Another address.")));
    assert_eq!(refused(retire(&mut edit, LABELS, 2, "Again.")), ["id RESOURCE_RETIRED"]);
    assert_eq!(refused(change(&mut edit, LABELS, 2, &labels())), ["id RESOURCE_RETIRED"]);
}

#[test]
fn an_archived_edition_gets_no_resource_and_loses_one_still() {
    let mut edit = offered();
    archive(&mut edit);
    let id = ResourceId::new(UNKNOWN_ID);
    assert_eq!(refused(add(&mut edit, id, &labels())), ["case EDITION_ARCHIVED", "url ALREADY_EXISTS"]);
    let of_edition = ResourceDraft { edition: Patch::Set(EDITION), ..poster() };
    assert_eq!(refused(add(&mut edit, id, &of_edition)), ["edition EDITION_ARCHIVED"]);
    let title = ResourceDraft { title: Some("Labels".into()), ..ResourceDraft::default() };
    assert_eq!(refused(change(&mut edit, LABELS, 1, &title)), ["id EDITION_ARCHIVED"]);
    assert!(retire(&mut edit, LABELS, 1, "Its address is wrong.").is_ok());
}

#[test]
fn labels_are_served_exactly_as_long_as_the_address_on_them() {
    const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);
    let mut edit = offered();
    let poster_id = ResourceId::new(UNKNOWN_ID);
    let url = Some("https://example.org/poster.pdf".into());
    let of_case = ResourceDraft { case: Patch::Set(CASE), url, ..poster() };
    add(&mut edit, poster_id, &of_case).expect("a poster");
    let window = edit.catalogue.campaign(CAMPAIGN).expect("a campaign").window.clone();
    let served = |edit: &CatalogueEdit, now| {
        let resource = |id| edit.catalogue.resource(id).expect("a resource");
        let catalogue = &edit.catalogue;
        (
            catalogue.serves_resource(resource(LABELS), now),
            catalogue.serves_resource(resource(poster_id), now),
        )
    };
    let (opens, ends) = (window.opens_at(), window.deadline_at());
    assert_eq!(served(&edit, opens - MICROSECOND), (false, true));
    assert_eq!(served(&edit, opens), (true, true));
    assert_eq!(served(&edit, ends - MICROSECOND), (true, true));
    assert_eq!(served(&edit, ends), (false, true));
    edit.catalogue.addresses_withheld = true;
    assert_eq!(served(&edit, opens), (false, true));
    edit.catalogue.addresses_withheld = false;
    case::suspend(&mut edit, CASE, 3, "Threats.").expect("a suspended case");
    assert_eq!(served(&edit, opens), (false, false));
    case::resume(&mut edit, CASE, 4, None).expect("a resumed case");
    assert_eq!(served(&edit, opens), (true, true));
    retire(&mut edit, poster_id, 1, "An old one.").expect("it is retired");
    assert_eq!(served(&edit, opens), (true, false));
}
