//! The API in another axum application, behind the handlers of [`async_graphql_axum`].
//!
//! [`router`] serves the whole schema at `/graphql` and subscriptions at `/graphql/ws`. It is for an
//! application that already has its server, its middleware and its limits; `graphql/examples/embed.rs` is
//! one. Compared with [`server`](crate::server) it has no response cache, executes each subscription for each
//! subscriber, and limits neither connections nor the cost that one client may cause in a minute: the
//! application in front has to. The cost, size and errors of one request are limited alike. Mail, notifications
//! and daily work need [`BackgroundTasks`](crate::server::BackgroundTasks) beside it.

use std::{net::SocketAddr, sync::Arc};

use async_graphql::{Data, Error, Executor, ServerError, ValidationMode, http::ALL_WEBSOCKET_PROTOCOLS};
use async_graphql_axum::{GraphQLProtocol, GraphQLRequest, GraphQLResponse, GraphQLWebSocket};
use axum::{
    Router,
    extract::{ConnectInfo, FromRequestParts, State, WebSocketUpgrade},
    http::request::Parts,
    response::IntoResponse,
    routing::{get, post},
};
use graphql_engine::{ClientInfo, DocumentLimits, QueryLimits, StrictExecutor};

use crate::{
    api::{self, AppState},
    server::build_context,
};

#[derive(Clone)]
struct Embedded {
    schema: StrictExecutor<api::Schema>,
    context: Arc<AppState>,
}

/// A router with the schema of this service, for one started by [`server::start`](crate::server::start).
///
/// The client's address is that of [`ConnectInfo`], if the application serves with it; hourly budgets of
/// reports are counted by it. Behind a proxy that is the address of the proxy.
pub fn router(context: AppState, limits: QueryLimits) -> Router {
    let schema = api::builder(limits)
        // Nothing else validates the document here.
        .validation_mode(ValidationMode::Strict)
        .data(context.clone())
        .finish();
    Router::new().route("/graphql", post(execute)).route("/graphql/ws", get(subscribe)).with_state(Embedded {
        schema: StrictExecutor::new(schema, DocumentLimits::DEFAULT),
        context: Arc::new(context),
    })
}

struct Client(ClientInfo);

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let address = parts.extensions.get().map(|ConnectInfo::<SocketAddr>(address)| address.ip());
        Ok(Self(ClientInfo::from_headers(&parts.headers, address)))
    }
}

impl Embedded {
    async fn data(self, client: ClientInfo) -> Result<Data, ServerError> {
        Ok(build_context(self.context, client).await?.data)
    }
}

async fn execute(
    State(embedded): State<Embedded>,
    Client(client): Client,
    request: GraphQLRequest,
) -> GraphQLResponse {
    let mut request = request.into_inner();
    match embedded.clone().data(client).await {
        Ok(data) => {
            request.data = data;
            embedded.schema.execute(request).await.into()
        }
        Err(error) => async_graphql::Response::from_errors(vec![error]).into(),
    }
}

async fn subscribe(
    State(embedded): State<Embedded>,
    Client(mut client): Client,
    protocol: GraphQLProtocol,
    upgrade: WebSocketUpgrade,
) -> impl IntoResponse {
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).on_upgrade(async move |socket| {
        GraphQLWebSocket::new(socket, embedded.schema.clone(), protocol)
            .on_connection_init(async move |payload: serde_json::Value| {
                let members = payload.as_object().into_iter().flatten();
                client.apply_init_payload(
                    members.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))),
                );
                embedded.data(client).await.map_err(|ServerError { message, source, extensions, .. }| Error {
                    message,
                    source,
                    extensions,
                })
            })
            .serve()
            .await;
    })
}
