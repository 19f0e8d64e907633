//! `newsmill check`: each thing that is wrong is named with what to do, and what is right is left alone.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::broker::Broker;
use super::world::World;

/// A check that says JSON: its exit code and its findings.
fn check(world: &World, config: &Path, more: &[&str]) -> (i32, Vec<Value>) {
    let output = Command::new(env!("CARGO_BIN_EXE_newsmill"))
        .args(["check", "--json", "--config"])
        .arg(config)
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let findings: Vec<Value> = serde_json::from_str(&said).unwrap_or_else(|error| {
        panic!("{}: {error}: {said}{:?}", world.name, String::from_utf8_lossy(&output.stderr))
    });
    for finding in &findings {
        let wrong = ["warning", "problem"].contains(&finding["level"].as_str().unwrap());
        assert!(!wrong || !finding["do"].as_array().unwrap().is_empty(), "nothing to do: {finding}");
        assert_eq!(finding["ok"].as_bool().unwrap(), finding["level"] != "problem", "{finding}");
    }
    (output.status.code().unwrap(), findings)
}

/// The findings that are of a level, as text.
fn of(findings: &[Value], level: &str) -> Vec<String> {
    findings.iter().filter(|finding| finding["level"] == level).map(Value::to_string).collect()
}

#[test]
fn a_running_worker_is_looked_at_and_left_alone() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("one", "");
    one.await_log("assigned", 60);
    let config = world.config("two", "");
    let (code, findings) = check(&world, &config, &["--write"]);
    assert_eq!((code, of(&findings, "problem")), (0, Vec::new()), "{findings:#?}");
    let text = |what: &str| {
        let found = findings.iter().find(|finding| finding["what"] == what);
        found.unwrap_or_else(|| panic!("nothing of {what}: {findings:#?}"))["detail"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(text(&format!("group {}", world.name)).contains("1 member"), "it did not join: {findings:#?}");
    assert!(text("settings in the sightings log").contains("are those"), "{findings:#?}");
    assert!(text("clock").contains("not behind"), "{findings:#?}");
    assert!(text("delivery").contains("within 21 s"), "{findings:#?}");
    let rights: Vec<_> =
        findings.iter().filter(|row| row["what"] == "rights").map(|row| row["detail"].to_string()).collect();
    assert!(rights[0].contains("may read") && rights[1].contains("may write to"), "{rights:?}");
    assert!(!one.log().contains("revoked"), "{}", one.log());
    for which in ["articles", "duplicates", "rejected"] {
        assert_eq!(
            world.read(which, Duration::from_secs(3)).len(),
            0,
            "{which}: what was tried was given up"
        );
    }
}

#[test]
fn what_is_wrong_is_named_with_the_commands() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("one", "");
    one.await_log("assigned", 60);
    assert!(one.terminate().0.success());
    let articles = world.topic("articles");
    let arguments = [
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        &articles,
        "--add-config",
        "max.message.bytes=200000,min.insync.replicas=2",
    ];
    world.tool("org.apache.kafka.tools.ConfigCommand", &arguments);
    let more = "kafka.transaction_timeout_ms = 1000000\nkafka.session_timeout_ms = 2000000\n\
                deduplicate.window_days = 29";
    let (code, findings) = check(&world, &world.config("two", more), &[]);
    let problems = of(&findings, "problem");
    assert_eq!(code, 1, "{findings:#?}");
    for parts in [
        [articles.as_str(), "max.message.bytes is 200000", "--add-config max.message.bytes=10485760"],
        [articles.as_str(), "min.insync.replicas is 2", "--add-config min.insync.replicas=1"],
        ["broker 1", "transaction.max.timeout.ms allows 900000", "lower kafka.transaction_timeout_ms"],
        ["broker 1", "group.max.session.timeout.ms allows 1800000", "lower kafka.session_timeout_ms"],
        ["settings in the sightings log", "window_days: 30 in the log, 29 here", "--change-settings"],
    ] {
        let named = problems.iter().any(|problem| parts.iter().all(|part| problem.contains(part)));
        assert!(named, "{parts:?} is not in {problems:#?}");
    }
    assert_eq!(problems.len(), 5, "{problems:#?}");
}
