//! Alive and ready.
//!
//! *Alive* is the loop's own heartbeat, and that pages get further while there are any and a broker is
//! there: a restart mends a stuck loop or a page that never ends, not a broker that is away. *Ready* is everything that a
//! worker needs to make progress, and of each part that is not there what it waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kafka::{Lag, Status};
use crate::telemetry::{Metric, Sample};

/// While the group makes a change a worker stays ready so long: changes are part of its work.
const GROUP_CHANGES_FOR: Duration = Duration::from_secs(30);

/// What health checks look at.
#[derive(Clone)]
pub(super) struct Health {
    pub status: Arc<Status>,
    pub stuck_after: Duration,
    pub stopping: Arc<AtomicBool>,
}

/// A part that a worker needs.
struct Component {
    name: &'static str,
    /// What it waits for; `None` where it is ready.
    awaits: Option<String>,
    /// What else is known of it.
    more: Value,
}

impl Health {
    /// What is wrong with the loop, if anything is.
    fn stuck(&self) -> Option<String> {
        let (silence, state) = self.status.heartbeat();
        // At start and without a broker there is nothing that could get further.
        let working = self.status.joined() && self.status.broker_up();
        let stall = if working { self.status.stall() } else { Duration::ZERO };
        if silence >= self.stuck_after {
            Some(format!("no sign of life for {} s, while: {state}", silence.as_secs()))
        } else if stall >= self.stuck_after {
            Some(format!("no page got further for {} s, waiting for: {state}", stall.as_secs()))
        } else {
            None
        }
    }

    /// Whether the loop lives, and what it does or waits for.
    pub fn live(&self) -> (bool, Value) {
        let (silence, state) = self.status.heartbeat();
        let problem = self.stuck();
        let alive = problem.is_none();
        let mut out = json!({
            "alive": alive,
            "state": state,
            "seconds_since_heartbeat": silence.as_secs_f64(),
            "seconds_since_progress": self.status.stall().as_secs_f64(),
        });
        if let Some(problem) = problem {
            out["problem"] = problem.into();
        }
        (alive, out)
    }

