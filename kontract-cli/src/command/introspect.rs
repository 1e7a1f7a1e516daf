//! `kontract introspect`: writes structs for the tables of a live database.
//!
//! The structs are parsed again as the build script does, and compared with the database, to report
//! what they do not express.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use kontract_schema::catalog::{self, Catalog};
use kontract_schema::dialect::print_path;
use kontract_schema::introspect::{self, GeneratedSource, PrerequisiteFile};
use serde_json::json;

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::show::{self, say, tell};
use crate::{database, package};

/// Write structs for the tables of a live database
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract introspect --database-url postgres://app@db/app --out src/tables.rs
  kontract introspect --database-url sqlite:app.db --table users --table posts

If the file has structs already, it is not changed: the command prints what is new in the database
or differs, with the source for it, and ends with status 1.

What structs cannot express becomes a comment, `// not taken over: …`. Extensions, functions and types
that the tables need become the first migration, which creates them in an empty database. Comments
of the database become documentation. The command only reads the database. To adopt an existing database:
  kontract introspect --out src/tables.rs    then add `mod tables;` beside `kontract::storage!()`
  kontract drift                             no differences, or what you have to decide
  kontract migrate create init               the program adopts the tables at its next start")]
pub struct Introspect {
    /// Only this table; may be repeated
    #[arg(long = "table", value_name = "NAME")]
    tables: Vec<String>,
    /// Write a new file instead of printing
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Introspect {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (live, needed) = database::inspect(global, async |inspector| {
            Ok((inspector.catalog(None).await?, inspector.prerequisites().await?))
        })?;
        // The catalogue has `audit/events`.
        let in_catalog = |name: &String| {
            let is_there = live.tables.contains_key(name);
            if is_there { name.clone() } else { name.replacen('.', "/", 1) }
        };
        let tables: Vec<String> = self.tables.iter().map(in_catalog).collect();
        let missing =
            self.tables.iter().zip(&tables).find(|(_, name)| !live.tables.contains_key(*name));
        if let Some((missing, _)) = missing {
            let names = live.tables.keys().map(|name| format!("`{}`", name.replacen('/', ".", 1)));
            let names: Vec<String> = names.collect();
            return Err(Failure::new(format!("the database has no table `{missing}`"))
                .note(format!("it has {}", names.join(", "))));
        }
        if let Some(path) = self.out.as_ref().filter(|path| has_structs(path)) {
            return compare_with_structs(global, path, &tables);
        }
        let source = introspect::generate_source(&live, &tables);
        let differences = list_differences(&source, &live);
        let before = introspect::write_prerequisites(&needed, &source);
        let mut migration = None;
        if let Some(path) = &self.out {
            write_new(path, &source.text)?;
            migration = before.as_ref().and_then(|before| write_migration(global, &before.text));
        }
        if global.json {
            show::json(&json!({
                "source": source.text,
                "tables": source.tables,
                "features": source.features,
                "left_out": source.left_out.iter()
                    .map(|(table, what)| json!({"table": table, "message": what}))
                    .collect::<Vec<_>>(),
                "differences": differences,
                "file": self.out,
                "migration": before.as_ref().map(|before| json!({
                    "file": migration,
                    "text": before.text,
                    "creates": before.creates,
                    "left_out": before.left_out,
                })),
            }));
        } else {
            print(self.out.as_deref(), &source, &differences);
            if let Some(before) = &before {
                print_migration(migration.as_deref(), before);
            }
        }
        Ok(Answer::Yes)
    }
}

/// Whether a file has structs for tables.
fn has_structs(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().any(|line| line.starts_with("#[derive(") && line.contains("Table)]"))
}

