//! Reports of letters written.
//!
//! A report is visible to clients with its secret or that of its owner, to staff of its section and to
//! administrators. For other viewers it does not exist: the response is the same as for an unknown id.

use std::{borrow::Cow, iter};

use async_graphql::{Context, ID, Object};
use domain::{ReportId, report::EventReference};
use uuid::Uuid;

use super::{
    RequestContext,
    campaign::Campaign,
    cost,
    error::ApiError,
    event::{self, Event},
    group::{self, Group},
    id,
    page::{Cursor, ListOrder, PageRequest, Part, SortKey},
    participant,
};
use crate::api::domain_enum::domain_enum;
use crate::{
    access::{self, ReportFacts, Viewer},
    database::{
        Connection, attendances,
        events::{self, Direction},
        reports::{self, ReportOwnerId, StoredReport},
    },
};

mod guest;
mod input;
mod moderation;
mod mutation;
mod payload;
mod receipt;
mod reporter_total;
mod revision;
mod similar;

pub(crate) use guest::{GuestReport, of_guests};
pub(crate) use moderation::{Moderation, ModerationMutation, ModerationQuery, find_for as find_moderation};
pub(crate) use mutation::ReportMutation;
use receipt::ReportReceipt;
pub(crate) use reporter_total::ReporterTotal;
use revision::Revision;
use similar::SimilarReport;

domain_enum! {
    /// The state of a report.
    pub(crate) enum ReportState = domain::report::ReportState {
        /// Accepted: it counts.
        Accepted,
        /// Pending review and not counted yet: it is not plausible by itself or beside other reports.
        PendingReview,
        /// Rejected by staff: it does not count.
        Rejected,
        /// Withdrawn: it does not count.
        Withdrawn,
        /// Replaced by a later revision.
        Superseded,
    }
}

domain_enum! {
    /// The reason for holding a report for review.
    pub(crate) enum ReviewReason = domain::report::ReviewReason {
        /// The quantity is implausible for one person, or for one event.
        Quantity,
        /// The number of people is implausible for so few letters.
        People,
        /// More was reported from its address within the hour than is accepted without review.
        Address,
        /// More was reported from its network within the hour than is accepted without review.
        Network,
        /// More was reported for its campaign within the hour than is accepted without review.
        Campaign,
        /// With it, the sum of the guests' reports of its event would be implausible.
        Guests,
        /// The host of its event objected to it.
        Objection,
        /// Staff have not approved its event yet.
        EventNotApproved,
    }
}

domain_enum! {
    /// How a later figure of a report relates to the one before.
    pub(crate) enum FigureBasis = domain::report::FigureBasis {
        /// All until now: it takes the place of the figure before, and must not be lower.
        SoFar,
        /// Those since the figure before: they are added to it, line by line.
        InAddition,
    }
}

domain_enum! {
    /// A closed list of the warnings about a figure.
    pub(crate) enum ReportWarningCode = domain::report::FigureWarningKind {
        /// The corrected figure is lower than the one before: perhaps it is only what came since. Send
        /// `reportUpdate` with `IN_ADDITION` and the sum of both, if so.
        LooksAdditional,
        /// The figure in addition is at least as high as the one before: perhaps it is all until now. Send
        /// `reportCorrect`, if so.
        LooksCumulative,
    }
}

domain_enum! {
    /// The author of a report.
    pub(crate) enum ReportAuthor = domain::report::ReportSource {
        /// The writer of the letters.
        Writer,
        /// The organizer of the event, for everyone present.
        Host,
        /// Staff, on behalf of another person.
        Staff,
        /// The generator of a demonstration. No letters were written.
        Simulation,
    }
}

/// A report and the context it is read in.
pub(crate) struct Report<'a> {
    request: &'a RequestContext,
    report: Cow<'a, domain::Report>,
}

