//! `kontract sql`: the script that sets up an empty database.

use kontract_runtime::script;
use serde_json::json;

use crate::Answer;
use crate::args::{Global, Sql};
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

pub fn run(global: &Global, options: &Sql) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let look = project.look()?;
    let text = script::fresh(options.dialect.into(), package.name(), &look.lock)?;
    let unsealed = look.gate.as_ref().is_none_or(|gate| !gate.changes.is_empty());
    if unsealed {
        show::tell!("note: the source has changes that are not sealed; they are not in the script");
    }
    match global.json {
        true => show::json(&json!({
            "package": package.name(), "version": look.lock.version, "sql": text,
        })),
        false => say!("{}", text.trim_end()),
    }
    Ok(Answer::Yes)
}
