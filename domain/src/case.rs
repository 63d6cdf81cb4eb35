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

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use crate::{
    CaseId, EditionId,
    published::day,
    text::{self, Country, Language},
    violation::{Rule, Violation, Violations},
    word::word,
};

/// Enough for every language the campaign is run in.
pub const TEXTS_MOST: usize = 60;
/// An appeal goes to one authority, sometimes with copies to a few.
pub const AUTHORITIES_MOST: usize = 20;
/// Lines of a postal address: what fits on an envelope.
pub const ADDRESS_LINES_MOST: usize = 10;
/// Topics, restrictions, languages or sources of one case.
pub const ENTRIES_MOST: usize = 50;

word! {
    /// Whom a case is about.
    ///
    /// ```
    /// assert_eq!(domain::case::CaseKind::Community.as_str(), "COMMUNITY");
    /// ```
    pub enum CaseKind {
        /// One person.
        Person = "PERSON",
        /// Several persons with one fate.
        Group = "GROUP",
        /// People who live together.
        Community = "COMMUNITY",
        /// People who work together.
        Organisation = "ORGANISATION",
    }
}

word! {
    /// What a case is about.
    ///
    /// ```
    /// assert_eq!(domain::case::Topic::parse("TORTURE"), Some(domain::case::Topic::Torture));
    /// ```
    pub enum Topic {
        /// Children and their rights.
        Children = "CHILDREN",
        /// Companies that answer to nobody.
        CorporateAccountability = "CORPORATE_ACCOUNTABILITY",
        /// The death penalty.
        DeathPenalty = "DEATH_PENALTY",
        /// Rights of people with disabilities.
        DisabilityRights = "DISABILITY_RIGHTS",
        /// Discrimination, racism among it.
        Discrimination = "DISCRIMINATION",
        /// Enforced disappearance.
        EnforcedDisappearance = "ENFORCED_DISAPPEARANCE",
        /// A healthy environment and the climate.
        Environment = "ENVIRONMENT",
        /// Forced eviction and housing.
        ForcedEviction = "FORCED_EVICTION",
        /// Freedom of expression.
        FreedomOfExpression = "FREEDOM_OF_EXPRESSION",
        /// Freedom of religion and belief.
        FreedomOfReligion = "FREEDOM_OF_RELIGION",
        /// Crimes out of hatred.
        HateCrime = "HATE_CRIME",
        /// Health.
        Health = "HEALTH",
        /// People who defend the rights of others.
        HumanRightsDefenders = "HUMAN_RIGHTS_DEFENDERS",
        /// Indigenous peoples.
        IndigenousRights = "INDIGENOUS_RIGHTS",
        /// Rights of lesbian, gay, bisexual, trans and intersex people.
        LgbtiRights = "LGBTI_RIGHTS",
        /// Violence by the police.
        PoliceViolence = "POLICE_VIOLENCE",
        /// Refugees and migrants.
        RefugeesAndMigrants = "REFUGEES_AND_MIGRANTS",
        /// The right to protest.
        RightToProtest = "RIGHT_TO_PROTEST",
        /// Torture and other ill-treatment.
        Torture = "TORTURE",
        /// Unfair trial.
        UnfairTrial = "UNFAIR_TRIAL",
        /// Unlawful detention.
        UnlawfulDetention = "UNLAWFUL_DETENTION",
        /// Unlawful killing.
        UnlawfulKilling = "UNLAWFUL_KILLING",
        /// Women's rights.
        WomensRights = "WOMENS_RIGHTS",
        /// Anything else.
        Other = "OTHER",
    }
}

word! {
    /// How a message of solidarity reaches the person.
    ///
    /// ```
    /// assert_eq!(domain::case::Channel::SectionForwards.as_str(), "SECTION_FORWARDS");
    /// ```
    pub enum Channel {
        /// By post, to the address given.
        Post = "POST",
        /// On the internet only.
        OnlineOnly = "ONLINE_ONLY",
        /// Through the section, which passes cards on.
        SectionForwards = "SECTION_FORWARDS",
        /// Not at all: it would put somebody in danger.
        None = "NONE",
    }
}

