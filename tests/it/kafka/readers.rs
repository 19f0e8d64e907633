//! Outputs read by clients that others made: Kafka's own console consumer and Confluent's client for Python, at
//! `read_committed`; every record held against its schema.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::broker::Broker;
use super::world::World;
use crate::{outside, schemas};

/// Schemas' ids without a byte that is a line's end, so that the console consumer's lines stay whole.
const SCHEMA_IDS: [(&str, u64); 3] = [("article", 301), ("duplicate", 302), ("story", 303)];

/// What Confluent's client reads of the topics.
fn consume(world: &World, which: &[&str]) -> Vec<Value> {
    let topics: Vec<String> = which.iter().map(|which| world.topic(which)).collect();
    let arguments: Vec<&str> =
        std::iter::once(world.broker.as_str()).chain(topics.iter().map(String::as_str)).collect();
    let output = outside::python("consume.py", &arguments);
    assert!(output.status.success(), "{}", outside::said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Holds the values of records against their schemas: how many of each kind are valid.
fn validate(folder: &Path, records: &[Value]) -> BTreeMap<String, usize> {
    let path = folder.join("values.jsonl");
    let lines: String = records.iter().map(|record| format!("{}\n", record["value"])).collect();
    fs::write(&path, lines).unwrap();
    outside::validate(folder, &[path]).into_iter().collect()
}

#[test]
fn others_read_keys_headers_frames_and_valid_values() {
    let world = World::new(Broker::shared());
    let pages = schemas::pages();
    let more = "output.stories = \"records\"\nkafka.output.cloudevents = true\nkafka.batch_pages = 250\n\
                kafka.in_flight_pages = 1000\nservice.threads = 2\n\
                kafka.output.schema_ids = { article = 301, duplicate = 302, story = 303 }\n";
    let mut worker = world.worker("one", more);
    worker.await_log("joined the group", 60);
    world.send(&pages);
    world.await_lag(0, 300, &mut [&mut worker]);

    let records = consume(&world, &["articles", "duplicates"]);
    let dir = tempfile::tempdir().unwrap();
    let valid = validate(dir.path(), &records);
    let rejected = world.read("rejected", Duration::from_secs(15));
    let header = |record: &Value, name: &str| record["headers"][name].as_str().map(str::to_owned);
    let outcomes = records.iter().filter(|record| header(record, "newsmill.copy").is_none()).count();
    assert_eq!(outcomes + rejected.len(), pages.len());
    assert!(valid["article"] > 6000 && valid["duplicate"] > 2000 && valid["story"] > 10, "{valid:?}");
    for record in &records {
        let value = &record["value"];
        let text = |field: &str| value[field].as_str().map(str::to_owned);
        let outcome = text("outcome").unwrap();
        assert_eq!(record["key"], value["id"]);
        let schema_id = SCHEMA_IDS.iter().find(|(name, _)| *name == outcome).unwrap().1;
        assert_eq!(record["schema_id"], schema_id, "{record}");
        let whole = outcome != "duplicate" || value["kind"] != "exact";
        let language = value["language"]["code"].as_str().filter(|_| whole).map(str::to_owned);
        let topic = value["topics"][0]["code"].as_str().filter(|_| whole).map(str::to_owned);
        let (source, page) = (&value["source"], value["source"]["topic"].as_str().unwrap());
        let page = format!("{page}/{}/{}", source["partition"], source["offset"]);
        let id = if outcome == "story" { format!("{page}/{}", text("id").unwrap()) } else { page };
        let wanted = [
            ("newsmill.outcome", Some(outcome.clone())),
            ("newsmill.version", Some(env!("CARGO_PKG_VERSION").to_owned())),
            ("newsmill.cluster", text("cluster")),
            ("newsmill.kind", text("kind")),
            ("newsmill.language", language),
            ("newsmill.first_topic", topic),
            ("ce_specversion", Some("1.0".to_owned())),
            ("ce_type", Some(format!("newsmill.{outcome}.v1"))),
            ("ce_source", Some(format!("newsmill:{}", world.name))),
            ("ce_id", Some(id)),
            ("ce_subject", text("id")),
            ("content-type", Some("application/json".to_owned())),
        ];
        for (name, wanted) in wanted {
            assert_eq!(header(record, name), wanted, "{name} of {record}");
        }
        let time: Option<jiff::Timestamp> = header(record, "ce_time").and_then(|time| time.parse().ok());
        match text("fetched_at") {
            Some(fetched) => assert_eq!(time, fetched.parse().ok()),
            None => assert!(time.is_some(), "no ce_time: {record}"),
        }
    }

    // Kafka's own consumer sees the same bytes: the frame, and then the record.
    let shown = world.read("duplicates", Duration::from_secs(15));
    let read = records.iter().filter(|record| record["topic"] == world.topic("duplicates").as_str());
    let read: BTreeMap<String, usize> = read.fold(BTreeMap::new(), |mut counts, record| {
        *counts.entry(record["value"].to_string()).or_default() += 1;
        counts
    });
    assert!(!shown.is_empty() && shown.len() == read.values().sum::<usize>());
    for record in &shown {
        let json = record.value.strip_prefix("\0\0\0\u{1}.").unwrap_or_else(|| panic!("{:?}", record.value));
        let value: Value = serde_json::from_str(json).unwrap();
        assert!(read.contains_key(&value.to_string()), "{value}");
        assert_eq!(record.key, value["id"].as_str().unwrap());
        assert!(record.headers.contains("ce_type:newsmill.duplicate.v1"), "{}", record.headers);
    }
    // What is rejected stays as it came.
    for record in &rejected {
        let (_, message) = pages.iter().find(|(key, _)| *key == record.key).unwrap();
        assert_eq!(record.value.as_bytes(), message.as_slice());
        assert!(!record.headers.contains("ce_"), "{}", record.headers);
    }
}
