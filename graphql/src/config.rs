//! Settings from flags and environment variables, parsed once.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::{
    database,
    ledger::report_log::{LogOptions, SigningKeyFile},
    mail,
    server::{self, MetricsAt},
};

mod limits;

pub use limits::LimitArgs;

/// The settings of the service.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeOptions {
    /// Address or host name, and port, to listen on; of a name, the first address that can be used
    #[arg(long, env = "W4R_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS", value_parser = ListenAddress::parse)]
    pub listen: ListenAddress,
    /// Form of log lines on standard error: `text`, or `json` with an object in each line
    #[arg(
        long,
        env = "W4R_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub log_format: LogFormat,
    /// Address and port of the metrics endpoint, `public` for /metrics at the address of the service, or
    /// `off`; every client that reaches it can read it [default: 127.0.0.1:9464, unless another process uses
    /// it]
    #[arg(long, env = "W4R_METRICS_LISTEN", value_name = "ADDRESS", value_parser = MetricsAt::parse)]
    pub metrics_listen: Option<MetricsAt>,
    #[command(flatten)]
    pub mail: MailArgs,
    #[command(flatten)]
    pub log: LogArgs,
    /// Limits per client and for the service.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Where the service listens: an IP address or a host name, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress(String);

impl ListenAddress {
    /// Parses the text. Whether a name has an address is looked up when the service starts.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let is_name = |host: &str| {
            let mut labels = host.split('.');
            let is_of_label = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
            labels.all(|label| !label.is_empty() && label.chars().all(is_of_label))
                && !host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        };
        let is_host_and_port =
            typed.rsplit_once(':').is_some_and(|(host, port)| is_name(host) && port.parse::<u16>().is_ok());
        if is_host_and_port || typed.parse::<SocketAddr>().is_ok() {
            return Ok(Self(typed.to_owned()));
        }
        Err("an address or a host name with its port, such as `127.0.0.1:8080`, `[::]:8080` or \
             `localhost:8080`"
            .to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// An object of JSON in each line.
    Json,
}

/// Mail settings. They are parsed here and not by clap, whose error message would repeat a password.
#[derive(Clone, Debug, clap::Args)]
pub struct MailArgs {
    /// Mail transport: `smtps://USER:PASSWORD@HOST`, `smtp://…`, or `folder:PATH` to write each mail to a
    /// file [default: a folder beside the database]
    #[arg(long, env = "W4R_MAIL_URL", value_name = "URL", hide_env_values = true)]
    pub mail_url: Option<String>,
    /// Sender of mail: `NAME <ADDRESS>`
    #[arg(long = "mail-from", env = "W4R_MAIL_FROM", value_name = "SENDER")]
    pub from: Option<String>,
    /// Public base URL of the service, for links in mail [default: the address it listens on]
    #[arg(long, env = "W4R_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}

/// Settings of the transparency log.
#[derive(Clone, Debug, clap::Args)]
pub struct LogArgs {
    /// File with an Ed25519 private key in PEM (PKCS#8) that signs the head of the transparency log, as `openssl
    /// genpkey -algorithm ed25519` writes it; given several times, each key signs [default: a key that the
    /// service makes and keeps in the database]
    #[arg(long = "log-key", env = "W4R_LOG_KEY", value_name = "FILE", value_delimiter = ',')]
    pub keys: Vec<PathBuf>,
    /// Name of the transparency log, which is in every receipt and never changes; one word without a plus sign
    /// [default: host and path of --public-url, and `/log`]
    #[arg(long = "log-origin", env = "W4R_LOG_ORIGIN", value_name = "NAME")]
    pub origin: Option<String>,
    /// File outside of the database in which the newest head of the transparency log is remembered, so that a
    /// restored database is noticed after a restart too [default: none]
    #[arg(long = "log-head-file", env = "W4R_LOG_HEAD_FILE", value_name = "FILE")]
    pub head_file: Option<PathBuf>,
}

impl LogArgs {
    /// Reads the keys.
    ///
    /// # Errors
    /// A message for the operator.
    fn options(&self) -> Result<LogOptions, String> {
        if let Some(origin) = &self.origin {
            domain::proof::SignerKey::from_seed(origin, [0; 32])
                .map_err(|_| "--log-origin must be one word without a plus sign".to_owned())?;
        }
        let read = |path: &PathBuf| {
            let place = path.display();
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("--log-key {place} cannot be read: {error}"))?;
            SigningKeyFile::parse(&text).map_err(|error| format!("--log-key {place}: {error}"))
        };
        Ok(LogOptions {
            origin: self.origin.as_deref().map(Into::into),
            keys: self.keys.iter().map(read).collect::<Result<_, _>>()?,
            head_file: self.head_file.clone(),
        })
    }
}

