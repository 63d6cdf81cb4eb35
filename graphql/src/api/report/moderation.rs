//! Deciding about many reports at once, and taking that back.

use std::time::{Duration, Instant};

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    ModerationId, ReportId, Violation, ViolationKind, Violations,
    report::{self, SelectedReports},
    text,
    violation::EntityKind,
};
use uuid::Uuid;

use super::{Report, ReportState};
use crate::{
    api::{
        self, RequestContext,
        campaign::Campaign,
        cost,
        error::{ApiError, UserErrors, user_errors},
        id,
        inline::{Inline, List},
        scalar::{Count, DateTime},
    },
    catalogue::StaffAction,
    clock,
    credentials::SecretHash,
    database::{
        self, Access, Connection,
        moderations::{self, Decision},
        reports,
    },
};

/// How many of the reports that are meant are shown before anything is decided.
const SAMPLE: usize = 20;
/// How many reports are read at once.
const PAGE: i64 = 500;
/// How many acts are told.
const MAX_MODERATIONS: i64 = 100;
/// How long an answer waits for the end of an act; it is gone on with afterwards.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Which reports of a campaign are meant: those that are held or count and fit all that is said.
#[derive(Debug, InputObject)]
pub(crate) struct ReportSelectionInput {
    /// The global id of the campaign.
    campaign: ID,
    /// Only what is held (`HELD`), or only what counts (`ACCEPTED`); left out, both.
    state: Option<ReportState>,
    /// Only what came from the same address as the latest revision of the report with this global id. From where a
    /// report came is kept for 30 days, as a mark that names no address.
    same_address_as: Option<ID>,
    /// The same for its network: 24 bits of an IPv4 address, 48 of an IPv6 address.
    same_network_as: Option<ID>,
    /// Only what came in at this instant or later.
    received_from: Option<DateTime>,
    /// Only what came in before this instant.
    received_before: Option<DateTime>,
    /// Only reports that say so many actions or more.
    quantity_from: Option<Count>,
    /// Only reports that say so many actions or fewer.
    quantity_to: Option<Count>,
    /// Only reports that have this text in their note, in capitals or not.
    text: Option<String>,
}

/// Deciding about many reports at once.
#[derive(Debug, InputObject)]
pub(crate) struct ReportsModerateInput {
    /// Which reports.
    selection: ReportSelectionInput,
    /// What is decided: `ACCEPT` has what is held count, `REJECT` takes what is held or counts out of the total.
    decision: super::input::ReportDecision,
    /// Why.
    reason: String,
    /// A text that you make up for this act: 16–128 printable ASCII characters without spaces. Sent again, it brings
    /// the same act again.
    idempotency_key: String,
}

/// Taking an act of moderation back.
#[derive(Debug, InputObject)]
pub(crate) struct ModerationUndoInput {
    /// The global id of the act. It may itself be one that undoes another.
    id: ID,
    /// Why.
    reason: String,
    /// A text that you make up for this act: 16–128 printable ASCII characters without spaces. Sent again, it brings
    /// the same act again.
    idempotency_key: String,
}

/// What an act of moderation decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ModerationDecision {
    /// What was held counts.
    Accept,
    /// What was held or counted does not count.
    Reject,
    /// What another act decided was taken back.
    Undo,
}

/// How many reports are meant, and some of them.
pub(crate) struct ReportSelection<'a> {
    asking: &'a RequestContext,
    selected: SelectedReports,
    sample: Vec<domain::Report>,
}

/// How many reports are meant, and some of them.
#[Object(serial)]
impl<'a> ReportSelection<'a> {
    /// How many reports.
    async fn reports(&self) -> Count {
        self.selected.reports.into()
    }

    /// How many of them are held; the others count.
    async fn held(&self) -> Count {
        self.selected.held.into()
    }

    /// The appeal letters and messages of solidarity that they say.
    async fn letters(&self) -> Count {
        self.selected.letters.into()
    }

