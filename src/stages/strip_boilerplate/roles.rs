//! What each block of a page is to its reader: the labels of the decode.
//!
//! Three parties have their say, the surest first. What the fields were read from is labelled where they are read
//! ([`super::fields`]): headline, kicker, byline, date, dateline, inset story. What is left of the chosen blocks is
//! the text, in which short lines that head what follows are sub-heads. Everything else is named by what the page
//! shows of it: names of boxes, phrases of the site's own voice, links, the place before, inside or behind the
//! text, and the line that heads its list. The labels change nothing of the text; what no rule knows is
//! [`Role::Other`].

use schemars::JsonSchema;
use serde::Serialize;

use super::byline;
use super::dateline;
use super::document::{Document, Flags};
use super::features::Measured;
use super::fields::{Parts, only_names};
use super::hints;
use super::phrases::{ACCOUNT, COMMENTS, CONSENT, CREDITS, FURTHER, RIGHTS, SHARE, SUBSCRIBE};
use super::stories;
use super::written;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A paragraph, list item, quotation or cell of the main text.
    MainText,
    /// A line of the main text that heads what follows it.
    SubHead,
    /// The headline, wherever the page repeats it.
    Title,
    /// The section or topic above the headline.
    Kicker,
    /// Who signs.
    Byline,
    /// When it was published or changed.
    Date,
    /// Agency, place and date of a wire story, on a line of its own.
    Dateline,
    /// A second news item set before the body of the main one, its headline included.
    InsetStory,
    /// What a picture shows, and whose it is.
    Caption,
    /// The beginning of another story, with its headline.
    Teaser,
    /// A line that leads to another story, or heads such lines.
    RelatedLink,
    /// Readers' comments, and what stands around them.
    Comment,
    /// What the site wants of its readers: to subscribe, give, sign in, consent.
    Appeal,
    /// Rights, terms, disclaimers.
    LegalNotice,
    /// Advertising, or the word for it.
    Advertisement,
    /// Sharing, printing, listening, saving.
    Tools,
    /// Menus, paths, tags, buttons, names of the site.
    Navigation,
    /// None of these, as far as can be told.
    Other,
}

/// Longest short line, in letters.
const SHORT: f32 = 60.0;
/// Longest sub-head that is told by emphasis or markup, in letters.
const MAX_SUB_HEAD: f32 = 160.0;
/// Longest line of names, in characters.
const MAX_SIGNATURE: usize = 160;
/// Longest appeal or notice that is told by its phrases, in letters.
const MAX_NOTICE: f32 = 700.0;
/// Blocks that a line like `Related stories` heads at most.
const MAX_LIST: usize = 60;
/// Blocks that a line like `Share this` heads at most.
const MAX_TOOLS: usize = 4;
/// Blocks around the beginning of the text that are looked at for byline, date and dateline.
const NEAR: usize = 6;

/// One role for each block, given what the fields were read from and what was kept as text; `None` where the page was
/// rejected and there is neither.
pub fn label(doc: &Document, page: &Measured<'_>, parts: Option<&Parts>) -> Vec<Role> {
    let mut roles = vec![Role::Other; doc.blocks.len()];
    let labels = Labels::new(doc, page, parts);
    let mut list: Option<List> = None;
    for (index, role) in roles.iter_mut().enumerate() {
        if labels.kept(index) {
            list = None;
            *role = labels.said(index).unwrap_or(Role::MainText);
            continue;
        }
        if let Some(said) = labels.said(index) {
            *role = said;
            continue;
        }
        list = list.filter(|l| l.left > 0 && l.holds(doc, index)).map(|l| List { left: l.left - 1, ..l });
        if let Some(heads) = labels.heads(index) {
            list = Some(List::new(doc, index, heads));
        }
        *role = labels.outside(index, list.as_ref().map(|l| l.of));
        // In lines without boxes an appeal is behind the list.
        list = list.filter(|l| !doc.plain || l.of == *role || *role != Role::Appeal);
    }
    labels.sub_heads(&mut roles);
    labels.bridges(&mut roles);
    labels.teasers(&mut roles);
    labels.signatures(&mut roles);
    roles
}

