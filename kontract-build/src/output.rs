//! What the build script leaves in `OUT_DIR/kontract` for the derives and the compiler.
//!
//! A file is written only when its bytes differ. Verdicts on tables that are gone are removed, so
//! that a derive never reads an old one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;

/// The directory of the output.
pub struct Output {
    dir: PathBuf,
}

/// A file of the output: its path below the directory, and its text.
pub type File = (String, String);

impl Output {
    /// In cargo's directory for this build script.
    pub fn new(out_dir: &Path) -> Output {
        Output { dir: out_dir.join("kontract") }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes the directory hold these files, and those alone.
    ///
    /// # Errors
    /// The system refuses.
    pub fn write(&self, files: &[File]) -> io::Result<()> {
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
            for name in crate::targets::names_in(&self.dir.join(dir)) {
                let name = format!("{dir}{name}");
                let path = self.dir.join(&name);
                if path.is_file() && !files.iter().any(|(kept, _)| *kept == name) {
                    fs::remove_file(path)?;
                }
            }
        }
        Ok(())
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.dir.join(name)).ok()
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.dir.join(name));
    }
}

/// The message for a system error.
pub fn failed(error: &io::Error) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(code::OUTPUT, format!("the output cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dir;

    #[test]
    fn holds_these_files_alone() {
        let dir = Dir::with(&[("kontract/tables/gone.json", "x"), ("kontract/old", "x")]);
        let output = Output::new(dir.path());
        let files =
            [("a.rs".to_owned(), "1".to_owned()), ("tables/b.json".to_owned(), "2".to_owned())];
        output.write(&files).unwrap();
        let before = fs::metadata(output.dir().join("a.rs")).unwrap().modified().unwrap();
        assert_eq!(crate::targets::names_in(output.dir()), ["a.rs", "tables"]);
        assert_eq!(crate::targets::names_in(&output.dir().join("tables")), ["b.json"]);
        std::thread::sleep(std::time::Duration::from_millis(20));
        output.write(&files).unwrap();
        assert_eq!(fs::metadata(output.dir().join("a.rs")).unwrap().modified().unwrap(), before);
    }
}
