//! Metrics primitives: counters, gauges and histograms in memory.
//!
//! Recording takes a few nanoseconds and never blocks. Metrics must not be recorded for a single person, so
//! that they reveal nothing about one.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

/// A counter.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds to the counter.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Relaxed);
    }

    /// The value of the counter.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// A gauge: a current number. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicUsize>);

/// Counts as one in a gauge until it is dropped.
#[derive(Debug)]
pub struct GaugeGuard(Gauge);

impl Gauge {
    /// Adds one until the guard is dropped.
    #[must_use]
    pub fn increment(&self) -> GaugeGuard {
        self.0.fetch_add(1, Relaxed);
        GaugeGuard(self.clone())
    }

    /// The current number.
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

/// A histogram with fixed bucket bounds.
#[derive(Debug)]
pub struct Histogram<const BOUNDS: usize> {
    bounds: [u64; BOUNDS],
    buckets: [Counter; BOUNDS],
    overflow: Counter,
    sum: Counter,
}

impl<const BOUNDS: usize> Histogram<BOUNDS> {
    /// A histogram with these upper bounds, in ascending order.
    #[must_use]
    pub fn new(bounds: [u64; BOUNDS]) -> Self {
        debug_assert!(bounds.is_sorted());
        let buckets = std::array::from_fn(|_| Counter::default());
        Self { bounds, buckets, overflow: Counter::default(), sum: Counter::default() }
    }

    /// Records a value.
    pub fn observe(&self, size: u64) {
        let index = self.bounds.iter().position(|bound| size <= *bound);
        index.map_or(&self.overflow, |index| &self.buckets[index]).add(1);
        self.sum.add(size);
    }

    /// The upper bound of each bucket and the number of values up to it.
    pub fn cumulative_buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        let counted = self.buckets.iter().scan(0, |sum, buckets| {
            *sum += buckets.read();
            Some(*sum)
        });
        self.bounds.iter().copied().zip(counted)
    }

    /// The number of values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(Counter::read).sum::<u64>() + self.overflow.read()
    }

    /// The sum of all values.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum.read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_values_up_to_each_bound_and_in_total() {
        let histogram = Histogram::new([1, 10, 100]);
        for size in [0, 1, 2, 10, 11, 101, 1_000] {
            histogram.observe(size);
        }
        assert_eq!(histogram.cumulative_buckets().collect::<Vec<_>>(), [(1, 2), (10, 4), (100, 5)]);
        assert_eq!((histogram.count(), histogram.sum()), (7, 1_125));
    }

    #[test]
    fn a_gauge_counts_the_guards_that_are_alive() {
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
