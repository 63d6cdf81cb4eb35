//! Validation of custom scalars. The schema does not define their values, so a function of the configuration
//! checks them before execution.

use apollo_compiler::{
    Node, Schema,
    ast::{self, Type},
    executable::{self, ExecutableDocument},
    schema::ExtendedType,
};
use async_graphql::{ServerError, Variables};
use async_graphql_value::ConstValue;

use super::{conversion, diagnostics::truncated, source_map::SourceMap};
use crate::error::ErrorCode;

/// Whether a value other than null is valid for the scalar of this name.
pub type ScalarCheck = fn(&str, &ConstValue) -> bool;

/// The custom scalars of a schema.
pub(super) struct Scalars<'a> {
    pub schema: &'a Schema,
    pub is_valid: ScalarCheck,
}

/// A value that is invalid for its scalar.
struct ScalarMismatch<'a> {
    /// The path inside of the enclosing value: `.lines[0].quantity`.
    path: String,
    scalar: &'a str,
}

impl ScalarMismatch<'_> {
    fn prefixed(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }

    fn error(
        self,
        name: &str,
        source_map: &SourceMap,
        span: Option<apollo_compiler::parser::SourceSpan>,
    ) -> ServerError {
        let message = format!("Invalid value: `{name}{}` is not of the type `{}`.", self.path, self.scalar);
        let span = span.map(|span| source_map.position(Some(span)));
        ErrorCode::BadUserInput.error_at(truncated(message), span.into_iter().collect())
    }
}

impl Scalars<'_> {
    /// The errors of all literal arguments of an operation.
    pub(super) fn check_arguments(
        &self,
        operation: &executable::Operation,
        document: &ExecutableDocument,
        source_map: &SourceMap,
    ) -> Vec<ServerError> {
        let arguments = operation.all_fields(document).flat_map(|field| {
            let definition = |argument: &ast::Argument| field.definition.argument_by_name(&argument.name);
            field.arguments.iter().filter_map(move |argument| Some((argument, definition(argument)?)))
        });
        let mismatches = arguments.filter_map(|(argument, definition)| {
            let mismatch = self.mismatch(&definition.ty, &conversion::literal_value(&argument.value))?;
            Some(mismatch.error(&argument.name, source_map, argument.value.location()))
        });
        mismatches.collect()
    }

    /// Checks the values of the variables.
    pub(super) fn check_variables(
        &self,
        definitions: &[Node<executable::VariableDefinition>],
        variables: &Variables,
        source_map: &SourceMap,
    ) -> Result<(), ServerError> {
        for definition in definitions {
            let value = variables.get(definition.name.as_str());
            if let Some(mismatch) = value.and_then(|value| self.mismatch(&definition.ty, value)) {
                return Err(mismatch.error(
                    &format!("${}", definition.name),
                    source_map,
                    definition.location(),
                ));
            }
        }
        Ok(())
    }

    /// The first invalid scalar in a value. Everything else is already validated.
    fn mismatch<'t>(&'t self, declared_type: &'t Type, value: &ConstValue) -> Option<ScalarMismatch<'t>> {
        match (declared_type, value) {
            (_, ConstValue::Null) => None,
            (Type::List(item_type) | Type::NonNullList(item_type), ConstValue::List(items)) => {
                items.iter().enumerate().find_map(|(index, item)| {
                    self.mismatch(item_type, item).map(|mismatch| mismatch.prefixed(&format!("[{index}]")))
                })
            }
            // A single item is coerced to a list.
            (Type::List(item_type) | Type::NonNullList(item_type), item) => self.mismatch(item_type, item),
            (Type::Named(name) | Type::NonNullNamed(name), value) => {
                match (self.schema.types.get(name)?, value) {
                    (ExtendedType::InputObject(object), ConstValue::Object(members)) => {
                        members.iter().find_map(|(name, member)| {
                            let field = object.fields.get(name.as_str())?;
                            self.mismatch(&field.ty, member)
                                .map(|mismatch| mismatch.prefixed(&format!(".{name}")))
                        })
                    }
                    (ExtendedType::Scalar(scalar), value) if !scalar.is_built_in() => {
                        let is_valid = (self.is_valid)(name, value);
                        (!is_valid).then(|| ScalarMismatch { path: String::new(), scalar: name })
                    }
                    _ => None,
                }
            }
        }
    }
}
