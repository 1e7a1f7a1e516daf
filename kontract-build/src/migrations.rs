//! The files in `migrations/`: found, numbered, held against the lock's history.
//!
//! `NNNN_name.sql`, or `NNNN_name.rs`. Whatever looks like a migration and is none is an error, never passed over: a
//! file that silently does not run is worse than a build that fails. What stands in a file is
//! `kontract_schema::migration::manual`'s question.

use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::gate::ManualFile;
use kontract_schema::lock::{LockFile, Manual};
use kontract_schema::migration::manual::{self, RustCode};
use kontract_schema::migration::{self, rust};

use crate::targets;

/// A manual migration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its number.
    pub version: u32,
    /// Its name without number and ending.
    pub name: String,
    /// The text, with LF line ends.
    pub text: String,
    /// How the lock file records it.
    pub manual: Manual,
}

impl File {
    /// The file as the gate takes it.
    pub fn as_manual(&self) -> ManualFile<'_> {
        ManualFile { name: &self.name, text: &self.text, record: &self.manual }
    }

    /// The code in it; none in a file of SQL, and in one that cannot be read.
    pub fn code(&self) -> Option<RustCode> {
        migration::parse(&self.manual.file, &self.text).ok()?.rust
    }
}

/// The files of a directory by number. A directory that is not there has none. `next` is the number
/// that a new file would have.
pub fn read(dir: &Path, next: u32, problems: &mut Diagnostics) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for name in names(dir) {
        let lower = name.rsplit('/').next().unwrap_or_default().to_lowercase();
        let hidden = name.split('/').any(|part| part.starts_with('.'));
        if hidden || !(lower.contains(".sql") || lower.contains(".rs")) {
            continue;
        }
        let Some((version, label)) = parse(&name) else {
            problems.push(
                Diagnostic::new(
                    code::MIGRATION_NAME,
                    format!("`{name}` in the migrations is not named like a migration"),
                )
                .help(format!(
                    "name it `{next:04}_what_it_does{}`, or move it elsewhere",
                    ending(&lower)
                )),
            );
            continue;
        };
        let text =
            match std::fs::read(dir.join(&name)).map(String::from_utf8) {
                Ok(Ok(text)) => text.trim_start_matches('\u{feff}').replace("\r\n", "\n"),
                other => {
                    let why =
                        other.err().map_or("it is not UTF-8".to_owned(), |error| error.to_string());
                    let message = format!("migration `{name}` cannot be read: {why}");
                    problems.push(Diagnostic::new(code::MIGRATION_NAME, message).help(
                        "a migration is one file of UTF-8 text; mend it, or move it elsewhere",
                    ));
                    continue;
                }
            };
        let checksum = checksum(&name, &text);
        let manual = Manual { file: name.clone(), checksum };
        files.push(File { version, name: label.to_owned(), text, manual });
    }
    files.sort_by(|a, b| (a.version, &a.manual.file).cmp(&(b.version, &b.manual.file)));
    files
}

/// The names in the directory, and those in directories in it, `old/0001_x.sql`: such a file would
/// not run either.
pub fn names(dir: &Path) -> Vec<String> {
    let with_inner = |name: String| {
        let inner = targets::names_in(&dir.join(&name)).into_iter();
        let inner: Vec<String> = inner.map(|file| format!("{name}/{file}")).collect();
        std::iter::once(name).chain(inner)
    };
    targets::names_in(dir).into_iter().flat_map(with_inner).collect()
}

/// The checksum of a file with that name.
pub fn checksum(name: &str, text: &str) -> String {
    match name.ends_with(".rs") {
        true => rust::checksum(text),
        false => manual::checksum(text),
    }
}

/// How to take back a migration that was sealed too early.
const WITHDRAW: &str = "or, if no database has run it, withdraw it: take back the lock file as it was before, `git checkout COMMIT -- kontract.lock.json`, and it is a draft again";

