//! What can go wrong: each case of the catalogue of faults, with the tests that show what becomes of
//! it, or why there are none.

use std::fs;
use std::path::Path;

/// What shows a case: a file, and a test in it; in a file that is no Rust, how a line of it begins.
type Tests = &'static [(&'static str, &'static str)];

/// How a case is answered.
#[derive(Clone, Copy)]
enum Answer {
    /// These tests show it.
    Shown(Tests),
    /// These tests show some of it; the rest is missing, or is done in another way.
    Partly(Tests, &'static str),
    /// Nothing shows it: it is not built, cannot be, or has no test yet.
    Not(&'static str),
}

use Answer::{Not, Partly, Shown};

/// The groups (build script and lock file, changes, runner), each with the number of its last case.
const GROUPS: [(char, usize); 3] = [('B', 40), ('D', 40), ('R', 54)];

const BUILD: &str = "kontract-build/src/tests.rs";
const FAULTS: &str = "kontract-build/src/tests/faults.rs";
const SCAN: &str = "kontract-build/src/scan/tests.rs";
const LOCK_FILE: &str = "kontract-build/src/lock_file/tests.rs";
const FILES: &str = "kontract-build/src/migrations.rs";
const TARGETS: &str = "kontract-build/src/targets.rs";
const ENV: &str = "kontract-build/src/env.rs";
const GATE: &str = "kontract-schema/src/gate/tests.rs";
const MANUAL: &str = "kontract-schema/src/manual/tests.rs";
const CHECK: &str = "kontract-schema/tests/check.rs";
const LAWS: &str = "kontract-schema/tests/suite/properties.rs";
const ON_SQLITE: &str = "kontract-schema/tests/suite/sqlite.rs";
const ON_POSTGRES: &str = "kontract-schema/tests/suite/postgres.rs";
const CAPACITY: &str = "kontract-schema/tests/suite/capacity.rs";
const BREAKING: &str = "kontract-schema/tests/suite/breaking.rs";
const BRANCHES: &str = "kontract-schema/tests/suite/rebase.rs";
const NEXT: &str = "kontract-runtime/src/migrate/next/tests.rs";
const E2E: &str = "tests/e2e/tests/e2e.rs";
const PLACES: &str = "tests/e2e/tests/places.rs";
const START: &str = "tests/behaviour/tests/suite/start.rs";
const STEPS: &str = "tests/behaviour/tests/suite/groups.rs";
const MANAGE: &str = "tests/behaviour/tests/suite/manage.rs";
const PACKAGES: &str = "tests/behaviour/tests/suite/packages.rs";
const AHEAD: &str = "tests/behaviour/tests/suite/ahead.rs";
const SERVER: &str = "tests/behaviour/tests/suite/server.rs";
const POOLER: &str = "tests/behaviour/tests/suite/pooler.rs";
const FACTS: &str = "kontract-runtime/src/migrate/postgres/facts.rs";
const OPEN: &str = "kontract-runtime/src/backend/sqlite/open.rs";
const ADDITIVE: &str = "kontract-schema/tests/suite/additive.rs";
const CRASH: &str = "tests/behaviour/tests/suite/crash.rs";
const WIRE: &str = "tests/behaviour/tests/suite/wire.rs";
const COMMANDS: &str = "kontract-cli/tests/cli/commands.rs";
const DRIFT: &str = "kontract-cli/tests/cli/drift.rs";
const GUIDE: &str = "kontract-cli/tests/cli/guide.rs";
const MIGRATE: &str = "kontract-cli/tests/cli/migrate.rs";
const REBASE: &str = "kontract-cli/tests/cli/rebase.rs";
const RESET: &str = "kontract-cli/tests/cli/reset.rs";

const CASES: &[(&str, &str, Answer)] = &[
    (
        "B01",
        "the lock file is empty, cut off or no JSON",
        Shown(&[
            (LOCK_FILE, "what_cannot_be_read_says_what_to_do"),
            (E2E, "a_damaged_lock_is_named_and_left_alone"),
        ]),
    ),
    (
        "B02",
        "the lock file has git's conflict markers",
        Shown(&[
            (LOCK_FILE, "a_conflict_shows_both_sides"),
            (E2E, "a_damaged_lock_is_named_and_left_alone"),
            (REBASE, "a_merge"),
        ]),
    ),
    (
        "B03",
        "two branches sealed the same number",
        Shown(&[
            (LOCK_FILE, "histories_that_a_merge_made"),
            (REBASE, "a_merge"),
            (REBASE, "a_rebase_and_the_other_order"),
        ]),
    ),
    (
        "B04",
        "another version of Kontract wrote the lock file",
        Partly(
            &[
                (LOCK_FILE, "what_cannot_be_read_says_what_to_do"),
                (E2E, "a_damaged_lock_is_named_and_left_alone"),
            ],
            "a newer one; there is no older format yet",
        ),
    ),
    (
        "B05",
        "keys that are unknown, or there twice",
        Shown(&[
            (LOCK_FILE, "what_cannot_be_read_says_what_to_do"),
            (LOCK_FILE, "a_key_that_stands_twice"),
        ]),
    ),
    (
        "B06",
        "a table in the lock file was edited",
        Shown(&[
            (E2E, "a_damaged_lock_is_named_and_left_alone"),
            (COMMANDS, "a_damaged_lock_file_is_not_touched"),
        ]),
    ),
    (
        "B07",
        "a migration in the lock file was edited, removed or moved",
        Shown(&[
            (E2E, "a_damaged_lock_is_named_and_left_alone"),
            (LOCK_FILE, "histories_that_a_merge_made"),
        ]),
    ),
    (
        "B08",
        "there is no lock file",
        Partly(
            &[
                (E2E, "the_first_build_writes_the_lock_and_the_second_compiles_nothing"),
                (E2E, "ci_reads_the_lock_and_never_writes_it"),
            ],
            "not built: a first build needs no leave; it writes a draft, and CI refuses",
        ),
    ),
    (
        "B09",
        "a database has tables and no history",
        Shown(&[
            (START, "tables_of_others_are_not_touched"),
            (DRIFT, "the_histories_of_others_are_known_and_left_alone"),
            (MIGRATE, "tables_that_are_there"),
        ]),
    ),
    (
        "B10",
        "the history began anew, and the database is further",
        Shown(&[
            (START, "an_older_program_is_refused"),
            (START, "another_history_is_refused"),
            (NEXT, "refuses_histories_of_others"),
        ]),
    ),
    (
        "B11",
        "the source directory cannot be written",
        Shown(&[
            (E2E, "a_read_only_source_directory_is_locked_mode"),
            (FAULTS, "a_read_only_directory_with_nothing_to_write"),
        ]),
    ),
    (
        "B12",
        "the package is packed and verified",
        Shown(&[(PLACES, "a_package_is_packed_and_verified"), (BUILD, "locked_mode_reads_only")]),
    ),
    (
        "B13",
        "a dependency has tables of its own",
        Shown(&[
            (PLACES, "a_dependency_with_tables_of_its_own"),
            (BUILD, "what_cargo_fetched_is_not_written"),
        ]),
    ),
    (
        "B14",
        "several builds at once",
        Shown(&[
            (E2E, "many_build_scripts_at_once_leave_one_whole_lock"),
            (LOCK_FILE, "one_at_a_time"),
        ]),
    ),
    (
        "B15",
        "a build dies while it writes the lock file",
        Shown(&[
            (FAULTS, "a_disk_without_room_keeps_the_lock"),
            (FAULTS, "a_build_that_is_killed_leaves_a_whole_lock"),
            (LOCK_FILE, "written_once_and_dated_back"),
        ]),
    ),
    (
        "B16",
        "in CI the lock file is not up to date",
        Shown(&[
            (E2E, "ci_reads_the_lock_and_never_writes_it"),
            (BUILD, "locked_mode_reads_only"),
            (ENV, "locked_mode"),
            (COMMANDS, "seal_never_writes_where_something_is_refused"),
        ]),
    ),
    (
        "B17",
        "builds while somebody types",
        Shown(&[(E2E, "typing_a_field_letter_by_letter_leaves_only_the_last_draft")]),
    ),
    (
        "B18",
        "one file is no valid Rust",
        Shown(&[
            (E2E, "a_file_with_a_syntax_error_keeps_its_tables"),
            (BUILD, "a_file_that_cannot_be_read_keeps_the_lock"),
        ]),
    ),
    (
        "B19",
        "files that are no text, or too deep",
        Shown(&[
            (SCAN, "what_cannot_be_read_is_named"),
            (SCAN, "any_text_is_survived"),
            (FAULTS, "a_file_of_fifty_megabytes"),
        ]),
    ),
    (
        "B20",
        "modules in unusual places",
        Shown(&[
            (SCAN, "a_circle_of_links_ends"),
            (SCAN, "path_attributes"),
            (PLACES, "sources_in_unusual_places"),
            (E2E, "a_struct_that_the_scan_cannot_see_is_an_error"),
        ]),
    ),
    (
        "B21",
        "structs of tests and examples",
        Shown(&[
            (SCAN, "conditions"),
            (TARGETS, "by_cargos_rules"),
            (PLACES, "sources_in_unusual_places"),
        ]),
    ),
    (
        "B22",
        "nothing changed",
        Shown(&[
            (E2E, "the_first_build_writes_the_lock_and_the_second_compiles_nothing"),
            (E2E, "two_builds_of_the_same_sources_write_the_same_bytes"),
            (BUILD, "first_run_and_nothing_changed"),
        ]),
    ),
    (
        "B23",
        "a source file is new",
        Shown(&[(PLACES, "sources_in_unusual_places"), (BUILD, "what_is_read_ends_the_early_end")]),
    ),
    (
        "B24",
        "the file of a sealed migration is gone",
        Shown(&[
            (E2E, "a_manual_migration_pasted_from_the_error_lets_the_build_pass"),
            (FILES, "history"),
        ]),
    ),
    (
        "B25",
        "the file of a sealed migration was edited",
        Shown(&[
            (E2E, "a_manual_migration_pasted_from_the_error_lets_the_build_pass"),
            (MIGRATE, "a_statement_that_was_broken_off"),
            (START, "another_history_is_refused"),
        ]),
    ),
    (
        "B26",
        "other ends of lines",
        Shown(&[
            (PLACES, "a_checkout_with_other_line_ends"),
            (FILES, "the_same_text_however_it_was_checked_out"),
            (MANUAL, "a_checksum_is_of_what_is_done"),
            (LOCK_FILE, "written_once_and_dated_back"),
        ]),
    ),
    (
        "B27",
        "a migration's file has a wrong name",
        Shown(&[(FILES, "names"), (FILES, "what_is_no_file")]),
    ),
    (
        "B28",
        "a manual migration is about other changes",
        Shown(&[
            (GATE, "a_file_covers_what_needs_it_and_nothing_else"),
            (E2E, "a_manual_migration_pasted_from_the_error_lets_the_build_pass"),
        ]),
    ),
    ("B29", "a manual migration changes data alone", Shown(&[(GUIDE, "only_data_moves")])),
    (
        "B30",
        "a manual migration that nothing needs",
        Shown(&[
            (GATE, "a_file_covers_what_needs_it_and_nothing_else"),
            (MANUAL, "mistakes_have_their_lines"),
        ]),
    ),
    (
        "B31",
        "two packages of a workspace in one database",
        Shown(&[
            (PLACES, "a_dependency_with_tables_of_its_own"),
            (RESET, "only_what_is_ours"),
            (PACKAGES, "b31_a_sealed_table_is_not_shared"),
            (PACKAGES, "b31_the_table_of_a_draft_is_not_shared"),
            (PACKAGES, "b31_reset_leaves_the_others_tables"),
            (PACKAGES, "b31_a_table_is_handed_over"),
        ]),
    ),
    (
        "B32",
        "several targets with the same structs",
        Shown(&[
            (E2E, "a_library_and_programs_share_one_lock"),
            (SCAN, "one_file_in_two_crates_is_one_table"),
        ]),
    ),
    (
        "B33",
        "features make other schemas",
        Shown(&[(E2E, "cfg_on_fields_follows_cargo"), (BUILD, "what_a_cfg_switches_off_is_named")]),
    ),
    (
        "B34",
        "a build for another system",
        Partly(
            &[
                (FAULTS, "a_build_for_another_system"),
                (COMMANDS, "conditions_and_places_are_those_of_the_build"),
            ],
            "its conditions; no test yet: cargo with `--target`, which needs that system's libraries",
        ),
    ),
    (
        "B35",
        "an older commit meets a newer database",
        Shown(&[(START, "an_older_program_is_refused"), (MANAGE, "other_histories_are_shown")]),
    ),
    (
        "B36",
        "another version of Kontract would write other SQL",
        Shown(&[
            (FAULTS, "the_sql_of_an_older_version_stays"),
            (START, "goes_on_where_it_stopped"),
            (E2E, "a_damaged_lock_is_named_and_left_alone"),
        ]),
    ),
    (
        "B37",
        "the order in which things are found",
        Partly(
            &[
                (FAULTS, "a_hundred_builds_write_the_same_bytes"),
                (E2E, "two_builds_of_the_same_sources_write_the_same_bytes"),
                (GATE, "the_same_input_gives_the_same_bytes"),
            ],
            "a hundred times; no test yet: on another system",
        ),
    ),
    (
        "B38",
        "clock, time zone and language of the system",
        Partly(
            &[(FAULTS, "no_clock_is_believed"), (FAULTS, "no_language_and_time_zone_is_believed")],
            "the times of files, the zone and the language; the clock itself is not for tests to set",
        ),
    ),
    (
        "B39",
        "a build without a network and a database",
        Shown(&[(E2E, "the_first_build_writes_the_lock_and_the_second_compiles_nothing")]),
    ),
    (
        "B40",
        "cargo hides what build scripts print",
        Shown(&[
            (E2E, "dangerous_changes_fail_at_their_fields_all_at_once"),
            (E2E, "a_removed_table_is_an_error_at_the_storage"),
        ]),
    ),
    (
        "D01",
        "an optional field is new",
        Shown(&[("tests/breaking/C1/expected.txt", "C1 Safe passes")]),
    ),
    (
        "D02",
        "a field with a default is new",
        Shown(&[("tests/breaking/C2/expected.txt", "C2 Safe passes")]),
    ),
    (
        "D03",
        "a required field without a default is new",
        Shown(&[("tests/breaking/C3/expected.txt", "C3 Backfill refused")]),
    ),
    (
        "D04",
        "a unique field with a default is new",
        Shown(&[("tests/breaking/C9_default/expected.txt", "C9 Dangerous refused")]),
    ),
    (
        "D05",
        "a unique optional field is new",
        Shown(&[("tests/breaking/C9/expected.txt", "C9 Lock passes")]),
    ),
    (
        "D06",
        "a field was removed",
        Shown(&[("tests/breaking/C14/expected.txt", "C14 Loss refused")]),
    ),
    ("D07", "a table was removed", Shown(&[("tests/breaking/T3/expected.txt", "T3 Loss refused")])),
    (
        "D08",
        "a field has another name, and no hint says so",
        Shown(&[("tests/breaking/C17/expected.txt", "C17 Dangerous refused")]),
    ),
    (
        "D09",
        "a table has another name, and no hint says so",
        Shown(&[("tests/breaking/T5/expected.txt", "T5 Dangerous refused")]),
    ),
    (
        "D10",
        "two fields exchanged their names",
        Partly(
            &[
                ("tests/breaking/C20/expected.txt", "C20 Dangerous refused"),
                ("tests/breaking/Y12_swapped/expected.txt", "Y12 Dangerous refused"),
            ],
            "cannot be: without hints, and of one type, it is the same as another order",
        ),
    ),
    (
        "D11",
        "another name and another type at once",
        Shown(&[
            ("tests/breaking/C18_type/expected.txt", "C18 Dangerous passes"),
            ("tests/breaking/C18_type/expected.txt", "Y11 Dangerous refused"),
        ]),
    ),
    (
        "D12",
        "a field has another name, and a hint says so",
        Shown(&[
            ("tests/breaking/C18/expected.txt", "C18 Dangerous passes"),
            (LAWS, "steps_are_found_again"),
            (GUIDE, "a_field_has_another_name"),
        ]),
    ),
    (
        "D13",
        "fields stand in another order",
        Shown(&[("tests/breaking/C23/expected.txt", "no change")]),
    ),
    (
        "D14",
        "another Rust type over the same column",
        Partly(
            &[
                ("tests/breaking/Y37/expected.txt", "no change"),
                ("tests/breaking/Y12_own/expected.txt", "Y12 Dangerous refused"),
            ],
            "another path to one type; not built: a type of the user's own over the same column is refused, with a migration that does nothing",
        ),
    ),
    (
        "D15",
        "types that hold more, or other things",
        Shown(&[
            ("tests/breaking/Y1/expected.txt", "Y1 Lock refused"),
            ("tests/breaking/Y3/expected.txt", "Y3 Lock refused"),
            ("tests/breaking/E9/expected.txt", "E9 Dangerous refused"),
            ("tests/breaking/Y38/expected.txt", "Y38 Loss refused"),
            ("tests/breaking/Y26/expected.txt", "Y26 Dangerous refused"),
        ]),
    ),
    (
        "D16",
        "a field became optional, or required",
        Shown(&[
            ("tests/breaking/N1/expected.txt", "N1 Safe passes"),
            ("tests/breaking/N2/expected.txt", "N2 Backfill refused"),
        ]),
    ),
    (
        "D17",
        "another default, or none any more",
        Shown(&[
            ("tests/breaking/N4/expected.txt", "N4 Safe passes"),
            ("tests/breaking/N5/expected.txt", "N5 Dangerous refused"),
        ]),
    ),
    (
        "D18",
        "another default, and required",
        Shown(&[
            ("tests/breaking/N2_default/expected.txt", "N2 Backfill passes"),
            ("tests/breaking/N2/expected.txt", "N2 Backfill refused"),
        ]),
    ),
    (
        "D19",
        "another field is the key",
        Shown(&[
            ("tests/breaking/P1/expected.txt", "P1 Dangerous refused"),
            ("tests/breaking/P1_columns/expected.txt", "P1 Dangerous refused"),
        ]),
    ),
    (
        "D20",
        "a key of several fields has one more",
        Shown(&[("tests/breaking/P1_wider/expected.txt", "P1 Dangerous refused")]),
    ),
    (
        "D21",
        "unique, or not any more",
        Shown(&[
            ("tests/breaking/I2/expected.txt", "I2 Dangerous refused"),
            ("tests/breaking/I3/expected.txt", "I3 Safe passes"),
        ]),
    ),
    (
        "D22",
        "unique over fewer or more fields",
        Shown(&[
            ("tests/breaking/I2_narrower/expected.txt", "I2 Dangerous refused"),
            ("tests/breaking/I2_wider/expected.txt", "I2 Lock passes"),
        ]),
    ),
    (
        "D23",
        "an index is new, has another name, or another order",
        Partly(
            &[
                ("tests/breaking/I1/expected.txt", "I1 Lock passes"),
                ("tests/breaking/I6/expected.txt", "ALTER INDEX by_a RENAME TO on_a"),
                ("tests/breaking/I4/expected.txt", "I4 Lock passes"),
            ],
            "cannot be: SQLite gives an index no other name, and makes it again",
        ),
    ),
    (
        "D24",
        "a reference on a new field, and on an old one",
        Shown(&[
            ("tests/breaking/C11/expected.txt", "C11 Safe passes"),
            ("tests/breaking/F1/expected.txt", "F1 Dangerous refused"),
        ]),
    ),
    (
        "D25",
        "a reference does another thing on delete",
        Shown(&[("tests/breaking/F3/expected.txt", "F3 Dangerous refused")]),
    ),
    (
        "D26",
        "other variants, or another order of them",
        Shown(&[
            ("tests/breaking/E2/expected.txt", "E2 Lock passes"),
            ("tests/breaking/E3/expected.txt", "E3 Lock passes"),
            ("tests/breaking/E4/expected.txt", "E4 Dangerous refused"),
            ("tests/breaking/E6/expected.txt", "E6 Dangerous refused"),
            ("tests/breaking/E7/expected.txt", "E7 Safe passes"),
        ]),
    ),
    (
        "D27",
        "permissions allow more or less",
        Partly(
            &[
                ("tests/breaking/M1/expected.txt", "    security: owner handles are allowed more"),
                ("tests/breaking/M2/expected.txt", "M2 Safe passes"),
                ("tests/breaking/M2_hidden/expected.txt", "M2 Safe passes"),
            ],
            "what allows less, or nothing, passes without that word",
        ),
    ),
    (
        "D28",
        "a struct moved, or has another name",
        Shown(&[
            (CHECK, "m13_a_module_is_no_part_of_a_table"),
            ("tests/breaking/T7/expected.txt", "no change"),
        ]),
    ),
    (
        "D29",
        "there and back before it is sealed",
        Shown(&[
            (E2E, "typing_a_field_letter_by_letter_leaves_only_the_last_draft"),
            (START, "drafts"),
        ]),
    ),
    (
        "D30",
        "there and back over releases",
        Shown(&[
            (BUILD, "what_was_dropped_is_remembered"),
            (ON_SQLITE, "there_and_back_over_releases"),
            (ON_POSTGRES, "there_and_back_over_releases"),
        ]),
    ),
    (
        "D31",
        "a database is several versions behind",
        Partly(
            &[(MANAGE, "up_and_down"), (START, "many_at_once_with_a_long_history")],
            "each in its order; not built: tables are compared at the end, not at each step",
        ),
    ),
    (
        "D32",
        "two branches add one field with two types",
        Shown(&[(BRANCHES, "what_both_touch_is_named"), (REBASE, "both_touch_the_same")]),
    ),
    (
        "D33",
        "one branch renames a table, the other changes it",
        Shown(&[
            (BRANCHES, "a_renamed_table_and_a_field_in_it"),
            (BRANCHES, "both_histories_lead_to_both_schemas"),
        ]),
    ),
    (
        "D34",
        "the database has the migration of another branch",
        Shown(&[
            (START, "another_history_is_refused"),
            (MANAGE, "other_histories_are_shown"),
            (NEXT, "refuses_histories_of_others"),
        ]),
    ),
    (
        "D35",
        "one table went, and one of the same shape came",
        Shown(&[
            ("tests/breaking/T5/expected.txt", "T5 Dangerous refused"),
            (
                "tests/ui/item/empty_struct.stderr",
                "error: kontract[K0001]: `Table` cannot be derived",
            ),
        ]),
    ),
    (
        "D36",
        "hundreds of changes at once",
        Shown(&[
            (FAULTS, "hundreds_of_refusals_are_all_told"),
            (BUILD, "a_hundred_tables"),
            (GATE, "all_refusals_at_once_and_one_file_for_all"),
            (E2E, "dangerous_changes_fail_at_their_fields_all_at_once"),
        ]),
    ),
    (
        "D37",
        "any change leads to the schema that is meant",
        Shown(&[
            (ON_SQLITE, "drafts_keep_rows_and_are_taken_back"),
            (ON_POSTGRES, "drafts_keep_rows_and_are_taken_back"),
            (ON_SQLITE, "every_plan_leads_there"),
            (ON_POSTGRES, "every_plan_leads_there"),
            (LAWS, "nothing_differs_from_itself"),
            (LAWS, "every_change_is_judged_and_planned"),
        ]),
    ),
    (
        "D38",
        "what passes keeps the values that are there",
        Shown(&[
            (ON_SQLITE, "drafts_keep_rows_and_are_taken_back"),
            (ON_POSTGRES, "drafts_keep_rows_and_are_taken_back"),
            (CAPACITY, "what_passes_holds_what_was_there"),
        ]),
    ),
    (
        "D39",
        "what can hold less does not pass",
        Shown(&[
            (CAPACITY, "what_holds_less_does_not_pass"),
            (CAPACITY, "what_passes_holds_what_was_there"),
            (ON_SQLITE, "no_value_changes_in_silence"),
            (ON_POSTGRES, "no_value_changes_in_silence"),
            (BREAKING, "what_may_be_allowed_leads_there"),
        ]),
    ),
    (
        "D40",
        "generated SQL is SQL: both databases parse and run it",
        Shown(&[
            (ON_SQLITE, "golden_tables_are_created_twice"),
            (ON_POSTGRES, "golden_tables_are_created_twice"),
            (ON_SQLITE, "every_plan_leads_there"),
            (ON_POSTGRES, "every_plan_leads_there"),
            (ON_SQLITE, "every_remedy_leads_there"),
            (ON_POSTGRES, "every_remedy_leads_there"),
        ]),
    ),
    (
        "R01",
        "many processes start on an empty database",
        Partly(
            &[
                (START, "many_processes_at_once"),
                (START, "many_at_once_on_an_empty_database"),
                (CRASH, "eight_processes_at_once"),
            ],
            "up to eight; no test yet: thirty-two, and how long they take",
        ),
    ),
    (
        "R02",
        "the same on one SQLite file",
        Shown(&[
            (START, "many_processes_at_once"),
            (START, "many_at_once_on_an_empty_database"),
            (CRASH, "eight_processes_at_once"),
        ]),
    ),
    (
        "R03",
        "another runner holds the lock for too long",
        Partly(
            &[
                (MANAGE, "a_runner_that_does_not_get_the_lock_says_so"),
                (POOLER, "the_lease_of_a_killed_runner_ends"),
            ],
            "with its session and name; not built: since when, and an exit status of its own",
        ),
    ),
    (
        "R04",
        "a runner is killed in a transaction",
        Shown(&[
            (CRASH, "postgres_processes_that_are_killed_before_a_statement"),
            (CRASH, "postgres_processes_that_are_killed_while_a_statement_runs"),
            (CRASH, "sqlite_processes_that_are_killed"),
        ]),
    ),
    (
        "R05",
        "a runner is killed in a statement that runs by itself",
        Shown(&[
            (CRASH, "postgres_processes_that_are_killed_while_a_statement_runs"),
            (STEPS, "an_index_that_broke_off_is_made_again"),
            (STEPS, "what_nobody_knows_is_asked"),
        ]),
    ),
    (
        "R06",
        "the connection is lost at any point",
        Partly(
            &[
                (CRASH, "connections_that_are_lost"),
                (CRASH, "postgres_processes_that_are_killed_before_a_statement"),
                (CRASH, "postgres_processes_that_are_killed_while_a_statement_runs"),
                (START, "a_migration_that_is_cut_off_is_run_again"),
            ],
            "at each third point; at the others the process is killed instead",
        ),
    ),
    (
        "R07",
        "the answer to COMMIT is lost",
        Partly(
            &[
                (CRASH, "connections_that_are_lost"),
                (CRASH, "postgres_processes_that_are_killed_while_a_statement_runs"),
            ],
            "no test yet that says which of its points is a COMMIT",
        ),
    ),
    (
        "R08",
        "one of several statements fails",
        Partly(
            &[
                (START, "a_failing_migration_leaves_nothing"),
                (START, "a_failing_migration_names_what_refused"),
                (MIGRATE, "a_migration_that_fails_leaves_nothing"),
            ],
            "with its number and the reason; not built: file and line",
        ),
    ),
    (
        "R09",
        "a failure does not keep the lock",
        Shown(&[
            (START, "a_failing_migration_leaves_nothing"),
            (START, "a_migration_that_leads_elsewhere_leaves_nothing"),
            (STEPS, "a_failing_group_leaves_the_ones_before_it"),
        ]),
    ),
    (
        "R10",
        "a start is given up",
        Partly(
            &[(START, "a_start_that_is_given_up_leaves_nothing")],
            "no test yet: how soon the lock is free",
        ),
    ),
    (
        "R11",
        "somebody holds a table",
        Partly(
            &[
                (START, "a_locked_table_is_waited_for_and_then_left"),
                (SERVER, "who_is_in_the_way_is_named"),
            ],
            "it is tried again, and given up; no test yet: how long readers wait",
        ),
    ),
    (
        "R12",
        "a statement takes longer than the server allows",
        Shown(&[(SERVER, "a_statement_that_takes_too_long_for_the_server")]),
    ),
    (
        "R13",
        "the disk is full",
        Partly(
            &[(CRASH, "a_full_disk")],
            "on SQLite; no test yet: PostgreSQL, which needs a file system of its own",
        ),
    ),
    (
        "R14",
        "a database that can only be read",
        Partly(
            &[
                (START, "no_way_to_begin"),
                (SERVER, "a_database_that_only_reads"),
                (FACTS, "changes"),
                (MIGRATE, "status_on_a_server_with_rights_to_read"),
                (DRIFT, "a_role_that_may_only_read_is_enough"),
            ],
            "a file, a server that is set so; no test yet: a standby that is one",
        ),
    ),
    ("R15", "a role that may not create tables", Shown(&[(SERVER, "a_role_that_may_not_create")])),
    (
        "R16",
        "a role that does not own a table",
        Partly(
            &[(SERVER, "a_role_that_does_not_own_a_table")],
            "by the changes of the lock file; not built: what else a manual migration changes",
        ),
    ),
    (
        "R17",
        "a pooler between program and server",
        Shown(&[
            (POOLER, "a_storage_works_through_it"),
            (POOLER, "an_address_may_say_so"),
            (POOLER, "many_start_at_once"),
            (POOLER, "the_lease_of_a_killed_runner_ends"),
            (POOLER, "a_lease_that_is_lost_is_taken_again"),
            (POOLER, "a_statement_may_take_longer_than_a_lease"),
            (POOLER, "a_killed_process_leaves_its_lease_behind"),
            (POOLER, "a_migration_that_is_rust"),
            (POOLER, "what_needs_a_session_is_refused"),
            (POOLER, "a_migration_leaves_nothing_in_the_session"),
            (POOLER, "without_advisory_locks"),
        ]),
    ),
    (
        "R18",
        "a backup runs",
        Partly(
            &[(START, "a_locked_table_is_waited_for_and_then_left")],
            "with a stronger lock for a short time; no test yet: the backup itself",
        ),
    ),
    (
        "R19",
        "an idle transaction holds a table",
        Shown(&[
            (START, "a_locked_table_is_waited_for_and_then_left"),
            (SERVER, "who_is_in_the_way_is_named"),
        ]),
    ),
    (
        "R20",
        "a concurrent index in a transaction",
        Shown(&[
            (MANUAL, "statements_a_migration_must_not_have"),
            (MANUAL, "statements_say_how_they_run"),
        ]),
    ),
    (
        "R21",
        "a concurrent index broke off",
        Shown(&[
            (STEPS, "an_index_that_broke_off_is_made_again"),
            (STEPS, "an_index_of_another_table_is_not_taken_for_ours"),
        ]),
    ),
    (
        "R22",
        "a concurrent unique index meets duplicates",
        Shown(&[(STEPS, "duplicates_are_shown_and_leave_no_index")]),
    ),
    (
        "R23",
        "runners wait while an index is made concurrently",
        Partly(
            &[(STEPS, "many_wait_for_an_index"), (CRASH, "eight_processes_at_once")],
            "eight of them, once; no test yet: again and again",
        ),
    ),
    (
        "R24",
        "a migration begins or ends transactions",
        Shown(&[
            (MANUAL, "statements_a_migration_must_not_have"),
            (START, "a_migration_that_commits_is_refused"),
        ]),
    ),
    (
        "R25",
        "a migration leaves settings in the session",
        Shown(&[
            (SERVER, "migrations_do_not_reach_each_other"),
            (SERVER, "a_migration_that_gives_up_the_lock_is_refused"),
            (POOLER, "a_migration_leaves_nothing_in_the_session"),
        ]),
    ),
    (
        "R26",
        "objects of others stand first in the search path",
        Partly(
            &[
                (SERVER, "objects_of_others_are_not_taken"),
                (SERVER, "migrations_do_not_reach_each_other"),
            ],
            "temporary objects come last, the path is that of the connection and stays; not built: \
             generated names with their schema, so that a function of a better match is not taken",
        ),
    ),
    (
        "R27",
        "two packages in different schemas of one database",
        Shown(&[(SERVER, "two_packages_in_two_schemas_do_not_wait_for_each_other")]),
    ),
    (
        "R28",
        "two packages in one schema",
        Partly(
            &[(RESET, "only_what_is_ours"), (START, "tables_of_others_are_not_touched")],
            "no test yet: both migrate, at once",
        ),
    ),
    (
        "R29",
        "something of our name is there already",
        Partly(
            &[
                (START, "tables_of_others_are_not_touched"),
                (START, "tables_without_a_history_are_taken_over"),
                (ON_SQLITE, "t2_c25_another_shape_is_told"),
                (ON_POSTGRES, "t2_c25_another_shape_is_told"),
            ],
            "a table; no test yet: a view, a type or a sequence",
        ),
    ),
    (
        "R30",
        "somebody changed the tables by hand",
        Partly(
            &[
                (START, "changes_by_hand_are_found"),
                (AHEAD, "what_is_missing_is_named"),
                (DRIFT, "each_difference_has_a_name"),
                (DRIFT, "what_is_not_valid_is_told"),
                (DRIFT, "what_is_besides_is_no_difference"),
            ],
            "not built: rights that were taken away; on PostgreSQL a start of a release build looks \
             at the history alone",
        ),
    ),
    (
        "R31",
        "somebody changed the history by hand",
        Partly(
            &[
                (START, "a_history_with_a_hole_is_refused"),
                (START, "another_history_is_refused"),
                (START, "an_older_program_is_refused"),
                (STEPS, "a_step_that_is_none_is_refused"),
            ],
            "one that is gone is no error where the tables are right: they are taken over",
        ),
    ),
    (
        "R32",
        "the history is older than the tables",
        Shown(&[(SERVER, "a_history_that_is_older_than_the_tables")]),
    ),
    (
        "R33",
        "a backup has a lock in it",
        Partly(
            &[(POOLER, "the_lease_of_a_killed_runner_ends")],
            "a lease ends by itself; all other locks are of sessions and files; no test yet: a backup",
        ),
    ),
    (
        "R34",
        "a migration before the newest one was not run",
        Partly(
            &[(START, "a_history_with_a_hole_is_refused"), (NEXT, "refuses_histories_of_others")],
            "not built: an option that runs it",
        ),
    ),
    (
        "R35",
        "the database has a migration that the program lacks",
        Shown(&[
            (START, "an_older_program_is_refused"),
            (MANAGE, "other_histories_are_shown"),
            (AHEAD, "an_older_program_goes_on_beside_what_was_added"),
            (AHEAD, "an_older_program_does_not_go_on_where_it_would_lose_something"),
            (AHEAD, "another_program_is_not_an_older_one"),
            (ADDITIVE, "new_fields"),
            (ADDITIVE, "new_tables"),
            (ADDITIVE, "indexes"),
            (ADDITIVE, "what_an_older_program_would_notice"),
        ]),
    ),
    (
        "R36",
        "an older program runs on newer tables",
        Shown(&[
            (AHEAD, "an_older_program_goes_on_beside_what_was_added"),
            (START, "what_was_added_by_hand_does_no_harm"),
            (WIRE, "prepared_statements_survive_a_changed_table"),
        ]),
    ),
    (
        "R37",
        "prepared statements after a change",
        Shown(&[
            (WIRE, "prepared_statements_survive_a_changed_table"),
            (WIRE, "a_column_of_another_type_is_not_read"),
        ]),
    ),
    (
        "R38",
        "a migration is taken back",
        Shown(&[(MANAGE, "up_and_down"), (MIGRATE, "up_down_and_redo")]),
    ),
    (
        "R39",
        "a migration of an hour",
        Partly(
            &[(SERVER, "a_long_statement_is_waited_for")],
            "no limit of ours ends a statement; no test yet: an hour of it, and lines that say how \
             far it is",
        ),
    ),
    (
        "R40",
        "a backfill in batches is killed",
        Shown(&[
            (CRASH, "postgres_processes_that_are_killed_before_a_statement"),
            (CRASH, "postgres_processes_that_are_killed_while_a_statement_runs"),
            (CRASH, "sqlite_processes_that_are_killed"),
        ]),
    ),
    (
        "R41",
        "the database refuses a COMMIT",
        Shown(&[(SERVER, "a_commit_that_is_refused_leaves_nothing")]),
    ),
    ("R42", "a flood of notices", Shown(&[(SERVER, "a_flood_of_messages_is_no_error")])),
    (
        "R43",
        "the server restarts in a run",
        Partly(
            &[(START, "a_migration_that_is_cut_off_is_run_again")],
            "its sessions end, and the next start goes on; not built: the same start tries again",
        ),
    ),
    (
        "R44",
        "another server takes over, and lacks the last migration",
        Not("not built: nobody remembers how far a database was"),
    ),
    (
        "R45",
        "a server that is too old",
        Partly(&[(FACTS, "servers")], "by its number; no test yet: a server that is that old"),
    ),
    (
        "R46",
        "no SQLite database where the address points",
        Partly(
            &[(START, "no_database"), (START, "no_way_to_begin")],
            "no test yet: a directory that can only be read; not built: ids of applications",
        ),
    ),
    (
        "R47",
        "a SQLite that is too old",
        Partly(
            &[(OPEN, "libraries")],
            "by its number: it is part of the program, unless a build links another; no test yet: \
             such a build",
        ),
    ),
    (
        "R48",
        "a SQLite table is rebuilt",
        Partly(
            &[
                (START, "a_rebuild_keeps_the_rows_that_refer_to_it"),
                (START, "a_rebuild_keeps_what_is_not_ours"),
                (START, "a_rebuild_with_another_name_keeps_references"),
                (ON_SQLITE, "rows_that_refer_to_a_rebuilt_table_stay"),
            ],
            "also partial indexes of others; no test yet: AUTOINCREMENT and generated columns of others",
        ),
    ),
    (
        "R49",
        "a crash left a log beside the file",
        Shown(&[(CRASH, "sqlite_processes_that_are_killed")]),
    ),
    (
        "R50",
        "killed at any write of a SQLite migration",
        Partly(
            &[(CRASH, "sqlite_processes_that_are_killed")],
            "at each statement; no test yet: at each write of the system",
        ),
    ),
    ("R51", "the clock jumps", Shown(&[(SERVER, "the_clock_does_not_order_the_history")])),
    (
        "R52",
        "the wrong database is named",
        Shown(&[(RESET, "not_on_any_database"), (START, "a_server_refuses_drafts")]),
    ),
    (
        "R53",
        "only to look at what would run",
        Shown(&[
            (MIGRATE, "up_down_and_redo"),
            (MIGRATE, "a_plan_for_a_database"),
            (MANAGE, "status_and_plan_leave_no_trace"),
            (MANAGE, "status_and_plan_while_another_one_migrates"),
        ]),
    ),
    ("R54", "passwords in messages", Shown(&[(START, "no_database"), (START, "passwords")])),
];

fn there(file: &str, test: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(path).unwrap_or_default();
    match file.ends_with(".rs") {
        true => text.contains(&format!("fn {test}(")),
        false => !test.is_empty() && text.lines().any(|line| line.starts_with(test)),
    }
}

#[test]
fn every_case_is_there_once() {
    let all = GROUPS
        .iter()
        .flat_map(|(letter, last)| (1..=*last).map(move |number| format!("{letter}{number:02}")));
    let found: Vec<&str> = CASES.iter().map(|(id, ..)| *id).collect();
    assert_eq!(found, all.collect::<Vec<_>>());
}

#[test]
fn every_test_that_is_named_exists() {
    for (id, what, answer) in CASES {
        let (tests, why) = match answer {
            Shown(tests) => (*tests, None),
            Partly(tests, missing) => (*tests, Some(*missing)),
            Not(why) => (&[][..], Some(*why)),
        };
        assert!(!what.is_empty() && why.is_none_or(|why| !why.is_empty()), "{id} says nothing");
        assert!(!tests.is_empty() || matches!(answer, Not(_)), "{id} names no test");
        for (file, test) in tests {
            assert!(there(file, test), "{id}, {what}: {file} has no {test}");
        }
        let begins = |word: &&str| why.is_some_and(|why| why.starts_with(word));
        let known = ["no test yet", "not built", "cannot be"].iter().any(begins);
        assert!(!matches!(answer, Not(_)) || known, "{id}: why there is no test");
    }
}
