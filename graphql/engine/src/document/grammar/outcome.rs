//! The limits of the grammar check and what it finds.

use std::collections::HashMap;

/// Why a document is refused before it is validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::document) enum Refusal {
    /// The document breaks the grammar.
    Syntax(SyntaxError),
    /// A definition belongs into a schema and not into a document that is executed.
    NotExecutable(SyntaxError),
    /// A limit was reached before the end of the document.
    TooLarge,
}

/// What breaks the grammar, with the offset of its first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::document) struct SyntaxError {
    pub(in crate::document) offset: usize,
    pub(in crate::document) message: String,
}

impl SyntaxError {
    pub(super) fn new(offset: usize, message: impl Into<String>) -> Self {
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
pub(in crate::document) struct GrammarLimits {
    pub(in crate::document) max_tokens: usize,
    /// How deep values, types and selection sets may be nested, each of which takes stack.
    pub(in crate::document) max_nesting: usize,
}

/// A document that keeps the grammar.
#[derive(Debug)]
pub(in crate::document) struct Grammatical {
    /// The document with blanks in place of what has no effect. It has the length of the original.
    pub(in crate::document) text: String,
    /// The fields of input objects that have the name of a field before them, with their offsets.
    pub(in crate::document) repeated_input_fields: Vec<(usize, String)>,
    /// Where fields without and with a selection set begin: true with one.
    pub(in crate::document) fields: HashMap<usize, bool>,
}
