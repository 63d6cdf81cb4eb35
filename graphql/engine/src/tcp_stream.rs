//! A TCP stream with a write timeout, a lingering close, and direct writes.
//!
//! A client that accepts no data is disconnected after a while: pending data takes memory, and an outdated
//! value is worse than none. After the last response, data that the client still sends is read for a moment;
//! otherwise the system would reset the connection and discard the response.

use std::{
    io,
    net::{Shutdown, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::{Sleep, sleep},
};

use crate::connection_limits::ConnectionPermit;

/// The send buffer of a long-lived connection: a second or two of messages. With a larger buffer a slow
/// client would get values that are a minute old.
const LONG_LIVED_SEND_BUFFER_BYTES: usize = 16 << 10;
/// The time for which a connection is read after the last response.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);
/// The number of bytes that are read after the last response.
const MAX_LINGER_BYTES: usize = 16 << 20;
/// The spelling of RFC 6455. Header names are case-insensitive, but gql, a Python client, requires this
/// spelling.
const PROTOCOL_HEADER: &[u8] = b"Sec-WebSocket-Protocol";

/// A handle of a connection for the transports. It does not keep the connection open.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionHandle {
    /// The address of the peer: the client, or a proxy.
    pub(crate) peer: SocketAddr,
    shared: Weak<Shared>,
}

#[derive(Debug)]
struct Shared {
    writer: OwnedWriteHalf,
    is_long_lived: AtomicBool,
    write_state: Mutex<WriteState>,
}

/// The progress of writes, which come from two sources: the connection's task, in whole frames, and direct
/// writes.
#[derive(Debug, Default)]
struct WriteState {
    /// Whether the task's last write is incomplete.
    is_task_mid_frame: bool,
    /// The rest of the last direct write.
    unsent: Vec<u8>,
}

/// The result of a direct write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// All bytes were written.
    All,
    /// The beginning was written. The connection's task sends the rest once it is woken.
    Partial,
    /// Nothing was written: the connection is busy or broken.
    Nothing,
}

impl ConnectionHandle {
    /// Marks the connection as long-lived: it sends values of which only the latest counts.
    pub(crate) fn mark_long_lived(&self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.is_long_lived.store(true, Ordering::Relaxed);
        }
    }

    /// Writes a frame directly, between two frames of the connection's task. For long-lived connections only.
    pub(crate) fn try_write_frame(&self, bytes: &[u8]) -> Written {
        let Some(shared) = self.shared.upgrade() else { return Written::Nothing };
        let mut state = shared.lock_write_state();
        if state.is_task_mid_frame || !state.unsent.is_empty() {
            return Written::Nothing;
        }
        match shared.writer.try_write(bytes) {
            Ok(written) if written == bytes.len() => Written::All,
            Ok(written) => {
                state.unsent = bytes[written..].to_vec();
                Written::Partial
            }
            // The connection's task gets the same error.
            Err(_) => Written::Nothing,
        }
    }
}

impl Shared {
    fn lock_write_state(&self) -> MutexGuard<'_, WriteState> {
        self.write_state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_long_lived(&self) -> bool {
        self.is_long_lived.load(Ordering::Relaxed)
    }

    fn stream(&self) -> &TcpStream {
        self.writer.as_ref()
    }

    fn poll_write(
        &self,
        context: &mut Context<'_>,
        write: impl Fn(&OwnedWriteHalf) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream().poll_write_ready(context))?;
            match write(&self.writer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    /// Sends the rest of the last direct write.
    fn poll_write_unsent(
        &self,
        state: &mut WriteState,
        timeout: &mut WriteTimeout,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !state.unsent.is_empty() {
            let written = ready!(self.poll_write(context, |writer| writer.try_write(&state.unsent)))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            state.unsent.drain(..written);
            // The client accepts data, even if slowly.
            timeout.timer = None;
        }
        Poll::Ready(Ok(()))
    }
}

/// The stream of a connection.
pub(crate) struct MonitoredStream {
    reader: OwnedReadHalf,
    shared: Arc<Shared>,
    has_small_send_buffer: bool,
    write_timeout: WriteTimeout,
    lingering_close: Option<LingeringClose>,
    _permit: Option<ConnectionPermit>,
}

/// The timeout of writes.
struct WriteTimeout {
    duration: Duration,
    /// Runs while no data is accepted.
    timer: Option<Pin<Box<Sleep>>>,
}

impl WriteTimeout {
    /// Updates the timer by the result of a write, and returns the result.
    fn observe<T>(&mut self, attempt: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if attempt.is_ready() {
            self.timer = None;
            return attempt;
        }
        let duration = self.duration;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(duration)));
        timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

/// The state of a lingering close.
struct LingeringClose {
    deadline: Pin<Box<Sleep>>,
    discarded_bytes: usize,
}

impl MonitoredStream {
    pub(crate) fn new(
        stream: TcpStream,
        peer: SocketAddr,
        write_timeout: Duration,
        permit: Option<ConnectionPermit>,
    ) -> (Self, ConnectionHandle) {
        // These options are optional; a failure is ignored.
        stream.set_nodelay(true).ok();
        #[cfg(any(target_os = "linux", target_os = "android"))]
        SockRef::from(&stream).set_tcp_user_timeout(Some(write_timeout)).ok();
        let (reader, writer) = stream.into_split();
        let shared =
            Arc::new(Shared { writer, is_long_lived: AtomicBool::new(false), write_state: Mutex::default() });
        let handle = ConnectionHandle { peer, shared: Arc::downgrade(&shared) };
        let timeout = WriteTimeout { duration: write_timeout, timer: None };
        let monitored = Self {
            reader,
            shared,
            has_small_send_buffer: false,
            write_timeout: timeout,
            lingering_close: None,
            _permit: permit,
        };
        (monitored, handle)
    }

