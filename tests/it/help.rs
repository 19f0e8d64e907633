//! What is made of the command line: completions, manual pages, versions.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use newsmill::pipeline::{Pipeline, Settings};

fn newsmill(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_newsmill")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Names of the commands of `newsmill`, or below one of them, as `--help` lists them.
fn commands(path: &[&str]) -> BTreeSet<String> {
    let help = newsmill(&[path, &["--help"]].concat());
    let list = help.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap();
    // Names stand at the beginning of their lines; what explains them may go on below, further in.
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

#[test]
fn completions_name_every_command() {
    let commands = commands(&[]);
    assert!(commands.len() > 12, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = newsmill(&["completions", shell]);
        for command in &commands {
            assert!(text.contains(command.as_str()), "{shell} does not complete {command}");
        }
    }
}

/// bash takes them, and completes by them.
#[test]
fn bash_completes_commands_and_options() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("newsmill.bash");
    fs::write(&file, newsmill(&["completions", "bash"])).unwrap();
    let complete = |words: &str| {
        let script = format!(
            "source '{}'; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _newsmill newsmill \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            file.display()
        );
        let output = Command::new("bash").args(["--norc", "-c", &script]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(complete("newsmill pro").trim(), "process");
    assert_eq!(complete("newsmill process --thr").trim(), "--threads");
    assert!(complete("newsmill schema a").contains("asyncapi"));
}

#[test]
fn every_command_has_a_manual_page() {
    let dir = tempfile::tempdir().unwrap();
    newsmill(&["man", "--dir", dir.path().to_str().unwrap()]);
    let written: BTreeSet<String> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut wanted = BTreeSet::from(["newsmill.1".to_owned()]);
    for command in commands(&[]) {
        wanted.insert(format!("newsmill-{command}.1"));
        wanted.extend(commands(&[&command]).iter().map(|below| format!("newsmill-{command}-{below}.1")));
    }
    // Those of `help` are there too.
    assert_eq!(wanted.difference(&written).collect::<Vec<_>>(), Vec::<&String>::new());
    let page = newsmill(&["man"]);
    assert_eq!(page, fs::read_to_string(dir.path().join("newsmill.1")).unwrap());
    for command in commands(&[]) {
        assert!(page.contains(&format!("newsmill\\-{command}(1)")), "newsmill(1) does not name {command}");
    }
    assert!(page.contains("unreachable"), "the exit codes are on the page");
    // Examples are copied from the page, so no line of theirs is filled or hyphenated.
    let process = fs::read_to_string(dir.path().join("newsmill-process.1")).unwrap();
    let examples = process.split(".SH EXAMPLES\n.nf\n").nth(1).unwrap();
    assert!(examples.starts_with("  newsmill process pages.jsonl > articles.jsonl\n"), "{examples}");
    assert!(examples.contains("\n.fi") && !process.contains(".SH EXTRA"), "{process}");
}

#[test]
fn the_version_names_those_of_the_models() {
    let short = newsmill(&["-V"]);
    assert_eq!(short, format!("newsmill {}\n", env!("CARGO_PKG_VERSION")));
    let long = newsmill(&["--version"]);
    assert!(long.starts_with(&short), "{long}");
    let versions = Pipeline::load(&Settings::default()).unwrap().versions();
    let said = |label: &str| {
        let line = long
            .lines()
            .find_map(|line| line.strip_prefix(label))
            .unwrap_or_else(|| panic!("{label}: {long}"));
        line.trim().to_owned()
    };
    assert_eq!(said("main text "), versions.main_text);
    assert_eq!(said("language "), versions.language);
    assert_eq!(said("topics "), versions.topics);
    assert_eq!(said("encoder "), versions.encoder);
    assert_eq!(said("librdkafka "), newsmill::kafka::client_version());
    assert!(said("build ").contains(std::env::consts::ARCH), "{long}");
}

/// A configuration or a model that cannot be used does not hide what this program is.
#[test]
fn the_version_is_said_beside_a_broken_model() {
    let command = || Command::new(env!("CARGO_BIN_EXE_newsmill"));
    let output =
        command().arg("--version").env("NEWSMILL_CLASSIFY_TOPICS_MODEL", "no-such.bin").output().unwrap();
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("topics "), "{out}{error}");
    assert!(error.contains("no-such.bin"), "{error}");
}
