//! Enums of subscriptions.

use async_graphql::Enum;

/// The frequency of mail about urgent actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::subscription::DigestFrequency")]
pub(crate) enum DigestFrequency {
    /// One mail per urgent action and update, immediately.
    AtOnce,
    /// A weekly digest; no mail in a week without news.
    Weekly,
}
