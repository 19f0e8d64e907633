//! The topics: there, with the partitions, replicas and settings that newsmill relies on.

use std::collections::BTreeMap;

use rdkafka::admin::{OwnedResourceSpecifier, ResourceSpecifier};
use rdkafka::consumer::Consumer;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::metadata::{Metadata, MetadataTopic};

use super::{Finding, Looker, Wanted};
use crate::kafka::error::{Error, advice};
use crate::kafka::settings::Config;
use crate::pipeline::Vocabulary;

/// What a rejection has besides the untouched value of its page: headers.
const REJECTION_BYTES: i64 = 4096;

/// Settings of topics by topic and name.
type Settings = BTreeMap<String, BTreeMap<String, String>>;

/// The command that creates a topic.
fn create_command(config: &Config, topic: &Wanted) -> String {
    let mut out = format!(
        "kafka-topics.sh --bootstrap-server {} --create --topic {} --partitions {}",
        crate::kafka::bare(&config.brokers),
        topic.name,
        topic.partitions
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
fn alter_command(config: &Config, topic: &str, key: &str, value: &str) -> String {
    format!(
        "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {topic} --add-config \
         {key}={value}",
        crate::kafka::bare(&config.brokers)
    )
}

/// A whole number among settings.
fn number(settings: &BTreeMap<String, String>, key: &str) -> Option<i64> {
    settings.get(key)?.parse().ok()
}

impl Looker<'_> {
    /// Settings of topics; a topic that the user may not look into is left out.
    fn settings(&self, topics: &[&Wanted]) -> Result<Settings, String> {
        let resources: Vec<_> = topics.iter().map(|topic| ResourceSpecifier::Topic(&topic.name)).collect();
        let described = self.describe(&resources)?;
        let mut out = BTreeMap::new();
        for resource in described.into_iter().flatten() {
            if let OwnedResourceSpecifier::Topic(name) = &resource.specifier {
                let rows = resource.entries.iter();
                let rows = rows.filter_map(|row| Some((row.name.clone(), row.value.clone()?))).collect();
                out.insert(name.clone(), rows);
            }
        }
        Ok(out)
    }

    /// `max.message.bytes` of the one topic that is wanted, if the broker tells.
    ///
    /// # Errors
    /// The topic is not there.
    pub(super) fn largest_batch(&self, metadata: &Metadata) -> Result<Option<i64>, Error> {
        let Some(topic) = self.wanted.first() else { return Ok(None) };
        let row = metadata.topics().iter().find(|row| row.name() == topic.name);
        if row.is_none_or(|row| row.error().is_some()) {
            return Err(Error::Failed(self.missing(topic).to_string()));
        }
        let settings = self.settings(&[topic]).unwrap_or_default();
        Ok(settings.get(&topic.name).and_then(|rows| number(rows, "max.message.bytes")))
    }

    /// Every topic, and what is to be said of them together.
    pub(super) fn topics(&self, metadata: &Metadata) -> Vec<Finding> {
        let wanted = &self.wanted;
        let row_of = |topic: &Wanted| metadata.topics().iter().find(|row| row.name() == topic.name);
        let present: Vec<_> =
            wanted.iter().filter(|topic| row_of(topic).is_some_and(|row| row.error().is_none())).collect();
        let settings = self.settings(&present).unwrap_or_else(|error| {
            tracing::debug!(error, "settings of topics cannot be read");
            Settings::new()
        });
        let mut findings = Vec::new();
        for topic in wanted {
            let Some(row) = row_of(topic) else {
                // What is said of the others is said of the routes together.
                findings.extend(topic.required.then(|| self.missing(topic)));
                continue;
            };
            if let Some(error) = row.error() {
                let code = RDKafkaErrorCode::from(error);
                let remedy = advice(code).unwrap_or("see the broker's log");
                findings.push(Finding::problem(topic.what(), code.to_string(), remedy));
                continue;
            }
            findings.extend(self.one(topic, row, settings.get(&topic.name), metadata.brokers().len()));
        }
        findings.extend(self.sizes(&settings));
        let hidden: Vec<_> = present.iter().filter(|topic| !settings.contains_key(&topic.name)).collect();
        if !hidden.is_empty() {
            let names: Vec<_> = hidden.iter().map(|topic| topic.name.as_str()).collect();
            let (names, way) = (names.join(", "), self.way_to_describe("the topics"));
            let detail =
                format!("cannot be seen: {names}; run goes without a look at sizes and retention; {way}");
            findings.push(Finding::note("settings of topics", detail));
        }
        findings
    }

    /// The routes, each with the topics that it can name, and which of them are not there.
    pub(super) fn routes(&self, metadata: &Metadata, vocabulary: &Vocabulary) -> Vec<Finding> {
        let there = |name: &str| metadata.topics().iter().any(|row| row.name() == name);
        let rules = self.config.rules.iter().enumerate();
        rules
            .map(|(i, rule)| {
                let what = format!("route {} ({})", i + 1, rule.topic);
                let names = rule.all_names(vocabulary);
                let (present, absent): (Vec<_>, Vec<_>) = names.iter().partition(|name| there(name));
                let list =
                    |names: &[&String]| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
                let noun = if names.len() == 1 { "topic" } else { "topics" };
                let mut detail = format!("can name {} {noun}", names.len());
                if !present.is_empty() {
                    detail += &format!("; there: {}", list(&present));
                }
                if absent.is_empty() || rule.is_fixed() {
                    return Finding::ok(what, detail);
                }
                let then = if self.config.create_topics {
                    "run creates them (kafka.create_topics = true)"
                } else {
                    "what is for them goes where it goes by default, until they are there"
                };
                Finding::note(what, format!("{detail}; not there: {}; {then}", list(&absent)))
            })
            .collect()
    }

    /// A topic that is not among those that the user sees: asked for by name, the broker tells why.
    fn missing(&self, topic: &Wanted) -> Finding {
        let asked = self.consumer.fetch_metadata(Some(&topic.name), self.left());
        let error = asked.ok().and_then(|metadata| metadata.topics().first()?.error());
        if error.map(RDKafkaErrorCode::from) == Some(RDKafkaErrorCode::TopicAuthorizationFailed) {
            let remedy = advice(RDKafkaErrorCode::TopicAuthorizationFailed).unwrap_or_default();
            return Finding::problem(topic.what(), "this user may not see it", remedy);
        }
        if self.config.create_topics {
            return Finding::ok(topic.what(), "is missing: run creates it (kafka.create_topics = true)");
        }
        Finding::problem(topic.what(), "is missing", "set kafka.create_topics = true, or run")
            .or(create_command(self.config, topic))
    }

    /// One topic that is there.
    fn one(
        &self,
        topic: &Wanted,
        row: &MetadataTopic,
        settings: Option<&BTreeMap<String, String>>,
        brokers: usize,
    ) -> Vec<Finding> {
        let what = topic.what();
        let partitions = row.partitions();
        let mut out = Vec::new();
        if topic.name == self.config.topics.sightings && partitions.len() != 1 {
            out.push(Finding::problem(
                &what,
                format!("has {} partitions, but the sightings log needs one order", partitions.len()),
                "delete it and create it again with 1 partition, or name another as kafka.topics.sightings",
            ));
        }
        let leaderless = partitions.iter().filter(|partition| partition.leader() < 0).count();
        if leaderless > 0 {
            let detail = format!("{leaderless} of its partitions have no leader");
            out.push(Finding::problem(&what, detail, "start the brokers that hold them, see their logs"));
        }
        let replicas = partitions.iter().map(|partition| partition.replicas().len()).min().unwrap_or(0);
        let in_sync = partitions.iter().map(|partition| partition.isr().len()).min().unwrap_or(0);
        let least = settings.and_then(|rows| number(rows, "min.insync.replicas"));
        if let Some(least) = least.and_then(|least| usize::try_from(least).ok()) {
            if least > replicas {
                out.push(Finding::problem(
                    &what,
                    format!("min.insync.replicas is {least}, but it has {replicas} replicas: no record is ever taken"),
                    "lower it",
                ).or(alter_command(self.config, &topic.name, "min.insync.replicas", &replicas.to_string())));
            } else if in_sync < least {
                out.push(Finding::problem(
                    &what,
                    format!("{in_sync} replicas are in sync, needed are {least}: no record is taken now"),
                    "start the brokers that hold the others, see their logs",
                ));
            } else if replicas > 2 && least < 2 {
                out.push(Finding::warning(
                    &what,
                    "min.insync.replicas is 1: a record that one broker alone has is acknowledged, and lost with it",
                    "run",
                ).or(alter_command(self.config, &topic.name, "min.insync.replicas", "2")));
            }
        }
        if replicas == 1 && brokers > 1 {
            out.push(Finding::warning(
                &what,
                format!("has 1 replica on {brokers} brokers: the broker that holds it takes it along when it is away"),
                "give it 3 (kafka-reassign-partitions.sh), or make it anew with kafka.replication_factor = 3",
            ));
        }
        out.extend(settings.into_iter().flat_map(|rows| self.differences(topic, rows)));
        if !out.iter().any(Finding::is_problem) {
            let noun = if partitions.len() == 1 { "partition" } else { "partitions" };
            let copies = if replicas == 1 { "1 replica".to_owned() } else { format!("{replicas} replicas") };
            out.insert(0, Finding::ok(&what, format!("{} {noun}, {copies}", partitions.len())));
        }
        out
    }

    fn differences(&self, topic: &Wanted, rows: &BTreeMap<String, String>) -> Vec<Finding> {
        let mut out = Vec::new();
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
                let finding =
                    Finding::problem(topic.what(), format!("{key} is {found}, needed is {value}"), "run")
                        .or(alter_command(self.config, &topic.name, key, value));
                let lower = "or lower kafka.max_message_bytes";
                out.push(if *key == "max.message.bytes" { finding.or(lower) } else { finding });
            }
        }
        let compacted = rows.get("cleanup.policy").is_some_and(|policy| policy.contains("compact"));
        if compacted && topic.name == self.config.topics.rejected {
            out.push(
                Finding::warning(
                    topic.what(),
                    "is compacted: a rejected page without a key is refused, and one with the key of another removes it",
                    "run",
                )
                .or(alter_command(self.config, &topic.name, "cleanup.policy", "delete")),
            );
        }
        out
    }

    /// Sizes against each other: what may come in, what is read of it, and what can be kept of a rejection.
    fn sizes(&self, settings: &Settings) -> Vec<Finding> {
        let of = |topic: &str| settings.get(topic).and_then(|rows| number(rows, "max.message.bytes"));
        let topics = &self.config.topics;
        let Some(pages) = of(&topics.pages) else { return Vec::new() };
        let mut out = Vec::new();
        let own = i64::try_from(self.config.max_message_bytes).unwrap_or(i64::MAX);
        let kept = of(&topics.rejected).map_or(own, |bytes| bytes.min(own));
        let needed = pages.saturating_add(REJECTION_BYTES);
        if kept < needed {
            out.push(
                Finding::warning(
                    "sizes",
                    format!(
                        "a page may have {pages} bytes, but its rejection at most {kept}: larger ones are rejected without \
                         their bytes"
                    ),
                    format!("set kafka.max_message_bytes = {needed}, and run"),
                )
                .or(alter_command(self.config, &topics.rejected, "max.message.bytes", &needed.to_string())),
            );
        }
        if let Some(body) = self.body_bytes.and_then(|bytes| i64::try_from(bytes).ok()) {
            let (name, read) = (&topics.pages, format!("decode.max_body_bytes is {body}"));
            if pages < body {
                let detail =
                    format!("{name} takes records of {pages} bytes ({read}): larger pages never come in");
                let mut note = Finding::note("sizes", detail);
                note.remedy = vec![
                    "where there are larger pages, run".to_owned(),
                    alter_command(self.config, name, "max.message.bytes", &needed.max(body).to_string()),
                ];
                out.push(note);
            } else if out.is_empty() {
                let detail = format!("{name} takes records of {pages} bytes, {read}, rejections keep {kept}");
                out.push(Finding::ok("sizes", detail));
            }
        }
        out
    }
}
