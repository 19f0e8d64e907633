//! `newsmill train language`: counts the n-grams of labelled texts into the language model.
//!
//! From rows `{id, lang, text, title?, split?, source?}` (JSONL). Rows of splits other than `train` are left out, of
//! sets without splits those whose id has a CRC-32 divisible by five, and rows that share text with a set that is
//! for measuring only.
//!
//! An n-gram's value for a language is `ln(1 + rate / floor)`: its rate is its count over all n-grams of its length in the
//! language, the floor a part of one count in the median language. N-grams that are rare in all languages together
//! are left out; those of many languages become a row.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use crate::eval::{is_for_training, language_code};
use crate::stages::detect_language::grams::{
    ALL_ORDERS, Class, ORDERS, ROW, UNIT, WAYS, for_each_gram, is_dense, place, write,
};

/// Choices of the fit. The defaults are those of the model that ships.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Letters that are read of a language.
    pub letters: usize,
    /// N-grams seen fewer times in all languages together are left out.
    pub min_count: u32,
    /// The floor, in counts of the median language.
    pub floor: f64,
    /// Languages that have an n-gram from which it becomes a row.
    pub row_from: usize,
    /// Values below this are left out, in the file's units.
    pub min_value: u8,
    /// Licences of sources, for the card.
    pub licences: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            letters: 300_000,
            min_count: 5,
            floor: 0.3,
            row_from: 64,
            min_value: 4,
            licences: [
                ("masakhanews", "AFL-3.0 by its published card; its repository states none"),
                ("zulu_siswati", "CC BY-SA 4.0"),
                ("dikgang_tn", "CC BY-SA 4.0"),
                ("farsnews", "Apache-2.0; Fars text CC BY 4.0"),
                ("briefs", "written for newsmill, free of any licence"),
                ("sib200", "CC BY-SA 4.0"),
            ]
            .map(|(source, licence)| (source.to_owned(), licence.to_owned()))
            .into(),
        }
    }
}

/// Languages of the sets in a script that hardly anybody writes them in, or that is another's.
const LEFT_OUT: [&str; 6] = ["arb_Latn", "ace_Arab", "bjn_Arab", "min_Arab", "knc_Arab", "taq_Tfng"];

/// Languages that rates alone do not tell apart well.
const RELATIVES: [&[&str]; 5] = [
    &["bs", "hr", "sr"],
    &["id", "ms"],
    &["awa", "bho", "hi", "hne", "mag", "mai"],
    &["da", "nb", "nn"],
    &["ss", "xh", "zu"],
];
/// Passes over their texts.
const EPOCHS: usize = 6;
/// What a wrong text changes the values of its n-grams by.
const STEP: f64 = 0.03;
/// By how much an n-gram must be better in the right language, in the mean over a text, to leave it at that.
const MARGIN: f64 = 0.02;

