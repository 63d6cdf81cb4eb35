//! A whole file in one transaction: its changes of the catalogue, then its reports; all or nothing.

use domain::{Violations, catalogue::CatalogueEdit, report::ReportBudgets};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Command, CommandResult, apply::CommandBatch, writer};
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
            entering.count_statements(connection, &before, &totals, now).await?;
            revising.catalogue.editions().for_each(|edition| entering.explain(edition.id, None, REASON));
            let mut answers = Vec::with_capacity(commands.len());
            let all = commands.len();
            for commands in commands.chunks(CHUNK_SIZE) {
                // No other process changes the catalogue before this transaction ends.
                let entered = entering.apply_more(connection, commands).await?;
                answers.extend(
                    entered.ok_or_else(|| database::Error::Broken("the catalogue has changed".into()))?,
                );
                progress(answers.len(), all);
            }
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
