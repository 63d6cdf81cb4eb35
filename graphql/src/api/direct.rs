//! Objects and lists whose fields are resolved one after the other, right where they are.
//!
//! The engine makes each field a task of its own in memory, looks its type up and hands it through the chain
//! of extensions; for a page of cases that is twice the work of answering. What is asked for inside a
//! [`Direct`] or a [`List`] is settled by [`Settling`] as everywhere else, with the same nulls, the same
//! bounds and the same care for whoever falls over, and comes to the same answer.

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

use super::error::Settling;

/// What every object can say of itself.
const TYPENAME: &str = "__typename";

/// An object of the schema, resolved in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Direct<T>(pub(crate) T);

impl<T: ContainerType> OutputType for Direct<T> {
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
        // In a box of its own: objects hold objects of their own kind.
        object(ctx, &self.0).boxed().await
    }
}

/// A list, resolved in place, one entry after the other.
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
        let settling = Settling::of(ctx);
        let mut values = Vec::with_capacity(self.0.len());
        for (index, entry) in self.0.iter().enumerate() {
            let ctx = ctx.with_index(index);
            let resolving = pin!(async {
                entry.resolve(&ctx, field).await.map(Some).map_err(|error| ctx.set_error_path(error))
            });
            values.push(settled(settling, &ctx, || "", resolving).await);
        }
        Ok(Value::List(values))
    }
}

async fn object<T: ContainerType>(ctx: &ContextSelectionSet<'_>, root: &T) -> ServerResult<Value> {
    let settling = Settling::of(ctx);
    let mut asked = Vec::with_capacity(ctx.item.node.items.len());
    gather::<T>(ctx, ctx.item, &mut asked);
    let mut object = IndexMap::with_capacity(asked.len());
    for field in asked {
        let value = if field.node.name.node == TYPENAME {
            Value::from(root.introspection_type_name())
        } else {
            let ctx = ctx.with_field(field);
            let resolving = pin!(root.resolve_field(&ctx));
            settled(settling, &ctx, || declared::<T>(&ctx), resolving).await
        };
        put(&mut object, field.node.response_key().node.clone(), value);
    }
    Ok(Value::Object(object))
}

/// What comes of a place. What resolves it is large, and stays where it is.
async fn settled<'a, T>(
    settling: &Settling,
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

/// The fields that are asked of an object of this type, those of fragments among them. What is skipped is
/// already gone, and the document was judged.
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

/// Whether an object of this type is meant: by its own name, or by that of an interface of it.
fn is_a<T: OutputType>(ctx: &ContextSelectionSet<'_>, name: &str) -> bool {
    let own = T::type_name();
    let interfaces = ctx.schema_env.registry.implements.get(&*own);
    own == name || interfaces.is_some_and(|interfaces| interfaces.contains(name))
}

/// The type that a field has in the contract.
fn declared<'a, T: OutputType>(ctx: &Context<'a>) -> &'a str {
    let of = ctx.schema_env.registry.types.get(&*T::type_name());
    of.and_then(|of| of.field_by_name(&ctx.item.node.name.node)).map_or("", |field| &field.ty)
}

