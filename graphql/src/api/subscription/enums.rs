//! The words that subscriptions are described with.

use async_graphql::Enum;

/// How often somebody wants to hear of urgent actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::subscription::DigestFrequency")]
pub(crate) enum SubscriptionFrequency {
    /// Of each urgent action and each update of one, as soon as it is there.
    AtOnce,
    /// Once a week, of all that is new; nothing in a week without news.
    Weekly,
}
