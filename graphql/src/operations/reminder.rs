//! Reminders: the organizer of an event with a report due is reminded once.

use domain::{CampaignPhase, Event, edition::EditionState};
use jiff::{SignedDuration, Timestamp};

use super::{UnitOfWork, notifications};
use crate::{
    database::{self, events},
    mail::notice::Notice,
};

/// The time from the last session of an event to its reminder: letters are counted and posted on the days after, and
/// most hosts report by themselves then.
pub const AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);
/// The time after which no reminder is sent: the number of letters is forgotten by then, and a service that was down
/// for a while must not send all reminders at once.
pub const AT_MOST_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The number of reminders in one transaction.
const BATCH_SIZE: i64 = 50;

/// Asks some of those whose events owe a report. Says how many were looked at.
///
/// # Errors
/// Database errors.
pub async fn remind_some(unit: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
    let ended = (now - AT_MOST_AFTER, now - AFTER);
    let owing = events::not_reminded(unit.conn(), ended, BATCH_SIZE).await?;
    for stored in &owing {
        let event = &stored.event;
        events::note_reminded(unit.conn_mut(), event.id, now).await?;
        if event.is_awaiting_report(now) && takes_reports(unit, event, now) {
            let notice = Notice::EventOwesReport { event: notifications::event_summary(event) };
            notifications::notify_organizer(unit, event, "event-owes-report", &notice, now).await?;
        }
    }
    Ok(owing.len())
}

/// When the next event is to be asked, as far as is known at `now`.
///
/// # Errors
/// Database errors.
pub async fn next_due(
    unit: &mut UnitOfWork<'_>,
    now: Timestamp,
) -> Result<Option<Timestamp>, database::Error> {
    let next = events::next_to_end(unit.conn(), now - AT_MOST_AFTER).await?;
    Ok(next.map(|ended_at| ended_at.saturating_add(AFTER).unwrap_or(Timestamp::MAX)))
}

/// Whether the report of the host would be accepted. Otherwise no reminder is sent.
fn takes_reports(unit: &UnitOfWork<'_>, event: &Event, now: Timestamp) -> bool {
    unit.catalogue().intake(event.campaign_id).is_some_and(|intake| {
        intake.edition.state != EditionState::Archived
            && matches!(intake.campaign.window.phase(now), CampaignPhase::Open | CampaignPhase::Grace)
    })
}
