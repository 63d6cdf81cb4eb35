//! The wire of one connection, and what is done about an other end that stands still.
//!
//! Whoever takes nothing of what is sent for a while is let go: what waits for it takes memory here, and
//! an old value that arrives late is worse than none. Whoever is still speaking when the answer is
//! written is listened to for a moment, for otherwise the system would take the answer back.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use crate::server::places::Place;

/// What the system may hold of what is sent to a connection that lasts: a second or two of messages. With
/// more, a slow reader would be given values that were true a minute ago.
const LASTING_BUFFER: usize = 16 << 10;
/// How long to listen to somebody who has been answered already.
const LINGER: Duration = Duration::from_secs(2);
/// How much of it is taken; whoever sends more does not read answers.
const LINGER_MOST: usize = 16 << 20;
/// As RFC 6455 spells it. Any spelling is as good, but gql, a client in Python, looks for this one.
const PROTOCOL: &[u8] = b"Sec-WebSocket-Protocol";

/// What a transport can say about the connection that a request came by.
#[derive(Clone, Debug)]
pub(in crate::server) struct Line {
    lasts: Arc<AtomicBool>,
}

impl Line {
    /// That values will be sent for as long as the client likes, of which only the newest counts.
    pub(in crate::server) fn lasts(&self) {
        self.lasts.store(true, Ordering::Relaxed);
    }
}

/// A connection's stream.
pub(super) struct Wire {
    stream: TcpStream,
    line: Line,
    has_a_small_buffer: bool,
    send_wait: Duration,
    /// Runs while nothing is taken.
    stall: Option<Pin<Box<Sleep>>>,
    farewell: Option<Farewell>,
    _place: Option<Place>,
}

/// What is still listened to after the last word.
struct Farewell {
    until: Pin<Box<Sleep>>,
    heard: usize,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, send_wait: Duration, place: Option<Place>) -> (Self, Line) {
        let line = Line { lasts: Arc::default() };
        // None of these is worth losing the connection over.
        stream.set_nodelay(true).ok();
        #[cfg(any(target_os = "linux", target_os = "android"))]
        SockRef::from(&stream).set_tcp_user_timeout(Some(send_wait)).ok();
        let wire = Self {
            stream,
            line: line.clone(),
            has_a_small_buffer: false,
            send_wait,
            stall: None,
            farewell: None,
            _place: place,
        };
        (wire, line)
    }

    /// What is sent, as it is to be written, where that differs.
    fn prepare(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.has_a_small_buffer || !self.line.lasts.load(Ordering::Relaxed) {
            return None;
        }
        SockRef::from(&self.stream).set_send_buffer_size(LASTING_BUFFER).ok();
        self.has_a_small_buffer = true;
        spelled(bytes)
    }

    /// What comes of an attempt to send.
    fn sent(
        &mut self,
        context: &mut Context<'_>,
        attempt: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if attempt.is_ready() {
            self.stall = None;
            return attempt;
        }
        let send_wait = self.send_wait;
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(send_wait)));
        stall.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

/// The head of the answer that opens a socket, with the name of the protocol's header as gql knows it.
fn spelled(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_upgrade = bytes.starts_with(b"HTTP/1.1 101 ");
    let at = is_upgrade
        .then(|| bytes.windows(PROTOCOL.len()).position(|name| name.eq_ignore_ascii_case(PROTOCOL)));
    let at = at.flatten()?;
    let mut spelled = bytes.to_vec();
    spelled[at..at + PROTOCOL.len()].copy_from_slice(PROTOCOL);
    Some(spelled)
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let spelled = self.prepare(bytes);
        let attempt = Pin::new(&mut self.stream).poll_write(context, spelled.as_deref().unwrap_or(bytes));
        self.sent(context, attempt)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let attempt = match self.prepare(parts.first().map_or(&[], |part| part)) {
            Some(spelled) => Pin::new(&mut self.stream).poll_write(context, &spelled),
            None => Pin::new(&mut self.stream).poll_write_vectored(context, parts),
        };
        self.sent(context, attempt)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.farewell.is_none() {
            std::task::ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        }
        let farewell =
            this.farewell.get_or_insert_with(|| Farewell { until: Box::pin(sleep(LINGER)), heard: 0 });
        let mut scratch = [std::mem::MaybeUninit::uninit(); 8 << 10];
        while farewell.heard < LINGER_MOST && farewell.until.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::uninit(&mut scratch);
            match std::task::ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => farewell.heard += buffer.filled().len(),
                // It has said goodbye too, or is gone.
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
