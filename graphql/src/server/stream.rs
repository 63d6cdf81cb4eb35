//! GraphQL over server-sent events, in its distinct connections mode: one operation for each request,
//! by `POST`, or by `GET` for the `EventSource` of browsers.
//!
//! What is wrong with the request itself is a JSON answer with its status. Once it is an operation,
//! everything it has to say, and be it that it is not valid, comes as an event: an `EventSource` shows
//! the page nothing of an answer with another status.

use async_graphql::{Executor, ServerError, parser::types::OperationType};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{
    StreamExt, future,
    stream::{self, BoxStream},
};
use std::{convert::Infallible, sync::Arc};

use super::{
    answer::Answer,
    door::{Asked, Door},
    fault::Code,
    framing::{Framing, framed},
    http::{Entry, Media, Refused, accepts, enter, questions},
    question::{Question, Questions},
    traffic::Way,
};

const METHODS: &str = "GET, POST, OPTIONS";
/// JSON has no line breaks of its own, so that one `data` field is enough. A sign of life is a comment,
/// which clients do not show. The end has empty data: without any, an `EventSource` would not tell of
/// it.
const EVENTS: Framing = Framing {
    around: ["event: next\ndata: ", "\n\n"],
    still_here: ":\n\n",
    end: "event: complete\ndata: \n\n",
};

/// Answers with a stream of events.
pub(super) async fn answer<E: Executor>(State(door): State<Door<E>>, request: Request) -> Response {
    let is_post = request.method() == Method::POST;
    if !(accepts(request.headers(), "text/event-stream") || accepts(request.headers(), "*/*")) {
        let refused = Refused {
            status: StatusCode::NOT_ACCEPTABLE,
            ..Refused::from(Code::BadUserInput.error("The answer is a text/event-stream."))
        };
        return door.turn_away(Way::Stream, refused).into_response(Media::Json);
    }
    let (parts, entry) = match enter(request, door.settings(), METHODS).await {
        Ok(entered) => entered,
        Err(refused) => return door.turn_away(Way::Stream, refused).into_response(Media::Json),
    };
    let asked = door.asked(Way::Stream, &parts.headers, &parts.extensions);
    let question = match the_one(&door, entry, &asked).await {
        Ok(question) => question,
        Err(refused) => return door.turn_away(Way::Stream, refused).into_response(Media::Json),
    };
    let place = match door.take_place(Way::Stream, &parts.headers, &parts.extensions) {
        Ok(place) => place,
        Err(error) => return door.turn_away(Way::Stream, error.into()).into_response(Media::Json),
    };
    let answers = match answers(&door, question, asked, is_post).await {
        Ok(answers) => answers,
        Err(refused) => return door.turn_away(Way::Stream, refused).into_response(Media::Json),
    };
    let answers = answers.take_until(Box::pin(door.closing()));
    let events = framed(answers.boxed(), door.settings().quiet_most, EVENTS).map(move |event| {
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

/// The one operation that a stream has.
async fn the_one<E: Executor>(door: &Door<E>, entry: Entry, asked: &Asked) -> Result<Question, Refused> {
    let body = match entry {
        Entry::Url(question) => return Ok(*question),
        Entry::Body(body) => body,
    };
    match questions(door, &body, asked).await? {
        Questions::One(question) => Ok(question),
        Questions::Batch(_) => Err(Code::BadUserInput.error("An event stream has one operation.").into()),
    }
}

async fn answers<E: Executor>(
    door: &Door<E>,
    question: Question,
    asked: Asked,
    is_post: bool,
) -> Result<BoxStream<'static, Arc<Answer>>, Refused> {
    match door.prepare(question, &asked).await {
        Err(errors) => Ok(once(errors)),
        // Another site's page can make a browser send a GET.
        Ok(prepared) if prepared.kind == OperationType::Mutation && !is_post => {
            Err(Refused::method(Code::BadUserInput.error("A GET runs no mutation."), "POST"))
        }
        Ok(prepared) => Ok(door.listen(prepared, asked, Arc::default())),
    }
}

fn once(errors: Vec<ServerError>) -> BoxStream<'static, Arc<Answer>> {
    stream::once(future::ready(Arc::new(errors.into()))).boxed()
}
