//! Reporting, correcting, withdrawing and reviewing, each through the one door of the ledger.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::{
    CampaignId, EventId, ReportId, Violation, ViolationKind, Violations,
    report::{self, BATCH_MOST, EventReference, ReportSource, ReporterRole},
    text,
    violation::EntityKind,
};
use uuid::Uuid;

use super::{
    input::{
        ReportCorrectInput, ReportObjectInput, ReportReviewInput, ReportSubmitInput, ReportWithdrawInput,
    },
    payload::{
        Outcome, ReportCorrectPayload, ReportObjectPayload, ReportReviewPayload, ReportSubmitPayload,
        ReportWithdrawPayload,
    },
};
use crate::{
    api::{
        CostBudget, RequestContext, cost,
        error::ApiError,
        id,
        inline::{Inline, List},
        request_context::Viewer,
    },
    credentials::{self, SecretHash},
    ledger::{Action, Command, CommandResult},
};

/// Reports, as a part of what can be changed.
///
/// A payload may be null, so that one mutation that fails does not take the answers of its neighbours
/// in the same document with it.
#[derive(Default)]
pub(crate) struct ReportMutation;

#[Object(serial)]
impl ReportMutation {
    /// Reports letters: one's own, those that one wrote at an event, or as its host all that were
    /// written there. Anyone may, while the campaign takes reports; staff of its section may afterwards,
    /// and are taken at their word. The answer brings a secret that manages the report. What is sent with
    /// the secret of a participant, or of an attendance at the event, belongs to them too: it stands
    /// beside what they pledge, and their own secret manages it. A report to another campaign than that
    /// of the participant does not.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report.")] input: ReportSubmitInput,
    ) -> Result<Option<Inline<ReportSubmitPayload>>, ApiError> {
        Ok(submit(ctx, vec![input]).await?.0.pop())
    }

    /// Reports letters many times over, for partners who pass reports on: at most 500, each with its
    /// own key and its own answer, in order. One that breaks a rule keeps none of the others out, and
    /// the paths of its `userErrors` begin inside of it.
    #[graphql(complexity = "cost::list(input.len(), child_complexity)")]
    async fn report_submit_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reports.")] input: Vec<ReportSubmitInput>,
    ) -> Result<Option<List<Inline<ReportSubmitPayload>>>, ApiError> {
        if input.len() > BATCH_MOST {
            return Err(ApiError::bad_input(format!("A batch is at most {BATCH_MOST} reports.")));
        }
        submit(ctx, input).await.map(Some)
    }

    /// Corrects a report: a new revision takes the place of the one before, which stays readable.
    /// Needs the secret of the report, that of whom it belongs to, that of the event if it is its host's
    /// report, a key of its section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_correct(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The correction.")] input: ReportCorrectInput,
    ) -> Result<Option<ReportCorrectPayload>, ApiError> {
        check_known(RequestContext::of(ctx))?;
        pay_for_texts(ctx, [input.content.note(), Some(input.reason.as_str())])?;
        change(ctx, correction(input)).await.map(ReportCorrectPayload).map(Some)
    }

    /// Takes a report back: it no longer counts, and an event whose host reported owes a report again.
    /// Needs the secret of the report, that of whom it belongs to, that of the event if it is its host's
    /// report, a key of its section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report, and why.")] input: ReportWithdrawInput,
    ) -> Result<Option<ReportWithdrawPayload>, ApiError> {
        check_known(RequestContext::of(ctx))?;
        pay_for_texts(ctx, [Some(input.reason.as_str())])?;
        change(ctx, withdrawal(&input)).await.map(ReportWithdrawPayload).map(Some)
    }

    /// Objects to what a guest reports of an event: it does not count until staff have looked at it. What they accept
    /// then counts, and the host cannot object again. Needs the secret of the event, a key of the report's section or
    /// an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report_object(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report, and why.")] input: ReportObjectInput,
    ) -> Result<Option<ReportObjectPayload>, ApiError> {
        check_known(RequestContext::of(ctx))?;
        pay_for_texts(ctx, [Some(input.reason.as_str())])?;
        change(ctx, objection(&input)).await.map(ReportObjectPayload).map(Some)
    }

    /// Decides about a held report. Needs a key of the report's section, or an administrator's.
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

/// A command without who gives it and when, with its idempotency key; or all rules that say no.
type Parsed = Result<(SecretHash, Action), Vec<Violation>>;

/// Somebody has to say who they are, whatever report they mean: the answer gives nothing away.
fn check_known(asking: &RequestContext) -> Result<(), ApiError> {
    match asking.asker {
        Viewer::Anonymous => Err(ApiError::unauthenticated()),
        Viewer::SecretHolder(_) | Viewer::Staff(_) => Ok(()),
    }
}

/// Pays for the free text of reports; their numbers are few bytes each.
fn pay_for_texts<'a>(
    ctx: &Context<'_>,
    texts: impl IntoIterator<Item = Option<&'a str>>,
) -> Result<(), ApiError> {
    match texts.into_iter().flatten().map(str::len).sum() {
        0 => Ok(()),
        bytes => CostBudget::store(ctx, bytes),
    }
}

