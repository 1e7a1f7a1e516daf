//! Runs an operation many times and takes the median.

use std::time::{Duration, Instant};

use crate::data::{AGES, ROWS, User, user};
use crate::{Failure, Peer};

/// How many tasks read at once.
pub const TASKS: usize = 16;

/// How many rows those read together, each time.
const AT_ONCE: usize = 100 * TASKS;

/// How many rows get other names, in turns.
const RENAMED: usize = 25;

macro_rules! ops {
    ($($op:ident $name:literal $times:literal)*) => {
        /// An operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Op { $($op),* }

        impl Op {
            /// All of them. Those that write come last.
            pub const ALL: &[Op] = &[$(Op::$op),*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Op::$op => $name),* }
            }

            /// How often it runs in a round.
            fn times(self) -> usize {
                match self { $(Op::$op => $times),* }
            }
        }
    };
}

ops! {
    Get "get" 500
    GetMany "get-100" 60
    List "list-10000" 5
    ListByKey "list-10000-by-key" 5
    Filter "filter-125" 100
    FilterByKey "filter-125-by-key" 100
    GetAtOnce "get-16-tasks" 4
    Insert "insert" 200
    Insert100 "insert-100" 20
    Insert10k "insert-10000" 3
    Upsert "upsert" 200
    Rename "update-version" 200
}

impl Op {
    /// Whether it leaves rows behind.
    pub fn adds_rows(self) -> bool {
        matches!(self, Op::Insert | Op::Insert100 | Op::Insert10k | Op::Upsert)
    }

    /// By how many operations a time is divided.
    fn parts(self) -> u32 {
        if self == Op::GetAtOnce { AT_ONCE as u32 } else { 1 }
    }
}

/// A library in the bench.
pub struct Runner<P> {
    peer: P,
    ids: Vec<String>,
    /// The number of the next new row.
    next: usize,
    /// Which turn of renaming it is.
    turn: usize,
}

impl<P: Peer> Runner<P> {
    /// Fills the table, which is empty.
    pub async fn new(mut peer: P) -> Result<Runner<P>, Failure> {
        expect(peer.insert_many((0..ROWS).map(user).collect()).await?, ROWS)?;
        let ids = (0..ROWS).map(|number| user(number).id).collect();
        Ok(Runner { peer, ids, next: ROWS, turn: 0 })
    }

    /// Runs it for some time, then takes the median of a number of times.
    pub async fn round(&mut self, op: Op) -> Result<Duration, Failure> {
        for time in 0..op.times().div_ceil(4) {
            self.time(op, time).await?;
        }
        let mut times = Vec::with_capacity(op.times());
        for time in 0..op.times() {
            times.push(self.time(op, time).await?);
        }
        times.sort();
        Ok(times[times.len() / 2] / op.parts())
    }

    /// Runs it once. What it is given is made before the clock runs.
    async fn time(&mut self, op: Op, time: usize) -> Result<Duration, Failure> {
        // Far apart, so that no page of the database is read twice in a row.
        let place = time * 7_919 % ROWS;
        let id = |place: usize| self.ids[place % ROWS].clone();
        let age = (18 + time % AGES) as i32;
        macro_rules! timed {
            ($rows:expr, $call:expr) => {{
                let start = Instant::now();
                let rows = $call.await?;
                let time = start.elapsed();
                expect(rows, $rows)?;
                Ok(time)
            }};
        }
        match op {
            Op::Get => {
                let id = id(place);
                timed!(1, self.peer.get(&id))
            }
            Op::GetMany => {
                let ids: Vec<String> = (0..100).map(|n| id(place + n * 97)).collect();
                timed!(100, self.peer.get_many(&ids))
            }
            Op::List => timed!(ROWS, self.peer.list(false)),
            Op::ListByKey => timed!(ROWS, self.peer.list(true)),
            Op::Filter => timed!(ROWS / AGES, self.peer.filter(age, false)),
            Op::FilterByKey => timed!(ROWS / AGES, self.peer.filter(age, true)),
            Op::GetAtOnce => {
                let ids: Vec<String> = (0..AT_ONCE).map(|n| id(place + n * 97)).collect();
                timed!(AT_ONCE, self.peer.get_at_once(&ids))
            }
            Op::Insert => {
                let new = self.new_user();
                timed!(1, self.peer.insert(new))
            }
            Op::Insert100 | Op::Insert10k => {
                let rows = if op == Op::Insert100 { 100 } else { 10_000 };
                let users = (0..rows).map(|_| self.new_user()).collect();
                timed!(rows, self.peer.insert_many(users))
            }
            // Every other one is there already, and none of those whose versions count.
            Op::Upsert => {
                let there = user(RENAMED + place % (ROWS - RENAMED));
                let user = if time % 2 == 0 { there } else { self.new_user() };
                timed!(1, self.peer.upsert(user))
            }
            Op::Rename => {
                let (id, version) = (id(self.turn % RENAMED), self.turn / RENAMED + 1);
                self.turn += 1;
                let name = format!("Name {time}");
                timed!(1, self.peer.rename(&id, version as i32, &name))
            }
        }
    }

    fn new_user(&mut self) -> User {
        self.next += 1;
        user(self.next - 1)
    }
}

fn expect(found: usize, wanted: usize) -> Result<(), Failure> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found} rows instead of {wanted}").into())
    }
}
