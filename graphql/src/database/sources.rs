//! The key of the source marks, which tell whether two reports came from the same address, and the
//! retention of the marks.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::{SignedDuration, Timestamp};

use super::{
    Access, Connection, Error,
    ledger::LedgerWrites,
    reports,
    schema::{catalogue, report_budgets, report_revisions},
    sql_types::SqlTimestamp,
    with_backend,
};
use crate::source::SourceKey;

/// The retention of marks: staff review pending reports within days, and a campaign ends in weeks.
const RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many marks are erased in one transaction.
const BATCH_SIZE: i64 = 500;

/// Generates the key of a database without one, whose tables were just created or migrated. Held
/// reports are counted then too, because older versions did not count them.
///
/// # Errors
/// A database error.
pub async fn prepare(connection: &mut Connection) -> Result<(), Error> {
    let key: Option<String> =
        with_backend!(connection, c => catalogue::table.select(catalogue::source_key).get_result(c).await)?;
    if key.is_some() {
        return Ok(());
    }
    connection
        .transaction(Access::Write, async |connection| {
            let drawn = SourceKey::generate().to_string();
            // A process that was faster has locked the row until key and counters are both stored.
            let drew = with_backend!(connection, c => {
                diesel::update(catalogue::table.filter(catalogue::source_key.is_null()))
                    .set(catalogue::source_key.eq(drawn))
                    .execute(c)
                    .await
            })?;
            if drew > 0 {
                let mut entries = LedgerWrites::default();
                for (edition, held) in reports::all_pending_review(connection).await? {
                    entries.add(edition, &held);
                }
                entries.write(connection).await?;
            }
            Ok(())
        })
        .await
}

/// Erases marks past their retention, and budgets of past hours. Returns whether there may be more.
///
/// # Errors
/// A database error.
pub async fn purge_some(connection: &mut Connection, now: Timestamp) -> Result<bool, Error> {
    connection
        .transaction(Access::Write, async |connection| {
            let erased = with_backend!(connection, c => {
                diesel::delete(report_budgets::table.filter(report_budgets::ends_at.lt(SqlTimestamp(now))))
                    .execute(c)
                    .await?;
                let old = report_revisions::table
                    .filter(report_revisions::address_mark.is_not_null())
                    .filter(report_revisions::received_at.lt(SqlTimestamp(now - RETENTION)))
                    .select((report_revisions::report_id, report_revisions::revision))
                    .limit(BATCH_SIZE);
                let old: Vec<(super::sql_types::SqlUuid, i32)> = old.load(c).await?;
                for key in &old {
                    diesel::update(report_revisions::table.find(*key))
                        .set((
                            report_revisions::address_mark.eq(None::<String>),
                            report_revisions::network_mark.eq(None::<String>),
                        ))
                        .execute(c)
                        .await?;
                }
                old.len()
            });
            if erased > 0 {
                connection.note_erasing();
            }
            Ok(erased as i64 == BATCH_SIZE)
        })
        .await
}
