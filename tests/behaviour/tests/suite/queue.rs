//! Push, pop and shift.

use std::collections::BTreeSet;

use kontract::Table;
use kontract_behaviour::{Job, NewJob, Storage};

async fn tasks(jobs: &Table<Job>) -> Vec<i64> {
    let mut rows = jobs.list().rows().await.unwrap();
    rows.sort_by_key(|row| row.order);
    rows.into_iter().map(|row| row.record.task).collect()
}

kontract_test_support::both! {
    async fn both_ends(url: &str) {
        let jobs = Storage::connect(url).await.unwrap().jobs;
        for task in 1i64..=5 {
            jobs.push(NewJob::new(task)).await.unwrap();
        }
        assert_eq!(tasks(&jobs).await, [1, 2, 3, 4, 5]);
        assert_eq!(jobs.pop().await.unwrap().map(|job| job.task), Some(5));
        assert_eq!(jobs.shift().await.unwrap().map(|job| job.task), Some(1));
        jobs.push_many((6i64..9).map(NewJob::new)).await.unwrap();
        assert_eq!(tasks(&jobs).await, [2, 3, 4, 6, 7, 8]);
        let taken = |jobs: Vec<Job>| jobs.into_iter().map(|job| job.task).collect::<Vec<_>>();
        assert_eq!(taken(jobs.shift_many(2).await.unwrap()), [2, 3]);
        assert_eq!(taken(jobs.pop_many(3).await.unwrap()), [8, 7, 6]);
        assert_eq!(taken(jobs.pop_many(3).await.unwrap()), [4]);
        assert_eq!(jobs.pop().await.unwrap(), None);
        assert_eq!(jobs.shift().await.unwrap(), None);
    }

    async fn each_row_is_taken_exactly_once(url: &str) {
        const TASKS: i64 = 32;
        const EACH: i64 = 10;
        let storage = Storage::connect(url).await.unwrap();
        let pushing = (0..TASKS).map(|task| {
            let jobs = storage.jobs.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    jobs.push(NewJob::new(task * EACH + number)).await.unwrap();
                }
            })
        });
        for task in pushing.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        let rows = storage.jobs.list().rows().await.unwrap();
        let places: BTreeSet<i64> = rows.iter().filter_map(|row| row.order).collect();
        assert_eq!(places.len() as i64, TASKS * EACH, "every row has its own place");

        let taking = (0..TASKS).map(|task| {
            let jobs = storage.jobs.clone();
            tokio::spawn(async move {
                let mut taken = Vec::new();
                // Each task takes more than its share, so some find the queue empty.
                loop {
                    let job = if task % 2 == 0 { jobs.pop().await } else { jobs.shift().await };
                    match job.unwrap() {
                        Some(job) => taken.push(job.task),
                        None if jobs.count().await.unwrap() == 0 => return taken,
                        None => {}
                    }
                }
            })
        });
        let mut taken = Vec::new();
        for task in taking.collect::<Vec<_>>() {
            taken.extend(task.await.unwrap());
        }
        taken.sort_unstable();
        assert_eq!(taken, (0..TASKS * EACH).collect::<Vec<_>>());
    }
}
