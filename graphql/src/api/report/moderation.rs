//! Bulk moderation of reports, and undoing it.

use std::collections::BTreeMap;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::{
    ModerationId, ReportId,
    report::{self, SelectedReports},
};
use graphql_engine::inline::{Inline, InlineList};
use uuid::Uuid;

use super::{Report, ReviewReason};
use crate::{
    api::{
        self, RequestContext,
        campaign::Campaign,
        cost,
        error::{ApiError, UserErrors},
        id,
        scalar::{Count, DateTime},
    },
    database::{
        self, Connection,
        moderations::{self, Decision},
        reports,
    },
};

mod input;
mod mutation;

use input::ReportSelectionInput;
pub(crate) use mutation::ModerationMutation;

/// The number of reports in a preview.
const SAMPLE: usize = 20;
/// The number of reports that are read at once.
const PAGE: i64 = 500;
/// The maximum number of listed moderations.
const MAX_MODERATIONS: i64 = 100;

/// The decision of a moderation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ModerationDecision {
    /// Pending reports were accepted and count.
    Accept,
    /// Pending and counted reports were rejected and do not count.
    Reject,
    /// Another moderation was undone.
    Undo,
}

/// A selection of reports: its size and a sample.
pub(crate) struct ReportSelection<'a> {
    request: &'a RequestContext,
    preview: Preview,
}

/// What a selection has: in all, by the reason for review, and the first reports.
#[derive(Default)]
struct Preview {
    selected: SelectedReports,
    by_reason: BTreeMap<Option<report::ReviewReason>, SelectedReports>,
    sample: Vec<domain::Report>,
}

/// A selection of reports: its size and a sample.
#[Object(serial)]
impl<'a> ReportSelection<'a> {
    /// The number of reports.
    async fn reports(&self) -> Count {
        self.preview.selected.reports.into()
    }

    /// The number of reports pending review; the others count.
    async fn pending_review(&self) -> Count {
        self.preview.selected.pending_review.into()
    }

    /// Their appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.preview.selected.letters.into()
    }

    /// All their actions, including letters.
    async fn actions(&self) -> Count {
        self.preview.selected.actions.into()
    }

    /// By the reason for review; the entry without a reason comes last: those that count.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_reason(&self) -> Vec<ReasonCounts> {
        let entry = |(reason, of): (&Option<report::ReviewReason>, &SelectedReports)| ReasonCounts {
            reason: reason.map(ReviewReason::from),
            reports: of.reports.into(),
            letters: of.letters.into(),
            actions: of.actions.into(),
        };
        let (held, counted): (Vec<_>, Vec<_>) =
            self.preview.by_reason.iter().partition(|(reason, _)| reason.is_some());
        held.into_iter().chain(counted).map(entry).collect()
    }

    /// The first 20 of them.
    #[graphql(complexity = "cost::list(SAMPLE, child_complexity)")]
    async fn sample(&self) -> InlineList<Inline<Report<'_>>> {
        let report = |report| Inline(Report::new(self.request, std::borrow::Cow::Borrowed(report)));
        self.preview.sample.iter().map(report).collect()
    }
}

/// The part of a selection with one reason for review.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct ReasonCounts {
    /// The reason for review; null for reports that count.
    reason: Option<ReviewReason>,
    /// The number of reports.
    reports: Count,
    /// Their appeal letters and messages of solidarity.
    letters: Count,
    /// All their actions, including letters.
    actions: Count,
}

/// A moderation and the context it is read in.
pub(crate) struct Moderation<'a> {
    request: &'a RequestContext,
    act: Box<moderations::Moderation>,
    undone_by: Option<ModerationId>,
}

/// A decision of staff about many reports at once.
#[Object(serial)]
impl<'a> Moderation<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.act.id)
    }

    /// The campaign of the reports.
    async fn campaign(&self) -> Result<Campaign<'a>, ApiError> {
        let campaign = self.request.catalogue.campaign(self.act.selection.campaign);
        let campaign = campaign.ok_or_else(|| ApiError::internal("a moderation without its campaign"))?;
        Ok(Campaign::new(self.request, campaign))
    }

    /// The decision.
    async fn decision(&self) -> ModerationDecision {
        match self.act.decision {
            Decision::Accept => ModerationDecision::Accept,
            Decision::Reject => ModerationDecision::Reject,
            Decision::Undo(_) => ModerationDecision::Undo,
        }
    }

    /// The reason.
    async fn reason(&self) -> &str {
        &self.act.reason
    }

    /// The number of reports processed so far.
    async fn reports(&self) -> Count {
        self.act.selected.reports.into()
    }

    /// The appeal letters and messages of solidarity of these reports.
    async fn letters(&self) -> Count {
        self.act.selected.letters.into()
    }

    /// All actions of these reports, including letters.
    async fn actions(&self) -> Count {
        self.act.selected.actions.into()
    }

    /// When the decision was made.
    async fn started_at(&self) -> DateTime {
        self.act.started_at.into()
    }

    /// When processing finished; null while it goes on, some hundred reports at a time.
    async fn finished_at(&self) -> Option<DateTime> {
        self.act.finished_at.map(DateTime::from)
    }

    /// The global id of the moderation that this one undoes; null for any other decision.
    async fn undoes(&self) -> Option<ID> {
        match self.act.decision {
            Decision::Undo(undone) => Some(id::of(undone)),
            Decision::Accept | Decision::Reject => None,
        }
    }

    /// The global id of the moderation that undoes this one; null if there is none.
    async fn undone_by(&self) -> Option<ID> {
        self.undone_by.map(id::of)
    }
}

