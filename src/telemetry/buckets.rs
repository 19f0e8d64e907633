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
}
