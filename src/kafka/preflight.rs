//! Looks at the broker, the topics and the rights before anything else: what `run` needs, what `check` tells.
//!
//! Never joins the group. Every finding says what to do about it.

mod cluster;
mod finding;
mod rights;
mod topics;

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResourceResult, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;

pub use self::finding::{Finding, Level};
use super::client;
use super::error::{Error, advice, advice_for};
use super::heard::Hearing;
use super::properties::{bare, refusal};
use super::routes::Routes;
use super::settings::Config;
use super::start::bad_routes;
use crate::pipeline::Vocabulary;
use crate::sightings::Settings;

/// A check has ended after so long, whatever the broker does.
const CHECK_WITHIN: Duration = Duration::from_millis(9_500);
/// A broker that has not answered by then is not waited for any more; it leaves time for the rest.
const BROKER_WITHIN: Duration = Duration::from_secs(8);
/// Things that the client has to say which are heard between two requests.
const SERVE_AT_ONCE: usize = 500;
/// Longest wait for the answer to a question about settings, or to the wish for a topic.
const REQUEST_WITHIN: Duration = Duration::from_secs(3);
/// The first request for metadata, after which the client's own errors are looked at; each next one has twice as long.
const FIRST_SLICE: Duration = Duration::from_millis(500);

/// A topic as newsmill needs it.
struct Wanted {
    name: String,
    partitions: u32,
    /// Settings by name.
    settings: BTreeMap<&'static str, String>,
    /// Newsmill does not run without it. Of a topic that a route names for a language or a topic it does: what would go
    /// there goes where it goes by default.
    required: bool,
}

impl Wanted {
    /// What findings call it.
    fn what(&self) -> String {
        format!("topic {}", self.name)
    }
}

const DAY_MS: u64 = 86_400_000;

/// The topics, with the settings that newsmill relies on. `window_days`: how long articles are remembered; `routes`: topics
/// that routes can name, with whether they have to be there.
fn wanted(config: &Config, window_days: u32, routes: &BTreeMap<String, bool>) -> Vec<Wanted> {
    let bytes = config.max_message_bytes.to_string();
    let topics = &config.topics;
    let plain = |name: &String| Wanted {
        name: name.clone(),
        partitions: config.partitions,
        settings: BTreeMap::from([("max.message.bytes", bytes.clone())]),
        required: true,
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
        required: true,
    });
    for (name, required) in routes {
        if !out.iter().any(|topic| topic.name == *name) {
            out.push(Wanted { required: *required, ..plain(name) });
        }
    }
    out
}

struct Looker<'a> {
    config: &'a Config,
    /// What newsmill relies on.
    wanted: Vec<Wanted>,
    /// Largest body that is read; `None` where that does not matter.
    body_bytes: Option<usize>,
    deadline: Instant,
    hearing: Hearing,
    consumer: BaseConsumer<Hearing>,
    admin: AdminClient<Hearing>,
    /// Whether the admin client can ask at all. With OAUTHBEARER it cannot: the library never gives it a token, and each of
    /// its requests would only wait.
    can_describe: bool,
    runtime: tokio::runtime::Runtime,
}

impl<'a> Looker<'a> {
    fn new(config: &'a Config, wanted: Vec<Wanted>, patience: Duration) -> Result<Self, Error> {
        let settings = client::admin(config);
        let unusable = |error: KafkaError| {
            let refusal = refusal(&error);
            Error::Configuration(format!("cannot create a Kafka client: {refusal}; check the section kafka"))
        };
        let hearing = Hearing::default();
        let consumer = settings.create_with_context(hearing.clone()).map_err(unusable)?;
        // The admin client is a producer to the library, which does not know the consumer's property.
        let mut settings = settings.clone();
        settings.remove("allow.auto.create.topics");
        let admin = settings.create_with_context(hearing.clone()).map_err(unusable)?;
        let mechanism = settings.get("sasl.mechanisms").or_else(|| settings.get("sasl.mechanism"));
        let can_describe = !mechanism.is_some_and(|name| name.eq_ignore_ascii_case("OAUTHBEARER"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Failed(format!("cannot start a runtime: {error}; raise the limit of threads of this user or control group")))?;
        let deadline = Instant::now() + patience;
        Ok(Self {
            config,
            wanted,
            body_bytes: None,
            deadline,
            hearing,
            consumer,
            admin,
            can_describe,
            runtime,
        })
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(200))
    }

