//! What the user sets about Kafka.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloudevents::MAX_GROUP;
use super::properties::{self, Properties};
use super::routes::{Match, Rule};
use crate::record::DuplicateKind;

/// What is promised when a worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Outcomes and offsets in one transaction: readers at `read_committed` see each outcome once.
    #[default]
    ExactlyOnce,
    /// Outcomes first, offsets after: nothing is lost, a crash may repeat the outcomes of a batch.
    AtLeastOnce,
}

/// What becomes of a kind of duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// To the topic of duplicates; a revision also to articles, as a marked copy.
    #[default]
    Route,
    /// To the topic of articles, as the record of a duplicate.
    Tag,
    /// Counted and not written.
    Drop,
}

/// What becomes of each kind of duplicate.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Kinds {
    /// Same bytes or same text: `route`, `tag` or `drop`.
    pub exact: Route,
    /// Another page with nearly the same text: `route`, `tag` or `drop`.
    pub near: Route,
    /// The same URL with a changed text: `route` (also to articles, as a marked copy), `tag` or `drop`.
    pub revision: Route,
}

impl Kinds {
    /// The route of a kind.
    pub fn of(&self, kind: DuplicateKind) -> Route {
        match kind {
            DuplicateKind::Exact => self.exact,
            DuplicateKind::Near => self.near,
            DuplicateKind::Revision => self.revision,
        }
    }
}

/// Names of the topics.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Topics {
    /// Raw pages come in here.
    pub pages: String,
    /// New articles go out here.
    pub articles: String,
    /// Repeats of articles go out here.
    pub duplicates: String,
    /// Pages that did not become articles go out here, untouched.
    pub rejected: String,
    /// The workers' log of what was seen: one partition, written and read by newsmill alone.
    pub sightings: String,
}

impl Default for Topics {
    fn default() -> Self {
        Self {
            pages: "news.pages".into(),
            articles: "news.articles".into(),
            duplicates: "news.duplicates".into(),
            rejected: "news.rejected".into(),
            sightings: "news.sightings".into(),
        }
    }
}

impl Topics {
    /// All names with the keys that set them.
    pub fn all(&self) -> [(&'static str, &str); 5] {
        [
            ("topics.pages", &self.pages),
            ("topics.articles", &self.articles),
            ("topics.duplicates", &self.duplicates),
            ("topics.rejected", &self.rejected),
            ("topics.sightings", &self.sightings),
        ]
    }
}

/// How the records that go out are dressed, for readers that expect it. Rejections stay as their pages came.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "KafkaOutput")]
pub struct Output {
    /// Add the headers that make each record an event of CloudEvents 1.0, in the binary mode of its Kafka binding.
    pub cloudevents: bool,
    /// Ids of schemas that go before the values.
    pub schema_ids: SchemaIds,
}

/// Ids that a schema registry gave the schemas of records. With one, a zero byte and the id as four bytes, big-endian, go before
/// the JSON, as Confluent's clients expect; 0: nothing does.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SchemaIds {
    /// Id of the schema of articles.
    pub article: u32,
    /// Id of the schema of duplicates.
    pub duplicate: u32,
    /// Id of the schema of stories' own records.
    pub story: u32,
}

/// Where a group that never committed begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StartAt {
    /// At the oldest page that the topic holds.
    #[default]
    Earliest,
    /// At the next page that comes in.
    Latest,
}

