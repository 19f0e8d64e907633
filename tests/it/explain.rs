//! `newsmill explain` as a user meets it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::fixtures;

fn explain(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_newsmill")).arg("explain").args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&out(&explain(&[arguments, &["--json"]].concat()))).unwrap()
}

/// A page of the sample, as a path.
fn page(name: &str) -> String {
    fixtures::root().join(name).to_str().unwrap().to_owned()
}

fn failed(arguments: &[&str], code: i32, says: &str) {
    let output = explain(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(says), "{said}");
}

#[test]
fn a_page_is_explained_for_people_and_for_programs() {
    let path = page("ar/barlaman-mizaniya/page.html");
    let text = out(&explain(&[&path, "--url", "https://akhbar.example/1"]));
    for part in [
        "ARTICLE  A new article in the language ar",
        " + main text",
        "Fields",
        "Language: ar",
        "Topics",
        "Time",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains('\x1b'), "no colours where there is no terminal");
    assert!(out(&explain(&[&path, "--color", "always"])).contains("\x1b[32m"));
    let said = json(&[&path, "--url", "https://akhbar.example/1"]);
    assert_eq!(said["schema"], "newsmill.explanation/1");
    assert_eq!(said["outcome"]["outcome"], "article");
    assert_eq!(said["page"]["url"], "https://akhbar.example/1");
    let kept = said["blocks"].as_array().unwrap().iter().filter(|block| block["kept"] == true);
    let text: Vec<&str> = kept.map(|block| block["text"].as_str().unwrap()).collect();
    assert!(!text.is_empty());
    assert!(text.iter().all(|text| said["record"]["text"].as_str().unwrap().contains(text)));
}

#[test]
fn a_page_of_html_is_written_to_a_file_or_to_stdout() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("why.html");
    let path = page("zh/yaowu-shiyan");
    let path = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.file_stem().is_some_and(|stem| stem == "page")
                && path.extension().is_some_and(|end| end != "json")
        })
        .unwrap();
    let output = explain(&[path.to_str().unwrap(), "--html", file.to_str().unwrap()]);
    assert_eq!(out(&output), "");
    let html = fs::read_to_string(&file).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"));
    assert!(html.contains("lang=\"zh\"") && !html.contains("<script"));
    let piped = out(&explain(&[path.to_str().unwrap(), "--html", "-"]));
    assert!(piped.starts_with("<!doctype html>"));
    failed(&[path.to_str().unwrap(), "--html", "-", "--json"], 2, "--html");
}

#[test]
fn pages_are_chosen_by_line_and_by_address() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pages.jsonl");
    let cases = fixtures::cases();
    fs::write(&path, fixtures::jsonl(&cases)).unwrap();
    let path = path.to_str().unwrap();
    let id = |said: &Value| said["page"]["page_id"].as_str().unwrap().to_owned();
    assert_eq!(id(&json(&[&format!("{path}:3")])), cases[2].name);
    assert_eq!(id(&json(&[path, "--line", "4"])), cases[3].name);
    let with_url = cases.iter().find(|case| case.message.contains_key("url")).unwrap();
    let url = with_url.message["url"].as_str().unwrap();
    assert_eq!(json(&[path, "--url", url])["page"]["url"], url);
    let first = explain(&[path, "--json"]);
    assert!(String::from_utf8_lossy(&first.stderr).contains("holds several pages"));
    assert_eq!(id(&serde_json::from_slice(&first.stdout).unwrap()), cases[0].name);
    failed(&[&format!("{path}:99999")], 1, "has no page on line 99999");
    failed(&[path, "--url", "https://nowhere.example/"], 1, "has no page of https://nowhere.example/");
    failed(&["missing.html"], 2, "there is no file missing.html");
    // The same page comes over a pipe, as HTML and as a message.
    let html = fs::read(page("ar/barlaman-mizaniya/page.html")).unwrap();
    let message = format!("{}\n", serde_json::to_string(&cases[2].message).unwrap());
    for (bytes, starts) in [(html.as_slice(), "stdin"), (message.as_bytes(), cases[2].name.as_str())] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_newsmill"))
            .args(["explain", "-", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(id(&serde_json::from_slice(&output.stdout).unwrap()), starts);
    }
}

