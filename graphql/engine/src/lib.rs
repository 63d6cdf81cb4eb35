//! A GraphQL engine and its transports for any [`async_graphql`] schema. Documents are validated by the
//! specification, responses are cached while they are current, subscribers share one execution of a
//! subscription, and the size, cost and duration of all input are limited.
//!
//! A module imports only modules of its own row or of the rows below it.
//!
//! | layer | modules |
//! | --- | --- |
//! | connections | [`listener`], `routes` |
//! | protocols | `transport`: GraphQL over HTTP, server-sent events, WebSocket; `negotiation`, `http_response` |
//! | execution | `engine`, `broadcast`, `response_cache`, `document`, [`EngineSettings`] |
//! | resolvers | [`inline`], `schema_extension`, `field_guard` |
//! | limits | [`QueryLimits`], `cost_limits`, `connection_limits`, `tcp_stream`, `client_ip` |
//! | values | `request`, `response`, `cache_key`, [`Freshness`], [`ClientInfo`], [`CostBudget`] |
//! | errors and metrics | [`error`], `request_metrics` |
//! | basics | `compression`, `accept`, `prerendered_json`, `compute_pool`, [`rate_limit`], [`telemetry`] |
//!
//! [`configure`] builds a schema. [`GraphqlEngine::new`] takes it together with a function that makes the data
//! of a request from its [`ClientInfo`]. [`routes`] and [`listener::serve`] serve it.

#![warn(missing_docs, unreachable_pub)]

mod accept;
mod broadcast;
mod cache_key;
mod client_info;
mod client_ip;
pub mod compression;
mod compute_pool;
pub mod conditional;
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
mod strict_executor;
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
pub use strict_executor::StrictExecutor;

/// Compiles the example of the README as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
