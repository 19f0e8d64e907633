//! A histogram that costs two additions an observation, for what is measured several times a page.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Kind, Metric};

/// Observed times by bucket. Shared by all threads; its size is fixed.
#[derive(Debug)]
pub struct Buckets {
    /// Upper bounds in seconds.
    bounds: &'static [f64],
    /// Observations in each bucket, those over the last bound at the end.
    counts: Box<[AtomicU64]>,
    nanos: AtomicU64,
}

impl Buckets {
    /// Empty, with the bounds that the table gives to `metric`, a histogram of seconds.
    pub fn new(metric: Metric) -> Self {
        let bounds = match metric.describe().kind {
            Kind::Histogram(bounds) => bounds,
            Kind::Counter | Kind::Gauge => &[],
        };
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, counts, nanos: AtomicU64::new(0) }
    }

    /// Adds an observation.
    pub fn observe(&self, time: Duration) {
        let seconds = time.as_secs_f64();
        let bucket = self.bounds.partition_point(|bound| *bound < seconds);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Sum of all observations.
    pub fn sum(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }

    /// Observations in each bucket so far, those over the last bound at the end.
    pub fn counts(&self) -> Vec<u64> {
        self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }

    /// The time that a share `q` of some observations does not exceed, given how many of them are in each bucket; within a
    /// bucket as if they were spread evenly, as Prometheus' `histogram_quantile` has it. `None` where there are none; beyond
    /// the last bound that bound.
    pub fn quantile(&self, counts: &[u64], q: f64) -> Option<Duration> {
        let all: u64 = counts.iter().sum();
        let rank = q * all as f64;
        let mut below = 0.0;
        for (i, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let count = count as f64;
            if below + count >= rank {
                let from = if i == 0 { 0.0 } else { self.bounds.get(i - 1).copied()? };
                let to = self.bounds.get(i).copied().unwrap_or(from);
                return Some(Duration::from_secs_f64(from + (to - from) * (rank - below).max(0.0) / count));
            }
            below += count;
        }
        None
    }

    /// Each upper bound, and how many observations are at most that; the last is infinity, and all of them.
    pub fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let mut sum = 0;
        bounds.zip(&self.counts).map(move |(bound, count)| {
            sum += count.load(Ordering::Relaxed);
            (bound, sum)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observation_counts_in_each_bucket_that_holds_it() {
        let buckets = Buckets::new(Metric::StageSeconds);
        let bound = buckets.bounds[2];
        for time in [Duration::ZERO, Duration::from_secs_f64(bound), Duration::from_secs(1000)] {
            buckets.observe(time);
        }
        let seen: Vec<_> = buckets.cumulative().collect();
        assert_eq!(seen[0].1, 1, "zero alone");
        assert_eq!(seen[1].1, 1);
        assert_eq!(seen[2], (bound, 2), "a bound belongs to its own bucket");
        assert_eq!(seen[seen.len() - 2].1, 2);
        assert_eq!(seen[seen.len() - 1], (f64::INFINITY, 3));
        assert_eq!(buckets.sum(), Duration::from_secs_f64(1000.0 + bound));
    }

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        let buckets = Buckets::new(Metric::StageSeconds);
        let bounds = buckets.bounds;
        let with = |filled: &[(usize, u64)]| {
            let mut counts = buckets.counts();
            filled.iter().for_each(|(bucket, count)| counts[*bucket] = *count);
            counts
        };
        assert_eq!(buckets.quantile(&buckets.counts(), 0.5), None);
        let half = |from: f64, to: f64| Some(Duration::from_secs_f64(from + (to - from) * 0.5));
        assert_eq!(buckets.quantile(&with(&[(0, 10)]), 0.5), half(0.0, bounds[0]));
        assert_eq!(buckets.quantile(&with(&[(1, 5), (3, 10), (4, 5)]), 0.5), half(bounds[2], bounds[3]));
        let last = Duration::from_secs_f64(bounds[bounds.len() - 1]);
        assert_eq!(buckets.quantile(&with(&[(0, 1), (bounds.len(), 9)]), 0.95), Some(last));
    }
}
