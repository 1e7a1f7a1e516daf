//! What each rule means: what changed, why it is judged as it is, what each database does, and what
//! to do. The table is as long as the list of ids that the rules use; a test holds them together.

use crate::dialect::Dialect;

/// The explanation of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// Its id, `C14`.
    pub rule: &'static str,
    /// What changed, in one line.
    pub title: &'static str,
    /// Why it is judged as it is.
    pub why: &'static str,
    /// What PostgreSQL does.
    pub postgres: &'static str,
    /// What SQLite does.
    pub sqlite: &'static str,
    /// What to do; empty where there is nothing to do.
    pub mend: &'static str,
}

impl Explanation {
    /// What a database does.
    pub fn of(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Postgres => self.postgres,
            Dialect::Sqlite => self.sqlite,
        }
    }
}

/// The explanation of a rule, by its id.
pub fn explain(rule: &str) -> Option<&'static Explanation> {
    ALL.iter().find(|explanation| explanation.rule.eq_ignore_ascii_case(rule))
}

macro_rules! explanations {
    ($($rule:literal $title:literal, $why:literal; $postgres:expr; $sqlite:expr; $mend:expr;)*) => {
        /// Every rule, in the order of the subjects.
        pub const ALL: &[Explanation] = &[$(Explanation {
            rule: $rule, title: $title, why: $why, postgres: $postgres, sqlite: $sqlite, mend: $mend,
        }),*];
    };
}

/// A column takes another type there.
const REWRITE: &str =
    "ALTER COLUMN … TYPE rewrites the table and its indexes; nobody reads or writes it meanwhile.";
/// The same on SQLite.
const REBUILD: &str = "The table is rebuilt, one copy of its rows.";
/// The remedy of most changes of types.
const CONVERT: &str = "Keep the type, or convert the values in a manual migration: `kontract migrate create` writes it ready-made.";
const NOTHING: &str = "No statement runs.";
const NONE: &str = "";