word! {
    /// What must not be in a message, for the safety of the person who gets it.
    ///
    /// ```
    /// assert_eq!(domain::case::Restriction::NoPolitics.as_str(), "NO_POLITICS");
    /// ```
    pub enum Restriction {
        /// Do not mention the organisation.
        DoNotMentionAmnesty = "DO_NOT_MENTION_AMNESTY",
        /// Do not mention the case.
        DoNotMentionCase = "DO_NOT_MENTION_CASE",
        /// No religious cards.
        NoReligiousCards = "NO_RELIGIOUS_CARDS",
        /// No politics.
        NoPolitics = "NO_POLITICS",
        /// No money and no gifts.
        NoMoneyOrGifts = "NO_MONEY_OR_GIFTS",
        /// No return address.
        NoReturnAddress = "NO_RETURN_ADDRESS",
        /// Cards only, no letters in envelopes.
        OpenCardsOnly = "OPEN_CARDS_ONLY",
    }
}

word! {
    /// What became of a case.
    ///
    /// ```
    /// assert_eq!(domain::case::OutcomeKind::Released.as_str(), "RELEASED");
    /// ```
    pub enum OutcomeKind {
        /// Free.
        Released = "RELEASED",
        /// Out of prison, but not free.
        ReleasedWithRestrictions = "RELEASED_WITH_RESTRICTIONS",
        /// Charges dropped.
        ChargesDropped = "CHARGES_DROPPED",
        /// Sentence shortened or lifted.
        SentenceShortened = "SENTENCE_SHORTENED",
        /// A law changed.
        LawChanged = "LAW_CHANGED",
        /// An authority responded.
        AuthorityResponded = "AUTHORITY_RESPONDED",
        /// Protection given.
        ProtectionGiven = "PROTECTION_GIVEN",
        /// Investigation opened again.
        InvestigationReopened = "INVESTIGATION_REOPENED",
        /// Signatures handed over.
        SignaturesHandedOver = "SIGNATURES_HANDED_OVER",
        /// Something else changed.
        SituationChanged = "SITUATION_CHANGED",
        /// It got worse.
        GotWorse = "GOT_WORSE",
        /// The person asks to stop.
        AsksToStop = "ASKS_TO_STOP",
        /// Anything else.
        Other = "OTHER",
    }
}

word! {
    /// Why a case was closed.
    ///
    /// ```
    /// assert_eq!(domain::case::CloseReason::GoodNews.as_str(), "GOOD_NEWS");
    /// ```
    pub enum CloseReason {
        /// What was asked for has come true.
        GoodNews = "GOOD_NEWS",
        /// The person, or those who speak for them, asked to stop.
        AskedToStop = "ASKED_TO_STOP",
        /// Going on would put somebody in danger.
        Safety = "SAFETY",
        /// Anything else.
        Other = "OTHER",
    }
}

/// Where a case stands.
///
/// ```
/// use domain::case::CaseState;
/// assert!(CaseState::Published.serves_addresses());
/// assert_eq!(CaseState::Suspended.to_string(), "SUSPENDED");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseState {
    /// Being prepared; known to staff only.
    Draft,
    /// People write.
    Published,
    /// Nobody should write at the moment.
    Suspended,
    /// Writing has ended for this reason.
    Closed(CloseReason),
    /// Kept with its edition.
    Archived,
}

