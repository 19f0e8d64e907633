//! The encoder's weights, read from the sections of its file.

use std::ops::Range;

use super::EncoderError;
use super::charsmap::Charsmap;
use super::format::Sections;
use super::matrix::{LIMIT, Matrix};
use super::tokenizer::Tokenizer;
use super::trie::Trie;

/// Numbers of a token's row in the table.
pub const TABLE_WIDTH: usize = 512;
/// Bytes of that row: 512 codes of 6 bits.
pub const ROW_BYTES: usize = TABLE_WIDTH / 4 * 3;
/// Numbers of one order of the n-gram layers.
pub const WIDTH: usize = 256;
/// All three of them.
pub const INPUT_WIDTH: usize = 3 * WIDTH;
/// What is summed over a text: the token's row and the three orders.
pub const FEATURE_WIDTH: usize = TABLE_WIDTH + INPUT_WIDTH;
/// Numbers of an embedding.
pub const EMBEDDING_WIDTH: usize = 512;
/// Numbers of the inner layers after the sum.
pub const HIDDEN_WIDTH: usize = 320;
/// Tokens in a window, and how many of them stand before its own.
pub const ORDERS: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];
/// Parts that the table's rows are scaled by: the token's number modulo this.
pub const TABLE_PARTS: usize = 17;
/// Matrices with a step of their own, in the order of the section `steps`.
pub const STEPS: [&str; 16] = [
    "proj2", "proj3", "proj5", "w1_2", "w2_2", "w1_3", "w2_3", "w1_5", "w2_5", "cnn_W", "d0", "d1", "p1",
    "d2", "p3", "d3",
];

/// Everything but the table, which stays where the file lies.
pub struct Weights {
    /// Where in the file the table is.
    pub table: Range<usize>,
    /// Rows of the table.
    pub tokens: usize,
    /// What a code of a part stands for: `code * scale + low`.
    pub parts: [(f32, f32); TABLE_PARTS],
    /// Row of the table to the inputs of the three orders.
    pub projection: Matrix,
    /// Step of each column of the projection.
    pub projection_steps: Vec<f32>,
    /// Sum of each column of the projection, times its step.
    pub projection_sums: Vec<f32>,
    /// Bias of the projection.
    pub projection_bias: Vec<f32>,
    /// Scale of the normalised inputs.
    pub input_gain: Vec<f32>,
    /// Bias of the normalised inputs.
    pub input_bias: Vec<f32>,
    /// Whole numbers a unit of the inputs is stored by.
    pub input_factor: f32,
    /// The two layers of each order.
    pub orders: Vec<Order>,
    /// Scale of the normalised features.
    pub feature_gain: Vec<f32>,
    /// Bias of the normalised features.
    pub feature_bias: Vec<f32>,
    /// Features to the first layer of the text.
    pub pooled: Matrix,
    /// Its bias.
    pub pooled_bias: Vec<f32>,
    /// The layers of the text: `d0`, `d1`, `p1`, `d2`, `p3`, `d3`.
    pub dense: [Matrix; 6],
}

/// Two layers over windows of `n` tokens.
pub struct Order {
    /// Tokens before the window's own.
    pub left: usize,
    /// Both layers as products with one token: columns `256 k ..` are tap `k` of the first, then those of the second.
    pub taps: Matrix,
    /// Step of each tap.
    pub tap_steps: Vec<f32>,
    /// The second layer by input, tap and output: what one active input adds lies together.
    pub second: Vec<[i8; WIDTH]>,
    /// Its step.
    pub second_step: f32,
    /// Bias of the first layer.
    pub bias_1: Vec<f32>,
    /// Bias of the second layer.
    pub bias_2: Vec<f32>,
}

