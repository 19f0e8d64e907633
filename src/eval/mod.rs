//! Scores of the stages on labelled data.

pub mod language;
mod rows;
mod score;

pub use rows::read;
pub use score::{Selection, cpu_seconds};
