//! Code that uses the tables: one function for each of them, with the same operations in each
//! library, and a `main` that reaches all of them.

use crate::app::MODULE;
use crate::peer::Peer;

/// The number of the table that table `n` is joined with: the other one of a pair.
pub fn partner(n: usize) -> usize {
    n ^ 1
}

impl Peer {
    /// Whether there is code that uses the tables of this library.
    pub fn has_usage(self) -> bool {
        !matches!(self, Peer::Serde | Peer::Toasty)
    }

    /// The function that uses table `n`.
    pub fn usage(self, n: usize) -> String {
        let text = match self {
            Peer::Kontract | Peer::KontractDocument => KONTRACT,
            Peer::Diesel if n.is_multiple_of(2) => &format!("{DIESEL_PAIR}{DIESEL}"),
            Peer::Diesel => DIESEL,
            Peer::SeaOrm => SEA_ORM,
            Peer::Serde | Peer::Toasty => return String::new(),
        };
        text.replace("{n}", &n.to_string()).replace("{p}", &partner(n).to_string())
    }

    /// The function that uses all tables of a module.
    pub fn module_usage(self, numbers: std::ops::Range<usize>) -> String {
        let awaited = if self == Peer::Diesel { "" } else { ".await" };
        let calls: String =
            numbers.map(|n| format!("    rows += use_thing{n}(db){awaited}?;\n")).collect();
        let (modifier, argument, result) = self.signature();
        format!(
            "pub {modifier}fn use_all(db: {argument}) -> {result} {{\n    let mut rows = 0;\n{calls}    Ok(rows)\n}}\n"
        )
    }

    fn signature(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Peer::Diesel => ("", "&mut SqliteConnection", "QueryResult<usize>"),
            Peer::SeaOrm => {
                ("async ", "&sea_orm::DatabaseConnection", "Result<usize, sea_orm::DbErr>")
            }
            _ => ("async ", "&crate::Storage", "kontract::Result<usize>"),
        }
    }

    /// The function `main`: connects to the database of its argument and uses all modules.
    pub fn main(self, tables: usize) -> String {
        let (head, connect, arguments) = match self {
            Peer::Diesel => (
                "fn main()",
                "let mut db: diesel::SqliteConnection = diesel::Connection::establish(&url)?;",
                "(&mut db)?",
            ),
            Peer::SeaOrm => {
                (ASYNC_MAIN, "let db = sea_orm::Database::connect(url).await?;", "(&db).await?")
            }
            _ => (ASYNC_MAIN, "let db = Storage::connect(&url).await?;", "(&db).await?"),
        };
        let calls: String = (0..tables.div_ceil(MODULE))
            .map(|module| format!("    rows += m{module}::use_all{arguments};\n"))
            .collect();
        format!(
            "\n{head} -> Result<(), Box<dyn std::error::Error>> {{\n    \
             let url = std::env::args().nth(1).ok_or(\"the address of a database is missing\")?;\n    \
             {connect}\n    let mut rows = 0;\n{calls}    println!(\"{{rows}} rows\");\n    Ok(())\n}}\n"
        )
    }
}

const ASYNC_MAIN: &str = "#[tokio::main(flavor = \"current_thread\")]\nasync fn main()";

const KONTRACT: &str = r#"fn thing{n}(id: &str) -> Thing{n} {
    Thing{n} {
        id: id.to_owned(),
        name: "Ann".to_owned(),
        email: format!("{id}@example.org"),
        age: 30.0,
        bio: None,
        admin: false,
        score: 1,
        created: 0,
    }
}

pub async fn use_thing{n}(db: &crate::Storage) -> kontract::Result<usize> {
    let things = &db.thing{n}s;
    let first = things.insert(thing{n}("a")).await?;
    let more = things.insert_many([thing{n}("b"), thing{n}("c")]).await?;
    let found = things.get("a").await?;
    let several = things.get_many(["a", "b"]).await?;
    let changed = things.update("b", Thing{n}::patch().name(first.name).score(2)).await?;
    let deleted = things.delete("c").await?;
    let adults = things
        .query(Thing{n}::age.gt(18.0) & Thing{n}::name.eq(changed.name))
        .order_by(Thing{n}::created.desc())
        .limit(10)
        .await?;
    let pairs = things
        .list()
        .join::<Thing{p}>(Thing{p}::id.eq(Thing{n}::id))
        .select((kontract::query::record::<Thing{n}>(), kontract::query::record::<Thing{p}>()))
        .await?;
    Ok(more.len()
        + usize::from(found.is_some())
        + several.iter().flatten().count()
        + usize::from(deleted)
        + adults.len()
        + pairs.len())
}

