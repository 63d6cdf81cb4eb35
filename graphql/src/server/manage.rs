//! The page that the links in mail lead to, from the binary itself.
//!
//! Whoever opens `/manage#…` asks for the page alone: what stands behind the `#` stays in the browser, so
//! that no log has it, and mail scanners that open links change nothing.

use axum::{Router, routing::get};

use super::page;

macro_rules! file {
    ($name:literal, $content_type:expr) => {
        get(async || page::file($content_type, include_bytes!(concat!("../web/manage/", $name))))
    };
}

pub(super) fn routes() -> Router {
    Router::new()
        .route("/manage", file!("index.html", page::HTML))
        .route("/manage/manage.css", file!("manage.css", page::STYLE))
        .route("/manage/manage.js", file!("manage.js", page::SCRIPT))
        .route("/manage/gathering.js", file!("gathering.js", page::SCRIPT))
        .route("/manage/parts.js", file!("parts.js", page::SCRIPT))
        .route("/manage/place.js", file!("place.js", page::SCRIPT))
        .route("/manage/registration.js", file!("registration.js", page::SCRIPT))
        .route("/manage/subscription.js", file!("subscription.js", page::SCRIPT))
        .route("/manage/words.js", file!("words.js", page::SCRIPT))
}