    /// Whether it works, by component.
    pub fn ready(&self) -> (bool, Value) {
        let components = self.components();
        let stopping = self.is_stopping();
        let ready = components.iter().all(|component| component.awaits.is_none()) && !stopping;
        let mut out = json!({"ready": ready, "stopping": stopping});
        for Component { name, awaits, more } in components {
            let mut shown = json!({"ok": awaits.is_none()});
            if let Some(awaits) = awaits {
                shown["awaits"] = awaits.into();
            }
            if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
                shown.extend(more);
            }
            out[name] = shown;
        }
        (ready, out)
    }

    /// Whether the worker is asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// What the components wait for that are not ready, in words.
    pub fn awaits(&self) -> Vec<String> {
        let waiting = |component: Component| Some(format!("{}: {}", component.name, component.awaits?));
        self.components().into_iter().filter_map(waiting).collect()
    }

    /// The components in the order in which they become ready.
    fn components(&self) -> [Component; 5] {
        let status = &self.status;
        let (position, end) = status.replay();
        let (read, snapshot) = status.snapshot();
        let (_, state) = status.heartbeat();
        let (rest, place) = status.group();
        [
            Component {
                name: "loop",
                awaits: self.stuck().map(|problem| {
                    format!("{problem}: /livez says so too, and whoever watches it restarts the worker")
                }),
                more: json!({"state": state}),
            },
            Component {
                name: "broker",
                awaits: (!status.broker_up()).then(|| {
                    let seconds = status.broker_since().as_secs();
                    format!("a connection to a broker of kafka.brokers: none for {seconds} s")
                }),
                more: json!({}),
            },
            Component {
                name: "sightings",
                awaits: (!status.replayed()).then(|| match (read < snapshot, end) {
                    (true, _) => format!("the snapshot of the index: {read} of {snapshot} bytes are read"),
                    (false, 0..) => format!("the sightings log: read to {position} of {end}"),
                    (false, _) => {
                        "the sightings log: it comes after the broker and its topics were looked at"
                            .to_owned()
                    }
                }),
                more: json!({"position": position, "replay_to": end, "snapshot_bytes_read": read,
                    "snapshot_bytes": snapshot}),
            },
            Component {
                name: "group",
                awaits: match rest {
                    _ if !status.joined() => Some(format!("its turn: the worker is {state}")),
                    None => Some(format!("a place in the group: {}", described(&place))),
                    Some(time) if time > GROUP_CHANGES_FOR => Some(format!(
                        "the end of a change in the group, for {} s now: {}",
                        time.as_secs(),
                        described(&place)
                    )),
                    Some(_) => None,
                },
                more: json!({"state": place, "partitions": status.assigned_partitions()}),
            },
            Component { name: "breaker", awaits: status.tripped(), more: json!({}) },
        ]
    }

    /// What the metrics say of the loop, the components and the partitions.
    pub fn samples(&self) -> Vec<Sample> {
        let status = &self.status;
        let mut out = vec![Sample::new(Metric::HeartbeatAgeSeconds, status.heartbeat().0.as_secs_f64())];
        out.extend(self.components().into_iter().map(|component| Sample {
            metric: Metric::Ready,
            labels: vec![component.name.to_owned()],
            value: f64::from(u8::from(component.awaits.is_none())),
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
}

/// The client's word for its place in the group, in ours.
fn described(place: &str) -> &str {
    match place {
        "" => "the client has not told yet",
        "init" => "the client looks for the group's coordinator, or begins to join",
        "wait-join" => {
            "the others have to join again, too (as long as kafka.session_timeout_ms after one was killed)"
        }
        "wait-metadata" | "wait-sync" => "the member that leads shares the partitions out",
        "wait-assign-call"
        | "wait-unassign-call"
        | "wait-unassign-to-complete"
        | "wait-incr-unassign-to-complete" => "partitions are handed over",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(stuck_after: Duration) -> (Arc<Status>, Health) {
        let status = Arc::new(Status::default());
        (status.clone(), Health { status, stuck_after, stopping: Arc::default() })
    }

    #[test]
    fn a_loop_that_beats_but_gets_nowhere_is_not_alive() {
        let (status, health) = health(Duration::from_secs(1));
        status.set_broker_up(true);
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

    #[test]
    fn what_is_not_ready_says_what_it_waits_for() {
        let (status, health) = health(Duration::from_secs(60));
        let awaits = |component: &str| health.ready().1[component]["awaits"].as_str().map(str::to_owned);
        status.beat("looking at the broker and its topics");
        assert!(awaits("broker").unwrap().contains("kafka.brokers"));
        assert!(awaits("sightings").unwrap().contains("after the broker"));
        assert!(awaits("group").unwrap().contains("looking at the broker"));
        assert_eq!(awaits("loop"), None);
        status.set_broker_up(true);
        status.set_replay_end(10);
        status.set_replay_position(3);
        assert!(awaits("sightings").unwrap().contains("3 of 10"));
        status.set_replayed();
        status.set_joined(true);
        status.set_group("wait-join");
        assert!(awaits("group").unwrap().contains("join again"));
        assert!(!health.ready().0);
        status.set_group("steady");
        let (ready, said) = health.ready();
        assert!(ready, "{said}");
        status.set_group("wait-sync");
        assert!(health.ready().0, "a change in the group is part of the work");
        health.stopping.store(true, Ordering::Release);
        assert!(!health.ready().0);
        status.set_broker_up(false);
        let ready = |component: &str| {
            let samples = health.samples();
            let found = samples.iter().find(|row| row.metric == Metric::Ready && row.labels == [component]);
            found.unwrap().value
        };
        assert_eq!((ready("broker"), ready("sightings")), (0.0, 1.0));
    }
}
