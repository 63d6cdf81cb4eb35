//! Subscriptions as they are typed.

use async_graphql::{ID, InputObject};
use domain::subscription::{SubscriptionDraft, SubscriptionPreferencesDraft};

use super::enums::SubscriptionFrequency;
use crate::api::{
    case::Topic,
    participant::AgeBand,
    scalar::{EmailAddress, Language},
};

/// Somebody who wants to hear of urgent actions.
#[derive(Debug, InputObject)]
pub(crate) struct UrgentActionSubscribeInput {
    /// Where mail is to go. A family may share an address.
    email: EmailAddress,
    /// They want to hear of what is about one of these topics, at most 50; none for all of them.
    topics: Option<Vec<Topic>>,
    /// How often; once a week unless it is said.
    frequency: Option<SubscriptionFrequency>,
    /// What they read; English unless it is said.
    language: Option<Language>,
    /// How old they are. Only who says to be 18 or older is on a mailing list.
    age_band: AgeBand,
    /// The name and version of the text by which they agree to get this mail, at most 200 characters.
    /// Send it only if they ticked it themselves.
    contact_consent: String,
    /// A text that you make up for this and keep: 16–128 printable ASCII characters without spaces, such
    /// as a random UUID. Sent again with the same content, it does nothing more.
    pub(super) idempotency_key: String,
}

/// A confirmation that somebody wants the mail that was asked for at their address.
#[derive(Debug, InputObject)]
pub(crate) struct UrgentActionSubscriptionConfirmInput {
    /// The secret of the mail that was sent to the address, good for 30 days.
    pub(super) code: String,
}

/// A change of what somebody wants to hear. What is left out stays as it is.
#[derive(Debug, InputObject)]
pub(crate) struct UrgentActionSubscriptionChangeInput {
    /// The global id of the subscription.
    pub(super) id: ID,
    /// The revision that you read and now change.
    pub(super) expected_revision: i32,
    /// The topics, at most 50; an empty list for all of them.
    topics: Option<Vec<Topic>>,
    /// How often.
    frequency: Option<SubscriptionFrequency>,
    /// What they read.
    language: Option<Language>,
}

/// The end of a subscription.
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
            consent: self.contact_consent,
        }
    }
}

impl UrgentActionSubscriptionChangeInput {
    pub(super) fn draft(self) -> SubscriptionPreferencesDraft {
        wishes(self.topics, self.frequency, self.language)
    }
}

fn wishes(
    topics: Option<Vec<Topic>>,
    frequency: Option<SubscriptionFrequency>,
    language: Option<Language>,
) -> SubscriptionPreferencesDraft {
    SubscriptionPreferencesDraft {
        topics: topics.map(|topics| topics.into_iter().map(Into::into).collect()),
        frequency: frequency.map(Into::into),
        language: language.map(|language| language.0),
    }
}
