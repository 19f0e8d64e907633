//! The paths against one another, damaged files, and hostile texts, on a small encoder with made-up weights. The real one is
//! held to the reference in `tests/it/encoder.rs`.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::matrix::{LIMIT, Matrix, Packed, pair, quantize, round};
use super::sentences::MAX_SENTENCE_BYTES;
use super::simd::{COLUMNS, PAIR, tile};
use super::trie::Trie;
use super::weights::{HIDDEN_WIDTH, INPUT_WIDTH, ORDERS, ROW_BYTES, STEPS, TABLE_PARTS, TABLE_WIDTH, WIDTH};
use super::*;

const PIECES: [&str; 12] = ["<unk>", "<s>", "</s>", "▁", "▁the", "a", "b", "ab", "abc", "é", "市", "▁a"];

/// Random numbers of 64 bits (Knuth's MMIX), the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn weights(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() % 255) as u8).map(|v| if v == 128 { 0 } else { v }).collect()
    }

    fn floats(&mut self, count: usize, size: f32) -> Vec<u8> {
        let mut one = || (self.next() % 2001) as f32 / 1000.0 - 1.0;
        (0..count).flat_map(|_| (one() * size).to_le_bytes()).collect()
    }
}

/// A table of characters without any.
fn no_charsmap() -> Vec<u8> {
    let mut bytes = 1024_u32.to_le_bytes().to_vec();
    bytes.resize(4 + 1024, 0xff);
    bytes
}

static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| format::write(&sections()));

/// The file of an encoder that has a layer folded.
pub(crate) fn with_layer(layer: &[i8], of: u64) -> Vec<u8> {
    let mut sections = sections();
    sections.extend(encoder().fold(layer, of).unwrap());
    format::write(&sections)
}

fn sections() -> Vec<(String, Vec<u8>)> {
    let mut random = Random(1);
    let mut sections = vec![("table".to_owned(), random.weights(40 * ROW_BYTES))];
    let parts: Vec<u8> = [0.2_f32.to_le_bytes(); TABLE_PARTS].concat();
    sections.push(("table_parts".to_owned(), [parts.clone(), parts].concat()));
    for name in STEPS {
        let taps = |n: usize| n * WIDTH * WIDTH;
        let (outer, inner) = (EMBEDDING_WIDTH, HIDDEN_WIDTH);
        let count = match name {
            "w1_2" | "w2_2" => taps(2),
            "w1_3" | "w2_3" => taps(3),
            "w1_5" | "w2_5" => taps(5),
            "cnn_W" => FEATURE_WIDTH * outer,
            "d0" | "p1" | "d2" | "p3" => outer * inner,
            "d1" => inner * inner,
            "d3" => outer * outer,
            _ => TABLE_WIDTH * WIDTH,
        };
        sections.push((name.to_owned(), random.weights(count)));
    }
    let steps: Vec<u8> = STEPS.iter().flat_map(|_| 0.001_f32.to_le_bytes()).collect();
    sections.push(("steps".to_owned(), steps));
    for name in ["proj_b", "input_gain", "input_bias"] {
        sections.push((name.to_owned(), random.floats(INPUT_WIDTH, 1.5)));
    }
    for (n, _) in ORDERS {
        // Few inputs of the second layer are active.
        let bias: Vec<u8> = [(-1.0_f32).to_le_bytes(); WIDTH].concat();
        sections.push((format!("b1_{n}"), bias));
        sections.push((format!("b2_{n}"), random.floats(WIDTH, 0.3)));
    }
    for (name, count) in [("ln_g", FEATURE_WIDTH), ("ln_b", FEATURE_WIDTH), ("cnn_b", EMBEDDING_WIDTH)] {
        sections.push((name.to_owned(), random.floats(count, 1.0)));
    }
    let pieces: Vec<(Vec<u8>, u32)> =
        PIECES.iter().zip(0..).skip(3).map(|(piece, id)| (piece.as_bytes().to_vec(), id)).collect();
    let words = Trie::build(&pieces).write();
    sections.push(("pieces".to_owned(), words.iter().flat_map(|word| word.to_le_bytes()).collect()));
    let scores: Vec<u8> = (0..PIECES.len()).flat_map(|i| (-(i as f32)).to_le_bytes()).collect();
    sections.push(("scores".to_owned(), scores));
    sections.push(("charsmap".to_owned(), no_charsmap()));
    sections
}

fn encoder() -> Encoder {
    Encoder::new(Box::new(FILE.clone())).unwrap()
}

fn bits(embedding: Option<Embedding<'_>>) -> Vec<u32> {
    embedding.unwrap().vector.iter().map(|v| v.to_bits()).collect()
}

pub(crate) const TEXT: &str = "the ab abc é! a abab the 市市 b. the the a\nbaabc ?? the éé 市。b a abc ab";

