//! Faults of runners: concurrent, killed, blocked, behind a pooler, with objects of other roles.

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
            (MANAGE, "a_runner_without_the_lock_reports_it"),
            (POOLER, "the_lease_of_a_killed_runner_expires"),
            (MIGRATE, "another_process_migrates"),
        ]),
    ),
    (
        "R04",
        "a runner is killed in a transaction",
        Shown(&[
            (CRASH, "postgres_processes_killed_before_a_statement"),
            (CRASH, "postgres_processes_killed_during_a_statement"),
            (CRASH, "sqlite_processes_killed_at_each_statement"),
        ]),
    ),
    (
        "R05",
        "a runner is killed in a statement that runs by itself",
        Shown(&[
            (CRASH, "postgres_processes_killed_during_a_statement"),
            (STEPS, "an_interrupted_index_is_created_again"),
            (STEPS, "an_interrupted_statement_must_be_resolved"),
        ]),
    ),
    (
        "R06",
        "the connection is lost at any point",
        Shown(&[
            (CRASH, "connections_lost_during_a_statement"),
            (CRASH, "postgres_processes_killed_before_a_statement"),
            (CRASH, "postgres_processes_killed_during_a_statement"),
            (START, "an_interrupted_migration_is_run_again"),
            (CRASH, "connections_lost_before_a_statement"),
        ]),
    ),
    (
        "R07",
        "the answer to COMMIT is lost",
        Shown(&[
            (CRASH, "connections_lost_during_a_statement"),
            (CRASH, "postgres_processes_killed_during_a_statement"),
            (CRASH, "lost_answers_to_commits"),
        ]),
    ),
    (
        "R08",
        "one of several statements fails",
        Partly(
            &[
                (START, "a_failed_migration_is_rolled_back"),
                (START, "a_failed_migration_names_the_constraint"),
                (MIGRATE, "a_failed_migration_is_rolled_back"),
            ],
            "with its number, its text, the reason and the file; not built: the line, which the lock file does not keep",
        ),
    ),
    (
        "R09",
        "a failure does not keep the lock",
        Shown(&[
            (START, "a_failed_migration_is_rolled_back"),
            (START, "a_migration_that_does_not_lead_to_the_schema_is_rolled_back"),
            (STEPS, "a_failed_group_keeps_the_groups_before_it"),
        ]),
    ),
    (
        "R10",
        "a start is given up",
        Shown(&[
            (START, "an_abandoned_start_is_rolled_back"),
            (SERVERS, "an_abandoned_start_releases_the_lock_soon"),
        ]),
    ),
    (
        "R11",
        "another session locks a table",
        Shown(&[
            (START, "a_migration_gives_up_on_a_locked_table"),
            (SERVER, "blocking_sessions_are_reported"),
            (SERVER, "readers_do_not_wait_for_long"),
        ]),
    ),
    (
        "R12",
        "a statement takes longer than the server allows",
        Shown(&[(SERVER, "a_statement_timeout_rolls_back")]),
    ),
    (
        "R13",
        "the disk is full",
        Shown(&[(CRASH, "a_full_disk"), (SERVERS, "a_server_with_a_full_disk")]),
    ),
    (
        "R14",
        "a database that can only be read",
        Shown(&[
            (ADDRESS, "invalid_addresses_and_settings"),
            (SERVER, "a_read_only_database"),
            (FACTS, "read_only_servers"),
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
            (SERVER, "a_manual_migration_of_another_roles_table"),
        ]),
    ),
    (
        "R17",
        "a pooler between program and server",
        Shown(&[
            (POOLER, "a_storage_works_behind_a_pooler"),
            (POOLER, "an_address_can_disable_prepared_statements"),
            (POOLER, "many_programs_start_behind_a_pooler"),
            (POOLER, "the_lease_of_a_killed_runner_expires"),
            (POOLER, "a_lost_lease_is_acquired_again"),
            (POOLER, "a_statement_may_take_longer_than_a_lease"),
            (POOLER, "a_killed_process_leaves_its_lease_behind"),
            (POOLER, "a_migration_in_rust_behind_a_pooler"),
            (POOLER, "statements_that_need_a_session_are_refused"),
            (POOLER, "a_migration_leaves_nothing_in_the_session"),
            (POOLER, "without_advisory_locks"),
        ]),
    ),
    (
        "R18",
        "a backup runs",
        Shown(&[
            (START, "a_migration_gives_up_on_a_locked_table"),
            (SERVERS, "a_backup_that_runs"),
        ]),
    ),
    (
        "R19",
        "an idle transaction holds a table",
        Shown(&[
            (START, "a_migration_gives_up_on_a_locked_table"),
            (SERVER, "blocking_sessions_are_reported"),
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
            (STEPS, "an_interrupted_index_is_created_again"),
            (STEPS, "an_index_of_another_table_is_not_accepted"),
        ]),
    ),
    (
        "R22",
        "a concurrent unique index meets duplicates",
        Shown(&[(STEPS, "duplicates_are_reported_and_leave_no_index")]),
    ),
    (
        "R23",
        "runners wait while an index is made concurrently",
        Shown(&[(STEPS, "many_programs_wait_for_an_index"), (CRASH, "many_processes_at_once")]),
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
            (SERVER, "migrations_do_not_share_session_state"),
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
            (SERVER, "objects_of_other_roles_are_not_used"),
            (SERVER, "migrations_do_not_share_session_state"),
            (TRUST, "objects_that_shadow_ours_are_refused"),
            (TRUST, "a_schema_with_the_name_of_the_role"),
            (TRUST, "the_attack_works_without_the_check"),
            (TRUST, "harmless_objects_are_accepted"),
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
            (START, "unmanaged_tables_are_not_changed"),
            (SERVER, "two_packages_in_one_schema_at_once"),
        ]),
    ),
];
