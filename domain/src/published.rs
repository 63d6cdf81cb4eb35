//! Published figures: announced numbers, kept as history beside the count and never added to it.

mod draft;
mod revision;
mod transition;

pub use draft::{FigureDraft, MAX_FIGURES, read_figures};
pub use revision::FigureRevision;
pub use transition::publish_figures;

use crate::{
    CaseId, SectionId,
    date::PartialDate,
    number::{CountDraft, MAX_COUNT},
    string_enum::string_enum,
    violation::ViolationKind,
};

string_enum! {
    /// How exactly a figure is meant.
    ///
    /// ```
    /// use domain::published::FigureQualifier;
    /// assert_eq!(FigureQualifier::parse("MORE_THAN"), Some(FigureQualifier::MoreThan));
    /// ```
    pub enum FigureQualifier {
        /// Counted to the last one.
        Exact = "EXACT",
        /// Rounded.
        About = "ABOUT",
        /// That many or more.
        AtLeast = "AT_LEAST",
        /// Certainly more.
        MoreThan = "MORE_THAN",
        /// Certainly fewer.
        FewerThan = "FEWER_THAN",
    }
}

string_enum! {
    /// How final a figure is, according to its source.
    ///
    /// ```
    /// use domain::published::FigureStatus;
    /// assert_eq!(FigureStatus::ClaimedFinal.as_str(), "CLAIMED_FINAL");
    /// ```
    pub enum FigureStatus {
        /// While the campaign was still being counted.
        Running = "RUNNING",
        /// Called final, and contradicted by another figure that is called final too.
        ClaimedFinal = "CLAIMED_FINAL",
        /// The last word.
        Final = "FINAL",
        /// Not given by the source.
        Unclear = "UNCLEAR",
    }
}

/// A published figure: a whole number from 0 to 9,007,199,254,740,991.
///
/// # Errors
/// [`ViolationKind::FigureOutOfRange`].
///
/// ```
/// assert_eq!(domain::published::figure(4_657_104), Ok(4_657_104));
/// assert!(domain::published::figure(-1).is_err());
/// ```
pub fn figure(typed: impl Into<CountDraft>) -> Result<u64, ViolationKind> {
    typed.into().whole().ok_or(ViolationKind::FigureOutOfRange { most: MAX_COUNT })
}

/// A number that was announced for an edition.
///
/// ```
/// use domain::{PublishedFigure, published::{FigureStatus, FigureQualifier}};
/// let world = PublishedFigure {
///     section: None,
///     case: None,
///     figure: 4_657_104,
///     unit: "letters, postcards and signatures".to_owned(),
///     qualifier: FigureQualifier::Exact,
///     status: FigureStatus::Final,
///     as_of: None,
///     countries: Some(120),
///     source: None,
/// };
/// assert_eq!(world.qualifier.as_str(), "EXACT");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PublishedFigure {
    /// The section that it was announced for; `None` for the world.
    pub section: Option<SectionId>,
    /// The case that it was announced for; `None` for all cases together.
    pub case: Option<CaseId>,
    /// The number, 0–9,007,199,254,740,991.
    pub figure: u64,
    /// What was counted, in the words of the source.
    pub unit: String,
    /// How exactly it is meant.
    pub qualifier: FigureQualifier,
    /// How final it is.
    pub status: FigureStatus,
    /// When it held.
    pub as_of: Option<PartialDate>,
    /// From how many countries and territories.
    pub countries: Option<u16>,
    /// Where it was announced.
    pub source: Option<String>,
}
