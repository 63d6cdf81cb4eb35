//! Earlier reports that a report looks like, for staff.

use std::borrow::Cow;

use async_graphql::{Context, SimpleObject};
use domain::report::CUMULATIVE_WITHIN;

use super::Report;
use crate::{
    api::{AppState, RequestContext, domain_enum::domain_enum, error::ApiError},
    database::reports,
};

/// The number of earlier reports that are compared.
const MAX_COMPARED: i64 = 200;
/// The number of similar reports that are listed.
pub(super) const MAX_LISTED: usize = 20;

domain_enum! {
    /// The likeness of a report to an earlier one.
    pub(crate) enum Similarity = domain::report::Similarity {
        /// It has the same lines and the same number of people, within a day: perhaps it was sent twice.
        LooksDuplicate,
        /// It has all lines of the earlier one and more, within thirty days: perhaps it is the figure so far, and should
        /// have been a later figure of that report.
        LooksCumulative,
    }
}

/// An earlier report that a report looks like.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct SimilarReport<'a> {
    /// The likeness.
    similarity: Similarity,
    /// The earlier report.
    report: Report<'a>,
}

/// Returns the earlier reports that a report looks like, newest first, for staff of its section.
pub(super) async fn of<'a>(
    ctx: &Context<'_>,
    request: &'a RequestContext,
    report: &domain::Report,
) -> Result<Option<Vec<SimilarReport<'a>>>, ApiError> {
    let campaign = request.catalogue.campaign(report.campaign_id);
    if request.staff().is_err() || campaign.is_none_or(|campaign| !request.may_act_for(campaign.section_id)) {
        return Ok(None);
    }
    let mut connection = request.connect_uncacheable(AppState::of(ctx)).await?;
    let since = report.latest().received_at - CUMULATIVE_WITHIN;
    let mut earlier = reports::before(&mut connection, report, since, MAX_COMPARED).await?;
    earlier.sort_by_key(|stored| std::cmp::Reverse((stored.report.latest().received_at, stored.report.id)));
    let similar = earlier.into_iter().filter_map(|stored| {
        let similarity = report.similarity(&stored.report)?.into();
        Some(SimilarReport { similarity, report: Report::new(request, Cow::Owned(stored.report)) })
    });
    Ok(Some(similar.take(MAX_LISTED).collect()))
}
