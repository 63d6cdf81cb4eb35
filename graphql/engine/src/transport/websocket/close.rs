//! How a socket ends: the close codes of the protocol.

use std::{borrow::Cow, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::time::timeout;

use super::message::MAX_MESSAGE_BYTES;

/// How long a client may take to say goodbye in turn.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// What fits into a control frame beside the code (RFC 6455, 5.5).
const MAX_REASON_BYTES: usize = 123;

/// A code and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    code: u16,
    reason: Cow<'static, str>,
}

impl Close {
    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// What came is no message of the protocol.
    pub(super) fn invalid(close: &str) -> Self {
        Self { code: 4400, reason: format!("Invalid message: {close}").into() }
    }

    /// What came is no text of a bearable length. After this, nothing more can be read.
    pub(super) fn unreadable() -> Self {
        Self::invalid(&format!("only text of at most {MAX_MESSAGE_BYTES} bytes is read"))
    }

    /// An operation with this id is running.
    pub(super) fn duplicate_id(id: &str) -> Self {
        Self { code: 4409, reason: format!("Subscriber for {id} already exists").into() }
    }
}

/// The service ends; clients come back.
pub(super) const GOING_AWAY: Close = Close::new(1001, "Going away");
/// A client that does not answer; should it live after all, it comes back.
pub(super) const PING_TIMEOUT: Close = Close::new(1001, "No answer to the ping");
/// Not now; clients come back.
pub(super) const TRY_AGAIN_LATER: Close = Close::new(1013, "Try again later");
/// `subscribe` before `connection_ack`.
pub(super) const UNAUTHORIZED: Close = Close::new(4401, "Unauthorized");
/// Refused in `connection_init`.
pub(super) const FORBIDDEN: Close = Close::new(4403, "Forbidden");
/// Another protocol than ours.
pub(super) const SUBPROTOCOL: Close = Close::new(4406, "Subprotocol not acceptable");
/// No `connection_init`.
pub(super) const INIT_TIMEOUT: Close = Close::new(4408, "Connection initialisation timeout");
/// More than one `connection_init`.
pub(super) const TOO_MANY_INITS: Close = Close::new(4429, "Too many initialisation requests");
/// More messages than one client has any use for.
pub(super) const TOO_MANY_MESSAGES: Close = Close::new(4429, "Too many messages");
/// Our mistake.
pub(super) const INTERNAL: Close = Close::new(4500, "Internal server error");

/// Says why, and waits a little for the client to hear it: whoever hangs up with something unread makes
/// the system take back what it has not delivered.
pub(super) async fn close(mut socket: WebSocket, close: &Close, write_timeout: Duration) {
    let reason = &close.reason[..close.reason.floor_char_boundary(MAX_REASON_BYTES)];
    let frame = Message::Close(Some(CloseFrame { code: close.code, reason: reason.into() }));
    if let Ok(Ok(())) = timeout(write_timeout, socket.send(frame)).await {
        drain(socket).await;
    }
}

/// Reads on until the client has closed its side.
pub(super) async fn drain(mut socket: WebSocket) {
    let reading = async { while let Some(Ok(_)) = socket.recv().await {} };
    timeout(CLOSE_TIMEOUT, reading).await.ok();
}
