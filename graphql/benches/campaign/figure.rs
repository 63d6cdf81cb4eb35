//! A figure: what one round of one work came to, and the median of several.

use std::time::Duration;

/// What was measured in a round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figure {
    /// Operations a second.
    pub rate: f64,
    /// User and system time of the process that serves, in microseconds for each operation.
    pub cpu: Option<f64>,
    /// Half of the operations took no longer, in milliseconds.
    pub p50: Option<f64>,
    /// One operation in a hundred took longer.
    pub p99: Option<f64>,
    /// Resident memory in bytes: of the process, or of what the work counts by.
    pub memory: Option<f64>,
    /// What else the work has to say.
    pub aside: [Option<f64>; 2],
}

impl Figure {
    /// The median of each number by itself.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let of = |number: fn(&Self) -> Option<f64>| median(rounds.iter().filter_map(number).collect());
        Self {
            rate: of(|figure| Some(figure.rate)).unwrap_or_default(),
            cpu: of(|figure| figure.cpu),
            p50: of(|figure| figure.p50),
            p99: of(|figure| figure.p99),
            memory: of(|figure| figure.memory),
            aside: [of(|figure| figure.aside[0]), of(|figure| figure.aside[1])],
        }
    }

    /// The same with the latencies of its operations.
    pub(crate) fn with(self, mut latencies: Latencies) -> Self {
        Self { p50: latencies.percentile(50), p99: latencies.percentile(99), ..self }
    }
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    match numbers.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(numbers[half]),
        _ => Some((numbers[half - 1] + numbers[half]) / 2.0),
    }
}

/// How long operations took, each of them, in microseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<u32>);

impl Latencies {
    pub(crate) fn add(&mut self, latency: Duration) {
        self.0.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    pub(crate) fn extend(&mut self, others: &Self) {
        self.0.extend_from_slice(&others.0);
    }

    pub(crate) const fn count(&self) -> usize {
        self.0.len()
    }

    /// That which so many of a hundred do not exceed, in milliseconds.
    pub(crate) fn percentile(&mut self, of_hundred: usize) -> Option<f64> {
        let rank = (self.0.len() * of_hundred).div_ceil(100).checked_sub(1)?;
        let (_, latency, _) = self.0.select_nth_unstable(rank);
        Some(f64::from(*latency) / 1_000.0)
    }
}
