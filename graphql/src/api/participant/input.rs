//! Participants as they are typed.

use async_graphql::{ID, InputObject, MaybeUndefined};
use domain::{CaseId, participant::ParticipantDraft};

use super::enums::{AgeBand, Role};
use crate::api::{
    id,
    scalar::{Count, CountryCode, EmailAddress, Language, RegionCode},
};

/// What people may say of themselves when they register and when they change that.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantDetailsInput {
    /// How many letters they set out to write, 1–1,000,000. To lower it, release what cannot be
    /// finished.
    letter_goal: MaybeUndefined<Count>,
    /// The global ids of the cases they choose, at most 50, of those that the campaign writes for;
    /// none for all of them.
    cases: Option<Vec<ID>>,
    /// What they read: notices are written in it where possible.
    language: MaybeUndefined<Language>,
    /// Where they live.
    country: MaybeUndefined<CountryCode>,
    /// The region they live in.
    region: MaybeUndefined<RegionCode>,
    /// How old they are.
    age_band: MaybeUndefined<AgeBand>,
    /// The name and version of the text by which they agree to be contacted about more than their own
    /// registration, at most 200 characters. Send it only if they ticked it themselves; null takes it
    /// back. Only who says to be 18 or older can agree.
    contact_consent: MaybeUndefined<String>,
}

/// A new participant.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantRegisterInput {
    /// The global id of the campaign.
    pub(super) campaign: ID,
    /// What they are called, at most 200 characters.
    display_name: String,
    /// Where they get mail. A family may share an address.
    email: EmailAddress,
    /// What they set out to do; at least one thing.
    roles: Vec<Role>,
    #[graphql(flatten)]
    details: ParticipantDetailsInput,
    /// A text that you make up for this registration and keep: 16–128 printable ASCII characters
    /// without spaces, such as a random UUID. Sent again with the same content, it brings the same
    /// answer again. The secret of the participant is derived from it, so it has to be unguessable.
    pub(super) idempotency_key: String,
}

/// A change of what somebody says of themselves. What is left out stays as it is.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantChangeInput {
    /// The global id of the participant.
    pub(super) id: ID,
    /// The revision that you read and now change.
    pub(super) expected_revision: i32,
    /// What they are called, at most 200 characters.
    display_name: Option<String>,
    /// Where they get mail. Another address has to be confirmed anew.
    email: Option<EmailAddress>,
    /// What they set out to do; at least one thing.
    roles: Option<Vec<Role>>,
    #[graphql(flatten)]
    details: ParticipantDetailsInput,
}

/// A confirmation that an address is somebody's own.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantConfirmInput {
    /// The secret of the mail that was sent to the address, good for 30 days.
    pub(super) code: String,
    /// Whether all is dropped that was said beside the name and the address: somebody else may have said it.
    /// Places at events are given back, and letters that were reported stay and count as nobody's. What
    /// there is can be read with the code before. It makes no difference once the address is confirmed.
    pub(super) drops_details: Option<bool>,
}

/// Taking no further part.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantLeaveInput {
    /// The global id of the participant.
    pub(super) id: ID,
    /// The revision that you read.
    pub(super) expected_revision: i32,
}

/// Having everything erased that is kept about somebody.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantEraseInput {
    /// The global id of the participant.
    pub(super) id: ID,
}

/// Giving a part of a goal back.
#[derive(Debug, InputObject)]
pub(crate) struct GoalReleaseInput {
    /// The global id of the participant.
    pub(super) id: ID,
    /// The revision that you read.
    pub(super) expected_revision: i32,
    /// How many letters they cannot finish: at least one, and no more of their goal than they have not
    /// reported.
    pub(super) letters: Count,
}

impl ParticipantRegisterInput {
    /// What they say of themselves.
    pub(super) fn draft(self) -> ParticipantDraft {
        ParticipantDraft {
            display_name: Some(self.display_name),
            email: Some(self.email.0),
            roles: Some(self.roles.into_iter().map(Into::into).collect()),
            ..self.details.draft()
        }
    }
}

impl ParticipantChangeInput {
    /// What they say anew.
    pub(super) fn draft(self) -> ParticipantDraft {
        ParticipantDraft {
            display_name: self.display_name,
            email: self.email.map(|email| email.0),
            roles: self.roles.map(|roles| roles.into_iter().map(Into::into).collect()),
            ..self.details.draft()
        }
    }
}

impl ParticipantDetailsInput {
    fn draft(self) -> ParticipantDraft {
        let chosen = |ids: Vec<ID>| ids.iter().map(|id| id::or_nil(id::case(id), CaseId::new)).collect();
        ParticipantDraft {
            letter_goal: self.letter_goal.map_value(|goal| goal.0).into(),
            cases: self.cases.map(chosen),
            language: self.language.map_value(|language| language.0).into(),
            country: self.country.map_value(|country| country.0).into(),
            region: self.region.map_value(|region| region.0).into(),
            age_band: self.age_band.map_value(Into::into).into(),
            consent: self.contact_consent.into(),
            ..ParticipantDraft::default()
        }
    }
}
