//! GraphQL over HTTP, by its specification: `POST` and `GET` at one address.
//!
//! Nothing that changes anything can be sent by another site's form: a `GET` runs queries only, and a
//! `POST` needs a content type for which a browser asks first.

use std::{convert::Infallible, sync::Arc};

use async_graphql::{Executor, parser::types::OperationType};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, future};
use tokio::time::Duration;

use super::{
    answer::Answer,
    door::{Asked, Door},
    fault::Code,
    framing::{Framing, framed},
    kept,
    question::{Question, Questions},
    traffic::Way,
};

mod accept;
mod answer;
mod entry;
mod keeping;

pub(super) use accept::{Media, accepts, wishes};
pub(super) use answer::Refused;
pub(super) use entry::{Entry, enter, questions};

/// What the address can be asked with.
const METHODS: &str = "GET, HEAD, POST, OPTIONS";
/// How often a `multipart/mixed` answer says that it is still there: the clients' own suggestion.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// By Apollo's protocol, where an answer is a `payload` and an empty part a sign of life.
const PARTS: Framing = Framing {
    around: ["--graphql\r\nContent-Type: application/json\r\n\r\n{\"payload\":", "}\r\n"],
    still_here: "--graphql\r\nContent-Type: application/json\r\n\r\n{}\r\n",
    end: "--graphql--\r\n",
};

/// Answers one request.
pub(super) async fn answer<E: Executor>(State(door): State<Door<E>>, request: Request) -> Response {
    let media = match Media::wanted(request.headers()) {
        Ok(media) => media,
        Err(refused) => return door.turn_away(Way::Http, refused).into_response(Media::Json),
    };
    let (parts, entry) = match enter(request, door.settings(), METHODS).await {
        Ok(entered) => entered,
        Err(refused) => return door.turn_away(Way::Http, refused).into_response(media),
    };
    let asked = door.asked(Way::Http, &parts.headers, &parts.extensions);
    match entry {
        Entry::Url(question) => read(&door, *question, asked, &parts.headers, media).await,
        Entry::Body(body) => posted(&door, &body, asked, &parts, media).await,
    }
}

/// What came in a body. One that was sent before is not even read, unless its answer has to be made anew.
async fn posted<E: Executor>(
    door: &Door<E>,
    bytes: &Bytes,
    asked: Asked,
    parts: &Parts,
    media: Media,
) -> Response {
    let body = kept::Body::of(bytes, &asked);
    if let Some(prepared) = body.and_then(|body| door.asked_before(&body, bytes, &asked)) {
        let answer = door.answer(prepared, asked).await;
        return answer::whole(door, &answer, &parts.headers, media).await;
    }
    match questions(door, bytes, &asked).await {
        Err(refused) => door.turn_away(Way::Http, refused).into_response(media),
        Ok(Questions::Batch(questions)) => batch(door, questions, asked, &parts.headers, media).await,
        Ok(Questions::One(question)) if accepts(&parts.headers, "multipart/mixed") => {
            parts_or_whole(door, question, asked, parts, media).await
        }
        Ok(Questions::One(question)) => match whole(door, Question { body, ..question }, asked).await {
            Ok(answer) => answer::whole(door, &answer, &parts.headers, media).await,
            Err(refused) => refused.into_response(media),
        },
    }
}

/// A query in a URL, which browsers and CDNs may keep.
async fn read<E: Executor>(
    door: &Door<E>,
    question: Question,
    asked: Asked,
    headers: &HeaderMap,
    media: Media,
) -> Response {
    let prepared = match door.prepare(question, &asked).await {
        Ok(prepared) => prepared,
        Err(errors) => return answer::whole(door, &Arc::new(errors.into()), headers, media).await,
    };
    if prepared.kind != OperationType::Query {
        let error =
            Code::BadUserInput.error(format!("A GET runs queries only, and this is a {}.", prepared.kind));
        return door.turn_away(Way::Http, Refused::method(error, "POST")).into_response(media);
    }
    let answer = door.answer(prepared, asked).await;
    keeping::kept(door, &answer, headers, media).await
}

/// Several operations in one request, each answered at its place. They run side by side.
async fn batch<E: Executor>(
    door: &Door<E>,
    questions: Vec<Result<Question, async_graphql::ServerError>>,
    asked: Asked,
    headers: &HeaderMap,
    media: Media,
) -> Response {
    let answers = questions.into_iter().map(|question| {
        let asked = asked.clone();
        async {
            match question {
                Ok(question) => whole(door, question, asked)
                    .await
                    .unwrap_or_else(|refused| Arc::new(vec![*refused.error].into())),
                Err(error) => Arc::new(vec![error].into()),
            }
        }
    });
    answer::batch(door, &future::join_all(answers).await, headers, media).await
}

/// One answer to one operation.
async fn whole<E: Executor>(
    door: &Door<E>,
    question: Question,
    asked: Asked,
) -> Result<Arc<Answer>, Refused> {
    match door.prepare(question, &asked).await {
        Err(errors) => Ok(Arc::new(errors.into())),
        Ok(prepared) if prepared.kind == OperationType::Subscription => {
            let error = Code::BadUserInput.error(
                "A subscription has more than one answer: use /graphql/ws, /graphql/stream, or accept multipart/mixed.",
            );
            let refused = Refused { status: StatusCode::NOT_ACCEPTABLE, ..Refused::from(error) };
            Err(door.turn_away(Way::Http, refused))
        }
        Ok(prepared) => Ok(door.answer(prepared, asked).await),
    }
}

/// A subscription in parts (`multipart/mixed; subscriptionSpec="1.0"`), for the clients that can
/// neither open a socket nor read an event stream; anything else in one piece.
async fn parts_or_whole<E: Executor>(
    door: &Door<E>,
    question: Question,
    asked: Asked,
    parts: &Parts,
    media: Media,
) -> Response {
    let prepared = match door.prepare(question, &asked).await {
        Ok(prepared) => prepared,
        Err(errors) => return answer::whole(door, &Arc::new(errors.into()), &parts.headers, media).await,
    };
    if prepared.kind != OperationType::Subscription {
        let answer = door.answer(prepared, asked).await;
        return answer::whole(door, &answer, &parts.headers, media).await;
    }
    let place = match door.take_place(Way::Http, &parts.headers, &parts.extensions) {
        Ok(place) => place,
        Err(error) => return door.turn_away(Way::Http, error.into()).into_response(media),
    };
    let answers = door.listen(prepared, asked, Arc::default()).take_until(Box::pin(door.closing())).map(
        move |answer| {
            let _taken_until_the_end = &place;
            answer
        },
    );
    let parts = framed(answers.boxed(), HEARTBEAT, PARTS);
    let headers =
        [(header::CONTENT_TYPE, "multipart/mixed; boundary=graphql"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(parts.map(Ok::<_, Infallible>))).into_response()
}
