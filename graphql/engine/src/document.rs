//! Documents: each distinct one is judged once, by the specification, before the engine sees it.
//!
//! The engine's own parser refuses some valid strings, and its validation lets some invalid documents
//! run. So a document is parsed and validated here, its size is bounded, and the engine is given the
//! result in its own form, with the places in the text that the client sent.

use std::{collections::HashMap, sync::Arc};

use apollo_compiler::{Node, Schema, executable, parser::Parser, validation::Valid};
use async_graphql::{
    Name, Request, ServerError,
    parser::types::{ExecutableDocument, OperationType},
};
use quick_cache::{Weighter, sync::Cache};

use crate::{error::ErrorCode, request::GraphqlRequest};

mod conversion;
mod diagnostics;
mod duplicate_keys;
mod hash;
mod limits;
mod scalars;
mod source_map;
mod variables;

use diagnostics::{MAX_ERRORS, to_errors, truncated};
use hash::DocumentHash;
pub use limits::DocumentLimits;
pub use scalars::ScalarCheck;
use scalars::Scalars;
use source_map::SourceMap;

/// Longer than any document a person writes; what varies belongs into the variables.
const MAX_CACHED_TEXT_BYTES: usize = 64 << 10;
/// The parser's own measure of nesting, far above what [`Bounds`] let through, and far below what the
/// stack of a thread holds.
const MAX_NESTING: usize = 200;
/// How many bytes of memory the verdicts may take, counted by [`Weight`].
const MAX_CACHE_BYTES: u64 = 64 << 20;
/// A judged document takes about this many times its text: two trees with a node for every word.
const MEMORY_PER_TEXT_BYTE: u64 = 24;
/// How many documents a service usually meets; only sizes the first table.
const ESTIMATED_CACHE_ENTRIES: usize = 1_000;

/// The documents that were judged, and the schema they were judged by.
pub(crate) struct DocumentCache {
    schema: Valid<Schema>,
    is_valid_scalar: ScalarCheck,
    limits: DocumentLimits,
    results: Cache<DocumentHash, ValidationResult, ResultWeight>,
}

/// What was found: a document that can run, or everything that is wrong with it.
type ValidationResult = Result<Arc<ValidatedDocument>, Arc<[ServerError]>>;

#[derive(Clone)]
struct ResultWeight;

impl Weighter<DocumentHash, ValidationResult> for ResultWeight {
    fn weight(&self, _: &DocumentHash, verdict: &ValidationResult) -> u64 {
        const MIN_ENTRY_BYTES: u64 = 1_024;
        match verdict {
            Ok(document) => MIN_ENTRY_BYTES + document.text.len() as u64 * MEMORY_PER_TEXT_BYTE,
            Err(mistakes) => MIN_ENTRY_BYTES * (1 + mistakes.len() as u64),
        }
    }
}

/// A document that can run.
pub(crate) struct ValidatedDocument {
    text: Box<str>,
    operations: HashMap<Option<Box<str>>, Operation>,
    source_map: SourceMap,
}

struct Operation {
    kind: OperationType,
    validated: Node<executable::Operation>,
    roots: Arc<[RootField]>,
    /// This operation and the fragments it spreads, as the engine wants them.
    executable: ExecutableDocument,
    has_duplicate_keys: bool,
}

/// An operation with the values of its variables, ready for the engine.
pub(crate) struct ExecutableOperation {
    /// A query, a mutation or a subscription.
    pub kind: OperationType,
    /// What the engine runs.
    pub request: Request,
    /// Its root fields, in the order in which they are asked for.
    pub roots: Arc<[RootField]>,
    /// Whether something is asked for twice under one name.
    pub has_duplicate_keys: bool,
}

/// A field at the root of an operation.
pub(crate) struct RootField {
    /// What it is called in the schema.
    pub name: Box<str>,
    /// What it is called in the answer.
    pub key: Name,
}

impl DocumentCache {
    /// The documents that fit a schema, whose own scalars have the values that `fits` says.
    ///
    /// # Errors
    /// If the schema is not valid; all of its mistakes.
    pub(crate) fn new(sdl: &str, fits: ScalarCheck, bounds: DocumentLimits) -> Result<Self, String> {
        let schema = Schema::parse_and_validate(sdl, "schema.graphql")
            .map_err(|mistakes| mistakes.errors.to_string())?;
        let verdicts = Cache::with_weighter(ESTIMATED_CACHE_ENTRIES, MAX_CACHE_BYTES, ResultWeight);
        Ok(Self { schema, is_valid_scalar: fits, limits: bounds, results: verdicts })
    }

