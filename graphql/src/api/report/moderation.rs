//! Bulk moderation of reports, and undoing it.

use std::time::{Duration, Instant};

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    ModerationId, ReportId, Violation, ViolationKind, Violations,
    catalogue::StaffAction,
    report::{self, SelectedReports},
    text,
    violation::EntityKind,
};
use graphql_engine::inline::{Inline, InlineList};
use uuid::Uuid;

use super::{Report, ReportState};
use crate::{
    api::{
        self, RequestContext,
        campaign::Campaign,
        cost,
        error::{ApiError, UserErrors, user_errors},
        id,
        scalar::{Count, DateTime},
    },
    clock,
    credentials::SecretHash,
    database::{
        self, Access, Connection,
        moderations::{self, Decision},
        reports,
    },
};

/// The number of reports in a preview.
const SAMPLE: usize = 20;
/// The number of reports that are read at once.
const PAGE: i64 = 500;
/// The maximum number of listed moderations.
const MAX_MODERATIONS: i64 = 100;
/// How long a response waits for a moderation to finish; it continues in the background afterwards.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// A selection of reports of a campaign: those that are pending review or count, and match all conditions.
#[derive(Debug, InputObject)]
pub(crate) struct ReportSelectionInput {
    /// The global id of the campaign.
    campaign: ID,
    /// Only reports pending review (`PENDING_REVIEW`), or only those that count (`ACCEPTED`); both if omitted.
    state: Option<ReportState>,
    /// Only reports received from the same address as the latest revision of the report with this global id.
    /// The origin of a report is stored for 30 days, as a pseudonym and not as an address.
    same_address_as: Option<ID>,
    /// Only reports received from the same network: 24 bits of an IPv4 address, 48 bits of an IPv6 address.
    same_network_as: Option<ID>,
    /// Only reports received at or after this instant.
    received_from: Option<DateTime>,
    /// Only reports received before this instant.
    received_before: Option<DateTime>,
    /// Only reports with at least this number of actions.
    quantity_from: Option<Count>,
    /// Only reports with at most this number of actions.
    quantity_to: Option<Count>,
    /// Only reports with this text in their note, ignoring case.
    text: Option<String>,
}

/// Input for moderating many reports at once.
#[derive(Debug, InputObject)]
pub(crate) struct ReportsModerateInput {
    /// The selection of reports.
    selection: ReportSelectionInput,
    /// The decision: `ACCEPT` counts the reports pending review; `REJECT` excludes pending and counted reports
    /// from the total.
    decision: super::input::ReportDecision,
    /// The reason, at most 20,000 characters.
    reason: String,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the
    /// request with the same key returns the same moderation.
    idempotency_key: String,
}

/// Input for undoing a moderation.
#[derive(Debug, InputObject)]
pub(crate) struct ModerationUndoInput {
    /// The global id of the moderation. It may itself be the undoing of another one.
    id: ID,
    /// The reason, at most 20,000 characters.
    reason: String,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the
    /// request with the same key returns the same moderation.
    idempotency_key: String,
}

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
    asking: &'a RequestContext,
    selected: SelectedReports,
    sample: Vec<domain::Report>,
}

/// A selection of reports: its size and a sample.
#[Object(serial)]
impl<'a> ReportSelection<'a> {
    /// The number of reports.
    async fn reports(&self) -> Count {
        self.selected.reports.into()
    }

    /// The number of reports pending review; the others count.
    async fn pending_review(&self) -> Count {
        self.selected.pending_review.into()
    }

    /// Their appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.selected.letters.into()
    }

    /// All their actions, including letters.
    async fn actions(&self) -> Count {
        self.selected.actions.into()
    }

    /// The first 20 of them.
    #[graphql(complexity = "cost::list(SAMPLE, child_complexity)")]
    async fn sample(&self) -> InlineList<Inline<Report<'_>>> {
        let report = |report| Inline(Report::new(self.asking, std::borrow::Cow::Borrowed(report)));
        self.sample.iter().map(report).collect()
    }
}