#[derive(Deserialize)]
struct Row {
    id: serde_json::Value,
    lang: String,
    #[serde(default)]
    title: Option<String>,
    text: String,
    #[serde(default)]
    split: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

#[derive(Default)]
struct Corpus {
    texts: Vec<(Class, String)>,
    /// Texts and letters by source.
    sources: BTreeMap<String, (usize, usize)>,
    held_out: usize,
    shared: usize,
}

/// Trains a model from `files`, without the rows that share text with those of `without`, and writes it to `out` and its
/// card beside it (`.md`).
///
/// # Errors
/// A file cannot be read or written, or has a row of another form.
pub fn train(
    files: &[PathBuf],
    without: &[PathBuf],
    out: &Path,
    settings: &Settings,
    say: &mut dyn FnMut(&str),
) -> Result<()> {
    let mut measured = HashSet::new();
    for file in without {
        for row in crate::eval::read::<Row>(file)? {
            measured.extend(windows(&row?.text));
        }
    }
    let mut corpus = Corpus::default();
    for file in files {
        for row in crate::eval::read::<Row>(file)? {
            corpus.add(row?, &measured);
        }
    }
    if corpus.texts.is_empty() {
        bail!("no training data: give files of labelled texts with --data");
    }
    say(&format!("{} texts, {} shared with a measured set left out", corpus.texts.len(), corpus.shared));
    let classes: Vec<Class> =
        corpus.texts.iter().map(|(class, _)| class.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    if classes.len() > 256 {
        bail!("{} languages: the file has room for 256", classes.len());
    }
    let (bytes, kept) = file(&corpus, &classes, settings);
    say(&format!("{} languages, {kept} n-grams, {} bytes", classes.len(), bytes.len()));
    std::fs::write(out, &bytes).with_context(|| format!("cannot write {}", out.display()))?;
    let beside = out.with_extension("md");
    std::fs::write(&beside, card(&corpus, &classes, settings, &bytes, kept))
        .with_context(|| format!("cannot write {}", beside.display()))
}

impl Corpus {
    fn add(&mut self, row: Row, measured: &HashSet<u64>) {
        let id = crate::eval::row_id(&row.id);
        if !is_for_training(&id, row.split.as_deref()) {
            self.held_out += 1;
            return;
        }
        let Some(class) = class(&row) else { return };
        let text = format!("{}\n{}", row.title.unwrap_or_default(), row.text);
        let all = windows(&text);
        let hits = all.iter().filter(|window| measured.contains(window)).count();
        if hits >= 4 && (hits * 8 >= all.len() || hits >= 60) {
            self.shared += 1;
            return;
        }
        let source = self.sources.entry(row.source.unwrap_or_else(|| "unnamed".to_owned())).or_default();
        source.0 += 1;
        source.1 += letters(&text);
        if class.code == "sr" && class.script == "Cyrl" {
            let latin = Class { script: "Latn".to_owned(), ..class.clone() };
            self.texts.push((latin, serbian_in_latin(&text)));
        }
        self.texts.push((class, text));
    }
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

/// Hashes of every run of some 20 letters (10 of scripts without spaces).
fn windows(text: &str) -> Vec<u64> {
    let letters: Vec<char> =
        text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let mut hashes = Vec::new();
    let mut window = String::new();
    for from in 0..letters.len() {
        window.clear();
        let mut length = 0;
        for c in &letters[from..] {
            window.push(*c);
            length += if is_dense(*c) { 2 } else { 1 };
            if length >= 20 {
                hashes.push(xxh3_64(window.as_bytes()));
                break;
            }
        }
    }
    hashes
}

/// Language and script of a row; the script as the row's language says, or else as most letters have it.
fn class(row: &Row) -> Option<Class> {
    if LEFT_OUT.contains(&row.lang.as_str()) {
        return None;
    }
    let code = language_code(&row.lang);
    let written = row.lang.split_once(['_', '-']).map(|(_, script)| script.to_owned());
    let script = written.unwrap_or_else(|| if code == "zh" { "Hans" } else { script(&row.text) }.to_owned());
    Some(Class { code, script })
}

/// ISO 15924 code of the script that most letters are of.
fn script(text: &str) -> &'static str {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        let script = match u32::from(c) {
            0x41..=0x24f | 0x1e00..=0x1eff => "Latn",
            0x370..=0x3ff => "Grek",
            0x400..=0x52f => "Cyrl",
            0x531..=0x58f => "Armn",
            0x590..=0x5ff => "Hebr",
            0x600..=0x77f => "Arab",
            0x900..=0x97f => "Deva",
            0x980..=0x9ff => "Beng",
            0xa00..=0xa7f => "Guru",
            0xa80..=0xaff => "Gujr",
            0xb80..=0xbff => "Taml",
            0xc00..=0xc7f => "Telu",
            0xc80..=0xcff => "Knda",
            0xd00..=0xd7f => "Mlym",
            0xe00..=0xe7f => "Thai",
            0x10a0..=0x10ff => "Geor",
            0x1200..=0x139f => "Ethi",
            0x3040..=0x30ff | 0x4e00..=0x9fff => "Jpan",
            0xac00..=0xd7af => "Hang",
            _ => "Zyyy",
        };
        *counts.entry(script).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or("Zyyy", |(script, _)| script)
}

/// Serbian is written in both alphabets, letter for letter.
fn serbian_in_latin(text: &str) -> String {
    const LETTERS: &str = "а a б b в v г g д d ђ đ е e ж ž з z и i ј j к k л l љ lj м m н n њ nj о o п p р r с s т t \
        ћ ć у u ф f х h ц c ч č џ dž ш š";
    let pairs: Vec<&str> = LETTERS.split_whitespace().collect();
    let latin: HashMap<char, &str> =
        pairs.chunks_exact(2).filter_map(|pair| Some((pair[0].chars().next()?, pair[1]))).collect();
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| latin.get(&c).map_or_else(|| c.to_string(), |l| (*l).to_owned()))
        .collect()
}

