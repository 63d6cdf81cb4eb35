//! A subscription to urgent actions by e-mail.
//!
//! It takes double opt-in: the owner of the address has to confirm with a secret that is sent there and
//! nowhere else, so that no address is on the list because another person typed it in. Consent is explicit
//! and dated, and can only be given by a subscriber who says to be of age. Families share an address, so
//! that one may have several subscriptions; each is told each piece of news once.
//!
//! ```
//! use domain::subscription::{DIGEST_INTERVAL, next_digest_at};
//! let due: jiff::Timestamp = "2022-03-01T09:00:00Z".parse().unwrap();
//! assert_eq!(next_digest_at(due, due), due + DIGEST_INTERVAL);
//! ```

use jiff::{SignedDuration, Timestamp};

use crate::{
    SubscriptionId, UrgentAction,
    case::CaseTopic,
    email::EmailAddress,
    participant::{AgeBand, CONFIRMATION_CODE_TTL, ContactConsent},
    string_enum::string_enum,
    text::Language,
    violation::{Violation, ViolationKind, Violations},
};

mod draft;
#[cfg(test)]
mod tests;

pub use draft::{SubscriptionDraft, SubscriptionPreferencesDraft};

/// The interval between two digests of a subscription, where there is news.
pub const DIGEST_INTERVAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most requests for confirmation that are sent to one address in a day. It is enough for a family, and
/// too few to flood the mailbox of another person.
pub const MAX_PENDING_REQUESTS: u32 = 3;
/// For how long those are counted.
pub const PENDING_REQUEST_WINDOW: SignedDuration = SignedDuration::from_hours(24);

string_enum! {
    /// How often news is sent to a subscriber.
    ///
    /// ```
    /// assert_eq!(domain::subscription::DigestFrequency::AtOnce.as_str(), "AT_ONCE");
    /// ```
    pub enum DigestFrequency {
        /// Of each urgent action and each update of one, as soon as it is there.
        AtOnce = "AT_ONCE",
        /// Once a week, of all that is new.
        Weekly = "WEEKLY",
    }
}

/// The preferences of a subscriber: which topics, how often, and in which language.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubscriptionPreferences {
    /// About one of these topics; none for all of them.
    pub topics: Vec<CaseTopic>,
    /// How often.
    pub frequency: DigestFrequency,
    /// In which language, where there is a text in it.
    pub language: Language,
}

/// The content of a subscription, as given by the subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubscriptionContent {
    /// Where mail goes.
    pub email: EmailAddress,
    /// The preferences.
    pub wishes: SubscriptionPreferences,
    /// How old they are: of age, or there is no subscription.
    pub age_band: AgeBand,
    /// What they agreed to, and when.
    pub consent: ContactConsent,
}

/// A subscription of one person to urgent actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its identity.
    pub id: SubscriptionId,
    /// The content, as given by the subscriber.
    pub content: SubscriptionContent,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the owner of the address confirmed it.
    pub confirmed_at: Option<Timestamp>,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
    /// Grows by one with each change.
    pub revision: u32,
}

impl Subscription {
    /// A subscription that was requested and is not confirmed yet.
    ///
    /// # Errors
    /// The rules that the draft breaks.
    pub fn requested(
        id: SubscriptionId,
        draft: &SubscriptionDraft,
        now: Timestamp,
    ) -> Result<Self, Violations> {
        let content = draft.complete(now)?;
        Ok(Self { id, content, requested_at: now, confirmed_at: None, updated_at: now, revision: 1 })
    }

    /// Confirms the subscription for the owner of the address. A second time changes nothing.
    ///
    /// # Errors
    /// [`ViolationKind::CodeExpired`].
    pub fn confirm(&self, now: Timestamp) -> Result<Self, Violations> {
        if self.confirmed_at.is_some() {
            return Ok(self.clone());
        }
        let ended_at = self.requested_at.saturating_add(CONFIRMATION_CODE_TTL).unwrap_or(Timestamp::MAX);
        if now >= ended_at {
            return Err(Violations::from(Violation::at(["code"], ViolationKind::CodeExpired { ended_at })));
        }
        Ok(Self { confirmed_at: Some(now), updated_at: now, revision: self.revision + 1, ..self.clone() })
    }

    /// Changes the preferences. What the draft leaves out stays as it is.
    ///
    /// # Errors
    /// The rules that the draft breaks, and [`ViolationKind::StaleRevision`].
    pub fn change(
        &self,
        draft: &SubscriptionPreferencesDraft,
        expected_revision: u32,
        now: Timestamp,
    ) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        if expected_revision != self.revision {
            violations.add("expected_revision", ViolationKind::StaleRevision { current: self.revision });
        }
        let wishes = draft.complete(Some(&self.content.wishes));
        let wishes = wishes.map_err(|broken| violations.extend_at(&[], broken)).ok();
        violations.into_result()?;
        let Some(wishes) = wishes else {
            unreachable!("wishes are missing only beside a violation");
        };
        let content = SubscriptionContent { wishes, ..self.content.clone() };
        Ok(Self { content, updated_at: now, revision: self.revision + 1, ..self.clone() })
    }

    /// Whether the topics of this action match the preferences.
    #[must_use]
    pub fn wants(&self, action: &UrgentAction) -> bool {
        let topics = &self.content.wishes.topics;
        topics.is_empty() || action.content.topics.iter().any(|topic| topics.contains(topic))
    }
}

/// When the digest after the one that was `due` is due, at `now`. It keeps the weekly rhythm, and is one
/// digest however many weeks were missed.
///
/// ```
/// use domain::subscription::next_digest_at;
/// let at = |instant: &str| instant.parse::<jiff::Timestamp>().unwrap();
/// let next = next_digest_at(at("2022-03-01T09:00:00Z"), at("2022-03-20T00:00:00Z"));
/// assert_eq!(next, at("2022-03-22T09:00:00Z"));
/// ```
#[must_use]
pub fn next_digest_at(due: Timestamp, now: Timestamp) -> Timestamp {
    let every = DIGEST_INTERVAL.as_secs();
    let weeks = now.duration_since(due).as_secs().max(0) / every + 1;
    due.saturating_add(SignedDuration::from_secs(weeks * every)).unwrap_or(Timestamp::MAX)
}
