//! Owners of reports: the reports of a participant, and those of an attendee of an event.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    AttendanceId, Counts, EventId, ParticipantId, ReportId, Totals,
    report::{ReportSource, ReportState},
};
use uuid::Uuid;

use super::{RevisionRow, StoredReport, assemble};
use crate::{
    credentials::SecretHash,
    database::{Connection, Error, report_log, schema::report_revisions, sql_types::SqlUuid, with_backend},
};

/// The owner of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportOwnerId {
    /// A registered participant.
    Participant(ParticipantId),
    /// An attendee of an event.
    Attendance(AttendanceId),
}

/// The revisions of this owner.
macro_rules! theirs {
    ($owner:expr) => {{
        let all = report_revisions::table.into_boxed();
        match $owner {
            ReportOwnerId::Participant(id) => {
                all.filter(report_revisions::participant_id.eq(SqlUuid(id.uuid())))
            }
            ReportOwnerId::Attendance(id) => {
                all.filter(report_revisions::attendance_id.eq(SqlUuid(id.uuid())))
            }
        }
    }};
}

/// The owner's reports in order of arrival; those after `after`, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn owned(
    connection: &mut Connection,
    owner: ReportOwnerId,
    after: Option<ReportId>,
    limit: i64,
) -> Result<Vec<StoredReport>, Error> {
    let after = SqlUuid(after.map_or(Uuid::nil(), ReportId::uuid));
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        // A report has one first revision, so a page of those is a page of reports.
        let ids: Vec<SqlUuid> = theirs!(owner)
            .filter(report_revisions::revision.eq(1))
            .filter(report_revisions::report_id.gt(after))
            .order(report_revisions::report_id)
            .limit(limit)
            .select(report_revisions::report_id)
            .load(c)
            .await?;
        report_revisions::table
            .filter(report_revisions::report_id.eq_any(ids))
            .order((report_revisions::report_id, report_revisions::revision))
            .load(c)
            .await
    })?;
    assemble(rows)
}

/// All reports of the owner, in order of arrival.
///
/// # Errors
/// A database error.
pub async fn all_owned(
    connection: &mut Connection,
    owner: ReportOwnerId,
) -> Result<Vec<StoredReport>, Error> {
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        theirs!(owner).order((report_revisions::report_id, report_revisions::revision)).load(c).await
    })?;
    assemble(rows)
}

/// The sums of the owner's counted reports. At an event several people may report the same letters: the
/// event's total counts each letter once, this one counts all of the owner's.
///
/// # Errors
/// A database error.
pub async fn totals_of(connection: &mut Connection, owner: ReportOwnerId) -> Result<Totals, Error> {
    let mut cells = Counts::default();
    for stored in all_owned(connection, owner).await? {
        if let Some(contribution) = stored.report.contribution() {
            cells.add(&contribution);
        }
    }
    Totals::from_cells(&cells).map_err(|drift| Error::Broken(Box::new(drift)))
}

/// Removes the secrets of the owner's reports: only the owner's secret manages them from then on.
///
/// # Errors
/// A database error.
pub async fn void_secrets(connection: &mut Connection, owner: ReportOwnerId) -> Result<(), Error> {
    let none = report_revisions::secret_hash.eq(SecretHash::NONE.to_string());
    with_backend!(connection, c => match owner {
        ReportOwnerId::Participant(id) => {
            let theirs = report_revisions::participant_id.eq(SqlUuid(id.uuid()));
            diesel::update(report_revisions::table.filter(theirs)).set(none).execute(c).await
        }
        ReportOwnerId::Attendance(id) => {
            let theirs = report_revisions::attendance_id.eq(SqlUuid(id.uuid()));
            diesel::update(report_revisions::table.filter(theirs)).set(none).execute(c).await
        }
    })?;
    Ok(())
}

