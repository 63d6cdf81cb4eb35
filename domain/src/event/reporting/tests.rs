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
        starts_at: begin(),
        place: tally.place,
        origin: tally.origin,
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
    let reported = Event { state: EventState::Reported, ..event };
    let check = |side, is_test| reported.check_report(desk.campaign.id, side, is_test, begin());
    assert_eq!(codes(check(ReporterRole::Host, false)), ["EVENT_REPORTED"]);
    assert_eq!(check(ReporterRole::Host, true), Ok(()), "a test closes nothing");
    assert_eq!(check(ReporterRole::Attendee, false), Ok(()));
}

#[test]
fn the_hosts_report_closes_the_event_until_it_is_taken_back() {
    let desk = Desk::new(0);
    let event = approved(&desk, EventVisibility::Public);
    let first = report(&desk, &event, 120, false);
    let host = at(&event, ReporterRole::Host);
    let lead = |event: &Event, before: Option<&Report>, after: &Report| {
        event.after_report(host, before, after, begin())
    };
    let reported = lead(&event, None, &first).expect("no rule is broken").expect("a change");
    assert_eq!((&reported.state, reported.revision), (&EventState::Reported, event.revision + 1));
    assert_eq!(lead(&reported, None, &first), Err(ViolationKind::EventReported), "another one");
    assert_eq!(lead(&reported, Some(&first), &first), Ok(None), "a correction");
    assert_eq!(lead(&event, None, &report(&desk, &event, 9, true)), Ok(None), "a test");

    let held = report(&desk, &event, 5_001, false);
    assert!(held.is_active(), "staff have yet to look at it");
    let mut rejected = held.clone();
    rejected.review(Review::Reject, "a slip", begin()).expect("held");
    assert!(rejected.is_active(), "its host may correct it");
    let mut withdrawn = first.clone();
    withdrawn.withdraw("all wrong", begin());
    let owing = lead(&reported, Some(&first), &withdrawn).expect("no rule is broken").expect("a change");
    assert_eq!(owing.state, EventState::Completed);
    assert!(owing.is_awaiting_report(begin()) && !reported.is_awaiting_report(begin()));
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
    let counted = |quantity: u64| {
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
        Event { tally: Some(tally), ..event.clone() }.guests_most(limits)
    };
    assert_eq!([counted(1), counted(50), counted(51), counted(4_000)], [100, 100, 102, 5_000]);
}
