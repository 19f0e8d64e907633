//! What the names of classes and ids say. Authors of pages name their boxes in English wherever they
//! live, so these words work for pages of any language.

use std::sync::LazyLock;

use super::bounds;

/// A word and its group.
type Word = (&'static [u8], u8);

/// Words about authors.
pub const AUTHOR: u64 = 1 << 0;
/// Text that is for screen readers alone.
pub const SCREEN_READER: u64 = 1 << 1;
/// Words about comments.
pub const COMMENT: u64 = 1 << 2;
/// Words about sub-titles and leads.
pub const LEAD: u64 = 1 << 3;
/// Words about headlines.
pub const HEADLINE: u64 = 1 << 4;
/// Words about dates.
pub const DATE: u64 = 1 << 5;
/// Words about kickers and sections.
pub const KICKER: u64 = 1 << 6;
/// Words about consent.
pub const CONSENT: u64 = 1 << 7;
/// Words about captions.
pub const CAPTION: u64 = 1 << 29;
/// Words about paywalls.
pub const PAYWALL: u64 = 1 << 8;
/// Words about sharing.
pub const SHARING: u64 = 1 << 14;
/// Words about further reading.
pub const RELATED: u64 = 1 << 15;
/// Words about menus.
pub const MENU: u64 = 1 << 19;
/// Words about the path to a page.
pub const PATH: u64 = 1 << 20;
/// Words about tags.
pub const TAG: u64 = 1 << 21;
/// Words about advertising.
pub const ADVERTISEMENT: u64 = 1 << 22;
/// Words about newsletters and accounts.
pub const NEWSLETTER: u64 = 1 << 23;
/// Words about teasers and cards.
pub const TEASER: u64 = 1 << 25;
/// Words about what is read most.
pub const POPULAR: u64 = 1 << 28;
/// Words about articles, stories, posts and entries, and about content.
pub const OF_ARTICLE: u64 = 1 << 9 | 1 << 10 | 1 << 12;
/// Words about tools and what stands beside them.
pub const TOOLS: u64 = 1 << 38;

/// Groups that say of a box around the text what it is; all others speak of what is not text.
pub const OF_TEXT: u64 = 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 34 | 1 << 27 | LEAD | HEADLINE;

/// Number of groups of words.
pub const GROUPS: usize = 44;

/// Word and group. Sorted by the build of [`INDEX`]; a longer word goes before its own beginning.
#[rustfmt::skip]
const WORDS: &[(&str, u8)] = &[
    ("author", 0), ("byline", 0), ("writer", 0), ("contributor", 0), ("autor", 0), ("autoren", 0),
    ("sronly", 1), ("sr-only", 1), ("visuallyhidden", 1), ("visually-hidden", 1), ("screenreader", 1),
    ("screen-reader", 1), ("offscreen", 1), ("invisible", 1), ("hidden", 33),
    ("comment", 2), ("kommentar", 2), ("disqus", 2), ("reply", 2), ("replies", 2), ("respond", 2),
    ("discussion", 2), ("forum", 2),
    ("lead", 3), ("lede", 3), ("intro", 3), ("standfirst", 3), ("dek", 3), ("subtitle", 3),
    ("subheadline", 3), ("subhead", 3), ("summary", 3), ("excerpt", 3), ("abstract", 3), ("chapo", 3),
    ("headline", 4), ("title", 4), ("heading", 4),
    ("date", 5), ("time", 5), ("timestamp", 5), ("published", 5), ("pubdate", 5), ("updated", 5),
    ("datum", 5),
    ("kicker", 6), ("overline", 6), ("section", 34), ("category", 6), ("rubric", 6), ("eyebrow", 6),
    ("topic", 6),
    ("cookie", 7), ("consent", 7), ("gdpr", 7), ("privacy", 7), ("onetrust", 7), ("cmp", 7), ("ccpa", 7),
    ("paywall", 8), ("premium", 8), ("paid", 8), ("subscription", 8), ("abo", 8), ("regwall", 8),
    ("article", 9), ("artikel", 9), ("story", 9),
    ("content", 10), ("contents", 10), ("inhalt", 10), ("contenido", 10),
    ("body", 11), ("text", 11), ("copy", 11), ("txt", 11), ("prose", 11), ("richtext", 11),
    ("paragraph", 11), ("wysiwyg", 11), ("markdown", 11), ("rte", 11), ("cuerpo", 11), ("texto", 11),
    ("post", 12), ("entry", 12), ("hentry", 12), ("single", 12), ("blog", 12),
    ("main", 13), ("primary", 13), ("page", 13),
    ("share", 14), ("sharing", 14), ("social", 14), ("facebook", 14), ("twitter", 14), ("whatsapp", 14),
    ("addthis", 14), ("sharedaddy", 14), ("shariff", 14), ("follow", 14), ("linkedin", 14), ("pinterest", 14),
    ("related", 15), ("recommend", 15), ("recommendation", 15), ("similar", 15), ("more", 15),
    ("readmore", 15), ("seealso", 15), ("also", 15), ("outbrain", 15), ("taboola", 15), ("next", 15),
    ("prev", 15), ("previous", 15), ("further", 15), ("read", 15), ("yarpp", 15), ("jp-relatedposts", 15),
    ("sidebar", 16), ("side", 16), ("rail", 16), ("aside", 16), ("secondary", 16), ("right", 16),
    ("footer", 17), ("foot", 17), ("colophon", 17), ("bottom", 17), ("legal", 17), ("copyright", 17),
    ("disclaimer", 17), ("impressum", 17),
    ("header", 18), ("masthead", 18), ("top", 18), ("topbar", 18), ("head", 18),
    ("nav", 19), ("navigation", 19), ("menu", 19), ("navbar", 19), ("submenu", 19), ("burger", 19),
    ("dropdown", 19), ("tab", 19), ("tabs", 19), ("pagination", 19), ("pager", 19), ("sitemap", 19),
    ("breadcrumb", 20), ("breadcrumbs", 20), ("crumb", 20), ("crumbs", 20),
    ("tag", 21), ("tags", 21), ("keyword", 21), ("keywords", 21), ("label", 21),
    ("ad", 22), ("ads", 22), ("advert", 22), ("advertisement", 22), ("advertising", 22), ("adsense", 22),
    ("sponsor", 22), ("sponsored", 22), ("dfp", 22), ("gpt", 22), ("anzeige", 22), ("werbung", 22),
    ("adslot", 22), ("affiliate", 22), ("billboard", 22),
    ("newsletter", 23), ("subscribe", 23), ("signup", 23), ("sign-up", 23), ("mailing", 23), ("optin", 23),
    ("mailchimp", 23), ("register", 23), ("login", 23), ("account", 23), ("donate", 23), ("donation", 23),
    ("promo", 24), ("promotion", 24), ("banner", 24), ("cta", 24), ("marketing", 24), ("offer", 24),
    ("campaign", 24),
    ("teaser", 25), ("card", 25), ("tile", 25), ("thumb", 25), ("thumbnail", 25), ("preview", 25),
    ("snippet", 25), ("item", 25), ("listing", 25), ("feed", 25), ("river", 25), ("grid", 25),
    ("widget", 26), ("module", 26), ("block", 27), ("component", 26), ("plugin", 26),
    ("popular", 28), ("trending", 28), ("latest", 28), ("most", 28), ("recent", 28), ("top-stories", 28),
    ("breaking", 28), ("ticker", 28), ("headlines", 28), ("news-list", 28),
    ("caption", 29), ("legend", 29), ("credit", 30), ("credits", 30), ("photographer", 30), ("source", 30),
    ("image", 31), ("img", 31), ("photo", 31), ("picture", 31), ("figure", 31), ("media", 31),
    ("gallery", 31), ("slideshow", 31), ("carousel", 31), ("slider", 31), ("slide", 31), ("lightbox", 31),
    ("swiper", 31),
    ("video", 32), ("player", 32), ("audio", 32), ("podcast", 32), ("youtube", 32), ("embed", 32),
    ("tweet", 32), ("instagram", 32), ("iframe", 32),
    ("hide", 33), ("noprint", 33), ("no-print", 33), ("nodisplay", 33), ("collapse", 33), ("collapsed", 33),
    ("modal", 35), ("popup", 35), ("overlay", 35), ("dialog", 35), ("tooltip", 35), ("toast", 35),
    ("lightbox-modal", 35), ("drawer", 35), ("offcanvas", 35), ("off-canvas", 35), ("flyout", 35),
    ("quote", 36), ("pullquote", 36), ("blockquote", 36), ("zitat", 36),
    ("infobox", 37), ("factbox", 37), ("box", 37), ("info", 37), ("note", 37), ("notice", 37), ("alert", 37),
    ("message", 37),
    ("meta", 38), ("metadata", 38), ("info-bar", 38), ("toolbar", 38), ("tools", 38), ("tool", 38),
    ("actions", 38), ("utility", 38), ("print", 38),
    ("bio", 39), ("profile", 39), ("about", 39), ("avatar", 39), ("staff", 39),
    ("search", 40), ("form", 40), ("button", 40), ("btn", 40), ("input", 40), ("field", 40), ("select", 40),
    ("poll", 41), ("quiz", 41), ("rating", 41), ("review", 41), ("vote", 41), ("product", 41), ("price", 41),
    ("shop", 41), ("cart", 41), ("deal", 41),
    ("toc", 42), ("index", 42), ("footnote", 42), ("footnotes", 42), ("reference", 42), ("references", 42),
    ("citation", 42), ("list", 43), ("links", 43), ("link", 43),
];

/// Letters that words may begin with, and those that may follow.
const LETTERS: usize = 26;

/// For each two first letters the words that begin with them, longest first.
static INDEX: LazyLock<[Vec<Word>; LETTERS * LETTERS]> = LazyLock::new(|| {
    let mut index = [const { Vec::new() }; LETTERS * LETTERS];
    for (word, group) in WORDS {
        if let Some(place) = place(word.as_bytes()) {
            index[place].push((word.as_bytes(), *group));
        }
    }
    for words in &mut index {
        words.sort_by(|a: &Word, b: &Word| b.0.len().cmp(&a.0.len()).then(a.0.cmp(b.0)));
    }
    index
});

/// Place in [`INDEX`] of words that begin as a name does; `None` where none does.
fn place(name: &[u8]) -> Option<usize> {
    let letter = |at: usize| {
        let small = name.get(at)?.to_ascii_lowercase().wrapping_sub(b'a') as usize;
        (small < LETTERS).then_some(small)
    };
    Some(letter(0)? * LETTERS + letter(1)?)
}

/// Bits that number the places of [`Names`].
const NAME_BITS: u32 = 9;

/// What is known of a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// What [`of`] says.
    pub hints: u64,
    /// A hash of it without its digits, in small letters.
    pub hash: u32,
}

