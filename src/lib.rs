//! Kontract.