/// A report of letters written, by one person or one event. Its fields are those of the latest revision, in
/// any state; `counting` is the revision that counts.
#[Object(serial)]
impl<'a> Report<'a> {
    /// The global id. It is the same for all revisions.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.report.id)
    }

    /// The campaign it belongs to.
    async fn campaign(&self) -> Result<Campaign<'a>, ApiError> {
        let campaign = self.request.catalogue.campaign(self.report.campaign_id);
        let campaign = campaign.ok_or_else(|| ApiError::internal("a report without its campaign"))?;
        Ok(Campaign::new(self.request, campaign))
    }

    /// The event it is about; null if there is none or the viewer has no access to it.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event<'ctx>(&self, ctx: &Context<'ctx>) -> Result<Option<Event<'ctx>>, ApiError> {
        match self.report.at {
            Some(at) => event::find(ctx, at.event).await,
            None => Ok(None),
        }
    }

    /// The group whose report it is; null if there is none, or without access to it.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn group<'ctx>(&self, ctx: &Context<'ctx>) -> Result<Option<Group<'ctx>>, ApiError> {
        match self.report.group {
            Some(group) => group::find(ctx, group).await,
            None => Ok(None),
        }
    }

    /// Whether it is the report by the event's host, for everyone present.
    async fn as_host(&self) -> bool {
        self.report.at.is_some_and(EventReference::is_by_host)
    }

    #[graphql(flatten)]
    async fn latest(&self) -> Revision<'_> {
        Revision::new(self.request, self.report.latest())
    }

    /// The revision that counts; null if none does. While a correction awaits review, the accepted
    /// revision before it keeps counting.
    async fn counting(&self) -> Option<Revision<'_>> {
        self.report.counted_revision().map(|revision| Revision::new(self.request, revision))
    }

    /// The receipt of the latest revision: a proof for other people, verified without this service, that the revision
    /// is in the transparency log. Null for a test, once the person was erased, and for a report of an
    /// earlier version of the service until it is entered.
    #[graphql(complexity = "cost::list(receipt::LOOKUPS, cost::LOOKUP) + child_complexity")]
    async fn receipt(&self, ctx: &Context<'_>) -> Result<Option<ReportReceipt>, ApiError> {
        receipt::of(ctx, self.report.id, self.report.latest().number).await
    }

    /// Earlier reports to the same campaign that this one looks like: of the same address or about the same event, and of
    /// at least 20 actions; newest first, 20 at most. Nothing is decided by it. Requires an administrator key or the key
    /// of the section; null without.
    #[graphql(complexity = "cost::SEARCH + cost::list(similar::MAX_LISTED, child_complexity)")]
    async fn similar(&self, ctx: &Context<'_>) -> Result<Option<Vec<SimilarReport<'a>>>, ApiError> {
        similar::of(ctx, self.request, &self.report).await
    }

    /// All revisions, oldest first.
    #[graphql(complexity = "cost::list(cost::LOOKUP, child_complexity)")]
    async fn history(&self) -> Vec<Revision<'_>> {
        let revisions = self.report.revisions().iter();
        revisions.map(|revision| Revision::new(self.request, revision)).collect()
    }
}

impl<'a> Report<'a> {
    /// A report that the viewer may see.
    pub(crate) const fn new(request: &'a RequestContext, report: Cow<'a, domain::Report>) -> Self {
        Self { request, report }
    }
}

/// The query fields of reports.
#[derive(Default)]
pub(crate) struct ReportQuery;

