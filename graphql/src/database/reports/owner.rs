//! Whose reports they are: those of a participant, and those of somebody who came to an event.

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
    database::{Connection, Error, schema::report_revisions, sql_types::SqlUuid, with_backend},
};

/// Whose report one may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportOwnerId {
    /// Somebody who registered.
    Participant(ParticipantId),
    /// Somebody who came to an event.
    Attendance(AttendanceId),
}

/// The revisions that are theirs.
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

/// Their reports, in the order in which they came in; those after `after`, `limit` at most.
///
/// # Errors
/// That of the database.
pub async fn owned(
    connection: &mut Connection,
    owner: ReportOwnerId,
    after: Option<ReportId>,
    limit: i64,
) -> Result<Vec<StoredReport>, Error> {
    let after = SqlUuid(after.map_or(Uuid::nil(), ReportId::uuid));
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        // A report has one first revision, so that a page of those is a page of reports.
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

/// All their reports, in the order in which they came in.
///
/// # Errors
/// That of the database.
pub async fn all_owned(
    connection: &mut Connection,
    owner: ReportOwnerId,
) -> Result<Vec<StoredReport>, Error> {
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        theirs!(owner).order((report_revisions::report_id, report_revisions::revision)).load(c).await
    })?;
    assemble(rows)
}

/// What their reports say, as far as they count. At an event others may say the same: there each letter
/// counts once, and here all of their own.
///
/// # Errors
/// That of the database.
pub async fn totals_of(connection: &mut Connection, owner: ReportOwnerId) -> Result<Totals, Error> {
    let mut cells = Counts::default();
    for kept in all_owned(connection, owner).await? {
        if let Some(contribution) = kept.report.contribution() {
            cells.add(&contribution);
        }
    }
    Totals::from_cells(&cells).map_err(|drift| Error::Broken(Box::new(drift)))
}

/// Takes the secrets of their reports away: only the secret of the owner manages them from then on.
///
/// # Errors
/// That of the database.
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

/// Takes the secret of the report away that closes an event: only that of the event manages it from then on.
///
/// # Errors
/// That of the database.
pub async fn void_host_secrets(connection: &mut Connection, id: EventId) -> Result<(), Error> {
    let closes = report_revisions::event_id.eq(SqlUuid(id.uuid())).and(report_revisions::host);
    with_backend!(connection, c => {
        diesel::update(report_revisions::table.filter(closes))
            .set(report_revisions::secret_hash.eq(SecretHash::NONE.to_string()))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Has the reports of an attendance belong to no participant beside it.
///
/// # Errors
/// That of the database.
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

/// Forgets whose reports they are, and what they wrote beside the numbers: their remarks, and why they
/// corrected or withdrew something. Their letters stay and count, and so does what staff say of them.
///
/// # Errors
/// That of the database.
pub async fn forget(connection: &mut Connection, owner: ReportOwnerId) -> Result<(), Error> {
    forget_reasons(connection, owner).await?;
    let no_note = report_revisions::note.eq(None::<String>);
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
        // Nothing equals what is not there.
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
