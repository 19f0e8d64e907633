//! The forward pass of one sequence of tokens, from their records to the sum of their features, and on to embeddings.
//!
//! Each of three orders has two layers over windows of n tokens, `h = relu(W₁ · window(x) + b₁) + x` and
//! `c = relu(W₂ · window(h) + b₂) + h`; outside the sequence a window is zero. `W₁ · window(x)` is a sum of products that the
//! tokens' records hold, and so is the part of `x` in `W₂ · window(h)`. What is left of the second layer are products with the first layer's
//! activations, of which 2 to 5 % are not zero: those are added one by one.
//!
//! What is added to a number in which order is fixed: the taps of its window, then active inputs from the window's first place to its last.

use super::math::{normalize, squares, tanh};
use super::matrix::{Matrix, Packed, quantize};
use super::simd::{Path, Work, run};
use super::tokens::{Record, codes, row};
use super::weights::{
    EMBEDDING_WIDTH, FEATURE_WIDTH, HIDDEN_WIDTH, ORDERS, Order, TABLE_PARTS, TABLE_WIDTH, WIDTH, Weights,
};

/// Buffers of [`Features`].
#[derive(Default)]
pub struct Buffers {
    /// First layer's output, a row of 256 a token.
    hidden: Vec<[f32; WIDTH]>,
    /// Second layer's sums.
    sums: Vec<[f32; WIDTH]>,
    /// Features of a token after one another: row of the table, three orders.
    features: Vec<[f32; FEATURE_WIDTH]>,
}

/// Adds up the normalised features of a sequence, before gain and bias.
pub struct Features<'a> {
    /// The weights.
    pub weights: &'a Weights,
    /// The table.
    pub table: &'a [u8],
    /// The sequence, begin and end included.
    pub tokens: &'a [u32],
    /// The records of its tokens, at least.
    pub records: &'a [&'a Record],
    /// Buffers.
    pub buffers: &'a mut Buffers,
    /// Where the sums go: 1,280 numbers.
    pub out: &'a mut [f32],
}

impl Work for Features<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let count = self.tokens.len();
        let Buffers { hidden, sums, features } = self.buffers;
        hidden.resize(count.max(hidden.len()), [0.0; WIDTH]);
        sums.resize(count.max(sums.len()), [0.0; WIDTH]);
        features.resize(count.max(features.len()), [0.0; FEATURE_WIDTH]);
        let (hidden, sums, features) = (&mut hidden[..count], &mut sums[..count], &mut features[..count]);
        for (token, to) in self.tokens.iter().zip(features.iter_mut()) {
            let (scale, low) = self.weights.parts[*token as usize % TABLE_PARTS];
            let codes = codes(&row(self.table, *token));
            for (to, code) in to.iter_mut().zip(&codes) {
                *to = f32::from(*code) * scale + low;
            }
        }
        let mut first_tap = 0;
        for (number, order) in self.weights.orders.iter().enumerate() {
            let place = OrderAt { order, taps: ORDERS[number].0, first_tap, number };
            let unit = 1.0 / self.weights.input_factor;
            both_layers(&place, &self.records[..count], unit, hidden, sums);
            let at = TABLE_WIDTH + number * WIDTH;
            for ((sums, hidden), to) in sums.iter().zip(hidden.iter()).zip(features.iter_mut()) {
                for i in 0..WIDTH {
                    to[at + i] = relu(sums[i]) + hidden[i];
                }
            }
            first_tap += 2 * place.taps;
        }
        self.out.fill(0.0);
        for row in features {
            normalize(row);
            for (sum, v) in self.out.iter_mut().zip(row.iter()) {
                *sum += v;
            }
        }
    }
}

/// An order, and where its part of a record begins.
struct OrderAt<'a> {
    order: &'a Order,
    taps: usize,
    first_tap: usize,
    number: usize,
}

#[inline(always)]
fn relu(v: f32) -> f32 {
    if v > 0.0 { v } else { 0.0 }
}

