//! The smallest whole application: users, posts and a list of things to do.
//!
//! It runs on SQLite (`quickstart.db`) without any set-up, and on PostgreSQL if `DATABASE_URL` is set.
//! The second run finds the rows of the first one.

use kontract::prelude::*;

/// A user. A document: one JSON column beside the key.
#[derive(Clone, Debug, Serialize, Deserialize, Table)]
pub struct User {
    /// The key. Left out, it becomes a UUID v7.
    #[primkey]
    pub id: String,
    /// The name.
    pub name: String,
    /// The owner of the row may read it, but not change it.
    #[perm(R__)]
    pub email: String,
    /// The age in years.
    pub age: f64,
    /// A missing list is read as an empty one.
    pub tags: Vec<String>,
}

/// Whether a post can be seen.
#[derive(Debug, PartialEq, Enum)]
pub enum Status {
    /// Not visible yet.
    Draft,
    /// Visible for all users.
    Published,
}

/// A post of a user. Columns: each field has its own.
#[derive(Debug, Table)]
#[table(layout = "columns")]
pub struct Post {
    /// The key.
    #[primkey]
    pub id: Uuid,
    /// The id of the user. It is not a foreign key, because users are documents.
    #[index]
    pub author: String,
    /// Whether it can be seen.
    #[index]
    #[default(Status::Draft)]
    pub status: Status,
    /// The title.
    #[check("title <> ''")]
    pub title: String,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: Timestamp,
}

/// Something to do, in order: a queue.
#[derive(Debug, Serialize, Deserialize, Table)]
pub struct Todo {
    /// The key.
    #[primkey]
    pub id: Uuid,
    /// What to do.
    pub text: String,
    /// Whether it was done.
    #[default(false)]
    pub done: bool,
}

kontract::storage!();

#[tokio::main]
async fn main() -> kontract::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:quickstart.db".to_owned());
    let storage = Storage::connect(&url).await?;
    println!(
        "connected: {} users, {} posts, {} todos are here already",
        storage.users.count().await?,
        storage.posts.count().await?,
        storage.todos.count().await?,
    );

    // Create: `set` inserts the row, or replaces it if it exists.
    let user = User {
        id: "123".into(),
        name: "Alice".into(),
        email: "alice@example.org".into(),
        age: 30.0,
        tags: vec!["admin".into()],
    };
    storage.users.set(user).await?;

    // Read, update, read again.
    let found = storage.users.get("123").await?;
    println!("read:      {}", found.map(|user| user.name).unwrap_or_default());
    storage.users.update("123", User::patch().name("Al").age(31.0)).await?;
    if let Some(row) = storage.users.get_row("123").await? {
        let (user, version) = (row.record, row.version.unwrap_or_default());
        println!("updated:   {} is {}, version {version}", user.name, user.age);
    }

    // An insert may omit fields with a generated or default value: the id, the status, the time.
    let post = storage.posts.insert(NewPost::new("123", "Hello")).await?;
    println!("inserted:  post {} of {}", post.title, post.author);
    storage.posts.update(post.id, Post::patch().status(Status::Published)).await?;

    // Filter: wrong names and types do not compile.
    let adults = storage.users.query(User::age.ge(18.0) & User::name.starts_with("A")).await?;
    let published = storage.posts.query(Post::status.eq(Status::Published)).await?;
    println!(
        "filtered:  {} adults whose names begin with A, {} published posts",
        adults.len(),
        published.len()
    );

    // A queue: push at the end, take from the front.
    storage.todos.push(NewTodo::new("Buy milk")).await?;
    storage.todos.push(NewTodo::new("Write a post")).await?;
    while let Some(todo) = storage.todos.shift().await? {
        println!("done:      {}", todo.text);
    }

    // Delete. The row of a document is kept until it is purged, and can be restored.
    storage.users.delete("123").await?;
    println!("deleted:   exists now: {}", storage.users.exists("123").await?);
    storage.users.restore("123").await?;
    println!("restored:  exists now: {}", storage.users.exists("123").await?);
    Ok(())
}
