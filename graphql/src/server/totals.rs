//! The plain total: the number of a live ticker by one cacheable GET, for readers without sockets.
//!
//! It is made from what is in memory, carries the version that the live total carries, and may be
//! read by any page.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{
    Campaign, Edition,
    total::{Scope, Status},
};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{api, catalogue::Catalogue};

/// A second spares the service when a hall full of people polls through one cache. For half a minute
/// more a cache may answer at once and ask behind the reader's back.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=1, stale-while-revalidate=30");
/// What does not exist now may be published in a moment.
const KEPT_MISSING: HeaderValue = HeaderValue::from_static("public, max-age=5");
const ANYONE: HeaderValue = HeaderValue::from_static("*");
/// A tag tells bodies of one address apart; eight bytes of a hash do so for longer than any cache
/// lives. The version alone would not: the status follows the clock, the goal the catalogue.
const TAG_BYTES: usize = 8;

pub(super) fn routes(context: api::Context) -> Router {
    Router::new()
        .route("/totals/{edition}", get(of_edition))
        .route("/totals/{edition}/{section}", get(of_section))
        .route("/totals/{edition}/cases/{case}", get(of_case))
        .route("/totals/{edition}/{section}/cases/{case}", get(of_section_and_case))
        .with_state(context)
}

async fn of_edition(
    State(context): State<api::Context>,
    Path(edition): Path<String>,
    headers: HeaderMap,
) -> Response {
    let asked = file(&edition).map(|edition| Asked { edition, section: None, case: None });
    answer(&context, asked, &headers)
}

async fn of_section(
    State(context): State<api::Context>,
    Path((edition, section)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let asked = file(&section).map(|section| Asked { edition: &edition, section: Some(section), case: None });
    answer(&context, asked, &headers)
}

async fn of_case(
    State(context): State<api::Context>,
    Path((edition, case)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let asked = file(&case).map(|case| Asked { edition: &edition, section: None, case: Some(case) });
    answer(&context, asked, &headers)
}

async fn of_section_and_case(
    State(context): State<api::Context>,
    Path((edition, section, case)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let asked =
        file(&case).map(|case| Asked { edition: &edition, section: Some(&section), case: Some(case) });
    answer(&context, asked, &headers)
}

/// The router knows no endings, so the last part of the address is read here.
fn file(name: &str) -> Option<&str> {
    name.strip_suffix(".json")
}

/// What an address names.
struct Asked<'a> {
    edition: &'a str,
    section: Option<&'a str>,
    case: Option<&'a str>,
}

/// The fields in which the total is read. Their names are those of the GraphQL total.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlainTotal<'a> {
    edition: i16,
    section: Option<&'a str>,
    case: Option<&'a str>,
    /// What the live total of a case is subscribed by.
    case_id: Option<String>,
    letters: u64,
    actions: u64,
    people: Option<u64>,
    late: u64,
    goal: Option<u64>,
    status: &'static str,
    as_of: Option<Timestamp>,
    version: i64,
    simulated: bool,
}

fn answer(context: &api::Context, asked: Option<Asked<'_>>, headers: &HeaderMap) -> Response {
    let catalogue = Arc::clone(&context.catalogue.borrow());
    let Some(total) = asked.and_then(|asked| total(context, &catalogue, &asked)) else {
        return not_found();
    };
    let body = match serde_json::to_vec(&total) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a plain total could not be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let tag = tag(total.version, &body);
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|known| names(known, &tag));
    let about = [
        (header::CACHE_CONTROL, KEPT),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE),
        (header::ETAG, HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    let content_type: (HeaderName, HeaderValue) =
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    (about, [content_type], body).into_response()
}

fn not_found() -> Response {
    let about = [(header::CACHE_CONTROL, KEPT_MISSING), (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE)];
    (StatusCode::NOT_FOUND, about, Json(serde_json::json!({ "error": "NOT_FOUND" }))).into_response()
}

fn total<'a>(context: &api::Context, catalogue: &'a Catalogue, asked: &Asked<'_>) -> Option<PlainTotal<'a>> {
    let edition = catalogue.edition_of(asked.edition.parse().ok()?)?;
    // One address for each total: not +2021 or 02021 as well, for caches keep each apart.
    if edition.year.to_string() != asked.edition {
        return None;
    }
    let section = match asked.section {
        Some(code) => {
            let section = catalogue.section_called(code)?;
            Some((section, catalogue.campaign_of(edition.id, section.id)?))
        }
        None => None,
    };
    let case = match asked.case {
        Some(slug) => Some(catalogue.case_called(edition.id, slug).filter(|case| case.state.is_public())?),
        None => None,
    };
    let scope = match (section, case) {
        (None, None) => Scope::Edition,
        (Some((section, _)), None) => Scope::Section(section.id),
        (None, Some(case)) => Scope::Case(case.id),
        (Some((section, _)), Some(case)) => Scope::SectionCase(section.id, case.id),
    };
    let count = context.tallies.count(edition.id);
    let sums = count.tally.sums(scope);
    Some(PlainTotal {
        edition: edition.year,
        section: section.map(|(section, _)| section.code.as_str()),
        case: case.map(|case| case.slug.as_str()),
        case_id: case.map(|case| format!("case_{}", case.id.uuid().simple())),
        letters: sums.all.letters,
        actions: sums.all.actions,
        // One person writes for several cases.
        people: case.is_none().then_some(sums.people),
        late: sums.late.letters,
        goal: goal(edition, section.map(|(_, campaign)| campaign)).filter(|_| case.is_none()),
        status: status(catalogue, edition, scope, context.clock.now()).as_str(),
        as_of: (count.version > 0).then_some(count.as_of),
        version: count.version,
        simulated: context.simulated,
    })
}

fn goal(edition: &Edition, campaign: Option<&Campaign>) -> Option<u64> {
    campaign.map_or(edition.letter_goal, |campaign| campaign.letter_goal)
}

fn status(catalogue: &Catalogue, edition: &Edition, scope: Scope, now: Timestamp) -> Status {
    let campaigns = catalogue.campaigns_in(edition.id).filter(|campaign| match scope {
        Scope::Edition => true,
        Scope::Section(section) | Scope::SectionCase(section, _) => campaign.section_id == section,
        Scope::Case(case) => campaign.picks.contains(case),
    });
    Status::at(campaigns.map(|campaign| &campaign.window), now)
}

/// The version, for people who read headers, and what tells bodies apart.
fn tag(version: i64, body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let digits: String = hash.iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{version}-{digits}\"")
}

/// Whether an `If-None-Match` names the tag. The comparison is weak, as RFC 9110 wants it here.
fn names(known: &HeaderValue, tag: &str) -> bool {
    known.to_str().is_ok_and(|known| {
        known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    })
}
