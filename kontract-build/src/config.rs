//! Reads `kontract.toml`: the levels of rules.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::rules::Levels;

/// The name of the file, beside Cargo.toml.
pub const CONFIG_FILE: &str = "kontract.toml";

/// The levels of a package; the defaults where it has no file.
pub fn read_levels(package: &Path, problems: &mut Diagnostics) -> Levels {
    let text = match fs::read(package.join(CONFIG_FILE)).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Levels::default(),
        other => {
            let why = other.err().map_or("it is not UTF-8".to_owned(), |error| error.to_string());
            problems.push(Diagnostic::new(
                code::CONFIG,
                format!("{CONFIG_FILE} cannot be read: {why}"),
            ));
            return Levels::default();
        }
    };
    Levels::read(text.trim_start_matches('\u{feff}')).unwrap_or_else(|found| {
        found.into_iter().for_each(|problem| problems.push(problem));
        Levels::default()
    })
}
