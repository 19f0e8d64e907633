//! What newsmill reads and writes, said to other programs: JSON Schemas (draft 2020-12) of the records and of the
//! configuration, and an AsyncAPI description of the topics. `newsmill schema` prints them, `docs/schema` keeps them.
//!
//! The records' shapes come from the structs that are written, with their comments as descriptions. No field is let through
//! that is not in a schema, so a new one is noticed by the tests.

mod asyncapi;
mod page;

use serde_json::{Map, Value, json};

use crate::codec;
use crate::config::Config;
use crate::explain::Explanation;
use crate::record::Reason;

/// What there is a description of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// A page message.
    Page,
    /// A new article.
    Article,
    /// A repeat, of either shape.
    Duplicate,
    /// A story's own record.
    Story,
    /// A rejection on files.
    Rejected,
    /// What `newsmill explain --json` says.
    Explanation,
    /// The configuration.
    Config,
    /// The topics.
    Asyncapi,
}

impl Name {
    /// All, those of the records first.
    pub const ALL: [Self; 8] = [
        Self::Page,
        Self::Article,
        Self::Duplicate,
        Self::Story,
        Self::Rejected,
        Self::Explanation,
        Self::Config,
        Self::Asyncapi,
    ];

    /// Name on the command line, and of the file in `docs/schema`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Article => "article",
            Self::Duplicate => "duplicate",
            Self::Story => "story",
            Self::Rejected => "rejected",
            Self::Explanation => "explanation",
            Self::Config => "config",
            Self::Asyncapi => "asyncapi",
        }
    }

    /// What it describes.
    pub fn about(self) -> &'static str {
        match self {
            Self::Page => "A page message: a record of the topic of pages, or a line of JSONL, that goes in.",
            Self::Article => "A new article, as it is written to Kafka and to files.",
            Self::Duplicate => {
                "A page that repeats an article: an exact repeat, or a near one or a revision with the whole article."
            }
            Self::Story => {
                "The record of a story inside a page, written beside its page's with `output.stories = \"records\"`."
            }
            Self::Rejected => {
                "A page that did not become an article, as it is written to files. On Kafka it stays as it came, with headers."
            }
            Self::Explanation => "Why a page became what it did, as `newsmill explain --json` says it.",
            Self::Config => "The configuration of newsmill, as TOML is read.",
            Self::Asyncapi => "The topics of newsmill, their messages and headers (AsyncAPI 3).",
        }
    }

    /// The description, of which [`Name::text`] makes a file.
    pub fn document(self) -> Value {
        let shapes = codec::schemas;
        let schema = match self {
            Self::Asyncapi => return asyncapi::document(),
            Self::Page => page::schema(),
            Self::Article => article(shapes().article.to_value()),
            Self::Duplicate => duplicate(shapes()),
            Self::Story => story(shapes().article.to_value()),
            Self::Rejected => {
                let mut schema = tidy(shapes().rejected.to_value());
                schema["properties"]["outcome"]["const"] = "rejected".into();
                schema["properties"]["reason"]["enum"] = json!(Reason::ALL.map(Reason::as_str));
                schema
            }
            Self::Explanation => {
                let mut schema = tidy(schemars::schema_for!(Explanation).to_value());
                schema["properties"]["schema"]["const"] = Explanation::SCHEMA.into();
                schema
            }
            Self::Config => tidy(schemars::schema_for!(Config).to_value()),
        };
        self.finish(schema)
    }

    /// The description as the text of a file.
    pub fn text(self) -> String {
        format!("{:#}\n", self.document())
    }

    /// Puts what a schema says of itself at its head, and takes out what nothing in it refers to.
    fn finish(self, schema: Value) -> Value {
        let mut head = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": format!("urn:newsmill:schema:{}:1", self.as_str()),
            "title": format!("newsmill {}", self.as_str()),
            "description": self.about(),
        });
        let (Some(out), Value::Object(schema)) = (head.as_object_mut(), schema) else { return head };
        let own = out.clone();
        out.extend(schema.into_iter().filter(|(key, _)| !own.contains_key(key)));
        prune(out);
        head
    }
}

