//! Operations: changes of events, participants, attendances and subscriptions, each within a unit of work.
//!
//! An operation loads what it needs, lets `access` decide what the viewer may do and the domain what is valid at the
//! time of the request, and writes only if there are no violations. The writer of the ledger runs many operations in
//! one transaction, which holds the lock of the events. The scheduler sends notifications in transactions of its own,
//! behind the same lock.

use std::collections::BTreeMap;

use domain::{
    Counts, EditionId, Violation, ViolationKind, Violations,
    catalogue::{Catalogue, StaffAction},
    event::EventActor,
    violation::EntityKind,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    access::Viewer,
    credentials::SecretHash,
    database::{self, Connection},
    idempotency::KeyLookup,
};

pub mod attendance;
pub mod calendar;
pub mod confirmation;
pub mod event;
pub mod event_end;
pub mod group;
mod notifications;
pub mod participant;
pub mod purge_unapproved;
mod relocation;
pub mod reminder;
pub mod resend;
pub mod subscription;
pub mod unsolicited_mail;
pub mod zone_rules;

/// The result of an operation, or its validation errors; with errors it has written nothing.
pub type OperationResult<T> = Result<Result<T, Violations>, database::Error>;

/// A unit of work: the open transaction, the catalogue as of it, and the changes of totals to be counted.
pub struct UnitOfWork<'a> {
    connection: &'a mut Connection,
    catalogue: &'a Catalogue,
    has_written: bool,
    changes: BTreeMap<EditionId, (Counts, Timestamp)>,
}

impl<'a> UnitOfWork<'a> {
    /// Begins in an open transaction that has raised the revision of the events, or locked it if no event changes. To
    /// read only, any connection will do.
    pub(crate) const fn new(connection: &'a mut Connection, catalogue: &'a Catalogue) -> Self {
        Self { connection, catalogue, has_written: false, changes: BTreeMap::new() }
    }

    /// The catalogue as of this transaction.
    #[must_use]
    pub const fn catalogue(&self) -> &'a Catalogue {
        self.catalogue
    }

    /// Returns the connection for reading.
    pub fn conn(&mut self) -> &mut Connection {
        self.connection
    }

    /// Returns the connection for writing, after validation.
    pub fn conn_mut(&mut self) -> &mut Connection {
        self.has_written = true;
        self.connection
    }

    /// Replaces `before` by `after` in the totals of an edition. The operation must have named the event as counted, so that
    /// the edition is locked.
    pub fn count(&mut self, edition: EditionId, before: &Counts, after: &Counts, now: Timestamp) {
        let (change, at) = self.changes.entry(edition).or_default();
        change.merge(after);
        change.subtract_all(before);
        *at = now.max(*at);
    }

    /// The changes of the totals.
    pub(crate) fn into_changes(self) -> BTreeMap<EditionId, (Counts, Timestamp)> {
        self.changes
    }

    /// Whether anything was written since the last call.
    pub(crate) const fn take_written(&mut self) -> bool {
        std::mem::replace(&mut self.has_written, false)
    }
}

/// Looks up an idempotency key. One that is no key was not used.
async fn lookup_key(
    unit: &mut UnitOfWork<'_>,
    key: &Result<SecretHash, ViolationKind>,
    fingerprint: SecretHash,
) -> Result<KeyLookup, database::Error> {
    let record = match key {
        Ok(key) => database::idempotency::find(unit.conn(), *key).await?,
        Err(_) => None,
    };
    Ok(KeyLookup::of(record, fingerprint))
}

fn not_found(field: &str, noun: EntityKind) -> Violations {
    Violations::from(Violation::at([field], ViolationKind::NotFound { noun }))
}

/// Records an action of staff in the audit log. What people do themselves is not recorded.
async fn record_staff(
    unit: &mut UnitOfWork<'_>,
    subject: Uuid,
    viewer: Viewer,
    action: &'static str,
    now: Timestamp,
) -> Result<(), database::Error> {
    let Viewer::Staff(staff) = viewer else { return Ok(()) };
    let action = StaffAction { action, subject, reason: None };
    database::audit_log::insert_by(
        unit.conn_mut(),
        Uuid::now_v7(),
        staff.key,
        EventActor::Staff,
        &action,
        now,
    )
    .await
}