#[derive(Default)]
struct Gram {
    order: usize,
    counts: Vec<(u8, u32)>,
}

/// The model's file, and the number of n-grams in it.
fn file(corpus: &Corpus, classes: &[Class], settings: &Settings) -> (Vec<u8>, usize) {
    let mut grams: HashMap<u64, Gram> = HashMap::new();
    let mut totals = vec![[0_u32; ORDERS + 1]; classes.len()];
    let mut read = vec![0; classes.len()];
    for (class, text) in &corpus.texts {
        let class = classes.partition_point(|known| known < class);
        if read[class] > settings.letters {
            continue;
        }
        read[class] += letters(text);
        for_each_gram(text, ALL_ORDERS, |order, hash| {
            totals[class][order] += 1;
            let gram = grams.entry(hash).or_default();
            gram.order = order;
            match gram.counts.iter_mut().find(|(known, _)| usize::from(*known) == class) {
                Some((_, count)) => *count += 1,
                None => gram.counts.push((class as u8, 1)),
            }
        });
    }
    let median: [f64; ORDERS + 1] = std::array::from_fn(|order| {
        let mut all: Vec<u32> = totals.iter().map(|total| total[order]).filter(|n| *n > 0).collect();
        all.sort_unstable();
        f64::from(all.get(all.len() / 2).copied().unwrap_or(1))
    });
    let mut kept: Vec<(u64, u32, Gram)> = grams
        .into_iter()
        .map(|(hash, gram)| (hash, gram.counts.iter().map(|(_, n)| n).sum::<u32>(), gram))
        .filter(|(_, count, _)| *count >= settings.min_count)
        .collect();
    let corrections = tell_relatives_apart(corpus, classes, &kept, &|class, order, count| {
        value(count, &totals[class], &median, order, settings.floor)
    });
    // The frequent ones first: where a bucket is full, the rest is left out.
    kept.sort_unstable_by_key(|(hash, count, _)| (std::cmp::Reverse(*count), *hash));
    let buckets = (kept.len() / 5).max(1) as u32;
    let slots = buckets as usize * WAYS;
    let (mut tags, mut places) = (vec![0_u16; slots], vec![0_u32; slots]);
    let (mut lists, mut rows) = (Vec::new(), Vec::new());
    let mut stored = 0;
    for (hash, _, gram) in kept {
        let (bucket, tag) = place(hash, buckets);
        let ways = bucket * WAYS..(bucket + 1) * WAYS;
        let Some(slot) = ways.clone().find(|slot| tags[*slot] == 0) else { continue };
        if tags[ways].contains(&tag) {
            continue;
        }
        let mut exact: BTreeMap<u8, f64> = gram
            .counts
            .iter()
            .map(|(class, n)| {
                let total = &totals[usize::from(*class)];
                (*class, value(f64::from(*n), total, &median, gram.order, settings.floor))
            })
            .collect();
        for (class, by) in corrections.get(&hash).into_iter().flatten() {
            *exact.entry(*class).or_default() += by;
        }
        let values: Vec<(u8, u8)> = exact
            .into_iter()
            .map(|(class, value)| (class, (value * UNIT).round().clamp(0.0, 255.0) as u8))
            .filter(|(_, value)| *value >= settings.min_value)
            .collect();
        if values.is_empty() {
            continue;
        }
        tags[slot] = tag;
        stored += 1;
        if values.len() >= settings.row_from.min(255) {
            places[slot] = ROW | (rows.len() / classes.len()) as u32;
            let from = rows.len();
            rows.resize(from + classes.len(), 0);
            values.iter().for_each(|(class, value)| rows[from + usize::from(*class)] = *value);
        } else {
            places[slot] = lists.len() as u32;
            lists.push(values.len() as u8);
            lists.extend(values.iter().map(|(class, _)| class));
            lists.extend(values.iter().map(|(_, value)| value));
        }
    }
    (write(classes, &tags, &places, &lists, &rows), stored)
}

