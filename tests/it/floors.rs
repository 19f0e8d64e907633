//! The stages, scored on labelled data, must stay above the floors in `tests/floors.toml`.
//!
//! Runs where `NEWSMILL_EVAL_DATA` names a folder of labelled data; without it, it says so and checks only
//! that the floors can be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use newsmill::config::Config;
use newsmill::eval::{self, Report, Selection};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Floors {
    set: Vec<Set>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    stage: Stage,
    /// Path below the folder of labelled data.
    data: PathBuf,
    split: Option<String>,
    #[serde(default)]
    held_out: bool,
    at_least: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Stage {
    Pages,
    Language,
    Topics,
    Dedup,
}

fn floors() -> Floors {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/floors.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn score(set: &Set, data: &Path) -> Report {
    let config = Config::default();
    let data = data.join(&set.data);
    let selection = Selection { split: set.split.clone(), held_out: set.held_out };
    match set.stage {
        Stage::Language => eval::language::evaluate(&data, &selection, None, &config.detect_language),
        Stage::Pages => eval::pages::evaluate(&data, &selection, None, &config.strip_boilerplate),
        Stage::Topics => {
            eval::topics::evaluate(&data, &selection, None, &config.classify_topics).map(|(report, _)| report)
        }
        Stage::Dedup => {
            eval::dedup::evaluate(&data, eval::dedup::Order::default(), None, &config.deduplicate)
        }
    }
    .unwrap()
}

#[test]
fn stages_stay_above_their_floors() {
    let floors = floors();
    let Some(data) = std::env::var_os("NEWSMILL_EVAL_DATA").map(PathBuf::from) else {
        println!("floors skipped: NEWSMILL_EVAL_DATA names no folder of labelled data");
        return;
    };
    let mut fallen = Vec::new();
    for set in &floors.set {
        let started = Instant::now();
        let report = score(set, &data);
        let name = format!("{:?} on {}", set.stage, set.data.display());
        println!("{name}: {:.1} s", started.elapsed().as_secs_f64());
        for (figure, floor) in &set.at_least {
            match report.figures.get(figure) {
                Some(found) if found >= floor => println!("  {figure} {found:.4}, floor {floor}"),
                Some(found) => {
                    fallen.push(format!("{name}: {figure} is {found:.4}, below the floor {floor}"))
                }
                None => {
                    fallen.push(format!("{name}: no figure {figure:?} among {:?}", report.figures.keys()))
                }
            }
        }
    }
    assert!(fallen.is_empty(), "{}", fallen.join("\n"));
}