/// The result of a moderation.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct ModerationPayload<'a> {
    /// The moderation; null if there are `userErrors`. With many reports it may be unfinished: processing
    /// continues in the background, and the query `moderation` returns its progress.
    moderation: Option<Moderation<'a>>,
    /// Validation errors; empty on success.
    user_errors: UserErrors,
}

/// The query fields of moderation.
#[derive(Default)]
pub(crate) struct ModerationQuery;

#[Object(serial)]
impl ModerationQuery {
    /// The size and a sample of a selection of reports: a preview of `reportsModerate`. Requires a key of the
    /// campaign's section or an administrator key. Null if the campaign does not exist, or a report named in
    /// the selection is not in it.
    #[graphql(complexity = "cost::SEARCH + child_complexity")]
    async fn report_selection<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The selection of reports.")] selection: ReportSelectionInput,
    ) -> Result<Option<ReportSelection<'ctx>>, ApiError> {
        let request = RequestContext::of(ctx);
        request.staff()?;
        let mut connection = request.connect_uncacheable(api::AppState::of(ctx)).await?;
        let Ok(selection) = selection.parse(request, &mut connection).await? else { return Ok(None) };
        let preview = preview(&mut connection, &selection).await?;
        Ok(Some(ReportSelection { request, preview }))
    }

    /// The moderation with this id. Requires a key of its campaign's section or an administrator key; null
    /// without access.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn moderation<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the moderation.")] id: ID,
    ) -> Result<Option<Moderation<'ctx>>, ApiError> {
        let request = RequestContext::of(ctx);
        request.staff()?;
        let id = id::moderation(&id).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        let mut connection = request.connect_uncacheable(api::AppState::of(ctx)).await?;
        find(&mut connection, request, id).await
    }

    /// The newest 100 moderations of a campaign, newest first. Requires a key of its section or an
    /// administrator key.
    #[graphql(complexity = "cost::list(MAX_MODERATIONS as usize, child_complexity)")]
    async fn moderations<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the campaign.")] campaign: ID,
    ) -> Result<Option<Vec<Moderation<'ctx>>>, ApiError> {
        let request = RequestContext::of(ctx);
        request.staff()?;
        let campaign = id::campaign(&campaign).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        let known =
            request.catalogue.campaign(campaign).filter(|known| request.may_act_for(known.section_id));
        let Some(known) = known else { return Ok(None) };
        let mut connection = request.connect_uncacheable(api::AppState::of(ctx)).await?;
        let acts = moderations::of_campaign(&mut connection, known.id, MAX_MODERATIONS).await?;
        let undoing: Vec<_> = acts
            .iter()
            .filter_map(|act| match act.decision {
                Decision::Undo(undone) => Some((undone, act.id)),
                Decision::Accept | Decision::Reject => None,
            })
            .collect();
        // The undoing of a moderation is always newer than it.
        let seen = |act: moderations::Moderation| {
            let undone_by = undoing.iter().find(|(undone, _)| *undone == act.id).map(|(_, by)| *by);
            Moderation { request, act: Box::new(act), undone_by }
        };
        Ok(Some(acts.into_iter().map(seen).collect()))
    }
}

/// Returns the size of a selection and its first reports.
async fn preview(
    connection: &mut Connection,
    selection: &report::ReportSelection,
) -> Result<Preview, database::Error> {
    let (mut preview, mut after) = (Preview::default(), ReportId::new(Uuid::nil()));
    loop {
        let page = reports::selected(connection, selection, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(preview) };
        after = last.report.id;
        for stored in page {
            let Some(revision) = selection.find(&stored.report) else { continue };
            preview.selected.add(revision);
            let is_held = revision.state == report::ReportState::PendingReview;
            let reason = revision.review_reason.filter(|_| is_held);
            preview.by_reason.entry(reason).or_default().add(revision);
            if preview.sample.len() < SAMPLE {
                preview.sample.push(stored.report);
            }
        }
    }
}

/// Returns the moderation with this id, for staff with access to it.
pub(crate) async fn find_for<'ctx>(
    ctx: &Context<'ctx>,
    id: ModerationId,
) -> Result<Option<Moderation<'ctx>>, ApiError> {
    let request = RequestContext::of(ctx);
    if request.staff().is_err() {
        return Ok(None);
    }
    let mut connection = request.connect_uncacheable(api::AppState::of(ctx)).await?;
    find(&mut connection, request, id).await
}

/// Returns the moderation with this id, if the viewer may see it.
async fn find<'a>(
    connection: &mut Connection,
    request: &'a RequestContext,
    id: ModerationId,
) -> Result<Option<Moderation<'a>>, ApiError> {
    let Some(act) = moderations::find(connection, id).await? else { return Ok(None) };
    let campaign = request.catalogue.campaign(act.selection.campaign);
    if campaign.is_none_or(|campaign| !request.may_act_for(campaign.section_id)) {
        return Ok(None);
    }
    let undone_by = moderations::undoing(connection, id).await?;
    Ok(Some(Moderation { request, act: Box::new(act), undone_by }))
}
