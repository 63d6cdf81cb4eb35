//! The limit of unsolicited mail: mail that the recipient has not asked for, since a client may enter any address, under
//! any number of names. An address gets a limited number of such mails, whatever the reason. Further ones are dropped,
//! which responses do not reveal.
//!
//! The counts are rows of the database and change under the lock of the events, so that the limit holds for all
//! processes, across restarts, and for concurrent requests.

use jiff::Timestamp;
use uuid::Uuid;

use super::UnitOfWork;
use crate::{
    credentials::SecretHash,
    database::{
        self,
        outbox::{self, NoticeState, Outgoing},
        unsolicited_mail,
    },
};

/// The maximum per address and hour of the clock: enough for a family of five with one address who register and join an
/// event.
pub const MAX_PER_HOUR: i64 = 10;
/// The maximum per address and day: twice that of an hour, so that the owner of an address that others have entered
/// for an hour still gets a code in a later one.
pub const MAX_PER_DAY: i64 = 20;
/// A day in hours.
const DAY: i64 = 24;

/// Puts a notice into the outbox as long as the address has not got its share, and drops it otherwise; `at_most`
/// says what becomes of it by other rules. The same is done either way: how long it takes would
/// tell the person who typed the address that others did.
pub(super) async fn enqueue(
    unit: &mut UnitOfWork<'_>,
    outgoing: &Outgoing<'_>,
    at_most: NoticeState,
    now: Timestamp,
) -> Result<NoticeState, database::Error> {
    let (address, hour) = (hash(outgoing), hour_of(now));
    let (in_hour, in_day) = unsolicited_mail::sent(unit.conn(), address, hour, hour - DAY).await?;
    let fate = if in_hour < MAX_PER_HOUR && in_day < MAX_PER_DAY { at_most } else { NoticeState::Dropped };
    let is_new = outbox::enqueue(unit.conn_mut(), Uuid::now_v7(), outgoing, fate).await?;
    let mails = i32::from(is_new && fate == NoticeState::Pending);
    unsolicited_mail::record(unit.conn_mut(), address, hour, mails).await?;
    Ok(fate)
}

/// Forgets what is older than a day.
///
/// # Errors
/// Database errors.
pub async fn purge(unit: &mut UnitOfWork<'_>, now: Timestamp) -> Result<(), database::Error> {
    unsolicited_mail::purge(unit.conn_mut(), hour_of(now) - DAY).await
}

/// By box and not by spelling: what stands behind a `+` leads to the same one.
fn hash(outgoing: &Outgoing<'_>) -> SecretHash {
    SecretHash::of(&format!("unasked mail to {}", outgoing.to.box_folded()))
}

fn hour_of(now: Timestamp) -> i64 {
    now.as_second().div_euclid(60 * 60)
}
