//! Jobs of the writer, as they wait in its queue.

use domain::{
    EditionId, ModerationId, SectionId, Violations, catalogue::CatalogueEdit, certification::Certification,
};
use jiff::Timestamp;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    command::{Command, CommandResult},
    failure::Failure,
    operation::QueuedOperation,
    responder::Responder,
};

/// The results of the commands of one request.
pub(super) type BatchResult = Result<Vec<CommandResult>, Failure>;

/// A job of the writer.
pub(super) enum Job {
    Reports {
        commands: Vec<Command>,
        asker: Responder<BatchResult>,
    },
    Catalogue {
        key: Option<Uuid>,
        now: Timestamp,
        work: CatalogueJob,
        asker: Responder<EditResult>,
    },
    Operation(QueuedOperation),
    Moderate {
        act: ModerationId,
        now: Timestamp,
        asker: Responder<Result<bool, Failure>>,
    },
    Certify {
        request: CertifyTotal,
        asker: Responder<CertifyResult>,
    },
    /// A heartbeat. It takes no slot of the queue, so that it measures the delay of other jobs.
    Beat {
        now: Timestamp,
        answer: oneshot::Sender<Result<(), Failure>>,
    },
}

/// A request to certify the total of an edition, or of the campaign of one section in it.
#[derive(Clone, Copy, Debug)]
pub struct CertifyTotal {
    /// The edition.
    pub edition: EditionId,
    /// The section; `None` for the whole edition.
    pub section: Option<SectionId>,
    /// The version that was looked at.
    pub expected_version: u64,
    /// The key of the staff member.
    pub key: Option<Uuid>,
    /// When it was requested.
    pub now: Timestamp,
}

/// The certification, or validation errors.
pub(super) type CertifyResult = Result<Result<Certification, Violations>, Failure>;

/// What a change of the catalogue decides.
pub(super) type CatalogueJob = Box<dyn FnOnce(&mut CatalogueEdit) -> Result<(), Violations> + Send>;
/// The result of a change of the catalogue.
pub(super) type EditResult = Result<Result<(), Violations>, Failure>;
