//! What comes of a change of a report.

use std::{borrow::Cow, sync::Arc};

use async_graphql::Object;

use super::{GuestReport, Report};
use crate::{
    api::{
        RequestContext,
        error::{UserErrors, user_errors},
        inline::Inline,
        scalar::Count,
    },
    ledger::{CommandResult, Receipt},
};

/// What comes of a change of a report, and the state after it.
pub(super) struct Outcome {
    pub(super) asking: Arc<RequestContext>,
    pub(super) answer: CommandResult,
}

impl Outcome {
    fn receipt(&self) -> Option<&Receipt> {
        self.answer.as_ref().ok()
    }

    fn report(&self) -> Option<Inline<Report<'_>>> {
        let receipt = self.receipt()?;
        Some(Inline(Report::new(&self.asking, Cow::Borrowed(&receipt.report))))
    }

    fn replayed(&self) -> bool {
        self.receipt().is_some_and(|receipt| receipt.replayed)
    }

    fn version(&self) -> Option<Count> {
        u64::try_from(self.receipt()?.version).ok().map(Count::from)
    }
}

/// What came of an objection.
pub(crate) struct ReportObjectPayload(pub(super) Outcome);

/// What came of an objection.
#[Object(serial)]
impl ReportObjectPayload {
    /// The report as it stands now, as the host sees it; null if a rule says no.
    async fn guest_report(&self) -> Option<GuestReport<'_>> {
        let receipt = self.0.receipt()?;
        Some(GuestReport::new(&self.0.asking, receipt.report.clone()))
    }

    /// Whether the same had been sent with this key before, so that nothing happened this time.
    async fn replayed(&self) -> bool {
        self.0.replayed()
    }

    /// The version of the edition's total from which on it has this change; null if a rule says no.
    async fn version(&self) -> Option<Count> {
        self.0.version()
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0.answer)
    }
}

/// What came of a new report, and its secret.
pub(crate) struct ReportSubmitPayload {
    pub(super) outcome: Outcome,
    pub(super) secret: Option<String>,
}

/// What came of a new report.
#[Object(serial)]
impl ReportSubmitPayload {
    /// The report; null if a rule says no.
    async fn report(&self) -> Option<Inline<Report<'_>>> {
        self.outcome.report()
    }

    /// The secret that manages exactly this report: send it as `Authorization: Bearer …`. It is not
    /// kept and cannot be asked for again, but the same submission with the same key brings it again.
    /// Null if a rule says no, and once the report is its owner's alone: their own secret manages it.
    async fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Whether the same had been sent with this key before, so that nothing happened this time.
    async fn replayed(&self) -> bool {
        self.outcome.replayed()
    }

    /// The version of the edition's total from which on it has this report; null if a rule says no.
    async fn version(&self) -> Option<Count> {
        self.outcome.version()
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome.answer)
    }
}

macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        pub(crate) struct $name(pub(super) Outcome);

        $(#[$meta])*
        #[Object(serial)]
        impl $name {
            /// The report as it stands now; null if a rule says no.
            async fn report(&self) -> Option<Inline<Report<'_>>> {
                self.0.report()
            }

            /// Whether the same had been sent with this key before, so that nothing happened this
            /// time.
            async fn replayed(&self) -> bool {
                self.0.replayed()
            }

            /// The version of the edition's total from which on it has this change; null if a rule
            /// says no.
            async fn version(&self) -> Option<Count> {
                self.0.version()
            }

            /// All rules that say no; none if it was done.
            async fn user_errors(&self) -> UserErrors {
                user_errors(&self.0.answer)
            }
        }
    )+};
}

payloads! {
    /// What came of a correction.
    ReportCorrectPayload;

    /// What came of taking a report back.
    ReportWithdrawPayload;

    /// What came of a review.
    ReportReviewPayload;
}
