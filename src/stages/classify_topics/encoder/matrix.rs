//! Products with the encoder's matrices: weights of 8 bits, activations of 16 bits, exact sums of 32 bits.

use super::EncoderError;
use super::simd::{COLUMNS, PAIR, Path, tile};

/// Largest activation that is used. With it no sum of 1,280 products with weights up to 127 leaves 32 bits.
pub const LIMIT: f32 = 13_200.0;
/// Rows of a tile: with two vectors a row, eight of AVX2's sixteen registers hold the sums.
const ROWS: usize = 4;

/// A matrix of weights, `step` times a whole number up to 127 each, laid out in panels of 16 columns for [`tile`].
pub struct Matrix {
    rows: usize,
    columns: usize,
    panels: Vec<[i8; PAIR]>,
    /// What a weight of 1 stands for.
    pub step: f32,
}

impl Matrix {
    /// Lays out `weights`, `rows` times `columns` in the order of rows.
    ///
    /// # Errors
    /// The length or the shape is wrong.
    pub fn new(weights: &[i8], rows: usize, columns: usize, step: f32) -> Result<Self, EncoderError> {
        let fits =
            weights.len() == rows * columns && rows.is_multiple_of(2) && columns.is_multiple_of(COLUMNS);
        if !fits || weights.contains(&i8::MIN) {
            return Err(EncoderError::Damaged(format!("it holds no matrix of {rows} times {columns}")));
        }
        let mut panels = Vec::with_capacity(weights.len() / PAIR);
        for panel in 0..columns / COLUMNS {
            for two in 0..rows / 2 {
                let at = 2 * two * columns + panel * COLUMNS;
                panels.push(std::array::from_fn(|i| weights[at + i % 2 * columns + i / 2]));
            }
        }
        Ok(Self { rows, columns, panels, step })
    }

    /// Columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Multiplies rows of activations; row `i` begins at `rows[i * stride]` and holds pairs of 16-bit numbers. `out` gets as many
    /// sums for each of `count` rows as the matrix has columns.
    pub fn multiply(
        &self,
        path: Path,
        rows: &[u32],
        stride: usize,
        count: usize,
        packed: &mut Packed,
        out: &mut [i32],
    ) {
        let pairs = self.rows / 2;
        let (tiles, singles) = (count / ROWS, count % ROWS);
        packed.tiles.clear();
        for tile in 0..tiles {
            let row = |m| &rows[(tile * ROWS + m) * stride..][..pairs];
            let four: [&[u32]; ROWS] = std::array::from_fn(row);
            packed.tiles.extend((0..pairs).map(|pair| four.map(|row| row[pair])));
        }
        for (number, panel) in self.panels.chunks_exact(pairs).enumerate() {
            let column = number * COLUMNS;
            let mut put = |row: usize, sums: &[[i32; COLUMNS]]| {
                for (m, sums) in sums.iter().enumerate() {
                    out[(row + m) * self.columns + column..][..COLUMNS].copy_from_slice(sums);
                }
            };
            for (number, rows) in packed.tiles.chunks_exact(pairs).enumerate() {
                let mut sums = [[0; COLUMNS]; ROWS];
                tile(path, rows, panel, &mut sums);
                put(number * ROWS, &sums);
            }
            for row in count - singles..count {
                let mut sums = [[0; COLUMNS]; 1];
                tile(path, rows[row * stride..][..pairs].as_chunks().0, panel, &mut sums);
                put(row, &sums);
            }
        }
    }
}

/// Rows as tiles take them.
#[derive(Default)]
pub struct Packed {
    tiles: Vec<[u32; ROWS]>,
}

/// Two 16-bit numbers as the products take them.
#[inline(always)]
pub fn pair(low: i32, high: i32) -> u32 {
    (low as u32 & 0xffff) | (high as u32) << 16
}

/// The nearest whole number, halves to the even one. For |v| < 2²²: adding 1.5·2²³ leaves the whole part in the low bits.
#[inline(always)]
pub fn round(v: f32) -> i32 {
    const SHIFT: f32 = 12_582_912.0;
    ((v + SHIFT).to_bits() as i32).wrapping_sub(SHIFT.to_bits() as i32)
}

/// Writes a row of numbers as whole ones up to [`LIMIT`] and gives what 1 stands for.
#[inline(always)]
pub fn quantize(row: &[f32], out: &mut [u32]) -> f32 {
    let largest = largest(row);
    // Below, 1 / largest would be no number.
    if largest < f32::MIN_POSITIVE * LIMIT {
        out.fill(0);
        return 0.0;
    }
    let factor = LIMIT / largest;
    for (to, two) in out.iter_mut().zip(row.chunks_exact(2)) {
        *to = pair(round(two[0] * factor), round(two[1] * factor));
    }
    largest / LIMIT
}

/// Largest absolute value: numbers without a sign are ordered as their bits are.
#[inline(always)]
fn largest(row: &[f32]) -> f32 {
    f32::from_bits(row.iter().fold(0, |largest, v| v.abs().to_bits().max(largest)))
}
