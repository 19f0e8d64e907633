//! Runs of text: white space collapsed, character references decoded, what cannot be seen left out.

use super::{Gap, Reader, entities};

impl Reader<'_> {
    /// Text up to `end`.
    pub(super) fn text(&mut self, end: usize) {
        if self.in_head {
            // Text in the head ends it, but white space does not.
            if self.bytes[self.pos..end].iter().all(u8::is_ascii_whitespace) {
                self.pos = end;
                return;
            }
            self.in_head = false;
        }
        if self.is_dropped {
            self.pos = end;
            return;
        }
        // Lines of preformatted text are blocks, too.
        while self.pos < end && !self.doc.is_full() {
            let rest = &self.bytes[self.pos..end];
            match rest[0] {
                b'&' => match entities::decode(&rest[1..], false) {
                    Some((c, used)) => {
                        self.pos += 1 + used;
                        self.push_char(c);
                    }
                    None => {
                        self.push_str("&");
                        self.pos += 1;
                    }
                },
                b'\n' if self.pre > 0 => {
                    self.line_break();
                    self.pos += 1;
                }
                b if b.is_ascii_whitespace() => {
                    if self.gap == Gap::None {
                        self.gap = Gap::Space;
                    }
                    self.pos += 1;
                }
                b if b < 0x20 || b == 0x7f => self.pos += 1,
                0xc2 | 0xe2 | 0xe3 | 0xef => {
                    // Code points that may be white space or invisible.
                    let c = self.html.get(self.pos..).and_then(|s| s.chars().next()).unwrap_or(' ');
                    self.pos += c.len_utf8();
                    self.push_char(c);
                }
                _ => {
                    let len = rest.iter().take_while(|b| !SPECIAL[**b as usize]).count();
                    let run = self.html.get(self.pos..self.pos + len.max(1)).unwrap_or("");
                    self.push_str(run);
                    self.pos += len.max(1);
                }
            }
        }
    }

    fn push_char(&mut self, c: char) {
        match c {
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {
                // Joiners shape words of some scripts: those are kept.
                if matches!(c, '\u{200c}' | '\u{200d}') {
                    self.push_str(c.encode_utf8(&mut [0; 4]));
                }
            }
            c if c.is_whitespace() => {
                if self.gap == Gap::None {
                    self.gap = Gap::Space;
                }
            }
            c if c.is_control() => {}
            c => self.push_str(c.encode_utf8(&mut [0; 4])),
        }
    }

    pub(super) fn push_str(&mut self, run: &str) {
        let run = self.doc.fitting(run);
        let before = self.doc.text.len();
        if before == self.block.start as usize {
            let (element, flags) = (self.top().element, self.top().flags);
            self.block.element = element;
            self.block.flags = flags;
        } else {
            match self.gap {
                Gap::None => {}
                Gap::Space => self.doc.text.push(' '),
                Gap::Break => self.doc.text.push('\n'),
            }
        }
        self.gap = Gap::None;
        self.doc.text.push_str(run);
        let grown = (self.doc.text.len() - before) as u32;
        if self.link_depth > 0 {
            self.block.link_bytes += grown;
            if !self.link_counted {
                self.block.links = self.block.links.saturating_add(1);
                self.link_counted = true;
            }
        }
        if self.emphasis > 0 {
            self.block.emphasis_bytes += grown;
        }
        // Flags of inline elements hold for the block only where they hold for all of it.
        let flags = self.top().flags;
        self.block.flags.0 &= flags.0;
    }
}

/// Bytes that [`Reader::text`] looks at one by one.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b <= 0x20 {
        table[b] = true;
        b += 1;
    }
    table[b'&' as usize] = true;
    table[0x7f] = true;
    table[0xc2] = true;
    table[0xe2] = true;
    table[0xe3] = true;
    table[0xef] = true;
    table
};
