//! Permissions of owner handles.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Permission bits: `0b100` read, `0b010` write, `0b001` execute.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Perm(pub u8);

impl Perm {
    /// May be read.
    pub const R: u8 = 0b100;
    /// May be written.
    pub const W: u8 = 0b010;
    /// Rows may be deleted and statements executed. Only tables have it.
    pub const X: u8 = 0b001;

    /// `RWX`, the default of tables.
    pub fn table_default() -> Perm {
        Perm(Perm::R | Perm::W | Perm::X)
    }

    /// Whether this is [`Perm::table_default`].
    pub fn is_table_default(&self) -> bool {
        *self == Perm::table_default()
    }
}

impl Default for Perm {
    /// `RW_`, the default of fields.
    fn default() -> Self {
        Perm(Perm::R | Perm::W)
    }
}

impl fmt::Display for Perm {
    /// `R__`, `RW_`, `RWX` …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (bit, letter) in [(Perm::R, 'R'), (Perm::W, 'W'), (Perm::X, 'X')] {
            fmt::Write::write_char(f, if self.0 & bit == 0 { '_' } else { letter })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Perm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
