//! The reader by a site's rule: which elements it drops and takes, while they are open.

use std::ops::Range;

use super::super::bounds;
use super::super::document::Ruled;
use super::super::site_rules::{Matcher, Selectors};
use super::{Attributes, Reader};

/// A rule, and what of it holds where the reader is.
pub(super) struct Followed<'r> {
    matcher: Matcher<'r>,
    /// Open elements that fit: their place on the stack, and what is known of them so far.
    open: Vec<(usize, Ruled)>,
    /// Place on the stack of the element that is dropped, of several the outermost.
    dropped_at: Option<usize>,
}

impl<'r> Followed<'r> {
    pub fn new(selectors: &'r Selectors) -> Self {
        Self { matcher: Matcher::new(selectors), open: Vec::new(), dropped_at: None }
    }
}

impl Reader<'_> {
    /// The element that was put on the stack just now; `raw` are the bytes of its tag behind the name.
    pub(super) fn rule_element(&mut self, name: &[u8], attributes: &Attributes<'_>, raw: Range<usize>) {
        let Some(rule) = &mut self.rule else { return };
        let hit = rule.matcher.push(name, attributes, self.html.get(raw).unwrap_or(""));
        self.begin_ruled(hit, self.stack.len() - 1);
    }

    /// `<html>` or `<body>`, for which the root stands.
    pub(super) fn rule_root(&mut self, name: &[u8], attributes: &Attributes<'_>, raw: Range<usize>) {
        let Some(rule) = &mut self.rule else { return };
        let hit = rule.matcher.root(name, attributes, self.html.get(raw).unwrap_or(""));
        self.begin_ruled(hit, 0);
    }

    fn begin_ruled(&mut self, hit: Option<(u16, bool)>, at: usize) {
        let (Some((selector, drops)), Some(rule)) = (hit, &mut self.rule) else { return };
        // Within what is dropped nothing is taken or dropped.
        if self.is_dropped {
            return;
        }
        if drops {
            self.is_dropped = true;
            rule.dropped_at = Some(at);
        }
        let (block, pos) = (self.doc.blocks.len() as u32, self.pos as u32);
        let ruled = Ruled { selector, drops, blocks: block..block, source: pos..pos };
        rule.open.push((at, ruled));
    }

    /// What of the rule ends with the element that had place `at` on the stack.
    pub(super) fn end_ruled(&mut self, at: usize) {
        let Some(rule) = &mut self.rule else { return };
        if at > 0 {
            rule.matcher.pop();
        }
        if rule.dropped_at == Some(at) {
            rule.dropped_at = None;
            self.is_dropped = false;
        }
        // The block that is being read is within, where there is any text of it.
        let is_open = self.doc.text.len() > self.block.start as usize;
        let end = self.doc.blocks.len() as u32 + u32::from(is_open);
        while let Some((_, mut ruled)) = rule.open.pop_if(|(place, _)| *place == at) {
            ruled.source.end = self.pos as u32;
            ruled.blocks.end = if ruled.drops { ruled.blocks.start } else { end };
            if self.doc.ruled.len() < bounds::RULED {
                self.doc.ruled.push(ruled);
            }
        }
    }
}

/// Blocks from `first` on have become one.
pub(super) fn join(ruled: &mut [Ruled], first: u32) {
    // In the order in which they ended: those of the row are the last.
    for Ruled { drops, blocks, .. } in ruled.iter_mut().rev().take_while(|ruled| ruled.blocks.end >= first) {
        if *drops {
            *blocks = blocks.start.min(first + 1)..blocks.start.min(first + 1);
        } else if blocks.end > first {
            *blocks = blocks.start.min(first)..first + 1;
        }
    }
}
