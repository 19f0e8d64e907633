//! Finds many phrases in one pass: small tables say at once, of nearly every place in a text, that no phrase begins there.
//!
//! Where they do not, an automaton looks. The matches are those of the automaton alone, which takes a few times as
//! long: leftmost first, without overlaps, ASCII letters in any case.

use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, Match, MatchKind, StartKind};

/// Slots of the table of four bytes.
const SLOTS: usize = 1 << 14;
/// Said of a beginning of four bytes.
const LONG: u8 = 1;
/// Said of a beginning of two or three bytes, and of all that phrases of two bytes go on with.
const SHORT: u8 = 2;

/// Phrases ready to be found.
pub struct Finder {
    automaton: AhoCorasick,
    /// What phrases begin with these two bytes: [`LONG`], [`SHORT`] ones.
    pairs: Box<[u8; 1 << 16]>,
    /// A bit for each pair that some begin with: so small that it stays at hand.
    begins: Box<[u64; 1 << 10]>,
    /// The same for four bytes.
    fours: Box<[u8; SLOTS]>,
}

impl Finder {
    /// Makes phrases of two bytes or more ready; those of fewer are never found.
    pub fn new(phrases: &[String]) -> Option<Self> {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostFirst)
            .start_kind(StartKind::Anchored)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(phrases)
            .ok()?;
        let (mut pairs, mut fours) = (Box::new([0; 1 << 16]), Box::new([SHORT; SLOTS]));
        for phrase in phrases {
            match *phrase.as_bytes() {
                [] | [_] => {}
                [a, b] => pairs[pair([a, b])] |= SHORT,
                [a, b, c] => {
                    pairs[pair([a, b])] |= LONG;
                    (0..=u8::MAX).for_each(|next| fours[four([a, b, c, next])] |= LONG);
                }
                [a, b, c, d, ..] => {
                    pairs[pair([a, b])] |= LONG;
                    fours[four([a, b, c, d])] |= LONG;
                }
            }
        }
        let mut begins = Box::new([0; 1 << 10]);
        for (pair, _) in pairs.iter().enumerate().filter(|(_, said)| **said != 0) {
            begins[pair / 64] |= 1 << (pair % 64);
        }
        Some(Self { automaton, pairs, begins, fours })
    }

    /// The phrases in a text, from left to right.
    pub fn find_iter<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Match> + 't {
        let mut at = 0;
        std::iter::from_fn(move || {
            let found = self.find_from(text, at)?;
            at = found.end();
            Some(found)
        })
    }

    fn find_from(&self, text: &str, from: usize) -> Option<Match> {
        let bytes = text.as_bytes();
        let rest = bytes.get(from..)?;
        for (n, next) in rest.windows(4).enumerate() {
            let next = [next[0], next[1], next[2], next[3]];
            let pair = pair([next[0], next[1]]);
            if self.begins[pair / 64] >> (pair % 64) & 1 != 0
                && let Some(found) = self.look(text, from + n, next)
            {
                return Some(found);
            }
        }
        // The last three bytes, as if zeros followed.
        (from.max(bytes.len().saturating_sub(3))..bytes.len()).find_map(|at| {
            self.look(text, at, std::array::from_fn(|n| bytes.get(at + n).copied().unwrap_or(0)))
        })
    }

    /// The phrase that begins at a place, where these bytes stand.
    fn look(&self, text: &str, at: usize, next: [u8; 4]) -> Option<Match> {
        if self.pairs[pair([next[0], next[1]])] & self.fours[four(next)] == 0 {
            return None;
        }
        self.automaton.find(Input::new(text).range(at..).anchored(Anchored::Yes))
    }
}

/// Place of two bytes, letters in any case.
fn pair(bytes: [u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(bytes) | 0x2020)
}

/// Place of four bytes, letters in any case.
fn four(bytes: [u8; 4]) -> usize {
    ((u32::from_le_bytes(bytes) | 0x2020_2020).wrapping_mul(0x85eb_ca6b) >> 18) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// The same matches as the automaton's alone.
        #[test]
        fn finds_what_the_automaton_finds(
            phrases in proptest::collection::vec("[ab ü©]{2,6}", 1..20),
            text in "[abAB ü©c]{0,60}",
        ) {
            let plain = AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::LeftmostFirst)
                .build(&phrases)
                .unwrap();
            let wanted: Vec<Match> = plain.find_iter(&text).collect();
            let found: Vec<Match> = Finder::new(&phrases).unwrap().find_iter(&text).collect();
            proptest::prop_assert_eq!(found, wanted);
        }
    }
}
