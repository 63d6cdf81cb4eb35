//! Tests of each review rule at its limits, and over random histories: the public is shown what was approved, or
//! what needs no approval.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::Patch;
use crate::{
    EventId,
    event::{
        CoordinatesDraft, EventTransition, EventVisibility, OrganizerDraft, PlaceDraft, RejectionScope,
        SessionDraft, VenueKind,
    },
    report::tests::Desk,
    violation::Violations,
};

fn now() -> Timestamp {
    "2021-12-01T12:00:00Z".parse().expect("an instant")
}

fn desk(reviews_events: bool) -> Desk {
    let mut desk = Desk::new(0);
    desk.campaign.reviews_events = reviews_events;
    desk
}

fn terms(desk: &Desk, actor: EventActor) -> EventPolicy<'_> {
    EventPolicy { intake: desk.intake(), actor }
}

fn step<'a>(desk: &'a Desk, actor: EventActor, event: &Event) -> EventTransition<'a> {
    EventTransition { terms: terms(desk, actor), expected_revision: event.revision, now: now() }
}

fn place(words: [&str; 4], latitude: f64) -> PlaceDraft {
    let [locality, venue, street, postal_code] = words.map(|word| Some(word.to_owned()));
    PlaceDraft {
        country: Some("CA".into()),
        locality,
        venue,
        street,
        postal_code,
        coordinates: Some(CoordinatesDraft { latitude, longitude: -79.0 }),
        ..PlaceDraft::default()
    }
}

fn named(display_name: Option<&str>) -> OrganizerDraft {
    OrganizerDraft {
        name: "Ada".into(),
        email: "ada@example.org".into(),
        display_name: display_name.map(str::to_owned),
    }
}

fn submitted(desk: &Desk) -> Event {
    let draft = EventDraft {
        title: Some("Letters".into()),
        description: Patch::Set("Bring a pen.".into()),
        visibility: Some(EventVisibility::Unlisted),
        format: Some(EventFormat::Hybrid),
        venue_kind: Some(VenueKind::School),
        time_zone: Some("America/Toronto".into()),
        sessions: Some(vec![SessionDraft {
            local_start: "2021-12-10T18:00".into(),
            local_end: "2021-12-10T21:00".into(),
            ..SessionDraft::default()
        }]),
        place: Patch::Set(place(["Toronto", "Elm School", "12 Elm Street", "M5G"], 43.0)),
        online_link: Patch::Set("https://example.org/elm".into()),
        organizer: Some(named(Some("Ada"))),
        ..EventDraft::default()
    };
    let id = EventId::new(Uuid::from_u128(1));
    let event =
        Event::registered(id, &draft, &terms(desk, EventActor::Organizer), now()).expect("a good draft");
    event.submit(&step(desk, EventActor::Organizer, &event)).expect("a draft is handed in")
}

fn approved(desk: &Desk) -> Event {
    let event = submitted(desk);
    event.approve(&step(desk, EventActor::Staff, &event)).expect("it was handed in")
}

fn changed(desk: &Desk, actor: EventActor, event: &Event, draft: &EventDraft) -> Event {
    event.change(draft, &step(desk, actor, event)).expect("a good draft")
}

fn rejected(desk: &Desk, event: &Event, scope: RejectionScope) -> Result<Event, Violations> {
    event.reject("No.", scope, &step(desk, EventActor::Staff, event))
}

fn codes(result: Result<Event, Violations>) -> Vec<&'static str> {
    result.expect_err("a rule says no").iter().map(|violation| violation.rule.code()).collect()
}

fn titled(title: &str) -> EventDraft {
    EventDraft { title: Some(title.into()), ..EventDraft::default() }
}

/// The event after it was stored and read again.
fn stored(event: &Event) -> Event {
    read(event.clone(), event.latest().clone(), event.approved_words(), event.review_pending)
}

