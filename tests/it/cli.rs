//! The command line as a user meets it: pipes, limits, exit codes, and what is said when something is wrong.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::fixtures;

fn newsmill(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_newsmill"));
    command.args(arguments);
    command
}

fn sample(dir: &Path) -> String {
    let path = dir.join("pages.jsonl");
    fs::write(&path, fixtures::jsonl(&fixtures::cases())).unwrap();
    path.to_str().unwrap().to_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_pipe_and_a_file_give_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample(dir.path());
    let file = fixtures::process(Path::new(&path), &["--quiet"]);
    let mut child = newsmill(&["process", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pages = fs::read(&path).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&pages));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(code(&output), 0, "{}", said(&output));
    // Only the name of the input differs.
    let piped = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(piped.replace("\"input\":\"stdin\"", "") == file.replace(&format!("\"input\":\"{path}\""), ""));
    let pages = file.lines().count();
    assert!(said(&output).contains(&format!("{pages} pages")), "the summary is on stderr: {}", said(&output));
}

#[test]
fn at_most_so_many_pages() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample(dir.path());
    let all = fixtures::process(Path::new(&path), &["--quiet"]);
    let some = fixtures::process(Path::new(&path), &["--quiet", "--at-most", "7"]);
    let first: Vec<&str> = all.lines().take(7).collect();
    assert_eq!(some.lines().collect::<Vec<_>>(), first);
}

#[test]
fn output_goes_to_the_file_that_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample(dir.path());
    let out = dir.path().join("articles.jsonl");
    let output = newsmill(&["process", &path, "--output", out.to_str().unwrap()]).output().unwrap();
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(output.stdout.is_empty());
    assert!(fs::read_to_string(&out).unwrap() == fixtures::process(Path::new(&path), &["--quiet"]));
}

/// What `import` would send, without a broker.
#[test]
fn a_dry_run_of_an_import_asks_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("a.jsonl", "{\"url\":\"https://a.example/\",\"body\":\"x\"}\n{\"body\":\"y\"}\n{\"body\":3}\n");
    write("b.html", "<p>z</p>");
    let path = dir.path().to_str().unwrap();
    let output = newsmill(&["import", path, "--dry-run"])
        .env("NEWSMILL_KAFKA_BROKERS", "127.0.0.1:1")
        .output()
        .unwrap();
    let said = said(&output);
    assert_eq!(code(&output), 0, "{said}");
    for words in [
        "4 pages: 2 JSON page messages, 1 raw bodies",
        "a.jsonl, line or record 3",
        "1 are no page message",
        "2 name neither URL nor id",
        "nothing was sent",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// A folder of plain files: each is a page, known by its name.
#[test]
fn a_folder_of_files() {
    let written = fixtures::process(&fixtures::root().join("en/night-library"), &["--quiet"]);
    let page = written.lines().find(|line| line.contains("page.html")).unwrap();
    assert!(page.starts_with(r#"{"outcome":"article""#), "{page}");
}

#[test]
fn what_is_wrong_is_said_with_its_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample(dir.path());
    let config = dir.path().join("newsmill.toml");
    fs::write(&config, "[deduplicate]\nwindow_day = 3\n").unwrap();
    let config = config.to_str().unwrap();
    for (arguments, exit, words) in [
        (vec!["process", "no-such-file.jsonl"], 2, "no-such-file.jsonl"),
        (vec!["process", &path, "--config", config], 2, "did you mean window_days"),
        (vec!["process", &path, "--config", "no-such.toml"], 2, "no-such.toml"),
        (vec!["process", &path, "--threads", "0"], 2, "--threads"),
        (vec!["process"], 2, "<PATH>"),
        (vec!["grind"], 2, "grind"),
        (vec!["process", &path, "--output", "no/such/folder/out.jsonl"], 1, "no/such/folder/out.jsonl"),
    ] {
        let output = newsmill(&arguments).output().unwrap();
        assert_eq!(code(&output), exit, "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(words), "{arguments:?}: {}", said(&output));
    }
    let output =
        newsmill(&["process", &path]).env("NEWSMILL_DEDUPLICATE_WINDOW_DAYS", "many").output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("NEWSMILL_DEDUPLICATE_WINDOW_DAYS"), "{}", said(&output));
}

#[test]
fn every_command_shows_help() {
    let output = newsmill(&["--help"]).output().unwrap();
    assert_eq!(code(&output), 0);
    let help = String::from_utf8(output.stdout).unwrap();
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    assert!(names.contains(&"process"), "{help}");
    for name in names {
        let output = newsmill(&[name, "--help"]).output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && help.contains("Usage: newsmill"), "{name}: {help}");
        assert!(help.contains("Example"), "{name} --help shows no example:\n{help}");
    }
}

/// A reader that goes away ends the run without an error.
#[test]
fn a_closed_pipe_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample(dir.path());
    let mut child = newsmill(&["process", &path, &path, &path, "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0, "{}", said(&output));
}

#[test]
fn duplicates_are_scored_on_rows_at_size_or_both() {
    let dir = tempfile::tempdir().unwrap();
    let rows = dir.path().join("rows.jsonl");
    let text =
        "The ferry to Marrow Bay stays in harbour until the storm has passed, its owner said on Monday.";
    let row = |id: u32| format!("{{\"id\": {id}, \"cluster\": 1, \"text\": \"{text}\"}}\n");
    fs::write(&rows, row(1) + &row(2)).unwrap();
    let rows = rows.to_str().unwrap();
    let run = |arguments: &[&str]| newsmill(&["eval", "dedup"]).args(arguments).output().unwrap();
    for (arguments, scored, at_size) in [
        (&["--data", rows, "--documents", "0"][..], true, false),
        (&["--documents", "500"], false, true),
        (&["--data", rows, "--documents", "500"], true, true),
    ] {
        let output = run(arguments);
        let out = String::from_utf8_lossy(&output.stdout);
        assert_eq!(code(&output), 0, "{arguments:?}: {}", said(&output));
        assert_eq!(out.contains("verdict f1"), scored, "{arguments:?}: {out}");
        assert_eq!(out.contains("index of 500 documents"), at_size, "{arguments:?}: {out}");
        assert!(output.stderr.is_empty(), "no bar where stderr is no terminal: {}", said(&output));
    }
    for arguments in [&[][..], &["--documents", "0"]] {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(said(&output).contains("--data"), "{}", said(&output));
    }
}
