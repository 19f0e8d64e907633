//! From text to hashed n-grams: what the topic model sees, in training and in use alike.
//!
//! Words and pairs of words; and inside words, with their edges marked, runs of 4 and 5 characters, which
//! carry stems, loan words and names across inflection and across related languages. Scripts that do
//! not separate words give runs of 1 to 4 characters instead. Letters are lower-cased, digits are all
//! alike, everything else separates.
//!
//! Words with letters outside a to z are read once more in Latin letters, and of every longer word its
//! *skeleton* is taken: its first letter and its consonants, those that sound alike made one. So loan
//! words and names are the same feature in languages that share no script: `президент`, `prezydent`
//! and `president` are all `prstnt`.
//!
//! A feature is a 64-bit hash. The hash, like the rest of the file, is part of the model's format: a
//! change needs a new model (`FORMAT` in `model.rs`).

use crate::stages::letters::is_alphabetic;

/// Characters of a word that are looked at.
const WORD_CHARS: usize = 24;
/// Edge of a word in its character runs.
const EDGE: u32 = u32::MAX;
/// Latin letters of a word that are looked at; a letter of another script may be written with several.
const LATIN_CHARS: usize = 48;
/// Characters of a word from which it has a skeleton and is read in Latin letters.
const LATIN_FROM: usize = 4;

/// Calls `emit` with the hash of every n-gram, repeats included, in the order of the text.
///
/// Reads at most `max_bytes` of the text (to the next character), so the work is bounded.
pub fn features(text: &str, max_bytes: usize, emit: &mut impl FnMut(u64)) {
    scan(text, max_bytes, emit, |_| ());
}

/// The same, without most of what would come again: of a word that is known already, only its pair with the one before.
pub fn distinct(text: &str, max_bytes: usize, known: &mut Known, emit: &mut impl FnMut(u64)) {
    walk(text, max_bytes, &mut |word| known.has(word), emit, |_| ());
}

/// Words that were read, by their hashes: some hundreds, more are not remembered.
pub struct Known {
    /// An open-addressed table; 0 is an empty place.
    words: Vec<u64>,
    count: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self { words: vec![0; 1 << Self::BITS], count: 0 }
    }
}

impl Known {
    /// Bits that number its places.
    const BITS: u32 = 9;

    /// Whether a word was read before; from now on it was.
    fn has(&mut self, word: u64) -> bool {
        let mut at = (finish(word) >> (64 - Self::BITS)) as usize;
        while self.words[at] != 0 {
            if self.words[at] == word {
                return true;
            }
            at = (at + 1) % self.words.len();
        }
        if self.count < self.words.len() * 3 / 4 {
            self.words[at] = word;
            self.count += 1;
        }
        false
    }
}

/// The same as [`features`]; before the n-grams of a word, or those that end with a character of an unspaced run, `end` is
/// told where in the text that ends.
pub(super) fn scan(text: &str, max_bytes: usize, emit: &mut impl FnMut(u64), end: impl FnMut(usize)) {
    walk(text, max_bytes, &mut |_| false, emit, end);
}

fn walk(
    text: &str,
    max_bytes: usize,
    known: &mut impl FnMut(u64) -> bool,
    emit: &mut impl FnMut(u64),
    mut end: impl FnMut(usize),
) {
    let mut word = Word::default();
    let mut previous = 0;
    let mut read = 0;
    for (at, c) in text.char_indices() {
        read = at;
        if at >= max_bytes {
            break;
        }
        read += c.len_utf8();
        match class(c) {
            Class::Letter => {
                if c.is_ascii() {
                    word.push(u32::from(c.to_ascii_lowercase()));
                } else {
                    c.to_lowercase().for_each(|c| word.push(u32::from(c)));
                }
            }
            Class::Digit => word.push(u32::from('0')),
            Class::Inside => {}
            Class::Unspaced => {
                end(at);
                word.end(&mut previous, known, emit);
                end(read);
                word.unspaced(u32::from(c), emit);
                continue;
            }
            Class::Other => {
                end(at);
                word.end(&mut previous, known, emit);
            }
        }
        word.run = 0;
    }
    end(read);
    word.end(&mut previous, known, emit);
}

