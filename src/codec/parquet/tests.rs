use std::fs::File;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Row;
use serde_json::json;

use super::*;

fn read(writer: ParquetWriter<File>) -> SerializedFileReader<File> {
    SerializedFileReader::new(writer.finish().unwrap()).unwrap()
}

/// Rows written in groups of two and read back with the library's own reader of records.
fn round_trip(rows: &[Value]) -> (Vec<Row>, usize) {
    let mut writer = ParquetWriter::with_groups(tempfile::tempfile().unwrap(), 2, 1 << 20).unwrap();
    for row in rows {
        writer.write(row).unwrap();
    }
    let reader = read(writer);
    let groups = reader.num_row_groups();
    (reader.get_row_iter(None).unwrap().map(Result::unwrap).collect(), groups)
}

/// Columns of a row that are not null.
fn filled(row: &Row) -> Vec<String> {
    let columns = row.get_column_iter();
    columns
        .filter(|(_, value)| **value != parquet::record::Field::Null)
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

#[test]
fn nested_rows_come_back() {
    let rows = [
        json!({"outcome": "article", "authors": ["Ida Moen", "Anna Holt"], "topics": [
            {"code": "a", "score": 0.5, "subtopics": [{"code": "b", "path": "a/b"}, {"code": "c", "path": "a/c"}]},
            {"code": "d", "score": 0.25}], "language": {"code": "en", "alternatives": [{"code": "de", "confidence": 0.5}]},
            "published_at": "2020-06-11", "word_count": 612, "paywalled": false}),
        json!({"outcome": "article", "authors": [], "topics": [{"code": "e"}], "published_at": "2020-06-11T12:00:00+02:00",
            "dateline": {"place": "Skarn"}, "source": {"topic": "pages", "partition": 3, "offset": 120}}),
        json!({}),
    ];
    let (read, groups) = round_trip(&rows);
    assert_eq!((read.len(), groups), (3, 2));
    let first = filled(&read[0]).join("; ");
    assert!(first.contains("authors=[\"Ida Moen\", \"Anna Holt\"]"), "{first}");
    assert!(
        first.contains("subtopics: [{code: \"b\", path: \"a/b\"}, {code: \"c\", path: \"a/c\"}]"),
        "{first}"
    );
    assert!(first.contains("code: \"d\", name: null, score: 0.25, subtopics: null"), "{first}");
    assert!(first.contains("published_on=2020-06-11"), "{first}");
    assert!(!first.contains("published_at="), "a day is no moment: {first}");
    assert!(first.contains("alternatives: [{code: \"de\", confidence: 0.5}], second: null"), "{first}");
    let second = filled(&read[1]).join("; ");
    assert!(second.contains("authors=[]"), "{second}");
    assert!(second.contains("published_at=2020-06-11 10:00:00"), "{second}");
    assert!(second.contains("dateline={place: \"Skarn\", date: null}"), "{second}");
    assert!(second.contains("source_partition=3; source_offset=120"), "{second}");
    assert_eq!(filled(&read[2]), Vec::<String>::new());
}

#[test]
fn a_group_ends_at_its_bytes_too() {
    let mut writer = ParquetWriter::with_groups(tempfile::tempfile().unwrap(), 1000, 5000).unwrap();
    for _ in 0..10 {
        writer.write(&json!({"text": "x".repeat(2000)})).unwrap();
        assert!(writer.columns.bytes < 5000, "{}", writer.columns.bytes);
    }
    let reader = read(writer);
    assert!((4..=5).contains(&reader.num_row_groups()), "{}", reader.num_row_groups());
}

#[test]
fn what_has_another_type_is_missing() {
    let (read, _) =
        round_trip(&[json!({"outcome": 3, "word_count": "many", "authors": "one", "language": "en"})]);
    assert_eq!(filled(&read[0]), Vec::<String>::new());
}