/// A moderation and the context it is read in.
pub(crate) struct Moderation<'a> {
    asking: &'a RequestContext,
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
        let campaign = self.asking.catalogue.campaign(self.act.selection.campaign);
        let campaign = campaign.ok_or_else(|| ApiError::internal("a moderation without its campaign"))?;
        Ok(Campaign::new(self.asking, campaign))
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
        let asking = RequestContext::of(ctx);
        asking.staff()?;
        let mut connection = asking.connect_uncacheable(api::AppState::of(ctx)).await?;
        let Ok(selection) = selection.parse(asking, &mut connection).await? else { return Ok(None) };
        let (selected, sample) = preview(&mut connection, &selection).await?;
        Ok(Some(ReportSelection { asking, selected, sample }))
    }

    /// The moderation with this id. Requires a key of its campaign's section or an administrator key; null
    /// without access.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn moderation<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the moderation.")] id: ID,
    ) -> Result<Option<Moderation<'ctx>>, ApiError> {
        let asking = RequestContext::of(ctx);
        asking.staff()?;
        let id = id::moderation(&id).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        let mut connection = asking.connect_uncacheable(api::AppState::of(ctx)).await?;
        find(&mut connection, asking, id).await
    }

    /// The newest 100 moderations of a campaign, newest first. Requires a key of its section or an
    /// administrator key.
    #[graphql(complexity = "cost::list(MAX_MODERATIONS as usize, child_complexity)")]
    async fn moderations<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the campaign.")] campaign: ID,
    ) -> Result<Option<Vec<Moderation<'ctx>>>, ApiError> {
        let asking = RequestContext::of(ctx);
        asking.staff()?;
        let campaign = id::campaign(&campaign).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        let known = asking.catalogue.campaign(campaign).filter(|known| asking.may_act_for(known.section_id));
        let Some(known) = known else { return Ok(None) };
        let mut connection = asking.connect_uncacheable(api::AppState::of(ctx)).await?;
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
            Moderation { asking, act: Box::new(act), undone_by }
        };
        Ok(Some(acts.into_iter().map(seen).collect()))
    }
}

/// The mutations of moderation.
#[derive(Default)]
pub(crate) struct ModerationMutation;

#[Object(serial)]
impl ModerationMutation {
    /// Accepts or rejects many reports at once: those of a selection that were received before now.
    /// `moderationUndo` undoes it. Recorded in the audit log. Requires a key of the campaign's section or an
    /// administrator key.
    #[graphql(complexity = "cost::SEARCH + child_complexity")]
    async fn reports_moderate<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The selection, the decision and the reason.")] input: ReportsModerateInput,
    ) -> Result<Option<ModerationPayload<'ctx>>, ApiError> {
        let asking = RequestContext::of(ctx);
        asking.staff()?;
        let mut violations = Violations::default();
        let reason = violations.check("reason", text::reason(&input.reason));
        let key = violations.check("idempotencyKey", report::key(&input.idempotency_key));
        let mut connection = asking.connect_uncacheable(api::AppState::of(ctx)).await?;
        let selection = match input.selection.parse(asking, &mut connection).await? {
            Ok(selection) => Some(selection),
            Err(violation) => {
                violations.extend_at(&["selection"], [violation]);
                None
            }
        };
        if let Err(broken) = violations.into_result() {
            return Ok(Some(refused(broken)));
        }
        let (Some(reason), Some(key), Some(mut selection)) = (reason, key, selection) else {
            unreachable!("a value is missing only beside a violation");
        };
        let decision = match input.decision {
            super::input::ReportDecision::Accept => Decision::Accept,
            super::input::ReportDecision::Reject => Decision::Reject,
        };
        selection.received_before =
            Some(selection.received_before.map_or(asking.now, |at| at.min(asking.now)));
        act(ctx, connection, key, decision, selection, reason).await.map(Some)
    }

    /// Undoes a moderation: every report that has not changed since returns to its previous state; the others
    /// stay as they are. Undoing can be undone, too. Recorded in the audit log. Requires a key of the
    /// campaign's section or an administrator key.
    #[graphql(complexity = "cost::SEARCH + child_complexity")]
    async fn moderation_undo<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The moderation and the reason.")] input: ModerationUndoInput,
    ) -> Result<Option<ModerationPayload<'ctx>>, ApiError> {
        let asking = RequestContext::of(ctx);
        asking.staff()?;
        let mut violations = Violations::default();
        let reason = violations.check("reason", text::reason(&input.reason));
        let key = violations.check("idempotencyKey", report::key(&input.idempotency_key));
        let id = violations.check("id", id::moderation(&input.id));
        let mut connection = asking.connect_uncacheable(api::AppState::of(ctx)).await?;
        let undone = match id {
            Some(id) => find(&mut connection, asking, id).await?,
            None => None,
        };
        if undone.is_none() && id.is_some() {
            violations.add("id", ViolationKind::NotFound { noun: EntityKind::Moderation });
        }
        if let Err(broken) = violations.into_result() {
            return Ok(Some(refused(broken)));
        }
        let (Some(reason), Some(key), Some(undone)) = (reason, key, undone) else {
            unreachable!("a value is missing only beside a violation");
        };
        // An unfinished moderation cannot be undone: the rest of it would follow.
        while !api::AppState::of(ctx).ledger.moderate(undone.act.id, asking.now).await? {}
        let (decision, selection) =
            (Decision::Undo(undone.act.id), report::ReportSelection::of(undone.act.selection.campaign));
        act(ctx, connection, key, decision, selection, reason).await.map(Some)
    }
}

