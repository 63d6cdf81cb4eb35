//! Mutations of statements.

use async_graphql::{Context, Object};
use domain::{
    CampaignId, SectionId, StatementId, ViolationKind, Violations,
    catalogue::CatalogueEdit,
    report,
    statement::{self, Stated, StatementExtent},
};

use super::{
    Statement,
    input::{StatementCreateInput, StatementReviseInput, StatementWithdrawInput},
};
use crate::{
    access::Staff,
    api::{AppState, RequestContext, error::ApiError, id, payload::payloads},
    credentials::derive_statement_id,
};

/// The result of a change: the statement after it, or validation errors.
pub(super) struct Outcome {
    request: RequestContext,
    outcome: Result<Stated, Violations>,
}

payloads! {
    Outcome, [outcome], {
        /// The statement after the change; null if there are `userErrors`.
        async fn statement(&self) -> Option<Statement<'_>> {
            self.0.outcome.as_ref().ok().map(|stated| Statement::new(&self.0.request, &stated.statement))
        }

        /// Whether the result is that of an earlier request with the same idempotency key.
        async fn replayed(&self) -> bool {
            self.0.outcome.as_ref().is_ok_and(|stated| stated.replayed)
        }
    }

    /// The result of a new statement.
    StatementCreatePayload;

    /// The result of replacing the figure of a statement.
    StatementRevisePayload;

    /// The result of withdrawing a statement.
    StatementWithdrawPayload;
}

/// The mutations of statements.
#[derive(Default)]
pub(crate) struct StatementMutation;

#[Object(serial)]
impl StatementMutation {
    /// States a figure of a section, a partner or the Secretariat. It adds to the totals what it says beyond the
    /// reports and the other statements that it contains. Requires an administrator key, or the key of the section for
    /// all but the world.
    async fn statement_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The statement.")] input: StatementCreateInput,
    ) -> Result<Option<StatementCreatePayload>, ApiError> {
        let staff = RequestContext::of(ctx).staff()?;
        let campaign = id::or_nil(id::campaign(&input.campaign), CampaignId::new);
        let mut violations = Violations::default();
        let scope = violations.check("case", input.scope.parse());
        let key = violations.check("idempotency_key", report::key(&input.idempotency_key));
        let statement = key.map(|key| derive_statement_id(campaign, key));
        let draft = input.content.draft();
        let work = move |edit: &mut CatalogueEdit| match (scope, statement) {
            (Some(scope), Some(id)) => {
                let section = edit.catalogue.campaign(campaign).map(|campaign| campaign.section_id);
                check_staff(staff, section, scope.extent).map_err(|rule| at("campaign", rule))?;
                statement::state(edit, id, campaign, scope, &draft)
            }
            _ => {
                // Everything that is wrong with the rest is told too.
                violations.collect(draft.parse());
                Err(violations)
            }
        };
        change(ctx, staff, work).await.map(StatementCreatePayload).map(Some)
    }

    /// Replaces the figure of a statement by a later one of the same scope; the earlier one stays in its history.
    /// Requires an administrator key, or the key of the section for all but the world.
    async fn statement_revise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: StatementReviseInput,
    ) -> Result<Option<StatementRevisePayload>, ApiError> {
        let staff = RequestContext::of(ctx).staff()?;
        let id = id::or_nil(id::statement(&input.id), StatementId::new);
        let revision = id::revision(input.expected_revision);
        let draft = input.content.draft();
        let work = move |edit: &mut CatalogueEdit| {
            check_owner(staff, edit, id)?;
            statement::revise(edit, id, revision, &draft, &input.reason).map(Stated::new)
        };
        change(ctx, staff, work).await.map(StatementRevisePayload).map(Some)
    }

    /// Withdraws a statement: it adds nothing any more, and what it contained counts by itself again. Requires an
    /// administrator key, or the key of the section for all but the world.
    async fn statement_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The withdrawal.")] input: StatementWithdrawInput,
    ) -> Result<Option<StatementWithdrawPayload>, ApiError> {
        let staff = RequestContext::of(ctx).staff()?;
        let id = id::or_nil(id::statement(&input.id), StatementId::new);
        let revision = id::revision(input.expected_revision);
        let work = move |edit: &mut CatalogueEdit| {
            check_owner(staff, edit, id)?;
            statement::withdraw(edit, id, revision, &input.reason).map(Stated::new)
        };
        change(ctx, staff, work).await.map(StatementWithdrawPayload).map(Some)
    }
}

/// Applies a change of a statement by staff.
async fn change(
    ctx: &Context<'_>,
    staff: Staff,
    work: impl FnOnce(&mut CatalogueEdit) -> Result<Stated, Violations> + Send + 'static,
) -> Result<Outcome, ApiError> {
    let (context, request) = (AppState::of(ctx), RequestContext::of(ctx));
    let outcome = request.ledger(context).edit_catalogue(staff.key, request.now, work).await?;
    Ok(Outcome { request: request.after_change(context), outcome })
}

/// Checks that the key is one of the section, and for the world one of an administrator. For any other key the object
/// does not exist.
fn check_staff(
    staff: Staff,
    section: Option<SectionId>,
    extent: StatementExtent,
) -> Result<(), ViolationKind> {
    let may = match staff.section {
        None => true,
        Some(own) => section == Some(own) && extent != StatementExtent::World,
    };
    if may { Ok(()) } else { Err(ViolationKind::NotFound { noun: domain::violation::EntityKind::Campaign }) }
}

fn check_owner(staff: Staff, edit: &CatalogueEdit, id: StatementId) -> Result<(), Violations> {
    let Some(statement) = edit.catalogue.statement(id) else { return Ok(()) };
    let noun = domain::violation::EntityKind::Statement;
    check_staff(staff, Some(statement.section_id), statement.scope.extent)
        .map_err(|_| at("id", ViolationKind::NotFound { noun }))
}

fn at(field: &str, rule: ViolationKind) -> Violations {
    let mut violations = Violations::default();
    violations.add(field, rule);
    violations
}
