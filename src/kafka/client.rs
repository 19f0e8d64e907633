//! The settings of every Kafka client that a worker has, and how they log.
//!
//! A worker has four: the consumer of pages with the group, the transactional producer of outcomes, and for
//! the sightings log a consumer without a group and an idempotent producer. Commands that read or send a stretch of a topic have
//! one or two of the same kinds. The values that differ from the
//! library's defaults were measured: with the defaults small transactions are fifteen times slower.

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;

use super::error::advice;
use super::properties;
use super::settings::{Config, Delivery, StartAt};
use super::token;
use crate::telemetry::{self, Metric};

/// Milliseconds between heartbeats to the group.
const HEARTBEAT_MS: u32 = 500;

/// Most milliseconds between two polls of the group before the worker counts as stuck. The loop polls every two
/// seconds and after every commit, whose steps are bounded (see [`super::publisher`]).
const POLL_WITHIN_MS: u32 = 45_000;

/// Version of the client library.
pub fn client_version() -> String {
    rdkafka::util::get_rdkafka_version().1
}

/// What all clients have in common.
fn base(config: &Config, client: &str) -> ClientConfig {
    let mut out = ClientConfig::new();
    out.set("bootstrap.servers", &config.brokers)
        .set("client.id", format!("newsmill-{}-{client}", config.worker_name()))
        .set("socket.keepalive.enable", "true")
        // Half a second instead of ten: a broker that comes back is found at once.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "500");
    for (key, value) in config.properties.iter() {
        out.set(key, value);
    }
    match properties::read_files(&config.properties_files) {
        Ok(read) => {
            for (key, value) in read {
                out.set(key, value);
            }
        }
        // They could be read at the start: the broker says what it makes of a client without them.
        Err(problems) => tracing::error!("kafka.properties_files: {}", problems.join("; ")),
    }
    out
}

/// A client that only asks: metadata, topics, offsets. Never creates a topic by asking for it.
pub(super) fn admin(config: &Config) -> ClientConfig {
    let mut out = base(config, "admin");
    out.set("allow.auto.create.topics", "false");
    out
}

/// The consumer of pages.
pub(super) fn pages(config: &Config) -> ClientConfig {
    let mut out = base(config, "pages");
    let start_at = match config.start_at {
        StartAt::Earliest => "earliest",
        StartAt::Latest => "latest",
    };
    out.set("group.id", &config.group)
        .set("auto.offset.reset", start_at)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("isolation.level", "read_committed")
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("group.protocol", "classic")
        .set("session.timeout.ms", config.session_timeout_ms.to_string())
        // A member hears of a change in the group with its next heartbeat: this is most of what a hand-over takes.
        .set("heartbeat.interval.ms", HEARTBEAT_MS.to_string())
        // Also the longest time that the group waits for a member to join again.
        .set("max.poll.interval.ms", config.session_timeout_ms.max(POLL_WITHIN_MS).to_string())
        .set("allow.auto.create.topics", "false")
        .set("statistics.interval.ms", "1000")
        .set("topic.metadata.refresh.interval.ms", "60000")
        // The client keeps this much in front of the worker; a full queue is looked at again after 10 ms.
        .set("queued.max.messages.kbytes", "32768")
        .set("queued.min.messages", "10000")
        .set("fetch.queue.backoff.ms", "10")
        .set("fetch.message.max.bytes", (1 << 20).to_string());
    out
}

/// What producers of records with keys have in common.
fn producer(config: &Config, client: &str) -> ClientConfig {
    let mut out = base(config, client);
    out.set("enable.idempotence", "true")
        .set("compression.type", &config.compression)
        // The same partition for a key as Kafka's own clients choose.
        .set("partitioner", "murmur2_random")
        .set("message.max.bytes", config.max_message_bytes.to_string());
    out
}

/// The producer of outcomes.
pub(super) fn outcomes(config: &Config) -> ClientConfig {
    let mut out = producer(config, "outcomes");
    // The records of a batch come in one go; waiting longer for more only delays the commit.
    out.set("linger.ms", "1")
        .set("batch.size", "1000000")
        .set("queue.buffering.max.kbytes", "131072")
        .set("retry.backoff.ms", "10")
        .set("retry.backoff.max.ms", "1000")
        .set("statistics.interval.ms", "5000");
    if config.delivery == Delivery::ExactlyOnce {
        out.set("transactional.id", config.transactional_id())
            .set("transaction.timeout.ms", config.transaction_timeout_ms.to_string());
    }
    out
}

