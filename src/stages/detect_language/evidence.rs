//! What the n-gram model says of a sample, part by part: the scores of each language over the whole, and which one or two
//! languages the parts are best explained by.

use super::codes;
use super::grams::{Found, Model, Scores, UNIT};

/// Longest part in bytes.
const PART_BYTES: usize = 125;
/// Lengths of n-gram that say enough on long text: a bit each.
pub(super) const LONG_ORDERS: u32 = 0b01_1010;
/// Those that say enough where nothing else is near.
pub(super) const GLANCE_ORDERS: u32 = 0b01_0010;
/// Fewest parts of a text that may be in two languages.
const MIN_PARTS: usize = 6;
/// Languages tried as one of two, by the number of parts that they are best for.
const CANDIDATES: usize = 6;
/// By how much two languages must explain the parts better than one, in the model's units.
const PAIR_COST: u32 = 30 * UNIT as u32;
/// The same where a third of a sample is to say that there is one language: less is a doubt.
const CLEAR_PAIR_COST: u32 = 10 * UNIT as u32;
/// By how much a class must be ahead of all others to be clear, in the model's units.
const CLEAR_LEAD: u32 = 75 * UNIT as u32;

/// Scores of a sample.
pub(super) struct Evidence {
    classes: usize,
    /// Scores of each part.
    parts: Vec<Scores>,
    /// Bytes of each part.
    bytes: Vec<usize>,
    /// Scores of each class over all parts.
    pub totals: Vec<u32>,
    /// N-grams read.
    pub grams: u32,
}

/// One class, or two with the share of the content that the smaller has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Explanation {
    /// Class of the larger share.
    pub main: usize,
    /// Class and share of the other.
    pub second: Option<(usize, f64)>,
}

impl Evidence {
    /// Of nothing yet.
    pub fn new(model: &Model<'_>) -> Self {
        let classes = model.classes.len();
        Self { classes, parts: Vec::new(), bytes: Vec::new(), totals: vec![0; classes], grams: 0 }
    }

    /// Adds the scores of a sample, lines of words. `orders` has a bit for each length of n-gram that counts.
    pub fn add(&mut self, model: &Model<'_>, read: &str, orders: u32) {
        let mut found = Found::default();
        for part in read.lines().flat_map(parts) {
            let mut scores = [0; 256];
            self.grams += model.score(part, orders, &mut found, &mut scores);
            self.bytes.push(part.len());
            for (total, score) in self.totals.iter_mut().zip(&scores) {
                *total += u32::from(*score);
            }
            self.parts.push(scores);
        }
    }

    /// The one class that a long text is in beyond doubt, by a part of its sample.
    pub fn clear(&self, model: &Model<'_>, prior: &[u32]) -> Option<usize> {
        let Explanation { main, second: None } = self.explain_at(model, prior, CLEAR_PAIR_COST) else {
            return None;
        };
        let code = model.classes[main].code.as_str();
        let near = codes::family(code).unwrap_or(&[]);
        let least = (self.totals[main] + prior[main]).saturating_sub(CLEAR_LEAD);
        let mut rivals = self.totals.iter().zip(prior).zip(&model.classes);
        let is_rivalled = rivals.any(|((total, prior), class)| {
            total + prior >= least && class.code != code && !near.contains(&class.code.as_str())
        });
        (!is_rivalled).then_some(main)
    }

