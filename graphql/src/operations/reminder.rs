//! Reminders: whoever organized an event that owes a report is asked for it, once.

use domain::{Event, Phase, edition::EditionState};
use jiff::{SignedDuration, Timestamp};

use super::{UnitOfWork, notifications};
use crate::{
    database::{self, events},
    mail::notice::Notice,
};

/// How long after its last session an event is asked for its report: letters are counted and posted on
/// the days after, and most hosts report by themselves then.
pub const AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);
/// After this nobody is asked any more: it is forgotten how many letters there were, and a service that
/// was not running for a while does not write to everybody at once.
pub const AT_MOST_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many are asked in one transaction.
const BATCH_SIZE: i64 = 50;

/// Asks some of those whose events owe a report. Says how many were looked at.
///
/// # Errors
/// That of the database.
pub async fn remind_some(gathering: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
    let ended = (now - AT_MOST_AFTER, now - AFTER);
    let owing = events::not_reminded(gathering.conn(), ended, BATCH_SIZE).await?;
    for kept in &owing {
        let event = &kept.event;
        events::note_reminded(gathering.conn_mut(), event.id, now).await?;
        if event.is_awaiting_report(now) && takes_reports(gathering, event, now) {
            let notice = Notice::EventOwesReport { event: notifications::event_summary(event) };
            notifications::notify_organizer(gathering, event, "event-owes-report", &notice, now).await?;
        }
    }
    Ok(owing.len())
}

/// When the next event is to be asked, as far as is known at `now`.
///
/// # Errors
/// That of the database.
pub async fn next_due(
    gathering: &mut UnitOfWork<'_>,
    now: Timestamp,
) -> Result<Option<Timestamp>, database::Error> {
    let next = events::next_to_end(gathering.conn(), now - AT_MOST_AFTER).await?;
    Ok(next.map(|ended_at| ended_at.saturating_add(AFTER).unwrap_or(Timestamp::MAX)))
}

/// Whether its host may report at all: nobody is asked for what would be refused.
fn takes_reports(gathering: &UnitOfWork<'_>, event: &Event, now: Timestamp) -> bool {
    gathering.catalogue().intake(event.campaign_id).is_some_and(|intake| {
        intake.edition.state != EditionState::Archived
            && matches!(intake.campaign.window.phase(now), Phase::Open | Phase::Grace)
    })
}