/// Blocks under a line that says what they are.
struct List {
    of: Role,
    /// Element that ends it.
    element: u32,
    /// Blank lines that end it, in plain text.
    gap: u8,
    left: usize,
}

impl List {
    /// The list that block `head` heads: it ends with the smallest element around the head and the block below.
    fn new(doc: &Document, head: usize, of: Role) -> Self {
        let below = doc.blocks.get(head + 1);
        // Tools are a line or two, lists of stories and comments may be loosely set.
        let loose = matches!(of, Role::RelatedLink | Role::Comment);
        let gap = if loose { below.map_or(0, |b| b.gap).max(1) + 1 } else { 1 };
        let (mut element, mut other) = (doc.blocks[head].element, below.map_or(0, |b| b.element));
        // Parents stand before their children.
        while element != other {
            let deeper = if element > other { &mut element } else { &mut other };
            *deeper = doc.elements[*deeper as usize].parent;
        }
        Self { of, element, gap, left: if loose { MAX_LIST } else { MAX_TOOLS } }
    }

    fn holds(&self, doc: &Document, index: usize) -> bool {
        let block = &doc.blocks[index];
        if doc.plain { block.gap < self.gap } else { inside(doc, block.element, self.element) }
    }
}

/// Whether element `inner` is `outer` or inside of it: as many steps as elements may be deep.
fn inside(doc: &Document, inner: u32, outer: u32) -> bool {
    let mut at = inner;
    while at > outer {
        at = doc.elements[at as usize].parent;
    }
    at == outer
}

struct Labels<'p, 'd> {
    doc: &'d Document,
    page: &'p Measured<'d>,
    parts: Option<&'p Parts>,
    /// Names of those who sign, in small letters.
    names: Vec<String>,
    /// Where the story begins: its headline, else its text.
    head: usize,
    /// First and last block of the text; both behind the page where there is none.
    text: (usize, usize),
}

impl<'p, 'd> Labels<'p, 'd> {
    fn new(doc: &'d Document, page: &'p Measured<'d>, parts: Option<&'p Parts>) -> Self {
        let record = parts.map(|p| &p.record);
        let names = record.iter().flat_map(|r| r.authors.iter().chain(&r.organizations));
        let names = names.map(|name| name.to_lowercase()).collect();
        let n = doc.blocks.len();
        let mut labels = Self { doc, page, parts, names, head: n, text: (n, n) };
        let first = (0..n).find(|i| labels.kept(*i)).unwrap_or(n);
        labels.text = (first, (0..n).rev().find(|i| labels.kept(*i)).unwrap_or(n));
        labels.head = (0..first).find(|i| labels.said(*i) == Some(Role::Title)).unwrap_or(first);
        labels
    }

    fn kept(&self, index: usize) -> bool {
        self.parts.is_some_and(|parts| parts.kept(index))
    }

    /// What the fields take a block for.
    fn said(&self, index: usize) -> Option<Role> {
        self.parts.and_then(|parts| parts.role(index))
    }

    fn is_short(&self, index: usize) -> bool {
        let m = &self.page.blocks[index];
        m.mass <= SHORT && m.sentences == 0.0
    }

    fn flags(&self, index: usize) -> Flags {
        self.doc.flags_of(&self.doc.blocks[index])
    }

    /// Whether a block stands in a box whose names are of one of these groups.
    fn in_box(&self, index: usize, groups: &[u64]) -> bool {
        groups.iter().any(|group| self.page.in_box(index, *group))
    }

