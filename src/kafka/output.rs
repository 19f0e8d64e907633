//! From outcomes to the records that are produced.
//!
//! Times of processing and the worker's version travel in [`headers`], so that the values are the same bytes
//! whoever makes them.

use super::headers::{self, Form, Stamp, header};
use super::routes::{Facts, Kind, Routes};
use super::settings::{Kinds, Route, Topics};
use crate::codec;
use crate::record::{Article, Duplicate, DuplicateKind, Outcome, RawRecord, Reject};

/// A record to produce.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// Place of its page in the batch.
    pub slot: u32,
    pub topic: String,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Vec<u8>)>,
    /// A route sends it to another topic than it goes to by default.
    pub routed: bool,
}

/// Room in a record for its headers, key and framing, in bytes.
pub(super) const OVERHEAD: usize = 4096;

/// What the records of outcomes are made by.
pub(super) struct Outputs {
    pub topics: Topics,
    pub kinds: Kinds,
    pub routes: Routes,
    pub form: Form,
    /// Largest record that is produced, in bytes.
    pub limit: usize,
}

/// A record without its topic, and what routes look at.
struct Draft<'a> {
    slot: u32,
    key: String,
    value: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
    facts: Facts<'a>,
    /// Its mark as a copy; `None` for the primary record of its outcome.
    copy: Option<&'static str>,
}

impl Outputs {
    /// The records of an outcome: its primary one, marked copies of a routed revision and of what several routes take,
    /// and marked ones of the stories of what goes to the articles. None for a dropped kind. With `without_value` a
    /// rejection leaves out the value.
    pub fn records(
        &mut self,
        slot: u32,
        outcome: &Outcome,
        raw: &RawRecord,
        stamp: &Stamp,
        without_value: bool,
    ) -> Vec<Record> {
        let mut out = Vec::new();
        match outcome {
            Outcome::Rejected(reject) => {
                let limit = if without_value { 0 } else { self.limit };
                return vec![rejected(slot, reject, raw, &self.topics, limit)];
            }
            Outcome::Article(article) => {
                let facts = facts(Kind::Article, true, article);
                let (key, headers) = (article.id.to_string(), headers::article(article, &self.form, stamp));
                let draft = Draft { slot, key, value: self.value(outcome), headers, facts, copy: None };
                let default = self.topics.articles.clone();
                self.route(draft, &default, &mut out);
            }
            Outcome::Duplicate(duplicate) => {
                let route = self.kinds.of(duplicate.kind);
                if route == Route::Drop {
                    return Vec::new();
                }
                self.duplicate(slot, outcome, duplicate, route, stamp, &mut out);
            }
        }
        for story in outcome.story_records() {
            let mut value = frame(self.form.output.schema_ids.story);
            // Writing to memory does not fail.
            let _infallible = codec::encode_story(story, &mut value);
            let headers = headers::story(story, &self.form, stamp);
            let facts = facts(Kind::Story, true, story);
            let draft = Draft { slot, key: story.id.to_string(), value, headers, facts, copy: Some("story") };
            let default = self.topics.articles.clone();
            self.route(draft, &default, &mut out);
        }
        out
    }

    fn duplicate(
        &mut self,
        slot: u32,
        outcome: &Outcome,
        duplicate: &Duplicate,
        route: Route,
        stamp: &Stamp,
        out: &mut Vec<Record>,
    ) {
        let host;
        let mut facts = match &duplicate.article {
            Some(article) => facts(duplicate.kind.into(), route == Route::Tag, article),
            None => {
                host = duplicate.url.as_deref().and_then(host_of);
                let (kind, to_articles) = (duplicate.kind.into(), route == Route::Tag);
                Facts { kind, to_articles, site: host.as_deref(), article: None }
            }
        };
        let (key, headers) = (duplicate.id.to_string(), headers::duplicate(duplicate, &self.form, stamp));
        let (value, mut default, mut copy) = (self.value(outcome), self.topics.articles.clone(), None);
        if route == Route::Route {
            if duplicate.kind == DuplicateKind::Revision {
                let topic = self.topics.duplicates.clone();
                let (key, headers) = (Some(key.clone().into_bytes()), headers.clone());
                out.push(Record { slot, topic, key, value: Some(value.clone()), headers, routed: false });
                // Routes take the copy alone.
                (copy, facts.to_articles) = (Some("revision"), true);
            } else {
                default.clone_from(&self.topics.duplicates);
            }
        }
        let draft = Draft { slot, key, value, headers, facts, copy };
        self.route(draft, &default, out);
    }

