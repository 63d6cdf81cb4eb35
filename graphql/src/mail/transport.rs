//! Transports of notices: an SMTP server, or a folder where there is none.
//!
//! A delivery has two phases. Until [`MailTransport::prepare`] has returned, the notice was not
//! accepted and can be retried. Once [`MailTransport::deliver`] has begun, only an explicit reply tells
//! whether it was accepted.

use std::path::PathBuf;

use domain::EmailAddress;
use lettre::Address;
use uuid::Uuid;

use super::message::address;
use crate::database::outbox::DeliverySemantics;

mod error;
mod folder;
mod smtp;

pub(super) use error::DeliveryError;
pub use smtp::SmtpServer;

/// The transport as it is configured.
#[derive(Clone, Debug)]
pub enum MailUrl {
    /// This mail server.
    Server(SmtpServer),
    /// This folder, one file for each notice.
    Folder(PathBuf),
}

impl MailUrl {
    /// Parses a setting: `smtps://…`, `smtp://…` or `folder:PATH`.
    ///
    /// # Errors
    /// A sentence that repeats nothing of the setting, which may contain a password.
    pub fn parse(setting: &str) -> Result<Self, String> {
        match setting.strip_prefix("folder:") {
            Some("") => Err("the folder for mail has no name".to_owned()),
            Some(folder) => Ok(Self::Folder(folder.into())),
            None => SmtpServer::parse(setting).map(Self::Server),
        }
    }
}

/// A transport in use.
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

    /// Prepares the delivery: everything before the content.
    pub(super) async fn prepare(&mut self, to: &EmailAddress) -> Result<(), DeliveryError> {
        match self {
            Self::Server(conversation) => conversation.send_envelope(address(to)).await,
            Self::Folder(folder) => folder::create(folder.clone()).await,
        }
    }

    /// Delivers the content.
    pub(super) async fn deliver(&mut self, id: Uuid, message: Vec<u8>) -> Result<(), DeliveryError> {
        match self {
            Self::Server(conversation) => conversation.send_data(&message).await,
            Self::Folder(folder) => folder::write_message(folder.clone(), id, message).await,
        }
    }

    /// Whether a repeated delivery makes a difference.
    pub(super) const fn handing(&self) -> DeliverySemantics {
        match self {
            Self::Server(_) => DeliverySemantics::Once,
            Self::Folder(_) => DeliverySemantics::Repeatable,
        }
    }

    /// Whether delivered notices are stored on this machine.
    pub(super) const fn keeps(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// Removes delivered notices from this machine, if they are stored there.
    pub(super) async fn remove(&self, notices: Vec<Uuid>) -> Result<(), DeliveryError> {
        match self {
            Self::Server(_) => Ok(()),
            Self::Folder(folder) => folder::remove(folder.clone(), notices).await,
        }
    }

    /// The notices of which an incomplete file exists.
    pub(super) async fn not_whole(&self) -> Vec<Uuid> {
        match self {
            Self::Server(_) => Vec::new(),
            Self::Folder(folder) => folder::not_whole(folder.clone()).await,
        }
    }

    /// Closes open connections until there is something to send.
    pub(super) async fn rest(&mut self) {
        if let Self::Server(conversation) = self {
            conversation.quit().await;
        }
    }
}
