//! The one table of metrics.

/// What a metric counts or measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts of observations by bucket, and their sum. The slice holds the upper bounds.
    Histogram(&'static [f64]),
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// Name as scraped.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// Base unit: `seconds`, `bytes`, `records` …; `1` for a plain number.
    pub unit: &'static str,
    /// Names of the labels, in order.
    pub labels: &'static [&'static str],
    /// One sentence.
    pub help: &'static str,
}

/// Seconds from half a millisecond to a minute.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// Seconds of one stage: from ten microseconds to ten seconds.
const STAGE_SECONDS: &[f64] = &[
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
    1.0, 10.0,
];
/// Records of a batch.
const RECORDS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0];
/// Bytes from 1 kB to 64 MB.
const BYTES: &[f64] = &[1e3, 4e3, 16e3, 64e3, 256e3, 1e6, 4e6, 16e6, 64e6];

macro_rules! table {
    ($($variant:ident: $name:literal, $kind:expr, $unit:literal, [$($label:literal),*], $help:literal;)*) => {
        /// Every metric that newsmill has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Metric {
            $(#[doc = $help] $variant,)*
        }

        impl Metric {
            /// The whole table, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The metric's row.
            pub const fn describe(self) -> Description {
                match self {
                    $(Self::$variant => Description {
                        name: $name, kind: $kind, unit: $unit, labels: &[$($label),*], help: $help,
                    },)*
                }
            }
        }
    };
}

use Kind::{Counter, Gauge, Histogram};

