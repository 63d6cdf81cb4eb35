//! Rows of certifications and of the corrections after them.

use data_encoding::HEXLOWER;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    EditionId, SectionId,
    certification::{Certification, Correction},
    total::LetterCounts,
};
use uuid::Uuid;

use super::{
    Connection, Error,
    bulk_insert::bulk_insert,
    schema::{certifications, corrections},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// A certification without its rows.
type CertificationRow = (SqlUuid, SqlUuid, i64, String, SqlTimestamp);

/// All certifications.
///
/// # Errors
/// A database error, or [`Error::Broken`] for a row that cannot be read.
pub(super) async fn load(connection: &mut Connection) -> Result<Vec<Certification>, Error> {
    let rows: Vec<CertificationRow> = with_backend!(connection, c => {
        certifications::table
            .select((
                certifications::edition_id,
                certifications::section_id,
                certifications::version,
                certifications::hash,
                certifications::certified_at,
            ))
            .load(c)
            .await
    })?;
    let read =
        |row| read(row).ok_or_else(|| Error::broken("a stored certification is not what it should be"));
    rows.into_iter().map(read).collect()
}

fn read((edition, section, version, hash, certified_at): CertificationRow) -> Option<Certification> {
    Some(Certification {
        edition_id: EditionId::new(edition.0),
        section_id: Some(section.0).filter(|id| !id.is_nil()).map(SectionId::new),
        version: version.try_into().ok()?,
        hash: HEXLOWER.decode(hash.as_bytes()).ok()?.try_into().ok()?,
        certified_at: certified_at.0,
    })
}

/// Stores a certification with its canonical rows.
///
/// # Errors
/// A database error.
pub(super) async fn insert(
    connection: &mut Connection,
    certification: &Certification,
    snapshot: &str,
) -> Result<(), Error> {
    let values = (
        certifications::edition_id.eq(SqlUuid(certification.edition_id.uuid())),
        certifications::section_id.eq(section(certification.section_id)),
        certifications::version.eq(certification.version.cast_signed()),
        certifications::hash.eq(HEXLOWER.encode(&certification.hash)),
        certifications::certified_at.eq(SqlTimestamp(certification.certified_at)),
        certifications::snapshot.eq(snapshot),
    );
    with_backend!(connection, c => {
        diesel::insert_into(certifications::table).values(values).execute(c).await
    })?;
    Ok(())
}

/// The canonical rows of a certification.
///
/// # Errors
/// A database error.
pub async fn snapshot(
    connection: &mut Connection,
    edition: EditionId,
    of: Option<SectionId>,
) -> Result<Option<String>, Error> {
    Ok(with_backend!(connection, c => {
        certifications::table
            .find((SqlUuid(edition.uuid()), section(of)))
            .select(certifications::snapshot)
            .get_result(c)
            .await
            .optional()
    })?)
}

/// The nil UUID stands for the whole edition.
fn section(id: Option<SectionId>) -> SqlUuid {
    SqlUuid(id.map_or(Uuid::nil(), SectionId::uuid))
}

/// The corrections of an edition, oldest first.
///
/// # Errors
/// A database error, or [`Error::Broken`] for a row that cannot be read.
pub async fn corrections(connection: &mut Connection, edition: EditionId) -> Result<Vec<Correction>, Error> {
    let rows: Vec<CorrectionRow> = with_backend!(connection, c => {
        corrections::table
            .filter(corrections::edition_id.eq(SqlUuid(edition.uuid())))
            .order((corrections::version, corrections::section_id))
            .load(c)
            .await
    })?;
    let read = |row: CorrectionRow| {
        row.read().ok_or_else(|| Error::broken("a stored correction is not what it should be"))
    };
    rows.into_iter().map(read).collect()
}

/// One correction.
#[derive(Queryable)]
pub(super) struct CorrectionRow {
    edition_id: SqlUuid,
    version: i64,
    section_id: SqlUuid,
    reason: String,
    corrected_at: SqlTimestamp,
    letters_before: i64,
    actions_before: i64,
    letters_after: i64,
    actions_after: i64,
}

bulk_insert!(
    CorrectionRow,
    corrections,
    edition_id,
    version,
    section_id,
    reason,
    corrected_at,
    letters_before,
    actions_before,
    letters_after,
    actions_after
);

impl CorrectionRow {
    pub(super) fn of(edition: EditionId, correction: &Correction) -> Self {
        Self {
            edition_id: SqlUuid(edition.uuid()),
            version: correction.version.cast_signed(),
            section_id: SqlUuid(correction.section_id.uuid()),
            reason: correction.reason.clone(),
            corrected_at: SqlTimestamp(correction.corrected_at),
            letters_before: correction.before.letters.cast_signed(),
            actions_before: correction.before.actions.cast_signed(),
            letters_after: correction.after.letters.cast_signed(),
            actions_after: correction.after.actions.cast_signed(),
        }
    }

    fn read(self) -> Option<Correction> {
        let counts = |letters: i64, actions: i64| {
            Some(LetterCounts { letters: letters.try_into().ok()?, actions: actions.try_into().ok()? })
        };
        Some(Correction {
            section_id: SectionId::new(self.section_id.0),
            version: self.version.try_into().ok()?,
            reason: self.reason,
            corrected_at: self.corrected_at.0,
            before: counts(self.letters_before, self.actions_before)?,
            after: counts(self.letters_after, self.actions_after)?,
        })
    }
}