#[test]
fn every_path_gives_the_same_bits() {
    let mut scratch = Scratch::default();
    let known = bits(encoder().embed(&mut scratch, "the é", TEXT, 120));
    assert!(known.iter().any(|v| *v != known[0]));
    for path in Path::all() {
        let encoder = encoder().with_path(path);
        assert_eq!(bits(encoder.embed(&mut Scratch::default(), "the é", TEXT, 120)), known, "{path:?}");
    }
}

#[test]
fn what_is_remembered_changes_nothing() {
    let mut scratch = Scratch::default();
    let forgetful = encoder().with_known_tokens(0);
    let remembering = encoder();
    for text in [TEXT, "the", "abc the", TEXT, TEXT] {
        let fresh = bits(forgetful.embed(&mut Scratch::default(), "", text, 120));
        assert_eq!(bits(remembering.embed(&mut scratch, "", text, 120)), fresh);
    }
    assert!(remembering.known.get(4).is_some() && forgetful.known.get(4).is_none());
}

#[test]
fn tokens_are_the_best_pieces_and_unknown_ones_are_merged() {
    let encoder = encoder();
    let mut scratch = Scratch::default();
    let mut pieces = |text: &str| -> Vec<&str> {
        encoder.tokens(&mut scratch, text).iter().map(|token| PIECES[*token as usize]).collect()
    };
    assert_eq!(pieces("the"), ["▁the"]);
    assert_eq!(pieces("  the \u{20} a "), ["▁the", "▁", "a"]);
    // Scores fall with the number: `ab` (-7) and `c` (unknown) lose against `abc` (-8).
    assert_eq!(pieces("babc"), ["▁", "b", "abc"]);
    assert_eq!(pieces("γδεa"), ["▁", "<unk>", "a"]);
    assert!(pieces(" \u{20} ").is_empty() && pieces("").is_empty());
}

#[test]
fn a_budget_is_kept() {
    let encoder = encoder();
    let mut scratch = Scratch::default();
    let text = "the a b. ".repeat(500);
    for (budget, read) in [(0, None), (1, Some(1)), (30, Some(30)), (1000, Some(10 * 6))] {
        let embedding = encoder.embed(&mut scratch, "", &text, budget);
        assert_eq!(embedding.map(|embedding| embedding.read.tokens), read, "{budget}");
    }
    assert!(encoder.embed(&mut scratch, " ", "\n \n", 120).is_none());
    let unknown = encoder.embed(&mut scratch, "γδ", "εζ", 120).unwrap();
    assert_eq!((unknown.read.tokens, unknown.read.unknown), (4, 2));
}

/// Work is bounded by the budget, whatever the text: a megabyte costs what a page does.
#[test]
fn hostile_texts_are_read_to_a_bound() {
    let encoder = encoder();
    let mut scratch = Scratch::default();
    for character in ["a", "é", "市", "🙂", " ", "\n", ".", "。", "\u{300}", "\u{0}", "!\u{3000}"] {
        let text = character.repeat(1_000_000 / character.len());
        let embedding = encoder.embed(&mut scratch, &text, &text, 120);
        assert!(embedding.is_none_or(|embedding| embedding.read.tokens <= 120), "{character:?}");
        assert!(scratch.tokens.len() <= 120 + 2 * SENTENCES);
        for sentence in Sentences::new(&text) {
            assert!(!sentence.is_empty() && sentence.len() <= MAX_SENTENCE_BYTES);
        }
    }
}

/// What a layer makes of the mean of the inputs, and what its table says.
#[test]
fn a_folded_layer_is_the_layer() {
    let layer: Vec<i8> = Random(5).weights(INPUT_WIDTH * UNITS).iter().map(|weight| *weight as i8).collect();
    let encoder = Encoder::new(Box::new(with_layer(&layer, 7))).unwrap();
    assert_eq!(encoder.folded_of(), Some(7));
    let mut scratch = Scratch::default();
    encoder.read(&mut scratch, "the é", TEXT, 120).unwrap();
    let found = encoder.folded_mean(&scratch).unwrap();
    let words: Vec<u32> = scratch.tokens().iter().copied().filter(|token| folded::is_word(*token)).collect();
    assert!(words.len() > 20 && words.len() < scratch.tokens().len());
    let mut sums = [0.0; UNITS];
    let mut largest = [0.0_f32; UNITS];
    for token in 0..encoder.vocabulary() as u32 {
        let times = words.iter().filter(|word| **word == token).count() as f32;
        let inputs = encoder.inputs(&mut scratch, token).to_vec();
        for unit in 0..UNITS {
            let own: f32 = inputs
                .iter()
                .zip(layer.iter().skip(unit).step_by(UNITS))
                .map(|(v, w)| v * f32::from(*w))
                .sum();
            sums[unit] += times * own;
            largest[unit] = largest[unit].max(own.abs());
        }
    }
    for unit in 0..UNITS {
        let (mean, step) = (sums[unit] / words.len() as f32, largest[unit] / 127.0);
        assert!((found[unit] - mean).abs() < 0.6 * step, "{} is not {mean}, in steps of {step}", found[unit]);
    }
    // No word, and no layer.
    assert_eq!(encoder.read(&mut scratch, "", " ", 120), None);
    assert_eq!(encoder.folded_mean(&scratch), None);
    let without = Encoder::new(Box::new(FILE.clone())).unwrap();
    without.read(&mut scratch, "", TEXT, 120).unwrap();
    assert_eq!((without.folded_of(), without.folded_mean(&scratch)), (None, None));
}

