//! Properties that are passed on to the Kafka client, whose values may be secret.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use rdkafka::error::KafkaError;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands for a secret.
pub const MASK: &str = "********";

/// Words that name what is no secret. A property without any of them is masked, so that one that nobody here has heard of
/// is never shown.
const OPEN: [&str; 15] = [
    "mechanism",
    "protocol",
    "username",
    "location",
    "algorithm",
    "cipher",
    "curves",
    "providers",
    ".ms",
    "bytes",
    "debug",
    "enable",
    "client.rack",
    "method",
    "verification",
];

/// Whether the value of a property may be shown.
fn is_open(key: &str) -> bool {
    OPEN.iter().any(|word| key.contains(word))
}

/// Properties by name. Written out, or shown in any other way, the values are masked that may be secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Properties(BTreeMap<String, String>);

impl Properties {
    /// Names and values, as the client takes them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Sets a property.
    pub fn insert(&mut self, key: &str, value: &str) {
        self.0.insert(key.to_owned(), value.to_owned());
    }

    /// Whether the property is set.
    pub fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    fn shown(&self) -> BTreeMap<&str, String> {
        self.iter()
            .map(|(key, value)| (key, if is_open(key) { bare(value) } else { MASK.to_owned() }))
            .collect()
    }
}

impl JsonSchema for Properties {
    fn schema_name() -> Cow<'static, str> {
        "Properties".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}})
    }
}

/// A value as it may be written: the client takes all of them as text.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a property takes a text, a number, or true or false")]
enum Written {
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = |value| match value {
            Written::Flag(flag) => flag.to_string(),
            Written::Whole(number) => number.to_string(),
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        };
        let written = BTreeMap::<String, Written>::deserialize(deserializer)?;
        Ok(Self(written.into_iter().map(|(key, value)| (key, text(value))).collect()))
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().fmt(f)
    }
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown().serialize(serializer)
    }
}

/// A list of addresses without the names and passwords that may stand before an `@`.
pub fn bare(addresses: &str) -> String {
    let one = |address: &str| {
        let scheme = address.find("://").map_or(0, |at| at + 3);
        match address[scheme..].rfind('@') {
            Some(at) => format!("{}{MASK}{}", &address[..scheme], &address[scheme + at..]),
            None => address.to_owned(),
        }
    };
    addresses.split(',').map(one).collect::<Vec<_>>().join(",")
}

/// Reads the properties whose values stand in files, by name of the property: a line end at the end is not part of them.
///
/// # Errors
/// Those that cannot be read or are empty, each with what to do.
pub fn read_files(files: &BTreeMap<String, String>) -> Result<Vec<(&str, String)>, Vec<String>> {
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for (key, path) in files {
        match std::fs::read_to_string(path) {
            Ok(text) if text.trim_end_matches(['\r', '\n']).is_empty() => {
                problems.push(format!("`{key}`: {path} is empty: write the value into it"));
            }
            Ok(text) => read.push((key.as_str(), text.trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) => {
                problems.push(format!(
                    "`{key}`: cannot read {path}: {error}; name a file that this user may read"
                ));
            }
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(problems) }
}

/// What the client says of properties that it does not take, without their value.
pub fn refusal(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, said, key, value) => {
            let said = if value.is_empty() || is_open(key) {
                said.clone()
            } else {
                said.replace(value.as_str(), MASK)
            };
            format!("the client does not take the property {key}: {said}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_never_shown() {
        let mut properties = Properties::default();
        for (key, value) in [
            ("sasl.password", "canary"),
            ("ssl.key.password", "canary"),
            ("ssl.key.pem", "canary"),
            ("sasl.oauthbearer.client.secret", "canary"),
            ("something.new", "canary"),
            ("ssl.ca.location", "https://me:canary@host/ca.pem"),
            ("sasl.username", "newsmill"),
            ("ssl.key.location", "/etc/key.pem"),
        ] {
            properties.insert(key, value);
        }
        for shown in [format!("{properties:?}"), serde_json::to_string(&properties).unwrap()] {
            assert!(!shown.contains("canary"), "{shown}");
            assert!(shown.contains("newsmill") && shown.contains("/etc/key.pem"), "{shown}");
        }
        assert_eq!(properties.iter().filter(|(_, value)| value.contains("canary")).count(), 6);
    }

    #[test]
    fn values_may_be_written_as_numbers() {
        let written = r#"{"linger.ms": 5, "socket.keepalive.enable": false, "sasl.password": "x"}"#;
        let read: Properties = serde_json::from_str(written).unwrap();
        let values: Vec<_> = read.iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["5", "x", "false"]);
        let error = serde_json::from_str::<Properties>(r#"{"sasl.password": ["canary"]}"#).unwrap_err();
        assert!(!error.to_string().contains("canary"), "{error}");
    }

    #[test]
    fn addresses_lose_their_passwords() {
        assert_eq!(bare("a:9092,SASL_SSL://me:p@ss@b:9092"), format!("a:9092,SASL_SSL://{MASK}@b:9092"));
        assert_eq!(bare("me:secret@c:1"), format!("{MASK}@c:1"));
    }

    #[test]
    fn a_refused_property_is_named_without_its_value() {
        let refused = |key: &str, value: &str| {
            let mut config = rdkafka::ClientConfig::new();
            config.set(key, value);
            let error = config.create::<rdkafka::consumer::BaseConsumer>().map(|_| ()).unwrap_err();
            refusal(&error)
        };
        let said = refused("sasl.passwrd", "canary");
        assert!(said.contains("sasl.passwrd") && !said.contains("canary"), "{said}");
        let said = refused("socket.timeout.ms", "soon");
        assert!(said.contains("socket.timeout.ms"), "{said}");
    }

    #[test]
    fn files_hold_values() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let mut files = BTreeMap::from([("sasl.password".to_owned(), file("a", " canary\r\n"))]);
        assert_eq!(read_files(&files).unwrap(), [("sasl.password", " canary".to_owned())]);
        files.insert("ssl.key.password".into(), file("b", "\n"));
        files.insert("ssl.key.pem".into(), "/not/there".into());
        let problems = read_files(&files).unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[1].contains("/not/there") && problems[0].contains("is empty"), "{problems:?}");
    }
}
