//! `kontract sql`: prints a script that sets up an empty database.

use clap::Args;
use kontract_runtime::script;
use serde_json::json;

use crate::args::{DialectName, Global};
use crate::command::Answer;
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

/// Print a script that sets up an empty database: tables and history
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract sql > docker-entrypoint-initdb.d/app.sql
  kontract sql --dialect sqlite | sqlite3 -bail app.db

A program that connects to such a database has no migrations to run. The script contains the
sealed migrations only. It runs in one transaction, and fails if the database already has a
history of the package.")]
pub struct Sql {
    /// The database system
    #[arg(long, value_name = "DIALECT", value_enum, default_value = "postgres")]
    dialect: DialectName,
}

impl Sql {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let look = project.look()?;
        let text = script::fresh(self.dialect.into(), &look.history_key, &look.lock)?;
        let unsealed = look.gate.as_ref().is_none_or(|gate| !gate.changes.is_empty());
        if unsealed {
            show::tell!("note: the source has unsealed changes; they are not in the script");
        }
        if global.json {
            show::json(&json!({
                "package": package.name(), "version": look.lock.version, "sql": text,
            }));
        } else {
            say!("{}", text.trim_end());
        }
        Ok(Answer::Yes)
    }
}
