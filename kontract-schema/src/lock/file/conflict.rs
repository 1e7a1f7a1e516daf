//! A lock file with git's conflict markers.
//!
//! Each build computes the draft and the conditions again. A conflict that concerns only them needs
//! no decision: the sealed parts of both sides are equal, and are the lock file.

use std::collections::BTreeMap;

use super::{LockFile, ReadError};

/// The first line of the draft in the text of a lock file.
const DRAFT: &str = "  \"draft\": ";

/// Reads a text with conflict markers. Returns `None` for a text without.
///
/// # Errors
/// [`ReadError::Conflict`]: the sides have different sealed parts.
pub(super) fn read_conflict(text: &str) -> Option<Result<LockFile, ReadError>> {
    let first = text.lines().position(|line| line.starts_with("<<<<<<< "))?;
    let sides = [Side::Ours, Side::Theirs].map(|side| list_lines(text, side));
    let sealed = sides.clone().map(|lines| read_sealed(&lines));
    if let [Some(ours), Some(theirs)] = sealed
        && without_conditions(&ours) == without_conditions(&theirs)
    {
        let conditions = theirs.conditions.into_iter().chain(ours.conditions.clone()).collect();
        return Some(Ok(LockFile { conditions, ..ours }));
    }
    let [ours, theirs] = sides.map(|lines| list_names(&lines));
    let only = |names: &[String], others: &[String]| -> Vec<String> {
        names.iter().filter(|name| !others.contains(name)).cloned().collect()
    };
    let (ours, theirs) = (only(&ours, &theirs), only(&theirs, &ours));
    Some(Err(ReadError::Conflict { line: first + 1, ours, theirs }))
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Ours,
    Theirs,
}

/// Returns the lines of the text as one side has them.
fn list_lines(text: &str, side: Side) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut is_on_side = true;
    for line in text.lines() {
        match line.get(..7) {
            Some("<<<<<<<") => is_on_side = side == Side::Ours,
            // The common ancestor, if git prints it.
            Some("|||||||") => is_on_side = false,
            Some("=======") => is_on_side = side == Side::Theirs,
            Some(">>>>>>>") => is_on_side = true,
            _ if is_on_side => lines.push(line),
            _ => {}
        }
    }
    lines
}

/// Reads what is before the draft.
fn read_sealed(lines: &[&str]) -> Option<LockFile> {
    let text = match lines.iter().position(|line| line.starts_with(DRAFT)) {
        Some(draft) => lines[..draft].join("\n").strip_suffix(',')?.to_owned() + "\n}",
        None => lines.join("\n"),
    };
    let lock = LockFile::read(&text).ok()?;
    Some(LockFile { draft: None, ..lock })
}

fn without_conditions(lock: &LockFile) -> LockFile {
    LockFile { conditions: BTreeMap::new(), ..lock.clone() }
}

/// Returns the names of the migrations.
fn list_names(lines: &[&str]) -> Vec<String> {
    // Six spaces are before the name of a sealed migration, four before the name of the draft, and
    // more before the names of indexes.
    let names = lines.iter().filter_map(|line| {
        let line = line.strip_prefix("      ").or(line.strip_prefix("    "))?;
        line.strip_prefix("\"name\": \"")?.split('"').next()
    });
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
