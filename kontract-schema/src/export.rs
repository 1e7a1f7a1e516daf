//! The schema in the languages of other tools.

pub mod flatbuffers;
