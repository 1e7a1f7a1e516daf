//! Faults of builds.

use super::Answer::{Partly, Shown};
use super::Case;
use super::files::{
    BUILD_DISABLED, BUILD_MESSAGES, BUILD_SEALING, BUILD_UP_TO_DATE, COMMANDS, E2E, ENV, FAULTS,
    FILES, GATE, GUIDE, LOCK_FILE, MANAGE, MANUAL, MIGRATE, PACKAGES, PLACES, RESET, SCAN, START,
    TARGETS,
};

pub const CASES: &[Case] = &[
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
        Shown(&[
            (PLACES, "a_package_is_packed_and_verified"),
            (BUILD_SEALING, "locked_mode_reads_only"),
        ]),
    ),
    (
        "B13",
        "a dependency has tables of its own",
        Shown(&[
            (PLACES, "a_dependency_with_tables_of_its_own"),
            (BUILD_MESSAGES, "a_dependency_from_git_is_not_written"),
        ]),
    ),
    (
        "B14",
        "several builds at once",
        Shown(&[
            (E2E, "concurrent_build_scripts_leave_a_complete_lock_file"),
            (LOCK_FILE, "one_process_at_a_time_holds_the_guard"),
        ]),
    ),
    (
        "B15",
        "a build dies while it writes the lock file",
        Shown(&[
            (FAULTS, "a_full_disk_keeps_the_lock_file"),
            (FAULTS, "a_killed_build_leaves_a_complete_lock_file"),
            (LOCK_FILE, "the_file_is_written_with_an_older_time"),
        ]),
    ),
    (
        "B16",
        "in CI the lock file is not up to date",
        Shown(&[
            (E2E, "ci_reads_the_lock_file_and_never_writes_it"),
            (BUILD_SEALING, "locked_mode_reads_only"),
            (ENV, "locked_mode"),
            (COMMANDS, "seal_writes_nothing_if_a_change_is_refused"),
        ]),
    ),
    (
        "B17",
        "builds while a source is being edited",
        Shown(&[(E2E, "builds_during_an_edit_leave_only_the_last_draft")]),
    ),
    (
        "B18",
        "one file is not valid Rust",
        Shown(&[
            (E2E, "a_file_with_a_syntax_error_keeps_its_tables"),
            (BUILD_MESSAGES, "an_unreadable_file_keeps_the_lock_file"),
        ]),
    ),
    (
        "B19",
        "files that are not text, or too deep",
        Shown(&[
            (SCAN, "unreadable_files_are_reported"),
            (SCAN, "any_text_is_handled"),
            (FAULTS, "a_file_of_fifty_megabytes"),
        ]),
    ),
    (
        "B20",
        "modules in unusual places",
        Shown(&[
            (SCAN, "a_cycle_of_links_ends"),
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
            (TARGETS, "crate_roots_by_cargos_rules"),
            (PLACES, "sources_in_unusual_places"),
        ]),
    ),
    (
        "B22",
        "nothing changed",
        Shown(&[
            (E2E, "the_first_build_writes_the_lock_file_and_the_second_compiles_nothing"),
            (E2E, "two_builds_of_the_same_sources_write_the_same_bytes"),
            (BUILD_UP_TO_DATE, "a_second_run_without_changes_repeats_the_directives"),
        ]),
    ),
    (
        "B23",
        "a source file is new",
        Shown(&[
            (PLACES, "sources_in_unusual_places"),
            (BUILD_UP_TO_DATE, "changed_inputs_cause_a_full_run"),
        ]),
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
            (MIGRATE, "an_interrupted_statement"),
            (START, "another_history_is_refused"),
        ]),
    ),
    (
        "B26",
        "other ends of lines",
        Shown(&[
            (PLACES, "a_checkout_with_other_line_endings"),
            (FILES, "line_endings_do_not_change_the_checksum"),
            (MANUAL, "a_checksum_is_of_what_is_done"),
            (LOCK_FILE, "the_file_is_written_with_an_older_time"),
        ]),
    ),
    (
        "B27",
        "a migration's file has a wrong name",
        Shown(&[(FILES, "names"), (FILES, "unreadable_files")]),
    ),
    (
        "B28",
        "a manual migration is about other changes",
        Shown(&[
            (GATE, "a_file_covers_what_needs_it_and_nothing_else"),
            (E2E, "a_manual_migration_pasted_from_the_error_lets_the_build_pass"),
        ]),
    ),
    ("B29", "a manual migration changes data alone", Shown(&[(GUIDE, "data_migrations")])),
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
            (RESET, "reset_drops_only_tables_of_the_package"),
            (PACKAGES, "b31_a_sealed_table_is_not_shared"),
            (PACKAGES, "b31_the_table_of_a_draft_is_not_shared"),
            (PACKAGES, "b31_reset_keeps_tables_of_other_packages"),
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
        Shown(&[
            (E2E, "cfg_on_fields_follows_cargo"),
            (BUILD_DISABLED, "disabled_items_are_reported"),
        ]),
    ),
    (
        "B34",
        "a build for another system",
        Partly(
            &[
                (FAULTS, "a_build_for_another_target"),
                (COMMANDS, "cfgs_and_paths_are_those_of_the_build"),
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
            (FAULTS, "the_sql_of_an_older_version_is_kept"),
            (START, "a_start_continues_after_the_last_migration"),
            (E2E, "a_damaged_lock_file_is_reported_and_not_changed"),
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
            &[
                (FAULTS, "file_times_do_not_change_the_output"),
                (FAULTS, "language_and_time_zone_do_not_change_the_output"),
            ],
            "the times of files, the zone and the language; cannot be: a test that sets the clock itself",
        ),
    ),
    (
        "B39",
        "a build without a network and a database",
        Shown(&[(E2E, "the_first_build_writes_the_lock_file_and_the_second_compiles_nothing")]),
    ),
    (
        "B40",
        "cargo hides what build scripts print",
        Shown(&[
            (E2E, "dangerous_changes_fail_at_their_fields_all_at_once"),
            (E2E, "a_removed_table_is_an_error_at_the_storage"),
        ]),
    ),
];
