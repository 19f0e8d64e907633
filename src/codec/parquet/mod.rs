//! Records of a topic as Parquet: one wide table, see [`schema`] for its columns.
//!
//! Row groups are bounded in rows and bytes, so that memory is flat and readers can skip; pages are compressed with zstd.

mod schema;
mod shred;

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{
    Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};
use serde_json::Value;

pub(in crate::codec) use schema::RECORD;
use schema::{COLUMNS, Field, Kind};
use shred::{Columns, Leaf, Values};

/// Most rows of a row group.
const GROUP_ROWS: usize = 50_000;
/// Most bytes of a row group, before compression.
const GROUP_BYTES: usize = 64 << 20;

/// Writes rows as a Parquet file.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Columns,
    group_rows: usize,
    group_bytes: usize,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(out: W) -> io::Result<Self> {
        Self::with_groups(out, GROUP_ROWS, GROUP_BYTES)
    }

    fn with_groups(out: W, group_rows: usize, group_bytes: usize) -> io::Result<Self> {
        let fields = COLUMNS.iter().map(|column| node(column.name, column.kind).map(Arc::new));
        let fields = fields.collect::<Result<_, _>>().map_err(failed)?;
        let root = Type::group_type_builder("newsmill").with_fields(fields).build().map_err(failed)?;
        let level = ZstdLevel::try_new(3).map_err(failed)?;
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("newsmill ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(level));
        // Each value is another one: no dictionary, and bounds that nobody asks for.
        for name in ["text", "body"] {
            let path = ColumnPath::new(vec![name.to_owned()]);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path, EnabledStatistics::None);
        }
        let file =
            SerializedFileWriter::new(out, Arc::new(root), Arc::new(properties.build())).map_err(failed)?;
        Ok(Self { file, columns: Columns::new(), group_rows, group_bytes })
    }

    /// Adds a row, as [`super::row`] gives it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&mut self, row: &Value) -> io::Result<()> {
        self.columns.push(row);
        if self.columns.rows >= self.group_rows || self.columns.bytes >= self.group_bytes {
            self.end_group()?;
        }
        Ok(())
    }

    fn end_group(&mut self) -> io::Result<()> {
        let columns = std::mem::replace(&mut self.columns, Columns::new());
        let mut group = self.file.next_row_group().map_err(failed)?;
        for leaf in columns.leaves {
            let Some(column) = group.next_column().map_err(failed)? else {
                return Err(io::Error::other("a Parquet file with fewer columns than its schema"));
            };
            write_leaf(column, &leaf).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        Ok(())
    }

    /// Ends the file: without this it cannot be read. Gives back what it was written to.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        if self.columns.rows > 0 {
            self.end_group()?;
        }
        self.file.into_inner().map_err(failed)
    }
}

/// The error of the output, where it is one.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(cause) => io::Error::other(cause),
        },
        error => io::Error::other(error),
    }
}

fn write_leaf(mut column: SerializedColumnWriter<'_>, leaf: &Leaf) -> Result<(), ParquetError> {
    let (definition, repetition) = (Some(&leaf.definition[..]), Some(&leaf.repetition[..]));
    match &leaf.values {
        Values::Bools(values) => column.typed::<BoolType>().write_batch(values, definition, repetition),
        Values::Ints(values) => column.typed::<Int32Type>().write_batch(values, definition, repetition),
        Values::Longs(values) => column.typed::<Int64Type>().write_batch(values, definition, repetition),
        Values::Doubles(values) => column.typed::<DoubleType>().write_batch(values, definition, repetition),
        Values::Bytes(values) => column.typed::<ByteArrayType>().write_batch(values, definition, repetition),
    }?;
    column.close()
}

/// The node of the schema; lists in the three levels that the format prescribes.
fn node(name: &str, kind: Kind) -> Result<Type, ParquetError> {
    let leaf = |physical: Physical, logical: Option<LogicalType>| {
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
    };
    match kind {
        Kind::Text => leaf(Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Json => leaf(Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        Kind::Bytes => leaf(Physical::BYTE_ARRAY, None),
        Kind::Bool => leaf(Physical::BOOLEAN, None),
        Kind::Int => leaf(Physical::INT32, None),
        Kind::Long => leaf(Physical::INT64, None),
        Kind::Double => leaf(Physical::DOUBLE, None),
        Kind::Date => leaf(Physical::INT32, Some(LogicalType::Date)),
        Kind::Timestamp => leaf(Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        Kind::Struct(fields) => group(name, fields),
        Kind::List(of) => {
            let element = node("element", *of)?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            Type::group_type_builder(name)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(Some(LogicalType::List))
                .with_converted_type(ConvertedType::LIST)
                .with_fields(vec![Arc::new(list)])
                .build()
        }
    }
}

fn group(name: &str, fields: &[Field]) -> Result<Type, ParquetError> {
    let fields = fields.iter().map(|field| node(field.name, field.kind).map(Arc::new));
    Type::group_type_builder(name)
        .with_repetition(Repetition::OPTIONAL)
        .with_fields(fields.collect::<Result<_, _>>()?)
        .build()
}

#[cfg(test)]
mod tests;
