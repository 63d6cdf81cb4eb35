//! `w4r import`: imports the file of an edition, completely or not at all.

use std::{fmt::Write as _, path::Path};

use domain::Violations;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use uuid::Uuid;

use super::{CliError, block_on};
use crate::{
    config::DatabaseOptions,
    database::{
        Database,
        creation::{self, NewDatabase, Presence},
    },
    import::{self, Count, ImportError, Plan},
    ledger::bulk_import::{ImportRejection, submit_all},
};

/// Imports the file and prints what changed.
///
/// # Errors
/// Every mistake in the file with its line, or a failure of the file or the database; nothing was imported
/// then.
pub fn run(file: &Path, discards: bool, store: &DatabaseOptions) -> Result<(), CliError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| CliError(format!("{} cannot be read: {error}", file.display())))?;
    block_on(async {
        let database = Database::open(&store.url).map_err(CliError)?;
        super::discard_unfinished(store, discards).await?;
        let message = if creation::presence(&store.url).await? == Presence::Missing {
            drop(database);
            import_into_new(file, &text, store).await?
        } else {
            import_file(file, &text, &super::open(store).await?).await?
        };
        super::print_line(format_args!("{}", message.trim_end()));
        Ok(())
    })
}

/// Imports into a database that this makes. If the file is refused, there is none.
async fn import_into_new(file: &Path, text: &str, store: &DatabaseOptions) -> Result<String, CliError> {
    let new = NewDatabase::begin(&store.url, None).await?;
    let imported = import_file(file, text, &new.database).await;
    let finished = match imported {
        Ok(message) => new.finish().await.map(|()| message).map_err(CliError::from),
        refused => refused,
    };
    if finished.is_err() {
        new.discard().await?;
    }
    finished
}

/// Imports with a progress bar. An error names the file.
async fn import_file(file: &Path, text: &str, database: &Database) -> Result<String, CliError> {
    let progress = entering();
    let result = import(database, text, Timestamp::now(), |done, of| {
        progress.set_length(of as u64);
        progress.set_position(done as u64);
    })
    .await;
    progress.finish_and_clear();
    result.map_err(|CliError(message)| CliError(format!("{}: {message}", file.display())))
}

/// Imports a text and returns a summary of the changes. `progress` is called with the number of reports
/// entered and their total.
///
/// # Errors
/// Every mistake with its line, or a database error; nothing was imported then.
pub async fn import(
    database: &Database,
    text: &str,
    now: Timestamp,
    progress: impl FnMut(usize, usize),
) -> Result<String, CliError> {
    let file = import::parse(text).map_err(refuse)?;
    let mut connection = database.connect().await?;
    let mut planned: Option<Plan> = None;
    let mut reports = 0;
    let entered = submit_all(
        &mut connection,
        None,
        now,
        |revising| {
            let mut plan = import::plan(file, revising, &mut Uuid::now_v7)?;
            let commands = std::mem::take(&mut plan.commands);
            reports = commands.len();
            planned = Some(plan);
            Ok(commands)
        },
        progress,
    )
    .await;
    match (entered, planned) {
        (Ok(answers), Some(plan)) => {
            // Tables that were empty may have become large.
            if let Err(error) = connection.refresh_statistics().await {
                tracing::warn!(cause = %error.cause(), "cannot refresh the planner's statistics");
            }
            let replayed = answers.iter().flatten().filter(|receipt| receipt.replayed).count();
            Ok(summary(&plan, Count { added: reports - replayed, changed: 0, unchanged: replayed }))
        }
        (Err(ImportRejection::Plan(mistakes)), _) => Err(refuse(mistakes)),
        (Err(ImportRejection::Commands(commands)), Some(plan)) => {
            let named = |(index, broken): &(usize, Violations)| plan.refused(*index, broken);
            Err(refuse(commands.iter().flat_map(named).collect()))
        }
        (Err(ImportRejection::Database(error)), _) => Err(error.into()),
        (Ok(_) | Err(ImportRejection::Commands(_)), None) => unreachable!("commands come out of a plan"),
    }
}

fn refuse(mistakes: Vec<ImportError>) -> CliError {
    let mut message = String::from("nothing was imported");
    for mistake in mistakes {
        // Writing to a string cannot fail.
        let _ = write!(message, "\n  {mistake}");
    }
    CliError(message)
}

fn summary(plan: &Plan, reports: Count) -> String {
    let mut message = String::new();
    for (noun, count) in [
        ("editions", plan.editions),
        ("sections", plan.sections),
        ("campaigns", plan.campaigns),
        ("cases", plan.cases),
        ("resources", plan.resources),
        ("published figures", plan.figures),
        ("statements", plan.statements),
        ("reports", reports),
    ] {
        let Count { added, changed, unchanged } = count;
        let _ = writeln!(message, "{noun:18}{added:>7} added {changed:>7} changed {unchanged:>7} unchanged");
    }
    for note in &plan.notes {
        let _ = writeln!(message, "note: {note}");
    }
    message
}

fn entering() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} reports, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::no_length().with_style(style)
}
