//! What was erased is gone from the disk too.
//!
//! On SQLite the connections overwrite what is deleted (`secure_delete`), but the log (`-wal`) has earlier
//! versions of pages until it is written over. After something was erased, and every now and then, what is in
//! the log goes into the file and the log is cut off. PostgreSQL keeps earlier versions of rows until they are
//! vacuumed, which it does by itself, and its own log for as long as it is set.

use std::time::Duration;

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Integer};
use tokio::{runtime::Handle, task};

use super::{Database, DatabaseUrl, Error, Inner, LOCK_TIMEOUT};

/// How often the log is cut off at least: notices and their secrets are erased from the tables every moment.
const MAX_INTERVAL: Duration = Duration::from_secs(60);
/// How long it is waited for those who still read what is in the log. Meanwhile nobody writes.
const CHECKPOINT_TIMEOUT: Duration = Duration::from_millis(50);
/// How soon it is tried again, if they did not end in time.
const RETRY_AFTER: Duration = Duration::from_millis(500);

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

impl Database {
    /// Cuts the log of SQLite off whenever something was erased. It never ends.
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
                        tracing::warn!(cause = %error.cause(), "what was erased may still be in the log of SQLite");
                    }
                }
                tokio::time::sleep(RETRY_AFTER).await;
            }
        }
    }

    /// Cuts the log off; `false` if somebody still reads what is in it. It waits for the disk, and requests must
    /// not wait with it.
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
