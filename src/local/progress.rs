//! The progress bar of `process` and `import`: pages, rate, share of the input's bytes, and time left.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::inputs::Inputs;

/// A bar on stderr, or nothing.
pub struct Progress {
    bar: ProgressBar,
    pages: AtomicU64,
    bytes_read: Arc<AtomicU64>,
    at_most: Option<u64>,
}

impl Progress {
    /// A bar over the bytes of the inputs, or over the pages where `at_most` is given; a spinner where
    /// neither is known (stdin).
    pub fn new(show: bool, inputs: &Inputs, at_most: Option<u64>) -> Self {
        let length = at_most.or(inputs.bytes_total);
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr_with_hz(4));
        if !show {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = match length {
            Some(_) => "{bar:30} {percent:>3} %  {msg}  {elapsed_precise}, {eta} left",
            None => "{spinner} {msg}  {elapsed_precise}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("eta", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                // A formatter's error has nowhere to go on a progress bar.
                let _ = write!(out, "{}", human(state.eta()));
            }));
        }
        Self { bar, pages: AtomicU64::new(0), bytes_read: inputs.bytes_read(), at_most }
    }

    /// One more page is done.
    pub fn count(&self) {
        let pages = self.pages.fetch_add(1, Ordering::Relaxed) + 1;
        if !pages.is_multiple_of(16) || self.bar.is_hidden() {
            return;
        }
        let done = if self.at_most.is_some() { pages } else { self.bytes_read.load(Ordering::Relaxed) };
        self.bar.set_position(done);
        let seconds = self.bar.elapsed().as_secs_f64().max(0.001);
        self.bar.set_message(format!("{pages} pages, {:.0} a second", pages as f64 / seconds));
    }

    /// Writes a line to stderr, above the bar.
    pub fn say(&self, line: &str) {
        #[expect(clippy::print_stderr, reason = "the bar is on stderr, too")]
        self.bar.suspend(|| eprintln!("{line}"));
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A duration in the two largest units: `1 h 05 min`, `3 min 20 s`, `12 s`.
pub fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, min, s) => format!("{min} min {s:02} s"),
        (h, min, _) => format!("{h} h {min:02} min"),
    }
}

/// Wall-clock and CPU time of this process since a start.
pub struct Clock {
    started: Instant,
    cpu_at_start: Option<Duration>,
}

impl Clock {
    /// Starts now.
    pub fn start() -> Self {
        Self { started: Instant::now(), cpu_at_start: cpu_time() }
    }

    /// Wall-clock time since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// CPU time of all threads since the start; `None` where the system does not tell.
    pub fn cpu(&self) -> Option<Duration> {
        Some(cpu_time()?.saturating_sub(self.cpu_at_start?))
    }
}

/// CPU time of this process, user and system, from `/proc/self/stat` (fields 14 and 15, in ticks of 10 ms).
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
