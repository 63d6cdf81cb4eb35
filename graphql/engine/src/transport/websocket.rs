//! GraphQL over WebSocket: the `graphql-transport-ws` protocol.
//!
//! One task for each socket reads, executes the operations and writes. Only broadcasts are written past it,
//! as long as the socket accepts data. While a client does not accept a message, its operations are not
//! polled, and after a timeout it is disconnected; its broadcasts keep the latest event only.
//!
//! `Origin` is not checked: the token is in `connection_init` and never in a cookie, so that a page of
//! another site gets nothing here that its own server could not get.

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

/// The supported subprotocol.
const SUBPROTOCOL: &str = "graphql-transport-ws";
/// The read buffer, which is allocated for the lifetime of a socket and cleared before each read; the default
/// of the library is 128 KiB. Short messages fit, longer ones are read in parts.
const READ_BUFFER_BYTES: usize = 512;
/// Each message is written at once.
const WRITE_BUFFER_BYTES: usize = 0;

/// Upgrades a connection to a WebSocket.
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
