//! What an element says of the text inside of it: where it stands, and what it is.

use super::super::bounds;
use super::super::document::{Flags, MarkKind};
use super::super::hints;
use super::tags::Tag;
use super::tokens::Attributes;

/// Flags of an element: its parent's, and those of its name, role and attributes.
pub fn own_flags(tag: Tag, parent: Flags, own: u64, attributes: &Attributes<'_>, in_link: bool) -> Flags {
    let mut flags = parent;
    let by_tag = match tag {
        Tag::Nav => Flags::NAV,
        Tag::Header => Flags::HEADER,
        Tag::Footer => Flags::FOOTER,
        Tag::Aside => Flags::ASIDE,
        Tag::Form | Tag::Dialog => Flags::FORM,
        Tag::Article if parent.has(Flags::ARTICLE) => Flags::ARTICLE.with(Flags::NESTED_ARTICLE),
        Tag::Article => Flags::ARTICLE,
        Tag::Main => Flags::MAIN,
        Tag::Figure | Tag::Figcaption => Flags::FIGURE,
        Tag::Table => Flags::TABLE,
        Tag::Ul | Tag::Ol | Tag::Dl | Tag::Li => Flags::LIST,
        Tag::Blockquote => Flags::QUOTE,
        Tag::Button | Tag::Label | Tag::Option | Tag::Select => Flags::CONTROL,
        Tag::Pre => Flags::PRE,
        Tag::Section => Flags::SECTION,
        _ => Flags::default(),
    };
    flags = flags.with(by_tag);
    let by_role = match attributes.role {
        "navigation" | "menu" | "menubar" => Flags::NAV,
        "banner" => Flags::HEADER,
        "contentinfo" => Flags::FOOTER,
        "complementary" => Flags::ASIDE,
        "dialog" | "alertdialog" | "form" | "search" => Flags::FORM,
        "main" => Flags::MAIN,
        "button" => Flags::CONTROL,
        _ => Flags::default(),
    };
    flags = flags.with(by_role);
    if attributes.hidden || own & hints::SCREEN_READER != 0 || attributes.style_hides() {
        flags = flags.with(Flags::HIDDEN);
    }
    if attributes.aria_hidden {
        flags = flags.with(Flags::ARIA_HIDDEN);
    }
    if attributes.itemprop.split_ascii_whitespace().any(|p| p == "articleBody") {
        flags = flags.with(Flags::BODY);
    }
    if attributes.itemprop.split_ascii_whitespace().any(|p| matches!(p, "review" | "reviews" | "comment")) {
        flags = flags.with(Flags::REVIEW);
    }
    if in_link && tag.is_block() {
        flags = flags.with(Flags::CARD);
    }
    flags
}

/// What the element says that its text is.
pub fn mark_kind(attributes: &Attributes<'_>, own: u64) -> Option<MarkKind> {
    let has = |list: &str, word: &str| list.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case(word));
    if has(attributes.rel, "author")
        || has(attributes.itemprop, "author")
        || is_named(attributes.class)
        || leads_to_author(attributes)
    {
        Some(MarkKind::Author)
    } else if has(attributes.itemprop, "headline") {
        Some(MarkKind::Headline)
    } else if own & hints::AUTHOR != 0 {
        Some(MarkKind::Byline)
    } else {
        None
    }
}

/// Whether microformats' classes say that the text names somebody: `author vcard`, `fn n`.
fn is_named(class: &str) -> bool {
    let (mut card, mut author, mut name, mut of_name) = (false, false, false, false);
    for word in class.split_ascii_whitespace() {
        match word.len() {
            1 | 3 => of_name |= word.eq_ignore_ascii_case("n") || word.eq_ignore_ascii_case("url"),
            2 => name |= word.eq_ignore_ascii_case("fn"),
            5 => card |= word.eq_ignore_ascii_case("vcard"),
            6 => author |= word.eq_ignore_ascii_case("author"),
            _ => {}
        }
    }
    card && author || name && of_name
}

/// Folders of addresses that authors' pages have, in small letters.
const AUTHOR_FOLDERS: &[&str] = &[
    "author",
    "authors",
    "autor",
    "autoren",
    "autores",
    "auteur",
    "auteurs",
    "autore",
    "autori",
    "autorzy",
    "autora",
    "journalist",
    "journalists",
    "journalisten",
    "journaliste",
    "reporter",
    "reporters",
    "redakteur",
    "columnist",
    "columnists",
    "contributor",
    "contributors",
    "writer",
    "writers",
    "yazar",
    "yazarlar",
    "penulis",
    "avtor",
    "skribent",
    "forfatter",
];

/// Whether a link leads to the page of an author.
fn leads_to_author(attributes: &Attributes<'_>) -> bool {
    let href = attributes.href.as_bytes();
    if href.len() > bounds::ADDRESS_BYTES {
        return false;
    }
    let mut slashes = memchr::memchr_iter(b'/', href);
    let Some(mut before) = slashes.next() else { return false };
    slashes.any(|at| {
        let folder = &href[before + 1..at];
        before = at;
        // Without a name behind it the link is to the list of all.
        (5..=12).contains(&folder.len())
            && matches!(folder[0], b'a' | b'c' | b'f' | b'j' | b'p' | b'r' | b's' | b'w' | b'y')
            && at + 1 < href.len()
            && AUTHOR_FOLDERS.iter().any(|name| name.as_bytes() == folder)
    })
}
