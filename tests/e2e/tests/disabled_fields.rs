//! Programs whose structs have fewer fields than the database, because a feature is disabled or a field
//! is removed in two releases. On both databases.

use kontract_e2e::{App, USER};
use kontract_test_support::both;

fn app(case: &str, main: &str) -> App {
    let app = App::new(case, env!("CARGO_TARGET_TMPDIR"), "");
    app.write("src/main.rs", main);
    app
}

/// Inserts a user and a note with a key, changes the first user, and prints all rows.
const MAIN: &str = r#"
use kontract::prelude::*;

#[derive(Debug, Table)]
#[table(layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[cfg(feature = "extra")]
    #[unique]
    #[check("nick <> ''")]
    pub nick: Option<String>,
    pub name: String,
    #[cfg(feature = "extra")]
    #[default(7)]
    pub level: i32,
    pub age: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize, Table)]
pub struct Note {
    #[primkey]
    pub id: String,
    #[cfg(feature = "extra")]
    pub tag: Option<String>,
    pub text: String,
}

#[cfg(feature = "extra")]
mod extra {
    use kontract::prelude::*;

    #[derive(Debug, Table)]
    #[table(layout = "columns")]
    pub struct Audit {
        #[primkey]
        pub id: String,
    }
}

kontract::storage!();

#[tokio::main]
async fn main() -> kontract::Result<()> {
    let mut words = std::env::args().skip(1);
    let (url, id) = (words.next().unwrap(), words.next().unwrap());
    let storage = Storage::connect(&url).await?;
    let user = NewUser::new("Al").id(&id);
    let note = NewNote::new("hello").id(&id);
    #[cfg(feature = "extra")]
    let (user, note) = (user.nick(format!("N{id}")), note.tag("T"));
    storage.users.insert(user).await?;
    storage.notes.insert(note).await?;
    #[cfg(feature = "extra")]
    storage.audits.insert(extra::NewAudit::new().id(&id)).await?;
    let age = 40 + id.parse::<i64>().unwrap();
    storage.users.update("1", User::patch().age(age)).await?;
    storage.notes.update("1", Note::patch().text("changed")).await?;
    for id in 1..=id.parse::<i64>().unwrap() {
        println!("{:?}", storage.users.get(&id.to_string()).await?.unwrap());
        println!("{:?}", storage.notes.get(&id.to_string()).await?.unwrap());
    }
    storage.verify().await
}
"#;

#[test]
fn a_feature_that_is_enabled_disabled_and_enabled() {
    let app = app("feature_off", MAIN);
    let extra = ["--features", "extra"];
    let sealed = app.cargo(&[&["check"], &extra[..]].concat(), &[("KONTRACT_SEAL", "init")]);
    sealed.passes();
    let lock = app.lock();
    assert_eq!(app.lock_json()["conditions"]["users.level"], "cfg(feature = \"extra\")");
    let off = app.check().passes();
    off.says(
        "field `level` of table `users` is disabled in this build (`cfg(feature = \"extra\")`)",
    )
    .says("table `audits` is disabled in this build (`cfg(feature = \"extra\")`)");
    let databases = both();
    let run = |id: &str, features: &[&str], database: &kontract_test_support::Database| {
        let words = [&["run", "--quiet"], features, &["--", database.url(), id]].concat();
        app.cargo(&words, &[]).passes()
    };
    for database in &databases {
        run("1", &extra, database).says(
            "User { id: \"1\", nick: Some(\"N1\"), name: \"Al\", level: 7, age: Some(41) }\n\
             Note { id: \"1\", tag: Some(\"T\"), text: \"changed\" }",
        );
    }
    // Inserts rows without the fields, and changes rows that have them.
    for database in &databases {
        run("2", &[], database).says(
            "User { id: \"1\", name: \"Al\", age: Some(42) }\nNote { id: \"1\", text: \"changed\" }\n\
             User { id: \"2\", name: \"Al\", age: None }\nNote { id: \"2\", text: \"hello\" }",
        );
    }
    for database in &databases {
        run("3", &extra, database).says(
            "User { id: \"1\", nick: Some(\"N1\"), name: \"Al\", level: 7, age: Some(43) }\n\
             Note { id: \"1\", tag: Some(\"T\"), text: \"changed\" }\n\
             User { id: \"2\", nick: None, name: \"Al\", level: 7, age: None }\n\
             Note { id: \"2\", tag: None, text: \"hello\" }\n\
             User { id: \"3\", nick: Some(\"N3\")",
        );
    }
    assert_eq!(app.lock(), lock);
}

#[test]
fn a_required_field_cannot_be_disabled() {
    let main = USER.replace("    pub age", "    #[cfg(feature = \"extra\")]\n    pub age");
    let app = App::new("field_needed", env!("CARGO_TARGET_TMPDIR"), &main);
    let sealed = app.cargo(&["check", "--features", "extra"], &[("KONTRACT_SEAL", "init")]);
    sealed.passes();
    let lock = app.lock();
    let built = app.check().fails();
    assert_eq!(built.errors(), 1, "{}", built.text);
    built
        .says("error: kontract[K0111]: field `age` of table `users` is disabled in this build (`cfg(feature = \"extra\")`), but rows require it")
        .says("help: make it an `Option`, or remove the condition")
        .says(" --> src/main.rs:4:12\n  |\n4 | pub struct User {\n  |            ^^^^");
    assert_eq!(app.lock(), lock);
}

/// Inserts a user with a key, and prints all rows.
const KEPT: &str = r#"
use kontract::prelude::*;

#[derive(Debug, Table)]
#[table(layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[unique]
    pub nick: Option<String>,
    pub name: String,
}

kontract::storage!();

#[tokio::main]
async fn main() -> kontract::Result<()> {
    let mut words = std::env::args().skip(1);
    let storage = Storage::connect(&words.next().unwrap()).await?;
    let id = words.next().unwrap();
    storage.users.insert(NewUser::new("Al").id(&id)).await?;
    storage.users.insert_many(vec![NewUser::new("Bo").id(format!("{id}b"))]).await?;
    let mut user = storage.users.get(&id).await?.unwrap();
    user.name = "Ada".to_owned();
    storage.users.set(user).await?;
    let mut all = storage.users.list().await?;
    all.sort_by(|a, b| a.id.cmp(&b.id));
    println!("{all:?}");
    storage.verify().await
}
"#;

#[test]
fn a_retained_field() {
    let app = app("field_kept", KEPT);
    app.seal("init");
    app.edit("src/main.rs", "    #[unique]\n    pub nick: Option<String>,\n", "");
    app.edit("src/main.rs", "#[table(", "#[removed(\"nick\", keep)]\n#[table(");
    app.seal("without");
    for database in &both() {
        let words = ["run", "--quiet", "--", database.url(), "1"];
        app.cargo(&words, &[])
            .passes()
            .says("[User { id: \"1\", name: \"Ada\" }, User { id: \"1b\", name: \"Bo\" }]");
    }
}
