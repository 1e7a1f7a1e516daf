//! Source → schema: names, types and references between items. The cases in `tests/ui` of the workspace
//! have mistakes of single structs.

use kontract_schema::diagnostic::Diagnostics;
use kontract_schema::intent::Checked;
use kontract_schema::lock::LockFile;
use kontract_schema::model::Schema;
use kontract_schema::source::check::{self, Item, Items};
use kontract_schema::source::parse;
use syn::{File, Item as Syn};

/// Keeps the first mistake of an item, which its derive reports.
fn keep_mistake(found: &mut Items, name: String, read: Result<(), Diagnostics>) {
    if let Err(problems) = read {
        let first = problems.iter().next().map(|problem| problem.message.clone());
        found.faulty.insert(name, first.unwrap_or_default());
    }
}

/// Reads items, `mod` included, as the build script would.
fn items(source: &str) -> Items {
    fn walk(file: Vec<Syn>, module: &[String], found: &mut Items) {
        fn item<T>(raw: T, module: &[String]) -> Item<T> {
            Item { raw, module: module.to_vec(), place: String::new() }
        }
        for one in file {
            let derives = |attrs: &[syn::Attribute], name: &str| {
                attrs.iter().any(|attr| {
                    let mut found = false;
                    let _ = attr.parse_nested_meta(|meta| {
                        found |= meta.path.is_ident(name);
                        Ok(())
                    });
                    found
                })
            };
            match one {
                Syn::Mod(inner) => {
                    let path = [module, &[inner.ident.to_string()]].concat();
                    walk(inner.content.expect("an inline module").1, &path, found);
                }
                Syn::Struct(inner) if derives(&inner.attrs, "Document") => {
                    let name = inner.ident.to_string();
                    let raw = parse::parse_document(&inner.into());
                    let raw = raw.map(|raw| found.documents.push(item(raw, module)));
                    keep_mistake(found, name, raw);
                }
                Syn::Struct(inner) if derives(&inner.attrs, "Value") => {
                    let name = inner.ident.to_string();
                    let raw = parse::parse_newtype(&inner.into());
                    let raw = raw.map(|raw| found.newtypes.push(item(raw, module)));
                    keep_mistake(found, name, raw);
                }
                Syn::Struct(inner) => {
                    let name = inner.ident.to_string();
                    let raw = parse::parse_table(&inner.into());
                    let raw = raw.and_then(|raw| check::check_struct(&raw).or(raw));
                    let raw = raw.map(|raw| found.tables.push(item(raw, module)));
                    keep_mistake(found, name, raw);
                }
                Syn::Enum(inner) => {
                    let name = inner.ident.to_string();
                    let raw = parse::parse_enum(&inner.into());
                    let raw = raw.map(|raw| found.enums.push(item(raw, module)));
                    keep_mistake(found, name, raw);
                }
                _ => {}
            }
        }
    }
    let file: File = syn::parse_str(source).expect("Rust");
    let mut found = Items::default();
    walk(file.items, &[], &mut found);
    found
}

/// Reads items without mistakes of their own.
fn sound_items(source: &str) -> Items {
    let items = items(source);
    assert!(items.faulty.is_empty(), "{:?}", items.faulty);
    items
}

fn schema(source: &str) -> Schema {
    checked(source).schema
}

fn checked(source: &str) -> Checked {
    let (checked, problems) = check::check_schema("app", &sound_items(source), &Schema::default());
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    checked
}

fn problems(source: &str) -> Vec<String> {
    let (_, problems) = check::check_schema("app", &sound_items(source), &Schema::default());
    let line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    problems.iter().map(|problem| line(problem.to_string())).collect()
}

fn word(schema: &Schema, table: &str, field: &str) -> String {
    let field = schema.tables[table].field(field).expect("the field");
    serde_json::to_string(&field.ty).expect("JSON")
}

