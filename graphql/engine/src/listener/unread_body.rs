//! Headers of every response: `X-Content-Type-Options: nosniff`, and `Connection: close` if the request body
//! was not read.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Request, header},
};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};

/// Whether the body of a request was read to its end.
#[derive(Clone)]
pub(super) struct BodyProgress(Option<Arc<AtomicBool>>);

impl BodyProgress {
    fn is_unread(&self) -> bool {
        self.0.as_ref().is_some_and(|is_read| !is_read.load(Relaxed))
    }
}

/// A body that records when it was read to its end.
struct TrackedBody {
    body: Incoming,
    is_read: Arc<AtomicBool>,
}

impl hyper::body::Body for TrackedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.is_read.store(true, Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Wraps the body of a request, and returns its progress.
pub(super) fn track_body(request: Request<Incoming>) -> (Request<Body>, BodyProgress) {
    if request.body().is_end_stream() {
        return (request.map(|_| Body::empty()), BodyProgress(None));
    }
    let is_read = Arc::new(AtomicBool::new(false));
    let progress = BodyProgress(Some(Arc::clone(&is_read)));
    (request.map(|body| Body::new(TrackedBody { body, is_read })), progress)
}

/// Sets the headers of every response.
pub(super) fn set_response_headers(headers: &mut HeaderMap, progress: &BodyProgress) {
    if !headers.contains_key(header::X_CONTENT_TYPE_OPTIONS) {
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
    // The unread rest of a body precedes the next request. Without the header, a client would send that
    // request into a connection that is being closed.
    if progress.is_unread() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}
