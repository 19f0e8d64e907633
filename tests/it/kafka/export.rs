//! `newsmill export`: files go in by `import`, through a worker, and come out as JSONL and Parquet with nothing lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::broker::Broker;
use super::world::{Pages, World};
use crate::{fixtures, outside};

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// How many rows have this value in a field.
fn counts(rows: &[Value], field: &str) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for row in rows {
        *out.entry(row[field].as_str().unwrap_or("-").to_owned()).or_default() += 1;
    }
    out
}

#[test]
fn what_is_imported_comes_out_as_lines_and_as_a_table() {
    let world = World::new(Broker::shared());
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let mut text = fixtures::jsonl(&fixtures::cases());
    let made = Pages::generate(200, 73);
    for (_, value) in &made.messages {
        text += std::str::from_utf8(value).unwrap();
        text.push('\n');
    }
    let pages = text.lines().count();
    std::fs::write(path("pages.jsonl"), &text).unwrap();
    std::fs::write(path("raw.txt"), "  \n").unwrap();
    let config = world.config("tool", "");
    let run = |arguments: &[&str]| {
        let (code, said) = world.newsmill(arguments, &config);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    };
    let file = |name: &str| path(name).to_str().unwrap().to_owned();
    run(&["import", &file("pages.jsonl"), &file("raw.txt")]);
    let mut worker = world.worker("one", "decode.extra = [\"*\"]\noutput.stories = \"records\"\n");
    world.await_lag(0, 120, &mut [&mut worker]);

    let mut outcomes = Vec::new();
    for which in ["articles", "duplicates", "rejected"] {
        let (topic, written) = (world.topic(which), file(&format!("{which}.jsonl")));
        let said = run(&["export", &topic, "--output", &written]);
        let rows = lines(Path::new(&written));
        assert!(said.contains(&format!("{} records of {topic} written", rows.len())), "{said}");
        outcomes.extend(rows);
        run(&["export", &topic, "--output", &file(&format!("{which}.parquet"))]);
    }
    let by_outcome = counts(&outcomes, "outcome");
    // Each page has one outcome; a story's record and a revision among the articles are copies.
    let primary: BTreeSet<String> = outcomes
        .iter()
        .filter(|row| row["outcome"] != "story")
        .map(|row| row["source"].to_string())
        .collect();
    assert_eq!(primary.len(), pages + 1, "{by_outcome:?}");
    let rejected = outcomes.iter().find(|row| row["page_id"] == file("raw.txt")).unwrap();
    assert_eq!(rejected["reason"], "empty", "{rejected}");
    assert_eq!(rejected["body_base64"], "ICAK");

    // The topic of pages comes back as what went in, and can go in again.
    run(&["export", &world.topic("pages"), "--output", &file("again.jsonl")]);
    let again = std::fs::read_to_string(path("again.jsonl")).unwrap();
    let (sent, back): (BTreeSet<&str>, BTreeSet<&str>) = (text.lines().collect(), again.lines().collect());
    assert!(sent.is_subset(&back));
    assert_eq!(again.lines().count(), pages + 1);
    // A part of it, by offsets: each partition has more than ten.
    let topic = world.topic("pages");
    let part =
        ["export", &topic, "--partition", "2", "--from", "3", "--to", "8", "--output", &file("part.jsonl")];
    run(&part);
    assert_eq!(lines(&path("part.jsonl")).len(), 5);
    run(&["export", &topic, "--to", "2020-01-01", "--output", &file("none.jsonl")]);
    assert_eq!(lines(&path("none.jsonl")).len(), 0);
    run(&["export", &topic, "--max-records", "7", "--output", &file("few.jsonl")]);
    assert_eq!(lines(&path("few.jsonl")).len(), 7);
    run(&["export", &topic, "--output", &file("pages.parquet")]);

    // The tables say the same as the lines, to a reader that others made.
    let tables =
        ["articles", "duplicates", "rejected", "pages"].map(|which| file(&format!("{which}.parquet")));
    let output = outside::python("parquet.py", &tables.each_ref().map(String::as_str));
    assert!(output.status.success(), "{}", outside::said(&output));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    for which in ["articles", "duplicates", "rejected"] {
        let (table, rows) =
            (&read[file(&format!("{which}.parquet"))], lines(&path(&format!("{which}.jsonl"))));
        assert_eq!(table["rows"], rows.len());
        let wanted: BTreeSet<String> = rows.iter().map(|row| digest(row).to_string()).collect();
        let found: BTreeSet<String> =
            table["digests"].as_array().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(found, wanted, "{which}");
    }
    assert_eq!(read[file("pages.parquet")]["rows"], pages + 1);
    for (column, wanted) in [
        ("fetched_at", "TIMESTAMP WITH TIME ZONE"),
        ("published_at", "TIMESTAMP WITH TIME ZONE"),
        ("published_on", "DATE"),
        ("kafka_timestamp", "TIMESTAMP WITH TIME ZONE"),
        ("kafka_offset", "BIGINT"),
        ("kafka_partition", "INTEGER"),
        ("word_count", "INTEGER"),
        ("authors", "VARCHAR[]"),
        ("similarity", "DOUBLE"),
        ("paywalled", "BOOLEAN"),
        ("id", "VARCHAR"),
        ("body", "BLOB"),
        ("extra", "JSON"),
        ("dateline", "STRUCT(place VARCHAR, date DATE)"),
    ] {
        let found = &read[file("articles.parquet")]["types"][column];
        assert_eq!(found, wanted, "{column}");
    }
    let topics = &read[file("articles.parquet")]["types"]["topics"];
    let below = "subtopics STRUCT(code VARCHAR, path VARCHAR)[]";
    assert_eq!(*topics, format!("STRUCT(code VARCHAR, \"name\" VARCHAR, score DOUBLE, {below})[]"));
}

/// What of a record is held against the table.
fn digest(row: &Value) -> Value {
    let list = |field: &str, part: &str| -> Value {
        let items = row[field].as_array().into_iter().flatten();
        items.map(|item| if part.is_empty() { item.clone() } else { item[part].clone() }).collect()
    };
    let source = &row["source"];
    serde_json::json!([
        row["outcome"],
        row["id"],
        row["page_id"],
        row["url"],
        row["title"],
        row["text"],
        row["word_count"],
        list("authors", ""),
        list("topics", "code"),
        list("topics", "score"),
        list("stories", "text"),
        row["language"]["code"],
        row["language"]["confidence"],
        row["similarity"],
        row["reason"],
        row["body_base64"],
        source["topic"],
        source["partition"],
        source["offset"],
        row["extra"],
        row["dateline"]["date"],
        row["published_at"].as_str().map(|text| &text[..10]),
    ])
}

#[test]
fn a_topic_that_is_not_there_is_said_and_leaves_no_file() {
    let world = World::new(Broker::shared());
    let dir = tempfile::tempdir().unwrap();
    let written = dir.path().join("articles.parquet");
    let config = world.config("tool", "kafka.create_topics = false\n");
    let (code, said) = world.newsmill(&["export", "--output", written.to_str().unwrap()], &config);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!("there is no topic {}", world.topic("articles"))), "{said}");
    assert!(!written.exists());
    let (code, said) = world.newsmill(&["export", "--from", "100"], &config);
    assert!(code == 2 && said.contains("--partition"), "{said}");
    let (code, said) = world.newsmill(&["import", dir.path().to_str().unwrap()], &config);
    assert!(code == 1 && said.contains(&format!("topic {}", world.topic("pages"))), "{said}");
}
