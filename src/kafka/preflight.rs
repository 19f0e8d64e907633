//! Looks at the broker, the topics and the rights before anything else: what `run` needs, what `check` tells.
//!
//! Never joins the group and produces nothing. Every finding says what to do about it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;

use super::client::{self, Plain};
use super::error::{Error, advice, advice_for};
use super::settings::Config;

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `broker`, `topic news.pages` …
    pub what: String,
    /// Whether `newsmill run` can work with it.
    pub ok: bool,
    /// What was found, and where it is wrong what to do.
    pub detail: String,
}

impl Finding {
    fn good(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), ok: true, detail: detail.into() }
    }

    fn bad(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), ok: false, detail: detail.into() }
    }
}

/// A topic as newsmill needs it.
struct Wanted {
    name: String,
    partitions: u32,
    /// Settings by name.
    settings: BTreeMap<&'static str, String>,
}

const DAY_MS: u64 = 86_400_000;

/// The topics, with the settings that newsmill relies on. `window_days`: how long articles are remembered.
fn wanted(config: &Config, window_days: u32) -> Vec<Wanted> {
    let bytes = config.max_message_bytes.to_string();
    let topics = &config.topics;
    let plain = |name: &String| Wanted {
        name: name.clone(),
        partitions: config.partitions,
        settings: BTreeMap::from([("max.message.bytes", bytes.clone())]),
    };
    let mut out: Vec<_> =
        [&topics.pages, &topics.articles, &topics.duplicates, &topics.rejected].map(plain).into();
    // Entries are needed for the window; two days more let a worker that was away come back.
    let retention = (u64::from(window_days) + 2) * DAY_MS;
    out.push(Wanted {
        name: topics.sightings.clone(),
        partitions: 1,
        settings: BTreeMap::from([
            ("cleanup.policy", "delete".to_owned()),
            ("message.timestamp.type", "LogAppendTime".to_owned()),
            ("retention.bytes", "-1".to_owned()),
            ("retention.ms", retention.to_string()),
        ]),
    });
    out
}

/// The command that creates a topic.
fn command(config: &Config, topic: &Wanted) -> String {
    let mut out = format!(
        "kafka-topics.sh --bootstrap-server {} --create --topic {} --partitions {}",
        config.brokers, topic.name, topic.partitions
    );
    if config.replication_factor > 0 {
        out += &format!(" --replication-factor {}", config.replication_factor);
    }
    for (key, value) in &topic.settings {
        out += &format!(" --config {key}={value}");
    }
    out
}

/// The command that sets a topic's setting.
fn alter(config: &Config, topic: &str, key: &str, value: &str) -> String {
    format!(
        "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {topic} --add-config \
         {key}={value}",
        config.brokers
    )
}

struct Looker<'a> {
    config: &'a Config,
    window_days: u32,
    deadline: Instant,
    consumer: BaseConsumer<Plain>,
    admin: AdminClient<Plain>,
    runtime: tokio::runtime::Runtime,
}