/// The producer of an import.
pub(super) fn importer(config: &Config) -> ClientConfig {
    let mut out = producer(config, "import");
    out.set("acks", "all").set("linger.ms", "20").set("queue.buffering.max.kbytes", "65536");
    out
}

/// The producer of sightings. Hashes do not compress; 10 ms gather what several pages append, which a request each would
/// make dear: with 2 ms all of the worker takes an eighth more.
pub(super) fn appender(config: &Config) -> ClientConfig {
    let mut out = base(config, "sightings");
    out.set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "10")
        .set("retry.backoff.ms", "10")
        .set("retry.backoff.max.ms", "1000")
        // Its thread looks all the time, so it is the one that tells whether a broker is there.
        .set("statistics.interval.ms", "1000");
    out
}

/// What consumers without a part in any group have in common.
fn lone(config: &Config, client: &str) -> ClientConfig {
    let mut out = base(config, client);
    // The client demands a group id to assign partitions, and looks for its coordinator: so it is one that the user has the
    // right to. Nothing joins or commits under it.
    out.set("group.id", &config.group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("allow.auto.create.topics", "false")
        .set("fetch.queue.backoff.ms", "10");
    out
}

/// The consumer of sightings, from a position that the index names.
pub(super) fn tail(config: &Config) -> ClientConfig {
    let mut out = lone(config, "tail");
    // A position that the log does not have must be noticed, never skipped over.
    out.set("auto.offset.reset", "error")
        .set("isolation.level", "read_uncommitted")
        .set("queued.min.messages", "100000")
        .set("queued.max.messages.kbytes", "65536");
    out
}

/// A consumer of a stretch of a topic.
pub(super) fn range(config: &Config) -> ClientConfig {
    let mut out = lone(config, "range");
    out.set("auto.offset.reset", "earliest")
        .set("isolation.level", "read_committed")
        .set("queued.max.messages.kbytes", "32768");
    out
}

/// Notes what a client reports; gives the code of an error that no retry mends.
pub(super) fn decisive(error: &KafkaError, reason: &str) -> Option<RDKafkaErrorCode> {
    tracing::debug!(target: "newsmill::kafka::client", %error, "{reason}");
    error.rdkafka_error_code().filter(|code| advice(*code).is_some())
}

/// Logs of the library go to `tracing`; what passes by itself is said quietly.
pub(super) fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    // Each failed attempt to connect: the worker says once that the broker is away, and once that it is back.
    if facility == "FAIL" {
        return tracing::debug!(target: "newsmill::kafka::client", facility, "{message}");
    }
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error => {
            tracing::warn!(target: "newsmill::kafka::client", facility, "{message}");
        }
        RDKafkaLogLevel::Warning | RDKafkaLogLevel::Notice => {
            tracing::info!(target: "newsmill::kafka::client", facility, "{message}");
        }
        RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
            tracing::debug!(target: "newsmill::kafka::client", facility, "{message}");
        }
    }
}

/// Whether any broker is connected, and metrics of the client's own queues and round trips.
pub(super) fn note(client: &'static str, statistics: &Statistics) -> bool {
    let brokers = || statistics.brokers.values().filter(|broker| broker.nodeid >= 0);
    let trips: Vec<i64> =
        brokers().filter_map(|b| b.rtt.as_ref()).map(|rtt| rtt.avg).filter(|a| *a > 0).collect();
    if !trips.is_empty() {
        let mean = trips.iter().sum::<i64>() as f64 / trips.len() as f64 / 1e6;
        telemetry::set(Metric::BrokerRoundTripSeconds, mean, &[client]);
    }
    telemetry::set(Metric::ClientQueueMessages, statistics.msg_cnt as f64, &[client]);
    statistics.brokers.values().any(|broker| broker.state == "UP")
}

/// A context that only logs.
#[derive(Clone, Default)]
pub(super) struct Plain;

impl ClientContext for Plain {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        token::read(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "newsmill::kafka::client", %error, "{reason}");
    }
}

impl rdkafka::consumer::ConsumerContext for Plain {}
