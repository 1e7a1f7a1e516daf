//! Every attribute of tables, fields, enums, documents and projections.
//!
//! An unknown or misspelt attribute is a compile error with the right spelling (`kontract explain
//! K0007`). An attribute may be given once, except where the tables say otherwise.
//!
//! # Fields of a table
//!
//! | attribute | meaning |
//! |---|---|
//! | `#[primkey]` | The primary key. Its type is `String`, `Uuid`, an integer, `Timestamp`, or a date of jiff, chrono or time. A `String` or `Uuid` key that the caller does not give gets a new UUID (version 7). |
//! | `#[unique]` | No two rows have the same value. Arguments: as `#[index]`. |
//! | `#[index]` | An index on the field. Arguments: `name = "…"`; `where = "…"`, a condition in SQL for a partial index; `method = "…"`, `opclass = "…"`, `include(…)`, `nulls_not_distinct` and `deferrable`, see [Indexes](#indexes). |
//! | `#[references(User)]` | Foreign key to the primary key of `User`. Arguments: `field = "…"`, another unique field of the target; `on_delete = "…"` and `on_update = "…"`: `"no action"` (the default), `"restrict"`, `"cascade"`, `"set null"`, `"set default"`; `deferrable`, the transaction may defer the check (`SET CONSTRAINTS`), or `deferrable = "deferred"`, it is checked at the commit; `name = "…"`. Both fields have the same type, or are integers. Layout `columns`. |
//! | `#[default(0)]` | The value where the caller gives none: a literal of the field's type, a bound like `i32::MAX`, or a variant, `#[default(Status::Draft)]`. |
//! | `#[check("age >= 0")]` | A CHECK constraint in SQL. For each database a text of its own: `#[check(postgres = "…", sqlite = "…")]`; `"true"` where one has none. Another name of the constraint: `name = "…"`. Layout `columns`. May be repeated. |
//! | `#[created_at]` | The time of the insert, set by the runtime. A `Timestamp`, a point in time of jiff, chrono or time, or a `String` (`2026-01-15T10:30:00.000Z`). |
//! | `#[updated_at]` | The time of the last insert or update, set by the runtime. Types as `#[created_at]`. |
//! | `#[column(name = "…")]` | The name of the column, or the JSON key, where it differs from the field's. |
//! | `#[column(sql_type = "…")]` | Another column type on PostgreSQL. Layout `columns`. |
//! | `#[perm(R__)]` | What owner handles may do with the field: read `R__`, write `_W_`, both `RW_`. |
//! | `#[renamed_from("old")]` | The field had the name `old`: the migration renames the column instead of replacing it. May stay after the rename is sealed. |
//! | `#[backfill = "lower(name)"]` | SQL that gives existing rows their value when the field is added or becomes required; also `#[backfill(postgres = "…", sqlite = "…")]`. |
//!
//! Instead of `#[column(name = "…")]`, documents follow serde: `rename`, `rename_all`, `alias` and
//! `default`. serde attributes that change the shape of the JSON (`flatten`, `skip`, `with`, `tag`, …)
//! are compile errors (K0013).
//!
//! # Structs of tables: `#[table(…)]`
//!
//! | argument | meaning |
//! |---|---|
//! | `name = "…"` | The logical name. Default: the plural of the struct's name in snake case, `TaskList` → `task_lists`. |
//! | `ptr = "…"` | The name of the table in the database. Default: the logical name. |
//! | `layout = "columns"` | A typed column for each field. Default: `"document"`, one JSON column beside the key. |
//! | `primary_key(a, b)` | A key of several fields. Layout `columns`. |
//! | `index(a, b desc)` | An index on several fields. Arguments: as `#[index]`; `opclass(a = "…")` for each field; `on = "lower(email), rank desc"` in place of fields, for SQL expressions. `on` and `where` also for each database: `on(postgres = "…", sqlite = "…")`. May be repeated. |
//! | `unique(a, b)` | No two rows have the same values. Arguments as `index(…)`. May be repeated. |
//! | `check("…")` | A CHECK constraint over several fields. Arguments as `#[check(…)]`. Layout `columns`. May be repeated. |
//! | `references(fields(a, b), Other)` | Foreign key of several fields; also `Other(x, y)`, `on_delete`, `on_update`, `deferrable`, `name`. Layout `columns`. May be repeated. |
//! | `versioned` | Column `_version`: 1 at the insert, one more at each change; optimistic locking. |
//! | `track` | Column `_txid`: the transaction that last changed the row. |
//! | `owned` | Column `_owner`: to whom the row belongs. |
//! | `soft_delete` | Column `_deleted_txid`: `delete` marks the row, and it can be restored. |
//! | `ordered` | Column `_order`: the place of the row in the queue of `push`, `pop` and `shift`. |
//! | `external` | The table is managed by other software: it can be queried and referred to, and no migration touches it. Layout `columns` unless given. |
//! | `standalone` | The table is not compared or migrated, and needs no build script; `Base::create` creates it. |
//!
//! The five bookkeeping arguments (`versioned`, `track`, `owned`, `soft_delete`, `ordered`) are for the
//! layout `columns`; a table of the layout `document` always has all five columns. The struct that
//! `references` names need not be in scope: the build script finds it by the end of its path.
//!
//! # Indexes
//!
//! | argument | PostgreSQL | SQLite |
//! |---|---|---|
//! | `method = "btree"` | The default: values with an order. | The same. |
//! | `method = "hash"` | Equality only; one field. | An ordinary index. |
//! | `method = "brin"` | Summaries of blocks of rows, for large tables in the order of the field. | An ordinary index. |
//! | `method = "gin"` | What lists, documents and JSON contain. | No index. |
//! | `method = "gist"` | With an operator class, or for a `sql_type` that has one: ranges, addresses. | No index. |
//! | `method = "spgist"` | Texts by their beginnings, ranges, addresses; one field. | No index. |
//! | `opclass = "gin_trgm_ops"` | The operator class of the fields, by its name without a schema. | Ignored. |
//! | `include(a, b)` | Fields that queries read from the index. Layout `columns`. | Ignored. |
//! | `unique(…, nulls_not_distinct)` | Rows with NULL are equal; PostgreSQL 15 or newer. | An index on expressions that are never NULL. |
//! | `unique(…, deferrable)` | A constraint that a transaction may defer; `deferrable = "deferred"`: checked at the commit. | A unique index, checked by each statement. |
//!
//! Unique indexes with the last two arguments cannot be the target of `references` or of an upsert. A
//! field with the name of an argument is written with `r#`.
//!
//! # Structs of tables: other attributes
//!
//! | attribute | meaning |
//! |---|---|
//! | `#[table(…)]` | See above. May be repeated. |
//! | `#[perm(RW_)]` | What owner handles may do with the rows. |
//! | `#[renamed_from("old")]` | The table had the logical name `old`. |
//! | `#[removed("email")]` | The field `email` was removed on purpose, and no other field replaces it. `#[removed("email", keep)]` leaves its column for programs that still have the field. May be repeated. |
//!
//! # Enums
//!
//! `#[derive(Enum)]` is for enums whose variants have no data. A value is stored as the name that serde
//! writes (`#[serde(rename_all = "…")]` is followed), and compared and ordered by that name.
//!
//! | attribute | meaning |
//! |---|---|
//! | `#[renamed_from("Done")]` on a variant | The variant had this stored name: the migration rewrites the rows. |
//!
//! # Documents
//!
//! `#[derive(Document)]` has no attributes of its own: the JSON is what serde writes.
//!
//! # Newtypes
//!
//! `#[derive(Value)]` on `struct UserId(Uuid);` has no attributes: the struct is stored as its field, and
//! may be the type of a field wherever `Uuid` may: of a key, a reference, a list, a document. A default is
//! that of the field, `#[default(0)]`, or written with the struct, `#[default(Cents(0))]`.
//!
//! # Projections
//!
//! `#[derive(Projection)]` makes a struct the result of `select_as`.
//!
//! | attribute | meaning |
//! |---|---|
//! | `#[projection(Task)]` on the struct | A field is the column of `Task` with its name. |
//! | `#[column(User::name)]` on a field | The field is this column or expression: whatever `select` takes. |