impl<'a> Looker<'a> {
    fn new(config: &'a Config, window_days: u32, patience: Duration) -> Result<Self, Error> {
        let settings = client::admin(config);
        let unusable = |error: KafkaError| {
            Error::Configuration(format!("cannot create a Kafka client: {error}; check the section kafka"))
        };
        let consumer = settings.create_with_context(Plain).map_err(unusable)?;
        // The admin client is a producer to the library, which does not know the consumer's property.
        let mut settings = settings.clone();
        settings.remove("allow.auto.create.topics");
        let admin = settings.create_with_context(Plain).map_err(unusable)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Failed(format!("cannot start a runtime: {error}")))?;
        Ok(Self { config, window_days, deadline: Instant::now() + patience, consumer, admin, runtime })
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(200))
    }

    fn options(&self) -> AdminOptions {
        let left = self.left();
        AdminOptions::new().request_timeout(Some(left)).operation_timeout(Some(left))
    }

    /// All topics that the user may see.
    fn metadata(&self) -> Result<Metadata, Error> {
        let left = self.left();
        self.consumer.fetch_metadata(None, left).map_err(|error| {
            let brokers = &self.config.brokers;
            match advice_for(&error) {
                Some(advice) => Error::Failed(format!("{brokers}: {error}; {advice}")),
                None => Error::Unreachable(format!(
                    "no broker answers at {brokers} ({error}): check that Kafka runs there, that this machine may \
                     reach it, that its advertised listeners name an address known here, and that \
                     security.protocol fits"
                )),
            }
        })
    }

    /// Creates topics.
    fn create(&self, topics: &[&Wanted]) -> Result<(), Error> {
        let replication = match self.config.replication_factor {
            0 => -1,
            factor => i32::try_from(factor).unwrap_or(i32::MAX),
        };
        let new: Vec<_> = topics
            .iter()
            .map(|topic| {
                let partitions = i32::try_from(topic.partitions).unwrap_or(i32::MAX);
                let new = NewTopic::new(&topic.name, partitions, TopicReplication::Fixed(replication));
                topic.settings.iter().fold(new, |new, (key, value)| new.set(key, value))
            })
            .collect();
        let results = self.runtime.block_on(self.admin.create_topics(&new, &self.options()));
        let results = results.map_err(|error| Error::Failed(format!("cannot create topics: {error}")))?;
        for result in results {
            match result {
                Ok(name) => tracing::info!(name, "created the topic"),
                // Another worker was faster.
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((name, code)) => {
                    let advice = advice(code).unwrap_or("create it by hand: `newsmill check` prints how");
                    return Err(Error::Failed(format!("cannot create the topic {name}: {code}; {advice}")));
                }
            }
        }
        Ok(())
    }

    /// Settings of topics, by topic; a topic that the user may not look into is left out.
    fn settings(&self, topics: &[&Wanted]) -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
        let resources: Vec<_> = topics.iter().map(|topic| ResourceSpecifier::Topic(&topic.name)).collect();
        let described = self
            .runtime
            .block_on(self.admin.describe_configs(&resources, &self.options()))
            .map_err(|error| error.to_string())?;
        let mut out = BTreeMap::new();
        for resource in described.into_iter().flatten() {
            if let rdkafka::admin::OwnedResourceSpecifier::Topic(name) = &resource.specifier {
                let rows = resource.entries.iter();
                let rows = rows.filter_map(|row| Some((row.name.clone(), row.value.clone()?))).collect();
                out.insert(name.clone(), rows);
            }
        }
        Ok(out)
    }

    /// Every topic: there, with the partitions and settings that newsmill relies on.
    fn topics(&self, metadata: &Metadata) -> Vec<Finding> {
        let wanted = wanted(self.config, self.window_days);
        let present: Vec<_> = wanted
            .iter()
            .filter(|topic| {
                metadata.topics().iter().any(|row| row.name() == topic.name && row.error().is_none())
            })
            .collect();
        let settings = self.settings(&present);
        let mut findings = Vec::new();
        for topic in &wanted {
            let what = format!("topic {}", topic.name);
            let Some(row) = metadata.topics().iter().find(|row| row.name() == topic.name) else {
                if self.config.create_topics {
                    findings
                        .push(Finding::good(what, "is missing: run creates it (kafka.create_topics = true)"));
                    continue;
                }
                let how = command(self.config, topic);
                findings.push(Finding::bad(
                    what,
                    format!("is missing, or the user may not see it: set kafka.create_topics = true, or run\n  {how}"),
                ));
                continue;
            };
            if let Some(error) = row.error() {
                let code = RDKafkaErrorCode::from(error);
                let advice = advice(code).unwrap_or("see the broker's log");
                findings.push(Finding::bad(what, format!("{code}; {advice}")));
                continue;
            }
            let partitions = row.partitions().len();
            let mut problems = Vec::new();
            if topic.name == self.config.topics.sightings && partitions != 1 {
                problems.push(format!(
                    "has {partitions} partitions, but the sightings log needs one order, so exactly one: delete it \
                     and create it again with 1, or name another as kafka.topics.sightings"
                ));
            }
            let leaderless = row.partitions().iter().filter(|partition| partition.leader() < 0).count();
            if leaderless > 0 {
                problems.push(format!("{leaderless} of its partitions have no leader: see the broker's log"));
            }
            match settings.as_ref().map(|settings| settings.get(&topic.name)) {
                Ok(Some(rows)) => problems.extend(self.differences(topic, rows)),
                // Without the right to look the settings cannot be checked; run works all the same.
                Ok(None) => {}
                Err(error) => tracing::debug!(error, "settings of topics cannot be read"),
            }
            findings.push(if problems.is_empty() {
                let looked = matches!(&settings, Ok(settings) if settings.contains_key(&topic.name));
                let note = if looked { "" } else { "; its settings could not be read (DESCRIBE_CONFIGS)" };
                let noun = if partitions == 1 { "partition" } else { "partitions" };
                Finding::good(what, format!("{partitions} {noun}{note}"))
            } else {
                Finding::bad(what, problems.join("\n  "))
            });
        }
        findings
    }

    fn differences(&self, topic: &Wanted, rows: &BTreeMap<String, String>) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, value) in &topic.settings {
            let Some(found) = rows.get(*key) else { continue };
            // How large pages are is for their producer to say.
            if *key == "max.message.bytes" && topic.name == self.config.topics.pages {
                continue;
            }
            let enough = match *key {
                "retention.ms" | "retention.bytes" | "max.message.bytes" => {
                    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
                    let (found, wanted) = (number(found), number(value));
                    // -1 is without limit, for retention.
                    found < 0 || (wanted >= 0 && found >= wanted)
                }
                _ => found == value,
            };
            if !enough {
                problems.push(format!(
                    "{key} is {found}, needed is {value}: run\n  {}{}",
                    alter(self.config, &topic.name, key, value),
                    if *key == "max.message.bytes" { "\n  or lower kafka.max_message_bytes" } else { "" }
                ));
            }
        }
        problems
    }

    /// The group: whether the user may look at it, and whom it has. Does not join.
    fn group(&self) -> Finding {
        let what = format!("group {}", self.config.group);
        match self.consumer.fetch_group_list(Some(&self.config.group), self.left()) {
            Ok(list) => match list.groups().first() {
                Some(group) => {
                    Finding::good(what, format!("{}, {} members", group.state(), group.members().len()))
                }
                None => Finding::good(what, "new"),
            },
            Err(error) => {
                let advice = advice_for(&error).unwrap_or("see the broker's log");
                Finding::bad(what, format!("{error}; {advice}"))
            }
        }
    }
}

