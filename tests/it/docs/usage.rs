//! Commands that the pages show are commands that there are, with options that they take.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::{book, root};

/// A line of the log that looks like a command.
const LOGGED: &[&str] = &["starts"];

/// The helps of commands that were asked for, by their words.
#[derive(Default)]
struct Helps(BTreeMap<String, Option<String>>);

impl Helps {
    /// The help of a command; none where there is no such command.
    fn of(&mut self, words: &[&str]) -> Option<&str> {
        let ask = || {
            let output =
                Command::new(env!("CARGO_BIN_EXE_newsmill")).args(words).arg("--help").output().unwrap();
            output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
        };
        self.0.entry(words.join(" ")).or_insert_with(ask).as_deref()
    }
}

/// What stands as code on a page: spans between backticks, and lines of blocks, fenced or indented.
fn code(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut fence = false;
    let mut prose = String::new();
    // An indented line is code where a paragraph does not go on.
    let (mut open, mut ended) = (false, true);
    for line in text.lines() {
        if line.starts_with("```") {
            fence = !fence;
        } else if fence || (line.starts_with("    ") && (open || ended)) {
            open = true;
            out.push(line.trim().to_owned());
        } else {
            open = false;
            ended = line.is_empty();
            prose.push_str(line);
            prose.push(' ');
        }
    }
    out.extend(prose.split('`').skip(1).step_by(2).map(str::to_owned));
    out
}

/// The command lines of newsmill in a piece of code, as words behind the program's name.
fn commands(code: &str) -> Vec<Vec<&str>> {
    let ends = |word: &&str| !["|", ">", "2>", "<", "#", ";", "&&", "&", "\\"].contains(word);
    let mut found = Vec::new();
    for part in code.split(['|', ';', '(', ')']) {
        let mut words = part.split_whitespace().skip_while(|word| word.contains('='));
        if words.next().is_some_and(|program| program == "newsmill" || program.ends_with("/newsmill")) {
            found.push(words.take_while(ends).map(|word| word.trim_end_matches([';', ','])).collect());
        }
    }
    found
}

/// What is wrong with a command line, if anything.
fn problem(helps: &mut Helps, words: &[&str]) -> Option<String> {
    let is_name = |word: &&&str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
    };
    let command: Vec<&str> = words.iter().take(1).take_while(is_name).copied().collect();
    let Some(mut help) = helps.of(&command).map(str::to_owned) else {
        return Some("no such command".to_owned());
    };
    // Some commands have commands below them, and then none of their own.
    let below: Vec<&str> = words.iter().take(2).take_while(is_name).copied().collect();
    if below.len() == 2 && help.contains("Commands:") {
        match helps.of(&below) {
            Some(more) => help.push_str(more),
            None => return Some(format!("no command {}", below[1])),
        }
    }
    let options = words.iter().filter(|word| word.starts_with("--") && word.len() > 2);
    let unknown = options.map(|word| word.split('=').next().unwrap()).find(|option| !takes(&help, option));
    unknown.map(|option| format!("does not take {option}"))
}

/// Whether a help lists the option.
fn takes(help: &str, option: &str) -> bool {
    help.match_indices(option).any(|(at, _)| {
        !help[at + option.len()..].starts_with(|c: char| c == '-' || c.is_ascii_alphanumeric())
    })
}

#[test]
fn every_command_that_is_shown_is_one() {
    let mut helps = Helps::default();
    let (mut seen, mut problems) = (0, Vec::new());
    for page in book::pages() {
        // What it says of earlier versions stays.
        if page == "CHANGELOG.md" {
            continue;
        }
        for code in code(&fs::read_to_string(root().join(&page)).unwrap()) {
            for words in commands(&code).into_iter().filter(|words| words != LOGGED) {
                seen += 1;
                problems.extend(
                    problem(&mut helps, &words)
                        .map(|what| format!("{page}: `newsmill {}`: {what}", words.join(" "))),
                );
            }
        }
    }
    assert!(seen > 100, "{seen} commands");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn commands_that_are_none_are_noticed() {
    let mut helps = Helps::default();
    let mut wrong = |line: &str| {
        let found = commands(line);
        assert_eq!(found.len(), 1, "{line}");
        problem(&mut helps, &found[0]).is_some()
    };
    for line in [
        "newsmill proces x",
        "newsmill process x --thread 3",
        "newsmill train topic --data x",
        "A=b newsmill --versions",
    ] {
        assert!(wrong(line), "{line}");
    }
    for line in [
        "newsmill process - --threads 3 > x",
        "newsmill train topics --data x",
        "zcat x | newsmill process -",
        "newsmill --version",
    ] {
        assert!(!wrong(line), "{line}");
    }
}
