//! What the readers and the stage promise of any page whatever, said so that it can be checked: by property tests
//! and by the fuzz targets.

use super::bounds;
use super::document::Document;
use crate::record::Extracted;

/// Checks what a reader made of a page.
///
/// # Errors
/// The first promise that is broken.
pub fn of_document(doc: &Document) -> Result<(), String> {
    let hold = |holds: bool, promise: &str| if holds { Ok(()) } else { Err(promise.to_owned()) };
    hold(doc.blocks.len() <= bounds::BLOCKS, "no more blocks than are read")?;
    // A space or line break may stand behind the last piece that fits.
    hold(doc.text.len() <= bounds::TEXT_BYTES + 8, "no more text than is read")?;
    hold(!doc.elements.is_empty(), "there is a root")?;
    let mut before = 0;
    for block in &doc.blocks {
        let range = block.start as usize..block.end as usize;
        hold(block.start >= before && block.end > block.start, "blocks are in order and not empty")?;
        hold(doc.text.get(range).is_some_and(|t| !t.is_empty()), "blocks lie in the text, on characters")?;
        hold((block.element as usize) < doc.elements.len(), "blocks stand in an element")?;
        let length = block.end - block.start;
        hold(
            block.link_bytes <= length && block.emphasis_bytes <= length,
            "parts are no more than the whole",
        )?;
        before = block.end;
    }
    for (index, element) in doc.elements.iter().enumerate() {
        let parent = element.parent as usize;
        hold(parent < index || index == 0 && parent == 0, "parents stand before their children")?;
    }
    for mark in &doc.marks {
        let range = mark.range.start as usize..mark.range.end as usize;
        hold(doc.text.get(range).is_some(), "marks lie in the text, on characters")?;
    }
    for ruled in &doc.ruled {
        let blocks = ruled.blocks.start <= ruled.blocks.end && ruled.blocks.end as usize <= doc.blocks.len();
        hold(
            blocks && ruled.source.start <= ruled.source.end,
            "what a rule takes or drops lies in the page",
        )?;
    }
    hold(!doc.text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "no control characters")
}

/// Checks what the stage took out of a page.
///
/// # Errors
/// The first promise that is broken.
pub fn of_extracted(got: &Extracted) -> Result<(), String> {
    let hold = |holds: bool, promise: &str| if holds { Ok(()) } else { Err(promise.to_owned()) };
    hold(!got.text.trim().is_empty(), "the text is not empty")?;
    hold(!got.text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "no control characters")?;
    hold(!got.text.contains("\n\n\n"), "paragraphs are one blank line apart")?;
    hold(got.text.len() <= 2 * bounds::TEXT_BYTES, "the text is no longer than what is read")?;
    let line = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
    let lines = |texts: &[String]| texts.iter().all(|text| line(text));
    hold(got.title.as_deref().is_none_or(line), "the title is one line")?;
    hold(got.section.as_deref().is_none_or(line), "the section is one line")?;
    hold(lines(&got.authors) && lines(&got.organizations), "names are one line each")?;
    let url = got.canonical_url.as_deref();
    hold(url.is_none_or(|url| url.starts_with("http") && line(url)), "the canonical address is one")?;
    let day = |date: &str| date.parse::<jiff::civil::Date>().is_ok();
    let time =
        |date: &str| if date.len() == 10 { day(date) } else { date.parse::<jiff::Timestamp>().is_ok() };
    hold(got.published_at.as_deref().is_none_or(time), "the time of publication is one")?;
    hold(got.modified_at.as_deref().is_none_or(time), "the time of the change is one")?;
    hold(
        got.image.as_deref().is_none_or(|url| url.starts_with("http") && line(url)),
        "the picture's address is one",
    )?;
    hold(got.description.as_deref().is_none_or(line), "the description is one line")?;
    let dateline = got.dateline.as_ref();
    hold(dateline.and_then(|d| d.date.as_deref()).is_none_or(day), "the dateline's day is one")?;
    hold(got.stories.iter().all(|s| !s.text.trim().is_empty()), "stories are not empty")
}