/// What `run` does first: waits for the broker, creates topics if it may, and insists on what it relies on.
pub(super) fn prepare(config: &Config, window_days: u32) -> Result<(), Error> {
    let looker = Looker::new(config, window_days, Duration::from_millis(config.connect_timeout_ms))?;
    let mut metadata = looker.metadata()?;
    let topics = wanted(config, window_days);
    let missing = |metadata: &Metadata| -> Vec<&Wanted> {
        let there = |name: &str| metadata.topics().iter().any(|row| row.name() == name);
        topics.iter().filter(|topic| !there(&topic.name)).collect()
    };
    if config.create_topics && !missing(&metadata).is_empty() {
        looker.create(&missing(&metadata))?;
        // A new topic shows a moment later.
        for _ in 0..50 {
            metadata = looker.metadata()?;
            if missing(&metadata).is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    let bad: Vec<_> = looker.topics(&metadata).into_iter().filter(|finding| !finding.ok).collect();
    if bad.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = bad.iter().map(|finding| format!("{}: {}", finding.what, finding.detail)).collect();
    Err(Error::Failed(format!("the topics are not as newsmill needs them:\n{}", lines.join("\n"))))
}

/// Looks at everything that `run` needs, within 10 seconds.
///
/// # Errors
/// The broker does not answer, or the client cannot be made.
pub fn check(config: &Config, window_days: u32) -> Result<Vec<Finding>, Error> {
    let looker = Looker::new(config, window_days, Duration::from_secs(9))?;
    let metadata = looker.metadata()?;
    let brokers = metadata.brokers().len();
    let noun = if brokers == 1 { "broker" } else { "brokers" };
    let mut findings = vec![Finding::good("broker", format!("{brokers} {noun} at {}", config.brokers))];
    findings.extend(looker.topics(&metadata));
    findings.push(looker.group());
    Ok(findings)
}
