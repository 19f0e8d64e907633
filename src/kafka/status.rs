//! What the worker says of itself to whoever asks: its heartbeat, what it waits for, how far the
//! replay is, its partitions and their lag.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Shared by the worker's threads and by health checks. All methods are short and never block on Kafka.
pub struct Status {
    started: Instant,
    beat_ms: AtomicU64,
    progress_ms: AtomicU64,
    state: Mutex<&'static str>,
    snapshot_read: AtomicU64,
    snapshot_bytes: AtomicU64,
    replay_position: AtomicI64,
    replay_end: AtomicI64,
    replayed: AtomicBool,
    /// `i64::MIN`: none.
    oldest: AtomicI64,
    joined: AtomicBool,
    broker_up: AtomicBool,
    /// When that changed last.
    broker_ms: AtomicU64,
    /// What the client says of its place in the group.
    group: Mutex<String>,
    /// When the group was last at rest, with this worker in it; `u64::MAX`: never since it joined.
    steady_ms: AtomicU64,
    partitions: Mutex<BTreeMap<(String, i32), Partition>>,
    /// Why nothing is read any more.
    tripped: Mutex<Option<String>>,
}

/// Lag of one assigned partition. Timestamps are milliseconds since 1970, 0 where not known.
#[derive(Debug, Clone, Copy)]
struct Partition {
    /// Next offset to commit; -1 where not known yet.
    committed: i64,
    /// Nothing is committed as far as is known: `committed` is where the partition begins.
    guessed: bool,
    /// Last stable offset of the partition; -1 where not known yet.
    end: i64,
    /// Timestamp of the last record committed.
    timestamp: i64,
    /// Timestamp of the oldest record that was read and is not committed.
    waiting: i64,
    /// When nothing of it was known to wait last.
    caught_up: i64,
    /// The client has fetched up to the end, and handed over all that it fetched.
    drained: bool,
}

impl Partition {
    /// Records that are not committed. Behind the last record there may be the marks that transactions leave, which nobody
    /// reads or commits: where everything was read, and all that was read is committed, nothing is left.
    fn lag(&self) -> i64 {
        if self.drained && self.waiting == 0 { 0 } else { (self.end - self.committed).max(0) }
    }
}

/// Lag of an assigned partition.
#[derive(Debug, Clone, PartialEq)]
pub struct Lag {
    /// The topic.
    pub topic: String,
    /// Number of the partition.
    pub partition: i32,
    /// Records that are not committed yet.
    pub records: i64,
    /// Age of the oldest of them in seconds, or at most that; `None` where nothing is known of it.
    pub seconds: Option<f64>,
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis() as i64)
}

impl Default for Status {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            beat_ms: AtomicU64::new(0),
            progress_ms: AtomicU64::new(0),
            state: Mutex::new("starting"),
            snapshot_read: AtomicU64::new(0),
            snapshot_bytes: AtomicU64::new(0),
            replay_position: AtomicI64::new(0),
            replay_end: AtomicI64::new(-1),
            replayed: AtomicBool::new(false),
            oldest: AtomicI64::new(i64::MIN),
            joined: AtomicBool::new(false),
            broker_up: AtomicBool::new(false),
            broker_ms: AtomicU64::new(0),
            group: Mutex::default(),
            steady_ms: AtomicU64::new(u64::MAX),
            partitions: Mutex::new(BTreeMap::new()),
            tripped: Mutex::default(),
        }
    }
}

