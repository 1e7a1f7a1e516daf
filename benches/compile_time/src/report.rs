//! The figures, as a table.

use std::fmt::Write as _;
use std::time::Duration;

use crate::Command;
use crate::app::{Phase, Taken};
use crate::peer::Peer;

/// The times of each peer.
pub struct Times<'a> {
    peers: &'a [Peer],
    phases: &'a [Phase],
    taken: Vec<(usize, Phase, Taken)>,
}

impl<'a> Times<'a> {
    pub fn new(peers: &'a [Peer], phases: &'a [Phase]) -> Times<'a> {
        Times { peers, phases, taken: Vec::new() }
    }

    pub fn add(&mut self, peer: usize, phase: Phase, taken: Taken) {
        self.taken.push((peer, phase, taken));
    }

    /// For each phase the median and the shortest time, the shortest of processors, and how often
    /// that of the first peer goes into it.
    pub fn table(&self, command: Command, tables: usize) -> String {
        let command = format!("{command:?}").to_lowercase();
        let mut text = format!(
            "`cargo {command}`, {tables} tables of 8 fields: median / shortest ms by the clock, shortest ms of processors (times the first line's)\n\n|"
        );
        for phase in self.phases {
            write!(text, " | {}", format!("{phase:?}").to_lowercase()).expect("a string");
        }
        text += " |\n";
        text += &"|---".repeat(self.phases.len() + 1);
        text += "|\n";
        for (at, peer) in self.peers.iter().enumerate() {
            write!(text, "| {} |", peer.name()).expect("a string");
            for &phase in self.phases {
                let clock = self.sorted(at, phase, |taken| taken.clock);
                let busy = self.sorted(at, phase, |taken| taken.processors)[0];
                let first = self.sorted(0, phase, |taken| taken.processors)[0];
                let ratio = busy.as_secs_f64() / first.as_secs_f64();
                let (median, shortest) = (ms(clock[clock.len() / 2]), ms(clock[0]));
                write!(text, " {median} / {shortest}, {} ({ratio:.2}) |", ms(busy))
                    .expect("a string");
            }
            text.push('\n');
        }
        text
    }

    /// For each peer and phase the shortest time of processors.
    fn shortest(&self) -> Vec<Row> {
        let row = |(at, peer): (usize, &Peer)| {
            let time = |phase: &Phase| self.sorted(at, *phase, |taken| taken.processors)[0];
            (peer.name(), self.phases.iter().map(|phase| (*phase, time(phase))).collect())
        };
        self.peers.iter().enumerate().map(row).collect()
    }

    fn sorted(&self, peer: usize, phase: Phase, of: fn(&Taken) -> Duration) -> Vec<Duration> {
        let of_it = self.taken.iter().filter(|(at, of, _)| (*at, *of) == (peer, phase));
        let mut times: Vec<Duration> = of_it.map(|(_, _, taken)| of(taken)).collect();
        times.sort();
        times
    }
}

/// A peer, and its shortest time of each phase.
type Row = (&'static str, Vec<(Phase, Duration)>);

/// What one more table costs: the difference between the most and the fewest tables.
#[derive(Default)]
pub struct Growth(Vec<(usize, Vec<Row>)>);

impl Growth {
    pub fn add(&mut self, tables: usize, times: &Times<'_>) {
        self.0.push((tables, times.shortest()));
    }

    /// Milliseconds of processors for one more table; nothing unless two numbers of tables were
    /// measured. Forgets what was added.
    pub fn take_table(&mut self, command: Command) -> String {
        let mut sizes = std::mem::take(&mut self.0);
        sizes.sort_by_key(|(tables, _)| *tables);
        let (Some((fewest, small)), Some((most, large))) = (sizes.first(), sizes.last()) else {
            return String::new();
        };
        if fewest == most {
            return String::new();
        }
        let command = format!("{command:?}").to_lowercase();
        let mut text = format!(
            "`cargo {command}`, one more table between {fewest} and {most}: ms of processors\n\n|"
        );
        for (phase, _) in small.first().map(|(_, times)| &times[..]).unwrap_or_default() {
            write!(text, " | {}", format!("{phase:?}").to_lowercase()).expect("a string");
        }
        text += " |\n";
        text += &"|---".repeat(small.first().map_or(0, |(_, times)| times.len()) + 1);
        text += "|\n";
        for ((name, small), (_, large)) in small.iter().zip(large) {
            write!(text, "| {name} |").expect("a string");
            for ((_, small), (_, large)) in small.iter().zip(large) {
                let difference = (large.as_secs_f64() - small.as_secs_f64()) * 1000.0;
                write!(text, " {:.1} |", difference / (most - fewest) as f64).expect("a string");
            }
            text.push('\n');
        }
        text
    }
}

fn ms(time: Duration) -> u128 {
    time.as_millis()
}
