//! Totals as JSON: the number of a live ticker by one cacheable GET, for clients without sockets.
//!
//! The response is rendered from memory, contains the version of the live total, and is readable by any
//! origin.

use std::sync::Arc;

use async_graphql::ID;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{catalogue::Catalogue, total::TotalScope};
use jiff::Timestamp;
use serde::Serialize;

use super::static_response::{self, CacheableFile};
use crate::api;

/// One second protects the service when many people poll through one cache. For 30 seconds more a cache
/// may answer at once and revalidate in the background (`stale-while-revalidate`).
const MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=1, stale-while-revalidate=30");

pub(super) fn routes(context: api::AppState) -> Router {
    Router::new()
        .route("/totals/{edition}", get(of_edition))
        .route("/totals/{edition}/{section}", get(of_section))
        .route("/totals/{edition}/cases/{case}", get(of_case))
        .route("/totals/{edition}/{section}/cases/{case}", get(of_section_and_case))
        .with_state(context)
}

async fn of_edition(
    State(context): State<api::AppState>,
    Path(edition): Path<String>,
    headers: HeaderMap,
) -> Response {
    let requested = file(&edition).map(|edition| TotalRequest { edition, section: None, case: None });
    answer(&context, requested, &headers)
}

async fn of_section(
    State(context): State<api::AppState>,
    Path((edition, section)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let requested =
        file(&section).map(|section| TotalRequest { edition: &edition, section: Some(section), case: None });
    answer(&context, requested, &headers)
}

async fn of_case(
    State(context): State<api::AppState>,
    Path((edition, case)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let requested =
        file(&case).map(|case| TotalRequest { edition: &edition, section: None, case: Some(case) });
    answer(&context, requested, &headers)
}

async fn of_section_and_case(
    State(context): State<api::AppState>,
    Path((edition, section, case)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let requested =
        file(&case).map(|case| TotalRequest { edition: &edition, section: Some(&section), case: Some(case) });
    answer(&context, requested, &headers)
}

/// The router does not match file extensions, so the last segment of the path is parsed here.
fn file(name: &str) -> Option<&str> {
    name.strip_suffix(".json")
}

/// The parameters of a URL.
struct TotalRequest<'a> {
    edition: &'a str,
    section: Option<&'a str>,
    case: Option<&'a str>,
}

/// The fields of the response. Their names are those of the GraphQL total.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlainTotal<'a> {
    edition: i16,
    section: Option<&'a str>,
    case: Option<&'a str>,
    /// The id that the live total of a case is subscribed with.
    case_id: Option<ID>,
    letters: u64,
    actions: u64,
    pending_review: PendingReview,
    stated: Stated,
    people: Option<u64>,
    late: u64,
    goal: Option<u64>,
    status: &'static str,
    as_of: Option<Timestamp>,
    version: i64,
    simulated: bool,
}

/// The part that comes from statements.
#[derive(Serialize)]
struct Stated {
    letters: u64,
    actions: u64,
}

/// What awaits review by staff.
#[derive(Serialize)]
struct PendingReview {
    letters: u64,
    actions: u64,
    reports: Option<u64>,
}

fn answer(context: &api::AppState, requested: Option<TotalRequest<'_>>, headers: &HeaderMap) -> Response {
    let catalogue = Arc::clone(&context.catalogue.borrow());
    let Some(total) = requested.and_then(|requested| total(context, &catalogue, &requested)) else {
        return static_response::not_found();
    };
    match serde_json::to_vec(&total) {
        Ok(body) => CacheableFile::new("application/json", body).respond(headers, MAX_AGE),
        Err(error) => {
            tracing::error!(%error, "a total could not be encoded");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn total<'a>(
    context: &api::AppState,
    catalogue: &'a Catalogue,
    requested: &TotalRequest<'_>,
) -> Option<PlainTotal<'a>> {
    let edition = catalogue.edition_by_year(requested.edition.parse().ok()?)?;
    // One URL for each total: `+2021` and `02021` are rejected, because caches would store them
    // separately.
    if edition.year.to_string() != requested.edition {
        return None;
    }
    let section = match requested.section {
        Some(code) => {
            let section = catalogue.section_by_code(code)?;
            catalogue.campaign_of(edition.id, section.id)?;
            Some(section)
        }
        None => None,
    };
    let case = match requested.case {
        Some(slug) => Some(catalogue.case_by_slug(edition.id, slug).filter(|case| case.state.is_public())?),
        None => None,
    };
    let scope = match (section, case) {
        (None, None) => TotalScope::Edition,
        (Some(section), None) => TotalScope::Section(section.id),
        (None, Some(case)) => TotalScope::Case(case.id),
        (Some(section), Some(case)) => TotalScope::SectionCase(section.id, case.id),
    };
    let count = context.totals.count(edition.id);
    let sums = count.tally.sums(scope);
    Some(PlainTotal {
        edition: edition.year,
        section: section.map(|section| section.code.as_str()),
        case: case.map(|case| case.slug.as_str()),
        case_id: case.map(|case| api::global_id(case.id)),
        letters: sums.all.letters,
        actions: sums.all.actions,
        pending_review: PendingReview {
            letters: sums.pending_review.letters,
            actions: sums.pending_review.actions,
            reports: case.is_none().then_some(sums.reports_pending_review),
        },
        stated: Stated { letters: sums.stated.letters, actions: sums.stated.actions },
        // One person writes for several cases, so people are not counted by case.
        people: case.is_none().then_some(sums.people),
        late: sums.late.letters,
        goal: catalogue.goal_of_total(edition.id, scope),
        status: catalogue
            .status_of_total(edition.id, scope, &count.corrections, context.clock.now())
            .as_str(),
        as_of: (count.version > 0).then_some(count.as_of),
        version: count.version,
        simulated: context.simulated,
    })
}