#[test]
fn every_path_folds_to_the_same_table() {
    let layer: Vec<i8> = Random(6).weights(INPUT_WIDTH * UNITS).iter().map(|weight| *weight as i8).collect();
    let known = encoder().fold(&layer, 1).unwrap();
    for path in Path::all() {
        assert_eq!(encoder().with_path(path).fold(&layer, 1).unwrap(), known, "{path:?}");
    }
    assert!(encoder().fold(&layer[1..], 1).is_err());
    let mut cut = sections();
    cut.extend(known);
    let rows = cut.iter_mut().find(|(name, _)| name == "folded").unwrap();
    rows.1.pop();
    assert!(matches!(Encoder::new(Box::new(format::write(&cut))).err(), Some(EncoderError::Damaged(_))));
}

#[test]
fn sentences_end_where_they_do() {
    let cut = |text| Sentences::new(text).collect::<Vec<_>>();
    assert_eq!(cut("One.  Two! 3.5 %?\nFour… five"), ["One.", "Two!", "3.5 %?", "Four…", "five"]);
    assert_eq!(cut("一。二！三 四\n\n五"), ["一。", "二！", "三 四", "五"]);
    assert_eq!(cut("سؤال؟ جواب। x"), ["سؤال؟", "جواب।", "x"]);
    assert!(cut(" \n ").is_empty());
    let long = "word ".repeat(500);
    let pieces = cut(&long);
    assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.ends_with("word")));
}

#[test]
fn files_that_are_none_are_refused() {
    let refused = |bytes: Vec<u8>| Encoder::new(Box::new(bytes)).err().unwrap();
    assert_eq!(refused(b"PK\x03\x04".to_vec()), EncoderError::Foreign);
    assert_eq!(refused(Vec::new()), EncoderError::Foreign);
    let mut other = FILE.clone();
    other[8] = 9;
    assert_eq!(refused(other), EncoderError::OtherVersion { found: 9 });
    for length in [9, 12, 40, 64, 100, FILE.len() / 2, FILE.len() - 1] {
        let error = refused(FILE[..length].to_vec());
        assert!(matches!(error, EncoderError::Truncated { .. }), "{length}: {error}");
        assert!(error.to_string().contains(&length.to_string()), "{error}");
    }
}