/// The Kafka worker.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Kafka")]
pub struct Config {
    /// Addresses to begin with, `host:port`, separated by commas.
    pub brokers: String,
    /// The consumer group; workers of one group share the pages.
    pub group: String,
    /// Name of this worker, unique in its group and the same after a restart (a pod's name in a stateful
    /// set). Empty: host name and process id, which is safe, but a killed worker's last transaction is then
    /// waited out instead of ended by its successor.
    pub worker_id: String,
    /// Names of the topics.
    pub topics: Topics,
    /// Create the topics that are missing, with the settings below.
    pub create_topics: bool,
    /// Partitions of topics that are created (the sightings log always has one).
    pub partitions: u32,
    /// Replicas of topics that are created; 0 leaves it to the broker.
    pub replication_factor: u32,
    /// `exactly_once` or `at_least_once`.
    pub delivery: Delivery,
    /// What becomes of each kind of duplicate.
    pub kinds: Kinds,
    /// How the records that go out are dressed.
    pub output: Output,
    /// Which of the routes that a record fits it takes: `first` or `all`.
    pub routes: Match,
    /// The routes. They are written as `[[route]]`, beside the section of Kafka.
    #[serde(skip)]
    pub rules: Vec<Rule>,
    /// Where a group that never committed begins: `earliest` or `latest`.
    pub start_at: StartAt,
    /// Most pages of one transaction.
    pub batch_pages: usize,
    /// Most bytes of records of one transaction.
    pub batch_bytes: usize,
    /// How long a transaction waits for more pages, in milliseconds, while nothing else is under way.
    pub batch_wait_ms: u64,
    /// Most pages in memory at once, over all batches.
    pub in_flight_pages: usize,
    /// Largest record that is produced, in bytes; the topics that are created take as much.
    pub max_message_bytes: usize,
    /// Stop when more pages than this were rejected in a row; 0: never.
    pub max_rejected_run: u64,
    /// Stop when more than this share of the last `rejected_share_pages` pages was rejected, 0 to 1; 0: never.
    pub max_rejected_share: f64,
    /// Pages that the share is of.
    pub rejected_share_pages: u64,
    /// Compression of what is produced: `none`, `gzip`, `lz4`, `snappy` or `zstd`.
    pub compression: String,
    /// After so many milliseconds without a heartbeat a worker's partitions go to the others.
    pub session_timeout_ms: u32,
    /// After so many milliseconds the broker aborts the transaction of a worker that died.
    pub transaction_timeout_ms: u32,
    /// At start, how long the broker is waited for, in milliseconds.
    pub connect_timeout_ms: u64,
    /// On SIGTERM, how long a batch may take to finish, in milliseconds.
    pub stop_timeout_ms: u64,
    /// Further properties of the Kafka client (librdkafka), such as `security.protocol` or `sasl.username`.
    pub properties: Properties,
    /// Properties whose values stand in files, such as `sasl.password`: name and path. A file is read whenever a client is
    /// made.
    pub properties_files: BTreeMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            brokers: "127.0.0.1:9092".into(),
            group: "newsmill".into(),
            worker_id: String::new(),
            topics: Topics::default(),
            create_topics: false,
            partitions: 12,
            replication_factor: 0,
            delivery: Delivery::ExactlyOnce,
            kinds: Kinds::default(),
            output: Output::default(),
            routes: Match::First,
            rules: Vec::new(),
            start_at: StartAt::Earliest,
            batch_pages: 250,
            batch_bytes: 16 << 20,
            batch_wait_ms: 20,
            in_flight_pages: 1000,
            max_message_bytes: 10 << 20,
            max_rejected_run: 5_000,
            max_rejected_share: 0.95,
            rejected_share_pages: 10_000,
            compression: "lz4".into(),
            session_timeout_ms: 10_000,
            transaction_timeout_ms: 10_000,
            connect_timeout_ms: 30_000,
            stop_timeout_ms: 5_000,
            properties: Properties::default(),
            properties_files: BTreeMap::new(),
        }
    }
}

/// Properties of the client that the promises rest on: set by newsmill alone.
const OURS: [&str; 19] = [
    "bootstrap.servers",
    "group.id",
    "transactional.id",
    "enable.idempotence",
    "acks",
    "request.required.acks",
    "enable.auto.commit",
    "auto.commit.enable",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "isolation.level",
    "partition.assignment.strategy",
    "group.protocol",
    "enable.partition.eof",
    // They make up the time of a hand-over. A static member does not leave the group when it is stopped, so its
    // partitions would wait for the session timeout.
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "transaction.timeout.ms",
    "group.instance.id",
];

