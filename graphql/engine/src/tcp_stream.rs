//! The wire of one connection, and what is done about an other end that stands still.
//!
//! Whoever takes nothing of what is sent for a while is let go: what waits for it takes memory here, and
//! an old value that arrives late is worse than none. Whoever is still speaking when the answer is
//! written is listened to for a moment, for otherwise the system would take the answer back.

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

/// What the system may hold of what is sent to a connection that lasts: a second or two of messages. With
/// more, a slow reader would be given values that were true a minute ago.
const LONG_LIVED_SEND_BUFFER_BYTES: usize = 16 << 10;
/// How long to listen to somebody who has been answered already.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);
/// How much of it is taken; whoever sends more does not read answers.
const MAX_LINGER_BYTES: usize = 16 << 20;
/// As RFC 6455 spells it. Any spelling is as good, but gql, a client in Python, looks for this one.
const PROTOCOL_HEADER: &[u8] = b"Sec-WebSocket-Protocol";

/// A connection, as the transports see it: what they can say of it, and to whoever is at its other end. It ends
/// although somebody still has this.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionHandle {
    /// Who is at the other end, or a proxy before them.
    pub(crate) peer: SocketAddr,
    shared: Weak<Shared>,
}

#[derive(Debug)]
struct Shared {
    writer: OwnedWriteHalf,
    is_long_lived: AtomicBool,
    write_state: Mutex<WriteState>,
}

/// How far what is said on a line has got, which is said by two: by the connection's own task, in whole frames,
/// and by whoever has the line.
#[derive(Debug, Default)]
struct WriteState {
    /// Whether the task's last words were not taken yet, or in part only.
    is_task_mid_frame: bool,
    /// What is left of the others' last words.
    unsent: Vec<u8>,
}

/// What becomes of what is said on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It was taken.
    All,
    /// Its beginning was taken. The rest follows once the connection's task is woken.
    Partial,
    /// Nothing was taken: the line is busy, or broken.
    Nothing,
}

impl ConnectionHandle {
    /// That values will be sent for as long as the client likes, of which only the newest counts.
    pub(crate) fn mark_long_lived(&self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.is_long_lived.store(true, Ordering::Relaxed);
        }
    }

    /// Says something at once and past the connection's task, between two of its frames. For lines that last.
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
            // If it is broken, the connection's task hears of it too.
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

    /// Sends what is left of what was said past the task.
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
            // It is taken, be it slowly.
            timeout.timer = None;
        }
        Poll::Ready(Ok(()))
    }
}

/// A connection's stream.
pub(crate) struct MonitoredStream {
    reader: OwnedReadHalf,
    shared: Arc<Shared>,
    has_small_send_buffer: bool,
    write_timeout: WriteTimeout,
    lingering_close: Option<LingeringClose>,
    _permit: Option<ConnectionPermit>,
}

/// How long nothing was taken of what is sent.
struct WriteTimeout {
    duration: Duration,
    /// Runs while nothing is taken.
    timer: Option<Pin<Box<Sleep>>>,
}

impl WriteTimeout {
    /// What comes of an attempt to send.
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

/// What is still listened to after the last word.
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
        // None of these is worth losing the connection over.
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

    /// What is sent, as it is to be written, where that differs.
    fn prepare_write(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.has_small_send_buffer || !self.shared.is_long_lived() {
            return None;
        }
        SockRef::from(self.shared.stream()).set_send_buffer_size(LONG_LIVED_SEND_BUFFER_BYTES).ok();
        self.has_small_send_buffer = true;
        with_canonical_protocol_header(bytes)
    }

    /// Says something in turn.
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
        // Nobody else speaks first: whoever is slow would never hear what the task has to say.
        state.is_task_mid_frame = !matches!(attempt, Poll::Ready(Ok(written)) if written >= length);
        self.write_timeout.observe(attempt, context)
    }

    /// Sends what is left of what was said past this.
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

/// The head of the answer that opens a socket, with the name of the protocol's header as gql knows it.
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
    /// What was said past the task is finished here too: whoever listens to a line need not say anything.
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
                // The other end was faster.
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
                // It has said goodbye too, or is gone.
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;
