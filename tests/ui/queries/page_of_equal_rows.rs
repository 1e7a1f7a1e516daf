include!("../tables.rs");

#[derive(Table)]
#[table(standalone, layout = "columns", keyless, unique(page, maybe))]
pub struct Visit {
    pub page: String,
    pub maybe: Option<i64>,
}

#[derive(Table)]
#[table(standalone, layout = "columns", keyless, unique(code, day))]
pub struct Badge {
    pub code: String,
    pub day: i64,
}

#[derive(kontract::Projection)]
pub struct Points {
    pub user: String,
    pub points: i32,
}

pub async fn pages(
    visits: kontract::KeylessTable<Visit>,
    badges: kontract::KeylessTable<Badge>,
    tasks: kontract::Table<Task>,
) {
    let _ = badges.list().page(2).await;
    let _ = visits.list().page(2).await;
    let _ = tasks.list().join::<Visit>(Visit::page.eq(Task::title)).page(2).await;
    let _ = tasks.list().group_by(Task::user).select(|user| (user,)).page(2).await;
    let points = tasks.list().select((Task::user, Task::points)).named::<Points>();
    let _ = points.as_table().page(2).await;
}
