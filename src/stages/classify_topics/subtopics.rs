//! Sub-topics: the second level of IPTC Media Topics, where the vocabulary's own words stand in the text.
//!
//! The vocabulary has labels for its 1,100 topics in eleven languages. Labels of the second level, and of all levels
//! below it, are looked for in title and opening as runs of words, cut to their beginnings so that inflected ones are found.
//! A sub-topic is given only below a topic that was given, and only where what was found is firm: several labels of it, or
//! one that the title has and the text repeats.
//!
//! The file, made by `newsmill train subtopics`: magic, format, XXH3-64 of what follows; number of sub-topics, and of each its
//! code's number and the index of its topic; number of languages, and of each the code with its length before it, the number of
//! labels, and the labels by hash: hash (u64) and index of the sub-topic (u16). All numbers are little-endian.

use xxhash_rust::xxh3::xxh3_64;

use super::TITLE_BYTES;
use crate::stages::model_file::{self, Reader};

const MAGIC: &[u8; 8] = b"NMSUBT\r\n";
const FORMAT: u32 = 1;
/// Words of a label at most.
pub const LABEL_WORDS: usize = 4;
/// Letters of a label in a script that does not separate words.
pub const LABEL_LETTERS: std::ops::RangeInclusive<usize> = 2..=8;
/// Letters of a word that count: what follows is inflection, mostly.
const STEM_LETTERS: usize = 8;
/// Bytes of the text that are read.
const TEXT_BYTES: usize = 2000;
/// What a label of one word counts where the text has it; twice as much in a title, and twice as much if it has more words.
const ONCE: u32 = 1;
/// What one label counts at most, however often it comes.
const LABEL_MOST: u32 = 4;
/// What is firm.
const FIRM: u32 = 4;

/// Why bytes are no vocabulary.
#[derive(Debug, thiserror::Error)]
#[error("not a vocabulary of format {FORMAT}, or damaged: make it again with `newsmill train subtopics`")]
pub struct Error;

/// A sub-topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subtopic {
    /// Number of its code: `medtop:` and eight digits.
    pub code: u32,
    /// Index of the topic that it is below.
    pub topic: u8,
}

impl Subtopic {
    /// Its code as records have it.
    pub fn name(&self) -> String {
        format!("medtop:{:08}", self.code)
    }
}

/// Words of a filter: of 2,500 labels, one hash in 25 that is none of theirs passes.
const FILTER: usize = 1 << 10;

/// Labels of a language.
#[derive(Debug, PartialEq, Eq)]
pub struct Labels {
    /// Hash and index of the sub-topic, by hash.
    by_hash: Vec<(u64, u16)>,
    /// A bit for the lower part of each hash: most of what is looked for is not there, and that is seen here at once.
    filter: Box<[u64; FILTER]>,
}

impl Labels {
    /// Of hashes of labels and indices of their sub-topics, each hash once.
    pub fn new(mut by_hash: Vec<(u64, u16)>) -> Self {
        by_hash.sort_unstable();
        let mut filter = Box::new([0; FILTER]);
        by_hash.iter().for_each(|(hash, _)| filter[*hash as usize / 64 % FILTER] |= 1 << (hash % 64));
        Self { by_hash, filter }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.by_hash.len()
    }

    /// Index of the sub-topic of a label, by the label's hash.
    pub fn get(&self, hash: u64) -> Option<u16> {
        if self.filter[hash as usize / 64 % FILTER] >> (hash % 64) & 1 == 0 {
            return None;
        }
        let at = self.by_hash.binary_search_by_key(&hash, |label| label.0).ok()?;
        Some(self.by_hash[at].1)
    }
}

/// The vocabulary's labels by language.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// In order of their codes.
    pub subtopics: Vec<Subtopic>,
    /// By code of the language.
    pub languages: Vec<(String, Labels)>,
}

