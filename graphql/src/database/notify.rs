//! The bell: the processes on one PostgreSQL wake each other by it.
//!
//! It is rung in the transaction that changes something which the others keep in memory, and is heard
//! when that is committed. It says no more than that there is something new; what is true, the
//! database says, and whoever misses the bell looks before long all the same. SQLite has none; there
//! one looks more often.

use std::time::Duration;

use diesel::{pg::PgNotification, prelude::*, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::{FutureExt, StreamExt};
use tokio::time::sleep;
use uuid::Uuid;

use super::{Connection, Database, Error, Inner, Refusal};

/// Its name in PostgreSQL. Every database that has our tables uses the same; the messages say for
/// which schema they are.
const NOTIFY_CHANNEL: &str = "w4r";
/// How often a process looks though no bell was rung. Twice within the time for which it may trust
/// what it knows, and it would notice a connection that has died without a word.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How often one looks where there is no bell: others are heard of within a second.
const POLL_INTERVAL_WITHOUT_NOTIFY: Duration = Duration::from_millis(500);
/// How long a process leaves the bell alone after it has looked. A busy evening has a hundred commits
/// a second, each with all counters to be read; a ticker shows four totals a second.
const MIN_POLL_GAP: Duration = Duration::from_millis(50);

#[declare_sql_function]
extern "SQL" {
    /// Says something on a channel, once the transaction is committed; it gives nothing that can be read.
    fn pg_notify(channel: Text, said: Text) -> Text;
    /// Where our tables are.
    fn current_schema() -> Text;
    /// Whether the server is a standby.
    fn pg_is_in_recovery() -> diesel::sql_types::Bool;
}

/// A connection that hears the bell, and that can be asked what is new.
pub struct ChangeListener {
    connection: Connection,
    /// Where our tables are. Others in the same database have bells of their own.
    schema: String,
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Another process rang.
    Notified,
    /// It is time to look, though nobody rang.
    Timeout,
}

/// Wakes the other processes when this transaction is committed.
pub(super) async fn notify(connection: &mut Connection) -> Result<(), Error> {
    let owner = connection.owner;
    if let Inner::Postgres(c) = connection.inner() {
        notify_statement(c, owner).await?;
    }
    Ok(())
}

/// The same on PostgreSQL itself, which commits transactions that ring one after the other. Those of the
/// ledger are anyway.
pub(super) fn notify_statement(
    connection: &AsyncPgConnection,
    owner: Uuid,
) -> impl Future<Output = QueryResult<usize>> {
    let ringer = format!("{} ", owner.simple());
    diesel::select(pg_notify(NOTIFY_CHANNEL, ringer.into_sql::<Text>().concat(current_schema())))
        .execute(&mut &*connection)
}

impl Database {
    /// Begins to hear the bell. Whatever is committed from now on rings it; what was committed before
    /// has to be read.
    ///
    /// # Errors
    /// That of the database, or [`Refusal::Standby`]: a standby may lag, and is told of nothing.
    pub async fn change_listener(&self) -> Result<ChangeListener, Error> {
        #[derive(QueryableByName)]
        struct Schema {
            #[diesel(sql_type = Text)]
            name: String,
        }
        let mut connection = self.connect().await?;
        // It would go on hearing in the pool, for nobody.
        connection.is_dedicated = true;
        let schema = match connection.inner() {
            Inner::Sqlite(_) => String::new(),
            Inner::Postgres(c) => {
                if diesel::select(pg_is_in_recovery()).get_result(c).await? {
                    return Err(Refusal::Standby.into());
                }
                c.batch_execute(&format!("LISTEN {NOTIFY_CHANNEL}")).await?;
                let query = diesel::sql_query("SELECT COALESCE(current_schema(), '')::text AS name");
                query.get_result::<Schema>(c).await?.name
            }
        };
        Ok(ChangeListener { connection, schema })
    }
}

impl ChangeListener {
    /// The connection, to ask what is new.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Waits until another process has rung since the last wait, or it is time to look anyway.
    ///
    /// # Errors
    /// If the connection is gone.
    pub async fn wait(&mut self) -> Result<Wake, Error> {
        let owner = self.connection.owner.simple().to_string();
        let Inner::Postgres(c) = self.connection.inner() else {
            sleep(POLL_INTERVAL_WITHOUT_NOTIFY).await;
            return Ok(Wake::Timeout);
        };
        sleep(MIN_POLL_GAP).await;
        let mut rings = std::pin::pin!(c.notifications_stream());
        let mut look = std::pin::pin!(sleep(POLL_INTERVAL));
        loop {
            tokio::select! {
                () = &mut look => return Ok(Wake::Timeout),
                ring = rings.next() => {
                    if is_from_another(ring, &owner, &self.schema)? {
                        break;
                    }
                }
            }
        }
        // One look is enough for all who have rung by now.
        while let Some(ring) = rings.next().now_or_never() {
            is_from_another(ring, &owner, &self.schema)?;
        }
        Ok(Wake::Notified)
    }
}

/// Whether another process has rung, and about the tables that we look at.
fn is_from_another(
    ring: Option<QueryResult<PgNotification>>,
    owner: &str,
    schema: &str,
) -> Result<bool, Error> {
    let ring = ring.ok_or_else(|| Error::Unavailable("connection closed".into()))??;
    Ok(ring.payload.split_once(' ').is_some_and(|(ringer, place)| ringer != owner && place == schema))
}
