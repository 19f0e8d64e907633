//! What depends on a token alone: its inputs to the n-gram layers, and its part in every window it can stand in.
//!
//! Almost all of the encoder's work is here, and none of it knows the text. So it is done once for each token that a text has,
//! and kept for those that come again: [`Known`] fills up with the tokens of the stream to a limit.
//! What is kept is what is computed, so the memory changes no result.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::math::normalize;
use super::matrix::{Matrix, Packed, pair, round};
use super::simd::{Path, Work, run};
use super::weights::{INPUT_WIDTH, ORDERS, ROW_BYTES, TABLE_PARTS, TABLE_WIDTH, WIDTH, Weights};

/// Taps of all orders and both layers.
pub const TAPS: usize = 20;
/// Tokens that are computed in one product.
pub const BATCH: usize = 24;
/// Largest number that a tap's products are stored by.
const TAP_LIMIT: f32 = 127.0;

/// What depends on a token alone.
#[derive(Clone)]
pub struct Record {
    /// Normalised inputs of the three orders, times the weights' `input_factor`.
    pub inputs: [i16; INPUT_WIDTH],
    /// Products with every tap: by order, layer, tap and output; 8 bits, scaled by tap.
    pub products: [[i8; WIDTH]; TAPS],
    /// What 1 in a tap's products stands for.
    pub scales: [f32; TAPS],
}

impl Record {
    /// All zeros.
    pub const EMPTY: Self =
        Self { inputs: [0; INPUT_WIDTH], products: [[0; WIDTH]; TAPS], scales: [0.0; TAPS] };
}

/// Buffers of [`compute`].
#[derive(Default)]
pub struct Buffers {
    codes: Vec<u32>,
    inputs: Vec<u32>,
    packed: Packed,
    sums: Vec<i32>,
    row: Vec<f32>,
}

/// Codes of a row of the table, 0 to 63: the bytes are three planes of 128, whose low six bits are a code each, and
/// whose high two bits make the fourth.
#[inline(always)]
pub fn codes(row: &[u8; ROW_BYTES]) -> [u8; TABLE_WIDTH] {
    const PLANE: usize = TABLE_WIDTH / 4;
    let mut out = [0; TABLE_WIDTH];
    for i in 0..PLANE {
        let (a, b, c) = (row[i], row[PLANE + i], row[2 * PLANE + i]);
        out[i] = a & 63;
        out[PLANE + i] = b & 63;
        out[2 * PLANE + i] = c & 63;
        out[3 * PLANE + i] = a >> 6 | b >> 6 << 2 | c >> 6 << 4;
    }
    out
}

/// The row of codes as it is stored: the inverse of [`codes`].
pub fn pack(codes: &[u8; TABLE_WIDTH]) -> [u8; ROW_BYTES] {
    const PLANE: usize = TABLE_WIDTH / 4;
    std::array::from_fn(|i| {
        let shift = 2 * (i / PLANE);
        codes[i] & 63 | (codes[3 * PLANE + i % PLANE] >> shift) << 6
    })
}

/// A token's row; of a token that the table does not have, zeros.
#[inline(always)]
pub fn row(table: &[u8], token: u32) -> [u8; ROW_BYTES] {
    let at = token as usize * ROW_BYTES;
    table.get(at..at + ROW_BYTES).and_then(|row| row.try_into().ok()).unwrap_or([0; ROW_BYTES])
}

/// Normalised inputs of a batch of tokens, in `buffers.row`.
fn inputs(weights: &Weights, path: Path, table: &[u8], tokens: &[u32], buffers: &mut Buffers) {
    let Buffers { codes, packed, sums, row, .. } = buffers;
    codes.resize(BATCH * TABLE_WIDTH / 2, 0);
    sums.resize(BATCH * ORDERS[2].0 * 2 * WIDTH, 0);
    row.resize(BATCH * INPUT_WIDTH, 0.0);
    run(path, Unpack { table, tokens, codes });
    weights.projection.multiply(path, codes, TABLE_WIDTH / 2, tokens.len(), packed, sums);
    run(path, Normalize { weights, tokens, sums, out: row });
}

/// Inputs of one token, before they are stored in 16 bits: 768 numbers.
pub fn input<'b>(
    weights: &Weights,
    path: Path,
    table: &[u8],
    token: u32,
    buffers: &'b mut Buffers,
) -> &'b [f32] {
    inputs(weights, path, table, &[token], buffers);
    &buffers.row[..INPUT_WIDTH]
}

/// The sums of a layer over the inputs of a batch of tokens, `matrix.columns()` a token, in 1 / `input_factor`.
pub fn layer(
    weights: &Weights,
    path: Path,
    table: &[u8],
    tokens: &[u32],
    matrix: &Matrix,
    buffers: &mut Buffers,
    out: &mut [i32],
) {
    inputs(weights, path, table, tokens, buffers);
    let Buffers { inputs, packed, row, .. } = buffers;
    inputs.resize(BATCH * INPUT_WIDTH / 2, 0);
    run(path, Whole { factor: weights.input_factor, row, inputs });
    matrix.multiply(path, inputs, INPUT_WIDTH / 2, tokens.len(), packed, out);
}