/// The first layer, in `hidden`, and the sums of the second, in `sums`.
#[inline(always)]
fn both_layers(
    at: &OrderAt<'_>,
    records: &[&Record],
    unit: f32,
    hidden: &mut [[f32; WIDTH]],
    sums: &mut [[f32; WIDTH]],
) {
    let (order, count) = (at.order, records.len());
    // The window of a place `to` has `place` as its tap `place + left - to`, if that is one.
    let taps_of = |place: usize| {
        let end = place + order.left + 1;
        end.saturating_sub(count)..at.taps.min(end)
    };
    for (hidden, sums) in hidden.iter_mut().zip(sums.iter_mut()) {
        hidden.copy_from_slice(&order.bias_1);
        sums.copy_from_slice(&order.bias_2);
    }
    // By record, which lies together, and not by window.
    for (place, record) in records.iter().enumerate() {
        for tap in taps_of(place) {
            let (to, own) = (place + order.left - tap, at.first_tap + tap);
            add_scaled(&mut hidden[to], &record.products[own], record.scales[own]);
            let own = own + at.taps;
            add_scaled(&mut sums[to], &record.products[own], record.scales[own]);
        }
    }
    for place in 0..count {
        let taps = taps_of(place);
        let mut active = [0; WIDTH];
        let found = positive(&hidden[place], &mut active);
        for input in &active[..found] {
            let input = usize::from(*input);
            let value = hidden[place][input] * order.second_step;
            let rows = &order.second[input * at.taps..][..at.taps];
            for tap in taps.clone() {
                add_scaled(&mut sums[place + order.left - tap], &rows[tap], value);
            }
        }
        let inputs = &records[place].inputs[at.number * WIDTH..][..WIDTH];
        for (v, input) in hidden[place].iter_mut().zip(inputs) {
            *v = relu(*v) + f32::from(*input) * unit;
        }
    }
}

/// Finds the numbers over zero: their places in `out`, how many as the result. Few are, so eight are looked at together.
#[inline(always)]
fn positive(row: &[f32; WIDTH], out: &mut [u8; WIDTH]) -> usize {
    const TOGETHER: usize = 8;
    let mut found = 0;
    for (number, chunk) in row.as_chunks::<TOGETHER>().0.iter().enumerate() {
        if chunk.iter().fold(false, |any, v| any | (*v > 0.0)) {
            for (i, v) in chunk.iter().enumerate() {
                // Written in any case, and kept if it counts.
                out[found.min(WIDTH - 1)] = (number * TOGETHER + i) as u8;
                found += usize::from(*v > 0.0);
            }
        }
    }
    found
}

/// Adds numbers of 8 bits times a factor. Those of a chunk are all read before one is written.
#[inline(always)]
fn add_scaled(sums: &mut [f32; WIDTH], numbers: &[i8; WIDTH], factor: f32) {
    const CHUNK: usize = 32;
    for (sums, numbers) in sums.as_chunks_mut::<CHUNK>().0.iter_mut().zip(numbers.as_chunks::<CHUNK>().0) {
        let own: [f32; CHUNK] = std::array::from_fn(|i| sums[i] + factor * f32::from(numbers[i]));
        *sums = own;
    }
}

/// Buffers of [`embed`]: rows of all sequences of a text.
#[derive(Default)]
pub struct HeadBuffers {
    quantized: Vec<u32>,
    packed: Packed,
    units: Vec<f32>,
    products: Vec<i32>,
    rows: [Vec<f32>; 5],
}

