//! The grammar of executable documents (specification of September 2025, appendix C), without tolerance.
//!
//! apollo-parser recovers from some mistakes without an error: an argument that is a bare name loses its value,
//! and a repeated field of an input object replaces the one before. A document is therefore read by this parser
//! first. It builds no tree. It returns the text for apollo-parser, in which everything that apollo-parser does
//! not know and that has no effect is blank: descriptions, commas, comments and the sign of `-0`. Every token
//! keeps its offset.

mod lexer;
mod outcome;
mod parser;

pub(super) use outcome::{GrammarLimits, Grammatical, Refusal};
use parser::Parser;

/// Parses a document.
pub(super) fn parse(document: &str, limits: GrammarLimits) -> Result<Grammatical, Refusal> {
    Parser::new(document, limits)?.document()
}

#[cfg(test)]
mod tests;
