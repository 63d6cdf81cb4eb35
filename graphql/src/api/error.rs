//! Trouble, and the only place that turns it into GraphQL. There are two kinds, on two roads.
//!
//! A rule says no: that is part of the answer, as `userErrors` in the payload ([`UserErrors`]). We
//! could not answer: that is a [`Fault`], a top-level error with a code, a fixed sentence and, where
//! somebody has to look into it, a reference to the log. What went wrong inside is written to the
//! log once and never sent to a client.

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

/// How soon to come back when too many wait for the ledger: it empties its queue many times a second.
const RETRY_BUSY: u32 = 1;
/// How soon to come back when the database is away: a restart or a failover takes seconds.
const RETRY_DATABASE: u32 = 5;

/// Why there is no answer.
///
/// There is no `Display`, so that no inner text leaks through a `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    retry_after: Option<u32>,
    reference: Option<Uuid>,
}

/// The closed list of `extensions.code` that this room gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The question cannot be understood; asking again will not help.
    BadUserInput,
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    /// The question is bigger than the service lets one question be.
    QueryTooCostly,
    /// The answer is longer than the service lets one answer be. What was to be changed has been.
    AnswerTooLarge,
    /// Too much in too short a time from one address; see `retryAfter`.
    RateLimited,
    /// A key or secret is needed, and none, or none that opens anything, was given.
    Unauthenticated,
    /// The key or secret does not open this.
    Forbidden,
    /// Not now; see `retryAfter`.
    Unavailable,
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

    /// An argument of a query that names nothing possible; the sentence says which and why.
    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadUserInput, message)
    }

    /// A query that costs more than one may.
    pub(crate) fn too_costly(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::QueryTooCostly, message)
    }

    /// An answer that would be longer than one may be.
    pub(crate) fn answer_too_large(most: usize) -> Self {
        Self::new(ErrorCode::AnswerTooLarge, format!("The answer would have more than {most} bytes."))
    }

    /// Too much in too short a time; there is room again after `wait`.
    pub(crate) fn rate_limited(wait: Duration) -> Self {
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        let message = "Too much was asked for from this address. Please wait a little.";
        Self { retry_after: Some(seconds), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// Nobody said who is asking, or the key is not (or no longer) one of ours.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated, "This needs a key or secret that is valid.")
    }

    /// Whoever is asking may not.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(ErrorCode::Forbidden, "This key or secret does not allow that.")
    }

    /// Something that cannot be; `what` goes to the log.
    #[must_use]
    pub fn internal(what: &str) -> Self {
        Self::logged(ErrorCode::Internal, None, what)
    }

    /// A part of the service that fell over; what it said goes to the log.
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
        tracing::error!(%reference, code = code.as_str(), causes, "a request could not be answered");
        let message = match code {
            ErrorCode::Unavailable => "The service cannot do this at the moment. Please try again.",
            _ => "Something went wrong on our side.",
        };
        Self { reference: Some(reference), retry_after, ..Self::new(code, message) }
    }

    /// What kind of trouble it is.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// After how many seconds asking again makes sense.
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

    /// The error at a place in the document.
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
            // A stranger who floods is told so, and fills no log with it.
            ledger::Failure::ShareUsedUp => Self::rate_limited(Duration::ZERO),
            ledger::Failure::Database(error) => error.into(),
        }
    }
}

/// An error and all that it says it was caused by.
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
