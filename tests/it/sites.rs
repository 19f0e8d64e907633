//! `newsmill test`: cases made, held, and told apart from those that are not met or cannot be read.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::fixtures;

/// Runs `newsmill test`: exit code, what it printed, and what it complained of.
fn test(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let run =
        Command::new(env!("CARGO_BIN_EXE_newsmill")).arg("test").arg(folder).args(more).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code().unwrap(), text(run.stdout), text(run.stderr))
}

/// A folder with the case `library`, made of a sample page.
fn made() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let page = fixtures::root().join("en/night-library/page.html");
    let case = dir.path().join("library");
    let url = "https://smalltownnotes.example/2026/01/the-library-that-opens-at-night/";
    let (code, said, wrong) = test(&case, &["--new", page.to_str().unwrap(), "--url", url]);
    assert_eq!(code, 0, "{said}{wrong}");
    assert!(said.contains("expect.json") && said.contains("all as expected"), "{said}");
    assert_eq!(fs::read(case.join("page.html")).unwrap(), fs::read(page).unwrap());
    dir
}

#[test]
fn a_case_is_made_of_a_page_and_met() {
    let dir = made();
    let written = fs::read_to_string(dir.path().join("library/expect.json")).unwrap();
    let expect: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!(expect["title"], "The library that opens at night");
    assert_eq!(expect["authors"], serde_json::json!(["Joan Ferrier"]));
    assert_eq!(expect["contains"].as_array().unwrap().len(), 3);
    let (code, said, _) = test(dir.path(), &[]);
    assert_eq!((code, said.as_str()), (0, "1 case, all as expected\n"));
    // A case is never made over another.
    let (code, _, wrong) = test(&dir.path().join("library"), &["--new", "page.html"]);
    assert!(code == 1 && wrong.contains("is there already"), "{wrong}");
}

#[test]
fn a_difference_is_shown_line_by_line() {
    let dir = made();
    let path = dir.path().join("library/expect.json");
    let mut expect: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    expect["title"] = "The library & the night".into();
    expect["excludes"] = serde_json::json!(["The idea came from Edith Monk"]);
    fs::write(&path, expect.to_string()).unwrap();
    let (junit, report) = (dir.path().join("report.xml"), "report.xml");
    let (code, said, wrong) = test(dir.path(), &["--junit", junit.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert_eq!(
        said,
        "library\n  title\n    - The library & the night\n    + The library that opens at night\n  excludes\n    + The idea came \
         from Edith Monk\n"
    );
    assert_eq!(wrong, "newsmill: 1 of 1 case is not as expected\n");
    let report = fs::read_to_string(dir.path().join(report)).unwrap();
    assert!(
        report.contains("tests=\"1\" failures=\"1\"") && report.contains("The library &amp; the night"),
        "{report}"
    );

    // Without an expectation a case is not met, until one is written.
    fs::remove_file(&path).unwrap();
    let (code, said, _) = test(dir.path(), &[]);
    assert!(code == 1 && said.contains("no expectation yet"), "{said}");
    assert_eq!(test(dir.path(), &["--write"]).0, 0);
    assert_eq!(test(dir.path(), &[]).0, 0);
}

#[test]
fn mistakes_in_the_files_are_named_all_at_once() {
    let dir = made();
    let first = dir.path().join("library/expect.json");
    fs::write(&first, "{\n  \"outcome\": \"article\",\n  \"titel\": \"x\",\n  \"authors\": \"Ann\"\n}\n")
        .unwrap();
    let second = dir.path().join("second");
    fs::create_dir(&second).unwrap();
    fs::write(second.join("page.txt"), "A page.").unwrap();
    fs::write(second.join("page.json"), "{\"ur\": \"https://a.example\"}").unwrap();
    fs::write(second.join("expect.toml"), "outcome = \"artcle\"\n").unwrap();
    let third = dir.path().join("third");
    fs::create_dir(&third).unwrap();
    fs::write(third.join("expect.json"), "{\n  \"outcome\": ,\n}").unwrap();
    let (code, _, wrong) = test(dir.path(), &[]);
    assert_eq!(code, 2);
    for said in [
        "library/expect.json:3: titel is no known key; did you mean title?",
        "library/expect.json:4: authors takes a list of texts, and is \"Ann\"",
        "second/page.json:1: ur is no known key; did you mean url?",
        "second/expect.toml:1: outcome is `artcle`, which there is not: did you mean article?",
        "third holds no page",
        "third/expect.json:2: expected value",
    ] {
        assert!(wrong.contains(said), "no {said:?} in {wrong}");
    }
    let (code, _, wrong) = test(&dir.path().join("nowhere"), &[]);
    assert!(code == 2 && wrong.contains("nowhere"), "{wrong}");
}

/// The sample pages are cases: those that are known not to be met yet are the ones that are shown.
#[test]
fn the_sample_pages_are_cases() {
    let gaps = fs::read_to_string(fixtures::root().join("known_gaps.txt")).unwrap();
    let gaps: Vec<&str> = gaps
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .filter_map(|line| line.split(' ').next())
        .collect();
    let (code, said, wrong) = test(&fixtures::root(), &[]);
    assert_eq!(code, i32::from(!gaps.is_empty()), "{wrong}");
    let shown: Vec<&str> = said.lines().filter(|line| !line.starts_with(' ') && line.contains('/')).collect();
    let mut wanted = gaps.clone();
    wanted.dedup();
    assert_eq!(shown.len(), wanted.len(), "{said}");
    assert!(wanted.iter().all(|gap| shown.contains(gap)), "{said}");
}