    /// Finds the document, judges it, chooses the operation and checks the variables.
    pub(crate) fn prepare(&self, question: GraphqlRequest) -> Result<ExecutableOperation, Vec<ServerError>> {
        let document = self.find(&question)?;
        let operation = document.operation(question.operation_name.as_deref())?;
        let variables =
            variables::coerce(&self.schema, &operation.validated, &question.variables, &document.source_map)?;
        self.scalars().check_variables(&operation.validated.variables, &variables, &document.source_map)?;
        let mut runnable = operation.executable.clone();
        variables::remove_absent_variables(&mut runnable, &operation.validated, &variables);
        let mut request = Request::new(&*document.text).variables(variables);
        request.operation_name = operation.validated.name.as_ref().map(ToString::to_string);
        request.extensions.0 = question
            .extensions
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), variables::value(value)))
            .collect();
        request.set_parsed_query(runnable);
        let Operation { kind, ref roots, has_duplicate_keys: repeats, .. } = *operation;
        Ok(ExecutableOperation { kind, request, roots: Arc::clone(roots), has_duplicate_keys: repeats })
    }

    /// By its text, or by its hash alone: automatic persisted queries. The verdicts are kept by hash
    /// anyhow, so that a document is known from the first time it was sent, with its hash or without.
    fn find(&self, question: &GraphqlRequest) -> Result<Arc<ValidatedDocument>, Vec<ServerError>> {
        let claimed = question.persisted_query_hash()?;
        let verdict = match (&question.query, claimed) {
            (Some(text), None) => self.validate_cached(text, DocumentHash::of(text)),
            (Some(text), Some(claimed)) => {
                let hash = DocumentHash::of(text);
                if DocumentHash::parse(claimed) != Some(hash) {
                    let message =
                        "`extensions.persistedQuery.sha256Hash` is not the SHA-256 hash of `query`.";
                    return Err(ErrorCode::BadUserInput.error(message).into());
                }
                self.validate_cached(text, hash)
            }
            (None, claimed) => claimed
                .and_then(DocumentHash::parse)
                .and_then(|hash| self.results.get(&hash))
                .ok_or_else(|| ErrorCode::PersistedQueryNotFound.error("PersistedQueryNotFound"))?,
        };
        verdict.map_err(|mistakes| mistakes.to_vec())
    }

    fn validate_cached(&self, text: &str, hash: DocumentHash) -> ValidationResult {
        if let Some(verdict) = self.results.get(&hash) {
            return verdict;
        }
        let verdict = self.validate(text).map(Arc::new).map_err(Arc::from);
        self.results.insert(hash, verdict.clone());
        verdict
    }

    fn validate(&self, text: &str) -> Result<ValidatedDocument, Vec<ServerError>> {
        if text.len() > MAX_CACHED_TEXT_BYTES {
            let message =
                format!("A document has at most {MAX_CACHED_TEXT_BYTES} bytes; this one has {}.", text.len());
            return Err(ErrorCode::QueryTooCostly.error(message).into());
        }
        let lines = SourceMap::new(text);
        let mut parser = Parser::new().token_limit(self.limits.max_tokens).recursion_limit(MAX_NESTING);
        let parsed = parser.parse_ast(text, "document").map_err(|found| {
            // The parser stops at a limit, and then also misses what it did not read.
            let code = match parser.tokens_reached() > self.limits.max_tokens
                || parser.recursion_reached() > MAX_NESTING
            {
                true => ErrorCode::QueryTooCostly,
                false => ErrorCode::ParseFailed,
            };
            to_errors(&found.errors, code, &lines)
        })?;
        self.limits.check(&parsed)?;
        let judged = parsed
            .to_executable_validate(&self.schema)
            .map_err(|found| to_errors(&found.errors, ErrorCode::ValidationFailed, &lines))?;
        let scalars = self.scalars();
        let misfits = judged.operations.iter();
        let misfits = misfits.flat_map(|operation| scalars.check_arguments(operation, &judged, &lines));
        let misfits: Vec<_> = misfits.take(MAX_ERRORS).collect();
        if !misfits.is_empty() {
            return Err(misfits);
        }
        let operations = conversion::executable_documents(&parsed, &lines)
            .into_iter()
            .filter_map(|(name, kind, runnable)| {
                let operation = judged.operations.get(name.as_deref()).ok()?.clone();
                let roots = operation.root_fields(&judged).map(|field| RootField {
                    name: field.name.as_str().into(),
                    key: conversion::name(field.response_key()),
                });
                let roots = roots.collect();
                let repeats = duplicate_keys::has_duplicate_keys(&operation.selection_set, &judged);
                Some((name, Operation { kind, validated: operation, roots, executable: runnable, has_duplicate_keys: repeats }))
            })
            .collect();
        Ok(ValidatedDocument { text: text.into(), operations, source_map: lines })
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
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(ErrorCode::BadUserInput
                .error("The document has several operations: `operationName` says which.")),
            (None, _) => Err(ErrorCode::ValidationFailed.error("The document has no operation.")),
        }
    }
}
