//! Receipts: proofs that a report is in the transparency log.

use async_graphql::{Context, SimpleObject};
use domain::ReportId;

use super::ReportState;
use crate::{
    api::{
        AppState, RequestContext,
        error::ApiError,
        scalar::{Count, DateTime},
    },
    ledger::report_log,
};

/// The look-ups of a receipt: the leaf, the head, and two tiles of hashes at each of three levels.
pub(super) const LOOKUPS: usize = 8;

/// The place of a report revision in the transparency log, and the proof of it.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct ReportReceipt {
    /// The revision that it is about.
    revision: u32,
    /// The state of the revision that the log has: each change of it is another leaf.
    state: ReportState,
    /// The index of the leaf in the log, from 0; null until the leaf is published.
    index: Option<Count>,
    /// The proof, a text in the form `c2sp.org/tlog-proof@v1`: the salt and the line of the leaf, its path to the
    /// root, and the signed head of the log. Save it as a file with the extension `.tlog-proof`. `w4r verify` and the
    /// page `/verify` check it offline. Null until the leaf is published. Keep it: after an erasure nothing makes it
    /// again.
    proof: Option<String>,
    /// When the leaf will be published; null once it is, and while the log is halted.
    expected_at: Option<DateTime>,
}

/// Returns the receipt of a revision, for a viewer who may see the report.
pub(super) async fn of(
    ctx: &Context<'_>,
    report: ReportId,
    revision: u32,
) -> Result<Option<ReportReceipt>, ApiError> {
    let request = RequestContext::of(ctx);
    let mut connection = request.connect_uncacheable(AppState::of(ctx)).await?;
    let Some(found) = report_log::receipt(&mut connection, report, revision).await? else { return Ok(None) };
    let is_due = found.index.is_none() && !found.is_halted;
    let expected_at = is_due.then(|| report_log::next_publication(request.now).into());
    Ok(Some(ReportReceipt {
        revision,
        state: found.state.into(),
        index: found.index.map(Count::from),
        proof: found.proof,
        expected_at,
    }))
}
