//! Connections to a PostgreSQL server: the URL, the connection attempts, and the settings of every
//! session.

use std::{error::Error as _, fmt::Write as _, sync::Once, time::Duration};

use deadpool::managed::{HookError, HookFuture, Metrics};
use diesel::{ConnectionError, ConnectionResult, dsl::sql, sql_types::Text};
use diesel_async::{
    AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{PoolError, PoolableConnection, RecyclingMethod},
};
use tokio::time::timeout;
use tokio_postgres::{
    Config,
    config::{Host, SslMode as DriverSslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::backend::{LOCK_TIMEOUT, PoolRole};

mod tls;

use tls::SslMode;

/// The time limit for connecting. It is shorter than a request's wait for a connection, so that the
/// response can say why there is none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// The time limit for one address. If a name has several addresses, the next one is tried.
const ADDRESS_WAIT: Duration = Duration::from_secs(2);
/// The longest idle time inside a transaction. An import computes for a few seconds. A process that is
/// idle for longer is frozen or disconnected, and the others wait for its locks.
const IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(20);
/// TCP keepalive: after this idle time the server is probed, and after so many failed probes the
/// connection is closed. That is a quarter of a minute; the default of the system is two hours.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 2;
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(15);
/// Connections that were used within this time are not checked before use.
const PING_AFTER_IDLE: Duration = Duration::from_secs(1);

/// Planner settings of a writer: it finds rows by their keys, and scans a table only where there is no
/// key. A cached plan that was made while a table was empty would scan all of it on a busy evening.
/// Disabling a scan raises its estimated cost (before PostgreSQL 18), which would trigger JIT
/// compilation each time, so JIT is off too. A query with a list of keys would be planned anew each
/// time, which takes longer than the look-up of the few keys, so generic plans are forced.
const WRITER_SETTINGS: &str =
    "SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan";

/// `synchronous_commit`: an acknowledged commit is on disk, whatever the server's default is. Stricter
/// settings are kept.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/// `lc_messages`: errors are distinguished by their messages, because diesel keeps only a few of the
/// codes. Superusers may set it, and since PostgreSQL 15 roles with the privilege.
const ENGLISH_MESSAGES: &str = "DO $$ BEGIN
    IF current_setting('lc_messages') NOT IN ('C', 'POSIX') THEN
        PERFORM set_config('lc_messages', 'C', false);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";
/// The current setting.
const LANGUAGE: &str = "current_setting('lc_messages')";

/// The URL of a server and how to connect to it.
pub(super) struct PostgresUrl {
    config: Config,
    /// The `options` parameter of the URL.
    options: String,
    tls: MakeRustlsConnect,
}

impl PostgresUrl {
    /// Parses a URL; `None` if it is not a PostgreSQL URL. Missing parameters have our defaults.
    pub(super) fn parse(url: &str) -> Option<Result<Self, String>> {
        let is_ours = url.starts_with("postgres://") || url.starts_with("postgresql://");
        is_ours.then(|| Self::read(url))
    }

    fn read(url: &str) -> Result<Self, String> {
        let (url, trust) = SslMode::take_from(url)?;
        // The error message omits the value, which may be part of a password.
        let mut config: Config =
            url.parse().map_err(|error| format!("the URL of the database: {}", message(&error)))?;
        config.ssl_mode(match trust {
            SslMode::Disable => DriverSslMode::Disable,
            SslMode::Prefer => DriverSslMode::Prefer,
            SslMode::Require | SslMode::VerifyFull(_) => DriverSslMode::Require,
        });
        let options = config.get_options().unwrap_or_default().to_owned();
        if config.get_application_name().is_none() {
            config.application_name("w4r");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(ADDRESS_WAIT);
        }
        // If several servers are listed, the one that accepts writes is used, also after a failover.
        if config.get_hosts().len() > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
            config
                .keepalives_idle(KEEPALIVE_IDLE)
                .keepalives_interval(KEEPALIVE_IDLE)
                .keepalives_retries(KEEPALIVE_RETRIES);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_USER_TIMEOUT);
        }
        Ok(Self { config, options, tls: trust.into_tls()? })
    }

    /// Server and database, for people. It contains no user name.
    pub(super) fn place(&self) -> String {
        let ports = self.config.get_ports();
        let hosts = self.config.get_hosts().iter().enumerate().map(|(index, host)| {
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
            match host {
                Host::Tcp(name) => format!("{name}:{port}"),
                #[cfg(unix)]
                Host::Unix(folder) => folder.display().to_string(),
            }
        });
        let hosts: Vec<_> = hosts.collect();
        format!("{}/{}", hosts.join(","), self.config.get_dbname().unwrap_or_default())
    }

    /// Connects for this role, with this statement timeout.
    pub(super) async fn connect(
        &self,
        usage: PoolRole,
        statement_most: Duration,
    ) -> ConnectionResult<AsyncPgConnection> {
        timeout(CONNECT_TIMEOUT, self.establish(usage, statement_most))
            .await
            .unwrap_or_else(|_| Err(ConnectionError::BadConnection("it does not answer".to_owned())))
    }

    /// The configuration with the limits of every statement. The options of the URL come later and take
    /// precedence.
    fn bounded(&self, statement_most: Duration) -> Config {
        let mut config = self.config.clone();
        config.options(format!("{} {}", bounds(statement_most), self.options).trim_end());
        config
    }

    async fn establish(
        &self,
        usage: PoolRole,
        statement_most: Duration,
    ) -> ConnectionResult<AsyncPgConnection> {
        let (client, connection) = self
            .bounded(statement_most)
            .connect(self.tls.clone())
            .await
            .map_err(|error| ConnectionError::BadConnection(message(&error)))?;
        let mut connection = AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
        let prepared = async {
            connection.batch_execute(&format!("{DURABLE}; {ENGLISH_MESSAGES}")).await?;
            if usage == PoolRole::Writing {
                connection.batch_execute(WRITER_SETTINGS).await?;
            }
            diesel::select(sql::<Text>(LANGUAGE)).get_result::<String>(&mut connection).await
        };
        look_at_language(&prepared.await.map_err(ConnectionError::CouldntSetupConfiguration)?);
        Ok(connection)
    }
}

