//! The connections: each is counted, timed, and let go when its other end stands still.
//!
//! Nobody can take them all: there are so many for one address and so many for all, and whoever finds
//! none is told so and when to come back. What goes wrong on a connection ends that connection only.

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
    net::{TcpListener, TcpStream},
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

/// The largest head of a request: room for a document of some thousand words in the URL of a `GET`.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// How many may be turned away at the same time with an answer; it takes a moment to hear their request
/// out. Those beyond are hung up on.
const MAX_REJECTING: usize = 256;
/// How long whoever is turned away may take to ask.
const REJECTION_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait after the system could not give us a connection, for want of files or memory.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// When the service ends: how long a connection may take to finish what it does. A body, an answer and
/// its delivery have their own bounds, which are shorter together.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(60);

/// Serves on `listener` until `shutdown` ends; then finishes what was asked for.
///
/// # Errors
/// If the system does not say how many files may be open.
pub async fn serve(
    listener: TcpListener,
    routes: Routes,
    settings: &EngineSettings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let most = open_files::raise_open_file_limit(settings.max_connections)?;
    let house = Listener {
        routes,
        limiter: ConnectionLimiter::new(most, settings.max_connections_per_client),
        rejecting: Arc::new(Semaphore::new(MAX_REJECTING)),
        header_timeout: settings.header_timeout,
        write_timeout: settings.write_timeout,
        is_behind_proxy: settings.client_ip_header.is_some(),
    };
    // Each connection holds on to its end of this for as long as it is open.
    let (finish, finishing) = watch::channel(());
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => house.accept(stream, peer, finishing.clone()),
                Err(error) if is_connection_error(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be taken");
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                }
            },
        }
    }
    drop((listener, finishing));
    finish.send_replace(());
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, finish.closed()).await.is_err() {
        tracing::warn!("some connections did not finish in time; they are cut off");
    }
    Ok(())
}

/// Whether the connection was gone before it was taken, which says nothing about the next one.
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
    fn accept(&self, stream: TcpStream, peer: SocketAddr, finishing: watch::Receiver<()>) {
        // All who come through a proxy have its address.
        let address = (!self.is_behind_proxy).then(|| peer.ip());
        match self.limiter.acquire(address) {
            Ok(place) => self.serve_connection(stream, peer, place, finishing),
            Err(full) => self.reject(stream, peer, full),
        }
    }

    fn serve_connection(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        place: ConnectionPermit,
        mut finishing: watch::Receiver<()>,
    ) {
        let (wire, line) = MonitoredStream::new(stream, peer, self.write_timeout, Some(place));
        let routes = self.routes.clone();
        let answer = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(line.clone());
            let (request, rest) = unread_body::track_body(request);
            let answering = AssertUnwindSafe(routes.handle(request)).catch_unwind();
            async move {
                let mut response = match answering.await {
                    Ok(response) => response,
                    Err(panic) => Rejection::from(error::panic(&*panic)).into_response(ResponseFormat::Json),
                };
                unread_body::set_response_headers(response.headers_mut(), &rest);
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http1_builder(self.header_timeout).serve_connection(TokioIo::new(wire), answer).with_upgrades();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let end = tokio::select! {
                end = &mut connection => end,
                _ = finishing.changed() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            log_connection_error(end);
        });
    }

    /// Says that there is no place, and when there may be.
    fn reject(&self, stream: TcpStream, peer: SocketAddr, full: LimitReached) {
        let Ok(permit) = Arc::clone(&self.rejecting).try_acquire_owned() else { return };
        let (wire, _) = MonitoredStream::new(stream, peer, REJECTION_TIMEOUT, None);
        let answer = hyper::service::service_fn(move |_: Request<Incoming>| {
            let mut response: Response<Body> =
                Rejection::from(full.error()).into_response(ResponseFormat::Json);
            response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
            std::future::ready(Ok::<_, Infallible>(response.into_response()))
        });
        let connection = http1_builder(REJECTION_TIMEOUT).serve_connection(TokioIo::new(wire), answer);
        tokio::spawn(connection.map(move |end| {
            log_connection_error(end);
            drop(permit);
        }));
    }
}

/// HTTP/1 alone: WebSockets, event streams and proxies all speak it, and each connection asks for one
/// thing at a time.
fn http1_builder(head_wait: Duration) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_wait).max_buf_size(MAX_HEAD_BYTES);
    http
}

fn log_connection_error(end: hyper::Result<()>) {
    if let Err(error) = end {
        tracing::debug!(%error, "a connection was cut off");
    }
}
