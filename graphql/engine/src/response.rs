//! An answer, written once: the same bytes go to everybody who is given it.

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

/// One answer to one operation.
#[derive(Debug)]
pub(crate) struct EncodedResponse {
    /// As GraphQL writes it.
    pub json: Utf8Bytes,
    /// What is wrong, as it stands in the JSON too.
    pub errors: Vec<ServerError>,
    /// Whether nothing was executed.
    pub is_request_error: bool,
    /// Headers that resolvers asked for.
    pub headers: HeaderMap,
    /// For how long it may be kept elsewhere, as the schema says.
    pub cache_control: CacheControl,
    /// What it cost, in points.
    pub cost: u64,
    /// Where in the JSON more can be told of its cost.
    cost_end: Option<usize>,
    /// Under what it is kept, if it is.
    pub key: Option<CacheKey>,
    /// The same JSON packed, once somebody wanted that.
    compressed: OnceLock<Bytes>,
    /// Whether it was given to anybody who did not have it made.
    was_reused: AtomicBool,
}

/// The extensions, with the cost behind all others: what is left to the asker can be told then without
/// writing the rest again.
struct Extensions<'a>(&'a BTreeMap<String, Value>);

const COST: &str = "cost";
/// What closes the cost, the extensions and the answer.
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

/// The form of an answer. `errors` comes first, so that whoever reads a log sees them; `data` is absent, and not
/// null, where nothing was executed.
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
    // Something is there: an answer without errors has data.
    json.pop();
    json.push(b'}');
    Ok(String::from_utf8(json)?)
}

/// What an operation cost that says so.
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
            // Every value of an answer has a JSON form; a scalar that had none would be our mistake.
            Err(error) => {
                tracing::error!(error, "an answer has no JSON form");
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
    /// The same, telling whoever asked what is left to them.
    pub(crate) fn with_remaining_cost(self: Arc<Self>, remaining_cost: RemainingCost) -> Arc<Self> {
        let Some(cost_end) = self.cost_end else { return self };
        // By the clock that clients have, whatever time the campaign is told.
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

    /// It is given to somebody who did not have it made.
    pub(crate) fn mark_reused(&self) {
        // All processors have it at hand as it is, until one of them writes.
        if !self.was_reused() {
            self.was_reused.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn was_reused(&self) -> bool {
        self.was_reused.load(Ordering::Relaxed)
    }

    /// What of it is the same for everybody.
    pub(crate) fn stable_part(&self) -> &str {
        self.cost_end.map_or(&*self.json, |cost_end| &self.json[..cost_end])
    }

    /// Whether it says no to this asker only: another one may be answered.
    pub(crate) fn is_client_specific(&self) -> bool {
        let codes = self.errors.iter().filter_map(error::code);
        codes.into_iter().any(|code| code == "RATE_LIMITED" || code == "QUERY_TOO_COSTLY")
    }

    /// Its JSON, for a body.
    pub(crate) fn body(&self) -> Bytes {
        self.json.clone().into()
    }

    /// Its JSON packed, and whether that was done just now: it is done once, however many want it.
    pub(crate) fn compress(&self) -> (Bytes, bool) {
        let mut is_new = false;
        let compressed = self.compressed.get_or_init(|| {
            is_new = true;
            compression::gzip(self.json.as_bytes())
        });
        (compressed.clone(), is_new)
    }

    /// How many bytes it takes, packed and as it is.
    pub(crate) fn size(&self) -> usize {
        self.json.len() + self.compressed.get().map_or(0, Bytes::len)
    }
}