/// Shows what the database has beside the structs of the package, or has differently. Writes nothing.
fn compare_with_structs(global: &Global, path: &Path, only: &[String]) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let look = project.look()?;
    if look.problems.iter().any(|problem| problem.judgement.is_none()) {
        show::refusal(package.name(), &look.problems, global.json);
        return Ok(Answer::No);
    }
    let (expected, live, all) = database::inspect(global, async |inspector| {
        let expected = catalog::expected(inspector.dialect(), &look.source.schema);
        let live = inspector.catalog(Some(&expected)).await?;
        Ok((expected, live, inspector.catalog(None).await?))
    })?;
    let source = introspect::generate_source(&all, &[]);
    let is_chosen = |table: &str| only.is_empty() || only.iter().any(|name| name == table);
    let mut found = Changes::default();
    for difference in catalog::compare(&expected, &live) {
        if is_chosen(&difference.table) {
            found.different.push(difference.to_string());
        }
    }
    for (table, text) in source.structs.iter().filter(|(table, _)| is_chosen(table)) {
        match expected.tables.get(table) {
            None => found.new.push((format!("table `{}`", print_path(table)), text.clone())),
            Some(known) => {
                let fields = source
                    .fields
                    .iter()
                    .filter(|((of, column), _)| of == table && !known.columns.contains_key(column));
                let table = print_path(table);
                found.new.extend(fields.map(|((_, column), text)| {
                    (format!("column `{column}` of table `{table}`"), text.clone())
                }));
            }
        }
    }
    found.print(global, path);
    Ok(Answer::yes_if(found.new.is_empty() && found.different.is_empty()))
}

/// What a database has changed since the structs were written.
#[derive(Default)]
struct Changes {
    /// What the structs do not have, with the source for it.
    new: Vec<(String, String)>,
    /// What the database has differently, or no longer.
    different: Vec<String>,
}

impl Changes {
    fn print(&self, global: &Global, path: &Path) {
        if global.json {
            let new = self.new.iter();
            let new = new.map(|(what, source)| json!({"what": what, "source": source}));
            return show::json(&json!({
                "file": path,
                "new": new.collect::<Vec<_>>(),
                "differences": self.different,
            }));
        }
        tell!("note: {} has structs already, and is not changed", path.display());
        if self.new.is_empty() && self.different.is_empty() {
            say!("the database matches the structs");
        }
        for (what, source) in &self.new {
            say!("// new: {what}\n{}", source.trim_matches('\n'));
        }
        self.different.iter().for_each(|what| say!("// different: {what}"));
    }
}

/// The differences between the database and the structs.
fn list_differences(source: &GeneratedSource, live: &Catalog) -> Vec<String> {
    if !source.problems.is_empty() {
        return source.problems.iter().map(|problem| problem.message.clone()).collect();
    }
    let expected = catalog::expected(live.dialect, &source.schema);
    catalog::compare(&expected, live).iter().map(ToString::to_string).collect()
}

/// Writes a new file, and never overwrites one.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = path.display();
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::new(format!("{shown} already exists"))
            .note("nothing was changed")
            .help("name another file, or delete this one first"),
        _ => Failure::new(format!("{shown} cannot be written: {error}")),
    })
}

/// Writes the first migration of the package, and returns its path; `None` if the package has migrations
/// already, or there is no package.
fn write_migration(global: &Global, text: &str) -> Option<PathBuf> {
    let (package, project) = package::open(global).ok()?;
    let look =
        project.look().ok().filter(|look| look.lock.version == 0 && look.manual.is_none())?;
    let path = project.migration_path(&format!("{:04}_init.sql", look.lock.version + 1));
    let file = package.dir().join(&path);
    std::fs::create_dir_all(file.parent()?).ok()?;
    write_new(&file, text).ok().map(|()| path)
}

/// Says what an empty database needs before the tables.
fn print_migration(path: Option<&Path>, before: &PrerequisiteFile) {
    let creates = before.creates.join(", ");
    match path {
        Some(path) => {
            say!("wrote {}, which creates what the tables need: {creates}", path.display());
        }
        None => {
            tell!("note: an empty database needs this before the tables: {creates}");
            tell!("help: write a migration with these lines\n{}", before.text.trim_end());
        }
    }
    for object in &before.left_out {
        tell!("note: no statement creates what the tables need: {object}");
    }
}

fn print(out: Option<&Path>, source: &GeneratedSource, differences: &[String]) {
    match out {
        None => say!("{}", source.text.trim_end()),
        Some(path) => {
            let tables = show::count(source.tables, "table");
            say!("wrote {} with {tables}", path.display());
        }
    }
    if !source.features.is_empty() {
        let features: Vec<String> =
            source.features.iter().map(|feature| format!("\"{feature}\"")).collect();
        tell!("note: it needs `kontract` with features = [{}]", features.join(", "));
    }
    if source.features.contains("jiff") {
        tell!("note: it uses the crate `jiff`: add it to the dependencies");
    }
    for (table, what) in &source.left_out {
        tell!("note: not taken over of `{table}`: {what}");
    }
    for difference in differences {
        tell!("note: the structs differ from the database: {difference}");
    }
}