"#;

const DIESEL_PAIR: &str =
    "diesel::allow_tables_to_appear_in_same_query!(things{n}, things{p});\n\n";

const DIESEL: &str = r#"fn thing{n}(id: &str) -> Thing{n} {
    Thing{n} {
        id: id.to_owned(),
        name: "Ann".to_owned(),
        email: format!("{id}@example.org"),
        age: 30.0,
        bio: None,
        admin: false,
        score: 1,
        created: 0,
    }
}

pub fn use_thing{n}(db: &mut SqliteConnection) -> QueryResult<usize> {
    let first: Thing{n} = diesel::insert_into(things{n}::table)
        .values(thing{n}("a"))
        .returning(Thing{n}::as_returning())
        .get_result(db)?;
    let more = diesel::insert_into(things{n}::table)
        .values(vec![thing{n}("b"), thing{n}("c")])
        .execute(db)?;
    let found = things{n}::table.find("a").select(Thing{n}::as_select()).first(db).optional()?;
    let several: Vec<Thing{n}> = things{n}::table
        .filter(things{n}::id.eq_any(["a", "b"]))
        .select(Thing{n}::as_select())
        .load(db)?;
    let changed: Thing{n} = diesel::update(things{n}::table.find("b"))
        .set((things{n}::name.eq(first.name), things{n}::score.eq(2)))
        .returning(Thing{n}::as_returning())
        .get_result(db)?;
    let deleted = diesel::delete(things{n}::table.find("c")).execute(db)?;
    let adults: Vec<Thing{n}> = things{n}::table
        .filter(things{n}::age.gt(18.0).and(things{n}::name.eq(changed.name)))
        .order(things{n}::created.desc())
        .limit(10)
        .select(Thing{n}::as_select())
        .load(db)?;
    let pairs: Vec<(Thing{n}, Thing{p})> = things{n}::table
        .inner_join(things{p}::table.on(things{p}::id.eq(things{n}::id)))
        .select((Thing{n}::as_select(), Thing{p}::as_select()))
        .load(db)?;
    Ok(more
        + usize::from(found.is_some())
        + several.len()
        + deleted
        + adults.len()
        + pairs.len())
}

"#;

const SEA_ORM: &str = r#"fn active{n}(id: &str) -> thing{n}::ActiveModel {
    thing{n}::ActiveModel {
        id: Set(id.to_owned()),
        name: Set("Ann".to_owned()),
        email: Set(format!("{id}@example.org")),
        age: Set(30.0),
        bio: Set(None),
        admin: Set(false),
        score: Set(1),
        created: Set(0),
    }
}

pub async fn use_thing{n}(db: &sea_orm::DatabaseConnection) -> Result<usize, sea_orm::DbErr> {
    use thing{n}::{ActiveModel, Column, Entity};
    let first = active{n}("a").insert(db).await?;
    let many = [active{n}("b"), active{n}("c")];
    let more = Entity::insert_many(many).exec_without_returning(db).await?;
    let found = Entity::find_by_id("a").one(db).await?;
    let several = Entity::find().filter(Column::Id.is_in(["a", "b"])).all(db).await?;
    let patch = ActiveModel {
        id: Set("b".to_owned()),
        name: Set(first.name),
        score: Set(2),
        ..Default::default()
    };
    let changed = patch.update(db).await?;
    let deleted = Entity::delete_by_id("c").exec(db).await?;
    let adults = Entity::find()
        .filter(Column::Age.gt(18.0))
        .filter(Column::Name.eq(changed.name))
        .order_by_desc(Column::Created)
        .limit(10)
        .all(db)
        .await?;
    let pairs = Entity::find().find_also_related(thing{p}::Entity).all(db).await?;
    Ok(more as usize
        + usize::from(found.is_some())
        + several.len()
        + deleted.rows_affected as usize
        + adults.len()
        + pairs.len())
}

"#;