/// Computes the records of tokens.
pub fn compute(
    weights: &Weights,
    path: Path,
    table: &[u8],
    tokens: &[u32],
    buffers: &mut Buffers,
    records: &mut [Record],
) {
    for (tokens, records) in tokens.chunks(BATCH).zip(records.chunks_mut(BATCH)) {
        inputs(weights, path, table, tokens, buffers);
        let Buffers { inputs, packed, sums, row, .. } = buffers;
        inputs.resize(BATCH * INPUT_WIDTH / 2, 0);
        run(path, Store { factor: weights.input_factor, row, records, inputs });
        let mut first_tap = 0;
        for (i, order) in weights.orders.iter().enumerate() {
            let from = &inputs[i * WIDTH / 2..];
            order.taps.multiply(path, from, INPUT_WIDTH / 2, tokens.len(), packed, sums);
            let steps = &order.tap_steps;
            run(path, Taps { first_tap, steps, factor: weights.input_factor, sums, records });
            first_tap += steps.len();
        }
    }
}

/// Rows of the table to activations.
struct Unpack<'a> {
    table: &'a [u8],
    tokens: &'a [u32],
    codes: &'a mut [u32],
}

impl Work for Unpack<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        for (token, out) in self.tokens.iter().zip(self.codes.chunks_exact_mut(TABLE_WIDTH / 2)) {
            let codes = codes(&row(self.table, *token));
            for (to, two) in out.iter_mut().zip(codes.chunks_exact(2)) {
                *to = pair(i32::from(two[0]), i32::from(two[1]));
            }
        }
    }
}

/// Sums of codes to normalised inputs.
struct Normalize<'a> {
    weights: &'a Weights,
    tokens: &'a [u32],
    sums: &'a [i32],
    out: &'a mut [f32],
}

impl Work for Normalize<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let w = self.weights;
        let rows = self.sums.chunks_exact(INPUT_WIDTH).zip(self.out.chunks_exact_mut(INPUT_WIDTH));
        for (token, (sums, out)) in self.tokens.iter().zip(rows) {
            let (scale, low) = w.parts[*token as usize % TABLE_PARTS];
            for (i, to) in out.iter_mut().enumerate() {
                let product = sums[i] as f32 * (scale * w.projection_steps[i]);
                *to = product + low * w.projection_sums[i] + w.projection_bias[i];
            }
            normalize(out);
            for (i, to) in out.iter_mut().enumerate() {
                *to = *to * w.input_gain[i] + w.input_bias[i];
            }
        }
    }
}

/// Inputs to 16 bits.
struct Store<'a> {
    factor: f32,
    row: &'a [f32],
    records: &'a mut [Record],
    inputs: &'a mut [u32],
}

impl Work for Store<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let rows = self.row.chunks_exact(INPUT_WIDTH).zip(self.inputs.chunks_exact_mut(INPUT_WIDTH / 2));
        for (record, (row, inputs)) in self.records.iter_mut().zip(rows) {
            for (to, v) in record.inputs.iter_mut().zip(row) {
                *to = round(v * self.factor) as i16;
            }
            for (to, two) in inputs.iter_mut().zip(record.inputs.chunks_exact(2)) {
                *to = pair(i32::from(two[0]), i32::from(two[1]));
            }
        }
    }
}

/// Inputs to pairs of 16-bit numbers, as [`Store`] makes them.
struct Whole<'a> {
    factor: f32,
    row: &'a [f32],
    inputs: &'a mut [u32],
}

impl Work for Whole<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        for (to, two) in self.inputs.iter_mut().zip(self.row.chunks_exact(2)) {
            *to = pair(round(two[0] * self.factor), round(two[1] * self.factor));
        }
    }
}

/// Sums of one order's taps to 8 bits.
struct Taps<'a> {
    first_tap: usize,
    steps: &'a [f32],
    factor: f32,
    sums: &'a [i32],
    records: &'a mut [Record],
}

impl Work for Taps<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let taps = self.steps.len();
        for (record, sums) in self.records.iter_mut().zip(self.sums.chunks_exact(taps * WIDTH)) {
            let own = &mut record.products[self.first_tap..self.first_tap + taps];
            for (tap, (to, from)) in own.iter_mut().zip(sums.as_chunks::<WIDTH>().0).enumerate() {
                let largest = from.iter().fold(1, |largest, sum| sum.wrapping_abs().max(largest));
                let factor = TAP_LIMIT / largest as f32;
                for (to, sum) in to.iter_mut().zip(from) {
                    *to = round(*sum as f32 * factor) as i8;
                }
                record.scales[self.first_tap + tap] =
                    largest as f32 / TAP_LIMIT * self.steps[tap] / self.factor;
            }
        }
    }
}

/// Records of tokens that came more than once, shared by all threads, up to a limit.
pub struct Known {
    places: Vec<Place>,
    kept: AtomicUsize,
    limit: usize,
}

#[derive(Default)]
struct Place {
    record: OnceLock<Box<Record>>,
    /// The token was needed before: one that never comes again would only take room.
    seen: AtomicBool,
}

impl Known {
    /// Keeps at most `limit` of the records of `tokens` tokens.
    pub fn new(tokens: usize, limit: usize) -> Self {
        let mut places = Vec::new();
        places.resize_with(tokens, Place::default);
        Self { places, kept: AtomicUsize::new(0), limit }
    }

    /// The record of a token, if it is kept.
    #[inline]
    pub fn get(&self, token: u32) -> Option<&Record> {
        self.places.get(token as usize)?.record.get().map(|record| &**record)
    }

    /// Keeps a record if the token came before and there is room.
    pub fn offer(&self, token: u32, record: &Record) {
        let Some(place) = self.places.get(token as usize) else { return };
        let again = place.seen.swap(true, Ordering::Relaxed);
        if again
            && self.kept.load(Ordering::Relaxed) < self.limit
            && place.record.set(Box::new(record.clone())).is_ok()
        {
            self.kept.fetch_add(1, Ordering::Relaxed);
        }
    }
}
