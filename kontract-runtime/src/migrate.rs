//! Migrates a database to the schema of the program.
//!
//! ```text
//! one statement ── up to date? ──yes──▶ done
//!        └─ no ─▶ lock ─▶ history ─▶ decide ─▶ Step ─▶ execute ─▶ Vec<Action> ─▶ interpreter ─┐
//!                           ▲                                                                │ until the target is reached
//!                           └────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The table `_kontract_migrations` is the history: one row for each migration, written in the
//! migration's own transaction. A runner reads it under a lock before each step, so each of several
//! programs that start at once sees what the others did. [`decide`] and [`execute`] are pure; the
//! interpreters of the databases run the actions, and prove that the runner holds its lock before
//! each action outside a transaction, and when they write a row.
//!
//! A migration with statements that run outside a transaction, or in batches, is a step for each
//! group of statements. Its row records how many statements are done, in the same transaction; so
//! an interrupted migration continues after its last group. For a statement outside a transaction,
//! it is unknown whether it took effect: the runner looks for its effect, or runs it again if that
//! is harmless, or leaves the decision to the user.
//!
//! The history is the beginning of the lock file's chain, in which each migration contains the hash
//! of the one before it. So the runner distinguishes two branches that made migrations of the same
//! number before it runs either.

mod action;
mod catalog;
mod decide;
mod execute;
pub(crate) mod executor;
mod external_tables;
mod failure;
mod guarantees;
mod history;
mod history_sql;
mod interpreter;
mod known_objects;
mod left_tables;
mod live_tables;
pub mod manage;
pub mod options;
mod plan;
mod postgres;
mod preview;
mod progress;
pub mod registry;
mod reset;
mod resolution;
pub(crate) mod runner;
pub mod rust;
mod rust_call;
pub mod script;
mod sqlite;
mod start;
mod statement_origin;
mod statements;
mod step;
mod table_owners;
mod tables_at;
mod tables_before;
mod target;
pub(crate) mod tracking;
mod undo;
mod violations;
mod way_back;

pub(crate) use self::start::{bring_up_to_date, verify};
