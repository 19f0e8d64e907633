//! Takes rows apart into columns, by the levels of Dremel's paper: a repetition level says at which list a value goes on, a
//! definition level how much of its path is there.

use base64::Engine;
use jiff::Timestamp;
use jiff::civil::Date;
use parquet::data_type::ByteArray;
use serde_json::Value;

use super::schema::{COLUMNS, Field, Kind};

/// Values of one leaf.
#[derive(Debug)]
pub(super) enum Values {
    Bools(Vec<bool>),
    Ints(Vec<i32>),
    Longs(Vec<i64>),
    Doubles(Vec<f64>),
    Bytes(Vec<ByteArray>),
}

/// One leaf of the tree of columns, for the rows of a group.
#[derive(Debug)]
pub(super) struct Leaf {
    pub values: Values,
    pub definition: Vec<i16>,
    pub repetition: Vec<i16>,
}

impl Leaf {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Bool => Values::Bools(Vec::new()),
            Kind::Int | Kind::Date => Values::Ints(Vec::new()),
            Kind::Long | Kind::Timestamp => Values::Longs(Vec::new()),
            Kind::Double => Values::Doubles(Vec::new()),
            Kind::Text | Kind::Json | Kind::Bytes | Kind::Struct(_) | Kind::List(_) => {
                Values::Bytes(Vec::new())
            }
        };
        Self { values, definition: Vec::new(), repetition: Vec::new() }
    }

    fn mark(&mut self, at: Levels) {
        self.definition.push(at.definition);
        self.repetition.push(at.repetition);
    }
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Levels {
    /// Of the value that is written.
    repetition: i16,
    /// Of the innermost list around it.
    list: i16,
    definition: i16,
}

/// The rows of a group, by leaf.
#[derive(Debug)]
pub(super) struct Columns {
    pub leaves: Vec<Leaf>,
    pub rows: usize,
    /// Bytes of texts, and eight for each other value.
    pub bytes: usize,
}

/// Leaves of a kind.
fn leaves_of(kind: Kind, out: &mut Vec<Leaf>) {
    match kind {
        Kind::Struct(fields) => fields.iter().for_each(|field| leaves_of(field.kind, out)),
        Kind::List(of) => leaves_of(*of, out),
        leaf => out.push(Leaf::new(leaf)),
    }
}

impl Columns {
    pub fn new() -> Self {
        let mut leaves = Vec::new();
        COLUMNS.iter().for_each(|column| leaves_of(column.kind, &mut leaves));
        Self { leaves, rows: 0, bytes: 0 }
    }

    /// Adds a row: a JSON object.
    pub fn push(&mut self, row: &Value) {
        let mut shredder = Shredder { leaves: &mut self.leaves, next: 0, bytes: 0 };
        shredder.fields(COLUMNS, Some(row), Levels { repetition: 0, list: 0, definition: 0 });
        self.bytes += shredder.bytes;
        self.rows += 1;
    }
}

struct Shredder<'a> {
    leaves: &'a mut [Leaf],
    /// The leaf that comes next.
    next: usize,
    bytes: usize,
}

