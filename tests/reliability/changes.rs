//! Changes of the schema.

use super::Answer::{Partly, Shown};
use super::Case;
use super::files::{
    BRANCHES, BREAKING, BUILD, BUILD_LOCK_FILE, CAPACITY, CHECK, E2E, FAULTS, GATE, GUIDE, LAWS,
    MANAGE, NEXT, ON_POSTGRES, ON_SQLITE, REBASE, START,
};

pub const CASES: &[Case] = &[
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
        "a field has another name, without a hint",
        Shown(&[("tests/breaking/C17/expected.txt", "C17 Dangerous refused")]),
    ),
    (
        "D09",
        "a table has another name, without a hint",
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
        "a new name and a new type in one change",
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
            (LAWS, "diff_finds_the_steps"),
            (GUIDE, "rename_a_field"),
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
        "wider types, and other types",
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
            ("tests/breaking/N2_backfill/expected.txt", "N2 Backfill passes"),
            ("tests/breaking/N2_default/expected.txt", "N2 Backfill refused"),
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
        "a reference on a new field, and on an existing field",
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
                (
                    "tests/breaking/M1/expected.txt",
                    "    security: owner handles may do more than before",
                ),
                ("tests/breaking/M2/expected.txt", "M2 Safe passes"),
                ("tests/breaking/M2_hidden/expected.txt", "M2 Safe passes"),
            ],
            "not built: what allows less, or nothing, passes without that word",
        ),
    ),
    (
        "D28",
        "a struct moved, or has another name",
        Shown(&[
            (CHECK, "m13_a_module_does_not_change_a_table"),
            ("tests/breaking/T7/expected.txt", "no change"),
        ]),
    ),
    (
        "D29",
        "a change that is undone before it is sealed",
        Shown(&[(E2E, "builds_during_an_edit_leave_only_the_last_draft"), (START, "drafts")]),
    ),
    (
        "D30",
        "there and back over releases",
        Shown(&[
            (BUILD_LOCK_FILE, "the_lock_file_keeps_the_types_of_removed_fields"),
            (ON_SQLITE, "a_removed_field_comes_back_empty"),
            (ON_POSTGRES, "a_removed_field_comes_back_empty"),
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
        Shown(&[
            (BRANCHES, "changes_of_one_field_on_both_branches_are_refused"),
            (REBASE, "both_branches_change_the_same_field"),
        ]),
    ),
    (
        "D33",
        "one branch renames a table, the other changes it",
        Shown(&[
            (BRANCHES, "a_renamed_table_and_a_new_field_in_it"),
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
            (FAULTS, "hundreds_of_refusals_are_all_reported"),
            (BUILD, "a_hundred_tables"),
            (GATE, "all_refusals_at_once_and_one_file_for_all"),
            (E2E, "dangerous_changes_fail_at_their_fields_all_at_once"),
        ]),
    ),
    (
        "D37",
        "any change leads to the schema that is meant",
        Shown(&[
            (ON_SQLITE, "drafts_keep_rows_and_are_rolled_back"),
            (ON_POSTGRES, "drafts_keep_rows_and_are_rolled_back"),
            (ON_SQLITE, "every_plan_leads_to_the_new_schema"),
            (ON_POSTGRES, "every_plan_leads_to_the_new_schema"),
            (LAWS, "a_schema_does_not_differ_from_itself"),
            (LAWS, "every_change_is_judged_and_planned"),
        ]),
    ),
    (
        "D38",
        "what passes keeps the values that are there",
        Shown(&[
            (ON_SQLITE, "drafts_keep_rows_and_are_rolled_back"),
            (ON_POSTGRES, "drafts_keep_rows_and_are_rolled_back"),
            (CAPACITY, "changes_that_pass_keep_all_values"),
        ]),
    ),
    (
        "D39",
        "what can hold less does not pass",
        Shown(&[
            (CAPACITY, "changes_that_lose_values_do_not_pass"),
            (CAPACITY, "changes_that_pass_keep_all_values"),
            (ON_SQLITE, "no_value_changes_silently"),
            (ON_POSTGRES, "no_value_changes_silently"),
            (BREAKING, "allowed_changes_lead_to_the_new_schema"),
        ]),
    ),
    (
        "D40",
        "generated SQL is SQL: both databases parse and run it",
        Shown(&[
            (ON_SQLITE, "golden_tables_are_created_twice"),
            (ON_POSTGRES, "golden_tables_are_created_twice"),
            (ON_SQLITE, "every_plan_leads_to_the_new_schema"),
            (ON_POSTGRES, "every_plan_leads_to_the_new_schema"),
            (ON_SQLITE, "every_suggested_migration_leads_to_the_new_schema"),
            (ON_POSTGRES, "every_suggested_migration_leads_to_the_new_schema"),
        ]),
    ),
];
