//! Capacity of events: places are taken and released by single statements in the database, so that
//! concurrent transactions never exceed it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::EventId;

use super::{Connection, Error, schema::events, sql_types::SqlUuid, with_backend};

/// Takes a place, if one is free.
///
/// # Errors
/// A database error.
pub async fn acquire(connection: &mut Connection, event: EventId) -> Result<bool, Error> {
    let has_room = events::capacity.is_null().or(events::capacity.gt(events::attending.nullable()));
    let room = events::id.eq(SqlUuid(event.uuid())).and(has_room);
    let taken = with_backend!(connection, c => {
        diesel::update(events::table.filter(room)).set(events::attending.eq(events::attending + 1)).execute(c).await
    })?;
    Ok(taken > 0)
}

/// Releases a place.
///
/// # Errors
/// A database error.
pub async fn release(connection: &mut Connection, event: EventId) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(events::table.find(SqlUuid(event.uuid())))
            .set(events::attending.eq(events::attending - 1))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Adds one to the length of the waiting list.
///
/// # Errors
/// A database error.
pub async fn enqueue(connection: &mut Connection, event: EventId) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(events::table.find(SqlUuid(event.uuid())))
            .set(events::waitlisted.eq(events::waitlisted + 1))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Subtracts one from the length of the waiting list.
///
/// # Errors
/// A database error.
pub async fn leave_queue(connection: &mut Connection, event: EventId) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(events::table.find(SqlUuid(event.uuid())))
            .set(events::waitlisted.eq(events::waitlisted - 1))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Sets the number of places taken and the length of the waiting list to zero.
///
/// # Errors
/// A database error.
pub async fn clear(connection: &mut Connection, event: EventId) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(events::table.find(SqlUuid(event.uuid())))
            .set((events::attending.eq(0), events::waitlisted.eq(0)))
            .execute(c)
            .await
    })?;
    Ok(())
}
