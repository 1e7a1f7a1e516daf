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

    fn sorted(&self, peer: usize, phase: Phase, of: fn(&Taken) -> Duration) -> Vec<Duration> {
        let of_it = self.taken.iter().filter(|(at, of, _)| (*at, *of) == (peer, phase));
        let mut times: Vec<Duration> = of_it.map(|(_, _, taken)| of(taken)).collect();
        times.sort();
        times
    }
}

fn ms(time: Duration) -> u128 {
    time.as_millis()
}
