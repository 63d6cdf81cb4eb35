//! The page that verifies receipts of the transparency log. The file stays in the browser.

use axum::Router;

use super::files::files;

pub(super) fn routes() -> Router {
    files(&[
        ("/verify", "verify/index.html"),
        ("/verify/verify.css", "verify/verify.css"),
        ("/verify/verify.js", "verify/verify.js"),
        ("/verify/proof.js", "verify/proof.js"),
        ("/verify/words.js", "verify/words.js"),
    ])
}