/// Submits reports; those that are well formed go to the ledger together.
async fn submit(
    ctx: &Context<'_>,
    inputs: Vec<ReportSubmitInput>,
) -> Result<List<Inline<ReportSubmitPayload>>, ApiError> {
    pay_for_texts(ctx, inputs.iter().map(|input| input.content.note()))?;
    let keys: Vec<String> = inputs.iter().map(|input| input.idempotency_key.clone()).collect();
    let asking = RequestContext::of(ctx);
    let parsed = inputs.into_iter().map(|input| submission(asking, input)).collect();
    let outcomes = enter(ctx, parsed).await?;
    Ok(outcomes.into_iter().zip(keys).map(|(outcome, key)| Inline(submitted(outcome, &key))).collect())
}

/// The secret belongs to the report that the ledger answers with: on a replay that is the first one.
fn submitted(outcome: Outcome, key: &str) -> ReportSubmitPayload {
    let receipt = outcome.answer.as_ref().ok().filter(|receipt| receipt.has_secret);
    let secret = receipt.map(|receipt| credentials::derive_report_secret(receipt.report.id, key));
    ReportSubmitPayload { outcome, secret }
}

async fn change(ctx: &Context<'_>, parsed: Parsed) -> Result<Outcome, ApiError> {
    let outcome = enter(ctx, vec![parsed]).await?.pop();
    let mut outcome = outcome.ok_or_else(|| ApiError::internal("a change without an answer"))?;
    // Where a new report names its campaign, a change names its report.
    for violation in outcome.answer.as_mut().err().into_iter().flatten() {
        if violation.path == ["campaign"] {
            violation.path = vec!["id".to_owned()];
        }
    }
    Ok(outcome)
}

/// Enters what is well formed into the ledger, all at once; each gets its own answer, in order.
async fn enter(ctx: &Context<'_>, parsed: Vec<Parsed>) -> Result<Vec<Outcome>, ApiError> {
    let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    let mut commands = Vec::new();
    let refused: Vec<Option<Vec<Violation>>> = parsed
        .into_iter()
        .map(|parsed| match parsed {
            Ok((key, action)) => {
                let (now, credential, address) = (asking.now, asking.credential(), asking.address);
                commands.push(Command { key, former_key: None, now, credential, address, action });
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
    let answers = answers.ok_or_else(|| ApiError::internal("the ledger did not answer every command"))?;
    let asking = Arc::new(asking.after_change(context));
    let outcome = |answer| Outcome { asking: Arc::clone(&asking), answer };
    Ok(answers.into_iter().map(outcome).collect())
}

fn submission(asking: &RequestContext, input: ReportSubmitInput) -> Parsed {
    let mut violations = Violations::default();
    let campaign = violations.check("campaign", campaign(asking, &input.campaign));
    let submission = input.content.parse(&mut violations);
    let key = violations.check("idempotencyKey", report::key(&input.idempotency_key));
    let side = if input.as_host.unwrap_or(false) { ReporterRole::Host } else { ReporterRole::Attendee };
    // A text that is no id of an event is the id of none.
    let event = input.event.as_ref().map(|id| id::or_nil(id::event(id), EventId::new));
    let at = event.map(|event| EventReference { event, side });
    if side == ReporterRole::Host && at.is_none() {
        violations.add("event", ViolationKind::NotFound { noun: EntityKind::Event });
    }
    violations.into_result()?;
    let (Some(campaign), Some(submission), Some(key)) = (campaign, submission, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let report = ReportId::new(Uuid::now_v7());
    let secret = SecretHash::of(&credentials::derive_report_secret(report, key));
    let section = asking.catalogue.campaign(campaign).map(|campaign| campaign.section_id);
    let by_staff = section.is_some_and(|section| asking.may_act_for(section));
    let author = if by_staff { ReportSource::Staff } else { ReportSource::Writer };
    Ok((SecretHash::of(key), Action::Submit { report, secret, campaign, at, submission, author }))
}

fn correction(input: ReportCorrectInput) -> Parsed {
    let mut violations = Violations::default();
    let report = violations.check("id", id::report(&input.id));
    let submission = input.content.parse(&mut violations);
    let reason = violations.check("reason", text::reason(&input.reason));
    let key = violations.check("idempotencyKey", report::key(&input.idempotency_key));
    violations.into_result()?;
    let (Some(report), Some(submission), Some(reason), Some(key)) = (report, submission, reason, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let expected_revision = id::revision(input.expected_revision);
    Ok((SecretHash::of(key), Action::Correct { report, expected_revision, submission, reason }))
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

fn step(id: &ID, typed: &str, key: &str) -> Result<(ReportId, String, SecretHash), Vec<Violation>> {
    let mut violations = Violations::default();
    let report = violations.check("id", id::report(id));
    let reason = violations.check("reason", text::reason(typed));
    let key = violations.check("idempotencyKey", report::key(key));
    violations.into_result()?;
    let (Some(report), Some(reason), Some(key)) = (report, reason, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    Ok((report, reason, SecretHash::of(key)))
}

fn campaign(asking: &RequestContext, id: &ID) -> Result<CampaignId, ViolationKind> {
    let id = id::campaign(id)?;
    let campaign = asking.catalogue.campaign(id);
    campaign.map(|campaign| campaign.id).ok_or(ViolationKind::NotFound { noun: EntityKind::Campaign })
}
