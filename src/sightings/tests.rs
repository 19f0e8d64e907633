use proptest::prelude::*;

use super::*;
use crate::record::{Source, Story};
use crate::stages::deduplicate::{canonical_url, fingerprint_story, fingerprint_text, hash_body};

mod families;
mod rebuild;
mod short;
mod split;
mod stories;

const DAY: i64 = 86_400_000;

fn stands(position: u64, millis: i64) -> At {
    At { position, millis, check: position ^ 7 }
}

/// A log of one writer: appends, applies, and keeps what was appended.
struct Log {
    index: Index,
    entries: Vec<(u64, i64, Entry)>,
    line: u64,
    millis: i64,
}

impl Log {
    fn new(config: &Config) -> Self {
        Self { index: Index::new(config), entries: Vec::new(), line: 0, millis: 0 }
    }

    fn append(&mut self, entry: Entry) -> Option<Verdict> {
        let position = self.entries.len() as u64;
        let verdict = self.index.apply(stands(position, self.millis), &entry);
        self.entries.push((position, self.millis, entry));
        verdict
    }

    fn origin(&mut self, text: &str) -> Origin {
        self.line += 1;
        let source = Source::Kafka { topic: "news.pages".into(), partition: 3, offset: self.line as i64 };
        Origin { source, body: hash_body(text.as_bytes()) }
    }

    /// A page from a new place, with a body of its own unless `body` says which.
    fn page(&mut self, url: Option<&str>, text: &str, body: Option<&str>) -> Sighting {
        let own = format!("{text} {}", self.line);
        let origin = self.origin(body.unwrap_or(&own));
        let canonical = url.and_then(canonical_url);
        Sighting::full(origin, fingerprint_text(None, text, canonical.as_deref()))
    }

    fn sight(&mut self, sighting: &Sighting) -> Verdict {
        self.append(Entry::Sighting(Box::new(sighting.clone()))).unwrap()
    }

    fn see(&mut self, url: Option<&str>, text: &str) -> Verdict {
        let page = self.page(url, text, None);
        self.sight(&page)
    }
}

/// The page with stories of these texts.
fn with_stories(page: Sighting, texts: impl IntoIterator<Item = String>) -> Sighting {
    let url = page.fingerprints.as_ref().and_then(|fingerprints| fingerprints.url);
    let stories = texts
        .into_iter()
        .map(|text| Fingerprints { url, ..fingerprint_story(&Story { text, ..Story::default() }, None) });
    page.with_stories(stories.collect::<Vec<_>>())
}

fn log() -> Log {
    Log::new(&Config::default())
}

/// Prose of `words` words that no other `seed` shares.
fn prose(seed: u64, words: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = String::new();
    for _ in 0..words {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.push_str(&format!("w{}x ", (state >> 33) % 50_000));
    }
    // No numbers: letters only.
    out.chars().map(|c| c.to_digit(10).map_or(c, |d| (b'a' + d as u8) as char)).collect()
}

/// The text with every `every`-th word replaced.
fn edited(text: &str, every: usize) -> String {
    let word =
        |(i, word): (usize, &str)| if i % every == every - 1 { format!("new{word}") } else { word.into() };
    text.split(' ').enumerate().map(word).collect::<Vec<_>>().join(" ")
}

fn repeat(verdict: &Verdict) -> (DuplicateKind, Hash128, f64) {
    match verdict {
        Verdict::Repeat(repeat) => {
            assert_eq!(repeat.of, repeat.cluster);
            (repeat.kind, repeat.cluster, repeat.similarity)
        }
        other => panic!("no repeat: {other:?}"),
    }
}

fn new(verdict: &Verdict) -> Hash128 {
    match verdict {
        Verdict::New { id } => *id,
        other => panic!("not new: {other:?}"),
    }
}

