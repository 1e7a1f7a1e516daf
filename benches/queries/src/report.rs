//! The table of times.

use std::time::Duration;

use queries_bench_peer::Op;

use crate::databases::{Dialect, Kind, Lane};

/// The times of all rounds.
pub struct Report {
    lanes: Vec<(&'static str, Kind)>,
    ops: Vec<Op>,
    /// By operation, then by lane.
    times: Vec<Vec<Vec<Duration>>>,
}

impl Report {
    pub fn new(lanes: &[Lane], ops: &[Op]) -> Report {
        Report {
            lanes: lanes.iter().map(|lane| (lane.name, lane.kind)).collect(),
            ops: ops.to_vec(),
            times: vec![vec![Vec::new(); lanes.len()]; ops.len()],
        }
    }

    pub fn add(&mut self, lane: usize, op: Op, time: Duration) {
        let row = self.ops.iter().position(|other| *other == op);
        self.times[row.expect("it is measured")][lane].push(time);
    }

    /// A row for each operation: all times, then Kontract's by the best library's and the driver's.
    pub fn print(&self, dialect: Dialect) {
        println!("\n{dialect}: microseconds, median of the medians of rounds\n");
        print!("| |");
        self.lanes.iter().for_each(|(name, _)| print!(" {name} |"));
        println!(" to the best library | to the driver |");
        println!("|---|{}", "---|".repeat(self.lanes.len() + 2));
        for (op, times) in self.ops.iter().zip(&self.times) {
            let micros: Vec<f64> = times.iter().map(|times| median(times)).collect();
            print!("| {} |", op.name());
            micros.iter().for_each(|time| print!(" {} |", shown(*time)));
            let of = |kind: Kind| {
                let lanes = self.lanes.iter().zip(&micros);
                let own = lanes.filter(move |((_, other), _)| *other == kind);
                own.map(|((name, _), time)| (*time, *name)).min_by(|a, b| a.0.total_cmp(&b.0))
            };
            let ours = of(Kind::Kontract).map_or(f64::NAN, |(time, _)| time);
            match of(Kind::Library) {
                Some((best, name)) => print!(" {:.2} ({name}) |", ours / best),
                None => print!(" |"),
            }
            match of(Kind::Driver) {
                Some((best, _)) => println!(" {:.2} |", ours / best),
                None => println!(" |"),
            }
        }
    }
}

/// In microseconds.
fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
}

/// Three digits that count.
fn shown(micros: f64) -> String {
    match micros {
        ..10.0 => format!("{micros:.2}"),
        ..100.0 => format!("{micros:.1}"),
        _ => format!("{micros:.0}"),
    }
}
