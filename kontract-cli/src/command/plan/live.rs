//! `kontract plan --database-url`: shows what is pending in a database, sealed or not, with the
//! rows that violate a change. It only reads.

use kontract_build::project::Look;
use kontract_runtime::manage::{Migrator, Options, Outlook, Size};
use kontract_schema::lock::LockFile;
use serde_json::{Value, json};

use crate::args::Global;
use crate::command::Answer;
use crate::command::migrate::runner::split_refusal;
use crate::database::{block_on, url};
use crate::failure::Failure;
use crate::package::Package;
use crate::show::{self, say};

pub fn run(global: &Global, package: &Package, look: &Look) -> Result<Answer, Failure> {
    let plan = look.gate.as_ref().and_then(|gate| gate.plan.as_ref());
    let draft = plan.map(|plan| plan.migration.clone());
    let lock = LockFile { draft, ..look.lock.clone() };
    let (url, name) = (url(global)?, package.name());
    let (dialect, seen) = block_on(async {
        let migrator = Migrator::new(url, &look.history_key, lock, Options::from_env()?)?;
        let (dialect, seen) = (migrator.dialect(), migrator.preview().await);
        migrator.close().await;
        Ok((dialect, split_refusal(seen)?))
    })?;
    let steps = match seen {
        Ok(steps) => steps,
        Err(refusal) => {
            show::failure(&refusal, global.json);
            return Ok(Answer::No);
        }
    };
    let has_violations = steps.iter().any(|step| !step.standing.is_empty());
    if global.json {
        show::json(&json!({
            "package": name,
            "version": plan.map(|plan| plan.migration.version),
            "plan": plan.map(|plan| &plan.hash),
            "loses": plan.map(|plan| &plan.loses),
            "dialect": dialect.name(),
            "steps": steps.iter().map(as_json).collect::<Vec<_>>(),
            "problems": show::problems_json(&look.problems),
            "warnings": show::problems_json(&look.warnings),
        }));
    } else {
        show::problems(&look.problems);
        show::warnings(&look.warnings);
        if steps.is_empty() {
            say!("-- {name}: nothing to do");
        }
        steps.into_iter().for_each(|step| print_step(name, step));
    }
    Ok(Answer::yes_if(look.problems.is_empty() && !has_violations))
}

fn as_json(step: &Outlook) -> Value {
    let violations = step.standing.iter().map(
        |one| json!({"change": one.change, "found": one.found, "keys": one.keys, "rows": one.rows}),
    );
    let tables = step.tables.iter();
    let tables =
        tables.map(|one| json!({"table": one.table, "rows": one.rows, "bytes": one.bytes}));
    json!({
        "what": step.what,
        "statements": step.statements,
        "violations": violations.collect::<Vec<_>>(),
        "not_searched": step.unseen,
        "tables": tables.collect::<Vec<_>>(),
    })
}

fn print_step(name: &str, step: Outlook) {
    say!("-- {name}, {}", step.what);
    step.tables.iter().for_each(|table| say!("-- {}", size_text(table)));
    for change in &step.unseen {
        say!("-- rows that violate {change} can be searched only after the steps before it");
    }
    step.statements.iter().for_each(|statement| say!("{statement};"));
    say!("");
    for violation in step.standing {
        show::failure(&Failure::from(violation.refusal), false);
    }
}

/// ``changes `users`: about 120000 rows, 35 MB``.
fn size_text(Size { table, rows, bytes }: &Size) -> String {
    let count = match (rows, bytes) {
        (None, _) => "unknown number of rows".to_owned(),
        (Some(1), _) => "1 row".to_owned(),
        (Some(rows), None) => format!("{rows} rows"),
        // The server reports its last estimate.
        (Some(rows), Some(_)) => format!("about {rows} rows"),
    };
    let bytes = bytes.map(|bytes| match bytes {
        0..1_000_000 => format!(", {} kB", bytes / 1000),
        _ => format!(", {} MB", bytes / 1_000_000),
    });
    format!("changes `{table}`: {count}{}", bytes.unwrap_or_default())
}
