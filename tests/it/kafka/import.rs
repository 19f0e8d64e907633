//! `newsmill import`: files to the topic of pages, each page once, untouched and under its key.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Headers;
use rdkafka::{Message, Offset, TopicPartitionList};

use super::broker::Broker;
use super::world::{PARTITIONS, Pages, World};

/// A record as it stands in the topic of pages.
struct Record {
    partition: i32,
    key: Option<String>,
    value: Vec<u8>,
    headers: BTreeMap<String, String>,
}

/// Everything in the topic of pages, in the order of each partition.
fn records(world: &World) -> Vec<Record> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &world.broker)
        .set("group.id", &world.name)
        .set("enable.partition.eof", "true")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(&world.topic("pages"), partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&list).unwrap();
    let (mut out, mut ends) = (Vec::new(), 0);
    let deadline = Instant::now() + Duration::from_secs(30);
    while ends < PARTITIONS {
        assert!(Instant::now() < deadline, "the topic of pages has no end");
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
                out.push(Record {
                    partition: message.partition(),
                    key: message.key().map(text),
                    value: message.payload().unwrap_or_default().to_vec(),
                    headers: headers
                        .map(|row| (row.key.to_owned(), text(row.value.unwrap_or_default())))
                        .collect(),
                });
            }
            Some(Err(rdkafka::error::KafkaError::PartitionEOF(_))) => ends += 1,
            Some(Err(error)) => panic!("{error}"),
            None => {}
        }
    }
    out
}

/// The pages as JSONL in a file.
fn write(path: &Path, pages: &[(String, Vec<u8>)]) {
    let lines: Vec<&[u8]> = pages.iter().map(|(_, value)| value.as_slice()).collect();
    std::fs::write(path, lines.join(&b'\n')).unwrap();
}

#[test]
fn pages_arrive_once_as_they_are_and_what_is_too_large_is_named() {
    let world = World::new(Broker::shared());
    let dir = tempfile::tempdir().unwrap();
    let name = world.topic("pages");
    let create = ["--create", "--topic", &name, "--partitions", "4", "--config", "max.message.bytes=100000"];
    world.tool("org.apache.kafka.tools.TopicCommand", &create);
    let mut pages = Pages::generate(300, 71);
    // Random digits do not compress below the topic's limit.
    let mut state = 7_u64;
    let digits = (0..400_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + ((state >> 33) % 10) as u8)
    });
    pages.messages.insert(
        150,
        ("large".into(), format!(r#"{{"id":"large","body":"{}"}}"#, digits.collect::<String>()).into_bytes()),
    );
    // The first page's URL again: a revision.
    let again = String::from_utf8(pages.messages[0].1.clone()).unwrap().replace("page-71-0\"", "again\"");
    pages.messages.push(("again".into(), again.into_bytes()));
    let spaced = br#"{ "body" : "no name, and blanks  that stay" }"#.to_vec();
    pages.messages.push((String::new(), spaced.clone()));
    let lines = dir.path().join("pages.jsonl");
    write(&lines, &pages.messages);
    let html = dir.path().join("page.html");
    std::fs::write(&html, "<p>A page as it is.</p>").unwrap();
    let config = world.config("import", "");
    let arguments = ["import", lines.to_str().unwrap(), html.to_str().unwrap()];
    let (code, said) = world.newsmill(&arguments, &config);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!("too large for {name}, 4000")), "{said}");
    assert!(said.contains(&format!("{}, line or record 151", lines.display())), "{said}");
    assert!(said.contains(&format!("303 pages sent to {name}")), "{said}");
    assert!(said.contains("1 pages are too large"), "{said}");

    let found = records(&world);
    let count = |value: &[u8]| found.iter().filter(|record| record.value == value).count();
    let sent: Vec<_> = pages.messages.iter().filter(|(id, _)| id != "large").collect();
    assert_eq!(found.len(), sent.len() + 1);
    for (id, value) in &sent {
        assert_eq!(count(value), 1, "{id}");
    }
    let record_of = |part: &str| {
        found.iter().find(|record| String::from_utf8_lossy(&record.value).contains(part)).unwrap()
    };
    let raw = record_of("A page as it is");
    assert_eq!(raw.headers["content-type"], "text/html");
    assert_eq!(raw.headers["id"], html.to_str().unwrap());
    assert_eq!(raw.key.as_deref(), html.to_str());
    let (first, again) = (record_of("\"page-71-0\""), record_of("\"again\""));
    assert!(first.key.as_ref().unwrap().starts_with("https://site"), "{:?}", first.key);
    assert_eq!((&first.key, first.partition), (&again.key, again.partition));
    assert!(first.headers.is_empty());
    assert_eq!(record_of("blanks  that stay").key, None);
    // They spread: none of four partitions has over half of them.
    for partition in 0..PARTITIONS {
        let share = found.iter().filter(|record| record.partition == partition).count();
        assert!((20..150).contains(&share), "{share} pages on {partition}");
    }
}

#[test]
fn it_keeps_to_its_rate_and_stops_where_it_says() {
    let world = World::new(Broker::shared());
    let dir = tempfile::tempdir().unwrap();
    let pages = Pages::generate(2000, 72);
    let lines = dir.path().join("pages.jsonl");
    write(&lines, &pages.messages);
    // It creates the topic, as the worker does.
    let config = world.config("import", "");
    let began = Instant::now();
    let few = ["import", lines.to_str().unwrap(), "--rate", "40", "--max-pages", "60"];
    let (code, said) = world.newsmill(&few, &config);
    assert_eq!(code, 0, "{said}");
    assert!(began.elapsed() > Duration::from_millis(1400), "60 pages in {:?}", began.elapsed());
    assert_eq!(records(&world).len(), 60);

    let mut child = Command::new(env!("CARGO_BIN_EXE_newsmill"))
        .args(["import", lines.to_str().unwrap(), "--rate", "20", "--config"])
        .arg(&config)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    // It begins at the first page again: more than those that came before.
    while records(&world).len() < 140 {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        assert!(Instant::now() < deadline, "nothing arrives");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let reached: usize = said
        .split("line or record ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_else(|| panic!("it does not say how far it came: {said}"));
    let found = records(&world);
    assert_eq!(found.len(), 60 + reached, "{said}");
    for (id, value) in &pages.messages[60..reached] {
        assert_eq!(found.iter().filter(|record| record.value == *value).count(), 1, "{id}");
    }
}
