//! `w4r log`: the transparency log.

use super::{CliError, block_on, connect};
use crate::{
    config::DatabaseOptions,
    database::{Access, Error, report_log},
};

/// Commands of the transparency log.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub enum LogCommand {
    /// Begin another log, after the database was restored from a backup
    ///
    /// The log of before is not extended any more, and its receipts stay valid.
    /// All revisions that the database has are entered into the new log, which
    /// has another name.
    Restart,
}

/// Runs a command.
///
/// # Errors
/// If the database cannot be used.
pub fn run(command: &LogCommand, store: &DatabaseOptions) -> Result<(), CliError> {
    let LogCommand::Restart = command;
    let (before, after) = block_on(async {
        let mut connection = connect(store).await?;
        let restarted = connection
            .transaction(Access::Write, async |connection| {
                report_log::lock(connection).await?;
                let before = report_log::head(connection).await?;
                report_log::restart(connection).await?;
                Ok::<_, Error>((before, report_log::head(connection).await?))
            })
            .await?;
        Ok(restarted)
    })?;
    match before.origin {
        Some(origin) => {
            super::print_line(format_args!("{origin} ends at size {}.", before.size));
        }
        None => super::print_line(format_args!("The log had no head yet.")),
    }
    super::print_line(format_args!(
        "Log {} of this database begins with the next head that the service signs.",
        after.generation
    ));
    Ok(())
}
