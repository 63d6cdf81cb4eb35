//! The audit log of commands: what staff did to reports.

use domain::{ReportId, catalogue::StaffAction, report::ReportSource};
use uuid::Uuid;

use super::{Action, Command, CommandResult, Staff, Viewer};
use crate::database::{self, Connection};

/// Notes in the audit log what staff did by these commands, except by those that changed nothing.
pub(super) async fn record_all(
    connection: &mut Connection,
    commands: &[Command],
    answers: &[CommandResult],
) -> Result<(), database::Error> {
    let applied = commands.iter().zip(answers).filter_map(|(command, answer)| {
        let receipt = answer.as_ref().ok()?;
        (!receipt.replayed).then_some((command, receipt.report.id))
    });
    for (command, report) in applied {
        record(connection, command, report).await?;
    }
    Ok(())
}

/// Notes in the audit log what staff did to a report. An import is recorded once, by the import itself.
async fn record(
    connection: &mut Connection,
    command: &Command,
    report: ReportId,
) -> Result<(), database::Error> {
    let reason = command.action.reason();
    let Viewer::Staff(Staff { key: Some(key), .. }) = command.viewer else { return Ok(()) };
    if matches!(
        command.action,
        Action::Submit { author: ReportSource::Writer | ReportSource::Simulation, .. }
    ) {
        // Elsewhere than in their own section staff are like anyone.
        return Ok(());
    }
    let action = command.action.name();
    let action = StaffAction { action, subject: report.uuid(), reason: reason.map(str::to_owned) };
    database::audit_log::insert(connection, Uuid::now_v7(), Some(key), &action, command.now).await
}
