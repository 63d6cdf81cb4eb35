//! Compression of response bodies with gzip.

use std::io::Write;

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use flate2::{Compression, write::GzEncoder};

use crate::accept::accept_items;

/// The smallest body that is compressed: a smaller one fits into one packet.
const MIN_BYTES: usize = 1_400;
/// The compression level, of 1 to 9. Level 1 is faster, but its output, which is sent each time, is a third
/// larger; most responses are compressed once.
const COMPRESSION_LEVEL: u32 = 4;

/// Whether to compress a body of this length for a request with these headers: `Accept-Encoding` has gzip or
/// a wildcard, with a quality that is at least that of `identity` (RFC 9110, 12.5.3).
pub fn is_accepted(headers: &HeaderMap, length: usize) -> bool {
    if length < MIN_BYTES {
        return false;
    }
    let (mut gzip_quality, mut wildcard_quality, mut identity_quality) = (None, None, None);
    for item in accept_items(headers, header::ACCEPT_ENCODING) {
        let quality = match item.name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => &mut gzip_quality,
            "*" => &mut wildcard_quality,
            "identity" => &mut identity_quality,
            _ => continue,
        };
        *quality = Some(item.quality);
    }
    let gzip_quality = gzip_quality.or(wildcard_quality).unwrap_or(0);
    gzip_quality > 0 && gzip_quality >= identity_quality.unwrap_or(0)
}

/// Compresses a body.
pub fn gzip(body: &[u8]) -> Bytes {
    // JSON compresses to less than a quarter.
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::new(COMPRESSION_LEVEL));
    // Writing to memory cannot fail.
    let _ = encoder.write_all(body);
    let mut gzip_quality = encoder.finish().unwrap_or_default();
    gzip_quality.shrink_to_fit();
    gzip_quality.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts_gzip(accept_encoding: &str) -> bool {
        let headers =
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, accept_encoding.parse().expect("a header"))]);
        is_accepted(&headers, MIN_BYTES)
    }

    #[test]
    fn gzip_is_used_if_it_is_accepted_with_at_least_the_quality_of_identity() {
        for accept_encoding in
            ["gzip", "br, GZIP", "gzip, deflate, br, zstd", "*", "gzip;q=0.5, *;q=0", "x-gzip"]
        {
            assert!(accepts_gzip(accept_encoding), "{accept_encoding}");
        }
        for accept_encoding in
            ["", "br", "identity", "gzip;q=0", "gzip;q=0, *", "gzip;q=0.5, identity", "*;q=0"]
        {
            assert!(!accepts_gzip(accept_encoding), "{accept_encoding}");
        }
        assert!(!is_accepted(&HeaderMap::new(), MIN_BYTES), "the client may not support gzip");
    }

    #[test]
    fn a_body_that_fits_into_one_packet_is_not_compressed() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, "gzip".parse().expect("a header"))]);
        assert!(!is_accepted(&headers, MIN_BYTES - 1));
        assert!(is_accepted(&headers, MIN_BYTES));
    }

    #[test]
    fn a_compressed_body_can_be_decompressed() {
        let body = "{\"letters\":7}".repeat(1_000);
        let gzip_quality = gzip(body.as_bytes());
        assert!(gzip_quality.len() < body.len() / 10);
        let mut decompressed = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*gzip_quality), &mut decompressed)
            .expect("gzip");
        assert_eq!(decompressed, body);
    }
}
