//! The topics, as AsyncAPI 3 describes them: messages with their headers, keys, and what goes which way.

use serde_json::{Map, Value, json};

use super::Name;
use crate::kafka::Topics;

/// A header: its name, whether every message of the kind has it, its schema and what it means.
type Header = (&'static str, bool, &'static str, &'static str);

const ATTEMPT: Header = (
    "newsmill.attempt",
    false,
    "number",
    "How often the page was put back by `newsmill replay`; first readings have none.",
);

/// Headers of articles, duplicates and stories.
const COMMON: [Header; 11] = [
    ("newsmill.outcome", true, "text", "`article`, `duplicate`, or `story` for the record of a story."),
    ("newsmill.version", true, "text", "Version of newsmill that wrote the record."),
    ("newsmill.processed_at_ms", true, "number", "When it was processed, in milliseconds since 1970."),
    ("newsmill.cluster", true, "id", "Id of the first article that told this text."),
    (
        "newsmill.copy",
        false,
        "text",
        "What the record is a copy for: `revision`, `route` or `story`; an outcome has none.",
    ),
    (
        "traceparent",
        false,
        "text",
        "W3C trace context of the page, or of newsmill's work on it where that is traced.",
    ),
    ("tracestate", false, "text", "What came with the page's `traceparent`."),
    ATTEMPT,
    ("ce_id", false, "text", "With `kafka.output.cloudevents`: topic, partition and offset of the page."),
    ("ce_type", false, "text", "With `kafka.output.cloudevents`: `newsmill.article.v1` and so on."),
    ("content-type", false, "text", "With `kafka.output.cloudevents`: `application/json`."),
];

/// Headers of what carries a whole article.
const LABELS: [Header; 2] = [
    ("newsmill.language", false, "text", "Code of the language."),
    ("newsmill.first_topic", false, "text", "Code of the best topic."),
];

const KIND: [Header; 1] = [("newsmill.kind", true, "text", "`exact`, `near` or `revision`.")];

const REJECTED: [Header; 10] = [
    ("newsmill.outcome", true, "text", "`rejected`."),
    ("newsmill.version", true, "text", "Version of newsmill that wrote the record."),
    ("newsmill.page_id", true, "text", "The producer's id, else one derived from where the page was read."),
    ("newsmill.reason", true, "text", "Why it did not become an article."),
    ("newsmill.stage", true, "text", "Stage that refused it."),
    ("newsmill.detail", false, "text", "What was wrong, in words."),
    ATTEMPT,
    ("newsmill.topic", true, "text", "Topic that the page was read from."),
    ("newsmill.partition", true, "number", "Its partition."),
    ("newsmill.offset", true, "number", "Its offset."),
];

const PAGE: [Header; 7] = [
    ("url", false, "text", "Of a raw body: address that it was fetched from."),
    ("content-type", false, "text", "Of a raw body: media type and charset."),
    ("content-encoding", false, "text", "Of a raw body: how it is compressed."),
    ("content-language", false, "text", "Of a raw body: language that its server names."),
    ("fetched-at", false, "text", "Of a raw body: when it was fetched, RFC 3339."),
    ("id", false, "text", "Of a raw body: the producer's id."),
    ("traceparent", false, "text", "W3C trace context; it is carried through to what becomes of the page."),
];

/// The document.
pub fn document() -> Value {
    let topics = Topics::default();
    let mut schemas = Map::new();
    for name in [Name::Page, Name::Article, Name::Duplicate, Name::Story] {
        embed(name, &mut schemas);
    }
    let channel = |address: &str, about: &str, messages: &[&str]| {
        let messages: Map<String, Value> = messages
            .iter()
            .map(|name| ((*name).to_owned(), json!({"$ref": format!("#/components/messages/{name}")})))
            .collect();
        json!({
            "address": address, "description": about, "messages": messages,
            "bindings": {"kafka": {"topic": address, "bindingVersion": "0.5.0"}}
        })
    };
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "newsmill",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Turns a stream of raw news pages into clean, de-duplicated, labelled articles. Outcomes are committed in \
                transactions: read them at read_committed. Topics have the names that they have by default; `kafka.topics` and \
                routes set others.",
            "license": {"name": "Apache-2.0"}
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{broker}", "protocol": "kafka", "description": "The cluster that `kafka.brokers` names.",
                "variables": {"broker": {"default": "127.0.0.1:9092", "description": "A broker to begin with, host:port."}}
            }
        },
        "channels": {
            "pages": channel(&topics.pages, "Raw pages come in here.", &["page"]),
            "articles": channel(
                &topics.articles,
                "New articles; copies of revisions, and the records of stories where they are asked for.",
                &["article", "duplicate", "story"],
            ),
            "duplicates": channel(&topics.duplicates, "Pages that repeat an article.", &["duplicate"]),
            "rejected": channel(&topics.rejected, "Pages that did not become articles, as they came.", &["rejected"]),
            "sightings": channel(
                &topics.sightings,
                "What the workers saw and how it was judged: one partition, written and read by newsmill alone.",
                &["sighting"],
            ),
        },
        "operations": {
            "readPages": operation("receive", "pages", "Reads pages as a consumer group."),
            "writeArticles": operation("send", "articles", "Writes new articles."),
            "writeDuplicates": operation("send", "duplicates", "Writes repeats."),
            "writeRejected": operation("send", "rejected", "Puts pages aside that did not become articles."),
            "writeSightings": operation("send", "sightings", "Says what was seen, before its outcome is written."),
            "readSightings": operation("receive", "sightings", "Follows what all workers saw."),
        },
        "components": {
            "messages": {
                "page": {
                    "title": "Page",
                    "summary": "A page message; or the raw body as the value, and the rest in headers.",
                    "headers": headers(&[&PAGE]),
                    "payload": reference("page"),
                    "bindings": key(json!({"type": "string", "description": "Of the producer's choice."})),
                },
                "article": message("article", &[&COMMON, &LABELS]),
                "duplicate": message("duplicate", &[&COMMON, &KIND, &LABELS]),
                "story": message("story", &[&COMMON, &LABELS]),
                "rejected": {
                    "title": "Rejected page",
                    "summary": "The untouched record of the page, with what was wrong in headers. Its value is whatever came in.",
                    "contentType": "application/octet-stream",
                    "headers": headers(&[&REJECTED]),
                    "payload": {"type": "string", "format": "binary", "description": "The value as it was read."},
                    "bindings": key(json!({"type": "string", "description": "As it was read."})),
                },
                "sighting": {
                    "title": "Entry of the sightings log",
                    "summary": "Binary, for newsmill alone; the form changes with versions.",
                    "contentType": "application/octet-stream",
                    "payload": {"type": "string", "format": "binary"},
                },
            },
            "schemas": schemas,
        }
    })
}

