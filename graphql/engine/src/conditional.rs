//! Conditional requests (RFC 9110, 13).

use axum::http::{HeaderMap, header};

/// The names that servers in front append to an entity tag when they compress a response: the content codings
/// of the IANA registry, and the short names of LiteSpeed and older modules.
const CODING_SUFFIXES: [&str; 9] = ["gzip", "x-gzip", "gz", "br", "zstd", "zst", "deflate", "df", "compress"];
/// What stands between the tag and that name: Apache (`mod_deflate`, `mod_brotli`) and Caddy write `-gzip`,
/// Jetty `--gzip`, LiteSpeed `;gz`.
const SUFFIX_SEPARATORS: [char; 3] = ['-', ';', ':'];

/// Whether an `If-None-Match` of the request names the entity tag, so that the response is 304. The comparison
/// is weak, as the header requires (RFC 9110, 13.1.2).
///
/// A server in front that compresses a response changes its tag: nginx makes it weak, others append the name
/// of the coding. Caches send it back like that, so such a name is ignored. Two tags of one resource must
/// therefore not differ by it alone; the tags of this service are hashes of one length.
#[must_use]
pub fn matches_etag(request_headers: &HeaderMap, etag: &str) -> bool {
    let etag = opaque_tag(etag);
    request_headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|tags| tags.to_str().ok())
        .flat_map(|tags| tags.split(','))
        .map(str::trim)
        .any(|candidate| {
            let tag = opaque_tag(candidate);
            candidate == "*" || tag == etag || without_coding(tag) == Some(etag)
        })
}

/// The opaque part of an entity tag, without quotation marks.
fn opaque_tag(tag: &str) -> &str {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag)
}

/// The tag before the name of a coding; `None` if there is no such name.
fn without_coding(tag: &str) -> Option<&str> {
    let before = CODING_SUFFIXES.into_iter().filter_map(|coding| tag.strip_suffix(coding));
    let mut separated = before.filter(|before| before.ends_with(SUFFIX_SEPARATORS));
    separated.next().map(|before| before.trim_end_matches(SUFFIX_SEPARATORS))
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

    #[test]
    fn the_coding_that_a_server_in_front_appends_is_ignored() {
        let matches = |sent: &str, etag: &str| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, sent.parse().expect("a header"))]);
            matches_etag(&headers, etag)
        };
        for sent in [
            "\"0af3-gzip\"",   // Apache mod_deflate, Caddy
            "W/\"0af3-gzip\"", // a proxy that also makes it weak
            "\"0af3-br\"",     // Apache mod_brotli, Caddy
            "\"0af3-zstd\"",   // Caddy
            "\"0af3--gzip\"",  // Jetty
            "\"0af3;gz\"",     // LiteSpeed
            "\"0af3;br\"",     // LiteSpeed
            "\"0af3:df\"",     // older modules
            "W/\"0af3\"",      // nginx
            "\"x\", \"0af3-gzip\"",
            "0af3", // a client that forgets the quotation marks
        ] {
            assert!(matches(sent, "\"0af3\""), "{sent}");
            assert!(matches(sent, "W/\"0af3\""), "{sent}");
        }
        for sent in [
            "\"0af3-gzip-gzip\"",
            "\"0af3gzip\"",
            "\"0af3-identity\"",
            "\"-gzip\"",
            "\"0af-gzip\"",
            "\"\"",
            "",
        ] {
            assert!(!matches(sent, "\"0af3\""), "{sent}");
        }
        // A tag that ends like a coding itself is still its own.
        assert!(matches("W/\"x-br\"", "W/\"x-br\"") && matches("\"x-br-gzip\"", "W/\"x-br\""));
    }
}
