//! Input of a subscription, as typed. It is validated completely, so that all violations are reported at once.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{DigestFrequency, SubscriptionContent, SubscriptionPreferences};
use crate::{
    case::{CaseTopic, MAX_ENTRIES},
    draft::bound,
    email::EmailAddress,
    fingerprint::{self, Canonical},
    participant::{AgeBand, ContactConsent},
    text::{self, Language},
    violation::{ViolationKind, Violations},
};

/// The preferences of a subscriber, as typed: whole in a new subscription, in part in a change of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `Wishes`, as typed")]
pub struct SubscriptionPreferencesDraft {
    pub topics: Option<Vec<CaseTopic>>,
    pub frequency: Option<DigestFrequency>,
    pub language: Option<String>,
}

impl SubscriptionPreferencesDraft {
    /// The preferences after this draft. Fields that it leaves out stay as they were `before`. The defaults
    /// are all topics, once a week, in English.
    ///
    /// # Errors
    /// All broken rules, each with the path of the field at fault.
    pub fn complete(
        &self,
        before: Option<&SubscriptionPreferences>,
    ) -> Result<SubscriptionPreferences, Violations> {
        let mut violations = Violations::default();
        let topics = match &self.topics {
            Some(topics) => {
                bound(&mut violations, "topics", topics, MAX_ENTRIES);
                topics.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
            }
            None => before.map(|before| before.topics.clone()).unwrap_or_default(),
        };
        let frequency = self.frequency.or(before.map(|before| before.frequency));
        let language = match (&self.language, before) {
            (None, Some(before)) => Some(before.language.clone()),
            (typed, _) => violations.check("language", Language::parse(typed.as_deref().unwrap_or("en"))),
        };
        violations.into_result()?;
        let Some(language) = language else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(SubscriptionPreferences {
            topics,
            frequency: frequency.unwrap_or(DigestFrequency::Weekly),
            language,
        })
    }
}

/// A subscription as typed.
///
/// ```
/// use domain::subscription::SubscriptionDraft;
/// let nothing = SubscriptionDraft::default().complete(jiff::Timestamp::UNIX_EPOCH).unwrap_err();
/// assert_eq!(nothing.len(), 3, "an address, an age and consent are needed");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `SubscriptionContent`, as typed")]
pub struct SubscriptionDraft {
    pub email: String,
    pub wishes: SubscriptionPreferencesDraft,
    pub age_band: Option<AgeBand>,
    /// The name of the text that they agree to.
    pub contact_consent: String,
}

impl SubscriptionDraft {
    /// The fingerprint of this request with its idempotency key. The key is a part of it, so that the address cannot
    /// be guessed from a stored fingerprint. The labels are stored in hashed form: they must never change.
    #[must_use]
    pub fn fingerprint(&self, key: &str) -> [u8; 32] {
        fingerprint::of(&[&"subscription", self, &key])
    }

    /// The content of the subscription, at `now`.
    ///
    /// # Errors
    /// All broken rules, each with the path of the field at fault: [`ViolationKind::ConsentNeedsAdult`] among
    /// them for a subscriber who does not say to be of age.
    pub fn complete(&self, now: Timestamp) -> Result<SubscriptionContent, Violations> {
        let mut violations = Violations::default();
        let email = violations.check("email", EmailAddress::parse(&self.email));
        let wishes = self.wishes.complete(None).map_err(|broken| violations.extend_at(&[], broken)).ok();
        let text = violations.check("contact_consent", text::line(&self.contact_consent));
        let age_band = self.age_band.filter(|age_band| age_band.is_adult());
        if age_band.is_none() {
            violations.add("age_band", ViolationKind::ConsentNeedsAdult);
        }
        violations.into_result()?;
        let (Some(email), Some(wishes), Some(text), Some(age_band)) = (email, wishes, text, age_band) else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(SubscriptionContent { email, wishes, age_band, consent: ContactConsent { text, given_at: now } })
    }
}

impl Canonical for SubscriptionDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(
            text,
            &[
                ("email", &self.email),
                ("wishes", &self.wishes),
                ("age_band", &self.age_band),
                ("consent", &self.contact_consent),
            ],
        );
    }
}

impl Canonical for SubscriptionPreferencesDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(
            text,
            &[("topics", &self.topics), ("frequency", &self.frequency), ("language", &self.language)],
        );
    }
}