impl ServeOptions {
    /// Converts to the settings of the server.
    ///
    /// # Errors
    /// A message about limits that contradict each other.
    pub fn server(&self) -> Result<server::Settings, String> {
        let metrics = self.metrics_listen.unwrap_or(MetricsAt::Usual);
        Ok(server::Settings { metrics, log: self.log.options()?, ..self.limits.settings()? })
    }
}

impl MailArgs {
    /// Returns the mail settings, for a service that listens at `address` and keeps its data in `store`.
    ///
    /// # Errors
    /// A message for the operator.
    pub fn settings(
        &self,
        address: SocketAddr,
        store: &DatabaseOptions,
    ) -> Result<mail::MailOptions, String> {
        let url = match &self.mail_url {
            Some(typed) => mail::MailUrl::parse(typed)?,
            None => mail::MailUrl::Folder(store.mail_folder()),
        };
        let from = match (&self.from, &url) {
            (Some(typed), _) => mail::SenderAddress::parse(typed)?,
            (None, mail::MailUrl::Folder(_)) => {
                mail::SenderAddress::parse("Write for Rights <w4r@localhost>")?
            }
            (None, mail::MailUrl::Server(_)) => return Err("mail needs a sender: --mail-from".to_owned()),
        };
        let public_url = self.public_url.clone().unwrap_or_else(|| format!("http://{address}/"));
        let public_url = domain::text::url(&public_url)
            .map_err(|_| "--public-url must be `https://HOST/` or `http://HOST/`".to_owned())?;
        Ok(mail::MailOptions { url, from, public_url })
    }
}

/// The database settings.
#[derive(Clone, Debug, clap::Args)]
pub struct DatabaseOptions {
    /// Database: `sqlite:FILE` or `postgres://USER@HOST/NAME?sslmode=verify-full`
    #[arg(
        long = "database",
        env = "DATABASE_URL",
        default_value = "sqlite:w4r.db",
        value_name = "URL",
        hide_env_values = true,
        help_heading = "Database",
        global = true
    )]
    pub url: String,
}

impl DatabaseOptions {
    /// The default mail folder, if no server is set: beside the database file, otherwise in the working
    /// directory.
    fn mail_folder(&self) -> PathBuf {
        database::sqlite_file(&self.url).map_or(Path::new("w4r"), Path::new).with_extension("mail")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(
        way: Option<&str>,
        from: Option<&str>,
        public_url: Option<&str>,
    ) -> Result<mail::MailOptions, String> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let mail = MailArgs { mail_url: owned(way), from: owned(from), public_url: owned(public_url) };
        let address = "127.0.0.1:8080".parse().expect("an address");
        mail.settings(address, &DatabaseOptions { url: "sqlite:/data/w4r.db".into() })
    }

    #[test]
    fn mail_lies_beside_the_database_unless_a_server_is_set() {
        let settings = set(None, None, None).expect("settings");
        assert!(
            matches!(&settings.url, mail::MailUrl::Folder(folder) if folder == Path::new("/data/w4r.mail"))
        );
        assert_eq!(settings.public_url, "http://127.0.0.1:8080/");
        let elsewhere = DatabaseOptions { url: "postgres://postgres@db/w4r".into() };
        assert_eq!(elsewhere.mail_folder(), Path::new("w4r.mail"));
    }

    #[test]
    fn a_server_needs_somebody_whom_mail_is_from() {
        let server = Some("smtp://localhost");
        assert_eq!(set(server, None, None).map(drop), Err("mail needs a sender: --mail-from".to_owned()));
        assert!(set(server, Some("Post <post@w4r.example>"), Some("https://w4r.example")).is_ok());
        for (way, from, public_url) in [
            (Some("mail.example.org"), None, None),
            (None, Some("nobody"), None),
            (None, None, Some("w4r.example")),
            (None, None, Some("javascript:alert(1)")),
        ] {
            assert!(set(way, from, public_url).is_err(), "{way:?} {from:?} {public_url:?}");
        }
    }
}
