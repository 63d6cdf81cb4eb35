//! A whole file in one transaction: its changes of the catalogue, then its reports; all or nothing.
//!
//! Reports are counted at the times at which they were received, oldest first, each time at a version of its own. So the
//! history of a year that is imported is that of its reports. What was counted before never changes: a report that was
//! received before the last version counts at the time of the import, and so does everything in a certified total.

use std::{collections::BTreeMap, mem};

use domain::{
    Counts, EditionId, Violations,
    catalogue::{Catalogue, CatalogueEdit},
    report::ReportBudgets,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Command, CommandResult,
    apply::{CommandBatch, NextVersion},
    counting::{Counted, present},
    writer,
};
use crate::{
    database::{self, Access, Connection},
    totals_store::TotalsStore,
};

/// How many commands are entered between two reports of progress.
const CHUNK_SIZE: usize = 500;

/// Why a file corrects a total that is certified.
const REASON: &str = "A file was imported.";

/// Why nothing of a file was done.
#[derive(Debug)]
pub enum ImportRejection<M> {
    /// The plan says why.
    Plan(M),
    /// These commands, by their position, break rules.
    Commands(Vec<(usize, Violations)>),
    /// The database did not take it.
    Database(database::Error),
}

impl<M> From<database::Error> for ImportRejection<M> {
    fn from(error: database::Error) -> Self {
        Self::Database(error)
    }
}

/// Does what `plan` decides about the catalogue and then enters the commands that it returns.
/// `progress` is told how many of how many are done.
///
/// # Errors
/// [`ImportRejection`]; nothing was done then.
pub async fn submit_all<M>(
    connection: &mut Connection,
    key: Option<Uuid>,
    now: Timestamp,
    plan: impl FnOnce(&mut CatalogueEdit) -> Result<Vec<Command>, M>,
    mut progress: impl FnMut(usize, usize),
) -> Result<Vec<CommandResult>, ImportRejection<M>> {
    connection
        .transaction(Access::Write, async |connection| {
            let before = writer::begin_change(connection).await?;
            let mut revising = CatalogueEdit::new(before.clone(), now);
            let commands = plan(&mut revising).map_err(ImportRejection::Plan)?;
            writer::store(connection, key, &revising).await?;
            // No reader of this process waits for the counts; the next one takes them from the database.
            let totals = TotalsStore::default();
            let mut entering = CommandBatch::new(&revising.catalogue, ReportBudgets::NONE);
            entering.received = Some(BTreeMap::new());
            revising.catalogue.editions().for_each(|edition| entering.explain(edition.id, None, REASON));
            let mut order: Vec<usize> = (0..commands.len()).collect();
            order.sort_by_key(|&index| commands[index].now);
            let mut answers = BTreeMap::new();
            for chunk in order.chunks(CHUNK_SIZE) {
                let part: Vec<Command> = chunk.iter().map(|&index| commands[index].clone()).collect();
                // No other process changes the catalogue before this transaction ends.
                let entered = entering.apply_more(connection, &part).await?;
                let entered =
                    entered.ok_or_else(|| database::Error::Broken("the catalogue has changed".into()))?;
                answers.extend(chunk.iter().copied().zip(entered));
                let until = part.last().map_or(now, |last| last.now.min(now));
                let file = ImportedFile { before: &before, catalogue: &revising.catalogue, now };
                file.count_received(&mut entering, connection, &totals, until).await?;
                progress(answers.len(), commands.len());
            }
            let file = ImportedFile { before: &before, catalogue: &revising.catalogue, now };
            file.count_received(&mut entering, connection, &totals, now).await?;
            file.count_rest(&mut entering);
            entering.count_statements(connection, &before, &totals, now).await?;
            let answers: Vec<CommandResult> = answers.into_values().collect();
            let refused: Vec<_> = answers
                .iter()
                .enumerate()
                .filter_map(|(index, answer)| Some((index, answer.as_ref().err()?.clone())))
                .collect();
            if !refused.is_empty() {
                return Err(ImportRejection::Commands(refused));
            }
            entering.write(connection, &totals).await?;
            Ok(answers)
        })
        .await
}

/// What a file is counted by.
#[derive(Clone, Copy)]
struct ImportedFile<'a> {
    /// The catalogue before the file. Its statements are those beside which reports are counted: those of the file come
    /// at the time of the import.
    before: &'a Catalogue,
    catalogue: &'a Catalogue,
    now: Timestamp,
}

impl ImportedFile<'_> {
    /// Counts what was received before `until`, at a version for each time.
    async fn count_received(
        self,
        entering: &mut CommandBatch<'_>,
        connection: &mut Connection,
        totals: &TotalsStore,
        until: Timestamp,
    ) -> Result<(), database::Error> {
        let Some(received) = &mut entering.received else { return Ok(()) };
        let later = received.split_off(&(until, EditionId::new(Uuid::nil())));
        let mut changes: BTreeMap<EditionId, Counts> = BTreeMap::new();
        for ((at, edition), change) in mem::replace(received, later) {
            if self.is_certified(edition)
                || at < self.counted_until(entering, connection, totals, edition).await?
            {
                entering.changes.entry(edition).or_insert((Counts::default(), self.now)).0.merge(&change);
                continue;
            }
            let next = entering.next_version(connection, totals, self.before, edition, change, at).await?;
            let Some(NextVersion { change, counted: Counted { count, known } }) = next else { continue };
            changes.entry(edition).or_default().merge(&change);
            entering.locked.insert(edition, count.revision());
            totals.publish(edition, count, known);
        }
        changes.iter().for_each(|(edition, change)| entering.entries.add(*edition, change));
        mem::take(&mut entering.entries).write(connection).await
    }

    /// Has all that is left counted at the time of the import.
    fn count_rest(self, entering: &mut CommandBatch<'_>) {
        for ((_, edition), change) in mem::take(&mut entering.received).into_iter().flatten() {
            entering.changes.entry(edition).or_insert((Counts::default(), self.now)).0.merge(&change);
        }
    }

    /// When the last version of an edition was counted.
    async fn counted_until(
        self,
        entering: &CommandBatch<'_>,
        connection: &mut Connection,
        totals: &TotalsStore,
        edition: EditionId,
    ) -> Result<Timestamp, database::Error> {
        let version = entering.locked.get(&edition).copied().unwrap_or_default();
        let known = totals.count(edition);
        let present = present(connection, &known, edition, version).await?;
        if present.revision() != known.revision() {
            totals.publish(edition, present.as_ref().clone(), known.revision());
        }
        Ok(present.as_of)
    }

    /// Whether a total of the edition is certified. What changes it is a correction, of the present.
    fn is_certified(self, edition: EditionId) -> bool {
        self.catalogue
            .campaigns_in(edition)
            .any(|campaign| self.catalogue.is_certified(edition, campaign.section_id))
    }
}
