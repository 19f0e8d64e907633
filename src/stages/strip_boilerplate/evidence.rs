//! Evidence beside the model's: phrases that sites say in their own voice.
//!
//! The model learns on pages of a few languages. These rules carry what they have in common to pages unlike them,
//! by shifts of the log odds, small enough that what the model is sure of stands. A group of phrases that
//! the page is about (an article on cookies) says nothing.

use super::document::Document;
use super::features::Measured;
use super::hints;
use super::phrases::{self, ACCOUNT, COMMENTS, CONSENT, FURTHER, RIGHTS, SHARE, SUBSCRIBE};

/// What a rule found in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Several phrases of the site's own voice.
    OwnVoice,
    /// A short line that heads further reading, comments or sharing.
    Head,
    /// A line that offers to share or print, and nothing else.
    Tools,
    /// It stands in a box that its names say is about consent, and that holds little of the text.
    ConsentBox,
    /// A line that names another story to read.
    ReadAlso,
    /// A text that breaks off with an offer to read on elsewhere.
    Teaser,
    /// A short line that follows a head of further reading.
    List,
    /// The same where it is a link.
    LinkList,
    /// It follows the comments' head.
    AfterComments,
    /// It follows the first such block behind most of the likely text.
    Tail,
}

impl Sign {
    /// By how much it shifts the log odds.
    pub fn shift(self) -> f32 {
        match self {
            Self::OwnVoice => -4.5,
            Self::Head => -2.0,
            Self::Tools | Self::ConsentBox | Self::Teaser | Self::LinkList => -4.0,
            Self::ReadAlso => -3.0,
            Self::List => -1.5,
            Self::AfterComments => -2.5,
            Self::Tail => -1.6,
        }
    }
}

/// Blocks of likely text that hold a group's phrases, from which on the page is about it.
const ABOUT: usize = 4;

/// Shifts the probabilities of blocks by what their phrases say.
pub fn weigh(doc: &Document, page: &Measured<'_>, scores: &mut [f32]) {
    let mut shifts = vec![0.0f32; scores.len()];
    signs(doc, page, scores, |index, sign| shifts[index] += sign.shift());
    for (score, shift) in scores.iter_mut().zip(shifts) {
        if shift != 0.0 {
            let odds = *score / (1.0 - *score).max(1e-6) * shift.exp();
            *score = odds / (1.0 + odds);
        }
    }
}

/// Tells `note` of each sign and the block that it was found in; `scores` are the model's.
pub fn signs(doc: &Document, page: &Measured<'_>, scores: &[f32], mut note: impl FnMut(usize, Sign)) {
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
    for (index, score) in scores.iter().enumerate() {
        let m = &page.blocks[index];
        let (further, comment, share) = (head(index, FURTHER), head(index, COMMENTS), head(index, SHARE));
        let own = own_voice(index);
        if own {
            note(index, Sign::OwnVoice);
        } else if m.mass <= 16.0 * f32::from(count(index, SHARE).saturating_add(count(index, COMMENTS))) {
            note(index, Sign::Tools);
        } else if further || comment || share {
            note(index, Sign::Head);
        }
        if list > 0 && m.sentences == 0.0 && m.mass < 110.0 {
            note(index, if m.links > 0.8 { Sign::LinkList } else { Sign::List });
            list -= 1;
        } else {
            list = 0;
        }
        if further {
            list = 12;
        }
        if comments && !of_text(index) {
            note(index, Sign::AfterComments);
        } else if tail && !of_text(index) {
            note(index, Sign::Tail);
        }
        if page.in_box(index, hints::CONSENT) {
            note(index, Sign::ConsentBox);
        }
        // `Read also: Storm closes the harbour`
        if m.phrases.start == FURTHER as u8 + 1
            && m.mass < 200.0
            && (m.links > 0.5 || leads_on(doc.text_of(index)))
        {
            note(index, Sign::ReadAlso);
        }
        let most = before > 0.7 * total;
        tail |= most && (own || further || comment);
        comments |= most && comment;
        before += m.mass * score;
    }
    for index in 0..scores.len() {
        let m = &page.blocks[index];
        let cut = |text: &str| text.contains("...") || text.contains('…');
        if m.mass > 60.0 && m.phrases.end == FURTHER as u8 + 1 && cut(doc.text_of(index)) {
            note(index, Sign::Teaser);
            // Its headline and wire mark stand above it.
            let above = (index.saturating_sub(3)..index).rev();
            above
                .take_while(|i| page.blocks[*i].mass < 110.0 && page.blocks[*i].sentences == 0.0)
                .for_each(|i| note(i, Sign::Teaser));
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
