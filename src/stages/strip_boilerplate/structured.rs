//! What a page says of itself in markup for machines: meta elements, OpenGraph, microdata, `<time>`,
//! JSON-LD. Collected by the reader in its one pass; [`super::title`] and its neighbours choose.

use std::collections::HashMap;

use serde_json::Value;

use super::bounds;
use super::document::Flags;
use super::html::{Attributes, decode_all};
use super::keywords;
use super::meta_keys::{date_rank, is_author_key};

/// Nodes of JSON-LD looked at.
const MAX_NODES: usize = 4_000;

/// What the page says of itself.
#[derive(Debug, Default)]
pub struct Meta {
    /// `<title>`.
    pub title: String,
    /// Titles by meta elements (`og:title` and the like), in order of trust.
    pub og_title: String,
    /// `twitter:title`, `dc.title`, `headline` …
    pub other_title: String,
    /// Descriptions: `og:description`, `description`.
    pub description: String,
    /// `og:site_name`, `application-name`, publisher.
    pub site_name: String,
    /// `article:section` and the like.
    pub section: String,
    /// `<link rel=canonical>`.
    pub canonical: String,
    /// `og:url`.
    pub og_url: String,
    /// `og:type`.
    pub og_type: String,
    /// `<html lang>`, else `og:locale` or `content-language`.
    pub language: String,
    /// Publication dates by meta elements and microdata, with how far they are trusted (less is more).
    pub dates: Vec<(u8, String)>,
    /// Authors by meta elements.
    pub authors: Vec<String>,
    /// The publisher's keywords, by meta elements.
    pub keywords: Vec<String>,
    /// Labels that a page gives to services (`twitter:label1`) and what it says of them (`twitter:data1`).
    pub labels: Vec<(String, String)>,
    /// Dates of changes by meta elements and microdata.
    pub changes: Vec<String>,
    /// Addresses of the page's picture by meta elements, in order of trust.
    pub images: Vec<String>,
    /// Whether the page may be read by all (`article:content_tier`).
    pub free: Option<bool>,
    /// Whether an event is described in JSON-LD.
    pub event: bool,
    /// `<time datetime>` elements.
    pub times: Vec<TimeElement>,
    /// Articles described in JSON-LD.
    pub articles: Vec<LdArticle>,
    json_bytes: usize,
}

/// A `<time>` element.
#[derive(Debug)]
pub struct TimeElement {
    /// Its `datetime`.
    pub datetime: String,
    /// Whether it is marked as the date of publication.
    pub published: bool,
    /// Whether it is marked as the date of a change.
    pub modified: bool,
    /// Where it stands in the document's text.
    pub at: u32,
    /// What it is inside of.
    pub flags: Flags,
    /// The element that it is inside of.
    pub element: u32,
}

/// Where a `<time>` element stands.
#[derive(Debug, Clone, Copy)]
pub struct TimePlace {
    /// Where in the document's text.
    pub at: u32,
    /// What it is inside of.
    pub flags: Flags,
    /// The element that it is inside of.
    pub element: u32,
}

/// An article described in JSON-LD.
#[derive(Debug, Default, Clone)]
pub struct LdArticle {
    /// How much its type says that it is the page's article (more is more).
    pub rank: u8,
    /// `headline`, else `name`.
    pub headline: String,
    /// `datePublished`, else `dateCreated`.
    pub published: String,
    /// `dateModified`.
    pub modified: String,
    /// Addresses of its pictures.
    pub images: Vec<String>,
    /// Names of persons (or of unknown type).
    pub authors: Vec<String>,
    /// Names of organizations that sign.
    pub organizations: Vec<String>,
    /// Whether the authors are given by reference to another node, as the accounts of a site are.
    pub refers: bool,
    /// Name of the publisher.
    pub publisher: String,
    /// `articleSection`.
    pub section: String,
    /// `keywords`.
    pub keywords: Vec<String>,
    /// `articleBody`.
    pub body: String,
    /// `description`.
    pub description: String,
    /// `url`, or the id of the main entity.
    pub url: String,
    /// `isAccessibleForFree`.
    pub free: Option<bool>,
}

/// Attributes of an element that carries metadata, as written.
#[derive(Debug, Clone, Copy)]
pub struct MetaElement<'a> {
    /// `name`.
    pub name: &'a str,
    /// `property`.
    pub property: &'a str,
    /// `itemprop`.
    pub itemprop: &'a str,
    /// `content`.
    pub content: &'a str,
}

/// White space collapsed to single spaces and cut at the ends.
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(256));
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A value as it is kept: decoded, tidied, and cut where it is too long to be one.
pub fn value_of(raw: &str) -> String {
    cut(clean(&raw[..raw.floor_char_boundary(bounds::META_BYTES)]))
}

