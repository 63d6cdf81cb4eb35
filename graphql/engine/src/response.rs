//! Encoded responses: serialized once, and shared by all requests that get the same response.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{CacheControl, Name, Response, ServerError, Value, indexmap::IndexMap};
use axum::{body::Bytes, extract::ws::Utf8Bytes, http::HeaderMap};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::{cache_key::CacheKey, compression, cost_budget::RemainingCost, error, prerendered_json as json};

/// The response to one operation.
#[derive(Debug)]
pub(crate) struct EncodedResponse {
    /// The response as JSON.
    pub json: Utf8Bytes,
    /// The errors, which the JSON contains too.
    pub errors: Vec<ServerError>,
    /// Whether nothing was executed.
    pub is_request_error: bool,
    /// HTTP headers that resolvers set.
    pub headers: HeaderMap,
    /// The cache policy of the schema.
    pub cache_control: CacheControl,
    /// The cost in points.
    pub cost: u64,
    /// The index in the JSON at which the cost object can be extended.
    cost_end: Option<usize>,
    /// The cache key, if the response is cached.
    pub key: Option<CacheKey>,
    /// The compressed JSON, once it was needed.
    compressed: OnceLock<Bytes>,
    /// Whether the response served another request than the one that computed it.
    was_reused: AtomicBool,
}

/// The extensions with the cost in the last place, so that the remaining budget can be appended without
/// serializing the rest again.
struct Extensions<'a>(&'a BTreeMap<String, Value>);

const COST: &str = "cost";
/// The end of the cost object, of the extensions and of the response.
const CLOSING: &str = "}}}";

impl Extensions<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Extensions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let other_entries = self.0.iter().filter(|(name, _)| *name != COST);
        serializer.collect_map(other_entries.chain(self.0.get_key_value(COST)))
    }
}

/// Serializes a response. `errors` comes first, which is easier to read in a log. `data` is absent, not null,
/// if nothing was executed.
fn to_json(
    errors: &[ServerError],
    data: Option<&Value>,
    extensions: &Extensions<'_>,
) -> Result<String, Box<dyn Error>> {
    let mut json = b"{".to_vec();
    if !errors.is_empty() {
        json.extend_from_slice(br#""errors":"#);
        serde_json::to_writer(&mut json, errors)?;
        json.push(b',');
    }
    if let Some(data) = data {
        json.extend_from_slice(br#""data":"#);
        json::write(&mut json, data);
        json.push(b',');
    }
    if !extensions.is_empty() {
        json.extend_from_slice(br#""extensions":"#);
        serde_json::to_writer(&mut json, extensions)?;
        json.push(b',');
    }
    // The object is not empty: a response without errors has data.
    json.pop();
    json.push(b'}');
    Ok(String::from_utf8(json)?)
}

/// The cost that the extension recorded.
fn requested_cost(cost: &IndexMap<Name, Value>) -> u64 {
    match cost.get("requested") {
        Some(Value::Number(points)) => points.as_u64().unwrap_or(u64::MAX),
        _ => u64::MAX,
    }
}

impl From<Response> for EncodedResponse {
    fn from(response: Response) -> Self {
        let is_refusal = error::is_request_error(&response);
        let Response { data, extensions, cache_control, errors, http_headers: headers, .. } = response;
        let cost = match extensions.get(COST) {
            Some(Value::Object(cost)) => Some(cost),
            _ => None,
        };
        let json = to_json(&errors, (!is_refusal).then_some(&data), &Extensions(&extensions));
        let json: Utf8Bytes = match json {
            Ok(json) => json.into(),
            // Every value has a JSON form; a failure is a bug.
            Err(error) => {
                tracing::error!(error, "cannot serialize a response");
                Utf8Bytes::from_static(
                    r#"{"errors":[{"message":"Something went wrong on our side.","extensions":{"code":"INTERNAL"}}]}"#,
                )
            }
        };
        let cost_end = json.strip_suffix(CLOSING).filter(|_| cost.is_some()).map(str::len);
        Self {
            json,
            errors,
            is_request_error: is_refusal,
            headers,
            cache_control,
            cost: cost.map_or(0, requested_cost),
            cost_end,
            key: None,
            compressed: OnceLock::new(),
            was_reused: AtomicBool::new(false),
        }
    }
}

impl From<Vec<ServerError>> for EncodedResponse {
    fn from(errors: Vec<ServerError>) -> Self {
        Response::from_errors(errors).into()
    }
}

impl EncodedResponse {
    /// The same response with the remaining budget of the client.
    pub(crate) fn with_remaining_cost(self: Arc<Self>, remaining_cost: RemainingCost) -> Arc<Self> {
        let Some(cost_end) = self.cost_end else { return self };
        // The system clock, which clients compare with.
        let now = Timestamp::now();
        let reset_at = now
            .checked_add(remaining_cost.reset_after)
            .unwrap_or(now)
            .round(jiff::Unit::Second)
            .unwrap_or(now);
        let prefix = &self.json[..cost_end];
        let json =
            format!(r#"{prefix},"remaining":{},"resetAt":"{reset_at}"{CLOSING}"#, remaining_cost.points);
        Arc::new(Self {
            json: json.into(),
            errors: self.errors.clone(),
            headers: self.headers.clone(),
            key: None,
            compressed: OnceLock::new(),
            was_reused: AtomicBool::new(false),
            ..*self
        })
    }

    /// Records that the response served another request.
    pub(crate) fn mark_reused(&self) {
        // A load first: an unconditional store would move the cache line between processors.
        if !self.was_reused() {
            self.was_reused.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn was_reused(&self) -> bool {
        self.was_reused.load(Ordering::Relaxed)
    }

    /// The part of the JSON that does not depend on the client's budget.
    pub(crate) fn stable_part(&self) -> &str {
        self.cost_end.map_or(&*self.json, |cost_end| &self.json[..cost_end])
    }

    /// Whether the error concerns this client only, so that another client may get a different response.
    pub(crate) fn is_client_specific(&self) -> bool {
        let codes = self.errors.iter().filter_map(error::code);
        codes.into_iter().any(|code| code == "RATE_LIMITED" || code == "QUERY_TOO_COSTLY")
    }

    /// The JSON as a body.
    pub(crate) fn body(&self) -> Bytes {
        self.json.clone().into()
    }

    /// The compressed JSON, and whether it was compressed just now; it is compressed once.
    pub(crate) fn compress(&self) -> (Bytes, bool) {
        let mut is_new = false;
        let compressed = self.compressed.get_or_init(|| {
            is_new = true;
            compression::gzip(self.json.as_bytes())
        });
        (compressed.clone(), is_new)
    }

    /// The size in memory, with the compressed JSON.
    pub(crate) fn size(&self) -> usize {
        self.json.len() + self.compressed.get().map_or(0, Bytes::len)
    }
}
