//! Inputs of the participant mutations.

use async_graphql::{ID, InputObject, MaybeUndefined};
use domain::{CaseId, participant::ParticipantDraft};

use super::enums::{AgeBand, ParticipantRole};
use crate::api::{
    id,
    scalar::{Count, CountryCode, EmailAddress, Language, RegionCode, patch},
};

/// The input fields that registering and changing a participant have in common.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantDetailsInput {
    /// The personal goal in letters, 1–1,000,000. It can be lowered with `pledgeRelease` only.
    letter_goal: MaybeUndefined<Count>,
    /// The global ids of the chosen cases of the campaign, at most 50; empty for all of them.
    cases: Option<Vec<ID>>,
    /// The preferred language; notifications use it if available.
    language: MaybeUndefined<Language>,
    /// The country of residence.
    country: MaybeUndefined<CountryCode>,
    /// The region of residence.
    region: MaybeUndefined<RegionCode>,
    /// The age band.
    age_band: MaybeUndefined<AgeBand>,
    /// The name and version of the text with which the person consents to be contacted about more than their
    /// own registration, at most 200 characters. Send it only if the person ticked it themselves; null
    /// revokes the consent. Requires an age band of 18 or older.
    contact_consent: MaybeUndefined<String>,
}

/// Input for a new participant.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantRegisterInput {
    /// The global id of the campaign.
    pub(super) campaign: ID,
    /// The name, at most 200 characters.
    display_name: String,
    /// The e-mail address for notifications. Several participants may share an address.
    email: EmailAddress,
    /// The intended activities; at least one.
    roles: Vec<ParticipantRole>,
    #[graphql(flatten)]
    details: ParticipantDetailsInput,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces, such as a random
    /// UUID. Repeating the request with the same key and content returns the first result; other content is a
    /// validation error. Store it and keep it private: the participant's secret is derived from it, so it
    /// must be unguessable.
    pub(super) idempotency_key: String,
}

/// Input for changing a participant. Omitted fields keep their values.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantUpdateInput {
    /// The global id of the participant.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The name, at most 200 characters.
    display_name: Option<String>,
    /// The e-mail address for notifications. A new address has to be confirmed again.
    email: Option<EmailAddress>,
    /// The intended activities; at least one.
    roles: Option<Vec<ParticipantRole>>,
    #[graphql(flatten)]
    details: ParticipantDetailsInput,
}

/// Input for confirming the address of a participant.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantConfirmInput {
    /// The code from the mail to the address, valid for 30 days.
    pub(super) code: String,
    /// Whether to discard all data except name and address, since another person may have entered it.
    /// Attendances are cancelled; reported letters stay and count anonymously. The data can be read with the
    /// code beforehand. No effect once the address is confirmed.
    pub(super) drops_details: Option<bool>,
}

/// Input for leaving a campaign.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantLeaveInput {
    /// The global id of the participant.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
}

/// Input for erasing a participant.
#[derive(Debug, InputObject)]
pub(crate) struct ParticipantEraseInput {
    /// The global id of the participant.
    pub(super) id: ID,
}

/// Input for releasing a part of a goal.
#[derive(Debug, InputObject)]
pub(crate) struct PledgeReleaseInput {
    /// The global id of the participant.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The number of letters to release: at least one, at most `remaining`.
    pub(super) letters: Count,
}

impl ParticipantRegisterInput {
    /// Converts the input to a domain draft.
    pub(super) fn draft(self) -> ParticipantDraft {
        ParticipantDraft {
            display_name: Some(self.display_name),
            email: Some(self.email.0),
            roles: Some(self.roles.into_iter().map(Into::into).collect()),
            ..self.details.draft()
        }
    }
}

impl ParticipantUpdateInput {
    /// Converts the input to a domain change.
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
            letter_goal: patch(self.letter_goal.map_value(|goal| goal.0)),
            cases: self.cases.map(chosen),
            language: patch(self.language.map_value(|language| language.0)),
            country: patch(self.country.map_value(|country| country.0)),
            region: patch(self.region.map_value(|region| region.0)),
            age_band: patch(self.age_band.map_value(Into::into)),
            contact_consent: patch(self.contact_consent),
            ..ParticipantDraft::default()
        }
    }
}
