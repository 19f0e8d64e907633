//! The schemas that are published: the files in docs are what the command prints, and records are what schemas say.

use std::fs;
use std::path::Path;
use std::process::Command;

use newsmill::schema::Name;

use crate::fixtures;
use crate::kafka::world::Pages;
use crate::outside;

/// Named, the test writes the files instead of looking at them: `WRITE_DOCS=1 cargo test --test it schemas`.
const WRITE: &str = "WRITE_DOCS";

#[test]
fn the_files_in_docs_are_what_the_command_prints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    for name in Name::ALL {
        let path = folder.join(format!("{}.json", name.as_str()));
        let printed =
            Command::new(env!("CARGO_BIN_EXE_newsmill")).args(["schema", name.as_str()]).output().unwrap();
        assert!(printed.status.success());
        let printed = String::from_utf8(printed.stdout).unwrap();
        if std::env::var_os(WRITE).is_some() {
            fs::write(&path, printed).unwrap();
            continue;
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == printed, "{} is not what the code says; {WRITE}=1 writes it", path.display());
    }
}

/// Ten thousand generated pages, the sample pages, and pages with stories in them: id and message.
pub fn pages() -> Vec<(String, Vec<u8>)> {
    let mut pages = Pages::generate(10_000, 41).messages;
    for case in fixtures::cases() {
        pages.push((case.name, serde_json::to_vec(&case.message).unwrap()));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "html" || end == "txt"));
    paths.sort();
    for path in paths {
        let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let url = format!("https://stories.example/{id}");
        let body = fs::read_to_string(&path).unwrap();
        let message = serde_json::json!({"id": id, "url": url, "body": body});
        pages.push((id, message.to_string().into_bytes()));
    }
    pages
}

/// Page messages go in as their schema says, and records come out as theirs say.
#[test]
fn every_record_of_a_run_is_what_its_schema_says() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("pages.jsonl"), dir.path().join("records.jsonl"));
    let pages = pages();
    let text: Vec<u8> = pages.iter().flat_map(|(_, message)| [message.as_slice(), b"\n"].concat()).collect();
    fs::write(&input, &text).unwrap();
    fs::write(&output, fixtures::process(&input, &["--quiet", "--emit-stories"])).unwrap();
    let counts = outside::validate(dir.path(), &[input, output]);
    let of = |kind: &str| counts.iter().find(|(name, _)| name == kind).map_or(0, |(_, count)| *count);
    assert_eq!(of("page"), pages.len());
    assert_eq!(of("article") + of("duplicate") + of("rejected"), pages.len());
    for kind in ["article", "duplicate", "rejected", "story"] {
        assert!(of(kind) >= 5, "too few of {kind}: {counts:?}");
    }
}

/// The validator can fail: a field that no schema has, one that is missing, and one of another form.
#[test]
fn a_record_that_is_not_as_its_schema_says_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let schemas = dir.path().join("schemas");
    let wrote =
        Command::new(env!("CARGO_BIN_EXE_newsmill")).args(["schema", "--output"]).arg(&schemas).output();
    assert!(wrote.unwrap().status.success());
    let right = serde_json::json!({
        "outcome": "duplicate", "kind": "exact", "id": "0".repeat(32), "page_id": "a", "of": "1".repeat(32),
        "cluster": "1".repeat(32), "similarity": 1.0, "fetched_at": "2026-03-01T10:00:00Z",
        "source": {"topic": "news.pages", "partition": 0, "offset": 5}
    });
    let cases = [
        ("similarity", serde_json::json!(1.0), true),
        ("new", "field".into(), false),
        ("id", "0123".into(), false),
        ("kind", "near".into(), false),
        ("fetched_at", "yesterday".into(), false),
        ("url", serde_json::Value::Null, false),
        ("source", serde_json::json!({"topic": "news.pages"}), false),
    ];
    for (field, value, valid) in cases {
        let mut record = right.clone();
        record[field] = value;
        let path = dir.path().join("record.jsonl");
        fs::write(&path, record.to_string()).unwrap();
        let output = outside::python("validate.py", &[schemas.to_str().unwrap(), path.to_str().unwrap()]);
        assert_eq!(output.status.success(), valid, "{field}: {}", outside::said(&output));
    }
}
