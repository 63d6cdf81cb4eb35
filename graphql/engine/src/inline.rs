//! Objects and lists whose fields are resolved sequentially in place.
//!
//! async-graphql boxes the future of each field, looks up its type and calls the chain of extensions, which
//! doubles the time of a large response. The fields inside an [`Inline`] or an [`InlineList`] skip that and
//! go through the same `FieldGuard`: null propagation, size limit and panics are handled alike, and the
//! response is the same.
//!
//! If no selection repeats a response key, a value becomes JSON as soon as it is resolved. Most of the time
//! of a tree of values is spent on allocating and dropping it.

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

use crate::{field_guard::FieldGuard, prerendered_json as json};

pub use crate::prerendered_json::EagerJson;

/// The meta-field of every object.
const TYPENAME: &str = "__typename";

/// An object that is resolved in place.
#[derive(Clone, Copy, Debug)]
pub struct Inline<T>(pub T);

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
        // Boxed, since objects contain objects of their own type.
        object(ctx, &self.0).boxed().await
    }
}

/// A list that is resolved in place, entry by entry.
#[derive(Clone, Debug)]
pub struct InlineList<T>(pub Vec<T>);

impl<T> FromIterator<T> for InlineList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<T: OutputType> OutputType for InlineList<T> {
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
        let field_guard = FieldGuard::of(ctx);
        let mut values = Vec::with_capacity(self.0.len());
        for (index, entry) in self.0.iter().enumerate() {
            let ctx = ctx.with_index(index);
            let resolving = pin!(async {
                entry.resolve(&ctx, field).await.map(Some).map_err(|error| ctx.set_error_path(error))
            });
            values.push(guarded(field_guard, &ctx, || "", resolving).await);
        }
        Ok(if field_guard.writes_json() { json::list(&values) } else { Value::List(values) })
    }
}

async fn object<T: ContainerType>(ctx: &ContextSelectionSet<'_>, root: &T) -> ServerResult<Value> {
    let field_guard = FieldGuard::of(ctx);
    let mut selected = Vec::with_capacity(ctx.item.node.items.len());
    collect_fields::<T>(ctx, ctx.item, &mut selected);
    let mut fields = Vec::with_capacity(selected.len());
    for field in selected {
        let value = if field.node.name.node == TYPENAME {
            Value::from(root.introspection_type_name())
        } else {
            let ctx = ctx.with_field(field);
            let resolving = pin!(root.resolve_field(&ctx));
            guarded(field_guard, &ctx, || declared_type::<T>(&ctx), resolving).await
        };
        fields.push((&field.node.response_key().node, value));
    }
    if field_guard.writes_json() {
        return Ok(json::object(&fields));
    }
    let mut object = IndexMap::with_capacity(fields.len());
    fields.into_iter().for_each(|(name, value)| insert_merged(&mut object, name.clone(), value));
    Ok(Value::Object(object))
}

/// Resolves a value under the field guard. The future is large and stays where it is.
async fn guarded<'a, T>(
    field_guard: &FieldGuard,
    ctx: &ContextBase<'_, T>,
    declared: impl FnOnce() -> &'a str,
    resolving: Pin<&mut impl Future<Output = ServerResult<Option<Value>>>>,
) -> Value {
    match &ctx.path_node {
        Some(node) if !field_guard.is_over_limit() => {
            field_guard.guard(node, declared, resolving).await.unwrap_or_default()
        }
        _ => Value::Null,
    }
}

/// Collects the fields that are selected on an object of this type, including those of fragments. Skipped
/// fields are already removed, and the document is valid.
fn collect_fields<'a, T: OutputType>(
    ctx: &ContextSelectionSet<'a>,
    selected: &'a Positioned<SelectionSet>,
    fields: &mut Vec<&'a Positioned<Field>>,
) {
    for selection in &selected.node.items {
        let (condition, inner) = match &selection.node {
            Selection::Field(field) => {
                fields.push(field);
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
        if condition.is_none_or(|condition| type_condition_applies::<T>(ctx, &condition.node.on.node)) {
            collect_fields::<T>(ctx, inner, fields);
        }
    }
}

/// Whether a type condition applies to this type: it names the type, or an interface of it.
fn type_condition_applies<T: OutputType>(ctx: &ContextSelectionSet<'_>, name: &str) -> bool {
    let own_name = T::type_name();
    let interfaces = ctx.schema_env.registry.implements.get(&*own_name);
    own_name == name || interfaces.is_some_and(|interfaces| interfaces.contains(name))
}

/// The declared type of a field.
fn declared_type<'a, T: OutputType>(ctx: &Context<'a>) -> &'a str {
    let parent_type = ctx.schema_env.registry.types.get(&*T::type_name());
    parent_type
        .and_then(|parent_type| parent_type.field_by_name(&ctx.item.node.name.node))
        .map_or("", |field| &field.ty)
}

/// Inserts a field. Values with the same response key are merged.
fn insert_merged(object: &mut IndexMap<Name, Value>, name: Name, value: Value) {
    use async_graphql::indexmap::map::Entry;
    match object.entry(name) {
        Entry::Vacant(entry) => drop(entry.insert(value)),
        Entry::Occupied(mut entry) => merge(entry.get_mut(), value),
    }
}

fn merge(first: &mut Value, second: Value) {
    match (first, second) {
        (Value::Object(first), Value::Object(second)) => {
            second.into_iter().for_each(|(name, value)| insert_merged(first, name, value));
        }
        (Value::List(first), Value::List(second)) => {
            first.iter_mut().zip(second).for_each(|(first, second)| merge(first, second));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
