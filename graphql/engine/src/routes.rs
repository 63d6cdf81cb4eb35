//! Routes of the transports, and cross-origin resource sharing (CORS) of all routes.

use std::{convert::Infallible, sync::Arc};

use async_graphql::Executor;
use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::{HeaderName, Method, header},
    response::Response,
    routing::any,
};
use futures_util::{FutureExt, future::BoxFuture};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tower_http::cors::{AllowHeaders, Any, Cors, CorsLayer};
use tower_layer::Layer;

use crate::{
    engine::GraphqlEngine,
    transport::{http, sse, websocket},
};

/// The lifetime of a CORS preflight response: the maximum of Chromium.
const PREFLIGHT_MAX_AGE: std::time::Duration = std::time::Duration::from_secs(2 * 60 * 60);

/// The response headers that a script of another origin reads. `*` stands for every header, also of a proxy
/// in front, such as a request id; the names are for browsers that take `*` literally, as Safari before
/// version 13 does.
const EXPOSED_HEADERS: [HeaderName; 6] = [
    HeaderName::from_static("*"),
    header::AGE,
    header::DATE,
    header::ETAG,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
];

/// The routes of a service. Clones share them.
#[derive(Clone)]
pub struct Routes {
    /// The handler of `/graphql`. Most requests go there, and a cached response takes so little time that the
    /// router's share is noticeable; it is therefore matched before the router.
    graphql: Arc<dyn Fn(Request) -> ResponseFuture + Send + Sync>,
    /// All other routes, and the response of unknown paths.
    router: Router,
    /// The same, readable by all origins.
    shared_router: Cors<Router>,
    /// The paths that no script of another origin may read.
    same_origin_paths: Vec<&'static str>,
}

type ResponseFuture = BoxFuture<'static, Response>;

/// The routes `/graphql`, `/graphql/ws` and `/graphql/stream`.
pub fn routes<E: Executor>(engine: GraphqlEngine<E>) -> Routes {
    let graphql = TowerToHyperService::new(cors().layer(http::handle::<E>.with_state(engine.clone())));
    let router = Router::new()
        .route("/graphql/stream", any(sse::handle::<E>))
        .route("/graphql/ws", any(websocket::upgrade::<E>))
        .with_state(engine);
    Routes {
        graphql: Arc::new(move |request| response_future(graphql.call(request))),
        shared_router: cors().layer(router.clone()),
        router,
        same_origin_paths: vec![],
    }
}

impl Routes {
    /// Adds the routes of a router. CORS applies to every route and to unknown paths, so that no route can be
    /// forgotten and an unknown path does not differ from a known one.
    #[must_use]
    pub fn merge(self, router: Router) -> Self {
        let router = self.router.merge(router);
        Self { shared_router: cors().layer(router.clone()), router, ..self }
    }

    /// Adds the route of one path that no script of another origin may read, because its reader is the
    /// operator. The path has no parameters.
    #[must_use]
    pub fn merge_same_origin(mut self, path: &'static str, router: Router) -> Self {
        self.same_origin_paths.push(path);
        self.merge(router)
    }

    /// Handles a request.
    pub(crate) fn handle(&self, request: Request) -> ResponseFuture {
        match request.uri().path() {
            "/graphql" => (self.graphql)(request),
            path if self.same_origin_paths.contains(&path) => {
                response_future(TowerToHyperService::new(self.router.clone()).call(request))
            }
            _ => response_future(TowerToHyperService::new(self.shared_router.clone()).call(request)),
        }
    }
}

fn response_future(
    response: impl Future<Output = Result<Response, Infallible>> + Send + 'static,
) -> ResponseFuture {
    response.map(|Ok(response)| response).boxed()
}

/// CORS for all origins and all request headers. No cookie is read, so that a page of another site can do
/// nothing in a browser that its own server could not do. The requested headers are repeated, because `*`
/// does not include `Authorization` (Fetch standard, 4.9), and because pages add headers of their own:
/// tracing, client awareness, `Cache-Control`.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(EXPOSED_HEADERS)
        .max_age(PREFLIGHT_MAX_AGE)
        // A response to `OPTIONS` is not cached by its URL (RFC 9110, 9.3.7), and the other responses set
        // `Vary` themselves.
        .vary(Vec::new())
}
