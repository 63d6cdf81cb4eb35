//! Content negotiation: the format of a response.

use axum::http::{HeaderMap, StatusCode, header};

use crate::{
    accept::{AcceptItem, accept_items},
    error::ErrorCode,
    http_response::{Rejection, ResponseFormat},
};

/// The format with the highest quality in `Accept`. Without `Accept`, or with a wildcard, it is
/// `application/json`, which clients older than the specification expect.
pub(crate) fn negotiate(headers: &HeaderMap) -> Result<ResponseFormat, Rejection> {
    let mut best = None;
    let mut has_accept = false;
    for AcceptItem { name: format, quality, utf8 } in accept_items(headers, header::ACCEPT) {
        has_accept = true;
        let matches = |form: &str| format.eq_ignore_ascii_case(form);
        let candidate = if matches("application/graphql-response+json") {
            ResponseFormat::Response
        } else if ["application/json", "application/*", "*/*", "multipart/mixed"].into_iter().any(matches) {
            // A single response to a request for a stream is JSON.
            ResponseFormat::Json
        } else {
            continue;
        };
        if quality > 0 && utf8 && best.is_none_or(|(_, best_quality)| quality > best_quality) {
            best = Some((candidate, quality));
        }
    }
    match best {
        Some((format, _)) => Ok(format),
        None if !has_accept => Ok(ResponseFormat::Json),
        None => Err(Rejection {
            status: StatusCode::NOT_ACCEPTABLE,
            ..Rejection::from(
                ErrorCode::BadUserInput
                    .error("The answer is application/graphql-response+json or application/json, in UTF-8."),
            )
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str) -> Option<ResponseFormat> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().expect("a header"))]);
        negotiate(&headers).ok()
    }

    #[test]
    fn the_best_form_that_is_accepted_wins_and_the_first_of_equals() {
        assert_eq!(
            negotiated("application/graphql-response+json, application/json"),
            Some(ResponseFormat::Response)
        );
        assert_eq!(
            negotiated("application/json, application/graphql-response+json"),
            Some(ResponseFormat::Json)
        );
        assert_eq!(
            negotiated("application/json;q=0.9, application/graphql-response+json"),
            Some(ResponseFormat::Response)
        );
        assert_eq!(
            negotiated("application/graphql-response+json; charset=utf-8"),
            Some(ResponseFormat::Response)
        );
        assert_eq!(negotiated("text/html, */*;q=0.1"), Some(ResponseFormat::Json));
        assert_eq!(negotiated("Application/GraphQL-Response+JSON"), Some(ResponseFormat::Response));
        assert_eq!(negotiated("*/*"), Some(ResponseFormat::Json));
        assert_eq!(negotiate(&HeaderMap::new()).ok(), Some(ResponseFormat::Json));
    }

    #[test]
    fn an_unsupported_format_is_rejected() {
        assert_eq!(negotiated("text/html"), None);
        assert_eq!(negotiated("application/json;q=0"), None);
        assert_eq!(negotiated("application/json; charset=utf-16"), None);
    }
}
