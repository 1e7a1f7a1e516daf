/// A note.
#[derive(Table)]
#[table(layout = "columns", comments)]
struct Note {
    #[primkey]
    id: i64,
    /// The text.
    text: Option<String>,
}
