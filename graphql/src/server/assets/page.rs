//! The page of the total.

use axum::Router;

pub(super) fn routes() -> Router {
    super::files(&[
        ("/", "page/index.html"),
        ("/page/page.css", "page/page.css"),
        ("/page/page.js", "page/page.js"),
        ("/page/chart.js", "page/chart.js"),
        ("/page/events.js", "page/events.js"),
        ("/page/lists.js", "page/lists.js"),
        ("/page/reader.js", "page/reader.js"),
        ("/page/service.js", "page/service.js"),
        ("/page/typed_number.js", "page/typed_number.js"),
        ("/page/words.js", "page/words.js"),
        ("/page/writing.js", "page/writing.js"),
    ])
}
