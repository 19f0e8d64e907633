//! Start tags and their attributes, read straight off the bytes.

use memchr::{memchr, memmem};

use crate::stages::strip_boilerplate::bounds;

/// The attributes of a start tag that the reader uses, as written (entities not decoded).
#[derive(Debug, Default, Clone, Copy)]
pub struct Attributes<'a> {
    pub class: &'a str,
    pub id: &'a str,
    pub role: &'a str,
    pub style: &'a str,
    pub rel: &'a str,
    pub href: &'a str,
    pub itemprop: &'a str,
    pub property: &'a str,
    pub name: &'a str,
    pub content: &'a str,
    pub datetime: &'a str,
    pub kind: &'a str,
    pub lang: &'a str,
    pub hidden: bool,
    pub aria_hidden: bool,
    pub shadow_root: bool,
    pub self_closing: bool,
}

/// Reads the attributes that start at `pos`; the tag's end (past `>`) comes back with them.
/// A tag that never ends takes the rest of the page with it.
pub fn attributes(html: &str, pos: usize) -> (Attributes<'_>, usize) {
    let mut out = Attributes::default();
    let (self_closing, end) = each_attribute(html, pos, |name, value| out.set(name, value));
    out.self_closing = self_closing;
    (out, end)
}

/// Names and values of the attributes that start at `pos`, as written; whether the tag closes itself, and its end.
#[inline]
pub fn each_attribute<'a>(
    html: &'a str,
    mut pos: usize,
    mut each: impl FnMut(&[u8], &'a str),
) -> (bool, usize) {
    let bytes = html.as_bytes();
    let mut self_closing = false;
    let mut count = 0;
    loop {
        while bytes.get(pos).is_some_and(|b| b.is_ascii_whitespace() || *b == b'/') {
            self_closing = bytes[pos] == b'/';
            pos += 1;
        }
        match bytes.get(pos) {
            None => return (self_closing, bytes.len()),
            Some(b'>') => return (self_closing, pos + 1),
            Some(_) => self_closing = false,
        }
        let start = pos;
        pos += 1;
        while bytes.get(pos).is_some_and(|b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/')) {
            pos += 1;
        }
        let name = &bytes[start..pos];
        let mut after = pos;
        while bytes.get(after).is_some_and(u8::is_ascii_whitespace) {
            after += 1;
        }
        let mut value = "";
        if bytes.get(after) == Some(&b'=') {
            pos = after + 1;
            while bytes.get(pos).is_some_and(u8::is_ascii_whitespace) {
                pos += 1;
            }
            let (from, to, next) = match bytes.get(pos) {
                Some(&quote @ (b'"' | b'\'')) => {
                    let from = pos + 1;
                    let to = memchr(quote, &bytes[from..]).map_or(bytes.len(), |n| from + n);
                    (from, to, (to + 1).min(bytes.len()))
                }
                _ => {
                    let from = pos;
                    while bytes.get(pos).is_some_and(|b| !b.is_ascii_whitespace() && *b != b'>') {
                        pos += 1;
                    }
                    (from, pos, pos)
                }
            };
            value = html.get(from..to).unwrap_or("");
            pos = next;
        }
        count += 1;
        if count <= bounds::ATTRIBUTES {
            each(name, value);
        }
    }
}

impl<'a> Attributes<'a> {
    fn set(&mut self, name: &[u8], value: &'a str) {
        let field = match name.len() {
            2 if name.eq_ignore_ascii_case(b"id") => &mut self.id,
            3 if name.eq_ignore_ascii_case(b"rel") => &mut self.rel,
            4 if name.eq_ignore_ascii_case(b"href") => &mut self.href,
            4 if name.eq_ignore_ascii_case(b"role") => &mut self.role,
            4 if name.eq_ignore_ascii_case(b"name") => &mut self.name,
            4 if name.eq_ignore_ascii_case(b"type") => &mut self.kind,
            4 if name.eq_ignore_ascii_case(b"lang") => &mut self.lang,
            5 if name.eq_ignore_ascii_case(b"class") => &mut self.class,
            5 if name.eq_ignore_ascii_case(b"style") => &mut self.style,
            6 if name.eq_ignore_ascii_case(b"hidden") => {
                self.hidden = value != "until-found";
                return;
            }
            7 if name.eq_ignore_ascii_case(b"content") => &mut self.content,
            8 if name.eq_ignore_ascii_case(b"itemprop") => &mut self.itemprop,
            8 if name.eq_ignore_ascii_case(b"property") => &mut self.property,
            8 if name.eq_ignore_ascii_case(b"datetime") => &mut self.datetime,
            8 if name.eq_ignore_ascii_case(b"xml:lang") => &mut self.lang,
            11 if name.eq_ignore_ascii_case(b"aria-hidden") => {
                self.aria_hidden = value.eq_ignore_ascii_case("true");
                return;
            }
            14 if name.eq_ignore_ascii_case(b"shadowrootmode") => {
                self.shadow_root = true;
                return;
            }
            _ => return,
        };
        // The first of two attributes of a name counts.
        if field.is_empty() {
            *field = value;
        }
    }

    /// Whether the style says that the element is not shown.
    pub fn style_hides(&self) -> bool {
        let mut rest = self.style.as_bytes();
        while let Some(at) = memchr(b':', rest) {
            let (property, value) = (rest[..at].trim_ascii_end(), rest[at + 1..].trim_ascii_start());
            let is = |name: &[u8], wanted: &[u8]| {
                property.len() >= name.len()
                    && property[property.len() - name.len()..].eq_ignore_ascii_case(name)
                    && value.len() >= wanted.len()
                    && value[..wanted.len()].eq_ignore_ascii_case(wanted)
            };
            if is(b"display", b"none") || is(b"visibility", b"hidden") {
                return true;
            }
            rest = &rest[at + 1..];
        }
        false
    }
}

/// End of the comment or declaration that starts at `pos` with `<!` or `<?`.
pub fn skip_declaration(bytes: &[u8], pos: usize) -> usize {
    let rest = &bytes[pos..];
    if rest.starts_with(b"<!--") {
        if rest.starts_with(b"<!-->") {
            return pos + 5;
        }
        return memmem::find(&rest[4..], b"-->").map_or(bytes.len(), |n| pos + 4 + n + 3);
    }
    memchr(b'>', rest).map_or(bytes.len(), |n| pos + n + 1)
}

/// Where the content that starts at `pos` ends, and where its end tag `</name>` does; the end of the
/// page where it is never closed.
pub fn raw_text_end(bytes: &[u8], pos: usize, name: &[u8]) -> (usize, usize) {
    let mut at = pos;
    while let Some(n) = memmem::find(&bytes[at..], b"</") {
        let start = at + n;
        let after = start + 2 + name.len();
        if bytes.get(start + 2..after).is_some_and(|found| found.eq_ignore_ascii_case(name))
            && bytes.get(after).is_none_or(|b| !b.is_ascii_alphanumeric())
        {
            let end = memchr(b'>', &bytes[after..]).map_or(bytes.len(), |n| after + n + 1);
            return (start, end);
        }
        at = start + 2;
    }
    (bytes.len(), bytes.len())
}

impl<'a> Attributes<'a> {
    /// The attributes that carry metadata.
    pub fn as_meta(&self) -> crate::stages::strip_boilerplate::structured::MetaElement<'a> {
        crate::stages::strip_boilerplate::structured::MetaElement {
            name: self.name,
            property: self.property,
            itemprop: self.itemprop,
            content: self.content,
        }
    }
}
