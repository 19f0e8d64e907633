use super::*;

fn problems(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Config::from_parts(text, variables).err().unwrap_or_default()
}

#[test]
fn every_problem_at_once() {
    let found = problems(
        "[decode]\nmax_body_byte = 5\nmax_body_bytes = \"big\"\n[dedup]\nx = 1\n",
        &[("NEWSMILL_DECODE_MAX_BODY_BYTS", "1"), ("NEWSMILL_DEDUPLICATE_WINDOW_DAYS", "many")],
    );
    assert_eq!(
        found,
        [
            "decode.max_body_byte is no known key; did you mean max_body_bytes?",
            "decode.max_body_bytes is of type string, but takes integer",
            "dedup is no known section; did you mean deduplicate?",
            "the variable NEWSMILL_DECODE_MAX_BODY_BYTS names no key; did you mean NEWSMILL_DECODE_MAX_BODY_BYTES?",
            "NEWSMILL_DEDUPLICATE_WINDOW_DAYS = \"many\" is no integer",
        ]
    );
}

/// A value of a wrong type or a choice that there is not hides nothing of the rest.
#[test]
fn types_choices_and_values_at_once() {
    let found = problems(
        "[deduplicate]\nwindow_days = \"x\"\n[kafka]\ndelivery = \"twice\"\n[classify_topics]\nmin_score = 3\n\
         [[route]]\ntopic = \"a\"\nsite = 1\n[service]\nlisten = \"9600\"\n",
        &[("NEWSMILL_DECODE_MAX_BODY_BYTES", "10")],
    );
    let starts = [
        "deduplicate.window_days is of type string",
        "kafka: unknown variant `twice`",
        "route 1: unknown field `site`",
        "decode.max_body_bytes is below 1024",
        "classify_topics.min_score 3 is not",
        "service.listen `9600` is no address",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (problem, start) in found.iter().zip(starts) {
        assert!(problem.starts_with(start), "{problem}");
    }
}

#[test]
fn the_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine.toml");
    std::fs::write(&path, "[decode]\nmax_body_bytes = 10\n").unwrap();
    let said = Config::load(Some(&path), std::iter::empty()).err().unwrap().to_string();
    assert!(
        said.starts_with(&format!("1 problem in the configuration ({}, and variables):", path.display())),
        "{said}"
    );
}

#[test]
fn values_are_checked() {
    assert_eq!(
        problems("[decode]\nmax_body_bytes = 10\n", &[]),
        ["decode.max_body_bytes is below 1024: no page fits; raise it"]
    );
    assert!(problems("[decode]\nmax_body_bytes = -10\n", &[])[0].starts_with("decode: "));
    assert!(problems("[decode\n", &[])[0].contains("TOML parse error at line 1"));
}

#[test]
fn variables_win_over_the_file() {
    let variable = ("NEWSMILL_DECODE_MAX_BODY_BYTES".to_owned(), "4096".to_owned());
    let config = Config::from_parts("[decode]\nmax_body_bytes = 2048\n", [variable].into_iter()).unwrap();
    assert_eq!(config.decode.max_body_bytes, 4096);
}

#[test]
fn variables_are_unambiguous() {
    let paths = load::leaves(&load::defaults::<Config>().unwrap());
    let mut names: Vec<String> = paths.iter().map(|path| load::variable(path)).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), paths.len(), "two keys share a variable");
}

/// `config/newsmill.toml` shows every key with its default, each with a comment above it, and nothing else.
#[test]
fn the_shipped_file_shows_every_default() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/newsmill.toml")).unwrap();
    let written: toml::Table = text.parse().unwrap();
    let mut defaults = load::defaults::<Config>().unwrap();
    // Entries of which there are none by default: the file shows one as an example.
    assert!(defaults.remove("route").is_some());
    for path in load::leaves(&defaults) {
        let at = |table: &toml::Table| {
            let mut keys = path.split('.');
            let first = table.get(keys.next()?)?.clone();
            keys.try_fold(first, |value, key| value.get(key).cloned())
        };
        assert_eq!(at(&written), at(&defaults), "{path}: left the file, right the default");
    }
    assert_eq!(
        load::leaves(&written).len(),
        load::leaves(&defaults).len(),
        "the file has keys that do not exist"
    );
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        let is_key = pair[1].contains(" = ") && !pair[1].starts_with('#');
        assert!(!is_key || pair[0].starts_with('#'), "no comment above {}", pair[1]);
    }
}

