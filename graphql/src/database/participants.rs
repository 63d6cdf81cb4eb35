//! Participants: a row with the columns for uniqueness and sums, and the rest as JSON.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    CampaignId, EditionId, EventId, Participant, ParticipantId, SectionId,
    attendance::AttendanceState,
    participant::{ParticipantContent, ParticipantState},
};

use super::{
    Connection, Error,
    schema::{attendances, participants},
    sql_types::{SqlTimestamp, SqlUuid},
    time_limit::within_limit,
    with_backend,
};
use uuid::Uuid;

/// The participant with this id.
///
/// # Errors
/// A database error.
pub async fn find(connection: &mut Connection, id: ParticipantId) -> Result<Option<Participant>, Error> {
    let row: Option<ParticipantRow> = with_backend!(connection, c => participants::table.find(SqlUuid(id.uuid())).get_result(c).await.optional())?;
    row.map(ParticipantRow::read).transpose()
}

/// The first registration for the campaign with this participant's name and address that still takes
/// part.
///
/// # Errors
/// A database error.
pub async fn earlier(
    connection: &mut Connection,
    participant: &Participant,
) -> Result<Option<Participant>, Error> {
    let content = &participant.content;
    let row: Option<ParticipantRow> = with_backend!(connection, c => {
        participants::table
            .filter(participants::campaign_id.eq(SqlUuid(participant.campaign_id.uuid())))
            .filter(participants::email_folded.eq(content.email.folded()))
            .filter(participants::name_folded.eq(content.name_folded()))
            .filter(participants::repeats_id.is_null())
            .filter(participants::state.ne(ParticipantState::Left.as_str()))
            .order((participants::registered_at, participants::id))
            .first(c)
            .await
            .optional()
    })?;
    row.map(ParticipantRow::read).transpose()
}

