//! The files in `OUT_DIR/kontract`, which the macros and the compiler read.
//!
//! A file is written only if its bytes differ. Verdicts of removed tables are deleted, so that a
//! derive never reads an old one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;

use crate::directory::list_names;

pub mod registry;
pub mod up_to_date;
pub mod verdicts;

/// The directory of the output.
pub struct Output {
    dir: PathBuf,
}

/// A file of the output: its path relative to the directory, and its text.
pub type OutputFile = (String, String);

impl Output {
    /// The output of the build script with this `OUT_DIR`.
    pub fn new(out_dir: &Path) -> Output {
        Output { dir: out_dir.join("kontract") }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes these files and deletes all others.
    ///
    /// # Errors
    /// The system refuses.
    pub fn write(&self, files: &[OutputFile]) -> Result<(), Box<Diagnostic>> {
        self.replace_files(files).map_err(|error| {
            let message = format!("the output cannot be written: {error}");
            Box::new(Diagnostic::new(code::OUTPUT, message))
        })
    }

    fn replace_files(&self, files: &[OutputFile]) -> io::Result<()> {
        fs::create_dir_all(self.dir.join("tables"))?;
        for (name, text) in files {
            let path = self.dir.join(name);
            if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
                continue;
            }
            // The compiler of another build may be reading: it sees the old file or the new one.
            let temporary = self.dir.join("new.tmp");
            fs::write(&temporary, text)?;
            fs::rename(&temporary, &path)?;
        }
        for dir in ["", "tables/"] {
            for name in list_names(&self.dir.join(dir)) {
                let name = format!("{dir}{name}");
                let path = self.dir.join(&name);
                if path.is_file() && !files.iter().any(|(kept, _)| *kept == name) {
                    fs::remove_file(path)?;
                }
            }
        }
        Ok(())
    }

    /// Reads a file. Returns `None` if it does not exist.
    pub fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.dir.join(name)).ok()
    }

    /// Deletes a file if it exists.
    pub fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.dir.join(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dir;

    #[test]
    fn writes_and_deletes() {
        let dir = Dir::with(&[("kontract/tables/gone.json", "x"), ("kontract/old", "x")]);
        let output = Output::new(dir.path());
        let files =
            [("a.rs".to_owned(), "1".to_owned()), ("tables/b.json".to_owned(), "2".to_owned())];
        output.write(&files).unwrap();
        let before = fs::metadata(output.dir().join("a.rs")).unwrap().modified().unwrap();
        assert_eq!(list_names(output.dir()), ["a.rs", "tables"]);
        assert_eq!(list_names(&output.dir().join("tables")), ["b.json"]);
        std::thread::sleep(std::time::Duration::from_millis(20));
        output.write(&files).unwrap();
        assert_eq!(fs::metadata(output.dir().join("a.rs")).unwrap().modified().unwrap(), before);
    }
}
