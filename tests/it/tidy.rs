//! The rules of the house that a test can hold: who may import whom, what stays out of the pure modules, and
//! what no file may hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the files of a module may use of the others; `a::b` allows that part of `a` alone. What is not here may
/// use everything. The same table as in ARCHITECTURE.md.
const MAY_USE: &[(&str, &[&str])] = &[
    ("record", &[]),
    ("codec", &["record"]),
    ("stages", &["record"]),
    ("sightings", &["record", "stages::deduplicate"]),
    ("telemetry", &["record"]),
    ("models", &["record", "codec", "stages"]),
    ("pipeline", &["record", "codec", "stages", "sightings", "models", "telemetry"]),
    ("explain", &["record", "codec", "stages", "sightings", "pipeline"]),
    ("kafka", &["record", "codec", "pipeline", "sightings", "config", "telemetry"]),
    ("local", &["record", "codec", "pipeline", "sightings", "config", "telemetry"]),
    (
        "config",
        &["record", "codec", "stages", "pipeline", "sightings", "kafka", "local", "service", "telemetry"],
    ),
    ("eval", &["record", "codec", "stages", "sightings", "models", "pipeline", "local", "config"]),
    ("train", &["record", "codec", "stages", "models", "eval"]),
];

/// Names that a module never mentions.
const NEVER: &[(&[&str], &[&str])] = &[
    (
        &["record", "stages", "sightings"],
        &[
            "tokio",
            "rdkafka",
            "axum",
            "metrics::",
            "rand::",
            "std::fs",
            "std::io",
            "std::net",
            "std::env",
            "std::process",
            "std::time",
            "std::thread",
            "Instant::now",
            "SystemTime",
            "Timestamp::now",
        ],
    ),
    (
        &["codec", "pipeline", "explain"],
        &["tokio", "rdkafka", "axum", "std::fs", "std::net", "Timestamp::now"],
    ),
    (&["local", "eval", "train", "models"], &["tokio", "rdkafka", "axum"]),
    (&["kafka"], &["axum"]),
];

/// Longest source file, in lines.
const MAX_LINES: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under a folder, in the order of names.
fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
        .into_iter()
        .filter(|path| !path.ends_with("target") && !path.ends_with(".git"))
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .collect()
}

