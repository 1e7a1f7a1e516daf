//! `kontract introspect`: writes structs for the tables of a live database.
//!
//! The structs are parsed again as the build script does, and compared with the database, to report
//! what they do not express.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use kontract_schema::catalog::{self, Catalog};
use kontract_schema::introspect::{self, GeneratedSource};
use serde_json::json;

use crate::args::Global;
use crate::command::Answer;
use crate::database;
use crate::failure::Failure;
use crate::show::{self, say, tell};

/// Write structs for the tables of a live database
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract introspect --database-url postgres://app@db/app --out src/tables.rs
  kontract introspect --database-url sqlite:app.db --table users --table posts

What structs cannot express becomes a comment, `// not taken over: …`. The command only reads the
database. To adopt an existing database:
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
        let live = database::inspect(global, async |inspector| inspector.catalog(None).await)?;
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
        let source = introspect::generate_source(&live, &tables);
        let differences = list_differences(&source, &live);
        if let Some(path) = &self.out {
            write_new(path, &source.text)?;
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
            }));
        } else {
            print(self.out.as_deref(), &source, &differences);
        }
        Ok(Answer::Yes)
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
