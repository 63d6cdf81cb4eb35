//! The organizer says who came, several at once: all of it, or nothing.

use std::collections::HashMap;

use domain::{
    Attendance, AttendanceId, EventId, Rule, Violation, Violations,
    attendance::{AttendanceState, MARKS_MOST},
    event::EventState,
    violation::Noun,
};
use jiff::Timestamp;

use crate::{
    database::{attendances, events},
    gathering::{Decided, Gathering, not_found, record_staff},
    secret::Credential,
};

/// Who came to an event and who did not.
#[derive(Clone, Debug)]
pub struct Marking {
    /// Which event.
    pub event: EventId,
    /// What is said of whom.
    pub marks: Vec<(AttendanceId, AttendanceState)>,
    /// Who says so.
    pub credential: Credential,
    /// When.
    pub now: Timestamp,
}

/// Marks attendances, once the event has begun.
///
/// # Errors
/// That of the database. The rules that say no are those of [`AttendanceState::marked`],
/// [`Rule::EventNotBegun`], [`Rule::EventStateForbids`] for an event that does not take place, and
/// [`Rule::NotFound`].
pub async fn mark(gathering: &mut Gathering<'_>, asked: &Marking) -> Decided<Vec<Attendance>> {
    let kept = events::find(gathering.reading(), asked.event).await?;
    let kept = kept.filter(|kept| match asked.credential {
        Credential::Staff(staff) => staff.act_for(kept.event.section_id),
        Credential::Secret(secret) => secret == kept.secret,
        Credential::None => false,
    });
    let Some(kept) = kept else { return Ok(Err(not_found("event", Noun::Event))) };
    let mut violations = Violations::default();
    let takes_place = match &kept.event.state {
        EventState::Approved | EventState::Held | EventState::Reported => kept.event.check_begun(asked.now),
        state => Err(Rule::EventStateForbids { state: state.as_str() }),
    };
    violations.keep("event", takes_place);
    match asked.marks.len() {
        0 => violations.add("marks", Rule::TooFew),
        1..=MARKS_MOST => {}
        _ => return Ok(Err(vec![Violation::at(["marks"], Rule::TooMany { most: MARKS_MOST })])),
    }
    let found = attendances::find_all(gathering.reading(), asked.marks.iter().map(|(id, _)| *id)).await?;
    let here = found.into_iter().filter(|found| found.event_id == asked.event);
    let mut here: HashMap<_, _> = here.map(|found| (found.id, found)).collect();
    let mut marked: Vec<Attendance> = Vec::with_capacity(asked.marks.len());
    for (index, (id, mark)) in asked.marks.iter().enumerate() {
        let outcome = match here.remove(id) {
            Some(found) => found.state.marked(*mark).map(|state| {
                marked.push(Attendance { state, changed_at: asked.now, ..found });
            }),
            None if marked.iter().any(|done| done.id == *id) => Err(Rule::Repeated),
            None => Err(Rule::NotFound { noun: Noun::Attendance }),
        };
        if let Err(rule) = outcome {
            let at = Violation::at(["attendance"], rule);
            violations.extend_below(&["marks", &index.to_string()], [at]);
        }
    }
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    for attendance in &marked {
        attendances::update(gathering.writing(), attendance).await?;
    }
    record_staff(gathering, asked.event.uuid(), asked.credential, "attendanceMark", asked.now).await?;
    Ok(Ok(marked))
}
