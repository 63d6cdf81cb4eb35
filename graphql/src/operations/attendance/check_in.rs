//! Check-in: an organizer marks several attendees as present or absent, all or none.

use std::collections::HashMap;

use domain::{
    Attendance, AttendanceId, EventId, Violation, ViolationKind, Violations,
    attendance::{AttendanceState, MAX_MARKS},
    event::EventState,
    violation::EntityKind,
};
use jiff::Timestamp;

use crate::{
    access::{self, Viewer},
    database::{attendances, events},
    operations::{OperationResult, UnitOfWork, not_found, record_staff},
};

/// The marks of the attendees of an event.
#[derive(Clone, Debug)]
pub struct CheckIn {
    /// The event.
    pub event: EventId,
    /// The attendances and their new states.
    pub marks: Vec<(AttendanceId, AttendanceState)>,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// Marks attendances, once the event has begun.
///
/// # Errors
/// Database errors. Validation errors are those of [`AttendanceState::marked`],
/// [`ViolationKind::EventNotBegun`], [`ViolationKind::EventStateInvalid`] for an event that does not take place, and
/// [`ViolationKind::NotFound`].
pub async fn mark(unit: &mut UnitOfWork<'_>, request: &CheckIn) -> OperationResult<Vec<Attendance>> {
    let stored = events::find(unit.conn(), request.event).await?;
    let stored = stored.filter(|stored| access::may_manage_event(request.viewer, stored.facts()));
    let Some(stored) = stored else { return Ok(Err(not_found("event", EntityKind::Event))) };
    let mut violations = Violations::default();
    let takes_place = match &stored.event.state {
        EventState::Approved | EventState::Completed | EventState::Reported => {
            stored.event.check_begun(request.now)
        }
        state => Err(ViolationKind::EventStateInvalid { state: state.as_str() }),
    };
    violations.check("event", takes_place);
    match request.marks.len() {
        0 => violations.add("marks", ViolationKind::TooFewItems),
        1..=MAX_MARKS => {}
        _ => {
            return Ok(Err(Violations::from(Violation::at(
                ["marks"],
                ViolationKind::TooManyItems { most: MAX_MARKS },
            ))));
        }
    }
    let found = attendances::find_all(unit.conn(), request.marks.iter().map(|(id, _)| *id)).await?;
    let here = found.into_iter().filter(|found| found.event_id == request.event);
    let mut here: HashMap<_, _> = here.map(|found| (found.id, found)).collect();
    let mut marked: Vec<Attendance> = Vec::with_capacity(request.marks.len());
    for (index, (id, mark)) in request.marks.iter().enumerate() {
        let outcome = match here.remove(id) {
            Some(found) => found.state.marked(*mark).map(|state| {
                marked.push(Attendance { state, updated_at: request.now, ..found });
            }),
            None if marked.iter().any(|done| done.id == *id) => Err(ViolationKind::Duplicate),
            None => Err(ViolationKind::NotFound { noun: EntityKind::Attendance }),
        };
        if let Err(rule) = outcome {
            let at = Violation::at(["attendance"], rule);
            violations.extend_at(&["marks", &index.to_string()], [at]);
        }
    }
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    for attendance in &marked {
        attendances::update(unit.conn_mut(), attendance).await?;
    }
    record_staff(unit, request.event.uuid(), request.viewer, "attendanceMark", request.now).await?;
    Ok(Ok(marked))
}