#[test]
fn kinds_and_their_precedence() {
    let mut log = log();
    let (url, text) = (Some("https://a.example/ferry"), prose(1, 300));
    let page = log.page(url, &text, Some("bytes"));
    let first = new(&log.sight(&page));
    assert_eq!(first, page.id);

    let same_bytes = log.page(Some("https://b.example/x"), &text, Some("bytes"));
    let verdict = log.sight(&same_bytes);
    assert_eq!(repeat(&verdict), (DuplicateKind::Exact, first, 1.0));
    assert!(
        matches!(verdict, Verdict::Repeat(repeat) if repeat.id == first),
        "the id its bytes were seen under"
    );

    let verdict = log.see(Some("https://c.example/y"), &text.to_uppercase());
    assert_eq!(repeat(&verdict), (DuplicateKind::Exact, first, 1.0));

    let (kind, cluster, similarity) = repeat(&log.see(url, &edited(&text, 15)));
    assert_eq!((kind, cluster), (DuplicateKind::Revision, first));
    assert!((0.5..1.0).contains(&similarity));

    let (kind, cluster, _) = repeat(&log.see(Some("https://d.example/z"), &edited(&text, 20)));
    assert_eq!((kind, cluster), (DuplicateKind::Near, first));

    new(&log.see(url, &prose(2, 300)));
    new(&log.see(Some("https://e.example/"), &prose(3, 300)));
}

#[test]
fn a_light_sighting_is_a_repeat_or_unknown() {
    let mut log = log();
    let page = log.page(None, &prose(1, 100), Some("bytes"));
    let body = page.origin.body;
    assert_eq!(log.index.knows_body(&body), None);
    let id = new(&log.sight(&page));
    assert_eq!(log.index.knows_body(&body), Some(id));
    let light = Sighting::light(log.origin("bytes"), id);
    let verdict = log.sight(&light);
    assert_eq!(repeat(&verdict), (DuplicateKind::Exact, id, 1.0));
    assert_eq!(log.sight(&light), verdict);
    let other = Sighting::light(log.origin("other bytes"), id);
    assert_eq!(log.sight(&other), Verdict::Unknown);
    assert_eq!(log.index.judged(&other), None, "an unknown page has no verdict that could be logged");
}

/// The fast path saves work and changes nothing: with it and without it, every later verdict is the same.
#[test]
fn the_fast_path_changes_nothing() {
    let (mut with, mut without) = (log(), log());
    for i in 0..400u64 {
        let (day, n) = (i as i64 / 8, i * 7919 % 90);
        (with.millis, without.millis) = (day * DAY, day * DAY);
        let text = if n % 3 == 0 { edited(&prose(n / 3, 80), 12) } else { prose(n, 80) };
        let full = without.page(None, &text, Some(&text));
        let expected = without.sight(&full);
        with.line += 1;
        let verdict = match with.index.knows_body(&full.origin.body) {
            Some(id) => with.sight(&Sighting::light(full.origin.clone(), id)),
            None => Verdict::Unknown,
        };
        let verdict = if verdict == Verdict::Unknown { with.sight(&full) } else { verdict };
        assert_eq!(verdict, expected, "page {i}");
    }
}

#[test]
fn an_origin_keeps_its_first_verdict() {
    let mut log = log();
    let text = prose(1, 200);
    let page = log.page(None, &text, None);
    let near = log.page(None, &edited(&text, 20), None);
    let (first, second) = (log.sight(&page), log.sight(&near));
    assert!(matches!(second, Verdict::Repeat(_)));
    // Prepared otherwise the second time: still the verdict and the id that were logged.
    let other = Sighting::full(page.origin.clone(), fingerprint_text(None, &prose(9, 50), None));
    assert_eq!((log.sight(&page), log.sight(&other), log.sight(&near)), (first.clone(), first, second));
}

#[test]
fn a_void_page_matches_nothing() {
    let mut log = log();
    let text = prose(1, 200);
    let page = log.page(Some("https://a.example/1"), &text, Some("bytes"));
    let near = log.page(None, &edited(&text, 20), None);
    log.sight(&page);
    log.sight(&near);
    log.append(Entry::Void(page.origin.clone()));
    assert_eq!(log.index.knows_body(&page.origin.body), None);
    // Its cluster began with it, so what was called a repeat of it is nothing to repeat either.
    let copy = log.page(Some("https://a.example/1"), &text, Some("bytes"));
    let again = new(&log.sight(&copy));
    assert_eq!(repeat(&log.see(None, &text)).1, again);
    assert_eq!(repeat(&log.see(None, &edited(&text, 20))).1, again);
}