impl Weights {
    /// Reads all of it.
    ///
    /// # Errors
    /// A section is missing, or is not what it must be.
    pub fn read(sections: &Sections<'_>) -> Result<Self, EncoderError> {
        let steps = sections.floats("steps", STEPS.len())?;
        let step = |name: &str| STEPS.iter().position(|own| *own == name).map_or(0.0, |i| steps[i]);
        let matrix = |name: &str, rows, columns| {
            Matrix::new(&weights(sections, name, rows * columns)?, rows, columns, step(name))
        };
        let (at, length) = sections.place("table")?;
        let scaling = sections.floats("table_parts", 2 * TABLE_PARTS)?;
        let (projection, sums) = projection(sections)?;
        let projection_steps: Vec<f32> = ["proj2", "proj3", "proj5"]
            .iter()
            .flat_map(|name| std::iter::repeat_n(step(name), WIDTH))
            .collect();
        let input_gain = sections.floats("input_gain", INPUT_WIDTH)?;
        let input_bias = sections.floats("input_bias", INPUT_WIDTH)?;
        let orders = ORDERS.iter().map(|(n, left)| {
            let names = [format!("w1_{n}"), format!("w2_{n}")];
            let [first, second] = names.each_ref().map(|name| weights(sections, name, n * WIDTH * WIDTH));
            let (first, second) = (first?, second?);
            let taps = taps(&first, &second, *n);
            let rows = second.as_chunks::<WIDTH>().0;
            let by_input = (0..n * WIDTH).map(|i| rows[i % n * WIDTH + i / n]).collect();
            Ok(Order {
                left: *left,
                taps: Matrix::new(&taps, WIDTH, 2 * n * WIDTH, 1.0)?,
                tap_steps: names.iter().flat_map(|name| std::iter::repeat_n(step(name), *n)).collect(),
                second: by_input,
                second_step: step(&names[1]),
                bias_1: sections.floats(&format!("b1_{n}"), WIDTH)?,
                bias_2: sections.floats(&format!("b2_{n}"), WIDTH)?,
            })
        });
        let (outer, inner) = (EMBEDDING_WIDTH, HIDDEN_WIDTH);
        Ok(Self {
            table: at..at + length,
            tokens: length / ROW_BYTES,
            parts: std::array::from_fn(|i| (scaling[i], scaling[TABLE_PARTS + i])),
            projection: Matrix::new(&projection, TABLE_WIDTH, INPUT_WIDTH, 1.0)?,
            projection_sums: sums
                .iter()
                .zip(&projection_steps)
                .map(|(sum, step)| *sum as f32 * step)
                .collect(),
            projection_steps,
            projection_bias: sections.floats("proj_b", INPUT_WIDTH)?,
            input_factor: input_factor(&input_gain, &input_bias)?,
            input_gain,
            input_bias,
            orders: orders.collect::<Result<_, EncoderError>>()?,
            feature_gain: sections.floats("ln_g", FEATURE_WIDTH)?,
            feature_bias: sections.floats("ln_b", FEATURE_WIDTH)?,
            pooled: matrix("cnn_W", FEATURE_WIDTH, outer)?,
            pooled_bias: sections.floats("cnn_b", outer)?,
            dense: [
                matrix("d0", outer, inner)?,
                matrix("d1", inner, inner)?,
                matrix("p1", outer, inner)?,
                matrix("d2", inner, outer)?,
                matrix("p3", inner, outer)?,
                matrix("d3", outer, outer)?,
            ],
        })
    }
}

/// Reads the tokenizer of the file.
///
/// # Errors
/// A section is missing, or is not what it must be.
pub fn tokenizer(sections: &Sections<'_>, tokens: usize) -> Result<Tokenizer, EncoderError> {
    let charsmap = Charsmap::read(sections.bytes("charsmap")?)?;
    let scores = sections.bytes("scores")?.len() / 4;
    if scores > tokens || scores < 4 {
        return Err(EncoderError::Damaged(format!("its table has {tokens} rows for {scores} pieces")));
    }
    Ok(Tokenizer::new(charsmap, Trie::read(&sections.words("pieces")?), sections.floats("scores", scores)?))
}

/// Bytes of a section as weights.
fn weights(sections: &Sections<'_>, name: &str, length: usize) -> Result<Vec<i8>, EncoderError> {
    let bytes = sections.bytes(name)?;
    if bytes.len() != length {
        return Err(EncoderError::Damaged(format!("its matrix {name} has not {length} weights")));
    }
    Ok(bytes.iter().map(|byte| *byte as i8).collect())
}

/// The three projections side by side, and the sums of their columns.
fn projection(sections: &Sections<'_>) -> Result<(Vec<i8>, Vec<i32>), EncoderError> {
    let mut all = vec![0; TABLE_WIDTH * INPUT_WIDTH];
    let mut sums = vec![0; INPUT_WIDTH];
    for (i, name) in ["proj2", "proj3", "proj5"].iter().enumerate() {
        let own = weights(sections, name, TABLE_WIDTH * WIDTH)?;
        for (row, own) in all.chunks_exact_mut(INPUT_WIDTH).zip(own.chunks_exact(WIDTH)) {
            row[i * WIDTH..(i + 1) * WIDTH].copy_from_slice(own);
        }
    }
    for row in all.chunks_exact(INPUT_WIDTH) {
        for (sum, weight) in sums.iter_mut().zip(row) {
            *sum += i32::from(*weight);
        }
    }
    Ok((all, sums))
}

/// Both layers of an order as one matrix of 256 rows: every tap's columns after one another.
fn taps(first: &[i8], second: &[i8], n: usize) -> Vec<i8> {
    let mut all = Vec::with_capacity(2 * n * WIDTH * WIDTH);
    for row in 0..WIDTH {
        for layer in [first, second] {
            for tap in 0..n {
                let at = (tap * WIDTH + row) * WIDTH;
                all.extend(&layer[at..at + WIDTH]);
            }
        }
    }
    all
}

/// A normalised row of 768 has no number over √767: that bounds the inputs, and so how finely they can be stored in 16
/// bits. A power of two, so that scaling by it is exact.
fn input_factor(gain: &[f32], bias: &[f32]) -> Result<f32, EncoderError> {
    let root = ((INPUT_WIDTH - 1) as f32).sqrt();
    let bound = gain.iter().zip(bias).map(|(gain, bias)| root * gain.abs() + bias.abs()).fold(0.0, f32::max);
    let mut factor = 1.0;
    while factor < 4096.0 && 2.0 * factor * bound < LIMIT {
        factor *= 2.0;
    }
    if factor * bound < LIMIT {
        Ok(factor)
    } else {
        Err(EncoderError::Damaged("its inputs are too large".to_owned()))
    }
}
