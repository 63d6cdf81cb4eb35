//! Inputs of the subscription mutations.

use async_graphql::{ID, InputObject};
use domain::subscription::{SubscriptionDraft, SubscriptionPreferencesDraft};

use super::enums::DigestFrequency;
use crate::api::{
    case::CaseTopic,
    participant::AgeBand,
    scalar::{EmailAddress, Language},
};

/// Input for subscribing to urgent actions.
#[derive(Debug, InputObject)]
pub(crate) struct UrgentActionSubscribeInput {
    /// The e-mail address. Several people may share an address.
    email: EmailAddress,
    /// The topics to subscribe to, at most 50; empty for all topics.
    topics: Option<Vec<CaseTopic>>,
    /// The frequency of mail; default `WEEKLY`.
    frequency: Option<DigestFrequency>,
    /// The preferred language of mail; default English.
    language: Option<Language>,
    /// The age band. The mailing list requires an age of 18 or older.
    age_band: AgeBand,
    /// The name and version of the text with which the person consents to this mail, at most 200 characters.
    /// Send it only if the person ticked it themselves.
    contact_consent: String,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces, such as a random
    /// UUID. Repeating the request with the same key and content changes nothing; other content is a
    /// validation error.
    pub(super) idempotency_key: String,
}

/// Input for confirming a subscription.
#[derive(Debug, InputObject)]
pub(crate) struct UrgentActionSubscriptionConfirmInput {
    /// The code from the mail to the address, valid for 30 days.
    pub(super) code: String,
}

/// Input for changing a subscription. Omitted fields keep their values.
#[derive(Debug, InputObject)]
pub(crate) struct UrgentActionSubscriptionUpdateInput {
    /// The global id of the subscription.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The topics, at most 50; an empty list for all topics.
    topics: Option<Vec<CaseTopic>>,
    /// The frequency of mail.
    frequency: Option<DigestFrequency>,
    /// The preferred language of messages.
    language: Option<Language>,
}

/// Input for ending a subscription.
#[derive(Debug, InputObject)]
pub(crate) struct UrgentActionSubscriptionEndInput {
    /// The global id of the subscription.
    pub(super) id: ID,
}

impl UrgentActionSubscribeInput {
    pub(super) fn draft(self) -> SubscriptionDraft {
        SubscriptionDraft {
            email: self.email.0,
            wishes: wishes(self.topics, self.frequency, self.language),
            age_band: Some(self.age_band.into()),
            contact_consent: self.contact_consent,
        }
    }
}

impl UrgentActionSubscriptionUpdateInput {
    pub(super) fn draft(self) -> SubscriptionPreferencesDraft {
        wishes(self.topics, self.frequency, self.language)
    }
}

fn wishes(
    topics: Option<Vec<CaseTopic>>,
    frequency: Option<DigestFrequency>,
    language: Option<Language>,
) -> SubscriptionPreferencesDraft {
    SubscriptionPreferencesDraft {
        topics: topics.map(|topics| topics.into_iter().map(Into::into).collect()),
        frequency: frequency.map(Into::into),
        language: language.map(|language| language.0),
    }
}
