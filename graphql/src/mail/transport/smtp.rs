//! SMTP client session (RFC 5321), one command at a time.
//!
//! The commands are sent one by one, and not by the library's transport, because the point of a failure
//! matters: before the content is sent, nothing was accepted; after it, only the reply tells.

use std::{fmt, time::Duration};

use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use url::{Host, Url};

use super::DeliveryError;

/// The time limit until the content can be sent: a DNS look-up, a connection, a TLS handshake and half
/// a dozen replies.
const ENVELOPE_TIMEOUT: Duration = Duration::from_secs(60);
/// The time limit for the reply to the content: the server scans for viruses and spam first.
pub(in crate::mail) const DATA_TIMEOUT: Duration = Duration::from_secs(120);
/// The time limit for QUIT, whose reply has no effect.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// The port of message submission over TLS (RFC 8314).
const SUBMISSIONS: u16 = 465;
/// The port of message submission (RFC 6409).
const SUBMISSION: u16 = 587;

/// A mail server and how to connect to it.
#[derive(Clone)]
pub struct SmtpServer {
    host: String,
    port: u16,
    secrecy: TlsMode,
    credentials: Option<Credentials>,
}

/// How the connection is encrypted.
#[derive(Clone)]
enum TlsMode {
    /// TLS from the first byte (implicit TLS).
    Implicit(TlsParameters),
    /// STARTTLS before any other command is sent; without it, no mail.
    StartTls(TlsParameters),
    /// No encryption: the server is on this machine, or the setting says so.
    None,
}

impl SmtpServer {
    /// Parses `smtps://USER:PASSWORD@HOST:PORT` or `smtp://…`. The latter uses STARTTLS unless the
    /// server is on this machine; `?tls=required` and `?tls=none` set it for both cases.
    pub(super) fn parse(setting: &str) -> Result<Self, String> {
        let form = || "mail goes to `smtps://USER:PASSWORD@HOST`, `smtp://…` or `folder:PATH`".to_owned();
        let url = Url::parse(setting).map_err(|_| form())?;
        let host = match url.host() {
            Some(Host::Domain(host)) if !host.is_empty() => host.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => return Err(form()),
        };
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let parameters = || TlsParameters::new(host.clone()).map_err(|error| format!("no TLS: {error}"));
        let is_here = ["localhost", "127.0.0.1", "::1"].contains(&host.as_str());
        let (secrecy, port) = match (url.scheme(), tls.as_deref()) {
            ("smtps", None | Some("required")) => (TlsMode::Implicit(parameters()?), SUBMISSIONS),
            ("smtp", None) if is_here => (TlsMode::None, SUBMISSION),
            ("smtp", None | Some("required")) => (TlsMode::StartTls(parameters()?), SUBMISSION),
            ("smtp", Some("none")) => (TlsMode::None, SUBMISSION),
            ("smtp" | "smtps", Some(_)) => return Err("`tls` is `required` or `none`".to_owned()),
            _ => return Err(form()),
        };
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let credentials =
            url.password().map(|password| Credentials::new(decode(url.username()), decode(password)));
        Ok(Self { port: url.port().unwrap_or(port), host, secrecy, credentials })
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrecy = match self.secrecy {
            TlsMode::Implicit(_) => "TLS",
            TlsMode::StartTls(_) => "STARTTLS",
            TlsMode::None => "no TLS",
        };
        write!(f, "{}:{} ({secrecy})", self.host, self.port)
    }
}

/// A session with a server, kept open while there are notices to send.
pub(in crate::mail) struct SmtpSession {
    server: SmtpServer,
    from: Address,
    line: Option<AsyncSmtpConnection>,
}

impl SmtpSession {
    pub(super) const fn new(server: SmtpServer, from: Address) -> Self {
        Self { server, from, line: None }
    }

    /// Sends the envelope, up to the point where the content follows.
    pub(super) async fn send_envelope(&mut self, to: Address) -> Result<(), DeliveryError> {
        let announced = timeout(ENVELOPE_TIMEOUT, async {
            if let Some(line) = self.line.take() {
                match self.send_envelope_on(line, to.clone()).await {
                    // The server has closed the connection meanwhile, as servers do after an idle time
                    // or a number of messages.
                    Err(DeliveryError::Unreachable(_)) => {}
                    other => return other,
                }
            }
            let line = self
                .server
                .connect(&self.from)
                .await
                .map_err(|error| DeliveryError::Unreachable(describe(&error)))?;
            self.send_envelope_on(line, to).await
        });
        announced.await.unwrap_or_else(|_| Err(DeliveryError::Unreachable("no answer in time".to_owned())))
    }

    async fn send_envelope_on(
        &mut self,
        mut line: AsyncSmtpConnection,
        to: Address,
    ) -> Result<(), DeliveryError> {
        // A rejected sender is rejected for all recipients.
        let sender = line.command(Mail::new(Some(self.from.clone()), vec![])).await;
        let announced = match sender {
            Err(error) => Err(DeliveryError::Unreachable(describe(&error))),
            Ok(_) => {
                line.command(Rcpt::new(to, vec![])).await.map(drop).map_err(|error| before_content(&error))
            }
        };
        match announced {
            Ok(()) => self.line = Some(line),
            Err(_) => quit_politely(line).await,
        }
        announced
    }

