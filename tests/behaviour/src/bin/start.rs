//! A program that starts, inserts a row and exits, for tests with several processes.

use kontract_behaviour::{NewJob, Storage};

#[tokio::main]
async fn main() -> kontract::Result<()> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "sqlite:start.db".to_owned());
    let storage = Storage::connect(&url).await?;
    for task in 0i64..20 {
        storage.jobs.push(NewJob::new(task)).await?;
    }
    storage.close().await;
    Ok(())
}