/// A value decoded and tidied, without control characters.
fn clean(raw: &str) -> String {
    let mut value = decode_all(raw);
    value.retain(|c| !c.is_control() || c.is_whitespace());
    tidy(&value)
}

fn cut(mut value: String) -> String {
    value.truncate(value.floor_char_boundary(bounds::FIELD_BYTES));
    value
}

/// Reads one meta element.
pub fn meta(meta: &mut Meta, element: &MetaElement<'_>) {
    if element.content.is_empty() || element.content.len() > bounds::META_BYTES {
        return;
    }
    for key in [element.property, element.name, element.itemprop] {
        // RDFa may name several at once: `dc:date dc:created`, `schema:dateCreated`.
        if !key.is_empty() && key.len() < 64 {
            let key = key.trim().to_ascii_lowercase();
            let key = key.rsplit(' ').next().unwrap_or(&key);
            field(meta, key.strip_prefix("schema:").unwrap_or(key), element.content);
        }
    }
}

fn field(meta: &mut Meta, key: &str, raw: &str) {
    let value = || value_of(raw);
    let long = || clean(raw);
    let first = |slot: &mut String| {
        if slot.is_empty() {
            *slot = value();
        }
    };
    match key {
        "og:title" => first(&mut meta.og_title),
        "twitter:title" | "dc.title" | "dcterms.title" | "headline" | "title" | "parsely-title"
        | "sailthru.title" | "citation_title" | "fb_title" => first(&mut meta.other_title),
        "og:description" => meta.description = long(),
        "description" | "twitter:description" | "dc.description" => {
            if meta.description.is_empty() {
                meta.description = long();
            }
        }
        "og:site_name" => meta.site_name = value(),
        "application-name" | "apple-mobile-web-app-title" | "al:android:app_name" => {
            first(&mut meta.site_name);
        }
        "article:section" | "section" | "articlesection" | "parsely-section" | "og:article:section" => {
            first(&mut meta.section);
        }
        "twitter:label1" | "twitter:label2" if meta.labels.len() < 2 => {
            meta.labels.push((value().to_lowercase(), String::new()));
        }
        "twitter:data1" | "twitter:data2" => {
            if let Some((_, data)) = meta.labels.last_mut().filter(|(_, data)| data.is_empty()) {
                *data = value();
            }
        }
        "og:url" if raw.len() <= bounds::ADDRESS_BYTES => first(&mut meta.og_url),
        "og:type" => first(&mut meta.og_type),
        "og:locale" | "content-language" | "language" | "dc.language" => first(&mut meta.language),
        "article:content_tier" => {
            meta.free = match raw.trim() {
                "free" => Some(true),
                "locked" | "metered" => Some(false),
                _ => meta.free,
            };
        }
        "og:image"
        | "og:image:secure_url"
        | "og:image:url"
        | "twitter:image"
        | "twitter:image:src"
        | "image"
            if raw.len() <= bounds::ADDRESS_BYTES =>
        {
            if meta.images.len() < bounds::VALUES {
                let at = if key.starts_with("og:") { 0 } else { meta.images.len() };
                let at = meta.images[..at].iter().position(|i| !i.is_empty()).unwrap_or(at);
                meta.images.insert(at, value());
            }
        }
        "article:modified_time"
        | "og:updated_time"
        | "datemodified"
        | "last-modified"
        | "lastmod"
        | "dcterms.modified"
        | "dc.date.modified"
        | "modified"
        | "article:modified"
        | "og:modified_time"
        | "cxenseparse:recs:modifiedtime" => {
            if meta.changes.len() < bounds::VALUES {
                meta.changes.push(value());
            }
        }
        _ => {
            if let Some(rank) = date_rank(key) {
                if meta.dates.len() < bounds::VALUES {
                    meta.dates.push((rank, value()));
                }
            } else if keywords::is_key(key) {
                keywords::add(&mut meta.keywords, raw);
            } else if is_author_key(key) && meta.authors.len() < bounds::VALUES {
                meta.authors.push(value());
            }
        }
    }
}

impl Meta {
    /// Takes a `<link rel=canonical>`.
    pub fn canonical(&mut self, href: &str) {
        if self.canonical.is_empty() && href.len() <= bounds::ADDRESS_BYTES {
            self.canonical = decode_all(href.trim());
            self.canonical.retain(|c| !c.is_control());
        }
    }

    /// Takes a `<time datetime>`.
    pub fn time_element(&mut self, attributes: &Attributes<'_>, place: TimePlace) {
        let Attributes { datetime, itemprop, class, .. } = *attributes;
        if self.times.len() < bounds::TIMES && datetime.len() <= bounds::ADDRESS_BYTES {
            let has = |words: &[&str]| words.iter().any(|word| class.contains(word));
            self.times.push(TimeElement {
                datetime: datetime.trim().to_owned(),
                published: itemprop.contains("datePublished") || has(&["publish", "entry-date", "pubdate"]),
                modified: itemprop.contains("dateModified") || has(&["updated", "modified"]),
                at: place.at,
                flags: place.flags,
                element: place.element,
            });
        }
    }

