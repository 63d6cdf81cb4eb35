//! The enumerations of a case.

use crate::string_enum::string_enum;

string_enum! {
    /// The kind of subject a case is about.
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

string_enum! {
    /// What a case is about.
    ///
    /// ```
    /// assert_eq!(domain::case::CaseTopic::parse("TORTURE"), Some(domain::case::CaseTopic::Torture));
    /// ```
    pub enum CaseTopic {
        /// Children and their rights.
        Children = "CHILDREN",
        /// Companies that are not held to account.
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

string_enum! {
    /// How a message of solidarity reaches the person.
    ///
    /// ```
    /// assert_eq!(domain::case::SolidarityChannel::SectionForwards.as_str(), "SECTION_FORWARDS");
    /// ```
    pub enum SolidarityChannel {
        /// By post, to the address given.
        Post = "POST",
        /// On the internet only.
        OnlineOnly = "ONLINE_ONLY",
        /// Through the section, which passes cards on.
        SectionForwards = "SECTION_FORWARDS",
        /// Not at all: it would put a person in danger.
        None = "NONE",
    }
}

string_enum! {
    /// What must not be in a message, for the safety of the person who gets it.
    ///
    /// ```
    /// assert_eq!(domain::case::WritingRestriction::NoPolitics.as_str(), "NO_POLITICS");
    /// ```
    pub enum WritingRestriction {
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

string_enum! {
    /// What became of a case.
    ///
    /// ```
    /// assert_eq!(domain::case::CaseOutcomeKind::Released.as_str(), "RELEASED");
    /// ```
    pub enum CaseOutcomeKind {
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

string_enum! {
    /// Why a case was closed.
    ///
    /// ```
    /// assert_eq!(domain::case::CloseReason::GoodNews.as_str(), "GOOD_NEWS");
    /// ```
    pub enum CloseReason {
        /// What was asked for has come true.
        GoodNews = "GOOD_NEWS",
        /// The person or their representatives asked to stop.
        AskedToStop = "ASKED_TO_STOP",
        /// More letters would put a person in danger.
        Safety = "SAFETY",
        /// Anything else.
        Other = "OTHER",
    }
}
