//! A case: a person, group, community or organisation to write for. Safety comes first.
//!
//! `DRAFT → PUBLISHED ⇄ SUSPENDED`, `PUBLISHED | SUSPENDED → CLOSED`, and `ARCHIVED` with the
//! edition. An address is served only while the case is published and people may write; its
//! restrictions are part of it.
//!
//! ```
//! use domain::case::{CaseState, CloseReason};
//! let suspended = CaseState::Published.suspended().unwrap();
//! assert!(!suspended.serves_addresses());
//! assert_eq!(suspended.closed(CloseReason::AskedToStop), Ok(CaseState::Closed(CloseReason::AskedToStop)));
//! assert!(CaseState::Draft.suspended().is_err());
//! ```

pub(crate) mod draft;
mod kinds;
mod state;
mod transition;

pub use draft::{AuthorityDraft, CaseDraft, SolidarityDraft, TextDraft};
pub use kinds::{CaseKind, CaseOutcomeKind, CaseTopic, CloseReason, SolidarityChannel, WritingRestriction};
pub use state::CaseState;
pub use transition::{add_outcome, change, close, create, publish, record_consent, resume, suspend};

use jiff::{Timestamp, civil::Date};

use crate::{
    CaseId, EditionId,
    date::day,
    text::{self, Country, Language},
    violation::{ViolationKind, Violations},
};

/// Enough for every language the campaign is run in.
pub const MAX_TEXTS: usize = 60;
/// An appeal goes to one authority, sometimes with copies to a few.
pub const MAX_AUTHORITIES: usize = 20;
/// Lines of a postal address: what fits on an envelope.
pub const MAX_ADDRESS_LINES: usize = 10;
/// Topics, restrictions, languages or sources of one case.
pub const MAX_ENTRIES: usize = 50;

/// What people read about a case, in one language.
///
/// ```
/// use domain::{Language, case::CaseText};
/// let text = CaseText { summary: Some("Held since 2018.".into()), ..CaseText::empty(Language::parse("en").unwrap()) };
/// assert_eq!(text.language.as_str(), "en");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CaseText {
    /// The language of all of it.
    pub language: Language,
    /// A headline.
    pub title: Option<String>,
    /// What happened, in a paragraph.
    pub summary: Option<String>,
    /// The long story.
    pub background: Option<String>,
    /// What to ask of the authority.
    pub ask: Option<String>,
    /// A letter to start from.
    pub sample_letter: Option<String>,
    /// Advice for writing.
    pub advice: Option<String>,
}

impl CaseText {
    /// A text without content yet.
    #[must_use]
    pub const fn empty(language: Language) -> Self {
        Self {
            language,
            title: None,
            summary: None,
            background: None,
            ask: None,
            sample_letter: None,
            advice: None,
        }
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        [&self.title, &self.summary, &self.background, &self.ask, &self.sample_letter, &self.advice]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

/// The addressee of an appeal letter.
///
/// ```
/// use domain::case::Authority;
/// let authority = Authority { title: "Attorney General".into(), ..Authority::default() };
/// assert!(authority.postal_address.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Authority {
    /// The office.
    pub title: String,
    /// Who holds it.
    pub name: Option<String>,
    /// How a letter begins.
    pub salutation: Option<String>,
    /// Its own country, which may differ from the case's.
    pub country: Option<Country>,
    /// The lines of the envelope; empty where letters go another way.
    pub postal_address: Vec<String>,
    /// Its e-mail address.
    pub email: Option<String>,
}

/// How solidarity reaches the person, and what must not be in it.
///
/// ```
/// use domain::case::Solidarity;
/// assert!(Solidarity::default().address.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Solidarity {
    /// The way.
    pub channel: SolidarityChannel,
    /// Languages the person reads.
    pub languages: Vec<Language>,
    /// What must not be in a message; it travels with every address of the case.
    pub restrictions: Vec<WritingRestriction>,
    /// The lines of the envelope, for the channel `POST`.
    pub address: Vec<String>,
}

impl Default for Solidarity {
    fn default() -> Self {
        Self {
            channel: SolidarityChannel::None,
            languages: Vec::new(),
            restrictions: Vec::new(),
            address: Vec::new(),
        }
    }
}

/// What became of a case on a day, perhaps years later.
///
/// ```
/// use domain::case::{CaseOutcome, CaseOutcomeKind};
/// let outcome = CaseOutcome::parse("2022-03-24", CaseOutcomeKind::Released, "Free.", None).unwrap();
/// assert_eq!(outcome.on.year(), 2022);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CaseOutcome {
    /// The day.
    pub on: Date,
    /// What kind of news it is.
    pub kind: CaseOutcomeKind,
    /// The news in words.
    pub text: String,
    /// Where it was published.
    pub source: Option<String>,
}

impl CaseOutcome {
    /// An outcome as typed.
    ///
    /// # Errors
    /// All broken rules, with the fields `on`, `text` and `source`.
    pub fn parse(
        on: &str,
        kind: CaseOutcomeKind,
        text: &str,
        source: Option<&str>,
    ) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let on = violations.check("on", day(on));
        let text = violations.check("text", text::prose(text));
        let source = violations.check_optional("source", source.map(text::url));
        violations.into_result()?;
        let (Some(on), Some(text)) = (on, text) else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(Self { on, kind, text, source })
    }
}