    /// Takes the content of a JSON-LD script.
    pub fn json_ld(&mut self, script: &str) {
        self.json_bytes += script.len();
        if self.json_bytes > bounds::JSON_BYTES {
            return;
        }
        let telling = ["Article", "Posting", "headline", "datePublished", "articleBody"];
        if !telling.iter().any(|word| memchr::memmem::find(script.as_bytes(), word.as_bytes()).is_some()) {
            return;
        }
        let count = |byte: u8| memchr::memchr_iter(byte, script.as_bytes()).count();
        if count(b',') + count(b'[') > bounds::JSON_VALUES || count(b'{') > bounds::JSON_OBJECTS {
            return;
        }
        let Some(value) = parse_leniently(script) else { return };
        let mut nodes = Vec::new();
        let mut budget = MAX_NODES;
        collect(&value, 0, &mut budget, &mut nodes);
        let names = by_id(&nodes);
        self.event |= nodes.iter().any(|node| types(node).iter().any(|t| t.ends_with("Event")));
        for node in &nodes {
            if self.articles.len() >= bounds::VALUES {
                break;
            }
            self.articles.extend(article(node, &names));
        }
    }

    /// The JSON-LD article that the page is about, if there is one.
    pub fn article(&self) -> Option<&LdArticle> {
        // Of equal rank the first counts.
        self.articles.iter().rev().max_by_key(|a| a.rank)
    }
}

/// Pages break their JSON-LD by raw line breaks in strings, HTML comments and trailing semicolons.
fn parse_leniently(script: &str) -> Option<Value> {
    let mut text = script.trim();
    for (open, close) in
        [("<!--", "-->"), ("<![CDATA[", "]]>"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/")]
    {
        if let Some(rest) = text.strip_prefix(open) {
            text = rest.trim_end().strip_suffix(close).unwrap_or(rest).trim();
        }
    }
    text = text.trim_end_matches(';').trim_end();
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let cleaned: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if let Ok(value) = serde_json::from_str(&cleaned) {
        return Some(value);
    }
    let unescaped = decode_all(&cleaned);
    serde_json::from_str(&unescaped).ok()
}

/// All objects that may describe something, outer ones first.
fn collect<'v>(value: &'v Value, depth: u8, budget: &mut usize, out: &mut Vec<&'v Value>) {
    if depth > 6 || *budget == 0 {
        return;
    }
    *budget -= 1;
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, depth + 1, budget, out)),
        Value::Object(object) => {
            if object.contains_key("@type") {
                out.push(value);
            }
            for key in [
                "@graph",
                "mainEntity",
                "mainEntityOfPage",
                "itemListElement",
                "item",
                "hasPart",
                "author",
                "publisher",
            ] {
                if let Some(inner) = object.get(key)
                    && (inner.is_object() || inner.is_array())
                {
                    collect(inner, depth + 1, budget, out);
                }
            }
        }
        _ => {}
    }
}

