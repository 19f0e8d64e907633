use std::collections::BTreeSet;

use super::*;

/// Every object of a record is closed, every field described, and nothing is null.
#[test]
fn schemas_of_records_are_closed_and_described() {
    fn look(schema: &Value, at: &str, fields: &mut usize) {
        let Value::Object(map) = schema else { return };
        assert!(!schema["type"].to_string().contains("\"null\""), "{at} may be null");
        if let Some(Value::Object(properties)) = map.get("properties") {
            assert_eq!(schema["additionalProperties"], false, "{at} is open");
            for (name, field) in properties {
                *fields += 1;
                let said = field["description"].as_str().unwrap_or_default();
                assert!(!said.is_empty() && !said.contains("[`"), "{at}.{name}: {said:?}");
                look(field, &format!("{at}.{name}"), fields);
            }
        }
        for (name, inner) in map.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            look(inner, name, fields);
        }
        for list in ["oneOf", "anyOf"] {
            map.get(list).and_then(Value::as_array).into_iter().flatten().for_each(|s| look(s, at, fields));
        }
        look(&schema["items"], at, fields);
    }
    for name in [Name::Article, Name::Duplicate, Name::Story, Name::Rejected, Name::Config] {
        let mut fields = 0;
        look(&name.document(), name.as_str(), &mut fields);
        assert!(fields >= 8, "{} fields of {}", fields, name.as_str());
    }
}

/// A field is required where it is always written, and only there.
#[test]
fn what_may_be_left_out_is_not_required() {
    let required = |schema: &Value| -> BTreeSet<String> {
        let names = schema["required"].as_array().unwrap();
        names.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let set = |names: &str| names.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    let article = set("outcome schema id page_id language topics text word_count cluster source");
    assert_eq!(required(&Name::Article.document()), article);
    let story = article.union(&set("parent")).cloned().collect::<BTreeSet<_>>();
    assert_eq!(required(&Name::Story.document()), story);
    let duplicate = Name::Duplicate.document();
    let exact = set("outcome kind id page_id of cluster similarity source");
    assert_eq!(required(&duplicate["oneOf"][0]), exact);
    let whole = article.union(&set("kind of similarity")).cloned().collect::<BTreeSet<_>>();
    assert_eq!(required(&duplicate["oneOf"][1]), whole);
    let rejected = set("outcome page_id reason stage detail source body_base64");
    assert_eq!(required(&Name::Rejected.document()), rejected);
}

/// The schema of the configuration has the keys and the defaults of the configuration.
#[test]
fn the_configuration_s_schema_has_every_key() {
    fn look(schema: &Value, document: &Value, value: &toml::Value, at: &str) {
        let schema = match schema["$ref"].as_str() {
            Some(target) => &document["$defs"][target.trim_start_matches("#/$defs/")],
            None => schema,
        };
        let (Some(table), Some(properties)) = (value.as_table(), schema["properties"].as_object()) else {
            return;
        };
        let keys = |names: Vec<&String>| names.into_iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(properties.keys().collect()), keys(table.keys().collect()), "{at}");
        for (key, inner) in table {
            look(&properties[key], document, inner, &format!("{at}.{key}"));
        }
    }
    let document = Name::Config.document();
    let defaults = toml::Value::try_from(Config::default()).unwrap();
    look(&document, &document, &defaults, "");
    assert_eq!(document["properties"].as_object().unwrap().len(), defaults.as_table().unwrap().len());
    assert_eq!(document["properties"]["decode"]["default"]["max_body_bytes"], 8 << 20);
}
