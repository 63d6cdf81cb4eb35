//! Names that were probably meant, for the messages of errors.

use apollo_compiler::{
    Schema,
    ast::{self, Definition},
    schema::ExtendedType,
};

/// The number of names that a message suggests; graphql-js has the same.
const MAX_SUGGESTIONS: usize = 5;
/// The number of values of an enum that a message lists. A message has at most some 300 characters.
const MAX_LISTED_VALUES: usize = 16;

/// The candidates that are close to a name, closest first. The distance is the number of characters that are
/// inserted, deleted, replaced or swapped; up to two fifths of the name, and one more, may be.
pub(super) fn similar<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let most = name.chars().count() * 2 / 5 + 1;
    let lowercase = name.to_lowercase();
    let distance = |candidate: &str| match candidate.to_lowercase() {
        other if other == lowercase => usize::from(candidate != name),
        other => strsim::osa_distance(&lowercase, &other),
    };
    let mut found: Vec<_> = candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(MAX_SUGGESTIONS).map(|(_, candidate)| candidate).collect()
}

/// `Did you mean "a", "b" or "c"?`, with a space before it; nothing without names.
pub(super) fn did_you_mean(what: &str, names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => format!(" Did you mean {what}{last}?"),
        Some((last, others)) => format!(" Did you mean {what}{} or {last}?", others.join(", ")),
    }
}

/// The schema and the document that an error is about.
pub(super) struct Suggestions<'a> {
    pub(super) schema: &'a Schema,
    pub(super) document: &'a ast::Document,
}

impl<'a> Suggestions<'a> {
    fn fields_of(&self, type_name: &str) -> Vec<&'a str> {
        match self.schema.types.get(type_name) {
            Some(ExtendedType::Object(object)) => object.fields.keys().map(|name| name.as_str()).collect(),
            Some(ExtendedType::Interface(interface)) => {
                interface.fields.keys().map(|name| name.as_str()).collect()
            }
            Some(ExtendedType::InputObject(input)) => input.fields.keys().map(|name| name.as_str()).collect(),
            _ => vec![],
        }
    }

    /// For a field that a type does not have: the types that have it, or similar fields.
    pub(super) fn field(&self, type_name: &str, field: &str) -> String {
        let mut types: Vec<_> = self
            .schema
            .types
            .iter()
            .filter(|(name, _)| self.schema.is_subtype(type_name, name))
            .filter(|(name, _)| self.fields_of(name).contains(&field))
            .map(|(name, _)| name.as_str())
            .collect();
        types.sort_unstable();
        types.truncate(MAX_SUGGESTIONS);
        if !types.is_empty() {
            return did_you_mean("to use an inline fragment on ", &types);
        }
        did_you_mean("", &similar(field, self.fields_of(type_name)))
    }

    /// For a field that an input object does not have.
    pub(super) fn input_field(&self, type_name: &str, field: &str) -> String {
        did_you_mean("", &similar(field, self.fields_of(type_name)))
    }

    /// For an argument that a field does not have.
    pub(super) fn field_argument(&self, type_name: &str, field: &str, argument: &str) -> String {
        let definition = self.schema.type_field(type_name, field).ok();
        let arguments = definition.into_iter().flat_map(|field| &field.arguments);
        did_you_mean("", &similar(argument, arguments.map(|argument| argument.name.as_str())))
    }

    /// For an argument that a directive does not have.
    pub(super) fn directive_argument(&self, directive: &str, argument: &str) -> String {
        let definition = self.schema.directive_definitions.get(directive);
        let arguments = definition.into_iter().flat_map(|directive| &directive.arguments);
        did_you_mean("", &similar(argument, arguments.map(|argument| argument.name.as_str())))
    }

    /// For a type that the schema does not have.
    pub(super) fn type_name(&self, name: &str) -> String {
        did_you_mean("", &similar(name, self.schema.types.keys().map(|name| name.as_str())))
    }

    /// For a directive that the schema does not have.
    pub(super) fn directive(&self, name: &str) -> String {
        let names = self.schema.directive_definitions.keys().map(|name| name.as_str());
        let names = similar(name, names);
        let names: Vec<_> = names.iter().map(|name| format!("@{name}")).collect();
        did_you_mean("", &names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// For a value that an enum does not have: similar values, and all of them if they are few.
    pub(super) fn enum_value(&self, enum_name: &str, value: &str) -> String {
        let Some(ExtendedType::Enum(definition)) = self.schema.types.get(enum_name) else {
            return String::new();
        };
        let values: Vec<_> = definition.values.keys().map(|name| name.as_str()).collect();
        let mut advice = did_you_mean("the enum value ", &similar(value, values.iter().copied()));
        if values.len() <= MAX_LISTED_VALUES {
            advice += &format!(" The values of \"{enum_name}\" are {}.", values.join(", "));
        }
        advice
    }

    /// Whether a type is an enum.
    pub(super) fn is_enum(&self, name: &str) -> bool {
        matches!(self.schema.types.get(name), Some(ExtendedType::Enum(_)))
    }

    /// For a variable that no operation defines.
    pub(super) fn variable(&self, name: &str) -> String {
        let variables = self.document.definitions.iter().filter_map(|definition| match definition {
            Definition::OperationDefinition(operation) => Some(&operation.variables),
            _ => None,
        });
        let names: Vec<_> = variables.flatten().map(|variable| variable.name.as_str()).collect();
        let names = similar(name, names);
        let names: Vec<_> = names.iter().map(|name| format!("${name}")).collect();
        did_you_mean("", &names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// For a fragment that the document does not define.
    pub(super) fn fragment(&self, name: &str) -> String {
        let names = self.document.definitions.iter().filter_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) => Some(fragment.name.as_str()),
            _ => None,
        });
        did_you_mean("", &similar(name, names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_suggested_closest_first() {
        let names = ["year", "years", "name", "yearOfBirth", "YEAR"];
        assert_eq!(similar("yeer", names), ["YEAR", "year", "years"]);
        assert_eq!(similar("year", names), ["year", "YEAR", "years"]);
        assert!(similar("letters", names).is_empty());
        assert_eq!(similar("nmae", names), ["name"], "two characters that are swapped are one step");
    }

    #[test]
    fn the_distance_that_is_permitted_grows_with_the_name() {
        assert_eq!(similar("abcde", ["abxyz", "axyzw"]), ["abxyz"], "three steps of five characters");
        assert!(similar("abcd", ["axyz"]).is_empty(), "three steps of four characters");
        assert_eq!(similar("a", ["b", "bc"]), ["b"]);
    }

    #[test]
    fn a_question_lists_its_names_as_a_sentence_does() {
        assert_eq!(did_you_mean("", &[]), "");
        assert_eq!(did_you_mean("", &["a"]), " Did you mean \"a\"?");
        assert_eq!(did_you_mean("the value ", &["a", "b"]), " Did you mean the value \"a\" or \"b\"?");
        assert_eq!(did_you_mean("", &["a", "b", "c"]), " Did you mean \"a\", \"b\" or \"c\"?");
    }
}