fn types(node: &Value) -> Vec<&str> {
    match node.get("@type") {
        Some(Value::String(s)) => vec![s],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn type_rank(kind: &str) -> u8 {
    match kind.rsplit(['/', ':']).next().unwrap_or(kind) {
        "NewsArticle"
        | "ReportageNewsArticle"
        | "AnalysisNewsArticle"
        | "OpinionNewsArticle"
        | "BackgroundNewsArticle"
        | "AdvertiserContentArticle"
        | "ReviewNewsArticle" => 5,
        "Article"
        | "BlogPosting"
        | "LiveBlogPosting"
        | "Report"
        | "ScholarlyArticle"
        | "TechArticle"
        | "SocialMediaPosting"
        | "AskPublicNewsArticle"
        | "MedicalScholarlyArticle"
        | "SatiricalArticle" => 4,
        "Recipe" | "Review" | "HowTo" => 3,
        "WebPage" | "ItemPage" | "MedicalWebPage" | "FAQPage" | "QAPage" => 1,
        _ => 0,
    }
}

fn article(node: &Value, nodes: &Names<'_>) -> Option<LdArticle> {
    let rank = types(node).into_iter().map(type_rank).max().unwrap_or(0);
    if rank == 0 {
        return None;
    }
    let text = |key: &str| node.get(key).map(string_of).unwrap_or_default();
    let mut out = LdArticle {
        rank,
        headline: text("headline"),
        published: text("datePublished"),
        modified: text("dateModified"),
        section: text("articleSection"),
        description: text("description"),
        url: text("url"),
        ..LdArticle::default()
    };
    if out.headline.is_empty() && rank > 1 {
        out.headline = text("name");
    }
    if out.published.is_empty() && rank > 1 {
        out.published = text("dateCreated");
    }
    if let Some(value) = node.get("keywords") {
        keywords::add_data(&mut out.keywords, value);
    }
    if let Some(Value::String(body)) = node.get("articleBody") {
        out.body = body.clone();
    }
    if out.url.is_empty() {
        out.url = match node.get("mainEntityOfPage") {
            Some(Value::String(s)) => cut(s.clone()),
            Some(inner) => inner.get("@id").map(string_of).unwrap_or_default(),
            None => String::new(),
        };
    }
    out.free = match node.get("isAccessibleForFree") {
        Some(Value::Bool(free)) => Some(*free),
        Some(Value::String(s)) if s.eq_ignore_ascii_case("false") => Some(false),
        Some(Value::String(s)) if s.eq_ignore_ascii_case("true") => Some(true),
        _ => None,
    };
    for key in ["image", "thumbnailUrl"] {
        if let Some(value) = node.get(key) {
            pictures(value, 0, &mut out.images);
        }
    }
    for key in ["author", "creator"] {
        if let Some(value) = node.get(key)
            && out.authors.is_empty()
            && out.organizations.is_empty()
        {
            people(value, nodes, 0, &mut out);
        }
    }
    if let Some(publisher) = node.get("publisher").map(|p| resolve(p, nodes)) {
        out.publisher = publisher.get("name").map(string_of).unwrap_or_default();
    }
    Some(out)
}

/// Nodes that have a name, by their ids.
type Names<'v> = HashMap<&'v str, &'v Value>;

fn by_id<'v>(nodes: &[&'v Value]) -> Names<'v> {
    let named = nodes.iter().filter(|node| node.get("name").is_some());
    // Of several nodes with one id the first counts.
    named.rev().filter_map(|node| Some((node.get("@id")?.as_str()?, *node))).collect()
}

/// A node given by its id alone, looked up among the others.
fn resolve<'v>(value: &'v Value, nodes: &Names<'v>) -> &'v Value {
    match value.get("@id") {
        Some(Value::String(id)) if value.get("name").is_none() => {
            nodes.get(id.as_str()).copied().unwrap_or(value)
        }
        _ => value,
    }
}

/// Addresses of pictures: strings, objects with `url` or `contentUrl`, or lists of them.
fn pictures(value: &Value, depth: u8, out: &mut Vec<String>) {
    if depth > 3 || out.len() >= bounds::VALUES {
        return;
    }
    match value {
        Value::String(address) if address.len() <= bounds::ADDRESS_BYTES => out.push(value_of(address)),
        Value::Array(items) => items.iter().for_each(|item| pictures(item, depth + 1, out)),
        Value::Object(object) => {
            let at = ["url", "contentUrl"].iter().find_map(|key| object.get(*key));
            if let Some(at) = at {
                pictures(at, depth + 1, out);
            }
        }
        _ => {}
    }
}

fn people(value: &Value, nodes: &Names<'_>, depth: u8, out: &mut LdArticle) {
    if depth > 3 || out.authors.len() + out.organizations.len() >= bounds::VALUES {
        return;
    }
    match value {
        Value::String(name) => out.authors.push(value_of(name)),
        Value::Array(items) => items.iter().for_each(|item| people(item, nodes, depth + 1, out)),
        Value::Object(_) => {
            let node = resolve(value, nodes);
            out.refers |= !std::ptr::eq(node, value);
            let organization = types(node).iter().any(|t| t.ends_with("Organization") || *t == "Corporation");
            match node.get("name") {
                Some(Value::Array(names)) => {
                    let room = bounds::VALUES - (out.authors.len() + out.organizations.len());
                    out.authors.extend(names.iter().map(string_of).filter(|n| !n.is_empty()).take(room));
                }
                Some(name) => {
                    let name = string_of(name);
                    if !name.is_empty() {
                        if organization { &mut out.organizations } else { &mut out.authors }.push(name);
                    }
                }
                None => {
                    let part = |key: &str| node.get(key).map(string_of).unwrap_or_default();
                    let name = format!("{} {}", part("givenName"), part("familyName"));
                    if !name.trim().is_empty() {
                        out.authors.push(name.trim().to_owned());
                    }
                }
            }
        }
        _ => {}
    }
}

/// A value as text: the first of a list, the name of an object.
fn string_of(value: &Value) -> String {
    match value {
        Value::String(s) => value_of(s),
        Value::Number(n) => n.to_string(),
        Value::Array(items) => items.first().map(string_of).unwrap_or_default(),
        Value::Object(object) => ["@value", "name", "headline"]
            .iter()
            .find_map(|k| object.get(*k))
            .and_then(Value::as_str)
            .map(value_of)
            .unwrap_or_default(),
        _ => String::new(),
    }
}
