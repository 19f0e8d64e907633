//! The extractors, each with its metadata and as its makers set it up.
//!
//! newsmill is given the page's address, as in `newsmill eval pages`; the peers are not, which spares them work on links.

use clap::ValueEnum;
use newsmill::record::Page;
use newsmill::stages::strip_boilerplate::{Config, StripBoilerplate};

/// An extractor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Extractor {
    Newsmill,
    DomSmoothie,
    Trafilatura,
    TrafilaturaFallback,
}

impl Extractor {
    pub const ALL: [Self; 4] =
        [Self::Newsmill, Self::DomSmoothie, Self::Trafilatura, Self::TrafilaturaFallback];

    /// Name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Newsmill => "newsmill",
            Self::DomSmoothie => "dom_smoothie",
            Self::Trafilatura => "trafilatura",
            Self::TrafilaturaFallback => "trafilatura, with its fallbacks",
        }
    }

    /// How many times as fast newsmill has to be.
    pub fn goal(self) -> Option<f64> {
        match self {
            Self::DomSmoothie => Some(2.0),
            Self::Trafilatura => Some(5.0),
            Self::Newsmill | Self::TrafilaturaFallback => None,
        }
    }

    /// From a decoded page to its text and fields: whether there are any.
    pub fn ready(self) -> Box<dyn Fn(&Page) -> bool> {
        match self {
            Self::Newsmill => {
                let stage = StripBoilerplate::new(&Config::default());
                Box::new(move |page| stage.strip(page).is_ok())
            }
            #[cfg(feature = "peers")]
            Self::DomSmoothie => Box::new(|page| {
                let read = dom_smoothie::Readability::new(page.body.as_str(), None, None);
                read.is_ok_and(|mut read| read.parse().is_ok())
            }),
            #[cfg(feature = "peers")]
            Self::Trafilatura | Self::TrafilaturaFallback => {
                let options =
                    trafilatura::Options::default().with_fallback(self == Self::TrafilaturaFallback);
                Box::new(move |page| trafilatura::extract(&page.body, &options).is_ok())
            }
            #[cfg(not(feature = "peers"))]
            _ => Box::new(|_| false),
        }
    }
}
