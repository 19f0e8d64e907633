//! Words, their hashes, and the scripts they are written in.

use crate::stages::letters::is_alphabetic;

/// Whether a character belongs to a script written without spaces between words.
pub fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{2ffff}')
}

/// Whether a character ends a sentence, in any script.
pub fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | '!'
            | '?'
            | '。'
            | '！'
            | '？'
            | '｡'
            | '।'
            | '॥'
            | '؟'
            | '۔'
            | '…'
            | '።'
            | '։'
            | '။'
            | '។'
    )
}

/// Whether a character may close a sentence after its end: quotation marks and brackets.
pub fn closes(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | '“' | '›' | ')' | ']' | '」' | '』' | '）' | '】' | '》')
}

/// ASCII letters and digits, letters small; 0 for what separates words.
const ASCII: [u8; 128] = {
    let mut table = [0; 128];
    let mut b = 0;
    while b < 128 {
        if (b as u8).is_ascii_alphanumeric() {
            table[b] = (b as u8).to_ascii_lowercase();
        }
        b += 1;
    }
    table
};

/// Calls `each` with the hash (FNV-1a) of every word in small letters; scripts without spaces give one
/// word a character.
pub fn hashes(text: &str, mut each: impl FnMut(u32)) {
    const SEED: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    let bytes = text.as_bytes();
    let (mut hash, mut open, mut at) = (SEED, false, 0);
    while let Some(byte) = bytes.get(at) {
        if let Some(letter) = ASCII.get(usize::from(*byte)) {
            at += 1;
            if *letter != 0 {
                hash = (hash ^ u32::from(*letter)).wrapping_mul(PRIME);
                open = true;
                continue;
            }
        } else {
            // A character begins here: the loop goes on by whole ones.
            let Some(c) = text[at..].chars().next() else { break };
            at += c.len_utf8();
            if is_unspaced(c) {
                if open {
                    each(hash);
                }
                each((SEED ^ c as u32).wrapping_mul(PRIME));
                (hash, open) = (SEED, false);
                continue;
            }
            if is_alphabetic(c) || c.is_numeric() || is_mark(c) {
                let lower = if c.is_lowercase() { c } else { c.to_lowercase().next().unwrap_or(c) };
                hash = (hash ^ lower as u32).wrapping_mul(PRIME);
                open = true;
                continue;
            }
        }
        if open {
            each(hash);
            (hash, open) = (SEED, false);
        }
    }
    if open {
        each(hash);
    }
}

/// Vowel signs and the like, which belong to the word.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}' | '\u{0591}'..='\u{05c7}' | '\u{064b}'..='\u{065f}'
        | '\u{0900}'..='\u{0903}' | '\u{093a}'..='\u{094f}' | '\u{0980}'..='\u{0d7f}' | '\u{200c}' | '\u{200d}')
}

/// A set of hashes.
#[derive(Debug, Default, Clone)]
pub struct HashSet {
    sorted: Vec<u32>,
    /// A bit for the lower part of each: most of what is looked for in a small set is seen here not to be there.
    filter: [u64; 16],
}

impl HashSet {
    /// The hashes of all words of a text.
    pub fn words(text: &str) -> Self {
        let mut all = Vec::new();
        hashes(text, |h| all.push(h));
        Self::new(all)
    }

    /// The hashes of all runs of three words of a text.
    pub fn triples(text: &str) -> Self {
        let mut all = Vec::new();
        let mut last = [0u32; 3];
        hashes(text, |h| {
            last = [last[1], last[2], h];
            all.push(triple(last));
        });
        Self::new(all)
    }

    /// The hashes of all words of these texts.
    pub fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut all = Vec::new();
        texts.for_each(|text| hashes(text, |h| all.push(h)));
        Self::new(all)
    }

    /// Where a hash stands among them.
    #[inline]
    pub fn place(&self, hash: u32) -> Option<usize> {
        let may_be = self.filter[hash as usize / 64 % 16] >> (hash % 64) & 1 != 0;
        may_be.then(|| self.sorted.binary_search(&hash).ok()).flatten()
    }

    /// Keeps those of which it is said so, by their places.
    pub fn retain(&mut self, keep: &[bool]) {
        let mut keep = keep.iter();
        self.sorted.retain(|_| keep.next().is_some_and(|keep| *keep));
    }

    fn new(mut all: Vec<u32>) -> Self {
        all.sort_unstable();
        all.dedup();
        let mut filter = [0; 16];
        all.iter().for_each(|hash| filter[*hash as usize / 64 % 16] |= 1 << (hash % 64));
        Self { sorted: all, filter }
    }

    /// Whether it holds the hash.
    pub fn contains(&self, hash: u32) -> bool {
        self.place(hash).is_some()
    }

    /// The hashes in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.sorted.iter().copied()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }
}

/// Hash of three words in a row.
pub fn triple(last: [u32; 3]) -> u32 {
    last[0].rotate_left(10).wrapping_mul(0x85eb_ca6b)
        ^ last[1].rotate_left(5).wrapping_mul(0xc2b2_ae35)
        ^ last[2]
}

#[cfg(test)]
mod tests {
    #[test]
    fn shortcuts_change_nothing() {
        for c in '\0'..=char::MAX {
            assert!(!c.is_lowercase() || c.to_lowercase().eq([c]), "{c:?}");
        }
    }
}
