//! Fitting of the models that ship under `models/`, for `newsmill train`. Deterministic: the same data gives the
//! same bytes.

pub mod blocks;
pub mod encoder_head;
mod gbdt;
mod labels;
pub mod language;
pub mod student;
pub mod subtopics;
pub mod topics;
