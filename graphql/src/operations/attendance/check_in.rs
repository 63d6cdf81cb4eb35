//! The organizer says who came, several at once: all of it, or nothing.

use std::collections::HashMap;

use domain::{
    Attendance, AttendanceId, EventId, Violation, ViolationKind, Violations,
    attendance::{AttendanceState, MARKS_MOST},
    event::EventState,
    violation::EntityKind,
};
use jiff::Timestamp;

use crate::{
    access::{self, Viewer},
    database::{attendances, events},
    operations::{OperationResult, UnitOfWork, not_found, record_staff},
};

/// Who came to an event and who did not.
#[derive(Clone, Debug)]
pub struct CheckIn {
    /// Which event.
    pub event: EventId,
    /// What is said of whom.
    pub marks: Vec<(AttendanceId, AttendanceState)>,
    /// Who says so.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
}

/// Marks attendances, once the event has begun.
///
/// # Errors
/// That of the database. The rules that say no are those of [`AttendanceState::marked`],
/// [`Rule::EventNotBegun`], [`Rule::EventStateForbids`] for an event that does not take place, and
/// [`Rule::NotFound`].
pub async fn mark(gathering: &mut UnitOfWork<'_>, asked: &CheckIn) -> OperationResult<Vec<Attendance>> {
    let kept = events::find(gathering.conn(), asked.event).await?;
    let kept = kept.filter(|kept| access::may_manage_event(asked.viewer, kept.facts()));
    let Some(kept) = kept else { return Ok(Err(not_found("event", EntityKind::Event))) };
    let mut violations = Violations::default();
    let takes_place = match &kept.event.state {
        EventState::Approved | EventState::Held | EventState::Reported => kept.event.check_begun(asked.now),
        state => Err(ViolationKind::EventStateForbids { state: state.as_str() }),
    };
    violations.check("event", takes_place);
    match asked.marks.len() {
        0 => violations.add("marks", ViolationKind::TooFew),
        1..=MARKS_MOST => {}
        _ => {
            return Ok(Err(Violations::from(Violation::at(
                ["marks"],
                ViolationKind::TooMany { most: MARKS_MOST },
            ))));
        }
    }
    let found = attendances::find_all(gathering.conn(), asked.marks.iter().map(|(id, _)| *id)).await?;
    let here = found.into_iter().filter(|found| found.event_id == asked.event);
    let mut here: HashMap<_, _> = here.map(|found| (found.id, found)).collect();
    let mut marked: Vec<Attendance> = Vec::with_capacity(asked.marks.len());
    for (index, (id, mark)) in asked.marks.iter().enumerate() {
        let outcome = match here.remove(id) {
            Some(found) => found.state.marked(*mark).map(|state| {
                marked.push(Attendance { state, changed_at: asked.now, ..found });
            }),
            None if marked.iter().any(|done| done.id == *id) => Err(ViolationKind::Repeated),
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
        attendances::update(gathering.conn_mut(), attendance).await?;
    }
    record_staff(gathering, asked.event.uuid(), asked.viewer, "attendanceMark", asked.now).await?;
    Ok(Ok(marked))
}
