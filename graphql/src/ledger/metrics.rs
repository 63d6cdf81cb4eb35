//! What the writer of this process has done, in figures.

use std::time::Duration;

use super::CommandResult;
use graphql_engine::telemetry::{Counter, Histogram};

/// The figures of one process since it started.
#[derive(Debug)]
pub struct LedgerMetrics {
    /// Groups of commands that were committed.
    pub commits: Counter,
    /// Groups that were not, because of the database.
    pub failures: Counter,
    /// Commands that were done.
    pub done: Counter,
    /// Commands that had been done before.
    pub replayed: Counter,
    /// Commands that rules said no to.
    pub refused: Counter,
    /// How many commands a commit had.
    pub group: Histogram<10>,
    /// How many microseconds a commit took, from its first statement on.
    pub microseconds: Histogram<12>,
}

impl Default for LedgerMetrics {
    fn default() -> Self {
        Self {
            commits: Counter::default(),
            failures: Counter::default(),
            done: Counter::default(),
            replayed: Counter::default(),
            refused: Counter::default(),
            // Up to a whole group.
            group: Histogram::new([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]),
            // From a fast disk to the longest that a lock is waited for.
            microseconds: Histogram::new([
                1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
                10_000_000,
            ]),
        }
    }
}

impl LedgerMetrics {
    /// Notes a commit and what it answered.
    pub(super) fn committed(&self, answers: &[CommandResult], took: Duration) {
        self.commits.add(1);
        self.group.observe(answers.len() as u64);
        self.microseconds.observe(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        let (mut done, mut replayed, mut refused) = (0, 0, 0);
        for answer in answers {
            match answer {
                Ok(receipt) if receipt.replayed => replayed += 1,
                Ok(_) => done += 1,
                Err(_) => refused += 1,
            }
        }
        self.done.add(done);
        self.replayed.add(replayed);
        self.refused.add(refused);
    }
}
