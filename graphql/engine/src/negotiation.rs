//! Content negotiation: which form the response gets.

use axum::http::{HeaderMap, StatusCode, header};

use crate::{
    accept::{AcceptItem, accept_items},
    error::ErrorCode,
    http_response::{Rejection, ResponseFormat},
};

/// The form that `Accept` likes best. Whoever does not say, or takes anything, gets
/// `application/json`: that is what clients from before the specification read.
pub(crate) fn negotiate(headers: &HeaderMap) -> Result<ResponseFormat, Rejection> {
    let mut best = None;
    let mut said = false;
    for AcceptItem { name: media, quality, utf8 } in accept_items(headers, header::ACCEPT) {
        said = true;
        let is = |form: &str| media.eq_ignore_ascii_case(form);
        let found = if is("application/graphql-response+json") {
            ResponseFormat::Response
        } else if ["application/json", "application/*", "*/*", "multipart/mixed"].into_iter().any(is) {
            // Asked for a stream that turns out to be one answer, the one answer is JSON.
            ResponseFormat::Json
        } else {
            continue;
        };
        if quality > 0 && utf8 && best.is_none_or(|(_, most)| quality > most) {
            best = Some((found, quality));
        }
    }
    match best {
        Some((media, _)) => Ok(media),
        None if !said => Ok(ResponseFormat::Json),
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

    fn wanted(accept: &str) -> Option<ResponseFormat> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().expect("a header"))]);
        negotiate(&headers).ok()
    }

    #[test]
    fn the_best_form_that_is_accepted_wins_and_the_first_of_equals() {
        assert_eq!(
            wanted("application/graphql-response+json, application/json"),
            Some(ResponseFormat::Response)
        );
        assert_eq!(wanted("application/json, application/graphql-response+json"), Some(ResponseFormat::Json));
        assert_eq!(
            wanted("application/json;q=0.9, application/graphql-response+json"),
            Some(ResponseFormat::Response)
        );
        assert_eq!(
            wanted("application/graphql-response+json; charset=utf-8"),
            Some(ResponseFormat::Response)
        );
        assert_eq!(wanted("text/html, */*;q=0.1"), Some(ResponseFormat::Json));
        assert_eq!(wanted("Application/GraphQL-Response+JSON"), Some(ResponseFormat::Response));
        assert_eq!(wanted("*/*"), Some(ResponseFormat::Json));
        assert_eq!(negotiate(&HeaderMap::new()).ok(), Some(ResponseFormat::Json));
    }

    #[test]
    fn what_cannot_be_given_is_refused() {
        assert_eq!(wanted("text/html"), None);
        assert_eq!(wanted("application/json;q=0"), None);
        assert_eq!(wanted("application/json; charset=utf-16"), None);
    }
}
