//! Rebuilding an index from a log comes to the verdicts that were reached, however it is read.

use std::collections::BTreeMap;

use super::*;

/// What happens in a made-up log, one step after the other.
#[derive(Debug, Clone)]
enum Step {
    /// A page with one of the texts, edited or not, under one of the URLs or none; it may carry stories of such texts.
    Page { text: Text, url: u8, stories: Vec<Text>, judged_after: Option<u8> },
    /// An earlier page, again with its origin.
    Again(prop::sample::Index),
    /// An earlier page's bytes from another place, as a light sighting.
    Light(prop::sample::Index),
    /// An earlier page is taken back.
    Void(prop::sample::Index),
    /// Time goes by.
    Days(u8),
}

/// One of the texts, and how it is edited.
type Text = (u64, usize);

fn written((text, edit): Text) -> String {
    let text = prose(text, 60);
    if edit == 0 { text } else { edited(&text, 4 + 4 * edit) }
}

/// What the log says of a page, and of its stories.
type Said = (Verdict, Vec<Option<Repeat>>);

fn said(index: &Index, entry: &Entry, verdict: Option<Verdict>) -> Option<Said> {
    let Entry::Sighting(sighting) = entry else { return None };
    verdict.map(|verdict| (verdict, index.stories(sighting)))
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let text = || (0u64..30, 0usize..5);
    let stories = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(text(), 1..4)];
    let page = (text(), 0u8..8, stories, prop::option::weighted(0.8, 0u8..6))
        .prop_map(|(text, url, stories, judged_after)| Step::Page { text, url, stories, judged_after });
    let step = prop_oneof![
        12 => page,
        2 => any::<prop::sample::Index>().prop_map(Step::Again),
        2 => any::<prop::sample::Index>().prop_map(Step::Light),
        1 => any::<prop::sample::Index>().prop_map(Step::Void),
        1 => (1u8..9).prop_map(Step::Days),
    ];
    prop::collection::vec(step, 1..120)
}

/// Plays the steps: the log with its judged entries some way behind, and the verdict at each position.
fn play(steps: &[Step]) -> (Log, BTreeMap<u64, Said>) {
    let mut log = Log::new(&Config { window_days: 10, ..Config::default() });
    log.append(Entry::Settings(Settings::new(log.index.config(), "1-ab")));
    let mut verdicts = BTreeMap::new();
    let mut pages: Vec<Sighting> = Vec::new();
    let mut late: Vec<(usize, Entry)> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let sighting = match step {
            Step::Page { text, url, stories, .. } => {
                let (text, stories) = (written(*text), stories.iter().map(|text| written(*text)));
                let url = (*url < 4).then(|| format!("https://paper.example/{url}"));
                let body = format!("{text} {}", stories.clone().collect::<String>());
                with_stories(log.page(url.as_deref(), &text, Some(&body)), stories)
            }
            Step::Again(index) if !pages.is_empty() => index.get(&pages).clone(),
            Step::Light(index) if !pages.is_empty() => {
                let page = index.get(&pages);
                let id = log.index.knows_body(&page.origin.body).unwrap_or(page.id);
                log.line += 1;
                let source = Source::File { input: "more".into(), line: log.line };
                Sighting::light(Origin { source, body: page.origin.body }, id)
            }
            Step::Void(index) if !pages.is_empty() => {
                log.append(Entry::Void(index.get(&pages).origin.clone()));
                continue;
            }
            Step::Days(days) => {
                // A worker logs its verdicts within seconds, at the worst within hours of a broken broker.
                for (_, judged) in late.drain(..) {
                    log.append(judged);
                }
                log.millis += i64::from(*days) * DAY;
                continue;
            }
            _ => continue,
        };
        let position = log.entries.len() as u64;
        let verdict = log.sight(&sighting);
        verdicts.insert(position, (verdict, log.index.stories(&sighting)));
        if let Some(judged) = log.index.judged(&sighting) {
            let after = match step {
                Step::Page { judged_after, .. } => *judged_after,
                _ => Some(1),
            };
            late.extend(after.map(|after| (at + usize::from(after), judged)));
        }
        if sighting.fingerprints.is_some() && !matches!(step, Step::Again(_)) {
            pages.push(sighting);
        }
        let (due, rest) = late.into_iter().partition(|(due, _)| *due <= at);
        late = rest;
        for (_, judged) in due {
            log.append(judged);
        }
    }
    for (_, judged) in late {
        log.append(judged);
    }
    (log, verdicts)
}

