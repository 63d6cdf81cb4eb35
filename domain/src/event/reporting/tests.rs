use std::sync::Arc;

use jiff::SignedDuration;
use uuid::Uuid;

use super::*;
use crate::Patch;
use crate::{
    ActionKind, Country, EventId, ReportId,
    event::{
        EventActor, EventDraft, EventFormat, EventPolicy, OrganizerDraft, PlaceDraft, SessionDraft, VenueKind,
    },
    report::{LineDraft, ReportDraft, ReportSource, Review, tests::Desk},
};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

fn begin() -> Timestamp {
    "2021-12-10T23:00:00Z".parse().expect("an instant")
}

/// An approved event in Toronto.
fn approved(desk: &Desk, visibility: EventVisibility) -> Event {
    let draft = EventDraft {
        title: Some("Write for Rights".into()),
        visibility: Some(visibility),
        format: Some(EventFormat::InPerson),
        venue_kind: Some(VenueKind::School),
        time_zone: Some("America/Toronto".into()),
        sessions: Some(vec![SessionDraft {
            local_start: "2021-12-10T18:00".into(),
            local_end: "2021-12-10T21:00".into(),
            ..SessionDraft::default()
        }]),
        place: Patch::Set(PlaceDraft {
            country: Some("US".into()),
            region: Some("US-NY".into()),
            ..PlaceDraft::default()
        }),
        organizer: Some(OrganizerDraft {
            name: "Ada".into(),
            email: "ada@example.org".into(),
            display_name: None,
        }),
        ..EventDraft::default()
    };
    let terms = EventPolicy { intake: desk.intake(), actor: EventActor::Staff };
    let event = Event::registered(EventId::new(Uuid::from_u128(1)), &draft, &terms, begin());
    Event { state: EventState::Approved, ..event.expect("no rule is broken") }
}

fn at(event: &Event, side: ReporterRole) -> EventReference {
    EventReference { event: event.id, side }
}

fn report(desk: &Desk, event: &Event, quantity: u32, is_test: bool) -> Report {
    let line = LineDraft { case: None, kind: ActionKind::AppealLetter, quantity: quantity.into() };
    let draft = ReportDraft {
        lines: vec![line],
        country: Some("PL".into()),
        test: is_test,
        ..ReportDraft::default()
    };
    let submission = crate::report::ReportSubmission::parse(draft).expect("a well-formed draft");
    let tally = event.tally_in(&desk.section);
    let occasion = crate::report::ReportedEvent {
        side: ReporterRole::Host,
        starts_at: Some(begin()),
        place: tally.place,
        origin: tally.origin,
        awaits_approval: false,
    };
    let verdict = desk
        .intake()
        .evaluate(&submission, None, Some(&occasion), ReportSource::Host, begin())
        .expect("no rule is broken");
    let id = ReportId::new(Uuid::from_u128(2));
    Report::submitted(
        id,
        desk.campaign.id,
        submission.content().clone(),
        verdict,
        ReportSource::Host,
        begin(),
    )
    .for_event(at(event, ReporterRole::Host))
}

fn codes(result: Result<(), Violations>) -> Vec<&'static str> {
    result.expect_err("a rule says no").iter().map(|violation| violation.rule.code()).collect()
}

#[test]
fn nobody_reports_an_event_before_it_has_begun() {
    let desk = Desk::new(0);
    let event = approved(&desk, EventVisibility::Public);
    for side in [ReporterRole::Host, ReporterRole::Attendee] {
        let check = |now| event.check_report(desk.campaign.id, side, false, now);
        assert_eq!(codes(check(begin() - MICROSECOND)), ["EVENT_NOT_BEGUN"]);
        assert_eq!(check(begin()), Ok(()));
        assert_eq!(check(begin() + MICROSECOND), Ok(()));
    }
}