/// The schema of a new article: what only stories' records have is not in it.
fn article(shape: Value) -> Value {
    let mut schema = tidy(shape);
    without(&mut schema, &["parent", "repeats"]);
    schema["properties"]["outcome"]["const"] = "article".into();
    schema
}

fn story(shape: Value) -> Value {
    let mut schema = tidy(shape);
    without(
        &mut schema,
        &[
            "authors",
            "organizations",
            "stories",
            "extra",
            "modified_at",
            "image",
            "description",
            "paywalled",
            "truncated",
        ],
    );
    schema["properties"]["outcome"]["const"] = "story".into();
    schema["properties"]["id"]["description"] =
        "Derived from the page's canonical URL and the story's text; never that of an article.".into();
    if let Some(required) = schema["required"].as_array_mut() {
        required.push("parent".into());
    }
    schema
}

fn duplicate(shapes: codec::Schemas) -> Value {
    let mut definitions = Map::new();
    let mut one_of = Vec::new();
    for (shape, kinds) in
        [(shapes.duplicate, &["exact"][..]), (shapes.full_duplicate, &["near", "revision"][..])]
    {
        let mut schema = tidy(shape.to_value());
        without(&mut schema, &["parent", "repeats"]);
        schema["properties"]["outcome"]["const"] = "duplicate".into();
        let about = schema["properties"]["kind"]["description"].take();
        schema["properties"]["kind"] = json!({"type": "string", "enum": kinds, "description": about});
        if let Some(fields) = schema.as_object_mut() {
            fields.remove("$schema");
            fields.remove("title");
            if let Some(Value::Object(more)) = fields.remove("$defs") {
                definitions.extend(more);
            }
        }
        one_of.push(schema);
    }
    json!({"type": "object", "oneOf": one_of, "$defs": definitions})
}

/// Takes out properties that this record never has.
fn without(schema: &mut Value, names: &[&str]) {
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.retain(|name, _| !names.contains(&name.as_str()));
    }
}

/// A derived schema as it is published: nothing is null, no field is unknown, comments are one line each.
fn tidy(mut schema: Value) -> Value {
    walk(&mut schema);
    schema
}

fn walk(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    if let Some(Value::String(text)) = fields.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    // A field that is not known is left out.
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = &mut types[..] {
            let one = one.take();
            fields.insert("type".to_owned(), one);
        }
    }
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    // Widths of numbers are no formats of JSON Schema.
    if fields.get("type").is_some_and(|kind| kind == "integer" || kind == "number") {
        fields.remove("format");
    }
    for list in ["anyOf", "oneOf", "allOf"] {
        let Some(Value::Array(options)) = fields.get_mut(list) else { continue };
        options.retain(|option| option["type"] != "null");
        options.iter_mut().for_each(walk);
        if let [Value::Object(one)] = &mut options[..] {
            let one = std::mem::take(one);
            fields.remove(list);
            fields.extend(one);
        }
    }
    for map in ["properties", "$defs"] {
        if let Some(Value::Object(schemas)) = fields.get_mut(map) {
            schemas.values_mut().for_each(walk);
        }
    }
    for one in ["items", "additionalProperties"] {
        if let Some(inner) = fields.get_mut(one) {
            walk(inner);
        }
    }
    if fields.contains_key("properties") {
        fields.insert("additionalProperties".to_owned(), false.into());
    }
}

/// Takes out definitions that nothing refers to.
fn prune(schema: &mut Map<String, Value>) {
    loop {
        let text = Value::Object(schema.clone()).to_string();
        let Some(Value::Object(definitions)) = schema.get_mut("$defs") else { return };
        let before = definitions.len();
        definitions.retain(|name, _| text.contains(&format!("\"#/$defs/{name}\"")));
        if definitions.is_empty() {
            schema.remove("$defs");
            return;
        }
        if definitions.len() == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