impl Vocabulary {
    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// The bytes are no vocabulary, of another format, or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        Reader::open(bytes, MAGIC, FORMAT).and_then(vocabulary).ok_or(Error)
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let mut body = Vec::new();
        body.extend((self.subtopics.len() as u16).to_le_bytes());
        for subtopic in &self.subtopics {
            body.extend(subtopic.code.to_le_bytes());
            body.push(subtopic.topic);
        }
        body.push(self.languages.len() as u8);
        for (code, labels) in &self.languages {
            body.push(code.len() as u8);
            body.extend(code.as_bytes());
            body.extend((labels.by_hash.len() as u32).to_le_bytes());
            for (hash, subtopic) in &labels.by_hash {
                body.extend(hash.to_le_bytes());
                body.extend(subtopic.to_le_bytes());
            }
        }
        model_file::write(MAGIC, FORMAT, &body)
    }

    /// Sub-topics with firm evidence in a text, the firmest first.
    pub fn find(&self, language: &str, title: &str, text: &str) -> Vec<Subtopic> {
        let Some((_, labels)) = self.languages.iter().find(|(code, _)| code == language) else {
            return Vec::new();
        };
        let mut found: Vec<(u64, u16, u32)> = Vec::new();
        for (text, bytes, worth) in [(title, TITLE_BYTES, 2 * ONCE), (text, TEXT_BYTES, ONCE)] {
            let text = &text[..text.floor_char_boundary(bytes)];
            let mut count = |hash, words| {
                let subtopic = labels.get(hash)?;
                let worth = if words > 1 { 2 * worth } else { worth };
                match found.iter_mut().find(|known| known.0 == hash) {
                    Some(known) => known.2 += worth,
                    None => found.push((hash, subtopic, worth)),
                }
                Some(())
            };
            if is_unspaced(language) { scan_letters(text, &mut count) } else { scan_words(text, &mut count) }
        }
        let mut sums: Vec<(u16, u32)> = Vec::new();
        for (_, subtopic, worth) in found {
            let worth = worth.min(LABEL_MOST);
            match sums.iter_mut().find(|sum| sum.0 == subtopic) {
                Some(sum) => sum.1 += worth,
                None => sums.push((subtopic, worth)),
            }
        }
        sums.retain(|sum| sum.1 >= FIRM);
        sums.sort_unstable_by_key(|sum| (std::cmp::Reverse(sum.1), sum.0));
        sums.iter().filter_map(|sum| self.subtopics.get(usize::from(sum.0)).copied()).collect()
    }
}

/// Whether labels of a language are runs of letters, not of words.
pub fn is_unspaced(language: &str) -> bool {
    language == "zh"
}

/// Looks for runs of words, the longest first.
fn scan_words(text: &str, count: &mut dyn FnMut(u64, usize) -> Option<()>) {
    let mut stems = String::new();
    let mut ends = vec![0];
    for word in words(text) {
        push_stem(word, &mut stems);
        ends.push(stems.len());
    }
    let mut at = 0;
    while at + 1 < ends.len() {
        let most = LABEL_WORDS.min(ends.len() - 1 - at);
        let hit = (1..=most)
            .rev()
            .find(|words| count(xxh3_64(&stems.as_bytes()[ends[at]..ends[at + words]]), *words).is_some());
        at += hit.unwrap_or(1);
    }
}

/// Looks for runs of letters, the longest first.
fn scan_letters(text: &str, count: &mut dyn FnMut(u64, usize) -> Option<()>) {
    let mut rest = text;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(*LABEL_LETTERS.end());
        let ends: Vec<usize> = ends.collect();
        let least = LABEL_LETTERS.start() - 1;
        let hit =
            ends.iter().skip(least).rev().find(|end| count(xxh3_64(&rest.as_bytes()[..**end]), 1).is_some());
        rest = &rest[*hit.unwrap_or(&ends[0])..];
    }
}

/// The key of a label in a language; none where it is too long or too short to tell anything.
pub fn key(language: &str, label: &str) -> Option<u64> {
    if is_unspaced(language) {
        return LABEL_LETTERS.contains(&label.chars().count()).then(|| xxh3_64(label.as_bytes()));
    }
    let words: Vec<&str> = words(label).collect();
    let is_telling = match words.as_slice() {
        [] => false,
        [word] => word.chars().count() > 3,
        more => more.len() <= LABEL_WORDS,
    };
    let mut stems = String::new();
    words.iter().for_each(|word| push_stem(word, &mut stems));
    is_telling.then(|| xxh3_64(stems.as_bytes()))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty())
}

/// Appends the beginning of a word, in small letters, without the plural's `s` and the Arabic article, and a space.
fn push_stem(word: &str, out: &mut String) {
    if word.is_ascii() {
        let is_plural = (4..=STEM_LETTERS).contains(&word.len()) && word.ends_with(['s', 'S']);
        let stem = &word[..word.len().min(STEM_LETTERS) - usize::from(is_plural)];
        out.extend(stem.bytes().map(|b| char::from(b.to_ascii_lowercase())));
        out.push(' ');
        return;
    }
    push_any_stem(word, out);
}

