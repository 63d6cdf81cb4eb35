//! What introspection answers beside the libraries: `isOneOf`, which apollo-compiler does not know, and the
//! description of the schema, which async-graphql does not have.

use std::sync::Arc;

use apollo_compiler::{
    Name, Node, Schema,
    ast::{FieldDefinition, Type},
    schema::{Component, ExtendedType},
    validation::Valid,
};

/// The schema that documents are validated by: with `__Type.isOneOf` of the specification of September 2025.
///
/// # Errors
/// The errors of the schema, if it is not valid.
pub(super) fn schema(sdl: &str) -> Result<Valid<Schema>, String> {
    let mut schema = Schema::parse(sdl, "schema.graphql").map_err(|invalid| invalid.errors.to_string())?;
    if let Some(ExtendedType::Object(object)) = schema.types.get_mut("__Type") {
        let name = Name::new_static_unchecked("isOneOf");
        let field = FieldDefinition {
            description: None,
            name: name.clone(),
            arguments: vec![],
            ty: Type::Named(Name::new_static_unchecked("Boolean")),
            directives: apollo_compiler::ast::DirectiveList::new(),
        };
        object.make_mut().fields.entry(name).or_insert_with(|| Component::new(field));
    }
    schema.validate().map_err(|invalid| invalid.errors.to_string())
}

/// The description of the schema, as the data of a request that asks for the schema.
#[derive(Clone, Debug)]
pub(crate) struct SchemaDescription(pub(crate) Option<Arc<str>>);

impl SchemaDescription {
    pub(super) fn of(schema: &Schema) -> Self {
        let description: Option<&Node<str>> = schema.schema_definition.description.as_ref();
        Self(description.map(|description| Arc::from(&**description)))
    }
}
