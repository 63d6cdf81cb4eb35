//! The page that the links in mail lead to.
//!
//! The secret is in the fragment of the link (`/manage#…`), which browsers never send: it is in no log,
//! and a mail scanner that opens the link changes nothing.

use axum::Router;

use super::files::files;

pub(super) fn routes() -> Router {
    files(&[
        ("/manage", "manage/index.html"),
        ("/manage/manage.css", "manage/manage.css"),
        ("/manage/manage.js", "manage/manage.js"),
        ("/manage/gathering.js", "manage/gathering.js"),
        ("/manage/number_field.js", "manage/number_field.js"),
        ("/manage/parts.js", "manage/parts.js"),
        ("/manage/place.js", "manage/place.js"),
        ("/manage/hosting.js", "manage/hosting.js"),
        ("/manage/receipt.js", "manage/receipt.js"),
        ("/manage/registration.js", "manage/registration.js"),
        ("/manage/reporting.js", "manage/reporting.js"),
        ("/manage/subscription.js", "manage/subscription.js"),
        ("/manage/words.js", "manage/words.js"),
    ])
}
