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
    acquire_stream_slot,
    chunked::{ChunkFormat, chunked},
    reject,
};
use crate::{
    accept::accepts,
    cache_key::BodyKey,
    client_info::ClientInfo,
    engine::GraphqlEngine,
    error::ErrorCode,
    http_response::{Rejection, ResponseFormat},
    negotiation::negotiate,
    request::{GraphqlRequest, RequestBatch},
    request_metrics::Transport,
    response::EncodedResponse,
};

mod body;
mod conditional;
mod response;

pub(crate) use body::{RequestSource, parse_requests, read_request};

/// What the address can be asked with.
const METHODS: &str = "GET, HEAD, POST, OPTIONS";
/// How often a `multipart/mixed` answer says that it is still there: the clients' own suggestion.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);
/// By Apollo's protocol, where an answer is a `payload` and an empty part a sign of life.
const PARTS: ChunkFormat = ChunkFormat {
    prefix_suffix: ["--graphql\r\nContent-Type: application/json\r\n\r\n{\"payload\":", "}\r\n"],
    heartbeat: "--graphql\r\nContent-Type: application/json\r\n\r\n{}\r\n",
    terminator: "--graphql--\r\n",
};

/// Answers one request.
pub(crate) async fn handle<E: Executor>(State(door): State<GraphqlEngine<E>>, request: Request) -> Response {
    let media = match negotiate(request.headers()) {
        Ok(media) => media,
        Err(refused) => {
            return reject(&door, Transport::Http, refused, ResponseFormat::Json);
        }
    };
    let (parts, entry) = match read_request(request, door.settings(), METHODS).await {
        Ok(entered) => entered,
        Err(refused) => return reject(&door, Transport::Http, refused, media),
    };
    let asked = door.client_info(Transport::Http, &parts.headers, &parts.extensions);
    match entry {
        RequestSource::Query(question) => handle_get(&door, *question, asked, &parts.headers, media).await,
        RequestSource::Body(body) => handle_post(&door, &body, asked, &parts, media).await,
    }
}

/// What came in a body. One that was sent before is not even read, unless its answer has to be made anew.
async fn handle_post<E: Executor>(
    door: &GraphqlEngine<E>,
    bytes: &Bytes,
    asked: ClientInfo,
    parts: &Parts,
    media: ResponseFormat,
) -> Response {
    let body = BodyKey::of(bytes, &asked);
    if let Some(prepared) = body.and_then(|body| door.lookup_by_body(&body, bytes, &asked)) {
        let answer = door.execute_prepared(prepared, asked).await;
        return response::single_response(door, &answer, &parts.headers, media).await;
    }
    match parse_requests(door, bytes, &asked).await {
        Err(refused) => reject(door, Transport::Http, refused, media),
        Ok(RequestBatch::Batch(questions)) => handle_batch(door, questions, asked, &parts.headers, media).await,
        Ok(RequestBatch::One(question)) if accepts(&parts.headers, "multipart/mixed") => {
            respond_in_parts(door, question, asked, parts, media).await
        }
        Ok(RequestBatch::One(question)) => match respond_once(door, question, body, asked).await {
            Ok(answer) => response::single_response(door, &answer, &parts.headers, media).await,
            Err(refused) => refused.into_response(media),
        },
    }
}

/// A query in a URL, which browsers and CDNs may keep.
async fn handle_get<E: Executor>(
    door: &GraphqlEngine<E>,
    question: GraphqlRequest,
    asked: ClientInfo,
    headers: &HeaderMap,
    media: ResponseFormat,
) -> Response {
    let prepared = match door.prepare(question, None, &asked).await {
        Ok(prepared) => prepared,
        Err(errors) => return response::single_response(door, &Arc::new(errors.into()), headers, media).await,
    };
    if prepared.kind != OperationType::Query {
        let error = ErrorCode::BadUserInput
            .error(format!("A GET runs queries only, and this is a {}.", prepared.kind));
        return reject(door, Transport::Http, Rejection::method_not_allowed(error, "POST"), media);
    }
    let answer = door.execute_prepared(prepared, asked).await;
    conditional::conditional_response(door, &answer, headers, media).await
}

/// Several operations in one request, each answered at its place. They run side by side.
async fn handle_batch<E: Executor>(
    door: &GraphqlEngine<E>,
    questions: Vec<Result<GraphqlRequest, async_graphql::ServerError>>,
    asked: ClientInfo,
    headers: &HeaderMap,
    media: ResponseFormat,
) -> Response {
    let answers = questions.into_iter().map(|question| {
        let asked = asked.clone();
        async {
            match question {
                Ok(question) => respond_once(door, question, None, asked)
                    .await
                    .unwrap_or_else(|refused| Arc::new(vec![*refused.error].into())),
                Err(error) => Arc::new(vec![error].into()),
            }
        }
    });
    response::batch_response(door, &future::join_all(answers).await, headers, media).await
}

/// One answer to one operation.
async fn respond_once<E: Executor>(
    door: &GraphqlEngine<E>,
    question: GraphqlRequest,
    body: Option<BodyKey>,
    asked: ClientInfo,
) -> Result<Arc<EncodedResponse>, Rejection> {
    match door.prepare(question, body, &asked).await {
        Err(errors) => Ok(Arc::new(errors.into())),
        Ok(prepared) if prepared.kind == OperationType::Subscription => {
            let error = ErrorCode::BadUserInput.error(
                "A subscription has more than one answer: use /graphql/ws, /graphql/stream, or accept multipart/mixed.",
            );
            let refused = Rejection { status: StatusCode::NOT_ACCEPTABLE, ..Rejection::from(error) };
            door.record_rejection(Transport::Http, &refused.error);
            Err(refused)
        }
        Ok(prepared) => Ok(door.execute_prepared(prepared, asked).await),
    }
}

/// A subscription in parts (`multipart/mixed; subscriptionSpec="1.0"`), for the clients that can
/// neither open a socket nor read an event stream; anything else in one piece.
async fn respond_in_parts<E: Executor>(
    door: &GraphqlEngine<E>,
    question: GraphqlRequest,
    asked: ClientInfo,
    parts: &Parts,
    media: ResponseFormat,
) -> Response {
    let prepared = match door.prepare(question, None, &asked).await {
        Ok(prepared) => prepared,
        Err(errors) => return response::single_response(door, &Arc::new(errors.into()), &parts.headers, media).await,
    };
    if prepared.kind != OperationType::Subscription {
        let answer = door.execute_prepared(prepared, asked).await;
        return response::single_response(door, &answer, &parts.headers, media).await;
    }
    let place = match acquire_stream_slot(door, Transport::Http, parts) {
        Ok(place) => place,
        Err(error) => return reject(door, Transport::Http, error.into(), media),
    };
    let answers = door
        .open_stream(prepared, asked, Arc::default())
        .take_until(Box::pin(door.shutdown_requested()))
        .map(move |answer| {
            let _taken_until_the_end = &place;
            answer
        });
    let parts = chunked(answers.boxed(), HEARTBEAT_INTERVAL, PARTS);
    let headers =
        [(header::CONTENT_TYPE, "multipart/mixed; boundary=graphql"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(parts.map(Ok::<_, Infallible>))).into_response()
}
