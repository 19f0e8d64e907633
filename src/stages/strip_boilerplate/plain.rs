//! The reader of plain text: lines to blocks.
//!
//! Four shapes are told apart by what the page looks like as a whole: one block a line; paragraphs set
//! apart by blank lines with their lines wrapped at some width; and everything on a single line, which is cut
//! by sentences.

use super::document::{Block, Document, Element, Flags};
use super::words;

/// A block longer than this (in characters) on a page of few lines is cut by sentences.
const LONG_LINE: usize = 1_500;
/// Pieces of a cut line have at least this many characters.
const PIECE: usize = 60;

/// Reads a page.
pub fn read(text: &str) -> Document {
    const RARE: [char; 5] = ['\u{2028}', '\u{2029}', '\u{85}', '\u{c}', '\r'];
    // Read thrice rather than kept: a page may have millions of lines. Nearly all pages end them by line feeds alone.
    let has_rare = if text.is_ascii() {
        memchr::memchr2(b'\x0c', b'\r', text.as_bytes()).is_some()
    } else {
        text.contains(RARE)
    };
    if has_rare {
        read_lines(|| text.lines().flat_map(|line| line.split(RARE)))
    } else {
        read_lines(|| text.lines())
    }
}

fn read_lines<'t, L: Iterator<Item = &'t str>>(lines: impl Fn() -> L) -> Document {
    let mut doc = Document { plain: true, ..Document::default() };
    doc.elements.push(Element::root());
    let width = wrap_width(lines());
    let few = lines().filter(|l| !l.trim().is_empty()).nth(12).is_none();
    let mut blank = 0u8;
    // Length of the last line, where it may go on in the next one.
    let mut open: Option<usize> = None;
    for line in lines() {
        if doc.is_full() {
            break;
        }
        let trimmed = line.trim();
        if trimmed.is_empty() {
            blank = blank.saturating_add(1);
            open = None;
            continue;
        }
        let length = line.trim_end().chars().count();
        let first_word = trimmed.split_whitespace().next().map_or(0, |w| w.chars().count());
        // A line goes on where its neighbour's first word would not have fitted any more.
        if let (Some(width), Some(last)) = (width, open)
            && last + first_word + 1 > width
            && !starts_item(trimmed)
        {
            extend(&mut doc, trimmed);
        } else if few && trimmed.len() > LONG_LINE {
            cut(&mut doc, trimmed, blank);
        } else {
            push(&mut doc, trimmed, blank);
        }
        blank = 0;
        open = Some(length);
    }
    doc
}

/// The width that lines are wrapped at, if they are: most long lines end just short of it.
fn wrap_width<'t>(lines: impl Iterator<Item = &'t str>) -> Option<usize> {
    let mut lengths = [0usize; 132];
    let mut long = 0;
    for line in lines {
        let length = line.trim_end().chars().count();
        match lengths.get_mut(length) {
            Some(slot) => *slot += 1,
            None => long += 1,
        }
    }
    let max = lengths.iter().rposition(|count| *count > 0)?;
    let near: usize = lengths[max.saturating_sub(14)..=max].iter().sum();
    let half: usize = lengths[max / 2..=max].iter().sum();
    (max >= 40 && long * 20 <= near && near >= 5 && near * 10 >= half * 7).then_some(max)
}

/// Whether a line begins an item of a list.
fn starts_item(line: &str) -> bool {
    let mut chars = line.chars();
    matches!(chars.next(), Some('•' | '*' | '·' | '▪' | '-' | '–')) && chars.next() == Some(' ')
}

fn push(doc: &mut Document, text: &str, gap: u8) {
    if doc.is_full() {
        return;
    }
    let text = doc.fitting(text);
    let start = doc.text.len() as u32;
    append(&mut doc.text, text);
    let end = doc.text.len() as u32;
    if end > start {
        doc.blocks.push(Block {
            start,
            end,
            element: 0,
            links: 0,
            link_bytes: 0,
            emphasis_bytes: 0,
            flags: Flags::default(),
            gap,
        });
    }
}

fn extend(doc: &mut Document, text: &str) {
    let text = doc.fitting(text);
    // A word cut by a hyphen at the end of the line is left as it is: the hyphen may be its own.
    let unspaced = doc.text.chars().next_back().is_some_and(words::is_unspaced)
        && text.chars().next().is_some_and(words::is_unspaced);
    if !unspaced {
        doc.text.push(' ');
    }
    append(&mut doc.text, text);
    if let Some(block) = doc.blocks.last_mut() {
        block.end = doc.text.len() as u32;
    }
}

/// Appends text with white space collapsed and control characters left out.
fn append(out: &mut String, text: &str) {
    let start = out.len();
    // Nearly all lines are as they are to be.
    let is_tidy = |bytes: &[u8]| bytes.iter().all(|b| matches!(b, b' '..=b'~'));
    let has_gap = || memchr::memmem::find(text.as_bytes(), b"  ").is_some();
    if is_tidy(text.as_bytes()) && !text.starts_with(' ') && !text.ends_with(' ') && !has_gap() {
        out.push_str(text);
        return;
    }
    let mut rest = text;
    loop {
        // Words of ASCII are taken as they are.
        let end = rest.bytes().position(|b| !b.is_ascii_graphic()).unwrap_or(rest.len());
        let (word, other) = rest.split_at(end);
        out.push_str(word);
        let Some(c) = other.chars().next() else { break };
        rest = &other[c.len_utf8()..];
        if c.is_whitespace() {
            if out.len() > start && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !c.is_control() && !matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}') {
            out.push(c);
        }
    }
    if out.len() > start && out.ends_with(' ') {
        out.pop();
    }
}