    /// What a short line says of the blocks below it.
    fn heads(&self, index: usize) -> Option<Role> {
        let counts = &self.page.blocks[index].phrases.counts;
        let text = self.doc.text_of(index).trim_end_matches([':', '：']);
        // `Comment: End this line` is a headline.
        if !self.is_short(index) || self.flags(index).has(Flags::NAV) || text.contains([':', '：']) {
            return None;
        }
        // Above the text both words are of counters and menus.
        if counts[COMMENTS] > 0 && index > self.text.1 && counts[FURTHER] == 0 {
            Some(Role::Comment)
        } else if counts[FURTHER] > 0 && index > self.head {
            Some(Role::RelatedLink)
        } else if counts[SHARE] > 0 && index > self.text.1 && self.doc.plain {
            Some(Role::Tools)
        } else {
            None
        }
    }

    /// Whether a block is a word for advertising and nothing else.
    fn announces(&self, index: usize) -> bool {
        let m = &self.page.blocks[index];
        let marks = self.doc.text_of(index).contains([':', '：', '/', '©', '=', '/']);
        m.phrases.start == CREDITS as u8 + 1 && m.words <= 2.0 && !marks
    }

    /// The role of a block that is neither text nor of a field; `list` is what the line above its list says.
    fn outside(&self, index: usize, list: Option<Role>) -> Role {
        let (m, block) = (&self.page.blocks[index], &self.doc.blocks[index]);
        let (counts, flags) = (&m.phrases.counts, self.flags(index));
        let linked = m.links > 0.5;
        let menu = flags.has(Flags::NAV) || self.in_box(index, &[hints::MENU, hints::PATH, hints::TAG]);
        let has = |group: usize| counts[group] > 0;
        if self.page.is_caption(index) || has(CREDITS) && flags.has(Flags::FIGURE) {
            return Role::Caption;
        }
        if self.in_box(index, &[hints::CONSENT, hints::PAYWALL]) {
            return Role::Appeal;
        }
        if has(RIGHTS) && !linked && m.mass < MAX_NOTICE && (m.shape.copyright || !has(SUBSCRIBE)) {
            return Role::LegalNotice;
        }
        if menu {
            return Role::Navigation;
        }
        if self.in_box(index, &[hints::COMMENT]) && index > self.head {
            return Role::Comment;
        }
        if m.phrases.start == COMMENTS as u8 + 1 && m.mass < MAX_SUB_HEAD && !linked && index > self.text.1 {
            return Role::Comment;
        }
        let asks = has(CONSENT) || has(SUBSCRIBE) || has(ACCOUNT);
        if self.in_box(index, &[hints::NEWSLETTER]) || asks && !linked && m.mass < MAX_NOTICE {
            return Role::Appeal;
        }
        if has(CREDITS) && self.is_short(index) {
            return if self.announces(index) { Role::Advertisement } else { Role::Caption };
        }
        if self.in_box(index, &[hints::ADVERTISEMENT]) {
            return Role::Advertisement;
        }
        let small = m.mass <= SHORT && m.sentences <= 1.0;
        if small && (has(SHARE) || self.in_box(index, &[hints::SHARING, hints::TOOLS])) {
            return Role::Tools;
        }
        if self.flags(index).has(Flags::CONTROL.with(Flags::FORM)) && small {
            return Role::Navigation;
        }
        // A line that heads a list is of the list; a line of the menu that stands above it, too, is not.
        let of_menu = m.repeats > 1 && m.words <= 3.0 && self.is_short(index);
        if let Some(of) = list.filter(|_| !of_menu) {
            return of;
        }
        let behind = index > self.text.1;
        if stories::is_cut(self.doc.block_text(block)) && m.mass > SHORT {
            return Role::Teaser;
        }
        if has(COMMENTS) && small {
            return Role::Tools;
        }
        // A line that is another story's headline: of some words, and a link where there are links.
        let headline = m.mass >= 15.0 && (m.words >= 3.0) && m.sentences <= 1.0;
        let elsewhere =
            self.in_box(index, &[hints::RELATED, hints::POPULAR, hints::TEASER]) || flags.has(Flags::CARD);
        let foot = flags.has(Flags::FOOTER.with(Flags::HEADER));
        if headline && !foot && (has(FURTHER) || elsewhere || linked && index > self.head) {
            return Role::RelatedLink;
        }
        if elsewhere && m.mass > SHORT {
            return Role::Teaser;
        }
        if self.doc.plain && behind && headline && m.sentences == 0.0 && m.mass < MAX_SUB_HEAD {
            return Role::RelatedLink;
        }
        // What is short above the headline is of the site, sentence or not.
        if self.is_short(index) && (linked || foot || behind) || m.mass <= SHORT && index < self.head {
            return Role::Navigation;
        }
        Role::Other
    }

