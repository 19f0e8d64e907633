//! Plain data that flows through newsmill: pages in, outcomes out.
//!
//! Nothing here does I/O or knows of another module. A type says how far a record has come:
//! [`RawRecord`] (bytes) → [`Page`] (decoded text) → [`Extracted`] (main text and fields)
//! → [`Article`] (labelled) → [`Outcome`] (after the verdict).

mod article;
mod extra;
mod outcome;
mod page;

pub use article::{
    Article, Dateline, Extracted, Language, LanguageAlternative, SecondLanguage, Story, StoryRepeat,
    Subtopic, Topic,
};
pub use extra::Extra;
pub use outcome::{Contained, Duplicate, DuplicateKind, Outcome, Reason, Reject};
pub use page::{Hash128, Markup, Origin, Page, RawRecord, Source};
