//! The sentences of an explanation.

use super::{ExplainedBlock, ExplainedOutcome, Explanation};
use crate::record::{Contained, DuplicateKind, RawRecord, Reason};
use crate::sightings::Verdict;
use crate::stages::strip_boilerplate::ReadFrom;
use crate::stages::strip_boilerplate::roles::Role;
use crate::stages::strip_boilerplate::site_rules::Report;

/// Bytes of a record that are shown where there are no blocks.
const HEAD_BYTES: usize = 240;

/// The outcome in one sentence.
pub fn summary(of: &Explanation) -> String {
    match &of.outcome {
        ExplainedOutcome::Article { .. } => {
            let mut text = "A new article".to_owned();
            if let Some(record) = &of.record {
                if record.language.code != "und" {
                    text += &format!(" in the language {}", record.language.code);
                }
                text += &format!(", {} words", record.word_count);
            }
            let kept = of.blocks.iter().filter(|block| block.kept).count();
            text += &match of.blocks.len() {
                1 => ": the page's only block is its text".to_owned(),
                all => format!(": {kept} of the page's {all} blocks are its text"),
            };
            match of.read_from {
                Some(ReadFrom::Scripts) => text += ", read from the page's scripts",
                Some(ReadFrom::Rule) => text += ", taken by the rule of the site",
                Some(ReadFrom::StructuredData) => text += ", read from the page's data for machines",
                _ => {}
            }
            text + "."
        }
        ExplainedOutcome::Duplicate { kind, of, similarity, contained } => {
            repeat(*kind, &of.to_string(), *similarity, *contained)
        }
        ExplainedOutcome::Rejected { reason, stage, detail, means, .. } => {
            let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
            format!("Rejected as {reason} at the stage {}: {means}{detail}.", stage_name(stage))
        }
    }
}

/// How a page repeats an article.
fn repeat(kind: DuplicateKind, of: &str, similarity: f64, contained: Option<Contained>) -> String {
    let percent = similarity * 100.0;
    let what = match kind {
        DuplicateKind::Exact => format!("An exact repeat of article {of}: the same bytes or the same text"),
        DuplicateKind::Near => {
            format!("A near-duplicate of article {of}: {percent:.0} % of the text is in common")
        }
        DuplicateKind::Revision => {
            format!("A revision of article {of}: the same URL, and {percent:.0} % of the text is in common")
        }
    };
    match contained {
        None => what + ".",
        Some(Contained::Page) => what + ", the page stands within it.",
        Some(Contained::Article) => what + ", it stands within the page.",
    }
}

/// The verdict of the index.
pub fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::New { .. } => {
            "Nothing in the index has enough in common with the page: it is new.".to_owned()
        }
        Verdict::Repeat(found) => {
            repeat(found.kind, &found.of.to_string(), found.similarity, found.contained)
        }
        Verdict::Unknown => "The index does not know the page.".to_owned(),
    }
}

/// What a reason of rejection means.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Malformed => "the record is not a page message",
        Reason::TooLarge => "the page is larger than the limit",
        Reason::BadCompression => "the body does not decompress",
        Reason::NotText => "the bytes are no text",
        Reason::Empty => "there is no text in the page",
        Reason::NoArticle => "there is text, but no article",
        Reason::ConsentWall => "the page is nothing but a consent wall",
        Reason::Paywall => "the page is nothing but an offer to subscribe or sign in",
        Reason::StageFailed => "a stage gave up on the page, which is a bug",
        Reason::Timeout => "the page took too long",
        Reason::Crashed => "the page was at work at two crashes",
        Reason::Refused => "the broker does not take the record",
    }
}

/// What was seen of a page that was rejected.
pub fn seen(blocks: &[ExplainedBlock], raw: &RawRecord) -> Vec<String> {
    if blocks.is_empty() {
        let head = &raw.value[..raw.value.len().min(HEAD_BYTES)];
        let text = String::from_utf8_lossy(head);
        // Control characters say nothing, and may do something to a terminal.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut seen = vec![format!("{} bytes", raw.value.len())];
        if !text.is_empty() {
            seen.push(format!("it begins: {text}"));
        }
        return seen;
    }
    let letters = |block: &ExplainedBlock| block.text.chars().filter(|c| c.is_alphanumeric()).count();
    let all: usize = blocks.iter().map(letters).sum();
    let linked: f32 = blocks.iter().map(|block| block.links * letters(block) as f32).sum();
    let long = blocks.iter().filter(|block| letters(block) >= 60 && block.links < 0.5).count();
    let best = blocks.iter().map(|block| block.score).fold(0.0, f32::max);
    vec![
        format!(
            "{} with {all} letters, {:.0} % of them in links",
            counted(blocks.len(), "block"),
            linked * 100.0 / all.max(1) as f32
        ),
        format!("{} as long as a paragraph, links left out", counted(long, "block")),
        format!("the block that is likeliest to be an article's text has a score of {best:.2}"),
    ]
}