#[test]
fn a_page_is_held_against_what_was_seen_and_the_state_stays_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (path, state) = (dir.path().join("pages.jsonl"), dir.path().join("seen"));
    fs::write(&path, fixtures::jsonl(&fixtures::cases())).unwrap();
    fixtures::process(&path, &["--quiet", "--state", state.to_str().unwrap()]);
    let log = fs::read(state.join("sightings.log")).unwrap();
    let number = |name: &str| fixtures::listed().iter().position(|case| case == name).unwrap() + 1;
    let copy = number("zh/huanhu-qinggui-zhuanzai");
    let place = format!("{}:{copy}", path.display());
    let known = json(&[&place, "--state", state.to_str().unwrap()]);
    assert_eq!(known["repeats"]["is_known"], true);
    // The copy alone, from another place: a repeat, too, and it is said of what.
    let alone = dir.path().join("alone.jsonl");
    let case = &fixtures::cases()[copy - 1];
    fs::write(&alone, fixtures::jsonl(std::slice::from_ref(case))).unwrap();
    let said = json(&[alone.to_str().unwrap(), "--state", state.to_str().unwrap()]);
    assert_eq!(said["repeats"]["is_known"], false);
    assert_eq!(said["outcome"]["outcome"], "duplicate");
    assert_eq!(said["repeats"]["nearest"][0]["is_repeat"], true, "{}", said["repeats"]);
    let text = out(&explain(&[alone.to_str().unwrap(), "--state", state.to_str().unwrap()]));
    assert!(text.starts_with("DUPLICATE  ") && text.contains("Repeats: held against"), "{text}");
    assert_eq!(fs::read(state.join("sightings.log")).unwrap(), log);
    failed(&[&place, "--state", "no-such-folder"], 1, "no-such-folder");
}

#[test]
fn what_is_rejected_is_explained() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("broken.jsonl");
    fs::write(&path, "{\"body\": \n").unwrap();
    let said = json(&[path.to_str().unwrap()]);
    assert_eq!(
        (&said["outcome"]["reason"], &said["outcome"]["stage"]),
        (&"malformed".into(), &"decode".into())
    );
    let text = out(&explain(&[path.to_str().unwrap()]));
    assert!(
        text.starts_with("REJECTED  Rejected as malformed") && text.contains("it begins: {\"body\":"),
        "{text}"
    );
}

/// What `explain` says is what its schema says; and what comes of each sample page is what `process` makes of it.
#[test]
fn every_sample_page_is_explained_as_it_is_processed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pages.jsonl");
    let cases = fixtures::cases();
    fs::write(&path, fixtures::jsonl(&cases)).unwrap();
    let records: Vec<Value> = fixtures::process(&path, &["--quiet"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let pipeline = newsmill::pipeline::Pipeline::new(&newsmill::pipeline::Settings::default());
    let mut inputs = newsmill::local::Inputs::new(&[path]).unwrap();
    for record in &records {
        let raw = inputs.next_record().unwrap().unwrap();
        let said = newsmill::explain::explain(&pipeline, &raw, None);
        let said = serde_json::to_value(&said).unwrap();
        assert_eq!(said["page"]["page_id"], record["page_id"]);
        if record["outcome"] == "rejected" {
            assert_eq!(said["outcome"]["reason"], record["reason"], "{}", record["page_id"]);
        } else if record["outcome"] == "article" {
            for field in ["text", "title", "authors", "published_at", "language"] {
                assert_eq!(said["record"][field], record[field], "{field} of {}", record["page_id"]);
            }
        }
        let fields = said["fields"].as_array().unwrap();
        for field in
            fields.iter().filter(|field| field["name"] == "title" && field["values"] != Value::Array(vec![]))
        {
            let won =
                field["candidates"].as_array().unwrap().iter().any(|candidate| candidate["won"] == true);
            assert!(won, "{}: no candidate of {field:#} was taken", record["page_id"]);
        }
    }
}

#[test]
fn help_has_examples() {
    let text = out(&explain(&["--help"]));
    assert!(text.contains("Examples:") && text.contains("TOPIC:PARTITION:OFFSET"));
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/explain.md").is_file());
}
