//! What a page says of itself beside its text: its section or kicker, the folders of its URL, the publisher's keywords.
//!
//! A word of a lexicon that stands there names a topic. What that adds to the topic's log-odds is learned and bounded, and of several that name
//! it the strongest counts, once: doubts are settled, and no text is overruled.

use super::model::Model;

/// Words of a section, and of a URL's path, that are looked at.
const SECTION_WORDS: usize = 8;
/// Keywords that are looked at: publishers put the most telling first.
const KEYWORDS: usize = 12;

/// Where a page names its topics.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page<'a> {
    /// Section or kicker.
    pub section: Option<&'a str>,
    /// URL.
    pub url: Option<&'a str>,
    /// Keywords.
    pub keywords: &'a [String],
}

/// Kinds of evidence.
pub const KINDS: usize = 3;
/// Names of the kinds, in the order of [`named`].
pub const NAMES: [&str; KINDS] = ["section", "folder of the URL", "keyword"];

/// Adds to the log-odds of topics what the page says of itself.
pub fn add(model: &Model, page: &Page<'_>, logits: &mut [f64]) {
    let named = named(page, &|hash| model.section(hash));
    if named == [0; KINDS] {
        return;
    }
    for (topic, logit) in logits.iter_mut().enumerate() {
        let of = named.iter().zip(&model.head.evidence).filter(|(topics, _)| *topics >> topic & 1 == 1);
        *logit += f64::from(of.fold(0.0_f32, |most, (_, weight)| most.max(*weight)));
    }
}

/// The topics that each kind of evidence names, a bit each; `topic_of` is the lexicon.
pub fn named(page: &Page<'_>, topic_of: &dyn Fn(u64) -> Option<usize>) -> [u64; KINDS] {
    let bits = |topics: &mut dyn Iterator<Item = usize>| topics.fold(0, |bits, topic| bits | 1_u64 << topic);
    let section = bits(&mut words(page.section.unwrap_or_default(), topic_of));
    // The first word of a path that names a topic is the outermost section, and the only one that counts:
    // `/sport/commonwealth-games/`.
    let folder = bits(&mut words(page.url.map_or("", folders), topic_of).take(1));
    // A keyword is a phrase, and names a topic as a whole: "war museum" is not of war.
    let keywords = page.keywords.iter().take(KEYWORDS);
    let keyword = bits(&mut keywords.filter_map(|keyword| topic_of(word_hash(keyword.trim()))));
    [section, folder, keyword]
}

/// Topics that the words of a text name, in their order.
fn words<'a>(text: &'a str, topic_of: &'a dyn Fn(u64) -> Option<usize>) -> impl Iterator<Item = usize> + 'a {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(SECTION_WORDS)
        .filter_map(|word| topic_of(word_hash(word)))
}

/// The path of a URL without its last segment, which is the article's own.
fn folders(url: &str) -> &str {
    let path = url.find("://").map_or(url, |at| &url[at + 3..]);
    let path = path.find(['?', '#']).map_or(path, |end| &path[..end]);
    let Some(from) = path.find('/') else { return "" };
    let path = &path[from..];
    path.trim_end_matches('/').rfind('/').map_or("", |end| &path[..end])
}

/// Hash of a word of the lexicon, in any case.
pub fn word_hash(word: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(word.to_lowercase().as_bytes())
}