    /// Sends the content and reads the reply.
    pub(super) async fn send_data(&mut self, content: &[u8]) -> Result<(), DeliveryError> {
        let Some(mut line) = self.line.take() else {
            return Err(DeliveryError::Unreachable("nothing was announced".to_owned()));
        };
        let outcome = timeout(DATA_TIMEOUT, async {
            line.command(Data).await.map_err(|error| before_content(&error))?;
            line.message(content).await.map_err(|error| after_content(&error))
        });
        match outcome.await {
            Ok(Ok(_)) => {
                self.line = Some(line);
                Ok(())
            }
            Ok(Err(error)) => {
                quit_politely(line).await;
                Err(error)
            }
            Err(_) => Err(DeliveryError::Uncertain("no answer in time".to_owned())),
        }
    }

    /// Sends QUIT and closes the connection.
    pub(super) async fn quit(&mut self) {
        if let Some(line) = self.line.take() {
            quit_politely(line).await;
        }
    }
}

impl fmt::Debug for SmtpSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}

impl SmtpServer {
    async fn connect(&self, from: &Address) -> Result<AsyncSmtpConnection, Error> {
        let name = ClientId::Domain(from.domain().to_owned());
        let server = (self.host.as_str(), self.port);
        let wrapped = match &self.secrecy {
            TlsMode::Implicit(tls) => Some(tls.clone()),
            TlsMode::StartTls(_) | TlsMode::None => None,
        };
        let mut line = AsyncSmtpConnection::connect_tokio1(server, None, &name, wrapped, None).await?;
        if let TlsMode::StartTls(tls) = &self.secrecy {
            line.starttls(tls.clone(), &name).await?;
        }
        if let Some(credentials) = &self.credentials {
            line.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(line)
    }
}

async fn quit_politely(mut line: AsyncSmtpConnection) {
    // The result makes no difference.
    let _ = timeout(QUIT_TIMEOUT, line.abort()).await;
}

fn before_content(error: &Error) -> DeliveryError {
    if error.is_permanent() {
        DeliveryError::Rejected(describe(error))
    } else if error.is_transient() {
        DeliveryError::Deferred(describe(error))
    } else {
        DeliveryError::Unreachable(describe(error))
    }
}

fn after_content(error: &Error) -> DeliveryError {
    if error.is_permanent() {
        DeliveryError::Rejected(describe(error))
    } else if error.is_transient() {
        DeliveryError::Deferred(describe(error))
    } else {
        DeliveryError::Uncertain(describe(error))
    }
}

/// The text of an error for the log: of a server's reply only the code.
fn describe(error: &Error) -> String {
    match error.status() {
        Some(code) => code.to_string(),
        None if error.is_tls() => "no TLS".to_owned(),
        None if error.is_response() => "no understandable answer".to_owned(),
        None => std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(setting: &str) -> String {
        SmtpServer::parse(setting).map_or_else(|refusal| refusal, |server| format!("{server:?}"))
    }

    #[test]
    fn a_setting_says_where_and_how_secretly() {
        for (setting, server) in [
            ("smtps://mail.example.org", "mail.example.org:465 (TLS)"),
            ("smtps://mail.example.org:1465?tls=required", "mail.example.org:1465 (TLS)"),
            ("smtp://mail.example.org", "mail.example.org:587 (STARTTLS)"),
            ("smtp://mail.example.org?tls=none", "mail.example.org:587 (no TLS)"),
            ("smtp://localhost:25", "localhost:25 (no TLS)"),
            ("smtp://127.0.0.1:25?tls=required", "127.0.0.1:25 (STARTTLS)"),
            ("smtp://[::1]:25", "::1:25 (no TLS)"),
        ] {
            assert_eq!(read(setting), server, "{setting}");
        }
    }

    #[test]
    fn a_setting_that_is_none_is_refused_without_being_repeated() {
        for setting in
            ["", "mail.example.org", "http://u:geheim@mail.example.org", "smtp:geheim", "smtp://:geheim@"]
        {
            assert!(read(setting).starts_with("mail goes to `smtps://"), "{setting}: {}", read(setting));
            assert!(!read(setting).contains("geheim"));
        }
        assert_eq!(read("smtps://mail.example.org?tls=none"), "`tls` is `required` or `none`");
    }

    #[test]
    fn a_password_may_hold_any_character_and_is_never_shown() {
        let server =
            SmtpServer::parse("smtps://ada%40example.org:a%2Fb%25+c@mail.example.org").expect("a server");
        let expected = Credentials::new("ada@example.org".into(), "a/b%+c".into());
        assert!(server.credentials == Some(expected));
        assert_eq!(format!("{server:?}"), "mail.example.org:465 (TLS)");
    }
}
