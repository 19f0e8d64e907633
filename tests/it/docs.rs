//! The documentation says what is there: metrics, reasons, settings, files.

mod book;
mod configuration;
mod usage;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use newsmill::record::Reason;
use newsmill::stages::strip_boilerplate::bounds;
use newsmill::telemetry::{Kind, Metric};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Path from the root, and text, of every page of documentation.
fn pages() -> Vec<(String, String)> {
    let mut names: Vec<String> = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "tests/fixtures/README.md"]
        .map(str::to_owned)
        .to_vec();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    names.into_iter().map(|name| (name.clone(), fs::read_to_string(root().join(&name)).unwrap())).collect()
}

/// Named, the test writes the table instead of looking at it: `WRITE_DOCS=1 cargo test --test it docs`.
const WRITE: &str = "WRITE_DOCS";

#[test]
fn the_table_of_metrics_is_the_one_in_the_code() {
    let page = root().join("docs/metrics.md");
    let text = fs::read_to_string(&page).unwrap();
    let head = "| name | kind | unit | labels | meaning |\n|---|---|---|---|---|\n";
    let row = |metric: &Metric| {
        let row = metric.describe();
        let kind = match row.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        let labels: Vec<String> = row.labels.iter().map(|label| format!("`{label}`")).collect();
        format!("| `{}` | {kind} | {} | {} | {} |\n", row.name, row.unit, labels.join(", "), row.help)
    };
    let wanted: String = Metric::ALL.iter().map(row).collect();
    let (before, written) = text.split_once(head).unwrap();
    if std::env::var_os(WRITE).is_some() {
        fs::write(&page, format!("{before}{head}{wanted}")).unwrap();
        return;
    }
    assert_eq!(written, wanted, "left: docs/metrics.md, right: the code; {WRITE}=1 writes it");
}

/// docs/scaling.md and docs/sizing.md say what docs/scaling/figures.json holds, and the curves show it. What makes them is tested too.
#[test]
fn tables_and_curves_of_scaling_are_those_of_the_figures() {
    let tests = ["-B", "-m", "unittest", "discover", "-s", "benches/scale"];
    let python = std::process::Command::new("python3").args(tests).current_dir(root()).output();
    let output = python.expect("python3 is missing: run script/bootstrap");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Ran 8 tests"), "too few tests were found:\n{said}");
}

#[test]
fn every_reason_is_documented() {
    let text = fs::read_to_string(root().join("docs/records.md")).unwrap();
    let table = text.split("| reason | meaning |\n|---|---|\n").nth(1).unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let written: Vec<&str> = rows.filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(written, Reason::ALL.map(Reason::as_str));
}

#[test]
fn the_table_of_bounds_is_the_one_in_the_code() {
    let text = fs::read_to_string(root().join("docs/records.md")).unwrap();
    let table = text.split("| what | at most | beyond that |\n|---|---|---|\n").nth(1).unwrap();
    let written: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
    let digits = |number: usize| {
        let digits = number.to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|g| str::from_utf8(g).unwrap()).collect();
        groups.join(",")
    };
    let wanted: Vec<String> =
        bounds::ALL.iter().map(|b| format!("| {} | {} | {} |", b.what, digits(b.most), b.beyond)).collect();
    assert_eq!(written, wanted, "left: docs/records.md, right: the code");
}

/// Rows of the table of a page that begins with this head, as cells without their backticks.
fn table(page: &str, head: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let table = text.split(head).nth(1).unwrap_or_else(|| panic!("{page} has no table {head}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().replace('`', "")).collect::<Vec<_>>();
    rows.map(|line| cells(line)[1..].to_vec()).collect()
}

#[test]
fn the_examples_of_canonical_urls_hold() {
    let rows = table("docs/duplicates.md", "| what | from | canonical |");
    assert!(rows.len() > 20, "{} rows", rows.len());
    for row in rows {
        let canonical = newsmill::stages::deduplicate::canonical_url(&row[1]);
        assert_eq!(canonical.as_deref(), Some(row[2].as_str()), "{}", row[1]);
    }
}

#[test]
fn the_table_of_settings_of_duplicates_is_the_one_in_the_code() {
    let written: Vec<(String, String)> = table("docs/duplicates.md", "| key | default | higher means |")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let defaults = toml::Table::try_from(newsmill::stages::deduplicate::Config::default()).unwrap();
    let wanted: BTreeSet<(String, String)> =
        defaults.iter().map(|(key, value)| (key.clone(), value.to_string())).collect();
    assert_eq!(written.iter().cloned().collect::<BTreeSet<_>>(), wanted, "left: docs/duplicates.md");
    assert_eq!(written.len(), wanted.len());
}

/// Variables that the documentation names are keys of the shipped configuration, or read elsewhere.
#[test]
fn variables_exist() {
    let config: toml::Table =
        fs::read_to_string(root().join("config/newsmill.toml")).unwrap().parse().unwrap();
    let mut known: BTreeSet<String> =
        ["NEWSMILL_CONFIG", "NEWSMILL_EVAL_DATA", "NEWSMILL_LOG", "NEWSMILL_"].map(str::to_owned).into();
    collect("NEWSMILL", &config, &mut known);
    for (page, text) in pages() {
        for (at, _) in text.match_indices("NEWSMILL_") {
            let name: String = text[at..]
                .chars()
                .take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_')
                .collect();
            let adds = name.starts_with("NEWSMILL_KAFKA_PROPERTIES_");
            assert!(adds || known.contains(&name), "{page} names {name}, which nothing reads");
        }
    }
}

fn collect(prefix: &str, table: &toml::Table, known: &mut BTreeSet<String>) {
    for (key, value) in table {
        let name = format!("{prefix}_{}", key.to_ascii_uppercase());
        if let toml::Value::Table(inner) = value {
            collect(&name, inner, known);
        }
        known.insert(name);
    }
}

/// Paths that are written as code are there.
#[test]
fn paths_lead_somewhere() {
    for (page, text) in pages() {
        for part in text.split('`').skip(1).step_by(2) {
            let ours = ["src/", "tests/", "script/", "models/", "config/"]
                .iter()
                .any(|start| part.starts_with(start));
            let plain = part.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
            assert!(!ours || !plain || root().join(part).exists(), "{page} names {part}, which is not there");
        }
    }
}
