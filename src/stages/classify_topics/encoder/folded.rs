//! A layer over single tokens, folded to a table.
//!
//! The inputs of a token ([`Encoder::inputs`](super::Encoder::inputs)) do not depend on its text, and so neither does a linear layer of them:
//! [`UNITS`] numbers a token. `newsmill models add` computes them for the whole vocabulary and keeps them in the encoder's file, 8 bits each with
//! a scale for each unit, beside a number that tells of which layer they are. A text costs a row of 64 bytes a token then.
//!
//! Products and sums are of whole numbers, so that every machine makes the same table and the same sums of it.

use std::ops::Range;

use super::EncoderError;
use super::format::Sections;
use super::matrix::{Matrix, round};
use super::simd::{Path, Work};
use super::tokenizer::{BEGIN, END, UNKNOWN};
use super::tokens::{self, BATCH};
use super::weights::{INPUT_WIDTH, Weights};

/// Units of the layer: a row is a line of the processor's memory.
pub const UNITS: usize = 64;
/// Largest number of the table.
const LARGEST: i32 = 127;
/// Names of the sections: rows, scales, the layer's number.
const SECTIONS: [&str; 3] = ["folded", "folded_scales", "folded_of"];

/// A table in the encoder's file.
pub struct Folded {
    /// Where in the file its rows are.
    pub rows: Range<usize>,
    /// What 1 stands for, by unit.
    pub scales: [f32; UNITS],
    /// The number of the layer that it was made of.
    pub of: u64,
}

impl Folded {
    /// Finds the table in a file; there is none in one that was written before there were any.
    ///
    /// # Errors
    /// The table is not whole.
    pub fn read(sections: &Sections<'_>, tokens: usize) -> Result<Option<Self>, EncoderError> {
        let [rows, scales, of] = SECTIONS;
        let Ok((at, length)) = sections.place(rows) else { return Ok(None) };
        let own = sections.bytes(of)?.try_into().map(u64::from_le_bytes);
        let scales: Result<[f32; UNITS], _> = sections.floats(scales, UNITS)?.try_into();
        match (own, scales) {
            (Ok(of), Ok(scales)) if length == tokens * UNITS => {
                Ok(Some(Self { rows: at..at + length, scales, of }))
            }
            _ => Err(EncoderError::Damaged("its folded layer is not whole".to_owned())),
        }
    }
}

/// The sections that hold the table of a layer: 768 rows of [`UNITS`] weights.
///
/// # Errors
/// The layer has another shape.
pub fn fold(
    weights: &Weights,
    path: Path,
    table: &[u8],
    layer: &[i8],
    of: u64,
) -> Result<Vec<(String, Vec<u8>)>, EncoderError> {
    let matrix = Matrix::new(layer, INPUT_WIDTH, UNITS, 1.0)?;
    let mut sums = vec![0; weights.tokens * UNITS];
    let all: Vec<u32> = (0..weights.tokens).map(|token| token as u32).collect();
    let mut buffers = tokens::Buffers::default();
    for (own, out) in all.chunks(BATCH).zip(sums.chunks_mut(BATCH * UNITS)) {
        tokens::layer(weights, path, table, own, &matrix, &mut buffers, out);
    }
    let largest: [i32; UNITS] = std::array::from_fn(|unit| {
        sums.iter().skip(unit).step_by(UNITS).fold(1, |largest, sum| sum.abs().max(largest))
    });
    let factors = largest.map(|largest| LARGEST as f32 / largest as f32);
    let rows = sums.as_chunks::<UNITS>().0.iter().flatten().zip(factors.iter().cycle());
    let rows = rows.map(|(sum, factor)| round(*sum as f32 * factor) as i8 as u8).collect();
    let scales = largest.map(|largest| largest as f32 / LARGEST as f32 / weights.input_factor);
    let scales = scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
    Ok(SECTIONS.map(str::to_owned).into_iter().zip([rows, scales, of.to_le_bytes().to_vec()]).collect())
}

/// The sums of the rows of a text's tokens, and how many tokens they are of. Begin, end and unknown ones do not count.
pub struct Sum<'a> {
    /// The table's rows.
    pub rows: &'a [u8],
    /// The tokens of the text.
    pub tokens: &'a [u32],
}

impl Work for Sum<'_> {
    type Out = ([i32; UNITS], u32);

    #[inline(always)]
    fn run(self) -> Self::Out {
        let rows = self.rows.as_chunks::<UNITS>().0;
        let mut sums = [0; UNITS];
        let mut count = 0;
        for token in self.tokens.iter().filter(|token| is_word(**token)) {
            let Some(row) = rows.get(*token as usize) else { continue };
            for (sum, number) in sums.iter_mut().zip(row) {
                *sum += i32::from(*number as i8);
            }
            count += 1;
        }
        (sums, count)
    }
}

/// Whether a token says something of a text.
pub fn is_word(token: u32) -> bool {
    ![BEGIN, END, UNKNOWN].contains(&token)
}