#[test]
fn only_an_event_of_this_campaign_that_takes_place_is_reported_and_by_its_host_once() {
    let desk = Desk::new(0);
    let event = approved(&desk, EventVisibility::Public);
    let foreign =
        event.check_report(CampaignId::new(Uuid::nil()), ReporterRole::Host, false, begin() - MICROSECOND);
    assert_eq!(codes(foreign), ["EVENT_NOT_IN_CAMPAIGN", "EVENT_NOT_BEGUN"], "all broken rules at once");
    for state in [
        EventState::Draft,
        EventState::Submitted,
        EventState::Rejected("why".into()),
        EventState::Cancelled("why".into()),
    ] {
        let event = Event { state, ..event.clone() };
        let refused = event.check_report(desk.campaign.id, ReporterRole::Attendee, false, begin());
        assert_eq!(codes(refused), ["EVENT_STATE_INVALID"]);
    }
    let host_report = Some(ReportId::new(Uuid::from_u128(9)));
    for state in [EventState::Approved, EventState::Submitted, EventState::Completed, EventState::Reported] {
        let reported = Event { state, host_report, ..event.clone() };
        let check = |side, is_test| reported.check_report(desk.campaign.id, side, is_test, begin());
        assert_eq!(codes(check(ReporterRole::Host, false)), ["EVENT_REPORTED"]);
        assert_eq!(check(ReporterRole::Host, true), Ok(()), "a test is no report of the host");
        let by_guest = check(ReporterRole::Attendee, false);
        assert_eq!(by_guest.is_ok(), reported.state != EventState::Submitted, "{}", reported.state);
    }
}

/// What becomes of an event when a report of its host changes.
fn lead(
    event: &Event,
    before: Option<&Report>,
    after: &Report,
    now: Timestamp,
) -> Result<Option<Event>, ViolationKind> {
    event.after_report(at(event, ReporterRole::Host), before, after, now)
}

#[test]
fn a_report_of_the_host_leaves_a_running_event_open() {
    let desk = Desk::new(0);
    let event = approved(&desk, EventVisibility::Public);
    let end = event.content.last_session().ends_at();
    let first = report(&desk, &event, 715, false);
    let running =
        lead(&event, None, &first, end - MICROSECOND).expect("no rule is broken").expect("a change");
    assert_eq!((&running.state, running.revision), (&EventState::Approved, event.revision));
    assert_eq!((running.host_report, running.updated_at), (Some(first.id), end - MICROSECOND));
    assert_eq!(running.check_joining(end - MICROSECOND), Ok(()), "it takes joins");
    assert!(!running.is_awaiting_report(end), "its host has reported");
    assert_eq!(lead(&running, None, &first, end), Err(ViolationKind::EventReported), "another one");
    assert_eq!(lead(&running, Some(&first), &first, end), Ok(None), "a later figure");

    assert_eq!(running.reported_at_end(end - MICROSECOND), None);
    let over = running.reported_at_end(end).expect("it is over");
    assert_eq!((&over.state, over.revision, over.host_report), (&EventState::Reported, 2, Some(first.id)));
    assert_eq!(over.reported_at_end(end), None);
    assert_eq!(event.reported_at_end(end), None, "its host has not reported");
    let at_end = lead(&event, None, &first, end).expect("no rule is broken").expect("a change");
    assert_eq!(at_end.state, EventState::Reported, "nothing is left to wait for");

    let mut withdrawn = first.clone();
    withdrawn.withdraw("all wrong", begin());
    let open =
        lead(&running, Some(&first), &withdrawn, begin()).expect("no rule is broken").expect("a change");
    assert_eq!((open.state.clone(), open.host_report), (EventState::Approved, None));
    assert!(!open.is_awaiting_report(end - MICROSECOND) && open.is_awaiting_report(end));
}

#[test]
fn a_running_event_with_a_report_is_reported_once_it_is_completed() {
    let desk = Desk::new(0);
    let event = approved(&desk, EventVisibility::Public);
    let first = report(&desk, &event, 715, false);
    let running = lead(&event, None, &first, begin()).expect("no rule is broken").expect("a change");
    let complete = |event: &Event, now| {
        let terms = EventPolicy { intake: desk.intake(), actor: EventActor::Organizer };
        event.complete(&crate::event::EventTransition { terms, expected_revision: event.revision, now })
    };
    assert_eq!(complete(&event, begin()).expect("it has begun").state, EventState::Completed);
    assert_eq!(complete(&running, begin()).expect("it has begun").state, EventState::Reported);
    assert_eq!(
        codes(complete(&running, begin() - MICROSECOND).map(drop)),
        ["EVENT_NOT_BEGUN"],
        "nothing is completed before it begins"
    );
}

