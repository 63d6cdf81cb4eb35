//! GraphQL over HTTP.

use async_graphql_axum::{GraphQLRequest, GraphQLResponse};
use axum::{
    extract::State,
    http::{HeaderMap, header},
};

use super::Shared;
use crate::api::Asking;

/// Answers one operation.
pub(super) async fn answer(
    State(shared): State<Shared>,
    headers: HeaderMap,
    request: GraphQLRequest,
) -> GraphQLResponse {
    let languages = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    match Asking::new(&shared.context, bearer(&headers), languages).await {
        Ok(asking) => shared.schema.execute(request.into_inner().data(asking)).await.into(),
        Err(error) => async_graphql::Response::from_errors(vec![error.into()]).into(),
    }
}

/// The secret of an `Authorization: Bearer …` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    credentials(headers.get(header::AUTHORIZATION)?.to_str().ok()?)
}

/// The secret behind the word `Bearer`, in whatever case it is written (RFC 9110).
pub(super) fn credentials(value: &str) -> Option<&str> {
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}
