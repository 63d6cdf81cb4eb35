//! How big a document may be, counted before it is validated, with its fragments spread out.
//!
//! Each number bounds what the engine does with the document: it walks the selections of a fragment
//! again wherever the fragment is spread, and twenty fragments that spread each other twice would make
//! a million fields of one.

use std::collections::HashMap;

use apollo_compiler::ast::{Definition, DirectiveList, Document, FragmentDefinition, Selection};
use async_graphql::ServerError;

use crate::error::ErrorCode;

/// The fields of the schema's own types that list more of them.
const LISTED_ITEMS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// The most that one document may have.
#[derive(Clone, Copy, Debug)]
pub struct DocumentLimits {
    /// Words, signs and the gaps between them: enough for the introspection query several times over, and for every
    /// field of the schema once.
    pub max_tokens: usize,
    /// Fields within fields: the introspection query of common tools has 15, and the deepest sensible
    /// question (a case in a breakdown of a total in a list of a list) 12.
    pub max_depth: usize,
    /// Selections and fragments within one another, which cost stack wherever they are walked: the
    /// introspection query nests 17.
    pub max_nesting: usize,
    /// Lists of the schema's own fields and types within one another. Each multiplies the answer by dozens,
    /// and tools need one.
    pub max_introspection_depth: usize,
    /// How often the schema may be asked for what it is, which costs nothing else.
    pub max_introspections: usize,
    /// Fields, where each fragment counts wherever it is spread.
    pub max_fields: usize,
    /// Fields with a name of their own choosing, which let one document ask the same a thousand times.
    pub max_aliases: usize,
    /// `@skip`, `@include` and whatever else is written with an `@`.
    pub max_directives: usize,
    /// Operations; a request runs one of them.
    pub max_operations: usize,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a set of selections comes to.
#[derive(Clone, Copy, Debug, Default)]
struct DocumentSize {
    depth: usize,
    nesting: usize,
    /// Those in `__schema` and `__type`.
    introspection_depth: usize,
    /// Those in what may be such a field.
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
    /// Fit for what people and tools ask.
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

    /// Says everything that is too big.
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
    /// `None` while it is being counted: a fragment that spreads itself is found by the validation.
    counted: HashMap<&'a str, Option<DocumentSize>>,
}

impl<'a> Fragments<'a> {
    /// The size of what is selected `within` so many other selections.
    fn size(&mut self, selections: &'a [Selection], nesting: usize) -> DocumentSize {
        if selections.is_empty() {
            return DocumentSize::default();
        }
        if nesting > self.max_nesting {
            // It is too much already, and counting on would take the very stack that is being saved.
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
