//! Commits of operations: those that wait together share one transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice,
};

use domain::{EditionId, revision::Revision};

use super::{apply::CommandBatch, failure::Failure, operation::QueuedOperation, writer::Writer};
use crate::{
    database::{self, Access, Connection},
    operations::UnitOfWork,
};

/// Locks the editions whose totals may change, in the order in which reports lock them, before the lock of the events.
/// Returns their versions.
async fn lock_editions(
    connection: &mut Connection,
    group: &[QueuedOperation],
) -> Result<BTreeMap<EditionId, Revision>, database::Error> {
    let mut editions = BTreeSet::new();
    for event in group.iter().filter_map(QueuedOperation::counted_event) {
        editions.extend(database::events::edition(connection, event).await?);
    }
    let mut locked = BTreeMap::new();
    for edition in editions {
        locked.insert(edition, database::ledger::lock(connection, edition).await?);
    }
    Ok(locked)
}

/// Why a transaction is rolled back.
enum Rollback {
    /// There is nothing to commit. The outcomes hold.
    NoChanges,
    /// A database error, or a defect.
    Database(database::Error),
}

impl From<database::Error> for Rollback {
    fn from(error: database::Error) -> Self {
        Self::Database(error)
    }
}

impl Writer {
    /// Applies a group in one transaction. If it cannot be committed, each operation is tried alone, so that one
    /// operation does not fail the others; except if the database is unavailable.
    pub(super) async fn run(&self, mut group: Vec<QueuedOperation>) {
        match self.run_together(&mut group).await {
            Ok(()) => group.into_iter().for_each(|queued| queued.respond(Ok(()))),
            Err(database::Error::Unavailable(cause)) => {
                for queued in group {
                    let cause = cause.to_string().into();
                    queued.respond(Err(Failure::Database(database::Error::Unavailable(cause))));
                }
            }
            Err(database::Error::Broken(_)) => {
                for mut queued in group {
                    let committed = self.run_together(slice::from_mut(&mut queued)).await;
                    if committed.is_err() {
                        tracing::warn!(operation = queued.name(), "an operation could not be committed");
                    }
                    queued.respond(committed.map_err(Failure::from));
                }
            }
        }
    }

    async fn run_together(&self, group: &mut [QueuedOperation]) -> Result<(), database::Error> {
        let mut connection = self.database.connect().await?;
        let done = connection
            .transaction(Access::Write, async |connection| {
                let locked = lock_editions(connection, group).await?;
                let revision = database::event_revision::raise_revision(connection).await?;
                let known = *self.memory.events.borrow();
                let catalogue = self.current_catalogue(connection).await?;
                let mut unit = UnitOfWork::new(connection, &catalogue);
                if !apply_all(group, &mut unit).await? {
                    return Err(Rollback::NoChanges);
                }
                let changes = unit.into_changes();
                let batch = CommandBatch::with_changes(&catalogue, locked, changes);
                let counts = batch.write(connection, &self.memory.totals).await?;
                Ok((revision, known, counts))
            })
            .await;
        match done {
            Ok((revision, known, counts)) => {
                self.memory.show_events(revision, known);
                self.memory.show_counts(counts);
                self.note_commit();
                Ok(())
            }
            Err(Rollback::NoChanges) => Ok(()),
            Err(Rollback::Database(error)) => {
                self.note_refusal(&error);
                Err(error)
            }
        }
    }
}

/// Applies the operations of a group, one after the other, and returns whether there is anything to commit.
async fn apply_all(group: &mut [QueuedOperation], unit: &mut UnitOfWork<'_>) -> Result<bool, Rollback> {
    let (is_alone, mut has_written) = (group.len() == 1, false);
    for queued in group {
        let is_valid = queued.apply(unit).await?;
        let wrote = unit.take_written();
        if wrote && !is_valid {
            // A rejected operation must leave no trace. Alone it is rolled back; in a group all are tried again.
            return Err(if is_alone {
                Rollback::NoChanges
            } else {
                let defect = format!("a rejected {} had written", queued.name());
                database::Error::Broken(defect.into()).into()
            });
        }
        has_written |= wrote;
    }
    Ok(has_written)
}
