//! The parts of the page.

use std::fmt::Write as _;

use super::{Escaped, Page, put};
use crate::explain::terminal::decided;
use crate::explain::{ExplainedBlock, Explanation, words};
use crate::stages::classify_topics::Pull;
use crate::stages::strip_boilerplate::{Field, Weight};

/// Longest run of dropped blocks that is written with what weighed in each: nobody reads that of thousands, and it would
/// be most of the page.
const WEIGHED: usize = 60;
/// Width of half a bar.
const HALF: f32 = 50.0;
/// Weight that fills half a bar, in log odds.
const FULL: f32 = 2.5;

impl Page {
    fn begin(&mut self, id: &str, title: &str) {
        put!(
            self,
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>\n"
        );
    }

    fn end(&mut self) {
        put!(self, "</section>\n");
    }

    pub(super) fn blocks(&mut self, of: &Explanation) {
        if of.blocks.is_empty() {
            return;
        }
        self.begin("blocks", "Block by block");
        put!(
            self,
            "<p>The page was cut into {} blocks: its paragraphs, headings, entries of menus and the like. Each has a score from 0 to 1, how likely \
             it is the text of the article, and was kept or dropped. Beside each block, on a phone below it, stands what \
             became of it.</p>\n",
            of.blocks.len()
        );
        put!(self, "<fieldset><legend>Show</legend>");
        let choices =
            [("all", "all"), ("kept", "what was kept"), ("out", "what was not"), ("doubt", "unclear cases")];
        for (id, name) in choices {
            let checked = if id == "all" { " checked" } else { "" };
            put!(
                self,
                "<label><input type=\"radio\" name=\"show\" id=\"show-{id}\"{checked}> {name}</label>"
            );
        }
        put!(self, "</fieldset>\n");
        put!(
            self,
            "<div class=\"columns\" aria-hidden=\"true\"><p>The page</p><p>The result</p></div>\n<ol class=\"blocks\">\n"
        );
        let mut number = 1;
        for run in words::runs(&of.blocks) {
            match run {
                [block] => self.block(number, block, true),
                run => self.run(number, run),
            }
            number += run.len();
        }
        put!(self, "</ol>\n");
        self.end();
    }

    /// Blocks that nobody doubts, folded.
    fn run(&mut self, number: usize, run: &[ExplainedBlock]) {
        put!(
            self,
            "<li class=\"dropped\"><details class=\"run\"><summary>{} blocks dropped: {}</summary><ol class=\"blocks\">\n",
            run.len(),
            words::roles(run)
        );
        let is_weighed = run.len() <= WEIGHED;
        for (n, block) in run.iter().enumerate() {
            self.block(number + n, block, is_weighed);
        }
        put!(self, "</ol></details></li>\n");
    }

    fn block(&mut self, number: usize, block: &ExplainedBlock, is_weighed: bool) {
        let fate = words::fate(block);
        let (sign, said) = match fate {
            "kept" => ("✓", "Kept"),
            "field" => ("➜", "Has its field"),
            "story" => ("➜", "Another story"),
            _ => ("✕", "Dropped"),
        };
        let doubtful = block.chosen != block.kept || (block.score >= 0.5) != block.kept;
        let doubt = if doubtful || (0.2..0.8).contains(&block.score) { " doubt" } else { "" };
        put!(self, "<li class=\"{fate}{doubt}\"><div class=\"pair\"><div class=\"left\">");
        put!(self, "<h3 class=\"small soft\">Block {number}, {}</h3>", element(&block.element));
        self.text("p", "text", &block.text);
        put!(self, "</div><div class=\"right\">");
        put!(
            self,
            "<p><span class=\"mark {fate}\"><span aria-hidden=\"true\">{sign}</span> {said}</span> as {}, score {:.2}</p>",
            words::role(block.role),
            block.score
        );
        if block.kept {
            self.text("p", "text", &block.text);
        }
        put!(self, "<p class=\"small soft\">{}</p>", Escaped(&block.why));
        if is_weighed && !block.weights.is_empty() {
            put!(
                self,
                "<details><summary class=\"small\">What weighed<span class=\"soft\"> in block {number}</span></summary>"
            );
            self.weights(&block.weights, block.base);
            put!(self, "</details>");
        }
        put!(self, "</div></div></li>\n");
    }