/// Names that a page has said before, by a hash of their ends and length; a later one takes the place of an earlier one.
/// Pages say the same few again and again.
pub struct Names<'a> {
    last: Box<[(&'a str, Known); 1 << NAME_BITS]>,
}

impl Default for Names<'_> {
    fn default() -> Self {
        Self { last: Box::new([("", Known { hints: 0, hash: hash_of("") }); 1 << NAME_BITS]) }
    }
}

impl<'a> Names<'a> {
    /// What is known of a class.
    pub fn known(&mut self, name: &'a str) -> Known {
        let bytes = name.as_bytes();
        let read = || Known { hints: of(name), hash: hash_of(name) };
        // Shorter ones are read as fast.
        let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) else { return read() };
        let hash =
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23) ^ bytes.len() as u64;
        let at = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - NAME_BITS);
        let known = &mut self.last[at as usize];
        if known.0 != name {
            *known = (name, read());
        }
        known.1
    }
}

/// The groups of words that a class, an id or a role speaks of, one bit each.
pub fn of(name: &str) -> u64 {
    let bytes = &name.as_bytes()[..name.len().min(bounds::NAME_BYTES)];
    let mut hints = 0;
    let mut pos = 0;
    let mut at_start = true;
    while pos < bytes.len() {
        let b = bytes[pos];
        if !b.is_ascii_alphabetic() {
            at_start = true;
            pos += 1;
            continue;
        }
        // A capital after a small letter starts a word as a hyphen does.
        at_start |= b.is_ascii_uppercase() && pos > 0 && bytes[pos - 1].is_ascii_lowercase();
        if at_start {
            let words = place(&bytes[pos..]).map_or(&[][..], |place| &INDEX[place]);
            let found = words.iter().find(|(word, _)| starts_with(&bytes[pos..], word));
            if let Some((word, group)) = found {
                hints |= 1 << group;
                // What follows a word without a separator may be a word again: `articlebody`.
                pos += word.len();
                continue;
            }
            at_start = false;
        }
        pos += 1;
    }
    hints
}

