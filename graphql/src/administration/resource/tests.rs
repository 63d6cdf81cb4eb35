use jiff::SignedDuration;
use uuid::Uuid;

use super::*;
use crate::administration::{
    case,
    edition::{self, EditionDraft},
    tests::{CAMPAIGN, CASE, EDITION, NOBODY, archive, noted, refused, stocked},
};

const LABELS: ResourceId = ResourceId::new(Uuid::from_u128(5));

fn labels() -> ResourceDraft {
    ResourceDraft {
        kind: Some(ResourceKind::AddressLabels),
        title: Some("Labels for Rung".into()),
        case: Some(Some(CASE)),
        language: Some("en".into()),
        audience: Some(ResourceAudience::Writers),
        url: Some("https://example.org/labels.pdf".into()),
        version: Some(Some("2".into())),
        ..ResourceDraft::default()
    }
}

fn poster() -> ResourceDraft {
    ResourceDraft { kind: Some(ResourceKind::Poster), edition: None, case: None, ..labels() }
}

/// The catalogue with labels for a case that is published.
fn offered() -> CatalogueEdit {
    let mut revising = stocked();
    case::record_consent(&mut revising, CASE, 1, "2021-08-01", "herself").expect("a consent");
    case::publish(&mut revising, CASE, 2).expect("a published case");
    add(&mut revising, LABELS, &labels()).expect("labels");
    revising
}

#[test]
fn a_resource_about_a_case_belongs_to_the_edition_of_the_case() {
    let revising = offered();
    let labels = revising.catalogue.resource(LABELS).expect("labels");
    assert_eq!((labels.edition_id, labels.case_id, labels.revision), (Some(EDITION), Some(CASE), 1));
    assert_eq!((labels.state, labels.changed_at), (ResourceState::Offered, revising.now));
    assert_eq!(noted(&revising), ("resourceAdd", LABELS.uuid(), None));
    assert_eq!(revising.catalogue.resources_about(CASE).count(), 1);
}

#[test]
fn a_new_resource_names_every_field_at_fault() {
    let mut revising = stocked();
    let nothing = ResourceDraft::default();
    assert_eq!(
        refused(add(&mut revising, LABELS, &nothing)),
        [
            "kind TEXT_EMPTY",
            "audience TEXT_EMPTY",
            "title TEXT_EMPTY",
            "language LANGUAGE_UNKNOWN",
            "url URL_INVALID"
        ]
    );
    let bad = ResourceDraft {
        title: Some("a\u{202E}b".into()),
        edition: Some(Some(EditionId::new(NOBODY))),
        case: Some(Some(CaseId::new(NOBODY))),
        language: Some("zz".into()),
        url: Some("http://example.org/labels.pdf".into()),
        version: Some(Some(String::new())),
        ..labels()
    };
    assert_eq!(
        refused(add(&mut revising, LABELS, &bad)),
        [
            "title BIDIRECTIONAL_OVERRIDE",
            "edition NOT_FOUND",
            "case NOT_FOUND",
            "language LANGUAGE_UNKNOWN",
            "url URL_NOT_SECURE",
            "version TEXT_EMPTY",
        ]
    );
}

#[test]
fn what_may_carry_an_address_names_its_case() {
    let mut revising = stocked();
    for &kind in ResourceKind::ALL {
        let draft = ResourceDraft { kind: Some(kind), edition: Some(Some(EDITION)), ..poster() };
        let result = add(&mut stocked(), LABELS, &draft);
        match kind.carries() {
            ResourceContents::Address => assert_eq!(refused(result), ["case CASE_MISSING"], "{kind}"),
            ResourceContents::PerhapsAddress | ResourceContents::Nothing => assert!(result.is_ok(), "{kind}"),
        }
    }
    add(&mut revising, LABELS, &labels()).expect("labels");
    let without = ResourceDraft { case: Some(None), ..ResourceDraft::default() };
    assert_eq!(refused(change(&mut revising, LABELS, 1, &without)), ["case CASE_MISSING"]);
    let poster = ResourceDraft { kind: Some(ResourceKind::Poster), ..without };
    assert_eq!(change(&mut revising, LABELS, 1, &poster).expect("a poster").case_id, None);
}

#[test]
fn a_case_of_another_edition_is_foreign_to_a_resource() {
    let mut revising = stocked();
    let other = EditionId::new(Uuid::from_u128(8));
    let draft = EditionDraft { year: Some(2022), ..EditionDraft::default() };
    edition::create(&mut revising, other, &draft).expect("an edition");
    let foreign = ResourceDraft { edition: Some(Some(other)), ..labels() };
    assert_eq!(refused(add(&mut revising, LABELS, &foreign)), ["case CASE_FOREIGN"]);
    let own = ResourceDraft { edition: Some(Some(EDITION)), ..labels() };
    assert!(add(&mut revising, LABELS, &own).is_ok());
}