impl CaseState {
    /// The one spelling of the state; the reason of a closed case stands beside it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Published => "PUBLISHED",
            Self::Suspended => "SUSPENDED",
            Self::Closed(_) => "CLOSED",
            Self::Archived => "ARCHIVED",
        }
    }

    /// Why it was closed, if it was.
    #[must_use]
    pub const fn close_reason(self) -> Option<CloseReason> {
        match self {
            Self::Closed(reason) => Some(reason),
            Self::Draft | Self::Published | Self::Suspended | Self::Archived => None,
        }
    }

    /// Whether anyone but staff may know of the case.
    #[must_use]
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Draft)
    }

    /// Whether the state lets an address be served. The window has a say too.
    #[must_use]
    pub const fn serves_addresses(self) -> bool {
        matches!(self, Self::Published)
    }

    /// The state after publishing.
    ///
    /// # Errors
    /// [`Rule::CaseStateForbids`] unless it is a draft.
    pub const fn published(self) -> Result<Self, Rule> {
        match self {
            Self::Draft => Ok(Self::Published),
            _ => Err(Rule::CaseStateForbids { state: self }),
        }
    }

    /// The state after suspending.
    ///
    /// # Errors
    /// [`Rule::CaseStateForbids`] unless it is published.
    pub const fn suspended(self) -> Result<Self, Rule> {
        match self {
            Self::Published => Ok(Self::Suspended),
            _ => Err(Rule::CaseStateForbids { state: self }),
        }
    }

    /// The state after resuming.
    ///
    /// # Errors
    /// [`Rule::CaseStateForbids`] unless it is suspended.
    pub const fn resumed(self) -> Result<Self, Rule> {
        match self {
            Self::Suspended => Ok(Self::Published),
            _ => Err(Rule::CaseStateForbids { state: self }),
        }
    }

    /// The state after closing.
    ///
    /// # Errors
    /// [`Rule::CaseStateForbids`] unless it is published or suspended.
    pub const fn closed(self, reason: CloseReason) -> Result<Self, Rule> {
        match self {
            Self::Published | Self::Suspended => Ok(Self::Closed(reason)),
            _ => Err(Rule::CaseStateForbids { state: self }),
        }
    }
}

impl std::fmt::Display for CaseState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

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
    /// A text that says nothing yet.
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

/// Whom an appeal letter addresses.
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
    pub channel: Channel,
    /// Languages the person reads.
    pub languages: Vec<Language>,
    /// What must not be in a message; it travels with every address of the case.
    pub restrictions: Vec<Restriction>,
    /// The lines of the envelope, for the channel `POST`.
    pub address: Vec<String>,
}

impl Default for Solidarity {
    fn default() -> Self {
        Self { channel: Channel::None, languages: Vec::new(), restrictions: Vec::new(), address: Vec::new() }
    }
}

/// What became of a case on a day, perhaps years later.
///
/// ```
/// use domain::case::{Outcome, OutcomeKind};
/// let outcome = Outcome::parse("2022-03-24", OutcomeKind::Released, "Free.", None).unwrap();
/// assert_eq!(outcome.on.year(), 2022);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Outcome {
    /// The day.
    pub on: Date,
    /// What kind of news it is.
    pub kind: OutcomeKind,
    /// The news in words.
    pub text: String,
    /// Where it was told.
    pub source: Option<String>,
}

impl Outcome {
    /// An outcome as typed.
    ///
    /// # Errors
    /// All broken rules, with the fields `on`, `text` and `source`.
    pub fn parse(
        on: &str,
        kind: OutcomeKind,
        text: &str,
        source: Option<&str>,
    ) -> Result<Self, Vec<Violation>> {
        let mut violations = Violations::default();
        let on = violations.keep("on", day(on));
        let text = violations.keep("text", text::prose(text));
        let source = violations.keep_optional("source", source.map(text::url));
        violations.into_result()?;
        let (Some(on), Some(text)) = (on, text) else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(Self { on, kind, text, source })
    }
}

/// That the person, or those who speak for them, agreed to be written for.
///
/// ```
/// use domain::case::Consent;
/// let consent = Consent { on: jiff::civil::date(2021, 8, 1), by: "her mother".into() };
/// assert_eq!(consent.by, "her mother");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Consent {
    /// The day it was given.
    pub on: Date,
    /// Who gave it.
    pub by: String,
}