/// Path from the root, and text.
fn sources(folder: &str) -> Vec<(String, String)> {
    walk(&root().join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .map(|path| (relative(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}

/// The code that ships: without comments, and without the unit tests at the end of a file.
fn code(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let opens_tests = lines.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
        if line == "#[cfg(test)]" && opens_tests {
            break;
        }
        if !line.trim_start().starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// The shipped code of `src`, without what is tests alone: its module, path and text. `main.rs` and `lib.rs` belong to no
/// module.
fn modules() -> Vec<(String, String, String)> {
    sources("src")
        .into_iter()
        .filter(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/"))
        .filter_map(|(path, text)| {
            let module = path.strip_prefix("src/")?.split_once('/').map(|(module, _)| module.to_owned())?;
            Some((module, path, code(&text)))
        })
        .collect()
}

/// What `crate::…` paths and use trees in a code name, two segments deep.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            expand(&mut code[at + "crate::".len()..].chars().peekable(), "", 2, &mut found);
        }
    }
    found
}

/// Reads one branch of a use tree: a name with what follows it, or a group in braces.
fn expand(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    prefix: &str,
    depth: usize,
    found: &mut Vec<String>,
) {
    let skip_blank = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
    };
    skip_blank(rest);
    if rest.next_if_eq(&'{').is_some() {
        loop {
            skip_blank(rest);
            match rest.peek() {
                None => return,
                Some('}') => {
                    rest.next();
                    return;
                }
                Some(',') => {
                    rest.next();
                }
                Some(_) => expand(rest, prefix, depth, found),
            }
        }
    }
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_' || *c == '*') {
        name.push(c);
    }
    if name.is_empty() {
        rest.next();
        return;
    }
    let path = if prefix.is_empty() { name } else { format!("{prefix}::{name}") };
    let mut ahead = rest.clone();
    if ahead.next() == Some(':') && ahead.next() == Some(':') {
        rest.nth(1);
        if depth > 1 {
            return expand(rest, &path, depth - 1, found);
        }
        // Deeper than the rules look: pass over it.
        found.push(path.clone());
        return expand(rest, &path, 1, &mut Vec::new());
    }
    found.push(path);
}

fn allowed(path: &str, may_use: &[&str]) -> bool {
    may_use.iter().any(|may| path == *may || path.starts_with(&format!("{may}::")))
}

#[test]
fn modules_import_only_what_they_may() {
    let mut wrong = Vec::new();
    for (module, file, code) in modules() {
        let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == module) else { continue };
        for import in imports(&code) {
            let own = import == module || import.starts_with(&format!("{module}::"));
            if !own && !allowed(&import, may_use) {
                wrong.push(format!("{file} uses {import}; {module} may use {may_use:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_modules_stay_pure() {
    let mut wrong = Vec::new();
    for (module, file, code) in modules() {
        for (_, names) in NEVER.iter().filter(|(modules, _)| modules.contains(&module.as_str())) {
            for name in names.iter().filter(|name| code.contains(**name)) {
                wrong.push(format!("{file} mentions {name}, which {module} never does"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Decoders read under a cap in one place; metrics are written through one table.
#[test]
fn decoders_and_metrics_have_one_place() {
    let mut wrong = Vec::new();
    for (module, file, code) in modules() {
        for line in code.lines() {
            let library = ["flate2", "zstd", "liblzma", "brotli"].iter().any(|name| line.contains(name));
            let reads =
                ["Decoder", "decode", "Decompressor", "decompress"].iter().any(|name| line.contains(name));
            if library && reads && !file.starts_with("src/codec/decompress") {
                wrong.push(format!("{file}: a raw decoder outside src/codec/decompress: {}", line.trim()));
            }
            let metric = ["counter!", "gauge!", "histogram!"].iter().any(|name| line.contains(name));
            if metric && module != "telemetry" {
                wrong.push(format!("{file}: a metric outside src/telemetry: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn source_files_are_finished_and_readable() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src").into_iter().chain(sources("tests")) {
        let lines = text.lines().count();
        if lines > MAX_LINES {
            wrong.push(format!("{file} has {lines} lines, more than {MAX_LINES}: split it"));
        }
        if !file.ends_with("tests.rs") && !text.starts_with("//!") {
            wrong.push(format!("{file} does not say at its head what it is for (//!)"));
        }
    }
    for (_, file, code) in modules() {
        for name in ["todo!(", "unimplemented!(", "dbg!("].iter().filter(|name| code.contains(**name)) {
            wrong.push(format!("{file} has {name})"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A test file without its line in `main.rs` would not be run by anybody.
#[test]
fn every_test_file_is_run() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    let mut files = 0;
    for path in fs::read_dir(root().join("tests/it")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        files += 1;
        assert!(
            name == "main" || main.contains(&format!("mod {name};")),
            "tests/it/main.rs lacks mod {name};"
        );
    }
    assert!(files > 1);
}

/// Code that the compiler cannot check stands in two files: vector instructions, and the map of a file.
#[test]
fn unsafe_code_has_its_places() {
    const PLACES: &[&str] = &["src/models/map.rs", "src/stages/classify_topics/encoder/simd.rs"];
    let mut blocks = 0;
    for (file, text) in sources("src") {
        let mut before = "";
        for line in text.lines() {
            let code = !line.trim_start().starts_with("//");
            if code && line.contains("unsafe") && !line.contains("unsafe_code") {
                assert!(PLACES.contains(&file.as_str()), "{file} has unsafe code: {}", line.trim());
                assert!(before.contains("// "), "{file}: no reason stands before {}", line.trim());
                blocks += 1;
            }
            before = line;
        }
    }
    assert!(blocks > 0);
}

/// The project's files name no machine, no home folder and no package registry.
#[test]
fn files_name_no_machine() {
    // Put together here, so that this file does not hold them itself.
    let names = [
        "/ro*ot/",
        "/wo*rk/",
        "/ho*me/",
        "/Us*ers/",
        "static.crates*.io",
        "index.crates*.io",
        "repo1.ma*ven",
    ]
    .map(|name| name.replace('*', ""));
    let mut wrong = Vec::new();
    for path in tracked().into_iter().filter(|path| !path.ends_with("Cargo.lock")) {
        // Models and packed pages are no text.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            for name in names.iter().filter(|name| line.contains(*name)) {
                wrong.push(format!("{}:{} has {name}", relative(&path), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What git keeps; outside a git checkout, everything.
fn tracked() -> Vec<PathBuf> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let files: Vec<PathBuf> = match listed {
        Ok(listed) if listed.status.success() => String::from_utf8(listed.stdout)
            .unwrap()
            .split_terminator('\0')
            .map(|name| root().join(name))
            .filter(|path| path.is_file())
            .collect(),
        _ => walk(root()),
    };
    assert!(files.len() > 50, "only {} files found", files.len());
    files
}

/// The reader of imports sees what it must, so the rules above can fail.
#[test]
fn imports_are_read() {
    let use_trees = "use crate::record::{Page, article::Story};\nuse crate::{codec, stages::{a::B, c}};\nlet x = crate::kafka::run();";
    let mut found = imports(use_trees);
    found.sort();
    assert_eq!(found, ["codec", "kafka::run", "record::Page", "record::article", "stages::a", "stages::c"]);
    assert!(imports("use my_crate::record;").is_empty());
    assert!(allowed("stages::deduplicate::Config", &["stages::deduplicate"]));
    assert!(!allowed("stages::deduplicates", &["stages::deduplicate"]));
    let text = "//! Head of crate::kafka.\nuse crate::record;\n#[cfg(test)]\nmod tests {\n    use crate::kafka;\n}\n";
    assert_eq!(imports(&self::code(text)), ["record"]);
}
