//! Open data: the rows of a total as CSV and as lines of JSON, and the certified ones.
//!
//! They are rendered from memory and say no more than the totals that everyone can read. A certified snapshot is read
//! from the database; it never changes.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue},
    response::Response,
    routing::get,
};
use domain::{Edition, Section, catalogue::Catalogue, open_data::OpenData};

use super::static_response::{self, CacheableFile};
use crate::{api, database::certifications};

/// The rows change with each report. A minute is soon enough for a file that is downloaded.
const MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=60, stale-while-revalidate=600");
const CSV: &str = "text/csv; charset=utf-8; header=present";
const NDJSON: &str = "application/x-ndjson";
/// The name of the file of a certified total.
const CERTIFIED: &str = "certified";

pub(super) fn routes(context: api::AppState) -> Router {
    Router::new()
        .route("/open-data/{edition}", get(of_edition))
        .route("/open-data/{edition}/{section}", get(of_section))
        .route("/open-data/{edition}/{section}/{file}", get(certified_section))
        .with_state(context)
}

/// A form of the rows.
#[derive(Clone, Copy)]
enum Form {
    Csv,
    Ndjson,
}

impl Form {
    /// The name of a file without its extension, and the form that the extension says. The router does not match
    /// extensions.
    fn of(file: &str) -> Option<(&str, Self)> {
        let csv = file.strip_suffix(".csv").map(|name| (name, Self::Csv));
        csv.or_else(|| file.strip_suffix(".ndjson").map(|name| (name, Self::Ndjson)))
    }

    fn file(self, rows: &OpenData) -> CacheableFile {
        match self {
            Self::Csv => CacheableFile::new(CSV, rows.to_csv().into_bytes()),
            Self::Ndjson => CacheableFile::new(NDJSON, rows.to_ndjson().into_bytes()),
        }
    }
}

async fn of_edition(
    State(context): State<api::AppState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let catalogue = Arc::clone(&context.catalogue.borrow());
    let requested = Form::of(&file).and_then(|(year, form)| Some((edition(&catalogue, year)?, form)));
    match requested {
        Some((edition, form)) => present(&context, &catalogue, edition, None, form, &headers),
        None => static_response::not_found(),
    }
}

async fn of_section(
    State(context): State<api::AppState>,
    Path((year, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let catalogue = Arc::clone(&context.catalogue.borrow());
    let (Some(edition), Some((name, form))) = (edition(&catalogue, &year), Form::of(&file)) else {
        return static_response::not_found();
    };
    if name == CERTIFIED {
        return certified(&context, edition, None, form, &headers).await;
    }
    match section(&catalogue, edition, name) {
        Some(section) => present(&context, &catalogue, edition, Some(section), form, &headers),
        None => static_response::not_found(),
    }
}

async fn certified_section(
    State(context): State<api::AppState>,
    Path((year, code, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let catalogue = Arc::clone(&context.catalogue.borrow());
    let requested = edition(&catalogue, &year).and_then(|edition| {
        let (_, form) = Form::of(&file).filter(|(name, _)| *name == CERTIFIED)?;
        Some((edition, section(&catalogue, edition, &code)?, form))
    });
    match requested {
        Some((edition, section, form)) => certified(&context, edition, Some(section), form, &headers).await,
        None => static_response::not_found(),
    }
}

/// The edition of a year. Another spelling of the same year would be another URL, which caches store separately.
fn edition<'c>(catalogue: &'c Catalogue, year: &str) -> Option<&'c Edition> {
    catalogue.edition_by_year(year.parse().ok()?).filter(|edition| edition.year.to_string() == year)
}

fn section<'c>(catalogue: &'c Catalogue, edition: &Edition, code: &str) -> Option<&'c Section> {
    let section = catalogue.section_by_code(code).filter(|section| section.code == code)?;
    catalogue.campaign_of(edition.id, section.id).map(|_| section)
}

/// The rows of the present total.
fn present(
    context: &api::AppState,
    catalogue: &Catalogue,
    edition: &Edition,
    section: Option<&Section>,
    form: Form,
    headers: &HeaderMap,
) -> Response {
    let count = context.totals.count(edition.id);
    let version = u64::try_from(count.version).unwrap_or_default();
    let section = section.map(|section| section.id);
    let rows = OpenData::new(catalogue, edition, section, version, &count.tally);
    form.file(&rows).respond(headers, MAX_AGE)
}

/// The rows of a certified total.
async fn certified(
    context: &api::AppState,
    edition: &Edition,
    section: Option<&Section>,
    form: Form,
    headers: &HeaderMap,
) -> Response {
    let section = section.map(|section| section.id);
    let found = match context.database.connect().await {
        Ok(mut connection) => certifications::snapshot(&mut connection, edition.id, section).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(Some(snapshot)) => match (form, OpenData::parse(&snapshot)) {
            (Form::Ndjson, _) => CacheableFile::new(NDJSON, snapshot.into_bytes()).respond(headers, MAX_AGE),
            (Form::Csv, Ok(rows)) => form.file(&rows).respond(headers, MAX_AGE),
            (Form::Csv, Err(error)) => {
                tracing::error!(%error, "a certified snapshot cannot be read");
                static_response::unavailable()
            }
        },
        Ok(None) => static_response::not_found(),
        Err(_) => static_response::unavailable(),
    }
}