/// `ln(1 + rate / floor)`. A language of which little was read has rates of little worth.
fn value(
    count: f64,
    totals: &[u32; ORDERS + 1],
    median: &[f64; ORDERS + 1],
    order: usize,
    floor: f64,
) -> f64 {
    let n = f64::from(totals[order]).max(median[order] * 0.3);
    (1.0 + count.max(0.0) / n * median[order] / floor).ln()
}

/// What close relatives are told apart by, beyond their rates: an averaged perceptron over their texts. A text is
/// scored by values from which its own counts are taken, as if it had not been read.
fn tell_relatives_apart(
    corpus: &Corpus,
    classes: &[Class],
    kept: &[(u64, u32, Gram)],
    value: &dyn Fn(usize, usize, f64) -> f64,
) -> HashMap<u64, BTreeMap<u8, f64>> {
    let index: HashMap<u64, &Gram> = kept.iter().map(|(hash, _, gram)| (*hash, gram)).collect();
    let mut corrections: HashMap<u64, BTreeMap<u8, f64>> = HashMap::new();
    for group in RELATIVES {
        let members: Vec<usize> = (0..classes.len())
            .filter(|class| {
                let Class { code, script } = &classes[*class];
                let latin_serbian = code != "sr" || script == "Latn";
                group.contains(&code.as_str()) && latin_serbian
            })
            .collect();
        let mut rows: Vec<Counted> = Vec::new();
        for (class, text) in &corpus.texts {
            let Some(member) = members.iter().position(|member| classes[*member] == *class) else { continue };
            let mut counts: BTreeMap<u64, (usize, u32)> = BTreeMap::new();
            let cut = text.floor_char_boundary(600);
            for_each_gram(&text[..cut], ALL_ORDERS, |order, hash| {
                counts.entry(hash).or_insert((order, 0)).1 += 1
            });
            let counts = counts.into_iter().filter(|(hash, _)| index.contains_key(hash));
            rows.push((member, counts.map(|(hash, (order, n))| (hash, order, n)).collect()));
        }
        // In turns, whatever the order of the files.
        rows.sort_by_key(|(member, grams)| {
            xxh3_64(&[grams.len() as u8, grams.first().map_or(0, |g| g.0) as u8, *member as u8])
        });
        learn(&rows, &members, &index, value, &mut corrections);
    }
    corrections
}

/// Which member a text is of, and its n-grams: hash, length, count.
type Counted = (usize, Vec<(u64, usize, u32)>);

fn learn(
    rows: &[Counted],
    members: &[usize],
    index: &HashMap<u64, &Gram>,
    value: &dyn Fn(usize, usize, f64) -> f64,
    corrections: &mut HashMap<u64, BTreeMap<u8, f64>>,
) {
    // Per n-gram and member: the weight, and its sum over time (as what each change would have added).
    let mut weights: HashMap<u64, Vec<(f64, f64)>> = HashMap::new();
    let mut time = 0.0;
    for _ in 0..EPOCHS {
        for (right, grams) in rows {
            time += 1.0;
            let mut scores = vec![0.0; members.len()];
            let mut length = 0.0;
            for (hash, order, n) in grams {
                let gram = index[hash];
                length += f64::from(*n);
                for (member, score) in scores.iter_mut().enumerate() {
                    let class = members[member];
                    let count = gram.counts.iter().find(|(known, _)| usize::from(*known) == class);
                    let own = if member == *right { *n } else { 0 };
                    let count = f64::from(count.map_or(0, |(_, count)| *count)) - f64::from(own);
                    let learnt = weights.get(hash).map_or(0.0, |weights| weights[member].0);
                    *score += f64::from(*n) * (value(class, *order, count) + learnt);
                }
            }
            let rival = (0..members.len())
                .filter(|member| member != right)
                .max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
            let Some(rival) = rival else { continue };
            if scores[*right] > scores[rival] + MARGIN * length {
                continue;
            }
            for (hash, _, n) in grams {
                let weights = weights.entry(*hash).or_insert_with(|| vec![(0.0, 0.0); members.len()]);
                let step = STEP * f64::from(*n).sqrt();
                for (member, sign) in [(*right, 1.0), (rival, -1.0)] {
                    weights[member].0 += sign * step;
                    weights[member].1 += sign * step * time;
                }
            }
        }
    }
    for (hash, weights) in weights {
        for (member, (weight, over_time)) in weights.into_iter().enumerate() {
            let mean = weight - over_time / (time + 1.0);
            *corrections.entry(hash).or_default().entry(members[member] as u8).or_default() += mean;
        }
    }
}

