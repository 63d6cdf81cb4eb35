//! Certifications: staff freeze the totals of an edition or of one campaign in it, and what changes afterwards is a
//! correction with its reason.
//!
//! A certification keeps the rows of [`OpenData`](crate::open_data::OpenData) as they were and names their hash. It
//! never changes. A total that was changed since is *corrected*: the correction stands beside the snapshot.

mod transition;

pub use transition::{CertifiedCount, certify, corrections};

use jiff::Timestamp;

use crate::{
    EditionId, SectionId,
    total::{LetterCounts, TotalScope},
};

/// A certified total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certification {
    /// The edition.
    pub edition_id: EditionId,
    /// The section whose campaign is certified; `None` for the whole edition.
    pub section_id: Option<SectionId>,
    /// The version of the edition that was certified.
    pub version: u64,
    /// The SHA-256 hash of the canonical rows.
    pub hash: [u8; 32],
    /// When it was certified.
    pub certified_at: Timestamp,
}

/// A change of a certified total, in one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The section whose total changed.
    pub section_id: SectionId,
    /// The version of the edition that the change made.
    pub version: u64,
    /// Why.
    pub reason: String,
    /// When.
    pub corrected_at: Timestamp,
    /// The total of the section before it.
    pub before: LetterCounts,
    /// The total of the section after it.
    pub after: LetterCounts,
}

impl Correction {
    /// Whether it changed a total after its certification.
    #[must_use]
    pub fn is_of(&self, certification: &Certification, scope: TotalScope) -> bool {
        let is_in_scope = match scope {
            TotalScope::Edition | TotalScope::Case(_) => true,
            TotalScope::Section(section) | TotalScope::SectionCase(section, _) => section == self.section_id,
        };
        is_in_scope && self.version > certification.version
    }
}

#[cfg(test)]
mod tests;
