//! What the service writes to people, and how it gets to them.
//!
//! A notice is put into the outbox in the transaction of the change that causes it, and sent by a
//! task of its own, so that no request waits for a mail server. It is **never sent twice**, unless
//! staff say so: a sender marks that before it hands it over. Of one whose sender was not heard of again
//! after that nobody knows whether it arrived; into a folder it is written again under the same name, and what
//! a mail server may have taken waits for staff. Until then it is tried again for about two days. Whom
//! it is for and what it says is erased when it is over; no log has either.
//!
//! ```
//! use domain::Language;
//! use graphql::mail::{notice::Notice, text};
//!
//! let notice = Notice::ParticipantRegistered { secret: "w4r_participant_x".to_owned() };
//! let text = text::compose(&notice, &Language::parse("fr-CA").unwrap(), "https://w4r.example");
//! assert!(text.body.contains("https://w4r.example/manage#w4r_participant_x"));
//! ```

use std::sync::Arc;

use domain::EmailAddress;
use lettre::message::Mailbox;
use tokio::sync::{Notify, watch};

mod backoff;
mod message;
pub mod notice;
pub mod templates;
mod transport;
mod worker;

pub use transport::{MailUrl, SmtpServer};
pub use worker::MailWorker;

use graphql_engine::telemetry::Counter;

use crate::database::outbox::{DeliveryStatus, QueueLength};

/// How mail leaves, from whom it is, and where its links lead.
#[derive(Clone, Debug)]
pub struct MailOptions {
    /// Where it goes.
    pub url: MailUrl,
    /// From whom it is.
    pub from: SenderAddress,
    /// The address of the service as people reach it; links in notices lead below it.
    pub public_url: String,
}

/// From whom mail is: a name and an address.
#[derive(Clone, Debug)]
pub struct SenderAddress(Mailbox);

impl SenderAddress {
    /// `Name <name@example.org>` or just the address.
    ///
    /// # Errors
    /// A sentence about what is neither.
    pub fn parse(setting: &str) -> Result<Self, String> {
        let mailbox: Option<Mailbox> = setting.parse().ok();
        mailbox
            .filter(|mailbox| EmailAddress::parse(mailbox.email.as_ref()).is_ok())
            .map(Self)
            .ok_or_else(|| "mail is from `Name <name@example.org>`".to_owned())
    }
}

/// The way to whoever sends the notices of this process. Clones lead to the same.
#[derive(Clone, Debug, Default)]
pub struct MailQueue(Arc<QueueState>);

#[derive(Debug, Default)]
struct QueueState {
    bell: Notify,
    queue: watch::Sender<QueueLength>,
    figures: MailMetrics,
}

/// What became of the notices that this process has handled since it started.
#[derive(Debug, Default)]
pub struct MailMetrics {
    /// A server took them, or they lie in the folder.
    pub sent: Counter,
    /// No server takes them.
    pub failed: Counter,
    /// They may have been taken or not.
    pub uncertain: Counter,
    /// There was nothing left to tell when their turn came.
    pub dropped: Counter,
    /// Attempts that came to nothing and are made again.
    pub put_off: Counter,
}

impl MailMetrics {
    /// What counts notices that end like this.
    const fn ended(&self, ending: DeliveryStatus) -> &Counter {
        match ending {
            DeliveryStatus::Sent => &self.sent,
            DeliveryStatus::Failed => &self.failed,
            DeliveryStatus::Uncertain => &self.uncertain,
            DeliveryStatus::Dropped => &self.dropped,
        }
    }
}

impl MailQueue {
    /// Says that there is a new notice, once it is committed. Were it forgotten, the notice would be
    /// found a little later.
    pub fn wake(&self) {
        self.0.bell.notify_one();
    }

    /// How many notices waited when that was last looked at.
    #[must_use]
    pub fn queue(&self) -> QueueLength {
        *self.0.queue.borrow()
    }

    /// What became of those that this process has handled.
    #[must_use]
    pub fn metrics(&self) -> &MailMetrics {
        &self.0.figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_from_somebody_with_an_address() {
        for good in ["Write for Rights <post@w4r.example>", "post@w4r.example", "w4r@localhost"] {
            assert!(SenderAddress::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "Write for Rights", "a@b, c@d", "Ada <nobody>", "a\r\nBcc: b@c"] {
            assert_eq!(
                SenderAddress::parse(bad).map(drop),
                Err("mail is from `Name <name@example.org>`".into()),
                "{bad}"
            );
        }
    }

    #[test]
    fn mail_goes_to_a_server_or_into_a_folder() {
        assert!(
            matches!(MailUrl::parse("folder:/tmp/mail"), Ok(MailUrl::Folder(folder)) if folder.ends_with("mail"))
        );
        assert!(matches!(MailUrl::parse("smtp://localhost"), Ok(MailUrl::Server(_))));
        assert_eq!(MailUrl::parse("folder:").map(drop), Err("the folder for mail has no name".into()));
        assert!(MailUrl::parse("/tmp/mail").is_err());
    }
}