fn read(event: Event, latest: EventContent, approved: Option<ApprovedWords>, review_pending: bool) -> Event {
    let Said { content, proposed, words_approved, reason_approved, review_pending } =
        Said::read(latest, approved, &event.state, review_pending);
    let review_requested_at = review_pending.then(|| event.review_requested_at.unwrap_or(event.updated_at));
    Event { content, proposed, words_approved, reason_approved, review_pending, review_requested_at, ..event }
}

/// What a process of the version before makes of an organizer's change: it knows of no approved words.
fn changed_by_the_version_before(desk: &Desk, event: &Event, draft: &EventDraft) -> Event {
    let latest =
        draft.complete(Some(event.latest()), &terms(desk, EventActor::Organizer)).expect("a good draft");
    let review_pending = event.review_pending || latest != *event.latest();
    read(event.clone(), latest, event.approved_words(), review_pending)
}

fn pending(event: &Event) -> Vec<ReviewedField> {
    event.pending_changes().iter().map(|change| change.field).collect()
}

/// The free text that everyone may read of an event, and how widely it is found.
fn read_by_everyone(event: &Event) -> (BTreeSet<(ReviewedField, String)>, Option<EventVisibility>) {
    if !event.is_known_to(EventAudience::Everyone) {
        return (BTreeSet::new(), None);
    }
    let (content, place) =
        (event.content_for(EventAudience::Everyone), event.place_for(EventAudience::Everyone));
    let texts = [
        (ReviewedField::Title, Some(content.title.as_str())),
        (ReviewedField::Description, content.description.as_deref()),
        (ReviewedField::OrganizerName, content.organizer.display_name.as_deref()),
        (ReviewedField::Locality, place.and_then(|place| place.locality)),
        (ReviewedField::Venue, place.and_then(|place| place.venue)),
        (ReviewedField::Street, place.and_then(|place| place.street)),
        (ReviewedField::PostalCode, place.and_then(|place| place.postal_code)),
        (ReviewedField::OnlineLink, event.online_link_for(EventAudience::Everyone)),
        (ReviewedField::CancellationReason, event.reason_for(EventAudience::Everyone)),
    ];
    let texts = texts.into_iter().filter_map(|(field, text)| Some((field, text?.to_owned())));
    (texts.collect(), Some(content.visibility))
}

#[test]
fn the_table_names_every_field_once_and_says_what_is_done() {
    let fields: BTreeSet<_> = EFFECTS.iter().map(|(field, ..)| *field).collect();
    assert_eq!(fields.len(), EFFECTS.len());
    let of = |effect| EFFECTS.iter().filter(|(_, its, _)| *its == effect).count();
    let waiting = of(ReviewEffect::AfterReview)
        + of(ReviewEffect::AtOnceIfNarrower)
        + of(ReviewEffect::AtOnceForThoseWhoGo);
    assert_eq!(waiting, ReviewedField::ALL.len() - 1, "why it was cancelled is no field of the content");
}

#[test]
fn an_event_before_its_first_review_has_no_approved_words() {
    let desk = desk(true);
    let event = submitted(&desk);
    assert!(event.approved_words().is_none() && !event.is_known_to(EventAudience::Everyone));
    let other = changed(&desk, EventActor::Organizer, &event, &titled("Other letters"));
    assert_eq!((other.content.title.as_str(), &other.proposed), ("Other letters", &None));
    assert!(other.review_pending && other.pending_changes().is_empty());
    assert_eq!(stored(&other), other);
}

#[test]
fn an_organizers_words_wait_and_those_of_a_trusted_section_or_staff_do_not() {
    let (reviewing, trusting) = (desk(true), desk(false));
    let event = approved(&reviewing);
    let by = |desk, actor| changed(desk, actor, &event, &titled("Other letters"));
    let waiting = by(&reviewing, EventActor::Organizer);
    assert_eq!(pending(&waiting), [ReviewedField::Title]);
    assert_eq!(
        (waiting.content.title.as_str(), waiting.latest().title.as_str()),
        ("Letters", "Other letters")
    );
    for trusted in [by(&trusting, EventActor::Organizer), by(&reviewing, EventActor::Staff)] {
        assert_eq!((trusted.content.title.as_str(), trusted.review_pending), ("Other letters", false));
    }
    let silent = EventDraft { description: Patch::Clear, ..EventDraft::default() };
    let by_staff = changed(&reviewing, EventActor::Staff, &waiting, &silent);
    assert_eq!(pending(&by_staff), [ReviewedField::Title], "they said nothing of it");
    assert_eq!(by_staff.content.description, None);
    let back = changed(&reviewing, EventActor::Organizer, &by_staff, &titled("Letters"));
    assert!(back.proposed.is_none() && !back.review_pending);
}

