//! Enums of subscriptions.

use crate::api::domain_enum::domain_enum;

domain_enum! {
    /// The frequency of mail about urgent actions.
    pub(crate) enum DigestFrequency = domain::subscription::DigestFrequency {
        /// One mail per urgent action and update, immediately.
        AtOnce,
        /// A weekly digest; no mail in a week without news.
        Weekly,
    }
}
