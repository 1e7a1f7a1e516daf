//! What many tables cost a build, beside other libraries: for each of them applications are written
//! to `target/compile-time` and given to cargo, one peer after the other in each round, so that a
//! busy machine is busy for all.
//!
//! `cargo run --release -- --tables 10,100,500 --rounds 3 --peers serde,kontract,diesel` in this
//! directory measures `cargo check` of tables that are only declared; `-- --used --tables 10,50,100`
//! measures `cargo build` of programs that use each of their tables. [`Phase`] lists what is measured;
//! the dependencies are built before.

mod app;
mod peer;
mod report;
mod usage;

use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use crate::app::{App, Phase};
use crate::peer::Peer;
use crate::report::{Growth, Times};

/// What many tables cost a build, beside other libraries.
#[derive(Parser)]
pub struct Args {
    /// How many tables, of eight fields each, ten in a module.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 500])]
    tables: Vec<usize>,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Which libraries; all if none is named.
    #[arg(long, value_enum, value_delimiter = ',')]
    peers: Vec<Peer>,
    /// Which commands of cargo; `check` if none is named, with `--used` `build`.
    #[arg(long, value_enum, value_delimiter = ',')]
    commands: Vec<Command>,
    /// What is measured; everything if nothing is named.
    #[arg(long, value_enum, value_delimiter = ',')]
    phases: Vec<Phase>,
    /// Macros and build scripts as a new package has them, without `opt-level = 1`.
    #[arg(long)]
    pub plain: bool,
    /// Programs that use each of their tables (insert, get, update, delete, filter, join), built by
    /// `cargo build`, beside those libraries for which there is such code.
    #[arg(long)]
    pub used: bool,
}

/// A command of cargo.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Command {
    Check,
    Build,
}

fn main() {
    let args = Args::parse();
    let peers = if args.peers.is_empty() { Peer::value_variants() } else { &args.peers[..] };
    let peers: Vec<Peer> =
        peers.iter().copied().filter(|peer| !args.used || peer.has_usage()).collect();
    let default = if args.used { Command::Build } else { Command::Check };
    let commands = if args.commands.is_empty() { &[default] } else { &args.commands[..] };
    let phases = if args.phases.is_empty() { Phase::value_variants() } else { &args.phases[..] };
    let base = directory(args.plain);
    let mut growth = Growth::default();
    for &command in commands {
        for &tables in &args.tables {
            let write = |peer: &Peer| App::write(&base, *peer, tables, &args);
            let apps: Vec<App> = peers.iter().map(write).collect();
            // The dependencies, and whatever else there is to do the first time.
            apps.iter().for_each(|app| app.run(command));
            let mut times = Times::new(&peers, phases);
            for round in 0..args.rounds {
                for &phase in phases {
                    for (at, app) in apps.iter().enumerate() {
                        times.add(at, phase, app.measure(command, phase, round));
                    }
                }
            }
            println!("{}", times.table(command, tables));
            growth.add(tables, &times);
        }
        println!("{}", growth.take_table(command));
    }
}

/// Where the applications are; macros that are compiled otherwise have a directory of their own.
fn directory(plain: bool) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"));
    let name = if plain { "compile-time-plain" } else { "compile-time" };
    std::path::absolute(target).expect("the working directory exists").join(name)
}
