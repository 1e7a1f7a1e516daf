use kontract::expr::value;

include!("../tables.rs");

#[derive(Projection)]
pub struct Branch {
    id: i64,
    depth: i64,
}

pub async fn query(tasks: kontract::Table<Task>) {
    let root = tasks.list().select((Task::id, value(0))).named::<Branch>();
    let _ = root.recursive(|found| {
        let next = found.right_join::<Task>(Task::parent.eq(Branch::id));
        next.select((Task::id, value(1))).named()
    });
}
