use kontract::expr::{count, value};

include!("../tables.rs");

#[derive(Projection)]
pub struct Branch {
    id: i64,
    depth: i64,
}

pub async fn query(tasks: kontract::Table<Task>) {
    let root = tasks.list().select((Task::id, value(0))).named::<Branch>();
    let _ = root.recursive(|found| {
        let next = found.join::<Task>(Task::parent.eq(Branch::id));
        next.group_by(Task::id).select(|id| (id, count())).named()
    });
}
