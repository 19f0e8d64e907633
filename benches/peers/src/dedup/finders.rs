//! What finds near-duplicates, each as its makers set it up.

use clap::ValueEnum;
use newsmill::eval::stream::Stream;
use newsmill::record::{Origin, Source};
use newsmill::sightings::{At, Config, Entry, Index, Sighting, Verdict};
use newsmill::stages::deduplicate::{canonical_url, fingerprint_text, hash_body};

use super::texts::Text;

/// A way to find near-duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Newsmill,
    #[cfg(feature = "peers")]
    Gaoya42,
    #[cfg(feature = "peers")]
    Gaoya20,
}

impl Kind {
    #[cfg(feature = "peers")]
    pub const ALL: &[Self] = &[Self::Newsmill, Self::Gaoya42, Self::Gaoya20];
    #[cfg(not(feature = "peers"))]
    pub const ALL: &[Self] = &[Self::Newsmill];

    /// Name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Newsmill => "newsmill",
            #[cfg(feature = "peers")]
            Self::Gaoya42 => "gaoya, 42 × 3, J ≥ .3",
            #[cfg(feature = "peers")]
            Self::Gaoya20 => "gaoya, 20 × 5, J ≥ .5",
        }
    }
}

/// An index that a document is looked up in and put into.
pub trait Finder {
    /// A made-up document in the form that it is looked up in.
    type Made;
    /// Bytes that a document may take, to see beforehand how many there is room for.
    const MOST_BYTES: usize;

    fn new() -> Self;
    /// From a text to its sketch, looked up and put in: whether it repeats one.
    fn text(&mut self, text: &Text) -> bool;
    /// Document `n` of a stream. Not on the clock.
    fn made(stream: &Stream, n: u64) -> Self::Made;
    /// Looks up and puts in: whether it repeats one.
    fn put(&mut self, made: Self::Made) -> bool;
}

/// newsmill: the verdict on a sighting, as every worker reaches it.
pub struct Newsmill {
    index: Index,
    texts: u64,
}

impl Finder for Newsmill {
    type Made = (At, Entry);
    const MOST_BYTES: usize = 600;

    fn new() -> Self {
        Self { index: Index::new(&Config::default()), texts: 0 }
    }

    fn text(&mut self, text: &Text) -> bool {
        self.texts += 1;
        let canonical = canonical_url(&text.url);
        let source = Source::File { input: "bench".into(), line: self.texts };
        let origin = Origin { source, body: hash_body(text.text.as_bytes()) };
        let fingerprints = fingerprint_text(None, &text.text, canonical.as_deref());
        let entry = Entry::Sighting(Box::new(Sighting::full(origin, fingerprints)));
        let position = self.index.applied().map_or(0, |at| at.position + 1);
        let millis = self.index.applied().map_or(0, |at| at.millis);
        is_repeat(self.index.apply(At { position, millis, check: 0 }, &entry))
    }

    fn made(stream: &Stream, n: u64) -> Self::Made {
        let document = stream.document(n);
        (document.at, document.entry)
    }

    fn put(&mut self, (at, entry): Self::Made) -> bool {
        is_repeat(self.index.apply(at, &entry))
    }
}

fn is_repeat(verdict: Option<Verdict>) -> bool {
    matches!(verdict, Some(Verdict::Repeat(_)))
}

#[cfg(feature = "peers")]
pub use peers::Gaoya;

#[cfg(feature = "peers")]
mod peers {
    use gaoya::minhash::{MinHashIndex, MinHasher, MinHasher32};
    use gaoya::text::{shingle_tokens, whitespace_split};
    use newsmill::eval::stream::{Made, Rng, Stream};

    use super::super::texts::Text;
    use super::Finder;

    /// gaoya: a signature of `BANDS` × `ROWS` minimal hashes; what agrees in a band is compared by all of them.
    pub struct Gaoya<const BANDS: usize, const ROWS: usize> {
        hasher: MinHasher32<fnv::FnvBuildHasher>,
        index: MinHashIndex<u32, u32>,
        next: u32,
    }

    /// Words in a shingle: newsmill's.
    const WORDS: usize = 4;
    /// Of a hundred hashes of a signature so many are those of the text that a near-duplicate repeats.
    const ALIKE: u64 = 70;

    impl<const BANDS: usize, const ROWS: usize> Gaoya<BANDS, ROWS> {
        fn find(&mut self, signature: Vec<u32>) -> bool {
            let found = !self.index.query_owned(&signature).is_empty();
            self.index.insert(self.next, signature);
            self.next += 1;
            found
        }
    }

    impl<const BANDS: usize, const ROWS: usize> Finder for Gaoya<BANDS, ROWS> {
        type Made = Vec<u32>;
        const MOST_BYTES: usize = 150 * BANDS;

        fn new() -> Self {
            let threshold = if BANDS == 42 { 0.3 } else { 0.5 };
            Self {
                hasher: MinHasher32::new(BANDS * ROWS),
                index: MinHashIndex::new(BANDS, ROWS, threshold),
                next: 0,
            }
        }

        fn text(&mut self, text: &Text) -> bool {
            let lower = text.text.to_lowercase();
            let words: Vec<&str> = whitespace_split(&lower).collect();
            let signature = self.hasher.create_signature(shingle_tokens(&words, WORDS));
            self.find(signature)
        }

        /// To take the minimal hashes of millions of texts would last hours: they are drawn instead. No two texts share
        /// any by chance, which spares gaoya the comparison of set phrases.
        fn made(stream: &Stream, n: u64) -> Vec<u32> {
            let (made, of) = stream.kind(n);
            let alike = if matches!(made, Made::Near | Made::Revision) { ALIKE } else { 100 };
            let (mut first, mut own) = (Rng(of << 1), Rng(n << 1 | 1));
            let hashes = (0..BANDS * ROWS).map(|_| {
                let (hash, other) = (first.bits(), own.bits());
                (if own.below(100) < alike { hash } else { other }) as u32 >> 1
            });
            hashes.collect()
        }

        fn put(&mut self, made: Vec<u32>) -> bool {
            self.find(made)
        }
    }
}
