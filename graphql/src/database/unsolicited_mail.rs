//! Counters of unsolicited mail: mail to an address that was not requested by its proven owner, by
//! hour, for a day.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Connection, Error, schema::unasked_mail, with_backend};
use crate::credentials::SecretHash;

/// The mail to an address in this hour, and in all hours after `since`.
///
/// # Errors
/// A database error.
pub async fn sent(
    connection: &mut Connection,
    address: SecretHash,
    hour: i64,
    since: i64,
) -> Result<(i64, i64), Error> {
    let rows: Vec<(i64, i32)> = with_backend!(connection, c => {
        unasked_mail::table
            .filter(unasked_mail::address_hash.eq(address.to_string()))
            .filter(unasked_mail::hour.gt(since))
            .select((unasked_mail::hour, unasked_mail::mails))
            .load(c)
            .await
    })?;
    let sum = |only: &dyn Fn(i64) -> bool| {
        rows.iter().filter(|(at, _)| only(*at)).map(|(_, mails)| i64::from(*mails)).sum()
    };
    Ok((sum(&|at| at == hour), sum(&|_| true)))
}

/// Adds to the counter of an address in this hour.
///
/// # Errors
/// A database error.
pub async fn record(
    connection: &mut Connection,
    address: SecretHash,
    hour: i64,
    mails: i32,
) -> Result<(), Error> {
    let values = (
        unasked_mail::address_hash.eq(address.to_string()),
        unasked_mail::hour.eq(hour),
        unasked_mail::mails.eq(mails),
    );
    with_backend!(connection, c => {
        diesel::insert_into(unasked_mail::table)
            .values(values)
            .on_conflict((unasked_mail::address_hash, unasked_mail::hour))
            .do_update()
            .set(unasked_mail::mails.eq(unasked_mail::mails + mails))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Deletes the counters up to this hour.
///
/// # Errors
/// A database error.
pub async fn purge(connection: &mut Connection, hour: i64) -> Result<(), Error> {
    let old = unasked_mail::hour.le(hour);
    with_backend!(connection, c => diesel::delete(unasked_mail::table.filter(old)).execute(c).await)?;
    Ok(())
}
