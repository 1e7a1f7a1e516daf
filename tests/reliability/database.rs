//! Faults of databases: changed by hand, older or newer than the program, restarted, rebuilt, read-only.

use super::Answer::{Partly, Shown};
use super::Case;
use super::files::{
    ADDITIVE, ADDRESS, AHEAD, CRASH, DRIFT, FACTS, MANAGE, MIGRATE, NEXT, ON_POSTGRES, ON_SQLITE,
    OPEN, POOLER, REBASE, REBUILD, RESET, SERVER, SERVERS, START, STEPS, WIRE,
};

pub const CASES: &[Case] = &[
    (
        "R29",
        "something of our name is there already",
        Shown(&[
            (START, "unmanaged_tables_are_not_changed"),
            (START, "tables_without_a_history_are_adopted"),
            (ON_SQLITE, "t2_c25_a_table_with_other_columns_is_reported"),
            (ON_POSTGRES, "t2_c25_a_table_with_other_columns_is_reported"),
            (SERVER, "an_object_of_another_kind_is_not_used"),
        ]),
    ),
    (
        "R30",
        "the tables were changed by hand",
        Partly(
            &[
                (START, "changes_by_hand_are_found"),
                (AHEAD, "a_missing_column_is_reported"),
                (DRIFT, "each_kind_of_difference_is_reported"),
                (DRIFT, "invalid_indexes_and_constraints_are_reported"),
                (DRIFT, "unmanaged_objects_are_not_differences"),
            ],
            "not built: rights that were taken away; on PostgreSQL a start of a release build looks \
             at the history alone",
        ),
    ),
    (
        "R31",
        "the history was changed by hand",
        Shown(&[
            (START, "a_history_with_a_gap_is_refused"),
            (START, "another_history_is_refused"),
            (START, "an_older_program_is_refused"),
            (STEPS, "a_wrong_step_number_is_refused"),
        ]),
    ),
    (
        "R32",
        "the history is older than the tables",
        Shown(&[(SERVER, "tables_that_are_newer_than_the_history")]),
    ),
    (
        "R33",
        "a backup has a lock in it",
        Shown(&[
            (POOLER, "the_lease_of_a_killed_runner_expires"),
            (SERVERS, "a_backup_with_a_lock_in_it"),
        ]),
    ),
    (
        "R34",
        "a migration before the newest one was not run",
        Shown(&[
            (START, "a_history_with_a_gap_is_refused"),
            (NEXT, "refuses_histories_of_others"),
            (REBASE, "rebase_during_a_git_rebase_and_in_the_other_order"),
        ]),
    ),
    (
        "R35",
        "the database has a migration that the program lacks",
        Shown(&[
            (START, "an_older_program_is_refused"),
            (MANAGE, "other_histories_are_shown"),
            (AHEAD, "an_older_program_runs_with_additive_changes"),
            (AHEAD, "an_older_program_is_refused_if_it_would_lose_values"),
            (AHEAD, "a_program_of_another_branch_is_refused"),
            (ADDITIVE, "new_fields"),
            (ADDITIVE, "new_tables"),
            (ADDITIVE, "indexes"),
            (ADDITIVE, "changes_that_an_older_program_notices"),
        ]),
    ),
    (
        "R36",
        "an older program runs on newer tables",
        Shown(&[
            (AHEAD, "an_older_program_runs_with_additive_changes"),
            (START, "additional_columns_are_accepted"),
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
            &[
                (SERVER, "a_long_statement_is_waited_for"),
                (SERVERS, "a_silent_connection_is_kept_alive"),
            ],
            "no limit of ours ends a statement, and the connection is kept alive; no test yet: an hour of it; not built: how far a statement is, which the server does not say",
        ),
    ),
    (
        "R40",
        "a backfill in batches is killed",
        Shown(&[
            (CRASH, "postgres_processes_killed_before_a_statement"),
            (CRASH, "postgres_processes_killed_during_a_statement"),
            (CRASH, "sqlite_processes_killed_at_each_statement"),
        ]),
    ),
    ("R41", "the database refuses a COMMIT", Shown(&[(SERVER, "a_refused_commit_rolls_back")])),
    ("R42", "a flood of notices", Shown(&[(SERVER, "a_flood_of_messages_is_harmless")])),
    (
        "R43",
        "the server restarts in a run",
        Shown(&[
            (START, "an_interrupted_migration_is_run_again"),
            (SERVERS, "a_server_that_restarts"),
        ]),
    ),
    (
        "R44",
        "another server takes over, and lacks the last migration",
        Partly(
            &[(SERVERS, "a_standby")],
            "what it lacks it gets again; cannot be: to refuse, as nothing outside of a database remembers how far it was",
        ),
    ),
    (
        "R45",
        "a server that is too old",
        Partly(
            &[(FACTS, "servers")],
            "by its number; no test yet: no server that old is available",
        ),
    ),
    (
        "R46",
        "the SQLite file of the address does not exist",
        Partly(
            &[
                (ADDRESS, "unreachable_databases"),
                (ADDRESS, "invalid_addresses_and_settings"),
                (ADDRESS, "a_read_only_directory"),
            ],
            "not built: ids of applications, as any SQLite file may become the program's",
        ),
    ),
    (
        "R47",
        "a SQLite that is too old",
        Partly(
            &[(OPEN, "libraries")],
            "by its number: the library is part of the program, unless a build links another; no test yet: one that is that old",
        ),
    ),
    (
        "R48",
        "a SQLite table is rebuilt",
        Shown(&[
            (REBUILD, "a_rebuild_keeps_referencing_rows"),
            (REBUILD, "a_rebuild_keeps_unmanaged_objects"),
            (REBUILD, "a_rebuild_with_another_name_keeps_references"),
            (ON_SQLITE, "a_rebuild_keeps_rows_that_reference_the_table"),
            (REBUILD, "a_rebuild_is_refused_if_it_would_lose_something"),
        ]),
    ),
    (
        "R49",
        "a crash left a log beside the file",
        Shown(&[(CRASH, "sqlite_processes_killed_at_each_statement")]),
    ),
    (
        "R50",
        "killed at any write of a SQLite migration",
        Shown(&[
            (CRASH, "sqlite_processes_killed_at_each_statement"),
            (CRASH, "sqlite_processes_killed_during_a_write"),
        ]),
    ),
    ("R51", "the clock jumps", Shown(&[(SERVER, "the_clock_does_not_order_the_history")])),
    (
        "R52",
        "the wrong database is named",
        Shown(&[
            (RESET, "only_named_databases_besides_development_databases"),
            (START, "a_server_refuses_drafts"),
        ]),
    ),
    (
        "R53",
        "only to look at what would run",
        Shown(&[
            (MIGRATE, "up_down_and_redo"),
            (MIGRATE, "a_plan_for_a_database"),
            (MANAGE, "status_and_plan_leave_no_trace"),
            (MANAGE, "status_and_plan_during_a_migration"),
        ]),
    ),
    (
        "R54",
        "passwords in messages",
        Shown(&[(ADDRESS, "unreachable_databases"), (ADDRESS, "passwords")]),
    ),
];
