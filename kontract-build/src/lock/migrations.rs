//! Finds the files of manual migrations and compares them with the history in the lock file.
//!
//! A migration is `NNNN_name.sql` or `NNNN_name.rs`. A file with a similar name is an error, never
//! ignored: a migration that silently does not run is worse than a build that fails.
//! `kontract_schema` parses the contents.

use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::gate::ManualFile;
use kontract_schema::lock::{LockFile, Manual};
use kontract_schema::migration::manual::{self, RustCode};
use kontract_schema::migration::{self, rust};

use crate::builder::LOCK_FILE;
use crate::directory::list_names;
use crate::text_file::{MIGRATION_LIMIT, read_text_file};

/// A manual migration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationFile {
    /// Its number.
    pub version: u32,
    /// Its name without number and extension.
    pub name: String,
    /// The text, with LF line endings.
    pub text: String,
    /// How the lock file records it.
    pub manual: Manual,
}

impl MigrationFile {
    /// The file as the gate expects it.
    pub fn to_manual(&self) -> ManualFile<'_> {
        ManualFile { name: &self.name, text: &self.text, record: &self.manual }
    }

    /// Parses the Rust code of the migration. Returns `None` for SQL and for code with mistakes.
    pub fn rust_code(&self) -> Option<RustCode> {
        migration::parse(&self.manual.file, &self.text).ok()?.rust
    }
}

/// Reads the migrations in a directory of a package, sorted by number. A missing directory has none.
/// `next` is the number that a new file would have.
pub fn read_migrations(
    dir: &Path,
    package: &Path,
    next: u32,
    problems: &mut Diagnostics,
) -> Vec<MigrationFile> {
    let mut files: Vec<MigrationFile> = Vec::new();
    for name in list_files(dir) {
        let lower = name.rsplit('/').next().unwrap_or_default().to_lowercase();
        let hidden = name.split('/').any(|part| part.starts_with('.'));
        if hidden || !(lower.contains(".sql") || lower.contains(".rs")) {
            continue;
        }
        let Some((version, label)) = parse_file_name(&name) else {
            problems.push(
                Diagnostic::new(
                    code::MIGRATION_NAME,
                    format!("`{name}` is not a valid file name for a migration"),
                )
                .help(format!(
                    "rename it to `{next:04}_what_it_does{}`, or move it elsewhere",
                    file_extension(&lower)
                )),
            );
            continue;
        };
        let text = match read_text(&dir.join(&name), package) {
            Ok(text) => text,
            Err(reason) => {
                let message = format!("migration `{name}` cannot be read: {reason}");
                let help = "a migration is one file of UTF-8 text; fix it, or move it elsewhere";
                problems.push(Diagnostic::new(code::MIGRATION_NAME, message).help(help));
                continue;
            }
        };
        let checksum = checksum_file(&name, &text);
        let manual = Manual { file: name.clone(), checksum };
        files.push(MigrationFile { version, name: label.to_owned(), text, manual });
    }
    files.sort_by(|a, b| (a.version, &a.manual.file).cmp(&(b.version, &b.manual.file)));
    files
}

