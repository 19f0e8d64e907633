//! Rights, the clock, and the settings in the sightings log: what only shows when something is read or written.
//!
//! Nothing here joins the group or leaves anything behind that a reader sees. A record is read without the group at the
//! end of the topics that newsmill reads. Whether the user may write, commit and use the transactional id shows in writing
//! alone: that is tried where the user of `check` asks for it, in a transaction that is given up.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::metadata::Metadata;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};

use super::{Finding, Looker};
use crate::kafka::error::{Error, advice_for};
use crate::kafka::heard::Hearing;
use crate::kafka::properties::refusal;
use crate::kafka::settings::Delivery;
use crate::kafka::{client, start};
use crate::sightings::{Entry, Settings};

/// How long one read may take.
const READ_WAIT: Duration = Duration::from_secs(2);
/// How long it may take until transactions can begin.
const BEGIN_WAIT: Duration = Duration::from_secs(4);
/// How long one step of a transaction may take.
const STEP_WAIT: Duration = Duration::from_millis(1500);
/// How long the log is read for its settings.
const SETTINGS_WAIT: Duration = Duration::from_millis(1500);
/// Our clock may be behind the broker's by so much.
const CLOCK_MS: i64 = 2_000;

/// What became of a read at a position.
enum Got<T> {
    Record(T),
    /// The end, or nothing in time.
    Nothing {
        at_end: bool,
    },
    Failed(KafkaError),
}

fn failed(error: &KafkaError) -> Error {
    Error::Configuration(format!("cannot create a Kafka client: {}; check the section kafka", refusal(error)))
}

