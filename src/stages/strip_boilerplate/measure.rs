//! What is measured on the text of a block, in any script.

use super::document::{Block, Document};
use super::lexicon::{Lexicon, Reading};
use super::phrases;
use super::slug::Agreement;
use super::words::{self, HashSet, triple};
use crate::stages::letters::is_alphabetic;

/// Words of a block that are compared with those of others.
const MAX_VOCABULARY: f32 = 120.0;

/// What is measured on the text of one block.
#[derive(Debug, Clone, Default)]
pub struct Measure {
    /// Its words in [`super::features::Measured::vocabulary`]: first and end.
    pub vocabulary: (u32, u32),
    /// Letters, those of unspaced scripts counted double: the same amount of text in any script.
    pub mass: f32,
    /// Words.
    pub words: f32,
    /// Ends of sentences.
    pub sentences: f32,
    /// Share of bytes in links.
    pub links: f32,
    /// Hash of the words.
    pub hash: u32,
    /// Share of words that are also in the title.
    pub in_title: f32,
    /// Whether it is the title.
    pub is_title: bool,
    /// Share of triples of words that are in the page's description of itself.
    pub in_description: f32,
    /// Share of triples of words that are in the text the page gives for machines.
    pub in_body: f32,
    /// Share of words that are in the page's address, and share of the address's words that are in it.
    pub in_slug: (f32, f32),
    /// Runs of three words.
    pub triples: f32,
    /// How often the same text stands on the page.
    pub repeats: u32,
    /// Phrases that sites say in their own voice.
    pub phrases: phrases::Found,
    /// What the lexicon makes of its words.
    pub reading: Reading,
    /// What its characters are.
    pub shape: Shape,
}

impl Measure {
    /// Hashes of all of its words; `None` where those that were put down are not all, or pairs of characters.
    pub fn all_words<'v>(&self, vocabulary: &'v [u32]) -> Option<&'v [u32]> {
        let is_whole = self.words <= MAX_VOCABULARY && !self.shape.is_unspaced();
        is_whole.then(|| &vocabulary[self.vocabulary.0 as usize..self.vocabulary.1 as usize])
    }
}

/// What the characters of a block are, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Shape {
    /// Characters.
    pub chars: f32,
    /// Commas and semicolons.
    pub commas: f32,
    /// Characters that are neither letters, digits nor white space.
    pub punctuation: f32,
    /// Digits.
    pub digits: f32,
    /// Letters.
    pub letters: f32,
    /// Capital letters.
    pub upper: f32,
    /// Words that begin with a capital.
    pub capitalised: f32,
    /// Letters of unspaced scripts.
    pub unspaced: f32,
    /// Bars, bullets, arrows.
    pub separators: f32,
    /// Currency signs and other symbols.
    pub symbols: f32,
    /// Class of the first character.
    pub first: u8,
    /// Class of the last character.
    pub last: u8,
    /// Whether there are quotation marks.
    pub quotes: bool,
    /// Whether there is a number that may be a year.
    pub year: bool,
    /// Whether there is a time of day.
    pub clock: bool,
    /// Whether there is a web or mail address.
    pub address: bool,
    /// Whether there is a sign of copyright or trademark.
    pub copyright: bool,
}

impl Shape {
    /// Whether most letters are of scripts without spaces.
    fn is_unspaced(&self) -> bool {
        self.unspaced * 2.0 > self.letters
    }
}

/// Words of the page's own titles.
pub fn title_words(doc: &Document) -> HashSet {
    let meta = &doc.meta;
    let headline = meta.article().map_or("", |a| a.headline.as_str());
    let titles = [headline, &meta.og_title, &meta.title, &meta.other_title];
    HashSet::words(titles.into_iter().find(|t| !t.is_empty()).unwrap_or(""))
}

/// Counts for each block how often its text stands on the page.
pub fn count_repeats(blocks: &mut [Measure]) {
    let mut order: Vec<(u32, u32)> = blocks.iter().enumerate().map(|(i, m)| (m.hash, i as u32)).collect();
    order.sort_unstable();
    let mut from = 0;
    while from < order.len() {
        let to = from + order[from..].iter().take_while(|o| o.0 == order[from].0).count();
        for (_, index) in &order[from..to] {
            blocks[*index as usize].repeats = (to - from) as u32;
        }
        from = to;
    }
}

