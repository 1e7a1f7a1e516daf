//! The schema crate against golden files, against its own laws, and against real databases.

mod breaking;
mod database;
mod generate;
mod golden;
mod postgres;
mod properties;
mod sqlite;