    fn weights(&mut self, weights: &[Weight], base: f32) {
        put!(
            self,
            "<table><thead><tr><th scope=\"col\">About</th><th scope=\"col\">What was seen</th>\
             <th scope=\"col\" class=\"number\">Weight</th></tr></thead><tbody>"
        );
        for weight in weights {
            put!(
                self,
                "<tr><td>{}</td><td dir=\"auto\">{}</td><td class=\"number\">{} {:+.2}</td></tr>",
                words::matter(weight.matter),
                Escaped(&weight.said),
                bar(weight.by),
                weight.by
            );
        }
        put!(
            self,
            "</tbody></table><p class=\"small soft\">Above zero speaks for the article’s text, below zero against it. A block of \
             this page begins at {base:+.2} before anything is known of it; the sum of all, as log odds, is the score.</p>"
        );
    }

    pub(super) fn fields(&mut self, of: &Explanation) {
        if of.fields.is_empty() {
            return;
        }
        self.begin("fields", "Title, authors, date");
        for field in &of.fields {
            self.field(field);
        }
        self.end();
    }

    fn field(&mut self, field: &Field) {
        put!(self, "<h3>{}</h3>", words::field(field.name));
        if field.values.is_empty() {
            put!(self, "<p>The page does not say.</p>");
        } else {
            self.text("p", "value", &field.values.join(", "));
        }
        put!(self, "<p class=\"small soft\">{}</p>", Escaped(field.how));
        if field.candidates.is_empty() {
            return;
        }
        let weighed = field.candidates.iter().any(|candidate| candidate.weight.is_some());
        put!(
            self,
            "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Candidate</th><th scope=\"col\">Where it stands</th>"
        );
        if weighed {
            put!(self, "<th scope=\"col\" class=\"number\">Weight</th>");
        }
        put!(self, "<th scope=\"col\">Taken</th></tr></thead><tbody>");
        for candidate in &field.candidates {
            put!(self, "<tr{}><td dir=\"auto\"", if candidate.won { " class=\"won\"" } else { "" });
            // Dates are in no language.
            if matches!(field.name, "title") {
                self.out.push_str(&self.language.clone());
            }
            put!(self, ">{}</td><td>{}</td>", Escaped(&candidate.value), Escaped(&candidate.from));
            if weighed {
                let weight = candidate.weight.map_or_else(String::new, |weight| format!("{weight:.1}"));
                put!(self, "<td class=\"number\">{weight}</td>");
            }
            let taken = if candidate.won { "<span class=\"won-mark\">✓ yes</span>" } else { "no" };
            put!(self, "<td>{taken}</td></tr>");
        }
        put!(self, "</tbody></table></div>\n");
    }

    pub(super) fn language(&mut self, of: &Explanation) {
        let Some(evidence) = &of.language else { return };
        self.begin("language", "Language");
        let found = &evidence.language;
        if found.code == "und" {
            put!(self, "<p>The language is not known.</p>");
        } else {
            put!(
                self,
                "<p>The text is in <strong>{}</strong>, with a confidence of {:.2}.</p>",
                Escaped(&found.code),
                found.confidence
            );
        }
        if let Some(second) = &found.second {
            put!(
                self,
                "<p>{:.0} % of it is in <strong>{}</strong>.</p>",
                second.share * 100.0,
                Escaped(&second.code)
            );
        }
        if !evidence.candidates.is_empty() {
            put!(
                self,
                "<table><thead><tr><th scope=\"col\">Language</th><th scope=\"col\" class=\"number\">Share of the evidence</th>\
                 </tr></thead><tbody>"
            );
            for candidate in &evidence.candidates {
                put!(
                    self,
                    "<tr><td>{}</td><td class=\"number\">{:.1} %</td></tr>",
                    Escaped(&candidate.code),
                    candidate.share * 100.0
                );
            }
            put!(self, "</tbody></table>");
        }
        if let Some(other) = &evidence.told_from {
            put!(self, "<h3>What tells it from {}</h3>", Escaped(other));
            put!(self, "<ul class=\"words\">");
            for word in &evidence.words {
                self.text("li", "word", word);
            }
            put!(self, "</ul>");
        }
        put!(self, "<h3>How it was found</h3><ul>");
        for step in &evidence.steps {
            put!(self, "<li>{}</li>", Escaped(step));
        }
        for claim in &evidence.claims {
            put!(self, "<li>claimed by {}</li>", Escaped(claim));
        }
        put!(self, "</ul>\n");
        self.end();
    }

