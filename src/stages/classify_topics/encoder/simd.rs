//! The processor's vector instructions: which there are, and the two things done with them.
//!
//! All `unsafe` code of the encoder is in this file. [`tile`] is the inner loop of every matrix product, on whole
//! numbers, so that each path gives the same. [`run`] compiles a piece of plain code once more for a path. The
//! compiler neither reorders nor contracts sums of floating-point numbers, whatever vectors it uses: that code gives
//! the same on each path too.
#![expect(unsafe_code, reason = "vector instructions may only be called where the processor has them")]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m128i, __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_loadu_si256,
    _mm256_madd_epi16, _mm256_set1_epi32, _mm256_setzero_si256, _mm256_storeu_si256, _mm512_cvtepi8_epi16,
    _mm512_dpwssd_epi32, _mm512_set1_epi32, _mm512_setzero_si512, _mm512_storeu_si512,
};

/// Columns of a tile.
pub const COLUMNS: usize = 16;
/// Weights of a tile for two numbers of a row.
pub const PAIR: usize = 2 * COLUMNS;

/// Instructions that a processor has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Level {
    /// What every processor of the target has.
    #[default]
    Portable,
    /// AVX2, 256 bits.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 with products of 16-bit numbers summed in one step (VNNI).
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// A [`Level`] that this processor was found to have: there is no other way to one. The default is portable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Path(Level);

impl Path {
    /// All that this processor has, the fastest last.
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self(Level::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2");
            if avx2 {
                all.push(Self(Level::Avx2));
            }
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vnni");
            if avx2 && avx512 {
                all.push(Self(Level::Avx512));
            }
        }
        all
    }

    /// What it is.
    pub fn level(self) -> Level {
        self.0
    }
}

/// Plain code to be compiled for each path. `run` has to be `#[inline(always)]`, and what it calls in its loops too.
pub trait Work {
    /// What comes out.
    type Out;
    /// Does it.
    fn run(self) -> Self::Out;
}

/// Does the work with the instructions of a path.
pub fn run<W: Work>(path: Path, work: W) -> W::Out {
    match path.0 {
        Level::Portable => work.run(),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `Path` of this level is only made where the processor has AVX2.
        Level::Avx2 => unsafe { run_avx2(work) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `Path` of this level is only made where the processor has all five features.
        Level::Avx512 => unsafe { run_avx512(work) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2<W: Work>(work: W) -> W::Out {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
fn run_avx512<W: Work>(work: W) -> W::Out {
    work.run()
}

/// Products of `M` rows with a panel of 16 columns, `out[m][c] = Σ rows[k][m] · panel[k][c]`, modulo 2³².
///
/// `rows` holds for every two `k` the two 16-bit numbers of each row, the first in the low half. `panel` holds for them 32 weights:
/// both of column 0, both of column 1, and so on. What one of them has more than the other is not read.
pub fn tile<const M: usize>(
    path: Path,
    rows: &[[u32; M]],
    panel: &[[i8; PAIR]],
    out: &mut [[i32; COLUMNS]; M],
) {
    match path.0 {
        Level::Portable => tile_portable(rows, panel, out),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `Path` of this level is only made where the processor has AVX2.
        Level::Avx2 => unsafe { tile_avx2(rows, panel, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `Path` of this level is only made where the processor has all five features.
        Level::Avx512 => unsafe { tile_avx512(rows, panel, out) },
    }
}

fn tile_portable<const M: usize>(rows: &[[u32; M]], panel: &[[i8; PAIR]], out: &mut [[i32; COLUMNS]; M]) {
    *out = [[0; COLUMNS]; M];
    for (two, weights) in rows.iter().zip(panel) {
        let weights: [i16; PAIR] = weights.map(i16::from);
        for (sums, two) in out.iter_mut().zip(two) {
            let (low, high) = (*two as i16, (*two >> 16) as i16);
            let numbers: [i16; PAIR] = std::array::from_fn(|i| if i % 2 == 0 { low } else { high });
            for c in 0..COLUMNS {
                let product = i32::from(numbers[2 * c]) * i32::from(weights[2 * c])
                    + i32::from(numbers[2 * c + 1]) * i32::from(weights[2 * c + 1]);
                sums[c] = sums[c].wrapping_add(product);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn tile_avx2<const M: usize>(rows: &[[u32; M]], panel: &[[i8; PAIR]], out: &mut [[i32; COLUMNS]; M]) {
    let mut sums = [[_mm256_setzero_si256(); 2]; M];
    for (two, weights) in rows.iter().zip(panel) {
        let weights: *const __m128i = weights.as_ptr().cast();
        // SAFETY: there are 32 weights of a byte, which is two vectors; no alignment is asked for.
        let halves = unsafe { [_mm_loadu_si128(weights), _mm_loadu_si128(weights.add(1))] };
        let [left, right] = halves.map(|half| _mm256_cvtepi8_epi16(half));
        for (sums, two) in sums.iter_mut().zip(two) {
            let two = _mm256_set1_epi32(*two as i32);
            sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(two, left));
            sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(two, right));
        }
    }
    for (to, from) in out.iter_mut().zip(sums) {
        let to: *mut __m256i = to.as_mut_ptr().cast();
        // SAFETY: `to` has 16 numbers of 4 bytes, which is two vectors; no alignment is asked for.
        unsafe {
            _mm256_storeu_si256(to, from[0]);
            _mm256_storeu_si256(to.add(1), from[1]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
fn tile_avx512<const M: usize>(rows: &[[u32; M]], panel: &[[i8; PAIR]], out: &mut [[i32; COLUMNS]; M]) {
    let mut sums = [_mm512_setzero_si512(); M];
    for (two, weights) in rows.iter().zip(panel) {
        // SAFETY: there are 32 weights of a byte, which is one vector; no alignment is asked for.
        let weights = _mm512_cvtepi8_epi16(unsafe { _mm256_loadu_si256(weights.as_ptr().cast()) });
        for (sum, two) in sums.iter_mut().zip(two) {
            *sum = _mm512_dpwssd_epi32(*sum, _mm512_set1_epi32(*two as i32), weights);
        }
    }
    for (to, sum) in out.iter_mut().zip(sums) {
        // SAFETY: `to` has 16 numbers of 4 bytes, which is one vector; no alignment is asked for.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), sum) };
    }
}
