//! Totals: one type for every count of letters.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use domain::{
    EditionId, SectionId,
    total::{ScopeTotals, TotalScope},
};
use graphql_engine::inline::{Inline, InlineList};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{
    RequestContext,
    certification::Certification,
    cost,
    error::ApiError,
    scalar::{Count, DateTime},
};
use crate::api::domain_enum::domain_enum;
use crate::{
    database::{edition_versions, scope_versions},
    totals_store,
};

mod breakdown;
mod coverage;
pub(crate) mod history;

pub(crate) use breakdown::{ActionKind, CaseCounts, KindCounts, Origin, Way, by_case, by_kind};
use breakdown::{CountryCounts, OriginCounts, RegionCounts, SectionCounts, WayCounts};
use coverage::SectionCoverage;

domain_enum! {
    /// The finality of a total.
    pub(crate) enum TotalStatus = domain::total::TotalStatus {
        /// Reports are still accepted.
        Provisional,
        /// The collection deadline and the grace days are over in all campaigns. Staff may still enter late
        /// reports and corrections.
        Complete,
        /// Staff have certified the total. It is as it was then.
        Certified,
        /// The total was certified, and staff have corrected it since.
        Corrected,
    }
}

/// A number of letters and actions.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct LetterCounts {
    /// Appeal letters and messages of solidarity.
    letters: Count,
    /// All actions, including letters.
    actions: Count,
}

impl From<domain::total::LetterCounts> for LetterCounts {
    fn from(amount: domain::total::LetterCounts) -> Self {
        Self { letters: amount.letters.into(), actions: amount.actions.into() }
    }
}

/// The quantities pending review.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct PendingReview {
    /// Appeal letters and messages of solidarity.
    letters: Count,
    /// All actions, including letters.
    actions: Count,
    /// The number of reports; null for a case, since one report covers several cases.
    reports: Option<Count>,
}

/// A total at one version of its edition.
pub(crate) struct Total<'a> {
    request: &'a RequestContext,
    edition: &'a domain::Edition,
    scope: TotalScope,
    /// The section that is left out of the worldwide total, and the sums without it.
    without: Option<(SectionId, ScopeTotals)>,
    count: Arc<totals_store::TotalsSnapshot>,
}