    /// Everything that they say, letters among it.
    async fn actions(&self) -> Count {
        self.selected.actions.into()
    }

    /// The first 20 of them.
    #[graphql(complexity = "cost::list(SAMPLE, child_complexity)")]
    async fn sample(&self) -> List<Inline<Report<'_>>> {
        let report = |report| Inline(Report::new(self.asking, std::borrow::Cow::Borrowed(report)));
        self.sample.iter().map(report).collect()
    }
}

/// An act of moderation and what it is seen by.
pub(crate) struct Moderation<'a> {
    asking: &'a RequestContext,
    act: Box<moderations::Moderation>,
    undone_by: Option<ModerationId>,
}

/// What staff decided about many reports at once.
#[Object(serial)]
impl<'a> Moderation<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.act.id)
    }

    /// The campaign of the reports.
    async fn campaign(&self) -> Result<Campaign<'a>, ApiError> {
        let campaign = self.asking.catalogue.campaign(self.act.selection.campaign);
        let campaign = campaign.ok_or_else(|| ApiError::internal("an act without its campaign"))?;
        Ok(Campaign::new(self.asking, campaign))
    }

    /// What was decided.
    async fn decision(&self) -> ModerationDecision {
        match self.act.decision {
            Decision::Accept => ModerationDecision::Accept,
            Decision::Reject => ModerationDecision::Reject,
            Decision::Undo(_) => ModerationDecision::Undo,
        }
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.act.reason
    }

    /// How many reports have been decided about so far.
    async fn reports(&self) -> Count {
        self.act.selected.reports.into()
    }

    /// The appeal letters and messages of solidarity that these say.
    async fn letters(&self) -> Count {
        self.act.selected.letters.into()
    }

    /// Everything that these say, letters among it.
    async fn actions(&self) -> Count {
        self.act.selected.actions.into()
    }

    /// When it was decided.
    async fn started_at(&self) -> DateTime {
        self.act.started_at.into()
    }

    /// When all of it was done; null while it goes on, some hundred reports at a time.
    async fn finished_at(&self) -> Option<DateTime> {
        self.act.finished_at.map(DateTime::from)
    }

    /// The global id of the act that this one undoes; null for any other.
    async fn undoes(&self) -> Option<ID> {
        match self.act.decision {
            Decision::Undo(undone) => Some(id::of(undone)),
            Decision::Accept | Decision::Reject => None,
        }
    }

    /// The global id of the act that undoes this one; null if none does.
    async fn undone_by(&self) -> Option<ID> {
        self.undone_by.map(id::of)
    }
}

/// What came of an act of moderation.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct ModerationPayload<'a> {
    /// The act; null if a rule says no. Where it decides about many reports it may not be done yet: then it is gone on
    /// with, and `moderation` tells how far it is.
    moderation: Option<Moderation<'a>>,
    /// All rules that say no; none if it was begun.
    user_errors: UserErrors,
}

/// Moderation, as a part of what can be read.
#[derive(Default)]
pub(crate) struct ModerationQuery;

#[Object(serial)]
impl ModerationQuery {
    /// How many reports are meant by a selection, and some of them: what `reportsModerate` would decide about. Needs a
    /// key of the campaign's section, or an administrator's. Null if there is no such campaign, or a report that it
    /// names is not in it.
    #[graphql(complexity = "cost::SEARCH + child_complexity")]
    async fn report_selection<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Which reports.")] selection: ReportSelectionInput,
    ) -> Result<Option<ReportSelection<'ctx>>, ApiError> {
        let asking = RequestContext::of(ctx);
        asking.staff()?;
        let mut connection = asking.connect_uncacheable(api::AppState::of(ctx)).await?;
        let Ok(selection) = selection.parse(asking, &mut connection).await? else { return Ok(None) };
        let (selected, sample) = preview(&mut connection, &selection).await?;
        Ok(Some(ReportSelection { asking, selected, sample }))
    }

    /// The act of moderation with this id. Needs a key of its campaign's section, or an administrator's; else it is
    /// null.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn moderation<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the act.")] id: ID,
    ) -> Result<Option<Moderation<'ctx>>, ApiError> {
        let asking = RequestContext::of(ctx);
        asking.staff()?;
        let id = id::moderation(&id).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        let mut connection = asking.connect_uncacheable(api::AppState::of(ctx)).await?;
        find(&mut connection, asking, id).await
    }

    /// The newest 100 acts of moderation of a campaign, the newest first. Needs a key of its section, or an
    /// administrator's.
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
        // Whatever undoes an act is newer than it.
        let seen = |act: moderations::Moderation| {
            let undone_by = undoing.iter().find(|(undone, _)| *undone == act.id).map(|(_, by)| *by);
            Moderation { asking, act: Box::new(act), undone_by }
        };
        Ok(Some(acts.into_iter().map(seen).collect()))
    }
}

