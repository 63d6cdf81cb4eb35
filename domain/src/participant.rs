//! A participant: a person who registered to write letters. No account is needed.
//!
//! `REGISTERED → CONFIRMED`, once they have shown that the e-mail address is theirs, and from either
//! `→ LEFT`. A child may take part and is on no mailing list. The same holds for participants who did not
//! ask to be, or whose address is not confirmed.
//!
//! ```
//! use domain::participant::ParticipantState;
//! assert!(ParticipantState::Confirmed.check_here().is_ok());
//! assert!(ParticipantState::Left.check_here().is_err());
//! ```

use jiff::{SignedDuration, Timestamp};

use crate::{
    CampaignId, EditionId, ParticipantId, SectionId,
    report::CampaignContext,
    string_enum::string_enum,
    violation::{ViolationKind, Violations},
};

mod content;
mod draft;
#[cfg(test)]
mod tests;
mod transition;

pub use content::{AgeBand, ContactConsent, ParticipantContent, ParticipantRole};
pub use draft::{MAX_CASES, ParticipantDraft};
pub use transition::ParticipantTransition;

/// The lifetime of the confirmation code in a mail: long enough for people who are away on a journey.
pub const CONFIRMATION_CODE_TTL: SignedDuration = SignedDuration::from_hours(30 * 24);

string_enum! {
    /// The state of a participation.
    ///
    /// ```
    /// assert_eq!(domain::participant::ParticipantState::Left.as_str(), "LEFT");
    /// ```
    pub enum ParticipantState {
        /// The address may belong to another person: what is pledged does not count yet.
        Registered = "REGISTERED",
        /// The address is theirs.
        Confirmed = "CONFIRMED",
        /// They take no further part. What they wrote stays.
        Left = "LEFT",
    }
}

impl ParticipantState {
    /// Whether they still take part.
    ///
    /// # Errors
    /// [`ViolationKind::ParticipantStateInvalid`] for those who left.
    pub fn check_here(self) -> Result<(), ViolationKind> {
        match self {
            Self::Registered | Self::Confirmed => Ok(()),
            Self::Left => Err(ViolationKind::ParticipantStateInvalid { state: self.as_str() }),
        }
    }
}

/// A person who registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Their identity.
    pub id: ParticipantId,
    /// The campaign they registered for.
    pub campaign_id: CampaignId,
    /// The edition of that campaign.
    pub edition_id: EditionId,
    /// The section that runs it.
    pub section_id: SectionId,
    /// The content of the registration.
    pub content: ParticipantContent,
    /// Where they stand.
    pub state: ParticipantState,
    /// How many letters they released of what they had set out to write.
    pub released: u64,
    /// When they registered.
    pub registered_at: Timestamp,
    /// When they showed that the address is theirs.
    pub confirmed_at: Option<Timestamp>,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
    /// Grows by one with each change.
    pub revision: u32,
}

impl Participant {
    /// A new participant.
    ///
    /// # Errors
    /// The rules that the draft breaks, [`ViolationKind::EditionArchived`], or, for all but staff,
    /// [`ViolationKind::RegistrationClosed`].
    pub fn registered(
        id: ParticipantId,
        draft: &ParticipantDraft,
        terms: &crate::event::EventPolicy<'_>,
        now: Timestamp,
    ) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        violations.check("campaign", terms.check_registration(now));
        let content =
            draft.complete(None, terms, now).map_err(|broken| violations.extend_at(&[], broken)).ok();
        violations.into_result()?;
        let Some(content) = content else {
            unreachable!("content is missing only beside a violation");
        };
        let CampaignContext { campaign, .. } = terms.intake;
        Ok(Self {
            id,
            campaign_id: campaign.id,
            edition_id: campaign.edition_id,
            section_id: campaign.section_id,
            content,
            state: ParticipantState::Registered,
            released: 0,
            registered_at: now,
            confirmed_at: None,
            updated_at: now,
            revision: 1,
        })
    }

    /// Whether they may be written to about anything but their own registration.
    #[must_use]
    pub fn may_be_contacted(&self) -> bool {
        self.state == ParticipantState::Confirmed
            && self.content.consent.is_some()
            && self.content.age_band.is_some_and(AgeBand::is_adult)
    }

    /// Whether the address of this guest is one that they showed to be theirs.
    #[must_use]
    pub fn has_proved(&self, guest: &crate::attendance::Guest) -> bool {
        let is_theirs = |email: &crate::EmailAddress| email.folded() == self.content.email.folded();
        self.confirmed_at.is_some() && guest.email.as_ref().is_some_and(is_theirs)
    }

    /// The same with nothing but a name and an address: the rest may come from another person.
    #[must_use]
    pub fn without_details(&self) -> Self {
        let content = ParticipantContent {
            display_name: self.content.display_name.clone(),
            email: self.content.email.clone(),
            roles: vec![ParticipantRole::Writer],
            letter_goal: None,
            cases: vec![],
            language: None,
            country: None,
            region: None,
            age_band: None,
            consent: None,
        };
        Self { content, released: 0, ..self.clone() }
    }

    /// How many letters they pledge: their goal once the address is confirmed, 0 otherwise.
    #[must_use]
    pub fn pledged(&self) -> u64 {
        match self.state {
            ParticipantState::Confirmed => self.content.letter_goal.unwrap_or(0),
            ParticipantState::Registered | ParticipantState::Left => 0,
        }
    }

    /// How many letters of their goal they have not reported, of which so many count: what they can
    /// still finish or release.
    #[must_use]
    pub fn remaining(&self, reported: u64) -> u64 {
        self.content.letter_goal.unwrap_or(0).saturating_sub(reported)
    }
}
