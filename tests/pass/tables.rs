//! All attributes of a table, in both layouts.

use kontract::prelude::*;

/// A document.
#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
#[removed("login")]
#[removed("phone")]
pub struct User {
    /// The key.
    #[primkey]
    pub id: String,
    /// Required.
    pub name: String,
    /// Cannot be written by owners.
    #[perm(R__)]
    pub email: String,
    /// A number.
    #[default(18)]
    pub age: f64,
    /// With a value for existing rows.
    #[backfill(postgres = "lower(data->>'name')", sqlite = "lower(data->>'$.name')")]
    pub slug: String,
    /// A list.
    pub tags: Vec<String>,
    /// Optional.
    pub nick: Option<String>,
}

/// Without a key.
#[derive(Table)]
#[table(standalone, layout = "columns", keyless, track, owned)]
pub struct Visit {
    /// A plain text.
    #[index]
    pub page: String,
    /// Set at the insert.
    #[created_at]
    pub at: Timestamp,
}

/// Columns.
#[derive(Table)]
#[table(standalone, layout = "columns", index(author, title), unique(title), versioned, owned)]
#[table(check("title <> ''", name = "title_not_empty"))]
pub struct Post {
    /// The key.
    #[primkey]
    pub id: Uuid,
    /// A plain text.
    #[index]
    pub author: String,
    /// Another.
    #[check("length(title) < 200")]
    pub title: String,
    /// A raw identifier.
    pub r#type: i32,
    /// Bytes.
    pub body: Vec<u8>,
    /// When the row was inserted.
    #[created_at]
    pub created_at: Timestamp,
    /// When the row was changed.
    #[updated_at]
    pub updated_at: Timestamp,
}

/// Fields with the names of generated items.
#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct Awkward {
    /// Like the constructor of an insert.
    #[primkey]
    pub new: String,
    /// Like the function for updates.
    pub patch: String,
    /// Like methods of the record.
    pub encode: i64,
    /// Like another method of the record.
    pub key: Option<String>,
    /// Like the parameter of the insert.
    #[default(-9223372036854775808)]
    pub now: i64,
    /// Like the parameters of setters.
    #[default(i64::MIN)]
    pub value: i64,
}

/// Two fields make the key.
#[derive(Table)]
#[table(standalone, layout = "columns", primary_key(post, tag))]
pub struct Tag {
    /// One.
    pub post: Uuid,
    /// The other.
    pub tag: String,
    private: Option<i64>,
}

pub fn main() {
    let _ = NewUser::new("Al", "al@example.org", "al").age(20.0).tags(["a"]);
    let _ = User::patch().name("Al").nick("ally").nick(None);
    let _: kontract::Filter<User> = User::age.gt(18.0) & User::name.eq("Al");
    let _ = NewPost::new("al", "title", 1, vec![1u8]).id(Uuid::nil());
    let _ = Post::patch().r#type(2).clone();
    let _ = NewPost::new("al", "title", 1, vec![1u8]).clone();
    let _ = Tag { post: Uuid::nil(), tag: "x".into(), private: None }.private;
    assert_eq!(<User as Record>::NAME, "users");
    assert!(<Post as Record>::CREATE_POSTGRES[0].contains("CREATE TABLE IF NOT EXISTS"));
}
