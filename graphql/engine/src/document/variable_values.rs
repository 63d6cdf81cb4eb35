//! Checks the values of variables before they are coerced. apollo-compiler's own messages do not say where in a
//! variable a wrong value is, and it takes several fields of a OneOf input object.

use apollo_compiler::{
    Schema,
    ast::{InputValueDefinition, Type},
    executable,
    response::{JsonMap, JsonValue},
    schema::{EnumType, ExtendedType, InputObjectType},
};

use super::suggestions::Suggestions;

/// A wrong value of a variable.
pub(super) struct WrongValue {
    /// Where it is: `$input.lines[0].kind`.
    path: String,
    reason: String,
}

impl WrongValue {
    /// The error for a client.
    pub(super) fn message(&self) -> String {
        format!("Invalid value: `{}`: {}", self.path, self.reason)
    }
}

/// A place in a variable. The path is written only if there is an error.
#[derive(Clone, Copy)]
enum Place<'a> {
    Variable(&'a str),
    Field(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn path(&self) -> String {
        match self {
            Self::Variable(name) => format!("${name}"),
            Self::Field(parent, name) => format!("{}.{name}", parent.path()),
            Self::Item(parent, index) => format!("{}[{index}]", parent.path()),
        }
    }

    fn wrong(&self, reason: impl Into<String>) -> WrongValue {
        WrongValue { path: self.path(), reason: reason.into() }
    }
}

/// Checks values by the rules of *CoerceVariableValues*, except for those of custom scalars.
pub(super) struct ValueCheck<'a> {
    pub(super) suggestions: Suggestions<'a>,
}

impl ValueCheck<'_> {
    fn schema(&self) -> &Schema {
        self.suggestions.schema
    }

    /// The first wrong value.
    pub(super) fn check(
        &self,
        variable: &executable::VariableDefinition,
        values: &JsonMap,
    ) -> Result<(), WrongValue> {
        let place = Place::Variable(&variable.name);
        match values.get(variable.name.as_str()) {
            Some(value) => self.value(&place, &variable.ty, value),
            None if variable.ty.is_non_null() && variable.default_value.is_none() => {
                Err(place
                    .wrong(format!("a variable of the required type `{}` was not provided.", variable.ty)))
            }
            None => Ok(()),
        }
    }

    fn value(&self, place: &Place<'_>, ty: &Type, value: &JsonValue) -> Result<(), WrongValue> {
        match (ty, value) {
            (Type::NonNullNamed(_) | Type::NonNullList(_), JsonValue::Null) => {
                Err(place.wrong(format!("expected a value of the type `{ty}` and not null.")))
            }
            (_, JsonValue::Null) => Ok(()),
            (Type::List(item_type) | Type::NonNullList(item_type), JsonValue::Array(items)) => items
                .iter()
                .enumerate()
                .try_for_each(|(index, item)| self.value(&Place::Item(place, index), item_type, item)),
            // A single item is coerced to a list.
            (Type::List(item_type) | Type::NonNullList(item_type), item) => {
                self.value(place, item_type, item)
            }
            (Type::Named(name) | Type::NonNullNamed(name), value) => self.named(place, name, value),
        }
    }

    fn named(&self, place: &Place<'_>, type_name: &str, value: &JsonValue) -> Result<(), WrongValue> {
        match (self.schema().types.get(type_name), value) {
            (Some(ExtendedType::InputObject(object)), JsonValue::Object(members)) => {
                self.object(place, object, members)
            }
            (Some(ExtendedType::InputObject(_)), _) => {
                Err(place.wrong(format!("expected an object of the type `{type_name}`.")))
            }
            (Some(ExtendedType::Enum(definition)), value) => self.enum_value(place, definition, value),
            (Some(ExtendedType::Scalar(scalar)), value) if scalar.is_built_in() => {
                match is_of_built_in_scalar(type_name, value) {
                    true => Ok(()),
                    false => Err(place.wrong(format!("{value} is not of the type `{type_name}`."))),
                }
            }
            _ => Ok(()),
        }
    }

    fn enum_value(
        &self,
        place: &Place<'_>,
        definition: &EnumType,
        value: &JsonValue,
    ) -> Result<(), WrongValue> {
        let text = value.as_str();
        if text.is_some_and(|text| definition.values.contains_key(text)) {
            return Ok(());
        }
        let advice = self.suggestions.enum_value(&definition.name, text.unwrap_or_default());
        Err(place.wrong(format!("{value} is no value of the enum `{}`.{advice}", definition.name)))
    }

    fn object(
        &self,
        place: &Place<'_>,
        object: &InputObjectType,
        members: &JsonMap,
    ) -> Result<(), WrongValue> {
        for (name, member) in members {
            let Some(field) = object.fields.get(name.as_str()) else {
                let advice = self.suggestions.input_field(&object.name, name.as_str());
                let reason = format!("the type `{}` has no such field.{advice}", object.name);
                return Err(Place::Field(place, name.as_str()).wrong(reason));
            };
            self.value(&Place::Field(place, name.as_str()), &field.ty, member)?;
        }
        let is_missing = |field: &InputValueDefinition| {
            field.ty.is_non_null()
                && field.default_value.is_none()
                && !members.contains_key(field.name.as_str())
        };
        if let Some(field) = object.fields.values().find(|field| is_missing(field)) {
            let reason = format!("a field of the required type `{}` was not provided.", field.ty);
            return Err(Place::Field(place, &field.name).wrong(reason));
        }
        let is_one_of = object.directives.iter().any(|directive| directive.name == "oneOf");
        if is_one_of && (members.len() != 1 || members.values().any(JsonValue::is_null)) {
            return Err(place.wrong(format!("exactly one field of the type `{}` has a value.", object.name)));
        }
        Ok(())
    }
}

fn is_of_built_in_scalar(name: &str, value: &JsonValue) -> bool {
    match name {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "ID" => value.is_string() || value.is_i64() || value.is_u64(),
        _ => value.is_string(),
    }
}
