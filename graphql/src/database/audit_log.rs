//! The audit log: what staff and organizers did, and why.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{catalogue::StaffAction, event::EventActor};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    schema::{audit_log, staff_keys},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// Writes to the audit log. An entry without a key was made on the command line, where an operator who
/// may run the program may do everything.
///
/// # Errors
/// A database error.
pub async fn insert(
    connection: &mut Connection,
    id: Uuid,
    key: Option<Uuid>,
    action: &StaffAction,
    acted_at: Timestamp,
) -> Result<(), Error> {
    insert_by(connection, id, key, EventActor::Staff, action, acted_at).await
}

/// The same for any actor: an organizer has no key either.
///
/// # Errors
/// A database error.
pub async fn insert_by(
    connection: &mut Connection,
    id: Uuid,
    key: Option<Uuid>,
    actor: EventActor,
    action: &StaffAction,
    acted_at: Timestamp,
) -> Result<(), Error> {
    let values = (
        audit_log::id.eq(SqlUuid(id)),
        audit_log::key_id.eq(key.map(SqlUuid)),
        audit_log::action.eq(action.action),
        audit_log::subject_id.eq(SqlUuid(action.subject)),
        audit_log::reason.eq(action.reason.as_deref()),
        audit_log::acted_at.eq(SqlTimestamp(acted_at)),
        audit_log::actor.eq(actor.as_str()),
    );
    with_backend!(connection, c => diesel::insert_into(audit_log::table).values(values).execute(c).await)?;
    Ok(())
}

/// An entry of the audit log about a subject.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// The actor.
    pub actor: EventActor,
    /// The name of the staff key, if staff acted.
    pub key_name: Option<String>,
    /// The name of the mutation, or of the command.
    pub action: String,
    /// The reason, if one was required.
    pub reason: Option<String>,
    /// When.
    pub acted_at: Timestamp,
}

/// The audit log of a subject, oldest first.
///
/// # Errors
/// A database error.
pub async fn entries_about(connection: &mut Connection, subject: Uuid) -> Result<Vec<AuditEntry>, Error> {
    type Row = (String, Option<String>, String, Option<String>, SqlTimestamp);
    let rows: Vec<Row> = with_backend!(connection, c => {
        audit_log::table
            .left_join(staff_keys::table.on(audit_log::key_id.eq(staff_keys::id.nullable())))
            .filter(audit_log::subject_id.eq(SqlUuid(subject)))
            .order((audit_log::acted_at, audit_log::id))
            .select((
                audit_log::actor,
                staff_keys::name.nullable(),
                audit_log::action,
                audit_log::reason,
                audit_log::acted_at,
            ))
            .load(c)
            .await
    })?;
    let entry = |(actor, key_name, action, reason, acted_at): Row| {
        let actor =
            EventActor::parse(&actor).ok_or_else(|| Error::broken("an unknown actor in the audit log"))?;
        Ok(AuditEntry { actor, key_name, action, reason, acted_at: acted_at.0 })
    };
    rows.into_iter().map(entry).collect()
}

/// The entries by staff about a subject, oldest first: action and reason.
///
/// # Errors
/// A database error.
pub async fn staff_actions_about(
    connection: &mut Connection,
    subject: Uuid,
) -> Result<Vec<(String, Option<String>)>, Error> {
    Ok(with_backend!(connection, c => {
        audit_log::table
            .filter(audit_log::subject_id.eq(SqlUuid(subject)))
            .order((audit_log::acted_at, audit_log::id))
            .select((audit_log::action, audit_log::reason))
            .load(c)
            .await
    })?)
}