/// Moderation, as a part of what can be changed.
#[derive(Default)]
pub(crate) struct ModerationMutation;

#[Object(serial)]
impl ModerationMutation {
    /// Decides about many reports at once: those of a selection that came in before now. `moderationUndo` takes it
    /// back. Needs a key of the campaign's section, or an administrator's; it is in the audit log.
    #[graphql(complexity = "cost::SEARCH + child_complexity")]
    async fn reports_moderate<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Which reports, what is decided, and why.")] input: ReportsModerateInput,
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

    /// Takes an act of moderation back: every report that stands as the act left it stands again as before. One that
    /// was changed since stays as it is. To take that back, undo the act that undid. Needs a key of the campaign's
    /// section, or an administrator's; it is in the audit log.
    #[graphql(complexity = "cost::SEARCH + child_complexity")]
    async fn moderation_undo<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Which act, and why.")] input: ModerationUndoInput,
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
        // What it has not done yet could not be taken back.
        while !api::AppState::of(ctx).ledger.moderate(undone.act.id, asking.now).await? {}
        let (decision, selection) =
            (Decision::Undo(undone.act.id), report::ReportSelection::of(undone.act.selection.campaign));
        act(ctx, connection, key, decision, selection, reason).await.map(Some)
    }
}

impl ReportSelectionInput {
    /// Which reports are meant, if the viewer may decide about them.
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

/// How many reports are meant, and the first of them.
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

/// The act with this identity, if staff ask who may know of it.
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

/// The act with this identity, if the viewer may know of it.
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

/// Begins an act, or finds it where the same was begun before, and waits a while for its end.
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
        Err(violation) => return Ok(refused(vec![violation])),
    };
    let began_at = Instant::now();
    while !context.ledger.moderate(begun, asking.now).await? && began_at.elapsed() < MAX_WAIT {}
    let moderation = find(&mut connection, asking, begun).await?;
    Ok(ModerationPayload { moderation, user_errors: user_errors::<()>(&Ok(())) })
}

/// Keeps a new act and notes it in the audit log, or finds the one that was begun with the same key.
async fn begin(
    connection: &mut Connection,
    act: &moderations::Moderation,
) -> Result<Result<ModerationId, Violation>, database::Error> {
    if let Some(known) = moderations::find(connection, act.id).await? {
        let is_same = known.decision == act.decision
            && known.reason == act.reason
            && report::ReportSelection { received_before: None, ..known.selection }
                == report::ReportSelection { received_before: None, ..act.selection.clone() };
        let reused = || Violation::at(["idempotencyKey"], ViolationKind::KeyReusedWithOtherContent);
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

fn refused<'a>(violations: Vec<Violation>) -> ModerationPayload<'a> {
    ModerationPayload { moderation: None, user_errors: user_errors::<()>(&Err(violations)) }
}

/// The identity of the act that is begun with a key.
fn of_key(key: &str) -> Uuid {
    let hash = SecretHash::of(&format!("act of moderation: {key}"));
    uuid::Builder::from_custom_bytes(hash.first_bytes()).into_uuid()
}
