//! `kontract plan`: shows the statements of the unsealed changes, or what a live database lacks.

use clap::Args;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{Migration, Step};
use serde_json::{Map, Value, json};

use crate::args::{DialectName, Global};
use crate::command::Answer;
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

mod live;

/// Show the statements of the unsealed changes, up and down, or what a database lacks
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract plan
  kontract plan --dialect postgres
  kontract plan --database-url \"$DATABASE_URL\"

With `--database-url` it shows the plan for that database: first the pending sealed migrations,
with the rows that violate a change and the sizes of the tables. It only reads.

If the plan loses data, it says what, and shows the hash that accepts exactly this plan:
`kontract seal --accept HASH`. Status 1 while a change is refused or rows violate one.")]
pub struct Plan {
    /// Show this database system only
    #[arg(long, value_name = "DIALECT", value_enum)]
    dialect: Option<DialectName>,
}

impl Plan {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let look = project.look()?;
        // The gate makes a plan when every change is covered, even if data loss is not accepted yet.
        let plan = look.gate.as_ref().and_then(|gate| gate.plan.as_ref());
        if global.names_database {
            return live::run(global, &package, &look);
        }
        let dialects = match self.dialect {
            Some(dialect) => vec![dialect.into()],
            None => Dialect::ALL.to_vec(),
        };
        if global.json {
            let sql = plan.map(|plan| scripts_json(&plan.migration, &dialects));
            show::json(&json!({
                "package": package.name(),
                "version": plan.map(|plan| plan.migration.version),
                "plan": plan.map(|plan| &plan.hash),
                "loses": plan.map(|plan| &plan.loses),
                "sql": sql,
                "problems": show::problems_json(&look.problems),
                "warnings": show::problems_json(&look.warnings),
            }));
        } else if let Some(plan) = plan {
            show::problems(&look.problems);
            show::warnings(&look.warnings);
            say!("-- {}, migration {}, plan {}", package.name(), plan.migration.version, plan.hash);
            plan.loses.iter().for_each(|what| say!("-- loses data: {what}"));
            dialects.iter().for_each(|dialect| print_script(&plan.migration, *dialect));
        } else if !look.problems.is_empty() {
            show::problems(&look.problems);
            show::tell!("the plan is unknown until these errors are fixed");
        } else {
            say!("-- {}: {}", package.name(), show::changes_since(0, look.lock.version));
        }
        Ok(Answer::yes_if(look.problems.is_empty()))
    }
}

fn print_script(draft: &Migration, dialect: Dialect) {
    let script = draft.sql.for_dialect(dialect);
    say!("\n-- up {}", dialect.name());
    if script.rebuild {
        say!("-- rebuilds tables: foreign keys are off during the rebuild and checked at the end");
    }
    for obstacle in &script.obstacles {
        say!("-- before the migration starts, this finds rows that violate {}:", obstacle.change);
        say!("-- {};", obstacle.rows);
    }
    script.up.iter().for_each(|step| say!("{};", step.to_text()));
    match &script.down {
        None => say!("\n-- down {}: cannot be rolled back", dialect.name()),
        Some(down) => {
            say!("\n-- down {}", dialect.name());
            down.iter().for_each(|step| say!("{};", step.to_text()));
        }
    }
}

fn scripts_json(draft: &Migration, dialects: &[Dialect]) -> Value {
    let script = |dialect: &Dialect| {
        let script = draft.sql.for_dialect(*dialect);
        let texts = |steps: &[Step]| -> Vec<String> { steps.iter().map(Step::to_text).collect() };
        let down = script.down.as_deref().map(texts);
        let value = json!({"up": texts(&script.up), "down": down, "rebuild": script.rebuild});
        (dialect.name().to_owned(), value)
    };
    Value::Object(dialects.iter().map(script).collect::<Map<_, _>>())
}
