//! How a question comes in by HTTP: in the URL of a `GET` or in the JSON body of a `POST`.

use async_graphql::{Executor, ServerError};
use axum::{
    body::{self, Bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};

use http_body_util::BodyExt;

use super::Refused;
use crate::server::{
    door::{Asked, Door},
    fault::Code,
    question::{Question, Questions},
    settings::Settings,
};

/// A body may come in as many pieces as it would have of this size, which every link carries (RFC 791), and
/// in some more.
const PIECE: usize = 512;
const PIECES_MORE: usize = 1_000;

/// Where the question was.
pub(in crate::server) enum Entry {
    Url(Box<Question>),
    Body(Bytes),
}

/// Reads a request. `methods` are those that the address takes.
pub(in crate::server) async fn enter(
    request: Request,
    settings: &Settings,
    methods: &'static str,
) -> Result<(Parts, Entry), Refused> {
    let (parts, body) = request.into_parts();
    let entry = match parts.method {
        Method::GET | Method::HEAD => {
            Entry::Url(Box::new(Question::from_url(parts.uri.query().unwrap_or_default())?))
        }
        Method::POST => {
            is_json(&parts.headers)?;
            Entry::Body(whole(body, &parts.headers, settings).await?)
        }
        _ => {
            let error = Code::BadUserInput.error(format!("Not with {}: {methods}.", parts.method));
            return Err(Refused::method(error, methods));
        }
    };
    Ok((parts, entry))
}

/// What a body asks, if whoever sends it has points left for it to be read.
pub(in crate::server) async fn questions<E: Executor>(
    door: &Door<E>,
    body: &Bytes,
    asked: &Asked,
) -> Result<Questions, Refused> {
    asked.allowance.read(body.len()).map_err(ServerError::from)?;
    let most = door.settings().batch_most;
    Ok(door.aside().work(body.len(), || Questions::from_body(body, most)).await?)
}

/// Only `application/json`. A browser sends the types of forms and plain text across sites without
/// asking first, and must not be able to run anything with them.
fn is_json(headers: &HeaderMap) -> Result<(), Refused> {
    let refused = |message: &str| Refused {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        with: Some((header::ACCEPT, "application/json")),
        ..Refused::from(Code::BadUserInput.error(message))
    };
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
        let value = value.trim_matches('"');
        !name.trim().eq_ignore_ascii_case("charset")
            || value.eq_ignore_ascii_case("utf-8")
            || value.eq_ignore_ascii_case("utf8")
    });
    if !is_json || !is_utf8 {
        return Err(refused("The body of a POST is `Content-Type: application/json`, in UTF-8."));
    }
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            Err(refused("The body of a POST is sent as it is, without `Content-Encoding`."))
        }
        _ => Ok(()),
    }
}

async fn whole(body: body::Body, headers: &HeaderMap, settings: &Settings) -> Result<Bytes, Refused> {
    let most = settings.body_most;
    let too_large = || Refused {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        ..Refused::from(
            Code::BadUserInput.error(format!("The body has at most {most} bytes, not in tiny pieces.")),
        )
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > most as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(settings.body_wait, collected(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(Broken::TooLarge)) => Err(too_large()),
        Ok(Err(Broken::Off)) => {
            Err(Code::BadUserInput.error("The body could not be read to its end.").into())
        }
        Err(_) => Err(Refused {
            status: StatusCode::REQUEST_TIMEOUT,
            ..Refused::from(Code::BadUserInput.error("The body did not arrive in time."))
        }),
    }
}

/// Why there is no body.
enum Broken {
    TooLarge,
    Off,
}

/// The pieces of a body put together. Each costs something however small it is, so they are bounded too.
async fn collected(mut body: body::Body, most: usize) -> Result<Bytes, Broken> {
    let (mut whole, mut pieces) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| Broken::Off)?.into_data() else { continue };
        pieces += 1;
        if whole.len() + piece.len() > most || pieces > most / PIECE + PIECES_MORE {
            return Err(Broken::TooLarge);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}