impl Consent {
    /// A consent as typed.
    ///
    /// # Errors
    /// All broken rules, with the fields `on` and `by`.
    pub fn parse(on: &str, by: &str) -> Result<Self, Vec<Violation>> {
        let mut violations = Violations::default();
        let on = violations.keep("on", day(on));
        let by = violations.keep("by", text::line(by));
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
    pub topics: Vec<Topic>,
    /// One text a language.
    pub texts: Vec<CaseText>,
    /// Whom to write to.
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
///     changed_at: Timestamp::UNIX_EPOCH,
///     revision: 1,
/// };
/// assert!(case.check_publishable().is_err(), "nobody has agreed yet");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its identity.
    pub id: CaseId,
    /// The edition that owns it.
    pub edition_id: EditionId,
    /// The short name that stands in addresses; unique in its edition.
    pub slug: String,
    /// What its editors wrote.
    pub content: CaseContent,
    /// What became of it, oldest first.
    pub outcomes: Vec<Outcome>,
    /// Whether it may be published at all.
    pub consent: Option<Consent>,
    /// Where it stands.
    pub state: CaseState,
    /// When it last changed in any way.
    pub changed_at: Timestamp,
    /// Grows by one with each change.
    pub revision: u32,
}

impl Case {
    /// # Errors
    /// [`Rule::ConsentMissing`] without a recorded consent.
    pub const fn check_publishable(&self) -> Result<(), Rule> {
        match self.consent {
            Some(_) => Ok(()),
            None => Err(Rule::ConsentMissing),
        }
    }

    /// The text for the first of `wanted` that there is one for, else English, else the first text.
    ///
    /// A wanted `fr-CA` is also served by `fr`, and a wanted `fr` by `fr-CA`. The text says its
    /// language, so that a reader is told which one was given.
    #[must_use]
    pub fn text(&self, wanted: &[Language]) -> Option<&CaseText> {
        let texts = &self.content.texts;
        let in_range = |range: &str| {
            texts
                .iter()
                .find(|text| text.language.as_str() == range)
                .or_else(|| texts.iter().find(|text| text.language.ranges().any(|wider| wider == range)))
        };
        wanted
            .iter()
            .find_map(|language| language.ranges().find_map(in_range))
            .or_else(|| in_range("en"))
            .or_else(|| texts.first())
    }

    /// What a search looks through: name and texts, folded. No address is ever part of it.
    #[must_use]
    pub fn search_text(&self) -> String {
        let parts: Vec<&str> = std::iter::once(self.content.name.as_str())
            .chain(self.content.texts.iter().flat_map(CaseText::parts))
            .collect();
        text::folded(&parts.join(" "))
    }
}

/// The texts of one language as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize),
    serde(rename_all = "camelCase", deny_unknown_fields)
)]
#[expect(missing_docs, reason = "the fields are those of `CaseText`, as typed")]
pub struct TextDraft {
    pub language: String,
    pub title: Option<String>,
    pub summary: Option<String>,
    pub background: Option<String>,
    pub ask: Option<String>,
    pub sample_letter: Option<String>,
    pub advice: Option<String>,
}

impl TextDraft {
    fn parse(&self) -> Result<CaseText, Vec<Violation>> {
        let mut violations = Violations::default();
        let language = violations.keep("language", Language::parse(&self.language));
        let mut prose = |field, typed: &Option<String>| {
            violations.keep_optional(field, typed.as_deref().map(text::prose))
        };
        let summary = prose("summary", &self.summary);
        let background = prose("background", &self.background);
        let ask = prose("ask", &self.ask);
        let sample_letter = prose("sampleLetter", &self.sample_letter);
        let advice = prose("advice", &self.advice);
        let title = violations.keep_optional("title", self.title.as_deref().map(text::line));
        violations.into_result()?;
        let Some(language) = language else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(CaseText { language, title, summary, background, ask, sample_letter, advice })
    }
}

