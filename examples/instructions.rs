//! One call a stage on fixed pages, for `script/guard`: it counts the instructions of these calls, and this program
//! the allocations.
//!
//!     instructions FIXTURES
//!
//! FIXTURES is `tests/fixtures`. Every page goes through everything once first, so that what is made at its first use is
//! there; then each stage is given all pages in one call of a function of its own, `counted_STAGE`. Callgrind tells apart what
//! these functions cost, all that they call included. Standard output is one JSON object: a hash of the pages, and of each
//! stage how many pages it was given, and its allocations and their bytes; what C libraries allocate is not in them.
//!
//! Topics are the built-in model's, so that the figures do not depend on an encoder that was added.
#![allow(clippy::print_stdout)]

use std::alloc::System;
use std::hint::black_box;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use newsmill::cases;
use newsmill::codec;
use newsmill::eval::stream::{Shares, Stream};
use newsmill::pipeline::{Concluded, Pipeline, Settings};
use newsmill::record::{Extracted, Hash128, Language, Markup, Outcome, Page, RawRecord, Source, Topic};
use newsmill::sightings::{At, Entry, Index, MAX_STORIES, Sighting, Verdict};
use newsmill::stages::classify_topics::Effort;
use newsmill::stages::deduplicate;
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Cases of the fixtures: many languages and scripts, inset stories, wires and their copies, a page that is rejected, the same
/// bytes twice.
const CASES: [&str; 22] = [
    "en/strait-patrol-talks",
    "en/relay-moon-deal",
    "en/harbour-tunnel",
    "en/ferry-valve",
    "de/strassenbahn-stadtrat",
    "de/moor-forschung",
    "fr/accord-riviere",
    "en/ferry-valve-syndicated",
    "es/huelga-minera",
    "en/ferry-valve-local",
    "tr/sahte-muze-eserleri",
    "ru/pozhar-taiga",
    "ar/barlaman-mizaniya",
    "ar/nahai-alkas",
    "he/atalef-mehkar",
    "zh/yaowu-shiyan",
    "ja/robotto-nougyou",
    "ko/beoseu-noja",
    "hi/panchayat-chunav",
    "sw/kahawa-ushirika",
    "en/harbour-tunnel-again",
    "en/consent-wall",
];
/// Of these a long page is made too: short ones hide what grows faster than a page does. Together the long ones weigh about as
/// much as the others.
const LONG: [&str; 3] = ["en/ferry-valve-syndicated", "ar/barlaman-mizaniya", "de/moor-forschung"];
/// Length of a long page, in bytes.
const LONG_BYTES: usize = 60_000;
/// Lines of plain text that are paragraphs of the article have at least so many bytes.
const PARAGRAPH_BYTES: usize = 150;
/// Made-up articles that the index holds before the pages come.
const HELD: u64 = 1_000;

/// A page through the stages, as the pipeline takes it.
struct Sorted {
    page: Page,
    extracted: Extracted,
    language: Language,
}

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).context("name the fixtures: instructions tests/fixtures")?;
    let records = records(Path::new(&folder))?;
    let mut settings = Settings::default();
    settings.classify_topics.effort = Effort::Fast;
    let pipeline = Pipeline::new(&settings);

    let outcomes = through(&pipeline, &mut held(&settings), &records)?;
    ensure!(outcomes.iter().any(|o| matches!(o, Outcome::Duplicate(_))), "no page repeats another");
    ensure!(outcomes.iter().any(|o| matches!(o, Outcome::Rejected(_))), "no page is rejected");
    let expected = lines(&outcomes)?;

    let mut counts = Counts::default();
    let pages = counts.of("decode", records.len(), || counted_decode(&pipeline, &records));
    let (html, plain): (Vec<Page>, Vec<Page>) =
        pages.into_iter().partition(|page| page.markup == Markup::Html);
    let of_html =
        counts.of("strip_boilerplate_html", html.len(), || counted_strip_boilerplate_html(&pipeline, &html));
    let of_plain = counts
        .of("strip_boilerplate_plain", plain.len(), || counted_strip_boilerplate_plain(&pipeline, &plain));
    let stripped = html.into_iter().chain(plain).zip(of_html.into_iter().chain(of_plain));
    let (pages, extracted): (Vec<Page>, Vec<Extracted>) =
        stripped.filter_map(|(page, extracted)| Some((page, extracted?))).unzip();
    ensure!(pages.len() + 1 >= records.len(), "{} of {} pages are articles", pages.len(), records.len());
    let languages =
        counts.of("detect_language", pages.len(), || counted_detect_language(&pipeline, &pages, &extracted));
    let sorted: Vec<Sorted> = pages
        .into_iter()
        .zip(extracted)
        .zip(languages)
        .map(|((page, extracted), language)| Sorted { page, extracted, language })
        .collect();
    let topics = counts.of("classify_topics", sorted.len(), || counted_classify_topics(&pipeline, &sorted));
    ensure!(topics.iter().any(|topics| !topics.is_empty()), "no page has a topic");
    let sightings = counts.of("deduplicate", sorted.len(), || counted_deduplicate(&sorted));
    let mut index = held(&settings);
    let at = index.applied().context("the index is empty")?;
    let entries: Vec<Entry> =
        sightings.into_iter().map(|sighting| Entry::Sighting(Box::new(sighting))).collect();
    let verdicts = counts.of("sight", entries.len(), || counted_sight(&mut index, at, &entries));
    ensure!(verdicts.iter().all(Option::is_some), "a page has no verdict");
    counts.of("encode", outcomes.len(), || counted_encode(&outcomes))?;
    let mut index = held(&settings);
    let again = counts.of("whole", records.len(), || counted_whole(&pipeline, &mut index, &records))?;
    ensure!(again == expected, "the same pages gave other records");

    let all: Vec<u8> = records.into_iter().flat_map(|record| record.value).collect();
    println!("{}", json!({ "pages": Hash128::of(&all), "stages": counts.stages }));
    Ok(())
}

