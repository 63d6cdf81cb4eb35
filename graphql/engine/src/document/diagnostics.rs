//! Errors of the parser and of the validation as GraphQL errors: the likeliest cause first, with what was
//! probably meant, in the words of graphql-js, which clients and tools know.

use std::collections::HashSet;

use apollo_compiler::{
    Schema, ast,
    diagnostic::ToCliReport as _,
    validation::{DiagnosticData, DiagnosticList},
};
use async_graphql::ServerError;

use super::{
    grammar::{Grammatical, Refusal},
    source_map::SourceMap,
    suggestions::Suggestions,
};
use crate::error::ErrorCode;

/// The number of errors that are reported for a document.
pub(super) const MAX_ERRORS: usize = 20;
/// The length of a message. Messages quote the document, which may contain very long values.
const MAX_MESSAGE_CHARS: usize = 300;

/// The error of a document that breaks the grammar.
pub(super) fn refusal_error(refusal: Refusal, max_tokens: usize, source_map: &SourceMap) -> ServerError {
    match refusal {
        Refusal::Syntax(error) => ErrorCode::ParseFailed.error_at(
            truncated(format!("Syntax Error: {}", error.message)),
            vec![source_map.position_at(error.offset)],
        ),
        Refusal::NotExecutable(error) => ErrorCode::ValidationFailed
            .error_at(truncated(error.message), vec![source_map.position_at(error.offset)]),
        Refusal::TooLarge => {
            let message =
                format!("The document has more than {max_tokens} tokens, or nests its values too deep.");
            ErrorCode::QueryTooCostly.error(message)
        }
    }
}

impl Grammatical {
    /// The errors of fields of input objects that are given twice.
    pub(super) fn repetition_errors(&self, source_map: &SourceMap) -> Vec<ServerError> {
        let errors = self.repeated_input_fields.iter().map(|(offset, name)| {
            let position = source_map.position_at(*offset);
            ErrorCode::ValidationFailed.error_at(truncated(repetition(name)), vec![position])
        });
        errors.take(MAX_ERRORS).collect()
    }
}

fn repetition(name: &str) -> String {
    format!("There can be only one input field named \"{name}\".")
}

/// The errors of apollo-parser for a text that keeps the grammar: one of its limits.
pub(super) fn parser_errors(
    diagnostics: &DiagnosticList,
    code: ErrorCode,
    source_map: &SourceMap,
) -> Vec<ServerError> {
    let error = |diagnostic: apollo_compiler::diagnostic::Diagnostic<'_, DiagnosticData>| {
        let position = diagnostic.error.location().map(|at| source_map.position(Some(at)));
        code.error_at(truncated(diagnostic.error.to_string()), position.into_iter().collect())
    };
    diagnostics.iter().take(MAX_ERRORS).map(error).collect()
}

/// How likely an error is the cause and not a consequence of another one; causes sort first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A name that does not exist. What depends on it is not validated.
    UnknownName,
    Other,
    /// What is not used may be used where a name is wrong.
    Unused,
}

/// An error of the validation, to be sorted.
struct Found {
    rank: Rank,
    offset: usize,
    message: String,
}

/// Collects the errors of the validation of a document.
pub(super) struct ValidationErrors<'a> {
    pub(super) schema: &'a Schema,
    pub(super) document: &'a ast::Document,
    pub(super) grammatical: &'a Grammatical,
    /// The text that the client sent.
    pub(super) text: &'a str,
}

