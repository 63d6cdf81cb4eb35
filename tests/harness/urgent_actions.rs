//! Urgent actions: one with addresses of every kind.

use serde_json::{Value, json};

use super::{Client, user_errors, with};

/// An action of six weeks, with an address of every kind.
pub fn water() -> Value {
    json!({
        "number": "89/21", "issuedOn": "2021-12-01", "expiresOn": "2022-01-12", "country": "PE",
        "topics": ["ENVIRONMENT", "INDIGENOUS_RIGHTS"],
        "texts": [{ "language": "en", "title": "Water for Espinar", "text": "Ask for clean water." },
            { "language": "fr", "title": "De l'eau pour Espinar" }],
        "authorities": [{ "title": "Juez", "country": "PE", "postalAddress": ["Jirón Azángaro 468", "Lima"],
            "email": "juez@example.org" }],
        "restrictions": ["NO_POLITICS"],
    })
}

/// Issues an action and says its id.
pub async fn issue(staff: &Client, more: Value) -> Value {
    let issued = staff.change("urgentActionIssue", "urgentAction { id revision }", with(water(), more)).await;
    assert_eq!(user_errors(&issued), [""; 0]);
    assert_eq!(issued["urgentAction"]["revision"], 1);
    issued["urgentAction"]["id"].clone()
}