    /// The outcome's bytes.
    fn value(&self, outcome: &Outcome) -> Vec<u8> {
        let ids = &self.form.output.schema_ids;
        let mut value =
            frame(if matches!(outcome, Outcome::Article(_)) { ids.article } else { ids.duplicate });
        // Writing to memory does not fail.
        let _infallible = codec::encode(outcome, &mut value);
        value
    }

    /// Sends a record where the routes say, beside what `out` holds of its outcome already.
    fn route(&mut self, draft: Draft<'_>, default: &str, out: &mut Vec<Record>) {
        let Draft { slot, key, value, headers, facts, copy } = draft;
        let targets = self.routes.targets(&facts, default);
        // A story's record is another one than its page's.
        let written = if copy == Some("story") { out.len() } else { 0 };
        let mut parts = Some((key.into_bytes(), value, headers));
        let last = targets.len() - 1;
        for (i, topic) in targets.into_iter().enumerate() {
            if out[written..].iter().any(|record| record.topic == topic) {
                continue;
            }
            // Nearly always there is one, which takes all without a copy.
            let taken = if i == last { parts.take() } else { parts.clone() };
            let Some((key, value, mut headers)) = taken else { return };
            let copy = copy.or((i > 0).then_some("route"));
            headers.extend(copy.map(|copy| header("newsmill.copy", copy)));
            let routed = topic != default;
            out.push(Record { slot, topic, key: Some(key), value: Some(value), headers, routed });
        }
    }
}

fn facts(kind: Kind, to_articles: bool, article: &Article) -> Facts<'_> {
    Facts { kind, to_articles, site: article.site.as_deref(), article: Some(article) }
}

