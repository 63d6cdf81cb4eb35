//! Changes of events and of people, many in one transaction and each answered for itself.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{EditionId, EventId, Violations, revision::Revision};
use futures_util::{FutureExt, future::LocalBoxFuture};

use super::{EditResult, Failure, Responder, apply::CommandBatch, writer::Writer};
use crate::{
    database::{self, Access, Connection},
    operations::{OperationResult, UnitOfWork},
};

/// What came of one job: whatever it decided, or the rules that say no.
type OperationOutcome = Result<Box<dyn Any + Send>, Violations>;

/// A job that may be done again: a group that cannot be committed together is tried one by one.
pub(super) struct OperationFn {
    /// The event whose counting it may change.
    counts: Option<EventId>,
    job: OperationJob,
}

type OperationJob = Box<
    dyn for<'a> Fn(&'a mut UnitOfWork<'_>) -> LocalBoxFuture<'a, OperationResult<Box<dyn Any + Send>>> + Send,
>;

/// A job, and where its answer goes.
pub(super) type OperationResponder = (OperationFn, Responder<EditResult>);

/// Forgets what a job decides, so that all kinds of them wait in one queue.
pub(super) fn boxed<T: Send + 'static>(
    counts: Option<EventId>,
    work: impl AsyncFn(&mut UnitOfWork<'_>) -> OperationResult<T> + Send + Sync + 'static,
) -> OperationFn {
    let work = Arc::new(work);
    let job: OperationJob = Box::new(move |gathering| {
        let work = Arc::clone(&work);
        async move {
            let decided = work(gathering).await?;
            Ok(decided.map(|value| Box::new(value) as Box<dyn Any + Send>))
        }
        .boxed_local()
    });
    OperationFn { counts, job }
}

/// Locks the editions in which events may be counted otherwise, before those: in the order in which
/// reports lock them. Says their versions.
async fn lock_editions(
    connection: &mut Connection,
    works: &[&OperationFn],
) -> Result<BTreeMap<EditionId, Revision>, database::Error> {
    let mut editions = BTreeSet::new();
    for event in works.iter().filter_map(|work| work.counts) {
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
    /// There is nothing to commit: these are the answers.
    Nothing(Vec<OperationOutcome>),
    /// The database did not take it, or should not have.
    Database(database::Error),
}

impl From<database::Error> for Rollback {
    fn from(error: database::Error) -> Self {
        Self::Database(error)
    }
}

impl Writer {
    /// Does the jobs of a group together. If that cannot be committed, each is tried alone, so that a
    /// bad neighbour hurts nobody; unless the database is gone, which it is for all.
    pub(super) async fn run(&self, group: Vec<OperationResponder>) {
        let works: Vec<&OperationFn> = group.iter().map(|(work, _)| work).collect();
        match self.run_together(&works).await {
            Ok(outcomes) => {
                for ((_, asker), outcome) in group.into_iter().zip(outcomes) {
                    asker.respond(Ok(outcome));
                }
            }
            Err(database::Error::Unavailable(cause)) => {
                for (_, asker) in group {
                    let cause = cause.to_string().into();
                    asker.respond(Err(Failure::Database(database::Error::Unavailable(cause))));
                }
            }
            Err(database::Error::Broken(_)) => {
                for (work, asker) in group {
                    let alone = self.run_together(&[&work]).await;
                    let outcome = alone.map(|mut outcomes| outcomes.pop()).map_err(Failure::from);
                    if let Some(outcome) = outcome.transpose() {
                        asker.respond(outcome);
                    }
                }
            }
        }
    }

    async fn run_together(&self, works: &[&OperationFn]) -> Result<Vec<OperationOutcome>, database::Error> {
        let mut connection = self.database.connect().await?;
        let done = connection
            .transaction(Access::Write, async |connection| {
                let locked = lock_editions(connection, works).await?;
                let revision = database::event_revision::raise_revision(connection).await?;
                let known = *self.memory.events.borrow();
                let catalogue = self.current_catalogue(connection).await?;
                let mut gathering = UnitOfWork::new(connection, &catalogue);
                let (mut outcomes, mut has_written) = (Vec::with_capacity(works.len()), false);
                for work in works {
                    let outcome = (work.job)(&mut gathering).await?;
                    let wrote = gathering.take_written();
                    if wrote && outcome.is_err() {
                        // What a rule refuses leaves no trace, whoever else shares the transaction.
                        return Err(if works.len() == 1 {
                            Rollback::Nothing(vec![outcome])
                        } else {
                            database::Error::Broken("a refused job had written".into()).into()
                        });
                    }
                    has_written |= wrote;
                    outcomes.push(outcome);
                }
                if !has_written {
                    return Err(Rollback::Nothing(outcomes));
                }
                let changes = gathering.into_changes();
                let entering = CommandBatch::with_changes(&catalogue, locked, changes);
                let counts = entering.write(connection, &self.memory.tallies).await?;
                Ok((revision, known, outcomes, counts))
            })
            .await;
        match done {
            Ok((revision, known, outcomes, counts)) => {
                self.memory.show_events(revision, known);
                self.memory.show_counts(counts);
                self.note_commit();
                Ok(outcomes)
            }
            Err(Rollback::Nothing(outcomes)) => Ok(outcomes),
            Err(Rollback::Database(error)) => {
                self.note_refusal(&error);
                Err(error)
            }
        }
    }
}
