//! Inline resolution and async-graphql produce the same responses.

use async_graphql::{
    EmptyMutation, EmptySubscription, Enum, Interface, Object, Request, Response, Schema, value,
};

use super::*;
use crate::{error::ApiError, query_limits::QueryLimits, schema_extension::ErrorCodes};

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

#[Object(serial)]
impl Thing {
    async fn number(&self) -> i32 {
        1
    }

    async fn twice(&self, number: i32) -> i32 {
        2 * number
    }

    async fn colours(&self) -> InlineList<Colour> {
        InlineList(vec![Colour::Red, Colour::Green])
    }

    async fn inner(&self) -> Option<Inline<Self>> {
        Some(Inline(Self))
    }

    async fn needed_inner(&self) -> Inline<Self> {
        Inline(Self)
    }

    async fn list(&self) -> InlineList<Inline<Self>> {
        InlineList(vec![Inline(Self), Inline(Self)])
    }

    async fn gaps(&self) -> InlineList<Option<Inline<Self>>> {
        InlineList(vec![Some(Inline(Self)), None])
    }

    async fn nullable(&self) -> Result<Option<i32>, ApiError> {
        Err(ApiError::forbidden())
    }

    async fn needed(&self) -> Result<i32, ApiError> {
        Err(ApiError::forbidden())
    }

    async fn bug(&self, #[graphql(default = true)] really: bool) -> Option<bool> {
        assert!(!really, "internal details");
        Some(really)
    }

    async fn text(&self, length: usize) -> String {
        "x".repeat(length)
    }
}

/// The same object, resolved by async-graphql and inline.
struct Query;

#[Object(serial)]
impl Query {
    async fn engine(&self) -> Option<Thing> {
        Some(Thing)
    }

    async fn direct(&self) -> Option<Inline<Thing>> {
        Some(Inline(Thing))
    }

    async fn counted(&self) -> Option<Numbered> {
        Some(Thing.into())
    }
}

async fn execute(request: impl Into<Request>) -> Response {
    Schema::build(Query, EmptyMutation, EmptySubscription)
        .extension(ErrorCodes(QueryLimits { max_response_bytes: 1_000, ..QueryLimits::default() }))
        .finish()
        .execute(request)
        .await
}

/// The data, and the message and path length of each error.
type Outcome = (Value, Vec<(String, usize)>);

fn outcome(Response { data, errors, .. }: Response) -> Outcome {
    (data, errors.into_iter().map(|error| (error.message, error.path.len())).collect())
}

fn document(root: &str, selection: &str) -> String {
    format!("{{ at: {root} {selection} }} {}", fragments(selection))
}

/// The response for `direct`, which must be the same for `engine`.
async fn inline_and_async_graphql(selection: &str) -> Outcome {
    let engine = outcome(execute(document("engine", selection)).await);
    let direct = outcome(execute(document("direct", selection)).await);
    assert_eq!(direct, engine, "{selection}");
    // Compared as text, since the order of the fields counts.
    assert_eq!(direct.0.to_string(), engine.0.to_string(), "{selection}");
    direct
}

/// The same for a selection without duplicate keys, for which the eager JSON must be equal too.
async fn eager_and_inline(selection: &str) -> Outcome {
    let direct = inline_and_async_graphql(selection).await;
    let at_once = Request::new(document("direct", selection)).data(EagerJson);
    let written = outcome(execute(at_once).await);
    let text = |value: &Value| {
        let mut json = vec![];
        json::write(&mut json, value);
        String::from_utf8(json).expect("text")
    };
    assert_eq!((text(&written.0), &written.1), (text(&direct.0), &direct.1), "{selection}");
    if let Value::Object(root) = &written.0 {
        assert!(matches!(root["at"], Value::Binary(_) | Value::Null), "{selection}");
    }
    direct
}

fn fragments(selection: &str) -> &'static str {
    if selection.contains("...T") { "fragment T on Thing { number inner { number } }" } else { "" }
}

#[tokio::test]
async fn inline_fields_have_the_values_of_async_graphql() {
    let everything =
        "{ __typename number other: twice(number: 21) colours inner { number } list { number } }";
    let response = value!({ "at": {
        "__typename": "Thing", "number": 1, "other": 42, "colours": ["RED", "GREEN"],
        "inner": { "number": 1 }, "list": [{ "number": 1 }, { "number": 1 }]
    } });
    assert_eq!(eager_and_inline(everything).await.0, response);
}

#[tokio::test]
async fn fragments_are_collected_if_their_type_condition_applies() {
    let found = eager_and_inline(
        "{ ...T ... on Thing { colours } ... on Numbered { twice: number } ... { again: number } }",
    );
    assert_eq!(
        found.await.0,
        value!({ "at": {
            "number": 1, "inner": { "number": 1 }, "colours": ["RED", "GREEN"], "twice": 1, "again": 1
        } })
    );
}

#[tokio::test]
async fn duplicate_keys_are_merged() {
    let twice = "{ inner { number } ...T inner { colours } list { number } list { colours } }";
    let item = value!({ "number": 1, "colours": ["RED", "GREEN"] });
    assert_eq!(
        inline_and_async_graphql(twice).await.0,
        value!({ "at": { "inner": item.clone(), "number": 1, "list": [item.clone(), item] } })
    );
}

#[tokio::test]
async fn nulls_propagate_as_in_async_graphql() {
    let none = |(data, errors): (Value, Vec<_>)| (data, errors.len());
    assert_eq!(
        none(eager_and_inline("{ number nullable }").await),
        (value!({ "at": { "number": 1, "nullable": null } }), 1)
    );
    assert_eq!(none(eager_and_inline("{ number needed }").await), (value!({ "at": null }), 1));
    let inner = value!({ "at": { "inner": null, "number": 1 } });
    assert_eq!(none(eager_and_inline("{ inner { neededInner { needed } } number }").await), (inner, 1));
    assert_eq!(none(eager_and_inline("{ list { needed } }").await), (value!({ "at": null }), 2));
    assert_eq!(
        none(eager_and_inline("{ gaps { needed } }").await),
        (value!({ "at": { "gaps": [null, null] } }), 1)
    );
}

#[tokio::test]
async fn a_panicking_field_does_not_affect_its_siblings() {
    let (data, errors) = eager_and_inline("{ number list { bug number } }").await;
    let item = value!({ "bug": null, "number": 1 });
    assert_eq!(data, value!({ "at": { "number": 1, "list": [item.clone(), item] } }));
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0], ("Something went wrong on our side.".to_owned(), 4));
}

#[tokio::test]
async fn a_response_over_the_size_limit_is_an_error() {
    let (data, errors) = eager_and_inline("{ list { text(length: 700) } }").await;
    assert_eq!((data, errors[0].0.as_str()), (Value::Null, "The response would exceed 1000 bytes."));
}

#[tokio::test]
async fn inline_types_do_not_change_the_schema() {
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
        execute("{ counted { number __typename } }").await.data,
        value!({ "counted": { "number": 1, "__typename": "Thing" } })
    );
}
