//! Enums of cases.

use async_graphql::Enum;

use crate::api::domain_enum::domain_enum;

domain_enum! {
    /// The kind of subject a case has.
    pub(crate) enum CaseKind = domain::case::CaseKind {
        /// One person.
        Person,
        /// Several persons with a common fate.
        Group,
        /// A community.
        Community,
        /// An organisation.
        Organisation,
    }
}

domain_enum! {
    /// The topic of a case or urgent action.
    pub(crate) enum CaseTopic = domain::case::CaseTopic {
        /// Children and their rights.
        Children,
        /// Accountability of companies.
        CorporateAccountability,
        /// The death penalty.
        DeathPenalty,
        /// Rights of people with disabilities.
        DisabilityRights,
        /// Discrimination, including racism.
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
        /// Crimes motivated by hatred.
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
}

domain_enum! {
    /// The channel by which messages of solidarity reach the person.
    pub(crate) enum SolidarityChannel = domain::case::SolidarityChannel {
        /// By post, to the given address.
        Post,
        /// Online only.
        OnlineOnly,
        /// Through the section, which forwards cards.
        SectionForwards,
        /// Not possible: messages would put a person in danger.
        None,
    }
}

domain_enum! {
    /// A writing restriction for the safety of the recipient: what a message must not contain.
    pub(crate) enum WritingRestriction = domain::case::WritingRestriction {
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
}

domain_enum! {
    /// The kind of an outcome.
    pub(crate) enum CaseOutcomeKind = domain::case::CaseOutcomeKind {
        /// Released.
        Released,
        /// Released from prison with restrictions.
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
        /// Investigation reopened.
        InvestigationReopened,
        /// Signatures handed over.
        SignaturesHandedOver,
        /// Another change of the situation.
        SituationChanged,
        /// The situation got worse.
        GotWorse,
        /// The person asked to stop.
        AsksToStop,
        /// Anything else.
        Other,
    }
}

domain_enum! {
    /// The reason for closing a case.
    pub(crate) enum CloseReason = domain::case::CloseReason {
        /// The demands were met.
        GoodNews,
        /// The person, or their representatives, asked to stop.
        AskedToStop,
        /// Continuing would put a person in danger.
        Safety,
        /// Anything else.
        Other,
    }
}

/// The state of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum CaseState {
    /// In preparation; visible to administrators only.
    Draft,
    /// Public and open for writing.
    Published,
    /// Paused for safety: letters would put a person in danger at the moment. Stop writing.
    Suspended,
    /// Closed; see `closeReason`.
    Closed,
    /// Archived with its edition.
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