/// Adds a field. What is asked for twice under one name is one, with all that is asked of it.
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
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Enum, Interface, Object, Response, Schema, value};

    use super::*;
    use crate::api::{
        Limits,
        error::{Fault, Stamp},
    };

    #[derive(Clone, Copy, Enum, PartialEq, Eq)]
    enum Colour {
        Red,
        Green,
    }

    #[derive(Interface)]
    #[graphql(field(name = "number", ty = "i32"))]
    enum Numbered {
        Thing(Thing),
    }

    struct Thing;

    #[Object]
    impl Thing {
        async fn number(&self) -> i32 {
            1
        }

        async fn twice(&self, number: i32) -> i32 {
            2 * number
        }

        async fn colours(&self) -> List<Colour> {
            List(vec![Colour::Red, Colour::Green])
        }

        async fn inner(&self) -> Option<Direct<Self>> {
            Some(Direct(Self))
        }

        async fn needed_inner(&self) -> Direct<Self> {
            Direct(Self)
        }

        async fn list(&self) -> List<Direct<Self>> {
            List(vec![Direct(Self), Direct(Self)])
        }

        async fn gaps(&self) -> List<Option<Direct<Self>>> {
            List(vec![Some(Direct(Self)), None])
        }

        async fn nullable(&self) -> Result<Option<i32>, Fault> {
            Err(Fault::forbidden())
        }

        async fn needed(&self) -> Result<i32, Fault> {
            Err(Fault::forbidden())
        }

        async fn bug(&self, #[graphql(default = true)] really: bool) -> Option<bool> {
            assert!(!really, "an inner text");
            Some(really)
        }

        async fn text(&self, length: usize) -> String {
            "x".repeat(length)
        }
    }

    /// The same things, by the engine's way and by ours.
    struct Query;

    #[Object]
    impl Query {
        async fn engine(&self) -> Option<Thing> {
            Some(Thing)
        }

        async fn direct(&self) -> Option<Direct<Thing>> {
            Some(Direct(Thing))
        }

        async fn numbered(&self) -> Option<Numbered> {
            Some(Thing.into())
        }
    }

    async fn ask(document: &str) -> Response {
        Schema::build(Query, EmptyMutation, EmptySubscription)
            .extension(Stamp(Limits { answer: 1_000, ..Limits::default() }))
            .finish()
            .execute(document)
            .await
    }

    /// What is answered at `direct`, after it was seen that the engine answers the same.
    async fn both(selection: &str) -> (Value, Vec<(String, usize)>) {
        let of = async |root: &str| {
            let response = ask(&format!("{{ at: {root} {selection} }} {}", fragments(selection))).await;
            let told = |error: async_graphql::ServerError| (error.message, error.path.len());
            (response.data, response.errors.into_iter().map(told).collect::<Vec<_>>())
        };
        let (engine, direct) = (of("engine").await, of("direct").await);
        assert_eq!(direct, engine, "{selection}");
        direct
    }

    fn fragments(selection: &str) -> &'static str {
        if selection.contains("...T") { "fragment T on Thing { number inner { number } }" } else { "" }
    }

    #[tokio::test]
    async fn what_is_resolved_in_place_is_what_the_engine_resolves() {
        let everything =
            "{ __typename number other: twice(number: 21) colours inner { number } list { number } }";
        let answer = value!({ "at": {
            "__typename": "Thing", "number": 1, "other": 42, "colours": ["RED", "GREEN"],
            "inner": { "number": 1 }, "list": [{ "number": 1 }, { "number": 1 }]
        } });
        // As texts, for the fields are in the order in which they are asked for.
        assert_eq!(both(everything).await.0.to_string(), answer.to_string());
    }

    #[tokio::test]
    async fn fragments_are_gathered_where_their_type_is_meant() {
        let found =
            both("{ ...T ... on Thing { colours } ... on Numbered { twice: number } ... { again: number } }");
        assert_eq!(
            found.await.0,
            value!({ "at": {
                "number": 1, "inner": { "number": 1 }, "colours": ["RED", "GREEN"], "twice": 1, "again": 1
            } })
        );
    }

    #[tokio::test]
    async fn what_is_asked_for_twice_is_one() {
        let twice = "{ inner { number } ...T inner { colours } list { number } list { colours } }";
        let one = value!({ "number": 1, "colours": ["RED", "GREEN"] });
        assert_eq!(
            both(twice).await.0,
            value!({ "at": { "inner": one.clone(), "number": 1, "list": [one.clone(), one] } })
        );
    }

    #[tokio::test]
    async fn nulls_rise_as_far_as_in_the_engine() {
        let none = |(data, errors): (Value, Vec<_>)| (data, errors.len());
        assert_eq!(
            none(both("{ number nullable }").await),
            (value!({ "at": { "number": 1, "nullable": null } }), 1)
        );
        assert_eq!(none(both("{ number needed }").await), (value!({ "at": null }), 1));
        let inner = value!({ "at": { "inner": null, "number": 1 } });
        assert_eq!(none(both("{ inner { neededInner { needed } } number }").await), (inner, 1));
        assert_eq!(none(both("{ list { needed } }").await), (value!({ "at": null }), 2));
        assert_eq!(none(both("{ gaps { needed } }").await), (value!({ "at": { "gaps": [null, null] } }), 1));
    }

    #[tokio::test]
    async fn whoever_falls_over_harms_no_other() {
        let (data, errors) = both("{ number list { bug number } }").await;
        let one = value!({ "bug": null, "number": 1 });
        assert_eq!(data, value!({ "at": { "number": 1, "list": [one.clone(), one] } }));
        assert_eq!(errors.len(), 2);
        assert_eq!(errors[0], ("Something went wrong on our side.".to_owned(), 4));
    }

    #[tokio::test]
    async fn what_would_be_too_long_is_not_made() {
        let (data, errors) = both("{ list { text(length: 700) } }").await;
        assert_eq!(
            (data, errors[0].0.as_str()),
            (Value::Null, "The answer would have more than 1000 bytes.")
        );
    }

    #[tokio::test]
    async fn the_contract_is_the_same() {
        let sdl = Schema::new(Query, EmptyMutation, EmptySubscription).sdl();
        for line in [
            "engine: Thing\n",
            "direct: Thing\n",
            "inner: Thing\n",
            "neededInner: Thing!\n",
            "list: [Thing!]!\n",
            "gaps: [Thing]!\n",
            "colours: [Colour!]!\n",
        ] {
            assert!(sdl.contains(line), "{line}{sdl}");
        }
        assert_eq!(
            ask("{ numbered { number __typename } }").await.data,
            value!({ "numbered": { "number": 1, "__typename": "Thing" } })
        );
    }
}
