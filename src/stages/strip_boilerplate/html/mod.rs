//! The reader of HTML: one pass over the page, from bytes to blocks.
//!
//! No tree is built. A bounded stack of open elements says where a run of text stands; elements that
//! hold text are kept in a flat list with their parents, so that time and memory stay linear whatever the
//! nesting. Inline elements are mostly counted, not stacked: unclosed ones cost nothing. Optional end tags
//! are supplied (`<p>`, `<li>`, table parts …), stray ones ignored. A block ends where a block-level element
//! starts or ends, or at two line breaks in a row.

mod entities;
mod places;
mod ruled;
mod tags;
mod text;
mod tokens;

pub use entities::decode_all;
pub use tags::{TAGS, Tag};

use std::ops::Range;

use memchr::memchr;

use super::bounds;
use super::document::{Block, Document, Element, Flags, Mark, MarkKind};
use super::hints::{self, Names};
use super::site_rules::Selectors;
use super::state;
use super::structured::{self, TimePlace};
use places::{mark_kind, own_flags};
use ruled::Followed;
pub(super) use tokens::{Attributes, each_attribute};

/// Longest cell of a row that is read as one line, in bytes.
const MAX_CELL: u32 = 100;
/// Most cells of such a row.
const MAX_CELLS: usize = 24;
/// How far up the stack an end tag or a list item looks for its partner.
const MAX_LOOK: usize = 48;

/// Reads a page.
pub fn read(html: &str) -> Document {
    read_with(html, None)
}

/// Reads a page by its site's rule: without what it drops, and with what it takes in [`Document::ruled`].
pub fn read_with(html: &str, rule: Option<&Selectors>) -> Document {
    let mut reader = Reader::new(html, rule.map(Followed::new));
    reader.run();
    reader.finish()
}

struct Open {
    tag: Tag,
    element: u32,
    flags: Flags,
    mark: Option<(MarkKind, u32)>,
    /// Blocks and marks read when it was opened.
    before: (usize, usize),
}

#[derive(PartialEq, Clone, Copy)]
enum Gap {
    None,
    Space,
    Break,
}

struct Reader<'a> {
    html: &'a str,
    bytes: &'a [u8],
    pos: usize,
    doc: Document,
    stack: Vec<Open>,
    /// Elements not stacked because the stack was full.
    overflow: usize,
    /// Open elements on the stack by kind, so that stray end tags are told at once.
    open: [u32; TAGS],
    /// Names of raw elements that are never closed from here on.
    unclosed: Vec<Vec<u8>>,
    block: Block,
    gap: Gap,
    /// Depth of the stack where the open link began; 0 outside links.
    link_depth: usize,
    link_counted: bool,
    emphasis: u32,
    pre: u32,
    in_head: bool,
    names: Names<'a>,
    rule: Option<Followed<'a>>,
    /// Whether what is read is dropped by the rule.
    is_dropped: bool,
}

impl<'a> Reader<'a> {
    fn new(html: &'a str, rule: Option<Followed<'a>>) -> Self {
        let mut doc = Document::default();
        doc.text.reserve(html.len() / 8);
        doc.elements.push(Element::root());
        Self {
            html,
            bytes: html.as_bytes(),
            pos: 0,
            doc,
            stack: vec![Open {
                tag: Tag::Other,
                element: 0,
                flags: Flags::default(),
                mark: None,
                before: (0, 0),
            }],
            overflow: 0,
            open: [0; TAGS],
            unclosed: Vec::new(),
            block: empty_block(0, 0),
            gap: Gap::None,
            link_depth: 0,
            link_counted: false,
            emphasis: 0,
            pre: 0,
            in_head: false,
            names: Names::default(),
            rule,
            is_dropped: false,
        }
    }

    fn run(&mut self) {
        while self.pos < self.bytes.len() && !self.doc.is_full() {
            match memchr(b'<', &self.bytes[self.pos..]) {
                Some(0) => self.markup(),
                Some(n) => self.text(self.pos + n),
                None => self.text(self.bytes.len()),
            }
        }
    }

    fn finish(mut self) -> Document {
        self.flush();
        while self.stack.len() > 1 {
            self.pop();
        }
        self.end_ruled(0);
        self.doc
    }

    fn top_heading(&self) -> bool {
        self.stack.iter().rev().take(3).any(|o| o.tag.heading_level() > 0)
    }

    /// Whether what is read stands in a review or comment, which has an author and a date of its own.
    fn in_comment(&self) -> bool {
        let Open { flags, element, .. } = *self.top();
        let elements = &self.doc.elements;
        let up = std::iter::successors(Some(element), |e| Some(elements[*e as usize].parent));
        flags.has(Flags::REVIEW) || up.take(4).any(|e| elements[e as usize].hints & hints::COMMENT != 0)
    }

