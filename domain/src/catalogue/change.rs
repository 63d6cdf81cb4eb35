//! One change of the catalogue, as the storage writes it.

use std::sync::Arc;

use crate::{
    Campaign, Case, Edition, EditionId, Milestone, Resource, Section, Statement, UrgentAction,
    certification::Certification, published::FigureRevision,
};

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
    /// All revisions of the published figures of an edition.
    Figures(EditionId, Vec<FigureRevision>),
    /// A new or changed statement. It is large beside the others.
    Statement(Box<Statement>),
    /// A new or changed milestone.
    Milestone(Milestone),
    /// A new certification, with its canonical rows.
    Certification(Certification, Arc<str>),
    /// A new or changed resource.
    Resource(Resource),
    /// A new or changed urgent action.
    UrgentAction(UrgentAction),
}
