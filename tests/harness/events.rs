//! Events: registration, steps of their life, and lists.

use serde_json::{Value, json};

use super::{Client, Service, campaign_id, user_errors, with};

/// What the tests ask of an event.
pub const EVENT: &str = "event { id revision state stateReason title reviewPending startsAt endsAt
    sessions { startsAt endsAt localStart localEnd } place { country locality street } }";

/// An evening at a school in Toronto on Human Rights Day.
pub async fn evening_at_school(client: &Client, key: &str, more: Value) -> Value {
    let input = json!({
        "campaign": campaign_id(client, "ca").await,
        "idempotencyKey": key.replace(' ', "-"),
        "title": "Write for Rights at Elm School",
        "visibility": "PUBLIC",
        "format": "IN_PERSON",
        "venueKind": "SCHOOL",
        "timeZone": "America/Toronto",
        "sessions": [{ "localStart": "2021-12-10T18:00", "localEnd": "2021-12-10T21:00" }],
        "place": { "country": "CA", "region": "CA-ON", "locality": "Toronto", "venue": "Elm School",
            "street": "12 Elm Street", "coordinates": { "latitude": 43.657123, "longitude": -79.383456 } },
        "organizer": { "name": "Ada Lovelace", "email": "ada@example.org", "displayName": "Ada" },
        "languages": ["en", "fr-CA"],
    });
    with(input, more)
}

/// Registers an event: its payload.
pub async fn register(client: &Client, input: Value) -> Value {
    client.change("eventRegister", &format!("{EVENT} secret replayed"), input).await
}

/// Takes a step with the event of a payload: the next payload.
pub async fn step(client: &Client, mutation: &str, before: &Value, more: Value) -> Value {
    let event = &before["event"];
    let input = with(json!({ "id": event["id"], "expectedRevision": event["revision"] }), more);
    client.change(mutation, EVENT, input).await
}

/// A public event that was approved, with the payload of its registration.
pub async fn approved(service: &Service, key: &str, more: Value) -> Value {
    let anyone = service.anyone();
    let input = with(evening_at_school(&anyone, key, json!({ "submit": true })).await, more);
    let registered = register(&anyone, input).await;
    assert_eq!(user_errors(&registered), [""; 0], "{key}");
    let done = step(&service.administrator(), "eventApprove", &registered, json!({})).await;
    assert_eq!(user_errors(&done), [""; 0], "{key}");
    with(registered, json!({ "event": done["event"] }))
}

/// The ids of the events in a list.
pub async fn listed(client: &Client, arguments: &str) -> Vec<Value> {
    let query = format!("{{ events{arguments} {{ nodes {{ id }} }} }}");
    let mut data = client.data(&query, json!({})).await;
    let nodes = data["events"]["nodes"].as_array_mut().expect("nodes");
    nodes.iter_mut().map(|node| node["id"].take()).collect()
}