#[test]
fn a_void_member_leaves_its_cluster() {
    let mut log = log();
    let text = prose(1, 200);
    let first = new(&log.see(None, &text));
    let near = log.page(None, &edited(&text, 9), Some("bytes"));
    assert_eq!(repeat(&log.sight(&near)).1, first);
    log.append(Entry::Void(near.origin.clone()));
    assert_eq!(log.index.knows_body(&near.origin.body), None);
    assert_eq!(repeat(&log.see(None, &text)).1, first);
}

/// Two articles of one text (as another version of the function might have judged) match equally well.
#[test]
fn equal_matches_go_to_the_earlier_article() {
    let mut log = log();
    let text = prose(1, 150);
    let pages = [0, 1].map(|_| log.page(Some("https://a.example/"), &text, None));
    for (n, page) in pages.iter().enumerate() {
        let id = Hash128([n as u8; 16]);
        let indexed = Indexed { keys: 0, group: n as u32, sketch: u128::from(u32::MAX) };
        let (origin, verdict) = (page.origin.clone(), Verdict::New { id });
        let judged = Judged { origin, verdict, indexed, stories: Vec::new() };
        log.index.apply_judged(stands(0, 0), page, &judged);
    }
    assert_eq!(repeat(&log.see(None, &edited(&text, 20))).1, Hash128([0; 16]));
}

#[test]
fn what_is_older_than_the_window_is_forgotten() {
    let mut log = log();
    let text = prose(1, 200);
    let page = log.page(None, &text, Some("bytes"));
    log.sight(&page);
    new(&log.see(None, &prose(2, 200)));
    log.millis = 31 * DAY;
    new(&log.see(None, &prose(3, 200)));
    assert_eq!((log.index.pages(), log.index.knows_body(&page.origin.body)), (1, None));
    new(&log.see(None, &text));
}

/// The log's time never goes back.
#[test]
fn late_entries_do_not_turn_the_clock_back() {
    let mut log = log();
    let text = prose(1, 100);
    log.millis = 100 * DAY;
    log.see(None, &text);
    log.millis = 0;
    repeat(&log.see(None, &text));
    log.millis = 130 * DAY;
    repeat(&log.see(None, &text));
}

#[test]
fn what_is_repeated_stays_known_under_its_first_id() {
    let mut log = log();
    let text = prose(1, 200);
    let first = new(&log.see(None, &text));
    for day in (20..400).step_by(20) {
        log.millis = day * DAY;
        let (kind, cluster, _) = repeat(&log.see(None, &text));
        assert_eq!((kind, cluster), (DuplicateKind::Exact, first), "day {day}");
        let (kind, cluster, _) = repeat(&log.see(None, &edited(&text, 10 + day as usize / 20)));
        assert_eq!((kind, cluster), (DuplicateKind::Near, first), "day {day}");
    }
    assert!(log.index.pages() < 10, "what has left has left");
}

#[test]
fn the_oldest_leave_first_when_there_are_too_many() {
    let config = Config { max_pages: 1000, ..Config::default() };
    let mut log = Log::new(&config);
    for n in 0..3000 {
        new(&log.see(None, &prose(n, 60)));
        assert!(log.index.pages() <= 1000);
    }
    assert!(log.index.forgotten_early() >= 2000);
    new(&log.see(None, &prose(0, 60)));
    repeat(&log.see(None, &prose(2999, 60)));
    // A story that is told again and again stays, under its first id, whatever else goes by.
    let story = prose(9999, 100);
    let first = new(&log.see(None, &story));
    for n in 0..3000 {
        let verdict = log.see(None, &edited(&story, 20 + n as usize % 40));
        assert_eq!(repeat(&verdict).1, first, "telling {n}");
        new(&log.see(None, &prose(10_000 + n, 60)));
    }
}

#[test]
fn texts_with_hardly_a_word_are_never_near() {
    let mut log = log();
    new(&log.see(None, ""));
    new(&log.see(None, "Read more about this here today"));
    new(&log.see(None, "Read more about this here tonight"));
    new(&log.see(None, "Read more about this here today please"));
}

