//! The values of variables: checked against their types, with their defaults, before anything runs.

use apollo_compiler::{
    Schema, executable,
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

use super::{diagnostics::truncated, source_map::SourceMap};
use crate::error::ErrorCode;

/// The values with their defaults, if all of them fit.
pub(super) fn coerce(
    schema: &Valid<Schema>,
    operation: &executable::Operation,
    given: &JsonMap,
    lines: &SourceMap,
) -> Result<Variables, ServerError> {
    if operation.variables.is_empty() {
        return Ok(Variables::default());
    }
    let coerced = coerce_variable_values(schema, operation, given).map_err(|mistake| {
        let at = mistake.location().map(|at| lines.position(Some(at)));
        let message = truncated(format!("The variables do not fit: {}.", mistake.message()));
        ErrorCode::BadUserInput.error_at(message, at.into_iter().collect())
    })?;
    let members = coerced.iter().map(|(name, given)| (Name::new(name.as_str()), value(given))).collect();
    Ok(Variables::from_value(ConstValue::Object(members)))
}

/// A JSON value in the engine's form.
pub(super) fn value(json: &JsonValue) -> ConstValue {
    match json {
        JsonValue::Null => ConstValue::Null,
        JsonValue::Bool(truth) => ConstValue::Boolean(*truth),
        JsonValue::Number(number) => ConstValue::Number(number.clone()),
        JsonValue::String(text) => ConstValue::String(text.as_str().to_owned()),
        JsonValue::Array(items) => ConstValue::List(items.iter().map(value).collect()),
        JsonValue::Object(members) => ConstValue::Object(
            members.iter().map(|(name, member)| (Name::new(name.as_str()), value(member))).collect(),
        ),
    }
}

/// Takes out the arguments and input fields whose variable has no value, so that their own defaults
/// apply (*CoerceArgumentValues*). The engine would read `null` there.
pub(super) fn remove_absent_variables(
    document: &mut ExecutableDocument,
    operation: &executable::Operation,
    given: &Variables,
) {
    let absent = |name: &Name| !given.contains_key(name);
    if operation.variables.iter().all(|variable| given.contains_key(variable.name.as_str())) {
        return;
    }
    let in_operation = |operation: &mut Positioned<OperationDefinition>| {
        // The engine refuses a variable that is defined and not used.
        operation.node.variable_definitions.retain(|variable| !absent(&variable.node.name.node));
        remove_in_directives(&mut operation.node.directives, &absent);
        remove_in_selections(&mut operation.node.selection_set.node, &absent);
    };
    match &mut document.operations {
        DocumentOperations::Single(operation) => in_operation(operation),
        DocumentOperations::Multiple(operations) => operations.values_mut().for_each(in_operation),
    }
    for fragment in document.fragments.values_mut() {
        remove_in_selections(&mut fragment.node.selection_set.node, &absent);
    }
}

fn remove_in_selections(set: &mut SelectionSet, absent: &impl Fn(&Name) -> bool) {
    for selection in &mut set.items {
        remove_in_directives(selection.node.directives_mut(), absent);
        match &mut selection.node {
            Selection::Field(field) => {
                remove_in_arguments(&mut field.node.arguments, absent);
                remove_in_selections(&mut field.node.selection_set.node, absent);
            }
            Selection::InlineFragment(inline) => remove_in_selections(&mut inline.node.selection_set.node, absent),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn remove_in_directives(directives: &mut [Positioned<Directive>], absent: &impl Fn(&Name) -> bool) {
    for directive in directives {
        remove_in_arguments(&mut directive.node.arguments, absent);
    }
}

fn remove_in_arguments(arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>, absent: &impl Fn(&Name) -> bool) {
    arguments.retain_mut(|(_, value)| retain_value(&mut value.node, absent));
}

fn retain_value(value: &mut Value, absent: &impl Fn(&Name) -> bool) -> bool {
    match value {
        Value::Variable(name) => return !absent(name),
        Value::Object(members) => members.retain(|_, member| retain_value(member, absent)),
        Value::List(items) => {
            for item in items {
                // The length of a list is what was written; an item without a value is null.
                if !retain_value(item, absent) {
                    *item = Value::Null;
                }
            }
        }
        _ => {}
    }
    true
}