#[test]
fn each_step_of_visibility_is_at_once_if_fewer_find_it() {
    let desk = desk(true);
    for (number, from) in EventVisibility::ALL.iter().enumerate() {
        for (other, to) in EventVisibility::ALL.iter().enumerate() {
            let seen = |visibility| EventDraft { visibility: Some(visibility), ..EventDraft::default() };
            let event = changed(&desk, EventActor::Staff, &approved(&desk), &seen(*from));
            let after = changed(&desk, EventActor::Organizer, &event, &seen(*to));
            let waits = other < number;
            assert_eq!(after.content.visibility, if waits { *from } else { *to }, "{from} to {to}");
            assert_eq!(after.review_pending, waits, "{from} to {to}");
        }
    }
}

#[test]
fn of_a_place_that_moved_everyone_reads_no_word_of_the_former_one() {
    let desk = desk(true);
    let event = approved(&desk);
    let to =
        |words, latitude| EventDraft { place: Patch::Set(place(words, latitude)), ..EventDraft::default() };
    let renamed = to(["Toronto", "Oak School", "12 Elm Street", "M5G"], 43.0);
    let renamed = changed(&desk, EventActor::Organizer, &event, &renamed);
    let seen = renamed.place_for(EventAudience::Everyone).expect("a place");
    assert_eq!((seen.venue, seen.street), (None, Some("12 Elm Street")), "neither the old nor the new name");
    assert!(!seen.is_exact && seen.has_exact_point);
    assert_eq!(renamed.place_for(EventAudience::Going).expect("a place").venue, Some("Oak School"));
    assert_ne!(renamed.whereabouts(), event.whereabouts());
    let refused = rejected(&desk, &renamed, RejectionScope::Pending).expect("it waits");
    assert_eq!(refused.whereabouts(), event.whereabouts(), "what was approved stays");

    let elsewhere = to(["Ottawa", "Elm School", "1 Oak Street", "M5G"], 45.0);
    let elsewhere = changed(&desk, EventActor::Organizer, &event, &elsewhere);
    let seen = elsewhere.place_for(EventAudience::Everyone).expect("a place");
    assert_eq!((seen.locality, seen.venue, seen.street), (None, Some("Elm School"), None));
    assert_eq!(seen.coordinates.expect("a point").latitude(), 45.0);
    let refused = rejected(&desk, &elsewhere, RejectionScope::Pending).expect("it waits");
    assert_eq!(
        refused.place_for(EventAudience::Going).expect("a place").locality,
        None,
        "Toronto is not there"
    );
    let agreed = elsewhere.approve(&step(&desk, EventActor::Staff, &elsewhere)).expect("it waits");
    assert_eq!(agreed.place_for(EventAudience::Everyone), elsewhere.place_for(EventAudience::Going));
}

#[test]
fn what_is_not_known_to_be_approved_is_for_nobody_but_those_who_have_to_do_with_it() {
    let desk = desk(true);
    let event = approved(&desk);
    let unknown = read(event.clone(), event.latest().clone(), None, true);
    let known = [EventAudience::Everyone, EventAudience::Going, EventAudience::Organizers]
        .map(|who| unknown.is_known_to(who));
    assert_eq!((known, unknown.is_listed()), ([false, true, true], false));
    let changed = changed(&desk, EventActor::Staff, &unknown, &titled("Other letters"));
    assert!(!changed.words_approved, "staff said nothing of the rest");
    let seen = changed.approve(&step(&desk, EventActor::Staff, &changed)).expect("it waits");
    assert!(seen.words_approved && stored(&seen) == seen);
    let certain = read(event.clone(), event.latest().clone(), None, false);
    assert!(certain.words_approved, "an approved event that waits for nothing was approved as it stands");
}

