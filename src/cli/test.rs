//! `newsmill test`: users' own cases, so that they can guard the sites they care about.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;

use super::{ConfigArguments, Failure};
use crate::cases::{self, Case};
use crate::pipeline::Pipeline;

/// Hold your own sample pages against what you expect of them
///
/// A case is a folder with a page (page.html, page.txt …), what came with it (page.json: url, content_type, fetched_at,
/// headers) and expect.json or expect.toml: fields that the record must have, what its text must contain and must not. Each
/// case that is not met is shown line by line: `-` what is expected, `+` what newsmill makes of the page.
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill test cases/harbour-strike --new saved.html --url https://news.example/harbour-strike
  newsmill test cases/
  newsmill test cases/ --config newsmill.toml --junit report.xml

Exit codes: 0 all as expected, 1 some are not, 2 a case cannot be read. docs/testing-sites.md lists the keys.")]
pub struct Arguments {
    /// Folders of cases; those of one folder are run one after the other, and may repeat each other
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Write the expectation of each case that has none from what newsmill makes of its page today: read it, and correct it
    #[arg(long)]
    write: bool,
    /// Make the folder a case of this page first, with an expectation as --write does
    #[arg(long, value_name = "FILE")]
    new: Option<PathBuf>,
    /// Address of the new page
    #[arg(long, requires = "new")]
    url: Option<String>,
    /// Also write the results to this file, as JUnit's XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArguments,
}

/// How a case ended: its name, and the differences, or what is missing.
struct Verdict {
    name: String,
    /// Empty where it is as expected.
    report: String,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        if let Some(page) = &self.new {
            let [folder] = &self.folders[..] else {
                return Err(Failure::Usage(anyhow!("--new makes one case: name one folder")));
            };
            cases::create(folder, page, self.url.as_deref())
                .with_context(|| format!("cannot make the case {}", folder.display()))
                .map_err(Failure::Failed)?;
        }
        let mut loaded = Vec::new();
        let mut problems = Vec::new();
        for folder in &self.folders {
            match cases::load(folder) {
                Ok(cases) => loaded.push(cases),
                Err(more) => problems.extend(more),
            }
        }
        if !problems.is_empty() {
            return Err(Failure::Usage(anyhow!("{}", problems.join("\n          "))));
        }
        let pipeline = Pipeline::load(&config.pipeline()).map_err(|error| Failure::Failed(error.into()))?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut verdicts = Vec::new();
        for cases in &loaded {
            let results =
                cases::run(cases, &pipeline, threads).map_err(|error| Failure::Failed(error.into()))?;
            for (case, result) in cases.iter().zip(&results) {
                verdicts.push(self.verdict(case, result)?);
            }
        }
        self.conclude(&verdicts)
    }

    fn verdict(&self, case: &Case, tested: &cases::Tested) -> Result<Verdict, Failure> {
        let mut report = String::new();
        if case.expect.is_none() {
            let path = case.folder.join("expect.json");
            if self.write || self.new.is_some() {
                fs::write(&path, cases::propose(&tested.outcome))
                    .with_context(|| format!("cannot write {}", path.display()))
                    .map_err(Failure::Failed)?;
                println!(
                    "written {}: read it, correct it, and name under `excludes` what must not be in the text",
                    path.display()
                );
            } else {
                report =
                    "  no expectation yet: --write fills it in from what newsmill makes of the page today\n"
                        .into();
            }
        }
        for mismatch in &tested.mismatches {
            // Writing to memory does not fail.
            let _infallible = writeln!(report, "  {}", mismatch.key);
            for line in &mismatch.lines {
                let _infallible = writeln!(report, "    {line}");
            }
        }
        Ok(Verdict { name: case.name.clone(), report })
    }

    fn conclude(&self, verdicts: &[Verdict]) -> Result<(), Failure> {
        let failed: Vec<&Verdict> = verdicts.iter().filter(|verdict| !verdict.report.is_empty()).collect();
        for verdict in &failed {
            print!("{}\n{}", verdict.name, verdict.report);
        }
        if let Some(path) = &self.junit {
            write_junit(path, verdicts)
                .with_context(|| format!("cannot write {}", path.display()))
                .map_err(Failure::Failed)?;
        }
        let cases = if verdicts.len() == 1 { "case" } else { "cases" };
        if failed.is_empty() {
            println!("{} {cases}, all as expected", verdicts.len());
            return Ok(());
        }
        let are = if failed.len() == 1 { "is" } else { "are" };
        Err(Failure::Failed(anyhow!("{} of {} {cases} {are} not as expected", failed.len(), verdicts.len())))
    }
}

fn write_junit(path: &Path, verdicts: &[Verdict]) -> std::io::Result<()> {
    let failures = verdicts.iter().filter(|verdict| !verdict.report.is_empty()).count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"newsmill\" tests=\"{}\" failures=\"{failures}\">\n",
        verdicts.len()
    );
    for Verdict { name, report } in verdicts {
        let name = xml(name);
        out += &if report.is_empty() {
            format!("  <testcase name=\"{name}\"/>\n")
        } else {
            format!(
                "  <testcase name=\"{name}\"><failure message=\"not as expected\">{}</failure></testcase>\n",
                xml(report)
            )
        };
    }
    fs::write(path, out + "</testsuite>\n")
}

/// A text as XML takes it: what it has no way to write is left out.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
