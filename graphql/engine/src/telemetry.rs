//! Meters: what a process counts about its own work, for whoever runs it.
//!
//! A reading costs whoever does the work a few nanoseconds, and nobody waits for anybody. Nothing is
//! ever counted for one event or one person: whoever reads the meters is to learn nothing about them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

/// How often something has happened.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// It happened so many times more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Relaxed);
    }

    /// How often so far.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// How many there are at the moment. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicUsize>);

/// One of a crowd, for as long as it lives.
#[derive(Debug)]
pub struct GaugeGuard(Gauge);

impl Gauge {
    /// One more, until it is dropped.
    #[must_use]
    pub fn increment(&self) -> GaugeGuard {
        self.0.fetch_add(1, Relaxed);
        GaugeGuard(self.clone())
    }

    /// How many there are now.
    #[must_use]
    pub fn read(&self) -> usize {
        self.0.load(Relaxed)
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}

/// How large something was, each time: how often it was up to each of some bounds.
#[derive(Debug)]
pub struct Histogram<const BOUNDS: usize> {
    bounds: [u64; BOUNDS],
    buckets: [Counter; BOUNDS],
    overflow: Counter,
    sum: Counter,
}

impl<const BOUNDS: usize> Histogram<BOUNDS> {
    /// With these bounds, from the lowest to the highest.
    #[must_use]
    pub fn new(bounds: [u64; BOUNDS]) -> Self {
        debug_assert!(bounds.is_sorted());
        let buckets = std::array::from_fn(|_| Counter::default());
        Self { bounds, buckets, overflow: Counter::default(), sum: Counter::default() }
    }

    /// It was so large this time.
    pub fn observe(&self, size: u64) {
        let index = self.bounds.iter().position(|bound| size <= *bound);
        index.map_or(&self.overflow, |index| &self.buckets[index]).add(1);
        self.sum.add(size);
    }

    /// Each bound, and how often it was no larger.
    pub fn cumulative_buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        let counted = self.buckets.iter().scan(0, |sum, buckets| {
            *sum += buckets.read();
            Some(*sum)
        });
        self.bounds.iter().copied().zip(counted)
    }

    /// How often, however large.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(Counter::read).sum::<u64>() + self.overflow.read()
    }

    /// All sizes together.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum.read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_counts_what_is_within_each_bound_and_all_of_it() {
        let histogram = Histogram::new([1, 10, 100]);
        for size in [0, 1, 2, 10, 11, 101, 1_000] {
            histogram.observe(size);
        }
        assert_eq!(histogram.cumulative_buckets().collect::<Vec<_>>(), [(1, 2), (10, 4), (100, 5)]);
        assert_eq!((histogram.count(), histogram.sum()), (7, 1_125));
    }

    #[test]
    fn a_crowd_has_those_who_have_not_left() {
        let gauge = Gauge::default();
        let first = gauge.increment();
        let second = gauge.clone().increment();
        assert_eq!(gauge.read(), 2);
        drop(first);
        assert_eq!(gauge.read(), 1);
        drop(second);
        assert_eq!(gauge.read(), 0);
    }
}