/// The approved event in each state.
fn in_each_state(desk: &Desk) -> Vec<Event> {
    let event = approved(desk);
    let why = || "Why.".to_owned();
    [
        EventState::Draft,
        EventState::Submitted,
        EventState::Approved,
        EventState::Rejected(why()),
        EventState::Cancelled(why()),
        EventState::Completed,
        EventState::Reported,
    ]
    .into_iter()
    .map(|state| {
        let (words_approved, review_pending) = (state.was_approved(), state == EventState::Submitted);
        let review_requested_at = review_pending.then(now);
        Event { state, words_approved, review_pending, review_requested_at, ..event.clone() }
    })
    .collect()
}

#[test]
fn staff_reject_what_waits_or_all_of_a_submitted_or_approved_event() {
    let desk = desk(true);
    for event in in_each_state(&desk) {
        let state = event.state.as_str();
        let pending = rejected(&desk, &event, RejectionScope::Pending);
        match event.state {
            EventState::Submitted => {
                assert_eq!(pending.expect(state).state, EventState::Rejected("No.".into()))
            }
            _ => assert_eq!(codes(pending), ["EVENT_STATE_INVALID"], "{state}"),
        }
        let whole = rejected(&desk, &event, RejectionScope::Event);
        match event.state {
            EventState::Submitted | EventState::Approved => {
                let after = whole.expect(state);
                assert_eq!(after.state, EventState::Rejected("No.".into()), "{state}");
                let audiences = [EventAudience::Everyone, EventAudience::Going, EventAudience::Organizers];
                assert_eq!(audiences.map(|who| after.is_known_to(who)), [false, false, true], "{state}");
                assert!(!after.is_listed() && after.approved_words().is_none(), "{state}");
                assert_eq!(stored(&after), after, "{state}");
            }
            _ => assert_eq!(codes(whole), ["EVENT_STATE_INVALID"], "{state}"),
        }
    }
}

#[test]
fn a_revoked_event_keeps_its_latest_words_and_is_approved_anew() {
    let desk = desk(true);
    let waiting = changed(&desk, EventActor::Organizer, &approved(&desk), &titled("Other letters"));
    let revoked = rejected(&desk, &waiting, RejectionScope::Event).expect("it is approved");
    assert_eq!((revoked.content.title.as_str(), &revoked.proposed), ("Other letters", &None));
    assert!(!revoked.review_pending && revoked.review_requested_at.is_none());
    let again = revoked.submit(&step(&desk, EventActor::Organizer, &revoked)).expect("it was rejected");
    assert!(!again.is_known_to(EventAudience::Everyone));
    let trusting = self::desk(false);
    let trusted = revoked.submit(&step(&trusting, EventActor::Organizer, &revoked)).expect("it was rejected");
    assert_eq!(trusted.state, EventState::Submitted, "staff rejected it, so they review it");
    let by_staff = revoked.submit(&step(&trusting, EventActor::Staff, &revoked)).expect("it was rejected");
    assert_eq!(by_staff.state, EventState::Approved);
    let again = again.approve(&step(&desk, EventActor::Staff, &again)).expect("it was submitted");
    assert_eq!(again.content_for(EventAudience::Everyone).title, "Other letters");
}