/// The number of letters written worldwide, in one campaign, or for one case. All totals of one edition in
/// one response have the same version, and each breakdown adds up to `letters` and `actions`. Included are the
/// reports that count, none that is pending review, rejected, withdrawn or a test, and what statements add to
/// them (`stated`).
#[Object(serial)]
impl<'a> Total<'a> {
    /// Appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.sums().all.letters.into()
    }

    /// All actions, including letters.
    async fn actions(&self) -> Count {
        self.sums().all.actions.into()
    }

    /// People who wrote, as far as stated in reports; null for a case, since one person writes for several
    /// cases.
    async fn people(&self) -> Option<Count> {
        (!self.is_of_case()).then(|| self.sums().people.into())
    }

    /// The number of reports that count; null for a case, since one report covers several cases.
    async fn reports(&self) -> Option<Count> {
        (!self.is_of_case()).then(|| self.sums().reports.into())
    }

    /// The part reported after the collection deadline.
    async fn late(&self) -> Inline<LetterCounts> {
        Inline(self.sums().late.into())
    }

    /// The part pending review, which is included in nothing else here. A report awaits review if it is not
    /// plausible by itself, or beside other reports from its address, from its network or to its campaign
    /// within the same hour. A pending correction is included here as a whole, while the revision before it
    /// keeps counting.
    async fn pending_review(&self) -> Inline<PendingReview> {
        let sums = self.sums();
        Inline(PendingReview {
            letters: sums.pending_review.letters.into(),
            actions: sums.pending_review.actions.into(),
            reports: (!self.is_of_case()).then(|| sums.reports_pending_review.into()),
        })
    }

    /// By kind of action. Entries without actions are omitted, here and in the other breakdowns.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_kind(&self) -> InlineList<Inline<KindCounts>> {
        breakdown::by_kind(self.sums())
    }

    /// By case, largest first; the part without a case comes last.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_case(&self) -> InlineList<Inline<CaseCounts<'a>>> {
        breakdown::by_case(self.sums(), self.request)
    }

    /// By section, largest first.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_section(&self) -> InlineList<Inline<SectionCounts<'a>>> {
        breakdown::by_section(self.sums(), self.request)
    }

    /// By country of writing, largest first; the unknown part comes last.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_country(&self) -> InlineList<Inline<CountryCounts>> {
        breakdown::by_country(self.sums())
    }

    /// By region of writing, largest first; the unknown part comes last.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_region(&self) -> InlineList<Inline<RegionCounts>> {
        breakdown::by_region(self.sums())
    }

    /// By who handed it in, largest first; the unknown part comes last. What an event hands in that is not public
    /// counts as `PERSON`, so that no part of a total discloses that event.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_origin(&self) -> InlineList<Inline<OriginCounts>> {
        breakdown::by_origin(self.sums())
    }

    /// By the way it was collected, largest first; the unknown part comes last.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_way(&self) -> InlineList<Inline<WayCounts>> {
        breakdown::by_way(self.sums())
    }

    /// The sections that were heard from, and those that are awaited; null for anything but the worldwide total of an
    /// edition.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn sections(&self) -> Option<SectionCoverage<'a>> {
        self.is_worldwide().then(|| SectionCoverage::of(self.request, self.edition.id, &self.count.tally))
    }

    /// The part that comes from statements: what sections, partners and the Secretariat state for themselves, beyond
    /// the reports and the other statements that a statement contains. The rest was reported here.
    async fn stated(&self) -> Inline<LetterCounts> {
        Inline(self.sums().stated.into())
    }

    /// The goal in letters of the edition or the campaign; null if there is none, and for a case.
    async fn goal(&self) -> Option<Count> {
        if self.without.is_some() {
            return None;
        }
        self.request.catalogue.goal_of_total(self.edition.id, self.scope).map(Count::from)
    }

    /// The finality of the total.
    async fn status(&self) -> TotalStatus {
        let (edition, corrections) = (self.edition.id, &self.count.corrections);
        if let Some((section, _)) = self.without {
            let (catalogue, now) = (&self.request.catalogue, self.request.now);
            return catalogue.status_without(edition, section, corrections, now).into();
        }
        self.request.catalogue.status_of_total(edition, self.scope, corrections, self.request.now).into()
    }

    /// The certification of the total; null if it is not certified.
    async fn certification(&self) -> Option<Certification<'a>> {
        if self.without.is_some() {
            return None;
        }
        let certification = self.request.catalogue.certification_of_total(self.edition.id, self.scope)?;
        let corrections = self.count.corrections.iter().filter(|one| one.is_of(certification, self.scope));
        Some(Certification::new(self.request, certification, corrections.cloned().collect()))
    }

    /// When the last included change was made; null before the first one.
    async fn as_of(&self) -> Option<DateTime> {
        (self.count.version > 0).then(|| self.count.as_of.into())
    }

    /// The version of the edition's count, increased by one with each change of any of its totals. A higher
    /// version is a newer count.
    async fn version(&self) -> Count {
        u64::try_from(self.count.version).unwrap_or_default().into()
    }

    /// The last comparison of the counters with a recount of all reports; null if there was none yet, and for
    /// anything but the worldwide total of an edition.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn recount(&self, ctx: &Context<'_>) -> Result<Option<Recount>, ApiError> {
        if self.is_worldwide() {
            return Recount::find(ctx, self.request, self.edition.id).await;
        }
        Ok(None)
    }
}

impl<'a> Total<'a> {
    /// Returns the total of a scope of an edition.
    pub(crate) fn new(request: &'a RequestContext, edition: &'a domain::Edition, scope: TotalScope) -> Self {
        Self { request, edition, scope, without: None, count: request.count(edition.id) }
    }

