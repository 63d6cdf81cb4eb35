//! Errors of requests and resolvers, and their GraphQL form.
//!
//! An [`ApiError`] has a code, a fixed message and, for a fault of the service, a reference to the log.
//! Internal details are logged once and never sent to a client.

use std::{any::Any, time::Duration};

use async_graphql::{Error, ErrorExtensionValues, Pos, Response, ServerError, Value};
use axum::http::StatusCode;
use uuid::Uuid;

mod code;

pub use code::ErrorCode;

/// `retryAfter` of a request that timed out, in seconds: a temporary cause has passed by then.
const RETRY_AFTER_SECONDS: u32 = 5;

/// An error that is sent to the client.
///
/// It does not implement `Display`, so that no internal text leaks through `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    retry_after: Option<u32>,
    reference: Option<Uuid>,
}

impl ApiError {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after: None, reference: None }
    }

    /// An invalid argument; the message says which and why.
    #[must_use]
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadUserInput, message)
    }

    /// A query over the maximum cost.
    #[must_use]
    pub fn too_costly(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::QueryTooCostly, message)
    }

    /// A response over the maximum size.
    #[must_use]
    pub fn answer_too_large(max_bytes: usize) -> Self {
        Self::new(ErrorCode::AnswerTooLarge, format!("The response would exceed {max_bytes} bytes."))
    }

    /// A client over its rate limit; it may try again after `wait`.
    #[must_use]
    pub fn rate_limited(wait: Duration) -> Self {
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        let message = "The rate limit of this address is exceeded. Please wait a little.";
        Self { retry_after: Some(seconds), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// No bearer token, or an invalid one.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated, "This requires a valid key or secret.")
    }

    /// The bearer token does not permit this.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(ErrorCode::Forbidden, "This key or secret does not allow that.")
    }

    /// A fault of the service; `what` is logged.
    #[must_use]
    pub fn internal(what: &str) -> Self {
        Self::logged(ErrorCode::Internal, None, what)
    }

    /// A panic; its message is logged.
    #[must_use]
    pub fn panicked(panic: &(dyn Any + Send)) -> Self {
        let message = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a payload that is not a string");
        Self::internal(&format!("panicked: {message}"))
    }

    /// A fault of the service, logged with its causes under a new reference.
    #[must_use]
    pub fn logged(code: ErrorCode, retry_after: Option<u32>, causes: &str) -> Self {
        let reference = Uuid::new_v4();
        tracing::error!(%reference, code = code.as_str(), causes, "a request failed");
        let message = match code {
            ErrorCode::Unavailable => "The service cannot do this at the moment. Please try again.",
            _ => "Something went wrong on our side.",
        };
        Self { reference: Some(reference), retry_after, ..Self::new(code, message) }
    }

    /// The error code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The number of seconds after which to try again.
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

    /// The error at positions in the document.
    pub(crate) fn at(self, locations: Vec<Pos>) -> ServerError {
        let mut error = ServerError::new(&self.message, None);
        error.extensions = Some(self.extensions());
        error.locations = locations;
        error
    }
}

impl From<ApiError> for Error {
    fn from(api_error: ApiError) -> Self {
        let mut error = Self::new(&api_error.message);
        error.extensions = Some(api_error.extensions());
        error
    }
}

impl From<ApiError> for ServerError {
    fn from(error: ApiError) -> Self {
        error.at(Vec::new())
    }
}

/// The response in place of an execution that panicked. The panic is logged under the reference that the
/// client gets.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Response {
    Response::from_errors(vec![self::panic(panic)])
}

/// The error of a query that timed out.
pub(crate) fn query_timed_out() -> ServerError {
    tracing::warn!("a query timed out");
    ErrorCode::Unavailable
        .error_with_retry_after("This took too long to answer. Please try again.", RETRY_AFTER_SECONDS)
}

/// The error of a mutation that timed out.
pub(crate) fn outcome_unknown() -> ServerError {
    tracing::error!("a mutation timed out and may have been executed or not");
    ErrorCode::OutcomeUnknown.error_with_retry_after(
        "This took too long, and may have been done or not. Please send it again with the same key.",
        RETRY_AFTER_SECONDS,
    )
}

/// The error in place of a panic.
pub(crate) fn panic(panic: &(dyn Any + Send)) -> ServerError {
    ApiError::panicked(panic).into()
}

/// Whether this is a request error: errors without a `data` entry. An error of a resolver has a path; one
/// from before the execution has none.
pub(crate) fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The HTTP status of a request error, by the code of its first error.
pub(crate) fn status(errors: &[ServerError]) -> StatusCode {
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
pub(crate) fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// The number of seconds after which to try again, if an error has one.
pub(crate) fn retry_after(errors: &[ServerError]) -> Option<u64> {
    errors.iter().find_map(|error| match error.extensions.as_ref()?.get("retryAfter")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    })
}
