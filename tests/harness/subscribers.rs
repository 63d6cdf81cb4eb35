//! Subscriptions to urgent actions by mail: request, confirmation and end.

use serde_json::{Value, json};

use super::{
    Client, Service,
    people::{mail_to, secret_in},
    user_errors, with,
};

/// What the tests ask of a subscription.
pub const SUBSCRIPTION: &str = "subscription { id revision email topics frequency language ageBand
    contactConsent { text givenAt } confirmedAt }";

/// Asks for mail at an address: the payload.
pub async fn subscribe(client: &Client, key: &str, more: Value) -> Value {
    let input = json!({
        "email": "ada@example.org",
        "frequency": "AT_ONCE",
        "ageBand": "ADULT",
        "contactConsent": "urgent-actions-2021",
        "idempotencyKey": format!("a-subscription-of-{key}"),
    });
    client.change("urgentActionSubscribe", "asked replayed", with(input, more)).await
}

pub async fn confirm(service: &Service, code: &str) -> Value {
    let input = json!({ "code": code });
    service.anyone().change("urgentActionSubscriptionConfirm", SUBSCRIPTION, input).await
}

/// Subscribes somebody of whom nothing was known, who confirms: their secret.
pub async fn subscribed(service: &Service, name: &str, more: Value) -> String {
    let email = format!("{name}@example.org");
    let asked = subscribe(&service.anyone(), name, with(json!({ "email": email }), more)).await;
    assert_eq!(user_errors(&asked), [""; 0]);
    let secret = secret_in(&mail_to(service, &email, 1).await[0]);
    assert_eq!(user_errors(&confirm(service, &secret).await), [""; 0]);
    secret
}

/// The token in the link of a message that ends the subscription.
pub fn end_in(message: &str) -> String {
    let (_, rest) = message.split_once("/unsubscribe/").unwrap_or_else(|| panic!("no link in {message}"));
    rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect()
}

/// What a mail program does for whoever clicks its button (RFC 8058).
pub async fn click(url: String) -> reqwest::Response {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let posted = reqwest::Client::new().post(url).header(form.0, form.1).body("List-Unsubscribe=One-Click");
    posted.send().await.expect("an answer")
}
