//! Deletion of events that were never approved.

use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use diesel_async::RunQueryDsl;
use domain::{EventId, event::EventState, group::MAX_GROUP_DEPTH, report::ReportState};
use jiff::Timestamp;

use crate::database::{
    Connection, Error,
    schema::{
        attendances, event_sessions, events, group_versions, groups, report_reminders, report_revisions,
    },
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// Events that were never approved and that ended before one instant or have not changed since before
/// another; `limit` at most. An event that was joined, or whose host was reminded, had been approved before it was
/// rejected, and stays; so does one with a report that counts or awaits review, or with a group that has a report.
///
/// # Errors
/// A database error.
pub async fn unapproved(
    connection: &mut Connection,
    ended: Timestamp,
    unchanged: Timestamp,
    limit: i64,
) -> Result<Vec<EventId>, Error> {
    let states = [EventState::Draft, EventState::Submitted, EventState::Rejected(String::new())];
    let states: Vec<&str> = states.iter().map(EventState::as_str).collect();
    let active = [ReportState::Accepted.as_str(), ReportState::PendingReview.as_str()];
    let ids: Vec<SqlUuid> = with_backend!(connection, c => {
        let active_report = report_revisions::table
            .filter(report_revisions::event_id.eq(events::id.nullable()))
            .filter(report_revisions::state.eq_any(&active))
            .filter(not(report_revisions::is_test));
        events::table
            .filter(events::state.eq_any(&states))
            .filter(not(exists(active_report)))
            .filter(not(exists(
                groups::table
                    .filter(groups::event_id.eq(events::id.nullable()))
                    .filter(groups::report_id.is_not_null()),
            )))
            .filter(not(exists(attendances::table.filter(attendances::event_id.eq(events::id)))))
            .filter(not(exists(report_reminders::table.filter(report_reminders::event_id.eq(events::id)))))
            .filter(events::ends_at.le(SqlTimestamp(ended)).or(events::updated_at.le(SqlTimestamp(unchanged))))
            .order(events::id)
            .select(events::id)
            .limit(limit)
            .load(c)
            .await
    })?;
    Ok(ids.into_iter().map(|id| EventId::new(id.0)).collect())
}

/// Deletes an event and its groups. No other row refers to it; reports that its groups had withdrawn stay without them.
///
/// # Errors
/// A database error.
pub async fn delete(connection: &mut Connection, id: EventId) -> Result<(), Error> {
    let id = SqlUuid(id.uuid());
    with_backend!(connection, c => {
        diesel::delete(event_sessions::table.filter(event_sessions::event_id.eq(id))).execute(c).await
    })?;
    with_backend!(connection, c => {
        let of_event: Vec<SqlUuid> =
            groups::table.filter(groups::event_id.eq(id)).select(groups::id).load(c).await?;
        diesel::delete(group_versions::table.filter(group_versions::group_id.eq_any(&of_event)))
            .execute(c)
            .await?;
        diesel::update(report_revisions::table.filter(report_revisions::group_id.eq_any(&of_event)))
            .set(report_revisions::group_id.eq(None::<SqlUuid>))
            .execute(c)
            .await
    })?;
    // The lowest first: each refers to the one above it.
    for depth in (1..=i16::from(MAX_GROUP_DEPTH)).rev() {
        with_backend!(connection, c => {
            diesel::delete(groups::table.filter(groups::event_id.eq(id)).filter(groups::depth.eq(depth)))
                .execute(c)
                .await
        })?;
    }
    with_backend!(connection, c => diesel::delete(events::table.find(id)).execute(c).await)?;
    connection.known_events().remove(EventId::new(id.0));
    Ok(())
}