/// The consent to be written for, given by the person or their representatives.
///
/// ```
/// use domain::case::CaseConsent;
/// let consent = CaseConsent { on: jiff::civil::date(2021, 8, 1), by: "her mother".into() };
/// assert_eq!(consent.by, "her mother");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CaseConsent {
    /// The day it was given.
    pub on: Date,
    /// Who gave it.
    pub by: String,
}

impl CaseConsent {
    /// A consent as typed.
    ///
    /// # Errors
    /// All broken rules, with the fields `on` and `by`.
    pub fn parse(on: &str, by: &str) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let on = violations.check("on", day(on));
        let by = violations.check("by", text::line(by));
        violations.into_result()?;
        let (Some(on), Some(by)) = (on, by) else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(Self { on, by })
    }
}

/// Everything about a case that its editors write.
///
/// ```
/// use domain::case::{CaseDraft, CaseKind};
/// let draft = CaseDraft {
///     name: Some("Sphere".into()),
///     kind: Some(CaseKind::Organisation),
///     country: Some("UA".into()),
///     ..CaseDraft::default()
/// };
/// assert_eq!(draft.complete(None).unwrap().name, "Sphere");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CaseContent {
    /// The name of the person, group, community or organisation.
    pub name: String,
    /// What they are.
    pub kind: CaseKind,
    /// Where it happens.
    pub country: Country,
    /// What it is about.
    pub topics: Vec<CaseTopic>,
    /// One text a language.
    pub texts: Vec<CaseText>,
    /// The authorities to write to.
    pub authorities: Vec<Authority>,
    /// How to reach the person.
    pub solidarity: Solidarity,
    /// Where the facts come from.
    pub sources: Vec<String>,
}

/// A person, group, community or organisation to write for, in one edition.
///
/// ```
/// use domain::{Case, CaseId, EditionId, case::{CaseDraft, CaseKind, CaseState}};
/// use jiff::Timestamp;
/// let draft = CaseDraft {
///     name: Some("Rung".into()), kind: Some(CaseKind::Person), country: Some("TH".into()),
///     ..CaseDraft::default()
/// };
/// let case = Case {
///     id: CaseId::new(uuid::Uuid::from_u128(1)),
///     edition_id: EditionId::new(uuid::Uuid::from_u128(2)),
///     slug: "rung".into(),
///     content: draft.complete(None).unwrap(),
///     outcomes: vec![],
///     consent: None,
///     state: CaseState::Draft,
///     writing_stopped_at: None,
///     updated_at: Timestamp::UNIX_EPOCH,
///     revision: 1,
/// };
/// assert!(case.check_publishable().is_err(), "no consent is recorded");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its identity.
    pub id: CaseId,
    /// The edition that owns it.
    pub edition_id: EditionId,
    /// The short name used in addresses; unique in its edition.
    pub slug: String,
    /// What its editors wrote.
    pub content: CaseContent,
    /// What became of it, oldest first.
    pub outcomes: Vec<CaseOutcome>,
    /// Whether it may be published at all.
    pub consent: Option<CaseConsent>,
    /// Its state.
    pub state: CaseState,
    /// Since when people are asked not to write: when it was suspended, or else closed. None while they write, and
    /// before. Letters written before still count.
    pub writing_stopped_at: Option<Timestamp>,
    /// When it last changed in any way.
    pub updated_at: Timestamp,
    /// Grows by one with each change.
    pub revision: u32,
}

impl Case {
    /// Takes another state. Writing has stopped since the first of the states in which it rests, until it is resumed.
    pub(crate) fn enter(&mut self, state: CaseState, now: Timestamp) {
        self.state = state;
        self.writing_stopped_at = match state {
            CaseState::Draft | CaseState::Published => None,
            CaseState::Suspended | CaseState::Closed(_) | CaseState::Archived => {
                self.writing_stopped_at.or(Some(now))
            }
        };
    }

    /// # Errors
    /// [`ViolationKind::ConsentMissing`] without a recorded consent.
    pub const fn check_publishable(&self) -> Result<(), ViolationKind> {
        match self.consent {
            Some(_) => Ok(()),
            None => Err(ViolationKind::ConsentMissing),
        }
    }

    /// The text for a reader who asked for the languages `requested`, or else reads `accepted`, most preferred first; else
    /// English, else the first text.
    ///
    /// Languages match by CLDR: `zh-TW` is served by `zh-Hant`, `fr` by `fr-CA`. The text carries its language, so
    /// that a reader learns which one was served.
    #[must_use]
    pub fn text<'b>(
        &self,
        requested: impl IntoIterator<Item = &'b Language>,
        accepted: impl IntoIterator<Item = &'b Language>,
    ) -> Option<&CaseText> {
        text::in_language(&self.content.texts, |text| &text.language, requested, accepted)
    }

    /// What a search looks through: name and texts, as they are compared. No address is ever part of it.
    #[must_use]
    pub fn search_text(&self) -> String {
        let parts: Vec<&str> = std::iter::once(self.content.name.as_str())
            .chain(self.content.texts.iter().flat_map(CaseText::parts))
            .collect();
        text::search_text(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests;
