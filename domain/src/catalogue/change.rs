//! One change of the catalogue, as the storage writes it.

use crate::{Campaign, Case, Edition, EditionId, PublishedFigure, Resource, Section, UrgentAction};

/// One thing that a change of the catalogue stores.
#[derive(Clone, Debug)]
pub enum CatalogueChange {
    /// A new or changed edition.
    Edition(Edition),
    /// A new or changed section.
    Section(Section),
    /// A new or changed campaign.
    Campaign(Campaign),
    /// A new or changed case.
    Case(Case),
    /// All published figures of an edition.
    Figures(EditionId, Vec<PublishedFigure>),
    /// A new or changed resource.
    Resource(Resource),
    /// A new or changed urgent action.
    UrgentAction(UrgentAction),
}