/// The example of a route in the shipped file is one, and has every key.
#[test]
fn the_shipped_route_is_one() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/newsmill.toml")).unwrap();
    let at = text.find("# [[route]]").unwrap();
    let example: Vec<_> = text[at..].lines().map(|line| line.strip_prefix("# ").unwrap()).collect();
    let config = Config::from_parts(&example.join("\n"), std::iter::empty()).unwrap();
    let shown = serde_json::to_value(&config.route[0]).unwrap();
    assert_eq!(shown.as_object().unwrap().len(), 8, "{shown}");
    assert_eq!(config.kafka.rules, config.route);
}

#[test]
fn every_problem_of_every_route_at_once() {
    let found = problems(
        "[[route]]\ntopic = 5\n[[route]]\ntopic = \"a\"\n[[route]]\ntopic = \"a\"\nlang = [\"de\"]\n",
        &[],
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("route 1: invalid type: integer `5`"), "{found:?}");
    assert!(
        found[1].starts_with("route 3: unknown field `lang`, expected one of `topic`, `languages`"),
        "{found:?}"
    );
    assert_eq!(
        problems("[[route]]\ntopic = \"\"\n", &[]),
        ["route 1: topic is empty: name the topic that the records go to"]
    );
}

/// What `/config` shows, and what is said of a file that cannot be read, holds no secret.
#[test]
fn secrets_are_not_shown() {
    let text = r#"
        kafka.brokers = "SASL_SSL://me:canary@broker:9092"
        [kafka.properties]
        "sasl.password" = "canary"
        "ssl.key.password" = "canary"
        "sasl.mechanisms" = "PLAIN"
    "#;
    let variable = ("NEWSMILL_KAFKA_PROPERTIES_SSL_KEYSTORE_PASSWORD".to_owned(), "canary".to_owned());
    let config = Config::from_parts(text, [variable].into_iter()).unwrap();
    let properties: Vec<_> = config.kafka.properties.iter().collect();
    assert!(properties.contains(&("ssl.keystore.password", "canary")), "by variable");
    let shown = config.shown().to_string();
    assert!(!shown.contains("canary") && !format!("{config:?}").contains("\"canary"), "{shown}");
    assert!(shown.contains("PLAIN") && shown.contains("@broker:9092"), "{shown}");
    for text in [
        "[kafka.properties]\n\"sasl.password\" = \"canary\n",
        "kafka.properties = { \"sasl.password\" = [\"canary\"] }",
    ] {
        let found = problems(text, &[]);
        assert!(!found.is_empty() && !found.iter().any(|problem| problem.contains("canary")), "{found:?}");
    }
}

#[test]
fn a_variable_adds_to_a_table_that_takes_any_key() {
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    std::fs::write(&file, "secret").unwrap();
    let path = file.to_str().unwrap();
    let variables = [
        variable("NEWSMILL_KAFKA_PROPERTIES_SASL_USERNAME", "newsmill"),
        variable("NEWSMILL_KAFKA_PROPERTIES_FILES_SASL_PASSWORD", path),
    ];
    let text = "[kafka.properties]\n\"sasl.username\" = \"other\"\n\"sasl.mechanisms\" = \"PLAIN\"";
    let config = Config::from_parts(text, variables.into_iter()).unwrap();
    let properties: Vec<_> = config.kafka.properties.iter().collect();
    assert_eq!(properties, [("sasl.mechanisms", "PLAIN"), ("sasl.username", "newsmill")]);
    assert_eq!(config.kafka.properties_files.get("sasl.password").map(String::as_str), Some(path));
}
