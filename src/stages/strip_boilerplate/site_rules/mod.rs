//! What users know of a site, before the model is asked: selectors of what to drop and what to take, and a language or
//! section that is always the same.
//!
//! The rule of a page is that of its host, else of the nearest domain above it; of several the one with the longest
//! path. What a rule drops is not read at all, so it is neither text nor title nor date; where it takes something,
//! that is the main text, and the model is not asked.

mod report;
mod selectors;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

pub use report::{Dropped, Report, Taken};
pub use selectors::{Matcher, Selectors};

use super::document::{Document, Flags};
use crate::stages::detect_language;

/// A rule as the user writes it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Site")]
pub struct Site {
    /// Host that the rule is for, with all below it: `news.example` is `www.news.example`, too.
    pub host: String,
    /// Beginning of the path of the addresses that it is for, such as `/sport/`. Empty: all.
    pub path: String,
    /// Selectors of the elements whose text is the main text.
    pub take: Vec<String>,
    /// Selectors of the elements that are not read.
    pub drop: Vec<String>,
    /// Language of every page, as an ISO 639-1 code (639-3 where there is none).
    pub language: Option<String>,
    /// Section of every page.
    pub section: Option<String>,
}

/// Longest section, in characters, as for those that pages name.
const MAX_SECTION: usize = 60;

/// A rule that can be used.
#[derive(Debug)]
pub struct Rule {
    /// As it was written.
    pub site: Site,
    /// What it drops and takes; `None` where it says nothing of that.
    pub selectors: Option<Selectors>,
}

/// The rules of all sites.
#[derive(Debug, Default)]
pub struct SiteRules {
    /// By host, in the form that URLs have it; the longest path first.
    by_host: BTreeMap<String, Vec<Rule>>,
}

impl SiteRules {
    /// Reads the selectors and looks the hosts over.
    ///
    /// # Errors
    /// Every mistake, each with the number of its rule.
    pub fn new(sites: Vec<Site>) -> Result<Self, Vec<String>> {
        let mut rules = Self::default();
        let mut problems = Vec::new();
        for (index, site) in sites.into_iter().enumerate() {
            let at = format!("site {} ({})", index + 1, site.host);
            match rules.add(site) {
                Ok(()) => {}
                Err(said) => problems.extend(said.into_iter().map(|problem| format!("{at}: {problem}"))),
            }
        }
        rules.by_host.values_mut().for_each(|of| of.sort_by_key(|r| std::cmp::Reverse(r.site.path.len())));
        if problems.is_empty() { Ok(rules) } else { Err(problems) }
    }

    fn add(&mut self, site: Site) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        let host = host_of(&site.host);
        if host.is_none() {
            problems
                .push("host is no host name: write it without scheme and path, as news.example".to_owned());
        }
        if !site.path.is_empty() && !site.path.starts_with('/') {
            problems.push(format!("path `{}` does not begin with a slash", site.path));
        }
        if let Some(code) = &site.language
            && let Some(problem) = detect_language::misnamed(code)
        {
            problems.push(format!("language {problem}"));
        }
        if let Some(section) = &site.section
            && !(1..=MAX_SECTION).contains(&section.chars().count())
        {
            problems.push(format!("section is to have 1 to {MAX_SECTION} characters"));
        }
        let says_nothing = site.take.is_empty() && site.drop.is_empty();
        if says_nothing && site.language.is_none() && site.section.is_none() {
            problems.push("says nothing: give take, drop, language or section".to_owned());
        }
        let selectors = match Selectors::new(&site.take, &site.drop) {
            Ok(selectors) => (!says_nothing).then_some(selectors),
            Err(said) => {
                problems.extend(said);
                None
            }
        };
        let of_host = self.by_host.entry(host.unwrap_or_default()).or_default();
        if of_host.iter().any(|rule| rule.site.path == site.path) {
            problems.push("has a rule already, of the same path: write them as one".to_owned());
        }
        if problems.is_empty() {
            of_host.push(Rule { site, selectors });
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_host.values().map(Vec::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_host.is_empty()
    }

    /// The rule for an address.
    pub fn of(&self, url: &str) -> Option<&Rule> {
        if self.is_empty() {
            return None;
        }
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?;
        let above = std::iter::successors(Some(host), |host| Some(host.split_once('.')?.1));
        let fits = |rule: &&Rule| url.path().starts_with(&rule.site.path);
        above.filter_map(|host| self.by_host.get(host)).find_map(|rules| rules.iter().find(fits))
    }

    /// Names what of the rules makes a text: eight digits of a BLAKE3 hash, in hexadecimal; `None` where nothing does.
    pub fn text_version(&self) -> Option<String> {
        let mut hasher = blake3::Hasher::new();
        let rules = self.by_host.iter().flat_map(|(host, rules)| rules.iter().map(move |rule| (host, rule)));
        let of_text: Vec<_> = rules.filter(|(_, rule)| rule.selectors.is_some()).collect();
        for (host, Rule { site, .. }) in &of_text {
            let lists = [&site.take, &site.drop].map(|list| list.join("\0"));
            for part in [host.as_str(), &site.path, &lists[0], &lists[1]] {
                // Lengths, so that no two lists of parts are one run of bytes.
                hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
            }
        }
        (!of_text.is_empty()).then(|| hasher.finalize().to_hex()[..8].to_owned())
    }
}

/// A host as URLs have it: small letters, other scripts as `xn--`; `None` where it is none.
fn host_of(host: &str) -> Option<String> {
    let url = Url::parse(&format!("http://{host}/")).ok()?;
    let is_bare =
        url.path() == "/" && url.port().is_none() && url.username().is_empty() && url.query().is_none();
    let found = url.host_str().filter(|found| is_bare && !found.is_empty() && !host.contains('/'))?;
    Some(found.trim_end_matches('.').to_owned())
}

/// Which blocks the rule of the page takes; `None` where it takes none that hold text to read.
pub fn taken(doc: &Document) -> Option<Vec<bool>> {
    let unread = Flags::HIDDEN.with(Flags::CONTROL);
    let mut taken = vec![false; doc.blocks.len()];
    for ruled in doc.ruled.iter().filter(|ruled| !ruled.drops) {
        let range = ruled.blocks.start as usize..(ruled.blocks.end as usize).min(taken.len());
        for index in range {
            taken[index] |= !doc.flags_of(&doc.blocks[index]).has(unread);
        }
    }
    taken.contains(&true).then_some(taken)
}
