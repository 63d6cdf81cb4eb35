//! What people gather for: events, those who take part, and who goes where.
//!
//! Each change is a job inside a transaction of the ledger's door: it loads, asks the domain with the
//! time it was asked at, and writes only if no rule says no. Many jobs share one transaction, in which
//! nobody else changes an event. Whom there is news for is found out in transactions of the newsroom,
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
mod notifications;
pub mod participant;
pub mod purge_unapproved;
mod relocation;
pub mod reminder;
pub mod resend;
pub mod subscription;
pub mod unsolicited_mail;

/// What a job decided, or all rules that say no; then it has written nothing.
pub type OperationResult<T> = Result<Result<T, Violations>, database::Error>;

/// A transaction in which events change.
pub struct UnitOfWork<'a> {
    connection: &'a mut Connection,
    catalogue: &'a Catalogue,
    has_written: bool,
    changes: BTreeMap<EditionId, (Counts, Timestamp)>,
}

impl<'a> UnitOfWork<'a> {
    /// Begins in an open transaction that has raised the revision, or has locked it where no event
    /// changes; just to read, anywhere.
    pub(crate) const fn new(connection: &'a mut Connection, catalogue: &'a Catalogue) -> Self {
        Self { connection, catalogue, has_written: false, changes: BTreeMap::new() }
    }

    /// The catalogue that holds in this transaction.
    #[must_use]
    pub const fn catalogue(&self) -> &'a Catalogue {
        self.catalogue
    }

    /// To read with.
    pub fn conn(&mut self) -> &mut Connection {
        self.connection
    }

    /// To write with, once it is clear that no rule says no.
    pub fn conn_mut(&mut self) -> &mut Connection {
        self.has_written = true;
        self.connection
    }

    /// Has the totals of an edition say `after` where they said `before`. The job has to have said that
    /// it may.
    pub fn count(&mut self, edition: EditionId, before: &Counts, after: &Counts, now: Timestamp) {
        let (change, at) = self.changes.entry(edition).or_default();
        change.merge(after);
        change.subtract_all(before);
        *at = now.max(*at);
    }

    /// By what totals change.
    pub(crate) fn into_changes(self) -> BTreeMap<EditionId, (Counts, Timestamp)> {
        self.changes
    }

    /// Whether anything was written since it was last asked.
    pub(crate) const fn take_written(&mut self) -> bool {
        std::mem::replace(&mut self.has_written, false)
    }
}

/// Looks up an idempotency key. One that is no key was not used.
async fn lookup_key(
    gathering: &mut UnitOfWork<'_>,
    key: &Result<SecretHash, ViolationKind>,
    fingerprint: SecretHash,
) -> Result<KeyLookup, database::Error> {
    let record = match key {
        Ok(key) => database::idempotency::find(gathering.conn(), *key).await?,
        Err(_) => None,
    };
    Ok(KeyLookup::of(record, fingerprint))
}

fn not_found(field: &str, noun: EntityKind) -> Violations {
    Violations::from(Violation::at([field], ViolationKind::NotFound { noun }))
}

/// Writes down what staff did for somebody. What people do themselves is theirs alone.
async fn record_staff(
    gathering: &mut UnitOfWork<'_>,
    subject: Uuid,
    viewer: Viewer,
    action: &'static str,
    now: Timestamp,
) -> Result<(), database::Error> {
    let Viewer::Staff(staff) = viewer else { return Ok(()) };
    let action = StaffAction { action, subject, reason: None };
    database::catalogue::insert_audit_entry_of(
        gathering.conn_mut(),
        Uuid::now_v7(),
        staff.key,
        EventActor::Staff,
        &action,
        now,
    )
    .await
}
