//! The columns of an exported topic: one wide table for every kind of record, so that one query reads any topic.
//!
//! Names and nesting are those of the JSON records. Two things differ, because columns have types: a date that may come
//! with or without a time of day (`published_at`, `modified_at`) is a day column (`published_on`) and a time column, of which
//! the latter holds only what states a time and a zone; and `source` is flat.

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// UTF-8.
    Text,
    /// UTF-8 that is JSON.
    Json,
    /// A double.
    Double,
    /// 32 bits.
    Int,
    /// 64 bits.
    Long,
    /// True or false.
    Bool,
    /// Days since 1970; of a text the day that it begins with.
    Date,
    /// Microseconds since 1970 in UTC; of a text with date, time and zone, or of a number of milliseconds.
    Timestamp,
    /// Bytes; in JSON base64.
    Bytes,
    /// Named parts.
    Struct(&'static [Field]),
    /// Values of one kind.
    List(&'static Kind),
}

/// A column, or a part of one.
#[derive(Debug)]
pub(super) struct Field {
    /// Name of the column.
    pub name: &'static str,
    /// Where the value is in the JSON: keys with dots.
    pub from: &'static str,
    pub kind: Kind,
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, from: name, kind }
}

const fn from(name: &'static str, from: &'static str, kind: Kind) -> Field {
    Field { name, from, kind }
}

use Kind::{Bool, Bytes, Date, Double, Int, Json, List, Long, Struct, Text, Timestamp};

const DATELINE: Kind = Struct(&[field("place", Text), field("date", Date)]);

const LANGUAGE: Kind = Struct(&[
    field("code", Text),
    field("confidence", Double),
    field("script", Text),
    field("alternatives", List(&Struct(&[field("code", Text), field("confidence", Double)]))),
    field("second", Struct(&[field("code", Text), field("share", Double)])),
]);

const TOPICS: Kind = List(&Struct(&[
    field("code", Text),
    field("name", Text),
    field("score", Double),
    field("subtopics", List(&Struct(&[field("code", Text), field("path", Text)]))),
]));

const REPEATS: Kind =
    Struct(&[field("kind", Text), field("of", Text), field("similarity", Double), field("contained", Text)]);

const STORIES: Kind = List(&Struct(&[
    field("title", Text),
    field("agency", Text),
    field("dateline", DATELINE),
    // Often a time of day without a zone.
    field("published_at", Text),
    field("text", Text),
    field("repeats", REPEATS),
]));

/// Where the row keeps what is known of the Kafka record, beside the fields of its JSON.
pub(in crate::codec) const RECORD: &str = "kafka";

/// Every column.
pub(super) const COLUMNS: &[Field] = &[
    field("outcome", Text),
    field("kind", Text),
    from("copy", "kafka.copy", Text),
    field("schema", Text),
    field("id", Text),
    field("page_id", Text),
    field("url", Text),
    field("canonical_url", Text),
    field("site", Text),
    field("fetched_at", Timestamp),
    from("published_on", "published_at", Date),
    field("published_at", Timestamp),
    from("modified_on", "modified_at", Date),
    field("modified_at", Timestamp),
    field("title", Text),
    field("section", Text),
    field("authors", List(&Text)),
    field("organizations", List(&Text)),
    field("agency", Text),
    field("dateline", DATELINE),
    field("image", Text),
    field("description", Text),
    field("paywalled", Bool),
    field("language", LANGUAGE),
    field("topics", TOPICS),
    field("text", Text),
    field("truncated", Bool),
    field("word_count", Int),
    field("stories", STORIES),
    field("cluster", Text),
    field("of", Text),
    field("similarity", Double),
    field("contained", Text),
    field("parent", Text),
    field("repeats", REPEATS),
    field("reason", Text),
    field("stage", Text),
    field("detail", Text),
    field("content_type", Text),
    field("content_encoding", Text),
    from("body", "body_base64", Bytes),
    field("extra", Json),
    from("source_topic", "source.topic", Text),
    from("source_partition", "source.partition", Int),
    from("source_offset", "source.offset", Long),
    from("source_input", "source.input", Text),
    from("source_line", "source.line", Long),
    from("processed_at", "kafka.processed_at_ms", Timestamp),
    from("newsmill_version", "kafka.version", Text),
    from("kafka_topic", "kafka.topic", Text),
    from("kafka_partition", "kafka.partition", Int),
    from("kafka_offset", "kafka.offset", Long),
    from("kafka_timestamp", "kafka.timestamp_ms", Timestamp),
    from("kafka_key", "kafka.key", Text),
];