    /// Adjusts the first write of a long-lived connection. Returns the bytes to write, if they differ.
    fn prepare_write(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.has_small_send_buffer || !self.shared.is_long_lived() {
            return None;
        }
        SockRef::from(self.shared.stream()).set_send_buffer_size(LONG_LIVED_SEND_BUFFER_BYTES).ok();
        self.has_small_send_buffer = true;
        with_canonical_protocol_header(bytes)
    }

    /// Writes after the rest of the last direct write.
    fn poll_write_in_turn(
        &mut self,
        context: &mut Context<'_>,
        length: usize,
        write: impl Fn(&OwnedWriteHalf) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        if !self.shared.is_long_lived() {
            return self.write_timeout.observe(self.shared.poll_write(context, write), context);
        }
        let mut state = self.shared.lock_write_state();
        let attempt = match self.shared.poll_write_unsent(&mut state, &mut self.write_timeout, context) {
            Poll::Ready(Ok(())) => self.shared.poll_write(context, write),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        };
        // Direct writes wait until the task's write is complete: a slow client would otherwise never get it.
        state.is_task_mid_frame = !matches!(attempt, Poll::Ready(Ok(written)) if written >= length);
        self.write_timeout.observe(attempt, context)
    }

    /// Sends the rest of the last direct write.
    fn poll_finish(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.shared.is_long_lived() {
            return Poll::Ready(Ok(()));
        }
        let mut state = self.shared.lock_write_state();
        if state.unsent.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let attempt = self.shared.poll_write_unsent(&mut state, &mut self.write_timeout, context);
        self.write_timeout.observe(attempt, context)
    }
}

/// The head of a WebSocket handshake response with the spelling of [`PROTOCOL_HEADER`].
fn with_canonical_protocol_header(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_upgrade = bytes.starts_with(b"HTTP/1.1 101 ");
    let position = is_upgrade.then(|| {
        bytes.windows(PROTOCOL_HEADER.len()).position(|name| name.eq_ignore_ascii_case(PROTOCOL_HEADER))
    });
    let position = position.flatten()?;
    let mut rewritten = bytes.to_vec();
    rewritten[position..position + PROTOCOL_HEADER.len()].copy_from_slice(PROTOCOL_HEADER);
    Some(rewritten)
}

impl AsyncRead for MonitoredStream {
    /// Reading also sends the rest of the last direct write: a connection may read without writing.
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Poll::Ready(Err(error)) = self.poll_finish(context) {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.reader).poll_read(context, buffer)
    }
}

impl AsyncWrite for MonitoredStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let rewritten = self.prepare_write(bytes);
        let bytes = rewritten.as_deref().unwrap_or(bytes);
        self.poll_write_in_turn(context, bytes.len(), |writer| writer.try_write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.prepare_write(parts.first().map_or(&[], |part| part)) {
            Some(rewritten) => {
                self.poll_write_in_turn(context, rewritten.len(), |writer| writer.try_write(&rewritten))
            }
            None => {
                let length = parts.iter().map(|part| part.len()).sum();
                self.poll_write_in_turn(context, length, |writer| writer.try_write_vectored(parts))
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.shared.writer.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_finish(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering_close.is_none() {
            ready!(self.poll_finish(context))?;
            match SockRef::from(self.shared.stream()).shutdown(Shutdown::Write) {
                // The client closed the connection first.
                Err(error) if error.kind() == io::ErrorKind::NotConnected => {}
                result => result?,
            }
        }
        let this = &mut *self;
        let lingering = this.lingering_close.get_or_insert_with(|| LingeringClose {
            deadline: Box::pin(sleep(LINGER_TIMEOUT)),
            discarded_bytes: 0,
        });
        let mut scratch = [std::mem::MaybeUninit::uninit(); 8 << 10];
        while lingering.discarded_bytes < MAX_LINGER_BYTES
            && lingering.deadline.as_mut().poll(context).is_pending()
        {
            let mut buffer = ReadBuf::uninit(&mut scratch);
            match ready!(Pin::new(&mut this.reader).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => lingering.discarded_bytes += buffer.filled().len(),
                // The client closed the connection, or is gone.
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;