/// Checks that the server responds, unless the connection was used a moment ago: a check before each
/// query would cost one more round trip. A closed connection is not reused anyway.
pub(super) fn ping_if_idle<'a>(
    connection: &'a mut AsyncPgConnection,
    metrics: &'a Metrics,
) -> HookFuture<'a, PoolError> {
    Box::pin(async {
        if metrics.last_used() < PING_AFTER_IDLE {
            return Ok(());
        }
        let there = connection.ping(&RecyclingMethod::Verified).await;
        there.map_err(|error| HookError::Backend(PoolError::QueryError(error)))
    })
}

/// Warns once if the server's messages are in a language that is not understood here.
fn look_at_language(language: &str) {
    static SAID: Once = Once::new();
    if !["C", "POSIX", "en"].iter().any(|english| language.starts_with(english)) {
        SAID.call_once(|| {
            tracing::warn!(
                language,
                "the database reports errors in a language that is not recognized here; \
                 let a superuser run: ALTER ROLE … SET lc_messages = 'C'"
            );
        });
    }
}

/// The limits of every statement, as startup options.
fn bounds(statement_most: Duration) -> String {
    let bounds = [
        ("lock_timeout", LOCK_TIMEOUT),
        ("statement_timeout", statement_most),
        ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT),
    ];
    let options = bounds.map(|(name, most)| format!("-c {name}={}", most.as_millis()));
    options.join(" ")
}

/// The message of an error and of its causes, in one line.
fn message(error: &tokio_postgres::Error) -> String {
    if let Some(refused) = error.as_db_error() {
        return refused.message().to_owned();
    }
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(message, ": {error}");
        cause = error.source();
    }
    message
}

#[cfg(test)]
mod tests {
    use super::{super::STATEMENT_TIMEOUT, *};