table! {
    PagesReceived: "newsmill_pages_received_total", Counter, "pages", [],
        "Pages read from the topic of pages; a page read again after a recovery counts again.";
    Pages: "newsmill_pages_total", Counter, "pages", ["outcome", "reason"],
        "Pages by outcome (article, duplicate, rejected) and reason (new, kind of duplicate, reason of rejection), counted when committed.";
    PagesAbandoned: "newsmill_pages_abandoned_total", Counter, "pages", [],
        "Pages read and given up before their commit, by a rebalance or a recovery; whoever owns the partition reads them again.";
    PagesInFlight: "newsmill_pages_in_flight", Gauge, "pages", [],
        "Pages read and not yet committed: received = outcomes + abandoned + in flight, at every scrape.";
    Tombstones: "newsmill_tombstones_total", Counter, "records", [],
        "Records with no value, skipped.";
    Languages: "newsmill_languages_total", Counter, "articles", ["language"],
        "New articles by language.";
    Topics: "newsmill_topics_total", Counter, "articles", ["topic"],
        "New articles by first topic; `none` where the model knows none.";
    RoutedRecords: "newsmill_routed_records_total", Counter, "records", ["topic"],
        "Records that a route sent to its topic instead of the one they go to by default, copies included, counted when committed.";
    StageSeconds: "newsmill_stage_seconds", Histogram(STAGE_SECONDS), "seconds", ["stage"],
        "Time of one page in each stage that it went through.";
    PrepareSeconds: "newsmill_prepare_seconds", Histogram(SECONDS), "seconds", [],
        "Time of one page through all stages before the log.";
    EndToEndSeconds: "newsmill_end_to_end_seconds", Histogram(SECONDS), "seconds", [],
        "Time from the timestamp of a page's record to the commit of its outcome.";
    LoopSeconds: "newsmill_loop_seconds_total", Counter, "seconds", ["state"],
        "Time of the worker's loop by state: poll, prepare, sightings, judged, produce, commit, rebalance, recover, idle.";
    LagRecords: "newsmill_lag_records", Gauge, "records", ["topic", "partition"],
        "Records of an assigned partition that are not committed yet; gone when the partition is revoked.";
    LagSeconds: "newsmill_lag_seconds", Gauge, "seconds", ["topic", "partition"],
        "Age of the oldest record of an assigned partition that was read and is not committed; where none was read yet, at most that of what waits: the age of the last one committed, or the time since nothing waited; 0 where nothing waits, absent where nothing of it is known yet.";
    AssignedPartitions: "newsmill_assigned_partitions", Gauge, "partitions", [],
        "Partitions of the topic of pages that this worker owns.";
    BatchPages: "newsmill_batch_pages", Histogram(RECORDS), "pages", [],
        "Pages of a committed batch.";
    BatchBytes: "newsmill_batch_bytes", Histogram(BYTES), "bytes", [],
        "Bytes of the records of a committed batch.";
    Transactions: "newsmill_transactions_total", Counter, "transactions", ["result"],
        "Batches by how their transaction ended: committed, aborted, again (the group made a change; the same batch was tried again), refused (the broker did not take a record), lost.";
    Recoveries: "newsmill_recoveries_total", Counter, "recoveries", ["cause"],
        "Times that the worker gave up what was in flight and went back to the committed offsets.";
    Rebalances: "newsmill_rebalances_total", Counter, "rebalances", ["kind"],
        "Partitions assigned, revoked or lost: number of such events.";
    SightingsApplied: "newsmill_sightings_applied_total", Counter, "entries", ["kind"],
        "Entries of the sightings log applied to the index, by kind.";
    SightingsPosition: "newsmill_sightings_position", Gauge, "records", [],
        "Position in the sightings log up to which the index is built.";
    SightingsWaitSeconds: "newsmill_sightings_wait_seconds", Histogram(SECONDS), "seconds", [],
        "Time from the append of a sighting to its verdict.";
    IndexPages: "newsmill_index_pages", Gauge, "pages", [],
        "Pages that the index remembers.";
    IndexBytes: "newsmill_index_bytes", Gauge, "bytes", [],
        "Memory that the index takes.";
    IndexOldestTimestampSeconds: "newsmill_index_oldest_timestamp_seconds", Gauge, "seconds", [],
        "Unix time at which the oldest day that the index remembers began, by the clock of the sightings log; absent while it is empty.";
    IndexForgottenEarly: "newsmill_index_forgotten_early_total", Counter, "pages", [],
        "Pages that left the index before their window was over, because there were more than deduplicate.max_pages.";
    SnapshotPosition: "newsmill_snapshot_position", Gauge, "records", [],
        "Position in the sightings log up to which the snapshot on disk reaches; absent without one.";
    BrokerRoundTripSeconds: "newsmill_broker_round_trip_seconds", Gauge, "seconds", ["client"],
        "Mean round trip to the brokers in the last statistics window, by client.";
    ClientQueueMessages: "newsmill_client_queue_messages", Gauge, "messages", ["client"],
        "Messages waiting in the Kafka client's own queues, by client.";
    ResidentMemoryBytes: "newsmill_resident_memory_bytes", Gauge, "bytes", [],
        "Memory of the process that is resident.";
    MemoryLimitBytes: "newsmill_memory_limit_bytes", Gauge, "bytes", [],
        "Memory that the process and those beside it in its control group may have; absent without a limit.";
    StartTimeSeconds: "newsmill_start_time_seconds", Gauge, "seconds", [],
        "Unix time at which the process started.";
    HeartbeatAgeSeconds: "newsmill_heartbeat_age_seconds", Gauge, "seconds", [],
        "Time since the last sign of life of the worker's loop.";
    Ready: "newsmill_ready", Gauge, "1", ["component"],
        "1 where the component (loop, broker, sightings, group) is ready, else 0; the worker is ready when all are, and it is not stopping.";
    TraceSpans: "newsmill_trace_spans_total", Counter, "spans", ["result"],
        "Spans of pages that are traced, by what became of them: sent to the collector, or dropped, because the queue was full or the collector did not take them.";
    BuildInfo: "newsmill_build_info", Gauge, "1", ["version", "main_text", "language", "topics", "encoder"],
        "Always 1; the labels hold the versions of the program and of its models (`none` for an encoder that is not there).";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_follow_the_rules() {
        let mut seen = BTreeSet::new();
        for metric in Metric::ALL {
            let row = metric.describe();
            assert!(seen.insert(row.name), "{} twice", row.name);
            assert!(row.name.starts_with("newsmill_"), "{}", row.name);
            assert_eq!(row.kind == Counter, row.name.ends_with("_total"), "{}", row.name);
            assert!(row.help.ends_with('.'), "{}", row.name);
            if let Histogram(bounds) = row.kind {
                assert!(bounds.is_sorted(), "{}", row.name);
            }
        }
    }
}
