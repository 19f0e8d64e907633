use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::kafka::headers::Form;
use crate::kafka::output::tests::{STAMP, article, headers_of};
use crate::kafka::output::{Outputs, Record};
use crate::kafka::settings::{Config, Kinds, Route};
use crate::record::{Duplicate, Hash128, Outcome, RawRecord, Source, Subtopic, Topic};

const LANGUAGES: [&str; 3] = ["de", "en", "und"];
const TOPICS: [&str; 3] = ["medtop:04000000", "medtop:15000000", "medtop:16000000"];
const BELOW: [&str; 3] = ["medtop:20000170", "medtop:20000822", "medtop:20000053"];
const SITES: [&str; 4] = ["lind.example", "sport.lind.example", "blind.example", "oskar.example"];
const KINDS: [Kind; 5] = [Kind::Article, Kind::Story, Kind::Exact, Kind::Near, Kind::Revision];
const NAMES: [&str; 6] =
    ["out.one", "out.two", "out.{language}", "out.{topic}", "{language}.{topic}", "news.duplicates"];

fn vocabulary() -> Vocabulary {
    let own = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    Vocabulary {
        languages: own(&LANGUAGES),
        topics: own(&TOPICS),
        all_topics: own(&[TOPICS, BELOW].concat()),
    }
}

fn routes(rules: &[Rule], which: Match) -> Result<Routes, Vec<String>> {
    Routes::new(rules, which, &Topics::default(), &vocabulary())
}

fn rule() -> impl Strategy<Value = Rule> {
    let some = |all: &'static [&'static str]| {
        subsequence(all, 0..=all.len())
            .prop_map(|codes| codes.into_iter().map(str::to_owned).collect::<Vec<String>>())
    };
    static CODES: [&str; 4] = [TOPICS[0], TOPICS[1], BELOW[0], BELOW[2]];
    (
        select(&NAMES[..]),
        some(&LANGUAGES),
        some(&CODES),
        option::of(0.0..1.0_f64),
        some(&SITES),
        subsequence(&KINDS[..], 0..=2),
        option::of(0..400_u32),
        option::of(400..800_u32),
    )
        .prop_map(|(topic, languages, topics, min_score, sites, kinds, min_words, max_words)| Rule {
            topic: topic.to_owned(),
            languages,
            topics,
            min_score,
            // One site in three rules is enough of a condition.
            sites: if sites.len() > 1 { Vec::new() } else { sites },
            kinds,
            min_words,
            max_words,
        })
}

#[derive(Debug, Clone)]
struct Case {
    kind: Kind,
    fate: Route,
    language: &'static str,
    site: &'static str,
    words: u32,
    topics: Vec<(usize, f64, bool)>,
}

fn case() -> impl Strategy<Value = Case> {
    let fates = select(&[Route::Route, Route::Tag, Route::Drop][..]);
    let topics = vec((0..3_usize, 0.0..1.0_f64, any::<bool>()), 0..3);
    (select(&KINDS[..]), fates, select(&LANGUAGES[..]), select(&SITES[..]), 0..800_u32, topics).prop_map(
        |(kind, fate, language, site, words, topics)| Case { kind, fate, language, site, words, topics },
    )
}

impl Case {
    fn article(&self) -> Article {
        let mut article = article();
        article.language.code = self.language.to_owned();
        article.site = Some(self.site.to_owned());
        article.word_count = self.words;
        article.topics = self
            .topics
            .iter()
            .map(|(at, score, below)| Topic {
                code: TOPICS[*at].to_owned(),
                name: String::new(),
                score: *score,
                subtopics: below
                    .then(|| Subtopic { code: BELOW[*at].to_owned(), path: String::new() })
                    .into_iter()
                    .collect(),
            })
            .collect();
        article
    }

    fn outcome(&self) -> Outcome {
        let article = self.article();
        let kind = match self.kind {
            Kind::Article => return Outcome::Article(Box::new(article)),
            Kind::Story => {
                let mut page = Self { words: 9999, site: "elsewhere.example", ..self.clone() }.article();
                page.story_records = vec![article];
                return Outcome::Article(Box::new(page));
            }
            Kind::Exact => DuplicateKind::Exact,
            Kind::Near => DuplicateKind::Near,
            Kind::Revision => DuplicateKind::Revision,
        };
        Outcome::Duplicate(Box::new(Duplicate {
            kind,
            id: article.id,
            page_id: String::new(),
            url: Some(format!("https://www.{}/a", self.site)),
            of: Hash128::default(),
            cluster: Hash128::default(),
            similarity: 1.0,
            contained: None,
            fetched_at: None,
            source: article.source.clone(),
            article: (kind != DuplicateKind::Exact).then(|| Box::new(article)),
        }))
    }

