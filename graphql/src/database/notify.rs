//! Cross-process change notification by PostgreSQL LISTEN/NOTIFY.
//!
//! A notification is sent in the transaction that changes something that other processes hold in
//! memory, and is delivered when that commits. It says only that there is a change; the data is read
//! from the database, and a missed notification is covered by polling. SQLite has no notifications;
//! there the processes poll more often.

use std::time::Duration;

use diesel::{pg::PgNotification, prelude::*, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::{FutureExt, StreamExt};
use tokio::time::sleep;
use uuid::Uuid;

use super::{Connection, Database, Error, Inner, Refusal};

/// The channel. Every database with our tables uses the same; the payload names the schema.
const NOTIFY_CHANNEL: &str = "w4r";
/// The polling interval with notifications. It is half of the time for which a process may trust its
/// memory, so that a dead connection is noticed in time.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// The polling interval without notifications: changes of other processes are seen within a second.
const POLL_INTERVAL_WITHOUT_NOTIFY: Duration = Duration::from_millis(500);
/// The shortest interval between two polls. A busy evening has a hundred commits a second, each of
/// which means that all counters are read; a ticker shows four totals a second.
const MIN_POLL_GAP: Duration = Duration::from_millis(50);

#[declare_sql_function]
extern "SQL" {
    /// Sends a notification on a channel when the transaction commits; it returns `void`.
    fn pg_notify(channel: Text, payload: Text) -> Text;
    /// The schema of our tables.
    fn current_schema() -> Text;
    /// Whether the server is a standby.
    fn pg_is_in_recovery() -> diesel::sql_types::Bool;
}

/// A connection that listens for notifications, and that can query what has changed.
pub struct ChangeListener {
    connection: Connection,
    /// The schema of our tables. Other schemas in the same database have notifications of their own.
    schema: String,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Another process has sent a notification.
    Notified,
    /// The polling interval has passed without one.
    Timeout,
}

/// Notifies the other processes when this transaction is committed.
pub(super) async fn notify(connection: &mut Connection) -> Result<(), Error> {
    let owner = connection.owner;
    if let Inner::Postgres(c) = connection.inner() {
        notify_statement(c, owner).await?;
    }
    Ok(())
}

/// The statement of the notification. PostgreSQL serializes the commits of transactions that notify;
/// those of the ledger are serialized anyway.
pub(super) fn notify_statement(
    connection: &AsyncPgConnection,
    owner: Uuid,
) -> impl Future<Output = QueryResult<usize>> {
    let ringer = format!("{} ", owner.simple());
    diesel::select(pg_notify(NOTIFY_CHANNEL, ringer.into_sql::<Text>().concat(current_schema())))
        .execute(&mut &*connection)
}

impl Database {
    /// Starts to listen. Every later commit is notified; what was committed before has to be read.
    ///
    /// # Errors
    /// A database error, or [`Refusal::Standby`]: a standby may lag, and receives no notifications.
    pub async fn change_listener(&self) -> Result<ChangeListener, Error> {
        #[derive(QueryableByName)]
        struct Schema {
            #[diesel(sql_type = Text)]
            name: String,
        }
        let mut connection = self.connect().await?;
        // In the pool it would go on listening.
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
    /// The connection, to query what has changed.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Waits until another process has sent a notification since the last wait, or the next poll is
    /// due.
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
        // One poll covers all notifications received by now.
        while let Some(ring) = rings.next().now_or_never() {
            is_from_another(ring, &owner, &self.schema)?;
        }
        Ok(Wake::Notified)
    }
}

/// Whether a payload comes from another process and names our schema.
fn is_from_another(
    ring: Option<QueryResult<PgNotification>>,
    owner: &str,
    schema: &str,
) -> Result<bool, Error> {
    let ring = ring.ok_or_else(|| Error::Unavailable("connection closed".into()))??;
    Ok(ring.payload.split_once(' ').is_some_and(|(ringer, place)| ringer != owner && place == schema))
}
