//! The content of a registration, as given by the participant.

use jiff::Timestamp;

use crate::{
    CaseId,
    email::EmailAddress,
    string_enum::string_enum,
    text::{self, Country, Language, Region},
};

string_enum! {
    /// The role that a participant registers for.
    ///
    /// ```
    /// assert_eq!(domain::participant::ParticipantRole::parse("DONOR"), Some(domain::participant::ParticipantRole::Donor));
    /// ```
    pub enum ParticipantRole {
        /// To write letters.
        Writer = "WRITER",
        /// To organize an event.
        Organizer = "ORGANIZER",
        /// To come to an event.
        Attendee = "ATTENDEE",
        /// To give money.
        Donor = "DONOR",
    }
}

string_enum! {
    /// The age band of a person, as coarse as the rules allow.
    ///
    /// ```
    /// use domain::participant::AgeBand;
    /// assert!(!AgeBand::Teenager.is_adult() && AgeBand::YoungAdult.is_adult());
    /// ```
    pub enum AgeBand {
        /// Younger than 13.
        Child = "CHILD",
        /// 13 to 17.
        Teenager = "TEENAGER",
        /// 18 to 25.
        YoungAdult = "YOUNG_ADULT",
        /// 26 to 64.
        Adult = "ADULT",
        /// 65 or older.
        Senior = "SENIOR",
    }
}

impl AgeBand {
    /// Whether they are of age: 18 or older (Convention on the Rights of the Child, article 1).
    #[must_use]
    pub const fn is_adult(self) -> bool {
        match self {
            Self::Child | Self::Teenager => false,
            Self::YoungAdult | Self::Adult | Self::Senior => true,
        }
    }
}

/// A consent to be contacted: to what, and when it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ContactConsent {
    /// The name of the text that they agreed to, with its version.
    pub text: String,
    /// When.
    pub given_at: Timestamp,
}

/// The content of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ParticipantContent {
    /// What they are called.
    pub display_name: String,
    /// Where they get mail.
    pub email: EmailAddress,
    /// What they set out to do; at least one thing.
    pub roles: Vec<ParticipantRole>,
    /// How many letters they set out to write, 1–1,000,000.
    pub letter_goal: Option<u64>,
    /// The cases they chose, of those that the campaign writes for; none for all of them.
    pub cases: Vec<CaseId>,
    /// What they read.
    pub language: Option<Language>,
    /// Where they live.
    pub country: Option<Country>,
    /// The region of that country.
    pub region: Option<Region>,
    /// How old they are.
    pub age_band: Option<AgeBand>,
    /// Whether they agreed to be contacted about more than their own registration.
    pub consent: Option<ContactConsent>,
}

impl ParticipantContent {
    /// The name in NFKC case folding. It distinguishes persons at one address, which families share.
    #[must_use]
    pub fn name_folded(&self) -> String {
        text::nfkc_casefold(&self.display_name)
    }
}