/// Holds the files against the lock's history. Returns the one that is next, if there is one.
pub fn next<'a>(
    files: &'a [File],
    lock: &LockFile,
    problems: &mut Diagnostics,
) -> Option<&'a File> {
    for pair in files.windows(2) {
        if pair[0].version == pair[1].version {
            let (one, other) = (&pair[0].manual.file, &pair[1].manual.file);
            problems.push(
                Diagnostic::new(
                    code::MIGRATION_NUMBER,
                    format!("`{one}` and `{other}` have the same number"),
                )
                .help("number the later one after the other"),
            );
        }
    }
    for migration in &lock.migrations {
        let Some(manual) = &migration.manual else { continue };
        let name = &manual.file;
        // Later migrations stand on it, so that only the newest can go.
        let withdraw = |problem: Diagnostic| match migration.version == lock.version {
            true => problem.help(WITHDRAW),
            false => problem,
        };
        match files.iter().find(|file| file.manual.file == *name) {
            None => problems.push(withdraw(
                Diagnostic::new(
                    code::MIGRATION_MISSING,
                    format!(
                        "migration `{name}` is missing: version {} was sealed with it",
                        migration.version
                    ),
                )
                .help(format!("restore it: `git checkout -- migrations/{name}`")),
            )),
            Some(file) if file.manual.checksum != manual.checksum => problems.push(withdraw(
                Diagnostic::new(
                    code::MIGRATION_EDITED,
                    format!(
                        "migration `{name}` was changed after version {} was sealed with it",
                        migration.version
                    ),
                )
                .note("databases may have run it as it was")
                .help(format!(
                    "restore it, `git checkout -- migrations/{name}`, and write a new migration"
                )),
            )),
            Some(_) => {}
        }
    }
    let next = lock.version + 1;
    for file in files {
        let name = &file.manual.file;
        let sealed = |migration: &kontract_schema::lock::Migration| {
            migration.manual.as_ref().is_some_and(|manual| manual.file == *name)
        };
        if file.version != next && !lock.migrations.iter().any(sealed) {
            problems.push(
                Diagnostic::new(
                    code::MIGRATION_NUMBER,
                    format!("migration `{name}` is not the next: that has the number {next}"),
                )
                .note(format!("the lock file is at version {}", lock.version))
                .help(format!("name it `{next:04}_{}{}`", file.name, ending(name))),
            );
        }
    }
    files.iter().find(|file| file.version == next)
}

/// How the file of a migration ends.
pub fn ending(name: &str) -> &'static str {
    if name.contains(".rs") { ".rs" } else { ".sql" }
}

