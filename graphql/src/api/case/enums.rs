//! The words that cases are described with.

use async_graphql::Enum;

/// Whom a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::case::CaseKind")]
pub(crate) enum CaseKind {
    /// One person.
    Person,
    /// Several persons with one fate.
    Group,
    /// People who live together.
    Community,
    /// People who work together.
    Organisation,
}

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::case::CaseTopic")]
pub(crate) enum Topic {
    /// Children and their rights.
    Children,
    /// Companies that answer to nobody.
    CorporateAccountability,
    /// The death penalty.
    DeathPenalty,
    /// Rights of people with disabilities.
    DisabilityRights,
    /// Discrimination, racism among it.
    Discrimination,
    /// Enforced disappearance.
    EnforcedDisappearance,
    /// A healthy environment and the climate.
    Environment,
    /// Forced eviction and housing.
    ForcedEviction,
    /// Freedom of expression.
    FreedomOfExpression,
    /// Freedom of religion and belief.
    FreedomOfReligion,
    /// Crimes out of hatred.
    HateCrime,
    /// Health.
    Health,
    /// People who defend the rights of others.
    HumanRightsDefenders,
    /// Indigenous peoples.
    IndigenousRights,
    /// Rights of lesbian, gay, bisexual, trans and intersex people.
    LgbtiRights,
    /// Violence by the police.
    PoliceViolence,
    /// Refugees and migrants.
    RefugeesAndMigrants,
    /// The right to protest.
    RightToProtest,
    /// Torture and other ill-treatment.
    Torture,
    /// Unfair trial.
    UnfairTrial,
    /// Unlawful detention.
    UnlawfulDetention,
    /// Unlawful killing.
    UnlawfulKilling,
    /// Women's rights.
    WomensRights,
    /// Anything else.
    Other,
}

/// How a message of solidarity reaches the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::case::SolidarityChannel")]
pub(crate) enum SolidarityChannel {
    /// By post, to the address given.
    Post,
    /// On the internet only.
    OnlineOnly,
    /// Through the section, which passes cards on.
    SectionForwards,
    /// Not at all: it would put somebody in danger.
    None,
}

/// What must not be in a message, for the safety of the person who gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::case::WritingRestriction")]
pub(crate) enum Restriction {
    /// Do not mention the organisation.
    DoNotMentionAmnesty,
    /// Do not mention the case.
    DoNotMentionCase,
    /// No religious cards.
    NoReligiousCards,
    /// No politics.
    NoPolitics,
    /// No money and no gifts.
    NoMoneyOrGifts,
    /// No return address.
    NoReturnAddress,
    /// Cards only, no letters in envelopes.
    OpenCardsOnly,
}

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::case::OutcomeKind")]
pub(crate) enum OutcomeKind {
    /// Free.
    Released,
    /// Out of prison, but not free.
    ReleasedWithRestrictions,
    /// Charges dropped.
    ChargesDropped,
    /// Sentence shortened or lifted.
    SentenceShortened,
    /// A law changed.
    LawChanged,
    /// An authority responded.
    AuthorityResponded,
    /// Protection given.
    ProtectionGiven,
    /// Investigation opened again.
    InvestigationReopened,
    /// Signatures handed over.
    SignaturesHandedOver,
    /// Something else changed.
    SituationChanged,
    /// It got worse.
    GotWorse,
    /// The person asks to stop.
    AsksToStop,
    /// Anything else.
    Other,
}

/// Why a case was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::case::CloseReason")]
pub(crate) enum CloseReason {
    /// What was asked for has come true.
    GoodNews,
    /// The person, or those who speak for them, asked to stop.
    AskedToStop,
    /// Going on would put somebody in danger.
    Safety,
    /// Anything else.
    Other,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum CaseState {
    /// Being prepared; known to administrators only.
    Draft,
    /// People write.
    Published,
    /// Nobody should write at the moment: it would put somebody in danger.
    Suspended,
    /// Writing has ended; see the reason.
    Closed,
    /// Kept with its edition.
    Archived,
}

impl From<domain::case::CaseState> for CaseState {
    fn from(state: domain::case::CaseState) -> Self {
        use domain::case::CaseState as Domain;
        match state {
            Domain::Draft => Self::Draft,
            Domain::Published => Self::Published,
            Domain::Suspended => Self::Suspended,
            Domain::Closed(_) => Self::Closed,
            Domain::Archived => Self::Archived,
        }
    }
}