#[test]
fn short_texts_are_told_apart_and_together() {
    let mut log = log();
    let text = "Two people were hurt when a tram left the rails near the old corn market in Tarnford late on \
        Sunday. The line is closed until further notice, the operator said.";
    let first = new(&log.see(None, text));
    let copy = format!("{text} More soon on our website and in the evening edition.");
    assert_eq!(repeat(&log.see(None, &copy)).1, first);
    new(&log.see(
        None,
        "A bakery burnt down near the old corn market in Tarnford late on Sunday. Nobody was hurt, and the owner \
         wants to open again in the spring, the fire brigade said.",
    ));
}

#[test]
fn scripts_without_spaces_match_too() {
    let mut log = log();
    let chinese = "市政府周二宣布，连接两岸的夜间渡轮将在整个冬季继续运营，此前有一千多名居民签署了请愿书。市长表示，渡轮每两小时一班，票价维持不变，直到明年春天新的预算通过为止。";
    let first = new(&log.see(None, chinese));
    assert_eq!(repeat(&log.see(None, &chinese.replace("市长表示", "市长说"))).1, first);
    new(&log.see(None, "气象台预计周末将有大雪，山区道路可能封闭。居民应当准备足够的食物和燃料，并且避免不必要的出行，学校从周一起停课两天。"));
    let thai = "เทศบาลประกาศเมื่อวันอังคารว่าเรือข้ามฟากกลางคืนจะยังคงให้บริการตลอดฤดูหนาวหลังจากชาวบ้านกว่าพันคนลงชื่อในคำร้อง นายกเทศมนตรีกล่าวว่าเรือจะออกทุกสองชั่วโมง";
    let first = new(&log.see(None, thai));
    assert_eq!(repeat(&log.see(None, &format!("{thai} ค่าโดยสารเท่าเดิม"))).1, first);
}

#[test]
fn a_quoted_article_is_not_repeated_and_a_local_frame_is_no_new_one() {
    let mut log = log();
    let wire = prose(1, 200);
    let first = new(&log.see(None, &wire));
    // A round-up holds the whole of it among much else.
    new(&log.see(None, &format!("{} {wire} {}", prose(2, 700), prose(3, 700))));
    // A live blog takes over a passage that makes up less than half of either.
    let passage: String = wire.split_inclusive(' ').skip(60).take(90).collect();
    new(&log.see(None, &format!("{} {passage} {}", prose(4, 60), prose(5, 60))));
    // A local paper sets the wire story between paragraphs of its own.
    assert_eq!(repeat(&log.see(None, &format!("{} {wire} {}", prose(6, 90), prose(7, 90)))).1, first);
    // A paper cuts it to a third.
    let cut: String = wire.split_inclusive(' ').take(70).collect();
    assert_eq!(repeat(&log.see(None, &cut)).1, first);
}

#[test]
fn a_repeat_says_which_text_stands_within_the_other() {
    let contained = |first: &str, second: &str| {
        let mut log = log();
        new(&log.see(None, first));
        let Verdict::Repeat(repeat) = log.see(None, second) else { panic!("no repeat") };
        repeat.contained
    };
    let wire = prose(1, 200);
    let longer = format!("{} {wire} {}", prose(6, 90), prose(7, 90));
    assert_eq!(contained(&wire, &longer), Some(Contained::Article));
    assert_eq!(contained(&longer, &wire), Some(Contained::Page));
    assert_eq!(contained(&wire, &edited(&wire, 40)), None, "about the same");
    assert_eq!(contained(&wire, &edited(&wire, 9)), None, "neither is whole in the other");
}

#[test]
fn a_sighting_takes_at_most_700_bytes() {
    // The most bytes a hash takes are in texts that just fill the sketch.
    for words in [10, 131, 140, 200, 400, 1000, 20_000] {
        let mut log = log();
        let page = log.page(Some("https://www.example.com/story"), &prose(7, words), None);
        let mut bytes = Vec::new();
        Entry::Sighting(Box::new(page)).encode(&mut bytes);
        assert!(bytes.len() <= 700, "{} bytes for {words} words", bytes.len());
    }
}

fn hash128() -> impl Strategy<Value = Hash128> {
    any::<[u8; 16]>().prop_map(Hash128)
}