#[test]
fn staff_replace_words_in_every_state_and_facts_only_before_the_end() {
    let desk = desk(true);
    let other_place = EventDraft {
        place: Patch::Set(place(["Toronto", "A school", "12 Elm Street", "M5G"], 43.0)),
        online_link: Patch::Clear,
        organizer: Some(named(None)),
        ..titled("Taken down")
    };
    let seen = |visibility| EventDraft { visibility: Some(visibility), ..EventDraft::default() };
    let facts = [
        EventDraft { capacity: Patch::Set(9.into()), ..EventDraft::default() },
        EventDraft {
            place: Patch::Set(place(["Toronto", "Elm School", "12 Elm Street", "M5G"], 43.000_001)),
            ..EventDraft::default()
        },
        EventDraft {
            organizer: Some(OrganizerDraft { email: "eve@example.org".into(), ..named(Some("Ada")) }),
            ..EventDraft::default()
        },
        EventDraft { staff_note: Patch::Set("Hello.".into()), ..EventDraft::default() },
        seen(EventVisibility::Public),
    ];
    for event in in_each_state(&desk) {
        let is_open = event.state.takes_changes();
        let change = |actor, draft: &EventDraft| event.change(draft, &step(&desk, actor, &event));
        for draft in [&other_place, &seen(EventVisibility::Private), &seen(EventVisibility::Unlisted)] {
            let by_staff = change(EventActor::Staff, draft).expect("staff may");
            assert_eq!(by_staff.state, event.state);
            assert_eq!(*by_staff.content, *by_staff.latest(), "it is in effect: {}", event.state);
            let by_organizer = change(EventActor::Organizer, draft);
            assert_eq!(by_organizer.is_ok(), is_open, "{}", event.state);
        }
        for draft in &facts {
            let by_staff = change(EventActor::Staff, draft);
            assert_eq!(by_staff.is_ok(), is_open, "{} {draft:?}", event.state);
            if !is_open {
                assert_eq!(codes(by_staff), ["EVENT_STATE_INVALID"]);
                assert_eq!(codes(change(EventActor::Organizer, draft)), ["EVENT_STATE_INVALID"]);
            }
        }
    }
}

#[test]
fn staff_alone_replace_the_reason_of_a_cancellation() {
    let desk = desk(true);
    let event = approved(&desk);
    let cancel = |event: &Event, actor, reason| event.cancel(reason, &step(&desk, actor, event));
    let off = cancel(&event, EventActor::Organizer, "Cheap tablets").expect("it is approved");
    assert_eq!(codes(cancel(&off, EventActor::Organizer, "A flood.")), ["EVENT_STATE_INVALID"]);
    let cancelled = cancel(&off, EventActor::Staff, "A flood.").expect("staff may");
    assert_eq!(cancelled.reason_for(EventAudience::Everyone), Some("A flood."));
    assert!(!cancelled.review_pending && pending(&cancelled).is_empty());
    let completed = Event { state: EventState::Completed, ..event };
    assert_eq!(codes(cancel(&completed, EventActor::Staff, "A flood.")), ["EVENT_STATE_INVALID"]);
}

#[test]
fn a_request_for_review_is_as_old_as_the_latest_words_of_the_organizer() {
    let desk = desk(true);
    let later = |minutes: i64| now() + jiff::SignedDuration::from_mins(minutes);
    let change = |event: &Event, actor, draft: &EventDraft, minutes| {
        let step = EventTransition { now: later(minutes), ..step(&desk, actor, event) };
        event.change(draft, &step).expect("a good draft")
    };
    let event = submitted(&desk);
    assert_eq!(event.review_requested_at, Some(now()));
    let room = EventDraft { capacity: Patch::Set(9.into()), ..EventDraft::default() };
    let event = change(&event, EventActor::Organizer, &room, 1);
    assert_eq!(event.review_requested_at, Some(now()), "a number is no word");
    let event = change(&event, EventActor::Organizer, &titled("Letters, again"), 2);
    assert_eq!(event.review_requested_at, Some(later(2)));
    let event = event.approve(&step(&desk, EventActor::Staff, &event)).expect("it waits");
    assert_eq!(event.review_requested_at, None);

    let described =
        EventDraft { description: Patch::Set("Bring two pens.".into()), ..titled("Other letters") };
    let event = change(&event, EventActor::Organizer, &described, 3);
    let event = change(&event, EventActor::Organizer, &room, 4);
    let event = change(&event, EventActor::Staff, &titled("Letters by staff"), 5);
    assert_eq!(event.review_requested_at, Some(later(3)), "what is left was handed in then");
    let event = change(&event, EventActor::Organizer, &titled("Other letters"), 6);
    assert_eq!(event.review_requested_at, Some(later(6)));
    let back = EventDraft { description: Patch::Set("Bring a pen.".into()), ..titled("Letters by staff") };
    assert_eq!(change(&event, EventActor::Organizer, &back, 7).review_requested_at, None);
}