    /// Parts that were read.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    fn scores(&self) -> impl Iterator<Item = &[u16]> {
        self.parts.iter().map(|scores| &scores[..self.classes])
    }

    /// The class with the highest score, `prior` added.
    fn best(&self, prior: &[u32]) -> usize {
        best(self.totals.iter().zip(prior).map(|(total, prior)| total + prior))
    }

    /// The one class or the two that explain the parts best. Close relatives are never two.
    pub fn explain(&self, model: &Model<'_>, prior: &[u32]) -> Explanation {
        self.explain_at(model, prior, PAIR_COST)
    }

    fn explain_at(&self, model: &Model<'_>, prior: &[u32], pair_cost: u32) -> Explanation {
        let main = self.best(prior);
        let alone = Explanation { main, second: None };
        if self.bytes.len() < MIN_PARTS {
            return alone;
        }
        let mut wins = vec![0_u32; self.classes];
        for scores in self.scores() {
            wins[best(scores.iter().map(|score| u32::from(*score)))] += 1;
        }
        let mut candidates: Vec<usize> = (0..self.classes).filter(|class| wins[*class] > 0).collect();
        if candidates == [main] {
            return alone;
        }
        candidates.sort_by_key(|class| (std::cmp::Reverse(wins[*class]), *class));
        candidates.truncate(CANDIDATES);
        if !candidates.contains(&main) {
            candidates.push(main);
        }
        let mut found = None;
        let mut most = self.totals[main] + prior[main] + pair_cost;
        for (i, a) in candidates.iter().enumerate() {
            for b in &candidates[i + 1..] {
                let both: u32 = self.scores().map(|scores| u32::from(scores[*a].max(scores[*b]))).sum();
                let both = both + prior[*a].min(prior[*b]);
                if both > most {
                    most = both;
                    found = Some((*a, *b));
                }
            }
        }
        let Some((a, b)) = found else { return alone };
        let [code_a, code_b] = [a, b].map(|class| model.classes[class].code.as_str());
        if code_a == code_b || codes::family(code_a).is_some_and(|group| group.contains(&code_b)) {
            let main = if self.totals[a] + prior[a] >= self.totals[b] + prior[b] { a } else { b };
            return Explanation { main, second: None };
        }
        let [per_a, per_b] = [a, b]
            .map(|class| codes::bytes_per_content(&model.classes[class].code, &model.classes[class].script));
        let (mut content_a, mut content_b) = (0.0, 0.0);
        for (scores, bytes) in self.scores().zip(&self.bytes) {
            if scores[a] >= scores[b] {
                content_a += *bytes as f64 / per_a;
            } else {
                content_b += *bytes as f64 / per_b;
            }
        }
        let share = content_b / (content_a + content_b);
        let [a, b] = [(a, b), (b, a)].map(|(class, other)| self.refine(model, prior, class, other));
        if share <= 0.5 {
            Explanation { main: a, second: Some((b, share)) }
        } else {
            Explanation { main: b, second: Some((a, 1.0 - share)) }
        }
    }

    /// Which close relative of `class` it is, by the parts that are not in the `other` language.
    fn refine(&self, model: &Model<'_>, prior: &[u32], class: usize, other: usize) -> usize {
        let Some(group) = codes::family(&model.classes[class].code) else { return class };
        let relatives = (0..self.classes).filter(|i| group.contains(&model.classes[*i].code.as_str()));
        let score = |relative: &usize| {
            let parts = self.scores().filter(|scores| scores[class] >= scores[other]);
            prior[*relative] + parts.map(|scores| u32::from(scores[*relative])).sum::<u32>()
        };
        relatives.max_by_key(|relative| (score(relative), usize::MAX - relative)).unwrap_or(class)
    }
}

/// Where the largest value is, the first of equals.
fn best(values: impl Iterator<Item = u32>) -> usize {
    let (mut at, mut most) = (0, 0);
    for (i, value) in values.enumerate() {
        if value > most {
            (at, most) = (i, value);
        }
    }
    at
}

/// Cuts a line into parts, at spaces where there are any.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut at = rest.len();
        if at > PART_BYTES {
            at = rest.floor_char_boundary(PART_BYTES);
            at = rest[..at].rfind(' ').filter(|space| *space > PART_BYTES / 4).map_or(at, |space| space + 1);
        }
        let (part, tail) = rest.split_at(at);
        rest = tail;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_are_cut_at_spaces() {
        let line = "word ".repeat(60);
        let parts: Vec<&str> = super::parts(&line).collect();
        assert_eq!(parts.concat(), line);
        assert!(parts.iter().all(|part| part.len() <= super::PART_BYTES && part.ends_with(' ')));
        let dense = "港".repeat(100);
        assert_eq!(super::parts(&dense).collect::<String>(), dense);
    }
}
