//! GraphQL over WebSocket, by the `graphql-transport-ws` protocol.
//!
//! One task for each socket does everything for it: it reads, runs the operations, and writes; only what all
//! hear is said past it, as long as the socket takes it. While a client does not take a message, nothing is
//! worked out for it, and after a while it is let go; the streams behind keep the newest value only.
//!
//! `Origin` is not looked at: who asks is said in `connection_init` and never by a cookie, so that a
//! page of another site gets nothing here that its own server could not get.

use async_graphql::Executor;
use axum::{
    RequestPartsExt,
    extract::{Request, State, ws::WebSocketUpgrade},
    http::{StatusCode, header},
    response::Response,
};

use super::{acquire_stream_slot, reject};
use crate::{
    engine::GraphqlEngine,
    error::ErrorCode,
    http_response::{Rejection, ResponseFormat},
    request_metrics::Transport,
    tcp_stream::ConnectionHandle,
};

mod close;
mod direct_write;
mod message;
mod operations;
mod session;

use message::MAX_MESSAGE_BYTES;

/// The one protocol.
const SUBPROTOCOL: &str = "graphql-transport-ws";
/// Filled with zeros at every look for a message, and kept for as long as the socket; the library would take
/// 128 KiB. What a ticker says fits in; what is longer is read in pieces.
const READ_BUFFER_BYTES: usize = 512;
/// Every message is written at once, so that nothing is held back.
const WRITE_BUFFER_BYTES: usize = 0;

/// Makes a socket of the connection.
pub(crate) async fn upgrade<E: Executor>(
    State(engine): State<GraphqlEngine<E>>,
    request: Request,
) -> Response {
    let (mut parts, _) = request.into_parts();
    let upgrade: WebSocketUpgrade = match parts.extract().await {
        Ok(upgrade) => upgrade,
        Err(upgrade_rejection) => {
            let rejection = Rejection {
                status: match parts.headers.contains_key(header::UPGRADE) {
                    true => upgrade_rejection.status(),
                    false => StatusCode::UPGRADE_REQUIRED,
                },
                header: Some((header::UPGRADE, "websocket")),
                ..Rejection::from(
                    ErrorCode::BadUserInput.error("This address is for WebSockets (graphql-transport-ws)."),
                )
            };
            return reject(&engine, Transport::WebSocket, rejection, ResponseFormat::Json);
        }
    };
    let permit = match acquire_stream_slot(&engine, Transport::WebSocket, &parts) {
        Ok(permit) => permit,
        Err(error) => {
            return reject(&engine, Transport::WebSocket, error.into(), ResponseFormat::Json);
        }
    };
    let client = engine.client_info(Transport::WebSocket, &parts.headers, &parts.extensions);
    let connection = parts.extensions.get::<ConnectionHandle>().cloned();
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES);
    let has_subprotocol = upgrade.selected_protocol().is_some();
    upgrade.on_upgrade(async move |socket| {
        if has_subprotocol {
            session::run(engine, socket, connection, client).await;
        } else {
            close::close(socket, &close::SUBPROTOCOL, engine.settings().write_timeout).await;
        }
        drop(permit);
    })
}
