//! Parser of the items of `Accept` and `Accept-Encoding` (RFC 9110, 12.5).

use axum::http::{HeaderMap, HeaderName, header};

/// Whether `Accept` names this media type itself, not by a wildcard.
pub(crate) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    accept_items(headers, header::ACCEPT)
        .any(|item| item.name.eq_ignore_ascii_case(media_type) && item.quality > 0)
}

/// An item of the header.
pub(crate) struct AcceptItem<'a> {
    pub name: &'a str,
    /// The quality value in thousandths.
    pub quality: u16,
    /// False if the item asks for a charset other than UTF-8.
    pub utf8: bool,
}

/// The items of a header, in their order.
pub(crate) fn accept_items(headers: &HeaderMap, header: HeaderName) -> impl Iterator<Item = AcceptItem<'_>> {
    headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().filter(|name| !name.is_empty())?;
            let mut item = AcceptItem { name, quality: 1_000, utf8: true };
            for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
                let value = value.trim().trim_matches('"');
                if name.trim().eq_ignore_ascii_case("q") {
                    item.quality = thousandths(value);
                } else if name.trim().eq_ignore_ascii_case("charset") {
                    item.utf8 = value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8");
                }
            }
            Some(item)
        })
}

/// A quality value: `0`, `0.5`, `1.000` (RFC 9110). An invalid one counts as absent.
fn thousandths(quality: &str) -> u16 {
    match quality.parse::<f32>() {
        Ok(quality) if (0.0..=1.0).contains(&quality) => (quality * 1_000.0) as u16,
        _ => 1_000,
    }
}
