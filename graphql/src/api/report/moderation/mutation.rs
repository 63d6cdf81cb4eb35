//! The mutations of moderation.

use std::time::{Duration, Instant};

use async_graphql::{Context, Object};
use domain::{
    ModerationId, ReportId, Violation, ViolationKind, Violations,
    catalogue::StaffAction,
    report::{self, SelectedReports},
    text,
    violation::EntityKind,
};
use uuid::Uuid;

use super::{
    ModerationPayload, find,
    input::{ModerationUndoInput, ReportsModerateInput},
};
use crate::{
    api::{
        self, RequestContext, cost,
        error::{ApiError, user_errors},
        id,
        report::input::ReportDecision,
    },
    clock,
    credentials::SecretHash,
    database::{
        self, Access, Connection,
        moderations::{self, Decision},
    },
};

/// How long a response waits for a moderation to finish; it continues in the background afterwards.
const MAX_WAIT: Duration = Duration::from_secs(5);

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
        let request = RequestContext::of(ctx);
        let mut violations = Violations::default();
        let (mut connection, reason, key) =
            open(ctx, &mut violations, &input.reason, &input.idempotency_key).await?;
        let selection = match input.selection.parse(request, &mut connection).await? {
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
            ReportDecision::Accept => Decision::Accept,
            ReportDecision::Reject => Decision::Reject,
        };
        selection.received_before =
            Some(selection.received_before.map_or(request.now, |at| at.min(request.now)));
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
        let request = RequestContext::of(ctx);
        let mut violations = Violations::default();
        let (mut connection, reason, key) =
            open(ctx, &mut violations, &input.reason, &input.idempotency_key).await?;
        let id = violations.check("id", id::moderation(&input.id));
        let undone = match id {
            Some(id) => find(&mut connection, request, id).await?,
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
        while !api::AppState::of(ctx).ledger.moderate(undone.act.id, request.now).await? {}
        let (decision, selection) =
            (Decision::Undo(undone.act.id), report::ReportSelection::of(undone.act.selection.campaign));
        act(ctx, connection, key, decision, selection, reason).await.map(Some)
    }
}

/// Checks what every moderation begins with: that the viewer is staff, and that there are a reason and an idempotency
/// key. Returns those two beside a connection.
async fn open<'i>(
    ctx: &Context<'_>,
    violations: &mut Violations,
    reason: &str,
    key: &'i str,
) -> Result<(Connection, Option<String>, Option<&'i str>), ApiError> {
    let request = RequestContext::of(ctx);
    request.staff()?;
    let reason = violations.check("reason", text::reason(reason));
    let key = violations.check("idempotency_key", report::key(key));
    let connection = request.connect_uncacheable(api::AppState::of(ctx)).await?;
    Ok((connection, reason, key))
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
    let (context, request) = (api::AppState::of(ctx), RequestContext::of(ctx));
    let act = moderations::Moderation {
        id: ModerationId::new(of_key(key)),
        decision,
        selection,
        reason,
        key: request.staff()?.key,
        started_at: clock::microseconds(request.now),
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
    while !context.ledger.moderate(begun, request.now).await? && began_at.elapsed() < MAX_WAIT {}
    let moderation = find(&mut connection, request, begun).await?;
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
        let reused = || Violation::at(["idempotency_key"], ViolationKind::IdempotencyKeyConflict);
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
    database::audit_log::insert(connection, Uuid::now_v7(), act.key, &action, act.started_at).await?;
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
