//! The total: one reusable answer to "how many?".

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use domain::{
    EditionId,
    total::{ScopeTotals, TotalScope},
};
use jiff::Timestamp;

use super::{
    RequestContext, cost,
    error::ApiError,
    inline::{Inline, List},
    scalar::{Count, DateTime},
};
use crate::{database::edition_versions, totals_store};

mod breakdown;

pub(crate) use breakdown::{ActionKind, CaseAmount, Channel, KindAmount, by_case, by_kind};
use breakdown::{ChannelAmount, CountryAmount, RegionAmount, SectionAmount};

/// How final a total is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::total::TotalStatus")]
pub(crate) enum TotalStatus {
    /// Reports are still coming in.
    Provisional,
    /// The collection deadline and the grace days are over everywhere. Staff may still enter late
    /// reports and corrections.
    Complete,
}

/// Letters and actions.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct LetterCounts {
    /// Appeal letters and messages of solidarity.
    letters: Count,
    /// Everything that was done, letters among it.
    actions: Count,
}

impl From<domain::total::LetterCounts> for LetterCounts {
    fn from(amount: domain::total::LetterCounts) -> Self {
        Self { letters: amount.letters.into(), actions: amount.actions.into() }
    }
}

/// What is held until staff have looked at it.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct BeingChecked {
    /// Appeal letters and messages of solidarity.
    letters: Count,
    /// Everything that was done, letters among it.
    actions: Count,
    /// Reports; null for a case, since one report tells of several.
    reports: Option<Count>,
}

/// A total at one version of its edition.
pub(crate) struct Total<'a> {
    asking: &'a RequestContext,
    edition: &'a domain::Edition,
    scope: TotalScope,
    count: Arc<totals_store::TotalsSnapshot>,
}

/// How much was written: by the whole world, in one campaign, or for one case. All totals of one
/// edition in one answer have the same version, and each breakdown adds up to `letters` and
/// `actions`. Only reports that count are in it: none that is held, rejected, withdrawn or a test.
#[Object(serial)]
impl<'a> Total<'a> {
    /// Appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.sums().all.letters.into()
    }

    /// Everything that was done, letters among it.
    async fn actions(&self) -> Count {
        self.sums().all.actions.into()
    }

    /// People who wrote, as far as reports say so; null for a case, since one person writes for
    /// several.
    async fn people(&self) -> Option<Count> {
        (!self.is_of_case()).then(|| self.sums().people.into())
    }

    /// Reports that count; null for a case, since one report tells of several.
    async fn reports(&self) -> Option<Count> {
        (!self.is_of_case()).then(|| self.sums().reports.into())
    }

    /// The part that was reported after the collection deadline.
    async fn late(&self) -> Inline<LetterCounts> {
        Inline(self.sums().late.into())
    }

    /// What was reported and is held until staff have looked at it: it is in nothing else here. A report is held if it
    /// is not plausible by itself, or beside what else came from its address, its network or to its campaign within
    /// the same hour. Where a correction is held, all that it says is told here, while the revision before it goes on
    /// counting.
    async fn being_checked(&self) -> Inline<BeingChecked> {
        let sums = self.sums();
        Inline(BeingChecked {
            letters: sums.held.letters.into(),
            actions: sums.held.actions.into(),
            reports: (!self.is_of_case()).then(|| sums.held_reports.into()),
        })
    }

    /// By kind of action. Kinds of which there are none are left out, here and below.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_kind(&self) -> List<Inline<KindAmount>> {
        breakdown::by_kind(self.sums())
    }

    /// By case, the most written for first; what was reported without a case comes last.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_case(&self) -> List<Inline<CaseAmount<'a>>> {
        breakdown::by_case(self.sums(), self.asking)
    }

    /// By section, the most active first.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_section(&self) -> List<Inline<SectionAmount<'a>>> {
        breakdown::by_section(self.sums(), self.asking)
    }

    /// By country they were written in, the most active first; the unknown part comes last.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_country(&self) -> List<Inline<CountryAmount>> {
        breakdown::by_country(self.sums())
    }

    /// By region they were written in, the most active first; the unknown part comes last.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_region(&self) -> List<Inline<RegionAmount>> {
        breakdown::by_region(self.sums())
    }

    /// By the channel through which they were reported.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_channel(&self) -> List<Inline<ChannelAmount>> {
        breakdown::by_channel(self.sums())
    }

    /// How many letters the edition or the campaign set out to write; null where no goal is set, and
    /// for a case.
    async fn goal(&self) -> Option<Count> {
        self.asking.catalogue.goal_of_total(self.edition.id, self.scope).map(Count::from)
    }

    /// How final it is.
    async fn status(&self) -> TotalStatus {
        self.asking.catalogue.status_of_total(self.edition.id, self.scope, self.asking.now).into()
    }

    /// When the last change that is in it was made; null before the first one.
    async fn as_of(&self) -> Option<DateTime> {
        (self.count.version > 0).then(|| self.count.as_of.into())
    }

    /// The version of the edition's count: it grows by one with each change of any of its totals. A
    /// higher version is a newer count.
    async fn version(&self) -> Count {
        u64::try_from(self.count.version).unwrap_or_default().into()
    }

    /// How the counters compared with a count of all reports from the beginning, when that was last
    /// done; null before, and for anything but the world total of an edition.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn recount(&self, ctx: &Context<'_>) -> Result<Option<Recount>, ApiError> {
        match self.scope {
            TotalScope::Edition => Recount::find(ctx, self.asking, self.edition.id).await,
            _ => Ok(None),
        }
    }
}

