//! What administrators change: editions, sections, campaigns, cases, resources and urgent actions.
//!
//! Each mutation reads its input, lets [`crate::administration`] decide over the newest catalogue,
//! inside the one door of the ledger, and answers with the thing as it is then.

use async_graphql::{Context, MergedObject};
use domain::Violation;

use super::{RequestContext, error::ApiError};
use crate::catalogue::CatalogueEdit;

mod campaign;
mod case;
mod edition;
mod resource;
mod section;
mod urgent_action;

/// The mutations of administrators.
///
/// A payload may be null, so that one mutation that fails does not take the answers of its neighbours
/// in the same document with it.
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

/// What came of a change: the thing as it is now, or all rules that say no.
struct Changed<T> {
    asking: RequestContext,
    outcome: Result<T, Vec<Violation>>,
}

/// Makes a change that only administrators may make.
async fn change<T: Send + 'static>(
    ctx: &Context<'_>,
    work: impl FnOnce(&mut CatalogueEdit) -> Result<T, Vec<Violation>> + Send + 'static,
) -> Result<Changed<T>, ApiError> {
    let (context, asking) = (super::AppState::of(ctx), RequestContext::of(ctx));
    let key = asking.administrator()?;
    let outcome = asking.ledger(context).edit_catalogue(Some(key), asking.now, work).await?;
    Ok(Changed { asking: asking.after_change(context), outcome })
}

/// Declares payloads: what came of a change, in a field that is named for the thing.
macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident { $field:ident: $Thing:ident })+) => {$(
        $(#[$meta])*
        pub(crate) struct $name($crate::api::administration::Changed<domain::$Thing>);

        $(#[$meta])*
        #[async_graphql::Object]
        impl $name {
            /// The thing as it is now; null if a rule says no.
            async fn $field(&self) -> Option<$Thing<'_>> {
                self.0.outcome.as_ref().ok().map(|thing| $Thing::new(&self.0.asking, thing))
            }

            /// All rules that say no; none if it was done.
            async fn user_errors(&self) -> $crate::api::error::UserErrors {
                $crate::api::error::user_errors(&self.0.outcome)
            }
        }
    )+};
}
use payloads;
