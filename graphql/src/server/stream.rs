//! GraphQL over server-sent events, in its distinct connections mode: one operation for each request,
//! by `POST`, or by `GET` for the `EventSource` of browsers.
//!
//! What is wrong with the request itself is a JSON answer with its status. Once it is an operation,
//! everything it has to say, and be it that it is not valid, comes as an event: an `EventSource` shows
//! the page nothing of an answer with another status.

use async_graphql::{Executor, Response as Answer, ServerError, parser::types::OperationType};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderName, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{
    StreamExt, future,
    stream::{self, BoxStream},
};
use std::{convert::Infallible, time::Duration};

use super::{
    door::{Asked, Door},
    fault::Code,
    http::{Entry, Media, Refused, Written, accepts, bytes, enter},
    question::{Question, Questions},
};

const METHODS: &str = "GET, POST, OPTIONS";
/// A comment, which clients do not show and proxies count as life.
const STILL_HERE: Bytes = Bytes::from_static(b":\n\n");
/// With empty data: without any, an `EventSource` would not tell of the event.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata: \n\n");

/// Answers with a stream of events.
pub(super) async fn answer<E: Executor>(State(door): State<Door<E>>, request: Request) -> Response {
    let is_post = request.method() == Method::POST;
    if !(accepts(request.headers(), "text/event-stream") || accepts(request.headers(), "*/*")) {
        let refused = Refused {
            status: StatusCode::NOT_ACCEPTABLE,
            ..Refused::from(Code::BadUserInput.error("The answer is a text/event-stream."))
        };
        return refused.into_response(Media::Json);
    }
    let (parts, question) = match enter(request, door.settings(), METHODS).await {
        Ok((parts, Entry::Url(question) | Entry::Body(Questions::One(question)))) => (parts, question),
        Ok((_, Entry::Body(Questions::Batch(_)))) => {
            let error = Code::BadUserInput.error("An event stream has one operation.");
            return Refused::from(error).into_response(Media::Json);
        }
        Err(refused) => return refused.into_response(Media::Json),
    };
    let place = match door.take_place(&parts.headers, &parts.extensions) {
        Ok(place) => place,
        Err(error) => return Refused::from(error).into_response(Media::Json),
    };
    let asked = Asked::from_headers(&parts.headers);
    let answers = match answers(&door, question, asked, is_post) {
        Ok(answers) => answers,
        Err(refused) => return refused.into_response(Media::Json),
    };
    let answers = answers.take_until(Box::pin(door.closing()));
    let events = events(answers.boxed(), door.settings().quiet_most).map(move |event| {
        let _taken_until_the_end = &place;
        Ok::<_, Infallible>(event)
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx otherwise collects the events before it passes them on.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events)).into_response()
}

fn answers<E: Executor>(
    door: &Door<E>,
    question: Question,
    asked: Asked,
    is_post: bool,
) -> Result<BoxStream<'static, Answer>, Refused> {
    match door.prepare(question) {
        Err(errors) => Ok(once(errors)),
        // Another site's page can make a browser send a GET.
        Ok(prepared) if prepared.kind == OperationType::Mutation && !is_post => {
            Err(Refused::method(Code::BadUserInput.error("A GET runs no mutation."), "POST"))
        }
        Ok(prepared) => Ok(door.listen(prepared, asked)),
    }
}

fn once(errors: Vec<ServerError>) -> BoxStream<'static, Answer> {
    stream::once(future::ready(Answer::from_errors(errors))).boxed()
}

/// The answers as events, with a sign of life whenever there was nothing for a while.
fn events(
    answers: BoxStream<'static, Answer>,
    quiet_most: Duration,
) -> impl futures_util::Stream<Item = Bytes> + Send + 'static {
    stream::unfold(Some(answers), move |answers| async move {
        let mut answers = answers?;
        Some(match tokio::time::timeout(quiet_most, answers.next()).await {
            Ok(Some(answer)) => (next(&answer), Some(answers)),
            Ok(None) => (COMPLETE, None),
            Err(_) => (STILL_HERE, Some(answers)),
        })
    })
}

fn next(answer: &Answer) -> Bytes {
    // JSON has no line breaks of its own, so that one `data` field is enough.
    [b"event: next\ndata: ", &*bytes(&Written::from(answer)), b"\n\n"].concat().into()
}
