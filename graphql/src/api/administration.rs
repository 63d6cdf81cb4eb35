//! Mutations of administrators: editions, sections, campaigns, cases, resources and urgent actions.
//!
//! Each mutation parses its input, lets [`domain`] decide on the current catalogue inside the ledger, and returns the object after the change.

use async_graphql::MergedObject;

mod campaign;
mod case;
mod change;
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
