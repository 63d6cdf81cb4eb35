//! Certifying a total: the counters are compared with a recount and frozen in one transaction.

use domain::{
    EditionId, Totals,
    catalogue::CatalogueEdit,
    certification::{self, Certification, CertifiedCount},
};

use super::{
    counting::drifted,
    failure::Failure,
    job::{CertifyResult, CertifyTotal},
    recount::recount,
    writer::{CommitError, Writer, begin_change, store},
};
use crate::database::{self, Access, Connection, ledger};

impl Writer {
    /// Certifies a total, with a recount in the same transaction. Reports wait until it is done; a total that can be
    /// certified takes no reports any more.
    pub(super) async fn certify(&self, request: CertifyTotal) -> CertifyResult {
        let mut connection = self.database.connect().await?;
        let known = self.memory.catalogue.borrow().revision;
        let certified = connection
            .transaction(Access::Write, async |connection| certify(connection, request).await)
            .await;
        match certified {
            Ok((certification, edit)) => {
                self.memory.show_committed_catalogue(edit.catalogue, known);
                self.note_commit();
                Ok(Ok(certification))
            }
            Err(CommitError::Rules(violations)) => Ok(Err(violations)),
            Err(CommitError::Database(error)) => {
                self.note_refusal(&error);
                Err(Failure::Database(error))
            }
        }
    }
}

async fn certify(
    connection: &mut Connection,
    request: CertifyTotal,
) -> Result<(Certification, CatalogueEdit), CommitError> {
    let CertifyTotal { edition, section, expected_version, key, now } = request;
    let mut edit = CatalogueEdit::new(begin_change(connection).await?, now);
    let is_known = edit.catalogue.edition(edition).is_some();
    let (version, totals, is_recounted) =
        if is_known { counted(connection, edition).await? } else { (0, Totals::default(), true) };
    let count = CertifiedCount { version, totals: &totals, is_recounted };
    let (certification, _) = certification::certify(&mut edit, edition, section, expected_version, count)
        .map_err(CommitError::Rules)?;
    store(connection, key, &edit).await?;
    Ok((certification, edit))
}

/// The version and the totals of an edition, which stay so until the transaction ends, and whether a recount equals
/// them.
async fn counted(
    connection: &mut Connection,
    edition: EditionId,
) -> Result<(u64, Totals, bool), database::Error> {
    let version = ledger::lock(connection, edition).await?;
    let cells = ledger::cells(connection, edition).await?;
    let recounted = recount(connection, edition, |_| {}).await?;
    let totals = Totals::from_cells(&cells).map_err(drifted)?;
    let number = u64::try_from(version.number).unwrap_or_default();
    Ok((number, totals, cells == recounted.cells))
}
