//! The schema of a page message: what is read of it, whoever wrote it.

use serde_json::{Value, json};

/// The schema. Fields that it does not name are allowed, as they are when a message is read.
pub fn schema() -> Value {
    let base64 = "^[A-Za-z0-9+/]*={0,2}$";
    json!({
        "type": "object",
        "properties": {
            "url": {"type": ["string", "null"], "maxLength": 8192, "description": "Address that the page was fetched from."},
            "body": {"type": ["string", "null"], "description": "The page as text, HTML or plain."},
            "body_base64": {
                "type": ["string", "null"], "pattern": base64, "contentEncoding": "base64",
                "description": "Instead of `body`: its raw bytes, possibly compressed, in any charset."
            },
            "content_type": {
                "type": ["string", "null"],
                "description": "Media type and charset, as HTTP gives them; without it the body is looked at."
            },
            "content_encoding": {
                "type": ["string", "null"],
                "description": "`gzip`, `deflate`, `br`, `zstd`, or several of them, separated by commas."
            },
            "fetched_at": {
                "type": ["string", "number", "null"],
                "description": "When it was fetched: RFC 3339, or seconds or milliseconds since 1970."
            },
            "id": {
                "type": ["string", "number", "null"], "maxLength": 512,
                "description": "The producer's id of the page; comes back as `page_id`."
            },
            "headers": {
                "type": "object",
                "description": "HTTP response headers, by names that compare without case; of a list of values the last one counts."
            }
        },
        "oneOf": [
            {"required": ["body"], "properties": {"body": {"type": "string"}, "body_base64": {"type": "null"}}},
            {"required": ["body_base64"], "properties": {"body_base64": {"type": "string"}, "body": {"type": "null"}}}
        ]
    })
}
