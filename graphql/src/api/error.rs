//! Errors, and their only mapping to GraphQL. There are two kinds.
//!
//! A validation error is part of the response: `userErrors` in the payload ([`UserErrors`]). A failure to
//! respond is an [`ApiError`]: a top-level error with a code, a fixed message and, if it has to be
//! investigated, a reference to the log. Its cause is written to the log once and never sent to a client.

use std::time::Duration;

use graphql_engine::ErrorCode;

use crate::{database, ledger};

mod user_error;
mod user_error_code;

pub use graphql_engine::ApiError;
pub(crate) use user_error::{UserErrors, user_errors};
pub(crate) use user_error_code::UserErrorCode;

/// The retry delay when the ledger's queue is full: it is emptied many times a second.
const RETRY_BUSY: u32 = 1;
/// The retry delay when the database is unavailable: a restart or a failover takes seconds.
const RETRY_DATABASE: u32 = 5;

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
    use async_graphql::{Error, ServerError};

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
