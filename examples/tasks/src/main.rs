//! Registers a user, adds a task, lists the tasks and completes one. `tasks.db`, or `DATABASE_URL`.

use tasks::{NewUser, Repositories, Storage, register};

#[tokio::main]
async fn main() -> kontract::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:tasks.db".to_owned());
    let storage = Storage::connect(&url).await?;
    let of = Repositories::new(&storage);
    println!("{} users", of.users.find_all().await?.len());

    let ann = match of.users.find_by_email("ann@example.org").await? {
        Some(ann) => ann,
        None => {
            let ann = NewUser::new("ann@example.org", "argon2id$…", "Ann");
            register(&storage, ann, "Look around").await?.0
        }
    };
    of.tasks.create(&ann.id, "Buy milk").await?;
    for task in of.tasks.find_with_users().await? {
        println!("{}: {}", task.user_name, task.title);
    }
    for task in of.tasks.complete_all(&ann.id).await? {
        println!("done: {}", task.title);
    }
    for (status, tasks) in of.tasks.count_by_status().await? {
        println!("{tasks} {status:?}");
    }
    Ok(())
}
