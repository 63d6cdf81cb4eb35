//! Mutations of reports: submission, correction, withdrawal and review, each executed by the ledger.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::{
    CampaignId, EventId, GroupId, ReportId, ViolationKind, Violations,
    report::{self, EventReference, MAX_BATCH, ReportSource, ReporterRole},
    text,
    violation::EntityKind,
};
use graphql_engine::inline::{Inline, InlineList};
use uuid::Uuid;

use super::{
    input::{
        ReportCorrectInput, ReportObjectInput, ReportReviewInput, ReportSubmitInput, ReportUpdateInput,
        ReportWithdrawInput,
    },
    payload::{
        Outcome, ReportCorrectPayload, ReportObjectPayload, ReportReviewPayload, ReportSubmitPayload,
        ReportUpdatePayload, ReportWithdrawPayload,
    },
};
use crate::{
    access::Viewer,
    api::{RequestContext, cost, error::ApiError, id, stored_text},
    credentials::{self, SecretHash},
    ledger::{Action, Command, CommandResult},
};

/// The mutations of reports.
///
/// Payloads are nullable, so that one failed mutation does not null the results of the others in the same
/// document.
#[derive(Default)]
pub(crate) struct ReportMutation;

#[Object(serial)]
impl ReportMutation {
    /// Submits a report of one's own letters, of one's own letters at an event, by the host of all
    /// letters at an event, or of all letters of a group. Open to everyone while the campaign accepts reports; afterwards to staff of its
    /// section, whose reports are accepted without review. The result has a secret that manages the report. A
    /// report that is sent with the secret of a participant of the same campaign, or of an attendance at the
    /// event, belongs to them: it appears beside their pledge, and their own secret manages it.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report.")] input: ReportSubmitInput,
    ) -> Result<Option<Inline<ReportSubmitPayload>>, ApiError> {
        Ok(submit(ctx, vec![input]).await?.0.pop())
    }

    /// Submits up to 500 reports at once, for partners who forward reports. Each has its own idempotency key
    /// and its own result, in the same order. Validation errors of one do not affect the others; the paths of
    /// their `userErrors` are relative to the report.
    #[graphql(complexity = "cost::list(input.len(), child_complexity)")]
    async fn report_submit_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reports.")] input: Vec<ReportSubmitInput>,
    ) -> Result<Option<InlineList<Inline<ReportSubmitPayload>>>, ApiError> {
        if input.len() > MAX_BATCH {
            return Err(ApiError::bad_input(format!("A batch has at most {MAX_BATCH} reports.")));
        }
        submit(ctx, input).await.map(Some)
    }

    /// Updates a report with a later figure, as often as needed while letters are written: with all letters so
    /// far, or with those in addition to the figure before. Each update is a new revision, and the earlier ones
    /// stay readable. It goes on from the revision that is pending review, and is pending review then, too;
    /// otherwise from the revision that counts. A figure so far that is lower than the one before is refused:
    /// `reportCorrect` takes it, with a reason. Requires the report's secret, that of its participant or
    /// attendance, that of the event if it is its host's report, a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The later figure.")] input: ReportUpdateInput,
    ) -> Result<Option<ReportUpdatePayload>, ApiError> {
        check_known(RequestContext::of(ctx))?;
        pay_for_texts(ctx, [input.staff_note()])?;
        change(ctx, update(input)).await.map(ReportUpdatePayload).map(Some)
    }

    /// Corrects a report: a new revision replaces the previous one, which stays readable. Requires the
    /// report's secret, that of its participant or attendance, that of the event if it is its host's report,
    /// a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_correct(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The correction.")] input: ReportCorrectInput,
    ) -> Result<Option<ReportCorrectPayload>, ApiError> {
        check_known(RequestContext::of(ctx))?;
        pay_for_texts(ctx, [input.content.staff_note(), Some(input.reason.as_str())])?;
        change(ctx, correction(input)).await.map(ReportCorrectPayload).map(Some)
    }

    /// Withdraws a report: it no longer counts, and if it was the host's report, the event's report is due
    /// again. Requires the report's secret, that of its participant or attendance, that of the event if it is
    /// its host's report, a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report and the reason.")] input: ReportWithdrawInput,
    ) -> Result<Option<ReportWithdrawPayload>, ApiError> {
        check_known(RequestContext::of(ctx))?;
        pay_for_texts(ctx, [Some(input.reason.as_str())])?;
        change(ctx, withdrawal(&input)).await.map(ReportWithdrawPayload).map(Some)
    }

    /// Objects to a guest's report of an event: it awaits review and does not count meanwhile. If staff
    /// accept it, it counts, and the host cannot object again. Requires the event's secret, a key of the
    /// report's section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_object(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report and the reason.")] input: ReportObjectInput,
    ) -> Result<Option<ReportObjectPayload>, ApiError> {
        check_known(RequestContext::of(ctx))?;
        pay_for_texts(ctx, [Some(input.reason.as_str())])?;
        change(ctx, objection(&input)).await.map(ReportObjectPayload).map(Some)
    }

    /// Accepts or rejects a report pending review. Requires a key of the report's section or an
    /// administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: ReportReviewInput,
    ) -> Result<Option<ReportReviewPayload>, ApiError> {
        RequestContext::of(ctx).staff()?;
        change(ctx, review(&input)).await.map(ReportReviewPayload).map(Some)
    }
}

