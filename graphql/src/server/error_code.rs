//! What a transport itself says no to: the codes, and the HTTP status each of them has.

use std::any::Any;

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use axum::http::StatusCode;

use crate::api::ApiError;

/// How soon to come back, in seconds, when something took too long: what was in the way is gone by then.
const RETRY_AFTER_SECONDS: u32 = 5;

/// The closed list of `extensions.code` that the transports give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The request cannot be understood, or its variables do not fit; asking again will not help.
    BadUserInput,
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    /// The document is bigger than one may be.
    TooCostly,
    /// Only the hash of a document was sent, and it is not known here: send the document too.
    PersistedQueryNotFound,
    /// Too much at once from one place.
    RateLimited,
    /// Not now; see `retryAfter`.
    Unavailable,
    /// It took too long to say what came of it; see `retryAfter`.
    OutcomeUnknown,
    /// Our mistake.
    Internal,
}

impl ErrorCode {
    /// The one spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::TooCostly => "QUERY_TOO_COSTLY",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::OutcomeUnknown => "OUTCOME_UNKNOWN",
            Self::Internal => "INTERNAL",
        }
    }

    /// The error with this code.
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> ServerError {
        self.error_at(message, vec![])
    }

    /// The error with this code at places in the document.
    #[must_use]
    pub(super) fn error_at(self, message: impl Into<String>, locations: Vec<Pos>) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.as_str());
        let mut error = ServerError::new(message, None);
        error.locations = locations;
        error.extensions = Some(extensions);
        error
    }

    /// The error with this code, and after how many seconds asking again makes sense.
    pub(super) fn error_until(self, message: impl Into<String>, seconds: u32) -> ServerError {
        let mut error = self.error(message);
        if let Some(extensions) = &mut error.extensions {
            extensions.set("retryAfter", seconds);
        }
        error
    }
}

/// The answer in place of one whose making panicked. What was said goes to the log, under the
/// reference that the client gets.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Response {
    Response::from_errors(vec![self::panic(panic)])
}

/// The error in place of an answer that took too long. Nothing came of it.
pub(super) fn too_slow() -> ServerError {
    tracing::warn!("a query took too long");
    ErrorCode::Unavailable.error_until("This took too long to answer. Please try again.", RETRY_AFTER_SECONDS)
}

/// The error in place of the answer to a change that took too long.
pub(super) fn outcome_unknown() -> ServerError {
    tracing::error!("a change took too long");
    ErrorCode::OutcomeUnknown.error_until(
        "This took too long, and may have been done or not. Please send it again with the same key.",
        RETRY_AFTER_SECONDS,
    )
}

/// The error in place of whatever fell over.
pub(super) fn panic(panic: &(dyn Any + Send)) -> ServerError {
    ApiError::panicked(panic).into()
}

/// Whether nothing was executed: the answer has errors and no `data` entry. An error of a resolver
/// has a path; one from before the execution has none.
pub(super) fn is_refusal(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The status of a refusal: what the first of its errors stands for.
pub(super) fn status(errors: &[ServerError]) -> StatusCode {
    match errors.first().and_then(code) {
        Some("UNAUTHENTICATED") => StatusCode::UNAUTHORIZED,
        Some("FORBIDDEN") => StatusCode::FORBIDDEN,
        Some("RATE_LIMITED") => StatusCode::TOO_MANY_REQUESTS,
        Some("UNAVAILABLE" | "OUTCOME_UNKNOWN") => StatusCode::SERVICE_UNAVAILABLE,
        Some("INTERNAL") => StatusCode::INTERNAL_SERVER_ERROR,
        // Apollo's clients send the document after a 200 or a 400 with this code.
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The code of an error.
pub(super) fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// After how many seconds asking again makes sense, where an error says so.
pub(super) fn retry_after(errors: &[ServerError]) -> Option<u64> {
    errors.iter().find_map(|error| match error.extensions.as_ref()?.get("retryAfter")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    })
}