fn origins() -> impl Strategy<Value = Origin> {
    let kafka = ("[a-z.]{1,40}", any::<i32>(), any::<i64>())
        .prop_map(|(topic, partition, offset)| Source::Kafka { topic: topic.into(), partition, offset });
    let file =
        ("\\PC{0,40}", any::<u64>()).prop_map(|(input, line)| Source::File { input: input.into(), line });
    (prop_oneof![kafka, file], hash128()).prop_map(|(source, body)| Origin { source, body })
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    let kinds =
        prop_oneof![Just(DuplicateKind::Exact), Just(DuplicateKind::Near), Just(DuplicateKind::Revision)];
    let contained = prop_oneof![Just(None), Just(Some(Contained::Page)), Just(Some(Contained::Article))];
    let repeat = (hash128(), kinds, hash128(), hash128(), any::<bool>(), 0u16..=1000, contained).prop_map(
        |(id, kind, of, cluster, same, similarity, contained)| {
            let of = if same { cluster } else { of };
            Verdict::Repeat(Repeat {
                id,
                kind,
                of,
                cluster,
                similarity: f64::from(similarity) / 1000.0,
                contained,
            })
        },
    );
    prop_oneof![hash128().prop_map(|id| Verdict::New { id }), repeat, Just(Verdict::Unknown)]
}

fn entries() -> impl Strategy<Value = Entry> {
    let fingerprints = || {
        let sketch = prop::collection::btree_set(0u64..1 << 36, 0..128);
        (any::<u64>(), any::<Option<u64>>(), any::<u32>(), sketch, any::<u64>(), any::<u8>()).prop_map(
            |(text, url, shingles, sketch, numbers, seed)| {
                let ranks = (0..sketch.len()).map(|i| (i as u8).wrapping_mul(seed) & 0x7f).collect();
                Fingerprints { text, url, shingles, sketch: sketch.into_iter().collect(), ranks, numbers }
            },
        )
    };
    let stories = prop::collection::vec(fingerprints(), 0..4);
    let full = (origins(), fingerprints(), stories).prop_map(|(origin, page, stories)| {
        // They stand under the URL of their page.
        let stories: Vec<_> =
            stories.into_iter().map(|story| Fingerprints { url: page.url, ..story }).collect();
        Entry::Sighting(Box::new(Sighting::full(origin, page).with_stories(stories)))
    });
    let light = (origins(), hash128()).prop_map(|(o, id)| Entry::Sighting(Box::new(Sighting::light(o, id))));
    let said = || (verdicts(), any::<u8>(), any::<u32>(), any::<u128>());
    let judged =
        (origins(), said(), prop::collection::vec(said(), 0..4)).prop_map(|(origin, page, stories)| {
            let told = |(verdict, keys, group, sketch)| (verdict, Indexed { keys, group, sketch });
            let (verdict, indexed) = told(page);
            let stories = stories.into_iter().map(told);
            let stories = stories.map(|(verdict, indexed)| JudgedStory { verdict, indexed }).collect();
            Entry::Judged(Box::new(Judged { origin, verdict, indexed, stories }))
        });
    let settings = (1u32..100, 0.0f64..1.0).prop_map(|(window_days, near_share)| {
        Entry::Settings(Settings::new(&Config { window_days, near_share, ..Config::default() }, "1-ab"))
    });
    prop_oneof![full, light, judged, settings, origins().prop_map(Entry::Void)]
}

proptest! {
    #[test]
    fn entries_survive_their_bytes(entry in entries()) {
        let mut bytes = Vec::new();
        entry.encode(&mut bytes);
        prop_assert_eq!(Entry::decode(&bytes), Ok(entry));
        for cut in 0..bytes.len() {
            prop_assert!(Entry::decode(&bytes[..cut]).is_err());
        }
        bytes.push(0);
        prop_assert!(Entry::decode(&bytes).is_err());
    }

    #[test]
    fn no_bytes_break_the_decoder(mut bytes in prop::collection::vec(any::<u8>(), 0..400), kind in 0u8..9) {
        let _ = Entry::decode(&bytes);
        bytes.splice(0..0, [1, kind]);
        let _ = Entry::decode(&bytes);
    }

    #[test]
    fn damaged_entries_break_nothing(entry in entries(), at in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut bytes = Vec::new();
        entry.encode(&mut bytes);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let _ = Entry::decode(&bytes);
    }
}
