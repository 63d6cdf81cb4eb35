//! The document cache: each distinct document is parsed and validated once.
//!
//! async-graphql's parser rejects some valid strings, and its validation accepts some invalid documents.
//! apollo-compiler validates, but its parser recovers from some mistakes. A document is therefore read three
//! times: its grammar is checked without tolerance, it is parsed and validated by apollo-compiler and its size is
//! limited, and the result is converted to the syntax tree of async-graphql, with the positions in the text that
//! the client sent.

use std::{collections::HashMap, sync::Arc};

use apollo_compiler::{Node, Schema, ast, executable, parser::Parser, validation::Valid};
use async_graphql::{
    Name, Request, ServerError,
    parser::types::{ExecutableDocument, OperationType},
};
use quick_cache::{Weighter, sync::Cache};

use crate::{error::ErrorCode, request::GraphqlRequest};

mod conversion;
mod diagnostics;
mod duplicate_keys;
mod grammar;
mod hash;
mod introspection;
mod limits;
mod scalars;
mod source_map;
mod suggestions;
mod variable_values;
mod variables;

use diagnostics::{MAX_ERRORS, ValidationErrors, parser_errors, refusal_error, truncated};
use grammar::{GrammarLimits, Grammatical};
use hash::DocumentHash;
pub(crate) use introspection::SchemaDescription;
pub use limits::DocumentLimits;
pub use scalars::ScalarCheck;
use scalars::Scalars;
use source_map::SourceMap;

/// The longest document. Values that vary belong into the variables.
const MAX_CACHED_TEXT_BYTES: usize = 64 << 10;
/// The recursion limit of the parsers, far above [`DocumentLimits`] and far below the stack of a thread.
const MAX_NESTING: usize = 200;
/// The memory of the cache, estimated by [`ResultWeight`].
const MAX_CACHE_BYTES: u64 = 64 << 20;
/// The estimated memory of a validated document for each byte of its text: two syntax trees with a node for
/// every token.
const MEMORY_PER_TEXT_BYTE: u64 = 24;
/// The expected number of documents; it only sizes the first allocation.
const ESTIMATED_CACHE_ENTRIES: usize = 1_000;

/// The text of a document for a parser that is less strict: without what has no effect, such as descriptions.
///
/// # Errors
/// The errors of a document that breaks the grammar, or that has a field of an input object twice.
pub(crate) fn strict_text(text: &str, limits: &DocumentLimits) -> Result<String, Vec<ServerError>> {
    let source_map = SourceMap::new(text);
    let grammatical = check_grammar(text, limits, &source_map)?;
    let errors = grammatical.repetition_errors(&source_map);
    if errors.is_empty() { Ok(grammatical.text) } else { Err(errors) }
}

fn check_grammar(
    text: &str,
    limits: &DocumentLimits,
    source_map: &SourceMap,
) -> Result<Grammatical, Vec<ServerError>> {
    let max_tokens = limits.max_tokens;
    grammar::parse(text, GrammarLimits { max_tokens, max_nesting: MAX_NESTING })
        .map_err(|refusal| vec![refusal_error(refusal, max_tokens, source_map)])
}

/// The validated documents of a schema.
pub(crate) struct DocumentCache {
    schema: Valid<Schema>,
    description: SchemaDescription,
    is_valid_scalar: ScalarCheck,
    limits: DocumentLimits,
    results: Cache<DocumentHash, ValidationResult, ResultWeight>,
}

/// The result of the validation: a document, or its errors.
type ValidationResult = Result<Arc<ValidatedDocument>, Arc<[ServerError]>>;

#[derive(Clone)]
struct ResultWeight;

impl Weighter<DocumentHash, ValidationResult> for ResultWeight {
    fn weight(&self, _: &DocumentHash, result: &ValidationResult) -> u64 {
        const MIN_ENTRY_BYTES: u64 = 1_024;
        match result {
            Ok(document) => MIN_ENTRY_BYTES + document.text.len() as u64 * MEMORY_PER_TEXT_BYTE,
            Err(errors) => MIN_ENTRY_BYTES * (1 + errors.len() as u64),
        }
    }
}

