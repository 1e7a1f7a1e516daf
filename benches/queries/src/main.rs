//! Reads and writes rows with Kontract and with other libraries, each on a database of its own, in
//! turns; prints how long the operations took, in microseconds.
//!
//! `cargo run --release --manifest-path benches/queries/Cargo.toml -- [--rounds N] [--only LIBRARY] [postgres|sqlite] [OPERATION…]`
//!
//! Diesel needs libpq (Debian: `apt-get install libpq-dev`); `--no-default-features` leaves the
//! other libraries out, `--features sea-orm` takes one in. `KONTRACT_TEST_PG_URL` names a server to
//! use instead of the one that is started, which does not wait for the disk.

mod databases;
mod peers;
mod report;
#[cfg(feature = "toasty")]
mod toasty;

use std::sync::Arc;

use queries_bench_peer::{Failure, Op};

use crate::databases::{Dialect, Lane};

kontract::storage!();

/// What to measure.
struct Plan {
    rounds: usize,
    only: Option<String>,
    dialects: Vec<Dialect>,
    ops: Vec<Op>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let plan = Arc::new(Plan::parse(std::env::args().skip(1))?);
    for dialect in &plan.dialects {
        // A task like those of an application, not the one that `main` blocks on.
        let (dialect, plan) = (*dialect, Arc::clone(&plan));
        tokio::spawn(async move { measure(dialect, &plan).await }).await??;
    }
    Ok(())
}

impl Plan {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Plan, Failure> {
        let mut plan = Plan { rounds: 5, only: None, dialects: Vec::new(), ops: Vec::new() };
        while let Some(argument) = arguments.next() {
            let op = Op::ALL.iter().find(|op| op.name() == argument);
            match (argument.as_str(), op) {
                ("--rounds", _) => {
                    plan.rounds = arguments.next().ok_or("how many rounds?")?.parse()?;
                }
                ("--only", _) => plan.only = arguments.next(),
                ("postgres", _) => plan.dialects.push(Dialect::Postgres),
                ("sqlite", _) => plan.dialects.push(Dialect::Sqlite),
                (_, Some(op)) => plan.ops.push(*op),
                (other, None) => {
                    let names: Vec<_> = Op::ALL.iter().map(|op| op.name()).collect();
                    return Err(format!("no `{other}`; there are {}", names.join(" ")).into());
                }
            }
        }
        if plan.dialects.is_empty() {
            plan.dialects = vec![Dialect::Postgres, Dialect::Sqlite];
        }
        if plan.ops.is_empty() {
            plan.ops = Op::ALL.to_vec();
        }
        Ok(plan)
    }
}

async fn measure(dialect: Dialect, plan: &Plan) -> Result<(), Failure> {
    let Plan { rounds, only, ops, .. } = plan;
    let mut lanes = peers::all(dialect).await?;
    lanes.retain(|lane| only.as_ref().is_none_or(|only| lane.name == only));
    let mut report = report::Report::new(&lanes, ops);
    for round in 0..*rounds {
        for op in ops {
            // The first one changes each round, and every other round goes backwards, so that none always comes
            // after the same one, whose traces the server still clears away.
            let count = lanes.len();
            let mut places: Vec<usize> = (0..count).map(|n| (n + round) % count).collect();
            if round % 2 == 1 {
                places.reverse();
            }
            for place in places {
                let lane: &mut Lane = &mut lanes[place];
                let time = lane.peer.round(*op).await;
                let time = time.map_err(|error| format!("{} {}: {error}", lane.name, op.name()))?;
                report.add(place, *op, time);
                if op.adds_rows() {
                    lane.remove_new_rows();
                }
            }
        }
        eprintln!("{dialect}: round {} of {rounds}", round + 1);
    }
    report.print(dialect);
    Ok(())
}
