//! Validation errors as shown to a person.

use async_graphql::SimpleObject;
use domain::{Violation, Violations};

use super::UserErrorCode;
use crate::json_name::json_name;
use graphql_engine::inline::{Inline, InlineList};

/// A validation error. Nothing was changed. All validation errors of a request are returned at once.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct UserError {
    /// The kind of error.
    code: UserErrorCode,
    /// The path in the input: field names and list indexes, such as `["lines", "2", "quantity"]`.
    path: Vec<String>,
    /// A full sentence that can be shown to the person.
    message: String,
}

impl From<&Violation> for UserError {
    fn from(violation: &Violation) -> Self {
        Self {
            code: UserErrorCode::from(&violation.rule),
            path: violation.path.iter().map(|field| json_name(field)).collect(),
            message: violation.to_string(),
        }
    }
}

/// The validation errors of a result.
pub(crate) type UserErrors = InlineList<Inline<UserError>>;

/// Returns the validation errors of a result; empty on success.
pub(crate) fn user_errors<T>(outcome: &Result<T, Violations>) -> UserErrors {
    let violations = outcome.as_ref().err().into_iter().flatten();
    violations.map(UserError::from).map(Inline).collect()
}
