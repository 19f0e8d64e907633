//! Evidence beside the model's: phrases that sites say in their own voice.
//!
//! The model learns on pages of a few languages. These rules carry what they have in common to pages unlike them,
//! by shifts of the log odds, small enough that what the model is sure of stands. A group of phrases that
//! the page is about (an article on cookies) says nothing.

use super::document::Document;
use super::features::Measured;
use super::hints;
use super::phrases::{self, ACCOUNT, COMMENTS, CONSENT, FURTHER, RIGHTS, SHARE, SUBSCRIBE};

/// Shift for a block that holds several phrases of the site's own voice.
const OWN_VOICE: f32 = -4.5;
/// Shift for a short line that heads further reading, comments or sharing.
const HEAD: f32 = -2.0;
/// Shift for a line that offers to share or print, and nothing else.
const TOOLS: f32 = -4.0;
/// Shift for what stands in a box that its names say is about consent, and that holds little of the text.
const CONSENT_BOX: f32 = -4.0;
/// Shift for a line that names another story to read.
const READ_ALSO: f32 = -3.0;
/// Shift for a text that breaks off with an offer to read on elsewhere.
const TEASER: f32 = -4.0;
/// Shift for the short lines that follow a head of further reading.
const LIST: f32 = -1.5;
/// The same where they are links.
const LINK_LIST: f32 = -4.0;
/// Shift for what follows the comments' head.
const AFTER_COMMENTS: f32 = -2.5;
/// Shift for what follows the first such block behind most of the likely text.
const TAIL: f32 = -1.6;
/// Blocks of likely text that hold a group's phrases, from which on the page is about it.
const ABOUT: usize = 4;

/// Shifts the probabilities of blocks by what their phrases say.
pub fn weigh(doc: &Document, page: &Measured<'_>, scores: &mut [f32]) {
    let about = topics(doc, page, scores);
    let count =
        |index: usize, group: usize| if about[group] { 0 } else { page.blocks[index].phrases.counts[group] };
    let own_voice = |index: usize| {
        let m = &page.blocks[index];
        let many = |group: usize, least: u8| count(index, group) >= least;
        m.mass < 450.0
            && (many(CONSENT, 2)
                || count(index, SUBSCRIBE).saturating_add(count(index, ACCOUNT)) >= 2
                || many(RIGHTS, 2)
                || many(SHARE, 3)
                || many(SUBSCRIBE, 1) && m.mass < 160.0)
    };
    let head = |index: usize, group: usize| {
        let m = &page.blocks[index];
        m.mass <= 45.0 && m.sentences == 0.0 && count(index, group) >= 1
    };
    let mass = |index: usize| page.blocks[index].mass;
    // How likely the blocks of the same make are text: paragraphs go on behind a box of offers in their midst.
    let mut makes = vec![(0.0f32, 0.0f32); page.groups()];
    for (index, score) in scores.iter().enumerate() {
        let make = &mut makes[page.group_of(index)];
        make.0 += mass(index) * score;
        make.1 += mass(index);
    }
    let of_text = |index: usize| {
        let (likely, all) = makes[page.group_of(index)];
        let m = &page.blocks[index];
        !doc.plain && m.mass >= 60.0 && m.sentences >= 1.0 && likely > 0.5 * all
    };
    let total: f32 = (0..scores.len()).map(|i| mass(i) * scores[i]).sum();
    let (mut before, mut list, mut tail, mut comments) = (0.0, 0usize, false, false);
    let mut shifts = vec![0.0f32; scores.len()];
    for (index, shift) in shifts.iter_mut().enumerate() {
        let m = &page.blocks[index];
        let (further, comment, share) = (head(index, FURTHER), head(index, COMMENTS), head(index, SHARE));
        let own = own_voice(index);
        if own {
            *shift += OWN_VOICE;
        } else if m.mass <= 16.0 * f32::from(count(index, SHARE).saturating_add(count(index, COMMENTS))) {
            *shift += TOOLS;
        } else if further || comment || share {
            *shift += HEAD;
        }
        if list > 0 && m.sentences == 0.0 && m.mass < 110.0 {
            *shift += if m.links > 0.8 { LINK_LIST } else { LIST };
            list -= 1;
        } else {
            list = 0;
        }
        if further {
            list = 12;
        }
        if comments && !of_text(index) {
            *shift += AFTER_COMMENTS;
        } else if tail && !of_text(index) {
            *shift += TAIL;
        }
        if page.in_box(index, hints::CONSENT) {
            *shift += CONSENT_BOX;
        }
        // `Read also: Storm closes the harbour`
        if m.phrases.start == FURTHER as u8 + 1
            && m.mass < 200.0
            && (m.links > 0.5 || leads_on(doc.text_of(index)))
        {
            *shift += READ_ALSO;
        }
        let most = before > 0.7 * total;
        tail |= most && (own || further || comment);
        comments |= most && comment;
        before += m.mass * scores[index];
    }
    for index in 0..scores.len() {
        let text = doc.text_of(index);
        let cut = text.contains("...") || text.contains('…');
        let m = &page.blocks[index];
        if cut && m.mass > 60.0 && m.phrases.end == FURTHER as u8 + 1 {
            shifts[index] += TEASER;
            // Its headline and wire mark stand above it.
            let above = (index.saturating_sub(3)..index).rev();
            above
                .take_while(|i| page.blocks[*i].mass < 110.0 && page.blocks[*i].sentences == 0.0)
                .for_each(|i| shifts[i] += TEASER);
        }
    }
    for (score, shift) in scores.iter_mut().zip(shifts) {
        if shift != 0.0 {
            let odds = *score / (1.0 - *score).max(1e-6) * shift.exp();
            *score = odds / (1.0 + odds);
        }
    }
}

/// Whether a colon follows the first words of a line.
fn leads_on(text: &str) -> bool {
    let start: String = text.chars().take(40).collect();
    start.contains([':', '：', '】', '|'])
}

/// The groups of phrases that the page is about.
fn topics(doc: &Document, page: &Measured<'_>, scores: &[f32]) -> [bool; phrases::GROUPS] {
    let mut blocks = [0usize; phrases::GROUPS];
    for (m, _) in page.blocks.iter().zip(scores).filter(|(m, s)| **s > 0.5 && m.mass > 80.0) {
        for (group, count) in m.phrases.counts.iter().enumerate() {
            blocks[group] += usize::from(*count > 0);
        }
    }
    let title = phrases::find(&doc.meta.title).counts;
    std::array::from_fn(|group| blocks[group] >= ABOUT || title[group] > 0 && blocks[group] > 0)
}
