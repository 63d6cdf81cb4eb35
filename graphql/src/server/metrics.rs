//! `/metrics`: the metrics of this process, in the text format of OpenMetrics 1.0.
//!
//! They are collected from memory at each request. They are exact, and include mail and what is not
//! public, so by default they have a listener of their own that is not reachable from outside.

use std::io;

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use graphql_engine::GraphqlEngine;
use prometheus_client::{encoding::text::encode, registry::Registry};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use super::{daily_recount::Recounts, settings::MetricsAt};
use crate::{api, ledger::SyncStatus};

mod collector;

/// Where they are served. No script of another origin may read them: a page that an operator opens could
/// otherwise pass on what only the operator's network reaches.
pub(super) const PATH: &str = "/metrics";
const CONTENT_TYPE: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// What the metrics are read from.
#[derive(Clone)]
pub(super) struct MetricSources {
    pub context: api::AppState,
    pub sync_status: watch::Receiver<SyncStatus>,
    pub recounts: watch::Receiver<Recounts>,
    pub log_halted: watch::Receiver<bool>,
    pub engine: GraphqlEngine<api::Schema>,
}

pub(super) fn routes(sources: MetricSources) -> Router {
    Router::new().route(PATH, get(answer)).with_state(sources)
}

/// Serves the metrics at an address of their own until it is dropped.
pub(super) struct MetricsService {
    _serving: JoinSet<()>,
}

/// Serves the metrics at an address of their own.
///
/// # Errors
/// If a configured address cannot be bound. The default address is optional: another process may have it.
pub(super) async fn serve(at: MetricsAt, sources: MetricSources) -> io::Result<Option<MetricsService>> {
    let listener = match at {
        MetricsAt::Public | MetricsAt::Off => return Ok(None),
        MetricsAt::Usual => match TcpListener::bind(MetricsAt::DEFAULT_PATH).await {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, address = %MetricsAt::DEFAULT_PATH, "metrics cannot be served at the default address: see --metrics-listen");
                return Ok(None);
            }
        },
        MetricsAt::Address(address) => TcpListener::bind(address).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen for metrics on {address}: {error}"))
        })?,
    };
    tracing::info!("metrics are at http://{}/metrics", listener.local_addr()?);
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        // It ends with the process; a scraper tries again soon.
        if let Err(error) = axum::serve(listener, routes(sources)).await {
            tracing::warn!(%error, "the metrics server has stopped");
        }
    });
    Ok(Some(MetricsService { _serving: serving }))
}

async fn answer(State(sources): State<MetricSources>) -> Response {
    let mut registry = Registry::with_prefix("w4r");
    registry.register_collector(Box::new(sources));
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => {
            let headers = [
                (header::CONTENT_TYPE, CONTENT_TYPE),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            ];
            (headers, text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be encoded");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
