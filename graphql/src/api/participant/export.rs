//! Export of all stored data of a participant.

use domain::{ActionKind, Attendance, CaseId, Participant, Report, report::ReportRevision};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{api::id, database::reports::StoredReport};

/// Returns the data as a JSON text, with the names of the schema.
pub(super) fn text(
    participant: &Participant,
    attendances: &[Attendance],
    reports: &[StoredReport],
    calendar: Option<Timestamp>,
) -> String {
    let content = &participant.content;
    let consent = content.consent.as_ref();
    let consent = consent.map(|given| json!({ "text": given.text, "givenAt": given.given_at }));
    let data = json!({
        "id": id::of(participant.id).as_str(),
        "campaign": id::of(participant.campaign_id).as_str(),
        "state": participant.state.as_str(),
        "displayName": content.display_name,
        "email": content.email.as_str(),
        "roles": content.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
        "letterGoal": content.letter_goal,
        "released": participant.released,
        "cases": content.cases.iter().map(|case| id::of(*case).to_string()).collect::<Vec<_>>(),
        "language": content.language,
        "country": content.country,
        "region": content.region,
        "ageBand": content.age_band.map(|band| band.as_str()),
        "contactConsent": consent,
        "calendarIssuedAt": calendar,
        "registeredAt": participant.registered_at,
        "confirmedAt": participant.confirmed_at,
        "updatedAt": participant.updated_at,
        "revision": participant.revision,
        "attendances": attendances.iter().map(attendance).collect::<Vec<_>>(),
        "reports": reports.iter().map(|stored| report(&stored.report)).collect::<Vec<_>>(),
    });
    format!("{data:#}")
}

fn attendance(attendance: &Attendance) -> Value {
    let guest = attendance.guest.as_ref();
    json!({
        "id": id::of(attendance.id).as_str(),
        "event": id::of(attendance.event_id).as_str(),
        "number": attendance.number,
        "state": attendance.state.as_str(),
        "displayName": guest.map(|guest| &guest.display_name),
        "email": guest.and_then(|guest| guest.email.as_ref()).map(|email| email.as_str()),
        "showsEmail": guest.is_some_and(|guest| guest.shows_email),
        "joinedAt": attendance.joined_at,
        "confirmedAt": attendance.confirmed_at,
        "updatedAt": attendance.updated_at,
    })
}

fn report(report: &Report) -> Value {
    json!({
        "id": id::of(report.id).as_str(),
        "campaign": id::of(report.campaign_id).as_str(),
        "event": report.at.map(|at| id::of(at.event).to_string()),
        "revisions": report.revisions().iter().map(revision).collect::<Vec<_>>(),
    })
}

fn revision(revision: &ReportRevision) -> Value {
    let content = &revision.content;
    let line = |(&(case, kind), quantity): (&(Option<CaseId>, ActionKind), &u64)| {
        let case = case.map(|case| id::of(case).to_string());
        json!({ "case": case, "kind": kind.as_str(), "quantity": quantity })
    };
    json!({
        "revision": revision.number,
        "state": revision.state.as_str(),
        "lines": content.lines.iter().map(line).collect::<Vec<_>>(),
        "people": content.people,
        "writtenOn": content.written_on,
        "country": content.country,
        "region": content.region,
        "staffNote": content.staff_note,
        "receivedAt": revision.received_at,
        "reason": revision.reason,
    })
}
