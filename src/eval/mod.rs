//! Scores of the stages on labelled data, for `newsmill eval`.

pub mod dedup;
pub mod language;
mod languages;
pub mod pages;
mod pictures;
pub mod rows;
pub mod scale;
mod score;
pub mod stream;
pub mod topics;

pub use languages::code as language_code;
pub use rows::read;
pub use score::{Report, Selection, cpu_seconds, id as row_id, is_for_training, is_held_out};