    /// What the documentation says, in the words of the documentation: the topics of the routes that this record fits, in
    /// the order of the routes.
    fn expected(&self, rules: &[Rule], to_articles: bool) -> Vec<String> {
        let mut out = Vec::new();
        for rule in rules {
            let fits_kind = if rule.kinds.is_empty() { to_articles } else { rule.kinds.contains(&self.kind) };
            let dotted = format!(".{}", self.site);
            let fits_site =
                rule.sites.is_empty() || rule.sites.iter().any(|site| dotted.ends_with(&format!(".{site}")));
            let asks_topic =
                !rule.topics.is_empty() || rule.min_score.is_some() || rule.topic.contains("{topic}");
            let mut codes = Vec::new();
            for (at, score, below) in &self.topics {
                if *score < rule.min_score.unwrap_or(0.0) {
                    continue;
                }
                for (code, is_there) in [(TOPICS[*at], true), (BELOW[*at], *below && !rule.topics.is_empty())]
                {
                    if is_there && (rule.topics.is_empty() || rule.topics.contains(&code.to_owned())) {
                        codes.push(code.replace(':', "-"));
                    }
                }
            }
            let asks_text = asks_topic
                || !rule.languages.is_empty()
                || rule.topic.contains("{language}")
                || rule.min_words.is_some()
                || rule.max_words.is_some();
            let fits_text = !asks_text
                || self.kind != Kind::Exact
                    && (rule.languages.is_empty() || rule.languages.contains(&self.language.to_owned()))
                    && rule.min_words.is_none_or(|least| self.words >= least)
                    && rule.max_words.is_none_or(|most| self.words <= most)
                    && (!asks_topic || !codes.is_empty());
            if !(fits_kind && fits_site && fits_text) {
                continue;
            }
            let name = rule.topic.replace("{language}", self.language);
            if asks_topic {
                out.extend(codes.iter().map(|code| name.replace("{topic}", code)));
            } else {
                out.push(name);
            }
        }
        out
    }
}

fn records(case: &Case, rules: &[Rule], which: Match, absent: &[String]) -> Vec<Record> {
    let mut routes = routes(rules, which).unwrap();
    let there: Vec<String> = routes.names().keys().filter(|name| !absent.contains(name)).cloned().collect();
    routes.are_there(there.iter().map(String::as_str));
    let kinds = Kinds { exact: case.fate, near: case.fate, revision: case.fate };
    let mut outputs = Outputs {
        topics: Topics::default(),
        kinds,
        routes,
        form: Form::new(&Config::default()),
        limit: 1 << 20,
    };
    let source = Source::Kafka { topic: "news.pages".into(), partition: 0, offset: 1 };
    let raw = RawRecord { source, key: None, value: Vec::new(), headers: Vec::new() };
    outputs.records(0, &case.outcome(), &raw, &STAMP, false)
}

fn mark(record: &Record) -> Option<String> {
    headers_of(record, "newsmill.copy")
}