fn card(corpus: &Corpus, classes: &[Class], settings: &Settings, bytes: &[u8], kept: usize) -> String {
    let mut text = format!(
        "# Language model\n\nCharacter n-grams of 1 to {ORDERS} letters in {} languages and scripts: {kept} n-grams, {} bytes, \
         XXH3-64 {:016x}. Made by `newsmill train language`, which makes the same bytes of the same data.\n\n\
         ## Sources\n\n| source | texts | letters | licence |\n|---|---|---|---|\n",
        classes.len(),
        bytes.len(),
        xxh3_64(bytes),
    );
    for (source, (texts, letters)) in &corpus.sources {
        let licence = settings.licences.iter().find(|(name, _)| name == source);
        let licence = licence.map_or("not stated", |(_, licence)| licence);
        let _ = writeln!(text, "| {source} | {texts} | {letters} | {licence} |");
    }
    let _ = writeln!(
        text,
        "\n{} rows were left out: splits other than `train`, and of sets without splits the rows whose id has a CRC-32 \
         divisible by five. {} more were left out because they share text with a set that is for measuring only. Of \
         a language, {} letters at most are counted. Serbian in Latin letters is the Serbian text, transliterated.\n\n\
         What the model holds are rates of runs of up to five letters; texts cannot be made of them again.\n\n\
         ## Languages\n\n{}.\n\n## Settings\n\nAt least {} counts, floor {}, rows from {} languages, values from {}.",
        corpus.held_out,
        corpus.shared,
        settings.letters,
        classes.iter().map(|class| format!("{}-{}", class.code, class.script)).collect::<Vec<_>>().join(" "),
        settings.min_count,
        settings.floor,
        settings.row_from,
        settings.min_value,
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::detect_language::grams::{Found, Model};

    #[test]
    fn a_model_tells_what_it_was_taught_apart() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("rows.jsonl");
        let mut rows = String::new();
        for (lang, text) in [("aa", "kalimu sorate miluka norata"), ("bb", "vesk dronth gesk throng hesk")] {
            for (i, split) in ["train", "train", "dev"].iter().enumerate() {
                let row = serde_json::json!({"id": format!("{lang}{i}"), "lang": lang, "split": split,
                    "text": format!("{text} {}", if *split == "dev" { "zzqqx" } else { "" })});
                let _ = writeln!(rows, "{row}");
            }
        }
        std::fs::write(&data, rows).unwrap();
        let out = dir.path().join("m.bin");
        let settings = Settings { min_count: 1, row_from: 2, ..Settings::default() };
        let files = [data.clone()];
        train(&files, &[], &out, &settings, &mut |_| {}).unwrap();
        let bytes = std::fs::read(&out).unwrap();
        let model = Model::read(&bytes).unwrap();
        let score = |text: &str| {
            let mut scores = [0; 256];
            model.score(text, ALL_ORDERS, &mut Found::default(), &mut scores);
            [scores[0], scores[1]]
        };
        let [a, b] = score("miluka");
        assert!(a > 4 * b, "{a} {b}");
        let [a, b] = score("throng");
        assert!(b > 4 * a, "{a} {b}");
        assert_eq!(score("qqx"), [0, 0], "a row that is held out was read");
        train(&files, &[], &out, &settings, &mut |_| {}).unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), bytes, "the same data, other bytes");
        // Rows of a measured set are not trained on.
        assert!(train(&files, &files, &out, &settings, &mut |_| {}).is_err());
    }

    #[test]
    fn serbian_is_transliterated() {
        assert_eq!(serbian_in_latin("Љубав и Џеп"), "ljubav i džep");
    }
}
