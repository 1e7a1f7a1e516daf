//! What each library does in the bench, and the clock.
//!
//! A library is a [`Peer`]: it runs operations the way its own documentation does them, and says how
//! many rows came back or were written, which is compared with how many it should have been. A
//! [`Runner`] runs one operation many times and gives the median.

mod data;
mod runner;

pub use data::{AGES, ROWS, User, is_new, user};
pub use runner::{Op, Runner, TASKS};

/// Whatever went wrong ends the bench.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How many rows came back or were written.
pub type Rows = Result<usize, Failure>;

/// A library with a connection to a database of its own, whose table has [`ROWS`] rows.
///
/// Rows that are read are structs with all seven fields, and go through `std::hint::black_box`.
pub trait Peer: Send {
    /// The row with that key.
    fn get(&mut self, id: &str) -> impl Future<Output = Rows> + Send;
    /// The rows with those keys, in one call.
    fn get_many(&mut self, ids: &[String]) -> impl Future<Output = Rows> + Send;
    /// All rows; in the order of their keys, or as they come.
    fn list(&mut self, by_key: bool) -> impl Future<Output = Rows> + Send;
    /// The rows with that age, which has an index; in the order of their keys, or as they come.
    fn filter(&mut self, age: i32, by_key: bool) -> impl Future<Output = Rows> + Send;
    /// A new row.
    fn insert(&mut self, user: User) -> impl Future<Output = Rows> + Send;
    /// New rows, all or none of them.
    fn insert_many(&mut self, users: Vec<User>) -> impl Future<Output = Rows> + Send;
    /// A row, whether it is there or not.
    fn upsert(&mut self, user: User) -> impl Future<Output = Rows> + Send;
    /// Another name for the row, if it has that version; it gets the next one.
    fn rename(&mut self, id: &str, version: i32, name: &str) -> impl Future<Output = Rows> + Send;
    /// Those rows by key, one by one, by [`TASKS`] tasks that share a pool of connections.
    fn get_at_once(&mut self, ids: &[String]) -> impl Future<Output = Rows> + Send;
}