/// A valid document.
pub(crate) struct ValidatedDocument {
    text: Box<str>,
    operations: HashMap<Option<Box<str>>, Operation>,
    source_map: SourceMap,
}

struct Operation {
    kind: OperationType,
    validated: Node<executable::Operation>,
    roots: Arc<[RootField]>,
    /// This operation and its fragments, as a tree of async-graphql.
    executable: ExecutableDocument,
    has_duplicate_keys: bool,
}

/// An operation with its variables, ready for execution.
pub(crate) struct ExecutableOperation {
    /// A query, a mutation or a subscription.
    pub kind: OperationType,
    /// The request for async-graphql.
    pub request: Request,
    /// The root fields, in the order of the document.
    pub roots: Arc<[RootField]>,
    /// Whether a selection has the same response key twice.
    pub has_duplicate_keys: bool,
    /// The description of the schema, if the operation asks for the schema.
    pub schema_description: Option<SchemaDescription>,
}

/// A root field of an operation.
pub(crate) struct RootField {
    /// The name in the schema.
    pub name: Box<str>,
    /// The response key.
    pub key: Name,
}

impl DocumentCache {
    /// The cache for a schema. `is_valid_scalar` checks the values of custom scalars.
    ///
    /// # Errors
    /// The errors of the schema, if it is not valid.
    pub(crate) fn new(
        sdl: &str,
        is_valid_scalar: ScalarCheck,
        limits: DocumentLimits,
    ) -> Result<Self, String> {
        let schema = introspection::schema(sdl)?;
        let description = SchemaDescription::of(&schema);
        let results = Cache::with_weighter(ESTIMATED_CACHE_ENTRIES, MAX_CACHE_BYTES, ResultWeight);
        Ok(Self { schema, description, is_valid_scalar, limits, results })
    }

