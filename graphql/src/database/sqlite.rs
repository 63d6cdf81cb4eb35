//! Opening a connection to a file of SQLite.

use std::time::{Duration, Instant};

use diesel_async::{AsyncConnection, SimpleAsyncConnection};

use super::backend::{LOCK_TIMEOUT, Sqlite};

/// The pause before another attempt to change the journal mode to WAL.
const WAL_CHECKPOINT_PAUSE: Duration = Duration::from_millis(5);
/// The page cache of each SQLite connection, in KiB: the events of a country and what else is read
/// often. It is allocated only as far as it is used.
const CACHE_KIB: u32 = 8 << 10;

/// Whether another connection holds a lock that a statement of SQLite needs.
fn is_locked(error: &diesel::result::Error) -> bool {
    error.to_string().contains("is locked")
}

/// Opens the file with the settings of durability, locks and cache.
pub(super) async fn open_sqlite(file: &str) -> diesel::ConnectionResult<Sqlite> {
    let mut connection = Sqlite::establish(file).await?;
    // FULL syncs every commit to disk before it is acknowledged. `secure_delete` overwrites deleted
    // content; its cost was not measurable.
    let settings = format!(
        "PRAGMA busy_timeout = {}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
         PRAGMA cache_size = -{CACHE_KIB};",
        LOCK_TIMEOUT.as_millis()
    );
    let refused = diesel::ConnectionError::CouldntSetupConfiguration;
    connection.batch_execute(&settings).await.map_err(refused)?;
    // WAL lets readers continue while one connection writes. A new file is changed to it once, and for
    // that change SQLite does not apply its busy timeout.
    let began_at = Instant::now();
    loop {
        match connection.batch_execute("PRAGMA journal_mode = WAL").await {
            Ok(()) => return Ok(connection),
            Err(error) if !is_locked(&error) || began_at.elapsed() > LOCK_TIMEOUT => {
                return Err(refused(error));
            }
            Err(_) => tokio::time::sleep(WAL_CHECKPOINT_PAUSE).await,
        }
    }
}

/// The file in an SQLite URL.
pub(crate) fn sqlite_file(url: &str) -> Option<&str> {
    url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).filter(|file| !file.is_empty())
}
