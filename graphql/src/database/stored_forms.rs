//! Names and texts in the forms in which they are compared. The domain computes them; when their version changes, they
//! are made anew.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{Participant, ParticipantId, text::STORED_FORMS};

use super::{
    Connection, Error,
    attendances::AttendanceRow,
    events::EventRow,
    participants::{self as people, ParticipantRow},
    schema::{attendances, catalogue, events, participants},
    sql_types::SqlUuid,
    transaction::Access,
    with_backend,
};

/// Rows that are read at once: a few megabytes, with descriptions of events of 20,000 characters.
const BATCH_SIZE: i64 = 200;

/// Makes the stored forms anew, in one transaction, if they are of another version. A process that starts at the same time
/// waits for it and finds nothing to do.
///
/// # Errors
/// A database error; nothing was changed then.
pub async fn prepare(connection: &mut Connection) -> Result<(), Error> {
    let version: Option<String> =
        with_backend!(connection, c => catalogue::table.select(catalogue::stored_forms).get_result(c).await)?;
    if version.as_deref() == Some(STORED_FORMS) {
        return Ok(());
    }
    connection
        .transaction(Access::Write, async |connection| {
            let is_other = catalogue::stored_forms.is_null().or(catalogue::stored_forms.ne(STORED_FORMS));
            let changed = with_backend!(connection, c => {
                diesel::update(catalogue::table.filter(is_other))
                    .set(catalogue::stored_forms.eq(STORED_FORMS))
                    .execute(c)
                    .await
            })?;
            if changed > 0 {
                renew_events(connection).await?;
                renew_attendances(connection).await?;
                renew_participants(connection).await?;
                renew_duplicates(connection).await?;
            }
            Ok(())
        })
        .await
}

/// Calls `$renew` with each row of a table, in the order of ids.
macro_rules! for_each_row {
    ($connection:ident, $table:ident, $Row:ty, |$row:ident| $renew:expr) => {{
        let mut after = SqlUuid(uuid::Uuid::nil());
        loop {
            let rows: Vec<$Row> = with_backend!($connection, c => {
                $table::table.filter($table::id.gt(after)).order($table::id).limit(BATCH_SIZE).load(c).await
            })?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for $row in rows {
                $renew
            }
        }
    }};
}

async fn renew_events(connection: &mut Connection) -> Result<(), Error> {
    for_each_row!(connection, events, EventRow, |row| {
        let id = row.id;
        let row = EventRow::of(&row.read()?)?;
        with_backend!(connection, c => {
            diesel::update(events::table.find(id))
                .set((events::languages.eq(row.languages), events::search_text.eq(row.search_text)))
                .execute(c)
                .await
        })?;
    });
    Ok(())
}

async fn renew_attendances(connection: &mut Connection) -> Result<(), Error> {
    for_each_row!(connection, attendances, AttendanceRow, |row| {
        let id = row.id;
        let row = AttendanceRow::of(&row.read()?)?;
        with_backend!(connection, c => {
            diesel::update(attendances::table.find(id))
                .set(attendances::name_folded.eq(row.name_folded))
                .execute(c)
                .await
        })?;
    });
    Ok(())
}

async fn renew_participants(connection: &mut Connection) -> Result<(), Error> {
    for_each_row!(connection, participants, ParticipantRow, |row| {
        let id = row.id;
        let row = ParticipantRow::of(&row.read()?)?;
        with_backend!(connection, c => {
            diesel::update(participants::table.find(id))
                .set(participants::name_folded.eq(row.name_folded))
                .execute(c)
                .await
        })?;
    });
    Ok(())
}

/// Registrations that repeat one whose name is another now are their own, or repeat the first with their name.
async fn renew_duplicates(connection: &mut Connection) -> Result<(), Error> {
    let rows: Vec<ParticipantRow> = with_backend!(connection, c => {
        participants::table
            .filter(participants::repeats_id.is_not_null())
            .order((participants::registered_at, participants::id))
            .load(c)
            .await
    })?;
    for row in rows {
        let repeated = row.repeats_id.map(|id| ParticipantId::new(id.0));
        let participant: Participant = row.read()?;
        let original = match repeated {
            Some(id) => people::find(connection, id).await?,
            None => None,
        };
        let is_same =
            |original: Participant| original.content.name_folded() == participant.content.name_folded();
        if original.is_some_and(is_same) {
            continue;
        }
        let first = people::earlier(connection, &participant).await?;
        let first = first.map(|first| first.id).filter(|first| *first != participant.id);
        people::set_duplicate(connection, &[participant.id], first).await?;
    }
    Ok(())
}
