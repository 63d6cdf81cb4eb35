//! How much somebody reported of their own.

use async_graphql::{Context, Object};
use domain::{
    Totals,
    total::{ScopeTotals, TotalScope},
};

use crate::{
    api::{
        RequestContext, cost,
        error::ApiError,
        inline::{Inline, List},
        scalar::Count,
        total::{self, CaseAmount, KindAmount, LetterCounts},
    },
    database::reports::{self, ReportOwnerId},
};

/// What the reports of one person say.
pub(crate) struct ReporterTotal<'a> {
    asking: &'a RequestContext,
    told: Totals,
}

/// How much somebody reported of their own, as far as it counts: none of it is held, rejected, withdrawn
/// or a test. At an event others may have told of the same letters: there each counts once, and here all
/// that they reported themselves.
#[Object(serial)]
impl<'a> ReporterTotal<'a> {
    /// Appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.sums().all.letters.into()
    }

    /// Everything that was done, letters among it.
    async fn actions(&self) -> Count {
        self.sums().all.actions.into()
    }

    /// Reports that count.
    async fn reports(&self) -> Count {
        self.sums().reports.into()
    }

    /// The part that was reported after the collection deadline.
    async fn late(&self) -> Inline<LetterCounts> {
        Inline(self.sums().late.into())
    }

    /// By kind of action. Kinds of which there are none are left out.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_kind(&self) -> List<Inline<KindAmount>> {
        total::by_kind(self.sums())
    }

    /// By case, the most written for first; what was reported without a case comes last.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_case(&self) -> List<Inline<CaseAmount<'a>>> {
        total::by_case(self.sums(), self.asking)
    }
}

impl<'a> ReporterTotal<'a> {
    /// That of somebody who asks, or for whom staff ask.
    pub(crate) async fn of(
        ctx: &Context<'_>,
        asking: &'a RequestContext,
        owner: ReportOwnerId,
    ) -> Result<Self, ApiError> {
        let mut connection = asking.connect_uncacheable(crate::api::AppState::of(ctx)).await?;
        Ok(Self { asking, told: reports::totals_of(&mut connection, owner).await? })
    }

    /// Appeal letters and messages of solidarity.
    pub(crate) fn count_letters(&self) -> u64 {
        self.sums().all.letters
    }

    fn sums(&self) -> &ScopeTotals {
        self.told.sums(TotalScope::Edition)
    }
}
