//! The libraries: what an application of each of them consists of. All have the same struct, with
//! what its own guide derives for reading, inserting and changing rows.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::usage::partner;

/// A library.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Peer {
    /// serde's derives alone: no database at all.
    Serde,
    /// Tables with one column for each field.
    Kontract,
    /// Tables with one document, which needs serde's derives too.
    KontractDocument,
    Diesel,
    SeaOrm,
    Toasty,
}

/// This repository.
fn workspace() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

impl Peer {
    pub fn name(self) -> &'static str {
        match self {
            Peer::Serde => "serde-alone",
            Peer::Kontract => "with-kontract",
            Peer::KontractDocument => "with-kontract-document",
            Peer::Diesel => "with-diesel",
            Peer::SeaOrm => "with-sea-orm",
            Peer::Toasty => "with-toasty",
        }
    }

    /// The versions are those of the bench of queries.
    pub fn lock_file(self) -> PathBuf {
        workspace().join(match self {
            Peer::Toasty => "benches/queries/toasty/Cargo.lock",
            _ => "benches/queries/Cargo.lock",
        })
    }

    /// Those sections of the manifest; both databases, as Kontract has them.
    pub fn dependencies(self) -> String {
        let serde = "serde = { version = \"1\", features = [\"derive\"] }\n";
        let dependencies = match self {
            Peer::Serde => serde.to_owned(),
            Peer::Kontract => format!("{TOKIO}kontract = {{ path = {:?} }}\n", workspace()),
            Peer::KontractDocument => {
                format!("{serde}{TOKIO}kontract = {{ path = {:?} }}\n", workspace())
            }
            Peer::Diesel => "diesel = { version = \"2.3\", default-features = false, features = [\"postgres\", \"sqlite\", \"returning_clauses_for_sqlite_3_35\"] }\n".to_owned(),
            Peer::SeaOrm => format!("{TOKIO}sea-orm = {{ version = \"2.0\", default-features = false, features = [\"macros\", \"runtime-tokio\", \"sqlx-postgres\", \"sqlx-sqlite\"] }}\n"),
            Peer::Toasty => "toasty = { version = \"0.11\", default-features = false, features = [\"postgresql\", \"sqlite\"] }\n".to_owned(),
        };
        let build = match self {
            Peer::Kontract | Peer::KontractDocument => format!(
                "\n[build-dependencies]\nkontract-build = {{ path = {:?} }}\n",
                workspace().join("kontract-build")
            ),
            _ => String::new(),
        };
        format!("[dependencies]\n{dependencies}{build}")
    }

    pub fn build_script(self) -> Option<&'static str> {
        let is_kontract = matches!(self, Peer::Kontract | Peer::KontractDocument);
        is_kontract.then_some("fn main() {\n    kontract_build::compile();\n}\n")
    }

    /// What follows the modules at the root of the crate.
    pub fn root(self) -> &'static str {
        match self {
            Peer::Kontract | Peer::KontractDocument => "\nkontract::storage!();\n",
            _ => "",
        }
    }

    /// The first lines of a module.
    pub fn imports(self, used: bool) -> &'static str {
        match self {
            Peer::SeaOrm if used => {
                "use sea_orm::entity::prelude::*;\nuse sea_orm::{QueryOrder, QuerySelect, Set};\n\n"
            }
            Peer::Serde => "use serde::{Deserialize, Serialize};\n\n",
            Peer::Kontract | Peer::KontractDocument => "use kontract::prelude::*;\n\n",
            Peer::Diesel => "use diesel::prelude::*;\n\n",
            Peer::SeaOrm | Peer::Toasty => "",
        }
    }

    /// A table with its struct; where it is used, with what its joins need.
    pub fn table(self, n: usize, used: bool) -> String {
        match self {
            Peer::Serde => strukt("#[derive(Serialize, Deserialize)]\n", n, ""),
            Peer::Kontract => {
                strukt("#[derive(Table)]\n#[table(layout = \"columns\")]\n", n, "#[primkey]")
            }
            Peer::KontractDocument => {
                strukt("#[derive(Serialize, Deserialize, Table)]\n", n, "#[primkey]")
            }
            Peer::Diesel => {
                let derives = format!(
                    "#[derive(Queryable, Selectable, Insertable, AsChangeset)]\n#[diesel(table_name = things{n})]\n"
                );
                format!(
                    "{}{}",
                    DIESEL_TABLE.replace("{n}", &n.to_string()),
                    strukt(&derives, n, "")
                )
            }
            Peer::SeaOrm => {
                let relation = if used { SEA_ORM_RELATION } else { SEA_ORM_NO_RELATION };
                SEA_ORM_TABLE
                    .replace("{relation}", relation)
                    .replace("{fields}", FIELDS)
                    .replace("{n}", &n.to_string())
                    .replace("{p}", &partner(n).to_string())
            }
            Peer::Toasty => strukt("#[derive(Debug, toasty::Model)]\n", n, "#[key]"),
        }
    }
}

/// The fields of all tables.
const FIELDS: &str = "    pub id: String,
    pub name: String,
    pub email: String,
    pub age: f64,
    pub bio: Option<String>,
    pub admin: bool,
    pub score: i64,
    pub created: i64,
";

const TOKIO: &str = "tokio = { version = \"1\", features = [\"rt-multi-thread\", \"macros\"] }\n";

/// SeaORM's generator writes a module for each table: the names in it are always the same.
const SEA_ORM_TABLE: &str = r#"pub mod thing{n} {
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "things{n}")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
{fields}}

{relation}
impl ActiveModelBehavior for ActiveModel {}
}

"#;

const SEA_ORM_NO_RELATION: &str = "#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
";

const SEA_ORM_RELATION: &str = r#"#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::thing{p}::Entity",
        from = "Column::Id",
        to = "super::thing{p}::Column::Id"
    )]
    Partner,
}

impl Related<super::thing{p}::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Partner.def()
    }
}
"#;

const DIESEL_TABLE: &str = "diesel::table! {
    things{n} (id) {
        id -> Text,
        name -> Text,
        email -> Text,
        age -> Double,
        bio -> Nullable<Text>,
        admin -> Bool,
        score -> BigInt,
        created -> BigInt,
    }
}

";

fn strukt(derives: &str, n: usize, key: &str) -> String {
    let key = if key.is_empty() { String::new() } else { format!("    {key}\n") };
    format!("{derives}pub struct Thing{n} {{\n{key}{FIELDS}}}\n\n")
}