/// Reads a text of a package with LF line endings and without byte order mark.
///
/// # Errors
/// The reason why it cannot be read.
pub fn read_text(path: &Path, package: &Path) -> Result<String, String> {
    let text = read_text_file(path, package, MIGRATION_LIMIT).map_err(|error| error.to_string())?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

/// Lists the names in the directory and in its subdirectories, `old/0001_x.sql`: a migration there
/// would not run.
pub fn list_files(dir: &Path) -> Vec<String> {
    let with_children = |name: String| {
        let children = list_names(&dir.join(&name)).into_iter();
        let children: Vec<String> = children.map(|file| format!("{name}/{file}")).collect();
        std::iter::once(name).chain(children)
    };
    list_names(dir).into_iter().flat_map(with_children).collect()
}

/// Computes the checksum of a migration; its name tells the language.
pub fn checksum_file(name: &str, text: &str) -> String {
    if name.ends_with(".rs") { rust::checksum(text) } else { manual::checksum(text) }
}

/// How to undo the sealing of the newest migration.
const UNSEAL: &str = "or, if no database has run it, unseal it: restore the lock file from before, `git checkout COMMIT -- kontract.lock.json`, and it is a draft again";

/// Compares the files with the history in the lock file. Returns the file with the next number.
pub fn find_next<'a>(
    files: &'a [MigrationFile],
    lock: &LockFile,
    problems: &mut Diagnostics,
) -> Option<&'a MigrationFile> {
    for pair in files.windows(2) {
        if pair[0].version == pair[1].version {
            let (one, other) = (&pair[0].manual.file, &pair[1].manual.file);
            problems.push(
                Diagnostic::new(
                    code::MIGRATION_NUMBER,
                    format!("`{one}` and `{other}` have the same number"),
                )
                .help("give the later one the next number"),
            );
        }
    }
    for migration in &lock.migrations {
        let Some(manual) = &migration.manual else { continue };
        let name = &manual.file;
        // Later migrations depend on it, so only the newest can be unsealed.
        let is_newest = migration.version == lock.version;
        let add_unseal = |problem: Diagnostic| {
            if is_newest { problem.help(UNSEAL) } else { problem }
        };
        match files.iter().find(|file| file.manual.file == *name) {
            None => problems.push(add_unseal(
                Diagnostic::new(
                    code::MIGRATION_MISSING,
                    format!(
                        "migration `{name}` is missing: version {} was sealed from it",
                        migration.version
                    ),
                )
                .help(format!("restore it: `git checkout -- migrations/{name}`")),
            )),
            Some(file) if file.manual.checksum != manual.checksum => problems.push(add_unseal(
                Diagnostic::new(
                    code::MIGRATION_EDITED,
                    format!(
                        "migration `{name}` was changed after version {} was sealed from it",
                        migration.version
                    ),
                )
                .note("databases may have run the original")
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
            let problem = Diagnostic::new(
                code::MIGRATION_NUMBER,
                format!("migration `{name}` has the wrong number: the next migration is {next}"),
            );
            let new_name = format!("{next:04}_{}{}", file.name, file_extension(name));
            problems.push(if lock.version == 0 {
                problem
                    .note(format!("{LOCK_FILE} has no sealed migration"))
                    .help(format!("if it was deleted, restore it: `git checkout -- {LOCK_FILE}`"))
                    .help(format!("otherwise rename the migration to `{new_name}`"))
            } else {
                problem
                    .note(format!("the lock file is at version {}", lock.version))
                    .help(format!("rename it to `{new_name}`"))
            });
        }
    }
    files.iter().find(|file| file.version == next)
}

/// The extension of a migration, also if its name has more after it.
pub fn file_extension(name: &str) -> &'static str {
    if name.contains(".rs") { ".rs" } else { ".sql" }
}

