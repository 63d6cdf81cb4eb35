//! Mail that nobody asked for who reads it: anybody may type an address, under as many names and in as many ways
//! as they like. So much of it goes to an address, whatever the reason; what is beyond that is dropped, and
//! answers say nothing of it.
//!
//! What is counted is in the database, and changes under the lock of all that is gathered, so that it holds over
//! processes and restarts, and over callers at the same moment.

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

/// How much goes to an address within an hour of the clock: a family of five who share one registers and joins
/// an event.
pub const MAX_PER_HOUR: i64 = 10;
/// How much goes there within a day: as much once more, so that somebody whose address was typed by others all
/// through an hour still gets a code of their own in a later one.
pub const MAX_PER_DAY: i64 = 20;
/// A day in hours.
const DAY: i64 = 24;

/// Puts a notice into the outbox as long as the address has not got its share, and drops it otherwise; `at_most`
/// says what becomes of it by other rules. The same is done either way: how long it takes would
/// tell the person who typed the address that others did.
pub(super) async fn enqueue(
    gathering: &mut UnitOfWork<'_>,
    outgoing: &Outgoing<'_>,
    at_most: NoticeState,
    now: Timestamp,
) -> Result<NoticeState, database::Error> {
    let (address, hour) = (hash(outgoing), hour_of(now));
    let (in_hour, in_day) = unsolicited_mail::sent(gathering.conn(), address, hour, hour - DAY).await?;
    let fate = if in_hour < MAX_PER_HOUR && in_day < MAX_PER_DAY { at_most } else { NoticeState::Dropped };
    let is_new = outbox::enqueue(gathering.conn_mut(), Uuid::now_v7(), outgoing, fate).await?;
    let mails = i32::from(is_new && fate == NoticeState::Pending);
    unsolicited_mail::record(gathering.conn_mut(), address, hour, mails).await?;
    Ok(fate)
}

/// Forgets what is older than a day.
///
/// # Errors
/// That of the database.
pub async fn purge(gathering: &mut UnitOfWork<'_>, now: Timestamp) -> Result<(), database::Error> {
    unsolicited_mail::purge(gathering.conn_mut(), hour_of(now) - DAY).await
}

/// By box and not by spelling: what stands behind a `+` leads to the same one.
fn hash(outgoing: &Outgoing<'_>) -> SecretHash {
    SecretHash::of(&format!("unasked mail to {}", outgoing.to.box_folded()))
}

fn hour_of(now: Timestamp) -> i64 {
    now.as_second().div_euclid(60 * 60)
}