/// What the stages allocated.
#[derive(Default)]
struct Counts {
    stages: Vec<Value>,
}

impl Counts {
    fn of<T>(&mut self, stage: &str, pages: usize, work: impl FnOnce() -> T) -> T {
        let before = ALLOCATOR.stats();
        let result = work();
        let now = ALLOCATOR.stats() - before;
        // Of a buffer that grows, the bytes are those that it grows by.
        let (allocations, bytes) = (now.allocations + now.reallocations, now.bytes_allocated);
        self.stages
            .push(json!({ "stage": stage, "pages": pages, "allocations": allocations, "bytes": bytes }));
        result
    }
}

#[inline(never)]
fn counted_decode(pipeline: &Pipeline, records: &[RawRecord]) -> Vec<Page> {
    records.iter().filter_map(|record| pipeline.page(record).ok()).collect()
}

#[inline(never)]
fn counted_strip_boilerplate_html(pipeline: &Pipeline, pages: &[Page]) -> Vec<Option<Extracted>> {
    pages.iter().map(|page| pipeline.strip_boilerplate().strip(page).ok()).collect()
}

// Another order, or the compiler would make one function of both.
#[inline(never)]
fn counted_strip_boilerplate_plain(pipeline: &Pipeline, pages: &[Page]) -> Vec<Option<Extracted>> {
    let mut all: Vec<_> =
        pages.iter().rev().map(|page| pipeline.strip_boilerplate().strip(page).ok()).collect();
    all.reverse();
    all
}

#[inline(never)]
fn counted_detect_language(pipeline: &Pipeline, pages: &[Page], extracted: &[Extracted]) -> Vec<Language> {
    let stage = pipeline.detect_language();
    pages
        .iter()
        .zip(extracted)
        .map(|(page, extracted)| stage.detect(extracted, page.language_hint.as_deref()))
        .collect()
}

#[inline(never)]
fn counted_classify_topics(pipeline: &Pipeline, pages: &[Sorted]) -> Vec<Vec<Topic>> {
    let stage = pipeline.classify_topics();
    pages.iter().map(|p| stage.classify(&p.extracted, p.page.url.as_deref(), &p.language)).collect()
}

/// As in the pipeline: canonical URL, fingerprints of the page and of its stories.
#[inline(never)]
fn counted_deduplicate(pages: &[Sorted]) -> Vec<Sighting> {
    pages
        .iter()
        .map(|Sorted { page, extracted, .. }| {
            let url = extracted.canonical_url.as_deref().or(page.url.as_deref());
            let canonical = url.and_then(deduplicate::canonical_url);
            let (fingerprints, _) = deduplicate::fingerprint(extracted, canonical.as_deref());
            let told = extracted.stories.iter().take(MAX_STORIES);
            let stories = told.map(|story| deduplicate::fingerprint_story(story, canonical.as_deref()));
            Sighting::full(page.origin.clone(), fingerprints).with_stories(stories)
        })
        .collect()
}