/// An authority as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize),
    serde(rename_all = "camelCase", deny_unknown_fields)
)]
#[expect(missing_docs, reason = "the fields are those of `Authority`, as typed")]
pub struct AuthorityDraft {
    pub title: String,
    pub name: Option<String>,
    pub salutation: Option<String>,
    pub country: Option<String>,
    #[cfg_attr(feature = "serde", serde(default))]
    pub postal_address: Vec<String>,
    pub email: Option<String>,
}

impl AuthorityDraft {
    fn parse(&self) -> Result<Authority, Vec<Violation>> {
        let mut violations = Violations::default();
        let authority = Authority {
            title: violations.keep("title", text::line(&self.title)).unwrap_or_default(),
            name: violations.keep_optional("name", self.name.as_deref().map(text::line)),
            salutation: violations.keep_optional("salutation", self.salutation.as_deref().map(text::line)),
            country: violations.keep_optional("country", self.country.as_deref().map(Country::parse)),
            postal_address: address(&mut violations, "postalAddress", &self.postal_address),
            email: violations.keep_optional("email", self.email.as_deref().map(text::email)),
        };
        violations.into_result().map(|()| authority)
    }
}

/// A solidarity channel as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize),
    serde(rename_all = "camelCase", deny_unknown_fields)
)]
#[expect(missing_docs, reason = "the fields are those of `Solidarity`, as typed")]
pub struct SolidarityDraft {
    pub channel: Channel,
    #[cfg_attr(feature = "serde", serde(default))]
    pub languages: Vec<String>,
    #[cfg_attr(feature = "serde", serde(default))]
    pub restrictions: Vec<Restriction>,
    #[cfg_attr(feature = "serde", serde(default))]
    pub address: Vec<String>,
}

impl SolidarityDraft {
    fn parse(&self) -> Result<Solidarity, Vec<Violation>> {
        let mut violations = Violations::default();
        bound(&mut violations, "languages", &self.languages, ENTRIES_MOST);
        bound(&mut violations, "restrictions", &self.restrictions, ENTRIES_MOST);
        let solidarity = Solidarity {
            channel: self.channel,
            languages: violations
                .keep_all("languages", self.languages.iter().map(|tag| Language::parse(tag))),
            restrictions: self.restrictions.clone(),
            address: address(&mut violations, "address", &self.address),
        };
        violations.into_result().map(|()| solidarity)
    }
}

/// A case as typed: whole when it is registered, in part when it is changed.
///
/// ```
/// let nameless = domain::case::CaseDraft::default().complete(None).unwrap_err();
/// assert_eq!(nameless.len(), 3, "name, kind and country are needed");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `CaseContent`, as typed")]
pub struct CaseDraft {
    pub name: Option<String>,
    pub kind: Option<CaseKind>,
    pub country: Option<String>,
    pub topics: Option<Vec<Topic>>,
    pub texts: Option<Vec<TextDraft>>,
    pub authorities: Option<Vec<AuthorityDraft>>,
    pub solidarity: Option<SolidarityDraft>,
    pub sources: Option<Vec<String>>,
}

