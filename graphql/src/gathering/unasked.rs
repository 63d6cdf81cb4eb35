//! Mail that nobody asked for who reads it: anybody may type an address, under as many names and in as many ways
//! as they like. So much of it goes to an address, whatever the reason; what is beyond that is dropped, and
//! answers say nothing of it.
//!
//! What is counted is in the database, and changes under the lock of all that is gathered, so that it holds over
//! processes and restarts, and over callers at the same moment.

use jiff::Timestamp;
use uuid::Uuid;

use super::Gathering;
use crate::{
    database::{
        self,
        outbox::{self, Fate, Outgoing},
        unasked,
    },
    secret::Hash,
};

/// How much goes to an address within an hour of the clock: a family of five who share one registers and joins
/// an event.
pub const HOUR_MOST: i64 = 10;
/// How much goes there within a day: as much once more, so that somebody whose address was typed by others all
/// through an hour still gets a code of their own in a later one.
pub const DAY_MOST: i64 = 20;
/// A day in hours.
const DAY: i64 = 24;

/// Puts a notice into the outbox as long as the address has not got its share, and drops it otherwise; `at_most`
/// says what becomes of it by other rules. The same is done either way: how long it takes would
/// tell the person who typed the address that others did.
pub(super) async fn put(
    gathering: &mut Gathering<'_>,
    outgoing: &Outgoing<'_>,
    at_most: Fate,
    now: Timestamp,
) -> Result<Fate, database::Error> {
    let (address, hour) = (hash(outgoing), hour_of(now));
    let (in_hour, in_day) = unasked::sent(gathering.reading(), address, hour, hour - DAY).await?;
    let fate = if in_hour < HOUR_MOST && in_day < DAY_MOST { at_most } else { Fate::Dropped };
    let is_new = outbox::put(gathering.writing(), Uuid::now_v7(), outgoing, fate).await?;
    let mails = i32::from(is_new && fate == Fate::Waits);
    unasked::note(gathering.writing(), address, hour, mails).await?;
    Ok(fate)
}

/// Forgets what is older than a day.
///
/// # Errors
/// That of the database.
pub async fn forget(gathering: &mut Gathering<'_>, now: Timestamp) -> Result<(), database::Error> {
    unasked::forget(gathering.writing(), hour_of(now) - DAY).await
}

/// By box and not by spelling: what stands behind a `+` leads to the same one.
fn hash(outgoing: &Outgoing<'_>) -> Hash {
    Hash::of(&format!("unasked mail to {}", outgoing.to.box_folded()))
}

fn hour_of(now: Timestamp) -> i64 {
    now.as_second().div_euclid(60 * 60)
}
