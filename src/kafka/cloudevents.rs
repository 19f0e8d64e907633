//! The headers that make a record an event of CloudEvents 1.0 (binary mode of its Kafka binding).
//!
//! Nothing in them depends on a clock or on chance: whoever reads the same page again gives its event the same id and
//! time, so that readers at `read_uncommitted`, or of copies in several topics, can tell a repeated event.

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::headers::{Form, Header, Stamp, header};
use crate::record::{Article, Duplicate, Hash128, Source};

/// Longest `kafka.group` with these headers: its percent-encoding is part of them.
pub(super) const MAX_GROUP: usize = 249;

/// Of a new article.
pub(super) fn article(article: &Article, form: &Form, stamp: &Stamp) -> Vec<Header> {
    let id = page(&article.source);
    event("newsmill.article.v1", id, article.id, article.fetched_at, form, stamp)
}

/// Of a story's own record: the page's event has the page's id, its stories' the page's and their own.
pub(super) fn story(story: &Article, form: &Form, stamp: &Stamp) -> Vec<Header> {
    let id = format!("{}/{}", page(&story.source), story.id);
    event("newsmill.story.v1", id, story.id, story.fetched_at, form, stamp)
}

/// Of a repeat.
pub(super) fn duplicate(duplicate: &Duplicate, form: &Form, stamp: &Stamp) -> Vec<Header> {
    let id = page(&duplicate.source);
    event("newsmill.duplicate.v1", id, duplicate.id, duplicate.fetched_at, form, stamp)
}

fn event(
    kind: &str,
    id: String,
    subject: Hash128,
    fetched_at: Option<Timestamp>,
    form: &Form,
    stamp: &Stamp,
) -> Vec<Header> {
    if !form.output.cloudevents {
        return Vec::new();
    }
    // A page that was put back is another event of the same page.
    let id = if stamp.attempt > 0 { format!("{id}/{}", stamp.attempt) } else { id };
    let mut headers = vec![
        header("ce_specversion", "1.0"),
        header("ce_type", kind),
        header("ce_source", &source(&form.group)),
        header("ce_id", &id),
        header("ce_subject", &subject.to_string()),
        // The binding's name for `datacontenttype`. A schema's id before the JSON is not part of it.
        header("content-type", "application/json"),
    ];
    let written = || Timestamp::from_millisecond(stamp.written_ms).ok().filter(|_| stamp.written_ms > 0);
    if let Some(time) = fetched_at.or_else(written) {
        headers.push(header("ce_time", &time.to_string()));
    }
    headers
}

/// Where the page was read: one event a page in what a group makes of a topic.
fn page(source: &Source) -> String {
    match source {
        Source::Kafka { topic, partition, offset } => format!("{topic}/{partition}/{offset}"),
        Source::File { input, line } => format!("{input}/{line}"),
    }
}

/// A URI for the group: two groups that read one topic are two sources.
fn source(group: &str) -> String {
    const RESERVED: &percent_encoding::AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    format!("newsmill:{}", utf8_percent_encode(group, RESERVED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_any_name_is_a_uri() {
        assert_eq!(source("news-mill.2"), "newsmill:news-mill.2");
        assert_eq!(source("Größe 1"), "newsmill:Gr%C3%B6%C3%9Fe%201");
    }
}