/// A stage's name in words.
pub fn stage_name(stage: &str) -> String {
    stage.replace('_', " ")
}

/// A role in words.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::MainText => "main text",
        Role::SubHead => "sub-head",
        Role::Title => "title",
        Role::Kicker => "kicker",
        Role::Byline => "byline",
        Role::Date => "date",
        Role::Dateline => "dateline",
        Role::InsetStory => "inset story",
        Role::Caption => "caption",
        Role::Teaser => "teaser",
        Role::RelatedLink => "related link",
        Role::Comment => "comment",
        Role::Appeal => "appeal",
        Role::LegalNotice => "legal notice",
        Role::Advertisement => "advertisement",
        Role::Tools => "tools",
        Role::Navigation => "navigation",
        Role::Other => "other",
    }
}

/// What becomes of a block, in a word.
pub fn fate(block: &ExplainedBlock) -> &'static str {
    match (block.kept, block.role) {
        (true, _) => "kept",
        (false, Role::Title | Role::Kicker | Role::Byline | Role::Date | Role::Dateline) => "field",
        (false, Role::InsetStory) => "story",
        _ => "dropped",
    }
}

/// A field's name in words.
pub fn field(name: &str) -> &'static str {
    match name {
        "title" => "Title",
        "authors" => "Authors",
        "published_at" => "Published",
        "modified_at" => "Changed",
        _ => "Field",
    }
}

/// What a weight is about, in words.
pub fn matter(name: &str) -> &'static str {
    match name {
        "length" => "length",
        "sentences" => "sentences",
        "links" => "links",
        "characters" => "characters",
        "words" => "words",
        "phrases" => "phrases",
        "title" => "titles",
        "machine_text" => "text for machines",
        "repeats" => "repeats",
        "element" => "elements",
        "boxes" => "names of boxes",
        "around" => "boxes around it",
        "alike" => "blocks like it",
        "place" => "place on the page",
        "headline" => "headline and dates",
        "neighbours" => "neighbours",
        "near_text" => "text near it",
        "first_reading" => "first reading",
        _ => "rule",
    }
}

/// Where a text was taken from.
pub fn read_from(from: ReadFrom) -> &'static str {
    match from {
        ReadFrom::Page => "what the page shows",
        ReadFrom::Rule => "what the rule of the site takes of the page",
        ReadFrom::Scripts => "the page's scripts: the page itself shows next to nothing",
        ReadFrom::StructuredData => {
            "the text that the page gives for machines: it shows next to nothing itself"
        }
    }
}

/// What the rule of a site did, a line each.
pub fn ruled(report: &Report) -> Vec<String> {
    let mut out = vec![format!("the rule for {}{} was followed", report.host, report.path)];
    out.extend(report.language.iter().map(|code| format!("it says that the language is {code}")));
    out.extend(report.section.iter().map(|name| format!("it says that the section is {name}")));
    for taken in &report.take {
        out.push(match taken.blocks.len() {
            0 => format!("{} found nothing to take", taken.selector),
            count => format!("{} took {}", taken.selector, counted(count, "block")),
        });
    }
    out.extend(
        report.dropped.iter().map(|dropped| format!("{} dropped: {}", dropped.selector, dropped.text)),
    );
    out
}

/// A number of things, by their name.
fn counted(count: usize, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

/// Runs of blocks that are dropped, from how many on they are told of together.
pub const RUN: usize = 4;

/// Blocks one by one, or runs of dropped ones that nobody doubts, with their roles counted.
pub fn runs<'b>(blocks: &'b [ExplainedBlock]) -> Vec<&'b [ExplainedBlock]> {
    let plain = |block: &ExplainedBlock| fate(block) == "dropped" && block.score < DOUBT;
    let mut out: Vec<&'b [ExplainedBlock]> = Vec::new();
    for run in blocks.chunk_by(|a, b| plain(a) && plain(b)) {
        if run.len() >= RUN {
            out.push(run);
        } else {
            out.extend(run.chunks(1));
        }
    }
    out
}

/// Score from which on a dropped block is shown on its own.
const DOUBT: f32 = 0.2;

/// The roles in a run, the most frequent first.
pub fn roles(blocks: &[ExplainedBlock]) -> String {
    let mut counts: Vec<(Role, usize)> = Vec::new();
    for block in blocks {
        match counts.iter_mut().find(|(known, _)| *known == block.role) {
            Some((_, count)) => *count += 1,
            None => counts.push((block.role, 1)),
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let said: Vec<String> = counts.iter().map(|(known, count)| format!("{count} {}", role(*known))).collect();
    said.join(", ")
}