impl<'a> Total<'a> {
    /// The total of a scope of an edition.
    pub(crate) fn new(asking: &'a RequestContext, edition: &'a domain::Edition, scope: TotalScope) -> Self {
        Self { asking, edition, scope, count: asking.count(edition.id) }
    }

    fn sums(&self) -> &ScopeTotals {
        self.count.tally.sums(self.scope)
    }

    const fn is_of_case(&self) -> bool {
        matches!(self.scope, TotalScope::Case(_) | TotalScope::SectionCase(..))
    }
}

/// A comparison of the counters with all reports.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct Recount {
    /// Whether both said the same.
    matches: bool,
    /// When they were compared.
    checked_at: DateTime,
    /// The version that was compared.
    version: Count,
}

impl Recount {
    async fn find(
        ctx: &Context<'_>,
        asking: &RequestContext,
        edition: EditionId,
    ) -> Result<Option<Self>, ApiError> {
        let mut connection = asking.connect_uncacheable(super::AppState::of(ctx)).await?;
        let recount = edition_versions::recount(&mut connection, edition).await?;
        Ok(recount.map(|recount| Self {
            matches: recount.matches,
            checked_at: recount.checked_at.into(),
            version: u64::try_from(recount.version).unwrap_or_default().into(),
        }))
    }
}

/// What the world total of an edition was at an instant past.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct HistoricTotal {
    /// Appeal letters and messages of solidarity.
    letters: Count,
    /// Everything that was done, letters among it.
    actions: Count,
    /// The actions that were reported after the collection deadline.
    late_actions: Count,
    /// People who wrote, as far as reports say so.
    people: Count,
    /// When the last change that was in it had been made.
    as_of: DateTime,
    /// The version of the edition's count.
    version: Count,
}

impl HistoricTotal {
    pub(crate) async fn find(
        ctx: &Context<'_>,
        asking: &RequestContext,
        edition: EditionId,
        instant: Timestamp,
    ) -> Result<Option<Self>, ApiError> {
        let mut connection = asking.connect_uncacheable(super::AppState::of(ctx)).await?;
        let headline = edition_versions::at(&mut connection, edition, instant).await?;
        Ok(headline.map(|headline| Self {
            letters: headline.letters.into(),
            actions: headline.actions.into(),
            late_actions: headline.late.into(),
            people: headline.people.into(),
            as_of: headline.committed_at.into(),
            version: u64::try_from(headline.version).unwrap_or_default().into(),
        }))
    }
}
