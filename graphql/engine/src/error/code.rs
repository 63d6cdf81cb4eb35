//! The closed list of error codes (`extensions.code`) of resolvers and transports.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

/// The code of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The request cannot be understood, or an argument or variable has no possible value. Repeating it
    /// does not help.
    BadUserInput,
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    /// The document is larger, or its operation costs more, than a request may.
    QueryTooCostly,
    /// The response is larger than the maximum. A mutation was executed nevertheless.
    AnswerTooLarge,
    /// The request has the hash of a document that is not in the cache: send the document with it.
    PersistedQueryNotFound,
    /// Too many requests, connections or bytes from one client; see `retryAfter`.
    RateLimited,
    /// A bearer token is needed, and none, or no valid one, was sent.
    Unauthenticated,
    /// The bearer token does not permit this.
    Forbidden,
    /// The service cannot respond at the moment; see `retryAfter`.
    Unavailable,
    /// A mutation took too long, and may have been executed or not; see `retryAfter`.
    OutcomeUnknown,
    /// A fault of the service.
    Internal,
}

impl ErrorCode {
    /// The spelling in `extensions.code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::QueryTooCostly => "QUERY_TOO_COSTLY",
            Self::AnswerTooLarge => "ANSWER_TOO_LARGE",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::Unavailable => "UNAVAILABLE",
            Self::OutcomeUnknown => "OUTCOME_UNKNOWN",
            Self::Internal => "INTERNAL",
        }
    }

    /// An error with this code.
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> ServerError {
        self.error_at(message, vec![])
    }

    /// An error with this code at positions in the document.
    pub(crate) fn error_at(self, message: impl Into<String>, locations: Vec<Pos>) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.as_str());
        let mut error = ServerError::new(message, None);
        error.locations = locations;
        error.extensions = Some(extensions);
        error
    }

    /// An error with this code, and the number of seconds after which to try again.
    pub(crate) fn error_with_retry_after(self, message: impl Into<String>, seconds: u32) -> ServerError {
        let mut error = self.error(message);
        if let Some(extensions) = &mut error.extensions {
            extensions.set("retryAfter", seconds);
        }
        error
    }
}
