//! Changes of the catalogue by administrators.

use async_graphql::Context;
use domain::{Violations, catalogue::CatalogueEdit};

use crate::api::{AppState, RequestContext, error::ApiError};

/// The result of a change: the object after it, or validation errors.
pub(super) struct Changed<T> {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<T, Violations>,
}

/// Applies a change that requires an administrator key.
pub(super) async fn change<T: Send + 'static>(
    ctx: &Context<'_>,
    work: impl FnOnce(&mut CatalogueEdit) -> Result<T, Violations> + Send + 'static,
) -> Result<Changed<T>, ApiError> {
    let (context, asking) = (AppState::of(ctx), RequestContext::of(ctx));
    let key = asking.administrator()?;
    let outcome = asking.ledger(context).edit_catalogue(Some(key), asking.now, work).await?;
    Ok(Changed { asking: asking.after_change(context), outcome })
}
