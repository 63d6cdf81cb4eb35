//! Mail: the notices that the service sends to people, and their delivery.
//!
//! A notice is put into the outbox in the transaction of the change that causes it, and a task of its
//! own sends it, so that no request waits for a mail server (transactional outbox). It is **never sent
//! twice**, unless staff resend it: before the hand-over the sender marks the notice as being sent. If
//! the sender dies after that, it is unknown whether the notice arrived. A file in a folder is then
//! written again under the same name; a notice that a mail server may have accepted waits for staff.
//! Until the hand-over, sending is retried for about two days. The recipient and the content are erased
//! when the notice is finished; neither is ever logged.
//!
//! ```
//! use domain::Language;
//! use graphql::mail::{notice::Notice, templates};
//!
//! let notice = Notice::ParticipantRegistered { secret: "w4r_participant_x".to_owned() };
//! let text = templates::compose(&notice, &Language::parse("fr-CA").unwrap(), "https://w4r.example");
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

/// The transport, the sender and the base of links.
#[derive(Clone, Debug)]
pub struct MailOptions {
    /// The transport.
    pub url: MailUrl,
    /// The sender.
    pub from: SenderAddress,
    /// The public URL of the service, which links in notices begin with.
    pub public_url: String,
}

/// The sender of mail: a name and an address.
#[derive(Clone, Debug)]
pub struct SenderAddress(Mailbox);

impl SenderAddress {
    /// Parses `Name <name@example.org>` or a plain address.
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

/// A handle of this process's mail worker: wakes it and reads its metrics. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MailQueue(Arc<QueueState>);

#[derive(Debug, Default)]
struct QueueState {
    wakeup: Notify,
    queue: watch::Sender<QueueLength>,
    figures: MailMetrics,
}

/// Counters of the notices that this process has handled since it started, by outcome.
#[derive(Debug, Default)]
pub struct MailMetrics {
    /// Accepted by a server, or written to the folder.
    pub sent: Counter,
    /// Rejected for good.
    pub failed: Counter,
    /// It is unknown whether they were accepted.
    pub uncertain: Counter,
    /// Obsolete by the time of sending.
    pub dropped: Counter,
    /// Attempts that failed and are retried.
    pub put_off: Counter,
}

impl MailMetrics {
    /// The counter of this outcome.
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
    /// Wakes the worker after a notice was committed. If this is omitted, the next poll finds the
    /// notice.
    pub fn wake(&self) {
        self.0.wakeup.notify_one();
    }

    /// How many notices were waiting at the last poll.
    #[must_use]
    pub fn queue(&self) -> QueueLength {
        *self.0.queue.borrow()
    }

    /// The counters of the notices that this process has handled.
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