/// `0006_rename_email.sql` → 6, `rename_email`.
fn parse(name: &str) -> Option<(u32, &str)> {
    let stem = name.strip_suffix(".sql").or(name.strip_suffix(".rs"))?;
    let (number, label) = stem.split_once('_')?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let version = number.parse().ok().filter(|version| *version > 0 && digits)?;
    (!label.is_empty() && label.chars().all(plain)).then_some((version, label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dir;

    fn codes(problems: &Diagnostics) -> Vec<String> {
        problems.iter().map(|problem| format!("{} {}", problem.code, problem.message)).collect()
    }

    fn sealed(manual: Option<Manual>) -> LockFile {
        let migration: kontract_schema::lock::Migration = serde_json::from_str(
            r#"{"version": 1, "name": "one", "hash": "", "sql": {"postgres": {"up": []}, "sqlite": {"up": []}}}"#,
        )
        .unwrap();
        let migration = kontract_schema::lock::Migration { manual, ..migration };
        LockFile { version: 1, migrations: vec![migration], ..LockFile::default() }
    }

    #[test]
    fn names() {
        let dir = Dir::with(&[]);
        for name in ["0002_good.sql", ".gitkeep", "README.md", ".0002_x.sql.swp"] {
            dir.write(name, b"-- up");
        }
        let bad = [
            "+3_x.sql",
            "-3_x.sql",
            "0003 _x.sql",
            "0003-x.sql",
            "0003_.sql",
            "0003_X.sql",
            "0003_x (copy).sql",
            "0003_x.SQL",
            "0003_x.sql ",
            "0003_x.sql.bak",
            "0003_x.sql.orig",
            "0003_x.sql;1",
            "0003_x.sql~",
            "0003_x.up.sql",
            "0003_ä.sql",
            "0_zero.sql",
            "2024_new/up.sql",
            "30_x.up..sql",
            "6.sql",
            "99999999999_x.sql",
            "_3_x.sql",
            "old/0001_x.sql",
            "x.rs",
            "x.sql",
            "٣_x.sql",
            "３_x.sql",
        ];
        for name in bad {
            dir.write(name, b"-- up");
        }
        for hidden in [".git/0009_x.sql", "notes/.0009_x.sql", "notes/plan.md"] {
            dir.write(hidden, b"");
        }
        let mut problems = Diagnostics::new();
        let files = read(dir.path(), 3, &mut problems);
        assert_eq!(files.len(), 1);
        assert_eq!((files[0].version, files[0].name.as_str()), (2, "good"));
        let expected = bad
            .map(|name| format!("K0401 `{name}` in the migrations is not named like a migration"));
        assert_eq!(codes(&problems), expected);
        let help = problems.iter().map(|problem| problem.help[0].as_str()).next();
        assert_eq!(help, Some("name it `0003_what_it_does.sql`, or move it elsewhere"));
    }

    #[test]
    #[cfg(unix)]
    fn what_is_no_file() {
        use std::ffi::OsStr;
        use std::os::unix::{ffi::OsStrExt, fs::symlink};
        let dir = Dir::with(&[("0001_x.sql/README.md", ""), ("0004_old.sql/up.sql", "")]);
        symlink("nowhere", dir.path().join("0002_gone.sql")).unwrap();
        symlink("0003_circle.sql", dir.path().join("0003_circle.sql")).unwrap();
        std::fs::write(dir.path().join(OsStr::from_bytes(b"0005_\xff.sql")), "").unwrap();
        dir.write("0006_bytes.sql", b"-- up\n\xff");
        let mut problems = Diagnostics::new();
        assert_eq!(read(dir.path(), 1, &mut problems), []);
        let told = codes(&problems);
        let expected = [
            "migration `0001_x.sql` cannot be read: ",
            "migration `0002_gone.sql` cannot be read: ",
            "migration `0003_circle.sql` cannot be read: ",
            "migration `0004_old.sql` cannot be read: ",
            "`0004_old.sql/up.sql` in the migrations is not named like a migration",
            "`0005_\u{fffd}.sql` in the migrations is not named like a migration",
            "migration `0006_bytes.sql` cannot be read: it is not UTF-8",
        ];
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(&format!("K0401 {expected}")), "{told}");
        }
    }

    #[test]
    fn the_same_text_however_it_was_checked_out() {
        let text = "-- kontract: covers users.name:removed\n-- up\nUPDATE users SET a = 'b';\n";
        let variants = [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            format!("\u{feff}{text}"),
            format!("\u{feff}{}", text.replace('\n', "\r\n")),
            text.trim_end().to_owned(),
            format!("{text}\n\n"),
        ];
        for variant in variants {
            let dir = Dir::with(&[("0001_x.sql", &variant)]);
            let files = read(dir.path(), 1, &mut Diagnostics::new());
            assert_eq!(files[0].text.trim_end(), text.trim_end(), "{variant:?}");
            assert_eq!(files[0].manual.checksum, manual::checksum(text), "{variant:?}");
        }
    }

    #[test]
    fn history() {
        let dir = Dir::with(&[
            ("0001_one.sql", "-- up\r\n"),
            ("0002_two.sql", ""),
            ("0002_three.sql", ""),
            ("0005_x.sql", ""),
        ]);
        let mut problems = Diagnostics::new();
        let files = read(dir.path(), 3, &mut problems);
        assert_eq!(files[0].text, "-- up\n");
        let found = next(&files, &sealed(Some(files[0].manual.clone())), &mut problems).unwrap();
        assert_eq!(found.name, "three");
        assert_eq!(
            codes(&problems),
            [
                "K0404 `0002_three.sql` and `0002_two.sql` have the same number",
                "K0404 migration `0005_x.sql` is not the next: that has the number 2",
            ]
        );
        let mut problems = Diagnostics::new();
        let edited = Manual { checksum: "sha256:0".into(), ..files[0].manual.clone() };
        next(&files[..1], &sealed(Some(edited)), &mut problems);
        next(&[], &sealed(Some(files[0].manual.clone())), &mut problems);
        assert_eq!(
            codes(&problems),
            [
                "K0403 migration `0001_one.sql` was changed after version 1 was sealed with it",
                "K0402 migration `0001_one.sql` is missing: version 1 was sealed with it",
            ]
        );
        let helps = |problem: &Diagnostic| problem.help.iter().any(|help| help == WITHDRAW);
        assert!(problems.iter().all(helps));
        // Version 2 stands on it.
        let mut later = sealed(Some(files[0].manual.clone()));
        later.version = 2;
        let mut problems = Diagnostics::new();
        next(&[], &later, &mut problems);
        assert!(!problems.is_empty() && !problems.iter().any(helps));
        let mut problems = Diagnostics::new();
        assert!(next(&files[..1], &sealed(None), &mut problems).is_none());
        assert_eq!(problems.iter().count(), 1);
    }
}
