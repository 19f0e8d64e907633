//! `script/guard` fails where a stage costs more than is recorded, and says where. The counts are made up here; `script/test`
//! runs it on what is counted.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

const RECORDED: &str = "
rustc = \"1.0.0\"
machine = \"abacus\"
pages = \"p\"

[decode]
instructions = 1000
allocations = 10.0
bytes = 500
reason = \"first figures\"
";

/// Exit status and output of the comparison, for what was counted on two pages.
fn check(rustc: &str, pages: &str, (instructions, allocations, bytes): (u32, u32, u32)) -> (i32, String) {
    let dir = tempfile::tempdir().unwrap();
    let (figures, counts) = (dir.path().join("figures.toml"), dir.path().join("counts.json"));
    let decode =
        json!({ "pages": 2, "instructions": instructions, "allocations": allocations, "bytes": bytes });
    let counted =
        json!({ "rustc": rustc, "machine": "abacus", "pages": pages, "stages": { "decode": decode } });
    fs::write(&figures, RECORDED).unwrap();
    fs::write(&counts, counted.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("script/guard");
    let output = Command::new(script).arg("--check").args([&figures, &counts]).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn a_stage_that_costs_more_is_named() {
    let (status, said) = check("1.0.0", "p", (2080, 20, 1000));
    assert_eq!(status, 1, "{said}");
    let what = "decode: instructions a page grew by 4.0 %, from 1,000 to 1,040";
    assert!(said.contains(what) && said.contains("script/guard --record"), "{said}");
    let (status, said) = check("1.0.0", "p", (2000, 21, 1100));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("allocations a page grew by 5.0 %") && said.contains("bytes a page"), "{said}");
    assert!(!said.contains("instructions a page grew"), "{said}");
}

#[test]
fn what_grew_a_little_or_shrank_passes() {
    for counted in [(2040, 20, 1020), (1000, 10, 500)] {
        let (status, said) = check("1.0.0", "p", counted);
        assert_eq!(status, 0, "{said}");
        assert!(said.contains("nothing grew"), "{said}");
    }
}

#[test]
fn figures_of_another_compiler_are_not_compared() {
    let (status, said) = check("1.0.1", "p", (4000, 40, 2000));
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("not compared") && said.contains("compiler 1.0.1, not 1.0.0"), "{said}");
    assert!(said.contains("+100.00 %"), "the table is printed all the same: {said}");
}

#[test]
fn figures_of_other_pages_have_to_be_recorded() {
    let (status, said) = check("1.0.0", "q", (2000, 20, 1000));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("other pages") && said.contains("script/guard --record"), "{said}");
}
