//! What finds the language of a text, each as its makers set it up.

use std::borrow::Cow;

use clap::ValueEnum;
use lingua::LanguageDetectorBuilder;
use newsmill::record::Extracted;
use newsmill::stages::detect_language::{Config, DetectLanguage};

/// A way to find the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Newsmill,
    Lingua,
    LinguaSnippets,
    #[cfg(feature = "peers")]
    Cld2,
    #[cfg(feature = "peers")]
    Cld2Snippets,
}

/// Finds the code of a text's language.
pub type Find = Box<dyn Fn(&Extracted) -> Cow<'static, str>>;

impl Kind {
    #[cfg(feature = "peers")]
    pub const ALL: &[Self] =
        &[Self::Newsmill, Self::Lingua, Self::LinguaSnippets, Self::Cld2, Self::Cld2Snippets];
    #[cfg(not(feature = "peers"))]
    pub const ALL: &[Self] = &[Self::Newsmill, Self::Lingua, Self::LinguaSnippets];

    /// Name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Newsmill => "newsmill",
            Self::Lingua => "lingua, whole text",
            Self::LinguaSnippets => "lingua, four snippets",
            #[cfg(feature = "peers")]
            Self::Cld2 => "CLD2, whole text",
            #[cfg(feature = "peers")]
            Self::Cld2Snippets => "CLD2, four snippets",
        }
    }

    /// How many times as fast newsmill has to be.
    pub fn goal(self) -> Option<f64> {
        match self {
            #[cfg(feature = "peers")]
            Self::Cld2 => Some(1.0),
            _ => None,
        }
    }

    /// With its models loaded.
    pub fn load(self) -> Find {
        match self {
            Self::Newsmill => {
                let stage = DetectLanguage::new(&Config::default());
                Box::new(move |extracted| stage.detect(extracted, None).code.into())
            }
            Self::Lingua => lingua(|extracted| extracted.text.as_str().into()),
            Self::LinguaSnippets => lingua(|extracted| snippets(&extracted.text).into()),
            #[cfg(feature = "peers")]
            Self::Cld2 => Box::new(|extracted| cld2(&extracted.text)),
            #[cfg(feature = "peers")]
            Self::Cld2Snippets => Box::new(|extracted| cld2(&snippets(&extracted.text))),
        }
    }
}

const UNKNOWN: Cow<'static, str> = Cow::Borrowed("und");

/// All its languages, at its high accuracy.
fn lingua(read: fn(&Extracted) -> Cow<'_, str>) -> Find {
    let detector = LanguageDetectorBuilder::from_all_languages().with_preloaded_language_models().build();
    Box::new(move |extracted| {
        let found = detector.detect_language_of(read(extracted));
        found.map_or(UNKNOWN, |language| language.iso_code_639_1().to_string().into())
    })
}

#[cfg(feature = "peers")]
fn cld2(text: &str) -> Cow<'static, str> {
    cld2::detect_language(text, cld2::Format::Text).0.map_or(UNKNOWN, |cld2::Lang(code)| code.into())
}

const SNIPPETS: usize = 4;
const SNIPPET_BYTES: usize = 150;
/// A snippet starts behind the first white space within so many bytes of its place.
const ALIGN_BYTES: usize = 60;

/// Four snippets spread over a text, a line each.
fn snippets(text: &str) -> String {
    let mut read = String::with_capacity(SNIPPETS * (SNIPPET_BYTES + 1));
    for place in (0..SNIPPETS).map(|snippet| text.len() / SNIPPETS * snippet) {
        let near = &text.as_bytes()[place..text.len().min(place + ALIGN_BYTES)];
        let space = near.iter().position(u8::is_ascii_whitespace).filter(|_| place > 0);
        let start = text.floor_char_boundary(space.map_or(place, |space| place + space + 1));
        read.push_str(&text[start..text.floor_char_boundary(start + SNIPPET_BYTES)]);
        read.push('\n');
    }
    read
}
