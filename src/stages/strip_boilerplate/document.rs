//! What a reader makes of a page: blocks of text in order, the elements they stand in, and what the
//! page says of itself. HTML and plain text both become this; everything after is one code path.

use std::ops::Range;

use super::bounds;
use super::html::Tag;
use super::slug::Slug;
use super::structured::Meta;

/// A page as a sequence of blocks.
#[derive(Debug, Default)]
pub struct Document {
    /// Text of all blocks, one after the other, white space collapsed.
    pub text: String,
    /// Blocks in page order.
    pub blocks: Vec<Block>,
    /// Elements that hold blocks, parents before children; entry 0 is the root.
    pub elements: Vec<Element>,
    /// Runs of text that the markup names: authors, dates, headlines.
    pub marks: Vec<Mark>,
    /// Elements that the site's rule drops or takes.
    pub ruled: Vec<Ruled>,
    /// What the page says of itself: meta elements, JSON-LD, `<time>`.
    pub meta: Meta,
    /// Scripts that are long enough to hold a text, in bytes of the page.
    pub scripts: Vec<Range<u32>>,
    /// Words of the headline in the page's address.
    pub slug: Slug,
    /// Whether the page was plain text: then there are no elements to learn from.
    pub plain: bool,
}

/// One run of text: a paragraph, heading, list item, table cell, or line.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// First byte of its text in [`Document::text`].
    pub start: u32,
    /// End of its text.
    pub end: u32,
    /// Nearest block-level element.
    pub element: u32,
    /// Links in it.
    pub links: u16,
    /// Bytes of text inside links.
    pub link_bytes: u32,
    /// Bytes of emphasised text.
    pub emphasis_bytes: u32,
    /// Flags of inline elements around all of it, besides those of the element.
    pub flags: Flags,
    /// Blank lines before it (plain text); in HTML 1 where a single `<br>` alone is between it and the block before.
    pub gap: u8,
}

/// An element of the page, as far as the decision needs it.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    /// Its parent; the root is its own.
    pub parent: u32,
    /// Kind of element.
    pub tag: Tag,
    /// What it is inside of, itself included.
    pub flags: Flags,
    /// Words of its own class, id and role: bits of [`super::hints`].
    pub hints: u64,
    /// Hash of tag and class: equal for elements the page's author made alike.
    pub signature: u32,
    /// Distance from the root.
    pub depth: u16,
}

/// A run of text that the markup names.
#[derive(Debug, Clone)]
pub struct Mark {
    /// What it is said to be.
    pub kind: MarkKind,
    /// Its bytes in [`Document::text`].
    pub range: Range<u32>,
}

/// An element that fits a selector of the site's rule.
#[derive(Debug, Clone)]
pub struct Ruled {
    /// Number of the selector in its rule.
    pub selector: u16,
    /// Whether it is dropped: then its text is not in the document.
    pub drops: bool,
    /// Blocks in it; where it is dropped, those that stand behind it begin there.
    pub blocks: Range<u32>,
    /// Its bytes in the page.
    pub source: Range<u32>,
}

/// What a run of text is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// `rel=author` or `itemprop=author`.
    Author,
    /// Class or id speaks of an author or byline.
    Byline,
    /// `itemprop=headline`.
    Headline,
    /// A kicker inside a heading.
    Kicker,
}

/// A set of places a block can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u32);

impl Flags {
    /// In `<nav>` or `role=navigation`.
    pub const NAV: Self = Self(1);
    /// In `<header>` or `role=banner`.
    pub const HEADER: Self = Self(1 << 1);
    /// In `<footer>` or `role=contentinfo`.
    pub const FOOTER: Self = Self(1 << 2);
    /// In `<aside>` or `role=complementary`.
    pub const ASIDE: Self = Self(1 << 3);
    /// In `<form>`, `<dialog>` or `role=dialog`.
    pub const FORM: Self = Self(1 << 4);
    /// In `<article>`.
    pub const ARTICLE: Self = Self(1 << 5);
    /// In `<main>` or `role=main`.
    pub const MAIN: Self = Self(1 << 6);
    /// In `<figure>`.
    pub const FIGURE: Self = Self(1 << 7);
    /// In a table.
    pub const TABLE: Self = Self(1 << 8);
    /// In a list.
    pub const LIST: Self = Self(1 << 9);
    /// In a quotation.
    pub const QUOTE: Self = Self(1 << 10);
    /// Not shown: `hidden`, `display:none`, or for screen readers alone.
    pub const HIDDEN: Self = Self(1 << 11);
    /// `aria-hidden=true`.
    pub const ARIA_HIDDEN: Self = Self(1 << 12);
    /// In a button, label, or option.
    pub const CONTROL: Self = Self(1 << 13);
    /// In `itemprop=articleBody`.
    pub const BODY: Self = Self(1 << 14);
    /// In preformatted text.
    pub const PRE: Self = Self(1 << 15);
    /// In a link that holds whole blocks.
    pub const CARD: Self = Self(1 << 16);
    /// In a `<section>`.
    pub const SECTION: Self = Self(1 << 17);
    /// In a review or comment by `itemprop` or `itemtype`.
    pub const REVIEW: Self = Self(1 << 20);
    /// In a second `<article>` inside another.
    pub const NESTED_ARTICLE: Self = Self(1 << 18);

    /// Goes on from the block before it, on the same line of plain text.
    pub const GOES_ON: Self = Self(1 << 19);

    /// Whether any of `other` is set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both together.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Document {
    /// Whether as much of the page is read as ever is: what is left of it is cut.
    pub fn is_full(&self) -> bool {
        self.blocks.len() >= bounds::BLOCKS || self.text.len() >= bounds::TEXT_BYTES
    }

    /// As much of a text as there is room for.
    pub(super) fn fitting<'t>(&self, text: &'t str) -> &'t str {
        &text[..text.floor_char_boundary(bounds::TEXT_BYTES.saturating_sub(self.text.len()))]
    }

    /// Text of a block.
    pub fn block_text(&self, block: &Block) -> &str {
        self.text.get(block.start as usize..block.end as usize).unwrap_or("")
    }

    /// Text of block `index`; empty where there is none.
    pub fn text_of(&self, index: usize) -> &str {
        self.blocks.get(index).map_or("", |block| self.block_text(block))
    }

    /// The element of a block.
    pub fn element_of(&self, block: &Block) -> &Element {
        &self.elements[block.element as usize]
    }

    /// Whether a block is the caption of a figure.
    pub fn in_caption(&self, block: &Block) -> bool {
        let element = self.element_of(block);
        let parent = &self.elements[element.parent as usize];
        element.tag == Tag::Figcaption || parent.tag == Tag::Figcaption
    }

    /// Flags of a block: its element's and its own.
    pub fn flags_of(&self, block: &Block) -> Flags {
        self.element_of(block).flags.with(block.flags)
    }
}

impl Element {
    /// The element that everything stands in.
    pub fn root() -> Self {
        Self { parent: 0, tag: Tag::Other, flags: Flags::default(), hints: 0, signature: 0, depth: 0 }
    }
}
