use kontract::prelude::*;
use kontract::value;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct Task {
    #[primkey]
    pub id: i64,
    pub parent: Option<i64>,
    pub title: String,
}

#[derive(Projection)]
pub struct Branch {
    id: i64,
    depth: i64,
}

pub async fn query(tasks: kontract::Table<Task>) {
    let root = tasks.list().select((Task::id, value(0))).named::<Branch>();
    let _ = root.recursive(|found| {
        let next = found.join::<Task>(Task::parent.eq(Branch::id));
        next.select((Task::id, Task::title)).named()
    });
}

fn main() {}
