//! Pages that look for what is done with the stories inside a page.

use super::shapes::Expect::{AnyArticle, Article};
use super::shapes::{PARAGRAPH, Shape, numbered, shape};

/// Posts, items and insets, and what looks like them.
pub fn stories(text: &str) -> Vec<Shape> {
    vec![
        numbered(
            "headings above wire marks",
            &format!("<h1>The harbour</h1>{text}"),
            |n| {
                format!(
                    "<h3>Ferries stay in port on day {n}</h3><p>OSKAR BAY, March 2 (Reuters) - {}",
                    &PARAGRAPH[3..]
                )
            },
            "",
            20_000,
            Article,
        ),
        numbered(
            "boxes with a wire mark, inside each other",
            &format!("<h1>The harbour</h1>{text}"),
            |n| {
                format!(
                    "<div><p>Ferries stay in port {n}<p>OSKAR BAY, March 2 (Reuters) - {}",
                    &PARAGRAPH[3..]
                )
            },
            "",
            20_000,
            Article,
        ),
        shape(
            "bylines of an agency",
            &format!("<h1>The harbour</h1>{text}"),
            "<p>(AFP)<p>BERLIN (AFP)<p>* * *",
            "",
            100_000,
            Article,
        ),
        numbered(
            "posts of a live blog",
            &format!("<h1>Live: the harbour</h1>{text}"),
            |n| {
                format!(
                    "<li><time datetime=2026-03-03T10:00:00Z>{}:{:02}</time> The harbour is closed, says {n}.",
                    n / 60 % 24,
                    n % 60
                )
            },
            "",
            100_000,
            Article,
        ),
        numbered(
            "times of day with nothing below",
            &format!("<h1>Live: the harbour</h1>{text}"),
            |n| format!("<li>{}:{:02}", n / 60 % 24, n % 60),
            "",
            100_000,
            Article,
        ),
        numbered(
            "headings of a round-up",
            &format!("<h1>News in brief</h1>{text}"),
            |n| format!("<h3>Ferries stay in port on day {n}</h3>"),
            "",
            100_000,
            Article,
        ),
        shape(
            "items that say read more",
            &format!("<h1>The harbour</h1>{text}"),
            "<p>The harbour<p>The harbour is ... read more",
            "",
            100_000,
            Article,
        ),
        numbered(
            "posts on lines",
            "Live\n\n",
            |n| format!("{}:{:02} The harbour is closed, says {n}.\n", n / 60 % 24, n % 60),
            "",
            300_000,
            AnyArticle,
        ),
        numbered(
            "lines with wire marks",
            "The harbour\n\n",
            |n| format!("Ferries stay in port {n}\n\nOSKAR BAY, March 2 (Reuters) - {}\n\n", &PARAGRAPH[3..]),
            "",
            100_000,
            AnyArticle,
        ),
    ]
}
