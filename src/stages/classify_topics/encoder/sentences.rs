//! Cuts a text into the sentences that are embedded one by one.

/// Bytes of a sentence at most: a text without an end of a sentence is cut there. Tokens have 4 to 5 bytes, and a
/// sentence of an article some hundred.
pub const MAX_SENTENCE_BYTES: usize = 1024;

/// Ends of sentences before a blank: of the Latin, Armenian, Tibetan, Arabic and Indic scripts.
const ENDS: [char; 9] = ['.', '!', '?', '…', '։', '།', '؟', '।', '॥'];
/// Ends of sentences that no blank follows.
const WIDE_ENDS: [char; 3] = ['。', '！', '？'];

/// The sentences of a text, in order, without blanks around them; empty ones are left out.
pub struct Sentences<'a> {
    rest: &'a str,
}

impl<'a> Sentences<'a> {
    /// Of a text.
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for Sentences<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_start();
        if self.rest.is_empty() {
            return None;
        }
        let end = sentence_bytes(self.rest);
        let (sentence, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(sentence.trim_end())
    }
}

/// Bytes of the first sentence of a text that begins with no blank.
fn sentence_bytes(text: &str) -> usize {
    let mut last_blank = 0;
    let mut after_end = false;
    for (at, c) in text.char_indices() {
        if c == '\n' || (after_end && c.is_whitespace()) {
            return at;
        }
        if at + c.len_utf8() > MAX_SENTENCE_BYTES {
            return if last_blank > 0 { last_blank } else { at };
        }
        if WIDE_ENDS.contains(&c) {
            return at + c.len_utf8();
        }
        if c.is_whitespace() {
            last_blank = at;
        }
        after_end = ENDS.contains(&c);
    }
    text.len()
}
