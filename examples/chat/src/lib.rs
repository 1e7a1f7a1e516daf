//! The storage of a chat program: six tables in four levels of dependency, each field a column.
//!
//! ```text
//! level 0   spaces   users   files
//! level 1   channels → spaces
//! level 2   events → channels, users, events
//! level 3   attachments → events, files
//! ```
//!
//! Opening a database creates it, or upgrades an existing one and keeps its rows.

use kontract::prelude::*;

/// A server or workspace.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Space {
    /// The key.
    #[primkey]
    pub id: String,
    /// The name people see.
    pub name: String,
    /// The topic.
    pub description: Option<String>,
}

/// A user who writes messages.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct User {
    /// The key.
    #[primkey]
    pub id: String,
    /// The name people see.
    pub name: String,
}

/// A file that was sent.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct File {
    /// The key.
    #[primkey]
    pub id: Uuid,
    /// The name that the sender gave it.
    pub name: String,
    /// Its MIME type.
    pub mime_type: String,
    /// The content.
    pub content: Vec<u8>,
}

/// A place in a space where messages are written.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Channel {
    /// The key.
    #[primkey]
    pub id: String,
    /// The space. The channel is deleted with it.
    #[references(Space, on_delete = "cascade")]
    #[index]
    pub space_id: String,
    /// The name people see.
    pub name: String,
    /// The topic. Migration 2 added this field.
    pub topic: Option<String>,
}

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Kind {
    /// A new message.
    Message,
    /// An answer to a message.
    Reply,
    /// A user's reaction to a message.
    Reaction,
}

/// Something that happened in a channel.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", index(channel_id, created_at))]
pub struct Event {
    /// The key. Newer events have greater keys.
    #[primkey]
    pub id: Uuid,
    /// The kind.
    pub kind: Kind,
    /// The channel. The event is deleted with it.
    #[references(Channel, on_delete = "cascade")]
    pub channel_id: String,
    /// The author; `None` after the user was deleted.
    #[references(User, on_delete = "set_null")]
    #[index]
    pub user_id: Option<String>,
    /// The event that this one answers.
    #[references(Event, on_delete = "cascade")]
    #[index]
    pub parent_id: Option<Uuid>,
    /// The text.
    pub text: Option<String>,
    /// The time.
    #[created_at]
    pub created_at: Timestamp,
}

/// A file that belongs to an event.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", primary_key(event_id, file_id))]
pub struct Attachment {
    /// The event. The attachment is deleted with it.
    #[references(Event, on_delete = "cascade")]
    pub event_id: Uuid,
    /// The file.
    #[references(File)]
    #[index]
    pub file_id: Uuid,
}

kontract::storage!();
