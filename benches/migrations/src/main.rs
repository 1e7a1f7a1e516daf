//! Applies many migrations, each a table with an index, and starts again with all of them applied:
//! Kontract, `sqlx migrate` and refinery, in turns, in one run, each on a database of its own.
//!
//! `cargo run --release --manifest-path benches/migrations/Cargo.toml -- [MIGRATIONS] [STARTS]`
//! (1000 and 20)

use std::path::Path;
use std::time::{Duration, Instant};

use kontract::__private::{Base, Registry};
use kontract_schema::lock::{LockFile, Manual, Migration, Script, Scripts};
use kontract_test_support::{postgres_database, sqlite_database, temporary_directory};
use refinery::{Migration as Refined, Runner};
use sqlx::Connection;
use sqlx::migrate::Migrator;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).map(|n| n.parse().expect("a number"));
    let count: u32 = arguments.next().unwrap_or(1000);
    let starts = arguments.next().unwrap_or(20) as usize;

    let directory = temporary_directory();
    for n in 1..=count {
        let text = statements(n).join(";\n");
        std::fs::write(directory.path().join(format!("{n:04}_table.sql")), text)?;
    }
    let migrator = Migrator::new(directory.path()).await?;
    let refined: Vec<Refined> = (1..=count)
        .map(|n| Refined::unapplied(&format!("V{n}__table"), &statements(n).join(";\n")))
        .collect::<Result<_, _>>()?;
    let registry = registry(count);

    println!("{count} migrations; a start with all of them applied, median of {starts}");
    println!("{:24}{:>14}{:>14}", "", "apply, ms", "start, ms");
    let databases = [sqlite_database(), sqlite_database(), sqlite_database()];
    let [ours, theirs, others] = &databases;
    report("SQLite    Kontract", starts, async || kontract(ours.url(), registry).await).await?;
    report("SQLite    sqlx migrate", starts, async || {
        let mut connection = sqlx::SqliteConnection::connect(&file(theirs.url(), true)).await?;
        migrator.run(&mut connection).await?;
        Ok(connection.close().await?)
    })
    .await?;
    report("SQLite    refinery", starts, async || {
        let mut connection = rusqlite::Connection::open(Path::new(&file(others.url(), false)))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        Runner::new(&refined).run(&mut connection)?;
        Ok(())
    })
    .await?;

    let databases = [postgres_database(), postgres_database(), postgres_database()];
    let [ours, theirs, others] = &databases;
    report("PostgreSQL Kontract", starts, async || kontract(ours.url(), registry).await).await?;
    report("PostgreSQL sqlx migrate", starts, async || {
        let mut connection = sqlx::PgConnection::connect(theirs.url()).await?;
        migrator.run(&mut connection).await?;
        Ok(connection.close().await?)
    })
    .await?;
    report("PostgreSQL refinery", starts, async || {
        let (mut client, connection) =
            tokio_postgres::connect(others.url(), tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        Runner::new(&refined).run_async(&mut client).await?;
        drop(client);
        Ok(connection.await??)
    })
    .await?;
    Ok(())
}

async fn report(
    what: &str,
    starts: usize,
    run: impl AsyncFn() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let timed = async || -> Result<Duration, Failure> {
        let start = Instant::now();
        run().await?;
        Ok(start.elapsed())
    };
    let apply = timed().await?;
    let mut times = Vec::new();
    for _ in 0..starts {
        times.push(timed().await?);
    }
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!("{what:24}{:>14.0}{:>14.2}", ms(apply), ms(times[starts / 2]));
    Ok(())
}

async fn kontract(url: &str, registry: &'static Registry) -> Result<(), Failure> {
    let base = Base::connect(url, registry).await?;
    base.close().await;
    Ok(())
}

fn file(url: &str, as_url: bool) -> String {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = path.split('?').next().unwrap_or(path);
    if as_url { format!("sqlite://{path}?mode=rwc") } else { path.to_owned() }
}

fn statements(n: u32) -> Vec<String> {
    vec![
        format!("CREATE TABLE table_{n} (id BIGINT PRIMARY KEY, name TEXT NOT NULL)"),
        format!("CREATE INDEX table_{n}_name ON table_{n} (name)"),
    ]
}

/// A history that has to be replayed, because its first migration carries data.
fn registry(count: u32) -> &'static Registry {
    let mut lock = LockFile { version: count, ..LockFile::default() };
    for version in 1..=count {
        let script = Script { up: statements(version), ..Script::default() };
        let manual = (version == 1)
            .then(|| Manual { file: "0001_table.sql".into(), checksum: "1:sha256:0".into() });
        let migration = Migration {
            version,
            name: "table".into(),
            parent: lock.head().to_owned(),
            hash: String::new(),
            changes: Vec::new(),
            manual,
            sql: Scripts { postgres: script.clone(), sqlite: script },
        };
        lock.migrations.push(migration.hashed());
    }
    Box::leak(Box::new(Registry {
        package: "bench",
        version: count,
        head: lock.head().to_owned().leak(),
        draft: None,
        lock: lock.write().leak(),
        debug: false,
    }))
}
