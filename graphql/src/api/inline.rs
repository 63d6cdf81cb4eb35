//! Objects and lists whose fields are resolved inline, one after the other.
//!
//! The engine boxes a future per field, looks up its type and passes it through the chain of extensions; for
//! a page of cases that doubles the work of the response. Selections inside a [`Direct`] or a [`List`] go
//! through [`Settling`] as everywhere else, with the same null propagation, the same limits and the same
//! isolation of panics, and give the same response.
//!
//! Where no response name is selected twice, an object is serialized to JSON as soon as it is resolved: most
//! of the cost of a value tree is allocating and freeing it.

use std::{
    borrow::Cow,
    pin::{Pin, pin},
};

use async_graphql::{
    ContainerType, Context, ContextBase, ContextSelectionSet, Name, OutputType, Positioned, ServerResult,
    Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
};
use futures_util::FutureExt;

use super::error::FieldGuard;
use crate::prerendered_json;

/// Request data that enables eager serialization: no response name is selected twice, and the consumer of the
/// response treats [`Value::Binary`] as JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EagerJson;

/// Fields that every object has.
const TYPENAME: &str = "__typename";

/// An object of the schema that is resolved inline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inline<T>(pub(crate) T);

impl<T: ContainerType> OutputType for Inline<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        // Boxed: objects contain objects of their own type.
        object(ctx, &self.0).boxed().await
    }
}

/// A list that is resolved inline, one entry after the other.
#[derive(Clone, Debug)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<T: OutputType> OutputType for List<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let settling = FieldGuard::of(ctx);
        let mut values = Vec::with_capacity(self.0.len());
        for (index, entry) in self.0.iter().enumerate() {
            let ctx = ctx.with_index(index);
            let resolving = pin!(async {
                entry.resolve(&ctx, field).await.map(Some).map_err(|error| ctx.set_error_path(error))
            });
            values.push(settled(settling, &ctx, || "", resolving).await);
        }
        Ok(if settling.writes() { prerendered_json::list(&values) } else { Value::List(values) })
    }
}

async fn object<T: ContainerType>(ctx: &ContextSelectionSet<'_>, root: &T) -> ServerResult<Value> {
    let settling = FieldGuard::of(ctx);
    let mut asked = Vec::with_capacity(ctx.item.node.items.len());
    gather::<T>(ctx, ctx.item, &mut asked);
    let mut fields = Vec::with_capacity(asked.len());
    for field in asked {
        let value = if field.node.name.node == TYPENAME {
            Value::from(root.introspection_type_name())
        } else {
            let ctx = ctx.with_field(field);
            let resolving = pin!(root.resolve_field(&ctx));
            settled(settling, &ctx, || declared::<T>(&ctx), resolving).await
        };
        fields.push((&field.node.response_key().node, value));
    }
    if settling.writes() {
        return Ok(prerendered_json::object(&fields));
    }
    let mut object = IndexMap::with_capacity(fields.len());
    fields.into_iter().for_each(|(name, value)| put(&mut object, name.clone(), value));
    Ok(Value::Object(object))
}

/// The value of a place. Its resolver is large and stays where it is.
async fn settled<'a, T>(
    settling: &FieldGuard,
    ctx: &ContextBase<'_, T>,
    declared: impl FnOnce() -> &'a str,
    resolving: Pin<&mut impl Future<Output = ServerResult<Option<Value>>>>,
) -> Value {
    match &ctx.path_node {
        Some(place) if !settling.is_too_much() => {
            settling.settle(place, declared, resolving).await.unwrap_or_default()
        }
        _ => Value::Null,
    }
}

/// Returns the fields selected on an object of this type, including those of fragments. Skipped fields are
/// already removed, and the document is validated.
fn gather<'a, T: OutputType>(
    ctx: &ContextSelectionSet<'a>,
    selected: &'a Positioned<SelectionSet>,
    asked: &mut Vec<&'a Positioned<Field>>,
) {
    for selection in &selected.node.items {
        let (condition, inner) = match &selection.node {
            Selection::Field(field) => {
                asked.push(field);
                continue;
            }
            Selection::InlineFragment(fragment) => {
                (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                let Some(fragment) = ctx.query_env.fragments.get(&spread.node.fragment_name.node) else {
                    continue;
                };
                (Some(&fragment.node.type_condition), &fragment.node.selection_set)
            }
        };
        if condition.is_none_or(|condition| is_a::<T>(ctx, &condition.node.on.node)) {
            gather::<T>(ctx, inner, asked);
        }
    }
}

/// Returns whether a type condition applies to an object of this type: its own name, or that of an interface.
fn is_a<T: OutputType>(ctx: &ContextSelectionSet<'_>, name: &str) -> bool {
    let own = T::type_name();
    let interfaces = ctx.schema_env.registry.implements.get(&*own);
    own == name || interfaces.is_some_and(|interfaces| interfaces.contains(name))
}

/// Returns the type of a field in the schema.
fn declared<'a, T: OutputType>(ctx: &Context<'a>) -> &'a str {
    let of = ctx.schema_env.registry.types.get(&*T::type_name());
    of.and_then(|of| of.field_by_name(&ctx.item.node.name.node)).map_or("", |field| &field.ty)
}

/// Adds a field. Selections with the same response name are merged.
fn put(object: &mut IndexMap<Name, Value>, name: Name, value: Value) {
    use async_graphql::indexmap::map::Entry;
    match object.entry(name) {
        Entry::Vacant(place) => drop(place.insert(value)),
        Entry::Occupied(mut place) => join(place.get_mut(), value),
    }
}

fn join(one: &mut Value, other: Value) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            other.into_iter().for_each(|(name, value)| put(one, name, value));
        }
        (Value::List(one), Value::List(other)) => {
            one.iter_mut().zip(other).for_each(|(one, other)| join(one, other));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
