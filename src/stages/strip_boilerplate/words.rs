//! Words, their hashes, and the scripts they are written in.

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

/// Whether a character is alphabetic. The tables of letters with case are quicker to look up than that of all letters.
pub fn is_letter(c: char) -> bool {
    // Ideographs and Hangul are all letters.
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
        || c.is_lowercase()
        || c.is_uppercase()
        || c.is_alphabetic()
}

/// Calls `each` with the hash (FNV-1a) of every word in small letters; scripts without spaces give one
/// word a character.
pub fn hashes(text: &str, mut each: impl FnMut(u32)) {
    const SEED: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    let mut hash = SEED;
    let mut open = false;
    for c in text.chars() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                hash = (hash ^ u32::from(c.to_ascii_lowercase() as u8)).wrapping_mul(PRIME);
                open = true;
                continue;
            }
        } else if is_unspaced(c) {
            if open {
                each(hash);
            }
            each((SEED ^ c as u32).wrapping_mul(PRIME));
            (hash, open) = (SEED, false);
            continue;
        } else if is_letter(c) || c.is_numeric() || is_mark(c) {
            let lower = if c.is_lowercase() { c } else { c.to_lowercase().next().unwrap_or(c) };
            hash = (hash ^ lower as u32).wrapping_mul(PRIME);
            open = true;
            continue;
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

/// A set of hashes, sorted.
#[derive(Debug, Default, Clone)]
pub struct HashSet(Vec<u32>);

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

    fn new(mut all: Vec<u32>) -> Self {
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    /// Whether it holds the hash.
    pub fn contains(&self, hash: u32) -> bool {
        self.0.binary_search(&hash).is_ok()
    }

    /// The hashes in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
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
    use super::*;

    #[test]
    fn shortcuts_change_nothing() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_letter(c), c.is_alphabetic(), "{c:?}");
            assert!(!c.is_lowercase() || c.to_lowercase().eq([c]), "{c:?}");
        }
    }
}
