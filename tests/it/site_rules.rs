//! Rules for sites, through the program.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const TEXT: &str = "The harbour town of Lindmere voted on Tuesday to rebuild its pier, which the storms had carried off, said Mayor Anna Holt.";

/// Runs `newsmill process` on one page with rules in a file of their own.
fn process(rules: &str, page: &Value) -> (bool, Value, String) {
    let dir = tempfile::tempdir().unwrap();
    let sites = dir.path().join("sites.toml");
    fs::write(&sites, rules).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_newsmill"))
        .args(["process", "-"])
        .env("NEWSMILL_STRIP_BOILERPLATE_SITES", &sites)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // With a mistake in the file it ends before it reads.
    let _gone = writeln!(child.stdin.take().unwrap(), "{page}");
    let out = child.wait_with_output().unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    (out.status.success(), serde_json::from_slice(&out.stdout).unwrap_or_default(), said)
}

#[test]
fn a_page_is_read_by_the_rule_of_its_site() {
    let boxed = "Read on: ten tables for a long weekend by the sea, tried by our reporters.";
    let body = format!(
        "<h1>Pier</h1><div class=offer><p>{boxed}</p></div><div id=x><p>{TEXT}</p><p>{TEXT}</p></div>"
    );
    let page =
        json!({"url": "https://www.coast.example/local/pier", "content_type": "text/html", "body": body});
    let rules = "[[site]]\nhost = 'coast.example'\npath = '/local'\ntake = ['.offer']\nsection = 'Local'\nlanguage = 'gd'";
    let (good, record, said) = process(rules, &page);
    assert!(good, "{said}");
    assert_eq!(record["text"], boxed);
    assert_eq!(
        (&record["section"], &record["language"]),
        (&json!("Local"), &json!({"code": "gd", "confidence": 1.0}))
    );
    let (_, record, _) =
        process("[[site]]\nhost = 'coast.example'\ndrop = ['#x > p:nth-child(1)', 'div']", &page);
    assert_eq!(record, Value::Null);
    let (_, record, _) = process("[[site]]\nhost = 'coast.example'\ndrop = ['.offer']", &page);
    assert_eq!(record["text"], format!("{TEXT}\n\n{TEXT}"));
}

#[test]
fn mistakes_in_the_file_are_said_at_once() {
    let rules = "[[site]]\nhost = 'coast.example'\ntake = ['p:first-child']\n[[site]]\nhost = 'http://b.example'\nlanguage = 'deu'\n";
    let (good, _, said) = process(rules, &json!({}));
    assert!(!good);
    for part in [
        "3 problems in the configuration",
        "sites.toml: site 1 (coast.example): take `p:first-child`: `:` at character 2: pseudo-classes are not known",
        "site 2 (http://b.example): host is no host name",
        "site 2 (http://b.example): language `deu` is not a code that is ever given: use the code of ISO 639-1",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let (_, _, said) = process("[[site]]\nhots = 'a'\n[[site]]\nhost = 'b.example'\n", &json!({}));
    assert!(said.contains("site 1: unknown field `hots`, expected one of `host`"), "{said}");
}

#[test]
fn the_file_that_is_shipped_is_right() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/config/sites.toml");
    let body = format!("<article><div class=story-body><p>{TEXT}</p></div><p>{TEXT} And more.</p></article>");
    let page = json!({"url": "https://lindmere-herald.example/1", "content_type": "text/html", "body": body});
    let (good, record, said) = process(&fs::read_to_string(shipped).unwrap(), &page);
    assert!(good, "{said}");
    assert_eq!(record["text"], TEXT);
}
