//! Who asks for the total again and again, and compares it with what was honestly reported.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::{MissedTickBehavior, interval};

use super::{Shared, WATCHER, excess::Excess};
use crate::{
    client::Client,
    question::{CHECKED, LETTERS, REPORTS, number},
};

/// How often the total is asked for.
const EVERY: Duration = Duration::from_millis(100);

/// The total at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub letters: u64,
    pub letters_checked: u64,
    pub reports_checked: u64,
}

/// What the totals were beside what was honestly reported.
#[derive(Debug, Default)]
pub(super) struct Watched {
    pub excess: Excess,
    /// How many letters that were acknowledged before were missing at most.
    pub missing: u64,
    pub totals: usize,
}

pub(super) async fn watch(shared: Arc<Shared>) -> Watched {
    let (mut client, mut watched) = (client(&shared).await, Watched::default());
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < shared.ends {
        ticks.tick().await;
        let least = shared.honest.acknowledged();
        let counted = ask(&mut client).await;
        watched.excess.look(counted.letters, shared.honest.sent());
        watched.missing = watched.missing.max(least.saturating_sub(counted.letters));
        watched.totals += 1;
    }
    watched
}

pub(super) async fn client(shared: &Shared) -> Client {
    Client::connect_for(&shared.address, WATCHER).await.expect("a server")
}

/// The total as it is now.
pub(super) async fn ask(client: &mut Client) -> Counted {
    let answer = client.post(CHECKED).await;
    let (total, checked) =
        answer.split_once(r#""pendingReview":"#).unwrap_or_else(|| panic!("no total in {answer}"));
    Counted {
        letters: number(total, LETTERS),
        letters_checked: number(checked, LETTERS),
        reports_checked: number(checked, REPORTS),
    }
}