    /// Finds or validates the document, selects the operation and checks the variables.
    pub(crate) fn prepare(&self, request: GraphqlRequest) -> Result<ExecutableOperation, Vec<ServerError>> {
        let document = self.find(&request)?;
        let operation = document.operation(request.operation_name.as_deref())?;
        let variables =
            variables::coerce(&self.schema, &operation.validated, &request.variables, &document.source_map)?;
        self.scalars().check_variables(&operation.validated.variables, &variables, &document.source_map)?;
        let mut executable = operation.executable.clone();
        variables::remove_absent_variables(&mut executable, &operation.validated, &variables);
        let mut executable_request = Request::new(&*document.text).variables(variables);
        executable_request.operation_name = operation.validated.name.as_ref().map(ToString::to_string);
        executable_request.extensions.0 = request
            .extensions
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), variables::value(value)))
            .collect();
        executable_request.set_parsed_query(executable);
        let asks_for_schema = operation.roots.iter().any(|root| &*root.name == "__schema");
        let Operation { kind, ref roots, has_duplicate_keys, .. } = *operation;
        Ok(ExecutableOperation {
            kind,
            request: executable_request,
            roots: Arc::clone(roots),
            has_duplicate_keys,
            schema_description: asks_for_schema.then(|| self.description.clone()),
        })
    }

    /// Finds the document by its text or by its hash (automatic persisted queries). The cache is keyed by the
    /// hash, so that every document that was sent is also a persisted query.
    fn find(&self, request: &GraphqlRequest) -> Result<Arc<ValidatedDocument>, Vec<ServerError>> {
        let claimed_hash = request.persisted_query_hash()?;
        let result = match (&request.query, claimed_hash) {
            (Some(text), None) => self.validate_cached(text, DocumentHash::of(text)),
            (Some(text), Some(claimed_hash)) => {
                let hash = DocumentHash::of(text);
                if DocumentHash::parse(claimed_hash) != Some(hash) {
                    let message =
                        "`extensions.persistedQuery.sha256Hash` is not the SHA-256 hash of `query`.";
                    return Err(ErrorCode::BadUserInput.error(message).into());
                }
                self.validate_cached(text, hash)
            }
            (None, claimed_hash) => claimed_hash
                .and_then(DocumentHash::parse)
                .and_then(|hash| self.results.get(&hash))
                .ok_or_else(|| ErrorCode::PersistedQueryNotFound.error("PersistedQueryNotFound"))?,
        };
        result.map_err(|errors| errors.to_vec())
    }

    fn validate_cached(&self, text: &str, hash: DocumentHash) -> ValidationResult {
        if let Some(result) = self.results.get(&hash) {
            return result;
        }
        let result = self.validate(text).map(Arc::new).map_err(Arc::from);
        self.results.insert(hash, result.clone());
        result
    }

    fn validate(&self, text: &str) -> Result<ValidatedDocument, Vec<ServerError>> {
        if text.len() > MAX_CACHED_TEXT_BYTES {
            let message =
                format!("A document has at most {MAX_CACHED_TEXT_BYTES} bytes; this one has {}.", text.len());
            return Err(ErrorCode::QueryTooCostly.error(message).into());
        }
        let source_map = SourceMap::new(text);
        let (parsed, validated) = self.parse_and_validate(text, &source_map)?;
        let scalars = self.scalars();
        let mismatches = validated.operations.iter();
        let mismatches =
            mismatches.flat_map(|operation| scalars.check_arguments(operation, &validated, &source_map));
        let mismatches: Vec<_> = mismatches.take(MAX_ERRORS).collect();
        if !mismatches.is_empty() {
            return Err(mismatches);
        }
        let operations = conversion::executable_documents(&parsed, &source_map)
            .into_iter()
            .filter_map(|(name, kind, executable)| {
                let operation = validated.operations.get(name.as_deref()).ok()?.clone();
                let roots = operation.root_fields(&validated).map(|field| RootField {
                    name: field.name.as_str().into(),
                    key: conversion::name(field.response_key()),
                });
                let roots = roots.collect();
                let has_duplicate_keys =
                    duplicate_keys::has_duplicate_keys(&operation.selection_set, &validated);
                Some((name, Operation { kind, validated: operation, roots, executable, has_duplicate_keys }))
            })
            .collect();
        Ok(ValidatedDocument { text: text.into(), operations, source_map })
    }

    fn parse_and_validate(
        &self,
        text: &str,
        source_map: &SourceMap,
    ) -> Result<(ast::Document, Valid<executable::ExecutableDocument>), Vec<ServerError>> {
        let max_tokens = self.limits.max_tokens;
        let grammatical = check_grammar(text, &self.limits, source_map)?;
        let mut parser = Parser::new().token_limit(max_tokens).recursion_limit(MAX_NESTING);
        let parsed = parser.parse_ast(&*grammatical.text, "document").map_err(|diagnostics| {
            // A parser that stops at a limit does not see what follows.
            let code = match parser.tokens_reached() > max_tokens || parser.recursion_reached() > MAX_NESTING
            {
                true => ErrorCode::QueryTooCostly,
                false => ErrorCode::ParseFailed,
            };
            parser_errors(&diagnostics.errors, code, source_map)
        })?;
        self.limits.check(&parsed)?;
        let errors =
            ValidationErrors { schema: &self.schema, document: &parsed, grammatical: &grammatical, text };
        let validated = parsed
            .to_executable_validate(&self.schema)
            .map_err(|invalid| errors.collect(Some(&invalid.errors), source_map))?;
        let repeated = errors.collect(None, source_map);
        if repeated.is_empty() { Ok((parsed, validated)) } else { Err(repeated) }
    }

    fn scalars(&self) -> Scalars<'_> {
        Scalars { schema: &self.schema, is_valid: self.is_valid_scalar }
    }
}

impl ValidatedDocument {
    fn operation(&self, name: Option<&str>) -> Result<&Operation, ServerError> {
        if let Some(name) = name {
            return self.operations.get(&Some(name.into())).ok_or_else(|| {
                ErrorCode::BadUserInput.error(truncated(format!("The document has no operation `{name}`.")))
            });
        }
        let mut operations = self.operations.values();
        match (operations.next(), operations.next()) {
            (Some(operation), None) => Ok(operation),
            (Some(_), Some(_)) => Err(ErrorCode::BadUserInput
                .error("The document has several operations: `operationName` says which.")),
            (None, _) => Err(ErrorCode::ValidationFailed.error("The document has no operation.")),
        }
    }
}