/// The word that ends at a place of a text; where that is in a script that does not separate words, the last `chars`
/// characters of it.
pub(super) fn word_before(text: &str, end: usize, chars: usize) -> &str {
    let head = &text[..end];
    let unspaced = |c: char| matches!(class(c), Class::Unspaced);
    if head.chars().next_back().is_some_and(unspaced) {
        let start = head.char_indices().rev().take(chars).last().map_or(end, |(at, _)| at);
        return &head[start..];
    }
    let inside = |c: char| matches!(class(c), Class::Letter | Class::Digit | Class::Inside);
    let start = head.char_indices().rev().take_while(|(_, c)| inside(*c)).last().map_or(end, |(at, _)| at);
    &head[start..]
}

enum Class {
    Letter,
    Digit,
    /// Stands inside words and says nothing: soft hyphens, joiners, Arabic vowel signs.
    Inside,
    /// A letter of a script that does not separate words.
    Unspaced,
    Other,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' => Class::Letter,
        '0'..='9' => Class::Digit,
        '\0'..='\u{7f}' => Class::Other,
        '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{640}' | '\u{64b}'..='\u{652}' | '\u{5b0}'..='\u{5c7}' => {
            Class::Inside
        }
        '\u{e00}'..='\u{e4f}'
        | '\u{e80}'..='\u{ece}'
        | '\u{f40}'..='\u{fbc}'
        | '\u{1000}'..='\u{103f}'
        | '\u{1780}'..='\u{17d3}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Class::Unspaced,
        // Vowel signs of Indic scripts and combining marks belong to the word.
        '\u{300}'..='\u{36f}' | '\u{900}'..='\u{963}' | '\u{970}'..='\u{dff}' => Class::Letter,
        c if is_alphabetic(c) => Class::Letter,
        c if c.is_numeric() => Class::Digit,
        _ => Class::Other,
    }
}

/// The word being read, or the last characters of an unspaced run.
struct Word {
    chars: [u32; WORD_CHARS],
    len: usize,
    /// Characters of the unspaced run so far, at most 4 are kept in `tail`.
    run: usize,
    tail: [u32; 4],
}

impl Default for Word {
    fn default() -> Self {
        Self { chars: [0; WORD_CHARS], len: 0, run: 0, tail: [0; 4] }
    }
}

impl Word {
    fn push(&mut self, c: u32) {
        if self.len < WORD_CHARS {
            self.chars[self.len] = c;
            self.len += 1;
        }
    }

    fn end(&mut self, previous: &mut u64, known: &mut impl FnMut(u64) -> bool, emit: &mut impl FnMut(u64)) {
        let len = std::mem::take(&mut self.len);
        if len == 0 {
            return;
        }
        let chars = &self.chars[..len];
        let whole = whole(chars);
        let is_known = known(whole);
        if !is_known {
            emit(finish(whole));
        }
        if *previous != 0 {
            emit(finish(step(previous.rotate_left(23) ^ whole, SEED_PAIR)));
        }
        *previous = whole;
        if is_known {
            return;
        }
        runs(chars, emit);
        if len >= LATIN_FROM {
            latin(chars, emit);
        }
    }

    /// Runs of 1 to 4 characters that end here.
    fn unspaced(&mut self, c: u32, emit: &mut impl FnMut(u64)) {
        self.tail.rotate_left(1);
        self.tail[3] = c;
        self.run = (self.run + 1).min(4);
        for n in 1..=self.run {
            let hash = self.tail[4 - n..].iter().fold(SEED_UNSPACED, |hash, c| step(hash, *c));
            emit(finish(hash));
        }
    }
}

fn whole(chars: &[u32]) -> u64 {
    chars.iter().fold(SEED_WORD, |hash, c| step(hash, *c))
}