#[test]
fn a_report_of_the_host_ends_an_event_that_was_completed_until_it_is_taken_back() {
    let desk = Desk::new(0);
    let event = Event { state: EventState::Completed, ..approved(&desk, EventVisibility::Public) };
    let first = report(&desk, &event, 120, false);
    let reported = lead(&event, None, &first, begin()).expect("no rule is broken").expect("a change");
    assert_eq!((&reported.state, reported.revision), (&EventState::Reported, event.revision + 1));
    assert_eq!(lead(&reported, None, &first, begin()), Err(ViolationKind::EventReported), "another one");
    assert_eq!(lead(&reported, Some(&first), &first, begin()), Ok(None), "a correction");
    assert_eq!(lead(&event, None, &report(&desk, &event, 9, true), begin()), Ok(None), "a test");

    let held = report(&desk, &event, 5_001, false);
    assert!(held.is_active(), "staff have yet to look at it");
    let mut rejected = held.clone();
    rejected.review(Review::Reject, "a slip", begin()).expect("held");
    assert!(rejected.is_active(), "its host may correct it");
    let mut withdrawn = first.clone();
    withdrawn.withdraw("all wrong", begin());
    let owing =
        lead(&reported, Some(&first), &withdrawn, begin()).expect("no rule is broken").expect("a change");
    assert_eq!((&owing.state, owing.host_report), (&EventState::Completed, None));
    assert!(owing.is_awaiting_report(begin()) && !reported.is_awaiting_report(begin()));
}

#[test]
fn an_event_that_waits_for_its_first_review_is_reported_by_its_host_and_stays_in_the_queue() {
    let desk = Desk::new(0);
    let approved = approved(&desk, EventVisibility::Public);
    let end = approved.content.last_session().ends_at();
    let event =
        Event { state: EventState::Submitted, words_approved: false, review_pending: true, ..approved };
    assert!(!event.is_awaiting_report(end - MICROSECOND) && event.is_awaiting_report(end));
    let early = event.check_report(desk.campaign.id, ReporterRole::Host, false, begin() - MICROSECOND);
    assert_eq!(codes(early), ["EVENT_NOT_BEGUN"]);
    assert_eq!(event.check_report(desk.campaign.id, ReporterRole::Host, false, begin()), Ok(()));
    let place = event.tally_in(&desk.section).place;
    assert_eq!((place.country, place.region), (desk.section.country.clone(), None), "like a hidden event");
    let first = report(&desk, &event, 12, false);
    let waiting = lead(&event, None, &first, end).expect("no rule is broken").expect("a change");
    assert_eq!((&waiting.state, waiting.host_report), (&EventState::Submitted, Some(first.id)));
    assert!(waiting.review_pending && !waiting.is_awaiting_report(end));
    for state in [EventState::Draft, EventState::Rejected("no".into()), EventState::Cancelled("snow".into())]
    {
        let event = Event { state, ..event.clone() };
        assert!(matches!(lead(&event, None, &first, end), Err(ViolationKind::EventStateInvalid { .. })));
        assert!(!event.is_awaiting_report(end));
    }
    let reported = Event { state: EventState::Rejected("no".into()), ..waiting };
    let mut withdrawn = first.clone();
    withdrawn.withdraw("all wrong", begin());
    let after = lead(&reported, Some(&first), &withdrawn, end).expect("no rule is broken").expect("a change");
    assert_eq!((&after.state, after.host_report), (&reported.state, None));
}

#[test]
fn an_event_owes_a_report_from_the_instant_at_which_it_is_over() {
    let desk = Desk::new(0);
    let event = approved(&desk, EventVisibility::Public);
    let end = event.content.last_session().ends_at();
    assert!(!event.is_awaiting_report(end - MICROSECOND));
    assert!(event.is_awaiting_report(end) && event.is_awaiting_report(end + MICROSECOND));
    let held = Event { state: EventState::Completed, ..event };
    assert!(held.is_awaiting_report(begin()), "its organizer said that it took place");
}