impl Status {
    /// The loop lives, and is in `state` from now on.
    pub fn beat(&self, state: &'static str) {
        self.beat_ms.store(self.now_ms(), Ordering::Relaxed);
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Some page got further, or there is none to work on.
    pub fn progress(&self) {
        self.progress_ms.store(self.now_ms(), Ordering::Relaxed);
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn since(&self, mark: &AtomicU64) -> Duration {
        Duration::from_millis(self.now_ms().saturating_sub(mark.load(Ordering::Relaxed)))
    }

    /// Time since the last heartbeat, and the state that it named.
    pub fn heartbeat(&self) -> (Duration, &'static str) {
        (self.since(&self.beat_ms), *self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Time since any page got further, while there were some to work on.
    pub fn stall(&self) -> Duration {
        self.since(&self.progress_ms)
    }

    /// The index stands at `position` of the sightings log.
    pub fn set_replay_position(&self, position: i64) {
        self.replay_position.store(position, Ordering::Relaxed);
    }

    /// So many bytes of so many of the snapshot are read.
    pub fn set_snapshot(&self, read: u64, all: u64) {
        self.snapshot_read.store(read, Ordering::Relaxed);
        self.snapshot_bytes.store(all, Ordering::Relaxed);
    }

    /// Bytes of the snapshot read at the start, and all that it had.
    pub fn snapshot(&self) -> (u64, u64) {
        (self.snapshot_read.load(Ordering::Relaxed), self.snapshot_bytes.load(Ordering::Relaxed))
    }

    /// The replay has to reach `end`.
    pub fn set_replay_end(&self, end: i64) {
        self.replay_end.store(end, Ordering::Relaxed);
    }

    /// The replay has reached its end.
    pub fn set_replayed(&self) {
        self.replayed.store(true, Ordering::Release);
    }

    /// Whether the replay has reached its end.
    pub fn replayed(&self) -> bool {
        self.replayed.load(Ordering::Acquire)
    }

    /// Position of the index in the sightings log, and the end of the log when the replay began (-1: not known).
    pub fn replay(&self) -> (i64, i64) {
        (self.replay_position.load(Ordering::Relaxed), self.replay_end.load(Ordering::Relaxed))
    }

    /// The oldest day in the index began then, in milliseconds since 1970.
    pub fn set_oldest(&self, millis: Option<i64>) {
        self.oldest.store(millis.unwrap_or(i64::MIN), Ordering::Relaxed);
    }

    /// When the oldest day in the index began, in milliseconds since 1970; `None` while it is empty.
    pub fn oldest(&self) -> Option<i64> {
        Some(self.oldest.load(Ordering::Relaxed)).filter(|millis| *millis > i64::MIN)
    }

    /// The worker asks to be in the consumer group, or has left it.
    pub fn set_joined(&self, joined: bool) {
        self.progress();
        self.steady_ms.store(u64::MAX, Ordering::Relaxed);
        self.joined.store(joined, Ordering::Relaxed);
    }

    /// Whether the worker asks to be in the consumer group.
    pub fn joined(&self) -> bool {
        self.joined.load(Ordering::Relaxed)
    }

    /// The client's place in the group is in this state: `steady`, or what it waits for.
    pub fn set_group(&self, state: &str) {
        if state == "steady" {
            self.steady_ms.store(self.now_ms(), Ordering::Relaxed);
        }
        let mut group = self.group.lock().unwrap_or_else(PoisonError::into_inner);
        if *group != state {
            state.clone_into(&mut group);
        }
    }

    /// Time since the group was last at rest with this worker in it (`None`: never), and the state that its place is in.
    pub fn group(&self) -> (Option<Duration>, String) {
        let known = self.steady_ms.load(Ordering::Relaxed) != u64::MAX;
        let state = self.group.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (known.then(|| self.since(&self.steady_ms)), state)
    }

    /// Whether any broker is connected.
    pub fn set_broker_up(&self, up: bool) {
        if self.broker_up.swap(up, Ordering::Relaxed) != up {
            self.broker_ms.store(self.now_ms(), Ordering::Relaxed);
            if up {
                // Nothing could get further meanwhile.
                self.progress();
                tracing::info!("connected to the broker");
            } else {
                tracing::warn!("no broker is reachable: waiting for one to come back");
            }
        }
    }

    /// Whether any broker was connected when the client last told.
    pub fn broker_up(&self) -> bool {
        self.broker_up.load(Ordering::Relaxed)
    }

    /// Time since a broker was connected, or none any more; before the first that of the worker.
    pub fn broker_since(&self) -> Duration {
        self.since(&self.broker_ms)
    }

    /// Nothing is read any more, for this reason.
    pub fn set_tripped(&self, why: String) {
        *self.tripped.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    /// Why nothing is read any more, if that is so.
    pub fn tripped(&self) -> Option<String> {
        self.tripped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn partitions(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, i32), Partition>> {
        self.partitions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A partition was assigned.
    pub fn assigned(&self, topic: &str, partition: i32) {
        let row = Partition {
            committed: -1,
            guessed: false,
            end: -1,
            timestamp: 0,
            waiting: 0,
            caught_up: 0,
            drained: false,
        };
        self.partitions().insert((topic.to_owned(), partition), row);
    }

    /// A partition is gone.
    pub fn revoked(&self, topic: &str, partition: i32) {
        self.partitions().remove(&(topic.to_owned(), partition));
    }

    /// Number of assigned partitions.
    pub fn assigned_partitions(&self) -> usize {
        self.partitions().len()
    }

    /// Of what was read of the partition and is not committed, the oldest record has this timestamp.
    pub fn waiting(&self, topic: &str, partition: i32, timestamp: i64) {
        if let Some(row) = self.partitions().get_mut(&(topic.to_owned(), partition)) {
            row.waiting = timestamp;
        }
    }

    /// Everything before `next` is committed; `timestamp` is that of the record before it, and `waiting` that of the
    /// oldest one that was read and is not committed. 0 where not known.
    pub fn committed(&self, topic: &str, partition: i32, next: i64, timestamp: i64, waiting: i64) {
        if let Some(row) = self.partitions().get_mut(&(topic.to_owned(), partition)) {
            (row.committed, row.guessed) = (next, false);
            row.timestamp = if timestamp > 0 { timestamp } else { row.timestamp };
            row.waiting = waiting;
        }
    }

    /// The partition ends at `end` and begins at `low`, and the client knows `committed` as its committed offset
    /// (negative: none, once it is `fetching`).
    pub fn watermark(&self, topic: &str, partition: i32, end: i64, low: i64, committed: i64, fetching: bool) {
        if let Some(row) = self.partitions().get_mut(&(topic.to_owned(), partition)) {
            row.end = end;
            if row.committed < 0 || row.guessed {
                if committed >= 0 {
                    (row.committed, row.guessed) = (committed, false);
                } else if fetching {
                    (row.committed, row.guessed) = (low.max(0), true);
                }
            }
            if row.committed >= end {
                row.caught_up = now_ms();
            }
        }
    }

    /// Whether the client has fetched up to the end of the partition, and handed over all that it fetched.
    pub fn drained(&self, topic: &str, partition: i32, drained: bool) {
        if let Some(row) = self.partitions().get_mut(&(topic.to_owned(), partition)) {
            row.drained = drained;
            if row.committed >= 0 && row.end >= 0 && row.lag() == 0 {
                row.caught_up = now_ms();
            }
        }
    }

    /// Lag of each assigned partition.
    pub fn lag(&self) -> Vec<Lag> {
        let now = now_ms();
        self.partitions()
            .iter()
            .filter(|(_, row)| row.end >= 0 && row.committed >= 0)
            .map(|((topic, partition), row)| {
                let records = row.lag();
                let since = if row.waiting > 0 { row.waiting } else { row.timestamp.max(row.caught_up) };
                let seconds = match (records, since) {
                    (0, _) => Some(0.0),
                    (_, 0) => None,
                    (_, since) => Some((now - since).max(0) as f64 / 1000.0),
                };
                Lag { topic: topic.clone(), partition: *partition, records, seconds }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records that lag, and seconds, of the one partition.
    fn lag(status: &Status) -> Option<(i64, Option<f64>)> {
        status.lag().first().map(|lag| (lag.records, lag.seconds))
    }

    #[test]
    fn lag_is_end_less_committed_for_assigned_partitions_only() {
        let status = Status::default();
        status.watermark("pages", 0, 10, 0, -1001, true);
        assert_eq!(lag(&status), None, "not assigned");
        status.assigned("pages", 0);
        assert_eq!(lag(&status), None, "end not known yet");
        status.watermark("pages", 0, 10, 2, -1001, false);
        assert_eq!(lag(&status), None, "it is not known yet whether anything is committed");
        status.watermark("pages", 0, 10, 2, -1001, true);
        assert_eq!(lag(&status), Some((8, None)), "nothing is committed, and nothing was read");
        status.watermark("pages", 0, 10, 2, 7, true);
        assert_eq!(lag(&status), Some((3, None)), "something is, after all");
        status.committed("pages", 0, 10, 5, 0);
        status.watermark("pages", 0, 10, 2, 7, true);
        assert_eq!(lag(&status), Some((0, Some(0.0))), "what the client says later is older");
        status.revoked("pages", 0);
        assert_eq!(lag(&status), None);
    }

    #[test]
    fn what_transactions_leave_behind_the_last_record_is_no_lag() {
        let status = Status::default();
        status.assigned("pages", 0);
        status.watermark("pages", 0, 10, 0, 9, true);
        assert_eq!(lag(&status), Some((1, None)));
        status.drained("pages", 0, true);
        assert_eq!(lag(&status), Some((0, Some(0.0))));
        status.waiting("pages", 0, now_ms());
        assert_eq!(lag(&status).unwrap().0, 1, "it was read, and is not committed");
        status.committed("pages", 0, 9, 5, 0);
        status.drained("pages", 0, false);
        status.watermark("pages", 0, 11, 0, 9, true);
        assert_eq!(lag(&status).unwrap().0, 2, "more has come");
    }

    #[test]
    fn seconds_are_the_age_of_what_waits() {
        let status = Status::default();
        let seconds = || lag(&status).unwrap().1.unwrap();
        let ago = |seconds: i64| now_ms() - seconds * 1000;
        status.assigned("pages", 0);
        status.watermark("pages", 0, 10, 0, -1001, true);
        status.waiting("pages", 0, ago(50));
        assert!((50.0..52.0).contains(&seconds()), "nothing is committed, and the first record was read");
        status.committed("pages", 0, 5, ago(40), ago(30));
        assert!((30.0..32.0).contains(&seconds()), "the next one was read");
        status.committed("pages", 0, 9, ago(20), 0);
        assert!((20.0..22.0).contains(&seconds()), "the next was not: it is no older than the one before");
        status.committed("pages", 0, 10, ago(20), 0);
        assert_eq!(seconds(), 0.0);
        status.watermark("pages", 0, 10, 0, -1001, true);
        status.watermark("pages", 0, 11, 0, -1001, true);
        assert!(seconds() < 2.0, "nothing waited a moment ago");
    }
}
