//! `w4r doctor`: whether the service has what it needs, and what to do where it has not.

use jiff::{SignedDuration, Timestamp};

use super::{CliError, LACKS_ITS_LOG, block_on};
use crate::{
    config::{DatabaseOptions, ServeOptions},
    database::{
        Connection, Database,
        creation::{self, Presence},
        heartbeats, migrations,
    },
    mail::MailUrl,
    version,
};

/// The width of the output.
const WIDTH: usize = 80;
/// The least room on a disk: the data of a large campaign twice.
const MIN_FREE_BYTES: u64 = 1 << 30;
/// The largest difference between two clocks: a deadline may be off by as much.
const MAX_CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_secs(2);

/// What was found out about one subject.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finding {
    /// It is as it should be.
    Good,
    /// It works, and may not be what the operator wants.
    Note,
    /// It has to be changed.
    Wrong,
}

/// The findings so far.
struct Examination {
    wrong: usize,
}

impl Examination {
    fn say(&mut self, finding: Finding, subject: &str, text: &str) {
        let label = match finding {
            Finding::Good => "good",
            Finding::Note => "note",
            Finding::Wrong => {
                self.wrong += 1;
                "WRONG"
            }
        };
        let mut line = format!("{label:6}{subject}:");
        for part in text.split_whitespace() {
            if line.chars().count() + part.chars().count() >= WIDTH {
                super::print_line(format_args!("{line}"));
                line = " ".repeat(5);
            }
            line.push(' ');
            line.push_str(part);
        }
        super::print_line(format_args!("{line}"));
    }

    async fn database(&mut self, store: &DatabaseOptions) -> Result<(), CliError> {
        let database = Database::open(&store.url).map_err(CliError)?;
        let place = database.place();
        match creation::presence(&store.url).await {
            Err(error) => {
                self.say(Finding::Wrong, "database", &CliError::from(error).0);
                return Ok(());
            }
            Ok(Presence::Missing) => {
                let text =
                    format!("there is none at {place}: `w4r serve` or `w4r import` makes it (--database)");
                self.say(Finding::Wrong, "database", &text);
                return Ok(());
            }
            Ok(Presence::Unfinished) => {
                self.say(Finding::Wrong, "database", &migrations::MigrationError::Unfinished.to_string());
                return Ok(());
            }
            Ok(Presence::Present(applied)) => {
                let known = migrations::known_steps();
                if let Some(newer) = applied.iter().find(|step| !known.contains(step)) {
                    let text = format!("{place} was migrated by a newer version of w4r (step {newer})");
                    self.say(Finding::Wrong, "database", &text);
                    return Ok(());
                }
                let missing = known.len() - applied.len();
                if missing > 0 {
                    let text = format!(
                        "{missing} migrations are missing; `w4r serve` applies them: back it up first"
                    );
                    self.say(Finding::Note, "migrations", &text);
                    return self.connection(&database, false).await;
                }
            }
        }
        self.connection(&database, true).await
    }

    async fn connection(&mut self, database: &Database, is_migrated: bool) -> Result<(), CliError> {
        if database.lacks_its_log() {
            self.say(Finding::Wrong, "database", LACKS_ITS_LOG);
        }
        let mut connection = database.connect().await?;
        let about =
            format!("{} {} at {}", database.kind(), connection.system_version().await?, database.place());
        self.say(Finding::Good, "database", &about);
        self.say(Finding::Good, "durability", &connection.durability().await?);
        match database.free_bytes() {
            Some(free) if free < MIN_FREE_BYTES => {
                let text = format!("only {} MiB are free where the database is", free >> 20);
                self.say(Finding::Wrong, "disk", &text);
            }
            Some(free) => self.say(Finding::Good, "disk", &format!("{} MiB are free", free >> 20)),
            None => {}
        }
        if is_migrated {
            match heartbeats::write(&mut connection, Timestamp::now()).await {
                Ok(()) => self.say(Finding::Good, "writing", "a test write was committed"),
                Err(error) => self.say(Finding::Wrong, "writing", &CliError::from(error).0),
            }
        }
        self.clock(&mut connection).await
    }

