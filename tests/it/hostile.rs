//! Pages made to stop a parser: each ends in an outcome, in time that grows with its size and not faster.

use std::time::{Duration, Instant};

use newsmill::pipeline::{Pipeline, Prepared, Settings};
use newsmill::record::{RawRecord, Reason, Source};

/// Far above what a linear reader takes on a busy machine, far below what a quadratic one takes.
const LIMIT: Duration = Duration::from_secs(10);

const PARAGRAPH: &str = "<p>The harbour was closed on Friday after a storm damaged the outer wall, officials said, and \
    ships were told to wait until the weekend. </p>";

fn pages() -> Vec<(&'static str, String)> {
    let with_text = |hostile: String| hostile + &PARAGRAPH.repeat(4);
    let numbered = |count: usize, make: &dyn Fn(usize) -> String| (0..count).map(make).collect::<String>();
    vec![
        ("nested divisions", with_text("<div>".repeat(50_000))),
        ("nested lists", with_text("<ul><li>".repeat(64_000))),
        ("unclosed inline tags", with_text("<b><i><a href=x>".repeat(7_000))),
        ("nested font tags", with_text("<font>".repeat(40_000))),
        ("open paragraphs", with_text("<p>".repeat(300_000))),
        ("open comments", with_text("<!--".repeat(100_000))),
        ("open scripts", with_text("<script>".repeat(100_000))),
        ("angle brackets", with_text("<".repeat(1_000_000))),
        ("open quotes", with_text("<a href=\"".repeat(100_000))),
        (
            "a table of 60,000 cells",
            with_text(format!("<table><tr>{}</tr></table>", "<td>x</td>".repeat(60_000))),
        ),
        (
            "a cell across a thousand million columns",
            with_text("<table><tr><td colspan=1000000000>x</table>".into()),
        ),
        (
            "a picture in the address",
            with_text(format!("<img src='data:image/png;base64,{}'>", "A".repeat(3_000_000))),
        ),
        ("40,000 links", with_text(numbered(40_000, &|i| format!("<a href=/{i}>link {i}</a> ")))),
        ("500,000 attributes", with_text(format!("<div {}>", numbered(500_000, &|i| format!("a{i}=1 "))))),
        ("50,000 authors", with_text(numbered(50_000, &|i| format!("<meta name=author content='A{i}'>")))),
        ("50,000 dates", with_text("<time datetime=2026-01-01>".repeat(50_000))),
        (
            "deep structured data",
            with_text(format!("<script type=application/ld+json>{}</script>", "[".repeat(200_000))),
        ),
        ("entities", with_text("&amp;&#x41;&nothing".repeat(60_000))),
        ("NULs", with_text("\0".repeat(200_000))),
        (
            "one word of a million letters",
            format!("{0}<p>{1}</p>{0}", PARAGRAPH.repeat(3), "a".repeat(1_000_000)),
        ),
        ("a letter with a million accents", with_text(format!("<p>a{}</p>", "\u{301}".repeat(1_000_000)))),
        ("unspaced script", format!("<p>{}</p>", "漢字".repeat(400_000))),
        ("20,000 paragraphs", PARAGRAPH.repeat(20_000)),
        ("spaces", " ".repeat(4_000_000) + PARAGRAPH),
        ("line ends", "\n".repeat(4_000_000) + "The end."),
        ("one line of text", "The harbour was closed on Friday, officials said. ".repeat(60_000)),
        ("300,000 lines", numbered(300_000, &|i| format!("line {i}\n"))),
    ]
}

#[test]
fn no_page_stops_the_stream() {
    let pipeline = Pipeline::new(&Settings::default());
    let mut wrong = Vec::new();
    for (name, body) in pages() {
        for content_type in ["text/html; charset=utf-8", "text/plain; charset=utf-8"] {
            let raw = RawRecord {
                source: Source::File { input: name.into(), line: 1 },
                key: None,
                value: body.clone().into_bytes(),
                headers: vec![("content-type".to_owned(), content_type.as_bytes().to_vec())],
            };
            let started = Instant::now();
            let prepared = pipeline.prepare(&raw, |_| None);
            let took = started.elapsed();
            if took > LIMIT {
                wrong.push(format!("{name} ({content_type}) took {:.1} s", took.as_secs_f64()));
            }
            if let Prepared::Rejected(reject) = &prepared
                && reject.reason == Reason::StageFailed
            {
                wrong.push(format!("{name} ({content_type}) broke {}: {}", reject.stage, reject.detail));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
