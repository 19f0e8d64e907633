//! Sums and functions of floating-point numbers in an order that is fixed, whatever vectors they are computed with.

/// Chains that a sum is made of.
const LANES: usize = 16;
/// Keeps a row of equal numbers from being divided by nothing.
pub const EPSILON: f32 = 1e-12;

/// Sum of `f` of every number, in 16 chains; the length is a multiple of 16.
#[inline(always)]
fn sum(row: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    for chunk in row.chunks_exact(LANES) {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane += f(*v);
        }
    }
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// Sum of squares; the length is a multiple of 16.
#[inline(always)]
pub fn squares(row: &[f32]) -> f32 {
    sum(row, |v| v * v)
}

/// Shifts and scales a row to mean 0 and variance 1; its length is a multiple of 16.
#[inline(always)]
pub fn normalize(row: &mut [f32]) {
    let count = row.len() as f32;
    let mean = sum(row, |v| v) / count;
    for v in row.iter_mut() {
        *v -= mean;
    }
    let factor = 1.0 / (squares(row) / count + EPSILON).sqrt();
    for v in row.iter_mut() {
        *v *= factor;
    }
}

/// Hyperbolic tangent, to 3·10⁻⁷: the system's own differs from one system to the next.
///
/// `tanh |v| = (1 - e) / (1 + e)` with `e = exp(-2 |v|)`.
#[inline(always)]
pub fn tanh(v: f32) -> f32 {
    // From 10 on the tangent is 1 in 32 bits.
    let positive = v.abs().min(10.0);
    let e = exp2(positive * (-2.0 * std::f32::consts::LOG2_E));
    ((1.0 - e) / (1.0 + e)).copysign(v)
}

/// 2 to a power between -126 and 0: the whole part goes into the exponent, the rest by Taylor's series of degree 7.
#[inline(always)]
fn exp2(power: f32) -> f32 {
    let whole = super::matrix::round(power);
    let rest = (power - whole as f32) * std::f32::consts::LN_2;
    let mut series = 1.0;
    for k in [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        series = 1.0 + series * rest / k;
    }
    series * f32::from_bits(((127 + whole) << 23) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tangent_is_near_enough() {
        for i in -40_000..=40_000 {
            let v = i as f32 / 2000.0;
            let off = (f64::from(tanh(v)) - f64::from(v).tanh()).abs();
            assert!(off < 3e-7, "tanh {v} is off by {off}");
        }
        assert_eq!(tanh(f32::INFINITY), 1.0);
        assert_eq!(tanh(-0.0).to_bits(), (-0.0_f32).to_bits());
    }

    #[test]
    fn a_normalized_row_has_mean_0_and_variance_1() {
        let mut row: Vec<f32> = (0..768).map(|i| (i * i % 97) as f32 - 20.0).collect();
        normalize(&mut row);
        assert!(sum(&row, |v| v).abs() < 1e-3);
        assert!((squares(&row) / 768.0 - 1.0).abs() < 1e-5);
        let mut equal = [3.0; 32];
        normalize(&mut equal);
        assert_eq!(equal, [0.0; 32]);
    }
}
