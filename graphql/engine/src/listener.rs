//! The listener: accepts connections, with limits and timeouts for each.
//!
//! Connections are limited in total and for each client. A client over the limit gets an error with the time
//! after which to try again. An error on a connection ends that connection only.

use std::{convert::Infallible, io, net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{Request, Response, header},
    response::IntoResponse,
};
use futures_util::FutureExt;
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, watch},
};

use crate::{
    connection_limits::{ConnectionLimiter, ConnectionPermit, LimitReached},
    error,
    http_response::{Rejection, ResponseFormat},
    routes::Routes,
    settings::EngineSettings,
    tcp_stream::MonitoredStream,
};

mod open_files;
mod unread_body;

/// The largest request head: enough for a document of some thousand words in the URL of a `GET`.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// The number of connections over the limit that get an error response at the same time; the request has to
/// be read first. Further ones are closed at once.
const MAX_REJECTING: usize = 256;
/// The time in which a client over the limit has to send its request.
const REJECTION_TIMEOUT: Duration = Duration::from_secs(2);
/// The number of connections that the system completes before they are accepted. After a restart or a lost
/// network all readers connect within a second or two; over the limit of 128 that is usual their connections
/// fail or wait for seconds. Linux lowers it to `net.core.somaxconn`, which is 4096 since Linux 5.4.
const LISTEN_BACKLOG: u32 = 4096;
/// The delay after a failed `accept`, for want of open files or memory.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// The time in which open connections have to finish after a shutdown. Bodies, responses and writes have
/// their own timeouts, which are shorter together.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(60);

/// Listens on an address, with a queue for many clients that connect at once.
///
/// # Errors
/// If the address is in use or not of this machine.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A restart takes the address over while connections of the process before are still being closed. On
    // Windows the option would let another process take the address away.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(LISTEN_BACKLOG)
}

/// Serves on `listener` until `shutdown` completes, then drains the connections.
///
/// # Errors
/// If the limit of open files cannot be raised.
pub async fn serve(
    listener: TcpListener,
    routes: Routes,
    settings: &EngineSettings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let max_connections = open_files::raise_open_file_limit(settings.max_connections)?;
    let server = Listener {
        routes,
        limiter: ConnectionLimiter::new(max_connections, settings.max_connections_per_client),
        rejecting: Arc::new(Semaphore::new(MAX_REJECTING)),
        header_timeout: settings.header_timeout,
        write_timeout: settings.write_timeout,
        is_behind_proxy: settings.client_ip_header.is_some(),
    };
    // Each open connection holds a receiver.
    let (drain_sender, drain_receiver) = watch::channel(());
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => server.accept(stream, peer, drain_receiver.clone()),
                Err(error) if is_connection_error(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                }
            },
        }
    }
    drop((listener, drain_receiver));
    drain_sender.send_replace(());
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, drain_sender.closed()).await.is_err() {
        tracing::warn!("closing connections that did not finish in time");
    }
    Ok(())
}

/// Whether the error concerns a single connection that was closed before it was accepted.
fn is_connection_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Listener {
    routes: Routes,
    limiter: ConnectionLimiter,
    rejecting: Arc<Semaphore>,
    header_timeout: Duration,
    write_timeout: Duration,
    is_behind_proxy: bool,
}

impl Listener {
    fn accept(&self, stream: TcpStream, peer: SocketAddr, drain_receiver: watch::Receiver<()>) {
        // All connections through a proxy come from its address.
        let address = (!self.is_behind_proxy).then(|| peer.ip());
        match self.limiter.acquire(address) {
            Ok(permit) => self.serve_connection(stream, peer, permit, drain_receiver),
            Err(limit) => self.reject(stream, peer, limit),
        }
    }

    fn serve_connection(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        permit: ConnectionPermit,
        mut drain_receiver: watch::Receiver<()>,
    ) {
        let (stream, handle) = MonitoredStream::new(stream, peer, self.write_timeout, Some(permit));
        let routes = self.routes.clone();
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(handle.clone());
            let (request, body_progress) = unread_body::track_body(request);
            let response_future = AssertUnwindSafe(routes.handle(request)).catch_unwind();
            async move {
                let mut response = match response_future.await {
                    Ok(response) => response,
                    Err(panic) => Rejection::from(error::panic(&*panic)).into_response(ResponseFormat::Json),
                };
                unread_body::set_response_headers(response.headers_mut(), &body_progress);
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http1_builder(self.header_timeout)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let end = tokio::select! {
                end = &mut connection => end,
                _ = drain_receiver.changed() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            log_connection_error(end);
        });
    }

    /// Responds that the limit is reached, with `Retry-After`.
    fn reject(&self, stream: TcpStream, peer: SocketAddr, limit: LimitReached) {
        let Ok(permit) = Arc::clone(&self.rejecting).try_acquire_owned() else { return };
        let (stream, _) = MonitoredStream::new(stream, peer, REJECTION_TIMEOUT, None);
        let service = hyper::service::service_fn(move |_: Request<Incoming>| {
            let mut response: Response<Body> =
                Rejection::from(limit.error()).into_response(ResponseFormat::Json);
            response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
            std::future::ready(Ok::<_, Infallible>(response.into_response()))
        });
        let connection = http1_builder(REJECTION_TIMEOUT).serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection.map(move |end| {
            log_connection_error(end);
            drop(permit);
        }));
    }
}

/// HTTP/1 only: WebSockets, event streams and proxies support it, and a connection has one request at a time.
fn http1_builder(header_timeout: Duration) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(MAX_HEAD_BYTES);
    http
}

fn log_connection_error(end: hyper::Result<()>) {
    if let Err(error) = end {
        tracing::debug!(%error, "a connection ended with an error");
    }
}
