//! Finds many phrases in one pass: small tables say at once, of nearly every place in a text, that no phrase begins there.
//!
//! Where they do not, an automaton looks. The matches are those of the automaton alone, which takes a few times as
//! long: leftmost first, without overlaps, ASCII letters in any case.

use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, Match, MatchKind, StartKind};

/// Bits of the table of four bytes, as a power of two.
const BITS: u32 = 18;

/// Phrases ready to be found.
pub struct Finder {
    automaton: AhoCorasick,
    /// A bit for each two bytes that some phrase begins with: so few that they stay at hand.
    twos: Box<[u64; 1 << 10]>,
    /// The same for those that a phrase of two bytes is.
    wholes: Box<[u64; 1 << 10]>,
    /// The same for four bytes; of phrases of three bytes, with all that may follow.
    fours: Box<[u64; 1 << (BITS - 6)]>,
    /// The same for four bytes of phrases of five bytes or fewer, and for six bytes of the others: many words begin like a
    /// phrase, few go on like one.
    shorts: Box<[u64; 1 << (BITS - 6)]>,
    sixes: Box<[u64; 1 << (BITS - 6)]>,
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
        let (mut twos, mut wholes) = (Box::new([0; 1 << 10]), Box::new([0; 1 << 10]));
        let mut fours = Box::new([0; 1 << (BITS - 6)]);
        let (mut shorts, mut sixes) = (Box::new([0; 1 << (BITS - 6)]), Box::new([0; 1 << (BITS - 6)]));
        for phrase in phrases {
            let mut short = |bytes| {
                set(&mut *fours, four(bytes));
                set(&mut *shorts, four(bytes));
            };
            match *phrase.as_bytes() {
                [] | [_] => continue,
                [a, b] => set(&mut *wholes, two([a, b])),
                [a, b, c] => (0..=u8::MAX).for_each(|next| short([a, b, c, next])),
                [a, b, c, d] | [a, b, c, d, _] => short([a, b, c, d]),
                [a, b, c, d, e, f, ..] => {
                    set(&mut *fours, four([a, b, c, d]));
                    set(&mut *sixes, six([a, b, c, d, e, f]));
                }
            }
            set(&mut *twos, two([phrase.as_bytes()[0], phrase.as_bytes()[1]]));
        }
        Some(Self { automaton, twos, wholes, fours, shorts, sixes })
    }

    /// The phrases in a text, from left to right.
    pub fn find_iter<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Match> + 't {
        self.find_at(text, |_| true)
    }

    /// The same, without looking behind ASCII letters: no word begins there.
    pub fn find_words<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Match> + 't {
        self.find_at(text, |before| !before.is_ascii_alphabetic())
    }

    /// Those that begin behind bytes which may stand there.
    fn find_at<'t>(
        &'t self,
        text: &'t str,
        may_follow: impl Fn(u8) -> bool + 't,
    ) -> impl Iterator<Item = Match> + 't {
        let mut at = 0;
        std::iter::from_fn(move || {
            let found = self.find_from(text, at, &may_follow)?;
            at = found.end();
            Some(found)
        })
    }

    #[inline]
    fn find_from(&self, text: &str, from: usize, may_follow: &impl Fn(u8) -> bool) -> Option<Match> {
        let bytes = text.as_bytes();
        let rest = bytes.get(from..)?;
        let mut before = from.checked_sub(1).map_or(b' ', |at| bytes[at]);
        for (n, next) in rest.windows(4).enumerate() {
            let next = [next[0], next[1], next[2], next[3]];
            let may_begin = may_follow(std::mem::replace(&mut before, next[0]));
            if may_begin
                && has(&self.twos, two([next[0], next[1]]))
                && let Some(found) = self.look(text, from + n, next)
            {
                return Some(found);
            }
        }
        // The last three bytes, as if zeros followed.
        (from.max(bytes.len().saturating_sub(3))..bytes.len()).find_map(|at| {
            if !at.checked_sub(1).is_none_or(|at| may_follow(bytes[at])) {
                return None;
            }
            self.look(text, at, std::array::from_fn(|n| bytes.get(at + n).copied().unwrap_or(0)))
        })
    }

    /// The phrase that begins at a place, where these bytes stand.
    fn look(&self, text: &str, at: usize, next: [u8; 4]) -> Option<Match> {
        let (four, is_whole) = (four(next), has(&self.wholes, two([next[0], next[1]])));
        if !has(&self.fours, four) && !is_whole {
            return None;
        }
        let begins_long =
            || text.as_bytes()[at..].first_chunk().is_some_and(|next| has(&self.sixes, six(*next)));
        if !is_whole && !has(&self.shorts, four) && !begins_long() {
            return None;
        }
        self.automaton.find(Input::new(text).range(at..).anchored(Anchored::Yes))
    }
}

/// Place of two bytes, letters in any case.
fn two(bytes: [u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(bytes) | 0x2020)
}

/// Place of four bytes, letters in any case.
fn four(bytes: [u8; 4]) -> usize {
    ((u32::from_le_bytes(bytes) | 0x2020_2020).wrapping_mul(0x85eb_ca6b) >> (32 - BITS)) as usize
}

/// Place of six bytes, letters in any case.
fn six([a, b, c, d, e, f]: [u8; 6]) -> usize {
    let bytes = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]) | 0x2020_2020_2020;
    (bytes.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize
}

fn set(bits: &mut [u64], at: usize) {
    bits[at / 64] |= 1 << (at % 64);
}

#[inline]
fn has<const WORDS: usize>(bits: &[u64; WORDS], at: usize) -> bool {
    bits[at / 64 % WORDS] >> (at % 64) & 1 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// The same matches as the automaton's alone.
        #[test]
        fn finds_what_the_automaton_finds(
            phrases in proptest::collection::vec("[ab ü©]{2,9}", 1..20),
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
