//! The history of what groups count: one row for each change, at the instant from which it holds.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{Group, GroupId};
use jiff::Timestamp;

use crate::database::{
    Connection, Error,
    schema::group_versions,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// What a group counted from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSummary {
    /// Since when.
    pub committed_at: Timestamp,
    /// Letters.
    pub letters: u64,
    /// Actions, including letters.
    pub actions: u64,
    /// People who wrote.
    pub people: u64,
}

/// Records what a group counts from `now` on. Instants of a group never go back: a process whose clock is behind records
/// at the last instant, where the later row takes the place of the one before.
///
/// # Errors
/// A database error.
pub(super) async fn record(connection: &mut Connection, group: &Group, now: Timestamp) -> Result<(), Error> {
    let last = at(connection, group.id, Timestamp::MAX).await?;
    let committed_at = SqlTimestamp(last.map_or(now, |last| last.committed_at.max(now)));
    let (id, counted) = (SqlUuid(group.id.uuid()), group.tally.counted());
    let values = (
        group_versions::group_id.eq(id),
        group_versions::committed_at.eq(committed_at),
        group_versions::letters.eq(group.letters().cast_signed()),
        group_versions::actions.eq(counted.quantity().cast_signed()),
        group_versions::people.eq(counted.people.cast_signed()),
    );
    with_backend!(connection, c => {
        diesel::delete(group_versions::table.find((id, committed_at))).execute(c).await?;
        diesel::insert_into(group_versions::table).values(values).execute(c).await
    })?;
    Ok(())
}

/// What a group counted at an instant; `None` before its first report.
///
/// # Errors
/// A database error.
pub async fn at(
    connection: &mut Connection,
    id: GroupId,
    instant: Timestamp,
) -> Result<Option<GroupSummary>, Error> {
    let row: Option<(SqlTimestamp, i64, i64, i64)> = with_backend!(connection, c => {
        group_versions::table
            .filter(group_versions::group_id.eq(SqlUuid(id.uuid())))
            .filter(group_versions::committed_at.le(SqlTimestamp(instant)))
            .order(group_versions::committed_at.desc())
            .select((
                group_versions::committed_at,
                group_versions::letters,
                group_versions::actions,
                group_versions::people,
            ))
            .first(c)
            .await
            .optional()
    })?;
    Ok(row.map(|(committed_at, letters, actions, people)| GroupSummary {
        committed_at: committed_at.0,
        letters: letters.cast_unsigned(),
        actions: actions.cast_unsigned(),
        people: people.cast_unsigned(),
    }))
}
