//! A GraphQL subscription over `graphql-transport-ws`.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::{Client, PATIENCE, case_to_change, with};

/// An open subscription.
pub struct Subscription {
    pub(super) socket:
        tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Subscription {
    /// Changes the case `rung` until a subscriber to changes of cases hears of it. Changes of it may
    /// still be on their way then.
    pub async fn listening(&mut self, staff: &Client) {
        const SOON: Duration = Duration::from_millis(20);
        loop {
            let input = with(case_to_change(staff, "rung").await, json!({ "topics": ["OTHER"] }));
            staff.change("caseUpdate", "case { id }", input).await;
            if timeout(SOON, self.next()).await.is_ok() {
                return;
            }
        }
    }

    /// The next message about the subscription: its type and payload.
    pub async fn message(&mut self) -> (String, Value) {
        self.message_if_open().await.expect("an open socket")
    }

    /// The same, if the other side is still there.
    pub async fn message_if_open(&mut self) -> Option<(String, Value)> {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.expect("a message in time")?.ok()?;
            let Message::Text(text) = message else { continue };
            let mut message: Value = serde_json::from_str(&text).expect("JSON");
            match message["type"].as_str().expect("a type") {
                "ping" | "pong" => {}
                kind => return Some((kind.to_owned(), message["payload"].take())),
            }
        }
    }

    /// The data of the next message.
    pub async fn next(&mut self) -> Value {
        let (kind, mut payload) = self.message().await;
        assert_eq!(kind, "next", "{payload:#}");
        assert!(payload.get("errors").is_none(), "{payload:#}");
        payload["data"].take()
    }
}