    /// Sub-heads: kept lines that head kept paragraphs.
    fn sub_heads(&self, roles: &mut [Role]) {
        // From the end: what a line heads is known before the line.
        let (mut below, mut below_at) = (None, usize::MAX);
        for index in (self.text.0..roles.len()).rev().filter(|i| self.kept(*i)) {
            if roles[index] == Role::MainText && self.announces(index) {
                roles[index] = Role::Advertisement;
            } else if roles[index] == Role::MainText && self.heads_text(index, below, below_at) {
                roles[index] = Role::SubHead;
            }
            (below, below_at) = (Some(index), index);
        }
    }

    /// Whether a block of the text heads the next one.
    fn heads_text(&self, index: usize, below: Option<usize>, below_at: usize) -> bool {
        let Some(below) = below else { return false };
        let (m, block) = (&self.page.blocks[index], &self.doc.blocks[index]);
        let text = self.doc.block_text(block);
        if m.mass > MAX_SUB_HEAD || m.mass == 0.0 {
            return false;
        }
        if self.doc.element_of(block).tag.heading_level() > 0 {
            return true;
        }
        let paragraph = |i: usize| self.page.blocks[i].mass >= SHORT && self.page.blocks[i].sentences >= 1.0;
        let apart = Flags::LIST.with(Flags::TABLE).with(Flags::QUOTE).with(Flags::PRE);
        if self.flags(index).has(apart) || !paragraph(below) || below_at > index + 4 {
            return false;
        }
        let whole = block.emphasis_bytes * 10 >= (block.end - block.start) * 9;
        if whole && m.sentences <= 1.0 && !text.ends_with([':', ',', ';']) {
            return true;
        }
        // A line among paragraphs: not the first, where it may be anything, nor one of several.
        let above = (self.text.0..index).rev().find(|i| self.kept(*i));
        let closed = text.ends_with([':', ',', ';', '：', '，', '、', '"', '”', '»', '」', '“', ')', '…']);
        self.is_short(index)
            && m.words >= 1.0
            && !closed
            && m.links < 0.5
            && (self.doc.plain || block.gap == 0 || self.doc.blocks[below].gap == 0)
            && above.is_some_and(paragraph)
    }

    /// Short lines between two of an appeal (prices, names of offers) or two tools are of them, and so are the buttons
    /// below an appeal's sentences.
    fn bridges(&self, roles: &mut [Role]) {
        let loose = |role: Role| matches!(role, Role::Other | Role::Navigation | Role::RelatedLink);
        let of_it = |i: usize, role: Role| {
            loose(role) && !self.kept(i) && self.is_short(i) && self.page.blocks[i].links < 0.5
        };
        for (kind, reach) in [(Role::Appeal, 4), (Role::Tools, 2)] {
            let mut before: Option<usize> = None;
            for index in 0..roles.len() {
                if roles[index] != kind {
                    continue;
                }
                let from = before.replace(index).filter(|b| index - b <= reach).map_or(index, |b| b + 1);
                let behind = index > self.text.1 || kind == Role::Tools;
                if behind && (from..index).all(|i| of_it(i, roles[i])) {
                    roles[from..index].fill(kind);
                }
            }
        }
        for index in 0..roles.len() {
            if roles[index] != Role::Appeal || self.page.blocks[index].mass <= SHORT {
                continue;
            }
            for button in (index + 1..roles.len()).take(2) {
                let m = &self.page.blocks[button];
                let near = self.doc.blocks[button].gap == 0 && m.repeats == 1 && m.words <= 2.0;
                if !near || roles[button] == Role::RelatedLink || !of_it(button, roles[button]) {
                    break;
                }
                roles[button] = Role::Appeal;
            }
        }
    }

