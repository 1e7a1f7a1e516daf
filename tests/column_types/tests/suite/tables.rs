//! The tables of a type: one macro defines them and calls the operations with them.

/// Defines a module for a column type with the function `check`.
///
/// The values are in the order of the databases; of a type with two values the last is given twice. `and` is the SQL type of a list. `documents`, `lists` and
/// `keys` are for types that can be in a document, in a list or a key. `refused` are values that the column
/// does not store, `rounded` a value with what is stored of it, `equal` two values that the database takes
/// for equal. `in` names a module of the application that has the tables.
macro_rules! column_type {
    (
        $module:ident: [$($ty:tt)+] $(as $sql:literal)? $(and $list_sql:literal)?,
        [$a:expr, $b:expr, $c:expr $(,)?]
        $(, documents $documents:ident)?
        $(, lists $lists:ident)?
        $(, keys $keys:ident)?
        $(, refused [$($refused:expr),*])?
        $(, rounded $given:expr => $stored:expr)?
        $(, equal $one:expr, $other:expr)?
        $(,)?
    ) => {
        pub mod $module {
            #[allow(unused_imports)]
            use super::*;
            use crate::common::*;

            type Of = $($ty)+;

            /// The values in columns.
            #[derive(Clone, Debug, Table)]
            #[table(layout = "columns", standalone)]
            pub struct Row {
                #[primkey]
                id: i64,
                $(#[column(sql_type = $sql)])?
                value: $($ty)+,
                $(#[column(sql_type = $sql)])?
                maybe: Option<$($ty)+>,
            }

            async fn open(url: &str) -> Base {
                Base::open(url).await.unwrap()
            }

            column_type!(@documents $($documents)?, [$($ty)+]);
            column_type!(@lists $($lists)?, [$($ty)+] $($list_sql)?);
            column_type!(@keys $($keys)?, [$($ty)+] $($sql)?);
            operations!(
                [$a, $b, $c], [$($documents)? $($lists)? $($keys)?]
                $(, refused [$($refused),*])? $(, rounded $given => $stored)? $(, equal $one, $other)?
            );
        }
    };
    (
        $module:ident in $path:path,
        [$a:expr, $b:expr, $c:expr $(,)?]
        $(, documents $documents:ident)?
        $(, lists $lists:ident)?
        $(, keys $keys:ident)?
        $(, equal $one:expr, $other:expr)?
        $(,)?
    ) => {
        pub mod $module {
            #[allow(unused_imports)]
            use super::*;
            use crate::common::*;
            use $path::*;

            async fn open(url: &str) -> Base {
                Base::clone(&kontract_column_types::Storage::connect(url).await.unwrap())
            }

            operations!(
                [$a, $b, $c], [$($documents)? $($lists)? $($keys)?] $(, equal $one, $other)?
            );
        }
    };

    (@documents , [$($ty:tt)+]) => {};
    (@documents documents, [$($ty:tt)+]) => {
        /// The values in a document.
        #[derive(Clone, Debug, Serialize, Deserialize, Table)]
        #[table(standalone)]
        pub struct Paper {
            #[primkey]
            id: i64,
            value: $($ty)+,
            maybe: Option<$($ty)+>,
        }
    };

    (@lists , [$($ty:tt)+] $($sql:literal)?) => {};
    (@lists lists, [$($ty:tt)+] $($sql:literal)?) => {
        /// The values in lists.
        #[derive(Clone, Debug, Table)]
        #[table(layout = "columns", standalone)]
        pub struct Listed {
            #[primkey]
            id: i64,
            $(#[column(sql_type = $sql)])?
            list: Vec<$($ty)+>,
        }
    };

    (@keys , [$($ty:tt)+] $($sql:literal)?) => {};
    (@keys keys, [$($ty:tt)+] $($sql:literal)?) => {
        /// A value as the key.
        #[derive(Clone, Debug, Table)]
        #[table(layout = "columns", standalone)]
        pub struct ByKey {
            #[primkey]
            $(#[column(sql_type = $sql)])?
            key: $($ty)+,
            number: i64,
        }

        /// A row that refers to a key.
        #[derive(Clone, Debug, Table)]
        #[table(layout = "columns", standalone)]
        pub struct Child {
            #[primkey]
            id: i64,
            $(#[column(sql_type = $sql)])?
            parent: $($ty)+,
        }
    };
}
