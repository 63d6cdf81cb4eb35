//! Size limits of documents, checked before validation, with fragments expanded.
//!
//! Each limit bounds the work of validation and execution, which visit the selections of a fragment wherever
//! it is spread: twenty fragments that spread each other twice expand one field to a million.

use std::collections::HashMap;

use apollo_compiler::ast::{Definition, DirectiveList, Document, FragmentDefinition, Selection};
use async_graphql::ServerError;

use crate::error::ErrorCode;

/// The fields of introspection types that return lists.
const LISTED_ITEMS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// Size limits of a document.
#[derive(Clone, Copy, Debug)]
pub struct DocumentLimits {
    /// The number of lexical tokens: enough for the introspection query several times, and for every field of
    /// a large schema once.
    pub max_tokens: usize,
    /// The depth of fields. The introspection query of common tools has 15.
    pub max_depth: usize,
    /// The nesting of selection sets and fragments, each of which takes stack. The introspection query nests
    /// 17.
    pub max_nesting: usize,
    /// The nesting of lists within introspection. Each level multiplies the response by dozens, and tools
    /// need one.
    pub max_introspection_depth: usize,
    /// The number of `__schema` and `__type` fields, which have no cost otherwise.
    pub max_introspections: usize,
    /// The number of fields, with fragments expanded.
    pub max_fields: usize,
    /// The number of aliases, by which a document can select the same field a thousand times.
    pub max_aliases: usize,
    /// The number of directives.
    pub max_directives: usize,
    /// The number of operations; a request executes one of them.
    pub max_operations: usize,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The size of a selection set.
#[derive(Clone, Copy, Debug, Default)]
struct DocumentSize {
    depth: usize,
    nesting: usize,
    /// The nesting of lists in `__schema` and `__type`.
    introspection_depth: usize,
    /// The nesting of lists in fields that may turn out to be inside `__schema` or `__type`.
    pending_introspection_depth: usize,
    introspections: usize,
    fields: usize,
    aliases: usize,
    directives: usize,
}

impl DocumentSize {
    fn combine(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            pending_introspection_depth: self
                .pending_introspection_depth
                .max(other.pending_introspection_depth),
            introspections: self.introspections.saturating_add(other.introspections),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
        }
    }

    fn of_directives(directives: &DirectiveList) -> Self {
        Self { directives: directives.len(), ..Self::default() }
    }
}

impl DocumentLimits {
    /// Suitable for common clients and tools.
    pub const DEFAULT: Self = Self {
        max_tokens: 5_000,
        max_depth: 16,
        max_nesting: 32,
        max_introspection_depth: 2,
        max_introspections: 4,
        max_fields: 2_500,
        max_aliases: 200,
        max_directives: 100,
        max_operations: 20,
    };

