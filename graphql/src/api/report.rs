//! Reports: what people say they wrote.
//!
//! A report is known to whoever has its secret or that of whom it belongs to, to staff of its section and
//! to administrators. To anyone else it does not exist: the answer is the same as for an id that never was.

use std::{borrow::Cow, iter};

use async_graphql::{Context, Enum, ID, Object};
use domain::{ReportId, report::EventReference};

use super::{
    RequestContext,
    campaign::Campaign,
    cost,
    error::ApiError,
    event::{self, Event},
    id,
    page::{Cursor, PageRequest, Part, SortKey},
    participant,
    request_context::Viewer,
    total::Channel,
};
use crate::{
    credentials::SecretHash,
    database::{
        self, Connection, attendances,
        events::{self, Direction},
        reports::{self, ReportOwnerId, StoredReport},
    },
};

mod guest;
mod input;
mod moderation;
mod mutation;
mod payload;
mod reporter_total;
mod revision;

pub(crate) use guest::{GuestReport, of_guests};
pub(crate) use moderation::{Moderation, ModerationMutation, ModerationQuery, find_for as find_moderation};
pub(crate) use mutation::ReportMutation;
pub(crate) use reporter_total::ReporterTotal;
use revision::Revision;

/// The order of held reports: by identity, which is by age. Each order has its own number, see
/// [`Key`].
const BY_AGE: u8 = 9;

/// The order of somebody's own reports: by identity too.
const OF_OWNER: u8 = 17;

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::report::ReportState")]
pub(crate) enum ReportState {
    /// It counts.
    Accepted,
    /// It is not plausible by itself, or beside what else came in: it waits for staff and does not count yet.
    Held,
    /// Staff refused it.
    Rejected,
    /// It was taken back.
    Withdrawn,
    /// A later revision took its place.
    Superseded,
}

/// Why a report is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::report::HeldFor")]
pub(crate) enum HeldFor {
    /// It says more than is plausible for one person, or for one event.
    Quantity,
    /// It says that more people wrote than is plausible for so few letters.
    People,
    /// More came from its address within the hour than is counted without a review.
    Address,
    /// More came from its network within the hour than is counted without a review.
    Network,
    /// More came in for its campaign within the hour than is counted without a review.
    Campaign,
    /// With it, the guests of its event would say more than is plausible.
    Guests,
    /// The host of its event objects to it.
    Objection,
}

/// Whose word a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::report::ReportSource")]
pub(crate) enum ReportAuthor {
    /// Whoever wrote.
    Writer,
    /// Whoever organizes the event, for all who were there.
    Host,
    /// Staff, for somebody else.
    Staff,
    /// The generator of a demonstration. Nobody wrote these letters.
    Simulation,
}

/// A report and what it is seen by.
pub(crate) struct Report<'a> {
    asking: &'a RequestContext,
    report: Cow<'a, domain::Report>,
}

/// A statement by one person or one event of how many were written. It tells what was handed in last,
/// in whatever state it is; `counting` is what counts.
#[Object(serial)]
impl<'a> Report<'a> {
    /// The global id. It stays the same through all revisions.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.report.id)
    }

    /// The campaign it belongs to.
    async fn campaign(&self) -> Result<Campaign<'a>, ApiError> {
        let campaign = self.asking.catalogue.campaign(self.report.campaign_id);
        let campaign = campaign.ok_or_else(|| ApiError::internal("a report without its campaign"))?;
        Ok(Campaign::new(self.asking, campaign))
    }

    /// Through whom it is counted. A report of an event that is not public is counted among people's
    /// own, so that no part of a total tells of that event.
    async fn channel(&self) -> Channel {
        self.report.channel.into()
    }

    /// The event that it tells of, as far as you may know of it; null for any other report.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event<'ctx>(&self, ctx: &Context<'ctx>) -> Result<Option<Event<'ctx>>, ApiError> {
        match self.report.at {
            Some(at) => event::find(ctx, at.event).await,
            None => Ok(None),
        }
    }

    /// Whether it is the closing report of an event's host, for all who were there.
    async fn as_host(&self) -> bool {
        self.report.at.is_some_and(EventReference::is_by_host)
    }

    #[graphql(flatten)]
    async fn latest(&self) -> Revision<'_> {
        Revision::new(self.asking, self.report.latest())
    }

    /// What counts; null if nothing does. While a correction is held, the accepted revision before it
    /// goes on counting.
    async fn counting(&self) -> Option<Revision<'_>> {
        self.report.counted_revision().map(|revision| Revision::new(self.asking, revision))
    }

    /// All that was ever handed in for it, the oldest first.
    #[graphql(complexity = "cost::list(cost::LOOKUP, child_complexity)")]
    async fn history(&self) -> Vec<Revision<'_>> {
        let revisions = self.report.revisions().iter();
        revisions.map(|revision| Revision::new(self.asking, revision)).collect()
    }
}

impl<'a> Report<'a> {
    /// A report that whoever asks may know of.
    pub(crate) const fn new(asking: &'a RequestContext, report: Cow<'a, domain::Report>) -> Self {
        Self { asking, report }
    }
}