/// Reads a log in pieces of the given sizes, each continued from the index that the one before left.
fn reread(index: Index, entries: &[(u64, i64, Entry)], sizes: &[usize]) -> (Index, BTreeMap<u64, Said>) {
    let mut verdicts = BTreeMap::new();
    let mut index = index;
    let mut rest = entries;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let (piece, more) = rest.split_at((*sizes.next().unwrap_or(&1)).clamp(1, rest.len()));
        let mut replay = Replay::new(index);
        let mut applied = |index: &mut Index, at: At, verdict| {
            let entry = &entries[(at.position - entries[0].0) as usize].2;
            verdicts.extend(said(index, entry, verdict).map(|said| (at.position, said)));
        };
        for (position, millis, entry) in piece {
            replay.push(stands(*position, *millis), entry.clone(), &mut applied);
        }
        index = replay.finish(&mut applied);
        rest = more;
    }
    (index, verdicts)
}

fn compare(read: &BTreeMap<u64, Said>, reached: &BTreeMap<u64, Said>) -> Result<(), TestCaseError> {
    for (position, verdict) in reached {
        prop_assert_eq!(read.get(position), Some(verdict), "at {}", position);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Read whole or in pieces: the verdicts are those that were reached, and so are later ones.
    #[test]
    fn rereading_in_any_batches_comes_to_the_same(steps in steps(), sizes in prop::collection::vec(1usize..40, 1..6)) {
        let (log, verdicts) = play(&steps);
        let fresh = || Index::new(log.index.config());
        let (whole, read) = reread(fresh(), &log.entries, &[usize::MAX]);
        compare(&read, &verdicts)?;
        let (pieces, read) = reread(fresh(), &log.entries, &sizes);
        compare(&read, &verdicts)?;
        let mut indices = [log.index, whole, pieces];
        for text in 0..30 {
            let text = edited(&prose(text, 60), 18);
            let origin = Origin {
                source: Source::File { input: "later".into(), line: 1 },
                body: hash_body(text.as_bytes()),
            };
            let sighting = with_stories(Sighting::full(origin, fingerprint_text(None, &text, None)), [text]);
            let entry = Entry::Sighting(Box::new(sighting));
            let later = indices.iter_mut().map(|index| {
                let verdict = index.apply(stands(u64::MAX, log.millis), &entry);
                said(index, &entry, verdict)
            });
            let later: Vec<_> = later.collect();
            prop_assert_eq!(&later[0], &later[1]);
            prop_assert_eq!(&later[0], &later[2]);
        }
    }

    /// Logged verdicts stand although what they rest on has left the log.
    #[test]
    fn history_that_is_gone_changes_no_logged_verdict(steps in steps(), cut in any::<prop::sample::Index>()) {
        let (log, verdicts) = play(&steps);
        let cut = cut.index(log.entries.len());
        let left = &log.entries[cut..];
        let (mut index, read) = reread(Index::new(log.index.config()), left, &[usize::MAX]);
        for (at, (position, millis, entry)) in left.iter().enumerate() {
            let Entry::Sighting(sighting) = entry else { continue };
            // Past the window a page may have been judged anew, which says nothing of this sighting.
            let in_window = |then: i64| then / DAY - millis / DAY <= 10;
            let is_logged = left[at..].iter().any(|(_, then, entry)| match entry {
                Entry::Judged(judged) => judged.origin == sighting.origin && in_window(*then),
                _ => false,
            });
            // Nor does it where the page's first sighting that is left had to be judged without its history.
            let first_is_lost = left[..at].iter().any(|(earlier, _, entry)| match entry {
                Entry::Sighting(first) => first.origin == sighting.origin && read[earlier] != verdicts[earlier],
                _ => false,
            });
            if !is_logged || first_is_lost || verdicts[position].0 == Verdict::Unknown {
                continue;
            }
            prop_assert_eq!(&read[position], &verdicts[position]);
            // Those that are within the window keep it when they come again.
            if in_window(log.millis) {
                let again = index.apply(stands(u64::MAX, log.millis), entry);
                prop_assert_eq!(said(&index, entry, again), Some(verdicts[position].clone()));
            }
        }
    }
}

/// Changes by segment, as a snapshot keeps them, with where the log stood after the last of them.
#[derive(Clone, Default)]
struct Kept {
    /// With where the log stood before the first and after the last of them.
    segments: BTreeMap<u64, Part>,
    at: Option<At>,
}

type Part = (Option<At>, Vec<u8>, Option<At>);

impl Kept {
    fn take(&mut self, index: &mut Index) {
        let segments = index.segments();
        let (before, after) = (self.at, index.applied());
        let kept = self.segments.entry(segments.end).or_insert_with(|| (before, Vec::new(), None));
        index.take_changes(&mut kept.1);
        kept.2 = after;
        // The segment under way is the last one begun: what was put down before the first is its own.
        self.segments.retain(|number, _| *number > segments.start || *number == segments.end);
        self.at = index.applied();
    }

    fn restore(&self, config: &Config) -> Index {
        let Some((number, (before, ..))) = self.segments.first_key_value() else { return Index::new(config) };
        let mut restore = Restore::new(config, number.saturating_sub(1), *before);
        for (_, changes, at) in self.segments.values() {
            restore.push(changes, at.unwrap()).unwrap();
        }
        restore.finish()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// At any point: an index made of what was put down goes on as the one that put it down, through days that
    /// leave and pages that leave early, and so does one made of what that one puts down.
    #[test]
    fn a_restored_index_gives_the_same_verdicts(
        steps in steps(),
        cut in any::<prop::sample::Index>(),
        max_pages in prop_oneof![Just(20u32), Just(20_000_000)],
    ) {
        let (log, _) = play(&steps);
        let config = Config { window_days: 10, max_pages, ..Config::default() };
        let cut = cut.index(log.entries.len());
        let mut live = Index::new(&config);
        live.record_changes(true);
        let mut kept = Kept::default();
        let mut restored: Option<(Index, Kept)> = None;
        for (i, (position, millis, entry)) in log.entries.iter().enumerate() {
            let verdict = live.apply(stands(*position, *millis), entry);
            let verdict = said(&live, entry, verdict);
            kept.take(&mut live);
            if let Some((index, kept)) = &mut restored {
                let there = index.apply(stands(*position, *millis), entry);
                prop_assert_eq!(&said(index, entry, there), &verdict, "at {}", position);
                prop_assert_eq!(index.segments(), live.segments());
                kept.take(index);
            }
            if i == cut {
                let mut index = kept.restore(&config);
                prop_assert_eq!(index.applied(), Some(stands(*position, *millis)));
                index.record_changes(true);
                restored = Some((index, kept.clone()));
            }
        }
        let mut last = restored.map_or_else(|| kept.restore(&config), |(_, kept)| kept.restore(&config));
        prop_assert_eq!((live.pages(), live.segments()), (last.pages(), last.segments()));
        for text in 0..30 {
            let text = edited(&prose(text, 60), 18);
            let source = Source::File { input: "later".into(), line: 1 };
            let origin = Origin { source, body: hash_body(text.as_bytes()) };
            let sighting = with_stories(Sighting::full(origin, fingerprint_text(None, &text, None)), [text]);
            let entry = Entry::Sighting(Box::new(sighting));
            let [there, here] = [&mut live, &mut last].map(|index| {
                let verdict = index.apply(stands(u64::MAX, log.millis), &entry);
                said(index, &entry, verdict)
            });
            prop_assert_eq!(there, here);
        }
    }
}

/// What was taken back and came again from elsewhere has an id like before. Once both have left, what repeats the second
/// stays known, although what is left of the first is dead.
#[test]
fn of_two_articles_of_one_id_the_dead_one_takes_nothing_with_it() {
    let mut log = Log::new(&Config { window_days: 10, ..Config::default() });
    log.index.record_changes(true);
    let mut kept = Kept::default();
    let told = prose(1, 60);
    let first = log.page(None, &told, None);
    let of = first.id;
    log.sight(&first);
    log.append(Entry::Void(first.origin.clone()));
    assert_eq!(log.see(None, &told), Verdict::New { id: of });
    kept.take(&mut log.index);
    log.millis += 8 * DAY;
    log.sight(&first);
    let other = with_stories(log.page(None, &prose(2, 60), None), [told.clone()]);
    log.sight(&other);
    kept.take(&mut log.index);
    log.millis += 3 * DAY;
    log.see(None, &prose(3, 60));
    kept.take(&mut log.index);
    let mut restored = kept.restore(log.index.config());
    assert_eq!(restored.pages(), log.index.pages());
    let later = with_stories(log.page(None, &prose(4, 60), None), [edited(&told, 18)]);
    for index in [&mut log.index, &mut restored] {
        index.apply(stands(u64::MAX, log.millis), &Entry::Sighting(Box::new(later.clone())));
        assert_eq!(index.stories(&later)[0].map(|repeat| repeat.of), Some(of));
    }
}

/// A verdict of another version of the function is kept, not corrected.
#[test]
fn a_logged_verdict_wins_over_the_function() {
    let mut log = log();
    let page = log.page(None, &prose(1, 100), None);
    let copy = log.page(None, &prose(1, 100), None);
    let said = |sighting: &Sighting| {
        let verdict = Verdict::New { id: sighting.id };
        let indexed = Indexed { keys: 3, group: 1, sketch: 0xff };
        let (origin, stories) = (sighting.origin.clone(), Vec::new());
        Entry::Judged(Box::new(Judged { origin, verdict, indexed, stories }))
    };
    let entries = [
        Entry::Sighting(Box::new(page.clone())),
        Entry::Sighting(Box::new(copy.clone())),
        said(&page),
        said(&copy),
    ];
    let entries: Vec<_> = (0u64..).zip(entries).map(|(position, entry)| (position, 0, entry)).collect();
    let (_, verdicts) = reread(Index::default(), &entries, &[usize::MAX]);
    assert_eq!(verdicts[&1].0, Verdict::New { id: copy.id });
}

/// A story and an article of one text, neither under an address, are two: what repeats the story goes with its page,
/// also where it is only known from the log.
#[test]
fn what_repeats_a_story_is_taken_back_with_it_and_not_with_an_article_of_its_text() {
    let mut log = log();
    let told = prose(1, 200);
    let mut pages = Vec::new();
    for (page, stories) in [(2, vec![told.clone()]), (1, vec![]), (3, vec![edited(&told, 18)])] {
        let page = with_stories(log.page(None, &prose(page, 200), None), stories);
        log.sight(&page);
        log.append(log.index.judged(&page).unwrap());
        pages.push(page);
    }
    let [carrier, article, other] = &pages[..] else { unreachable!() };
    let repeated = log.index.stories(other)[0].unwrap();
    assert_eq!(repeated.of, carrier.stories[0].story_id());
    assert_ne!(repeated.of, article.id);
    for (seed, back, is_left) in [(4, article, true), (5, carrier, false)] {
        log.append(Entry::Void(back.origin.clone()));
        let later = with_stories(log.page(None, &prose(seed, 200), None), [edited(&told, 18)]);
        let (mut again, _) = reread(Index::default(), &log.entries, &[usize::MAX]);
        for index in [&mut log.index, &mut again] {
            index.apply(stands(100, 0), &Entry::Sighting(Box::new(later.clone())));
            let repeats = index.stories(&later)[0].map(|repeat| repeat.of);
            assert_eq!(repeats, is_left.then_some(repeated.of));
        }
    }
}
