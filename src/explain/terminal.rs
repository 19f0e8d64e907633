//! An explanation as lines of text, in colour where that is wanted.
//!
//! Signs say the same as colours do. What comes from the page is stripped of control characters: it can do nothing to a
//! terminal.

use std::fmt::Write as _;

use super::words;
use super::{ExplainedBlock, ExplainedOutcome, Explanation};
use crate::record::Source;
use crate::stages::classify_topics::{DecidedBy, Pull, TopicsEvidence};
use crate::stages::detect_language::LanguageEvidence;

/// How it is written.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// Every block on its own, with all that weighed; else runs of dropped blocks are told of together.
    pub full: bool,
    /// Columns.
    pub width: usize,
}

/// Weights of a block that are written, unless all are.
const WEIGHTS: usize = 3;

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";

/// Writes an explanation.
pub fn render(of: &Explanation, style: Style) -> String {
    let mut out = Out { text: String::new(), style };
    out.head(of);
    out.ruled(of);
    out.blocks(of);
    out.fields(of);
    if let Some(language) = &of.language {
        out.language(language);
    }
    if let Some(topics) = &of.topics {
        out.topics(topics);
    }
    out.repeats(of);
    out.times(of);
    out.text
}

/// Text of a page as one line without control characters.
fn clean(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() || is_turning(c) { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that turn the direction of what follows them, or hide it.
fn is_turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{2028}' | '\u{2029}')
}

struct Out {
    text: String,
    style: Style,
}

impl Out {
    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn paint(&self, color: &str, text: &str) -> String {
        if self.style.color { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn title(&mut self, text: &str) {
        let title = self.paint(BOLD, text);
        self.line("");
        self.line(&title);
    }

    /// As much of a page's text as fits behind so many columns.
    fn fit(&self, text: &str, behind: usize) -> String {
        let text = clean(text);
        let room = self.style.width.saturating_sub(behind).max(20);
        match text.char_indices().nth(room) {
            Some(_) => text.chars().take(room - 1).chain(['…']).collect(),
            None => text,
        }
    }

    fn head(&mut self, of: &Explanation) {
        let (color, sign) = match &of.outcome {
            ExplainedOutcome::Article { .. } => (GREEN, "ARTICLE"),
            ExplainedOutcome::Duplicate { .. } => (YELLOW, "DUPLICATE"),
            ExplainedOutcome::Rejected { .. } => (RED, "REJECTED"),
        };
        let sign = self.paint(color, sign);
        self.line(&format!("{sign}  {}", clean(&of.summary)));
        if let Some(title) = of.record.as_ref().and_then(|record| record.title.as_deref()) {
            let title = self.paint(BOLD, &format!("“{}”", self.fit(title, 2)));
            self.line(&title);
        }
        let page = &of.page;
        let place = match &page.source {
            Source::Kafka { topic, partition, offset } => format!("{topic}:{partition}:{offset}"),
            Source::File { input, line } => format!("{input}, record {line}"),
        };
        let mut facts = vec![clean(&place)];
        facts.extend(page.url.as_deref().map(clean));
        facts.push(format!(
            "{} bytes{}",
            page.bytes,
            page.markup.map(|m| format!(" of {m}")).unwrap_or_default()
        ));
        let facts = self.paint(DIM, &facts.join(" · "));
        self.line(&facts);
        if let ExplainedOutcome::Rejected { seen, .. } = &of.outcome {
            self.title("What was seen");
            for seen in seen {
                self.line(&format!("  {}", clean(seen)));
            }
        }
    }

    fn ruled(&mut self, of: &Explanation) {
        let Some(report) = &of.site_rule else { return };
        self.title("Rule of the site");
        for said in words::ruled(report) {
            let line = format!("  {}", self.fit(&said, 2));
            self.line(&line);
        }
    }

    fn blocks(&mut self, of: &Explanation) {
        if of.blocks.is_empty() {
            return;
        }
        self.title("Blocks of the page");
        let signs = "  + kept   > has a field or a story of its own   - dropped";
        let signs = self.paint(DIM, &format!("{signs}   (number, label, score from 0 to 1, text)"));
        self.line(&signs);
        if let Some(from) = of.read_from {
            self.line(&format!("  read from {}", words::read_from(from)));
        }
        let mut number = 1;
        let runs = if self.style.full { of.blocks.chunks(1).collect() } else { words::runs(&of.blocks) };
        for run in runs {
            match run {
                [block] => self.block(number, block),
                run => {
                    let what = format!("  … {} blocks dropped: {}", run.len(), words::roles(run));
                    let what = self.paint(DIM, &what);
                    self.line(&what);
                }
            }
            number += run.len();
        }
    }

    fn block(&mut self, number: usize, block: &ExplainedBlock) {
        let (sign, color) = match words::fate(block) {
            "kept" => ('+', GREEN),
            "dropped" => ('-', RED),
            _ => ('>', CYAN),
        };
        let label = format!("{number:>4} {sign} {:<13} {:.2} ", words::role(block.role), block.score);
        let (head, text) = (self.paint(color, &label), self.fit(&block.text, label.len() + 1));
        self.line(&format!("{head} {text}"));
        let most = if self.style.full { usize::MAX } else { WEIGHTS };
        let weights: Vec<String> = block
            .weights
            .iter()
            .take(most)
            .map(|weight| format!("{:+.1} {} ({})", weight.by, words::matter(weight.matter), weight.said))
            .collect();
        let told = words::fate(block) != "dropped" && !block.kept;
        let is_clear = told || (block.score >= 0.5) == block.kept;
        if !is_clear || self.style.full {
            let why = self.paint(DIM, &format!("       {}", block.why));
            self.line(&why);
        }
        let mut line = String::new();
        for weight in weights {
            if !line.is_empty() && line.chars().count() + weight.chars().count() + 9 > self.style.width {
                let written = self.paint(DIM, &format!("       {line}"));
                self.line(&written);
                line.clear();
            }
            line += if line.is_empty() { "" } else { "  " };
            line += &weight;
        }
        if !line.is_empty() {
            let written = self.paint(DIM, &format!("       {line}"));
            self.line(&written);
        }
    }

    fn fields(&mut self, of: &Explanation) {
        if of.fields.is_empty() {
            return;
        }
        self.title("Fields: what there was to choose from");
        for field in &of.fields {
            let value = if field.values.is_empty() {
                "the page does not say".to_owned()
            } else {
                field.values.join(", ")
            };
            let name = self.paint(BOLD, &format!("{:<10}", words::field(field.name)));
            let line = format!("  {name} {}", self.fit(&value, 14));
            self.line(&line);
            for candidate in &field.candidates {
                let sign = if candidate.won { self.paint(GREEN, "*") } else { " ".to_owned() };
                let weight = candidate.weight.map_or_else(|| "    ".to_owned(), |w| format!("{w:4.1}"));
                let behind = 14 + candidate.from.chars().count();
                let line = format!(
                    "    {sign} {weight}  {} ({})",
                    self.fit(&candidate.value, behind),
                    candidate.from
                );
                self.line(&line);
            }
        }
    }

    fn language(&mut self, language: &LanguageEvidence) {
        let found = &language.language;
        self.title(&format!("Language: {} (confidence {:.2})", found.code, found.confidence));
        let shares: Vec<String> =
            language.candidates.iter().map(|other| format!("{} {:.3}", other.code, other.share)).collect();
        if !shares.is_empty() {
            self.line(&format!("  likeliest: {}", shares.join(", ")));
        }
        if let Some(second) = &found.second {
            self.line(&format!("  {:.0} % of the text is in {}", second.share * 100.0, second.code));
        }
        if let Some(other) = &language.told_from {
            let told = language.words.join(", ");
            let line = format!("  words that tell it from {other}: {}", self.fit(&told, 32));
            self.line(&line);
        }
        for step in &language.steps {
            self.line(&format!("  - {}", clean(step)));
        }
        for claim in &language.claims {
            self.line(&format!("  claimed by {}", clean(claim)));
        }
    }

    fn topics(&mut self, topics: &TopicsEvidence) {
        self.title("Topics");
        self.line(&format!("  {}", decided(topics)));
        for topic in &topics.candidates {
            let sign = if topic.given { self.paint(GREEN, "+") } else { self.paint(RED, "-") };
            let name = self.paint(BOLD, &topic.name);
            let mut line = format!("  {sign} {:.2}  {name} ({})", topic.score, topic.code);
            if !topic.named_by.is_empty() {
                // Writing to memory does not fail.
                let _infallible = write!(line, ", named by its {}", topic.named_by.join(", "));
            }
            self.line(&line);
            for (sign, words) in [("for", &topic.words), ("against", &topic.words_against)] {
                if !words.is_empty() && (topic.given || self.style.full) {
                    let line = self.fit(&pulls(words), 18);
                    let line = self.paint(DIM, &format!("         {sign}: {line}"));
                    self.line(&line);
                }
            }
        }
    }

    fn repeats(&mut self, of: &Explanation) {
        let Some(repeats) = &of.repeats else { return };
        self.title(&format!("Repeats: held against {} pages", repeats.pages));
        let known = if repeats.is_known { "This page was seen before. " } else { "" };
        self.line(&format!("  {known}{}", repeats.verdict));
        for near in &repeats.nearest {
            let sign = if near.is_repeat { self.paint(YELLOW, "=") } else { " ".to_owned() };
            self.line(&format!("  {sign} {}  {}", near.id, near.why));
            let shares = format!(
                "      {:.0} % of the page is in it, {:.0} % of it in the page; {} of {} sampled runs of words",
                near.of_page * 100.0,
                near.of_article * 100.0,
                near.hits,
                near.of_hits
            );
            let shares = self.paint(DIM, &shares);
            self.line(&shares);
        }
    }

    fn times(&mut self, of: &Explanation) {
        self.title("Time");
        let times: Vec<String> = of
            .times
            .iter()
            .map(|time| format!("{} {:.2} ms", words::stage_name(time.stage), time.millis))
            .collect();
        self.line(&format!("  {}", times.join(" · ")));
    }
}

/// Who decided on the topics, in a sentence.
pub(super) fn decided(topics: &TopicsEvidence) -> &'static str {
    match topics.decided_by {
        DecidedBy::Nobody => {
            "Nothing was decided: the model does not know the language, or too little of the text."
        }
        DecidedBy::Words => "The model of words decided; words are given with how they pulled.",
        DecidedBy::Encoder => {
            "The sentence encoder read the text as a whole and decided, with the model of words beside it; the words \
             given are those of the latter."
        }
        DecidedBy::Student => {
            "The encoder's student decided, with the model of words beside it; the words given are those of the latter."
        }
    }
}

fn pulls(words: &[Pull]) -> String {
    words.iter().map(|pull| format!("{} {:+.2}", pull.word, pull.by)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{ARTICLE, MENU, explained};

    const STYLE: Style = Style { color: false, full: false, width: 100 };

    #[test]
    fn an_article_is_told_block_by_block() {
        let text = render(&explained(ARTICLE), STYLE);
        for part in [
            "ARTICLE  A new article in the language en",
            "“Ferries stay in port”",
            "+ main text",
            "> title",
            "Fields",
            "* ",
            "Language: en",
            "Time",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(text.lines().filter(|line| line.contains(" + main")).all(|line| line.chars().count() <= 100));
        assert!(!text.contains('\x1b'));
    }

    #[test]
    fn colours_come_only_where_they_are_wanted() {
        assert!(render(&explained(ARTICLE), Style { color: true, ..STYLE }).contains("\x1b[32m"));
    }

    #[test]
    fn a_page_can_do_nothing_to_the_terminal() {
        let page = ARTICLE.replace("The union said", "\x1b]0;owned\x07\x1b[2J\u{202e}The union said");
        let text = render(&explained(&page), Style { full: true, ..STYLE });
        assert!(text.contains("owned") && !text.contains(['\x1b', '\x07', '\u{202e}']), "{text}");
    }

    #[test]
    fn a_rejected_page_says_what_was_seen() {
        let text = render(&explained(&MENU.repeat(30)), STYLE);
        assert!(text.starts_with("REJECTED  Rejected as no_article"), "{text}");
        assert!(text.contains("What was seen"));
    }
}