explanations! {
    "T1" "a table is new", "Nothing refers to it yet.";
        "CREATE TABLE. Writes to tables that it refers to wait for a moment.";
        "CREATE TABLE."; NONE;
    "T3" "a table was removed", "Its rows would be gone.";
        "DROP TABLE; it fails where views or references depend on the table.";
        "DROP TABLE; with foreign keys on it deletes the rows first, and what refers to them.";
        "Restore the struct, or drop the table in a manual migration.";
    "T5" "a table was removed, and one with the same fields added", "It may be the same table under a new name. Dropped and created, its rows would be gone.";
        "Nothing, until it is said which of the two it is."; "The same.";
        "Say so on the new struct, `#[renamed_from(\"old\")]`, or cover the removal with a manual migration.";
    "T6" "a table was renamed", "The source says so. A program that still runs may use the old name.";
        "ALTER TABLE … RENAME; references follow."; "ALTER TABLE … RENAME; references follow.";
        "Stop the old program before the new one starts, or fix the name in the database: `#[table(ptr = \"old\")]`.";
    "T11" "a table changed its layout", "Every row takes another form: a JSON document, or a column for each field.";
        "The rows are copied into a new table."; "The rows are copied into a new table.";
        "Keep the layout, or move the rows in a manual migration.";
    "T14" "a table that others manage is described, otherwise described, or not any more", "It is there whoever describes it. A database without it, or with other types, is refused when a migration or `kontract drift` looks.";
        NOTHING; NOTHING; NONE;
    "T15" "a table is managed by others from now on", "It keeps its rows and its form, and no migration touches it any more. A database that is made anew does not get it: it has to be there first.";
        NOTHING; NOTHING; "Take `#[table(external)]` away again where the table stays yours.";
    "T16" "a table that others managed is managed from now on", "It is there on some databases, and not on those that are made anew. What is there has to be what the struct says, which is compared at the end of the migration.";
        "CREATE TABLE IF NOT EXISTS."; "CREATE TABLE IF NOT EXISTS."; "Keep `#[table(external)]`, or bring the table to what the struct says in a manual migration: `kontract migrate create` writes it ready-made.";
    "T13" "tables that refer to each other in a circle are new", "Nothing refers to them from outside.";
        "The tables first, then the reference that closes the circle."; "SQLite lets a table refer to one that comes later."; NONE;
    "M12" "a table has another name in the database", "A program that still runs uses the old one.";
        "ALTER TABLE … RENAME."; "ALTER TABLE … RENAME.";
        "Keep the name with `#[table(ptr = \"old\")]`, or rename it in a manual migration.";

    "C1" "an optional field, or a list of a document, is new", "Rows that are there need no value.";
        "ADD COLUMN, at once and without a rewrite; for a document nothing."; "ADD COLUMN; for a document nothing."; NONE;
    "C2" "a field with a default is new", "Rows that are there get the default.";
        "ADD COLUMN … DEFAULT, without a rewrite. Of a document each row is filled."; "ADD COLUMN … DEFAULT. Of a document each row is filled, by a rebuild."; NONE;
    "C3" "a required field without a default is new", "Rows that are there have no value for it, and a program cannot invent one.";
        "ADD COLUMN … NOT NULL fails where there are rows; the ready-made migration fills them first."; "The same.";
        "Give a value: `#[default(…)]` for these rows and later inserts, `#[backfill = \"…\"]` in SQL for these rows alone; make the field an `Option`; or fill it in a manual migration.";
    "C4" "a kept time is new", "All rows that are there get one and the same time, that of the migration.";
        "ADD COLUMN with the time of the transaction as default."; "The table is rebuilt: ADD COLUMN takes constants only."; NONE;
    "C6" "places in an order are new", "In which order the rows that are there stand is not known.";
        "ADD COLUMN … BIGSERIAL rewrites the table; nobody reads or writes it meanwhile."; REBUILD;
        "Number the rows in a manual migration.";
    "C9" "a field with a unique index is new", "Without values the rows that are there differ: NULLs are distinct. With one default for all, they do not.";
        "The column, then the index; writes wait while it is built."; "The column, then the index.";
        "Where all rows would get the same value, make the field an `Option` without a default, or give each row its own in a manual migration.";
    "C10" "a check on new fields", "It holds where its value is NULL, as it is in all rows that are there.";
        "ADD CONSTRAINT scans the table."; REBUILD; NONE;
    "C11" "a reference of a new optional field", "The field is empty in all rows that are there.";
        "The column and the reference; writes to both tables wait for a moment."; REBUILD; NONE;
    "C12" "a reference of a new field that has a value", "All rows that are there refer to the same row, which may not exist.";
        "ADD CONSTRAINT scans the table, and fails where there is no such row."; "The table is rebuilt; the references are checked before the end.";
        "Make the field an `Option` without a default, or fill it in a manual migration.";
    "C14" "a field was removed", "Its values would be gone, and a program that still runs reads them.";
        "DROP COLUMN; it fails where a view depends on the column. Of a document the key is taken out of every row."; "DROP COLUMN, or a rebuild. Of a document the key is taken out of every row, by a rebuild.";
        "Restore the field, or drop it in a manual migration.";
    "C15" "a field was removed, and the source says so", "It is no rename, whatever was added. Its values would be gone, so that a migration says what becomes of them; the lock file remembers the name. With `keep` they stay, for programs that still have the field, and the change passes.";
        "DROP COLUMN, where the migration says so; with `keep` DROP NOT NULL, unless the column has a default."; "DROP COLUMN, where the migration says so; with `keep` a rebuild, unless the column has a default or is optional.";
        "In two releases: `#[removed(\"old\", keep)]` on the struct keeps the column, without a value in new rows; once no program has the field any more, `#[removed(\"old\")]` and a manual migration drop it. `#[removed(\"old\")]` may stay: while it stands, nobody takes the name again.";
    "C17" "a field was removed, and one of the same type added", "It may be the same field under a new name. Dropped and added, its values would be gone.";
        "Nothing, until it is said which of the two it is."; "The same.";
        "Say so on the new field, `#[renamed_from(\"old\")]`; keep the column, `#[column(name = \"old\")]`; or say that it is another, `#[removed(\"old\")]` on the struct.";
    "C18" "a field was renamed", "The source says so. A program that still runs uses the old name.";
        "RENAME COLUMN, at once; of a document the key is renamed in every row."; "RENAME COLUMN; indexes, checks and views follow. Of a document the key is renamed in every row, by a rebuild.";
        "Stop the old program before the new one starts, or keep the column: `#[column(name = \"old\")]`.";
    "C19" "a field has another name in Rust, and the same column", "The database does not know the name of the field.";
        NOTHING; NOTHING; NONE;
    "C20" "two fields exchange their names", "Whether the names or the values move is not said.";
        "Nothing, until the hints are mended."; "The same.";
        "Rename in two steps with a sealed migration between them, or take the hints out.";
    "C21" "a `renamed_from` that matches nothing, or too much", "A hint that is not followed would be believed to be.";
        "Nothing, until the hint is mended."; "The same.";
        "Correct the name in it, or take it out. No manual migration covers a wrong hint.";
    "C22" "a name that differs in case only", "SQLite does not distinguish case, PostgreSQL does in quoted names.";
        "Nothing, until it is said that it is a rename."; "The same; SQLite has no second column that differs in case only.";
        "Say `#[renamed_from(\"old\")]`, or keep the column: `#[column(name = \"old\")]`.";

    "N1" "a field became optional", "Nothing can fail, but a program that still runs cannot read rows without a value.";
        "DROP NOT NULL, or of a document its check, at once."; REBUILD;
        "Replace the old program before the new one writes rows without a value.";
    "N2" "a field became required", "Rows may have no value for it.";
        "The rows without a value get the default, then SET NOT NULL, or of a document a check, scans the table."; "The table is rebuilt, with the default where there was no value.";
        "Give a value, `#[default(…)]`; keep the `Option`; or fill the rows in a manual migration.";
    "N4" "a default is new or another one", "Rows that are there keep their values.";
        "SET DEFAULT, at once."; REBUILD; NONE;
    "N5" "a default was removed", "Inserts that leave the column out, by programs that run already, would fail.";
        "DROP DEFAULT."; REBUILD;
        "Keep the default, make the field an `Option`, or say in a manual migration that no such program runs.";
    "N7" "the default of a document's field", "It is the program's alone; the database has none.";
        NOTHING; NOTHING; NONE;

    "Y1" "a wider integer", "Every value fits.";
        REWRITE; "Nothing on the way forward: integers have 64 bits there."; CONVERT;
    "Y2" "a narrower integer", "Rows may hold numbers that do not fit.";
        "It fails at the first number that does not fit."; "The ready-made rebuild fails at the first value that does not fit, too."; CONVERT;
    "Y3" "from 32 to 64 bits of floating point", "Every value fits.";
        REWRITE; REBUILD; CONVERT;
    "Y4" "from 64 to 32 bits of floating point", "Digits are lost without an error.";
        REWRITE; "All digits stay; the program reads fewer."; CONVERT;
    "Y5" "an integer becomes a floating-point number", "Numbers above 2^53, or 2^24 for f32, lose their last digits.";
        REWRITE; REBUILD; CONVERT;
    "Y6" "a floating-point number becomes an integer", "Numbers are rounded without an error.";
        "They are rounded; it fails where one does not fit."; "The ready-made rebuild rounds them, and fails where one does not fit."; CONVERT;
    "Y7" "an integer becomes a decimal number", "Every value fits.";
        REWRITE; "Decimal numbers are texts there."; CONVERT;
    "Y8" "a wider NUMERIC", "Every value fits, and no row is touched.";
        "The catalogue alone."; NOTHING; CONVERT;
    "Y9" "a NUMERIC with more places", "Every value fits.";
        REWRITE; NOTHING; CONVERT;
    "Y10" "a decimal number becomes another kind, or has fewer digits", "Digits may be lost without an error.";
        "Places are rounded; it fails where digits before the point do not fit."; REBUILD; CONVERT;
    "Y11" "a value becomes a text", "Nothing is lost, but texts are ordered and compared in another way: \"10\" stands before \"9\".";
        REWRITE; REBUILD; CONVERT;
    "Y12" "a value becomes another kind", "Rows may hold what means nothing there.";
        "It fails at the first value that cannot be converted."; "The ready-made rebuild fails at the first value that cannot be converted, too; CAST alone never does."; CONVERT;
    "Y13" "a longer VARCHAR, or TEXT", "Every text fits, and no row is touched.";
        "The catalogue alone."; NOTHING; CONVERT;
    "Y14" "a shorter VARCHAR", "Rows may hold longer texts.";
        "It cuts the texts that are too long: the ready-made migration casts them."; "Texts have no lengths there."; CONVERT;
    "Y15" "CHAR(n) becomes a text", "Blanks at the end are stripped.";
        REWRITE; NOTHING; CONVERT;
    "Y16" "CITEXT becomes a text", "The values stay, but case counts from now on.";
        "The catalogue, and indexes are built again."; NOTHING; CONVERT;
    "Y18" "a time gets a zone", "The values are read in some zone: UTC in the ready-made migration.";
        REWRITE; REBUILD;
        "Convert in a manual migration, with the zone that the values were written in.";
    "Y19" "a time loses its zone", "Which moment a value means is not known any more.";
        REWRITE; REBUILD;
        "Convert in a manual migration, with the zone that the new values are read in; ready-made it is UTC.";
    "Y20" "more precision", "Every value fits, and no row is touched.";
        "The catalogue alone."; NOTHING; CONVERT;
    "Y21" "less precision", "Values are rounded without an error.";
        REWRITE; NOTHING; CONVERT;
    "Y22" "a date becomes a time, or the other way round", "The time of day is lost or invented.";
        REWRITE; REBUILD; CONVERT;
    "Y23" "a time becomes a number, or the other way round", "The unit of the number has to be known: seconds, milliseconds, microseconds.";
        REWRITE; REBUILD; CONVERT;
    "Y24" "a uuid becomes a text", "Nothing is lost, but programs that run read the old type.";
        REWRITE; REBUILD; CONVERT;
    "Y25" "a text becomes a uuid", "Rows may hold texts that are none.";
        "It fails at the first text that is none."; "The ready-made rebuild fails at the first text that is none, too."; CONVERT;
    "Y26" "a boolean becomes another kind", "True and false become 1 and 0.";
        REWRITE; "Booleans are 0 and 1 there already."; CONVERT;
    "Y27" "a value becomes a boolean", "All values but 0 become true.";
        REWRITE; REBUILD; CONVERT;
    "Y28" "JSON becomes JSONB", "The order of keys, double keys and spaces are lost.";
        REWRITE; NOTHING; CONVERT;
    "Y29" "JSONB becomes JSON", "Nothing is lost.";
        REWRITE; NOTHING; CONVERT;
    "Y30" "a text becomes JSON", "Rows may hold texts that are none.";
        "It fails at the first text that is none."; "The ready-made rebuild fails at the first text that is none, too."; CONVERT;
    "Y31" "CIDR becomes INET", "Every network is an address.";
        "The catalogue alone."; NOTHING; CONVERT;
    "Y32" "the elements of a list have another type", "Each element of each list is converted, and judged as a single value would be.";
        "A rewrite, always."; REBUILD; CONVERT;
    "Y33" "a value becomes a list", "Each value becomes a list of one; whether no value is an empty list has to be said.";
        REWRITE; REBUILD; CONVERT;
    "Y34" "a list becomes a value", "Of each list only the first element is left.";
        REWRITE; REBUILD; CONVERT;
    "Y38" "bytes become another kind, or the other way round", "Not all bytes are text.";
        REWRITE; REBUILD; CONVERT;

    "E2" "an enum has more variants, at the end", "Rows that are there stay as they are. A program that still runs cannot read the new ones.";
        "The check is replaced, which scans the table."; REBUILD; "Replace the old program before the new one writes the new variants.";
    "E3" "an enum has more variants, in between", "Variants are stored by name, so that their order means nothing. A program that still runs cannot read the new ones.";
        "The check is replaced, which scans the table."; REBUILD; "Replace the old program before the new one writes the new variants.";
    "E4" "variants were removed", "Rows may hold them.";
        "The check is replaced; it fails where a row holds one."; "The table is rebuilt; it fails where a row holds one.";
        "Restore them, or replace them in the rows by a manual migration.";
    "E5" "a variant was renamed", "The source says so. A program that still runs knows the old name only.";
        "The check takes the new names, and the rows are changed in batches; lists and documents at any depth."; "The table is rebuilt, or the rows are changed.";
        "Stop the old program before the new one starts, or keep the stored name: `#[serde(rename = \"old\")]`.";
    "E6" "variants were removed, and others added", "One may be another under a new name.";
        "The check is replaced; it fails where a row holds an old name."; "The table is rebuilt; it fails where a row holds an old name.";
        "Keep the stored name, `#[serde(rename = \"old\")]`, or replace it in the rows by a manual migration.";
    "E7" "variants have another order", "Variants are stored by name.";
        NOTHING; NOTHING; NONE;
    "E9" "a text becomes an enum, or the other way round", "Every variant is a text, but rows may hold texts that are no variant.";
        "The check is added, which fails where a row holds another text, or dropped."; REBUILD; CONVERT;

    "J1" "a nested document has more members that may be absent", "Old values can be read as they are.";
        NOTHING; NOTHING; NONE;
    "J2" "a nested document has a new required member", "Old values have none, and could not be read.";
        "Nothing by itself; the ready-made migration has a place for the new values."; "The same.";
        "Make the member an `Option`, or rewrite the values in a manual migration.";
    "J3" "a nested document lost a member", "It stays in old values until they are written again, and is lost then.";
        "Nothing by itself; the ready-made migration has a place for the new values."; "The same.";
        "Keep the member, or say in a manual migration that it may go.";
    "J4" "a nested document lost a member, and got one of the same type", "It may be the same under a new name; old values have the old one.";
        "Nothing by itself; the ready-made migration has a place for the new values."; "The same.";
        "Keep the stored name, `#[serde(rename = \"old\")]`, or rename the key in a manual migration.";
    "J5" "a member of a nested document has another type", "Old values could not be read.";
        "Nothing by itself; the ready-made migration has a place for the new values."; "The same.";
        "Keep the type, or rewrite the values in a manual migration.";
    "J6" "an enum in a nested document lost variants", "Old values may hold them.";
        "Nothing by itself; the ready-made migration has a place for the new values."; "The same.";
        "Keep the variants, or replace them in the values by a manual migration.";
    "J7" "a member of a nested document became required", "Old values may not have it.";
        "Nothing by itself; the ready-made migration has a place for the new values."; "The same.";
        "Keep the `Option`, or fill the member in a manual migration.";

    "P1" "another primary key", "Rows may have no value or the same one there, and other tables refer to the old key.";
        "The constraint is replaced, which builds an index; it fails where values are double, and where others refer to the key."; REBUILD;
        "Keep the key, or replace it in a manual migration that also mends what refers to it.";
    "P2" "the key has another type", "Rows are found, and referred to, by this value.";
        "The table is rewritten; columns that refer to it have to follow in the same migration."; REBUILD; CONVERT;
    "P5" "the fields of the key stand in another order", "The key's index serves other queries, and programs that run name the fields in the old order.";
        "The constraint is replaced, which builds an index."; REBUILD;
        "Keep the order, or replace the key in a manual migration.";

    "I1" "an index is new", "Nothing can fail, but writers wait.";
        "CREATE INDEX; writes to the table wait while it is built, reads do not."; "CREATE INDEX; all writers wait meanwhile.";
        "On a large table that is written to all the time, choose a quiet moment.";
    "I2" "a unique index is new", "Rows that are there may have the same values.";
        "CREATE UNIQUE INDEX fails where values are double; writes wait while it is built."; "CREATE UNIQUE INDEX fails where values are double.";
        "Remove the duplicates in a manual migration before it creates the index.";
    "I3" "an index is not unique any more", "Nothing can fail, but from now on two rows may have the same values.";
        "DROP INDEX, or it is built again."; "DROP INDEX, or it is built again."; NONE;
    "I4" "an index changed", "It is built again.";
        "DROP INDEX and CREATE INDEX; writes wait, and queries have no index meanwhile."; "DROP INDEX and CREATE INDEX."; NONE;
    "I5" "an index was removed", "Nothing can fail, but queries that used it become slow.";
        "DROP INDEX."; "DROP INDEX."; NONE;
    "I6" "an index, check or reference was renamed", "Only its name changes.";
        "RENAME, at once."; "An index is built again; for a check or reference the table is rebuilt."; NONE;
    "I8" "deletion marks are new on a table with a unique index", "From now on a value may be used again once its row is marked as deleted.";
        "The column, and the index is built again for the rows that are not deleted."; "The same.";
        "Say in a manual migration that it is meant.";
    "I10" "an index goes with its field", "The field is judged by itself.";
        "DROP COLUMN takes it along."; "DROP INDEX first."; NONE;

    "F1" "a reference is new", "Rows that are there may refer to nothing.";
        "ADD CONSTRAINT scans the table and fails where a row refers to nothing; writes to both tables wait."; "The table is rebuilt; the references are checked before the end.";
        "Mend those rows in a manual migration before it adds the reference.";
    "F2" "a reference was removed", "Nothing can fail, but from now on rows may refer to nothing.";
        "DROP CONSTRAINT; both tables are locked for a moment."; REBUILD; NONE;
    "F3" "a reference has other actions", "Deleting or changing a row does something else from now on; a cascade deletes.";
        "The constraint is replaced."; REBUILD;
        "Keep the actions, or say in a manual migration that it is meant.";
    "F5" "a reference points elsewhere", "Rows that are there may refer to nothing in the new table.";
        "The constraint is replaced; it fails where a row refers to nothing."; "The table is rebuilt; the references are checked before the end.";
        "Mend those rows in a manual migration before it changes the reference.";
    "I11" "a reference without an index", "To find the rows that refer to one, the whole table is read: at each deletion there.";
        NOTHING; NOTHING; "Give its field an index: `#[index]`.";
    "K1" "a check is new", "Rows that are there may not keep it.";
        "ADD CONSTRAINT scans the table and fails where a row does not keep it."; "The table is rebuilt; it fails where a row does not keep it.";
        "Mend those rows in a manual migration before it adds the check.";
    "K2" "a check allows more", "It is the old one, or something else besides.";
        "The constraint is replaced, which scans the table."; REBUILD; NONE;
    "K3" "a check changed", "Rows that are there may not keep it, and a program that still runs may break it.";
        "The constraint is replaced; it fails where a row does not keep it."; "The table is rebuilt; it fails where a row does not keep it.";
        "Mend those rows in a manual migration before it changes the check.";
    "K4" "a check was removed", "Nothing can fail.";
        "DROP CONSTRAINT, at once."; REBUILD; NONE;

    "M1" "permissions allow more", "The database does not know them, but owners may do more than before: a matter of security.";
        NOTHING; NOTHING; "Make sure that it is meant.";
    "M2" "permissions allow less", "The database does not know them. What the program does without the right does not compile, or is refused.";
        NOTHING; NOTHING; NONE;
    "M4" "versions are new", "Every row begins at 1.";
        "ADD COLUMN … DEFAULT 1, without a rewrite."; "ADD COLUMN … DEFAULT 1."; NONE;
    "M5" "a bookkeeping column was removed", "What it holds would be lost, and programs that run rely on it.";
        "DROP COLUMN."; "DROP COLUMN, or a rebuild.";
        "Keep it in `#[table(…)]`, or drop it in a manual migration.";
    "M6" "deletion marks are new", "No row is deleted yet.";
        "ADD COLUMN, at once."; "ADD COLUMN."; NONE;
    "M7" "deletion marks were removed", "Rows marked as deleted would be there again.";
        "DROP COLUMN."; "DROP COLUMN, or a rebuild.";
        "Delete those rows for good in the manual migration, before it drops the column.";
    "M8" "transaction ids are new", "All rows that are there count as changed by one transaction: that of the migration.";
        "ADD COLUMN with that transaction as default."; "The table is rebuilt; rows that are there get 0."; NONE;
    "M9" "owners are new", "Whose the rows that are there are is not known.";
        "ADD COLUMN; the manual migration says whose they are."; "The same.";
        "Give the rows to their owners in a manual migration; ready-made, they go to `system`.";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids that stand in the sources of the rules.
    fn used() -> Vec<String> {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
        let mut ids = Vec::new();
        for entry in std::fs::read_dir(dir).expect("the rules") {
            let path = entry.expect("a file").path();
            if path.file_name().is_some_and(|name| name == "explain.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("its text");
            let quoted = text.split('"').skip(1).step_by(2);
            ids.extend(quoted.filter(|text| is_id(text)).map(str::to_owned));
        }
        ids.sort();
        ids.dedup();
        ids
    }

    fn is_id(text: &str) -> bool {
        let digits = text.strip_prefix(|c: char| "TCNYEJPIFKM".contains(c));
        digits.is_some_and(|digits| {
            !digits.is_empty() && digits.len() < 3 && digits.bytes().all(|b| b.is_ascii_digit())
        })
    }

    #[test]
    fn every_rule_and_no_other() {
        let mut explained: Vec<String> =
            ALL.iter().map(|explanation| explanation.rule.to_owned()).collect();
        explained.sort();
        assert_eq!(explained, used());
    }

    #[test]
    fn in_one_form() {
        for Explanation { rule, title, why, postgres, sqlite, mend } in ALL {
            assert!(!title.ends_with('.') && !title.is_empty(), "{rule}: {title}");
            for text in [why, postgres, sqlite, mend] {
                assert!(text.is_empty() || text.ends_with('.'), "{rule}: {text}");
            }
            assert!(!why.is_empty() && !postgres.is_empty() && !sqlite.is_empty(), "{rule}");
        }
    }
}
