//! Series in Prometheus' text format that do not go through the recorder: it has no way to forget a series, its counters
//! are whole numbers, and what it keeps it keeps for itself: what it counted is read back from its text.

use std::fmt::Write as _;

use super::{Buckets, Kind, Metric, Sample};

/// Writes samples; those of one metric stand in a row.
pub(super) fn samples(out: &mut String, samples: &[Sample]) {
    for rows in samples.chunk_by(|a, b| a.metric == b.metric) {
        let row = rows[0].metric.describe();
        head(out, rows[0].metric);
        for sample in rows {
            out.push_str(row.name);
            labels(out, row.labels.iter().copied().zip(sample.labels.iter().map(String::as_str)));
            let _infallible = writeln!(out, " {}", sample.value);
        }
    }
}

/// Writes a histogram with one label, whose values come with their buckets.
pub(super) fn histogram(out: &mut String, metric: Metric, rows: &[(&str, &Buckets)]) {
    let row = metric.describe();
    head(out, metric);
    for (value, buckets) in rows {
        let own = || row.labels.iter().copied().zip([*value]);
        let mut all = 0;
        for (bound, count) in buckets.cumulative() {
            let bound = if bound.is_finite() { bound.to_string() } else { "+Inf".to_owned() };
            let _infallible = write!(out, "{}_bucket", row.name);
            labels(out, own().chain([("le", bound.as_str())]));
            let _infallible = writeln!(out, " {count}");
            all = count;
        }
        for (suffix, value) in [("_sum", buckets.sum().as_secs_f64()), ("_count", all as f64)] {
            let _infallible = write!(out, "{}{suffix}", row.name);
            labels(out, own());
            let _infallible = writeln!(out, " {value}");
        }
    }
}

/// The series of a metric without buckets that a text holds.
pub(super) fn read(text: &str, metric: Metric) -> Vec<Sample> {
    let row = metric.describe();
    let series = |line: &str| {
        let rest = line.strip_prefix(row.name)?;
        let (labels, value) = match rest.strip_prefix('{') {
            None => (Vec::new(), rest),
            Some(rest) => read_labels(rest, row.labels)?,
        };
        Some(Sample { metric, labels, value: value.trim().parse().ok()? })
    };
    text.lines().filter_map(series).collect()
}

/// The values of the labels `names` from a text that begins behind the opening brace, and what follows the closing one.
fn read_labels<'a>(mut text: &'a str, names: &[&str]) -> Option<(Vec<String>, &'a str)> {
    let mut values = vec![String::new(); names.len()];
    loop {
        let (name, rest) = text.split_once("=\"")?;
        let value = values.get_mut(names.iter().position(|known| *known == name)?)?;
        let mut chars = rest.char_indices();
        let end = loop {
            match chars.next()? {
                (at, '"') => break at,
                (_, '\\') => value.push(match chars.next()?.1 {
                    'n' => '\n',
                    c => c,
                }),
                (_, c) => value.push(c),
            }
        };
        let rest = &rest[end + 1..];
        match rest.strip_prefix(',') {
            Some(more) => text = more,
            None => return Some((values, rest.strip_prefix('}')?)),
        }
    }
}

fn head(out: &mut String, metric: Metric) {
    let row = metric.describe();
    let kind = match row.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(_) => "histogram",
    };
    let _infallible = writeln!(out, "# HELP {} {}\n# TYPE {} {kind}", row.name, row.help, row.name);
}

/// Labels in braces, nothing where there are none. In a value a backslash, a quote and a line feed are escaped, as the
/// format has it.
fn labels<'a>(out: &mut String, labels: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut before = '{';
    for (name, value) in labels {
        let _infallible = write!(out, "{before}{name}=\"");
        for c in value.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                c => out.push(c),
            }
        }
        out.push('"');
        before = ',';
    }
    if before == ',' {
        out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn samples_have_one_head_and_escaped_labels() {
        let lag = |topic: &str, value| Sample {
            metric: Metric::LagRecords,
            labels: vec![topic.to_owned(), "0".to_owned()],
            value,
        };
        let mut out = String::new();
        samples(
            &mut out,
            &[lag("a\"b\\c\nd", 3.0), lag("plain", 0.5), Sample::new(Metric::PagesInFlight, 7.0)],
        );
        let help = Metric::LagRecords.describe().help;
        let wanted = format!(
            "# HELP newsmill_lag_records {help}\n# TYPE newsmill_lag_records gauge\n\
             newsmill_lag_records{{topic=\"a\\\"b\\\\c\\nd\",partition=\"0\"}} 3\n\
             newsmill_lag_records{{topic=\"plain\",partition=\"0\"}} 0.5\n"
        );
        assert!(out.starts_with(&wanted), "{out}");
        assert!(out.ends_with("gauge\nnewsmill_pages_in_flight 7\n"), "{out}");
        assert_eq!(read(&out, Metric::LagRecords), [lag("a\"b\\c\nd", 3.0), lag("plain", 0.5)]);
        assert_eq!(read(&out, Metric::PagesInFlight), [Sample::new(Metric::PagesInFlight, 7.0)]);
        assert_eq!(read(&out, Metric::LagSeconds), []);
    }

    #[test]
    fn a_histogram_has_buckets_sum_and_count() {
        let buckets = Buckets::new(Metric::StageSeconds);
        buckets.observe(Duration::from_micros(500));
        let mut out = String::new();
        histogram(&mut out, Metric::StageSeconds, &[("decode", &buckets)]);
        for line in [
            "# TYPE newsmill_stage_seconds histogram",
            "newsmill_stage_seconds_bucket{stage=\"decode\",le=\"0.00025\"} 0",
            "newsmill_stage_seconds_bucket{stage=\"decode\",le=\"0.0005\"} 1",
            "newsmill_stage_seconds_bucket{stage=\"decode\",le=\"+Inf\"} 1",
            "newsmill_stage_seconds_sum{stage=\"decode\"} 0.0005",
            "newsmill_stage_seconds_count{stage=\"decode\"} 1",
        ] {
            assert!(out.lines().any(|found| found == line), "{line} is not in\n{out}");
        }
    }
}
