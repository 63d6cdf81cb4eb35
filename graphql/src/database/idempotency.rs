//! The rows of the idempotency keys.
//!
//! A key can be used once in each scope: for a report and for a registration. Reports look up and write many keys in
//! the statements of their transaction, by `RECORD` and `KeyRow`; a registration does so one by one.

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    Connection, Error, bulk_insert::bulk_insert, schema::idempotency_keys, sql_types::SqlUuid, with_backend,
};
use crate::{credentials::SecretHash, idempotency::IdempotencyRecord};

/// The scope of keys that came with reports.
pub(super) const REPORT: &str = "REPORT";
const REGISTRATION: &str = "REGISTRATION";

/// The columns of a key and its record, without the scope.
pub(super) const RECORD: (
    idempotency_keys::key_hash,
    idempotency_keys::fingerprint,
    idempotency_keys::subject_id,
    idempotency_keys::revision,
) = (
    idempotency_keys::key_hash,
    idempotency_keys::fingerprint,
    idempotency_keys::subject_id,
    idempotency_keys::revision,
);

/// A key and its record, as they are stored.
pub(super) type RecordRow = (String, String, SqlUuid, i32);

/// Reads a stored key and its record.
pub(super) fn read(
    (key, fingerprint, subject, revision): RecordRow,
) -> Result<(SecretHash, IdempotencyRecord), Error> {
    let record = || {
        let fingerprint = SecretHash::parse(&fingerprint)?;
        let record =
            IdempotencyRecord { fingerprint, subject: subject.0, revision: revision.try_into().ok()? };
        Some((SecretHash::parse(&key)?, record))
    };
    record().ok_or_else(|| Error::broken("a stored key is not what it should be"))
}

/// The row of a key.
pub(super) struct KeyRow {
    key_hash: String,
    scope: &'static str,
    fingerprint: String,
    subject_id: SqlUuid,
    revision: i32,
}

bulk_insert!(KeyRow, idempotency_keys, key_hash, scope, fingerprint, subject_id, revision);

impl KeyRow {
    pub(super) fn of_report(key: SecretHash, record: IdempotencyRecord) -> Self {
        Self {
            key_hash: key.to_string(),
            scope: REPORT,
            fingerprint: record.fingerprint.to_string(),
            subject_id: SqlUuid(record.subject),
            revision: record.revision.cast_signed(),
        }
    }
}

/// Returns the record of a key that came with a registration.
///
/// # Errors
/// A database error.
pub async fn find(connection: &mut Connection, key: SecretHash) -> Result<Option<IdempotencyRecord>, Error> {
    let row: Option<RecordRow> = with_backend!(connection, c => {
        idempotency_keys::table
            .find((key.to_string(), REGISTRATION))
            .select(RECORD)
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(row.map(read).transpose()?.map(|(_, record)| record))
}

/// Stores a key that came with a registration.
///
/// # Errors
/// A database error.
pub async fn insert(
    connection: &mut Connection,
    key: SecretHash,
    record: IdempotencyRecord,
) -> Result<(), Error> {
    let values = (
        idempotency_keys::key_hash.eq(key.to_string()),
        idempotency_keys::scope.eq(REGISTRATION),
        idempotency_keys::fingerprint.eq(record.fingerprint.to_string()),
        idempotency_keys::subject_id.eq(SqlUuid(record.subject)),
        idempotency_keys::revision.eq(record.revision.cast_signed()),
    );
    with_backend!(connection, c => diesel::insert_into(idempotency_keys::table).values(values).execute(c).await)?;
    Ok(())
}

/// Erases the fingerprints of the registrations of a subject, so that the content cannot be guessed from them. The keys
/// stay used.
///
/// # Errors
/// A database error.
pub async fn forget_content(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    // No content is the empty text.
    let nothing = SecretHash::of("").to_string();
    with_backend!(connection, c => {
        // Written out, as the partial index has it: SQLite compares the text of the condition.
        let of_subject = idempotency_keys::subject_id.eq(SqlUuid(subject));
        let keys = idempotency_keys::table.filter(sql::<Bool>("scope = 'REGISTRATION'")).filter(of_subject);
        diesel::update(keys).set(idempotency_keys::fingerprint.eq(nothing)).execute(c).await
    })?;
    Ok(())
}