impl Looker<'_> {
    fn reader(&self) -> Result<BaseConsumer<Hearing>, Error> {
        let mut settings = client::tail(self.config);
        settings.set("fetch.wait.max.ms", "50");
        settings.create_with_context(self.hearing.clone()).map_err(|error| failed(&error))
    }

    /// Reads on from a position, until `each` has had enough, the partition ends, or the time is over.
    fn read<T>(
        &self,
        reader: &BaseConsumer<Hearing>,
        (topic, partition): (&str, i32),
        from: Offset,
        wait: Duration,
        mut each: impl FnMut(&BorrowedMessage<'_>) -> Option<T>,
    ) -> Got<T> {
        let mut list = TopicPartitionList::new();
        if let Err(error) =
            list.add_partition_offset(topic, partition, from).and_then(|()| reader.assign(&list))
        {
            return Got::Failed(error);
        }
        let until = Instant::now() + wait.min(self.left());
        while Instant::now() < until {
            match reader.poll(Duration::from_millis(50)) {
                None => {}
                Some(Ok(message)) => {
                    if let Some(found) = each(&message) {
                        return Got::Record(found);
                    }
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Got::Nothing { at_end: true },
                Some(Err(error)) if advice_for(&error).is_some() => return Got::Failed(error),
                Some(Err(error)) => tracing::debug!(%error, "while reading"),
            }
        }
        Got::Nothing { at_end: false }
    }

    /// Whether the topics that newsmill reads may be read, the clock, and the settings in the sightings log.
    pub(super) fn reading(&self, metadata: &Metadata, settings: &Settings) -> Result<Vec<Finding>, Error> {
        let reader = self.reader()?;
        let topics = &self.config.topics;
        let led = |name: &str| {
            let row = metadata.topics().iter().find(|row| row.name() == name && row.error().is_none())?;
            row.partitions()
                .iter()
                .find(|partition| partition.leader() >= 0)
                .map(rdkafka::metadata::MetadataPartition::id)
        };
        let mut out = Vec::new();
        let mut seen = Vec::new();
        if let Some(partition) = led(&topics.pages) {
            let got = self.read(&reader, (&topics.pages, partition), Offset::End, READ_WAIT, |_| Some(()));
            self.may_read(&topics.pages, &got, &mut seen, &mut out);
        }
        if led(&topics.sightings).is_some() {
            let log = (topics.sightings.as_str(), 0);
            let last = Offset::OffsetTail(1);
            let got =
                self.read(&reader, log, last, READ_WAIT, |message| Some(message.timestamp().to_millis()));
            self.may_read(&topics.sightings, &got, &mut seen, &mut out);
            let time = if let Got::Record(time) = got { time } else { None };
            out.push(clock(time));
            out.extend(self.log_settings(&reader, log, settings));
        }
        if !seen.is_empty() {
            out.insert(0, Finding::ok("rights", format!("may read {}", seen.join(" and "))));
        }
        Ok(out)
    }

    fn may_read<T>(&self, topic: &str, got: &Got<T>, seen: &mut Vec<String>, out: &mut Vec<Finding>) {
        match got {
            Got::Record(_) | Got::Nothing { at_end: true } => seen.push(topic.to_owned()),
            Got::Nothing { at_end: false } => {
                let detail = format!("no answer to a read of {topic} within {} s", READ_WAIT.as_secs());
                out.push(Finding::warning(
                    "rights",
                    detail,
                    "try again; if it stays so, see the broker's log",
                ));
            }
            Got::Failed(error) => {
                let remedy = advice_for(error).unwrap_or("see the broker's log");
                out.push(Finding::problem("rights", format!("may not read {topic}: {error}"), remedy));
            }
        }
    }

    /// The settings that stand in the log against ours, as far as the log can be read in time.
    fn log_settings(
        &self,
        reader: &BaseConsumer<Hearing>,
        log: (&str, i32),
        own: &Settings,
    ) -> Option<Finding> {
        let what = "settings in the sightings log";
        let mut logged = None;
        let mut unreadable = None;
        let got = self.read(reader, log, Offset::Beginning, SETTINGS_WAIT, |message| {
            match Entry::decode(message.payload().unwrap_or_default()) {
                Ok(Entry::Settings(settings)) => logged = Some(settings),
                Ok(_) => {}
                Err(error) => {
                    unreadable = Some(format!("entry {} cannot be read: {error}", message.offset()));
                    return Some(());
                }
            }
            None
        });
        if let Some(detail) = unreadable {
            let remedy = "it was written by a newer release (upgrade this one) or by another program (give newsmill a topic \
                          of its own)";
            return Some(Finding::problem(what, detail, remedy));
        }
        let whole = matches!(got, Got::Nothing { at_end: true });
        match logged {
            Some(logged) if logged == *own => {
                Some(Finding::ok(what, "are those of this configuration and release"))
            }
            Some(logged) if whole => {
                let said = start::other_settings(&logged, own);
                let (detail, remedy) = said.rsplit_once('\n').unwrap_or((&said, ""));
                Some(Finding::problem(what, detail, remedy))
            }
            // They may have been replaced further on.
            Some(_) => Some(Finding::note(
                what,
                "were others at its beginning; whether they were replaced since, run says at once, without changing anything",
            )),
            None if whole => Some(Finding::ok(what, "are not there yet: the first worker writes them")),
            None => None,
        }
    }

    /// What of the rights was not tried, and the commands that give all that are needed.
    pub(super) fn untried(&self) -> Finding {
        let mut note = Finding::note(
            "rights",
            "to write, to join the group and to use the transactional id show in doing so: `newsmill check --write` tries \
             the writing, in a transaction that is given up",
        );
        note.remedy = self.acl_commands();
        note
    }

    /// The commands that give the rights that newsmill needs; none where nobody logs in.
    fn acl_commands(&self) -> Vec<String> {
        let property = |key: &str| {
            self.config.properties.iter().find_map(|(name, value)| (name == key).then(|| value.to_owned()))
        };
        if property("security.protocol").is_none_or(|protocol| protocol.eq_ignore_ascii_case("plaintext")) {
            return Vec::new();
        }
        let user = property("sasl.username").unwrap_or_else(|| "NAME".into());
        let topics = &self.config.topics;
        let brokers = crate::kafka::bare(&self.config.brokers);
        let head = format!("kafka-acls.sh --bootstrap-server {brokers} --add --allow-principal User:{user}");
        let read = [&topics.pages, &topics.sightings];
        let mut write = vec![&topics.articles, &topics.duplicates, &topics.rejected, &topics.sightings];
        write.extend(self.routed());
        let list =
            |names: &[&String]| names.iter().map(|name| format!(" --topic {name}")).collect::<String>();
        let mut out = vec![
            "the rights that run needs are given by:".to_owned(),
            format!("{head} --operation Read --operation Describe{}", list(&read)),
            format!("{head} --operation Write --operation Describe{}", list(&write)),
            format!("{head} --operation Read --operation Describe --group {}", self.config.group),
        ];
        if self.config.delivery == Delivery::ExactlyOnce {
            let group = &self.config.group;
            out.push(format!(
                "{head} --operation Write --operation Describe --transactional-id {group}- --resource-pattern-type prefixed"
            ));
        }
        out
    }

    /// Tries to write: a record to each topic of outcomes, and the group's offsets, in a transaction that is given up. Uses
    /// a transactional id of its own, so that no worker is disturbed. Readers at `read_committed` see nothing of it.
    pub(super) fn writing(&self, metadata: &Metadata) -> Result<Vec<Finding>, Error> {
        if self.config.delivery == Delivery::AtLeastOnce {
            return Ok(vec![Finding::note(
                "rights",
                "to write are not tried: without transactions (kafka.delivery) what is written cannot be taken back",
            )]);
        }
        let refused = |what: &str, error: &KafkaError| {
            let remedy = advice_for(error).unwrap_or("see the broker's log");
            Finding::problem("rights", format!("{what}: {error}"), remedy)
        };
        let id = format!("{}-check-{}", self.config.group, std::process::id());
        let mut settings = client::outcomes(self.config);
        settings.set("transactional.id", &id).set("linger.ms", "0");
        let producer = || settings.create_with_context(self.hearing.clone()).map_err(|error| failed(&error));
        let first: BaseProducer<Hearing> = producer()?;
        if let Err(error) = self.begin(&first) {
            let mut finding = refused(&format!("no transactions as {id}"), &error);
            finding.remedy.extend(self.acl_commands());
            return Ok(vec![finding]);
        }
        let topics = &self.config.topics;
        let there =
            |name: &str| metadata.topics().iter().any(|row| row.name() == name && row.error().is_none());
        let outcomes: Vec<&str> = self
            .outcomes()
            .into_iter()
            .chain(self.routed())
            .map(String::as_str)
            .filter(|topic| there(topic))
            .collect();
        let mut out = Vec::new();
        for topic in &outcomes {
            if let Err(error) = self.attempt(&producer()?, Some(topic)) {
                out.push(refused(&format!("may not write to {topic}"), &error));
            }
        }
        if there(&topics.pages)
            && let Err(error) = self.attempt(&producer()?, None)
        {
            out.push(refused("may not commit offsets of the group", &error));
        }
        match out.last_mut() {
            Some(last) => last.remedy.extend(self.acl_commands()),
            None => {
                let names = outcomes.join(", ");
                let detail = format!(
                    "may write to {names}, commit for the group, and use transactional ids that begin with its name"
                );
                out.push(Finding::ok("rights", detail));
            }
        }
        Ok(out)
    }

    /// Topics of outcomes.
    fn outcomes(&self) -> [&String; 3] {
        let topics = &self.config.topics;
        [&topics.articles, &topics.duplicates, &topics.rejected]
    }

    /// Topics of routes, beside those of outcomes.
    fn routed(&self) -> impl Iterator<Item = &String> {
        let own = self.config.topics.all();
        let names = self.wanted.iter().map(|topic| &topic.name);
        names.filter(move |name| !own.iter().any(|(_, own)| own == name))
    }

    /// Begins a transaction. What the client asks for meanwhile, such as a token to log in with, is served.
    fn begin(&self, producer: &BaseProducer<Hearing>) -> Result<(), KafkaError> {
        let until = Instant::now() + self.left().min(BEGIN_WAIT);
        loop {
            producer.poll(Duration::from_millis(20));
            match producer.init_transactions(Duration::from_millis(500)) {
                Ok(()) => return producer.begin_transaction(),
                Err(KafkaError::Transaction(error)) if error.is_retriable() && Instant::now() < until => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A transaction that is given up: with a record to the topic, or with the group's offsets. One topic at a time, for
    /// one that is refused takes all others of its transaction along; and with a producer of its own, for the client cannot go on
    /// after that.
    fn attempt(&self, producer: &BaseProducer<Hearing>, topic: Option<&str>) -> Result<(), KafkaError> {
        let _of_the_one_before = self.hearing.take_undelivered();
        self.begin(producer)?;
        let done = match topic {
            None => self.committing(producer),
            Some(topic) => {
                let record = BaseRecord::to(topic).key("newsmill check").payload("given up");
                producer.send(record).map_err(|(error, _)| error).and_then(|()| self.delivered(producer))
            }
        };
        if let Err(error) = producer.abort_transaction(self.left().min(STEP_WAIT)) {
            tracing::debug!(%error, "the transaction ends by itself");
        }
        done
    }

    /// Waits for the record that is on its way.
    fn delivered(&self, producer: &BaseProducer<Hearing>) -> Result<(), KafkaError> {
        let until = Instant::now() + self.left().min(STEP_WAIT);
        while producer.in_flight_count() > 0 && Instant::now() < until {
            producer.poll(Duration::from_millis(20));
        }
        let code = match self.hearing.take_undelivered() {
            Some(code) => code,
            None if producer.in_flight_count() == 0 => return Ok(()),
            None => RDKafkaErrorCode::MessageTimedOut,
        };
        if matches!(code, RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::MessageTimedOut) {
            // Where the topic may not be in the transaction the record is held back or dropped, and the next step says why.
            self.committing(producer)?;
        }
        Err(KafkaError::MessageProduction(code))
    }

    /// Sends the group's offsets as one who is no member: to a group with members the broker then says that it does not
    /// know this one, after it has looked at the rights.
    fn committing(&self, producer: &BaseProducer<Hearing>) -> Result<(), KafkaError> {
        let mut settings = client::pages(self.config);
        settings.remove("statistics.interval.ms");
        let consumer: BaseConsumer<Hearing> = settings.create_with_context(self.hearing.clone())?;
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset(&self.config.topics.pages, 0, Offset::Offset(0))?;
        let Some(group) = consumer.group_metadata() else { return Ok(()) };
        let sent = producer.send_offsets_to_transaction(&offsets, &group, self.left().min(STEP_WAIT));
        match sent {
            Err(error) if advice_for(&error).is_none() && is_membership(&error) => Ok(()),
            other => other,
        }
    }
}

fn is_membership(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::UnknownMemberId
                | RDKafkaErrorCode::IllegalGeneration
                | RDKafkaErrorCode::FencedInstanceId
                | RDKafkaErrorCode::RebalanceInProgress
        )
    )
}

/// Our clock against the broker's, as the last entry of the sightings log has it.
fn clock(last: Option<i64>) -> Finding {
    let what = "clock";
    let Some(last) = last else {
        return Finding::note(
            what,
            "cannot be held against the broker's: that shows in the sightings log, which is empty",
        );
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as i64);
    let behind = last - now;
    if behind > CLOCK_MS {
        return Finding::warning(
            what,
            format!("this machine's is at least {:.1} s behind the broker's", behind as f64 / 1000.0),
            "set both by NTP: lag and times of processing are wrong by as much",
        );
    }
    let age = (-behind).max(0) / 1000;
    Finding::ok(what, format!("not behind the broker's, as far as the last sighting shows ({age} s old)"))
}