/// Measures one block; its words, or pairs of characters in unspaced scripts, go to `vocabulary`.
pub fn measure(
    doc: &Document,
    block: &Block,
    title: &HashSet,
    description: &HashSet,
    body: &HashSet,
    lexicon: &Lexicon,
    vocabulary: &mut Vec<u32>,
) -> Measure {
    let text = doc.block_text(block);
    let shape = shape(text);
    let mut m = Measure {
        mass: shape.letters + shape.digits + shape.unspaced,
        links: block.link_bytes as f32 / (block.end - block.start).max(1) as f32,
        ..Measure::default()
    };
    let mut last = [0u32; 3];
    let (mut in_title, mut in_description, mut in_body, mut triples) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
    let mut reader = lexicon.reader();
    let mut slug = doc.slug.reader(text);
    let (mut words, mut hash) = (0.0f32, 0u32);
    let from = vocabulary.len();
    let pairs = shape.is_unspaced();
    words::hashes(text, |h| {
        words += 1.0;
        if let Some(slug) = &mut slug {
            slug.word(h);
        }
        hash = hash.rotate_left(5) ^ h.wrapping_mul(0x9e37_79b1);
        reader.word(h);
        if words <= MAX_VOCABULARY {
            vocabulary.push(if pairs { h ^ last[2].rotate_left(11) } else { h });
        }
        if words <= 40.0 && title.contains(h) {
            in_title += 1.0;
        }
        last = [last[1], last[2], h];
        if words >= 3.0 {
            let t = triple(last);
            triples += 1.0;
            in_description += f32::from(u8::from(description.contains(t)));
            in_body += f32::from(u8::from(body.contains(t)));
        }
    });
    vocabulary[from..].sort_unstable();
    m.vocabulary = (from as u32, vocabulary.len() as u32);
    m.words = words;
    m.hash = hash;
    m.in_title = in_title / words.clamp(1.0, 40.0);
    m.is_title = words >= 2.0 && in_title >= 0.99 * words && in_title >= 0.6 * title.len() as f32;
    m.in_description = in_description / triples.max(1.0);
    m.in_body = in_body / triples.max(1.0);
    m.in_slug = slug.map_or_else(|| doc.slug.agreement(text), Agreement::finish);
    m.triples = triples;
    m.reading = reader.finish();
    m.sentences = sentences(text);
    m.phrases = phrases::find(text);
    m.shape = shape;
    m
}

/// Ends of sentences: full stops and the like before white space or the end, or in unspaced scripts.
fn sentences(text: &str) -> f32 {
    if text.is_ascii() {
        let closes =
            |next: Option<&u8>| next.is_none_or(|b| b.is_ascii_whitespace() || words::closes(char::from(*b)));
        let bytes = text.as_bytes();
        let ends = memchr::memchr3_iter(b'.', b'!', b'?', bytes);
        return ends.filter(|at| closes(bytes.get(at + 1))).count() as f32;
    }
    sentences_of_any(text)
}

fn sentences_of_any(text: &str) -> f32 {
    let mut count = 0u32;
    let mut pending = false;
    for c in text.chars() {
        // Nearly all characters.
        if !pending && c.is_ascii() && !matches!(c, '.' | '!' | '?') {
            continue;
        }
        if pending && (c.is_whitespace() || words::closes(c)) {
            count += 1;
            pending = false;
        } else if words::ends_sentence(c) {
            if c.is_ascii() || c == '…' {
                pending = true;
            } else {
                count += 1;
                pending = false;
            }
        } else {
            pending = false;
        }
    }
    (count + u32::from(pending)) as f32
}

/// What an ASCII character is to [`shape`].
#[derive(Clone, Copy, PartialEq)]
enum Ascii {
    Small,
    Capital,
    Digit,
    Space,
    Comma,
    Separator,
    Symbol,
    Quote,
    At,
    Other,
}

/// How many kinds of them there are, rounded up to a power of two.
const KINDS: usize = 16;

