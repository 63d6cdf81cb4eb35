//! The key of the marks that tell whether two reports came from the same address, and how long these are kept.

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

/// How long it can be told that two reports came from the same address: staff look at what is held within days, and a
/// campaign is over in weeks.
const RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many marks are erased in one transaction.
const BATCH_SIZE: i64 = 500;

/// Draws the key of a database that has none yet, which is one whose tables were just made or brought up to date. Then
/// what is held is counted, too: the versions before did not.
///
/// # Errors
/// That of the database.
pub async fn prepare(connection: &mut Connection) -> Result<(), Error> {
    let key: Option<String> =
        with_backend!(connection, c => catalogue::table.select(catalogue::source_key).get_result(c).await)?;
    if key.is_some() {
        return Ok(());
    }
    connection
        .transaction(Access::Write, async |connection| {
            let drawn = SourceKey::generate().to_string();
            // One who was faster has it locked until both are there.
            let drew = with_backend!(connection, c => {
                diesel::update(catalogue::table.filter(catalogue::source_key.is_null()))
                    .set(catalogue::source_key.eq(drawn))
                    .execute(c)
                    .await
            })?;
            if drew > 0 {
                let mut entries = LedgerWrites::default();
                for (edition, held) in reports::all_held(connection).await? {
                    entries.add(edition, &held);
                }
                entries.write(connection).await?;
            }
            Ok(())
        })
        .await
}

/// Erases marks that are older than they are kept, and budgets of hours that are over. Says whether there may be
/// more.
///
/// # Errors
/// That of the database.
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
