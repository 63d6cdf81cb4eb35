//! Places at events: taken and given back in the database, so that there are never more than an event
//! has, whoever else asks.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::EventId;

use super::{Connection, Error, schema::events, sql_types::SqlUuid, with_backend};

/// Takes a place, if there is one.
///
/// # Errors
/// That of the database.
pub async fn acquire(connection: &mut Connection, event: EventId) -> Result<bool, Error> {
    let has_room = events::capacity.is_null().or(events::capacity.gt(events::going.nullable()));
    let room = events::id.eq(SqlUuid(event.uuid())).and(has_room);
    let taken = with_backend!(connection, c => {
        diesel::update(events::table.filter(room)).set(events::going.eq(events::going + 1)).execute(c).await
    })?;
    Ok(taken > 0)
}

/// Gives a place back.
///
/// # Errors
/// That of the database.
pub async fn release(connection: &mut Connection, event: EventId) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(events::table.find(SqlUuid(event.uuid())))
            .set(events::going.eq(events::going - 1))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// One more waits for a place.
///
/// # Errors
/// That of the database.
pub async fn enqueue(connection: &mut Connection, event: EventId) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(events::table.find(SqlUuid(event.uuid())))
            .set(events::waiting.eq(events::waiting + 1))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// One of those who waited does so no more.
///
/// # Errors
/// That of the database.
pub async fn leave_queue(connection: &mut Connection, event: EventId) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(events::table.find(SqlUuid(event.uuid())))
            .set(events::waiting.eq(events::waiting - 1))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Nobody has a place any more, or waits for one.
///
/// # Errors
/// That of the database.
pub async fn clear(connection: &mut Connection, event: EventId) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(events::table.find(SqlUuid(event.uuid())))
            .set((events::going.eq(0), events::waiting.eq(0)))
            .execute(c)
            .await
    })?;
    Ok(())
}
