//! Errors, and their only mapping to GraphQL. There are two kinds.
//!
//! A validation error is part of the response: `userErrors` in the payload ([`UserErrors`]). A failure to
//! respond is a [`Fault`]: a top-level error with a code, a fixed message and, if it has to be investigated,
//! a reference to the log. Its cause is written to the log once and never sent to a client.

use std::{any::Any, time::Duration};

use async_graphql::{Error, ErrorExtensionValues, Pos, ServerError};
use uuid::Uuid;

use crate::{database, ledger};

mod codes;
mod field_guard;
mod null_propagation;
mod response_size;
mod user_error;
mod user_error_code;

pub(crate) use codes::ErrorCodes;
pub(crate) use field_guard::FieldGuard;
pub(crate) use user_error::{UserErrors, user_errors};
pub(crate) use user_error_code::UserErrorCode;

/// The retry delay when the ledger's queue is full: it is emptied many times a second.
const RETRY_BUSY: u32 = 1;
/// The retry delay when the database is unavailable: a restart or a failover takes seconds.
const RETRY_DATABASE: u32 = 5;

/// Why there is no response.
///
/// It does not implement `Display`, so that `?` cannot leak an internal message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    retry_after: Option<u32>,
    reference: Option<Uuid>,
}

/// The closed list of values of `extensions.code` that resolvers return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The request is malformed; retrying does not help.
    BadUserInput,
    /// The document is not GraphQL.
    ParseFailed,
    /// The document is not valid against the schema.
    ValidationFailed,
    /// The query exceeds a limit of the service.
    QueryTooCostly,
    /// The response exceeds the size limit. Mutations of the request have been executed.
    AnswerTooLarge,
    /// The rate limit of the client's address is exceeded; see `retryAfter`.
    RateLimited,
    /// Authentication is required: no valid key or secret was sent.
    Unauthenticated,
    /// The key or secret does not give access.
    Forbidden,
    /// Temporarily unavailable; see `retryAfter`.
    Unavailable,
    /// An internal error.
    Internal,
}

impl ErrorCode {
    /// Returns the code as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::QueryTooCostly => "QUERY_TOO_COSTLY",
            Self::AnswerTooLarge => "ANSWER_TOO_LARGE",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

impl ApiError {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after: None, reference: None }
    }

    /// An invalid argument of a query; the message says which and why.
    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadUserInput, message)
    }

    /// A query that exceeds the cost limit.
    pub(crate) fn too_costly(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::QueryTooCostly, message)
    }

    /// A response that exceeds the size limit.
    pub(crate) fn answer_too_large(most: usize) -> Self {
        Self::new(ErrorCode::AnswerTooLarge, format!("The response would exceed {most} bytes."))
    }

    /// Rate limit exceeded; `wait` is the time until there is capacity again.
    pub(crate) fn rate_limited(wait: Duration) -> Self {
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        let message = "The rate limit of this address is exceeded. Please wait a little.";
        Self { retry_after: Some(seconds), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// Missing, unknown or revoked credentials.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated, "This requires a valid key or secret.")
    }

    /// The credentials do not give access.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(ErrorCode::Forbidden, "This key or secret does not allow that.")
    }

    /// An internal inconsistency; `what` goes to the log.
    #[must_use]
    pub fn internal(what: &str) -> Self {
        Self::logged(ErrorCode::Internal, None, what)
    }

    /// A panic; its message goes to the log.
    #[must_use]
    pub fn panicked(panic: &(dyn Any + Send)) -> Self {
        let said = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("something that is not a text");
        Self::internal(&format!("panicked: {said}"))
    }

    fn logged(code: ErrorCode, retry_after: Option<u32>, causes: &str) -> Self {
        let reference = Uuid::new_v4();
        tracing::error!(%reference, code = code.as_str(), causes, "request failed");
        let message = match code {
            ErrorCode::Unavailable => "The service cannot do this at the moment. Please try again.",
            _ => "Something went wrong on our side.",
        };
        Self { reference: Some(reference), retry_after, ..Self::new(code, message) }
    }

    /// Returns the kind of the error.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Returns the number of seconds after which a retry makes sense.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    fn extensions(&self) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.as_str());
        if let Some(seconds) = self.retry_after {
            extensions.set("retryAfter", seconds);
        }
        if let Some(reference) = self.reference {
            extensions.set("reference", reference.to_string());
        }
        extensions
    }

    /// Returns the GraphQL error at a position of the document.
    fn at(self, locations: Vec<Pos>) -> ServerError {
        let mut error = ServerError::new(&self.message, None);
        error.extensions = Some(self.extensions());
        error.locations = locations;
        error
    }
}

impl From<ApiError> for Error {
    fn from(fault: ApiError) -> Self {
        let mut error = Self::new(&fault.message);
        error.extensions = Some(fault.extensions());
        error
    }
}

impl From<ApiError> for ServerError {
    fn from(fault: ApiError) -> Self {
        fault.at(Vec::new())
    }
}

impl From<database::Error> for ApiError {
    fn from(error: database::Error) -> Self {
        let causes = chain(error.cause());
        match error {
            database::Error::Unavailable(_) => {
                Self::logged(ErrorCode::Unavailable, Some(RETRY_DATABASE), &causes)
            }
            database::Error::Broken(_) => Self::logged(ErrorCode::Internal, None, &causes),
        }
    }
}

impl From<ledger::Failure> for ApiError {
    fn from(failure: ledger::Failure) -> Self {
        match failure {
            ledger::Failure::Busy => {
                Self::logged(ErrorCode::Unavailable, Some(RETRY_BUSY), "the ledger's queue is full")
            }
            // Not logged: a client that floods the service must not fill the log.
            ledger::Failure::ShareUsedUp => Self::rate_limited(Duration::ZERO),
            ledger::Failure::Database(error) => error.into(),
        }
    }
}

/// Formats an error with all its sources.
fn chain(error: &dyn std::error::Error) -> String {
    let causes: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    causes.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_inner_text_reaches_a_client() {
        let broken = database::Error::Broken("no such column: secret".into());
        let error = Error::from(ApiError::from(broken));
        assert_eq!(error.message, "Something went wrong on our side.");
        let extensions = error.extensions.expect("a code");
        assert_eq!(extensions.get("code"), Some(&"INTERNAL".into()));
        assert!(extensions.get("reference").is_some(), "so that it can be found in the log");
        assert_eq!(extensions.get("retryAfter"), None);
    }

    #[test]
    fn whoever_should_come_back_is_told_when() {
        let fault = ApiError::from(ledger::Failure::Busy);
        assert_eq!((fault.code(), fault.retry_after()), (ErrorCode::Unavailable, Some(RETRY_BUSY)));
        let gone = database::Error::Unavailable("database is locked".into());
        let extensions = ServerError::from(ApiError::from(gone)).extensions.expect("a code");
        assert_eq!(extensions.get("retryAfter"), Some(&RETRY_DATABASE.into()));
    }
}