proptest! {
    /// Each record goes where the rules say and nowhere else, once; an outcome has one primary record.
    #[test]
    fn records_go_where_the_rules_say(
        case in case(),
        rules in vec(rule(), 0..5),
        all in any::<bool>(),
        absent in subsequence(vec!["out.de", "out.en", "out.medtop-04000000", "en.medtop-16000000"], 0..=4),
    ) {
        let absent: Vec<String> = absent.into_iter().map(str::to_owned).collect();
        let which = if all { Match::All } else { Match::First };
        let records = records(&case, &rules, which, &absent);
        let is_duplicate = !matches!(case.kind, Kind::Article | Kind::Story);
        if is_duplicate && case.fate == Route::Drop {
            prop_assert!(records.is_empty());
            return Ok(());
        }
        let split = case.kind == Kind::Revision && case.fate == Route::Route;
        let to_articles = !is_duplicate || case.fate == Route::Tag || split;
        let mut expected = case.expected(&rules, to_articles);
        expected.retain(|name| !absent.contains(name));
        if which == Match::First {
            expected.truncate(1);
        }
        if expected.is_empty() {
            let default = if to_articles { "news.articles" } else { "news.duplicates" };
            expected.push(default.to_owned());
        }
        if split {
            expected.insert(0, "news.duplicates".to_owned());
        }
        let mut once: Vec<String> = Vec::new();
        expected.into_iter().for_each(|name| if !once.contains(&name) { once.push(name) });
        // The story's records are looked at, not its page's.
        let is_story = |record: &&Record| mark(record).as_deref() == Some("story");
        let own: Vec<&Record> =
            records.iter().filter(|record| is_story(record) == (case.kind == Kind::Story)).collect();
        let topics: Vec<String> = own.iter().map(|record| record.topic.clone()).collect();
        prop_assert_eq!(&topics, &once);
        prop_assert_eq!(records.iter().filter(|record| mark(record).is_none()).count(), 1);
        prop_assert!(own.iter().all(|record| record.value == own[0].value && record.key == own[0].key));
    }
}

#[test]
fn what_is_wrong_is_said_with_the_route() {
    let rule = |topic: &str| Rule { topic: topic.to_owned(), ..Rule::default() };
    let bad = [
        rule("news.{lang}"),
        rule("news articles"),
        rule(""),
        Rule { min_score: Some(2.0), min_words: Some(9), max_words: Some(8), ..rule("a") },
        Rule { sites: vec!["https://a.example".into()], ..rule("a") },
        Rule { kinds: vec![Kind::Exact], ..rule("a.{language}") },
    ];
    let found = problems(&bad);
    let expected = [
        "route 1: topic: {lang} stands for nothing: there are {language} and {topic}; did you mean {language}?",
        "route 2: topic: `news articles` is no name for a topic: letters, digits, `.`, `_` and `-`, at most 249",
        "route 3: topic is empty: name the topic that the records go to",
        "route 4: min_score is not between 0 and 1",
        "route 4: min_words (9) is over max_words (8): no record fits",
        "route 5: sites: `https://a.example` is no host: write it without scheme, path and `www.`",
        "route 6: kinds: an exact repeat is not read again, so it has no language, topics or words: no record fits",
    ];
    assert_eq!(found, expected);
}

#[test]
fn codes_that_are_never_given_and_topics_of_our_own_are_refused() {
    let rules = [
        Rule { topic: "a".into(), languages: vec!["dee".into()], ..Rule::default() },
        Rule { topic: "news.{language}".into(), topics: vec!["medtop:0400000".into()], ..Rule::default() },
        Rule { topic: "news.pages".into(), ..Rule::default() },
    ];
    let found = routes(&rules, Match::First).err().unwrap();
    let expected = [
        "route 1: languages: `dee` is none that the language stage gives; did you mean de?",
        "route 2: topics: `medtop:0400000` is none that the topic model has; did you mean medtop:04000000?",
        "route 3: `news.pages` is kafka.topics.pages: name another",
    ];
    assert_eq!(found, expected);
    let many = Vocabulary { languages: (0..501).map(|i| format!("l{i}")).collect(), ..vocabulary() };
    let rules = [Rule { topic: "news.{language}".into(), ..Rule::default() }];
    let found = Routes::new(&rules, Match::First, &Topics::default(), &many).err().unwrap();
    assert!(found[0].starts_with("the routes can name 501 topics, at most 500: "), "{found:?}");
}

#[test]
fn a_topic_that_comes_later_is_looked_for() {
    let rules = [Rule { topic: "news.{language}".into(), ..Rule::default() }];
    let mut routes = routes(&rules, Match::First).unwrap();
    let article =
        Case { kind: Kind::Article, fate: Route::Route, language: "de", site: "a", words: 1, topics: vec![] }
            .article();
    let facts = Facts { kind: Kind::Article, to_articles: true, site: None, article: Some(&article) };
    assert!(!routes.wants_a_look());
    assert_eq!(routes.targets(&facts, "news.articles"), ["news.articles"]);
    routes.doubt();
    assert!(routes.wants_a_look());
    routes.are_there(["news.de"].into_iter());
    assert!(!routes.wants_a_look());
    assert_eq!(routes.targets(&facts, "news.articles"), ["news.de"]);
}