impl ReportSelectionInput {
    /// Parses a selection, if the viewer may moderate these reports.
    async fn parse(
        self,
        asking: &RequestContext,
        connection: &mut Connection,
    ) -> Result<Result<report::ReportSelection, Violation>, ApiError> {
        let unknown = |field: &str, noun| Ok(Err(Violation::at([field], ViolationKind::NotFound { noun })));
        let campaign = id::campaign(&self.campaign).ok().and_then(|id| asking.catalogue.campaign(id));
        let Some(campaign) = campaign.filter(|campaign| asking.may_act_for(campaign.section_id)) else {
            return unknown("campaign", EntityKind::Campaign);
        };
        let mut selection = report::ReportSelection {
            state: self.state.map(domain::report::ReportState::from),
            received_from: self.received_from.map(|at| at.0),
            received_before: self.received_before.map(|at| at.0),
            quantity_least: self.quantity_from.map(|count| count.0 as u64),
            quantity_most: self.quantity_to.map(|count| count.0 as u64),
            text: self.text,
            ..report::ReportSelection::of(campaign.id)
        };
        for (field, report) in
            [("sameAddressAs", self.same_address_as), ("sameNetworkAs", self.same_network_as)]
        {
            let Some(report) = report else { continue };
            let Some(report) = id::report(&report).ok() else { return unknown(field, EntityKind::Report) };
            let kept = reports::find(connection, report).await?;
            let source = kept.filter(|kept| kept.report.campaign_id == campaign.id);
            let source = source.and_then(|kept| kept.report.latest().source);
            let Some(source) = source else { return unknown(field, EntityKind::Report) };
            if field == "sameAddressAs" {
                selection.address = Some(source.address);
            } else {
                selection.network = Some(source.network);
            }
        }
        Ok(Ok(selection))
    }
}

/// Returns the size of a selection and its first reports.
async fn preview(
    connection: &mut Connection,
    selection: &report::ReportSelection,
) -> Result<(SelectedReports, Vec<domain::Report>), database::Error> {
    let (mut selected, mut sample, mut after) =
        (SelectedReports::default(), Vec::new(), ReportId::new(Uuid::nil()));
    loop {
        let page = reports::selected(connection, selection, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok((selected, sample)) };
        after = last.report.id;
        for kept in page {
            let Some(revision) = selection.find(&kept.report) else { continue };
            selected.add(revision);
            if sample.len() < SAMPLE {
                sample.push(kept.report);
            }
        }
    }
}