static ASCII: [Ascii; 128] = {
    let mut table = [Ascii::Other; 128];
    let mut b = 0;
    while b < 128 {
        table[b as usize] = match b {
            b'a'..=b'z' => Ascii::Small,
            b'A'..=b'Z' => Ascii::Capital,
            b'0'..=b'9' => Ascii::Digit,
            b' ' | b'\n' | b'\t' => Ascii::Space,
            b',' | b';' => Ascii::Comma,
            b'|' | b'/' | b'>' => Ascii::Separator,
            b'$' | b'%' | b'+' | b'#' | b'*' | b'=' | b'~' | b'_' => Ascii::Symbol,
            b'"' => Ascii::Quote,
            b'@' => Ascii::At,
            _ => Ascii::Other,
        };
        b += 1;
    }
    table
};

/// Counts of [`Shape`]: a text is never so long that a float would not hold them.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    chars: u32,
    commas: u32,
    punctuation: u32,
    digits: u32,
    letters: u32,
    upper: u32,
    capitalised: u32,
    unspaced: u32,
    separators: u32,
    symbols: u32,
}

/// What the characters of an ASCII text are: as [`of_any`], without a branch for each.
fn of_ascii(text: &str) -> (Shape, Counts) {
    let mut kinds = [[0u32; KINDS]; 2];
    let (mut capitalised, mut in_word) = (0, 0);
    for (at, byte) in text.bytes().enumerate() {
        let kind = ASCII[usize::from(byte & 127)] as u32;
        // By turns, so that one count need not wait for the one before.
        kinds[at & 1][kind as usize % KINDS] += 1;
        capitalised += u32::from(kind == Ascii::Capital as u32) & !in_word;
        in_word = u32::from(kind <= Ascii::Digit as u32);
    }
    let count = |kind: Ascii| kinds[0][kind as usize] + kinds[1][kind as usize];
    let letters = count(Ascii::Small) + count(Ascii::Capital);
    let mut s = Shape { quotes: count(Ascii::Quote) > 0, ..Shape::default() };
    if count(Ascii::At) > 0 {
        s.address = text.as_bytes().windows(2).any(|pair| pair[0].is_ascii_alphanumeric() && pair[1] == b'@');
    }
    if count(Ascii::Digit) > 0 {
        let is_digit = |b: &u8| b.is_ascii_digit();
        let mut rest = text.as_bytes();
        while let Some(start) = rest.iter().position(is_digit) {
            rest = &rest[start..];
            let end = rest.iter().position(|b| !is_digit(b)).unwrap_or(rest.len());
            let value = |n: u32, b: &u8| n.wrapping_mul(10).wrapping_add(u32::from(b - b'0'));
            let number = rest[..end].iter().fold(0, value);
            s.year |= end == 4 && (1900..2100).contains(&number);
            s.clock |= rest.get(end) == Some(&b':') && end <= 2 && number < 24;
            rest = &rest[end..];
        }
    }
    let counts = Counts {
        chars: text.len() as u32,
        commas: count(Ascii::Comma),
        punctuation: text.len() as u32 - letters - count(Ascii::Digit) - count(Ascii::Space),
        digits: count(Ascii::Digit),
        letters,
        upper: count(Ascii::Capital),
        capitalised,
        unspaced: 0,
        separators: count(Ascii::Separator),
        symbols: count(Ascii::Symbol),
    };
    (s, counts)
}

