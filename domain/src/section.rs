//! A section: the body that runs an edition in its area.
//!
//! A section is not a country. Canada has two, one for each language; the International Secretariat
//! is one without a country.

mod draft;
mod transition;

pub use draft::SectionDraft;
pub use transition::{change, create};

use crate::{
    SectionId,
    text::{Country, Language, Zone},
};

/// The body that runs editions in its area.
///
/// ```
/// use domain::{Country, Language, Section, SectionId, Zone};
/// let section = Section {
///     id: SectionId::new(uuid::Uuid::from_u128(1)),
///     code: "ca-fr".to_owned(),
///     name: "Amnistie internationale Canada francophone".to_owned(),
///     country: Some(Country::parse("CA").unwrap()),
///     languages: vec![Language::parse("fr").unwrap()],
///     zone: Zone::parse("America/Toronto").unwrap(),
///     revision: 1,
/// };
/// assert_eq!(section.country.unwrap().as_str(), "CA");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its identity.
    pub id: SectionId,
    /// The short name used in addresses and files; a slug, unique.
    pub code: String,
    /// Its name, 1–200 characters.
    pub name: String,
    /// Where it works, unless it works everywhere.
    pub country: Option<Country>,
    /// The languages it writes in, the first one first.
    pub languages: Vec<Language>,
    /// Its zone, proposed for its campaigns.
    pub zone: Zone,
    /// Grows by one with each change.
    pub revision: u32,
}
