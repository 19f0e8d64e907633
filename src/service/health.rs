//! Alive and ready.
//!
//! *Alive* is the loop's own heartbeat, and that pages get further while there are any and a broker is
//! there: a restart mends a stuck loop or a page that never ends, not a broker that is away. *Ready* is everything that a worker needs to make progress.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kafka::{Lag, Status};
use crate::telemetry::{Metric, Sample};

/// What health checks look at.
#[derive(Clone)]
pub(super) struct Health {
    pub status: Arc<Status>,
    pub stuck_after: Duration,
    pub stopping: Arc<AtomicBool>,
}

impl Health {
    /// Whether the loop lives, and what it does or waits for.
    pub fn live(&self) -> (bool, Value) {
        let (silence, state) = self.status.heartbeat();
        // At start and without a broker there is nothing that could get further.
        let working = self.status.joined() && self.status.broker_up();
        let stall = if working { self.status.stall() } else { Duration::ZERO };
        let problem = if silence >= self.stuck_after {
            Some(format!("no sign of life for {} s, while: {state}", silence.as_secs()))
        } else if stall >= self.stuck_after {
            Some(format!("no page got further for {} s, waiting for: {state}", stall.as_secs()))
        } else {
            None
        };
        let alive = problem.is_none();
        let mut out = json!({
            "alive": alive,
            "state": state,
            "seconds_since_heartbeat": silence.as_secs_f64(),
            "seconds_since_progress": stall.as_secs_f64(),
        });
        if let Some(problem) = problem {
            out["problem"] = problem.into();
        }
        (alive, out)
    }

    /// What the metrics say of the loop, the components and the partitions.
    pub fn samples(&self) -> Vec<Sample> {
        let status = &self.status;
        let mut out = vec![Sample::new(Metric::HeartbeatAgeSeconds, status.heartbeat().0.as_secs_f64())];
        out.extend(self.components().into_iter().map(|(component, ok)| Sample {
            metric: Metric::Ready,
            labels: vec![component.to_owned()],
            value: f64::from(u8::from(ok)),
        }));
        let oldest = status.oldest().map(|millis| millis as f64 / 1000.0);
        out.extend(oldest.map(|seconds| Sample::new(Metric::IndexOldestTimestampSeconds, seconds)));
        let lag = status.lag();
        let row = |metric, lag: &Lag, value| Sample {
            metric,
            labels: vec![lag.topic.clone(), lag.partition.to_string()],
            value,
        };
        out.extend(lag.iter().map(|lag| row(Metric::LagRecords, lag, lag.records as f64)));
        out.extend(lag.iter().filter_map(|lag| Some(row(Metric::LagSeconds, lag, lag.seconds?))));
        out
    }

    /// Whether each component is ready, in the order in which they become so.
    fn components(&self) -> [(&'static str, bool); 4] {
        let status = &self.status;
        [
            ("loop", self.live().0),
            ("broker", status.broker_up()),
            ("sightings", status.replayed()),
            ("group", status.joined()),
        ]
    }

    /// Whether it works, by component.
    pub fn ready(&self) -> (bool, Value) {
        let (alive, _) = self.live();
        let (position, end) = self.status.replay();
        let replayed = self.status.replayed();
        let (snapshot_read, snapshot) = self.status.snapshot();
        let (joined, up) = (self.status.joined(), self.status.broker_up());
        let stopping = self.stopping.load(Ordering::Acquire);
        let ready = alive && replayed && joined && up && !stopping;
        let out = json!({
            "ready": ready,
            "loop": {"ok": alive, "state": self.status.heartbeat().1},
            "broker": {"ok": up},
            "sightings": {"ok": replayed, "position": position, "replay_to": end,
                "snapshot_bytes_read": snapshot_read, "snapshot_bytes": snapshot},
            "group": {"ok": joined, "partitions": self.status.assigned_partitions()},
            "stopping": stopping,
        });
        (ready, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_beats_but_gets_nowhere_is_not_alive() {
        let status = Arc::new(Status::default());
        let health =
            Health { status: status.clone(), stuck_after: Duration::from_secs(1), stopping: Arc::default() };
        std::thread::sleep(Duration::from_millis(1100));
        assert!(!health.live().0, "no heartbeat");
        status.beat("prepare");
        assert!(health.live().0, "not in the group yet: nothing to get further with");
        status.set_joined(true);
        assert!(health.live().0, "it has just begun");
        std::thread::sleep(Duration::from_millis(1100));
        status.beat("prepare");
        let (alive, said) = health.live();
        assert!(!alive && said["problem"].as_str().is_some_and(|text| text.contains("prepare")), "{said}");
        status.progress();
        assert!(health.live().0);
        std::thread::sleep(Duration::from_millis(1100));
        status.beat("recover");
        status.set_broker_up(false);
        assert!(health.live().0, "a broker that is away is no reason to restart");
    }
}
