//! Export of all stored data of a subscriber.

use domain::Subscription;
use serde_json::json;

use crate::api::id;

/// Returns the data as a JSON text, with the names of the schema.
pub(super) fn text(subscription: &Subscription) -> String {
    let content = &subscription.content;
    let (wishes, consent) = (&content.wishes, &content.consent);
    let data = json!({
        "id": id::of(subscription.id).as_str(),
        "email": content.email.as_str(),
        "topics": wishes.topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>(),
        "frequency": wishes.frequency.as_str(),
        "language": wishes.language,
        "ageBand": content.age_band.as_str(),
        "contactConsent": { "text": consent.text, "givenAt": consent.given_at },
        "askedAt": subscription.requested_at,
        "confirmedAt": subscription.confirmed_at,
        "updatedAt": subscription.updated_at,
        "revision": subscription.revision,
    });
    format!("{data:#}")
}