#[test]
fn documents_and_enums_by_their_json_names() {
    let schema = schema(
        "#[derive(Enum)] #[serde(rename_all = \"kebab-case\")] enum Status { InReview, #[serde(rename = \"ok\")] Done }
         #[derive(Document)] #[serde(rename_all = \"camelCase\")]
         struct Address { street_name: String, #[serde(default)] floor: i32, status: Option<Status> }
         struct User { #[primkey] id: String, home: Address, old: Vec<Address>, status: Status, all: Vec<Status> }",
    );
    assert_eq!(word(&schema, "users", "status"), "\"enum(in-review, ok)\"");
    assert_eq!(word(&schema, "users", "all"), "\"enum(in-review, ok)[]\"");
    let members = "{\"streetName\":{\"type\":\"string\"},\"floor\":{\"type\":\"int32\",\"optional\":true},\
                   \"status\":{\"type\":\"enum(in-review, ok)\",\"optional\":true}}";
    assert_eq!(word(&schema, "users", "home"), format!("{{\"object\":{members}}}"));
    assert_eq!(word(&schema, "users", "old"), format!("{{\"object[]\":{members}}}"));
}

#[test]
fn names_in_the_database() {
    let schema = schema(
        "#[serde(rename_all = \"camelCase\")]
         struct BlogPost { #[primkey] id: String, first_line: String, #[serde(rename = \"x\")] r#type: String }
         #[table(layout = \"columns\", name = \"people\", index(last_name, r#type))]
         struct Person { #[primkey] id: i64, #[column(name = \"surname\")] #[unique] last_name: String, r#type: String }",
    );
    let post = &schema.tables["blog_posts"];
    assert_eq!(post.ptr, kontract_schema::name::pointer("app", "blog_posts"));
    let columns: Vec<&str> = post.schema.iter().map(|field| field.column()).collect();
    assert_eq!(columns, ["id", "firstLine", "x"]);
    let person = &schema.tables["people"];
    assert_eq!(person.ptr, "people");
    let indexes: Vec<&String> = person.indexes.keys().collect();
    assert_eq!(indexes, ["idx_people_surname_type", "people_surname_key"]);
}

#[test]
fn a_table_keeps_its_pointer() {
    let source = "#[renamed_from(\"users\")] struct Person { #[primkey] id: String }";
    let mut born = schema("struct User { #[primkey] id: String }");
    born.tables.get_mut("users").expect("the table").ptr = "tbl_users_000000".into();
    let (renamed, _) = check::check_schema("app", &items(source), &born);
    assert_eq!(renamed.schema.tables["persons"].ptr, "tbl_users_000000");
}

#[test]
fn references() {
    let schema = schema(
        "mod people { #[table(layout = \"columns\")] struct User { #[primkey] id: Uuid, #[unique] mail: String } }
         #[table(layout = \"columns\")] struct Post { #[primkey] id: Uuid,
            #[references(people::User, on_delete = \"cascade\", on_update = \"restrict\")] author: Uuid,
            #[references(User, field = \"mail\")] editor: Option<String>,
            #[references(Post)] parent: Option<Uuid> }",
    );
    let json = serde_json::to_value(&schema.tables["posts"].references).expect("JSON");
    assert_eq!(
        json,
        serde_json::json!({
            "posts_author_fkey": {"fields": ["author"], "table": "users", "to": ["id"], "on_delete": "cascade", "on_update": "restrict"},
            "posts_editor_fkey": {"fields": ["editor"], "table": "users", "to": ["mail"]},
            "posts_parent_fkey": {"fields": ["parent"], "table": "posts", "to": ["id"]},
        })
    );
}

#[test]
fn references_of_several_fields() {
    let member = |reference: &str| {
        format!(
            "#[table(layout = \"columns\", primary_key(region, number), unique(a, b), \
             unique(b, c, where = \"c > 1\"))] \
             struct Org {{ region: String, number: i32, a: i64, b: i64, c: i64 }}
             #[table(layout = \"columns\", references({reference}))]
             struct Member {{ #[primkey] id: Uuid, region: String, org: i32, x: i64, y: i64 }}"
        )
    };
    let fine = schema(&member("fields(region, org), Org, on_delete = \"cascade\""));
    let key = serde_json::to_value(&fine.tables["members"].references).expect("JSON");
    assert_eq!(
        key,
        serde_json::json!({"members_region_org_fkey": {"fields": ["region", "org"], "table": "orgs",
            "to": ["region", "number"], "on_delete": "cascade"}})
    );
    let named = schema(&member("fields(x, y), Org(b, a), name = \"to_org\""));
    assert_eq!(named.tables["members"].references["to_org"].to, ["b", "a"]);
    for (reference, expected) in [
        ("fields(x, y), Orgs", "kontract[K0102]: `Orgs` is not a table of this package"),
        (
            "fields(org, region), Org",
            "kontract[K0103]: `org` is `int32`, but `orgs.region` is `string`",
        ),
        ("fields(x), Org", "kontract[K0103]: the key of `orgs` has 2 fields"),
        (
            "fields(x, y), Org(b, c)",
            "kontract[K0103]: `b`, `c` is neither the primary key of `orgs` nor unique",
        ),
        (
            "fields(x, y), Org(a, a)",
            "kontract[K0103]: `a`, `a` is neither the primary key of `orgs` nor unique",
        ),
    ] {
        assert_eq!(problems(&member(reference)), [expected], "{reference}");
    }
}

#[test]
fn invalid_references() {
    let post = |field: &str| {
        format!(
            "#[table(layout = \"columns\")] struct User {{ #[primkey] id: i64, name: String }}
             #[table(layout = \"columns\")] struct Post {{ #[primkey] id: Uuid, {field} }}"
        )
    };
    for (field, expected) in [
        ("#[references(Users)] a: i64", "kontract[K0102]: `Users` is not a table of this package"),
        (
            "#[references(User)] a: Timestamp",
            "kontract[K0103]: `a` is `date`, but `users.id` is `bigint`",
        ),
        (
            "#[references(User)] a: String",
            "kontract[K0103]: `a` is `string`, but `users.id` is `bigint`",
        ),
        (
            "#[references(User, field = \"name\")] a: String",
            "kontract[K0103]: `name` is neither the primary key of `users` nor unique",
        ),
        (
            "#[references(User, field = \"mane\")] a: String",
            "kontract[K0103]: `mane` is neither the primary key of `users` nor unique",
        ),
    ] {
        assert_eq!(problems(&post(field)), [expected]);
    }
    for integer in ["i32", "i64", "u8", "u32"] {
        assert_eq!(problems(&post(&format!("#[references(User)] a: {integer}"))), [""; 0]);
    }
}

#[test]
fn references_to_a_table_without_a_key() {
    let click = |reference: &str| {
        format!(
            "#[table(layout = \"columns\", keyless)] struct Badge {{ #[unique] code: i64, shape: i64 }}
             #[table(layout = \"columns\", keyless)] struct Click {{ {reference} badge: i64 }}"
        )
    };
    let fine = schema(&click("#[references(Badge, field = \"code\")]"));
    assert!(fine.tables["clicks"].keyless && fine.tables["badges"].key().is_empty());
    assert_eq!(fine.tables["clicks"].references["clicks_badge_fkey"].to, ["code"]);
    for (reference, expected) in [
        (
            "#[references(Badge)]",
            "kontract[K0103]: `badges` has no key that the reference could be to",
        ),
        (
            "#[references(Badge, field = \"shape\")]",
            "kontract[K0103]: `shape` is neither the primary key of `badges` nor unique",
        ),
    ] {
        assert_eq!(problems(&click(reference)), [expected]);
    }
}

#[test]
fn cycles() {
    let two = |a: &str, b: &str| {
        format!(
            "#[table(layout = \"columns\")] struct A {{ #[primkey] id: i64, #[references(B)] b: {a} }}
             #[table(layout = \"columns\")] struct B {{ #[primkey] id: i64, #[references(A)] a: {b} }}"
        )
    };
    assert_eq!(problems(&two("Option<i64>", "i64")), Vec::<String>::new());
    assert_eq!(
        problems(&two("i64", "i64")),
        ["kontract[K0108]: these required references form a cycle: as.b → bs.a → as"]
    );
    let own =
        "#[table(layout = \"columns\")] struct A { #[primkey] id: i64, #[references(A)] a: i64 }";
    assert_eq!(problems(own), Vec::<String>::new());
}

#[test]
fn unknown_types() {
    let user = |field: &str| format!("struct User {{ #[primkey] id: String, x: {field} }}");
    for (source, expected) in [
        (user("Id"), "kontract[K0104]: `Id` has no column type"),
        (
            user("Status")
                + "mod a { #[derive(Enum)] enum Status { A } } mod b { #[derive(Enum)] enum Status { B } }",
            "kontract[K0105]: `Status` may be `crate::a::Status` or `crate::b::Status`",
        ),
        (
            user("Tree") + "#[derive(Document)] struct Tree { children: Vec<Tree> }",
            "kontract[K0106]: `crate::Tree` contains itself",
        ),
    ] {
        assert_eq!(problems(&source), [expected]);
    }
    let named = user("b::Status")
        + "mod a { #[derive(Enum)] enum Status { A } } mod b { #[derive(Enum)] enum Status { B } }";
    assert_eq!(word(&schema(&named), "users", "x"), "\"enum(B)\"");
}

#[test]
fn nested_documents_have_a_limit() {
    // Each level is a list of documents.
    let chain = |levels: usize| {
        let documents: String = (0..levels)
            .map(|level| {
                format!("#[derive(Document)] struct D{level} {{ next: Vec<D{}> }}", level + 1)
            })
            .collect();
        format!(
            "struct User {{ #[primkey] id: String, x: D0 }} {documents} #[derive(Document)] struct D{levels} {{ a: i64 }}"
        )
    };
    let deepest = LockFile::default().with_schema(schema(&chain(15)));
    assert_eq!(LockFile::read(&deepest.write()), Ok(deepest));
    let too_deep = "kontract[K0106]: `crate::D16` is nested more than 32 levels deep";
    for levels in [16, 3000] {
        assert_eq!(problems(&chain(levels)), [too_deep]);
    }
    let lists = format!(
        "struct User {{ #[primkey] id: String, x: {}i64{} }}",
        "Vec<".repeat(33),
        ">".repeat(33)
    );
    assert_eq!(problems(&lists), ["kontract[K0106]: `Vec` is nested more than 32 levels deep"]);
}

#[test]
fn newtypes_are_what_is_inside() {
    let source = "#[table(layout = \"columns\", primary_key(a, b))] struct Row {
            a: Id, b: m::Number, c: Option<Wrapped>, d: Vec<Id>, #[default(State(Kind::new))] e: State,
            #[default(Amount(3))] f: Amount, g: Place }
        #[derive(Value)] struct Id(Uuid);
        mod m { #[derive(Value)] pub struct Number(i32); }
        #[derive(Value)] struct Wrapped(Id);
        #[derive(Value)] struct State(Kind);
        #[derive(Value)] struct Amount(i64);
        #[derive(Enum)] enum Kind { #[renamed_from(\"old\")] new }
        #[derive(Document)] struct Place { id: Option<Id> }";
    let checked = checked(source);
    let table = &checked.schema.tables["rows"];
    let words: Vec<String> = table.schema.iter().map(|field| field.ty.to_string()).collect();
    let expected = ["uuid", "int32", "uuid", "uuid[]", "enum(new)", "bigint", "object"];
    assert_eq!(words, expected);
    let field = |name: &str| table.field(name).expect("a field");
    assert_eq!(field("e").default, Some("new".into()));
    assert_eq!(checked.intent.field("rows", "e").renamed_variants.len(), 1);
    assert_eq!(field("f").default, Some(3.into()));
    assert_eq!(field("g").ty.members().expect("members")[0].ty.to_string(), "uuid");
}

#[test]
fn keys_of_own_types() {
    let table = |key: &str| format!("struct User {{ #[primkey] id: {key} }}");
    let refused =
        |why: &str| vec![format!("kontract[K0005]: `id` cannot be the primary key: {why}")];
    let place = table("Place") + "#[derive(Document)] struct Place { x: i32 }";
    assert_eq!(problems(&place), refused("a document does not identify a row"));
    let number = table("Number") + "#[derive(Value)] struct Number(f64);";
    assert_eq!(problems(&number), refused("a floating-point NaN does not equal itself"));
    for (key, item) in [
        ("Kind", "#[derive(Enum)] enum Kind { A }"),
        ("Kind", "#[derive(Enum)] #[native] enum Kind { A }"),
        ("Flag", "#[derive(Value)] struct Flag(bool);"),
        ("At", "#[derive(Value)] struct At(jiff::civil::Time);"),
    ] {
        assert_eq!(problems(&(table(key) + item)), [] as [&str; 0], "{item}");
    }
    let list = table("List") + "#[derive(Value)] struct List(Vec<i32>);";
    assert_eq!(problems(&list), refused("its type does not identify a row"));
    let own =
        table("Own") + "#[derive(Value)] struct Own(Other); #[derive(Value)] struct Other(Own);";
    assert_eq!(problems(&own), ["kontract[K0106]: `crate::Own` contains itself"]);
}

#[test]
fn m13_a_module_does_not_change_a_table() {
    let user = "struct User { #[primkey] id: String, name: String }";
    assert_eq!(schema(user), schema(&format!("mod models {{ {user} }}")));
}

#[test]
fn two_structs_for_one_table() {
    let twice = "mod a { struct User { #[primkey] id: String } } mod b { struct User { #[primkey] id: String } }";
    assert_eq!(
        problems(twice),
        ["kontract[K0101]: `crate::a::User` and `crate::b::User` both map to the table `users`"]
    );
    let pointer = "#[table(ptr = \"x\")] struct A { #[primkey] id: String } #[table(ptr = \"X\")] struct B { #[primkey] id: String }";
    assert_eq!(
        problems(pointer),
        ["kontract[K0101]: `as` and `bs` are both the table `X` of the database"]
    );
}

#[test]
fn defaults_of_enums() {
    let source = |variant: &str| {
        format!(
            "#[derive(Enum)] enum Status {{ #[serde(rename = \"d\")] Draft }}
             struct Post {{ #[primkey] id: String, #[default({variant})] status: Status }}"
        )
    };
    let schema = schema(&source("Status::Draft"));
    let default = schema.tables["posts"].field("status").and_then(|field| field.default.clone());
    assert_eq!(default, Some("d".into()));
    assert_eq!(
        problems(&source("Status::Drft")),
        ["kontract[K0015]: `Drft` is not a variant of `Status`"]
    );
    assert_eq!(
        problems(&source("\"d\"")),
        ["kontract[K0015]: the default of `status` is not a variant of `Status`"]
    );
}

#[test]
fn defaults_at_the_ends_of_integers() {
    let default = |ty: &str, written: &str| {
        let source =
            format!("struct Post {{ #[primkey] id: String, #[default({written})] n: {ty} }}");
        schema(&source).tables["posts"].field("n").and_then(|field| field.default.clone())
    };
    for (ty, written, expected) in [
        ("i64", "-9223372036854775808", i64::MIN),
        ("i64", "-(9_223_372_036_854_775_807)", -i64::MAX),
        ("i64", "i64::MIN", i64::MIN),
        ("i64", "i64::MAX", i64::MAX),
        ("i32", "i32::MIN", i32::MIN.into()),
        ("i8", "i8::MAX", 127),
        ("u32", "u32::MAX", u32::MAX.into()),
        ("u16", "u16::MIN", 0),
    ] {
        assert_eq!(default(ty, written), Some(expected.into()), "{written}");
    }
    assert_eq!(default("f64", "-1.5"), Some((-1.5).into()));
}

#[test]
fn indexes_on_documents_and_duplicate_names() {
    let source = "#[derive(Document)] struct Address { city: String }
        #[table(index(id, x, name = \"i\"), unique(x, id, name = \"i\"))]
        struct User { #[primkey] id: String, #[index] home: Address, x: String }";
    assert_eq!(
        problems(source),
        [
            "kontract[K0017]: `home` cannot have this index: documents have no order; on \
             PostgreSQL, `method = \"gin\"` indexes their fields",
            "kontract[K0107]: two indexes or constraints have the name `i`",
        ]
    );
}

#[test]
fn a_fingerprint_depends_on_the_meaning_only() {
    let print = |source: &str| {
        let items = items(source);
        kontract_schema::source::raw::fingerprint(&items.tables[0].raw)
    };
    let plain = print("struct User { #[primkey] id: String, name: Option<String> }");
    let spaced = print(
        "/// Doc.\n struct User{#[primkey]id:String,/** doc */name:std::option::Option< String >}",
    );
    assert_eq!(plain, spaced);
    for other in [
        "struct User { #[primkey] id: String, name: String }",
        "struct User { #[primkey] id: String, name: Option<i64> }",
        "struct User { #[primkey] id: String, #[index] name: Option<String> }",
        "struct User { #[primkey] id: String, #[perm(R__)] name: Option<String> }",
    ] {
        assert_ne!(plain, print(other));
    }
}

#[test]
fn external_tables_have_columns_and_no_hints() {
    let schema = schema(
        "#[table(external)] struct Account { #[primkey] id: i64, #[unique] name: String }
         #[table(layout = \"columns\")] struct Order {
             #[primkey] id: i64,
             #[references(Account)] account: i64,
             #[references(Account, field = \"name\")] name: String,
         }",
    );
    let accounts = &schema.tables["accounts"];
    assert!(accounts.external && accounts.ptr == "accounts");
    assert_eq!(schema.tables["orders"].references.len(), 2);
    let json = serde_json::to_string(accounts).expect("JSON");
    assert!(json.contains("\"external\":true"), "{json}");
}

#[test]
fn names_that_objects_of_several_tables_share() {
    let shared = |a: &str, b: &str, name: &str| {
        format!("kontract[K0107]: {a} and {b} have the same name in the database: `{name}`")
    };
    let columns = "#[derive(Table)] #[table(layout = \"columns\"";
    for (source, expected) in [
        // `user(post_id)` and `user_post(id)`.
        (
            format!(
                "{columns}, name = \"user\")] struct User {{ #[primkey] k: i64, #[index] post_id: i64 }}
                 {columns}, name = \"user_post\")] struct Post {{ #[primkey] k: i64, #[index] id: i64 }}"
            ),
            shared("the index of table `user_post`", "the index of table `user`", "idx_user_post_id"),
        ),
        (
            format!(
                "{columns}, index(a, name = \"i\"))] struct One {{ #[primkey] k: i64, a: i64 }}
                 {columns}, unique(a, name = \"I\"))] struct Two {{ #[primkey] k: i64, a: i64 }}"
            ),
            shared("the unique index of table `twos`", "the index of table `ones`", "I"),
        ),
        (
            format!(
                "{columns}, name = \"user\")] struct User {{ #[primkey] k: i64 }}
                 {columns}, name = \"user_pkey\")] struct Key {{ #[primkey] k: i64 }}"
            ),
            shared("table `user_pkey`", "the primary key of table `user`", "user_pkey"),
        ),
        (
            format!(
                "{columns}, name = \"a\", index(k, x, name = \"b\"))] struct A {{ #[primkey] k: i64, x: i64 }}
                 {columns}, name = \"b\")] struct B {{ #[primkey] k: i64 }}"
            ),
            shared("the index of table `a`", "table `b`", "b"),
        ),
        (
            format!(
                "{columns}, ordered)] struct Job {{ #[primkey] k: i64 }}
                 {columns}, name = \"jobs__order_seq\")] struct B {{ #[primkey] k: i64 }}"
            ),
            shared("table `jobs__order_seq`", "the sequence of table `jobs`", "jobs__order_seq"),
        ),
        (
            "#[derive(Table)] #[table(index(x, name = \"idx_users_txid\"))]
             struct User { #[primkey] id: String, x: String }"
                .to_owned(),
            shared(
                "the index of table `users`",
                "the index on a bookkeeping column of table `users`",
                "idx_users_txid",
            ),
        ),
        (
            format!(
                "{columns})] struct Job {{ #[primkey(identity)] id: i64 }}
                 {columns}, name = \"jobs_id_seq\")] struct Number {{ #[primkey] k: i64 }}"
            ),
            shared("table `jobs_id_seq`", "the sequence of table `jobs`", "jobs_id_seq"),
        ),
        // SQLite has no schemas.
        (
            format!(
                "{columns}, schema = \"a\", index(n, name = \"j\"))]
                 struct One {{ #[primkey] k: i64, n: i64 }}
                 {columns}, schema = \"b\", index(n, name = \"j\"))]
                 struct Two {{ #[primkey] k: i64, n: i64 }}"
            ),
            shared("the index of table `twos`", "the index of table `ones`", "j"),
        ),
        // Constraints of one table.
        (
            format!(
                "#[derive(Enum)] enum S {{ A }}
                 {columns}, check(\"k > 0\", name = \"jobs_s_enum\"))] struct Job {{ #[primkey] k: i64, s: S }}"
            ),
            "kontract[K0107]: two indexes or constraints have the name `jobs_s_enum`".to_owned(),
        ),
        (
            format!(
                "{columns}, check(\"k > 0\", name = \"jobs_pkey\"))] struct Job {{ #[primkey] k: i64 }}"
            ),
            "kontract[K0107]: two indexes or constraints have the name `jobs_pkey`".to_owned(),
        ),
    ] {
        assert_eq!(problems(&source), [expected], "{source}");
    }
    // The same table of two schemas.
    schema(&format!(
        "{columns}, schema = \"a\", ordered)] struct Job {{ #[primkey] k: i64 }}
         {columns}, schema = \"b\", ptr = \"jobs\")] struct Other {{ #[primkey(identity)] k: i64 }}"
    ));
    // A check or reference of another table, and an index with the name of a check, do not conflict.
    schema(&format!(
        "{columns}, check(\"k > 0\", name = \"c\"), index(a, name = \"c\"))] struct One {{ #[primkey] k: i64, a: i64 }}
         {columns}, check(\"k > 0\", name = \"c\"))] struct Two {{ #[primkey] k: i64 }}"
    ));
}

#[test]
fn a_partition_key_has_columns_of_the_key() {
    let found = |arguments: &str| {
        let source = format!(
            "#[table(layout = \"columns\", {arguments})] struct Event {{
                id: i64, #[column(name = \"at\")] day: i32, kind: String
            }}"
        );
        let raw = parse::parse_table(&syn::parse_str(&source).expect("Rust")).expect("a table");
        let line = |text: String| text.lines().next().unwrap_or_default().to_owned();
        let problems = check::check_struct(&raw);
        problems.iter().map(|problem| line(problem.to_string())).collect::<Vec<_>>()
    };
    for arguments in [
        "primary_key(id, day), partition_by = \"range(at)\"",
        "primary_key(id, day), unique(on = \"lower(kind), at DESC, id\"), partition_by = \"RANGE (at, id)\"",
        "primary_key(id, day), index(kind), unique(day, kind), partition_by = \"list(at)\"",
        "keyless, partition_by = \"hash(kind)\"",
    ] {
        assert_eq!(found(arguments), [""; 0], "{arguments}");
    }
    for (arguments, expected) in [
        (
            "primary_key(id, kind), partition_by = \"range(at)\"",
            "kontract[K0032]: the primary key of `Event` does not have the partition column `at`",
        ),
        (
            "primary_key(id, day), unique(kind), partition_by = \"range(at)\"",
            "kontract[K0032]: a unique index does not have the partition column `at`",
        ),
        (
            "primary_key(id, day), unique(on = \"at + 1\"), partition_by = \"range(at)\"",
            "kontract[K0032]: a unique index does not have the partition column `at`",
        ),
        (
            "primary_key(id, day), partition_by = \"list(at, id)\"",
            "kontract[K0032]: a list of values divides a table by one column",
        ),
        (
            "primary_key(id, day), partition_by = \"hash(id, id)\"",
            "kontract[K0032]: `partition_by` has `id` twice",
        ),
        (
            "primary_key(id, day), partition_by = \"range(day)\"",
            "kontract[K0025]: `events` has no column `day`",
        ),
    ] {
        assert_eq!(found(arguments), [expected], "{arguments}");
    }
    let schema = schema(
        "#[derive(Table)] #[table(layout = \"columns\", primary_key(id, day), partition_by = \"range(at)\")]
         struct Event { id: i64, #[column(name = \"at\")] day: i32 }",
    );
    let json = serde_json::to_string(&schema.tables["events"]).expect("JSON");
    assert!(json.contains(r#""partition_by":{"method":"range","fields":["day"]}"#), "{json}");
}

/// The problems of sources in which some items have mistakes of their own.
fn problems_beside_mistakes(source: &str) -> Vec<String> {
    let items = items(source);
    assert!(!items.faulty.is_empty(), "{source}");
    let (_, problems) = check::check_schema("app", &items, &Schema::default());
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_type_with_a_mistake_is_not_an_unknown_one() {
    let kinds = [
        ("#[derive(Enum)] enum Mood { Good(i32), Bad }", "Mood"),
        ("#[derive(Enum)] enum Mood { #[serde(rename = \"\")] Good, Bad }", "Mood"),
        ("#[derive(Document)] struct Mood { a: &'static str }", "Mood"),
        ("mod kinds { #[derive(Enum)] enum Mood { Good(i32) } }", "kinds::Mood"),
    ];
    let uses = [
        "#[derive(Table)] struct User { #[primkey] id: i64, mood: TYPE }",
        "#[derive(Table)] struct User { #[primkey] id: i64, mood: Option<TYPE> }",
        "#[derive(Table)] struct User { #[primkey] id: i64, mood: Vec<TYPE> }",
        "#[derive(Table)] struct User { #[primkey] id: i64, mood: Option<Vec<TYPE>> }",
        "#[derive(Table)] #[table(layout = \"columns\")] struct User { #[primkey] id: i64, #[index] mood: TYPE }",
        "#[derive(Table)] #[table(layout = \"columns\", unique(id, mood))] struct User { #[primkey] id: i64, mood: TYPE }",
        "#[derive(Table)] struct User { #[primkey] id: TYPE }",
        "#[derive(Table)] struct User { #[primkey] id: i64, #[default(Mood::Bad)] mood: TYPE }",
        "#[derive(Table)] #[table(layout = \"columns\", check(\"mood <> 'x'\"))] struct User { #[primkey] id: i64, mood: TYPE }",
        "#[derive(Document)] struct Place { mood: TYPE } #[derive(Table)] struct User { #[primkey] id: i64, place: Place }",
        "#[derive(Document)] struct Place { moods: Vec<TYPE> } #[derive(Table)] struct User { #[primkey] id: i64, places: Vec<Place> }",
        "#[derive(Value)] struct Own(TYPE); #[derive(Table)] struct User { #[primkey] id: i64, mood: Own }",
        "#[derive(Table)] struct User { #[primkey] id: i64, a: TYPE, b: Option<TYPE> }",
    ];
    for (item, path) in kinds {
        for of_it in uses {
            let source = format!("{item} {}", of_it.replace("TYPE", path));
            let problems = problems_beside_mistakes(&source);
            assert!(!problems.is_empty(), "{source}");
            for problem in problems {
                let says_so = problem.contains("K0104]: `")
                    && problem.contains("its derive reports a mistake in it: ")
                    && problem.contains("correct that mistake first");
                assert!(says_so, "{source}\n{problem}");
            }
        }
    }
}

#[test]
fn a_reference_to_a_struct_with_a_mistake_is_not_reported() {
    let faulty = [
        "#[derive(Table)] struct User { id: i64 }",
        "#[derive(Table)] struct User { #[primkey] id: i64, n: u64 }",
        "#[derive(Table)] #[table(layout = \"columns\")] struct User { #[primkey] id: i64, #[check(\"m > 0\")] n: i64 }",
        "mod people { #[derive(Table)] struct User { #[primkey] id: f64 } }",
    ];
    let uses = [
        "#[references(User)] user: i64",
        "#[references(User)] user: Option<i64>",
        "#[references(User, field = \"n\")] user: i64",
        "#[references(people::User)] user: String",
        "#[references(crate::people::User, on_delete = \"cascade\")] user: i64",
    ];
    for item in faulty {
        for field in uses {
            let source = format!(
                "{item} #[derive(Table)] #[table(layout = \"columns\")] struct Post {{ #[primkey] id: i64, #[index] {field} }}"
            );
            assert_eq!(problems_beside_mistakes(&source), [""; 0], "{source}");
        }
        let source = format!(
            "{item} #[derive(Table)] #[table(layout = \"columns\", references(fields(a, b), User))] \
             struct Post {{ #[primkey] id: i64, a: i64, b: i64 }}"
        );
        assert_eq!(problems_beside_mistakes(&source), [""; 0], "{source}");
    }
}