    fn server(url: &str) -> PostgresUrl {
        PostgresUrl::parse(url).expect("a URL of PostgreSQL").expect("a good one")
    }

    #[test]
    fn what_a_url_does_not_say_has_a_bound() {
        let server = server("postgres://w4r@db.example/w4r");
        let bounded = server.bounded(Duration::from_secs(7));
        assert_eq!(
            bounded.get_options(),
            Some(
                "-c lock_timeout=10000 -c statement_timeout=7000 -c idle_in_transaction_session_timeout=20000"
            )
        );
        assert_eq!(server.config.get_connect_timeout(), Some(&ADDRESS_WAIT));
        assert_eq!(server.config.get_tcp_user_timeout(), Some(&TCP_USER_TIMEOUT));
        assert_eq!(server.config.get_keepalives_idle(), KEEPALIVE_IDLE);
        assert_eq!(server.config.get_application_name(), Some("w4r"));
        assert_eq!(server.config.get_ssl_mode(), DriverSslMode::Prefer);
        assert_eq!(server.config.get_target_session_attrs(), TargetSessionAttrs::Any);
    }

    #[test]
    fn what_a_url_says_holds() {
        let server = server(
            "postgresql://w4r:secret@one.example:5433,two.example/campaign?options=-c%20lock_timeout%3D5s\
             &sslmode=disable&application_name=tests&connect_timeout=7&tcp_user_timeout=8&keepalives_idle=9",
        );
        let bounded = server.bounded(STATEMENT_TIMEOUT);
        let options = bounded.get_options().expect("options");
        assert!(options.ends_with(" -c lock_timeout=5s"), "{options}");
        assert_eq!(server.config.get_connect_timeout(), Some(&Duration::from_secs(7)));
        assert_eq!(server.config.get_tcp_user_timeout(), Some(&Duration::from_secs(8)));
        assert_eq!(server.config.get_keepalives_idle(), Duration::from_secs(9));
        assert_eq!(server.config.get_application_name(), Some("tests"));
        assert_eq!(server.config.get_ssl_mode(), DriverSslMode::Disable);
        assert_eq!(server.place(), "one.example:5433,two.example:5432/campaign");
        assert_eq!(server.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    }

    #[test]
    fn how_a_server_is_trusted_is_refused_if_it_is_not_known() {
        let mode = |url: &str| server(url).config.get_ssl_mode();
        assert_eq!(mode("postgres://db.example/w4r?sslmode=prefer"), DriverSslMode::Prefer);
        assert_eq!(
            mode("postgres://db.example/w4r?sslmode=require&application_name=x"),
            DriverSslMode::Require
        );
        let refused =
            |url: &str| PostgresUrl::parse(url).expect("a URL of PostgreSQL").err().expect("a bad one");
        for mode in ["verify-ca", "allow", "", "REQUIRE"] {
            let message = refused(&format!("postgres://w4r:secret@db.example/w4r?sslmode={mode}"));
            assert_eq!(message, "`sslmode` is `disable`, `prefer`, `require` or `verify-full`");
        }
        let message = refused("postgres://db.example/w4r?sslmode=require&sslrootcert=root.pem");
        assert_eq!(message, "`sslrootcert` goes with `sslmode=verify-full`");
        let message =
            refused("postgres://db.example/w4r?sslmode=verify-full&sslrootcert=%2Fno%2Fsuch%2Froot.pem");
        assert!(message.starts_with("no certificate in /no/such/root.pem: "), "{message}");
        let message = refused("postgres://w4r:secret@db.example:many/w4r?colour=secret");
        assert!(message.starts_with("the URL of the database: ") && !message.contains("secret"), "{message}");
    }

    #[test]
    fn a_password_may_hold_what_ends_a_path() {
        let server = server("postgres://w4r:what?sslmode=disable@db.example/w4r?sslmode=require");
        assert_eq!(server.config.get_password(), Some(b"what?sslmode=disable".as_slice()));
        assert_eq!(server.config.get_ssl_mode(), DriverSslMode::Require);
        assert!(!server.place().contains("what"), "{}", server.place());
    }
}
