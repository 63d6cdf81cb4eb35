//! Which address leads to which transport.

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

/// For how long a browser remembers that it may ask: what Chromium allows at most.
const PREFLIGHT_MAX_AGE: std::time::Duration = std::time::Duration::from_secs(2 * 60 * 60);

/// What is answered at which address. Clones are the same.
#[derive(Clone)]
pub struct Routes {
    /// At `/graphql` itself. Nearly all who come ask there, and an answer that is kept is so little work that the
    /// router's part in it shows; so it stands before that.
    graphql: Arc<dyn Fn(Request) -> ResponseFuture + Send + Sync>,
    router: Router,
}

type ResponseFuture = BoxFuture<'static, Response>;

/// `/graphql`, `/graphql/ws` and `/graphql/stream`.
pub fn routes<E: Executor>(engine: GraphqlEngine<E>) -> Routes {
    // Around these alone: what does not exist is answered alike everywhere. And around what answers itself, for
    // a layer on a route would put another boxed route in between.
    let cors = cors();
    let graphql = TowerToHyperService::new(cors.layer(http::handle::<E>.with_state(engine.clone())));
    let others = Router::new()
        .route("/graphql/stream", any_service(cors.layer(sse::handle::<E>.with_state(engine.clone()))))
        .route("/graphql/ws", any(websocket::upgrade::<E>))
        .with_state(engine);
    Routes { graphql: Arc::new(move |request| response_future(graphql.call(request))), router: others }
}

impl Routes {
    /// With more addresses.
    #[must_use]
    pub fn merge(self, router: Router) -> Self {
        Self { router: self.router.merge(router), ..self }
    }

    /// Answers a request.
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
        .max_age(PREFLIGHT_MAX_AGE)
        // Nothing of this depends on who asks, and the answers say themselves what they depend on.
        .vary(Vec::new())
}
