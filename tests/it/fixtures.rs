//! The sample pages under `tests/fixtures`: their list and their messages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use serde_json::{Map, Value};

/// One sample page.
pub struct Case {
    /// `<lang>/<case>`.
    pub name: String,
    /// The page message with its body.
    pub message: Map<String, Value>,
}

impl Case {
    /// The body's bytes, as a server sent them.
    pub fn body(&self) -> Vec<u8> {
        fs::read(body_path(&root().join(&self.name))).unwrap()
    }
}

/// The folder of the sample pages.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// All cases, in the order of `order.txt`.
pub fn cases() -> Vec<Case> {
    listed().iter().map(|name| load(name)).collect()
}

/// Names in `order.txt`.
pub fn listed() -> Vec<String> {
    let order = fs::read_to_string(root().join("order.txt")).unwrap();
    order.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn load(name: &str) -> Case {
    let dir = root().join(name);
    let mut message = object(&dir.join("page.json"));
    let body = fs::read(body_path(&dir)).unwrap();
    match String::from_utf8(body) {
        Ok(text) => message.insert("body".into(), text.into()),
        Err(error) => message.insert(
            "body_base64".into(),
            base64::engine::general_purpose::STANDARD.encode(error.as_bytes()).into(),
        ),
    };
    Case { name: name.to_owned(), message }
}

/// The one file of a case that is its page.
fn body_path(dir: &Path) -> PathBuf {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.starts_with("page.") && name != "page.json" {
            found.push(dir.join(name));
        }
    }
    assert_eq!(found.len(), 1, "{} must hold one page, and holds {found:?}", dir.display());
    found.remove(0)
}

fn object(path: &Path) -> Map<String, Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The sample as JSONL.
pub fn jsonl(cases: &[Case]) -> String {
    cases.iter().map(|case| format!("{}\n", serde_json::to_string(&case.message).unwrap())).collect()
}

/// Runs `newsmill process` on a file and gives what it wrote.
pub fn process(input: &Path, arguments: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_newsmill"))
        .arg("process")
        .arg(input)
        .args(arguments)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}: {}", run.status, String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// `order.txt` and the folders name the same cases, and each page knows its own name.
#[test]
fn every_case_is_listed() {
    let mut found = Vec::new();
    for lang in fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        for case in fs::read_dir(&lang).unwrap().map(|entry| entry.unwrap().path()) {
            let name = case.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            found.push(name);
        }
    }
    found.sort();
    let mut listed = listed();
    listed.sort();
    assert_eq!(found, listed, "left: folders, right: order.txt");
    for case in cases() {
        assert_eq!(case.message["id"], case.name.as_str());
    }
}

/// `script/sample` makes the same messages as the tests read.
#[test]
fn the_script_makes_the_same_sample() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pages.jsonl");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("script/sample");
    let run = Command::new("bash").arg(script).arg(&path).current_dir(dir.path()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let written = fs::read_to_string(&path).unwrap();
    let cases = cases();
    assert_eq!(written.lines().count(), cases.len());
    for (line, case) in written.lines().zip(&cases) {
        let message: Map<String, Value> = serde_json::from_str(line).unwrap();
        assert!(message == case.message, "{} differs", case.name);
    }
}