/// Stores a new participant, possibly marked as a duplicate of another one.
///
/// # Errors
/// A database error.
pub async fn insert(
    connection: &mut Connection,
    participant: &Participant,
    repeats: Option<ParticipantId>,
) -> Result<(), Error> {
    let row = ParticipantRow {
        repeats_id: repeats.map(|id| SqlUuid(id.uuid())),
        ..ParticipantRow::of(participant)?
    };
    with_backend!(connection, c => diesel::insert_into(participants::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Stores a changed participant.
///
/// # Errors
/// A database error.
pub async fn update(connection: &mut Connection, participant: &Participant) -> Result<(), Error> {
    let row = ParticipantRow::of(participant)?;
    let values = (
        participants::state.eq(row.state),
        participants::email_folded.eq(row.email_folded),
        participants::name_folded.eq(row.name_folded),
        participants::letter_goal.eq(row.letter_goal),
        participants::released.eq(row.released),
        participants::content.eq(row.content),
        participants::confirmed_at.eq(row.confirmed_at),
        participants::updated_at.eq(row.updated_at),
        participants::revision.eq(row.revision),
    );
    with_backend!(connection, c => {
        diesel::update(participants::table.find(row.id)).set(values).execute(c).await
    })?;
    Ok(())
}

/// The registrations with the name and address of this earlier one, in order of creation.
///
/// # Errors
/// A database error.
pub async fn find_duplicate(
    connection: &mut Connection,
    id: ParticipantId,
) -> Result<Vec<ParticipantId>, Error> {
    let ids: Vec<SqlUuid> = with_backend!(connection, c => {
        participants::table
            .filter(participants::repeats_id.eq(SqlUuid(id.uuid())))
            .order((participants::registered_at, participants::id))
            .select(participants::id)
            .load(c)
            .await
    })?;
    Ok(ids.into_iter().map(|id| ParticipantId::new(id.0)).collect())
}

/// Marks registrations as duplicates of this one, or as no duplicates.
///
/// # Errors
/// A database error.
pub async fn set_duplicate(
    connection: &mut Connection,
    ids: &[ParticipantId],
    repeated: Option<ParticipantId>,
) -> Result<(), Error> {
    let ids: Vec<SqlUuid> = ids.iter().map(|id| SqlUuid(id.uuid())).collect();
    let repeated = repeated.map(|id| SqlUuid(id.uuid()));
    with_backend!(connection, c => {
        diesel::update(participants::table.filter(participants::id.eq_any(&ids)))
            .set(participants::repeats_id.eq(repeated))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Deletes a participant.
///
/// # Errors
/// A database error.
pub async fn delete(connection: &mut Connection, id: ParticipantId) -> Result<(), Error> {
    with_backend!(connection, c => diesel::delete(participants::table.find(SqlUuid(id.uuid()))).execute(c).await)?;
    Ok(())
}

/// The campaigns of the participants with these ids, as far as they exist.
///
/// # Errors
/// A database error.
pub async fn campaigns(
    connection: &mut Connection,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<ParticipantId, CampaignId>, Error> {
    let ids: Vec<SqlUuid> = ids.map(SqlUuid).collect();
    let rows: Vec<(SqlUuid, SqlUuid)> = with_backend!(connection, c => {
        participants::table
            .filter(participants::id.eq_any(&ids))
            .select((participants::id, participants::campaign_id))
            .load(c)
            .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, campaign)| (ParticipantId::new(id.0), CampaignId::new(campaign.0)))
        .collect())
}

/// The letters that confirmed participants pledge in an edition, by section, and the number of these
/// participants.
///
/// # Errors
/// A database error.
pub async fn pledged(
    connection: &mut Connection,
    edition: EditionId,
) -> Result<(BTreeMap<SectionId, u64>, u64), Error> {
    // The result type of `SUM` over integers differs between the databases, so goals are grouped by
    // size and summed here. There are few groups, because people choose round numbers.
    let goals: Vec<(SqlUuid, Option<i64>, i64)> = with_backend!(connection, c => {
        participants::table
            .filter(within_limit())
            .filter(participants::edition_id.eq(SqlUuid(edition.uuid())))
            .filter(participants::state.eq(ParticipantState::Confirmed.as_str()))
            .filter(participants::letter_goal.is_not_null())
            .group_by((participants::section_id, participants::letter_goal))
            .select((participants::section_id, participants::letter_goal, diesel::dsl::count_star()))
            .load(c)
            .await
    })?;
    let people = goals.iter().map(|(_, _, people)| people.unsigned_abs()).sum();
    let mut pledged = BTreeMap::new();
    for (section, goal, count) in goals {
        *pledged.entry(SectionId::new(section.0)).or_default() += summed(vec![(goal, count)])?;
    }
    Ok((pledged, people))
}

/// The letters pledged by confirmed participants of this event's campaign who have a place at the
/// event.
///
/// # Errors
/// A database error.
pub async fn pledged_at(
    connection: &mut Connection,
    event: EventId,
    campaign: CampaignId,
) -> Result<u64, Error> {
    let places = AttendanceState::ALL.iter().filter(|state| state.has_place()).map(|state| state.as_str());
    let places: Vec<_> = places.collect();
    // The campaign is compared here: with a condition in SQL, a planner may scan all participants of
    // the campaign.
    let goals: Vec<(SqlUuid, Option<i64>, i64)> = with_backend!(connection, c => {
        let there = attendances::table
            .filter(attendances::event_id.eq(SqlUuid(event.uuid())))
            .filter(attendances::state.eq_any(&places))
            .filter(attendances::participant_id.is_not_null())
            .select(attendances::participant_id.assume_not_null());
        participants::table
            .filter(participants::id.eq_any(there))
            .filter(participants::state.eq(ParticipantState::Confirmed.as_str()))
            .filter(participants::letter_goal.is_not_null())
            .group_by((participants::campaign_id, participants::letter_goal))
            .select((participants::campaign_id, participants::letter_goal, diesel::dsl::count_star()))
            .load(c)
            .await
    })?;
    let of_campaign = goals.into_iter().filter(|(of, ..)| *of == SqlUuid(campaign.uuid()));
    summed(of_campaign.map(|(_, goal, people)| (goal, people)).collect())
}

/// The sum of goals, each with its number of people.
fn summed(goals: Vec<(Option<i64>, i64)>) -> Result<u64, Error> {
    let parts = goals.into_iter().map(|(goal, people)| {
        let part = goal.unwrap_or(0).checked_mul(people)?;
        u64::try_from(part).ok()
    });
    parts.sum::<Option<u64>>().ok_or_else(|| Error::broken("stored goals are not what they should be"))
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = participants)]
pub(super) struct ParticipantRow {
    pub(super) id: SqlUuid,
    edition_id: SqlUuid,
    section_id: SqlUuid,
    campaign_id: SqlUuid,
    state: String,
    email_folded: String,
    pub(super) name_folded: String,
    letter_goal: Option<i64>,
    released: i64,
    content: String,
    pub(super) repeats_id: Option<SqlUuid>,
    registered_at: SqlTimestamp,
    confirmed_at: Option<SqlTimestamp>,
    updated_at: SqlTimestamp,
    revision: i32,
}

impl ParticipantRow {
    pub(super) fn of(participant: &Participant) -> Result<Self, Error> {
        let content = &participant.content;
        Ok(Self {
            id: SqlUuid(participant.id.uuid()),
            edition_id: SqlUuid(participant.edition_id.uuid()),
            section_id: SqlUuid(participant.section_id.uuid()),
            campaign_id: SqlUuid(participant.campaign_id.uuid()),
            state: participant.state.to_string(),
            email_folded: content.email.folded(),
            name_folded: content.name_folded(),
            letter_goal: content.letter_goal.map(u64::cast_signed),
            released: participant.released.cast_signed(),
            content: serde_json::to_string(content).map_err(|error| Error::Broken(Box::new(error)))?,
            repeats_id: None,
            registered_at: SqlTimestamp(participant.registered_at),
            confirmed_at: participant.confirmed_at.map(SqlTimestamp),
            updated_at: SqlTimestamp(participant.updated_at),
            revision: participant.revision.cast_signed(),
        })
    }

    pub(super) fn read(self) -> Result<Participant, Error> {
        self.try_read().ok_or_else(|| Error::broken("a stored participant is not what it should be"))
    }

    fn try_read(self) -> Option<Participant> {
        let content: ParticipantContent = serde_json::from_str(&self.content).ok()?;
        Some(Participant {
            id: ParticipantId::new(self.id.0),
            campaign_id: CampaignId::new(self.campaign_id.0),
            edition_id: EditionId::new(self.edition_id.0),
            section_id: SectionId::new(self.section_id.0),
            content,
            state: ParticipantState::parse(&self.state)?,
            released: self.released.try_into().ok()?,
            registered_at: self.registered_at.0,
            confirmed_at: self.confirmed_at.map(|at| at.0),
            updated_at: self.updated_at.0,
            revision: self.revision.try_into().ok()?,
        })
    }
}
