//! A peer: the same engine behind the handlers that come with it, with the answer's data in memory. It has
//! no bounds, judges each document anew and keeps no answer.

use std::net::{Ipv4Addr, TcpListener};

use async_graphql::{EmptyMutation, EmptySubscription, InputObject, Object, Scalar, Schema, SimpleObject};
use async_graphql_axum::GraphQL;
use axum::{Router, routing::post_service};
use serde::Deserialize;

/// Serves the cases of the answer that it is told.
pub(super) fn serve() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    println!("http://{}/", listener.local_addr().expect("an address"));
    let answer = std::io::stdin().lines().next().expect("an answer").expect("text");
    let Answer { data } = serde_json::from_str(&answer).expect("the answer to the same question");
    let schema = Schema::new(Query(data.cases), EmptyMutation, EmptySubscription);
    let routes = Router::new().route("/graphql", post_service(GraphQL::new(schema)));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
        axum::serve(listener, routes).await.expect("a server");
    });
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    cases: Cases,
}

struct Query(Cases);

#[Object]
impl Query {
    async fn cases(&self, filter: Filter, first: usize) -> Cases {
        assert!(filter.edition > 0 && !filter.updated_since.0.is_empty());
        Cases { nodes: self.0.nodes.iter().take(first).cloned().collect() }
    }
}

#[derive(InputObject)]
struct Filter {
    edition: i32,
    updated_since: DateTime,
}

#[derive(Deserialize)]
struct DateTime(String);

#[Scalar]
impl async_graphql::ScalarType for DateTime {
    fn parse(value: async_graphql::Value) -> async_graphql::InputValueResult<Self> {
        Ok(async_graphql::from_value(value)?)
    }

    fn to_value(&self) -> async_graphql::Value {
        self.0.clone().into()
    }
}

#[derive(Deserialize, SimpleObject)]
struct Cases {
    nodes: Vec<Case>,
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Case {
    id: String,
    slug: String,
    name: String,
    country: Option<String>,
    state: String,
    topics: Vec<String>,
    text: Text,
    total: Total,
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Text {
    language: String,
    title: Option<String>,
    summary: Option<String>,
    ask: Option<String>,
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Total {
    letters: i64,
    actions: i64,
    version: i64,
}
