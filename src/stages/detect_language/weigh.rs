//! The n-gram model's scores and lingua's probabilities → one probability for each language.
//!
//! The weights and the curve were fitted to labelled texts of all lengths in 106 languages: see docs/language.md.

use super::codes;
use super::grams::{Class, UNIT};
use crate::stages::classify_topics::model::{exp, ln};

/// The model counts each letter in up to five n-grams, as if they were independent: its log-likelihoods
/// are divided by this.
const GRAMS_DIVISOR: f64 = 12.0;
/// Weight of lingua's log-probabilities.
const LINGUA_WEIGHT: f64 = 1.5;
/// Weight of lingua's log-probabilities of close relatives on long text.
const LONG_WEIGHT: f64 = 1.5;
/// What both models give the smaller of close relatives too little, in log-odds, on text of [`LEAN_BYTES`] or more.
const LEAN: [(&str, f64); 2] = [("bs", 2.0), ("ms", 1.5)];
/// On shorter text it is less, in proportion.
const LEAN_BYTES: f64 = 120.0;
/// Share of right answers among close relatives where words have settled which it is.
const SETTLED_RIGHT: f64 = 0.97;
/// Confidence at most in a language that lingua alone knows: its word is easily given.
const LINGUA_ALONE: f64 = 0.49;
/// Lingua's probability of what it gives nothing.
const LINGUA_FLOOR: f64 = 0.01;
/// What stands for lingua's probability in languages that it does not have.
const LINGUA_UNKNOWN: f64 = 0.03;
/// Log-odds of languages with much written news (those that lingua has) to others.
const PRESS: f64 = 1.0;
/// Log-odds of other languages to those that are spoken beside a larger one that is written.
const REGIONAL: f64 = 3.0;
/// Log-odds of languages that are set in the configuration to others.
const WANTED: f64 = 4.0;
/// Score of a language that the model does not have, of the best score.
const UNKNOWN_SHARE: f64 = 0.96;
/// Below this score an n-gram, and this probability of lingua's, a text is in no language.
const STRANGE: (f64, f64) = (3.2, 0.2);
/// Log-odds that the page's claim adds.
const HINT: f64 = 1.0;
/// Log-odds from which lingua need not be asked.
const CLEAR: f64 = 9.0;
/// Languages that are looked at besides lingua's.
const MOST: usize = 12;
/// Share of the best score from which a close relative may be the text's language.
const RELATIVE: f64 = 0.88;

/// What a class has before a word is read, in the model's units.
pub(super) fn prior(known_to_lingua: bool, wanted: bool, class: &Class) -> u32 {
    let mut odds = if wanted { WANTED } else { 0.0 };
    odds += if known_to_lingua { PRESS } else { 0.0 };
    odds -= if codes::is_regional(&class.code) { REGIONAL } else { 0.0 };
    // What is Serbian in Latin letters is as often Croatian, by the words that all of them share.
    if (class.code.as_str(), class.script.as_str()) == ("sr", "Latn") {
        odds -= 1.0;
    }
    (odds * GRAMS_DIVISOR * UNIT) as u32
}