#[inline(never)]
fn counted_sight(index: &mut Index, last: At, entries: &[Entry]) -> Vec<Option<Verdict>> {
    let positions = last.position + 1..;
    positions.zip(entries).map(|(position, entry)| index.apply(At { position, ..last }, entry)).collect()
}

#[inline(never)]
fn counted_encode(outcomes: &[Outcome]) -> Result<()> {
    let mut line = Vec::new();
    for outcome in outcomes {
        line.clear();
        codec::encode(outcome, &mut line)?;
        black_box(&line);
    }
    Ok(())
}

/// All of it, with what lies between the stages.
#[inline(never)]
fn counted_whole(pipeline: &Pipeline, index: &mut Index, records: &[RawRecord]) -> Result<Vec<Vec<u8>>> {
    lines(&through(pipeline, index, records)?)
}

fn lines(outcomes: &[Outcome]) -> Result<Vec<Vec<u8>>> {
    let line = |outcome| {
        let mut line = Vec::new();
        codec::encode(outcome, &mut line)?;
        Ok(line)
    };
    outcomes.iter().map(line).collect()
}

/// What becomes of the records, one after another.
fn through(pipeline: &Pipeline, index: &mut Index, records: &[RawRecord]) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for record in records {
        let prepared = pipeline.prepare(record, |body| index.knows_body(body));
        let (verdict, stories) = match prepared.sighting() {
            None => (None, Vec::new()),
            Some(sighting) => {
                let last = index.applied().context("the index is empty")?;
                let at = At { position: last.position + 1, ..last };
                let verdict = index.apply(at, &Entry::Sighting(Box::new(sighting.clone())));
                (verdict, index.stories(sighting))
            }
        };
        match pipeline.conclude(prepared, verdict.as_ref(), &stories) {
            Concluded::Outcome(outcome) => outcomes.push(outcome),
            Concluded::PrepareAgain => anyhow::bail!("the index has forgotten a page"),
        }
    }
    Ok(outcomes)
}

/// An index with articles in it.
fn held(settings: &Settings) -> Index {
    let mut index = Index::new(&settings.deduplicate);
    let stream = Stream::new(1, HELD, Shares::NONE);
    for n in 0..HELD {
        let document = stream.document(n);
        index.apply(document.at, &document.entry);
    }
    index
}

/// The page messages: those of the cases, then the long ones.
fn records(folder: &Path) -> Result<Vec<RawRecord>> {
    let cases = cases::load(folder).map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    let find = |name: &str| {
        let case = cases.iter().find(|case| case.name == name);
        case.with_context(|| {
            format!("{} has no case {name}: change the list of the example", folder.display())
        })
    };
    let mut records = Vec::new();
    for name in CASES {
        records.push(find(name)?.record());
    }
    for name in LONG {
        let mut case = find(name)?.clone();
        let body = case.message.get("body").and_then(Value::as_str).context("a long page needs a text")?;
        let body = long(body).with_context(|| format!("{name} has no paragraphs"))?;
        case.message.insert("body".to_owned(), body.into());
        case.message.insert("url".to_owned(), format!("https://long.example/{name}").into());
        records.push(RawRecord { source: Source::File { input: name.into(), line: 2 }, ..case.record() });
    }
    Ok(records)
}

/// A page with its paragraphs over and over: each time with a number, and with its words moved on, so that none is the same.
fn long(body: &str) -> Option<String> {
    let lines: Vec<&str> = body.lines().collect();
    let is_html = body.trim_start().starts_with('<');
    let is_paragraph = |line: &&str| {
        if is_html { line.starts_with("<p>") } else { line.len() >= PARAGRAPH_BYTES }
    };
    let last = lines.iter().rposition(&is_paragraph)?;
    let paragraphs: Vec<&str> = lines.iter().copied().filter(is_paragraph).collect();
    let mut out = lines[..=last].join("\n");
    for round in 1.. {
        if out.len() >= LONG_BYTES {
            break;
        }
        for paragraph in &paragraphs {
            let inner = paragraph.trim_start_matches("<p>").trim_end_matches("</p>");
            let mut words: Vec<&str> = inner.split(' ').collect();
            let by = round % words.len();
            words.rotate_left(by);
            let words = words.join(" ");
            out +=
                &if is_html { format!("\n<p>{words} {round}.</p>") } else { format!("\n{words} {round}.") };
        }
    }
    for line in &lines[last + 1..] {
        out.push('\n');
        out += line;
    }
    Some(out)
}