impl ValidationErrors<'_> {
    /// The errors of the validation and of the repeated input fields.
    pub(super) fn collect(
        &self,
        diagnostics: Option<&DiagnosticList>,
        source_map: &SourceMap,
    ) -> Vec<ServerError> {
        let diagnostics = diagnostics.into_iter().flat_map(DiagnosticList::iter);
        let mut errors: Vec<_> = diagnostics.filter_map(|diagnostic| self.found(diagnostic.error)).collect();
        errors.extend(self.grammatical.repeated_input_fields.iter().map(|(offset, name)| Found {
            rank: Rank::Other,
            offset: *offset,
            message: repetition(name),
        }));
        if errors.iter().any(|error| error.rank == Rank::UnknownName) {
            errors.retain(|error| error.rank != Rank::Unused);
        }
        errors.sort_by_key(|error| (error.rank, error.offset));
        // A fragment is validated wherever it is spread.
        let mut known = HashSet::new();
        errors.retain(|error| known.insert((error.offset, error.message.clone())));
        let error = |found: Found| {
            let position = (found.offset < usize::MAX).then(|| source_map.position_at(found.offset));
            ErrorCode::ValidationFailed.error_at(truncated(found.message), position.into_iter().collect())
        };
        errors.into_iter().take(MAX_ERRORS).map(error).collect()
    }

    /// An error of the validation; `None` if it only follows from another one.
    fn found(&self, diagnostic: &DiagnosticData) -> Option<Found> {
        let kind = diagnostic.unstable_error_name().unwrap_or_default();
        let span = diagnostic.location().map(|span| (span.offset(), span.end_offset()));
        let offset = span.map_or(usize::MAX, |(offset, _)| offset);
        let literal = span.and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default();
        // Fields that do not exist are left out of a selection set, which is empty then.
        if kind == "MissingSubselection" && self.grammatical.fields.get(&offset) == Some(&true) {
            return None;
        }
        // So is a variable of a type that does not exist, wherever it is used.
        if kind == "DisallowedVariableUsage" && self.has_unknown_type(&diagnostic.to_string()) {
            return None;
        }
        let rank = match kind {
            "UnusedVariable" | "UnusedFragment" => Rank::Unused,
            _ if kind.starts_with("Undefined") => Rank::UnknownName,
            _ => Rank::Other,
        };
        Some(Found { rank, offset, message: self.message(kind, diagnostic, literal) })
    }

    /// Whether the variable of such a message has a type that the schema does not have.
    fn has_unknown_type(&self, technical: &str) -> bool {
        let declared = names_of(technical).get(1).copied().unwrap_or_default();
        !self.schema.types.contains_key(inner_type(declared))
    }

    fn message(&self, kind: &str, diagnostic: &DiagnosticData, literal: &str) -> String {
        let technical = diagnostic.to_string();
        let message = diagnostic.unstable_compat_message().unwrap_or_else(|| technical.clone());
        let suggestions = Suggestions { schema: self.schema, document: self.document };
        let advice = match (kind, &names_of(&technical)[..]) {
            ("UndefinedField", [type_name, field]) => suggestions.field(type_name, field),
            ("UndefinedInputValue", [field, type_name]) => suggestions.input_field(type_name, field),
            ("UndefinedArgument", [argument, coordinate]) => {
                return unknown_argument(&suggestions, argument, coordinate);
            }
            ("UndefinedEnumValue", [value, enum_name]) => suggestions.enum_value(enum_name, value),
            (
                "UndefinedDefinition"
                | "UndefinedTypeInNamedFragmentTypeCondition"
                | "UndefinedTypeInInlineFragmentTypeCondition",
                [name, ..],
            ) => suggestions.type_name(name),
            ("UndefinedDirective", [name]) => suggestions.directive(name.trim_start_matches('@')),
            ("UndefinedVariable", [name]) => suggestions.variable(name.trim_start_matches('$')),
            ("UndefinedFragment", [name]) => suggestions.fragment(name),
            ("UnsupportedValueType", _) => return wrong_value(&suggestions, &technical, &message, literal),
            _ => String::new(),
        };
        message + &advice
    }
}

/// The names in a message of apollo-compiler, which are between backticks.
fn names_of(technical: &str) -> Vec<&str> {
    technical.split('`').skip(1).step_by(2).collect()
}

/// The name in a type like `[Name!]!`.
fn inner_type(declared: &str) -> &str {
    declared.trim_matches(|sign| matches!(sign, '[' | ']' | '!'))
}

/// An argument that a field (`Query.edition(yeer:)`) or a directive (`@skip(iff:)`) does not have.
fn unknown_argument(suggestions: &Suggestions<'_>, argument: &str, coordinate: &str) -> String {
    let place = coordinate.split('(').next().unwrap_or_default();
    let (what, advice) = match (place.strip_prefix('@'), place.split_once('.')) {
        (Some(directive), _) => ("directive", suggestions.directive_argument(directive, argument)),
        (None, Some((type_name, field))) => ("field", suggestions.field_argument(type_name, field, argument)),
        (None, None) => ("field", String::new()),
    };
    format!("Unknown argument \"{argument}\" on {what} \"{place}\".{advice}")
}

/// A literal that is not of the type of its place. A message about an enum lists its values.
fn wrong_value(suggestions: &Suggestions<'_>, technical: &str, message: &str, literal: &str) -> String {
    let declared = technical.strip_prefix("expected value of type ").and_then(|rest| rest.split(',').next());
    let name = inner_type(declared.unwrap_or_default());
    if suggestions.is_enum(name) {
        let advice = suggestions.enum_value(name, literal.trim_matches('"'));
        return format!("Enum \"{name}\" cannot represent non-enum value: {literal}.{advice}");
    }
    match declared {
        Some(declared) => format!("Expected value of type \"{declared}\", found {literal}."),
        None => message.to_owned(),
    }
}

pub(super) fn truncated(mut message: String) -> String {
    if message.len() > MAX_MESSAGE_CHARS {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE_CHARS));
        message.push('…');
    }
    message
}
