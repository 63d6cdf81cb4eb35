//! Detection of duplicate response keys, whose values have to be merged.

use std::collections::HashSet;

use apollo_compiler::executable::{ExecutableDocument, Selection, SelectionSet};

/// Whether a selection set, or one inside it, has duplicate response keys. Fragments count wherever they are
/// spread, whatever their type condition. Cyclic fragments do not occur: the document is valid.
pub(super) fn has_duplicate_keys(selection_set: &SelectionSet, document: &ExecutableDocument) -> bool {
    any_duplicate(selection_set, document, &mut HashSet::new())
}

/// `names` are the response keys that were found in the same selection set.
fn any_duplicate<'a>(
    selection_set: &'a SelectionSet,
    document: &'a ExecutableDocument,
    names: &mut HashSet<&'a str>,
) -> bool {
    selection_set.selections.iter().any(|selection| match selection {
        Selection::Field(field) => {
            !names.insert(field.response_key().as_str()) || has_duplicate_keys(&field.selection_set, document)
        }
        Selection::InlineFragment(inline) => any_duplicate(&inline.selection_set, document, names),
        Selection::FragmentSpread(spread) => spread
            .fragment_def(document)
            .is_some_and(|fragment| any_duplicate(&fragment.selection_set, document, names)),
    })
}

#[cfg(test)]
mod tests {
    use apollo_compiler::Schema;

    use super::*;

    fn document_has_duplicate_keys(text: &str) -> bool {
        let schema = "interface Named { name: String } type Query implements Named { name: String inner(of: Int): Query }";
        let schema = Schema::parse_and_validate(schema, "schema").expect("a schema");
        let document = ExecutableDocument::parse_and_validate(&schema, text, "document").expect("a document");
        let operation = document.operations.iter().next().expect("an operation");
        has_duplicate_keys(&operation.selection_set, &document)
    }

    #[test]
    fn duplicate_keys_are_found_at_every_level() {
        for query in [
            "{ name name }",
            "{ __typename __typename }",
            "{ inner { name } inner { __typename } }",
            "{ a: name a: name }",
            "{ inner { inner { name name } } }",
            "{ name ... { name } }",
            "{ name ... on Named { name } }",
            "{ ...F ...F } fragment F on Query { name }",
            "{ name ...F } fragment F on Query { inner { name } ...G } fragment G on Named { name }",
            "{ inner { ...F } } fragment F on Query { name ... on Query { name } }",
        ] {
            assert!(document_has_duplicate_keys(query), "{query}");
        }
    }

    #[test]
    fn distinct_keys_or_separate_selection_sets_are_not_duplicates() {
        for query in [
            "{ name }",
            "{ name a: name b: name }",
            "{ name inner { name inner { name } } }",
            "{ a: inner { ...F } b: inner { ...F } } fragment F on Query { name }",
            "{ ...F ... on Named { name } } fragment F on Query { inner { name } }",
        ] {
            assert!(!document_has_duplicate_keys(query), "{query}");
        }
    }
}
