//! What a transport itself says no to: the codes, and the HTTP status each of them has.

use std::any::Any;

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use axum::http::StatusCode;
use uuid::Uuid;

/// The closed list of `extensions.code` that the transports give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
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
    /// Our mistake.
    Internal,
}

impl Code {
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

/// The answer in place of a resolver that panicked. What it said goes to the log, under the
/// reference that the client gets.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Response {
    let reference = Uuid::new_v4();
    let said = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("something that is not a text");
    tracing::error!(%reference, said, "a resolver panicked");
    let mut error = Code::Internal.error("Something went wrong on our side.");
    if let Some(extensions) = &mut error.extensions {
        extensions.set("reference", reference.to_string());
    }
    Response::from_errors(vec![error])
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
        Some("UNAVAILABLE") => StatusCode::SERVICE_UNAVAILABLE,
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