    /// Whether what elements say of the page is of something else here: of a comment, or of what is dropped.
    fn is_off(&self) -> bool {
        self.is_dropped || self.in_comment()
    }

    fn top(&self) -> &Open {
        // The root entry is never popped.
        &self.stack[self.stack.len() - 1]
    }

    /// What starts with `<` at the current position.
    fn markup(&mut self) {
        match self.bytes.get(self.pos + 1) {
            Some(b'!' | b'?') => self.pos = tokens::skip_declaration(self.bytes, self.pos),
            Some(b'/') => self.end_tag(),
            Some(b) if b.is_ascii_alphabetic() => self.start_tag(),
            _ => {
                if !self.is_dropped {
                    self.push_str("<");
                }
                self.pos += 1;
            }
        }
    }

    fn name_end(&self, start: usize) -> usize {
        let rest = &self.bytes[start..];
        let len =
            rest.iter().take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'/' | b'>' | b'<')).count();
        start + len
    }

    fn end_tag(&mut self) {
        let start = self.pos + 2;
        if !self.bytes.get(start).is_some_and(u8::is_ascii_alphabetic) {
            self.pos = memchr(b'>', &self.bytes[start.min(self.bytes.len())..])
                .map_or(self.bytes.len(), |n| start + n + 1);
            return;
        }
        let end = self.name_end(start);
        let tag = Tag::of(&self.bytes[start..end]);
        self.pos = memchr(b'>', &self.bytes[end..]).map_or(self.bytes.len(), |n| end + n + 1);
        match tag {
            Tag::Head => self.in_head = false,
            Tag::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            Tag::Pre => {
                self.pre = self.pre.saturating_sub(1);
                self.close(tag);
            }
            // Content after them still belongs to the page.
            Tag::Body | Tag::Html => {}
            Tag::Br => self.line_break(),
            _ if tag.heading_level() > 0 => {
                // `</h2>` closes whatever heading is open.
                let open = self.stack.iter().rev().take(MAX_LOOK).find(|o| o.tag.heading_level() > 0);
                if let Some(tag) = open.map(|o| o.tag) {
                    self.close(tag);
                }
            }
            _ if tag.is_stacked() => self.close(tag),
            _ => {}
        }
    }

    /// Closes the nearest open element of that kind, and what is open inside of it.
    fn close(&mut self, tag: Tag) {
        if tag.is_block() {
            self.flush();
            self.emphasis = 0;
        }
        if self.overflow > 0 && tag.is_block() {
            self.overflow -= 1;
            return;
        }
        if self.open[tag as usize] == 0 {
            return;
        }
        let block = tag.is_block();
        let found =
            self.stack.iter().rev().take(if block { bounds::DEPTH } else { MAX_LOOK }).position(|o| {
                // An inline end tag does not reach out of its block.
                o.tag == tag || (!block && o.tag.is_block())
            });
        let Some(up) = found else { return };
        if self.stack[self.stack.len() - 1 - up].tag != tag {
            // A link may hold whole blocks that were left open.
            if tag == Tag::A {
                self.link_depth = 0;
            }
            return;
        }
        for _ in 0..=up {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if self.stack.len() <= 1 {
            return;
        }
        if let Some(open) = self.stack.pop() {
            self.open[open.tag as usize] -= 1;
            if self.rule.is_some() {
                self.end_ruled(self.stack.len());
            }
            if let Some((kind, start)) = open.mark
                && self.doc.marks.len() < bounds::MARKS
            {
                let end = self.doc.text.len() as u32;
                if end > start {
                    self.doc.marks.push(Mark { kind, range: start..end });
                }
            }
            if open.tag == Tag::Tr && self.doc.marks.len() == open.before.1 {
                self.join_row(open.before.0);
            }
            if self.stack.len() <= self.link_depth {
                self.link_depth = 0;
            }
        }
    }

    /// Makes one block of a row of short cells: a row of figures is read as one line.
    fn join_row(&mut self, first: usize) {
        let cells = &self.doc.blocks[first..];
        let is_cell = |b: &Block| {
            let tag = self.doc.elements[b.element as usize].tag;
            matches!(tag, Tag::Td | Tag::Th)
                && b.end - b.start <= MAX_CELL
                && b.link_bytes * 2 < b.end - b.start
        };
        let apart = cells.windows(2).all(|pair| pair[0].element != pair[1].element);
        if cells.len() < 2 || cells.len() > MAX_CELLS || !apart || !cells.iter().all(is_cell) {
            return;
        }
        let mut row = cells[0];
        let texts: Vec<&str> = cells.iter().map(|b| self.doc.block_text(b)).collect();
        let text = texts.join("\t");
        for cell in &cells[1..] {
            row.links = row.links.saturating_add(cell.links);
            row.link_bytes += cell.link_bytes;
            row.emphasis_bytes += cell.emphasis_bytes;
            row.flags.0 &= cell.flags.0;
        }
        self.doc.text.truncate(row.start as usize);
        self.doc.text.push_str(&text);
        row.end = self.doc.text.len() as u32;
        self.doc.blocks.truncate(first);
        self.doc.blocks.push(row);
        ruled::join(&mut self.doc.ruled, first as u32);
        self.block = empty_block(row.end, 0);
    }

    fn start_tag(&mut self) {
        let start = self.pos + 1;
        let end = self.name_end(start);
        let name = &self.bytes[start..end];
        let tag = Tag::of(name);
        let (attributes, after) = tokens::attributes(self.html, end);
        self.pos = after;
        if matches!(tag, Tag::Body | Tag::Html) && self.rule.is_some() {
            self.rule_root(name, &attributes, end..after);
        }
        match tag {
            Tag::Br => self.line_break(),
            Tag::Void if name.eq_ignore_ascii_case(b"hr") => self.flush(),
            Tag::Meta if attributes.itemprop.is_empty() || !self.is_off() => {
                structured::meta(&mut self.doc.meta, &attributes.as_meta());
            }
            Tag::Link if attributes.rel.eq_ignore_ascii_case("canonical") => {
                self.doc.meta.canonical(attributes.href);
            }
            Tag::Title => {
                let (content_end, next) = self.raw_end(name).unwrap_or_else(|| {
                    // Never closed: the rest of the page is not its title.
                    let end = memchr(b'<', &self.bytes[after..]).map_or(self.bytes.len(), |n| after + n);
                    (end, end)
                });
                if self.doc.meta.title.is_empty() {
                    let title = self.html.get(after..content_end).unwrap_or("");
                    self.doc.meta.title = structured::value_of(title);
                }
                self.pos = next;
            }
            Tag::Script => {
                let (content_end, next) = tokens::raw_text_end(self.bytes, after, name);
                if attributes.kind.trim().eq_ignore_ascii_case("application/ld+json") {
                    self.doc.meta.json_ld(self.html.get(after..content_end).unwrap_or(""));
                } else if content_end - after >= state::MIN_SCRIPT && self.doc.scripts.len() < bounds::SCRIPTS
                {
                    self.doc.scripts.push(after as u32..content_end as u32);
                }
                self.pos = next;
            }
            Tag::Raw | Tag::Svg => self.skip_raw(tag, name, attributes.self_closing),
            Tag::Template if !attributes.shadow_root => self.skip_raw(tag, name, false),
            Tag::Emphasis => self.emphasis += 1,
            Tag::Head => self.in_head = true,
            Tag::Html if self.doc.meta.language.is_empty() => {
                self.doc.meta.language = structured::value_of(attributes.lang);
            }
            Tag::Body => self.in_head = false,
            _ if tag.is_stacked() => self.open_element(tag, name, &attributes, end..after),
            _ => {}
        }
    }

    fn skip_raw(&mut self, tag: Tag, name: &[u8], self_closing: bool) {
        if self_closing && tag == Tag::Svg {
            return;
        }
        // Where it is never closed: read on, rather than lose the rest of the page.
        if let Some((_, next)) = self.raw_end(name) {
            self.pos = next;
        }
    }

    /// Where the content of a raw element ends, and its end tag; `None` where it is never closed, which is looked
    /// for once for each name.
    fn raw_end(&mut self, name: &[u8]) -> Option<(usize, usize)> {
        if self.unclosed.iter().any(|n| n.eq_ignore_ascii_case(name)) {
            return None;
        }
        let found = tokens::raw_text_end(self.bytes, self.pos, name);
        if found.0 == self.bytes.len() {
            self.unclosed.push(name.to_vec());
            return None;
        }
        Some(found)
    }

    /// Closes what the start of `tag` closes by itself.
    fn imply_ends(&mut self, tag: Tag) {
        if tag.is_block() && self.open[Tag::P as usize] > 0 {
            let up = self.stack.iter().rev().take(MAX_LOOK).position(|o| o.tag.is_block());
            if let Some(up) = up.filter(|up| self.stack[self.stack.len() - 1 - up].tag == Tag::P) {
                (0..=up).for_each(|_| self.pop());
            }
        }
        let (closes, stops): (&[Tag], &[Tag]) = match tag {
            Tag::Li => (&[Tag::Li], &[Tag::Ul, Tag::Ol, Tag::Table, Tag::Td]),
            Tag::Dt | Tag::Dd => (&[Tag::Dt, Tag::Dd], &[Tag::Dl, Tag::Table, Tag::Td]),
            Tag::Td | Tag::Th => (&[Tag::Td, Tag::Th], &[Tag::Tr, Tag::Table]),
            Tag::Tr => (&[Tag::Tr], &[Tag::Table]),
            Tag::TableBody => (&[Tag::TableBody, Tag::Caption], &[Tag::Table]),
            Tag::Option => (&[Tag::Option], &[Tag::Select]),
            Tag::A => (&[Tag::A], &[Tag::Table, Tag::Td]),
            _ => return,
        };
        if closes.iter().all(|t| self.open[*t as usize] == 0) {
            return;
        }
        let up = self
            .stack
            .iter()
            .rev()
            .take(MAX_LOOK)
            .position(|o| closes.contains(&o.tag) || stops.contains(&o.tag));
        if let Some(up) = up
            && closes.contains(&self.stack[self.stack.len() - 1 - up].tag)
        {
            if tag == Tag::A && up > 0 && self.stack[self.stack.len() - up..].iter().any(|o| o.tag.is_block())
            {
                // A link left open around whole blocks ends where the next begins.
                self.link_depth = 0;
                return;
            }
            (0..=up).for_each(|_| self.pop());
        }
    }

    fn open_element(&mut self, tag: Tag, name: &[u8], attributes: &Attributes<'a>, raw: Range<usize>) {
        if tag.is_block() {
            self.flush();
            self.in_head = false;
        }
        self.imply_ends(tag);
        if tag == Tag::A {
            if attributes.href.is_empty() {
                return;
            }
            self.link_counted = false;
        }
        if attributes.self_closing && tag == Tag::Custom {
            return;
        }
        if tag == Tag::Time && !attributes.datetime.is_empty() && !self.is_dropped {
            let Open { flags, element, .. } = *self.top();
            let at = self.doc.text.len() as u32;
            self.doc.meta.time_element(attributes, TimePlace { at, flags, element });
        }
        if self.stack.len() >= bounds::DEPTH {
            if tag.is_block() {
                self.overflow += 1;
            }
            return;
        }
        let parent_flags = self.top().flags;
        let parent = self.top().element;
        let class = self.names.known(attributes.class);
        let own = class.hints | hints::of(attributes.id) | hints::of(attributes.role);
        let flags = own_flags(tag, parent_flags, own, attributes, self.link_depth > 0);
        let element = if self.doc.elements.len() < bounds::ELEMENTS
            && (tag.is_block() || own != 0 || tag == Tag::Custom)
            && tag != Tag::A
        {
            let depth = self.doc.elements[parent as usize].depth.saturating_add(1);
            self.doc.elements.push(Element {
                parent,
                tag,
                flags,
                hints: own,
                signature: hints::signature(name, class),
                depth,
            });
            self.doc.elements.len() as u32 - 1
        } else {
            parent
        };
        let kicker = own & hints::KICKER != 0 && !tag.is_block() && self.top_heading();
        let kind = if kicker { Some(MarkKind::Kicker) } else { mark_kind(attributes, own) };
        let mark = kind.map(|kind| (kind, self.doc.text.len() as u32));
        self.open[tag as usize] += 1;
        let before = (self.doc.blocks.len(), self.doc.marks.len());
        self.stack.push(Open { tag, element, flags, mark, before });
        if self.rule.is_some() {
            self.rule_element(name, attributes, raw);
        }
        match tag {
            Tag::A => self.link_depth = self.stack.len() - 1,
            Tag::Pre => self.pre += 1,
            Tag::Td | Tag::Th | Tag::Custom | Tag::Option if self.gap == Gap::None => self.gap = Gap::Space,
            _ => {}
        }
        let named = !attributes.itemprop.is_empty() || attributes.property.contains(':');
        if named && !attributes.content.is_empty() && !self.is_off() {
            structured::meta(&mut self.doc.meta, &attributes.as_meta());
        }
    }

    /// `<br>`: ends the block, but the next one is known to go on from it where there is but one.
    fn line_break(&mut self) {
        if self.top_heading() {
            // A headline over several lines is one headline.
            self.gap = Gap::Break;
        } else {
            let had_text = self.doc.text.len() > self.block.start as usize;
            self.flush();
            self.block.gap = u8::from(had_text);
        }
    }

    /// Ends the block, if there is text in it.
    fn flush(&mut self) {
        let end = self.doc.text.len() as u32;
        if end > self.block.start && self.doc.blocks.len() < bounds::BLOCKS {
            self.block.end = end;
            self.doc.blocks.push(self.block);
            self.link_counted = false;
        }
        self.block = empty_block(end, 0);
        self.gap = Gap::None;
    }
}

fn empty_block(at: u32, gap: u8) -> Block {
    Block {
        start: at,
        end: at,
        element: 0,
        links: 0,
        link_bytes: 0,
        emphasis_bytes: 0,
        flags: Flags::default(),
        gap,
    }
}

#[cfg(test)]
mod tests;