    /// Headlines and wire marks above the beginnings of other stories are of them.
    fn teasers(&self, roles: &mut [Role]) {
        for index in (0..roles.len()).filter(|i| self.is_teaser(*i, roles)).collect::<Vec<_>>() {
            roles[index] = Role::Teaser;
            for above in (index.saturating_sub(3)..index).rev() {
                let m = &self.page.blocks[above];
                let free =
                    matches!(roles[above], Role::RelatedLink | Role::Navigation | Role::Other | Role::Date);
                let heads = m.phrases.counts[FURTHER] > 0;
                if !free || heads || m.mass > MAX_SUB_HEAD || m.sentences > 0.0 || self.is_apart(above, index)
                {
                    break;
                }
                roles[above] = Role::Teaser;
            }
        }
    }

    fn is_teaser(&self, index: usize, roles: &[Role]) -> bool {
        let m = &self.page.blocks[index];
        roles[index] == Role::Teaser
            || roles[index] == Role::RelatedLink
                && m.mass > 80.0
                && m.sentences >= 1.0
                && (m.links < 0.5 || stories::is_cut(self.doc.text_of(index)))
    }

    /// Whether two blocks are of different boxes: in markup neither parent nor grandparent in common.
    fn is_apart(&self, above: usize, index: usize) -> bool {
        if self.doc.plain {
            return (above + 1..=index).any(|i| self.doc.blocks[i].gap > 1);
        }
        let parent = |element: u32| self.doc.elements[element as usize].parent;
        let grand = parent(parent(self.doc.blocks[index].element));
        !inside(self.doc, self.doc.blocks[above].element, grand)
    }

    /// Byline, date and dateline around the beginning of the text, where the fields were read from the page's data
    /// and not from the lines that show them; then the signature below the text.
    fn signatures(&self, roles: &mut [Role]) {
        let (first, last) = self.text;
        let from = self.head.min(first).saturating_sub(NEAR);
        let free = |role: Role| {
            matches!(role, Role::Other | Role::Navigation | Role::RelatedLink | Role::Tools | Role::Date)
        };
        for index in (from..(first + NEAR).min(roles.len())).filter(|i| !self.kept(*i)) {
            let text = self.doc.text_of(index);
            let near = text.len() <= 4 * MAX_SIGNATURE
                && (index <= self.head + 2 * NEAR || index + 2 * NEAR >= first);
            if !near || !free(roles[index]) || self.flags(index).has(Flags::NAV) {
                continue;
            }
            let m = &self.page.blocks[index];
            let dated = written::find(text).is_some();
            // A name in a box for authors.
            let named = self.in_box(index, &[hints::AUTHOR])
                && (2.0..=6.0).contains(&m.words)
                && !dated
                && m.phrases.counts.iter().all(|count| *count == 0);
            if m.mass < 120.0 && (self.signs(text) || named) {
                roles[index] = Role::Byline;
            } else if dateline::read(text).is_some_and(|w| w.alone) {
                roles[index] = Role::Dateline;
            } else if self.is_short(index) && dated {
                roles[index] = Role::Date;
            }
        }
        if roles.contains(&Role::Byline) {
            return;
        }
        let Some(people) = self.parts.map(|p| &p.record.authors).filter(|p| !p.is_empty()) else { return };
        let below = (last.saturating_add(1)..roles.len())
            .take(4 * NEAR)
            .filter(|i| free(roles[*i]) && self.page.blocks[*i].mass < 120.0)
            .find(|i| {
                let text = self.doc.text_of(*i);
                self.signs(text) && (only_names(text, people) || byline::is_byline(text))
            });
        if let Some(below) = below {
            roles[below] = Role::Byline;
        }
    }

    /// Whether a line says who signs: by its first words, or by the names that the page's data gives.
    fn signs(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        text.chars().count() <= MAX_SIGNATURE
            && (byline::is_byline(text) || self.names.iter().any(|name| lower.contains(name)))
    }
}
