//! Settings from flags and environment variables, parsed once.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::{
    database, mail,
    server::{self, MetricsAt},
};

mod limits;

pub use limits::LimitArgs;

/// The settings of the service.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeOptions {
    /// Address and port to listen on
    #[arg(long, env = "W4R_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Address and port of the metrics endpoint, `public` for /metrics at the address of the service, or
    /// `off`; every client that reaches it can read it [default: 127.0.0.1:9464, unless another process uses
    /// it]
    #[arg(long, env = "W4R_METRICS_LISTEN", value_name = "ADDRESS", value_parser = MetricsAt::parse)]
    pub metrics_listen: Option<MetricsAt>,
    #[command(flatten)]
    pub mail: MailArgs,
    /// Limits per client and for the service.
    #[command(flatten)]
    pub limits: LimitArgs,
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

impl ServeOptions {
    /// Converts to the settings of the server.
    ///
    /// # Errors
    /// A message about limits that contradict each other.
    pub fn server(&self) -> Result<server::Settings, String> {
        let metrics = self.metrics_listen.unwrap_or(MetricsAt::Usual);
        Ok(server::Settings { metrics, ..self.limits.settings()? })
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
