//! `/unsubscribe/…`: the link in each mail about urgent actions. A GET changes nothing, since mail
//! scanners open links; a POST ends the subscription: from the button of the page, or from a mail
//! program, which posts here by itself (one-click unsubscribe, RFC 8058).
//!
//! The response for an ended or unknown subscription is the same.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{assets, static_response};
use crate::{api, credentials::SecretHash, ledger::Failure, operations::subscription::Unsubscribe};

/// A page with one button, which may post only to its own origin.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

pub(super) fn routes(context: api::AppState) -> Router {
    Router::new().route("/unsubscribe/{token}", get(ask).post(end)).with_state(context)
}

async fn ask() -> Response {
    static_response::private(page("unsubscribe/ask.html"))
}

async fn end(state: State<api::AppState>, path: Path<String>) -> Response {
    static_response::private(ended(state, path).await)
}

async fn ended(State(context): State<api::AppState>, Path(token): Path<String>) -> Response {
    let unsubscribe = Unsubscribe { token: SecretHash::of(token.trim()), now: context.clock.now() };
    match context.ledger.run(unsubscribe).await {
        Ok(_) => page("unsubscribe/done.html"),
        Err(
            Failure::Busy | Failure::ShareUsedUp | Failure::Database(crate::database::Error::Unavailable(_)),
        ) => static_response::unavailable(),
        Err(Failure::Database(error)) => {
            tracing::error!(cause = %error.cause(), "a subscription could not be ended");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn page(path: &str) -> Response {
    let about = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    match assets::content(path) {
        Some(content) => (about, content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