    async fn clock(&mut self, connection: &mut Connection) -> Result<(), CliError> {
        let before = Timestamp::now();
        let Some(server) = connection.clock().await? else { return Ok(()) };
        let after = Timestamp::now();
        let is_near = before - MAX_CLOCK_DIFFERENCE <= server && server <= after + MAX_CLOCK_DIFFERENCE;
        if is_near {
            self.say(Finding::Good, "clock", "it agrees with that of the database's server");
        } else {
            let text =
                format!("it is {after:.0} here and {server:.0} at the database's server: run NTP on both");
            self.say(Finding::Wrong, "clock", &text);
        }
        Ok(())
    }

    /// The release of the time zone database is named by its year and a letter.
    fn zones(&mut self) {
        let (year, now) = (version::ZONE_DATA.get(..4), Timestamp::now().strftime("%Y").to_string());
        let text = format!("the rules are those of {}", version::ZONE_DATA);
        match year {
            Some(year) if year >= now.as_str() => self.say(Finding::Good, "time zones", &text),
            _ => {
                let text = format!("{text}: take a newer version of w4r, governments change them every year");
                self.say(Finding::Note, "time zones", &text);
            }
        }
    }

    fn settings(&mut self, settings: &ServeOptions, store: &DatabaseOptions) {
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 8080));
        match settings.mail.settings(address, store) {
            Err(message) => self.say(Finding::Wrong, "mail", &message),
            Ok(mail) => match mail.url {
                MailUrl::Folder(folder) => {
                    let text =
                        format!("is written into {}, and is not sent: see --mail-url", folder.display());
                    self.say(Finding::Note, "mail", &text);
                }
                MailUrl::Server(_) => {
                    self.say(Finding::Good, "mail", "goes to a server, which was not asked")
                }
            },
        }
        if settings.mail.public_url.is_none() {
            let text =
                "--public-url is not set: links in mail lead to the address that the service listens on";
            self.say(Finding::Note, "links", text);
        }
        match settings.server() {
            Err(message) => self.say(Finding::Wrong, "settings", &message),
            Ok(server) => {
                match &server.engine.client_ip_header {
                    None => self.say(
                        Finding::Note,
                        "proxy",
                        "--client-ip-header is not set: behind a proxy all clients would share one budget",
                    ),
                    Some(header) => self.say(
                        Finding::Good,
                        "proxy",
                        &format!("clients are told apart by {header}; only the proxy may reach the service"),
                    ),
                }
                if server.log.head_file.is_none() {
                    let text =
                        "--log-head-file is not set: a restored database is not noticed after a restart";
                    self.say(Finding::Note, "transparency log", text);
                }
                self.open_files(server.engine.max_connections);
            }
        }
    }

    #[cfg(unix)]
    fn open_files(&mut self, connections: usize) {
        let allowed = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum;
        match allowed {
            Some(allowed) if allowed < connections as u64 => {
                let text = format!(
                    "{allowed} may be open, fewer than --max-connections {connections}: raise `ulimit -n` \
                     (LimitNOFILE)"
                );
                self.say(Finding::Note, "open files", &text);
            }
            _ => self.say(Finding::Good, "open files", "enough for all connections"),
        }
    }

    #[cfg(not(unix))]
    fn open_files(&mut self, _: usize) {}
}

/// Looks at everything and prints what is good, and what to do.
///
/// # Errors
/// If anything is wrong.
pub fn run(settings: &ServeOptions, store: &DatabaseOptions) -> Result<(), CliError> {
    let mut examination = Examination { wrong: 0 };
    super::print_line(format_args!("w4r {}", version::PROGRAM));
    block_on(async {
        if let Err(CliError(message)) = examination.database(store).await {
            examination.say(Finding::Wrong, "database", &message);
        }
        Ok(())
    })?;
    examination.zones();
    examination.settings(settings, store);
    match examination.wrong {
        0 => Ok(()),
        1 => Err(CliError("one thing is wrong".to_owned())),
        wrong => Err(CliError(format!("{wrong} things are wrong"))),
    }
}
