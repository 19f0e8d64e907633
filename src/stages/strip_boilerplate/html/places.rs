//! What an element says of the text inside of it: where it stands, and what it is.

use memchr::memmem;

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
    let class = |word| has(attributes.class, word);
    // Microformats: `author vcard`, `fn n`.
    let named = class("vcard") && class("author") || class("fn") && (class("n") || class("url"));
    if has(attributes.rel, "author")
        || has(attributes.itemprop, "author")
        || named
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

/// Parts of addresses that authors' pages have, in small letters.
const AUTHOR_PAGES: &[&str] = &[
    "/author/",
    "/authors/",
    "/autor/",
    "/autoren/",
    "/autores/",
    "/auteur/",
    "/auteurs/",
    "/autore/",
    "/autori/",
    "/autorzy/",
    "/autora/",
    "/journalist/",
    "/journalists/",
    "/journalisten/",
    "/journaliste/",
    "/reporter/",
    "/reporters/",
    "/redakteur/",
    "/columnist/",
    "/columnists/",
    "/contributor/",
    "/contributors/",
    "/writer/",
    "/writers/",
    "/yazar/",
    "/yazarlar/",
    "/penulis/",
    "/avtor/",
    "/skribent/",
    "/forfatter/",
];

/// Whether a link leads to the page of an author.
fn leads_to_author(attributes: &Attributes<'_>) -> bool {
    let href = attributes.href;
    href.len() <= bounds::ADDRESS_BYTES
        && AUTHOR_PAGES.iter().any(|part| {
            // Without a name behind it the link is to the list of all.
            memmem::find(href.as_bytes(), part.as_bytes()).is_some_and(|at| at + part.len() < href.len())
        })
}
