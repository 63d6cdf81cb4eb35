//! The messages of `graphql-transport-ws`, strictly parsed.

use apollo_compiler::response::{JsonMap, JsonValue};
use async_graphql::ServerError;
use serde::Serialize;

use crate::{request::GraphqlRequest, response::EncodedResponse};

/// The maximum size of a message: a document with its variables. Larger requests go over HTTP.
pub(super) const MAX_MESSAGE_BYTES: usize = 128 << 10;
/// The maximum length of an id, which the client chooses: most often a UUID or a number.
const MAX_ID_BYTES: usize = 256;

/// A message of the client.
#[derive(Debug)]
pub(super) enum Incoming {
    Init(JsonMap),
    Ping(Option<JsonMap>),
    Pong,
    Subscribe(Box<str>, Box<GraphqlRequest>),
    Complete(Box<str>),
}

impl Incoming {
    /// Parses a message, or returns the reason for which it is invalid.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let json = serde_json::from_str(text).map_err(|_| "it is not JSON")?;
        let JsonValue::Object(mut members) = json else {
            return Err("it is not an object".to_owned());
        };
        let kind = match members.remove("type") {
            Some(JsonValue::String(kind)) => kind,
            _ => return Err("it has no type".to_owned()),
        };
        let payload = members.remove("payload");
        match kind.as_str() {
            "connection_init" => Ok(Self::Init(object(payload)?.unwrap_or_default())),
            "ping" => Ok(Self::Ping(object(payload)?)),
            "pong" => object(payload).map(|_| Self::Pong),
            "subscribe" => {
                let id = id(members.remove("id"))?;
                let payload = payload.ok_or("it has no payload")?;
                let request =
                    GraphqlRequest::from_json(payload, text.len()).map_err(|error| error.message)?;
                Ok(Self::Subscribe(id, Box::new(request)))
            }
            "complete" => Ok(Self::Complete(id(members.remove("id"))?)),
            _ => Err("its type is not one that clients send".to_owned()),
        }
    }
}

fn object(payload: Option<JsonValue>) -> Result<Option<JsonMap>, String> {
    match payload {
        None | Some(JsonValue::Null) => Ok(None),
        Some(JsonValue::Object(members)) => Ok(Some(members)),
        Some(_) => Err("its payload is not an object".to_owned()),
    }
}

fn id(id: Option<JsonValue>) -> Result<Box<str>, String> {
    match id {
        Some(JsonValue::String(id)) if id.as_str().is_empty() => Err("its id is empty".to_owned()),
        Some(JsonValue::String(id)) if id.as_str().len() > MAX_ID_BYTES => {
            Err(format!("its id has more than {MAX_ID_BYTES} bytes"))
        }
        Some(JsonValue::String(id)) => Ok(id.as_str().into()),
        _ => Err("it has no id".to_owned()),
    }
}

/// A message of the server.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Outgoing<'a> {
    ConnectionAck,
    Ping,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<JsonMap>,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

impl Outgoing<'_> {
    /// The message as JSON.
    pub(super) fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// A result of an operation as JSON.
pub(super) fn next(id: &str, response: &EncodedResponse) -> Result<String, serde_json::Error> {
    Ok([&*opening(id)?, response.json.as_str(), CLOSING].concat())
}

/// The text before a result, which is the same for all results of an operation.
pub(super) fn opening(id: &str) -> Result<Box<str>, serde_json::Error> {
    let id = serde_json::to_string(id)?;
    Ok([r#"{"type":"next","id":"#, &id, r#","payload":"#].concat().into())
}

/// The text after a result.
pub(super) const CLOSING: &str = "}";
