//! The transparency log over plain HTTP: its signed head, its tiles (C2SP `tlog-tiles`) and consistency proofs.
//!
//! All of it is public. A leaf is a salted hash, so that its readers learn nothing of a report.

use std::collections::HashMap;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::proof::ProofError;

use super::static_response::{self, CacheableFile};
use crate::{
    database::{self, Database, report_log},
    ledger::report_log::{consistency, entry_bundle, tile_bytes},
};

mod tile_path;

use tile_path::{TileContent, TilePath};

/// The head changes once a minute; the specification asks for a few seconds at most.
const HEAD_MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=5");
/// A tile of a width never changes.
const TILE_MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const TEXT: &str = "text/plain; charset=utf-8";

/// The routes. The first log of a database has no number in its paths; a log that was begun after a restore has.
pub(super) fn routes(database: Database) -> Router {
    Router::new()
        .route("/log/checkpoint", get(newest_checkpoint))
        .route("/log/{generation}/checkpoint", get(checkpoint))
        .route("/log/proof/consistency", get(consistency_proof))
        .route("/log/tile/{*path}", get(first_tile))
        .route("/log/{generation}/tile/{*path}", get(tile))
        .with_state(database)
}

/// Why there is no content, with the code of the body.
enum Refused {
    Database(database::Error),
    NotFound,
    Halted,
    Proof(ProofError),
}

impl From<database::Error> for Refused {
    fn from(error: database::Error) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        match self {
            Self::NotFound => static_response::not_found(),
            Self::Database(error) => {
                tracing::warn!(cause = %error.cause(), "the transparency log could not be read");
                static_response::unavailable()
            }
            Self::Halted => {
                let body = serde_json::json!({ "error": "LOG_HALTED" });
                (StatusCode::SERVICE_UNAVAILABLE, no_store, Json(body)).into_response()
            }
            Self::Proof(error) => {
                let body = serde_json::json!({ "error": error.code(), "message": error.to_string() });
                (StatusCode::BAD_REQUEST, no_store, Json(body)).into_response()
            }
        }
    }
}

async fn newest_checkpoint(
    State(database): State<Database>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    head(&database, None, &headers).await
}

async fn checkpoint(
    State(database): State<Database>,
    Path(generation): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    head(&database, Some(later_generation(&generation)?), &headers).await
}

/// The number of a log that is not the first one of its database.
fn later_generation(text: &str) -> Result<i32, Refused> {
    let number = text.parse::<i32>().ok().filter(|number| *number > 1 && number.to_string() == text);
    number.ok_or(Refused::NotFound)
}

async fn head(
    database: &Database,
    generation: Option<i32>,
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    let head = report_log::head(&mut database.connect().await?).await?;
    if head.is_halted {
        return Err(Refused::Halted);
    }
    let checkpoint = head.checkpoint.filter(|_| generation.is_none_or(|number| number == head.generation));
    let checkpoint = checkpoint.ok_or(Refused::NotFound)?;
    Ok(CacheableFile::new(TEXT, checkpoint.into_bytes()).respond(headers, HEAD_MAX_AGE))
}

async fn consistency_proof(
    State(database): State<Database>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let malformed =
        || Refused::Proof(ProofError::Malformed { line: 1, expected: "`from` and `to` as sizes" });
    let size =
        |name: &str| query.get(name).map(|text| text.parse::<u64>()).transpose().map_err(|_| malformed());
    let from = size("from")?.ok_or_else(malformed)?;
    let proof = consistency(&mut database.connect().await?, from, size("to")?).await?;
    match proof.map_err(Refused::Proof)? {
        Some(file) => {
            Ok(CacheableFile::new(TEXT, file.to_string().into_bytes()).respond(&headers, HEAD_MAX_AGE))
        }
        None => Err(no_head(&database).await?),
    }
}

async fn first_tile(
    State(database): State<Database>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    content(&database, 1, &path, &headers).await
}

async fn tile(
    State(database): State<Database>,
    Path((generation, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    content(&database, later_generation(&generation)?, &path, &headers).await
}

async fn content(
    database: &Database,
    generation: i32,
    path: &str,
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    let TilePath { content, width } = TilePath::parse(path).ok_or(Refused::NotFound)?;
    let mut connection = database.connect().await?;
    let head = report_log::head(&mut connection).await?;
    if head.is_halted {
        return Err(Refused::Halted);
    }
    if head.generation != generation {
        return Err(Refused::NotFound);
    }
    let bytes = match content {
        TileContent::Hashes(id) => tile_bytes(&mut connection, id, width).await?,
        TileContent::Entries(index) => entry_bundle(&mut connection, index, width).await?,
    };
    let bytes = bytes.ok_or(Refused::NotFound)?;
    Ok(CacheableFile::new("application/octet-stream", bytes).respond(headers, TILE_MAX_AGE))
}

/// Why there is no signed head.
async fn no_head(database: &Database) -> Result<Refused, Refused> {
    let head = report_log::head(&mut database.connect().await?).await?;
    Ok(if head.is_halted { Refused::Halted } else { Refused::NotFound })
}