#[derive(Clone, Debug)]
enum Act {
    Change(EventActor, bool, Box<EventDraft>),
    ChangeByTheVersionBefore(Box<EventDraft>),
    Approve,
    ApproveByTheVersionBefore,
    Reject(RejectionScope),
    Submit(EventActor, bool),
    Cancel(EventActor, String),
    Complete,
    Store,
}

/// One of a few words, so that words repeat.
fn some_word() -> impl Strategy<Value = String> {
    (0..6_u8).prop_map(|number| format!("word {number}"))
}

fn patch<T>(typed: Option<Option<T>>) -> Patch<T> {
    typed.map_or(Patch::Keep, Patch::from)
}

prop_compose! {
    fn some_draft()(
        title in prop::option::of(some_word()),
        description in prop::option::of(prop::option::of(some_word())),
        visibility in prop::option::of(prop::sample::select(EventVisibility::ALL)),
        place in prop::option::of(([some_word(), some_word(), some_word(), some_word()], 40..43_i32)),
        online_link in prop::option::of(prop::option::of(0..3_u8)),
        display_name in prop::option::of(prop::option::of(some_word())),
        capacity in prop::option::of(1..9_i32),
    ) -> Box<EventDraft> {
        let place = place.map(|(words, latitude)| {
            self::place(words.each_ref().map(String::as_str), latitude.into())
        });
        Box::new(EventDraft {
            title,
            description: patch(description),
            visibility,
            place: place.map_or(Patch::Keep, Patch::Set),
            online_link: patch(online_link).map(|link| format!("https://example.org/{link}")),
            organizer: display_name.map(|name| named(name.as_deref())),
            capacity: capacity.map_or(Patch::Keep, |capacity| Patch::Set(capacity.into())),
            ..EventDraft::default()
        })
    }
}

fn some_act() -> impl Strategy<Value = Act> {
    let actor = || prop::sample::select(EventActor::ALL);
    prop_oneof![
        6 => (actor(), any::<bool>(), some_draft())
            .prop_map(|(actor, is_trusted, draft)| Act::Change(actor, is_trusted, draft)),
        3 => some_draft().prop_map(Act::ChangeByTheVersionBefore),
        3 => Just(Act::Approve),
        1 => Just(Act::ApproveByTheVersionBefore),
        3 => prop::sample::select(RejectionScope::ALL).prop_map(Act::Reject),
        2 => (actor(), any::<bool>()).prop_map(|(actor, is_trusted)| Act::Submit(actor, is_trusted)),
        1 => (actor(), some_word()).prop_map(|(actor, reason)| Act::Cancel(actor, reason)),
        1 => Just(Act::Complete),
        2 => Just(Act::Store),
    ]
}

/// What staff have approved or written themselves: texts, and the widest visibility.
struct Approved {
    texts: BTreeSet<(ReviewedField, String)>,
    visibility: EventVisibility,
}

impl Approved {
    fn content(&mut self, content: &EventContent) {
        let texts = words(content).into_iter().filter(|(field, _)| *field != ReviewedField::Visibility);
        self.texts.extend(texts.filter_map(|(field, text)| Some((field, text?.to_owned()))));
        self.visibility = content.visibility;
    }