#[test]
fn one_file_is_offered_once_for_the_same() {
    let mut revising = offered();
    let id = ResourceId::new(NOBODY);
    assert_eq!(refused(add(&mut revising, id, &labels())), ["url ALREADY_EXISTS"]);
    assert!(add(&mut revising, id, &poster()).is_ok(), "for every case it may be offered as well");
    retire(&mut revising, LABELS, 1, "Another address.").expect("it is retired");
    let again = ResourceId::new(Uuid::from_u128(6));
    assert!(add(&mut revising, again, &labels()).is_ok(), "what is retired is not offered");
}

#[test]
fn a_change_leaves_alone_what_it_does_not_name_and_says_when_it_was() {
    let mut revising = offered();
    revising.now += SignedDuration::from_hours(1);
    let draft = ResourceDraft { version: Some(None), ..ResourceDraft::default() };
    assert!(draft.changes(&revising.catalogue, revising.catalogue.resource(LABELS).expect("labels")));
    let after = change(&mut revising, LABELS, 1, &draft).expect("a change");
    assert_eq!((after.version.as_deref(), after.title.as_str()), (None, "Labels for Rung"));
    assert_eq!((after.revision, after.changed_at), (2, revising.now));
    assert!(!draft.changes(&revising.catalogue, &after));
    assert_eq!(refused(change(&mut revising, LABELS, 1, &draft)), ["expectedRevision STALE_REVISION"]);
    assert_eq!(refused(change(&mut revising, ResourceId::new(NOBODY), 1, &draft)), ["id NOT_FOUND"]);
}

#[test]
fn a_resource_is_retired_once_and_for_good_and_with_a_reason() {
    let mut revising = offered();
    assert_eq!(refused(retire(&mut revising, LABELS, 1, " ")), ["reason REASON_MISSING"]);
    retire(&mut revising, LABELS, 1, "Another address.").expect("it is retired");
    assert_eq!(noted(&revising), ("resourceRetire", LABELS.uuid(), Some("Another address.")));
    assert_eq!(refused(retire(&mut revising, LABELS, 2, "Again.")), ["id RESOURCE_RETIRED"]);
    assert_eq!(refused(change(&mut revising, LABELS, 2, &labels())), ["id RESOURCE_RETIRED"]);
}

#[test]
fn an_archived_edition_gets_no_resource_and_loses_one_still() {
    let mut revising = offered();
    archive(&mut revising);
    let id = ResourceId::new(NOBODY);
    assert_eq!(refused(add(&mut revising, id, &labels())), ["case EDITION_ARCHIVED", "url ALREADY_EXISTS"]);
    let of_edition = ResourceDraft { edition: Some(Some(EDITION)), ..poster() };
    assert_eq!(refused(add(&mut revising, id, &of_edition)), ["edition EDITION_ARCHIVED"]);
    let title = ResourceDraft { title: Some("Labels".into()), ..ResourceDraft::default() };
    assert_eq!(refused(change(&mut revising, LABELS, 1, &title)), ["id EDITION_ARCHIVED"]);
    assert!(retire(&mut revising, LABELS, 1, "Its address is wrong.").is_ok());
}

#[test]
fn labels_are_served_exactly_as_long_as_the_address_on_them() {
    const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);
    let mut revising = offered();
    let poster_id = ResourceId::new(NOBODY);
    let url = Some("https://example.org/poster.pdf".into());
    let of_case = ResourceDraft { case: Some(Some(CASE)), url, ..poster() };
    add(&mut revising, poster_id, &of_case).expect("a poster");
    let window = revising.catalogue.campaign(CAMPAIGN).expect("a campaign").window.clone();
    let served = |revising: &CatalogueEdit, now| {
        let resource = |id| revising.catalogue.resource(id).expect("a resource");
        let catalogue = &revising.catalogue;
        (
            catalogue.serves_resource(resource(LABELS), now),
            catalogue.serves_resource(resource(poster_id), now),
        )
    };
    let (opens, ends) = (window.opens_at(), window.deadline_at());
    assert_eq!(served(&revising, opens - MICROSECOND), (false, true));
    assert_eq!(served(&revising, opens), (true, true));
    assert_eq!(served(&revising, ends - MICROSECOND), (true, true));
    assert_eq!(served(&revising, ends), (false, true));
    revising.catalogue.addresses_withheld = true;
    assert_eq!(served(&revising, opens), (false, true));
    revising.catalogue.addresses_withheld = false;
    case::suspend(&mut revising, CASE, 3, "Threats.").expect("a suspended case");
    assert_eq!(served(&revising, opens), (false, false));
    case::resume(&mut revising, CASE, 4, None).expect("a resumed case");
    assert_eq!(served(&revising, opens), (true, true));
    retire(&mut revising, poster_id, 1, "An old one.").expect("it is retired");
    assert_eq!(served(&revising, opens), (true, false));
}
