//! Removal of erased data from the disk.
//!
//! On SQLite the connections overwrite deleted content (`secure_delete`), but the write-ahead log
//! (`-wal`) contains earlier versions of pages until it is overwritten. After an erasure, and
//! periodically, the log is checkpointed and truncated. PostgreSQL keeps earlier versions of rows until
//! autovacuum removes them, and its own log for as long as it is configured.

use std::time::Duration;

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Integer};
use tokio::{runtime::Handle, task};

use super::{Database, DatabaseUrl, Error, Inner, LOCK_TIMEOUT};

/// The longest interval between two truncations: notices and their secrets are erased from the tables
/// all the time.
const MAX_INTERVAL: Duration = Duration::from_secs(60);
/// How long a checkpoint waits for readers of the log. Writers wait meanwhile.
const CHECKPOINT_TIMEOUT: Duration = Duration::from_millis(50);
/// The pause before another attempt, if the readers did not finish in time.
const RETRY_AFTER: Duration = Duration::from_millis(500);

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

impl Database {
    /// Truncates SQLite's log after every erasure. It never returns.
    pub async fn scrub(&self) {
        if let DatabaseUrl::Postgres(_) = self.location {
            return std::future::pending().await;
        }
        loop {
            tokio::select! {
                () = self.erased.notified() => {}
                () = tokio::time::sleep(MAX_INTERVAL) => {}
            }
            loop {
                match self.clone().cut_off().await {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(cause = %error.cause(), "erased data may still be in the write-ahead log of SQLite");
                    }
                }
                tokio::time::sleep(RETRY_AFTER).await;
            }
        }
    }

    /// Checkpoints and truncates the log; returns `false` if a reader still needs it. It blocks on the
    /// disk, so it has a thread of its own, and requests do not wait.
    async fn cut_off(self) -> Result<bool, Error> {
        let here = Handle::current();
        let work = move || {
            here.block_on(async {
                let mut connection = self.connect().await?;
                let Inner::Sqlite(c) = connection.inner() else { return Ok(true) };
                Ok(c.spawn_blocking(|c| {
                    let wait = |wait: Duration| format!("PRAGMA busy_timeout = {}", wait.as_millis());
                    c.batch_execute(&wait(CHECKPOINT_TIMEOUT))?;
                    let done = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Checkpoint>(c);
                    c.batch_execute(&wait(LOCK_TIMEOUT))?;
                    done.map(|done| done.busy == 0)
                })
                .await?)
            })
        };
        task::spawn_blocking(work).await.map_err(|gone| Error::Broken(Box::new(gone)))?
    }
}
