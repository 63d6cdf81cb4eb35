//! `w4r restore`: a new database from a backup.

use std::path::PathBuf;

use super::{CliError, backup, block_on};
use crate::{
    backup::{Restored, Verification, check, restore},
    config::DatabaseOptions,
    database::{Database, creation, migrations::MigrationError},
};

/// The arguments of the command.
#[derive(Clone, Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup
    file: PathBuf,
    /// Read and check the backup, and restore nothing
    #[arg(long)]
    dry_run: bool,
    /// Remove the rest of an interrupted restore or import first
    #[arg(long)]
    discard_unfinished: bool,
    /// Restore also if counters or the log differ from the ledger, as they did when the backup was made
    #[arg(long)]
    accept_differences: bool,
}

/// Restores a backup into a database that does not exist yet.
///
/// # Errors
/// If the backup is damaged, the database exists, or it is not the one of the backup in the end; nothing is left then.
pub fn run(arguments: &RestoreArgs, store: &DatabaseOptions) -> Result<(), CliError> {
    let RestoreArgs { file, dry_run, discard_unfinished, accept_differences } = arguments;
    let named = |error: CliError| CliError(format!("{}: {}", file.display(), error.0));
    if *dry_run {
        let progress = backup::rows("read");
        let (header, _) = check(file, |done, of| {
            progress.set_length(of);
            progress.set_position(done);
        })
        .map_err(|error| named(error.into()))?;
        progress.finish_and_clear();
        super::print_line(format_args!("{} is whole\n  {}", file.display(), backup::summary(&header)));
        return Ok(());
    }
    block_on(async {
        let place = Database::open(&store.url).map_err(CliError)?.place();
        super::discard_unfinished(store, *discard_unfinished).await?;
        match creation::presence(&store.url).await? {
            creation::Presence::Missing => {}
            creation::Presence::Unfinished => return Err(MigrationError::Unfinished.into()),
            creation::Presence::Present(_) => {
                return Err(CliError(format!("{place}: {}", MigrationError::Exists)));
            }
        }
        let verification = if *accept_differences { Verification::Reported } else { Verification::Required };
        let progress = backup::rows("restored");
        let restored = restore(file, &store.url, verification, |done, of| {
            progress.set_length(of);
            progress.set_position(done);
        })
        .await;
        progress.finish_and_clear();
        let Restored { header, differences } = restored.map_err(|error| named(error.into()))?;
        super::print_line(format_args!(
            "{place}\n  restored from {}\n  {}",
            file.display(),
            backup::summary(&header)
        ));
        if differences.is_empty() {
            super::print_line(format_args!("  the counters equal the ledger, and the log has its root"));
        }
        for difference in differences {
            super::print_line(format_args!("  DIFFERS: {difference}"));
        }
        if header.log.is_some_and(|log| log.origin.is_some()) {
            super::print_line(format_args!(
                "If anything was served after the backup was taken, run `w4r log restart`\n\
                before you serve this database. Do not serve the former one any more."
            ));
        }
        Ok(())
    })
}
