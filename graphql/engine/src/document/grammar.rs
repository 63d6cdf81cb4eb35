//! The grammar of executable documents (specification of September 2025, appendix C), without tolerance.
//!
//! apollo-parser recovers from some mistakes without an error: an argument that is a bare name loses its value,
//! and a repeated field of an input object replaces the one before. A document is therefore read by this parser
//! first. It builds no tree. It returns the text for apollo-parser, in which everything that apollo-parser does
//! not know and that has no effect is blank: descriptions, commas, comments and the sign of `-0`. Every token
//! keeps its offset.

use std::collections::HashMap;

mod lexer;
mod parser;

use parser::Parser;

/// Why a document is refused before it is validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The document breaks the grammar.
    Syntax(SyntaxError),
    /// A definition belongs into a schema and not into a document that is executed.
    NotExecutable(SyntaxError),
    /// A limit was reached before the end of the document.
    TooLarge,
}

/// What breaks the grammar, with the offset of its first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) offset: usize,
    pub(super) message: String,
}

impl SyntaxError {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}

impl From<SyntaxError> for Refusal {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(error)
    }
}

/// The limits of the parser.
#[derive(Clone, Copy, Debug)]
pub(super) struct GrammarLimits {
    pub(super) max_tokens: usize,
    /// How deep values, types and selection sets may be nested, each of which takes stack.
    pub(super) max_nesting: usize,
}

/// A document that keeps the grammar.
#[derive(Debug)]
pub(super) struct Grammatical {
    /// The document with blanks in place of what has no effect. It has the length of the original.
    pub(super) text: String,
    /// The fields of input objects that have the name of a field before them, with their offsets.
    pub(super) repeated_input_fields: Vec<(usize, String)>,
    /// Where fields without and with a selection set begin: true with one.
    pub(super) fields: HashMap<usize, bool>,
}

/// Parses a document.
pub(super) fn parse(document: &str, limits: GrammarLimits) -> Result<Grammatical, Refusal> {
    Parser::new(document, limits)?.document()
}

#[cfg(test)]
mod tests;
