//! Faults of the lock file: damaged, merged, missing, of another version.

use super::Answer::Shown;
use super::Case;
use super::files::{
    BUILD_LOCK_FILE, COMMANDS, DEVELOPMENT, DRIFT, E2E, FORMAT_1, FORMATS, LOCK_FILE, MIGRATE,
    NEXT, REBASE, START,
};

pub const CASES: &[Case] = &[
    (
        "B01",
        "the lock file is empty, cut off or not JSON",
        Shown(&[
            (LOCK_FILE, "invalid_lock_files"),
            (E2E, "a_damaged_lock_file_is_reported_and_not_changed"),
        ]),
    ),
    (
        "B02",
        "the lock file has git's conflict markers",
        Shown(&[
            (LOCK_FILE, "a_conflict_shows_both_sides"),
            (E2E, "a_damaged_lock_file_is_reported_and_not_changed"),
            (REBASE, "rebase_after_a_merge_conflict"),
            (FORMAT_1, "a_conflict_between_formats_names_the_migrations"),
        ]),
    ),
    (
        "B03",
        "two branches sealed the same number",
        Shown(&[
            (LOCK_FILE, "histories_that_a_merge_broke"),
            (REBASE, "rebase_after_a_merge_conflict"),
            (REBASE, "rebase_during_a_git_rebase_and_in_the_other_order"),
        ]),
    ),
    (
        "B04",
        "another version of Kontract wrote the lock file",
        Shown(&[
            (LOCK_FILE, "invalid_lock_files"),
            (E2E, "a_damaged_lock_file_is_reported_and_not_changed"),
            (BUILD_LOCK_FILE, "a_lock_file_of_format_1_builds"),
            (FORMATS, "a_database_of_either_format_is_up_to_date_for_the_other"),
            (DEVELOPMENT, "a_draft_of_one_lock_format_continues_in_the_other"),
            (FORMAT_1, "commands_print_the_same_and_leave_the_file"),
            (FORMAT_1, "rebase_merges_both_formats"),
            (FORMAT_1, "a_merge_of_a_draft_with_the_other_format"),
        ]),
    ),
    (
        "B05",
        "unknown or duplicate keys",
        Shown(&[(LOCK_FILE, "invalid_lock_files"), (LOCK_FILE, "a_duplicate_key")]),
    ),
    (
        "B06",
        "a table in the lock file was edited",
        Shown(&[
            (E2E, "a_damaged_lock_file_is_reported_and_not_changed"),
            (COMMANDS, "a_damaged_lock_file_is_not_touched"),
        ]),
    ),
    (
        "B07",
        "a migration in the lock file was edited, removed or moved",
        Shown(&[
            (E2E, "a_damaged_lock_file_is_reported_and_not_changed"),
            (LOCK_FILE, "histories_that_a_merge_broke"),
        ]),
    ),
    (
        "B08",
        "the lock file is missing",
        Shown(&[
            (E2E, "the_first_build_writes_the_lock_file_and_the_second_compiles_nothing"),
            (E2E, "ci_reads_the_lock_file_and_never_writes_it"),
        ]),
    ),
    (
        "B09",
        "a database has tables and no history",
        Shown(&[
            (START, "unmanaged_tables_are_not_changed"),
            (DRIFT, "histories_of_other_tools_are_recognised_and_not_changed"),
            (MIGRATE, "baseline_compares_existing_tables"),
        ]),
    ),
    (
        "B10",
        "the history was started again, and the database is ahead",
        Shown(&[
            (START, "an_older_program_is_refused"),
            (START, "another_history_is_refused"),
            (NEXT, "refuses_histories_of_others"),
        ]),
    ),
];
