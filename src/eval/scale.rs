//! The index at size: memory a document, and what a look-up costs, measured on a made-up [`Stream`].
//!
//! Twice: with documents of which none repeats another, the most that has to be remembered, and with the repeats of a
//! stream of wire-fed sites. An index is filled; then further documents of the same stream are looked up and put in, each
//! by itself on the clock.

use std::fmt::Write as _;
use std::time::Instant;

use super::score::{Report, cpu_seconds};
use super::stream::{Document, Made, Shares, Stream};
use crate::sightings::{Index, Verdict};
use crate::stages::deduplicate::Config;

/// Seed of the streams: any would do.
pub const SEED: u64 = 20;
/// Documents that are looked up one by one.
pub const LOOKED_UP: u64 = 20_000;
/// Documents made ahead of the clock.
const BATCH: u64 = 1000;

/// What so many documents cost, each looked up and put in.
#[derive(Debug, Clone, Default)]
pub struct Costs {
    /// CPU-seconds of all together, by the clock of the thread.
    pub seconds: f64,
    /// Of each in microseconds, by the clock on the wall, ascending.
    pub micros: Vec<f64>,
}

impl Costs {
    /// The cost of `work` on `documents`, made `BATCH` at a time ahead of it.
    pub fn of<D>(
        numbers: std::ops::Range<u64>,
        make: impl Fn(u64) -> D,
        mut work: impl FnMut(D),
        mut done: impl FnMut(u64),
    ) -> Self {
        let clock = cpu_seconds();
        let mut costs = Self::default();
        let mut first = numbers.start;
        while first < numbers.end {
            let next = numbers.end.min(first + BATCH);
            let ready: Vec<D> = (first..next).map(&make).collect();
            let started = clock();
            for document in ready {
                let began = Instant::now();
                work(document);
                costs.micros.push(began.elapsed().as_secs_f64() * 1e6);
            }
            costs.seconds += clock() - started;
            done(next - first);
            first = next;
        }
        costs.micros.sort_by(f64::total_cmp);
        costs
    }

    /// Documents per CPU-second.
    pub fn rate(&self) -> f64 {
        self.micros.len() as f64 / self.seconds.max(1e-9)
    }

    /// What a share of the documents stays within, in microseconds: 0.5 for the median, 1 for the longest.
    pub fn within(&self, share: f64) -> f64 {
        let last = self.micros.len().saturating_sub(1);
        let at = (share * self.micros.len() as f64).ceil() as usize;
        self.micros.get(at.saturating_sub(1).min(last)).copied().unwrap_or(0.0)
    }
}

/// Fills an index with documents of a stream, and calls `done` with how many more are in.
pub fn fill(index: &mut Index, stream: &Stream, numbers: std::ops::Range<u64>, mut done: impl FnMut(u64)) {
    for n in numbers {
        let Document { at, entry, .. } = stream.document(n);
        index.apply(at, &entry);
        if (n + 1).is_multiple_of(BATCH) {
            done(BATCH);
        }
    }
}

/// What was measured of one stream.
struct Measured {
    bytes: f64,
    costs: Costs,
    repeats: u64,
    found: u64,
}

/// Fills two indexes with `documents` documents each, and reports bytes a document and the cost of look-ups.
/// `done` is called with how many more of [`work`] are done.
pub fn measure(documents: u64, config: &Config, mut done: impl FnMut(u64)) -> Report {
    let measured = [Shares::NONE, Shares::WIRE].map(|shares| {
        let stream = Stream::new(SEED, documents, shares);
        let mut index = Index::new(config);
        fill(&mut index, &stream, 0..documents, &mut done);
        let bytes = index.bytes() as f64 / documents.max(1) as f64;
        let (mut repeats, mut found) = (0, 0);
        let look_up = |document: Document| {
            let verdict = index.apply(document.at, &document.entry);
            let repeats_one = document.made != Made::New;
            repeats += u64::from(repeats_one);
            found += u64::from(repeats_one && matches!(verdict, Some(Verdict::Repeat(_))));
        };
        let numbers = documents..documents + LOOKED_UP;
        let costs = Costs::of(numbers, |n| stream.document(n), look_up, &mut done);
        Measured { bytes, costs, repeats, found }
    });
    report(documents, &measured)
}

/// How many documents [`measure`] goes through.
pub fn work(documents: u64) -> u64 {
    2 * (documents + LOOKED_UP)
}

fn report(documents: u64, measured: &[Measured; 2]) -> Report {
    let mut report = Report::default();
    let repeats = format!("{} % repeats", Shares::WIRE.repeats());
    let head = format!("index of {} documents", grouped(documents));
    let _ = writeln!(report.table, "{head:<36} {:>13} {repeats:>13}", "all different");
    let mut row = |name: &str, decimals: usize, value: &dyn Fn(&Measured) -> f64| {
        let [different, wire] = measured.each_ref().map(value);
        let _ = writeln!(report.table, "{name:<36} {different:>13.decimals$} {wire:>13.decimals$}");
        report.figures.insert(format!("{name}, all different"), different);
        report.figures.insert(format!("{name}, with repeats"), wire);
    };
    row("bytes a document", 1, &|m| m.bytes);
    row("look-up and insert, per CPU-second", 0, &|m| m.costs.rate());
    row("  half of them within, µs", 1, &|m| m.costs.within(0.5));
    row("  99 of 100 within, µs", 1, &|m| m.costs.within(0.99));
    row("  the longest, µs", 1, &|m| m.costs.within(1.0));
    let wire = &measured[1];
    let Shares { same_bytes, same_text, near, revision } = Shares::WIRE;
    let _ = writeln!(
        report.table,
        "repeats, of 100 documents: {same_bytes} the same bytes, {same_text} the same text, {near} near, {revision} \
         revisions; found {} of {}",
        wire.found, wire.repeats
    );
    report
}

/// A number with its digits in groups.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_memory_and_costs() {
        let mut done = 0;
        let report = measure(3000, &Config::default(), |more| done += more);
        assert_eq!(done, work(3000));
        let figure = |name: &str| report.figures[name];
        let (different, wire) =
            (figure("bytes a document, all different"), figure("bytes a document, with repeats"));
        assert!(wire < different && (50.0..2000.0).contains(&different), "{wire}, {different}");
        for kind in ["all different", "with repeats"] {
            let within = |share: &str| figure(&format!("  {share}, µs, {kind}"));
            assert!(within("half of them within") <= within("99 of 100 within"));
            assert!(within("99 of 100 within") <= within("the longest"));
        }
        assert!(report.table.contains("index of 3,000 documents"));
    }

    #[test]
    fn shares_of_costs() {
        let costs = Costs { seconds: 0.5, micros: (1..=200).map(f64::from).collect() };
        assert_eq!((costs.within(0.5), costs.within(0.99), costs.within(1.0)), (100.0, 198.0, 200.0));
        assert!((costs.rate() - 400.0).abs() < 1e-9);
        assert_eq!(Costs::default().within(0.5), 0.0);
    }

    #[test]
    fn digits_in_groups() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
