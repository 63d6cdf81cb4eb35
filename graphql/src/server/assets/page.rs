//! The page of the total.

use axum::Router;

use super::files::files;

pub(super) fn routes() -> Router {
    files(&[
        ("/", "page/index.html"),
        ("/page/page.css", "page/page.css"),
        ("/page/page.js", "page/page.js"),
        ("/page/chart.js", "page/chart.js"),
        ("/page/events.js", "page/events.js"),
        ("/page/lists.js", "page/lists.js"),
        ("/page/published.js", "page/published.js"),
        ("/page/reader.js", "page/reader.js"),
        ("/page/service.js", "page/service.js"),
        ("/page/typed_number.js", "page/typed_number.js"),
        ("/page/words.js", "page/words.js"),
        ("/page/writing.js", "page/writing.js"),
    ])
}