/// Log-odds of languages, up to a constant.
#[derive(Clone)]
pub(super) struct Opinions {
    /// Code, log-odds, and the model's score alone.
    odds: Vec<(&'static str, f64, u32)>,
}

/// Which of some close relatives it is.
pub(super) struct Relatives {
    /// The likeliest.
    pub code: &'static str,
    /// Probability that it is, of all of them.
    pub share: f64,
    /// The others.
    pub others: Vec<&'static str>,
}

impl Opinions {
    /// Of the model's scores by class.
    pub fn of(codes: &[&'static str], totals: &[u32], prior: &[u32]) -> Self {
        let mut odds: Vec<(&'static str, f64, u32)> = Vec::new();
        // Classes of a language stand together: they are sorted by code.
        for ((code, total), prior) in codes.iter().zip(totals).zip(prior) {
            let value = f64::from(total + prior) / UNIT / GRAMS_DIVISOR;
            match odds.last_mut().filter(|last| last.0 == *code) {
                Some(last) if value > last.1 => *last = (*code, value, *total),
                Some(_) => {}
                None => odds.push((code, value, *total)),
            }
        }
        Self { odds }
    }

    /// The likeliest languages with their shares of the probability of all, best first.
    pub fn shares(&self, most: usize) -> Vec<(&'static str, f64)> {
        let mut order: Vec<(&'static str, f64)> =
            self.odds.iter().map(|(code, odds, _)| (*code, *odds)).collect();
        order.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let Some(best) = order.first().map(|best| best.1) else { return Vec::new() };
        let sum: f64 = order.iter().map(|(_, odds)| exp(odds - best)).sum();
        order.into_iter().take(most).map(|(code, odds)| (code, exp(odds - best) / sum)).collect()
    }

    /// Whether one language, or one group of close relatives, is far ahead.
    pub fn is_clear(&self) -> bool {
        let Some(best) = self.odds.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else { return false };
        let group = codes::close(best.0);
        group.is_none()
            && best.2 > 0
            && self.odds.iter().all(|other| other.0 == best.0 || other.1 + CLEAR < best.1)
    }

    /// Whether neither knows the text: the model has seen little of it, and lingua is not for any language.
    pub fn is_strange(&self, grams: u32, lingua: &[(&'static str, f64)]) -> bool {
        let score = f64::from(self.odds.iter().map(|known| known.2).max().unwrap_or(0)) / UNIT;
        let lingua = lingua.iter().map(|value| value.1).fold(0.0, f64::max);
        score < STRANGE.0 * f64::from(grams) && lingua < STRANGE.1
    }

    /// Adds lingua's probabilities; `known` are the languages that it was asked about.
    pub fn add_lingua(&mut self, values: &[(&'static str, f64)], known: &[&'static str]) {
        if values.is_empty() {
            return;
        }
        for (code, odds, _) in &mut self.odds {
            let p = match values.iter().find(|value| value.0 == *code) {
                Some((_, p)) => p + LINGUA_FLOOR,
                None if known.contains(code) => LINGUA_FLOOR,
                None => LINGUA_UNKNOWN,
            };
            *odds += LINGUA_WEIGHT * ln(p);
        }
        // What the model does not know, Latin, looks to it like what is near: not as much as that, but nearly.
        let near = UNKNOWN_SHARE * f64::from(self.odds.iter().map(|known| known.2).max().unwrap_or(0));
        let near = near / UNIT / GRAMS_DIVISOR + PRESS + WANTED;
        for (code, p) in values.iter().filter(|value| value.1 > 0.0) {
            if !self.odds.iter().any(|known| known.0 == *code) {
                self.odds.push((code, near + LINGUA_WEIGHT * ln(p + LINGUA_FLOOR), 0));
            }
        }
    }

    /// Adds what the models give the smaller of close relatives too little on a text of `bytes`.
    pub fn lean(&mut self, bytes: usize) {
        let share = (bytes as f64 / LEAN_BYTES).min(1.0);
        self.add(&LEAN.map(|(code, odds)| (code, share * odds)));
    }

    /// Adds log-odds of some languages.
    pub fn add(&mut self, odds: &[(&'static str, f64)]) {
        for (code, by) in odds {
            self.odds.iter_mut().filter(|known| known.0 == *code).for_each(|known| known.1 += by);
        }
    }

    /// Adds what lingua says of close relatives on long text.
    pub fn add_long(&mut self, values: &[(&'static str, f64)]) {
        let odds: Vec<_> =
            values.iter().map(|(code, p)| (*code, LONG_WEIGHT * ln(p + LINGUA_FLOOR))).collect();
        self.add(&odds);
    }

    /// The likeliest of a language and its close relatives.
    pub fn closest(&self, code: &'static str) -> &'static str {
        let Some((group, _)) = codes::close(code) else { return code };
        let relatives = self.odds.iter().filter(|known| group.contains(&known.0));
        relatives.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(a.0))).map_or(code, |best| best.0)
    }

    /// Adds what the page claims.
    pub fn add_hints(&mut self, hinted: &dyn Fn(&str) -> bool) {
        self.odds.iter_mut().filter(|(code, ..)| hinted(code)).for_each(|(_, odds, _)| *odds += HINT);
    }

    /// The likeliest language, and its probability; close relatives count as one.
    pub fn best(&mut self) -> Option<(&'static str, f64)> {
        let order = |a: &(&str, f64, u32), b: &(&str, f64, u32)| b.1.total_cmp(&a.1).then(a.0.cmp(b.0));
        let looked_at = MOST.min(self.odds.len());
        if looked_at < self.odds.len() {
            self.odds.select_nth_unstable_by(looked_at, order);
        }
        self.odds[..looked_at].sort_unstable_by(order);
        let best = *self.odds.first()?;
        let group = codes::close(best.0).map_or(&[][..], |(group, _)| group);
        let (mut own, mut sum) = (0.0, 0.0);
        for (code, odds, _) in &self.odds[..looked_at] {
            let share = exp(odds - best.1);
            sum += share;
            own += if *code == best.0 || group.contains(code) { share } else { 0.0 };
        }
        let most = if best.2 > 0 { 1.0 } else { LINGUA_ALONE };
        Some((best.0, curve(own / sum).min(most)))
    }

    /// The close relatives that the text may be in instead of `code`, where there are any. Where words have `settled` it,
    /// the page's claim counts for nothing.
    pub fn relatives(
        &self,
        code: &'static str,
        settled: bool,
        hinted: &dyn Fn(&str) -> bool,
    ) -> Option<Relatives> {
        let (group, right) = codes::close(code)?;
        let right = if settled { SETTLED_RIGHT } else { right };
        let own = self.odds.iter().find(|known| known.0 == code)?.2;
        let near = |other: &(&'static str, f64, u32)| {
            other.0 != code && group.contains(&other.0) && f64::from(other.2) >= RELATIVE * f64::from(own)
        };
        let mut others: Vec<&'static str> =
            self.odds.iter().filter(|other| near(other)).map(|other| other.0).collect();
        if others.is_empty() {
            return None;
        }
        let mut code = code;
        if !settled
            && !hinted(code)
            && let Some(other) = others.iter_mut().find(|other| hinted(other))
        {
            std::mem::swap(&mut code, other);
        }
        Some(Relatives { code, share: right, others })
    }
}

/// Probability that the larger of two languages is the main one: the nearer to half, the less sure.
pub(super) fn of_two(share: f64) -> f64 {
    0.99 - 0.35 * (share / 0.5).powi(4)
}

/// The share of right answers at a probability.
fn curve(p: f64) -> f64 {
    const KNOTS: [(f64, f64); 9] = [
        (0.0, 0.0),
        (0.3, 0.2),
        (0.5, 0.43),
        (0.7, 0.63),
        (0.85, 0.78),
        (0.93, 0.88),
        (0.97, 0.945),
        (0.99, 0.98),
        (1.0, 0.998),
    ];
    for pair in KNOTS.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if p <= x1 {
            return y0 + (y1 - y0) * (p - x0) / (x1 - x0);
        }
    }
    KNOTS[8].1
}
