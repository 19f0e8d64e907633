//! A made-up stream: stories of many templates, driven by numbers and not, among prose with its true repeats and
//! with pages that quote it. No cluster may swallow a family, what repeats is found, and what quotes is not.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use languages::{LATIN, Names};

mod english;
mod languages;

/// Deterministic choices.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(self.0) * sides as u128) >> 64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    fn name(&mut self, (beginnings, endings): Names) -> String {
        format!("{}{}", self.pick(beginnings), self.pick(endings))
    }

    /// A number as they are in news: mostly small.
    fn number(&mut self) -> usize {
        let most = [10, 60, 100, 900][self.roll(4)];
        self.roll(most)
    }

    /// Fills a template in; see [`english`].
    fn fill(&mut self, template: &str, names: Names) -> String {
        let mut out = String::new();
        for line in template.split('\n') {
            if let Some(line) = line.strip_prefix('?') {
                if self.roll(4) > 0 {
                    self.fill_line(line, names, &mut out);
                }
            } else if let Some(line) = line.strip_prefix('*') {
                let (most, line) = line.split_once(' ').unwrap();
                let most: usize = most.parse().unwrap();
                for _ in 0..most - self.roll(most / 2 + 1) {
                    self.fill_line(line, names, &mut out);
                }
            } else {
                self.fill_line(line, names, &mut out);
            }
        }
        out
    }

    fn fill_line(&mut self, line: &str, names: Names, out: &mut String) {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '#' => out.push_str(&self.number().to_string()),
                '@' => out.push_str(&self.name(names)),
                '{' => {
                    let (choices, after) = rest.split_once('}').unwrap();
                    let choices: Vec<&str> = choices.split('|').collect();
                    let choice = self.pick(&choices);
                    self.fill_line(choice, names, out);
                    rest = after;
                }
                _ => out.push(c),
            }
        }
        out.push(' ');
    }

    /// A made-up word: a few are everywhere, most are rare.
    fn word(&mut self) -> String {
        const PARTS: [&str; 20] = [
            "ba", "ne", "ri", "to", "lu", "sha", "ver", "min", "kol", "dan", "est", "or", "pi", "gra", "wen",
            "tis", "mo", "fel", "ar", "un",
        ];
        let mut n = self.roll(self.0 as usize % 7919 + 40);
        let mut word = String::new();
        loop {
            word.push_str(PARTS[n % 20]);
            n /= 20;
            if n == 0 {
                return word;
            }
        }
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    /// A sentence as of a newsroom, with its set phrases and numbers.
    fn sentence(&mut self) -> String {
        const PHRASES: [&str; 10] = [
            "a spokesman said on Tuesday that",
            "according to people familiar with the matter",
            "in the first half of the year",
            "told reporters after the meeting",
            "for the first time since the war",
            "as well as",
            "who asked not to be named",
            "one of the largest in the region",
            "is expected to be voted on next week",
            "did not respond to a request for comment",
        ];
        let before = 4 + self.roll(9);
        let mut out = self.words(before);
        if self.roll(3) == 0 {
            out = format!("{out} {}", self.pick(&PHRASES));
        }
        if self.roll(3) == 0 {
            out = format!("{out} {}", self.number());
        }
        let after = 3 + self.roll(9);
        format!("{out} {}. ", self.words(after))
    }

    fn sentences(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.sentence()).collect()
    }

    /// The text with about one word in `every` replaced, numbers left alone; in scripts without spaces, with a
    /// character left out here and there.
    fn touched(&mut self, text: &str, every: usize) -> String {
        let characters = text.chars().count();
        if text.split(' ').count() * 12 < characters {
            let every = every * 5;
            return text.chars().filter(|c| c.is_ascii_digit() || self.roll(every) > 0).collect();
        }
        let mut out = Vec::new();
        for word in text.split(' ') {
            let change = !word.contains(|c: char| c.is_ascii_digit()) && self.roll(every) == 0;
            out.push(if change { self.word() } else { word.to_owned() });
        }
        out.join(" ")
    }
}

/// A page and the text that it tells.
struct Told {
    text: String,
    story: usize,
    kind: &'static str,
}