impl Shredder<'_> {
    fn fields(&mut self, fields: &[Field], value: Option<&Value>, at: Levels) {
        for field in fields {
            let found = value.and_then(|value| field.from.split('.').try_fold(value, |v, key| v.get(key)));
            self.value(field.kind, found, at);
        }
    }

    /// Writes a value that may be missing. What is of another type than its column counts as missing.
    fn value(&mut self, kind: Kind, value: Option<&Value>, at: Levels) {
        let there = Levels { definition: at.definition + 1, ..at };
        match kind {
            Kind::Struct(fields) => match value {
                Some(object @ Value::Object(_)) => self.fields(fields, Some(object), there),
                _ => self.fields_missing(fields, at),
            },
            Kind::List(of) => match value {
                Some(Value::Array(items)) if !items.is_empty() => {
                    let list = at.list + 1;
                    for (i, item) in items.iter().enumerate() {
                        let repetition = if i == 0 { at.repetition } else { list };
                        let inner = Levels { repetition, list, definition: at.definition + 2 };
                        self.in_place(|shredder| shredder.value(*of, Some(item), inner), i + 1 < items.len());
                    }
                }
                Some(Value::Array(_)) => self.missing(*of, there),
                _ => self.missing(*of, at),
            },
            leaf => self.leaf(leaf, value, at, there),
        }
    }

    /// Does it, and goes back to the leaf before it if the same leaves come again.
    fn in_place(&mut self, what: impl FnOnce(&mut Self), again: bool) {
        let first = self.next;
        what(self);
        if again {
            self.next = first;
        }
    }

    fn missing(&mut self, kind: Kind, at: Levels) {
        match kind {
            Kind::Struct(fields) => self.fields_missing(fields, at),
            Kind::List(of) => self.missing(*of, at),
            _ => {
                self.leaves[self.next].mark(at);
                self.next += 1;
            }
        }
    }

    fn fields_missing(&mut self, fields: &[Field], at: Levels) {
        fields.iter().for_each(|field| self.missing(field.kind, at));
    }

    fn leaf(&mut self, kind: Kind, value: Option<&Value>, at: Levels, there: Levels) {
        let leaf = &mut self.leaves[self.next];
        self.next += 1;
        let added = match (&mut leaf.values, value) {
            (_, None | Some(Value::Null)) => None,
            (Values::Bools(values), Some(value)) => {
                value.as_bool().map(|value| values.push(value)).map(|()| 8)
            }
            (Values::Doubles(values), Some(value)) => {
                value.as_f64().map(|value| values.push(value)).map(|()| 8)
            }
            (Values::Ints(values), Some(value)) => {
                let number = match kind {
                    Kind::Date => value.as_str().and_then(day),
                    _ => value.as_i64().and_then(|number| i32::try_from(number).ok()),
                };
                number.map(|number| values.push(number)).map(|()| 8)
            }
            (Values::Longs(values), Some(value)) => {
                let number = match kind {
                    Kind::Timestamp => micros(value),
                    _ => value.as_i64(),
                };
                number.map(|number| values.push(number)).map(|()| 8)
            }
            (Values::Bytes(values), Some(value)) => {
                let bytes = match (kind, value) {
                    (Kind::Bytes, Value::String(text)) => {
                        base64::engine::general_purpose::STANDARD.decode(text).ok()
                    }
                    (Kind::Json, value) => Some(value.to_string().into_bytes()),
                    (_, Value::String(text)) => Some(text.clone().into_bytes()),
                    _ => None,
                };
                bytes.map(|bytes| {
                    let len = bytes.len();
                    values.push(bytes.into());
                    len
                })
            }
        };
        leaf.mark(if added.is_some() { there } else { at });
        // Levels take four bytes.
        self.bytes += added.unwrap_or(0) + 4;
    }
}

/// Days since 1970 of the day that an ISO 8601 text begins with.
fn day(text: &str) -> Option<i32> {
    let day: Date = text.get(..10)?.parse().ok()?;
    let epoch = Date::constant(1970, 1, 1);
    day.since(epoch).ok().map(|span| span.get_days())
}

/// Microseconds since 1970 of a text with date, time and zone, or of a number of milliseconds.
fn micros(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond),
        Value::Number(millis) => millis.as_i64()?.checked_mul(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times() {
        assert_eq!(day("1970-01-02"), Some(1));
        assert_eq!(day("2020-06-11T14:00:00+02:00"), Some(18_424));
        assert_eq!(day("1969-12-31"), Some(-1));
        assert_eq!(day("June 11"), None);
        assert_eq!(micros(&"1970-01-01T01:00:00.5+01:00".into()), Some(500_000));
        assert_eq!(micros(&1500.into()), Some(1_500_000));
        assert_eq!(micros(&"2020-06-11".into()), None);
        assert_eq!(micros(&"2020-06-11T10:00".into()), None);
    }
}