/// Cuts a long line into sentences, and where a script without spaces has one: there lines were joined.
fn cut(doc: &mut Document, line: &str, gap: u8) {
    let mut start = 0;
    let mut length = 0;
    let mut ended = false;
    let mut gap = gap;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        let unspaced_end = ended && !c.is_whitespace() && !words::closes(c) && !words::ends_sentence(c);
        let sentence = ended && length >= PIECE && (c.is_whitespace() || unspaced_end && !c.is_ascii());
        let joint = c.is_whitespace()
            && words::is_unspaced(before)
            && line[at..].trim_start().chars().next().is_some_and(words::is_unspaced);
        if sentence || joint {
            if doc.is_full() {
                return;
            }
            push_sentence(doc, &line[start..at], gap);
            (start, length, gap) = (at, 0, 0);
        }
        ended = words::ends_sentence(c) || ended && words::closes(c);
        length += 1;
        before = c;
    }
    push_sentence(doc, &line[start..], gap);
}

/// A sentence as a block; menus and headlines that run into it are a block of their own.
fn push_sentence(doc: &mut Document, text: &str, gap: u8) {
    let Some(seam) = seam(text) else {
        push(doc, text, gap);
        return;
    };
    let before = doc.blocks.len();
    push(doc, &text[..seam], gap);
    push(doc, &text[seam..], 0);
    if doc.blocks.len() == before + 2
        && let Some(block) = doc.blocks.last_mut()
    {
        block.flags = block.flags.with(Flags::GOES_ON);
    }
}

/// Words before a seam, at least.
const SEAM_WORDS: usize = 4;
/// Words behind a seam that are looked at.
const SEAM_REACH: usize = 6;

/// Words that a seam is looked for among, at most.
const SEAM_LOOK: usize = 4_000;

/// Where a sentence begins behind words that are none: at the first word with a capital that most words in small letters
/// follow, where most words before it have capitals or are numbers.
fn seam(text: &str) -> Option<usize> {
    let words: Vec<(usize, bool)> = text
        .split_whitespace()
        .take(SEAM_LOOK)
        .map(|word| {
            (
                word.as_ptr() as usize - text.as_ptr() as usize,
                word.chars().next().is_some_and(char::is_lowercase),
            )
        })
        .collect();
    let mut small = words.iter().take(SEAM_WORDS).filter(|(_, small)| *small).count();
    for at in SEAM_WORDS..words.len().saturating_sub(SEAM_REACH) {
        if small * 5 > at * 2 {
            return None;
        }
        let behind = words[at + 1..=at + SEAM_REACH].iter().filter(|(_, small)| *small).count();
        if !words[at].1 && words[at + 1].1 && behind * 3 >= SEAM_REACH * 2 {
            return Some(words[at].0);
        }
        small += usize::from(words[at].1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let doc = read(text);
        let blocks: Vec<&str> = doc.blocks.iter().map(|b| doc.block_text(b)).collect();
        assert_eq!(blocks, expect);
    }

    #[test]
    fn one_block_a_line() {
        check("Home\n  News \n\nThe  council met.\u{0}\n", &["Home", "News", "The council met."]);
        check("", &[]);
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let text = "The harbour town of Lindmere voted on Tuesday to rebuild its pier after\n\
                    the storms of the winter had carried off the last of its timber and the\n\
                    two cafés that stood on it. The mayor said that work would start before\n\
                    the summer.\n\
                    \n\
                    Fishermen had asked for a stone wall instead, which would have cost the\n\
                    town twice as much and would have taken three years. They said that the\n\
                    new pier would not last, and that the money would be lost to the sea in\n\
                    the next great storm, as it was before, and as it always had been since\n\
                    the town was built.\n";
        let doc = read(text);
        assert_eq!(doc.blocks.len(), 2);
        assert!(doc.text_of(0).ends_with("before the summer."));
        assert_eq!(doc.blocks[1].gap, 1);
    }

    #[test]
    fn a_single_line_is_cut_by_sentences() {
        let sentence = "The council of the harbour town met on Tuesday and voted for the pier. ";
        let doc = read(&sentence.repeat(30));
        assert_eq!(doc.blocks.len(), 30);
        let sentence = "港町の議会は火曜日に集まり、桟橋を建て直すことを決めたと市長が記者団に語り、工事は夏の前に始まる予定であると述べた上で市民に協力を求めたと伝えられた。";
        let doc = read(&sentence.repeat(30));
        assert_eq!(doc.blocks.len(), 30);
    }

    #[test]
    fn what_runs_into_a_sentence_is_cut_off() {
        let menu = "Home News Harbour Weather Sign In By Clara Benoit ";
        let sentence = "The council met on Tuesday and voted for a new pier of stone. ";
        let line = menu.to_owned() + &sentence.repeat(40);
        let doc = read(&line);
        assert_eq!(doc.text_of(0), menu.trim());
        assert!(doc.text_of(1).starts_with("The council"));
        let doc = read(&"港町 議会 桟橋 港町の議会は火曜日に集まり、桟橋を建て直すことを決めた。".repeat(60));
        assert_eq!(doc.text_of(1), "議会");
        assert_eq!(
            seam("The mayor of Lindmere said on Tuesday that the old pier would be pulled down"),
            None
        );
    }
}
