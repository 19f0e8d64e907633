//! Both ends of a measurement on Kafka, for `script/measure`: a feed that keeps a rate, and a reader that notes
//! when each outcome can be seen. It shares no code with the worker.
//!
//!     probe feed BROKERS TOPIC FILE RATE     send `key<TAB>value` lines, RATE a second (0: at once), each at the
//!                                            moment it is due, to one partition after another
//!     probe watch BROKERS PAGES TOPIC...     read at read_committed from now on and print, as they come:
//!                                              in PARTITION OFFSET TIMESTAMP         a page, by its record
//!                                              out NOW PARTITION OFFSET              an outcome, by its page
//!
//! Times are milliseconds since 1970. Whatever happens to the broker, both wait and go on.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{BufRead, BufReader, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["feed", brokers, topic, file, rate] => feed(brokers, topic, file, rate.parse()?),
        ["watch", brokers, pages, outputs @ ..] if !outputs.is_empty() => watch(brokers, pages, outputs),
        _ => Err("probe feed BROKERS TOPIC FILE RATE | probe watch BROKERS PAGES TOPIC...".into()),
    }
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis() as i64)
}

fn client(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .set("reconnect.backoff.max.ms", "500")
        .set("allow.auto.create.topics", "false")
        .set("log_level", "2");
    config
}

fn partitions(metadata: &rdkafka::metadata::Metadata) -> Result<i32, Failure> {
    let count = metadata.topics().first().map_or(0, |topic| topic.partitions().len());
    if count == 0 { Err("no such topic".into()) } else { Ok(i32::try_from(count)?) }
}

fn feed(brokers: &str, topic: &str, file: &str, rate: f64) -> Result<(), Failure> {
    let producer: BaseProducer = client(brokers)
        .set("linger.ms", "1")
        .set("compression.type", "lz4")
        .set("message.max.bytes", "8000000")
        .set("enable.idempotence", "true")
        // However long the broker is away.
        .set("message.timeout.ms", "0")
        .create()?;
    let partitions = partitions(&producer.client().fetch_metadata(Some(topic), Duration::from_secs(30))?)?;
    let started = Instant::now();
    let mut sent = 0_i32;
    for line in BufReader::new(std::fs::File::open(file)?).lines() {
        let line = line?;
        let (key, value) = line.split_once('\t').ok_or("a line without a tab")?;
        if rate > 0.0 {
            let due = started + Duration::from_secs_f64(f64::from(sent) / rate);
            producer.poll(Duration::ZERO);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        loop {
            let record = BaseRecord::to(topic)
                .key(key)
                .payload(value)
                .partition(sent % partitions)
                .timestamp(now_ms());
            match producer.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                    producer.poll(Duration::from_millis(10));
                }
                Err((error, _)) => return Err(error.into()),
            }
        }
        sent += 1;
    }
    while producer.in_flight_count() > 0 {
        producer.poll(Duration::from_millis(10));
    }
    println!("{sent} {:.3}", started.elapsed().as_secs_f64());
    Ok(())
}

/// The partition and offset of the page that an outcome is about; `None` for a further copy.
fn source(message: &BorrowedMessage<'_>) -> Option<(i64, i64)> {
    let header = |name: &str| {
        let value = message.headers()?.iter().find(|header| header.key == name)?.value?;
        std::str::from_utf8(value).ok().map(str::to_owned)
    };
    if header("newsmill.copy").is_some() {
        return None;
    }
    if let (Some(partition), Some(offset)) = (header("newsmill.partition"), header("newsmill.offset")) {
        return Some((partition.parse().ok()?, offset.parse().ok()?));
    }
    let value: Value = serde_json::from_slice(message.payload()?).ok()?;
    Some((value["source"]["partition"].as_i64()?, value["source"]["offset"].as_i64()?))
}

fn watch(brokers: &str, pages: &str, outputs: &[&str]) -> Result<(), Failure> {
    let consumer: BaseConsumer = client(brokers)
        .set("group.id", "probe")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("isolation.level", "read_committed")
        .set("auto.offset.reset", "latest")
        .create()?;
    let wait = Duration::from_secs(30);
    let mut list = TopicPartitionList::new();
    for topic in outputs.iter().chain([&pages]) {
        for partition in 0..partitions(&consumer.fetch_metadata(Some(topic), wait)?)? {
            let (_, end) = consumer.fetch_watermarks(topic, partition, wait)?;
            list.add_partition_offset(topic, partition, Offset::Offset(end))?;
        }
    }
    consumer.assign(&list)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready")?;
    loop {
        out.flush()?;
        let mut wait = Duration::from_millis(200);
        // What is there in one go, so that the pipe is written to once.
        for _ in 0..500 {
            match consumer.poll(wait) {
                None => break,
                Some(Err(error)) => eprintln!("probe: {error}"),
                Some(Ok(message)) if message.topic() == pages => {
                    let timestamp = message.timestamp().to_millis().unwrap_or(0);
                    writeln!(out, "in {} {} {timestamp}", message.partition(), message.offset())?;
                }
                Some(Ok(message)) => {
                    if let Some((partition, offset)) = source(&message) {
                        writeln!(out, "out {} {partition} {offset}", now_ms())?;
                    }
                }
            }
            wait = Duration::ZERO;
        }
    }
}
