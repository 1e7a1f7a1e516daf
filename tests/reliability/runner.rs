//! Runners: many at once, killed, in the way of others, behind a pooler, among the objects of others.

use super::Answer::{Partly, Shown};
use super::Case;
use super::files::{
    ADDRESS, CRASH, DRIFT, FACTS, MANAGE, MANUAL, MIGRATE, POOLER, RESET, SERVER, SERVERS, START,
    STEPS, TRUST,
};

pub const CASES: &[Case] = &[
    (
        "R01",
        "many processes start on an empty database",
        Shown(&[
            (START, "many_processes_at_once"),
            (START, "many_at_once_on_an_empty_database"),
            (CRASH, "many_processes_at_once"),
        ]),
    ),
    (
        "R02",
        "the same on one SQLite file",
        Shown(&[
            (START, "many_processes_at_once"),
            (START, "many_at_once_on_an_empty_database"),
            (CRASH, "many_processes_at_once"),
        ]),
    ),
    (
        "R03",
        "another runner holds the lock for too long",
        Shown(&[
            (MANAGE, "a_runner_that_does_not_get_the_lock_says_so"),
            (POOLER, "the_lease_of_a_killed_runner_ends"),
            (MIGRATE, "another_process_migrates"),
        ]),
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
            (STEPS, "an_unclear_statement_is_asked_about"),
        ]),
    ),
    (
        "R06",
        "the connection is lost at any point",
        Shown(&[
            (CRASH, "connections_that_are_lost"),
            (CRASH, "postgres_processes_that_are_killed_before_a_statement"),
            (CRASH, "postgres_processes_that_are_killed_while_a_statement_runs"),
            (START, "a_migration_that_is_cut_off_is_run_again"),
            (CRASH, "connections_that_are_lost_before_a_statement"),
        ]),
    ),
    (
        "R07",
        "the answer to COMMIT is lost",
        Shown(&[
            (CRASH, "connections_that_are_lost"),
            (CRASH, "postgres_processes_that_are_killed_while_a_statement_runs"),
            (CRASH, "answers_to_commits_that_are_lost"),
        ]),
    ),
    (
        "R08",
        "one of several statements fails",
        Partly(
            &[
                (START, "a_failing_migration_leaves_nothing"),
                (START, "a_failing_migration_names_what_refused"),
                (MIGRATE, "a_failed_migration_is_rolled_back"),
            ],
            "with its number, its text, the reason and the file; not built: the line, which the lock file does not keep",
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
        Shown(&[
            (START, "a_start_that_is_given_up_leaves_nothing"),
            (SERVERS, "a_start_that_is_given_up_frees_the_lock_soon"),
        ]),
    ),
    (
        "R11",
        "another session locks a table",
        Shown(&[
            (START, "a_locked_table_is_waited_for_and_then_left"),
            (SERVER, "who_is_in_the_way_is_named"),
            (SERVER, "readers_do_not_wait_for_long"),
        ]),
    ),
    (
        "R12",
        "a statement takes longer than the server allows",
        Shown(&[(SERVER, "a_statement_that_takes_too_long_for_the_server")]),
    ),
    (
        "R13",
        "the disk is full",
        Shown(&[(CRASH, "a_full_disk"), (SERVERS, "a_server_without_room")]),
    ),
    (
        "R14",
        "a database that can only be read",
        Shown(&[
            (ADDRESS, "no_way_to_begin"),
            (SERVER, "a_database_that_only_reads"),
            (FACTS, "changes"),
            (MIGRATE, "status_needs_only_a_read_only_role"),
            (DRIFT, "a_read_only_role_is_enough"),
            (SERVERS, "a_standby"),
        ]),
    ),
    ("R15", "a role that may not create tables", Shown(&[(SERVER, "a_role_that_may_not_create")])),
    (
        "R16",
        "a role that does not own a table",
        Shown(&[
            (SERVER, "a_role_that_does_not_own_a_table"),
            (SERVER, "a_manual_migration_of_a_table_of_others"),
        ]),
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
        Shown(&[
            (START, "a_locked_table_is_waited_for_and_then_left"),
            (SERVERS, "a_backup_that_runs"),
        ]),
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
        Shown(&[(STEPS, "many_wait_for_an_index"), (CRASH, "many_processes_at_once")]),
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
            (STEPS, "a_runner_that_loses_its_lock_stops"),
            (STEPS, "a_runner_whose_locked_file_is_deleted_stops"),
            (POOLER, "a_migration_leaves_nothing_in_the_session"),
        ]),
    ),
    (
        "R26",
        "objects of others stand first in the search path",
        Shown(&[
            (SERVER, "objects_of_others_are_not_taken"),
            (SERVER, "migrations_do_not_reach_each_other"),
            (TRUST, "what_would_be_taken_for_ours_is_refused"),
            (TRUST, "a_schema_with_the_name_of_the_role"),
            (TRUST, "the_attack_is_one"),
            (TRUST, "what_does_no_harm_passes"),
        ]),
    ),
    (
        "R27",
        "two packages in different schemas of one database",
        Shown(&[(SERVER, "two_packages_in_two_schemas_do_not_wait_for_each_other")]),
    ),
    (
        "R28",
        "two packages in one schema",
        Shown(&[
            (RESET, "reset_drops_only_tables_of_the_package"),
            (START, "tables_of_others_are_not_touched"),
            (SERVER, "two_packages_in_one_schema_at_once"),
        ]),
    ),
];