/// Sums of features to embeddings: `features` has 1,280 numbers a sequence, `lengths` the tokens of each. Gives 512
/// numbers a sequence, of length 1.
///
/// `m = (Σ f · W + T b) / √T`, then `y₀ = relu(m d₀)`, `y₁ = relu(m p₁ + y₀ d₁)`, `y₂ = relu(y₁ d₂)`, `z = tanh(y₁ p₃ + y₂ d₃)`, `z / |z|`.
pub fn embed<'b>(
    weights: &Weights,
    path: Path,
    features: &mut [f32],
    lengths: &[u32],
    buffers: &'b mut HeadBuffers,
) -> &'b [f32] {
    let count = lengths.len();
    let HeadBuffers { quantized, packed, units, products, rows: [mean, y0, y1, y2, z] } = buffers;
    for (row, length) in features.chunks_exact_mut(FEATURE_WIDTH).zip(lengths) {
        let scaled = row.iter_mut().zip(weights.feature_gain.iter().zip(&weights.feature_bias));
        for (v, (gain, bias)) in scaled {
            *v = *v * gain + *length as f32 * bias;
        }
    }
    let [d0, d1, p1, d2, p3, d3] = &weights.dense;
    let mut dense = Dense { path, count, quantized, packed, units, products };
    dense.multiply(&weights.pooled, features, mean, false);
    for (row, length) in mean.chunks_exact_mut(EMBEDDING_WIDTH).zip(lengths) {
        let length = *length as f32;
        let root = length.sqrt();
        for (v, bias) in row.iter_mut().zip(&weights.pooled_bias) {
            *v = (*v + length * bias) / root;
        }
    }
    dense.multiply(d0, mean, y0, false);
    y0.iter_mut().for_each(|v| *v = relu(*v));
    dense.multiply(p1, mean, y1, false);
    dense.multiply(d1, y0, y1, true);
    y1.iter_mut().for_each(|v| *v = relu(*v));
    dense.multiply(d2, y1, y2, false);
    y2.iter_mut().for_each(|v| *v = relu(*v));
    dense.multiply(p3, y1, z, false);
    dense.multiply(d3, y2, z, true);
    run(path, Unit { rows: z });
    z
}

/// Rows times matrices.
struct Dense<'a> {
    path: Path,
    count: usize,
    quantized: &'a mut Vec<u32>,
    packed: &'a mut Packed,
    units: &'a mut Vec<f32>,
    products: &'a mut Vec<i32>,
}

impl Dense<'_> {
    /// `out = rows · matrix`, or added to what `out` holds.
    fn multiply(&mut self, matrix: &Matrix, rows: &[f32], out: &mut Vec<f32>, add: bool) {
        let width = rows.len() / self.count;
        self.quantized.resize(self.count * width / 2, 0);
        self.units.clear();
        run(self.path, Quantize { rows, width, units: self.units, out: self.quantized });
        let columns = matrix.columns();
        self.products.resize(self.count * columns, 0);
        matrix.multiply(self.path, self.quantized, width / 2, self.count, self.packed, self.products);
        if !add {
            out.clear();
            out.resize(self.count * columns, 0.0);
        }
        let rows = out.chunks_exact_mut(columns).zip(self.products.chunks_exact(columns));
        for ((out, products), unit) in rows.zip(self.units.iter()) {
            let unit = unit * matrix.step;
            for (v, product) in out.iter_mut().zip(products) {
                *v += *product as f32 * unit;
            }
        }
    }
}

/// Rows to whole numbers.
struct Quantize<'a> {
    rows: &'a [f32],
    width: usize,
    units: &'a mut Vec<f32>,
    out: &'a mut [u32],
}

impl Work for Quantize<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let rows = self.rows.chunks_exact(self.width).zip(self.out.chunks_exact_mut(self.width / 2));
        for (row, out) in rows {
            self.units.push(quantize(row, out));
        }
    }
}

/// The tangent of every number, and rows of length 1.
struct Unit<'a> {
    rows: &'a mut [f32],
}

impl Work for Unit<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        for row in self.rows.chunks_exact_mut(EMBEDDING_WIDTH) {
            for v in row.iter_mut() {
                *v = tanh(*v);
            }
            let length = squares(row).max(super::math::EPSILON).sqrt();
            for v in row.iter_mut() {
                *v /= length;
            }
        }
    }
}

/// Widths that rows are cut by must be those of the vectors.
const _: () = assert!(
    EMBEDDING_WIDTH.is_multiple_of(16) && FEATURE_WIDTH.is_multiple_of(16) && HIDDEN_WIDTH.is_multiple_of(16)
);
