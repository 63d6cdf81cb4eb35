//! What a person is told when a rule says no.

use async_graphql::SimpleObject;
use domain::Violation;

use super::UserErrorCode;
use crate::api::inline::{Inline, List};

/// A rule that says no to what was sent. Nothing was changed. All broken rules are told at once.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct UserError {
    /// Which rule.
    code: UserErrorCode,
    /// Where in the input: field names and positions in lists, such as `["lines", "2", "quantity"]`.
    path: Vec<String>,
    /// The rule in a full sentence, to be shown to the person.
    message: String,
}

impl From<&Violation> for UserError {
    fn from(violation: &Violation) -> Self {
        Self {
            code: UserErrorCode::from(&violation.rule),
            path: violation.path.clone(),
            message: violation.to_string(),
        }
    }
}

/// All rules that say no to an outcome.
pub(crate) type UserErrors = List<Inline<UserError>>;

/// The broken rules of an outcome; none if it came to something.
pub(crate) fn user_errors<T>(outcome: &Result<T, Vec<Violation>>) -> UserErrors {
    let violations = outcome.as_ref().err().into_iter().flatten();
    violations.map(UserError::from).map(Inline).collect()
}