fn operation(action: &str, channel: &str, about: &str) -> Value {
    json!({"action": action, "channel": {"$ref": format!("#/channels/{channel}")}, "summary": about})
}

fn message(name: &str, lists: &[&[Header]]) -> Value {
    let title: String =
        name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect();
    json!({
        "title": title,
        "headers": headers(lists),
        "payload": reference(name),
        "bindings": key(json!({"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "The record's `id`."})),
    })
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn key(schema: Value) -> Value {
    json!({"kafka": {"key": schema, "bindingVersion": "0.5.0"}})
}

fn headers(lists: &[&[Header]]) -> Value {
    let all = || lists.iter().copied().flatten();
    let properties: Map<String, Value> = all()
        .map(|(name, _, form, about)| {
            let mut schema = json!({"type": "string", "description": about});
            match *form {
                "number" => schema["pattern"] = "^[0-9]+$".into(),
                "id" => schema["pattern"] = "^[0-9a-f]{32}$".into(),
                _ => {}
            }
            ((*name).to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = all().filter(|header| header.1).map(|header| header.0).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// Puts a record's schema, and what it refers to, among the document's.
fn embed(name: Name, schemas: &mut Map<String, Value>) {
    let mut schema = name.document();
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("$schema");
        fields.remove("$id");
    }
    refer(&mut schema);
    if let Some(Value::Object(definitions)) = schema.as_object_mut().and_then(|fields| fields.remove("$defs"))
    {
        schemas.extend(definitions);
    }
    schemas.insert(name.as_str().to_owned(), schema);
}

/// Has references lead to the document's schemas.
fn refer(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                match inner {
                    Value::String(target) if key == "$ref" => {
                        *target = target.replace("#/$defs/", "#/components/schemas/");
                    }
                    inner => refer(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(refer),
        _ => {}
    }
}