#[test]
fn letters_of_a_public_event_count_where_it_is_and_those_of_any_other_where_its_section_works() {
    let desk = Desk::new(0);
    let public = report(&desk, &approved(&desk, EventVisibility::Public), 5, false);
    let place = &public.latest().place;
    assert_eq!(place.country, Some(Country::parse("US").expect("a country")));
    assert_eq!(place.region.as_ref().expect("a region").as_str(), "US-NY");
    assert_eq!(public.latest().content.origin, Some(Origin::Event));
    assert_eq!(public.latest().content.country, None, "where they say they wrote does not matter");
    for visibility in [EventVisibility::Unlisted, EventVisibility::Private] {
        let hidden = report(&desk, &approved(&desk, visibility), 5, false);
        assert_eq!(hidden.latest().place.country, desk.section.country);
        assert_eq!(hidden.latest().place.region, None);
        assert_eq!(hidden.latest().content.origin, Some(Origin::Person));
    }
}

#[test]
fn where_an_event_counts_is_settled_by_its_first_report() {
    let desk = Desk::new(0);
    let mut event = approved(&desk, EventVisibility::Private);
    event.tally = Some(event.tally_in(&desk.section));
    Arc::make_mut(&mut event.content).visibility = EventVisibility::Public;
    assert_eq!(Some(event.tally_in(&desk.section)), event.tally);
}

#[test]
fn an_event_that_is_not_public_any_more_is_counted_where_its_section_works_from_then_on() {
    let desk = Desk::new(0);
    let mut event = approved(&desk, EventVisibility::Public);
    assert_eq!(event.clone().withdrawn_in(&desk.section), event, "nothing was counted yet");
    event.tally = Some(event.tally_in(&desk.section));
    let counted = |event: &Event| {
        let tally = event.tally.clone().expect("it was counted");
        (tally.place.country, tally.place.region, tally.origin)
    };
    let settled = counted(&event);
    assert_eq!(settled.2, Some(Origin::Event));
    assert_eq!(counted(&event.clone().withdrawn_in(&desk.section)), settled);
    let revoked = Event { state: EventState::Rejected("No.".into()), ..event.clone() };
    let revoked = revoked.withdrawn_in(&desk.section);
    assert_eq!(counted(&revoked), (desk.section.country.clone(), None, Some(Origin::Person)));
    for visibility in [EventVisibility::Unlisted, EventVisibility::Private] {
        Arc::make_mut(&mut event.content).visibility = visibility;
        let mut hidden = event.clone().withdrawn_in(&desk.section);
        assert_eq!(counted(&hidden), (desk.section.country.clone(), None, Some(Origin::Person)));
        Arc::make_mut(&mut hidden.content).visibility = EventVisibility::Public;
        let again = hidden.clone().withdrawn_in(&desk.section);
        assert_eq!(again, hidden, "nobody learns where it was");
    }
}

#[test]
fn guests_say_at_most_what_is_plausible_beside_their_host() {
    let desk = Desk::new(0);
    let limits = desk.campaign.limits;
    let event = approved(&desk, EventVisibility::Public);
    let expecting = |expected_attendance, capacity| {
        let content =
            crate::event::EventContent { expected_attendance, capacity, ..(*event.content).clone() };
        Event { content: Arc::new(content), ..event.clone() }.guests_most(limits)
    };
    assert_eq!(expecting(None, None), 500, "as much as one person");
    assert_eq!(expecting(Some(20), None), 500);
    assert_eq!(expecting(Some(60), Some(40)), 600, "ten things for each who is expected");
    assert_eq!(expecting(None, Some(100_000)), 5_000, "and never more than one event may say");
    let counted = |state: EventState, quantity: u64| {
        let mut tally = event.tally_in(&desk.section);
        let (place, lines) = (tally.place.clone(), [((None, ActionKind::AppealLetter), quantity)].into());
        let (origin, way) = (tally.origin, None);
        let contribution = crate::total::Contribution {
            place: &place,
            origin,
            way,
            lines: &lines,
            people: None,
            late: false,
        };
        tally.add(ReporterRole::Host, &contribution).expect("nothing is taken away");
        Event { tally: Some(tally), state, ..event.clone() }.guests_most(limits)
    };
    let running = |quantity| counted(EventState::Approved, quantity);
    assert_eq!(
        [running(1), running(250), running(251), running(4_000)],
        [500, 500, 502, 5_000],
        "it goes on"
    );
    let counted = |quantity| counted(EventState::Reported, quantity);
    assert_eq!([counted(1), counted(50), counted(51), counted(4_000)], [100, 100, 102, 5_000]);
}
