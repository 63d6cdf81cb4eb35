//! A GraphQL client over HTTP and WebSocket.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest};

use super::{PATIENCE, subscription::Subscription};

/// A client, with or without a bearer token.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: SocketAddr,
    bearer: Option<String>,
    language: Option<String>,
    /// The address that a proxy names, for a service that trusts one.
    forwarded: Option<String>,
}

impl Client {
    /// The same client with this bearer token.
    pub fn with_bearer(self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self }
    }

    /// A client of the service at this address, without a key.
    pub fn to(address: SocketAddr) -> Self {
        Self { http: reqwest::Client::new(), address, bearer: None, language: None, forwarded: None }
    }

    /// The same client, preferring languages.
    pub fn reading(&self, languages: &str) -> Self {
        Self { language: Some(languages.to_owned()), ..self.clone() }
    }

    /// The same client behind a proxy which names this address.
    pub fn at_address(&self, address: &str) -> Self {
        Self { forwarded: Some(address.to_owned()), ..self.clone() }
    }

    /// The whole response.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        self.post(&json!({ "query": query, "variables": variables })).await
    }

    /// The response to a request body.
    pub async fn post(&self, body: &Value) -> Value {
        let mut request = self.http.post(format!("http://{}/graphql", self.address)).json(body);
        if let Some(secret) = &self.bearer {
            request = request.bearer_auth(secret);
        }
        if let Some(language) = &self.language {
            request = request.header("accept-language", language);
        }
        if let Some(address) = &self.forwarded {
            request = request.header("x-forwarded-for", address);
        }
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// The status and the text at an address of the service.
    pub async fn get(&self, path: &str) -> (u16, String) {
        let asked = self.http.get(format!("http://{}{path}", self.address)).send();
        let answer = asked.await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// The data of an answer without errors.
    #[track_caller]
    pub fn data(&self, query: &str, variables: Value) -> impl Future<Output = Value> + use<> {
        let client = self.clone();
        let query = query.to_owned();
        let caller = std::panic::Location::caller();
        async move {
            let mut answer = client.ask(&query, variables).await;
            assert!(answer.get("errors").is_none(), "{caller}: {answer:#}");
            answer["data"].take()
        }
    }

    /// The code of the only error of an answer.
    pub async fn fault(&self, query: &str, variables: Value) -> String {
        let answer = self.ask(query, variables).await;
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no error in {answer:#}"));
        assert_eq!(errors.len(), 1, "{answer:#}");
        errors[0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code in {answer:#}")).to_owned()
    }

    /// The payload of the only mutation of a document.
    #[track_caller]
    pub fn payload(&self, query: &str, variables: Value) -> impl Future<Output = Value> + use<> {
        let data = self.data(query, variables);
        async move {
            let mut data = data.await;
            let fields = data.as_object_mut().expect("an object");
            assert_eq!(fields.len(), 1);
            fields.values_mut().next().map(Value::take).expect("a field")
        }
    }

    /// The payload of the mutation with this name: the selection and the validation errors.
    #[track_caller]
    pub fn change(
        &self,
        mutation: &str,
        selection: &str,
        input: Value,
    ) -> impl Future<Output = Value> + use<> {
        self.payload(&document(mutation, selection), json!({ "input": input }))
    }

    /// A subscription over `graphql-transport-ws`.
    pub async fn subscribe(&self, query: &str, variables: Value) -> Subscription {
        self.try_to_subscribe(query, variables).await.expect("a socket")
    }

    /// The same, where the service may not be running.
    pub async fn try_to_subscribe(&self, query: &str, variables: Value) -> Result<Subscription, Error> {
        let mut request =
            format!("ws://{}/graphql/ws", self.address).into_client_request().expect("a request");
        let protocol = "graphql-transport-ws".parse().expect("a header");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await?;
        let payload = match &self.bearer {
            Some(secret) => json!({ "Authorization": format!("Bearer {secret}") }),
            None => json!({}),
        };
        let init = json!({ "type": "connection_init", "payload": payload });
        socket.send(Message::text(init.to_string())).await?;
        // Who subscribes before being welcomed is shown out.
        let welcome = timeout(PATIENCE, socket.next()).await.expect("a message in time");
        let welcome = welcome.unwrap_or(Err(Error::ConnectionClosed))?;
        assert_eq!(welcome.to_text().expect("text"), r#"{"type":"connection_ack"}"#);
        let payload = json!({ "query": query, "variables": variables });
        let subscribe = json!({ "type": "subscribe", "id": "1", "payload": payload });
        socket.send(Message::text(subscribe.to_string())).await?;
        Ok(Subscription { socket })
    }
}

/// The document that sends one input to the mutation with this name.
pub fn document(mutation: &str, selection: &str) -> String {
    let input = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    format!(
        "mutation($input: {input}!) {{ {mutation}(input: $input) {{ {selection}
            userErrors {{ code path message }} }} }}"
    )
}