/// `0006_rename_email.sql` → 6, `rename_email`.
fn parse_file_name(name: &str) -> Option<(u32, &str)> {
    let stem = name.strip_suffix(".sql").or(name.strip_suffix(".rs"))?;
    let (number, label) = stem.split_once('_')?;
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let version = number.parse().ok().filter(|version| *version > 0 && digits)?;
    (!label.is_empty() && label.chars().all(is_allowed)).then_some((version, label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dir;

    fn codes(problems: &Diagnostics) -> Vec<String> {
        problems
            .iter()
            .map(|problem| format!("{} {}", problem.code.unwrap(), problem.message))
            .collect()
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
        let files = read_migrations(dir.path(), dir.path(), 3, &mut problems);
        assert_eq!(files.len(), 1);
        assert_eq!((files[0].version, files[0].name.as_str()), (2, "good"));
        let expected =
            bad.map(|name| format!("K0401 `{name}` is not a valid file name for a migration"));
        assert_eq!(codes(&problems), expected);
        let help = problems.iter().map(|problem| problem.help[0].as_str()).next();
        assert_eq!(help, Some("rename it to `0003_what_it_does.sql`, or move it elsewhere"));
    }

    #[test]
    #[cfg(unix)]
    fn unreadable_files() {
        use std::ffi::OsStr;
        use std::os::unix::{ffi::OsStrExt, fs::symlink};
        let dir = Dir::with(&[("0001_x.sql/README.md", ""), ("0004_old.sql/up.sql", "")]);
        symlink("nowhere", dir.path().join("0002_gone.sql")).unwrap();
        symlink("0003_circle.sql", dir.path().join("0003_circle.sql")).unwrap();
        std::fs::write(dir.path().join(OsStr::from_bytes(b"0005_\xff.sql")), "").unwrap();
        dir.write("0006_bytes.sql", b"-- up\n\xff");
        let mut problems = Diagnostics::new();
        assert_eq!(read_migrations(dir.path(), dir.path(), 1, &mut problems), []);
        let found = codes(&problems);
        let expected = [
            "migration `0001_x.sql` cannot be read: ",
            "migration `0002_gone.sql` cannot be read: ",
            "migration `0003_circle.sql` cannot be read: ",
            "migration `0004_old.sql` cannot be read: ",
            "`0004_old.sql/up.sql` is not a valid file name for a migration",
            "`0005_\u{fffd}.sql` is not a valid file name for a migration",
            "migration `0006_bytes.sql` cannot be read: it is not UTF-8",
        ];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(&format!("K0401 {expected}")), "{found}");
        }
    }

    #[test]
    fn line_endings_do_not_change_the_checksum() {
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
            let files = read_migrations(dir.path(), dir.path(), 1, &mut Diagnostics::new());
            assert_eq!(files[0].text.trim_end(), text.trim_end(), "{variant:?}");
            assert_eq!(files[0].manual.checksum, manual::checksum(text), "{variant:?}");
        }
    }

    #[test]
    fn a_migration_without_a_sealed_history() {
        let dir = Dir::with(&[("0002_two.sql", "")]);
        let mut problems = Diagnostics::new();
        let files = read_migrations(dir.path(), dir.path(), 1, &mut problems);
        find_next(&files, &LockFile::default(), &mut problems);
        let problem = problems.iter().next().unwrap();
        assert_eq!(
            problem.help,
            [
                "if it was deleted, restore it: `git checkout -- kontract.lock.json`",
                "otherwise rename the migration to `0001_two.sql`",
            ]
        );
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
        let files = read_migrations(dir.path(), dir.path(), 3, &mut problems);
        assert_eq!(files[0].text, "-- up\n");
        let found =
            find_next(&files, &sealed(Some(files[0].manual.clone())), &mut problems).unwrap();
        assert_eq!(found.name, "three");
        assert_eq!(
            codes(&problems),
            [
                "K0404 `0002_three.sql` and `0002_two.sql` have the same number",
                "K0404 migration `0005_x.sql` has the wrong number: the next migration is 2",
            ]
        );
        let mut problems = Diagnostics::new();
        let edited = Manual { checksum: "sha256:0".into(), ..files[0].manual.clone() };
        find_next(&files[..1], &sealed(Some(edited)), &mut problems);
        find_next(&[], &sealed(Some(files[0].manual.clone())), &mut problems);
        assert_eq!(
            codes(&problems),
            [
                "K0403 migration `0001_one.sql` was changed after version 1 was sealed from it",
                "K0402 migration `0001_one.sql` is missing: version 1 was sealed from it",
            ]
        );
        let helps = |problem: &Diagnostic| problem.help.iter().any(|help| help == UNSEAL);
        assert!(problems.iter().all(helps));
        // Version 2 depends on it.
        let mut later = sealed(Some(files[0].manual.clone()));
        later.version = 2;
        let mut problems = Diagnostics::new();
        find_next(&[], &later, &mut problems);
        assert!(!problems.is_empty() && !problems.iter().any(helps));
        let mut problems = Diagnostics::new();
        assert!(find_next(&files[..1], &sealed(None), &mut problems).is_none());
        assert_eq!(problems.iter().count(), 1);
    }
}