impl CaseDraft {
    /// What the case says after this draft: what the draft leaves out stays as it was `before`.
    ///
    /// # Errors
    /// All broken rules, each with the path of the field at fault.
    pub fn complete(&self, before: Option<&CaseContent>) -> Result<CaseContent, Vec<Violation>> {
        let mut violations = Violations::default();
        let name = match (&self.name, before) {
            (Some(typed), _) => violations.keep("name", text::line(typed)),
            (None, Some(before)) => Some(before.name.clone()),
            (None, None) => violations.keep("name", Err(Rule::TextEmpty)),
        };
        let kind = match (self.kind.or(before.map(|before| before.kind)), before) {
            (None, _) => violations.keep("kind", Err(Rule::TextEmpty)),
            (kind, _) => kind,
        };
        let country = match (&self.country, before) {
            (Some(typed), _) => violations.keep("country", Country::parse(typed)),
            (None, Some(before)) => Some(before.country.clone()),
            (None, None) => violations.keep("country", Err(Rule::CountryUnknown)),
        };
        let topics = match &self.topics {
            Some(topics) => {
                bound(&mut violations, "topics", topics, ENTRIES_MOST);
                let mut topics = topics.clone();
                topics.sort_unstable();
                topics.dedup();
                topics
            }
            None => before.map(|before| before.topics.clone()).unwrap_or_default(),
        };
        let texts = match &self.texts {
            Some(drafts) => {
                bound(&mut violations, "texts", drafts, TEXTS_MOST);
                let texts = parts(&mut violations, "texts", drafts, TextDraft::parse);
                let mut given = BTreeSet::new();
                for (index, draft) in drafts.iter().enumerate() {
                    let language = Language::parse(&draft.language);
                    if language.is_ok_and(|language| !given.insert(language)) {
                        violations.extend_below(
                            &["texts", &index.to_string()],
                            [Violation::at(["language"], Rule::Repeated)],
                        );
                    }
                }
                texts
            }
            None => before.map(|before| before.texts.clone()).unwrap_or_default(),
        };
        let authorities = match &self.authorities {
            Some(drafts) => {
                bound(&mut violations, "authorities", drafts, AUTHORITIES_MOST);
                parts(&mut violations, "authorities", drafts, AuthorityDraft::parse)
            }
            None => before.map(|before| before.authorities.clone()).unwrap_or_default(),
        };
        let solidarity = match &self.solidarity {
            Some(draft) => draft.parse().unwrap_or_else(|broken| {
                violations.extend_below(&["solidarity"], broken);
                Solidarity::default()
            }),
            None => before.map(|before| before.solidarity.clone()).unwrap_or_default(),
        };
        let sources = match &self.sources {
            Some(typed) => {
                bound(&mut violations, "sources", typed, ENTRIES_MOST);
                violations.keep_all("sources", typed.iter().map(|url| text::url(url)))
            }
            None => before.map(|before| before.sources.clone()).unwrap_or_default(),
        };
        violations.into_result()?;
        let (Some(name), Some(kind), Some(country)) = (name, kind, country) else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(CaseContent { name, kind, country, topics, texts, authorities, solidarity, sources })
    }
}

fn parts<D, T>(
    violations: &mut Violations,
    field: &str,
    drafts: &[D],
    parse: impl Fn(&D) -> Result<T, Vec<Violation>>,
) -> Vec<T> {
    let mut parsed = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        match parse(draft) {
            Ok(part) => parsed.push(part),
            Err(broken) => violations.extend_below(&[field, &index.to_string()], broken),
        }
    }
    parsed
}

fn address(violations: &mut Violations, field: &str, lines: &[String]) -> Vec<String> {
    bound(violations, field, lines, ADDRESS_LINES_MOST);
    violations.keep_all(field, lines.iter().map(|line| text::line(line)))
}

