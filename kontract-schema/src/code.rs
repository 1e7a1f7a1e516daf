//! The codes of all messages: what each means and how to mend it.
//!
//! Blocks of a hundred: K00xx attributes and types, K01xx the whole schema, K02xx changes since the
//! lock, K03xx the lock file, K04xx migrations and databases. A number is never used again for
//! something else.

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
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// One line: what is wrong.
    pub title: &'static str,
    /// Why it matters and how to mend it.
    pub text: &'static str,
}

/// The explanation of a code, `K0203`.
pub fn explain(code: &str) -> Option<&'static Explanation> {
    ALL.iter().find(|explanation| explanation.code.0 == code)
}

macro_rules! codes {
    ($($name:ident = $code:ident, $title:literal, $text:literal;)*) => {
        $(#[doc = $title] pub const $name: Code = Code(stringify!($code));)*
        /// Every code, in the order of the numbers.
        pub const ALL: &[Explanation] =
            &[$(Explanation { code: $name, title: $title, text: $text }),*];
    };
}

codes! {
    WRONG_ITEM = K0001, "only a struct with named fields can be a table or a document",
        "A row is a set of named fields. Tuple structs, unit structs, unions and (for tables) enums have none. Write `struct User { #[primkey] id: String, … }`; an enum without data can be a field with `#[derive(Enum)]`.";
    GENERIC_ITEM = K0002, "a table, document or enum has no generic parameters",
        "One table has one set of column types. Write the concrete types; instead of a reference, own the value (`String`, `Vec<T>`).";
    NO_KEY = K0003, "a table has no primary key",
        "Rows are addressed by their key. Mark one field `#[primkey]`, or in the columns layout name several with `#[table(primary_key(a, b))]`. No field is taken silently: reordering fields must not change identity.";
    TWO_KEYS = K0004, "a table has two primary keys",
        "One field is the key. For a key of several fields use `#[table(layout = \"columns\", primary_key(a, b))]`.";
    KEY_TYPE = K0005, "a type cannot be a primary key",
        "A key is a String, an integer, a Uuid or a Timestamp. Floating-point numbers have values that do not equal themselves, an Option has rows without a key, lists and documents have no order.";
    UNSUPPORTED_TYPE = K0006, "a type has no column type",
        "Supported are String, bool, i8 … i64, u8 … u32, f32, f64, Vec<u8>, Bytes, Timestamp, Uuid, Decimal, Json, the dates of jiff, chrono and time, enums with #[derive(Enum)], structs with #[derive(Document)], Option<T> and Vec<T> of these. Any other type needs `#[column(sql_type = \"…\")]` and an implementation of `kontract::value::Value`. Type aliases are not followed: write the type itself.";
    UNKNOWN_ATTRIBUTE = K0007, "an attribute is not known",
        "Attributes of fields: primkey, perm, references, unique, index, default, check, created_at, updated_at, backfill, renamed_from, column. Of structs: table, perm, renamed_from, removed. Of variants: renamed_from.";
    ATTRIBUTE_FORM = K0008, "an attribute has the wrong form or stands in the wrong place",
        "The message shows the form that is expected.";
    DUPLICATE_ATTRIBUTE = K0009, "an attribute stands twice",
        "Only one of them could count. Remove the other.";
    RESERVED_NAME = K0010, "a name is reserved",
        "`_version`, `_txid`, `_owner`, `_deleted_txid` and `_order` are Kontract's own columns; `xmin`, `ctid` and others PostgreSQL's; `rowid` and `_rowid_` SQLite's. Tables do not begin with `sqlite_`, `pg_` or `_kontract`. Give another name with `#[column(name = \"…\")]` or `#[table(name = \"…\")]`.";
    LONG_NAME = K0011, "a name is longer than 63 bytes",
        "PostgreSQL cuts longer names without a word, so that two may become one. Give a shorter one with `#[column(name = \"…\")]` or `#[table(name = \"…\")]`.";
    DUPLICATE_COLUMN = K0012, "two fields have the same column or JSON key",
        "SQLite does not distinguish case, so neither does Kontract.";
    SERDE = K0013, "a serde attribute cannot be followed",
        "Kontract computes the JSON that serde writes: the keys it checks, indexes and compares with the lock. rename, rename_all, alias and default are followed; what changes the shape (flatten, skip, with, tag, untagged, transparent …) is not.";
    PERM = K0014, "permissions are invalid",
        "Three places for read, write and execute: `R__`, `_W_`, `RW_`, `RWX` … Fields have no execute bit; the key can always be read.";
    DEFAULT_VALUE = K0015, "a default does not fit its field",
        "A default is a literal of the field's type, or for an enum a variant: `#[default(0)]`, `#[default(\"new\")]`, `#[default(Status::Draft)]`.";
    LAYOUT = K0016, "an attribute needs the other layout",
        "References, checks and chosen bookkeeping columns belong to `#[table(layout = \"columns\")]`; a document table has every bookkeeping column and keeps its fields in JSON.";
    INDEX_TYPE = K0017, "a field cannot be indexed like this",
        "Lists, documents and JSON have no order, and a floating-point number may not equal itself. What they contain is found by an index of the method gin, on PostgreSQL: `#[index(method = \"gin\")]`; it takes only them, knows no order and is never unique.";
    UNKNOWN_FIELD = K0018, "an attribute names a field that the struct does not have",
        "Name the Rust field, not the column.";
    STAMP = K0019, "a kept time has the wrong type",
        "`#[created_at]` and `#[updated_at]` are for fields of type Timestamp, of a point in time of jiff, chrono or time, or of type String, which keeps the time in UTC as ISO 8601 has it: `2026-01-15T10:30:00.000Z`.";
    VARIANT = K0020, "an enum variant cannot be stored",
        "An enum is stored by the name of its variant, so variants carry no data; names have no comma, parenthesis, quote or control character.";
    NO_BUILD_SCRIPT = K0021, "the package has no Kontract build script",
        "The build script compares the structs with kontract.lock.json. Without it nothing guards the data, so the derive refuses. Add `kontract-build` to [build-dependencies] and `fn main() { kontract_build::compile(); }` to build.rs. A table that is never migrated can say `#[table(standalone)]`.";
    NOT_SEEN = K0022, "the build script did not see a struct, or saw another",
        "The build script reads source files; a struct made by a macro, inside a function, or in a file outside the module tree does not exist for it. Move it to a module, name its file with `kontract_build::Builder::root`, or say `#[table(standalone)]`.";
    STANDALONE = K0023, "a standalone table cannot know a type",
        "The variants of an enum and the members of a document are only known to the build script.";
    EXTERNAL = K0024, "an attribute means nothing on a table that others manage",
        "`#[table(external)]` describes a table that is there: it can be queried and referred to, and no migration creates, changes or drops it. So it takes no references, checks, indexes or hints; `#[unique]` may say to which fields others can refer.";
    UNKNOWN_COLUMN = K0025, "SQL names a column that the table does not have",
        "The SQL of an index knows the columns of its own table and nothing else: the names of the fields, or those of `#[column(name = \"…\")]`; in a table of the document layout the keys of the JSON. A text stands in single quotes.";

    DUPLICATE_TABLE = K0101, "two structs map to one table",
        "Give one of them another name with `#[table(name = \"…\")]`.";
    UNKNOWN_REFERENCE = K0102, "a reference names a struct that is no table",
        "The target is a struct with `#[derive(Table)]` in the same package.";
    REFERENCE_TYPE = K0103, "a reference has another type than its target",
        "Both columns must have the same type, and the target must be its table's key or unique: by a unique index on exactly these fields, with all rows in it.";
    UNKNOWN_TYPE = K0104, "a type is neither supported nor derived",
        "Derive `Enum` or `Document` for it, or give `#[column(sql_type = \"…\")]`.";
    AMBIGUOUS_TYPE = K0105, "a type name stands for several types",
        "Write the path: `crate::models::Status`.";
    RECURSIVE_DOCUMENT = K0106, "a document contains itself",
        "Its shape would have no end. Use a reference to a table, or a Json field.";
    DUPLICATE_NAME = K0107, "two indexes or constraints have the same name",
        "Give one of them another with `name = \"…\"`.";
    CYCLE = K0108, "tables refer to each other in a cycle that cannot be filled",
        "Make one of the references optional, so that a first row can be inserted.";
    CFG = K0109, "a cfg cannot be decided",
        "The build script knows cargo's features and target cfgs. For any other condition it cannot know whether the table exists, and does not guess.";
    HIDDEN_STRUCT = K0110, "the crate root cannot name a table's struct",
        "The registry stands in the crate root. Make the struct `pub(crate)` and its modules visible, or re-export it.";
    CFG_OFF = K0111, "a cfg switches off what the database has",
        "One lock file serves all builds, and keeps the condition of each table and field under a `cfg`. Where a build does not have it, it stays in the database as it is: no build takes away what another one has. Such a build inserts rows without the field, which therefore is an `Option` or has a default. To remove it, remove it from the source, and build with the condition on.";

    TABLE_REMOVED = K0201, "a table was removed",
        "Its rows would be lost. Restore the struct, say `#[renamed_from(\"old\")]` on the struct that took its place, or cover the loss with a manual migration.";
    TABLE_CHANGED = K0202, "a table changed its layout or its name in the database",
        "Running programs use the table as it is. A manual migration moves the rows.";
    FIELD_REMOVED = K0203, "a field was removed",
        "Its values would be lost. Restore the field, say `#[renamed_from(\"old\")]` on the field that took its place, or cover the loss with a manual migration.";
    TYPE_CHANGED = K0204, "a field changed its type",
        "Values of the old type may not fit the new, and running programs read the old one. A manual migration says how each value is converted.";
    KEY_CHANGED = K0205, "a table changed its primary key",
        "Rows are found, and referred to, by their key. A manual migration says what becomes of both.";
    NO_VALUE = K0206, "existing rows have no value for a field",
        "Say which: `#[default(…)]`, in SQL `#[backfill = \"…\"]`, or make the field an `Option`, or fill it in a manual migration.";
    EXISTING_ROWS = K0207, "existing rows may break a new rule",
        "A unique index, check or reference fails when rows are there that do not keep it. A manual migration mends them first.";
    RULE_CHANGED = K0208, "a rule of the table changed its meaning",
        "What is refused, deleted or filled in from now on is not what it was. A manual migration says that it is meant.";
    RENAME_HINT = K0209, "a renamed_from or removed cannot be followed",
        "It names what the field or table was called in kontract.lock.json, or the variant stored as. Once the change is sealed the attribute may stay or go.";
    ENUM_VARIANT = K0210, "variants of an enum were removed or renamed",
        "Rows may hold the old names. Say `#[renamed_from(\"old\")]` on the variant that took the place of one, or replace them in a manual migration.";
    BOOKKEEPING = K0211, "a bookkeeping column was added or removed",
        "Code relies on versions, owners, deletion marks and places. A manual migration says what becomes of the rows.";
    DEFAULT_REMOVED = K0212, "a default was removed",
        "Programs that run already rely on it. A manual migration says that none does any more.";
    DENIED = K0213, "kontract.toml denies a change",
        "By default it would pass. Cover it with a manual migration, or take the line of its rule out of kontract.toml.";
    PASSED = K0214, "a change passes that one should know of",
        "It becomes part of the next migration. `kontract explain` with the rule that stands in parentheses says what it means; `kontract.toml` sets the rule to \"allow\", or to \"deny\".";
    IDLE_HINT = K0215, "a backfill has nothing to fill",
        "It gives a value to rows that are there when the field comes, or when it becomes required. Both are done, so that nobody follows it any more: remove it.";

    LOCK_CORRUPT = K0301, "the lock file is damaged",
        "kontract.lock.json is not JSON, or has keys that a lock file does not have. Take back the last good version: `git checkout kontract.lock.json`. It is never made anew silently, because a new one would say that the database is empty.";
    LOCK_CONFLICT = K0302, "the lock file has merge-conflict markers",
        "Two branches changed it. Take one side whole (`git checkout --ours kontract.lock.json` or `--theirs`) and build: the changes of the other side are computed again as the draft. If both sides sealed a migration, seal the other one again on top.";
    LOCK_NEWER = K0303, "the lock file was written by a newer version of Kontract",
        "Update the crates `kontract` and `kontract-build` to the version that wrote it.";
    LOCK_TABLE_EDITED = K0304, "a table in the lock file was edited by hand",
        "The hash of the table does not fit what stands there. The lock file says what the database looks like, so it cannot be right by editing it. Take back the last good version, and change the struct instead.";
    LOCK_MIGRATION_EDITED = K0305, "a migration in the lock file was edited by hand",
        "Databases have already run it as it was. Take back the last good version, and add a new migration instead.";
    LOCK_CHAIN = K0306, "the history in the lock file is broken",
        "Each migration names the one before. One was removed, moved, or merged from another branch. Take one side of the merge whole and build again.";
    LOCK_STALE = K0307, "the lock file is not up to date and must not be written",
        "In continuous integration, in packages and on docs.rs the lock file is only read. Build once on your machine and commit kontract.lock.json.";
    LOCK_IO = K0308, "the lock file cannot be read or written",
        "The message names the system's reason.";
    UNREADABLE_SOURCE = K0309, "a source file cannot be read",
        "Its tables stay as they are in the lock file until it can.";
    DRAFT_IN_RELEASE = K0310, "a release build has changes that are not sealed",
        "A release refuses to run them. Seal them first: `kontract migrate create NAME`, or `KONTRACT_SEAL=name cargo build`.";
    SEAL = K0311, "the draft cannot be sealed",
        "A migration needs a name of lower-case letters, digits and `_` that no other has, a source that can be read, and no dangerous change that is uncovered.";
    OUTPUT = K0312, "the build script cannot write its output",
        "The message names the system's reason.";
    REBASE = K0313, "two branches sealed migrations that cannot follow one another by themselves",
        "Both made the next migration. Where they touch different tables, fields and indexes, `kontract rebase` puts ours on top of theirs; the message names what both touch. Take our migrations back there, merge the structs, and seal again.";
    CONFIG = K0314, "kontract.toml cannot be followed",
        "It has a line `allow_widening = true`, and below `[rules]` lines like `C18 = \"deny\"`, `I5 = \"warn\"` or `Y1 = \"allow\"`. Rules that lose data cannot be allowed.";
    LOCK_IDS = K0315, "`ids` in the lock file do not fit its tables",
        "Each field, member and variant has one number in FlatBuffers, and what was removed keeps its own: `ids` lists them where they are not those of the places in the lock file. Only sealing changes them.";

    MIGRATION_NAME = K0401, "a file in migrations/ is not named like a migration",
        "A migration is `NNNN_name.sql` or `NNNN_name.rs`: a number, `_`, and a name of lower-case letters, digits and `_`. Anything else that ends in .sql or .rs would silently not run.";
    MIGRATION_MISSING = K0402, "a sealed migration file is missing",
        "The lock file records its checksum, and databases may have run it. Restore it from version control. The newest migration, while no database has run it, can be withdrawn instead: take kontract.lock.json back from before it was sealed.";
    MIGRATION_EDITED = K0403, "a sealed migration file was changed",
        "Databases may have run it as it was. Restore it, and write a new migration. The newest migration, while no database has run it, can be withdrawn instead: take kontract.lock.json back from before it was sealed, and the file is read anew.";
    MIGRATION_NUMBER = K0404, "a migration file has the wrong number",
        "The next migration has the number after the lock file's version, and there is one of each.";
    MIGRATION_FORM = K0405, "a migration file cannot be read",
        "It has a line `-- kontract: covers users.email:removed`, then the sections `-- up` and, where there is a way back, `-- down`; a section may be for one database: `-- up postgres`. One in Rust, `NNNN_name.rs`, has a line `//! kontract: covers users.email:removed`, and one `pub struct` without fields that implements `kontract::migrate::Migration`. Each migration runs in one transaction, which it neither begins nor ends.";
    MIGRATION_COVERS = K0406, "a migration file covers something else than what needs it",
        "It has to name each dangerous change, and nothing else, so that a reader knows what it was written for.";
    NOT_ACCEPTED = K0407, "a migration loses data, and nobody has accepted that",
        "A migration that was read is one word for it, and what destroys data takes two. Of a field that goes, the struct says `#[removed(\"email\")]`. Everything else is accepted by the hash of the plan, which `kontract plan` shows: `kontract seal --accept HASH` writes it into the migration, as `-- kontract: accept HASH`. The hash is over the history, both schemas, the changes and the statements: where one of them changes, look at the plan again, and accept that one.";
    LINT = K0408, "a statement of a manual migration holds others up, or loses something",
        "It would be done in another way if Kontract made the statement, as the rule in parentheses says: `kontract explain` with it says why. The migration runs as it is written. A line `-- kontract: allow(I1) the table is small`, with the rule and a reason, says that it is meant: before the statement, or at the head of the file for all of them.";
    UNREACHABLE = K0410, "the database cannot be reached, or the connection was lost",
        "Check host and port, and that the server is running. Where a connection is lost in the middle of a statement that writes, nobody knows whether it took effect; statements that only read are run again by themselves.";
    DATABASE_URL = K0411, "the address of the database cannot be understood",
        "It is `postgres://user:password@host:5432/database`, `sqlite:app.db`, `sqlite:///absolute/app.db` or `sqlite::memory:`. The message does not show it, because it may hold a password.";
    ACCESS_DENIED = K0412, "the server refused the user or the password",
        "Check both in the address of the database, and that the server lets this user connect from here (pg_hba.conf).";
    NO_DATABASE = K0413, "there is no database at that address",
        "On PostgreSQL create it first: `createdb NAME`. On SQLite the file is created, unless the address says `?mode=rw` or `?mode=ro`.";
    NO_DIRECTORY = K0414, "the directory of the database file is missing, or the file cannot be opened",
        "Create the directory; SQLite creates only the file.";
    IS_DIRECTORY = K0415, "the path of the database is a directory",
        "An SQLite database is one file: name a file in that directory.";
    NOT_A_DATABASE = K0416, "the file is not an SQLite database",
        "It is something else, or encrypted. It is not touched.";
    READ_ONLY = K0417, "the database cannot be written to",
        "The file, its directory or the disk is read-only, or the server is a standby.";
    DATABASE_NEWER = K0420, "the database is newer than the program",
        "Another version of the program has migrated it. Run that one or a newer one; an old program would not know what the tables now mean.";
    DATABASE_DIVERGED = K0421, "the database has run another history",
        "A migration of the same number has another content: two branches sealed different ones. The database belongs to the other branch; seal this branch's changes again on top of that history.";
    HISTORY_DAMAGED = K0422, "the history in the database has a hole",
        "Rows of `_kontract_migrations` were removed or changed. Restore them from a backup; the program does not guess what was run.";
    DRAFT_REFUSED = K0423, "this database takes no changes that are not sealed",
        "A draft changes with every keystroke. Seal it: `kontract migrate create NAME`, or `KONTRACT_SEAL=name cargo build`. A program with debug assertions takes it into SQLite, and into a server's database where `KONTRACT_ENV=development` is set.";
    DRAFT_STUCK = K0424, "a draft that the database has taken in cannot be taken back",
        "The draft has changed since, and has no way back. Make the database anew, `kontract refresh` or by hand: it was only for development.";
    MIGRATION_FAILED = K0425, "a statement of a migration failed",
        "Nothing of that migration was done: its statements and its row in the history are one transaction. The message names the statement and what the database said. A migration must not hold BEGIN, COMMIT or ROLLBACK.";
    MIGRATION_LOCKED = K0426, "another program is migrating the database and does not end",
        "One program migrates at a time, the others wait for a minute. The message names the session that holds the lock.";
    DATABASE_DRIFTED = K0427, "the tables of the database are not what the lock file says",
        "Somebody changed them by hand. Change them back, or seal a manual migration that does what was done. What was only added does no harm and is not reported.";
    REFERENCES_BROKEN = K0428, "rows would refer to rows that are not there",
        "A migration rebuilds a table, and afterwards references to it would not hold. Nothing was changed; mend the rows first.";
    EMBEDDED_LOCK = K0429, "the lock file in the program cannot be read",
        "Build the program again; the build script says what is wrong with the file.";
    NO_SCHEMA = K0430, "the connection has no schema to create tables in",
        "The first schema of the user's `search_path` does not exist. Create it.";
    TABLES_IN_THE_WAY = K0431, "the database has tables of these names that are different",
        "It has no history of this package, but tables of its names. They are taken over where they are what is wanted; here they are not, and nothing was touched.";
    DRAFT_LOSES_DATA = K0432, "a changed draft cannot be taken back without losing data",
        "A draft is taken back before the changed one goes in. Where tables or fields that it added hold something by now, that would destroy it. Seal the draft that the database has, and go on from there; or make the development database anew.";
    FOREIGN_COLUMN = K0433, "a table with something that is not Kontract's would be made anew",
        "On SQLite most changes of a table make it anew and copy what the struct names. Somebody added another column by hand, also a generated one, and it would be gone: make it a field of the struct, or save its data and drop it. A key with AUTOINCREMENT would give numbers out again: a manual migration can make the table anew with it, or without. Nothing was changed.";
    TABLE_MISSING = K0434, "a table or a column is not in the database",
        "The history says that all migrations were run, but a statement met a table or a column that is not there: somebody changed the database by hand, or it was restored without it. A start looks at the newest row of the history only (on SQLite, and in a program with debug assertions, at the tables too). `kontract drift` shows every difference; `storage.verify()` does the same in a program.";
    MAY_NOT_CREATE = K0435, "the role may not create tables",
        "Migrations create tables and indexes, and the table with the history. Since PostgreSQL 15 a role may not create in the schema `public` unless somebody allows it: as the owner of the schema, `GRANT CREATE ON SCHEMA public TO role`. This is looked up before the first change.";
    NOT_THE_OWNER = K0436, "the role does not own a table that is to be changed",
        "Only the owner of a table changes it. Migrate as that role, or become a member of it: `GRANT owner TO role`. This is looked up before the first change; what a manual migration changes besides is not known before.";
    SERVER_TOO_OLD = K0437, "the server is too old",
        "Kontract needs PostgreSQL 13 or newer. Upgrade the server.";
    SQLITE_TOO_OLD = K0438, "the SQLite library is too old",
        "Kontract needs SQLite 3.38 or newer, and usually brings its own. A build that links the system's library instead (`LIBSQLITE3_SYS_USE_PKG_CONFIG`) has to have a newer one.";
    BROKEN_OFF_DIFFERS = K0440, "a migration that was broken off is another one in the program",
        "A migration of several groups of statements was begun and not ended, and the program has other statements under its number. Going on with them would mix both. Let the program end it that has begun it; or undo what was done by hand, and delete its row of `_kontract_migrations`.";
    STATEMENT_UNCLEAR = K0441, "a statement outside of a transaction was broken off",
        "The program, or its connection, ended while the statement ran, and the database does not say whether it took effect. Look; then `kontract migrate repair --done` goes on after it, and `kontract migrate repair --again` runs it again. Indexes that are made concurrently, validations, VACUUM and ANALYZE are continued without asking.";
    BROKEN_OFF = K0442, "a migration was broken off and has to be ended first",
        "Migrations are taken back, and tables taken over, from a state that the lock file describes. Run `kontract migrate up`, which goes on where it stopped; changes that are not sealed are taken back with `kontract migrate down`.";
    NO_WAY_BACK = K0443, "a migration says no way back",
        "Its changes cannot be undone by a statement that Kontract knows, or its file has no section `-- down`. A new migration can do what is needed.";
    WAY_BACK_LOSES_DATA = K0444, "taking a migration back would lose data",
        "What it added holds something by now. Save what is needed, and accept the loss: `kontract migrate down --accept-data-loss`.";
    NOTHING_TO_REPAIR = K0445, "no statement is unclear",
        "Only a statement outside of a transaction that was broken off has to be decided by hand. What was broken off otherwise goes on by itself: `kontract migrate up`.";
    NO_SUCH_VERSION = K0446, "the lock file has no migration of that version",
        "Versions are counted from 1; 0 is the empty database. `kontract migrate status` lists them.";
    LOCK_TIMEOUT = K0447, "the patience of the runner is not a number",
        "The variable KONTRACT_LOCK_TIMEOUT says for how many seconds a program that starts waits for another one that is migrating the same database.";
    LOCK_LOST = K0448, "the runner's lock was lost",
        "Only one runner at a time migrates a database. A runner proves that it holds its lock before each statement outside a transaction, and when it writes its row in the history. On PostgreSQL a statement of a migration can release the lock (`pg_advisory_unlock_all()`, `DISCARD ALL`): remove it. Behind a pooler the lock is a lease, which expires when the runner is delayed for too long. On SQLite the locked file `…-migrate` beside the database was deleted or replaced. What was committed before stays; the runner did nothing else and recorded nothing else. `kontract migrate status` shows how far the migration is.";
    NEEDS_DIRECT = K0449, "a statement needs a direct connection",
        "Through a pooler that gives each transaction another session of the server (PgBouncer's `pool_mode = transaction`), no lock can be held while a statement runs that is in no transaction, like CREATE INDEX CONCURRENTLY. Run the migrations with the address of the server itself, `kontract migrate up --database-url …`, or of a pool in session mode; the program may go on using the pooler.";
    TABLE_BLOCKED = K0450, "somebody else holds a table that a migration changes",
        "A migration waits a few seconds for a table, lets those behind it pass, and tries again, five times. The message names the sessions that held it, and since when. End them or wait for them, and start again; `SELECT pg_terminate_backend(pid)` ends one.";
    NOT_TRUSTED = K0451, "something of another role's would be taken for ours",
        "Names without a schema are looked up along `search_path`. Who may create something in a schema of it can have statements run in the name of those who migrate: by a function or an operator that has a name of the server's and fits better, by a trigger on a table that is there before `_kontract_migrations` is made, by a schema that has the role's name. Trusted are the owner of the database, superusers, the role itself, and roles that it is a member of or that are members of it. Drop what the message names if nobody knows it; otherwise leave its schema out of `search_path`, or become a member of its owner. So that it cannot be made: `REVOKE CREATE ON SCHEMA public FROM PUBLIC`, which is the default since PostgreSQL 15.";
    RUST_MIGRATION = K0460, "a migration is Rust, which only the program can run",
        "The command `kontract` has the lock file and not the program's code. Start the program, which runs what is pending; or give it a command of its own that calls `Storage::migrator(url)`, whose `up`, `down`, `redo` and `status` are those of `kontract migrate`. `kontract migrate up --to VERSION` runs what is before it. To see that the history leads to the structs, let a test of the program call `up` on an empty database: it compares the tables at the end.";
    EXTERNAL_DIFFERS = K0461, "a table that others manage is not there, or not as the struct says",
        "Before a migration runs, each table with `#[table(external)]` is looked up, with its columns and their types: what refers to it could not be created, or would refer to something else. Create the table first, connect to the database that has it, or change the struct to what is there. Nothing was changed.";
    ROWS_IN_THE_WAY = K0462, "rows stand against a migration",
        "Before a generated migration begins, the rows are looked for that its constraints or types would not take: double values below a new unique index, a field without a value that becomes required, references to nothing, what a check or an enum refuses. Nothing was changed. Mend the rows that the message names, or let a manual migration do it, and start again.";
    TABLE_OF_ANOTHER = K0463, "a table belongs to another package",
        "Packages may share a database: each has its own rows in `_kontract_migrations`, and the newest lists its tables. No other package makes or takes over a table that stands there, because both would change and drop it. To read and write the other package's table, describe it with `#[table(external)]`; to have one of your own, give it another name, `#[table(name = \"…\")]`. A package that hands a table over says `#[table(external)]` first, and its migration has to have run. Where the package itself has a new name, its history has to follow: `UPDATE _kontract_migrations SET package = 'new' WHERE package = 'old'`.";
}
