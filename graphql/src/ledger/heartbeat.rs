//! Heartbeats: a write that each process commits every two seconds, to know that it can.
//!
//! A heartbeat takes the way of every report: the queue, the one writer, a transaction that is on disk when it is
//! answered. While it is unanswered, or was refused, nothing else can be written either, whatever the reason: a full
//! disk, a lock of another program, a server that became read-only, a synchronous standby that is gone.

use std::time::Duration;

use tokio::time::interval;

use super::{Ledger, write_status::WriteStatus};
use crate::clock::Clock;

/// How often a heartbeat is committed. A disk takes a write of a page each two seconds for as long as it lives.
const INTERVAL: Duration = Duration::from_secs(2);

/// Keeps committing heartbeats, and takes note of how that goes, until it is dropped.
pub async fn run(ledger: Ledger, clock: Clock) {
    let writes = ledger.writes.clone();
    let mut beats = interval(INTERVAL);
    beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beats.tick().await;
        writes.send_modify(WriteStatus::begun);
        let answer = ledger.write_heartbeat(clock.now()).await;
        let before = writes.borrow().stuck();
        writes.send_modify(|writes| writes.answered(answer));
        let after = writes.borrow().stuck();
        match (before, after) {
            (None, Some(stuck)) => tracing::error!(?stuck, "nothing can be written"),
            (Some(_), None) => tracing::info!("writes are committed again"),
            _ => {}
        }
    }
}