    pub(super) fn topics(&mut self, of: &Explanation) {
        let Some(topics) = &of.topics else { return };
        self.begin("topics", "Topics");
        put!(self, "<p>{}</p>", decided(topics));
        for topic in &topics.candidates {
            let (fate, said) = if topic.given { ("kept", "✓ Given") } else { ("dropped", "✕ Not given") };
            put!(
                self,
                "<h3>{} <span class=\"mark {fate}\">{said}</span></h3><p class=\"small soft\">score {:.2}, {} is enough; by words \
                 alone {:.2}; {}",
                Escaped(&topic.name),
                topic.score,
                topics.min_score,
                topic.score_by_words,
                Escaped(&topic.code)
            );
            if !topic.named_by.is_empty() {
                put!(self, "; the page names it by its {}", topic.named_by.join(", "));
            }
            put!(self, "</p>");
            self.pulls("Words that pulled towards it", &topic.words);
            if topic.given {
                self.pulls("Words that pulled away", &topic.words_against);
            }
        }
        self.end();
    }

    fn pulls(&mut self, title: &str, words: &[Pull]) {
        if words.is_empty() {
            return;
        }
        put!(self, "<p class=\"small\">{title}:</p><ul class=\"words\">");
        for pull in words {
            put!(self, "<li><span dir=\"auto\"{}>{}</span> ", self.language, Escaped(&pull.word));
            put!(self, "<span class=\"soft small\">{:+.2}</span></li>", pull.by);
        }
        put!(self, "</ul>\n");
    }

    pub(super) fn repeats(&mut self, of: &Explanation) {
        let Some(repeats) = &of.repeats else { return };
        self.begin("repeats", "Repeats");
        let known = if repeats.is_known { " This page was seen before, and keeps its verdict." } else { "" };
        put!(
            self,
            "<p>The page was held against {} pages seen before.{known} {}</p>",
            repeats.pages,
            Escaped(&repeats.verdict)
        );
        if repeats.nearest.is_empty() {
            put!(self, "<p>No earlier article shares a passage with it.</p>");
            return self.end();
        }
        put!(
            self,
            "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Article</th><th scope=\"col\" class=\"number\">Of the page \
             in it</th><th scope=\"col\" class=\"number\">Of it in the page</th><th scope=\"col\">Verdict</th></tr></thead><tbody>"
        );
        for near in &repeats.nearest {
            let said =
                if near.is_repeat { "<span class=\"won-mark\">= repeat</span>: " } else { "no repeat: " };
            put!(
                self,
                "<tr><td><code>{}</code></td><td class=\"number\">{:.0} %</td><td class=\"number\">{:.0} %</td><td>{said}{}</td></tr>",
                near.id,
                near.of_page * 100.0,
                near.of_article * 100.0,
                Escaped(&near.why)
            );
        }
        put!(self, "</tbody></table></div>\n");
        self.end();
    }

    pub(super) fn times(&mut self, of: &Explanation) {
        self.begin("times", "Time");
        put!(
            self,
            "<table><thead><tr><th scope=\"col\">Stage</th><th scope=\"col\" class=\"number\">Milliseconds</th></tr></thead><tbody>"
        );
        for time in &of.times {
            put!(
                self,
                "<tr><td>{}</td><td class=\"number\">{:.2}</td></tr>",
                words::stage_name(time.stage),
                time.millis
            );
        }
        put!(self, "</tbody></table>\n");
        self.end();
    }
}

/// What an element is, in words.
fn element(name: &str) -> &str {
    match name {
        "p" => "a paragraph",
        "h1" => "a first-level heading",
        "h2" | "h3" | "h4" | "h5" | "h6" => "a heading",
        "li" => "an entry of a list",
        "a" => "a link",
        "td" | "th" => "a cell of a table",
        "blockquote" => "a quotation",
        "figcaption" | "caption" => "a caption",
        "time" => "a time",
        "button" | "label" => "a button or label",
        _ => "a run of text",
    }
}

/// A bar to the right of its middle for a weight above zero, else to the left; numbers stand beside it.
fn bar(by: f32) -> String {
    let width = (by.abs() / FULL).min(1.0) * HALF;
    let (class, from) = if by < 0.0 { ("against", HALF - width) } else { ("for", HALF) };
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">\
         <rect class=\"{class}\" x=\"{from:.1}\" y=\"1\" width=\"{width:.1}\" height=\"8\"/>\
         <line class=\"axis\" x1=\"50\" y1=\"0\" x2=\"50\" y2=\"10\"/></svg>"
    )
}
