//! How big a document may be, counted before it is validated, with its fragments spread out.
//!
//! Each number bounds what the engine does with the document: it walks the selections of a fragment
//! again wherever the fragment is spread, and twenty fragments that spread each other twice would make
//! a million fields of one.

use std::collections::HashMap;

use apollo_compiler::ast::{Definition, DirectiveList, Document, FragmentDefinition, Selection};
use async_graphql::ServerError;

use crate::server::fault::Code;

/// The most that one document may have.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Words and signs: enough for the introspection query four times over, and for every field of the
    /// schema once.
    pub tokens: usize,
    /// Fields within fields: the introspection query of common tools has 15.
    pub depth: usize,
    /// Fields, where each fragment counts wherever it is spread.
    pub fields: usize,
    /// Fields with a name of their own choosing, which let one document ask the same a thousand times.
    pub aliases: usize,
    /// `@skip`, `@include` and whatever else is written with an `@`.
    pub directives: usize,
    /// Operations; a request runs one of them.
    pub operations: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { tokens: 5_000, depth: 20, fields: 2_500, aliases: 200, directives: 100, operations: 20 }
    }
}

/// What a set of selections comes to.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    depth: usize,
    fields: usize,
    aliases: usize,
    directives: usize,
}

impl Size {
    fn beside(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
        }
    }

    fn of_directives(directives: &DirectiveList) -> Self {
        Self { directives: directives.len(), ..Self::default() }
    }
}

impl Bounds {
    /// Says everything that is too big.
    pub(super) fn check(&self, document: &Document) -> Result<(), Vec<ServerError>> {
        let mut fragments = Fragments::default();
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
                let variables =
                    operation.variables.iter().map(|variable| Size::of_directives(&variable.directives));
                variables
                    .fold(Size::of_directives(&operation.directives), Size::beside)
                    .beside(fragments.size(&operation.selection_set))
            })
            .fold(Size::default(), |largest, size| Size {
                depth: largest.depth.max(size.depth),
                fields: largest.fields.max(size.fields),
                aliases: largest.aliases.max(size.aliases),
                directives: largest.directives.max(size.directives),
            });
        let too_costly: Vec<_> = [
            ("is", "levels deep", largest.depth, self.depth),
            ("has", "fields, with its fragments spread out", largest.fields, self.fields),
            ("has", "aliases", largest.aliases, self.aliases),
            ("has", "directives", largest.directives, self.directives),
            ("has", "operations", operations.len(), self.operations),
        ]
        .into_iter()
        .filter(|(.., found, most)| found > most)
        .map(|(verb, of, found, most)| {
            Code::TooCostly.error(format!("The document {verb} {found} {of}; at most {most} are answered."))
        })
        .collect();
        if too_costly.is_empty() { Ok(()) } else { Err(too_costly) }
    }
}

#[derive(Default)]
struct Fragments<'a> {
    defined: HashMap<&'a str, &'a FragmentDefinition>,
    /// `None` while it is being counted: a fragment that spreads itself is found by the validation.
    counted: HashMap<&'a str, Option<Size>>,
}

impl<'a> Fragments<'a> {
    fn size(&mut self, selections: &'a [Selection]) -> Size {
        selections.iter().fold(Size::default(), |size, selection| size.beside(self.size_of(selection)))
    }

    fn size_of(&mut self, selection: &'a Selection) -> Size {
        match selection {
            Selection::Field(field) => {
                let inside = self.size(&field.selection_set);
                let itself =
                    Size { fields: 1, aliases: usize::from(field.alias.is_some()), ..Size::default() };
                let size = itself.beside(inside).beside(Size::of_directives(&field.directives));
                Size { depth: inside.depth + 1, ..size }
            }
            Selection::InlineFragment(inline) => {
                Size::of_directives(&inline.directives).beside(self.size(&inline.selection_set))
            }
            Selection::FragmentSpread(spread) => {
                Size::of_directives(&spread.directives).beside(self.size_of_fragment(&spread.fragment_name))
            }
        }
    }

    fn size_of_fragment(&mut self, name: &'a str) -> Size {
        if let Some(counted) = self.counted.get(name) {
            return counted.unwrap_or_default();
        }
        let Some(fragment) = self.defined.get(name).copied() else {
            return Size::default();
        };
        self.counted.insert(name, None);
        let size = Size::of_directives(&fragment.directives).beside(self.size(&fragment.selection_set));
        self.counted.insert(name, Some(size));
        size
    }
}
