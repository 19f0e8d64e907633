//! Alive and ready.
//!
//! *Alive* is the loop's own heartbeat and nothing of the broker's: a restart mends a stuck loop, not a
//! broker that is away. *Ready* is everything that a worker needs to make progress.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kafka::Status;

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
        let alive = silence < self.stuck_after;
        let mut out =
            json!({"alive": alive, "state": state, "seconds_since_heartbeat": silence.as_secs_f64()});
        if !alive {
            out["problem"] = format!("no sign of life for {} s, while: {state}", silence.as_secs()).into();
        }
        (alive, out)
    }

    /// Whether it works, by component.
    pub fn ready(&self) -> (bool, Value) {
        let (alive, _) = self.live();
        let (position, end) = self.status.replay();
        let replayed = self.status.replayed();
        let (joined, up) = (self.status.joined(), self.status.broker_up());
        let stopping = self.stopping.load(Ordering::Acquire);
        let ready = alive && replayed && joined && up && !stopping;
        let out = json!({
            "ready": ready,
            "loop": {"ok": alive, "state": self.status.heartbeat().1},
            "broker": {"ok": up},
            "sightings": {"ok": replayed, "position": position, "replay_to": end},
            "group": {"ok": joined, "partitions": self.status.assigned_partitions()},
            "stopping": stopping,
        });
        (ready, out)
    }
}
