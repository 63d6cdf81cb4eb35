//! Mutations of administrators: editions, sections, campaigns, cases, resources and urgent actions.
//!
//! Each mutation parses its input, lets [`crate::administration`] decide on the current catalogue inside the
//! ledger, and returns the object after the change.

use async_graphql::{Context, MergedObject};
use domain::{Violations, catalogue::CatalogueEdit};

use super::{RequestContext, error::ApiError};

mod campaign;
mod case;
mod edition;
mod resource;
mod section;
mod urgent_action;

/// The mutations of administrators.
///
/// Payloads are nullable, so that one failed mutation does not null the results of the others in the same
/// document.
#[derive(Default, MergedObject)]
#[graphql(serial)]
pub(crate) struct AdministrationMutation(
    edition::EditionMutation,
    section::SectionMutation,
    campaign::CampaignMutation,
    case::CaseMutation,
    resource::ResourceMutation,
    urgent_action::UrgentActionMutation,
);

/// The result of a change: the object after it, or validation errors.
struct Changed<T> {
    asking: RequestContext,
    outcome: Result<T, Violations>,
}

/// Applies a change that requires an administrator key.
async fn change<T: Send + 'static>(
    ctx: &Context<'_>,
    work: impl FnOnce(&mut CatalogueEdit) -> Result<T, Violations> + Send + 'static,
) -> Result<Changed<T>, ApiError> {
    let (context, asking) = (super::AppState::of(ctx), RequestContext::of(ctx));
    let key = asking.administrator()?;
    let outcome = asking.ledger(context).edit_catalogue(Some(key), asking.now, work).await?;
    Ok(Changed { asking: asking.after_change(context), outcome })
}