/// A stream of stories of each family (one in ten of them syndicated with small changes) and of prose with its
/// repeats, live blogs and round-ups, in some order.
fn stream(seed: u64, each: usize) -> Vec<Told> {
    let mut dice = Dice(seed);
    let mut out: Vec<Told> = Vec::new();
    let mut story = 0;
    let english = english::FAMILIES.iter().map(|(name, template)| (*name, *template, LATIN));
    for (kind, template, names) in english.chain(languages::FAMILIES) {
        for n in 0..each {
            story += 1;
            let text = dice.fill(template, names);
            if n % 10 == 0 {
                let text = dice.touched(&text, 30);
                out.push(Told { text, story, kind: "syndicated" });
            }
            out.push(Told { text, story, kind });
        }
    }
    let articles: Vec<Vec<String>> = (0..3 * each)
        .map(|_| {
            let length = 10 + dice.roll(30);
            dice.sentences(length)
        })
        .collect();
    for article in &articles {
        story += 1;
        let text = article.concat();
        for kind in ["copy", "cut", "update", "framed"] {
            if dice.roll(2) > 0 {
                continue;
            }
            let text = match kind {
                "copy" => dice.touched(&text, 30),
                "cut" => article[..article.len().div_ceil(2)].concat(),
                "update" => {
                    let (head, rest) = article.split_at(article.len() / 5);
                    let middle = rest.len() / 2;
                    let head = dice.touched(&head.concat(), 2);
                    let rest = [
                        dice.touched(&rest[..middle].concat(), 15),
                        dice.touched(&rest[middle..].concat(), 15),
                    ];
                    format!("{head} {} {} {}", rest[0], dice.sentences(2).concat(), rest[1])
                }
                _ => {
                    let own = article.len() / 4 + 1;
                    format!("{} {text} {}", dice.sentences(own).concat(), dice.sentences(own).concat())
                }
            };
            out.push(Told { text, story, kind });
        }
        out.push(Told { text, story, kind: "prose" });
    }
    for _ in 0..each {
        story += 1;
        let mut live = String::new();
        for _ in 0..3 {
            let from = &articles[dice.roll(articles.len())];
            let at = dice.roll(from.len() - 3);
            for sentence in &from[at..at + 3] {
                live += &format!("{}:{} {sentence}", dice.roll(24), dice.roll(60));
            }
            live += &dice.sentence();
        }
        out.push(Told { text: live, story, kind: "live blog" });
        story += 1;
        let brief: String = (0..9)
            .map(|_| {
                let from = &articles[dice.roll(articles.len())];
                format!("{}. {}", dice.words(6), from[0])
            })
            .collect();
        out.push(Told { text: brief, story, kind: "round-up" });
    }
    for i in (1..out.len()).rev() {
        let j = dice.roll(i + 1);
        out.swap(i, j);
    }
    out
}

/// What became of the pages of one kind.
#[derive(Default)]
struct Tally {
    /// Pages that tell nothing seen before, and how many of them were called repeats.
    first: usize,
    wrong: usize,
    /// Pages that tell a story seen before, and how many were put into a cluster with it.
    later: usize,
    found: usize,
    /// Of pages that tell nothing seen before: how many are in each cluster.
    clusters: BTreeMap<Hash128, usize>,
}

fn run(seed: u64, each: usize) -> BTreeMap<&'static str, Tally> {
    let mut log = log();
    let mut clusters: BTreeMap<usize, BTreeSet<Hash128>> = BTreeMap::new();
    let mut out: BTreeMap<&str, Tally> = BTreeMap::new();
    for page in stream(seed, each) {
        let (cluster, said) = match log.see(None, &page.text) {
            Verdict::New { id } => (id, false),
            Verdict::Repeat(repeat) => (repeat.cluster, true),
            Verdict::Unknown => unreachable!(),
        };
        let tally = out.entry(page.kind).or_default();
        let of_story = clusters.entry(page.story).or_default();
        if of_story.is_empty() {
            tally.first += 1;
            tally.wrong += usize::from(said);
            *tally.clusters.entry(cluster).or_default() += 1;
        } else {
            tally.later += 1;
            tally.found += usize::from(said && of_story.contains(&cluster));
        }
        of_story.insert(cluster);
    }
    out
}

#[test]
fn no_template_family_melts_into_one_cluster_and_what_repeats_is_found() {
    let each = 60;
    for seed in 1..=3 {
        for (kind, tally) in run(seed, each) {
            let Tally { first, wrong, later, found, clusters } = &tally;
            let largest = clusters.values().max().copied().unwrap_or(0);
            let what = format!(
                "seed {seed}: {kind}: {wrong} of {first} wrong, {found} of {later} found, largest cluster {largest}"
            );
            println!("{what}");
            let most_wrong = match kind {
                // Chosen of a few sentences each, some are nearly the same word for word.
                "horoscope" | "recipe" => first / 2,
                "live blog" | "round-up" => first / 6,
                "prose" | "copy" | "cut" | "update" | "framed" => first / 8 + 1,
                _ => first / 3,
            };
            assert!(*wrong <= most_wrong, "{what}");
            // What must not be is a cluster that goes on growing.
            assert!(largest <= each / 3, "{what}");
            assert!(10 * found >= 9 * later.saturating_sub(3), "{what}");
        }
    }
}