/// Returns the moderation with this id, for staff with access to it.
pub(crate) async fn find_for<'ctx>(
    ctx: &Context<'ctx>,
    id: ModerationId,
) -> Result<Option<Moderation<'ctx>>, ApiError> {
    let asking = RequestContext::of(ctx);
    if asking.staff().is_err() {
        return Ok(None);
    }
    let mut connection = asking.connect_uncacheable(api::AppState::of(ctx)).await?;
    find(&mut connection, asking, id).await
}

/// Returns the moderation with this id, if the viewer may see it.
async fn find<'a>(
    connection: &mut Connection,
    asking: &'a RequestContext,
    id: ModerationId,
) -> Result<Option<Moderation<'a>>, ApiError> {
    let Some(act) = moderations::find(connection, id).await? else { return Ok(None) };
    let campaign = asking.catalogue.campaign(act.selection.campaign);
    if campaign.is_none_or(|campaign| !asking.may_act_for(campaign.section_id)) {
        return Ok(None);
    }
    let undone_by = moderations::undoing(connection, id).await?;
    Ok(Some(Moderation { asking, act: Box::new(act), undone_by }))
}

/// Starts a moderation, or finds the one started with the same key, and waits for a while for it to finish.
async fn act<'ctx>(
    ctx: &Context<'ctx>,
    mut connection: Connection,
    key: &str,
    decision: Decision,
    selection: report::ReportSelection,
    reason: String,
) -> Result<ModerationPayload<'ctx>, ApiError> {
    let (context, asking) = (api::AppState::of(ctx), RequestContext::of(ctx));
    let act = moderations::Moderation {
        id: ModerationId::new(of_key(key)),
        decision,
        selection,
        reason,
        key: asking.staff()?.key,
        started_at: clock::microseconds(asking.now),
        last_report: ReportId::new(Uuid::nil()),
        selected: SelectedReports::default(),
        finished_at: None,
    };
    let begun =
        connection.transaction(Access::Write, async |connection| begin(connection, &act).await).await?;
    let begun = match begun {
        Ok(begun) => begun,
        Err(violation) => return Ok(refused(violation.into())),
    };
    let began_at = Instant::now();
    while !context.ledger.moderate(begun, asking.now).await? && began_at.elapsed() < MAX_WAIT {}
    let moderation = find(&mut connection, asking, begun).await?;
    Ok(ModerationPayload { moderation, user_errors: user_errors::<()>(&Ok(())) })
}

/// Stores a new moderation and records it in the audit log, or finds the one started with the same key.
async fn begin(
    connection: &mut Connection,
    act: &moderations::Moderation,
) -> Result<Result<ModerationId, Violation>, database::Error> {
    if let Some(known) = moderations::find(connection, act.id).await? {
        let is_same = known.decision == act.decision
            && known.reason == act.reason
            && report::ReportSelection { received_before: None, ..known.selection }
                == report::ReportSelection { received_before: None, ..act.selection.clone() };
        let reused = || Violation::at(["idempotencyKey"], ViolationKind::IdempotencyKeyConflict);
        return Ok(if is_same { Ok(known.id) } else { Err(reused()) });
    }
    if !moderations::begin(connection, act).await? {
        return Ok(Err(Violation::at(["id"], ViolationKind::AlreadyExists { noun: EntityKind::Moderation })));
    }
    let (action, subject) = match act.decision {
        Decision::Accept | Decision::Reject => ("reportsModerate", act.id),
        Decision::Undo(undone) => ("moderationUndo", undone),
    };
    let action = StaffAction { action, subject: subject.uuid(), reason: Some(act.reason.clone()) };
    database::catalogue::insert_audit_entry(connection, Uuid::now_v7(), act.key, &action, act.started_at)
        .await?;
    Ok(Ok(act.id))
}

fn refused<'a>(violations: Violations) -> ModerationPayload<'a> {
    ModerationPayload { moderation: None, user_errors: user_errors::<()>(&Err(violations)) }
}

/// Returns the id of the moderation of an idempotency key.
fn of_key(key: &str) -> Uuid {
    let hash = SecretHash::of(&format!("act of moderation: {key}"));
    uuid::Builder::from_custom_bytes(hash.first_bytes()).into_uuid()
}
