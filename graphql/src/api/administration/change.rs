//! Changes of the catalogue by administrators.

use async_graphql::Context;
use domain::{Violations, catalogue::CatalogueEdit};

use crate::api::{AppState, RequestContext, error::ApiError};

/// The result of a change: the object after it, or validation errors.
pub(super) struct Changed<T> {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<T, Violations>,
}

/// Applies a change that requires an administrator key.
pub(super) async fn change<T: Send + 'static>(
    ctx: &Context<'_>,
    work: impl FnOnce(&mut CatalogueEdit) -> Result<T, Violations> + Send + 'static,
) -> Result<Changed<T>, ApiError> {
    let (context, request) = (AppState::of(ctx), RequestContext::of(ctx));
    let key = request.administrator()?;
    let outcome = request.ledger(context).edit_catalogue(Some(key), request.now, work).await?;
    Ok(Changed { request: request.after_change(context), outcome })
}