    fn reason(&mut self, reason: Option<&str>) {
        self.texts.extend(reason.map(|reason| (ReviewedField::CancellationReason, reason.to_owned())));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn everyone_reads_what_was_approved_whatever_happens(acts in prop::collection::vec(some_act(), 1..24)) {
        let (reviewing, trusting) = (desk(true), desk(false));
        let mut event = approved(&reviewing);
        let mut good = Approved { texts: BTreeSet::new(), visibility: EventVisibility::Private };
        good.content(&event.content);
        for act in acts {
            let staff = step(&reviewing, EventActor::Staff, &event);
            let after = match &act {
                Act::Change(actor, is_trusted, draft) => {
                    let desk = if *is_trusted { &trusting } else { &reviewing };
                    event.change(draft, &step(desk, *actor, &event)).inspect(|after| match actor {
                        // Nothing of it is approved, even if staff wrote it.
                        _ if !event.words_approved => {}
                        EventActor::Organizer if !is_trusted => {}
                        EventActor::Organizer => good.content(after.latest()),
                        // Staff wrote what is in the draft, and have not approved the rest.
                        EventActor::Staff => {
                            let words = ApprovedWords::of(&event.content).with_said(draft, after.latest());
                            good.content(&words.over(after.latest()));
                        }
                    })
                }
                Act::ChangeByTheVersionBefore(draft) if event.state == EventState::Approved => {
                    Ok(changed_by_the_version_before(&reviewing, &event, draft))
                }
                Act::Approve => event.approve(&staff).inspect(|after| {
                    good.content(event.latest());
                    good.reason(after.state.reason());
                }),
                Act::ApproveByTheVersionBefore if event.state == EventState::Approved => {
                    good.content(event.latest());
                    Ok(read(event.clone(), event.latest().clone(), event.approved_words(), false))
                }
                Act::ChangeByTheVersionBefore(_) | Act::ApproveByTheVersionBefore => continue,
                Act::Reject(scope) => event.reject("Not like this.", *scope, &staff),
                Act::Submit(actor, is_trusted) => {
                    let desk = if *is_trusted { &trusting } else { &reviewing };
                    event.submit(&step(desk, *actor, &event)).inspect(|after| {
                        if after.words_approved {
                            good.content(after.latest());
                        }
                    })
                }
                Act::Cancel(actor, reason) => {
                    let cancelled = event.cancel(reason, &step(&reviewing, *actor, &event));
                    cancelled.inspect(|_| good.reason(Some(reason.as_str()).filter(|_| *actor == EventActor::Staff)))
                }
                Act::Complete => {
                    event.complete(&EventTransition { now: "2021-12-11T00:00:00Z".parse().expect("an instant"), ..staff })
                }
                Act::Store => {
                    prop_assert_eq!(&stored(&event), &event);
                    continue;
                }
            };
            let Ok(after) = after else { continue };
            // Narrower visibility needs no approval; from then on wider visibility does.
            good.visibility = good.visibility.max(after.content.visibility);
            let (texts, visibility) = read_by_everyone(&after);
            prop_assert!(texts.is_subset(&good.texts), "{:?}: {:?}", act, texts);
            prop_assert!(visibility.is_none_or(|visibility| visibility >= good.visibility), "{:?}", act);
            // Those who are going see the place, facts take effect at once, organizers and staff see the latest.
            let latest = after.latest();
            prop_assert_eq!(
                after.place_for(EventAudience::Going),
                latest.place.as_ref().map(|place| place.seen_by(EventAudience::Going))
            );
            prop_assert_eq!(after.content_for(EventAudience::Organizers), latest);
            prop_assert_eq!((&after.content.sessions, after.content.capacity), (&latest.sessions, latest.capacity));
            // What is not public yet waits, and is listed field by field.
            let waiting = pending(&after);
            let is_proposed = waiting.iter().any(|field| *field != ReviewedField::CancellationReason);
            prop_assert_eq!(after.proposed.is_some(), is_proposed);
            prop_assert!(waiting.is_empty() || after.review_pending);
            prop_assert_eq!(after.review_requested_at.is_some(), after.review_pending);
            prop_assert!(after.state.was_approved() || texts.is_empty(), "{:?}: {:?}", act, texts);
            event = after;
        }
    }
}