/// Host without `www.`, as the site of an article.
fn host_of(url: &str) -> Option<String> {
    let url = url::Url::parse(url.trim()).ok()?;
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

/// What goes before a value of the schema: Confluent's frame, or nothing without an id.
fn frame(schema_id: u32) -> Vec<u8> {
    match schema_id {
        0 => Vec::new(),
        id => [&[0], id.to_be_bytes().as_slice()].concat(),
    }
}

/// The untouched record with the reason beside it. One that is too large to be produced again loses its value,
/// and says so; key, headers and the offset that it was read at remain.
fn rejected(slot: u32, reject: &Reject, raw: &RawRecord, topics: &Topics, limit: usize) -> Record {
    let mut headers = headers::rejected(reject, raw);
    let size = raw.value.len()
        + raw.key.as_ref().map_or(0, Vec::len)
        + headers.iter().map(|(key, value)| key.len() + value.len() + 8).sum::<usize>();
    let value = if size + 512 <= limit {
        Some(raw.value.clone())
    } else {
        headers.push(header("newsmill.value_dropped_bytes", &raw.value.len().to_string()));
        None
    };
    Record { slot, topic: topics.rejected.clone(), key: raw.key.clone(), value, headers, routed: false }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kafka::cloudevents::MAX_GROUP;
    use crate::kafka::routes::{Match, Rule};
    use crate::kafka::settings::{Config, SchemaIds};
    use crate::pipeline::{Concluded, Output, Pipeline, Settings, Stories};
    use crate::record::Source;
    use crate::sightings::Verdict;

    /// Of a page whose record is of 2026-03-01T10:00:00Z.
    pub const STAMP: Stamp =
        Stamp { now_ms: 1, written_ms: 1_772_359_200_000, trace: Vec::new(), attempt: 0 };

    const PAGE: &str = "<h1>Lindmere votes to rebuild its pier after a winter of storms</h1><p>By Anna Moor</p>\
        <p>The town of Lindmere voted on Tuesday to rebuild its pier before the summer, after storms had carried it off.</p>\
        <p>Mayor Anna Holt said that work would begin in April and that the town would pay two million crowns for it.</p>\
        <div><h3>Engineer calls a stone wall cheaper in the end</h3><p>OSKAR BAY, March 2 (Reuters) - A wall of stone would \
        outlast three piers, an engineer who advises the ports of the coast said on Monday.</p></div>\
        <p>The owners of the two cafés on the pier have been promised their old places, with a roof that holds in a gale.</p>";

    /// What a page becomes as a new article, with its raw record.
    fn outcome(stories: Stories) -> (RawRecord, Outcome) {
        let pipeline = Pipeline::new(&Settings { output: Output { stories }, ..Settings::default() });
        let source = Source::Kafka { topic: "news.pages".into(), partition: 3, offset: 120 };
        let value =
            serde_json::to_vec(&serde_json::json!({"body": PAGE, "url": "https://a.example/pier"})).unwrap();
        let raw = RawRecord { source, key: None, value, headers: Vec::new() };
        let prepared = pipeline.prepare(&raw, |_| None);
        let id = prepared.sighting().unwrap().id;
        match pipeline.conclude(prepared, Some(&Verdict::New { id }), &[]) {
            Concluded::Outcome(outcome) => (raw, outcome),
            Concluded::PrepareAgain => panic!("a new article has its outcome"),
        }
    }

    /// Some article.
    pub fn article() -> Article {
        let (_, Outcome::Article(article)) = outcome(Stories::Inside) else { panic!("a new article") };
        *article
    }

    /// The text of a record's header.
    pub fn headers_of(record: &Record, name: &str) -> Option<String> {
        let (_, value) = record.headers.iter().find(|(key, _)| key == name)?;
        Some(String::from_utf8(value.clone()).unwrap())
    }

    fn outputs(rules: &[Rule], which: Match) -> Outputs {
        let topics = Topics::default();
        let vocabulary = Pipeline::new(&Settings::default()).vocabulary();
        let routes = Routes::new(rules, which, &topics, &vocabulary).unwrap();
        let form = Form::new(&Config::default());
        Outputs { topics, kinds: Kinds::default(), routes, form, limit: 1 << 20 }
    }

    #[test]
    fn a_story_is_a_marked_copy_beside_its_page() {
        let (raw, outcome) = outcome(Stories::Records);
        let records = outputs(&[], Match::First).records(7, &outcome, &raw, &STAMP, false);
        assert_eq!(records.len(), 2);
        let values: Vec<serde_json::Value> =
            records.iter().map(|r| serde_json::from_slice(r.value.as_ref().unwrap()).unwrap()).collect();
        let mark = |record: &Record| record.headers.iter().find(|(k, _)| k == "newsmill.copy").cloned();
        assert!(records.iter().all(|r| r.slot == 7 && r.topic == Topics::default().articles));
        assert_eq!((mark(&records[0]), mark(&records[1])), (None, Some(header("newsmill.copy", "story"))));
        assert_eq!((&values[0]["outcome"], &values[1]["outcome"]), (&"article".into(), &"story".into()));
        assert_eq!(values[1]["parent"], values[0]["id"]);
        assert_ne!(values[1]["id"], values[0]["id"]);
        assert_eq!(values[1]["text"], values[0]["stories"][0]["text"]);
        assert_eq!(values[1]["agency"], "Reuters");
        assert_eq!(values[1]["language"]["code"], "en");
        assert_eq!(values[1]["source"], values[0]["source"]);
    }

    #[test]
    fn stories_stay_inside_where_nothing_is_configured() {
        let (raw, outcome) = outcome(Stories::Inside);
        let records = outputs(&[], Match::First).records(7, &outcome, &raw, &STAMP, false);
        assert_eq!(records.len(), 1);
    }

    #[test]
    fn events_have_the_attributes_of_cloudevents() {
        let (raw, outcome) = outcome(Stories::Records);
        let mut outputs = outputs(&[], Match::First);
        outputs.form.output.cloudevents = true;
        let records = outputs.records(7, &outcome, &raw, &STAMP, false);
        for (record, kind) in records.iter().zip(["newsmill.article.v1", "newsmill.story.v1"]) {
            let key = str::from_utf8(record.key.as_ref().unwrap()).unwrap();
            let attributes = [
                ("ce_specversion", "1.0"),
                ("ce_type", kind),
                ("ce_source", "newsmill:newsmill"),
                ("ce_subject", key),
                // The page's message says no `fetched_at`: the time of its record stands in.
                ("ce_time", "2026-03-01T10:00:00Z"),
                ("content-type", "application/json"),
            ];
            for (name, wanted) in attributes {
                assert_eq!(headers_of(record, name).as_deref(), Some(wanted), "{name}");
            }
        }
        let ids: Vec<_> = records.iter().map(|record| headers_of(record, "ce_id").unwrap()).collect();
        let story = str::from_utf8(records[1].key.as_ref().unwrap()).unwrap();
        assert_eq!(ids, ["news.pages/3/120".to_owned(), format!("news.pages/3/120/{story}")]);
    }

    /// What is written with a frame, with or without CloudEvents' headers, is read as what it is.
    #[test]
    fn a_frame_goes_before_the_json_and_is_taken_off_again() {
        let (raw, outcome) = outcome(Stories::Records);
        let mut outputs = outputs(&[], Match::First);
        let plain = outputs.records(7, &outcome, &raw, &STAMP, false);
        for cloudevents in [false, true] {
            outputs.form.output.cloudevents = cloudevents;
            outputs.form.output.schema_ids = SchemaIds { article: 12, duplicate: 13, story: 0x0102_0304 };
            let framed = outputs.records(7, &outcome, &raw, &STAMP, false);
            for (i, prefix) in [[0, 0, 0, 0, 12], [0, 1, 2, 3, 4]].into_iter().enumerate() {
                let (plain, framed) = (plain[i].value.as_ref().unwrap(), framed[i].value.as_ref().unwrap());
                assert_eq!(*framed, [&prefix, plain.as_slice()].concat());
                assert_eq!(codec::unframed(framed), plain.as_slice());
            }
        }
    }

    /// What goes around a value fits in the room that is kept for it, however long the names.
    #[test]
    fn headers_fit_in_their_room() {
        let (_, outcome) = outcome(Stories::Records);
        let Outcome::Article(mut article) = outcome else { panic!("an article") };
        let topic = "x".repeat(249);
        let source = Source::Kafka { topic: topic.as_str().into(), partition: i32::MAX, offset: i64::MAX };
        article.source = source.clone();
        article.story_records[0].source = source;
        article.language.code = "x".repeat(16);
        let mut outputs = outputs(&[], Match::First);
        outputs.form.group = "ö".repeat(MAX_GROUP / 2);
        outputs.form.output.cloudevents = true;
        outputs.form.output.schema_ids = SchemaIds { article: 1, duplicate: 1, story: 1 };
        let plain = codec::encoded_len(&article);
        let outcome = Outcome::Article(article);
        let (raw, _) = self::outcome(Stories::Inside);
        let trace = vec![header("traceparent", &"x".repeat(128)), header("tracestate", &"x".repeat(512))];
        let stamp = Stamp { trace, ..STAMP };
        for record in outputs.records(0, &outcome, &raw, &stamp, false) {
            let headers: usize = record.headers.iter().map(|(key, value)| key.len() + value.len() + 10).sum();
            let size = record.value.unwrap().len() + record.key.unwrap().len() + headers;
            assert!(size + 512 <= plain + OVERHEAD, "{size} bytes, {plain} without headers");
        }
    }
}
