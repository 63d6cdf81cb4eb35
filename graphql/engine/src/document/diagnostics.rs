//! Errors of the parser and of the validation as GraphQL errors.

use apollo_compiler::{diagnostic::ToCliReport as _, validation::DiagnosticList};
use async_graphql::ServerError;

use super::source_map::SourceMap;
use crate::error::ErrorCode;

/// The number of errors that are reported for a document.
pub(super) const MAX_ERRORS: usize = 20;
/// The length of a message. Messages quote the document, which may contain very long values.
const MAX_MESSAGE_CHARS: usize = 300;

pub(super) fn to_errors(
    diagnostics: &DiagnosticList,
    code: ErrorCode,
    source_map: &SourceMap,
) -> Vec<ServerError> {
    diagnostics
        .iter()
        .take(MAX_ERRORS)
        .map(|diagnostic| {
            let position = diagnostic.error.location().map(|at| source_map.position(Some(at)));
            code.error_at(truncated(diagnostic.error.to_string()), position.into_iter().collect())
        })
        .collect()
}

pub(super) fn truncated(mut message: String) -> String {
    if message.len() > MAX_MESSAGE_CHARS {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE_CHARS));
        message.push('…');
    }
    message
}
