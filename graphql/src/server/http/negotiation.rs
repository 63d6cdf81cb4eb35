//! In which form the client wants its answer.

use axum::http::{HeaderMap, HeaderName, StatusCode, header};

use super::Rejection;
use crate::server::error_code::ErrorCode;

/// The two forms of an answer by GraphQL over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum ResponseFormat {
    /// `application/graphql-response+json`: the status tells whether the request was executed.
    Response,
    /// `application/json`: 200 for every request that was understood, as it used to be.
    Json,
}

impl ResponseFormat {
    /// The form that `Accept` likes best. Whoever does not say, or takes anything, gets
    /// `application/json`: that is what clients from before the specification read.
    pub(in crate::server) fn negotiate(headers: &HeaderMap) -> Result<Self, Rejection> {
        let mut best = None;
        let mut said = false;
        for AcceptItem { name: media, quality, utf8 } in accept_items(headers, header::ACCEPT) {
            said = true;
            let is = |form: &str| media.eq_ignore_ascii_case(form);
            let found = if is("application/graphql-response+json") {
                Self::Response
            } else if ["application/json", "application/*", "*/*", "multipart/mixed"].into_iter().any(is) {
                // Asked for a stream that turns out to be one answer, the one answer is JSON.
                Self::Json
            } else {
                continue;
            };
            if quality > 0 && utf8 && best.is_none_or(|(_, most)| quality > most) {
                best = Some((found, quality));
            }
        }
        match best {
            Some((media, _)) => Ok(media),
            None if !said => Ok(Self::Json),
            None => {
                Err(Rejection {
                    status: StatusCode::NOT_ACCEPTABLE,
                    ..Rejection::from(ErrorCode::BadUserInput.error(
                        "The answer is application/graphql-response+json or application/json, in UTF-8.",
                    ))
                })
            }
        }
    }

    /// As it is written.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// Whether `Accept` names this form itself.
pub(in crate::server) fn accepts(headers: &HeaderMap, media: &str) -> bool {
    accept_items(headers, header::ACCEPT)
        .any(|wish| wish.name.eq_ignore_ascii_case(media) && wish.quality > 0)
}

/// One thing that a client can read, and how much it likes that.
pub(in crate::server) struct AcceptItem<'a> {
    pub name: &'a str,
    /// In thousandths.
    pub quality: u16,
    utf8: bool,
}

/// What a header says that a client can read, in its order.
pub(in crate::server) fn accept_items(
    headers: &HeaderMap,
    header: HeaderName,
) -> impl Iterator<Item = AcceptItem<'_>> {
    headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|wish| {
            let mut parts = wish.split(';').map(str::trim);
            let name = parts.next().filter(|name| !name.is_empty())?;
            let mut wish = AcceptItem { name, quality: 1_000, utf8: true };
            for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
                let value = value.trim().trim_matches('"');
                if name.trim().eq_ignore_ascii_case("q") {
                    wish.quality = thousandths(value);
                } else if name.trim().eq_ignore_ascii_case("charset") {
                    wish.utf8 = value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8");
                }
            }
            Some(wish)
        })
}

/// `0`, `0.5`, `1.000` (RFC 9110); what is none of these is as good as not said.
fn thousandths(quality: &str) -> u16 {
    match quality.parse::<f32>() {
        Ok(quality) if (0.0..=1.0).contains(&quality) => (quality * 1_000.0) as u16,
        _ => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &str) -> Option<ResponseFormat> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().expect("a header"))]);
        ResponseFormat::negotiate(&headers).ok()
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
        assert_eq!(ResponseFormat::negotiate(&HeaderMap::new()).ok(), Some(ResponseFormat::Json));
    }

    #[test]
    fn what_cannot_be_given_is_refused() {
        assert_eq!(wanted("text/html"), None);
        assert_eq!(wanted("application/json;q=0"), None);
        assert_eq!(wanted("application/json; charset=utf-16"), None);
    }
}
