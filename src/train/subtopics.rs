//! `newsmill train subtopics`: the labels of the IPTC vocabulary, by which sub-topics are found.
//!
//! From rows `{qcode, level, parent, top, retired, label: {language: text}}` (JSONL), as the vocabulary is published.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::eval::language_code;
use crate::stages::classify_topics::subtopics::{Labels, Subtopic, Vocabulary, key};
use crate::stages::classify_topics::topics::index_of;

/// Level of the topics that are given as sub-topics; labels below it count for them.
const LEVEL: u32 = 2;

#[derive(Deserialize)]
struct Row {
    qcode: String,
    level: u32,
    parent: String,
    top: String,
    #[serde(default)]
    retired: String,
    label: BTreeMap<String, String>,
}

/// Reads the vocabulary in `file`, writes its labels to `out` and a card beside it (`.md`), and returns how many there are.
///
/// # Errors
/// A file cannot be read or written, or has a row of another form.
pub fn train(file: &Path, out: &Path) -> Result<usize> {
    let mut rows = BTreeMap::new();
    for row in crate::eval::read::<Row>(file)? {
        let row = row?;
        if row.retired.is_empty() {
            rows.insert(row.qcode.clone(), row);
        }
    }
    let vocabulary = vocabulary(&rows)?;
    let count = vocabulary.languages.iter().map(|(_, labels)| labels.count()).sum();
    std::fs::write(out, vocabulary.write()).with_context(|| format!("cannot write {}", out.display()))?;
    let beside = out.with_extension("md");
    std::fs::write(&beside, card(&vocabulary))
        .with_context(|| format!("cannot write {}", beside.display()))?;
    Ok(count)
}

fn vocabulary(rows: &BTreeMap<String, Row>) -> Result<Vocabulary> {
    let mut subtopics = BTreeMap::new();
    for row in rows.values().filter(|row| row.level == LEVEL) {
        let number = row.qcode.strip_prefix("medtop:").and_then(|digits| digits.parse().ok());
        let (Some(code), Some(topic)) = (number, index_of(&row.top)) else {
            bail!("{} is not a code of IPTC Media Topics, or {} not one of its top", row.qcode, row.top);
        };
        subtopics.insert(row.qcode.as_str(), Subtopic { code, topic: topic as u8 });
    }
    if subtopics.is_empty() {
        bail!("no topics of level {LEVEL}: give the vocabulary of IPTC Media Topics");
    }
    let order: Vec<&str> = subtopics.keys().copied().collect();
    // A label that two sub-topics share tells nothing.
    let mut languages: BTreeMap<String, BTreeMap<u64, BTreeSet<u16>>> = BTreeMap::new();
    for row in rows.values() {
        let Some(subtopic) = ancestor(rows, row).and_then(|code| order.binary_search(&code).ok()) else {
            continue;
        };
        for (language, label) in &row.label {
            let language = language_code(language);
            // What is in brackets explains the label.
            let label = label.split('(').next().unwrap_or_default().trim();
            if let Some(key) = key(&language, label) {
                languages.entry(language).or_default().entry(key).or_default().insert(subtopic as u16);
            }
        }
    }
    let sole = |labels: BTreeMap<u64, BTreeSet<u16>>| {
        let sole = labels.into_iter().filter(|(_, of)| of.len() == 1);
        Labels::new(sole.filter_map(|(key, of)| Some((key, *of.first()?))).collect())
    };
    Ok(Vocabulary {
        languages: languages.into_iter().map(|(language, labels)| (language, sole(labels))).collect(),
        subtopics: subtopics.into_values().collect(),
    })
}

fn card(vocabulary: &Vocabulary) -> String {
    let languages: Vec<String> =
        vocabulary.languages.iter().map(|(code, labels)| format!("{code} ({})", labels.count())).collect();
    format!(
        "# Labels of sub-topics\n\nHashes of the labels by which {} sub-topics of IPTC Media Topics are found, those of the \
         vocabulary's second level; what is below counts for it. Made by `newsmill train subtopics`.\n\n\
         Source: IPTC Media Topics, CC BY 4.0. Retired topics, labels that two sub-topics share, labels of one word of \
         three letters or fewer and of more than four words are left out. Nothing was trained, and no text of the \
         vocabulary is in the file.\n\nLabels by language: {}.\n",
        vocabulary.subtopics.len(),
        languages.join(", "),
    )
}

/// The code of the level that counts, which a row is of or below.
fn ancestor<'a>(rows: &'a BTreeMap<String, Row>, row: &'a Row) -> Option<&'a str> {
    let mut row = row;
    while row.level > LEVEL {
        row = rows.get(&row.parent)?;
    }
    (row.level == LEVEL).then_some(row.qcode.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_count_for_the_second_level() {
        let dir = tempfile::tempdir().unwrap();
        let (file, out) = (dir.path().join("topics.jsonl"), dir.path().join("subtopics.bin"));
        let row = |qcode: &str, level: u32, parent: &str, retired: &str, label: &str| {
            serde_json::json!({"qcode": qcode, "level": level, "parent": parent, "top": "medtop:11000000",
                "retired": retired, "label": {"en-GB": label}})
            .to_string()
        };
        let rows = [
            row("medtop:11000000", 1, "", "", "politics"),
            row("medtop:20000574", 2, "medtop:11000000", "", "election"),
            row("medtop:20000578", 3, "medtop:20000574", "", "primary (voting)"),
            row("medtop:20000579", 3, "medtop:20000574", "2019", "ballot"),
            row("medtop:20000593", 2, "medtop:11000000", "", "government"),
            row("medtop:20000594", 3, "medtop:20000593", "", "election"),
        ];
        std::fs::write(&file, rows.join("\n")).unwrap();
        assert_eq!(train(&file, &out).unwrap(), 2);
        let vocabulary = Vocabulary::read(&std::fs::read(&out).unwrap()).unwrap();
        assert_eq!(vocabulary.subtopics.len(), 2);
        let (language, labels) = &vocabulary.languages[0];
        assert_eq!(language, "en");
        // `primary` is of level 3, `ballot` is retired, `election` is of two sub-topics.
        let of = |label: &str| key("en", label).and_then(|key| labels.get(key));
        assert_eq!(
            [of("primary"), of("ballot"), of("election"), of("government")],
            [Some(0), None, None, Some(1)]
        );
    }
}
