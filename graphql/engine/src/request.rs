//! The parameters of a GraphQL request, strictly parsed by GraphQL over HTTP. All transports use them.

use apollo_compiler::response::{JsonMap, JsonValue};
use async_graphql::ServerError;

use crate::error::ErrorCode;

/// The parameters of one operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct GraphqlRequest {
    /// The document. It may be absent if `extensions.persistedQuery` has its hash.
    pub query: Option<String>,
    /// The name of the operation to execute.
    pub operation_name: Option<String>,
    /// The values of the variables.
    pub variables: JsonMap,
    /// The extensions of the protocol.
    pub extensions: JsonMap,
    /// The size of the body that the request came in.
    pub bytes: usize,
}

/// A single request or a batch.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every body has a single request; a box would be an allocation for each of them"
)]
pub(crate) enum RequestBatch {
    One(GraphqlRequest),
    Batch(Vec<Result<GraphqlRequest, ServerError>>),
}

impl RequestBatch {
    /// Parses a JSON body with at most `max_batch_size` requests.
    pub(crate) fn from_body(body: &[u8], max_batch_size: usize) -> Result<Self, ServerError> {
        let json = serde_json::from_slice(body)
            .map_err(|error| bad_request(format!("The body is not JSON: {error}.")))?;
        let JsonValue::Array(members) = json else {
            return GraphqlRequest::from_json(json, body.len()).map(Self::One);
        };
        if members.is_empty() {
            return Err(bad_request("The batch is empty."));
        }
        if members.len() > max_batch_size {
            let message =
                format!("A batch has at most {max_batch_size} operations; this one has {}.", members.len());
            return Err(ErrorCode::QueryTooCostly.error(message));
        }
        let requests = members.into_iter().map(|member| GraphqlRequest::from_json(member, body.len()));
        Ok(Self::Batch(requests.collect()))
    }
}

impl GraphqlRequest {
    /// Parses a JSON object from a body of this size. Unknown members are ignored.
    pub(crate) fn from_json(json: JsonValue, bytes: usize) -> Result<Self, ServerError> {
        let JsonValue::Object(mut members) = json else {
            return Err(bad_request(
                "A request is a JSON object with `query`, `operationName`, `variables` and `extensions`.",
            ));
        };
        Self {
            query: optional_string(members.remove("query"), "query")?,
            operation_name: optional_string(members.remove("operationName"), "operationName")?,
            variables: optional_object(members.remove("variables"), "variables")?,
            extensions: optional_object(members.remove("extensions"), "extensions")?,
            bytes,
        }
        .require_document()
    }

    /// Parses the parameters of a URL. An empty parameter counts as absent, as in HTML forms.
    pub(crate) fn from_url(query: &str) -> Result<Self, ServerError> {
        let mut request = Self::default();
        let mut seen = [false; 4];
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let index = match &*name {
                "query" => 0,
                "operationName" => 1,
                "variables" => 2,
                "extensions" => 3,
                _ => continue,
            };
            if std::mem::replace(&mut seen[index], true) {
                return Err(bad_request(format!("The parameter `{name}` occurs twice.")));
            }
            match (index, value.is_empty()) {
                (_, true) => {}
                (0, _) => request.query = Some(value.into_owned()),
                (1, _) => request.operation_name = Some(value.into_owned()),
                (2, _) => request.variables = optional_object(parse_json(&value, "variables")?, "variables")?,
                _ => request.extensions = optional_object(parse_json(&value, "extensions")?, "extensions")?,
            }
        }
        request.require_document()
    }

    /// The hash of `extensions.persistedQuery`, if there is one.
    ///
    /// # Errors
    /// If it is not of version 1 with a SHA-256 hash.
    pub(crate) fn persisted_query_hash(&self) -> Result<Option<&str>, ServerError> {
        let Some(persisted_query) = self.extensions.get("persistedQuery").filter(|value| !value.is_null())
        else {
            return Ok(None);
        };
        let version = persisted_query.get("version").and_then(JsonValue::as_i64);
        let hash = persisted_query.get("sha256Hash").and_then(JsonValue::as_str);
        match (version, hash) {
            (Some(1), Some(hash)) => Ok(Some(hash)),
            _ => Err(bad_request("`extensions.persistedQuery` has `version: 1` and a `sha256Hash`.")),
        }
    }

    fn require_document(self) -> Result<Self, ServerError> {
        if self.query.is_none() && self.persisted_query_hash()?.is_none() {
            return Err(bad_request("`query` is missing: the GraphQL document as a string."));
        }
        Ok(self)
    }
}

fn parse_json(text: &str, name: &str) -> Result<Option<JsonValue>, ServerError> {
    serde_json::from_str(text)
        .map(Some)
        .map_err(|error| bad_request(format!("`{name}` is not JSON: {error}.")))
}

fn optional_string(value: Option<JsonValue>, name: &str) -> Result<Option<String>, ServerError> {
    match value {
        None | Some(JsonValue::Null) => Ok(None),
        Some(JsonValue::String(text)) => Ok(Some(text.as_str().to_owned())),
        Some(_) => Err(bad_request(format!("`{name}` must be a string."))),
    }
}

fn optional_object(value: Option<JsonValue>, name: &str) -> Result<JsonMap, ServerError> {
    match value {
        None | Some(JsonValue::Null) => Ok(JsonMap::new()),
        Some(JsonValue::Object(members)) => Ok(members),
        Some(_) => Err(bad_request(format!("`{name}` must be an object."))),
    }
}

fn bad_request(message: impl Into<String>) -> ServerError {
    ErrorCode::BadUserInput.error(message)
}
