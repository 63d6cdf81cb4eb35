//! Participants and attendances: registration, steps, mail and secrets.

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Client, PATIENCE, Service, campaign_id, with};

/// What the tests ask of a participant.
pub const PARTICIPANT: &str = "participant { id revision state displayName email roles letterGoal released
    language country region ageBand contactConsent { text givenAt } mayBeContacted
    registeredAt confirmedAt attendances { id state } }";
/// What the tests ask of an attendance.
pub const ATTENDANCE: &str = "attendance { id number state displayName email showsEmail joinedAt }";

/// Registers somebody: the payload.
pub async fn register(client: &Client, key: &str, more: Value) -> Value {
    let input = json!({
        "campaign": campaign_id(client, "ca").await,
        "idempotencyKey": format!("registration-of-{key}"),
        "displayName": "Moses Akatugba",
        "email": "Moses@Example.org",
        "roles": ["WRITER"],
        "letterGoal": 10,
    });
    client.change("participantRegister", &format!("{PARTICIPANT} secret replayed"), with(input, more)).await
}

/// Takes a step with the participant of a payload: the next payload.
pub async fn step(client: &Client, mutation: &str, before: &Value, more: Value) -> Value {
    let participant = &before["participant"];
    let input = json!({ "id": participant["id"], "expectedRevision": participant["revision"] });
    client.change(mutation, PARTICIPANT, with(input, more)).await
}

/// Joins the event of a payload: the payload.
pub async fn join(client: &Client, event: &Value, key: &str, more: Value) -> Value {
    let input = json!({
        "event": event["event"]["id"],
        "idempotencyKey": format!("a-place-for-{key}"),
        "displayName": key,
    });
    client.change("eventJoin", &format!("{ATTENDANCE} secret replayed"), with(input, more)).await
}

/// Gives back the place of a payload: the next payload.
pub async fn cancel(client: &Client, joined: &Value) -> Value {
    let input = json!({ "id": joined["attendance"]["id"] });
    client.change("attendanceCancel", ATTENDANCE, input).await
}

/// A client with the secret of a payload.
pub fn with_secret_of(service: &Service, payload: &Value) -> Client {
    service.bearer(payload["secret"].as_str().expect("a secret"))
}

/// How many go to an event and how many wait, as everyone may know.
pub async fn counts(service: &Service, event: &Value) -> (i64, i64) {
    let query = "query($id: ID!) { event(id: $id) { going waiting } }";
    let data = service.anyone().data(query, json!({ "id": event["event"]["id"] })).await;
    let count = |name: &str| data["event"][name].as_i64().expect("a number");
    (count("going"), count("waiting"))
}

/// Those of an event as its organizer sees them, in their order.
pub async fn attendances(service: &Service, event: &Value, first: usize) -> Vec<Value> {
    let query = "query($id: ID!, $after: String) { event(id: $id) { attendances(first: 100, after: $after) {
        nodes { id number state displayName email } pageInfo { hasNextPage endCursor } } } }";
    let (organizer, mut all, mut after) = (with_secret_of(service, event), vec![], Value::Null);
    loop {
        let variables = json!({ "id": event["event"]["id"], "after": after });
        let mut data = organizer.data(query, variables).await;
        let mut page = data["event"]["attendances"].take();
        all.append(page["nodes"].as_array_mut().expect("nodes"));
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(all.len(), first);
            return all;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

/// The messages to an address, once there are so many of them.
pub async fn mail_to(service: &Service, address: &str, so_many: usize) -> Vec<String> {
    let arriving = async {
        loop {
            let to = format!("To: {address}");
            let messages = service.mail.messages().into_iter().map(|message| message.replace("=\r\n", ""));
            let theirs: Vec<_> = messages.filter(|message| message.contains(&to)).collect();
            if theirs.len() >= so_many {
                return theirs;
            }
            tokio::task::yield_now().await;
        }
    };
    let messages = timeout(PATIENCE, arriving).await.expect("mail in time");
    assert_eq!(messages.len(), so_many, "{messages:#?}");
    messages
}

/// The secret in a message.
pub fn secret_in(message: &str) -> String {
    let (_, rest) = message.split_once("/manage#").unwrap_or_else(|| panic!("no link in {message}"));
    rest.split_whitespace().next().expect("a secret").to_owned()
}

/// An administrator asks how often staff did something.
pub async fn audit_log(service: &Service, action: &str) -> i64 {
    let sql =
        format!("SELECT COUNT(*) AS number FROM audit_log WHERE action = '{action}' AND key_id IS NOT NULL");
    super::number(&service.fresh.url, &sql).await
}
