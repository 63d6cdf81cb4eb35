//! Commands: the changes of reports that clients request, and their results.

use std::net::IpAddr;

use domain::{
    CampaignId, EditionId, GroupId, Report, ReportId, Violations,
    report::{EventReference, FigureBasis, FigureWarning, ReportSource, ReportSubmission, Review},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Viewer;
use crate::credentials::SecretHash;

/// A change of a report, as a client requested it.
#[derive(Clone, Debug)]
pub struct Command {
    /// The idempotency key it came with.
    pub key: SecretHash,
    /// The hash under which an earlier version of the service stored the same key, for reports of an import file.
    pub former_key: Option<SecretHash>,
    /// When the request arrived.
    pub now: Timestamp,
    /// The viewer who sent it.
    pub viewer: Viewer,
    /// The client address, if it is known.
    pub address: Option<IpAddr>,
    /// The change.
    pub action: Action,
}

/// The change of a report.
#[derive(Clone, Debug)]
pub enum Action {
    /// A new report.
    Submit {
        /// The id of the new report, unless the key was used before.
        report: ReportId,
        /// The hash of the secret that will manage it.
        secret: SecretHash,
        /// The campaign that it counts for.
        campaign: CampaignId,
        /// The event that it is about, if any, and the role of the reporter there.
        at: Option<EventReference>,
        /// The group whose report it is, if it is that of one. Its event may be named beside it.
        group: Option<GroupId>,
        /// The content.
        submission: ReportSubmission,
        /// The kind of source.
        author: ReportSource,
        /// Why it is entered after the total was certified.
        reason: Option<String>,
    },
    /// A correction.
    Correct {
        /// Which report.
        report: ReportId,
        /// The revision it corrects.
        expected_revision: u32,
        /// The new content.
        submission: ReportSubmission,
        /// Why.
        reason: String,
    },
    /// A later figure of the same report.
    Update {
        /// Which report.
        report: ReportId,
        /// The revision that was looked at.
        expected_revision: u32,
        /// The figure.
        submission: ReportSubmission,
        /// How it relates to the one before.
        basis: FigureBasis,
    },
    /// A withdrawal.
    Withdraw {
        /// Which report.
        report: ReportId,
        /// The revision that was looked at.
        expected_revision: u32,
        /// Why.
        reason: String,
    },
    /// An objection to the report of a guest, by the host of the event.
    Object {
        /// Which report.
        report: ReportId,
        /// The revision that was looked at.
        expected_revision: u32,
        /// Why.
        reason: String,
    },
    /// A decision about a pending report.
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

/// The result of a command that was applied.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The report after the command.
    pub report: Report,
    /// The revision that the command added or reviewed.
    pub revision: u32,
    /// Whether the command is a replay that changed nothing.
    pub replayed: bool,
    /// Figures that look like something else than was said.
    pub warnings: Vec<FigureWarning>,
    /// Whether the report has a secret of its own.
    pub has_secret: bool,
    /// The edition that the report counts for.
    pub edition: EditionId,
    /// The version of the total of that edition.
    pub version: i64,
}

/// The result of one command: a receipt, or the validation errors.
pub type CommandResult = Result<Receipt, Violations>;

impl Action {
    /// The report that it is about, unless it makes a new one.
    pub(super) const fn report(&self) -> Option<ReportId> {
        match self {
            Self::Submit { .. } => None,
            Self::Correct { report, .. }
            | Self::Update { report, .. }
            | Self::Withdraw { report, .. }
            | Self::Object { report, .. }
            | Self::Review { report, .. } => Some(*report),
        }
    }

    /// Why it is done, where that was given.
    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Submit { reason, .. } => reason.as_deref(),
            Self::Update { .. } => None,
            Self::Correct { reason, .. }
            | Self::Withdraw { reason, .. }
            | Self::Object { reason, .. }
            | Self::Review { reason, .. } => Some(reason),
        }
    }

    /// The name of the mutation, for the audit log.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Submit { .. } => "reportSubmit",
            Self::Correct { .. } => "reportCorrect",
            Self::Update { .. } => "reportUpdate",
            Self::Withdraw { .. } => "reportWithdraw",
            Self::Object { .. } => "reportObject",
            Self::Review { .. } => "reportReview",
        }
    }

    /// The warnings about the figure that made this revision of a report. They follow from the command and the
    /// revisions alone, so that a replay has those of the first time.
    pub(super) fn warnings(&self, report: &Report, revision: u32) -> Vec<FigureWarning> {
        let content_of = |number: u32| {
            let found = report.revisions().iter().find(|revision| revision.number == number);
            found.map(|revision| &revision.content)
        };
        let warnings = match self {
            Self::Correct { submission, .. } => {
                let before = content_of(revision.saturating_sub(1));
                before.map(|before| submission.warnings_of_correction(before))
            }
            Self::Update { submission, basis: FigureBasis::InAddition, .. } => {
                content_of(revision).map(|after| submission.warnings_of_addition(after))
            }
            Self::Update { .. }
            | Self::Submit { .. }
            | Self::Withdraw { .. }
            | Self::Object { .. }
            | Self::Review { .. } => None,
        };
        warnings.unwrap_or_default()
    }

    /// What tells two commands under one key apart.
    pub(super) fn fingerprint(&self) -> SecretHash {
        let (what, report, content, reason): (&str, _, _, &str) = match self {
            Self::Submit { campaign, at, group, submission, .. } => {
                let content = submission.content().fingerprint(*campaign);
                return match (group, at) {
                    (Some(group), _) => fingerprint_of_group_report(content, *group),
                    (None, Some(at)) => fingerprint_of_event_report(content, *at),
                    (None, None) => SecretHash::from_bytes(content),
                };
            }
            Self::Correct { report, submission, reason, .. } => {
                // The campaign follows from the report.
                let content = submission.content().fingerprint(CampaignId::new(Uuid::nil()));
                ("correct", report, content, reason)
            }
            Self::Update { report, submission, basis, .. } => {
                let content = submission.content().fingerprint(CampaignId::new(Uuid::nil()));
                ("update", report, content, basis.as_str())
            }
            Self::Withdraw { report, reason, .. } => ("withdraw", report, [0; 32], reason),
            Self::Object { report, reason, .. } => ("object", report, [0; 32], reason),
            Self::Review { report, review: Review::Accept, reason, .. } => {
                ("accept", report, [0; 32], reason)
            }
            Self::Review { report, review: Review::Reject, reason, .. } => {
                ("reject", report, [0; 32], reason)
            }
        };
        let mut hash = Sha256::new();
        hash.update(what);
        hash.update(report.uuid());
        hash.update(content);
        hash.update(reason);
        SecretHash::from_bytes(hash.finalize().into())
    }
}

/// The fingerprint of a new report about an event: the content, the event and the role of the reporter.
fn fingerprint_of_event_report(of_content: [u8; 32], at: EventReference) -> SecretHash {
    let mut hash = Sha256::new();
    hash.update(of_content);
    hash.update(at.event.uuid());
    hash.update(at.side.as_str());
    SecretHash::from_bytes(hash.finalize().into())
}

/// The fingerprint of a new report of a group: the content and the group.
fn fingerprint_of_group_report(of_content: [u8; 32], group: GroupId) -> SecretHash {
    let mut hash = Sha256::new();
    hash.update(of_content);
    hash.update("group");
    hash.update(group.uuid());
    SecretHash::from_bytes(hash.finalize().into())
}