/// Runs of 4 and 5 characters over `^word$`, the whole of it left out: that is the word's own feature.
fn runs(chars: &[u32], emit: &mut impl FnMut(u64)) {
    let len = chars.len();
    if len < 3 {
        return;
    }
    let at = |i: usize| if i == 0 || i > len { EDGE } else { chars[i - 1] };
    for start in 0..len {
        let mut hash = step(step(SEED_RUN, at(start)), at(start + 1));
        for n in 2..5 {
            if start + n > len + 1 {
                break;
            }
            hash = step(hash, at(start + n));
            if n >= 3 && !(start == 0 && start + n == len + 1) {
                emit(finish(hash));
            }
        }
    }
}

/// What a word is in Latin letters, where it is not written so, and its skeleton.
fn latin(chars: &[u32], emit: &mut impl FnMut(u64)) {
    let mut letters = [0; LATIN_CHARS];
    let mut len = 0;
    let mut foreign = false;
    for c in chars {
        let Some(c) = char::from_u32(*c) else { continue };
        let mut put = |byte: u8| {
            if byte.is_ascii_alphabetic() && len < LATIN_CHARS {
                letters[len] = u32::from(byte.to_ascii_lowercase());
                len += 1;
            }
        };
        if c.is_ascii() {
            put(c as u8);
        } else {
            foreign = true;
            any_ascii::any_ascii_char(c).bytes().for_each(put);
        }
    }
    let letters = &letters[..len];
    if foreign && len > 0 {
        emit(finish(whole(letters)));
        runs(letters, emit);
    }
    skeleton(letters, emit);
}

/// First letter and consonants of a word in Latin letters, and the first four and five of them.
///
/// Two letters for one sound are read as one, consonants that languages write or sound differently are made
/// one (`c q k g`, `s x z j`, `p b`, `t d`, `v w`, `i y`), doubled ones single. A vowel at the front is `a`.
fn skeleton(letters: &[u32], emit: &mut impl FnMut(u64)) {
    let mut hash = SEED_SKELETON;
    let mut len = 0;
    let mut last = 0;
    let mut heads = [0; 2];
    let mut at = 0;
    while at < letters.len() {
        let (sound, taken) = sound(&letters[at..]);
        let first = at == 0;
        at += taken;
        let sound = match sound {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'h' if !first => continue,
            b'e' | b'i' | b'o' | b'u' | b'h' => b'a',
            sound => sound,
        };
        if sound == last {
            continue;
        }
        last = sound;
        if (4..=5).contains(&len) {
            heads[len - 4] = hash;
        }
        hash = step(hash, u32::from(sound));
        len += 1;
    }
    if len >= 3 {
        emit(finish(hash));
        heads.iter().filter(|head| **head != 0).for_each(|head| emit(finish(*head)));
    }
}

/// The sound that some letters begin with, and how many of them it is written with.
fn sound(letters: &[u32]) -> (u8, usize) {
    let letter = |i: usize| letters.get(i).map_or(0, |c| *c as u8);
    match (letter(0), letter(1), letter(2)) {
        (b's', b'c', b'h') => (b's', 3),
        (b'p', b'h', _) => (b'f', 2),
        (b's' | b'c', b'h', _) | (b't', b's', _) => (b's', 2),
        (b't', b'h', _) => (b't', 2),
        (b'k', b'h', _) => (b'k', 2),
        (b'c' | b'q' | b'g', ..) => (b'k', 1),
        (b'x' | b'z' | b'j', ..) => (b's', 1),
        (b'y', ..) => (b'i', 1),
        (b'w', ..) => (b'v', 1),
        (b'b', ..) => (b'p', 1),
        (b'd', ..) => (b't', 1),
        (c, ..) => (c, 1),
    }
}

const SEED_WORD: u64 = 0x9e37_79b9_7f4a_7c15;
const SEED_PAIR: u32 = 0x8542_9c4d;
const SEED_RUN: u64 = 0xd1b5_4a32_d192_ed03;
const SEED_UNSPACED: u64 = 0x8cb9_2ba7_2f3d_8dd7;
const SEED_SKELETON: u64 = 0xa076_1d64_78bd_642f;

/// One step of the running hash: multiplication by an odd constant, folded by the finish.
fn step(hash: u64, c: u32) -> u64 {
    (hash ^ u64::from(c)).wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left(29)
}

/// Spreads the bits of a running hash (the finaliser of SplitMix64, shortened).
fn finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 29)
}
