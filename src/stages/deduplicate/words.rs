//! Text → words, in the form that fingerprints are made of.
//!
//! Two copies of a text differ in case, accents, punctuation, quotation marks, spacing, full-width
//! forms and invisible characters; none of that makes it another text. So every character is folded:
//! compatibility decomposition (NFKD), lower case, combining marks with a canonical combining class
//! other than zero dropped (accents, Arabic and Hebrew points; Indic vowel signs have class zero and
//! stay), digits of all scripts to ASCII, invisible characters and apostrophes skipped. What is
//! neither letter nor digit ends a word, but `.` and `,` between digits are skipped, so that `56.61`
//! is one number.
//!
//! Scripts written without spaces have no words to see: there each character is a token of less
//! weight. A word weighs 3, a Han, kana or Bopomofo character 2, a Thai, Lao, Khmer or Myanmar
//! character 1; a shingle spans a weight of 12: 4 words, 6 Han characters, or 12 Thai ones.
//!
//! No token is ever built as a string: folding feeds a hash, through one cached table of 256 folded
//! characters per Unicode page.

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Weight of a word of a spaced script.
pub const WORD: u8 = 3;
const IDEOGRAPH: u8 = 2;
const LETTER: u8 = 1;

/// One word, or one character of a script without spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Hash of its folded characters.
    pub hash: u64,
    /// What it counts for in a shingle: 3, 2 or 1.
    pub weight: u8,
    /// Whether it has a digit in it.
    pub number: bool,
}

/// The tokens of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::with_capacity(text.len() / 5);
    each(text, |token| out.push(token));
    out
}

/// Words of a text; in scripts without spaces, characters.
pub fn count(text: &str) -> u32 {
    let mut words = 0u32;
    each(text, |_| words = words.saturating_add(1));
    words
}

// What a character does, in the top byte of a folded character.
const BREAK: u32 = 0;
const SKIP: u32 = 1;
const SEVERAL: u32 = 2;
const KIND: u32 = 24;
const IN_WORD: u32 = 3 << KIND;
const DIGIT: u32 = 4 << KIND;
const ALONE_2: u32 = 5 << KIND;
const ALONE_1: u32 = 6 << KIND;

/// FNV-1a's offset and prime, over folded characters instead of bytes; [`finish`] mixes the result.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

struct Word<F> {
    hash: u64,
    any: bool,
    digit: bool,
    emit: F,
}

impl<F: FnMut(Token)> Word<F> {
    #[inline(always)]
    fn push(&mut self, folded: u32) {
        let kind = folded & (0xff << KIND);
        let c = folded & 0x00ff_ffff;
        if kind == ALONE_2 || kind == ALONE_1 {
            self.end();
            let weight = if kind == ALONE_2 { IDEOGRAPH } else { LETTER };
            (self.emit)(Token { hash: finish(step(OFFSET, c)), weight, number: false });
            return;
        }
        self.hash = step(self.hash, c);
        self.any = true;
        self.digit |= kind == DIGIT;
    }

    #[inline]
    fn end(&mut self) {
        if self.any {
            (self.emit)(Token { hash: finish(self.hash), weight: WORD, number: self.digit });
            (self.hash, self.any, self.digit) = (OFFSET, false, false);
        }
    }
}

/// Calls `emit` with every token of the text.
pub fn each(text: &str, emit: impl FnMut(Token)) {
    let mut word = Word { hash: OFFSET, any: false, digit: false, emit };
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut after_digit = false;
    while at < bytes.len() {
        // Most of most texts.
        while let Some(letter) = bytes.get(at).map(|byte| LETTERS[usize::from(*byte)])
            && letter != 0
        {
            word.hash = step(word.hash, u32::from(letter));
            word.any = true;
            after_digit = false;
            at += 1;
        }
        let Some(byte) = bytes.get(at).copied() else { break };
        if byte < 0x80 {
            let folded = ASCII[byte as usize];
            at += 1;
            match folded {
                BREAK => {
                    let joins = after_digit
                        && (byte == b'.' || byte == b',')
                        && bytes.get(at).is_some_and(u8::is_ascii_digit);
                    if !joins {
                        word.end();
                    }
                    after_digit = false;
                }
                SKIP => {}
                _ => {
                    word.push(folded);
                    after_digit = folded & (0xff << KIND) == DIGIT;
                }
            }
            continue;
        }
        // A byte of 0x80 or more starts a character here: the loop always advances by whole ones.
        let Some(c) = text[at..].chars().next() else { break };
        at += c.len_utf8();
        after_digit = false;
        match fold(c) {
            BREAK => word.end(),
            SKIP => {}
            SEVERAL => fold_slowly(c, |folded| match folded {
                BREAK => word.end(),
                SKIP => {}
                _ => word.push(folded),
            }),
            folded => {
                word.push(folded);
                after_digit = folded & (0xff << KIND) == DIGIT;
            }
        }
    }
    word.end();
}

#[inline]
fn step(hash: u64, c: u32) -> u64 {
    (hash ^ u64::from(c)).wrapping_mul(PRIME)
}

