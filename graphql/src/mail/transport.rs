//! How notices leave: through a mail server, or into a folder where there is none.
//!
//! Handing over has two halves. Until [`Carrier::prepare`] has ended, nobody has taken anything and
//! the notice can be tried again; once [`Carrier::hand_over`] has begun, only a clear answer says
//! what became of it.

use std::path::PathBuf;

use domain::EmailAddress;
use lettre::Address;
use uuid::Uuid;

use super::message::address;
use crate::database::outbox::DeliverySemantics;

mod folder;
mod smtp;

pub use smtp::SmtpServer;

/// Where notices go, as it is set.
#[derive(Clone, Debug)]
pub enum MailUrl {
    /// To this mail server.
    Server(SmtpServer),
    /// Into this folder, a file for each.
    Folder(PathBuf),
}

impl MailUrl {
    /// The way that a setting says: `smtps://…`, `smtp://…` or `folder:PATH`.
    ///
    /// # Errors
    /// A sentence that repeats nothing of the setting, which may hold a password.
    pub fn parse(setting: &str) -> Result<Self, String> {
        match setting.strip_prefix("folder:") {
            Some("") => Err("the folder for mail has no name".to_owned()),
            Some(folder) => Ok(Self::Folder(folder.into())),
            None => SmtpServer::parse(setting).map(Self::Server),
        }
    }
}

/// What went wrong. The words are for the log and for staff: an answer's code, never its text, which
/// may name the recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DeliveryError {
    /// Nobody can be sent anything at the moment.
    Unreachable(String),
    /// This notice is not taken at the moment.
    Deferred(String),
    /// This notice is not taken at all.
    Rejected(String),
    /// Nobody knows whether this notice was taken.
    Uncertain(String),
}

/// Somebody who takes notices.
#[derive(Debug)]
pub(super) enum MailTransport {
    Server(Box<smtp::SmtpSession>),
    Folder(PathBuf),
}

impl MailTransport {
    pub(super) fn new(way: &MailUrl, from: &Address) -> Self {
        match way {
            MailUrl::Server(server) => {
                Self::Server(Box::new(smtp::SmtpSession::new(server.clone(), from.clone())))
            }
            MailUrl::Folder(folder) => Self::Folder(folder.clone()),
        }
    }

    /// Gets everything ready up to the notice itself.
    pub(super) async fn prepare(&mut self, to: &EmailAddress) -> Result<(), DeliveryError> {
        match self {
            Self::Server(conversation) => conversation.send_envelope(address(to)).await,
            Self::Folder(folder) => folder::create(folder.clone()).await,
        }
    }

    /// Hands the notice over.
    pub(super) async fn deliver(&mut self, id: Uuid, message: Vec<u8>) -> Result<(), DeliveryError> {
        match self {
            Self::Server(conversation) => conversation.send_data(&message).await,
            Self::Folder(folder) => folder::write_message(folder.clone(), id, message).await,
        }
    }

    /// Whether it makes a difference if a notice is handed over twice.
    pub(super) const fn handing(&self) -> DeliverySemantics {
        match self {
            Self::Server(_) => DeliverySemantics::Once,
            Self::Folder(_) => DeliverySemantics::Repeatable,
        }
    }

    /// Whether what was handed over lies here still.
    pub(super) const fn keeps(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// Removes what was handed over, where it lies here still.
    pub(super) async fn remove(&self, notices: Vec<Uuid>) -> Result<(), DeliveryError> {
        match self {
            Self::Server(_) => Ok(()),
            Self::Folder(folder) => folder::remove(folder.clone(), notices).await,
        }
    }

    /// The notices of which a part lies here.
    pub(super) async fn not_whole(&self) -> Vec<Uuid> {
        match self {
            Self::Server(_) => Vec::new(),
            Self::Folder(folder) => folder::not_whole(folder.clone()).await,
        }
    }

    /// Ends what is open, until there is something to send again.
    pub(super) async fn rest(&mut self) {
        if let Self::Server(conversation) = self {
            conversation.quit().await;
        }
    }
}
