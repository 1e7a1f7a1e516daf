//! `kontract.toml` and the environment variables.
//!
//! # kontract.toml
//!
//! An optional file beside Cargo.toml. It sets how strict the build is with changes of the schema.
//!
//! ```toml
//! # Changes to a type that holds every value of the old one (i32 → i64) pass without a migration.
//! allow_widening = true
//!
//! # The package runs on SQLite only: a change for which SQLite has nothing to do passes.
//! databases = ["sqlite"]
//!
//! # The statements of migrations that this version of Kontract generated are taken as they are.
//! generators = ["0.1.0"]
//!
//! # Databases keep the history under this name, whatever the package is called.
//! history_key = "app"
//!
//! [rules]
//! C18 = "deny"    # renames only with a manual migration
//! I5 = "warn"     # passes, and the build prints a warning
//! M1 = "allow"    # passes silently
//! ```
//!
//! | key | values | default |
//! |---|---|---|
//! | `allow_widening` | `true`, `false` | `false` |
//! | `databases` | `["postgres", "sqlite"]`, `["postgres"]`, `["sqlite"]` | `["postgres", "sqlite"]` |
//! | `generators` | `["0.1.0"]` | `[]` |
//! | `history_key` | `"app"`, any name of letters, digits, underscores and hyphens | the name of the package |
//! | a rule in `[rules]` | `"allow"`, `"warn"`, `"deny"` | the rule's own |
//!
//! `allow_widening` is about the rules Y1, Y3, Y7, Y9, Y15, Y16, Y29, E9 (an enum becomes a text) and P2 (a
//! wider integer key). PostgreSQL writes the table again for most of them while other sessions wait, which
//! is why they need the line; programs of the former version go on with wider numbers, as the message of the
//! build says.
//!
//! The lock file records what each sealed migration was generated from: the version of Kontract, the tables
//! before it, and hints. Builds, `kontract check` and each run that migrates a database generate its
//! statements again, and refuse a migration whose statements differ (K0409): a statement in a lock file that
//! comes from a pull request cannot be one that no change of a struct asks for. A newer version of Kontract
//! can generate other statements for the same changes; `generators` names the versions whose statements are
//! taken as they are. `"unrecorded"` is the word for migrations that were sealed before versions were
//! recorded. What cannot be compared in these is not refused; `kontract check --against` lists them.
//!
//! `history_key` is the value of the column `package` in `_kontract_migrations`: programs and `kontract
//! migrate` find their rows by it. With it a package can be renamed without a change in any database. Where
//! rows have another key, `kontract migrate adopt-history --from OLD` moves them.
//!
//! A lock file has at most 64 MiB, a migration and `kontract.toml` at most 16 MiB. They are regular files; a
//! symbolic link to one is followed within the package only.
//!
//! `kontract explain` lists the rules and their levels, `kontract explain C18` describes one. A rule
//! whose change loses data, or needs a value or decision that only the user has, is always `"deny"`; a
//! manual migration covers the change. A key or rule that does not exist is an error (K0314).
//!
//! # Environment variables of the build
//!
//! | variable | meaning |
//! |---|---|
//! | `KONTRACT_SEAL=name` | The draft becomes the next migration, `name`. `kontract migrate create name` does the same. |
//! | `KONTRACT_LOCKED=1` | The lock file is not written; a build that would change it fails. |
//! | `CI`, `DOCS_RS` | As `KONTRACT_LOCKED=1`, unless `KONTRACT_LOCKED=0`. |
//!
//! # Environment variables of the program
//!
//! | variable | meaning |
//! |---|---|
//! | `KONTRACT_ENV=development` | A debug build applies its draft also to PostgreSQL. Without it only to SQLite. |
//! | `KONTRACT_LOCK_TIMEOUT=60` | Seconds that a runner waits for another one. Default: 60. |