#[Object(serial)]
impl ReportQuery {
    /// The report with this id. Requires the report's secret, that of its participant or attendance, that of
    /// the event if it is its host's report, a key of its section or an administrator key. Null without
    /// access, as if it did not exist.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the report.")] id: ID,
    ) -> Result<Option<Report<'ctx>>, ApiError> {
        let id = id::report(&id).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        find(ctx, id).await
    }

    /// Reports pending review, oldest first. Requires an administrator key, or the key of a section for its
    /// own reports.
    #[graphql(complexity = "cost::page(first, last, child_complexity) + cost::LOOKUP")]
    async fn reports_pending_review<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Returns only reports to the campaign with this global id.")] campaign: Option<ID>,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Option<Part<Report<'ctx>>>, ApiError> {
        let request = RequestContext::of(ctx);
        let section = request.staff()?.section;
        let campaign = campaign.as_ref().map(id::campaign).transpose();
        let campaign = campaign.map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        let seeking =
            PageRequest::parse(ListOrder::HeldReports, first, after.as_deref(), last, before.as_deref())?;
        let place = |cursor: &Option<Cursor>| cursor.as_ref().map(|cursor| ReportId::new(cursor.id()));
        let (after, before) = (place(&seeking.after), place(&seeking.before));
        let direction = if seeking.is_from_end { Direction::Backward } else { Direction::Forward };
        let limit = seeking.limit();
        let mut connection = request.connect_uncacheable(super::AppState::of(ctx)).await?;
        let stored =
            reports::pending_review(&mut connection, section, campaign, after, before, direction, limit)
                .await?;
        let rows = stored.into_iter().map(|stored| {
            let key = SortKey::texts(ListOrder::HeldReports, iter::empty());
            (key, stored.report.id.uuid(), Report::new(request, Cow::Owned(stored.report)))
        });
        Ok(Some(seeking.part(rows.collect())))
    }
}

/// Returns a page of the viewer's own reports, or of a person's reports for staff.
pub(crate) async fn owned<'a>(
    ctx: &Context<'_>,
    request: &'a RequestContext,
    owner: ReportOwnerId,
    seeking: &PageRequest,
) -> Result<Part<Report<'a>>, ApiError> {
    let after = seeking.after.as_ref().map(|cursor| ReportId::new(cursor.id()));
    let mut connection = request.connect_uncacheable(super::AppState::of(ctx)).await?;
    let stored = reports::owned(&mut connection, owner, after, seeking.limit()).await?;
    let rows = stored.into_iter().map(|stored| {
        let key = SortKey::texts(ListOrder::ReportsOfOwner, iter::empty());
        (key, stored.report.id.uuid(), Report::new(request, Cow::Owned(stored.report)))
    });
    Ok(seeking.part(rows.collect()))
}

/// Returns the report with this id, if the viewer may see it.
pub(crate) async fn find<'ctx>(ctx: &Context<'ctx>, id: ReportId) -> Result<Option<Report<'ctx>>, ApiError> {
    let request = RequestContext::of(ctx);
    if request.viewer == Viewer::Anonymous {
        return Ok(None);
    }
    let mut connection = request.connect_uncacheable(super::AppState::of(ctx)).await?;
    let Some(stored) = reports::find(&mut connection, id).await? else { return Ok(None) };
    let facts = facts(&mut connection, request, &stored).await?;
    let is_known = access::report_access(request.viewer, facts.0, &facts.1).may_manage();
    Ok(is_known.then(|| Report::new(request, Cow::Owned(stored.report))))
}

/// Returns the subject of the sent secret and the facts of a report, as far as access may depend on them.
async fn facts(
    connection: &mut Connection,
    request: &RequestContext,
    stored: &StoredReport,
) -> Result<(Option<Uuid>, ReportFacts), ApiError> {
    let mut facts = stored.facts();
    let (viewer, report) = (request.viewer, &stored.report);
    if viewer.secret().is_none() || access::report_access(viewer, None, &facts).may_manage() {
        return Ok((None, facts));
    }
    if let Some(at) = report.at.filter(|at| at.is_by_host()) {
        let event = events::find(connection, at.event).await?;
        facts.event = event.map(|event| (at.side, event.facts()));
    }
    if let Some(group) = report.group {
        facts.group = group::facts(connection, group).await?;
    }
    let is_owned = report.participant.is_some() || report.attendance.is_some();
    let subject = if is_owned { participant::subject(connection, request).await? } else { None };
    if let (Some(_), Some(attendance)) = (subject, report.attendance) {
        let found = attendances::find(connection, attendance).await?;
        facts.attendee = found.and_then(|found| found.participant_id);
    }
    Ok((subject, facts))
}
