//! Serves any [`async_graphql`] schema: documents are validated by the specification, responses are
//! cached for as long as they are current, one execution of a subscription serves all its subscribers,
//! and everything a client can send is bounded.
//!
//! Imports run downwards:
//!
//! | layer | modules |
//! | --- | --- |
//! | connections | [`listener`], `routes` |
//! | protocols | `transport`: GraphQL over HTTP, server-sent events, WebSocket; `negotiation`, `http_response` |
//! | execution | `engine`, `broadcast`, `response_cache`, `document` |
//! | values | `request`, `response`, `cache_key`, [`Freshness`], [`ClientInfo`], [`CostBudget`] |
//! | resolvers | [`inline`], [`error`] |
//! | leaves | `compression`, `accept`, `prerendered_json`, [`rate_limit`], [`telemetry`] |
//!
//! A schema is built with [`configure`], given to [`GraphqlEngine::new`] together with a function that
//! makes the data of a request from its [`ClientInfo`], and served with [`routes`] and
//! [`listener::serve`].

#![warn(missing_docs, unreachable_pub)]

mod accept;
mod broadcast;
mod cache_key;
mod client_info;
mod client_ip;
pub mod compression;
mod compute_pool;
mod connection_limits;
mod cost_budget;
mod cost_limits;
mod document;
mod engine;
pub mod error;
mod field_guard;
mod freshness;
mod http_response;
pub mod inline;
pub mod listener;
mod negotiation;
mod prerendered_json;
mod query_limits;
pub mod rate_limit;
mod request;
mod request_metrics;
mod response;
mod response_cache;
mod routes;
mod schema_extension;
mod settings;
mod tcp_stream;
pub mod telemetry;
mod transport;

pub use client_info::{ClientInfo, PendingState};
pub use client_ip::client_network;
pub use cost_budget::{Budget, CostBudget, RemainingCost};
pub use document::{DocumentLimits, ScalarCheck};
pub use engine::{ContextFuture, EngineConfig, GraphqlEngine, RequestData, WeakEngine};
pub use error::{ApiError, ErrorCode};
pub use freshness::{Freshness, FreshnessState};
pub use query_limits::QueryLimits;
pub use request_metrics::{RequestMetrics, RequestOutcome, Transport};
pub use response_cache::{CacheMetrics, ResponseCache};
pub use routes::{Routes, routes};
pub use schema_extension::configure;
pub use settings::EngineSettings;

/// The example of the README, which is compiled as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