/// A command before the viewer, the time and the idempotency key are added; or validation errors.
type Parsed = Result<(SecretHash, Action), Violations>;

/// Checks that the viewer is authenticated, whichever report they ask for, so that the error does not reveal
/// whether it exists.
fn check_known(request: &RequestContext) -> Result<(), ApiError> {
    match request.viewer {
        Viewer::Anonymous => Err(ApiError::unauthenticated()),
        Viewer::SecretHolder(_) | Viewer::Staff(_) => Ok(()),
    }
}

/// Charges the free text of reports; their numbers are few bytes each.
fn pay_for_texts<'a>(
    ctx: &Context<'_>,
    texts: impl IntoIterator<Item = Option<&'a str>>,
) -> Result<(), ApiError> {
    match texts.into_iter().flatten().map(str::len).sum() {
        0 => Ok(()),
        bytes => stored_text::charge(ctx, bytes),
    }
}

/// Submits reports; all valid ones go to the ledger together.
async fn submit(
    ctx: &Context<'_>,
    inputs: Vec<ReportSubmitInput>,
) -> Result<InlineList<Inline<ReportSubmitPayload>>, ApiError> {
    pay_for_texts(ctx, inputs.iter().map(|input| input.content.staff_note()))?;
    let keys: Vec<String> = inputs.iter().map(|input| input.idempotency_key.clone()).collect();
    let request = RequestContext::of(ctx);
    let parsed = inputs.into_iter().map(|input| submission(request, input)).collect();
    let outcomes = enter(ctx, parsed).await?;
    Ok(outcomes.into_iter().zip(keys).map(|(outcome, key)| Inline(submitted(outcome, &key))).collect())
}

/// Returns the secret of the report that the ledger returned: on a replay that is the first one.
fn submitted(outcome: Outcome, key: &str) -> ReportSubmitPayload {
    let receipt = outcome.answer.as_ref().ok().filter(|receipt| receipt.has_secret);
    let secret = receipt.map(|receipt| credentials::derive_report_secret(receipt.report.id, key));
    ReportSubmitPayload { outcome, secret }
}

async fn change(ctx: &Context<'_>, parsed: Parsed) -> Result<Outcome, ApiError> {
    let outcome = enter(ctx, vec![parsed]).await?.pop();
    let mut outcome = outcome.ok_or_else(|| ApiError::internal("a change without a result"))?;
    // Where a new report names its campaign, a change names its report.
    for violation in outcome.answer.as_mut().err().into_iter().flat_map(|violations| violations.iter_mut()) {
        if violation.path == ["campaign"] {
            violation.path = vec!["id".to_owned()];
        }
    }
    Ok(outcome)
}

/// Sends all valid commands to the ledger at once and returns their results in order.
async fn enter(ctx: &Context<'_>, parsed: Vec<Parsed>) -> Result<Vec<Outcome>, ApiError> {
    let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    let mut commands = Vec::new();
    let refused: Vec<Option<Violations>> = parsed
        .into_iter()
        .map(|parsed| match parsed {
            Ok((key, action)) => {
                let (now, viewer, address) = (request.now, request.viewer, request.address);
                commands.push(Command { key, former_key: None, now, viewer, address, action });
                None
            }
            Err(violations) => Some(violations),
        })
        .collect();
    let answers = if commands.is_empty() {
        Vec::new()
    } else {
        RequestContext::of(ctx).ledger(context).submit(commands).await?
    };
    let mut answers = answers.into_iter();
    let answers: Option<Vec<CommandResult>> =
        refused.into_iter().map(|refused| refused.map(Err).or_else(|| answers.next())).collect();
    let answers = answers.ok_or_else(|| ApiError::internal("a command without a result of the ledger"))?;
    let request = Arc::new(request.after_change(context));
    let outcome = |answer| Outcome { request: Arc::clone(&request), answer };
    Ok(answers.into_iter().map(outcome).collect())
}

