//! Texts of one length: of the main texts of a set's pages, or made up.

use newsmill::eval::stream::Rng;
use newsmill::record::Page;
use newsmill::stages::strip_boilerplate::{Config, StripBoilerplate};

/// A text of about [`BYTES`], under an address of its own.
pub struct Text {
    pub url: String,
    pub text: String,
}

/// Some 400 words.
pub const BYTES: usize = 2500;
/// As many are enough: more take longer and say the same.
const MOST: usize = 20_000;
/// Made-up texts.
const MADE_UP: usize = 5000;
/// Made-up words.
const WORDS: u64 = 60_000;

/// The main texts of the pages one after the other, cut anew.
pub fn of_pages(pages: &[Page]) -> Vec<Text> {
    let stage = StripBoilerplate::new(&Config::default());
    let (mut texts, mut rest) = (Vec::new(), String::new());
    for page in pages {
        let Ok(extracted) = stage.strip(page) else { continue };
        rest.push_str(&extracted.text);
        rest.push_str("\n\n");
        while rest.len() >= BYTES + 100 && texts.len() < MOST {
            // At a space, where there is one near.
            let mut end = rest.as_bytes()[..BYTES].iter().rposition(|byte| *byte == b' ').unwrap_or(BYTES);
            end = rest.floor_char_boundary(end.max(BYTES / 2));
            let behind = rest.split_off(end);
            push(&mut texts, std::mem::replace(&mut rest, behind));
        }
    }
    texts
}

/// Texts of made-up words, of which some are used often and most seldom.
pub fn made_up() -> Vec<Text> {
    let mut rng = Rng(1);
    let mut texts = Vec::new();
    while texts.len() < MADE_UP {
        let mut text = String::with_capacity(BYTES + 16);
        while text.len() < BYTES {
            // Zipf's law: as many of the ranks 1 to 2 as of 2 to 4, and so on.
            let doublings = rng.below(u64::from(WORDS.ilog2()));
            word((1 << doublings) + rng.below(1 << doublings), &mut text);
            text.push_str(if rng.below(12) == 0 { ". " } else { " " });
        }
        push(&mut texts, text);
    }
    texts
}

fn push(texts: &mut Vec<Text>, text: String) {
    let url = format!("https://www.paper.example/2024/05/story-{}.html?utm_source=feed", texts.len());
    texts.push(Text { url, text });
}

/// The longer, the rarer.
fn word(rank: u64, out: &mut String) {
    let mut rng = Rng(rank);
    for _ in 0..1 + rank.ilog2() / 4 + u32::from(rank.is_multiple_of(3)) {
        out.push(char::from(b"bdfgklmnprstvz"[rng.below(14) as usize]));
        out.push(char::from(b"aeiou"[rng.below(5) as usize]));
    }
}