fn push_any_stem(word: &str, out: &mut String) {
    let word = word.strip_prefix("ال").filter(|rest| rest.chars().count() > 2).unwrap_or(word);
    let mut letters = 0;
    let mut put = |c| {
        letters += 1;
        if letters <= STEM_LETTERS + 1 {
            out.push(c);
        }
    };
    for c in word.chars() {
        if c.is_ascii() { put(c.to_ascii_lowercase()) } else { c.to_lowercase().for_each(&mut put) }
    }
    let is_plural = (4..=STEM_LETTERS + 1).contains(&letters) && out.ends_with('s');
    if is_plural || letters > STEM_LETTERS {
        out.pop();
    }
    out.push(' ');
}

/// The vocabulary that a file holds.
fn vocabulary(mut reader: Reader<'_>) -> Option<Vocabulary> {
    let mut vocabulary = Vocabulary::default();
    for _ in 0..reader.u16()? {
        vocabulary.subtopics.push(Subtopic { code: reader.u32()?, topic: reader.u8()? });
    }
    for _ in 0..reader.u8()? {
        let code = reader.text()?;
        let mut labels = Vec::new();
        for _ in 0..reader.u32()? {
            labels.push((reader.u64()?, reader.u16()?));
        }
        vocabulary.languages.push((code, Labels::new(labels)));
    }
    reader.bytes.is_empty().then_some(vocabulary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let label = |language: &str, label: &str, index| (key(language, label).unwrap(), index);
        Vocabulary {
            subtopics: vec![
                Subtopic { code: 20_000_574, topic: 10 },
                Subtopic { code: 20_000_593, topic: 10 },
                Subtopic { code: 20_000_148, topic: 2 },
            ],
            languages: vec![
                (
                    "en".to_owned(),
                    Labels::new(vec![
                        label("en", "elections", 0),
                        label("en", "political candidates", 0),
                        label("en", "civil service", 1),
                        label("en", "ministers", 1),
                    ]),
                ),
                ("zh".to_owned(), Labels::new(vec![label("zh", "地震", 2), label("zh", "选举", 0)])),
            ],
        }
    }

    #[test]
    fn firm_evidence_is_several_labels_or_a_title_that_the_text_repeats() {
        let vocabulary = vocabulary();
        let codes = |language, title, text| -> Vec<u32> {
            vocabulary.find(language, title, text).iter().map(|subtopic| subtopic.code).collect()
        };
        assert_eq!(codes("en", "", "An election was held. The minister spoke."), [] as [u32; 0]);
        assert_eq!(
            codes("en", "Election called", "The election is in May. Elections are rare."),
            [20_000_574]
        );
        let text = "Political candidates in the election met the minister. Ministers of the civil service, a minister.";
        assert_eq!(codes("en", "An election", text), [20_000_574, 20_000_593]);
        assert_eq!(codes("zh", "地震袭击", "地震发生后，地震局发布消息。"), [20_000_148]);
        assert!(codes("fr", "Election called", "The election is in May. Elections are rare.").is_empty());
    }

    #[test]
    fn a_vocabulary_is_read_as_it_was_written() {
        let vocabulary = vocabulary();
        let mut file = vocabulary.write();
        assert_eq!(Vocabulary::read(&file).unwrap(), vocabulary);
        assert!(Vocabulary::read(&file[..file.len() - 1]).is_err());
        file[20] ^= 1;
        assert!(Vocabulary::read(&file).is_err());
    }

    #[test]
    fn ascii_words_are_cut_alike() {
        for word in [
            "Gas",
            "bonds",
            "Seas",
            "ministers",
            "minister",
            "ELECTIONS",
            "class",
            "buses",
            "x",
            "councilors",
        ] {
            let mut stems = [String::new(), String::new()];
            push_stem(word, &mut stems[0]);
            push_any_stem(word, &mut stems[1]);
            assert_eq!(stems[0], stems[1], "{word}");
        }
    }

    #[test]
    fn words_are_cut_to_their_beginnings() {
        for (label, text) in
            [("Elections", "election"), ("immigration", "immigrations"), ("سياسة", "السياسة")]
        {
            assert_eq!(key("en", label), key("en", text), "{label}");
        }
        assert_ne!(key("en", "communities"), key("en", "communism"));
        assert_eq!(key("en", "tax"), None);
        assert_eq!(key("en", "one two three four five"), None);
    }
}