fn of_any(text: &str) -> (Shape, Counts) {
    let mut s = Shape::default();
    let mut n = Counts::default();
    let mut previous = ' ';
    let mut digits = 0u32;
    let mut number = 0u32;
    for c in text.chars() {
        n.chars += 1;
        let class = ASCII.get(c as usize).copied();
        if class == Some(Ascii::Digit) {
            digits += 1;
            number = number.wrapping_mul(10).wrapping_add(c as u32 - '0' as u32);
            n.digits += 1;
            previous = c;
            continue;
        }
        if digits > 0 {
            s.year |= digits == 4 && (1900..2100).contains(&number);
            s.clock |= c == ':' && digits <= 2 && number < 24;
            (digits, number) = (0, 0);
        }
        match class {
            Some(Ascii::Small) => n.letters += 1,
            Some(Ascii::Capital) => {
                n.letters += 1;
                n.upper += 1;
                n.capitalised += u32::from(!previous.is_alphanumeric());
            }
            Some(Ascii::Space) => {}
            Some(class) => {
                n.punctuation += 1;
                match class {
                    Ascii::Comma => n.commas += 1,
                    Ascii::Separator => n.separators += 1,
                    Ascii::Symbol => n.symbols += 1,
                    Ascii::Quote => s.quotes = true,
                    Ascii::At => s.address |= previous.is_alphanumeric(),
                    _ => {}
                }
            }
            None if is_alphabetic(c) => {
                n.letters += 1;
                if c.is_uppercase() {
                    n.upper += 1;
                    n.capitalised += u32::from(!previous.is_alphanumeric());
                } else {
                    n.unspaced += u32::from(words::is_unspaced(c));
                }
            }
            None => {
                n.punctuation += 1;
                match c {
                    '،' | '，' | '、' | '；' | '؛' => n.commas += 1,
                    '·' | '•' | '›' | '→' | '»' => n.separators += 1,
                    '€' | '£' | '✓' | '×' | '★' => n.symbols += 1,
                    '“' | '”' | '„' | '«' | '「' | '『' | '‘' | '《' => s.quotes = true,
                    '©' | '®' | '™' | '℗' => s.copyright = true,
                    _ => {}
                }
            }
        }
        previous = c;
    }
    s.year |= digits == 4 && (1900..2100).contains(&number);
    (s, n)
}

fn shape(text: &str) -> Shape {
    let (mut s, n) = if text.is_ascii() { of_ascii(text) } else { of_any(text) };
    s.address |= memchr::memmem::find(text.as_bytes(), b"://").is_some()
        || memchr::memmem::find(text.as_bytes(), b"www.").is_some();
    s.first = first_class(text);
    s.last = last_class(text);
    Shape {
        chars: n.chars as f32,
        commas: n.commas as f32,
        punctuation: n.punctuation as f32,
        digits: n.digits as f32,
        letters: n.letters as f32,
        upper: n.upper as f32,
        capitalised: n.capitalised as f32,
        unspaced: n.unspaced as f32,
        separators: n.separators as f32,
        symbols: n.symbols as f32,
        ..s
    }
}

fn first_class(text: &str) -> u8 {
    match text.chars().next() {
        None => 0,
        Some(c) if c.is_lowercase() => 1,
        Some(c) if c.is_uppercase() => 2,
        Some(c) if c.is_numeric() => 3,
        Some(c) if c.is_alphabetic() => 4,
        Some('"' | '“' | '„' | '«' | '\'' | '‘' | '「' | '»' | '”') => 5,
        Some('-' | '–' | '—' | '•' | '*' | '·' | '▪' | '■') => 6,
        Some('(' | '[' | '【' | '（') => 7,
        Some('©' | '@' | '#' | '+' | '&') => 8,
        Some(_) => 9,
    }
}

fn last_class(text: &str) -> u8 {
    let mut back = text.chars().rev();
    let last = back.next();
    match last {
        None => 0,
        Some('…') => 6,
        Some('.') if text.ends_with("...") => 6,
        Some(c) if words::ends_sentence(c) => 1,
        Some(c) if words::closes(c) => {
            if back.next().is_some_and(|c| words::ends_sentence(c) || matches!(c, ',')) { 2 } else { 3 }
        }
        Some(':' | '：') => 4,
        Some(',' | '，' | '、' | '،' | ';') => 5,
        Some(c) if c.is_numeric() => 7,
        Some(c) if c.is_alphabetic() => 8,
        Some('»' | '›' | '>' | '→' | '|') => 9,
        Some(_) => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn ascii_is_counted_alike(text in "[ -~\n\t]{0,80}|[a-z0-9:@ .A-C]{0,40}") {
            proptest::prop_assert_eq!(of_ascii(&text), of_any(&text));
            proptest::prop_assert_eq!(sentences(&text), sentences_of_any(&text));
        }
    }
}