/// Removes the secret of the report by an event's host: only the event's secret manages it from then on.
///
/// # Errors
/// A database error.
pub async fn void_host_secrets(connection: &mut Connection, id: EventId) -> Result<(), Error> {
    let closes = report_revisions::event_id.eq(SqlUuid(id.uuid())).and(report_revisions::by_host);
    with_backend!(connection, c => {
        diesel::update(report_revisions::table.filter(closes))
            .set(report_revisions::secret_hash.eq(SecretHash::NONE.to_string()))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Removes the participant from the reports of an attendance.
///
/// # Errors
/// A database error.
pub async fn leave_participant(connection: &mut Connection, id: AttendanceId) -> Result<(), Error> {
    let there = report_revisions::attendance_id.eq(SqlUuid(id.uuid()));
    with_backend!(connection, c => {
        diesel::update(report_revisions::table.filter(there))
            .set(report_revisions::participant_id.eq(None::<SqlUuid>))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Removes an event from its reports, none of which counts or awaits review, before the event is deleted.
///
/// # Errors
/// A database error.
pub async fn leave_event(connection: &mut Connection, id: EventId) -> Result<(), Error> {
    let there = report_revisions::event_id.eq(SqlUuid(id.uuid()));
    with_backend!(connection, c => {
        diesel::update(report_revisions::table.filter(there))
            .set((report_revisions::event_id.eq(None::<SqlUuid>), report_revisions::by_host.eq(false)))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Removes the owner from the reports, and what the owner wrote beside the numbers: remarks, and
/// reasons of corrections and withdrawals; and the salts of their leaves, without which nothing can be learned of a
/// leaf. The letters stay and count, and notes of staff stay too.
///
/// # Errors
/// A database error.
pub async fn forget(connection: &mut Connection, owner: ReportOwnerId) -> Result<(), Error> {
    forget_reasons(connection, owner).await?;
    let reports: Vec<SqlUuid> = with_backend!(connection, c => {
        let first = theirs!(owner).filter(report_revisions::revision.eq(1));
        first.select(report_revisions::report_id).load(c).await
    })?;
    let reports: Vec<_> = reports.into_iter().map(|id| ReportId::new(id.0)).collect();
    report_log::forget(connection, &reports).await?;
    let no_note = report_revisions::staff_note.eq(None::<String>);
    with_backend!(connection, c => match owner {
        ReportOwnerId::Participant(id) => {
            let theirs = report_revisions::participant_id.eq(SqlUuid(id.uuid()));
            diesel::update(report_revisions::table.filter(theirs))
                .set((report_revisions::participant_id.eq(None::<SqlUuid>), no_note))
                .execute(c)
                .await
        }
        ReportOwnerId::Attendance(id) => {
            let theirs = report_revisions::attendance_id.eq(SqlUuid(id.uuid()));
            diesel::update(report_revisions::table.filter(theirs))
                .set((report_revisions::attendance_id.eq(None::<SqlUuid>), no_note))
                .execute(c)
                .await
        }
    })?;
    Ok(())
}

async fn forget_reasons(connection: &mut Connection, owner: ReportOwnerId) -> Result<(), Error> {
    let theirs = || {
        let (participant, attendance) = match owner {
            ReportOwnerId::Participant(id) => (Some(SqlUuid(id.uuid())), None),
            ReportOwnerId::Attendance(id) => (None, Some(SqlUuid(id.uuid()))),
        };
        // A comparison with NULL is never true, so only the condition on the owner matches.
        report_revisions::participant_id.eq(participant).or(report_revisions::attendance_id.eq(attendance))
    };
    let corrected = || theirs().and(report_revisions::author.ne(ReportSource::Staff.as_str()));
    let withdrawn = || theirs().and(report_revisions::state.eq(ReportState::Withdrawn.as_str()));
    with_backend!(connection, c => {
        diesel::update(report_revisions::table.filter(corrected()))
            .set(report_revisions::reason.eq(None::<String>))
            .execute(c)
            .await
    })?;
    with_backend!(connection, c => {
        diesel::update(report_revisions::table.filter(withdrawn()))
            .set(report_revisions::decision_reason.eq(None::<String>))
            .execute(c)
            .await
    })?;
    Ok(())
}