fn bound<T>(violations: &mut Violations, field: &str, entries: &[T], most: usize) {
    if entries.len() > most {
        violations.add(field, Rule::TooMany { most });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(tag: &str) -> Language {
        Language::parse(tag).expect("a language")
    }

    fn case(languages: &[&str]) -> Case {
        let draft = CaseDraft {
            name: Some("Wendy Galarza".into()),
            kind: Some(CaseKind::Person),
            country: Some("MX".into()),
            texts: Some(
                languages
                    .iter()
                    .map(|tag| TextDraft {
                        language: (*tag).into(),
                        summary: Some("Túrn".into()),
                        ..TextDraft::default()
                    })
                    .collect(),
            ),
            authorities: Some(vec![AuthorityDraft {
                title: "Attorney General".into(),
                postal_address: vec!["Hidden Street 1".into()],
                ..AuthorityDraft::default()
            }]),
            ..CaseDraft::default()
        };
        Case {
            id: CaseId::new(uuid::Uuid::from_u128(1)),
            edition_id: EditionId::new(uuid::Uuid::from_u128(2)),
            slug: "wendy-galarza".into(),
            content: draft.complete(None).expect("a case"),
            outcomes: vec![],
            consent: None,
            state: CaseState::Draft,
            changed_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        }
    }

    #[test]
    fn every_step_between_states_is_allowed_or_refused_as_drawn() {
        use CaseState::{Archived, Closed, Draft, Published, Suspended};
        let closed = Closed(CloseReason::GoodNews);
        for (state, publish, suspend, resume, close) in [
            (Draft, true, false, false, false),
            (Published, false, true, false, true),
            (Suspended, false, false, true, true),
            (closed, false, false, false, false),
            (Archived, false, false, false, false),
        ] {
            assert_eq!(state.published().is_ok(), publish, "publish {state}");
            assert_eq!(state.suspended().is_ok(), suspend, "suspend {state}");
            assert_eq!(state.resumed().is_ok(), resume, "resume {state}");
            assert_eq!(state.closed(CloseReason::Safety).is_ok(), close, "close {state}");
            assert_eq!(state.serves_addresses(), state == Published, "address of {state}");
        }
    }

    #[test]
    fn a_language_falls_back_to_a_wider_one_then_english_then_the_first() {
        let given = |languages: &[&str], wanted: &[&str]| {
            let wanted: Vec<_> = wanted.iter().map(|tag| language(tag)).collect();
            case(languages).text(&wanted).map(|text| text.language.to_string())
        };
        assert_eq!(given(&["en", "fr"], &["fr-CA"]).as_deref(), Some("fr"));
        assert_eq!(given(&["en", "fr-CA"], &["fr"]).as_deref(), Some("fr-CA"));
        assert_eq!(given(&["en", "fr"], &["pl", "fr"]).as_deref(), Some("fr"));
        assert_eq!(given(&["fr", "en"], &["pl"]).as_deref(), Some("en"));
        assert_eq!(given(&["fr", "es"], &["pl"]).as_deref(), Some("fr"));
        assert_eq!(given(&[], &["pl"]), None);
    }

    #[test]
    fn no_address_is_ever_searched() {
        let text = case(&["en"]).search_text();
        assert_eq!(text, "wendy galarza turn");
    }

    #[test]
    fn a_draft_names_every_field_at_fault() {
        let draft = CaseDraft {
            name: Some("a".repeat(10_000)),
            country: Some("ZZ".into()),
            texts: Some(vec![
                TextDraft { language: "en".into(), ..TextDraft::default() },
                TextDraft { language: "en".into(), title: Some("\u{202E}".into()), ..TextDraft::default() },
                TextDraft { language: "en".into(), ..TextDraft::default() },
            ]),
            authorities: Some(vec![AuthorityDraft { title: String::new(), ..AuthorityDraft::default() }]),
            sources: Some(vec!["nowhere".into()]),
            ..CaseDraft::default()
        };
        let broken = draft.complete(None).expect_err("full of mistakes");
        let found: Vec<_> =
            broken.iter().map(|v| format!("{} {}", v.path.join("."), v.rule.code())).collect();
        assert_eq!(
            found,
            [
                "name TEXT_TOO_LONG",
                "kind TEXT_EMPTY",
                "country COUNTRY_UNKNOWN",
                "texts.1.title BIDIRECTIONAL_OVERRIDE",
                "texts.1.language REPEATED",
                "texts.2.language REPEATED",
                "authorities.0.title TEXT_EMPTY",
                "sources.0 URL_INVALID",
            ]
        );
    }

    #[test]
    fn a_change_leaves_alone_what_it_does_not_name() {
        let before = case(&["en"]).content;
        let draft = CaseDraft { name: Some("Wendy".into()), ..CaseDraft::default() };
        let after = draft.complete(Some(&before)).expect("a change");
        assert_eq!(after, CaseContent { name: "Wendy".into(), ..before });
    }
}