/// Sections that are missing, of another length, or hold other things than they should.
#[test]
fn every_section_is_needed_and_checked() {
    let sections = Sections::read(&FILE).unwrap();
    let entry = |number: usize| format::HEAD_BYTES + 32 * number;
    for number in 0..STEPS.len() + 18 {
        let mut renamed = FILE.clone();
        renamed[entry(number)] ^= 1;
        let error = Encoder::new(Box::new(renamed)).err();
        assert!(matches!(error, Some(EncoderError::Damaged(_))), "section {number}: {error:?}");
        let mut outside = FILE.clone();
        outside[entry(number) + 23] = 0xff;
        assert!(Encoder::new(Box::new(outside)).is_err(), "section {number}");
    }
    let (at, _) = sections.place("cnn_b").unwrap();
    let mut infinite = FILE.clone();
    infinite[at..at + 4].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert!(Encoder::new(Box::new(infinite)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is in the words of the pieces and of the table of characters, a text is read to its end.
    #[test]
    fn damaged_vocabularies_do_not_panic(
        words in prop::collection::vec(prop_oneof![0_u32..600, any::<u32>()], 0..900),
        charsmap in prop::collection::vec(any::<u8>(), 0..2000),
        scores in prop::collection::vec(-20.0_f32..0.0, 0..30),
        text in "\\PC{0,60}",
    ) {
        let mut own = ((charsmap.len() / 2) as u32).to_le_bytes().to_vec();
        own.extend(charsmap);
        let charsmap = charsmap::Charsmap::read(&own).unwrap();
        let tokenizer = Tokenizer::new(charsmap, Trie::read(&words), scores.clone());
        let mut tokens = Vec::new();
        tokenizer.encode(&text, &mut tokenizer::Buffers::default(), &mut tokens);
        prop_assert!(tokens.iter().all(|token| *token == UNKNOWN || (*token as usize) < scores.len()));
    }

    /// A byte that is changed anywhere but in the weights is found or does no harm.
    #[test]
    fn damaged_files_do_not_panic(at in 0_usize..2000, byte in any::<u8>()) {
        let mut file = FILE.clone();
        file[at] = byte;
        if let Ok(encoder) = Encoder::new(Box::new(file)) {
            encoder.embed(&mut Scratch::default(), "", TEXT, 120);
        }
    }

    #[test]
    fn a_trie_holds_its_keys_and_no_others(keys in prop::collection::btree_set("[a-c市é]{1,5}", 0..60), other in "[a-d市]{1,6}") {
        let numbered: Vec<(Vec<u8>, u32)> = keys.iter().map(|key| key.as_bytes().to_vec()).zip(0..).collect();
        let trie = Trie::read(&Trie::build(&numbered).write());
        let find = |key: &[u8]| {
            let end = key.iter().try_fold(Trie::ROOT, |node, byte| trie.step(node, *byte));
            end.and_then(|node| trie.value(node))
        };
        for (key, number) in &numbered {
            prop_assert_eq!(find(key), Some(*number));
        }
        prop_assert_eq!(find(other.as_bytes()).is_some(), keys.contains(&other));
    }

    /// Sums of the largest numbers too: they are taken modulo 2³².
    #[test]
    fn tiles_are_the_same_on_every_path(
        rows in prop::collection::vec(any::<[u32; 4]>(), 0..200),
        panel in prop::collection::vec(any::<[i8; PAIR]>(), 0..200),
    ) {
        let number = |two: u32, k: usize| i64::from((two >> (16 * k)) as i16);
        for path in Path::all() {
            let mut out = [[1; COLUMNS]; 4];
            tile(path, &rows, &panel, &mut out);
            for (m, sums) in out.iter().enumerate() {
                for (c, sum) in sums.iter().enumerate() {
                    let pairs = rows.iter().zip(&panel);
                    let exact: i64 = pairs
                        .map(|(row, panel)| {
                            number(row[m], 0) * i64::from(panel[2 * c]) + number(row[m], 1) * i64::from(panel[2 * c + 1])
                        })
                        .sum();
                    prop_assert_eq!(*sum, exact as i32, "{:?} {} {}", path, m, c);
                }
            }
        }
    }

    #[test]
    fn matrices_multiply(count in 0_usize..11, seed in any::<u64>()) {
        let (rows, columns, mut random) = (12, 32, Random(seed));
        let weights: Vec<i8> = random.weights(rows * columns).iter().map(|v| *v as i8).collect();
        let values: Vec<i32> = (0..count * rows).map(|_| (random.next() % 26_401) as i32 - LIMIT as i32).collect();
        let pairs: Vec<u32> = values.chunks_exact(2).map(|two| pair(two[0], two[1])).collect();
        let matrix = Matrix::new(&weights, rows, columns, 1.0).unwrap();
        for path in Path::all() {
            let mut out = vec![7; count * columns];
            matrix.multiply(path, &pairs, rows / 2, count, &mut Packed::default(), &mut out);
            for (i, found) in out.iter().enumerate() {
                let (row, column) = (i / columns, i % columns);
                let exact: i32 =
                    (0..rows).map(|k| values[row * rows + k] * i32::from(weights[k * columns + column])).sum();
                prop_assert_eq!(*found, exact);
            }
        }
    }

    #[test]
    fn numbers_are_rounded_to_the_nearest(v in -2_000_000.0_f32..2_000_000.0) {
        prop_assert_eq!(round(v), v.round_ties_even() as i32);
    }

    #[test]
    fn rows_are_quantized(row in prop::collection::vec(-1e6_f32..1e6, 32), size in -30_i32..30) {
        let row: Vec<f32> = row.iter().map(|v| v * 2.0_f32.powi(size)).collect();
        let mut out = [0; 16];
        let unit = quantize(&row, &mut out);
        for (i, v) in row.iter().enumerate() {
            let found = f32::from((out[i / 2] >> (16 * (i % 2))) as i16) * unit;
            prop_assert!((found - v).abs() <= unit * 0.51, "{} became {}", v, found);
        }
    }

    #[test]
    fn codes_are_packed_without_loss(codes in prop::collection::vec(0_u8..64, TABLE_WIDTH)) {
        let codes: [u8; TABLE_WIDTH] = codes.try_into().unwrap();
        prop_assert_eq!(tokens::codes(&tokens::pack(&codes)), codes);
    }
}
