//! The ledger's reports: every revision of every report, one row each.

use domain::{Report, ReportId};

use super::{Connection, Error};
use crate::secret::Hash;

/// A report as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The report with all its revisions.
    pub report: Report,
    /// The hash of the secret that manages it.
    pub secret: Hash,
}

/// The report with this identity.
///
/// # Errors
/// That of the database.
pub async fn find(connection: &mut Connection, id: ReportId) -> Result<Option<Kept>, Error> {
    let _ = (connection, id);
    Ok(None)
}

/// Reports that are held for review, oldest first, those after `after` only.
///
/// # Errors
/// That of the database.
pub async fn held(
    connection: &mut Connection,
    campaign: Option<domain::CampaignId>,
    after: Option<ReportId>,
    limit: i64,
) -> Result<Vec<Kept>, Error> {
    let _ = (connection, campaign, after, limit);
    Ok(Vec::new())
}
