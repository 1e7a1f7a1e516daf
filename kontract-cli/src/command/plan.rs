//! `kontract plan`: the statements of the changes that are not sealed; with a database, what is
//! pending there and what it meets.

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Migration;
use serde_json::{Map, Value, json};

use crate::Answer;
use crate::args::{Global, Plan};
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

mod on_database;

pub fn run(global: &Global, options: &Plan) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let look = project.look()?;
    // There is one as soon as all is covered, also where its losses are not accepted yet.
    let plan = look.gate.as_ref().and_then(|gate| gate.plan.as_ref());
    if global.names_database {
        return on_database::run(global, &package, &look);
    }
    let dialects = match options.dialect {
        Some(dialect) => vec![dialect.into()],
        None => Dialect::ALL.to_vec(),
    };
    if global.json {
        let sql = plan.map(|plan| scripts(&plan.migration, &dialects));
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
        dialects.iter().for_each(|dialect| print(&plan.migration, *dialect));
    } else if !look.problems.is_empty() {
        show::problems(&look.problems);
        show::tell!("there is no plan before that is mended");
    } else {
        say!("-- {}: {}", package.name(), show::changes_since(0, look.lock.version));
    }
    Ok(if look.problems.is_empty() { Answer::Yes } else { Answer::No })
}

fn print(draft: &Migration, dialect: Dialect) {
    let script = draft.sql.of(dialect);
    say!("\n-- up {}", dialect.name());
    if script.rebuild {
        say!("-- rebuilds tables: foreign keys are off meanwhile, and checked before the end");
    }
    for obstacle in &script.obstacles {
        say!(
            "-- before it begins there are none of these, which stand against {}:",
            obstacle.change
        );
        say!("-- {};", obstacle.rows);
    }
    script.up.iter().for_each(|statement| say!("{statement};"));
    match &script.down {
        None => say!("\n-- down {}: there is no way back", dialect.name()),
        Some(down) => {
            say!("\n-- down {}", dialect.name());
            down.iter().for_each(|statement| say!("{statement};"));
        }
    }
}

fn scripts(draft: &Migration, dialects: &[Dialect]) -> Value {
    let of = |dialect: &Dialect| {
        let script = draft.sql.of(*dialect);
        let value = json!({"up": script.up, "down": script.down, "rebuild": script.rebuild});
        (dialect.name().to_owned(), value)
    };
    Value::Object(dialects.iter().map(of).collect::<Map<_, _>>())
}
