//! Whose reports they are: those of a participant, and those of somebody who came to an event.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    AttendanceId, Cells, EventId, ParticipantId, ReportId, Tally,
    report::{Author, ReportState},
};
use uuid::Uuid;

use super::{Kept, RevisionRow, assemble};
use crate::{
    database::{Connection, Error, column::Id, on, tables::report_revisions},
    secret::Hash,
};

/// Whose report one may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
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
            Owner::Participant(id) => all.filter(report_revisions::participant_id.eq(Id(id.uuid()))),
            Owner::Attendance(id) => all.filter(report_revisions::attendance_id.eq(Id(id.uuid()))),
        }
    }};
}

/// Their reports, in the order in which they came in; those after `after`, `limit` at most.
///
/// # Errors
/// That of the database.
pub async fn owned(
    connection: &mut Connection,
    owner: Owner,
    after: Option<ReportId>,
    limit: i64,
) -> Result<Vec<Kept>, Error> {
    let after = Id(after.map_or(Uuid::nil(), ReportId::uuid));
    let rows: Vec<RevisionRow> = on!(connection, c => {
        // A report has one first revision, so that a page of those is a page of reports.
        let ids: Vec<Id> = theirs!(owner)
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
pub async fn all_owned(connection: &mut Connection, owner: Owner) -> Result<Vec<Kept>, Error> {
    let rows: Vec<RevisionRow> = on!(connection, c => {
        theirs!(owner).order((report_revisions::report_id, report_revisions::revision)).load(c).await
    })?;
    assemble(rows)
}

/// What their reports say, as far as they count. At an event others may say the same: there each letter
/// counts once, and here all of their own.
///
/// # Errors
/// That of the database.
pub async fn told_by(connection: &mut Connection, owner: Owner) -> Result<Tally, Error> {
    let mut cells = Cells::default();
    for kept in all_owned(connection, owner).await? {
        if let Some(contribution) = kept.report.contribution() {
            cells.add(&contribution);
        }
    }
    Tally::from_cells(&cells).map_err(|drift| Error::Broken(Box::new(drift)))
}

/// Takes the secrets of their reports away: only the secret of the owner manages them from then on.
///
/// # Errors
/// That of the database.
pub async fn void_secrets(connection: &mut Connection, owner: Owner) -> Result<(), Error> {
    let none = report_revisions::secret_hash.eq(Hash::NONE.to_string());
    on!(connection, c => match owner {
        Owner::Participant(id) => {
            let theirs = report_revisions::participant_id.eq(Id(id.uuid()));
            diesel::update(report_revisions::table.filter(theirs)).set(none).execute(c).await
        }
        Owner::Attendance(id) => {
            let theirs = report_revisions::attendance_id.eq(Id(id.uuid()));
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
    let closes = report_revisions::event_id.eq(Id(id.uuid())).and(report_revisions::host);
    on!(connection, c => {
        diesel::update(report_revisions::table.filter(closes))
            .set(report_revisions::secret_hash.eq(Hash::NONE.to_string()))
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
    let there = report_revisions::attendance_id.eq(Id(id.uuid()));
    on!(connection, c => {
        diesel::update(report_revisions::table.filter(there))
            .set(report_revisions::participant_id.eq(None::<Id>))
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
pub async fn forget(connection: &mut Connection, owner: Owner) -> Result<(), Error> {
    forget_reasons(connection, owner).await?;
    let no_note = report_revisions::note.eq(None::<String>);
    on!(connection, c => match owner {
        Owner::Participant(id) => {
            let theirs = report_revisions::participant_id.eq(Id(id.uuid()));
            diesel::update(report_revisions::table.filter(theirs))
                .set((report_revisions::participant_id.eq(None::<Id>), no_note))
                .execute(c)
                .await
        }
        Owner::Attendance(id) => {
            let theirs = report_revisions::attendance_id.eq(Id(id.uuid()));
            diesel::update(report_revisions::table.filter(theirs))
                .set((report_revisions::attendance_id.eq(None::<Id>), no_note))
                .execute(c)
                .await
        }
    })?;
    Ok(())
}

async fn forget_reasons(connection: &mut Connection, owner: Owner) -> Result<(), Error> {
    let theirs = || {
        let (participant, attendance) = match owner {
            Owner::Participant(id) => (Some(Id(id.uuid())), None),
            Owner::Attendance(id) => (None, Some(Id(id.uuid()))),
        };
        // Nothing equals what is not there.
        report_revisions::participant_id.eq(participant).or(report_revisions::attendance_id.eq(attendance))
    };
    let corrected = || theirs().and(report_revisions::author.ne(Author::Staff.as_str()));
    let withdrawn = || theirs().and(report_revisions::state.eq(ReportState::Withdrawn.as_str()));
    on!(connection, c => {
        diesel::update(report_revisions::table.filter(corrected()))
            .set(report_revisions::reason.eq(None::<String>))
            .execute(c)
            .await
    })?;
    on!(connection, c => {
        diesel::update(report_revisions::table.filter(withdrawn()))
            .set(report_revisions::decision_reason.eq(None::<String>))
            .execute(c)
            .await
    })?;
    Ok(())
}
