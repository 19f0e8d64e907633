//! Stories as records of their own.

use super::{Pipeline, Stage};
use crate::record::{Article, Extracted, Story, StoryRepeat};
use crate::sightings::Repeat;
use crate::stages::deduplicate::{self, Fingerprints};

impl Pipeline {
    /// One record for each story of an article: page, address, section and site are the article's, agency, dateline,
    /// title and text the story's; language and topics are those of its text. `sighted` are the fingerprints of the
    /// first stories, those that the sighting has.
    pub(super) fn story_records(&self, article: &Article, sighted: &[Fingerprints]) -> Vec<Article> {
        let stories = article.stories.iter().enumerate();
        stories.map(|(n, story)| self.story_record(article, story, sighted.get(n))).collect()
    }

    fn story_record(&self, article: &Article, story: &Story, sighted: Option<&Fingerprints>) -> Article {
        let extracted = Extracted {
            title: story.title.clone(),
            section: article.section.clone(),
            text: story.text.clone(),
            language_hint: Some(article.language.code.clone()),
            ..Extracted::default()
        };
        let language =
            self.times.measure(Stage::DetectLanguage, || self.detect_language.detect(&extracted, None));
        let topics = self.times.measure(Stage::ClassifyTopics, || {
            self.classify_topics.classify(&extracted, article.url.as_deref(), &language)
        });
        let canonical = article.canonical_url.as_deref();
        let id = match sighted {
            Some(fingerprints) => fingerprints.story_id(),
            None => deduplicate::fingerprint_story(story, canonical).story_id(),
        };
        let dated = story.dateline.as_ref().and_then(|dateline| dateline.date.clone());
        Article {
            id,
            published_at: story.published_at.clone().or(dated).or_else(|| article.published_at.clone()),
            // What the page's data says beside is of the page.
            modified_at: None,
            image: None,
            description: None,
            paywalled: None,
            title: extracted.title,
            section: extracted.section,
            authors: Vec::new(),
            organizations: Vec::new(),
            agency: story.agency.clone(),
            dateline: story.dateline.clone(),
            language,
            topics,
            word_count: deduplicate::word_count(&story.text),
            text: extracted.text,
            truncated: false,
            stories: Vec::new(),
            extra: None,
            story_records: Vec::new(),
            parent: Some(article.id),
            repeats: None,
            cluster: id,
            schema: article.schema.clone(),
            page_id: article.page_id.clone(),
            url: article.url.clone(),
            canonical_url: article.canonical_url.clone(),
            site: article.site.clone(),
            fetched_at: article.fetched_at,
            source: article.source.clone(),
        }
    }
}

/// What the log says of an article's stories, once there is a verdict: what they repeat, and the id of the article that
/// they are part of.
pub(super) fn judge(article: &mut Article, repeats: &[Option<Repeat>]) {
    let parent = article.id;
    article.story_records.iter_mut().for_each(|record| record.parent = Some(parent));
    for (n, repeat) in repeats.iter().enumerate() {
        let Some(Repeat { kind, of, cluster, similarity, contained, .. }) = *repeat else { continue };
        let repeats = Some(StoryRepeat { kind, of, similarity, contained });
        if let Some(story) = article.stories.get_mut(n) {
            story.repeats = repeats;
        }
        if let Some(record) = article.story_records.get_mut(n) {
            (record.repeats, record.cluster) = (repeats, cluster);
        }
    }
}
