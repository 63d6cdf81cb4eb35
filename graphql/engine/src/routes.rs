//! Routes of the transports.

use std::{convert::Infallible, sync::Arc};

use async_graphql::Executor;
use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::{Method, header},
    response::Response,
    routing::{any, any_service},
};
use futures_util::{FutureExt, future::BoxFuture};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tower_http::cors::{Any, CorsLayer};
use tower_layer::Layer;

use crate::{
    engine::GraphqlEngine,
    transport::{http, sse, websocket},
};

/// The lifetime of a CORS preflight response: the maximum of Chromium.
const PREFLIGHT_MAX_AGE: std::time::Duration = std::time::Duration::from_secs(2 * 60 * 60);

/// The routes of a service. Clones share them.
#[derive(Clone)]
pub struct Routes {
    /// The handler of `/graphql`. Most requests go there, and a cached response takes so little time that the
    /// router's share is noticeable; it is therefore matched before the router.
    graphql: Arc<dyn Fn(Request) -> ResponseFuture + Send + Sync>,
    router: Router,
}

type ResponseFuture = BoxFuture<'static, Response>;

/// The routes `/graphql`, `/graphql/ws` and `/graphql/stream`.
pub fn routes<E: Executor>(engine: GraphqlEngine<E>) -> Routes {
    // CORS applies to these routes only, so that unknown paths get the same response everywhere. It wraps the
    // handlers, since a layer on a route would add another boxed service.
    let cors = cors();
    let graphql = TowerToHyperService::new(cors.layer(http::handle::<E>.with_state(engine.clone())));
    let others = Router::new()
        .route("/graphql/stream", any_service(cors.layer(sse::handle::<E>.with_state(engine.clone()))))
        .route("/graphql/ws", any(websocket::upgrade::<E>))
        .with_state(engine);
    Routes { graphql: Arc::new(move |request| response_future(graphql.call(request))), router: others }
}

impl Routes {
    /// Adds the routes of a router.
    #[must_use]
    pub fn merge(self, router: Router) -> Self {
        Self { router: self.router.merge(router), ..self }
    }

    /// Handles a request.
    pub(crate) fn handle(&self, request: Request) -> ResponseFuture {
        match request.uri().path() {
            "/graphql" => (self.graphql)(request),
            _ => response_future(TowerToHyperService::new(self.router.clone()).call(request)),
        }
    }
}

fn response_future(
    response: impl Future<Output = Result<Response, Infallible>> + Send + 'static,
) -> ResponseFuture {
    response.map(|Ok(response)| response).boxed()
}

/// CORS for all origins. No cookie is read, so that a page of another site can do nothing in a browser that
/// its own server could not do.
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
        .max_age(PREFLIGHT_MAX_AGE)
        // The preflight response is the same for all origins, and the other responses set `Vary` themselves.
        .vary(Vec::new())
}