fn submission(request: &RequestContext, input: ReportSubmitInput) -> Parsed {
    let mut violations = Violations::default();
    let campaign = violations.check("campaign", campaign(request, &input.campaign));
    let submission = input.content.parse(&mut violations);
    let reason = violations.check_optional("reason", input.reason.as_deref().map(text::reason));
    let key = violations.check("idempotency_key", report::key(&input.idempotency_key));
    let side = if input.as_host.unwrap_or(false) { ReporterRole::Host } else { ReporterRole::Attendee };
    // An invalid event id is treated as unknown.
    let event = input.event.as_ref().map(|id| id::or_nil(id::event(id), EventId::new));
    let at = event.map(|event| EventReference { event, side });
    let group = input.group.as_ref().map(|id| id::or_nil(id::group(id), GroupId::new));
    if side == ReporterRole::Host && at.is_none() {
        violations.add("event", ViolationKind::NotFound { noun: EntityKind::Event });
    }
    violations.into_result()?;
    let (Some(campaign), Some(submission), Some(key)) = (campaign, submission, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let report = ReportId::new(Uuid::now_v7());
    let secret = SecretHash::of(&credentials::derive_report_secret(report, key));
    let section = request.catalogue.campaign(campaign).map(|campaign| campaign.section_id);
    let by_staff = section.is_some_and(|section| request.may_act_for(section));
    let author = if by_staff { ReportSource::Staff } else { ReportSource::Writer };
    Ok((
        SecretHash::of(key),
        Action::Submit { report, secret, campaign, at, group, submission, author, reason },
    ))
}

fn correction(input: ReportCorrectInput) -> Parsed {
    let mut violations = Violations::default();
    let report = violations.check("id", id::report(&input.id));
    let submission = input.content.parse(&mut violations);
    let reason = violations.check("reason", text::reason(&input.reason));
    let key = violations.check("idempotency_key", report::key(&input.idempotency_key));
    violations.into_result()?;
    let (Some(report), Some(submission), Some(reason), Some(key)) = (report, submission, reason, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let expected_revision = id::revision(input.expected_revision);
    Ok((SecretHash::of(key), Action::Correct { report, expected_revision, submission, reason }))
}

fn update(input: ReportUpdateInput) -> Parsed {
    let mut violations = Violations::default();
    let report = violations.check("id", id::report(&input.id));
    let (expected_revision, basis) = (id::revision(input.expected_revision), input.basis.into());
    let key = input.idempotency_key.clone();
    let submission = input.parse(&mut violations);
    let key = violations.check("idempotency_key", report::key(&key));
    violations.into_result()?;
    let (Some(report), Some(submission), Some(key)) = (report, submission, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    Ok((SecretHash::of(key), Action::Update { report, expected_revision, submission, basis }))
}

fn withdrawal(input: &ReportWithdrawInput) -> Parsed {
    let (report, reason, key) = step(&input.id, &input.reason, &input.idempotency_key)?;
    let expected_revision = id::revision(input.expected_revision);
    Ok((key, Action::Withdraw { report, expected_revision, reason }))
}

fn objection(input: &ReportObjectInput) -> Parsed {
    let (report, reason, key) = step(&input.id, &input.reason, &input.idempotency_key)?;
    let expected_revision = id::revision(input.expected_revision);
    Ok((key, Action::Object { report, expected_revision, reason }))
}

fn review(input: &ReportReviewInput) -> Parsed {
    let (report, reason, key) = step(&input.id, &input.reason, &input.idempotency_key)?;
    let expected_revision = id::revision(input.expected_revision);
    let review = input.decision.into();
    Ok((key, Action::Review { report, expected_revision, review, reason }))
}

fn step(id: &ID, typed: &str, key: &str) -> Result<(ReportId, String, SecretHash), Violations> {
    let mut violations = Violations::default();
    let report = violations.check("id", id::report(id));
    let reason = violations.check("reason", text::reason(typed));
    let key = violations.check("idempotency_key", report::key(key));
    violations.into_result()?;
    let (Some(report), Some(reason), Some(key)) = (report, reason, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    Ok((report, reason, SecretHash::of(key)))
}

fn campaign(request: &RequestContext, id: &ID) -> Result<CampaignId, ViolationKind> {
    let id = id::campaign(id)?;
    let campaign = request.catalogue.campaign(id);
    campaign.map(|campaign| campaign.id).ok_or(ViolationKind::NotFound { noun: EntityKind::Campaign })
}
