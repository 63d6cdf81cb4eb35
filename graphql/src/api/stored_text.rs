//! The budget of stored text of a client.

use graphql_engine::CostBudget;

use super::{RequestContext, error::ApiError};

/// Charges text that is about to be stored for a client that is not staff. It stays charged if validation
/// fails afterwards, since it was processed.
///
/// # Errors
/// `RATE_LIMITED` when the budget of the client is used up.
pub(crate) fn charge(ctx: &async_graphql::Context<'_>, bytes: usize) -> Result<(), ApiError> {
    let is_staff = RequestContext::of(ctx).viewer.staff().is_some();
    match ctx.data_opt::<CostBudget>() {
        Some(budget) if !is_staff => budget.charge_stored_text(bytes),
        _ => Ok(()),
    }
}

/// The same for a value that is stored as it was sent.
pub(crate) fn charge_draft(
    ctx: &async_graphql::Context<'_>,
    draft: &impl serde::Serialize,
) -> Result<(), ApiError> {
    let json = serde_json::to_string(draft).map_err(|_| ApiError::internal("a draft has no JSON form"))?;
    charge(ctx, json.len())
}
