//! Conditional requests (RFC 9110, 13).

use axum::http::{HeaderMap, header};

/// Whether an `If-None-Match` of the request names the entity tag, so that the response is 304. The comparison
/// is weak, as the header requires (RFC 9110, 13.1.2).
#[must_use]
pub fn matches_etag(request_headers: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    request_headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|tags| tags.to_str().ok())
        .flat_map(|tags| tags.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || opaque(candidate) == opaque(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_compared_weakly_with_each_tag_of_each_header() {
        let mut headers = HeaderMap::new();
        assert!(!matches_etag(&headers, "\"a\""));
        for value in ["\"x\", W/\"a\"", "\"b\""] {
            headers.append(header::IF_NONE_MATCH, value.parse().expect("a header"));
        }
        for (tag, expected) in [("\"a\"", true), ("W/\"b\"", true), ("\"c\"", false), ("\"A\"", false)] {
            assert_eq!(matches_etag(&headers, tag), expected, "{tag}");
        }
        headers.insert(header::IF_NONE_MATCH, "*".parse().expect("a header"));
        assert!(matches_etag(&headers, "\"c\""));
    }
}
