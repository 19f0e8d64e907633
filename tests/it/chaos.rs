//! Workers that die: a short round of `script/chaos` on a real Kafka, and the proof that its checker sees what
//! it is there for. The parts are Python programs that share no code with the worker: see tests/chaos/.

use std::path::Path;
use std::process::{Command, Output};

/// Runs a program in the project's folder; without Python it says how to get it.
fn run(program: &str, arguments: &[&str]) -> Output {
    assert!(
        Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()),
        "python3 is missing, which the chaos rounds are written in: run script/bootstrap"
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Command::new(program).args(arguments).current_dir(root).output().unwrap()
}

/// What a program said, for a failure that explains itself.
fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A lost page, a page twice, two articles of one set, a dangling `of` … in made-up rounds: all are caught.
#[test]
fn the_checker_catches_planted_violations() {
    let output = run("python3", &["-B", "-m", "unittest", "discover", "-s", "tests/chaos"]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    let tests =
        said.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse::<u32>().ok());
    assert!(tests.is_some_and(|tests| tests >= 30), "too few tests were found:\n{said}");
}

/// Three kills, a stop and an outage of the broker: each page ends in one outcome all the same, and whoever reads
/// the log again comes to the same.
#[test]
fn no_page_is_lost_or_repeated_when_workers_die() {
    let round = [
        "--pages=2000",
        "--workers=2",
        "--kills=3",
        "--stops=1",
        "--pauses=0",
        "--adds=0",
        "--outages=1",
        "--outage-seconds=5",
        "--session-seconds=6",
        "--routes",
        "--seconds=28",
        "--seed=1",
        concat!("--binary=", env!("CARGO_BIN_EXE_newsmill")),
    ];
    let output = run("script/chaos", &round);
    let said = said(&output);
    let verdict = said.lines().rfind(|line| line.starts_with("chaos: "));
    assert!(
        output.status.success() && verdict.is_some_and(|line| line.starts_with("chaos: PASSED")),
        "{said}"
    );
    println!("{}", verdict.unwrap());
}
