//! A raw client of `graphql-transport-ws`.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use crate::client::{TEST_TIMEOUT, TestService};

/// A WebSocket that sends and receives one message at a time.
pub struct Client(pub WebSocketStream<TcpStream>);

impl Client {
    pub async fn try_open(
        service: &TestService,
        protocol: Option<&str>,
        header: Option<(&str, &str)>,
    ) -> Result<Self, Error> {
        let mut request =
            format!("ws://{}/graphql/ws", service.address).into_client_request().expect("a request");
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", protocol.parse().expect("a header"));
        }
        if let Some((name, value)) = header {
            let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().expect("a name");
            request.headers_mut().insert(name, value.parse().expect("a header"));
        }
        client_async(request, service.connect().await).await.map(|(socket, _)| Self(socket))
    }

    pub async fn open(service: &TestService) -> Self {
        Self::try_open(service, Some("graphql-transport-ws"), None).await.expect("a socket")
    }

    pub async fn ready(service: &TestService) -> Self {
        let mut client = Self::open(service).await;
        client.send_json(json!({ "type": "connection_init" })).await;
        assert_eq!(client.receive().await, json!({ "type": "connection_ack" }));
        client
    }

    pub async fn send(&mut self, message: Message) {
        self.0.send(message).await.expect("the socket is open");
    }

    /// Sends a message to a server that may have closed the connection.
    pub async fn try_send_json(&mut self, message: Value) -> Result<(), Error> {
        self.0.send(Message::text(message.to_string())).await
    }

    pub async fn send_json(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.send_json(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    pub async fn next(&mut self) -> Option<Message> {
        timeout(TEST_TIMEOUT, self.0.next()).await.expect("a message in time").and_then(Result::ok)
    }

    pub async fn receive(&mut self) -> Value {
        match self.next().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("{other:?} is not a text"),
        }
    }

    /// All messages before the response to a ping.
    pub async fn until_pong(&mut self) -> Vec<Value> {
        self.send_json(json!({ "type": "ping", "payload": { "until": "here" } })).await;
        let mut received = vec![];
        loop {
            match self.receive().await {
                pong if pong == json!({ "type": "pong", "payload": { "until": "here" } }) => return received,
                other => received.push(other),
            }
        }
    }

    /// The code and reason of the close frame; earlier messages are ignored.
    pub async fn closed(mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Some(Message::Close(Some(frame))) => return (frame.code.into(), frame.reason.to_string()),
                Some(_) => {}
                None => panic!("the connection ended without a close frame"),
            }
        }
    }
}

/// A `next` message.
pub fn next(id: &str, data: Value) -> Value {
    json!({ "id": id, "type": "next", "payload": { "data": data } })
}

/// A `complete` message.
pub fn complete(id: &str) -> Value {
    json!({ "id": id, "type": "complete" })
}
