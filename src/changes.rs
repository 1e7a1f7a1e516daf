//! The change feed: what [`Table::changes`](crate::Table::changes) and `Storage::changes` take and return.

pub use kontract_runtime::{
    AnyChange, Change, ChangeCursor, ChangeKind, ChangeLag, Changes, Consumer, HasCursor,
    ReadAllChanges, ReadChanges, Subscription,
};
