//! Which address leads to which transport.

use async_graphql::Executor;
use axum::{
    Router,
    handler::Handler,
    http::{Method, header},
    routing::{any, any_service},
};
use tower_http::cors::{Any, CorsLayer};
use tower_layer::Layer;

use super::{door::Door, http, socket, stream};

/// For how long a browser remembers that it may ask: what Chromium allows at most.
const PREFLIGHT_KEPT: std::time::Duration = std::time::Duration::from_secs(2 * 60 * 60);

/// `/graphql`, `/graphql/ws` and `/graphql/stream`.
pub fn routes<E: Executor>(door: Door<E>) -> Router {
    // Around these alone: what does not exist is answered alike everywhere. And around what answers itself, for
    // a layer on a route would put another boxed route in between.
    let cors = cors();
    Router::new()
        .route("/graphql", any_service(cors.layer(http::answer::<E>.with_state(door.clone()))))
        .route("/graphql/stream", any_service(cors.layer(stream::answer::<E>.with_state(door.clone()))))
        .route("/graphql/ws", any(socket::upgrade::<E>))
        .with_state(door)
}

/// Every site may ask. Nothing here looks at a cookie, so that another site's page can do no more
/// with a visitor's browser than its own server could without it.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers([
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::AUTHORIZATION,
            header::CACHE_CONTROL,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
        ])
        .expose_headers([header::ETAG, header::RETRY_AFTER])
        .max_age(PREFLIGHT_KEPT)
        // Nothing of this depends on who asks, and the answers say themselves what they depend on.
        .vary(Vec::new())
}
