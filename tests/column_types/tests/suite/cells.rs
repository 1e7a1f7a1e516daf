//! The cells of the table: what each operation did with each type.

use std::collections::BTreeMap;

use kontract::{Error, Kind};

/// What an operation did on one database.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Right,
    /// Refused, with this message.
    Refused(String),
    Wrong(String),
}

/// The cells of one type on one database.
pub struct Cells {
    name: &'static str,
    pub is_postgres: bool,
    cells: Vec<(&'static str, Cell)>,
}

impl Cells {
    pub fn new(name: &'static str, is_postgres: bool) -> Cells {
        Cells { name, is_postgres, cells: Vec::new() }
    }

    /// Adds what an operation gave: whether it was what it should be, or an error.
    pub fn add(&mut self, operation: &'static str, done: Result<bool, Error>) {
        let cell = match done {
            Ok(true) => Cell::Right,
            Ok(false) => Cell::Wrong("another result".to_owned()),
            Err(error) if is_clear(&error) => {
                let text = error.to_string();
                Cell::Refused(
                    text.split_once(": ").map_or(text.clone(), |(_, what)| what.to_owned()),
                )
            }
            Err(error) => Cell::Wrong(format!("{error:?}")),
        };
        match self.cells.iter_mut().find(|(name, _)| *name == operation) {
            // The first that is not right stays.
            Some((_, before)) if *before == Cell::Right => *before = cell,
            Some(_) => {}
            None => self.cells.push((operation, cell)),
        }
    }
}

/// Returns whether the message says what to do instead.
fn is_clear(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unsupported | Kind::Value) && error.help().is_some()
}

/// Returns whether an operation was refused because of the value of that field.
pub fn is_refused<T>(done: Result<T, Error>, field: &str) -> Result<bool, Error> {
    match done {
        Err(error) if *error.kind() == Kind::Value => {
            Ok(error.to_string().contains(&format!("`{field}`")))
        }
        Err(error) => Err(error),
        Ok(_) => Ok(false),
    }
}

/// Returns whether an operation found that another row has the values.
pub fn is_taken<T>(done: Result<T, Error>) -> Result<bool, Error> {
    match done {
        Err(error) if matches!(error.kind(), Kind::Unique { .. }) => Ok(true),
        Err(error) => Err(error),
        Ok(_) => Ok(false),
    }
}

/// All cells.
#[derive(Default)]
pub struct Table {
    all: Vec<Cells>,
}

impl Table {
    pub fn add(&mut self, cells: Cells) {
        self.all.push(cells);
    }

    /// Returns the names of the types.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.all.iter().map(|cells| cells.name)
    }

    /// Whether lists of a type were tested.
    pub fn has_lists(&self, ty: &str) -> bool {
        let is_of = |cells: &&Cells| cells.name[1..].starts_with(ty);
        let of_type = self.all.iter().filter(is_of);
        of_type.flat_map(|cells| &cells.cells).any(|(operation, _)| *operation == "element")
    }

    /// Returns a line for each cell that is wrong.
    pub fn wrong(&self) -> Vec<String> {
        let database = |cells: &Cells| if cells.is_postgres { "PostgreSQL" } else { "SQLite" };
        let wrong = self.all.iter().flat_map(|cells| {
            cells.cells.iter().filter_map(move |(operation, cell)| match cell {
                Cell::Wrong(why) => {
                    Some(format!("{} {operation} on {}: {why}", cells.name, database(cells)))
                }
                _ => None,
            })
        });
        wrong.collect()
    }

    /// Returns the table, a row for each type, and the errors below it.
    pub fn to_markdown(&self) -> String {
        let mut operations: Vec<&str> = Vec::new();
        for (operation, _) in self.all.iter().flat_map(|cells| &cells.cells) {
            if !operations.contains(operation) {
                operations.push(operation);
            }
        }
        let mut notes: Vec<String> = Vec::new();
        let mut text = format!("| type | {} |\n", operations.join(" | "));
        text += &format!("|---|{}\n", "---|".repeat(operations.len()));
        let mut rows: Vec<(&str, BTreeMap<&str, Vec<&Cell>>)> = Vec::new();
        for cells in &self.all {
            if rows.last().is_none_or(|(name, _)| *name != cells.name) {
                rows.push((cells.name, BTreeMap::new()));
            }
            if let Some((_, row)) = rows.last_mut() {
                for (operation, cell) in &cells.cells {
                    row.entry(operation).or_default().push(cell);
                }
            }
        }
        for (name, row) in rows {
            text += &format!("| {name} |");
            for operation in &operations {
                let cell = match row.get(operation).map(Vec::as_slice) {
                    None => "–".to_owned(),
                    Some(cells) => cells.iter().fold("✓".to_owned(), |shown, cell| match cell {
                        Cell::Refused(why) => {
                            let number = notes.iter().position(|note| note == why);
                            let number = number.unwrap_or_else(|| {
                                notes.push(why.clone());
                                notes.len() - 1
                            });
                            format!("error {}", number + 1)
                        }
                        _ => shown,
                    }),
                };
                text += &format!(" {cell} |");
            }
            text += "\n";
        }
        if !notes.is_empty() {
            text += "\n";
        }
        for (number, note) in notes.iter().enumerate() {
            text += &format!("{}. {note}\n", number + 1);
        }
        text
    }
}
