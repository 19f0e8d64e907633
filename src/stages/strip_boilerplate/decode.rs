//! From scores of blocks to the main text: the choice of blocks with the best expected F1.
//!
//! A set of blocks S with masses m and probabilities p has an expected F1 of about 2 Σ(S) m p / (Σ(S) m +
//! Σ m p). It is greatest for the blocks with p above half of that best value (Dinkelbach's argument), so
//! the threshold falls where the page is unsure, and a page with text is never left empty. Changing from text
//! to boilerplate and back costs a little, which keeps the text coherent: a Viterbi pass over two states.

/// What one change between text and boilerplate costs, in mass at probability 1.
pub const SWITCH_COST: f32 = 6.0;
/// The same for lines of plain text, which tell less of where they belong.
pub const PLAIN_SWITCH_COST: f32 = 30.0;
/// Rounds until the threshold stands; it always does within a few.
const ROUNDS: usize = 6;

/// Which blocks are main text, given their masses and probabilities.
/// `cost` is that of a change from text to boilerplate and back.
pub fn choose(mass: &[f32], scores: &[f32], cost: f32) -> Vec<bool> {
    let expected: f32 = mass.iter().zip(scores).map(|(m, p)| m * p).sum();
    let mut threshold = 0.5;
    let mut chosen = Vec::new();
    for _ in 0..ROUNDS {
        chosen = viterbi(mass, scores, threshold, cost);
        let (mut all, mut hit) = (0.0, 0.0);
        for ((m, p), _) in mass.iter().zip(scores).zip(&chosen).filter(|(_, c)| **c) {
            all += m;
            hit += m * p;
        }
        if all == 0.0 {
            // Unsure of everything: lower the bar.
            threshold *= 0.5;
            continue;
        }
        let f1 = 2.0 * hit / (all + expected).max(1e-6);
        let next = (f1 / 2.0).min(0.5);
        if (next - threshold).abs() < 0.005 {
            break;
        }
        threshold = next;
    }
    if !chosen.contains(&true)
        && let Some(best) = best(mass, scores)
    {
        chosen[best] = true;
    }
    chosen
}

fn best(mass: &[f32], scores: &[f32]) -> Option<usize> {
    let value = |i: usize| (mass[i] + 1.0) * scores[i] * scores[i];
    (0..mass.len()).max_by(|a, b| value(*a).total_cmp(&value(*b)).then(b.cmp(a)))
}

/// The labels with the greatest sum of mass times margin, less the cost of changes.
fn viterbi(mass: &[f32], scores: &[f32], threshold: f32, cost: f32) -> Vec<bool> {
    let n = mass.len();
    let mut from_text = vec![[false; 2]; n];
    let (mut out, mut text) = (0.0f32, f32::NEG_INFINITY);
    for i in 0..n {
        let gain = (mass[i] + 3.0) * (scores[i] - threshold);
        let cost = cost * 0.5;
        let (to_out, to_text) = (out.max(text - cost), text.max(out - cost));
        from_text[i] = [text - cost > out, text >= out - cost];
        out = to_out;
        text = to_text + gain;
    }
    let mut chosen = vec![false; n];
    let mut state = text > out;
    for i in (0..n).rev() {
        chosen[i] = state;
        state = from_text[i][usize::from(state)];
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sure_pages_are_taken_as_scored() {
        let mass = [20.0, 200.0, 300.0, 10.0, 250.0, 30.0];
        let scores = [0.02, 0.97, 0.98, 0.45, 0.99, 0.05];
        assert_eq!(choose(&mass, &scores, SWITCH_COST), [false, true, true, true, true, false]);
    }

    #[test]
    fn unsure_pages_are_not_left_empty() {
        let mass = [20.0, 80.0, 15.0];
        let scores = [0.02, 0.2, 0.01];
        assert_eq!(choose(&mass, &scores, SWITCH_COST), [false, true, false]);
        assert_eq!(choose(&[], &[], SWITCH_COST), Vec::<bool>::new());
        assert_eq!(choose(&[0.0], &[0.0], SWITCH_COST), [true]);
    }
}