    /// Settings of topics or brokers, each resource with its own answer.
    fn describe(&self, resources: &[ResourceSpecifier<'_>]) -> Result<Vec<ConfigResourceResult>, String> {
        if !self.can_describe {
            return Err("the client cannot ask".to_owned());
        }
        let described = self.admin.describe_configs(resources, &self.options());
        self.runtime.block_on(described).map_err(|error| error.to_string())
    }

    /// What would let a look at settings through.
    fn way_to_describe(&self, what: &str) -> String {
        if self.can_describe {
            format!("for a look allow DESCRIBE_CONFIGS on {what}")
        } else {
            "with OAUTHBEARER the Kafka client cannot ask for them".to_owned()
        }
    }

    fn options(&self) -> AdminOptions {
        // One answer that does not come must not take the time of all the others.
        let left = self.left().min(REQUEST_WITHIN);
        AdminOptions::new().request_timeout(Some(left)).operation_timeout(Some(left))
    }

    /// All topics that the user may see. Waits for a broker at most `patience`; one that refuses the credentials is not
    /// asked again.
    fn metadata(&self, patience: Duration) -> Result<Metadata, Error> {
        let until = Instant::now() + patience.min(self.left());
        let brokers = bare(&self.config.brokers);
        let mut slice = FIRST_SLICE;
        loop {
            let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(100));
            let error = match self.consumer.fetch_metadata(None, slice.min(left)) {
                Ok(metadata) => return Ok(metadata),
                Err(error) => error,
            };
            slice *= 2;
            // Serves what the client has to say: one thing a poll, and each attempt to connect leaves some.
            for _ in 0..SERVE_AT_ONCE {
                let _nothing_is_assigned = self.consumer.poll(Duration::ZERO);
            }
            if let Some((code, said)) = self.hearing.decisive() {
                let advice = advice(code).unwrap_or_default();
                return Err(Error::Failed(format!("{brokers}: {code}: {said}; {advice}")));
            }
            if let Some(advice) = advice_for(&error) {
                return Err(Error::Failed(format!("{brokers}: {error}; {advice}")));
            }
            if Instant::now() >= until {
                return Err(Error::Unreachable(format!(
                    "no broker answers at {brokers} ({error}): check that Kafka runs there, that this machine may reach it, \
                     that its advertised listeners name an address known here, and that security.protocol fits"
                )));
            }
        }
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
        let results = results.map_err(|error| {
            Error::Failed(format!(
                "cannot create topics: {error}; create them by hand: `newsmill check` prints the commands"
            ))
        })?;
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

    /// The topics as they are after those that are missing were created, if that may be.
    fn settled(&self) -> Result<Metadata, Error> {
        let mut metadata = self.metadata(Duration::from_millis(self.config.connect_timeout_ms))?;
        let missing = |metadata: &Metadata| -> Vec<&Wanted> {
            let there = |name: &str| metadata.topics().iter().any(|row| row.name() == name);
            self.wanted.iter().filter(|topic| !there(&topic.name)).collect()
        };
        if self.config.create_topics && !missing(&metadata).is_empty() {
            self.create(&missing(&metadata))?;
            // A new topic shows a moment later.
            for _ in 0..50 {
                metadata = self.metadata(Duration::from_secs(5))?;
                if missing(&metadata).is_empty() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        Ok(metadata)
    }
}

/// What `run` does first: waits for the broker, creates topics if it may, and insists on what it relies on. Gives the names
/// of the topics that are there.
pub(super) fn prepare(config: &Config, window_days: u32, routes: &Routes) -> Result<Vec<String>, Error> {
    let topics = wanted(config, window_days, routes.names());
    let looker = Looker::new(config, topics, Duration::from_millis(config.connect_timeout_ms))?;
    let metadata = looker.settled()?;
    let bad: Vec<_> = looker.topics(&metadata).into_iter().filter(Finding::is_problem).collect();
    if bad.is_empty() {
        return Ok(metadata.topics().iter().map(|row| row.name().to_owned()).collect());
    }
    let lines: Vec<_> = bad.iter().map(ToString::to_string).collect();
    Err(Error::Failed(format!("the topics are not as newsmill needs them:\n{}", lines.join("\n"))))
}

/// What an import does first: waits for the broker, and creates the topic of pages that it writes to if it may. Gives the
/// topic's `max.message.bytes`, if the broker tells.
pub(super) fn prepare_pages(config: &Config, topic: &str) -> Result<Option<i64>, Error> {
    let mut topics = wanted(config, 0, &BTreeMap::from([(topic.to_owned(), true)]));
    topics.retain(|wanted| wanted.name == topic);
    let looker = Looker::new(config, topics, Duration::from_millis(config.connect_timeout_ms))?;
    looker.largest_batch(&looker.settled()?)
}

/// What a check holds the broker against besides the settings of Kafka.
#[derive(Debug, Clone)]
pub struct Expected {
    /// How long articles are remembered.
    pub window_days: u32,
    /// Largest body that is read, in bytes.
    pub body_bytes: usize,
    /// What verdicts depend on.
    pub settings: Settings,
    /// What routes may name.
    pub vocabulary: Vocabulary,
    /// Also try to write, in a transaction that is given up.
    pub write: bool,
}

/// What the thread of a check says.
enum Said {
    /// It looks at this now.
    At(&'static str),
    Found(Vec<Finding>),
    End(Result<(), Error>),
}

/// Looks at everything that `run` needs. Has ended after 10 seconds: what the broker does not answer by then is a finding.
///
/// # Errors
/// The broker does not answer at all, refuses the credentials, or the client cannot be made.
pub fn check(config: &Config, expected: &Expected) -> Result<Vec<Finding>, Error> {
    let deadline = Instant::now() + CHECK_WITHIN;
    let (sender, said) = mpsc::channel();
    let (config, expected) = (config.clone(), expected.clone());
    // A thread of its own: to close a client whose broker does not answer has no bound.
    let looking = std::thread::Builder::new()
        .name("check".into())
        .spawn(move || {
            let result = look(&config, &expected, &sender);
            let _nobody_waits = sender.send(Said::End(result));
        })
        .map_err(|error| {
            Error::Failed(format!(
                "cannot start a thread: {error}; raise the limit of threads of this user or control group"
            ))
        })?;
    let (mut findings, mut at) = (Vec::new(), "broker");
    loop {
        match said.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Said::At(next)) => at = next,
            Ok(Said::Found(found)) => findings.extend(found),
            Ok(Said::End(result)) => {
                // What the thread leaves behind in the library for TLS must be gone before the process takes that down.
                let _it_has_ended = looking.join();
                return result.map(|()| findings);
            }
            Err(_) => {
                let detail = format!("no answer within {} s", CHECK_WITHIN.as_secs());
                findings.push(Finding::problem(at, detail, "see the broker's log, and check again"));
                return Ok(findings);
            }
        }
    }
}

/// Looks at one thing after the other, and sends what it finds.
fn look(config: &Config, expected: &Expected, sender: &mpsc::Sender<Said>) -> Result<(), Error> {
    let say = |said| {
        let _nobody_waits = sender.send(said);
    };
    let started = Instant::now();
    let routes = Routes::new(&config.rules, config.routes, &config.topics, &expected.vocabulary)
        .map_err(|problems| bad_routes(&problems))?;
    let topics = wanted(config, expected.window_days, routes.names());
    let mut looker = Looker::new(config, topics, CHECK_WITHIN - Duration::from_millis(300))?;
    looker.body_bytes = Some(expected.body_bytes);
    let metadata = looker.metadata(BROKER_WITHIN)?;
    let (brokers, millis) = (metadata.brokers().len(), started.elapsed().as_millis());
    let noun = if brokers == 1 { "broker" } else { "brokers" };
    let detail = format!("{brokers} {noun} at {}, answered within {millis} ms", bare(&config.brokers));
    say(Said::Found(vec![Finding::ok("broker", detail)]));
    say(Said::At("topics"));
    say(Said::Found(looker.topics(&metadata)));
    say(Said::Found(looker.routes(&metadata, &expected.vocabulary)));
    say(Said::At("settings of brokers"));
    say(Said::Found(looker.brokers(&metadata)));
    say(Said::At("group"));
    say(Said::Found(vec![looker.delivery(), looker.group()]));
    say(Said::At("rights"));
    say(Said::Found(looker.reading(&metadata, &expected.settings)?));
    let rest = if expected.write { looker.writing(&metadata)? } else { vec![looker.untried()] };
    say(Said::Found(rest));
    // What was found is on its way: closing the clients may take its time.
    say(Said::End(Ok(())));
    Ok(())
}
