//! GraphQL over HTTP, by its specification: `POST` and `GET` at one address.
//!
//! Nothing that changes anything can be sent by another site's form: a `GET` runs queries only, and a
//! `POST` needs a content type for which a browser asks first.

use async_graphql::{Executor, Response as Answer, parser::types::OperationType};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, future};
use tokio::time::Duration;

use super::{
    door::{Asked, Door},
    fault::Code,
    question::{Question, Questions},
};

mod accept;
mod answer;
mod entry;
mod keeping;

pub(super) use accept::{Media, accepts};
pub(super) use answer::{Refused, Written, bytes};
pub(super) use entry::{Entry, enter};

/// What the address can be asked with.
const METHODS: &str = "GET, HEAD, POST, OPTIONS";
/// How often a `multipart/mixed` answer says that it is still there: the clients' own suggestion.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Answers one request.
pub(super) async fn answer<E: Executor>(State(door): State<Door<E>>, request: Request) -> Response {
    let media = match Media::wanted(request.headers()) {
        Ok(media) => media,
        Err(refused) => return refused.into_response(Media::Json),
    };
    let is_post = request.method() == Method::POST;
    let (parts, entry) = match enter(request, door.settings(), METHODS).await {
        Ok(entered) => entered,
        Err(refused) => return refused.into_response(media),
    };
    let asked = Asked::from_headers(&parts.headers);
    match entry {
        Entry::Url(question) => read(&door, question, asked, &parts.headers, media).await,
        Entry::Body(Questions::Batch(questions)) => batch(&door, questions, asked, media).await,
        Entry::Body(Questions::One(question)) if is_post && accepts(&parts.headers, "multipart/mixed") => {
            parts_or_whole(&door, question, asked, &parts, media).await
        }
        Entry::Body(Questions::One(question)) => match whole(&door, question, asked).await {
            Ok(answer) => answer::whole(answer, media),
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
    let prepared = match door.prepare(question) {
        Ok(prepared) => prepared,
        Err(errors) => return answer::whole(Answer::from_errors(errors), media),
    };
    if prepared.kind != OperationType::Query {
        let error =
            Code::BadUserInput.error(format!("A GET runs queries only, and this is a {}.", prepared.kind));
        return Refused::method(error, "POST").into_response(media);
    }
    let answer = door.answer(prepared, asked).await;
    keeping::kept(answer, headers, door.settings().public_for, media)
}

/// Several operations in one request, each answered at its place. They run side by side.
async fn batch<E: Executor>(
    door: &Door<E>,
    questions: Vec<Result<Question, async_graphql::ServerError>>,
    asked: Asked,
    media: Media,
) -> Response {
    let answers = questions.into_iter().map(|question| {
        let asked = asked.clone();
        async {
            match question {
                Ok(question) => whole(door, question, asked)
                    .await
                    .unwrap_or_else(|refused| Answer::from_errors(vec![*refused.error])),
                Err(error) => Answer::from_errors(vec![error]),
            }
        }
    });
    answer::batch(&future::join_all(answers).await, media)
}

/// One answer to one operation.
async fn whole<E: Executor>(door: &Door<E>, question: Question, asked: Asked) -> Result<Answer, Refused> {
    match door.prepare(question) {
        Err(errors) => Ok(Answer::from_errors(errors)),
        Ok(prepared) if prepared.kind == OperationType::Subscription => Err(Refused {
            status: StatusCode::NOT_ACCEPTABLE,
            ..Refused::from(Code::BadUserInput.error(
                "A subscription has more than one answer: use /graphql/ws, /graphql/stream, or accept multipart/mixed.",
            ))
        }),
        Ok(prepared) => Ok(door.answer(prepared, asked).await),
    }
}

/// A subscription in parts (`multipart/mixed; subscriptionSpec="1.0"`), for the clients that can
/// neither open a socket nor read an event stream; anything else in one piece.
async fn parts_or_whole<E: Executor>(
    door: &Door<E>,
    question: Question,
    asked: Asked,
    parts: &axum::http::request::Parts,
    media: Media,
) -> Response {
    let prepared = match door.prepare(question) {
        Ok(prepared) => prepared,
        Err(errors) => return answer::whole(Answer::from_errors(errors), media),
    };
    if prepared.kind != OperationType::Subscription {
        return answer::whole(door.answer(prepared, asked).await, media);
    }
    let place = match door.take_place(&parts.headers, &parts.extensions) {
        Ok(place) => place,
        Err(error) => return Refused::from(error).into_response(media),
    };
    let answers = door.listen(prepared, asked).take_until(Box::pin(door.closing())).map(move |answer| {
        let _taken_until_the_end = &place;
        answer
    });
    let bytes = async_graphql::http::create_multipart_mixed_stream(answers, HEARTBEAT);
    let headers =
        [(header::CONTENT_TYPE, "multipart/mixed; boundary=graphql"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(bytes.map(Ok::<_, std::convert::Infallible>))).into_response()
}
