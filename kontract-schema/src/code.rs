//! The codes of all messages: what each means and how to fix it.
//!
//! Blocks of a hundred: K00xx attributes and types, K01xx the whole schema, K02xx changes since the
//! lock, K03xx the lock file, K04xx migrations and databases. A number is never used again
//! for another message.

use std::fmt;

/// The code of a message: `K` and four digits, `K0203`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// The code as text, `K0203`.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a code means.
#[derive(Clone, Copy, Debug)]
pub struct CodeExplanation {
    /// The code.
    pub code: Code,
    /// One line: what is wrong.
    pub title: &'static str,
    /// Why it matters and how to fix it.
    pub text: &'static str,
}

/// The explanation of a code, `K0203`.
pub fn explain(code: &str) -> Option<&'static CodeExplanation> {
    ALL.iter().find(|explanation| explanation.code.0 == code)
}

macro_rules! codes {
    ($($name:ident = $code:ident, $title:literal, $text:literal;)*) => {
        $(#[doc = $title] pub const $name: Code = Code(stringify!($code));)*
        /// Every code, in the order of the numbers.
        pub const ALL: &[CodeExplanation] =
            &[$(CodeExplanation { code: $name, title: $title, text: $text }),*];
    };
}

codes! {
    WRONG_ITEM = K0001, "`Table`, `Document` or `Projection` on an item that is not a struct with named fields",
        "A row is a set of named fields. Tuple structs, unit structs and unions have none. Write `struct User { #[primkey] id: String, … }`. An enum without data can be the type of a field with `#[derive(Enum)]`.";
    GENERIC_ITEM = K0002, "a table, document, enum or projection has generic parameters",
        "A table has one set of column types. Write the concrete types. Instead of a reference store an owned value (`String`, `Vec<T>`).";
    NO_KEY = K0003, "a table has no primary key",
        "Rows are identified by their key. Mark one field with `#[primkey]`, or name several fields with `#[table(layout = \"columns\", primary_key(a, b))]`. No field is the key by default, because reordering fields must not change the key. A table whose rows need no identity, such as a log, is declared without a key: `#[table(layout = \"columns\", keyless)]`.";
    TWO_KEYS = K0004, "a table has two primary keys",
        "A table has one key. For a key of several fields write `#[table(layout = \"columns\", primary_key(a, b))]`; `#[primkey(identity)]` marks the field of it that the database numbers.";
    KEY_TYPE = K0005, "a type cannot be a primary key",
        "The key is a String, an integer, a Uuid, bytes, a date or time, a bool, an enum, or a newtype of one of them. A floating-point NaN does not equal itself, an `Option` allows rows without a key, and lists and documents do not identify a row.";
    UNSUPPORTED_TYPE = K0006, "a type has no column type",
        "Supported are String, bool, i8 … i64, u8 … u32, f32, f64, Vec<u8>, Bytes, Timestamp, Uuid, Decimal, Json, the dates of jiff, chrono and time, enums with #[derive(Enum)], structs with #[derive(Document)], Option<T> and Vec<T> of these. Any other type needs `#[column(sql_type = \"…\")]` and an implementation of `kontract::value::Value`. Type aliases are not followed: write the type itself.";
    UNKNOWN_ATTRIBUTE = K0007, "an attribute is not known",
        "Attributes of fields: primkey, perm, references, unique, index, default, generated, check, created_at, updated_at, backfill, renamed_from, column. Of structs: table, perm, renamed_from, removed. Of enums: native. Of variants: renamed_from. Of projections: projection on the struct, column on a field.";
    ATTRIBUTE_FORM = K0008, "an attribute has the wrong form or is in the wrong place",
        "The message shows the expected form.";
    DUPLICATE_ATTRIBUTE = K0009, "an attribute is given twice",
        "The attribute may be given once. Remove the other one.";
    RESERVED_NAME = K0010, "a name is reserved",
        "`_version`, `_txid`, `_owner`, `_deleted_txid` and `_order` are Kontract's own columns; `xmin`, `ctid` and others PostgreSQL's; `rowid` and `_rowid_` SQLite's. Tables do not begin with `sqlite_`, `pg_` or `_kontract`. Give another name with `#[column(name = \"…\")]` or `#[table(name = \"…\")]`.";
    LONG_NAME = K0011, "a name is longer than 63 bytes",
        "PostgreSQL silently cuts longer names, so that two names may become one. Give a shorter name with `#[column(name = \"…\")]` or `#[table(name = \"…\")]`.";
    DUPLICATE_COLUMN = K0012, "two fields have the same column or JSON key",
        "SQLite does not distinguish case, so neither does Kontract.";
    SERDE = K0013, "a serde attribute is not supported",
        "Kontract computes the JSON that serde writes, because checks, indexes and the lock file use its keys. It supports rename, rename_all, alias and default. Attributes that change the shape of the JSON (flatten, skip, with, tag, untagged, transparent …) are errors.";
    PERM = K0014, "permissions are invalid",
        "A permission has three places, for read, write and execute: `R__`, `_W_`, `RW_`, `RWX` … Fields have no execute permission, and the key must be readable.";
    DEFAULT_VALUE = K0015, "a default does not fit its field",
        "A default is a literal of the field's type, a bound like `i32::MAX`, or for an enum a variant: `#[default(0)]`, `#[default(\"new\")]`, `#[default(Status::Draft)]`. Values of other types are written as text: `#[default(\"2026-01-31\")]`, `#[default(\"{}\")]`. What the database computes is SQL: `#[default(sql = \"now()\")]`, or one text for each database, `#[default(postgres = \"…\", sqlite = \"…\")]`. It cannot use columns.";
    LAYOUT = K0016, "an attribute needs the other layout",
        "References, checks and chosen bookkeeping columns belong to `#[table(layout = \"columns\")]`; a document table has every bookkeeping column and keeps its fields in JSON.";
    INDEX_TYPE = K0017, "a field cannot have such an index",
        "Lists, documents and JSON have no order, and a floating-point NaN does not equal itself. On PostgreSQL, `#[index(method = \"gin\")]` indexes the elements of lists and the fields of documents and JSON; it is only for these types, has no order and cannot be unique.";
    UNKNOWN_FIELD = K0018, "an attribute names a field that the struct does not have",
        "Name the Rust field, not the column.";
    STAMP = K0019, "the type of a field with `created_at` or `updated_at` is wrong",
        "`#[created_at]` and `#[updated_at]` are for fields of type Timestamp, of a date or time of jiff, chrono or time, which store it in UTC, or of type String, which stores ISO 8601: `2026-01-15T10:30:00.000Z`. Each of them may be in an `Option`.";
    VARIANT = K0020, "an enum variant cannot be stored",
        "An enum is stored as the name of its variant, so variants have no data. Names have no comma, parenthesis, quote or control character.";
    NO_BUILD_SCRIPT = K0021, "the package has no Kontract build script",
        "The build script compares the structs with kontract.lock.json. Without it changes would not be checked. Add `kontract-build` to [build-dependencies] in Cargo.toml and `fn main() { kontract_build::compile(); }` to build.rs. For a table without migrations write `#[table(standalone)]`.";
    NOT_SEEN = K0022, "the build script did not see a struct, or saw another one",
        "The build script reads source files. It does not see a struct that a macro makes, in a function, or in a file outside of the module tree. Move the struct to a module, name its file with `kontract_build::Builder::root`, or, for a table without migrations, write `#[table(standalone)]`.";
    STANDALONE = K0023, "a standalone table has an enum, a document or a reference",
        "Only the build script knows the variants of an enum, the fields of a document and the other table. Remove `standalone`.";
    EXTERNAL = K0024, "an attribute is not allowed on an external table",
        "`#[table(external)]` describes an existing table that other software manages: it can be queried and referred to, and no migration creates, changes or drops it. It has no references, checks, indexes or hints. `#[unique]` marks fields that other tables can refer to.";
    UNKNOWN_COLUMN = K0025, "SQL names a column that the table does not have",
        "The SQL of an index, check or backfill can use the columns of its own table: the names of the fields, or those of `#[column(name = \"…\")]`; in a table of the document layout the keys of the JSON. Write texts in single quotes.";
    NO_COLUMN = K0026, "a field of a projection has no column",
        "`select_as` selects the columns that the fields name, so either all fields have one or none has. `#[projection(Task)]` on the struct makes each field the column of `Task` with its name; `#[column(User::name)]` on a field names another column or an expression. Without any of them the query names the columns: `query.select((…)).named::<Title>()`.";
    UNKNOWN_FUNCTION = K0027, "SQL has a function or operator that one of the databases does not have",
        "The SQL of a check, default, generated column, index or backfill is for both databases, and each has functions and syntax of its own: `a::int`, `~`, ILIKE, ANY, arrays and `interval '1 day'` are PostgreSQL's, GLOB, `==` and `json_extract` SQLite's. Write one text for each: `#[check(postgres = \"…\", sqlite = \"…\")]`; the text `true` checks nothing. On PostgreSQL a function of an extension or of your own is called with its schema, `public.f(a)`.";
    REFERENCE_ACTION = K0028, "an action of a reference sets a field to a value that it cannot have",
        "`set_null` needs fields that are an `Option`, and `set_default` needs a default for each field that is not: otherwise each deletion or change of a referenced row fails.";
    TOO_MANY_COLUMNS = K0029, "a table has more columns than a database",
        "A table of PostgreSQL has at most 1600 columns, one of SQLite 2000; bookkeeping columns count. Divide the struct, or keep some fields in one JSON column: a field of type `Json`, or of a struct with `#[derive(Document)]`.";
    KEYLESS = K0030, "a table without a key has something that needs a key",
        "`#[table(keyless)]` declares a table without a primary key: rows are inserted, and found, changed and deleted by queries. Versions, soft delete and the order of a queue work on one row, which a key identifies. Remove `keyless` and give the table a key, or remove the other argument.";
    NOT_A_CONDITION = K0031, "a condition is of another type, or compares values of different types",
        "A check, and the `where` of an index, is a condition. PostgreSQL takes only a boolean as one, and does not compare a number with a text or a boolean; SQLite takes everything. Write a comparison, `n > 0`; a boolean is a condition by itself: `done`, `NOT done`.";
    PARTITION_KEY = K0032, "a table cannot be divided into partitions by these columns",
        "On PostgreSQL each partition has an index of its own, so the primary key and each unique index of a partitioned table must have all columns of `partition_by`: `#[table(layout = \"columns\", primary_key(id, created_at), partition_by = \"range(created_at)\")]`. The columns are those of the table, not expressions and not generated; `list` takes one. Add the columns to the key, or divide the table by columns of the key.";

    DUPLICATE_TABLE = K0101, "two structs map to one table",
        "Give one of them another name with `#[table(name = \"…\")]`.";
    UNKNOWN_REFERENCE = K0102, "a reference names a struct that is not a table",
        "The target is a struct with `#[derive(Table)]` in the same package.";
    REFERENCE_TYPE = K0103, "a reference does not fit its target",
        "Both columns must have the same type. The target must be the primary key of its table, or have a unique index on exactly these fields without a condition.";
    UNKNOWN_TYPE = K0104, "a type is neither supported nor derived",
        "Derive `Enum` or `Document` for it, or give `#[column(sql_type = \"…\")]`.";
    AMBIGUOUS_TYPE = K0105, "a type name has several meanings",
        "Write more of the path: `crate::models::Status`.";
    RECURSIVE_DOCUMENT = K0106, "a document contains itself, or is nested too deeply",
        "The type of a document that contains itself would be infinite; 32 levels are the limit. Use a reference to a table, or a `Json` field.";
    DUPLICATE_NAME = K0107, "two objects of the database have the same name",
        "On PostgreSQL the tables, indexes, primary keys (`users_pkey`) and sequences of a schema share their names; on SQLite the tables and indexes of a file. The checks, references and the primary key of one table share theirs, too. Give one of them another name: `name = \"…\"` of an index, check or reference, `#[table(name = \"…\")]` of a table.";
    CYCLE = K0108, "tables refer to each other in a cycle, so no row can be inserted",
        "Make one of the references optional, so that a first row can be inserted.";
    CFG = K0109, "a cfg cannot be decided",
        "The build script knows Cargo's features and the cfgs of the target. For any other condition it does not know whether the table exists.";
    HIDDEN_STRUCT = K0110, "the crate root cannot name a table's struct",
        "`storage!()` in the crate root uses each struct by its path. Make the struct `pub(crate)` and its modules visible, or re-export it.";
    CFG_OFF = K0111, "a cfg disables what the database has",
        "All builds share one lock file, which records the condition of each table and field under a `cfg`. A build that disables an item leaves it in the database, because other builds have it. It inserts rows without the field, so the field must be an `Option` or have a default. To remove the item, remove it from the source and build with the condition enabled.";
    ENUM_TYPE = K0115, "an enum type cannot be created",
        "An enum with `#[native]` is a type in PostgreSQL, whose name is the enum's in snake case, or the one in `#[native(name = \"mood\")]`. Two enums cannot have one type, and a type cannot have the name of a table, because PostgreSQL makes a type for each table. Give one of them another name.";

    TABLE_REMOVED = K0201, "a table was removed",
        "Its rows would be lost. Restore the struct, write `#[renamed_from(\"old\")]` on the struct that replaces it, or cover the loss with a manual migration.";
    TABLE_CHANGED = K0202, "a table changed its layout or its name in the database",
        "Running programs use the table as it is. A manual migration moves the rows.";
    FIELD_REMOVED = K0203, "a field was removed",
        "Its values would be lost. Restore the field, write `#[renamed_from(\"old\")]` on the field that replaces it, or cover the loss with a manual migration.";
    TYPE_CHANGED = K0204, "a field changed its type",
        "Values of the old type may not fit the new type, and running programs read the old type. Convert the values in a manual migration.";
    KEY_CHANGED = K0205, "a table changed its primary key",
        "Rows are identified by their key, and references use it. Convert both in a manual migration.";
    NO_VALUE = K0206, "existing rows have no value for a field",
        "Give a value for them: `#[default(…)]` of a new field, in SQL `#[backfill = \"…\"]`, or in a manual migration. A default fills no row that has the field without a value. Or make the field an `Option`.";
    EXISTING_ROWS = K0207, "existing rows may violate a new constraint",
        "A new unique index, check or reference fails if existing rows violate it. A manual migration can fix the rows first.";
    RULE_CHANGED = K0208, "a constraint or default changed its meaning",
        "Rows that were refused, deleted or filled in before are treated differently now. Confirm it with a manual migration.";
    RENAME_HINT = K0209, "a renamed_from or removed names something unknown",
        "It names a field or table as kontract.lock.json has it, or the stored name of a variant. After the change is sealed the attribute may stay or be removed.";
    ENUM_VARIANT = K0210, "variants of an enum were removed or renamed",
        "Rows may have the old names. Write `#[renamed_from(\"old\")]` on the variant that replaces one, or replace the values in a manual migration.";
    BOOKKEEPING = K0211, "a bookkeeping column was added or removed",
        "Code relies on versions, owners, deletion marks and the order of rows. Convert the rows in a manual migration.";
    DEFAULT_REMOVED = K0212, "a default was removed",
        "Running programs may rely on it. Confirm with a manual migration that no program does.";
    DENIED = K0213, "kontract.toml denies a change",
        "By default it would pass. Cover it with a manual migration, or remove the line of its rule from kontract.toml.";
    PASSED = K0214, "a change passes with a warning",
        "It becomes part of the next migration. `kontract explain` with the rule in parentheses describes it; kontract.toml can set the rule to \"allow\" or to \"deny\".";
    IDLE_HINT = K0215, "a backfill has no effect",
        "A backfill gives existing rows a value when the field is added or becomes required. Both changes are sealed, so it has no effect: remove it.";

    LOCK_CORRUPT = K0301, "the lock file is damaged",
        "kontract.lock.json is not JSON, or has unknown keys. Restore the last good version: `git checkout kontract.lock.json`. Kontract does not write a new one instead, because it would describe an empty database.";
    LOCK_CONFLICT = K0302, "the lock file has merge-conflict markers",
        "Two branches sealed different migrations. Resolve the conflicts in the source, then run `kontract rebase`: the migrations of the branch that was released keep their numbers, those of the other branch follow. Then build, and `git add` the lock file and the migrations. A conflict in the draft alone is not an error: the build computes the draft again.";
    LOCK_NEWER = K0303, "the lock file was written by a newer version of Kontract",
        "Update the crates `kontract` and `kontract-build` to the version that wrote it.";
    LOCK_TABLE_EDITED = K0304, "a table in the lock file was edited by hand",
        "The hash of the table does not fit its content. The lock file describes the database, so editing it does not change the database. Restore the last good version, and change the struct instead.";
    LOCK_MIGRATION_EDITED = K0305, "a migration in the lock file was edited by hand",
        "Databases may have run it. Restore the last good version, and add a new migration instead.";
    LOCK_CHAIN = K0306, "the history in the lock file is broken",
        "Each migration names the previous one. One was removed, moved, or merged from another branch. Take one side of the merge and build again.";
    LOCK_STALE = K0307, "the lock file is not up to date and must not be written",
        "In continuous integration, in packages and on docs.rs the lock file is only read. Build once on your machine and commit kontract.lock.json.";
    LOCK_IO = K0308, "the lock file cannot be read or written",
        "The message has the reason that the operating system gives.";
    UNREADABLE_SOURCE = K0309, "a source file cannot be read",
        "Its tables stay in the lock file as they are until the file can be read.";
    DRAFT_IN_RELEASE = K0310, "a release build has unsealed changes",
        "A release build does not run drafts. Seal the changes first: `kontract migrate create NAME`, or `KONTRACT_SEAL=name cargo build`.";
    SEAL = K0311, "the draft cannot be sealed",
        "The name of a migration has lower-case letters, digits and `_`, and is unique. The source must be readable, and each dangerous change must be covered.";
    OUTPUT = K0312, "the build script cannot write its output",
        "The message has the reason that the operating system gives.";
    REBASE = K0313, "two branches sealed migrations that conflict",
        "Both branches made the next migration. If they change different tables, fields and indexes, `kontract rebase` puts ours after theirs; the message names what both change. Undo our migrations, merge the structs, and seal again.";
    CONFIG = K0314, "kontract.toml has an error",
        "It may have the lines `allow_widening = true`, `databases = [\"sqlite\"]`, `generators = [\"0.1.0\"]` and `history_key = \"app\"`, and in `[rules]` lines like `C18 = \"deny\"`, `I5 = \"warn\"` or `Y1 = \"allow\"`. Rules about data loss cannot be set to \"allow\".";
    LOCK_IDS = K0315, "`ids` in the lock file do not fit its tables",
        "Each field, member and variant has a number in FlatBuffers, and the numbers of removed ones are not used again. `ids` lists the numbers that differ from the position in the lock file. Only sealing changes them.";

    MIGRATION_NAME = K0401, "a file in migrations/ is not named like a migration",
        "A migration is `NNNN_name.sql` or `NNNN_name.rs`: a number, `_`, and a name of lower-case letters, digits and `_`. Anything else that ends in .sql or .rs would silently not run.";
    MIGRATION_MISSING = K0402, "a sealed migration file is missing",
        "The lock file has its checksum, and databases may have run it. Restore it from version control. If no database has run the newest migration, restore instead the kontract.lock.json from before it was sealed.";
    MIGRATION_EDITED = K0403, "a sealed migration file was changed",
        "Databases may have run the old version. Restore the file, and write a new migration. If no database has run the newest migration, restore instead the kontract.lock.json from before it was sealed; the file is then read again.";
    MIGRATION_NUMBER = K0404, "a migration file has the wrong number",
        "The next migration has the number after the version of the lock file, and each number has one file.";
    MIGRATION_FORM = K0405, "a migration file has an error",
        "It has a line `-- kontract: covers users.email:removed`, then the section `-- up` and optionally `-- down`. A section may be for one database: `-- up postgres`. A migration in Rust, `NNNN_name.rs`, has a line `//! kontract: covers users.email:removed`, and one `pub struct` without fields that implements `kontract::migrate::Migration`. Each migration runs in one transaction, so it must not begin or end one.";
    MIGRATION_COVERS = K0406, "a migration file covers the wrong changes",
        "It has to name each dangerous change, and no other.";
    NOT_ACCEPTED = K0407, "a migration loses data, and the loss is not accepted",
        "Covering a change is not enough if it destroys data; the loss has to be accepted too. For a removed field write `#[removed(\"email\")]` on the struct. Accept any other loss by the hash of the plan, which `kontract plan` shows: `kontract seal --accept HASH` writes it into the migration, as `-- kontract: accept HASH`. The hash covers the history, both schemas, the changes and the statements. If one of them changes, review the plan again and accept its new hash.";
    LINT = K0408, "a statement of a manual migration blocks others or loses data",
        "Kontract would generate another statement; `kontract explain` with the rule in parentheses gives the reason. The migration runs as it is written. A line `-- kontract: allow(I1) the table is small`, with the rule and a reason, accepts it: before the statement, or at the head of the file for all statements.";
    STATEMENTS_DIFFER = K0409, "a migration differs from what its changes generate",
        "The lock file has the statements of each migration, and the schema before it. Generated again, the statements must be equal; of a manual migration, those of its file with the generated ones around them. A difference means that the lock file was edited, perhaps in a pull request: restore it, and seal again. A newer version of Kontract can generate other statements for the same changes: `generators = [\"0.1.0\"]` in kontract.toml takes the statements of that version as they are.";
    UNREACHABLE = K0410, "the database cannot be reached, or the connection was lost",
        "Check host and port, and that the server is running. If the connection is lost during a statement that writes, it is unknown whether the statement took effect. Statements that only read are retried.";
    DATABASE_URL = K0411, "the address of the database is invalid",
        "It is `postgres://user:password@host:5432/database`, `sqlite:app.db`, `sqlite:///absolute/app.db` or `sqlite::memory:`. The message does not show the address, because it may have a password.";
    ACCESS_DENIED = K0412, "the server refused the user or the password",
        "Check both in the address of the database, and that the server lets this user connect from here (pg_hba.conf).";
    NO_DATABASE = K0413, "the database does not exist",
        "On PostgreSQL create it first: `createdb NAME`. On SQLite the file is created, unless the address has `?mode=rw` or `?mode=ro`.";
    NO_DIRECTORY = K0414, "the directory of the database file is missing, or the file cannot be opened",
        "Create the directory; SQLite creates only the file.";
    IS_DIRECTORY = K0415, "the path of the database is a directory",
        "An SQLite database is one file: name a file in that directory.";
    NOT_A_DATABASE = K0416, "the file is not an SQLite database",
        "It is another kind of file, or encrypted. It was not changed.";
    READ_ONLY = K0417, "the database cannot be written to",
        "The file, its directory or the disk is read-only, or the server is a standby.";
    DATABASE_NEWER = K0420, "the database is newer than the program",
        "A newer version of the program has migrated it. Run that version or a newer one; this one does not know the new meaning of the tables.";
    DATABASE_DIVERGED = K0421, "the database has run another history",
        "A migration with the same number has another content: this database was migrated by another branch, which sealed a different migration. Seal the changes of this branch again on top of that history.";
    HISTORY_DAMAGED = K0422, "the history in the database has a gap",
        "Rows of `_kontract_migrations` were removed or changed. Restore them from a backup; the program does not guess which migrations have run.";
    DRAFT_REFUSED = K0423, "unsealed changes are not applied to this database",
        "A draft changes with each edit. Seal it: `kontract migrate create NAME`, or `KONTRACT_SEAL=name cargo build`. A program with debug assertions applies drafts to SQLite, and to a server's database if `KONTRACT_ENV=development` is set.";
    DRAFT_STUCK = K0424, "a draft in the database cannot be rolled back",
        "The draft has changed, and its old version has no reverse. Create the database again, with `kontract refresh` or by hand: it was only for development.";
    MIGRATION_FAILED = K0425, "a statement of a migration failed",
        "The migration was rolled back: its statements and its row in the history are one transaction. The message has the statement and the database's error. A migration must not contain BEGIN, COMMIT or ROLLBACK.";
    MIGRATION_LOCKED = K0426, "another process is migrating the database",
        "One process migrates at a time; others wait for a minute. The message names the session that holds the lock.";
    DATABASE_DRIFTED = K0427, "the tables of the database differ from the lock file",
        "They were changed by hand, or a migration did not do what it should. The runner compares the tables before its first step with what the version of the database has left, after each manual migration, and at the end; a migration that fails the comparison is rolled back and not recorded. Undo changes made by hand, or seal a manual migration that does them with `IF EXISTS` and `IF NOT EXISTS`: tables that such statements name are not compared before it. `kontract migrate baseline VERSION` records a version that the tables are at already. Additions are harmless and not reported, except those with the name of something that a pending migration creates.";
    REFERENCES_BROKEN = K0428, "rows would violate a foreign key",
        "On SQLite a migration rebuilds or drops a table, and rows of another table would then refer to rows or to a table that does not exist, or would be deleted or emptied along with it. PostgreSQL refuses the same. Nothing was changed; drop the reference or fix the rows first.";
    EMBEDDED_LOCK = K0429, "the lock file in the program cannot be read",
        "Build the program again; the build script reports the error in the file.";
    NO_SCHEMA = K0430, "the connection has no schema to create tables in",
        "The first schema of the user's `search_path` does not exist. Create it.";
    TABLES_IN_THE_WAY = K0431, "the database already has different tables with these names",
        "It has no history of this package, but tables with its names. Existing tables are adopted if they fit the schema; these do not fit, and nothing was changed.";
    DRAFT_LOSES_DATA = K0432, "rolling back a changed draft would lose data",
        "A draft is rolled back before its new version is applied. The tables or fields that it added have data, which would be lost. Seal the draft that the database has, and continue from there; or take the draft back, `kontract migrate down --to VERSION --accept-data-loss` with the newest sealed version.";
    FOREIGN_COLUMN = K0433, "a migration would drop something that Kontract does not manage",
        "On SQLite most changes of a table rebuild it and copy the columns of the struct. A column that was added by hand, also a generated one, would be lost: make it a field of the struct, or save its data and drop it. A table that is removed takes its other columns, indexes and triggers along: drop them first, if they are no longer needed. Without AUTOINCREMENT on the key, ids could be reused: a manual migration can rebuild the table with it, or without. A full-text index with external content finds rows by their rowids, which a rebuild must keep. Nothing was changed.";
    TABLE_MISSING = K0434, "a table or a column is not in the database",
        "All migrations of the history have run, but a table or a column does not exist: it was dropped by hand, or the database was restored without it. A start reads only the newest row of the history (on SQLite, and in a program with debug assertions, also the tables). `kontract drift` shows every difference; `storage.verify()` does the same in a program.";
    MAY_NOT_CREATE = K0435, "the role may not create tables",
        "Migrations create tables and indexes, and the table with the history. Since PostgreSQL 15 a role may not create tables in the schema `public` by default. As the owner of the schema run `GRANT CREATE ON SCHEMA public TO role`. This is checked before the first change.";
    NOT_THE_OWNER = K0436, "the role does not own a table that a migration changes",
        "Only the owner of a table may change it. Migrate as that role, or become a member of it: `GRANT owner TO role`. This is checked before the first change, except for the other tables of a manual migration.";
    SERVER_TOO_OLD = K0437, "the server is too old",
        "Kontract needs PostgreSQL 13 or newer. Upgrade the server.";
    SQLITE_TOO_OLD = K0438, "the SQLite library is too old",
        "Kontract needs SQLite 3.38 or newer, and has its own by default. A build that links the system's library instead (`LIBSQLITE3_SYS_USE_PKG_CONFIG`) needs a newer one.";
    BROKEN_OFF_DIFFERS = K0440, "an interrupted migration differs from the program's",
        "A migration with several groups of statements was interrupted, and the program has other statements for its number. Continuing would mix both; a migration that was changed only behind what is done goes on by itself. `kontract migrate resolve` shows what was done, and `kontract migrate resolve --rolled-back` undoes it; or let the program that started it finish it.";
    STATEMENT_UNCLEAR = K0441, "a statement outside of a transaction was interrupted",
        "The program or its connection ended during the statement, and the database does not tell whether it took effect. Check it; then `kontract migrate resolve --done` continues after the statement, and `kontract migrate resolve --again` runs it again. Concurrent index builds, validations, VACUUM and ANALYZE are continued automatically.";
    BROKEN_OFF = K0442, "an interrupted migration has to be finished first",
        "Rolling back migrations and adopting tables need a state that the lock file describes. Run `kontract migrate up`, which continues the migration, or `kontract migrate resolve`, which shows how it can be undone; roll back unsealed changes with `kontract migrate down --to VERSION`, the newest sealed version.";
    NO_WAY_BACK = K0443, "a migration has no reverse",
        "Its changes have no reverse statement, or its file has no section `-- down`. Write a new migration instead.";
    WAY_BACK_LOSES_DATA = K0444, "rolling back a migration would lose data",
        "The tables or fields that it added have data. Save what is needed, and accept the loss: `kontract migrate down --to VERSION --accept-data-loss`.";
    NOTHING_TO_RESOLVE = K0445, "no interrupted migration or statement has to be resolved",
        "A migration that is one transaction is rolled back as a whole when it fails: fix its cause and run it again with `kontract migrate up`. Only a migration of several transactions can be interrupted in the middle. `--done` and `--again` are for a statement outside of a transaction whose effect is unknown. `kontract migrate status` shows the state of each migration.";
    NO_SUCH_VERSION = K0446, "the lock file has no migration of that version",
        "Versions are counted from 1; 0 is the empty database. `kontract migrate status` lists them.";
    LOCK_TIMEOUT = K0447, "KONTRACT_LOCK_TIMEOUT is not a number",
        "The variable KONTRACT_LOCK_TIMEOUT is the number of seconds that a starting program waits for another process that is migrating the same database.";
    LOCK_LOST = K0448, "the runner's lock was lost",
        "One runner migrates a database at a time. A runner checks that it holds its lock before each statement outside of a transaction, and before it writes its row in the history. On PostgreSQL a statement of a migration can release the lock (`pg_advisory_unlock_all()`, `DISCARD ALL`): remove it. Behind a pooler the lock is a lease, which expires if the runner is delayed for too long. On SQLite the locked file `…-migrate` beside the database was deleted or replaced. Committed changes stay; the runner did and recorded nothing else. `kontract migrate status` shows the state of the migration.";
    NEEDS_DIRECT = K0449, "a statement needs a direct connection",
        "With PgBouncer's `pool_mode = transaction` each transaction may use another session, so no lock can be held during a statement outside of a transaction, like CREATE INDEX CONCURRENTLY. Run the migrations with the address of the server, `kontract migrate up --database-url …`, or of a pool in session mode; the program may keep using the pooler.";
    TABLE_BLOCKED = K0450, "another session holds a lock on a table that a migration changes",
        "A migration waits a few seconds for the lock, releases its place in the queue, and retries five times. The message names the sessions that hold the lock, and since when. End them or wait for them, and start again; `SELECT pg_terminate_backend(pid)` ends a session.";
    NOT_TRUSTED = K0451, "an object of another role would be used instead of ours",
        "Names without a schema are looked up along `search_path`. A role that may create objects in one of its schemas can have its code run with the rights of the migrating role: by a function or operator with the name of a built-in one that fits better, by a trigger on a table that exists before `_kontract_migrations` is created, by a schema with the role's name. Trusted are the owner of the database, superusers, the role itself, roles that it is a member of, and members of it. Drop the object that the message names if it is unknown; otherwise remove its schema from `search_path`, or become a member of its owner. To prevent it: `REVOKE CREATE ON SCHEMA public FROM PUBLIC`, which is the default since PostgreSQL 15.";
    RUST_MIGRATION = K0460, "a migration in Rust can only run in the program",
        "The command `kontract` has the lock file, but not the program's code. Start the program, which runs pending migrations; or give it a command that calls `Storage::migrator(url)`, whose `up`, `down`, `redo` and `status` are those of `kontract migrate`. `kontract migrate up --to VERSION` runs the migrations before it. To test the history, call `up` on an empty database in a test of the program: it compares the tables at the end.";
    EXTERNAL_DIFFERS = K0461, "an external table does not exist, or differs from its struct",
        "Before a migration runs, each table with `#[table(external)]` is compared with its struct, by columns and types, because references to it could fail or be wrong. Create the table first, connect to the database that has it, or change the struct. Nothing was changed.";
    ROWS_IN_THE_WAY = K0462, "rows violate a coming change",
        "Before a generated migration starts, rows that violate its constraints or types are looked for: duplicates for a new unique index, NULL in a field that becomes required, references to missing rows, values that a check or an enum refuses. Where tables are adopted on SQLite, whose keys may allow NULL, rows without a key are looked for. Nothing was changed. Fix the rows that the message names, or fix them in a manual migration, and start again.";
    TABLE_OF_ANOTHER = K0463, "a table belongs to another package",
        "Packages may share a database: each has its own rows in `_kontract_migrations`, and the newest lists its tables. No other package creates or adopts such a table, because both would change and drop it. To use the other package's table, describe it with `#[table(external)]`; for a table of your own, give it another name, `#[table(name = \"…\")]`. To hand a table over, the old package first declares it `#[table(external)]` and runs that migration. If the package was renamed, or split from the other one, `kontract migrate adopt-history --from KEY` moves the history or the tables; `history_key` in kontract.toml keeps the former name instead.";
    OBJECT_BROKEN = K0464, "a trigger, view or generated column would no longer work",
        "On SQLite a migration can drop or rename what a trigger, view or full-text table uses, and SQLite would notice at the next statement of the application. After each migration the runner compiles every view, and the statements that fire triggers. What worked before and would fail now is an error, and the migration is rolled back. A generated column of others that uses a dropped column is an error, too. Drop what is named, run the migration, and create it again in a form that fits; a manual migration can do all of it.";
    CANNOT_UNDO = K0465, "an interrupted migration cannot be undone by the command",
        "`kontract migrate resolve --rolled-back` runs the way back of the migration and compares the tables with those before it. It refuses where the migration has no way back, where only a part of it is done and its way back changes rows, and where the tables differ afterwards; then it has changed nothing. Undo by hand what the message names, then `kontract migrate resolve --rolled-back --by-hand`, which runs nothing and compares. `kontract migrate up` finishes the migration instead; if it was finished by hand, `kontract migrate resolve --applied` compares the tables and records it.";
    TOO_MANY_LOCKS = K0466, "a migration needs more locks than the server has room for",
        "PostgreSQL keeps a lock for each table and index that a transaction creates, changes or drops, and has room for about `max_locks_per_transaction` times the number of its connections. A transaction with more of them fails half-way with \"out of shared memory\". Before the first change the runner counts what each migration creates and drops. Raise `max_locks_per_transaction` in `postgresql.conf` and restart the server, or seal the changes as several migrations. An empty database gets all tables in one transaction; `kontract migrate up --to VERSION` runs the history in parts.";
    NO_EXTENSION = K0467, "the server does not have an extension",
        "A pending migration has `CREATE EXTENSION`, and `pg_available_extensions` does not list the extension: its files are not installed on the server. Install its package there, or remove the statement and what needs it. This is checked before the first change.";
    HISTORY_NOT_ADOPTED = K0468, "a history cannot be adopted",
        "`kontract migrate adopt-history --from KEY` is for a package that was renamed, or split from another one, in a database that has no history under its new key. `KEY` is a value of the column `package` in `_kontract_migrations`: the former name of the package, or its `history_key`. If the lock file begins with the migrations of that history, its rows move; otherwise the tables of the lock file do, after a comparison. `--dry-run` shows which.";
}
