//! Files of the folder `web`, and the responses with them.

use std::borrow::Cow;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// The folder; paths are relative to it.
#[derive(rust_embed::Embed)]
#[folder = "src/web"]
pub(super) struct Files;

/// Scripts, styles and requests of a page are limited to its own origin. The icon is an empty `data:`
/// URL, because browsers otherwise request one that does not exist.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Page, style and script belong together: a cache revalidates each of them before it uses it.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("no-cache");

/// The content of a file; `None` if it cannot be read.
pub(in crate::server) fn content(path: &str) -> Option<Cow<'static, [u8]>> {
    Files::get(path).map(|file| file.data)
}

/// Adds a GET route for each pair of URL path and file.
pub(super) fn files(routes: &[(&'static str, &'static str)]) -> Router {
    routes.iter().fold(Router::new(), |router, &(url, path)| router.route(url, get(async move || file(path))))
}

/// The response with one file of a page.
fn file(path: &str) -> Response {
    respond(content(path), content_type(path))
}

/// The response with a script or page of this service; 404 if its file is missing, which only a debug
/// build without its source folder sees.
pub(super) fn respond(content: Option<Cow<'static, [u8]>>, content_type: HeaderValue) -> Response {
    match content {
        Some(content) => (document_headers(content_type), [(header::CACHE_CONTROL, CACHE_CONTROL)], content)
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The headers of each file that a browser runs or shows.
pub(super) fn document_headers(content_type: HeaderValue) -> [(HeaderName, HeaderValue); 4] {
    [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]
}

/// The media type by a path's extension.
pub(super) fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_follows_the_extension() {
        assert_eq!(content_type("page/page.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("page/page.min.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("page/LICENSE"), "application/octet-stream");
    }

    #[test]
    fn a_debug_build_reads_a_file_from_the_source_folder() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/page/page.css");
        assert_eq!(content("page/page.css").expect("an asset"), std::fs::read(path).expect("a file"));
        assert_eq!(content("page/../../lib.rs"), None);
    }
}
