//! Coercion of variables: type checks and defaults, before execution.

use apollo_compiler::{
    Schema, ast, executable,
    request::coerce_variable_values,
    response::{JsonMap, JsonValue},
    validation::Valid,
};
use async_graphql::{
    Name, Positioned, ServerError, Variables,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::{ConstValue, Value};

use super::{
    diagnostics::truncated, source_map::SourceMap, suggestions::Suggestions, variable_values::ValueCheck,
};
use crate::error::ErrorCode;

/// The coerced values, with defaults.
pub(super) fn coerce(
    schema: &Valid<Schema>,
    operation: &executable::Operation,
    values: &JsonMap,
    source_map: &SourceMap,
) -> Result<Variables, ServerError> {
    if operation.variables.is_empty() {
        return Ok(Variables::default());
    }
    let without_negative_zero = values.values().any(has_negative_zero).then(|| {
        let values = values.iter().map(|(name, value)| (name.clone(), with_positive_zero(value)));
        values.collect::<JsonMap>()
    });
    let values = without_negative_zero.as_ref().unwrap_or(values);
    let check = ValueCheck { suggestions: Suggestions { schema, document: &ast::Document::new() } };
    for variable in &operation.variables {
        check.check(variable, values).map_err(|wrong| {
            let span = variable.location().map(|span| source_map.position(Some(span)));
            ErrorCode::BadUserInput.error_at(truncated(wrong.message()), span.into_iter().collect())
        })?;
    }
    let coerced = coerce_variable_values(schema, operation, values).map_err(|error| {
        let span = error.location().map(|span| source_map.position(Some(span)));
        let message = truncated(format!("The variables do not fit: {}.", error.message()));
        ErrorCode::BadUserInput.error_at(message, span.into_iter().collect())
    })?;
    let members = coerced.iter().map(|(name, json)| (Name::new(name.as_str()), value(json))).collect();
    Ok(Variables::from_value(ConstValue::Object(members)))
}

/// Whether a number is `-0`, which serde_json reads as a number with a fraction.
fn is_negative_zero(number: &serde_json::Number) -> bool {
    number.is_f64() && number.as_f64() == Some(0.0)
}

fn has_negative_zero(value: &JsonValue) -> bool {
    match value {
        JsonValue::Number(number) => is_negative_zero(number),
        JsonValue::Array(items) => items.iter().any(has_negative_zero),
        JsonValue::Object(members) => members.values().any(has_negative_zero),
        _ => false,
    }
}

/// A value with `0` in place of `-0`, so that it is an Int.
fn with_positive_zero(value: &JsonValue) -> JsonValue {
    match value {
        JsonValue::Number(number) if is_negative_zero(number) => 0.into(),
        JsonValue::Array(items) => items.iter().map(with_positive_zero).collect(),
        JsonValue::Object(members) => {
            let members = members.iter().map(|(name, member)| (name.clone(), with_positive_zero(member)));
            JsonValue::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// A JSON value as a value of async-graphql.
pub(super) fn value(json: &JsonValue) -> ConstValue {
    match json {
        JsonValue::Null => ConstValue::Null,
        JsonValue::Bool(boolean) => ConstValue::Boolean(*boolean),
        JsonValue::Number(number) => ConstValue::Number(number.clone()),
        JsonValue::String(text) => ConstValue::String(text.as_str().to_owned()),
        JsonValue::Array(items) => ConstValue::List(items.iter().map(value).collect()),
        JsonValue::Object(members) => ConstValue::Object(
            members.iter().map(|(name, member)| (Name::new(name.as_str()), value(member))).collect(),
        ),
    }
}

/// Removes the arguments and input fields whose variable has no value, so that their own defaults apply
/// (*CoerceArgumentValues*). async-graphql would take them for null.
pub(super) fn remove_absent_variables(
    document: &mut ExecutableDocument,
    operation: &executable::Operation,
    values: &Variables,
) {
    let is_absent = |name: &Name| !values.contains_key(name);
    if operation.variables.iter().all(|variable| values.contains_key(variable.name.as_str())) {
        return;
    }
    let in_operation = |operation: &mut Positioned<OperationDefinition>| {
        // async-graphql rejects a variable that is defined and not used.
        operation.node.variable_definitions.retain(|variable| !is_absent(&variable.node.name.node));
        remove_in_directives(&mut operation.node.directives, &is_absent);
        remove_in_selections(&mut operation.node.selection_set.node, &is_absent);
    };
    match &mut document.operations {
        DocumentOperations::Single(operation) => in_operation(operation),
        DocumentOperations::Multiple(operations) => operations.values_mut().for_each(in_operation),
    }
    for fragment in document.fragments.values_mut() {
        remove_in_selections(&mut fragment.node.selection_set.node, &is_absent);
    }
}

fn remove_in_selections(set: &mut SelectionSet, is_absent: &impl Fn(&Name) -> bool) {
    for selection in &mut set.items {
        remove_in_directives(selection.node.directives_mut(), is_absent);
        match &mut selection.node {
            Selection::Field(field) => {
                remove_in_arguments(&mut field.node.arguments, is_absent);
                remove_in_selections(&mut field.node.selection_set.node, is_absent);
            }
            Selection::InlineFragment(inline) => {
                remove_in_selections(&mut inline.node.selection_set.node, is_absent)
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn remove_in_directives(directives: &mut [Positioned<Directive>], is_absent: &impl Fn(&Name) -> bool) {
    for directive in directives {
        remove_in_arguments(&mut directive.node.arguments, is_absent);
    }
}

fn remove_in_arguments(
    arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>,
    is_absent: &impl Fn(&Name) -> bool,
) {
    arguments.retain_mut(|(_, value)| retain_value(&mut value.node, is_absent));
}

fn retain_value(value: &mut Value, is_absent: &impl Fn(&Name) -> bool) -> bool {
    match value {
        Value::Variable(name) => return !is_absent(name),
        Value::Object(members) => members.retain(|_, member| retain_value(member, is_absent)),
        Value::List(items) => {
            for item in items {
                // A list keeps its length; an item without a value is null.
                if !retain_value(item, is_absent) {
                    *item = Value::Null;
                }
            }
        }
        _ => {}
    }
    true
}
