//! The names of a site, and titles without them.

use super::document::Document;

/// Longest name of a host, in bytes (RFC 1035).
const MAX_HOST: usize = 255;

/// What a site calls itself.
pub struct SiteNames {
    names: Vec<String>,
    sections: Vec<String>,
    host: String,
}

impl SiteNames {
    /// The names that the page gives, and its host.
    pub fn new(doc: &Document, url: Option<&str>) -> Self {
        let meta = &doc.meta;
        let publisher = meta.article().map_or("", |a| a.publisher.as_str());
        let names = [meta.site_name.as_str(), publisher]
            .iter()
            .filter(|n| n.chars().count() > 1)
            .map(|n| fold(n))
            .collect();
        let url = [url.unwrap_or(""), &meta.canonical, &meta.og_url].into_iter().find(|u| !u.is_empty());
        let host = url.and_then(|u| u.split('/').nth(2)).unwrap_or("");
        let host = &host[..host.floor_char_boundary(MAX_HOST)];
        let section = meta.article().map_or("", |a| a.section.as_str());
        let sections = [section, &meta.section].iter().filter(|s| !s.is_empty()).map(|s| fold(s)).collect();
        Self { names, sections, host: fold(host.strip_prefix("www.").unwrap_or(host)) }
    }

    /// A site of this name, for tests of what rests on it.
    #[cfg(test)]
    pub fn named(name: &str) -> Self {
        Self { names: vec![fold(name)], sections: Vec::new(), host: String::new() }
    }

    /// Whether a text is the site's name or host, or the host without its ending.
    pub fn is_name(&self, text: &str) -> bool {
        // Most texts begin with another letter, and all names of sites are short.
        let first =
            text.chars().find(|c| c.is_alphanumeric() || *c == '.').and_then(|c| c.to_lowercase().next());
        let Some(first) = first.filter(|_| text.len() <= MAX_HOST) else { return false };
        if !self.host.starts_with(first)
            && !self.names.iter().any(|n| n.starts_with(first))
            && !text.contains('.')
        {
            return false;
        }
        let text = fold(text);
        let bare = self.host.split('.').next().unwrap_or("");
        !text.is_empty()
            && (self.names.contains(&text)
                || text.chars().count() > 2
                    && (self.host.replace('.', "").starts_with(&text) && text.len() * 2 > bare.len())
                || text == self.host
                || text.contains('.')
                    && self.host.strip_suffix(&text).is_some_and(|rest| rest.ends_with('.')))
    }

    /// Whether a text is a section that the page names as its own.
    pub fn is_section(&self, text: &str) -> bool {
        self.sections.contains(&fold(text))
    }

    /// A title without the site's name and section at its end (or beginning).
    pub fn strip(&self, title: &str) -> String {
        let title = super::structured::tidy(title);
        let mut parts = split(&title);
        if parts.len() < 2 {
            return title;
        }
        // From the end: the site's name, and what follows the last strong separator where it is short.
        while parts.len() > 1 {
            let (last, strong) = parts[parts.len() - 1];
            let rest_end = parts[parts.len() - 2].0;
            let tail = &title[last.0..last.1];
            let words = tail.split_whitespace().count();
            let head_words = title[parts[0].0.0..rest_end.1].split_whitespace().count();
            if self.is_name(tail)
                || self.mentions(tail) && words <= 6
                || strong && words <= 5 && head_words >= 3
            {
                parts.pop();
            } else {
                break;
            }
        }
        let mut start = parts[0].0.0;
        if parts.len() > 1 && self.is_name(&title[parts[0].0.0..parts[0].0.1]) {
            start = parts[1].0.0;
        }
        let end = parts[parts.len() - 1].0.1;
        title[start..end].trim().to_owned()
    }

    /// Whether a text holds a name of the site, or is part of one.
    pub fn mentions(&self, text: &str) -> bool {
        let text = fold(text);
        let bare = self.host.split('.').next().unwrap_or("");
        self.names.iter().any(|n| text.contains(n.as_str()) || n.contains(&text) && text.chars().count() > 3)
            || bare.len() > 3 && text.replace(['.', '\''], "").contains(bare)
    }
}

/// Letters and digits in small letters.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let stays = |b: u8| b.is_ascii_alphanumeric() || b == b'.';
    let mut rest = text;
    while let Some(byte) = rest.bytes().next() {
        let run = rest.bytes().take_while(|b| stays(*b)).count();
        if run > 0 {
            out.push_str(&rest[..run]);
            rest = &rest[run..];
        } else if byte.is_ascii() {
            rest = &rest[1..];
        } else {
            let Some(c) = rest.chars().next() else { break };
            if c.is_alphanumeric() {
                out.extend(c.to_lowercase());
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    // What is beyond ASCII is small already.
    out.make_ascii_lowercase();
    out
}

/// Parts of a title between separators: their ranges, and whether the separator before them is a strong one.
fn split(title: &str) -> Vec<((usize, usize), bool)> {
    let mut parts = Vec::new();
    let (mut start, mut strong_before) = (0, false);
    for (at, c) in title.char_indices() {
        let strong = matches!(c, '|' | '»' | '•' | '·' | '‹' | '›' | '«' | '｜' | '_');
        let weak = matches!(c, '-' | '–' | '—' | ':' | '/' | '~');
        let spaced = title[..at].ends_with(' ') && title[at + c.len_utf8()..].starts_with(' ');
        let tight = matches!(c, '｜' | '|' | '_') && !title.is_ascii();
        if (strong || weak) && (spaced || tight) {
            let end = title[..at].trim_end().len();
            if end > start {
                parts.push(((start, end), strong_before));
                start = at + c.len_utf8();
                start += title[start..].len() - title[start..].trim_start().len();
                strong_before = strong;
            }
        }
    }
    if start < title.len() {
        parts.push(((start, title.len()), strong_before));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_site() {
        let host = "local.coastwatch.example".to_owned();
        let site = SiteNames { names: vec![fold("Coast Watch")], sections: vec![fold("Sport")], host };
        assert!(site.is_name("COAST WATCH") && site.is_name("coastwatch.example"));
        assert!(!site.is_name("Anna Moor") && !site.is_name("example"));
        assert!(site.mentions("Coast Watch Norland") && !site.mentions("Anna Moor"));
        assert!(site.is_section("sport") && !site.is_section("News"));
        assert_eq!(site.strip("Ferries stay in port - Coast Watch"), "Ferries stay in port");
    }
}
