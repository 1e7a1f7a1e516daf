#[derive(Enum)]
enum Status {
    Draft,
    Over,
    Away,
}

#[derive(Document)]
struct Part {
    state: Status,
    states: Vec<Status>,
    rest: Option<String>,
}

#[derive(Document)]
struct Whole {
    part: Part,
    parts: Vec<Part>,
}

#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    seen: Vec<Status>,
    whole: Whole,
    wholes: Vec<Whole>,
}

#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    seen: Vec<Status>,
    whole: Option<Whole>,
}
