//! Reads the GraphQL request from the URL of a `GET` or from the JSON body of a `POST`.

use async_graphql::{Executor, ServerError};
use axum::{
    body::{self, Bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};

use http_body_util::BodyExt;

use crate::{
    client_info::ClientInfo,
    engine::GraphqlEngine,
    error::ErrorCode,
    http_response::Rejection,
    request::{GraphqlRequest, RequestBatch},
    settings::EngineSettings,
};

/// The smallest expected chunk, which every link can carry (RFC 791). A body may have as many chunks as of
/// this size, and some more.
const EXPECTED_CHUNK_BYTES: usize = 512;
const SPARE_CHUNKS: usize = 1_000;

const fn max_chunks(max_bytes: usize) -> usize {
    max_bytes / EXPECTED_CHUNK_BYTES + SPARE_CHUNKS
}

/// The source of the GraphQL request.
pub(crate) enum RequestSource {
    Query(Box<GraphqlRequest>),
    Body(Bytes),
}

/// Reads an HTTP request. `methods` are the methods of the path.
pub(crate) async fn read_request(
    request: Request,
    settings: &EngineSettings,
    methods: &'static str,
) -> Result<(Parts, RequestSource), Rejection> {
    let (parts, body) = request.into_parts();
    let source = match parts.method {
        Method::GET | Method::HEAD => {
            RequestSource::Query(Box::new(GraphqlRequest::from_url(parts.uri.query().unwrap_or_default())?))
        }
        Method::POST => {
            check_content_type(&parts.headers)?;
            RequestSource::Body(read_body(body, &parts.headers, settings).await?)
        }
        _ => {
            let error = ErrorCode::BadUserInput
                .error(format!("The method {} is not supported here: use {methods}.", parts.method));
            return Err(Rejection::method_not_allowed(error, methods));
        }
    };
    Ok((parts, source))
}

/// Parses a body, if the remaining budget of the client permits it.
pub(crate) async fn parse_requests<E: Executor>(
    engine: &GraphqlEngine<E>,
    body: &Bytes,
    client: &ClientInfo,
) -> Result<RequestBatch, Rejection> {
    client.cost_budget.check_readable(body.len()).map_err(ServerError::from)?;
    let max_batch_size = engine.settings().max_batch_size;
    Ok(engine.compute_pool().run(body.len(), || RequestBatch::from_body(body, max_batch_size)).await?)
}

/// Accepts only `application/json`. Browsers send form types and plain text to other sites without a
/// preflight request; these must not execute anything.
fn check_content_type(headers: &HeaderMap) -> Result<(), Rejection> {
    let rejection = |message: &str| Rejection {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        header: Some((header::ACCEPT, "application/json")),
        ..Rejection::from(ErrorCode::BadUserInput.error(message))
    };
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
        let value = value.trim_matches('"');
        !name.trim().eq_ignore_ascii_case("charset")
            || value.eq_ignore_ascii_case("utf-8")
            || value.eq_ignore_ascii_case("utf8")
    });
    if !is_json || !is_utf8 {
        return Err(rejection("The body of a POST is `Content-Type: application/json`, in UTF-8."));
    }
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            Err(rejection("The body of a POST is sent as it is, without `Content-Encoding`."))
        }
        _ => Ok(()),
    }
}

async fn read_body(
    body: body::Body,
    headers: &HeaderMap,
    settings: &EngineSettings,
) -> Result<Bytes, Rejection> {
    let max_bytes = settings.max_body_bytes;
    let too_large =
        || Rejection {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            ..Rejection::from(ErrorCode::BadUserInput.error(format!(
                "The body has at most {max_bytes} bytes in {} chunks.",
                max_chunks(max_bytes)
            )))
        };
    let content_length =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if content_length.is_some_and(|length: u64| length > max_bytes as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(settings.body_timeout, collect_body(body, max_bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(BodyError::TooLarge)) => Err(too_large()),
        Ok(Err(BodyError::Incomplete)) => {
            Err(ErrorCode::BadUserInput.error("The body could not be read to its end.").into())
        }
        Err(_) => Err(Rejection {
            status: StatusCode::REQUEST_TIMEOUT,
            ..Rejection::from(ErrorCode::BadUserInput.error("The body did not arrive in time."))
        }),
    }
}

/// Why a body could not be read.
enum BodyError {
    TooLarge,
    Incomplete,
}

/// Collects the chunks of a body. Each chunk costs time, however small it is, so that their number is limited
/// too.
async fn collect_body(mut body: body::Body, max_bytes: usize) -> Result<Bytes, BodyError> {
    let (mut bytes, mut chunk_count) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.map_err(|_| BodyError::Incomplete)?.into_data() else { continue };
        chunk_count += 1;
        if bytes.len() + chunk.len() > max_bytes || chunk_count > max_chunks(max_bytes) {
            return Err(BodyError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}
