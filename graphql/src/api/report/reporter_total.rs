//! The sum of a person's own reports.

use async_graphql::{Context, Object};
use domain::{
    Totals,
    total::{ScopeTotals, TotalScope},
};
use graphql_engine::inline::{Inline, InlineList};

use crate::{
    api::{
        RequestContext, cost,
        error::ApiError,
        scalar::Count,
        total::{self, CaseCounts, KindCounts, LetterCounts},
    },
    database::reports::{self, ReportOwnerId},
};

/// The reports of one person.
pub(crate) struct ReporterTotal<'a> {
    request: &'a RequestContext,
    totals: Totals,
}

/// The sum of a person's own reports that count: none that is pending review, rejected, withdrawn or a test.
/// At an event, others may have reported the same letters: the event counts them once, while this sum has all
/// that the person reported.
#[Object(serial)]
impl<'a> ReporterTotal<'a> {
    /// Appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.sums().all.letters.into()
    }

    /// All actions, including letters.
    async fn actions(&self) -> Count {
        self.sums().all.actions.into()
    }

    /// The number of reports that count.
    async fn reports(&self) -> Count {
        self.sums().reports.into()
    }

    /// The part reported after the collection deadline.
    async fn late(&self) -> Inline<LetterCounts> {
        Inline(self.sums().late.into())
    }

    /// By kind of action. Kinds without actions are omitted.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_kind(&self) -> InlineList<Inline<KindCounts>> {
        total::by_kind(self.sums())
    }

    /// By case, largest first; the part without a case comes last.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_case(&self) -> InlineList<Inline<CaseCounts<'a>>> {
        total::by_case(self.sums(), self.request)
    }
}

impl<'a> ReporterTotal<'a> {
    /// Returns the sum for the viewer, or of a person for staff.
    pub(crate) async fn of(
        ctx: &Context<'_>,
        request: &'a RequestContext,
        owner: ReportOwnerId,
    ) -> Result<Self, ApiError> {
        let mut connection = request.connect_uncacheable(crate::api::AppState::of(ctx)).await?;
        Ok(Self { request, totals: reports::totals_of(&mut connection, owner).await? })
    }

    /// Appeal letters and messages of solidarity.
    pub(crate) fn count_letters(&self) -> u64 {
        self.sums().all.letters
    }

    fn sums(&self) -> &ScopeTotals {
        self.totals.sums(TotalScope::Edition)
    }
}
