//! What the detectors get to read: a bounded sample of a text, without what is no language.
//!
//! A page's head is often in another language than its body (a menu, a quote, a translated summary),
//! so the sample is made of snippets that start at fixed places spread over the text. Words that say
//! nothing about the language, or would stall a detector (addresses, numbers, base64, code, giant words, text decoded
//! with the wrong charset), are left out. The work is bounded whatever the text: each snippet reads a
//! fixed number of bytes at most.

use crate::stages::letters::is_alphabetic;

/// Bytes a snippet may read per byte that it wants, before it gives up: junk is skipped, not followed.
const READ_PER_WANTED: usize = 8;
/// Longest word of a script that separates words, in bytes: longer ones are data, not words.
const WORD_MAX_BYTES: usize = 120;
/// A snippet starts at the first white space within this many bytes of its place.
const ALIGN_MAX_BYTES: usize = 60;

/// Appends to `out` about `snippets` × `bytes` bytes of `text`, in words, a line a snippet; returns
/// the number of letters. A text that is not much longer is read from one end to the other.
pub(super) fn sample(text: &str, snippets: usize, bytes: usize, out: &mut String) -> usize {
    let whole = snippets * bytes;
    if !is_long(text, snippets, bytes) {
        return snippet(text, whole + whole / 4, out);
    }
    places(text, snippets, bytes, 0..snippets, out)
}

/// Whether a text is longer than its sample.
pub(super) fn is_long(text: &str, snippets: usize, bytes: usize) -> bool {
    text.len() > snippets * bytes * 5 / 4
}

/// Does what [`sample`] does with a long text, at some of the `snippets` places: those that `which` names.
pub(super) fn places(
    text: &str,
    snippets: usize,
    bytes: usize,
    which: impl Iterator<Item = usize>,
    out: &mut String,
) -> usize {
    let mut letters = 0;
    for i in which {
        let from = if i == 0 { 0 } else { word_start(text, text.len() / snippets * i) };
        let until = ceil_boundary(text, text.len() / snippets * (i + 1));
        if from < until {
            letters += snippet(&text[from..until], bytes, out);
        }
    }
    letters
}

/// The first word start at or after `at`, or the next character boundary where white space is far.
fn word_start(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let end = bytes.len().min(at + ALIGN_MAX_BYTES);
    match bytes[at..end].iter().position(|b| b.is_ascii_whitespace()) {
        Some(i) => at + i + 1,
        None => ceil_boundary(text, at),
    }
}

/// The first character boundary at or after `at`.
fn ceil_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len())
}

/// The last character boundary at or before `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

fn snippet(text: &str, bytes: usize, out: &mut String) -> usize {
    let limit = floor_boundary(text, bytes.saturating_mul(READ_PER_WANTED));
    let end = out.len() + bytes;
    let mut letters = 0;
    for word in text[..limit].split_whitespace() {
        if out.len() >= end {
            break;
        }
        letters += push_word(word, end, out);
    }
    if letters > 0 {
        out.push('\n');
    }
    letters
}

/// Appends the word if it may say something about the language, cut where `out` reaches `end` if the
/// script does not separate words. Returns its letters.
fn push_word(word: &str, end: usize, out: &mut String) -> usize {
    let Some(first) = word.chars().find(|c| is_alphabetic(*c)) else { return 0 };
    let unspaced = is_unspaced(first);
    // Where a letter is a syllable or a word, two say as much as four.
    let weight = if unspaced || matches!(first, '가'..='힣') { 2 } else { 1 };
    if !unspaced && (word.len() > WORD_MAX_BYTES || is_data(word)) {
        return 0;
    }
    let start = out.len();
    let mut letters = 0;
    for c in word.chars() {
        if unspaced && out.len() >= end {
            break;
        }
        if is_alphabetic(c) {
            letters += weight;
            out.push(c);
        } else if is_mark_or_joiner(c) {
            out.push(c);
        } else if out.len() > start && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    letters
}

/// Addresses, numbers with letters, code, base64, and UTF-8 that was read as Latin-1.
fn is_data(word: &str) -> bool {
    let (mut letters, mut digits, mut humps) = (0_usize, 0_usize, 0_usize);
    let mut previous = ' ';
    for c in word.chars() {
        if c.is_ascii_digit() {
            digits += 1;
        } else if is_alphabetic(c) {
            letters += 1;
            humps += usize::from(previous.is_lowercase() && c.is_uppercase());
            // `Ã©`, `Â£`, `Ð¿`: a lead byte shown as a letter, then a continuation byte.
        } else if matches!(
            c,
            '\u{fffd}' | '\u{80}'..='\u{9f}' | '@' | '=' | '\\' | '_' | '{' | '}' | '<' | '>'
        ) {
            return true;
        }
        if matches!(previous, 'Ã' | 'Â' | 'Ð' | 'Ñ' | 'Ø' | 'Ù') && matches!(c, '\u{80}'..='\u{bf}') {
            return true;
        }
        previous = c;
    }
    digits * 2 > letters || humps >= 2 || word.contains("://") || word.starts_with("www.")
}

/// Scripts written without spaces between words, where a long run is no sign of data.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' // Thai, Lao
        | '\u{0f00}'..='\u{109f}' // Tibetan, Burmese
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{3040}'..='\u{30ff}' // kana
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' // Han
    )
}

/// Vowel signs, tone marks, joiners and apostrophes belong to the word.
pub(super) fn is_mark_or_joiner(c: char) -> bool {
    matches!(c,
        '\'' | '’' | '‘' | '-' | '\u{200c}' | '\u{200d}'
        | '\u{0300}'..='\u{036f}'
        | '\u{0483}'..='\u{0487}'
        | '\u{0591}'..='\u{05c7}'
        | '\u{064b}'..='\u{065f}'
        | '\u{0900}'..='\u{0dff}' // Indic signs: digits and dandas among them do no harm
        | '\u{0e31}'..='\u{0ecd}'
        | '\u{0f18}'..='\u{0fbc}'
        | '\u{102b}'..='\u{109d}'
        | '\u{135d}'..='\u{135f}'
        | '\u{17b4}'..='\u{17dd}'
    )
}
