//! Close codes of the protocol.

use std::{borrow::Cow, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::time::timeout;

use super::message::MAX_MESSAGE_BYTES;

/// The time in which a client has to close its side.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// The space for the reason in a control frame (RFC 6455, 5.5).
const MAX_REASON_BYTES: usize = 123;

/// A close code and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    code: u16,
    reason: Cow<'static, str>,
}

impl Close {
    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// An invalid message.
    pub(super) fn invalid(close: &str) -> Self {
        Self { code: 4400, reason: format!("Invalid message: {close}").into() }
    }

    /// A message that is not text, or too long. Nothing more can be read after it.
    pub(super) fn unreadable() -> Self {
        Self::invalid(&format!("only text of at most {MAX_MESSAGE_BYTES} bytes is read"))
    }

    /// The id of an operation that is running.
    pub(super) fn duplicate_id(id: &str) -> Self {
        Self { code: 4409, reason: format!("Subscriber for {id} already exists").into() }
    }
}

/// The service shuts down; clients reconnect.
pub(super) const GOING_AWAY: Close = Close::new(1001, "Going away");
/// The client did not respond to a ping; if it is alive, it reconnects.
pub(super) const PING_TIMEOUT: Close = Close::new(1001, "No answer to the ping");
/// A temporary error; clients reconnect.
pub(super) const TRY_AGAIN_LATER: Close = Close::new(1013, "Try again later");
/// `subscribe` before `connection_ack`.
pub(super) const UNAUTHORIZED: Close = Close::new(4401, "Unauthorized");
/// The token of `connection_init` was rejected.
pub(super) const FORBIDDEN: Close = Close::new(4403, "Forbidden");
/// An unsupported subprotocol.
pub(super) const SUBPROTOCOL: Close = Close::new(4406, "Subprotocol not acceptable");
/// No `connection_init`.
pub(super) const INIT_TIMEOUT: Close = Close::new(4408, "Connection initialisation timeout");
/// More than one `connection_init`.
pub(super) const TOO_MANY_INITS: Close = Close::new(4429, "Too many initialisation requests");
/// The client exceeded its message rate.
pub(super) const TOO_MANY_MESSAGES: Close = Close::new(4429, "Too many messages");
/// A fault of the service.
pub(super) const INTERNAL: Close = Close::new(4500, "Internal server error");

/// Sends a close frame, and waits for the client to close its side. Closing the connection with unread data
/// would discard the frame.
pub(super) async fn close(mut socket: WebSocket, close: &Close, write_timeout: Duration) {
    let reason = &close.reason[..close.reason.floor_char_boundary(MAX_REASON_BYTES)];
    let frame = Message::Close(Some(CloseFrame { code: close.code, reason: reason.into() }));
    if let Ok(Ok(())) = timeout(write_timeout, socket.send(frame)).await {
        drain(socket).await;
    }
}

/// Reads until the client has closed its side.
pub(super) async fn drain(mut socket: WebSocket) {
    let reading = async { while let Some(Ok(_)) = socket.recv().await {} };
    timeout(CLOSE_TIMEOUT, reading).await.ok();
}