/// The finaliser of SplitMix64: every bit of the input reaches every bit of the result.
#[inline]
pub fn finish(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

static ASCII: [u32; 128] = ascii();

/// ASCII letters in small letters; 0 for all other bytes.
static LETTERS: [u8; 256] = {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 128 {
        if (b as u8).is_ascii_alphabetic() {
            table[b] = (b as u8).to_ascii_lowercase();
        }
        b += 1;
    }
    table
};

const fn ascii() -> [u32; 128] {
    let mut table = [BREAK; 128];
    let mut i = 0;
    while i < 128 {
        // The index is below 128.
        let c = i as u8;
        if c.is_ascii_digit() {
            table[i] = DIGIT | c as u32;
        } else if c.is_ascii_alphabetic() {
            table[i] = IN_WORD | c.to_ascii_lowercase() as u32;
        } else if c == b'\'' || c == b'`' {
            table[i] = SKIP;
        }
        i += 1;
    }
    table
}

type Row = [u32; 256];
static ROWS: [OnceLock<Box<Row>>; 256] = [const { OnceLock::new() }; 256];

#[inline]
fn fold(c: char) -> u32 {
    let code = c as u32;
    let Some(row) = ROWS.get((code >> 8) as usize) else { return SEVERAL };
    row.get_or_init(|| row_of(code >> 8))[(code & 0xff) as usize]
}

fn row_of(page: u32) -> Box<Row> {
    let mut row = Box::new([BREAK; 256]);
    for (low, entry) in (0u32..).zip(row.iter_mut()) {
        let Some(c) = char::from_u32(page << 8 | low) else { continue };
        let (mut first, mut more) = (None, false);
        fold_slowly(c, |folded| {
            if folded != SKIP {
                more |= first.is_some();
                first = first.or(Some(folded));
            }
        });
        *entry = if more { SEVERAL } else { first.unwrap_or(SKIP) };
    }
    row
}

fn fold_slowly(c: char, mut push: impl FnMut(u32)) {
    for part in std::iter::once(c).nfkd() {
        for lower in part.to_lowercase() {
            match lower {
                'ß' => {
                    push(class_of('s'));
                    push(class_of('s'));
                }
                'ς' => push(class_of('σ')),
                _ => push(class_of(lower)),
            }
        }
    }
}

fn class_of(c: char) -> u32 {
    let code = c as u32;
    if let Some(digit) = decimal(code) {
        return DIGIT | (u32::from(b'0') + digit);
    }
    if canonical_combining_class(c) != 0 || is_skipped(c) {
        return SKIP;
    }
    match code {
        0x3041..=0x3096 | 0x30a1..=0x30fa | 0x3105..=0x312f | 0x31f0..=0x31ff => return ALONE_2 | code,
        0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff => return ALONE_2 | code,
        0x0e01..=0x0e4e | 0x0e81..=0x0ece | 0x1780..=0x17d3 | 0x1000..=0x103f | 0x1050..=0x109d => {
            return ALONE_1 | code;
        }
        _ => {}
    }
    if c.is_alphanumeric() { IN_WORD | code } else { BREAK }
}

/// Invisible characters, Arabic's stretching line, the kana length mark, and apostrophes (a copy
/// writes `don't`, another `don’t`).
fn is_skipped(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{180e}' | '\u{200b}'
            ..='\u{200f}'
                | '\u{2018}'
                | '\u{2019}'
                | '\u{201b}'
                | '\u{2032}'
                | '\u{2b9}'
            ..='\u{2bf}' | '\u{202a}'
            ..='\u{202e}' | '\u{2060}'
            ..='\u{206f}' | '\u{30fc}' | '\u{fe00}'
            ..='\u{fe0f}' | '\u{feff}'
    )
}

/// Value of a decimal digit of any living script: each has its ten in a row.
fn decimal(code: u32) -> Option<u32> {
    const ZEROS: [u32; 24] = [
        0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0xa8d0,
    ];
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| code - zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) {
        assert_eq!(tokens(a), tokens(b), "{a:?} and {b:?}");
    }

    fn differ(a: &str, b: &str) {
        assert_ne!(tokens(a), tokens(b), "{a:?} and {b:?}");
    }

    #[test]
    fn what_does_not_matter_is_folded() {
        same("Der Fluß, über   den \"Brücken\" führen!", "der FLUSS uber den brucken fuhren");
        same("I don’t — know", "i don't know");
        same("caf\u{e9}", "cafe\u{301}");
        same("ＡＢＣ １２３", "abc 123");
        same("١٢٣", "123");
        same("כָּתַב", "כתב");
        same("كــتاب", "كتاب");
        same("zero\u{200b}width so\u{ad}ft", "zerowidth soft");
        same("ガス", "カ\u{3099}ス");
        same("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}");
        same("ΟΔΟΣ", "οδος");
    }

    #[test]
    fn what_matters_stays() {
        differ("alpha beta", "alphabeta");
        differ("की", "का");
        differ("56.61", "56.62");
        differ("12 3", "123");
    }

    #[test]
    fn numbers_with_separators_are_one_token() {
        assert_eq!(tokens("8,344,000 shares at 56.61.").len(), 4);
        assert_eq!(tokens("in 1999. 20 people").len(), 4);
        assert!(tokens("56.61").iter().all(|t| t.number));
        assert!(!tokens("plain").iter().any(|t| t.number));
    }

    #[test]
    fn unspaced_scripts_go_by_character() {
        assert_eq!(tokens("東京の天気").iter().map(|t| t.weight).collect::<Vec<_>>(), [2; 5]);
        assert_eq!(tokens("ไทย").iter().map(|t| t.weight).collect::<Vec<_>>(), [1; 3]);
        assert_eq!(count("AI技術 is here"), 5);
        assert_eq!(count("two words"), 2);
        assert_eq!(count(" … — "), 0);
    }
}
