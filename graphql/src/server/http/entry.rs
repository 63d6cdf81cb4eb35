//! How a question comes in by HTTP: in the URL of a `GET` or in the JSON body of a `POST`.

use axum::{
    body::{self, Bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};

use super::Refused;
use crate::server::{
    fault::Code,
    question::{Question, Questions},
    settings::Settings,
};

/// Where the question was.
pub(in crate::server) enum Entry {
    Url(Question),
    Body(Questions),
}

/// Reads a request. `methods` are those that the address takes.
pub(in crate::server) async fn enter(
    request: Request,
    settings: &Settings,
    methods: &'static str,
) -> Result<(Parts, Entry), Refused> {
    let (parts, body) = request.into_parts();
    let entry = match parts.method {
        Method::GET | Method::HEAD => Entry::Url(Question::from_url(parts.uri.query().unwrap_or_default())?),
        Method::POST => {
            is_json(&parts.headers)?;
            let body = whole(body, &parts.headers, settings).await?;
            Entry::Body(Questions::from_body(&body, settings.batch_most)?)
        }
        _ => {
            let error = Code::BadUserInput.error(format!("Not with {}: {methods}.", parts.method));
            return Err(Refused::method(error, methods));
        }
    };
    Ok((parts, entry))
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
        ..Refused::from(Code::BadUserInput.error(format!("The body has at most {most} bytes.")))
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > most as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(settings.body_wait, body::to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_large(&error) => Err(too_large()),
        Ok(Err(_)) => Err(Code::BadUserInput.error("The body could not be read to its end.").into()),
        Err(_) => Err(Refused {
            status: StatusCode::REQUEST_TIMEOUT,
            ..Refused::from(Code::BadUserInput.error("The body did not arrive in time."))
        }),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
