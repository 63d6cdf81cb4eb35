//! Tests of the schema as a whole.

use async_graphql::{Response, ServerError};
use serde_json::Value as Json;

use super::*;

/// Returns the schema without a service behind it, which is enough for introspection.
async fn ask(document: &str) -> Response {
    builder(QueryLimits::default()).finish().execute(document).await
}

/// The standard introspection query of graphql-js 16 and 17, which GraphiQL and code generators send first,
/// with all optional parts.
fn introspection() -> String {
    let of_type = format!("{}{}", " ofType { kind name".repeat(9), " }".repeat(9));
    format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} \
         mutationType {{ name kind }} subscriptionType {{ name kind }} types {{ ...FullType }} \
         directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }} \
         fragment FullType on __Type {{ kind name description specifiedByURL isOneOf \
         fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...InputValue }} \
         type {{ ...TypeRef }} isDeprecated deprecationReason }} \
         inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} \
         possibleTypes {{ ...TypeRef }} }} \
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue \
         isDeprecated deprecationReason }} \
         fragment TypeRef on __Type {{ kind name {of_type} }}"
    )
}

#[tokio::test]
async fn every_tool_can_ask_what_there_is() {
    let response = ask(&introspection()).await;
    assert_eq!(response.errors, Vec::<ServerError>::new());
    let types = &response.data.into_json().expect("JSON")["__schema"]["types"];
    assert!(types.as_array().is_some_and(|types| types.len() > 50));
}

#[tokio::test]
async fn everything_in_the_contract_is_described() {
    let response = ask(&introspection()).await;
    let schema = response.data.into_json().expect("JSON")["__schema"].take();
    let mut silent = Vec::new();
    let mut check = |path: String, thing: &Json| {
        if thing["description"].as_str().is_none_or(str::is_empty) {
            silent.push(path);
        }
    };
    let of_engine =
        |name: &str| name.starts_with("__") || ["Boolean", "Float", "ID", "Int", "String"].contains(&name);
    let list = |thing: &Json| thing.as_array().cloned().unwrap_or_default();
    for kind in list(&schema["types"]).iter().filter(|kind| !of_engine(&name(kind))) {
        check(name(kind), kind);
        for part in ["fields", "inputFields", "enumValues"] {
            for thing in list(&kind[part]) {
                check(format!("{}.{}", name(kind), name(&thing)), &thing);
                for argument in list(&thing["args"]) {
                    let path = format!("{}.{}({})", name(kind), name(&thing), name(&argument));
                    check(path, &argument);
                }
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

fn name(thing: &Json) -> String {
    thing["name"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_page_costs_its_size_times_what_is_asked_of_each_entry() {
    // Each edition costs 302: its cases, and for each of the hundred the list, the name and the slug.
    let document = "{ editions(first: 34) { nodes { cases(first: 100) { nodes { name slug } } } } }";
    let response = ask(document).await;
    assert_eq!(response.errors[0].message, "The query costs more than 10000.");
}

#[test]
fn the_contract_is_the_same_every_time() {
    assert_eq!(sdl(), sdl());
    assert!(sdl().contains("scalar DateTime @specifiedBy"));
}