impl Config {
    /// Keys whose value cannot be used, each with what to do about it.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.brokers.trim().is_empty() {
            problems.push(("brokers", "is empty: name at least one broker as host:port".to_owned()));
        }
        if self.group.trim().is_empty() {
            problems.push(("group", "is empty: name the consumer group".to_owned()));
        }
        if self.output.cloudevents && self.group.len() > MAX_GROUP {
            let why =
                format!("is over {MAX_GROUP} bytes, too long for the headers of CloudEvents: shorten it");
            problems.push(("group", why));
        }
        let SchemaIds { article, duplicate, story } = self.output.schema_ids;
        for (key, id) in [
            ("output.schema_ids.article", article),
            ("output.schema_ids.duplicate", duplicate),
            ("output.schema_ids.story", story),
        ] {
            if i32::try_from(id).is_err() {
                problems
                    .push((key, "is over 2147483647, which no registry gives: see its answer".to_owned()));
            }
        }
        let names = self.topics.all();
        for (i, (key, name)) in names.iter().enumerate() {
            let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            if name.is_empty() || name.len() > 249 || !name.chars().all(legal) {
                let rule = "use 1 to 249 of letters, digits, `.`, `_` and `-`";
                problems.push((*key, format!("`{name}` is no topic name: {rule}")));
            }
            if let Some((other, _)) = names[..i].iter().find(|(_, earlier)| earlier == name) {
                problems.push((*key, format!("`{name}` is also {other}: each needs a topic of its own")));
            }
        }
        let positive = [
            ("partitions", u64::from(self.partitions)),
            ("batch_pages", self.batch_pages as u64),
            ("batch_bytes", self.batch_bytes as u64),
            ("connect_timeout_ms", self.connect_timeout_ms),
        ];
        for (key, value) in positive {
            if value == 0 {
                problems.push((key, "is 0: set at least 1".to_owned()));
            }
        }
        if self.batch_pages > 50_000 {
            problems.push((
                "batch_pages",
                "is over 50000: a batch is held in memory, make it smaller".to_owned(),
            ));
        }
        if self.in_flight_pages < self.batch_pages {
            problems
                .push(("in_flight_pages", format!("is below batch_pages ({}): raise it", self.batch_pages)));
        }
        if !(0.0..=1.0).contains(&self.max_rejected_share) {
            problems.push(("max_rejected_share", "is not between 0 and 1".to_owned()));
        }
        if self.rejected_share_pages < 100 {
            problems.push((
                "rejected_share_pages",
                "is below 100: a few bad pages would stop the worker".to_owned(),
            ));
        }
        if self.max_message_bytes < 65_536 {
            problems.push(("max_message_bytes", "is below 65536: most articles would not fit".to_owned()));
        }
        if !matches!(self.compression.as_str(), "none" | "gzip" | "lz4" | "snappy" | "zstd") {
            problems.push(("compression", "is none of `none`, `gzip`, `lz4`, `snappy`, `zstd`".to_owned()));
        }
        if self.session_timeout_ms < 6_000 {
            problems
                .push(("session_timeout_ms", "is below 6000, which brokers refuse by default".to_owned()));
        }
        if self.transaction_timeout_ms < 1_000 {
            problems.push(("transaction_timeout_ms", "is below 1000: a busy broker needs more".to_owned()));
        }
        if self.stop_timeout_ms > 8_000 {
            problems
                .push(("stop_timeout_ms", "is over 8000: a stop has to end within 10 seconds".to_owned()));
        }
        for (key, _) in self.properties.iter() {
            if OURS.contains(&key) {
                problems.push(("properties", format!("`{key}` is set by newsmill itself: take it out")));
            }
        }
        for key in self.properties_files.keys() {
            if OURS.contains(&key.as_str()) {
                problems
                    .push(("properties_files", format!("`{key}` is set by newsmill itself: take it out")));
            } else if self.properties.contains(key) {
                let both = "is set under properties too: take one of them out";
                problems.push(("properties_files", format!("`{key}` {both}")));
            }
        }
        if let Err(unread) = properties::read_files(&self.properties_files) {
            problems.extend(unread.into_iter().map(|problem| ("properties_files", problem)));
        }
        problems
    }

    /// This worker's name: as set, else host name and process id.
    pub fn worker_name(&self) -> String {
        if !self.worker_id.is_empty() {
            return self.worker_id.clone();
        }
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = if host.trim().is_empty() { "host" } else { host.trim() };
        format!("{host}-{}", std::process::id())
    }

    /// The transactional id of this worker.
    pub fn transactional_id(&self) -> String {
        format!("{}-{}", self.group, self.worker_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound() {
        assert_eq!(Config::default().problems(), Vec::new());
    }

    #[test]
    fn every_problem_is_found_at_once() {
        let mut config =
            Config { brokers: " ".into(), batch_pages: 0, compression: "rar".into(), ..Config::default() };
        config.topics.duplicates = "news.articles".into();
        config.properties.insert("group.id", "x");
        config.properties.insert("sasl.password", "x");
        config.properties_files.insert("sasl.password".into(), "/not/there".into());
        let keys: Vec<_> = config.problems().into_iter().map(|(key, _)| key).collect();
        assert_eq!(
            keys,
            [
                "brokers",
                "topics.duplicates",
                "batch_pages",
                "compression",
                "properties",
                "properties_files",
                "properties_files"
            ]
        );
    }
}
