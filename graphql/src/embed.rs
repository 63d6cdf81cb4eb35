//! The API in another axum application, behind the handlers of [`async_graphql_axum`].
//!
//! [`router`] serves the whole schema at `/graphql` and subscriptions at `/graphql/ws`. It is for an
//! application that already has its server, its middleware and its limits; `graphql/examples/embed.rs` is
//! one. Compared with [`server`](crate::server) it has no response cache, executes each subscription for each
//! subscriber, and limits neither connections nor the cost that one client may cause in a minute: the
//! application in front has to. The cost, size and errors of one request are limited alike. Mail, notifications
//! and daily work need [`BackgroundTasks`](crate::server::BackgroundTasks) beside it.

use std::net::SocketAddr;

use async_graphql::{Data, ServerError, ValidationMode, http::ALL_WEBSOCKET_PROTOCOLS};
use async_graphql_axum::{GraphQLProtocol, GraphQLRequest, GraphQLResponse, GraphQLWebSocket};
use axum::{
    Router,
    extract::{ConnectInfo, FromRequestParts, State, WebSocketUpgrade},
    http::{HeaderMap, header, request::Parts},
    response::IntoResponse,
    routing::{get, post},
};
use graphql_engine::{CostBudget, QueryLimits};

use crate::api::{self, AppState, RequestContext};

#[derive(Clone)]
struct Embedded {
    schema: api::Schema,
    context: AppState,
}

/// A router with the schema of this service, for one started by [`server::start`](crate::server::start).
///
/// The client's address is that of [`ConnectInfo`], if the application serves with it; hourly budgets of
/// reports are counted by it.
pub fn router(context: AppState, limits: QueryLimits) -> Router {
    let schema = api::builder(limits)
        // Nothing else validates the document here.
        .validation_mode(ValidationMode::Strict)
        .data(context.clone())
        .finish();
    Router::new()
        .route("/graphql", post(execute))
        .route("/graphql/ws", get(subscribe))
        .with_state(Embedded { schema, context })
}

/// What a request says of its client.
struct Client {
    bearer_token: Option<String>,
    accept_language: Option<String>,
    address: Option<SocketAddr>,
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let address = parts.extensions.get().map(|ConnectInfo(address)| *address);
        let bearer_token = text(&parts.headers, header::AUTHORIZATION).and_then(bearer_token);
        Ok(Self {
            bearer_token: bearer_token.map(str::to_owned),
            accept_language: text(&parts.headers, header::ACCEPT_LANGUAGE).map(str::to_owned),
            address,
        })
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The token of `Bearer …`; the scheme is compared without case (RFC 9110, 11.1).
fn bearer_token(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl Client {
    async fn data(&self, context: &AppState) -> Result<Data, ServerError> {
        let request =
            RequestContext::new(context, self.bearer_token.as_deref(), self.accept_language.as_deref())
                .await?;
        let mut data = Data::default();
        data.insert(request.with_address(self.address.map(|address| address.ip())));
        data.insert(CostBudget::default());
        Ok(data)
    }
}

async fn execute(State(state): State<Embedded>, client: Client, request: GraphQLRequest) -> GraphQLResponse {
    let mut request = request.into_inner();
    match client.data(&state.context).await {
        Ok(data) => {
            request.data = data;
            state.schema.execute(request).await.into()
        }
        Err(error) => async_graphql::Response::from_errors(vec![error]).into(),
    }
}

async fn subscribe(
    State(state): State<Embedded>,
    client: Client,
    protocol: GraphQLProtocol,
    upgrade: WebSocketUpgrade,
) -> impl IntoResponse {
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).on_upgrade(async move |socket| {
        GraphQLWebSocket::new(socket, state.schema, protocol)
            .on_connection_init(async move |payload: serde_json::Value| {
                // A browser cannot set headers of a WebSocket: the token comes in the payload.
                let authorization = payload["Authorization"].as_str().or(payload["authorization"].as_str());
                let bearer_token =
                    authorization.and_then(bearer_token).map(str::to_owned).or(client.bearer_token);
                let client = Client { bearer_token, ..client };
                client.data(&state.context).await.map_err(|error| async_graphql::Error::new(error.message))
            })
            .serve()
            .await;
    })
}
