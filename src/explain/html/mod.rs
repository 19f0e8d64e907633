//! An explanation as one page of HTML, for anybody: nothing is fetched, nothing runs.
//!
//! The policy of the page allows its own style sheet, known by its hash, and nothing else: no script, no picture, no form, no
//! style in an attribute. All that comes from the page that is explained is written as text by [`Escaped`]; there is no
//! other way in. What colours say is said by signs and words, too.

mod sections;

use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{ExplainedOutcome, Explanation, words};
use crate::record::Source;

const STYLE: &str = include_str!("style.css");

/// The content security policy of the page: its own style sheet, by its hash, and nothing else.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
});

/// A text as it may stand in an element, or in an attribute between quotation marks.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' => f.write_char(c)?,
                // What HTML does not allow, and what turns the direction of the text around it.
                c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                    f.write_char('\u{fffd}')?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Writes an explanation as a page of HTML.
pub fn render(of: &Explanation) -> String {
    let mut page = Page { out: String::with_capacity(1 << 16), language: language(of) };
    page.whole(of);
    page.out
}

/// The `lang` attribute of texts of the page, where their language is known.
fn language(of: &Explanation) -> String {
    let code = of.language.as_ref().map_or("und", |found| found.language.code.as_str());
    if code == "und" { String::new() } else { format!(" lang=\"{}\"", Escaped(code)) }
}

struct Page {
    out: String,
    /// ` lang="…"` of the page's texts.
    language: String,
}

/// Appends formatted text; writing to memory does not fail.
macro_rules! put {
    ($page:expr, $($what:tt)*) => {{
        let _infallible = write!($page.out, $($what)*);
    }};
}
use put;

impl Page {
    /// A text of the page that is explained, in an element of its own.
    fn text(&mut self, element: &str, class: &str, text: &str) {
        put!(
            self,
            "<{element} class=\"{class}\" dir=\"auto\"{}>{}</{element}>",
            self.language,
            Escaped(text)
        );
    }

    fn whole(&mut self, of: &Explanation) {
        let title = of.record.as_ref().and_then(|record| record.title.as_deref());
        let title = title.or(of.page.url.as_deref()).unwrap_or("A page without a title");
        put!(
            self,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
             <title>{} – explained by newsmill</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            *POLICY,
            Escaped(title)
        );
        self.head(of, title);
        put!(self, "<main id=\"main\">\n");
        self.blocks(of);
        self.fields(of);
        self.language(of);
        self.topics(of);
        self.repeats(of);
        self.times(of);
        put!(self, "</main>\n");
        put!(
            self,
            "<footer><p>Made by newsmill {}. Texts are those of the page that is explained.</p></footer>\n</body>\n</html>\n",
            of.newsmill
        );
    }

    fn head(&mut self, of: &Explanation, title: &str) {
        let (class, sign, name) = match &of.outcome {
            ExplainedOutcome::Article { .. } => ("article", "✓", "Article"),
            ExplainedOutcome::Duplicate { .. } => ("duplicate", "=", "Duplicate"),
            ExplainedOutcome::Rejected { .. } => ("rejected", "✕", "Rejected"),
        };
        put!(self, "<header>\n<a class=\"skip\" href=\"#main\">To the explanation</a>\n");
        put!(
            self,
            "<p><span class=\"badge {class}\"><span aria-hidden=\"true\">{sign}</span> {name}</span></p>\n"
        );
        put!(self, "<h1 dir=\"auto\"{}>{}</h1>\n", self.language, Escaped(title));
        put!(self, "<p dir=\"auto\">{}</p>\n", Escaped(&of.summary));
        self.facts(of);
        if let ExplainedOutcome::Rejected { seen, .. } = &of.outcome {
            self.note("seen", "What was seen", seen);
        }
        if let Some(report) = &of.site_rule {
            self.note("rule", "Rule of the site", &words::ruled(report));
        }
        let parts = [
            ("blocks", "Block by block", !of.blocks.is_empty()),
            ("fields", "Title, authors, date", !of.fields.is_empty()),
            ("language", "Language", of.language.is_some()),
            ("topics", "Topics", of.topics.is_some()),
            ("repeats", "Repeats", of.repeats.is_some()),
            ("times", "Time", true),
        ];
        put!(self, "<nav aria-label=\"Parts of the explanation\"><ul>");
        for (id, name, _) in parts.iter().filter(|(.., there)| *there) {
            put!(self, "<li><a href=\"#{id}\">{name}</a></li>");
        }
        put!(self, "</ul></nav>\n</header>\n");
    }

    /// A box of lines.
    fn note(&mut self, id: &str, title: &str, lines: &[String]) {
        put!(
            self,
            "<section class=\"note\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2><ul>"
        );
        for line in lines {
            put!(self, "<li dir=\"auto\">{}</li>", Escaped(line));
        }
        put!(self, "</ul></section>\n");
    }

    fn facts(&mut self, of: &Explanation) {
        let page = &of.page;
        let place = match &page.source {
            Source::Kafka { topic, partition, offset } => {
                format!("topic {topic}, partition {partition}, offset {offset}")
            }
            Source::File { input, line } => format!("{input}, record {line}"),
        };
        let mut facts = vec![("Read from", place)];
        facts.extend(page.url.clone().map(|url| ("Address", url)));
        facts.extend(page.fetched_at.map(|time| ("Fetched", time.to_string())));
        let kind = match page.markup {
            Some("html") => " of HTML",
            Some(_) => " of plain text",
            None => "",
        };
        facts.push(("Size", format!("{} bytes{kind}", page.bytes)));
        if let Some(from) = of.read_from {
            facts.push(("Text from", words::read_from(from).to_owned()));
        }
        if let Some(record) = &of.record {
            facts.push(("Words", record.word_count.to_string()));
            let agency = record.agency.clone().map(|agency| ("Agency", agency));
            let section = record.section.clone().map(|section| ("Section", section));
            facts.extend(agency.into_iter().chain(section));
            if !record.stories.is_empty() {
                facts.push(("Other stories", record.stories.len().to_string()));
            }
        }
        put!(self, "<dl class=\"facts\">");
        for (name, value) in facts {
            put!(self, "<dt>{name}</dt><dd dir=\"auto\">{}</dd>", Escaped(&value));
        }
        put!(self, "</dl>\n");
    }
}

#[cfg(test)]
mod tests;
