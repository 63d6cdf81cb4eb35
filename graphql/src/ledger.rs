//! The ledger: the one door for everything that counts, and for every change of the catalogue.

use domain::{
    CampaignId, Report, ReportId, Violation,
    report::{Author, Review, Submission},
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{catalogue::Revising, secret::Hash};

/// Something that is to be entered into the ledger.
#[derive(Clone, Debug)]
pub struct Command {
    /// The idempotency key it came with.
    pub key: Hash,
    /// When it came in.
    pub now: Timestamp,
    /// Who says so.
    pub credential: Credential,
    /// What is to be done.
    pub action: Action,
}

/// What proves that somebody may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Nothing: anyone may report.
    None,
    /// The secret of the report.
    Secret(Hash),
    /// An administrator's key, or the command line.
    Staff(Option<Uuid>),
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Action {
    /// A new report.
    Submit {
        /// The identity it gets, unless its key was used before.
        report: ReportId,
        /// The hash of the secret that will manage it.
        secret: Hash,
        /// Where it belongs.
        campaign: CampaignId,
        /// What it says.
        submission: Submission,
        /// Whose word it is.
        author: Author,
    },
    /// A correction.
    Correct {
        /// Which report.
        report: ReportId,
        /// The revision it corrects.
        expected_revision: u32,
        /// What it says now.
        submission: Submission,
        /// Why.
        reason: String,
    },
    /// Taking a report back.
    Withdraw {
        /// Which report.
        report: ReportId,
        /// The revision that was looked at.
        expected_revision: u32,
        /// Why.
        reason: String,
    },
    /// Deciding about a held report.
    Review {
        /// Which report.
        report: ReportId,
        /// The revision that was looked at.
        expected_revision: u32,
        /// The decision.
        review: Review,
        /// Why.
        reason: String,
    },
}

/// What the ledger says of a command that it took.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The report as it stands now.
    pub report: Report,
    /// The revision that the command made or decided about.
    pub revision: u32,
    /// Whether the same command had been done before, and nothing happened this time.
    pub replayed: bool,
    /// The version of the edition's total that has it.
    pub version: i64,
}

/// Why the ledger could not say anything. Nothing was done.
#[derive(Debug)]
pub enum Failure {
    /// Too many are waiting.
    Busy,
    /// The database did not take it.
    Database(crate::database::Error),
}

/// The answer to one command: a receipt, or all the rules that say no.
pub type Answer = Result<Receipt, Vec<Violation>>;

/// The door. Clones lead to the same ledger.
#[derive(Clone, Debug)]
pub struct Ledger;

impl Ledger {
    /// Enters commands; each gets its own answer, in order.
    ///
    /// # Errors
    /// [`Failure`] for all of them together.
    pub async fn enter(&self, commands: Vec<Command>) -> Result<Vec<Answer>, Failure> {
        let _ = commands;
        Err(Failure::Busy)
    }

    /// Changes the catalogue: all that `work` decides, or nothing.
    ///
    /// # Errors
    /// [`Failure`]; the inner errors are the rules that `work` says are broken.
    pub async fn change<T: Send + 'static>(
        &self,
        key: Option<Uuid>,
        now: Timestamp,
        work: impl FnOnce(&mut Revising) -> Result<T, Vec<Violation>> + Send + 'static,
    ) -> Result<Result<T, Vec<Violation>>, Failure> {
        let _ = (key, now, work);
        Err(Failure::Busy)
    }
}
