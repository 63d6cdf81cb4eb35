//! Bodies packed with gzip, for whoever can read that.

use std::io::Write;

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use flate2::{Compression, write::GzEncoder};

use crate::accept::accept_items;

/// What fits into one packet is not worth the work.
const MIN_BYTES: usize = 1_400;
/// Of nine. The first is quicker and leaves a third more bytes, which are sent each time; most answers are
/// packed once.
const COMPRESSION_LEVEL: u32 = 4;

/// Whether a body of this length is to be packed for whoever sent these headers: they name gzip, or
/// anything, and do not like it less than the body as it is (RFC 9110, 12.5.3).
pub fn is_accepted(asked: &HeaderMap, length: usize) -> bool {
    if length < MIN_BYTES {
        return false;
    }
    let (mut packed, mut any, mut as_it_is) = (None, None, None);
    for wish in accept_items(asked, header::ACCEPT_ENCODING) {
        let place = match wish.name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => &mut packed,
            "*" => &mut any,
            "identity" => &mut as_it_is,
            _ => continue,
        };
        *place = Some(wish.quality);
    }
    let packed = packed.or(any).unwrap_or(0);
    packed > 0 && packed >= as_it_is.unwrap_or(0)
}

/// A body, packed.
pub fn gzip(body: &[u8]) -> Bytes {
    // JSON packs to less than a quarter.
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::new(COMPRESSION_LEVEL));
    // Writing to memory cannot fail.
    let _ = encoder.write_all(body);
    let mut packed = encoder.finish().unwrap_or_default();
    packed.shrink_to_fit();
    packed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accepted: &str) -> bool {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepted.parse().expect("a header"))]);
        is_accepted(&headers, MIN_BYTES)
    }

    #[test]
    fn whoever_can_read_gzip_and_does_not_like_it_less_gets_it() {
        for accepted in ["gzip", "br, GZIP", "gzip, deflate, br, zstd", "*", "gzip;q=0.5, *;q=0", "x-gzip"] {
            assert!(wanted(accepted), "{accepted}");
        }
        for accepted in ["", "br", "identity", "gzip;q=0", "gzip;q=0, *", "gzip;q=0.5, identity", "*;q=0"] {
            assert!(!wanted(accepted), "{accepted}");
        }
        assert!(!is_accepted(&HeaderMap::new(), MIN_BYTES), "who does not say may not be able to");
    }

    #[test]
    fn what_fits_into_one_packet_is_left_as_it_is() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, "gzip".parse().expect("a header"))]);
        assert!(!is_accepted(&headers, MIN_BYTES - 1));
        assert!(is_accepted(&headers, MIN_BYTES));
    }

    #[test]
    fn what_is_packed_can_be_unpacked() {
        let body = "{\"letters\":7}".repeat(1_000);
        let packed = gzip(body.as_bytes());
        assert!(packed.len() < body.len() / 10);
        let mut unpacked = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*packed), &mut unpacked)
            .expect("gzip");
        assert_eq!(unpacked, body);
    }
}
