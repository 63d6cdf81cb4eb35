//! Payloads of the report mutations.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Object, SimpleObject};
use domain::report::FigureWarning;
use graphql_engine::inline::{Inline, InlineList};

use super::{GuestReport, Report, ReportWarningCode};
use crate::{
    api::{
        RequestContext,
        error::{UserErrors, user_errors},
        payload::payloads,
        scalar::Count,
    },
    ledger::{CommandResult, Receipt},
};

/// The result of a change of a report, with the state after it.
pub(super) struct Outcome {
    pub(super) request: Arc<RequestContext>,
    pub(super) answer: CommandResult,
}

impl Outcome {
    fn receipt(&self) -> Option<&Receipt> {
        self.answer.as_ref().ok()
    }

    fn report(&self) -> Option<Inline<Report<'_>>> {
        let receipt = self.receipt()?;
        Some(Inline(Report::new(&self.request, Cow::Borrowed(&receipt.report))))
    }

    fn replayed(&self) -> bool {
        self.receipt().is_some_and(|receipt| receipt.replayed)
    }

    fn version(&self) -> Option<Count> {
        u64::try_from(self.receipt()?.version).ok().map(Count::from)
    }
}

/// The result of an objection.
pub(crate) struct ReportObjectPayload(pub(super) Outcome);

/// The result of an objection.
#[Object(serial)]
impl ReportObjectPayload {
    /// The report after the change, as seen by the host; null if there are `userErrors`.
    async fn guest_report(&self) -> Option<GuestReport<'_>> {
        let receipt = self.0.receipt()?;
        Some(GuestReport::new(&self.0.request, receipt.report.clone()))
    }

    /// Whether the key was used before with the same content, so that this request changed nothing.
    async fn replayed(&self) -> bool {
        self.0.replayed()
    }

    /// The first version of the edition's total that includes this change; null if there are `userErrors`.
    async fn version(&self) -> Option<Count> {
        self.0.version()
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0.answer)
    }
}

/// The result of submitting a report, with its secret.
pub(crate) struct ReportSubmitPayload {
    pub(super) outcome: Outcome,
    pub(super) secret: Option<String>,
}

/// The result of submitting a report.
#[Object(serial)]
impl ReportSubmitPayload {
    /// The report; null if there are `userErrors`.
    async fn report(&self) -> Option<Inline<Report<'_>>> {
        self.outcome.report()
    }

    /// The secret that manages exactly this report: send it as `Authorization: Bearer …`. The service does
    /// not store it; only repeating the request with the same key returns it again. Null if there are
    /// `userErrors`, and once the owner of the address has sole access: the participant's or attendance's
    /// secret manages the report then.
    async fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Whether the key was used before with the same content, so that this request changed nothing.
    async fn replayed(&self) -> bool {
        self.outcome.replayed()
    }

    /// The first version of the edition's total that includes this report; null if there are `userErrors`.
    async fn version(&self) -> Option<Count> {
        self.outcome.version()
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome.answer)
    }
}

/// A warning about a figure that was taken as it was said.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct ReportWarning {
    /// The kind of warning.
    code: ReportWarningCode,
    /// The path in the input: field names and list indexes, such as `["numbers", "0", "quantity"]`.
    path: Vec<String>,
    /// A full sentence that can be shown to the person.
    message: String,
}

impl From<&FigureWarning> for ReportWarning {
    fn from(warning: &FigureWarning) -> Self {
        Self { code: warning.kind.into(), path: warning.path.clone(), message: warning.to_string() }
    }
}

payloads! {
    Outcome, [answer], {
        /// The report after the change; null if there are `userErrors`.
        async fn report(&self) -> Option<Inline<Report<'_>>> {
            self.0.report()
        }

        /// Whether the key was used before with the same content, so that this request changed nothing.
        async fn replayed(&self) -> bool {
            self.0.replayed()
        }

        /// The first version of the edition's total that includes this change; null if there are
        /// `userErrors`.
        async fn version(&self) -> Option<Count> {
            self.0.version()
        }

        /// Warnings about figures that look like something else than was said. The report counts as it was said
        /// all the same.
        async fn warnings(&self) -> InlineList<Inline<ReportWarning>> {
            let warnings = self.0.receipt().map_or(&[][..], |receipt| &receipt.warnings);
            warnings.iter().map(ReportWarning::from).map(Inline).collect()
        }
    }

    /// The result of correcting a report.
    ReportCorrectPayload;

    /// The result of updating a report.
    ReportUpdatePayload;
}

payloads! {
    Outcome, [answer], {
        /// The report after the change; null if there are `userErrors`.
        async fn report(&self) -> Option<Inline<Report<'_>>> {
            self.0.report()
        }

        /// Whether the key was used before with the same content, so that this request changed nothing.
        async fn replayed(&self) -> bool {
            self.0.replayed()
        }

        /// The first version of the edition's total that includes this change; null if there are
        /// `userErrors`.
        async fn version(&self) -> Option<Count> {
            self.0.version()
        }
    }

    /// The result of withdrawing a report.
    ReportWithdrawPayload;

    /// The result of reviewing a report.
    ReportReviewPayload;
}