    /// Returns an error for each limit that is exceeded.
    pub(super) fn check(&self, document: &Document) -> Result<(), Vec<ServerError>> {
        let mut fragments = Fragments { max_nesting: self.max_nesting, ..Fragments::default() };
        let mut operations = vec![];
        for definition in &document.definitions {
            match definition {
                Definition::FragmentDefinition(fragment) => {
                    fragments.defined.insert(fragment.name.as_str(), fragment);
                }
                Definition::OperationDefinition(operation) => operations.push(operation),
                _ => {}
            }
        }
        let largest = operations
            .iter()
            .map(|operation| {
                let variables = operation
                    .variables
                    .iter()
                    .map(|variable| DocumentSize::of_directives(&variable.directives));
                variables
                    .fold(DocumentSize::of_directives(&operation.directives), DocumentSize::combine)
                    .combine(fragments.size(&operation.selection_set, 0))
            })
            .fold(DocumentSize::default(), |largest, size| DocumentSize {
                depth: largest.depth.max(size.depth),
                nesting: largest.nesting.max(size.nesting),
                introspection_depth: largest.introspection_depth.max(size.introspection_depth),
                pending_introspection_depth: 0,
                introspections: largest.introspections.max(size.introspections),
                fields: largest.fields.max(size.fields),
                aliases: largest.aliases.max(size.aliases),
                directives: largest.directives.max(size.directives),
            });
        let errors: Vec<_> = [
            ("is", "levels deep", largest.depth, self.max_depth),
            ("has", "or more selections and fragments in one another", largest.nesting, self.max_nesting),
            (
                "has",
                "lists of the schema's fields and types in one another",
                largest.introspection_depth,
                self.max_introspection_depth,
            ),
            ("asks", "times for the schema itself", largest.introspections, self.max_introspections),
            ("has", "fields, with its fragments spread out", largest.fields, self.max_fields),
            ("has", "aliases", largest.aliases, self.max_aliases),
            ("has", "directives", largest.directives, self.max_directives),
            ("has", "operations", operations.len(), self.max_operations),
        ]
        .into_iter()
        .filter(|(.., found, limit)| found > limit)
        .map(|(verb, what, found, limit)| {
            ErrorCode::QueryTooCostly
                .error(format!("The document {verb} {found} {what}; at most {limit} are answered."))
        })
        .collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

#[derive(Default)]
struct Fragments<'a> {
    max_nesting: usize,
    defined: HashMap<&'a str, &'a FragmentDefinition>,
    /// `None` while the fragment is being counted: a cycle is reported by the validation.
    counted: HashMap<&'a str, Option<DocumentSize>>,
}

impl<'a> Fragments<'a> {
    /// The size of a selection set at this level of nesting.
    fn size(&mut self, selections: &'a [Selection], nesting: usize) -> DocumentSize {
        if selections.is_empty() {
            return DocumentSize::default();
        }
        if nesting > self.max_nesting {
            // The limit is exceeded; further recursion would use the stack that the limit protects.
            return DocumentSize { nesting: 1, ..DocumentSize::default() };
        }
        let inside = selections.iter().fold(DocumentSize::default(), |size, selection| {
            size.combine(self.size_of(selection, nesting + 1))
        });
        DocumentSize { nesting: inside.nesting + 1, ..inside }
    }

    fn size_of(&mut self, selection: &'a Selection, nesting: usize) -> DocumentSize {
        match selection {
            Selection::Field(field) => {
                let inside = self.size(&field.selection_set, nesting);
                let own_size = DocumentSize {
                    fields: 1,
                    aliases: usize::from(field.alias.is_some()),
                    ..DocumentSize::default()
                };
                let size = own_size.combine(inside).combine(DocumentSize::of_directives(&field.directives));
                let name = field.name.as_str();
                let pending_introspection_depth =
                    inside.pending_introspection_depth + usize::from(LISTED_ITEMS.contains(&name));
                match name {
                    "__schema" | "__type" => {
                        let introspection_depth = inside.introspection_depth.max(pending_introspection_depth);
                        let introspections = inside.introspections.saturating_add(1);
                        DocumentSize {
                            depth: inside.depth + 1,
                            introspection_depth,
                            pending_introspection_depth: 0,
                            introspections,
                            ..size
                        }
                    }
                    _ => DocumentSize { depth: inside.depth + 1, pending_introspection_depth, ..size },
                }
            }
            Selection::InlineFragment(inline) => DocumentSize::of_directives(&inline.directives)
                .combine(self.size(&inline.selection_set, nesting)),
            Selection::FragmentSpread(spread) => DocumentSize::of_directives(&spread.directives)
                .combine(self.size_of_fragment(&spread.fragment_name, nesting)),
        }
    }

    fn size_of_fragment(&mut self, name: &'a str, nesting: usize) -> DocumentSize {
        if let Some(counted) = self.counted.get(name) {
            return counted.unwrap_or_default();
        }
        let Some(fragment) = self.defined.get(name).copied() else {
            return DocumentSize::default();
        };
        self.counted.insert(name, None);
        let size = DocumentSize::of_directives(&fragment.directives)
            .combine(self.size(&fragment.selection_set, nesting));
        self.counted.insert(name, Some(size));
        size
    }
}