/// Whether a name begins with a word: short words must be all of it.
fn starts_with(name: &[u8], word: &[u8]) -> bool {
    name.len() >= word.len()
        && name[..word.len()].eq_ignore_ascii_case(word)
        && (word.len() > 3
            || !name.get(word.len()).is_some_and(u8::is_ascii_lowercase)
            || name[word.len()..].starts_with(b"s")
                && !name.get(word.len() + 1).is_some_and(u8::is_ascii_lowercase))
}

/// Hash of an element's name and classes (FNV-1a), digits left out: `item-12` and `item-13` are alike.
pub fn signature(tag: &[u8], class: Known) -> u32 {
    hash_on(hash_on(class.hash, b"."), tag)
}

fn hash_of(name: &str) -> u32 {
    hash_on(0x811c_9dc5, &name.as_bytes()[..name.len().min(bounds::NAME_BYTES)])
}

/// FNV-1a from a hash on, digits left out, letters small.
fn hash_on(hash: u32, bytes: &[u8]) -> u32 {
    let letters = bytes.iter().filter(|b| !b.is_ascii_digit()).map(u8::to_ascii_lowercase);
    letters.fold(hash, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names_are_found() {
        assert_eq!(of("Article-author"), 1 << 9 | AUTHOR);
        assert_eq!(of("a x1 commentList"), COMMENT | 1 << 43);
        assert_eq!(of("address upload unheadlined"), 0);
        let mut names = Names::default();
        for name in ["Article-author", "commentList main", "Article-author", "list"] {
            assert_eq!(names.known(name), Known { hints: of(name), hash: hash_of(name) }, "{name}");
        }
        // Every word is in the index.
        for (word, group) in WORDS {
            assert_ne!(of(word) & 1 << group, 0, "{word}");
        }
    }
}