/// Reports, as a part of what can be read.
#[derive(Default)]
pub(crate) struct ReportQuery;

#[Object(serial)]
impl ReportQuery {
    /// The report with this id. Needs the secret of the report, that of the participant or the attendance
    /// it belongs to, that of the event if it is its host's report, a key of its section or an
    /// administrator's; to anyone else it is null, as for an id that never was.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the report.")] id: ID,
    ) -> Result<Option<Report<'ctx>>, ApiError> {
        let id = id::report(&id).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        find(ctx, id).await
    }

    /// Reports that wait for review, the oldest first. Needs an administrator's key, or that of a
    /// section for its own reports.
    #[graphql(complexity = "cost::page(first, last, child_complexity) + cost::LOOKUP")]
    async fn held_reports<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Only reports to the campaign with this global id.")] campaign: Option<ID>,
        #[graphql(desc = "How many, from the beginning: 1–100, 20 if neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1–100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Part<Report<'ctx>>>, ApiError> {
        let asking = RequestContext::of(ctx);
        let section = asking.staff()?.section;
        let campaign = campaign.as_ref().map(id::campaign).transpose();
        let campaign = campaign.map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        let seeking = PageRequest::parse(first, after.as_deref(), last, before.as_deref())?;
        let place = |cursor: &Option<Cursor>| cursor.as_ref().map(|cursor| ReportId::new(cursor.id()));
        let (after, before) = (place(&seeking.after), place(&seeking.before));
        let direction = if seeking.is_from_end { Direction::Backward } else { Direction::Forward };
        let limit = seeking.limit();
        let mut connection = asking.connect_uncacheable(super::AppState::of(ctx)).await?;
        let kept = reports::held(&mut connection, section, campaign, after, before, direction, limit).await?;
        let rows = kept.into_iter().map(|kept| {
            let key = SortKey::texts(BY_AGE, iter::empty());
            (key, kept.report.id.uuid(), Report::new(asking, Cow::Owned(kept.report)))
        });
        Ok(Some(seeking.part(rows.collect())))
    }
}

/// A page of the reports of somebody who asks, or for whom staff ask.
pub(crate) async fn owned<'a>(
    ctx: &Context<'_>,
    asking: &'a RequestContext,
    owner: ReportOwnerId,
    seeking: &PageRequest,
) -> Result<Part<Report<'a>>, ApiError> {
    let after = seeking.after.as_ref().map(|cursor| ReportId::new(cursor.id()));
    let mut connection = asking.connect_uncacheable(super::AppState::of(ctx)).await?;
    let kept = reports::owned(&mut connection, owner, after, seeking.limit()).await?;
    let rows = kept.into_iter().map(|kept| {
        let key = SortKey::texts(OF_OWNER, iter::empty());
        (key, kept.report.id.uuid(), Report::new(asking, Cow::Owned(kept.report)))
    });
    Ok(seeking.part(rows.collect()))
}

/// The report with this identity, if whoever asks may know of it.
pub(crate) async fn find<'ctx>(ctx: &Context<'ctx>, id: ReportId) -> Result<Option<Report<'ctx>>, ApiError> {
    let asking = RequestContext::of(ctx);
    if asking.asker == Viewer::Anonymous {
        return Ok(None);
    }
    let mut connection = asking.connect_uncacheable(super::AppState::of(ctx)).await?;
    let Some(kept) = reports::find(&mut connection, id).await? else { return Ok(None) };
    let is_known = match asking.asker {
        Viewer::Anonymous => false,
        Viewer::SecretHolder(secret) => {
            secret == kept.secret
                || is_host(&mut connection, &kept, secret).await?
                || owns_report(&mut connection, asking, &kept).await?
        }
        Viewer::Staff(staff) => staff.may_act_for(kept.report.latest().place.section),
    };
    Ok(is_known.then(|| Report::new(asking, Cow::Owned(kept.report))))
}

/// Whether this is the secret of the event that the report closes.
async fn is_host(
    connection: &mut Connection,
    kept: &StoredReport,
    secret: SecretHash,
) -> Result<bool, database::Error> {
    let Some(at) = kept.report.at.filter(|at| at.is_by_host()) else { return Ok(false) };
    let event = events::find(connection, at.event).await?;
    Ok(event.is_some_and(|event| event.secret == secret))
}

/// Whether the secret is that of the participant or the attendance that the report belongs to, or that of
/// the participant whose attendance it is.
async fn owns_report(
    connection: &mut Connection,
    asking: &RequestContext,
    kept: &StoredReport,
) -> Result<bool, ApiError> {
    let (participant, attendance) = (kept.report.participant, kept.report.attendance);
    if participant.is_none() && attendance.is_none() {
        return Ok(false);
    }
    let Some(held) = participant::held(connection, asking).await? else { return Ok(false) };
    if participant.is_some_and(|id| id.uuid() == held) || attendance.is_some_and(|id| id.uuid() == held) {
        return Ok(true);
    }
    let Some(attendance) = attendance else { return Ok(false) };
    let found = attendances::find(connection, attendance).await?;
    Ok(found.and_then(|found| found.participant_id).is_some_and(|id| id.uuid() == held))
}