    /// Returns the total of an edition without one section.
    pub(crate) fn without(
        request: &'a RequestContext,
        edition: &'a domain::Edition,
        section: SectionId,
    ) -> Self {
        let total = Self::new(request, edition, TotalScope::Edition);
        let sums = total.count.tally.without(section);
        Self { without: Some((section, sums)), ..total }
    }

    fn sums(&self) -> &ScopeTotals {
        match &self.without {
            Some((_, sums)) => sums,
            None => self.count.tally.sums(self.scope),
        }
    }

    /// Whether it is the worldwide total of an edition, with all sections.
    fn is_worldwide(&self) -> bool {
        self.scope == TotalScope::Edition && self.without.is_none()
    }

    const fn is_of_case(&self) -> bool {
        is_of_case(self.scope)
    }
}

/// A comparison of the counters with a recount of all reports.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct Recount {
    /// Whether the counters and the recount agree.
    matches: bool,
    /// When they were compared.
    checked_at: DateTime,
    /// The version that was compared.
    version: Count,
}

impl Recount {
    /// A comparison that was made now.
    pub(crate) fn new(version: i64, matches: bool, now: Timestamp) -> Self {
        let version = u64::try_from(version).unwrap_or_default().into();
        Self { matches, checked_at: now.into(), version }
    }

    async fn find(
        ctx: &Context<'_>,
        request: &RequestContext,
        edition: EditionId,
    ) -> Result<Option<Self>, ApiError> {
        let mut connection = request.connect_uncacheable(super::AppState::of(ctx)).await?;
        let recount = edition_versions::recount(&mut connection, edition).await?;
        Ok(recount.map(|recount| Self::new(recount.version, recount.matches, recount.checked_at)))
    }
}

/// A total at a past instant: of what had been received until then, as it was counted then.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct HistoricTotal {
    /// Appeal letters and messages of solidarity.
    letters: Count,
    /// All actions, including letters.
    actions: Count,
    /// The actions reported after the collection deadline.
    late_actions: Count,
    /// People who wrote, as far as stated in reports; null for a case, since one person writes for several
    /// cases.
    people: Option<Count>,
    /// When the last included change had been made.
    as_of: DateTime,
    /// The version of the edition's count at which the total last changed.
    version: Count,
}

impl HistoricTotal {
    /// The total of a scope at an instant.
    pub(crate) async fn find(
        ctx: &Context<'_>,
        request: &RequestContext,
        (edition, scope): (EditionId, TotalScope),
        instant: Timestamp,
    ) -> Result<Option<Self>, ApiError> {
        let mut connection = request.connect_uncacheable(super::AppState::of(ctx)).await?;
        let headline = scope_versions::at(&mut connection, edition, scope, instant).await?;
        Ok(headline.map(|headline| Self {
            letters: headline.letters.into(),
            actions: headline.actions.into(),
            late_actions: headline.late.into(),
            people: (!is_of_case(scope)).then(|| headline.people.into()),
            as_of: headline.committed_at.into(),
            version: u64::try_from(headline.version).unwrap_or_default().into(),
        }))
    }

    /// The total of a scope so many hours after 10 December, 00:00 UTC, of its edition; none if that is still to come.
    pub(crate) async fn find_at_offset(
        ctx: &Context<'_>,
        request: &RequestContext,
        (edition, scope): (&domain::Edition, TotalScope),
        hours: i32,
    ) -> Result<Option<Self>, ApiError> {
        let day = TimeZone::UTC.to_timestamp(edition.human_rights_day().at(0, 0, 0, 0));
        let instant = day.ok().and_then(|day| day.checked_add(SignedDuration::from_hours(hours.into())).ok());
        // Whether it is still to come depends on the clock; what is read is not kept in the cache.
        let Some(instant) = instant.filter(|instant| *instant <= request.now) else {
            drop(request.connect_uncacheable(super::AppState::of(ctx)).await?);
            return Ok(None);
        };
        Self::find(ctx, request, (edition.id, scope), instant).await
    }
}

/// Whether a total is of one case.
const fn is_of_case(scope: TotalScope) -> bool {
    matches!(scope, TotalScope::Case(_) | TotalScope::SectionCase(..))
}
