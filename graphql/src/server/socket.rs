//! GraphQL over WebSocket, by `graphql-transport-ws`.

use async_graphql::Data;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::{
    extract::{State, WebSocketUpgrade},
    http::{HeaderMap, header},
    response::Response,
};

use super::{Shared, http};
use crate::api::Asking;

/// The largest message a client may send; a document of a screenful is a few kilobytes.
const MESSAGE_MOST: usize = 64 << 10;
/// The library fills this buffer with zeros at every read; its default is 128 KiB for each socket.
const READ_BUFFER: usize = 4 << 10;

/// Makes a socket of the connection. Who asks is said in `connection_init`, as `Authorization`.
pub(super) async fn upgrade(
    State(shared): State<Shared>,
    protocol: GraphQLProtocol,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let languages =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    upgrade
        .protocols(["graphql-transport-ws"])
        .max_message_size(MESSAGE_MOST)
        .read_buffer_size(READ_BUFFER)
        .on_upgrade(async move |socket| {
            let context = shared.context;
            GraphQLWebSocket::new(socket, shared.schema, protocol)
                .on_connection_init(async move |payload: serde_json::Value| {
                    let bearer = ["Authorization", "authorization"]
                        .iter()
                        .find_map(|name| payload.get(name)?.as_str())
                        .and_then(http::credentials);
                    let mut data = Data::default();
                    data.insert(Asking::new(&context, bearer, languages.as_deref()).await?);
                    Ok(data)
                })
                .serve()
                .await;
        })
}
