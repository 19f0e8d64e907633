//! Programs that others made, which the tests hold newsmill's outputs against: see script/outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a program of `tests/outside` in the Python that has what it needs; where that is missing, it says how to get it.
pub fn python(program: &str, arguments: &[&str]) -> Output {
    let found = Command::new(root().join("script/outside")).arg("python").output().unwrap();
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    let python = String::from_utf8(found.stdout).unwrap();
    Command::new(python.trim())
        .arg("-B")
        .arg(root().join("tests/outside").join(program))
        .args(arguments)
        .output()
        .unwrap()
}

/// What a program said.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Has every record of these files held against its schema by a validator that others made: how many of each kind are
/// valid.
pub fn validate(folder: &Path, files: &[PathBuf]) -> Vec<(String, usize)> {
    let schemas = folder.join("schemas");
    let wrote = Command::new(env!("CARGO_BIN_EXE_newsmill"))
        .args(["schema", "--output"])
        .arg(&schemas)
        .output()
        .unwrap();
    assert!(wrote.status.success(), "{}", said(&wrote));
    let paths = std::iter::once(&schemas).chain(files).map(|path| path.to_str().unwrap());
    let output = python("validate.py", &paths.collect::<Vec<_>>());
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    let counts = said.trim().strip_prefix("valid: ").unwrap_or_else(|| panic!("{said}"));
    println!("{counts}");
    counts
        .split(", ")
        .map(|count| count.split_once('=').unwrap())
        .map(|(kind, count)| (kind.to_owned(), count.parse().unwrap()))
        .collect()
}
