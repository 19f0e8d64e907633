//! Scores of the stages on labelled data, for `newsmill eval`.

pub mod rows;
