//! The rows: the same for everybody, in every run.

use uuid::Builder;

/// How many rows the table has.
pub const ROWS: usize = 10_000;

/// How many ages there are: 125 rows have the same.
pub const AGES: usize = 80;

/// A row.
pub struct User {
    pub id: String,
    pub name: String,
    pub email: String,
    pub age: i32,
    pub bio: Option<String>,
    pub hair_color: Option<String>,
    pub created: i64,
}

/// The row of that number; those from [`ROWS`] on are new.
pub fn user(number: usize) -> User {
    const COLORS: [&str; 4] = ["black", "brown", "blond", "red"];
    User {
        id: id(number),
        name: format!("User {number}"),
        email: format!("user{number}@example.org"),
        age: (18 + number % AGES) as i32,
        bio: (number % 3 > 0).then(|| {
            format!("{number} likes databases, long walks, and rows that are the same everywhere")
        }),
        hair_color: (number % 5 > 0).then(|| COLORS[number % COLORS.len()].to_owned()),
        created: CREATED + number as i64,
    }
}

/// The SQL condition for rows that are not there at the beginning.
pub fn is_new() -> String {
    format!("id >= '{}'", id(ROWS))
}

/// When the first row was made, Unix milliseconds.
const CREATED: i64 = 1_760_000_000_000;

/// A UUID of version 7, one each millisecond.
fn id(number: usize) -> String {
    // Any bytes that differ; the same in every run.
    let noise = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    let mut random = [0; 10];
    random[..8].copy_from_slice(&noise);
    let id = Builder::from_unix_timestamp_millis(CREATED as u64 + number as u64, &random);
    id.into_uuid().hyphenated().to_string()
}
