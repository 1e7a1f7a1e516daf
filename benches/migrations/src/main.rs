//! Applies many migrations, the first hundred a table with an index, the others a row; then starts
//! with all of them applied, on a new connection each, and looks once more on the open one: Kontract,
//! `sqlx migrate` and refinery, in one run, each on a database of its own.
//!
//! `cargo run --release --manifest-path benches/migrations/Cargo.toml -- [MIGRATIONS] [STARTS]`
//! (1000 and 20)

use std::path::Path;
use std::time::{Duration, Instant};

use kontract::__private::{Base, Registry};
use kontract_schema::lock::{LockFile, Manual, Migration, Script, Scripts, Step};
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

    println!(
        "{count} migrations; then, with all of them applied, a start, and the same again on its"
    );
    println!("open connection; median of {starts}");
    println!("{:24}{:>12}{:>12}{:>12}", "", "apply, ms", "start, ms", "again, ms");
    let databases = [sqlite_database(), sqlite_database(), sqlite_database()];
    let [ours, theirs, others] = &databases;
    report("SQLite    Kontract", starts, async || kontract(ours.url(), registry).await).await?;
    report("SQLite    sqlx migrate", starts, async || {
        let start = Instant::now();
        let mut connection = sqlx::SqliteConnection::connect(&file(theirs.url(), true)).await?;
        migrator.run(&mut connection).await?;
        let times =
            (start.elapsed(), again(async || Ok(migrator.run(&mut connection).await?)).await?);
        connection.close().await?;
        Ok(times)
    })
    .await?;
    report("SQLite    refinery", starts, async || {
        let start = Instant::now();
        let mut connection = rusqlite::Connection::open(Path::new(&file(others.url(), false)))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        Runner::new(&refined).run(&mut connection)?;
        let first = start.elapsed();
        let mut run = || Runner::new(&refined).run(&mut connection).map(drop);
        Ok((first, again(async || Ok(run()?)).await?))
    })
    .await?;

    let databases = [postgres_database(), postgres_database(), postgres_database()];
    let [ours, theirs, others] = &databases;
    report("PostgreSQL Kontract", starts, async || kontract(ours.url(), registry).await).await?;
    report("PostgreSQL sqlx migrate", starts, async || {
        let start = Instant::now();
        let mut connection = sqlx::PgConnection::connect(theirs.url()).await?;
        migrator.run(&mut connection).await?;
        let times =
            (start.elapsed(), again(async || Ok(migrator.run(&mut connection).await?)).await?);
        connection.close().await?;
        Ok(times)
    })
    .await?;
    report("PostgreSQL refinery", starts, async || {
        let start = Instant::now();
        let (mut client, connection) =
            tokio_postgres::connect(others.url(), tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        Runner::new(&refined).run_async(&mut client).await?;
        let first = start.elapsed();
        let second = Instant::now();
        Runner::new(&refined).run_async(&mut client).await?;
        let times = (first, second.elapsed());
        drop(client);
        connection.await??;
        Ok(times)
    })
    .await?;
    for (what, url) in
        [("connecting, sqlx", theirs.url()), ("connecting, tokio-postgres", others.url())]
    {
        let mut times = Vec::new();
        for _ in 0..starts {
            let start = Instant::now();
            if what.ends_with("sqlx") {
                let connection = sqlx::PgConnection::connect(url).await?;
                times.push(start.elapsed());
                connection.close().await?;
            } else {
                let (client, connection) =
                    tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
                times.push(start.elapsed());
                drop(client);
                connection.await?;
            }
        }
        println!("{what:36}{:>12.2}", median(times));
    }
    Ok(())
}

/// Times the first run, then starts that find nothing to do.
async fn report(
    what: &str,
    starts: usize,
    run: impl AsyncFn() -> Result<(Duration, Duration), Failure>,
) -> Result<(), Failure> {
    let (apply, _) = run().await?;
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..starts {
        let (start, again) = run().await?;
        first.push(start);
        second.push(again);
    }
    let apply = apply.as_secs_f64() * 1000.0;
    println!("{what:24}{apply:>12.0}{:>12.2}{:>12.3}", median(first), median(second));
    Ok(())
}

/// In milliseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

async fn again(mut run: impl AsyncFnMut() -> Result<(), Failure>) -> Result<Duration, Failure> {
    let start = Instant::now();
    run().await?;
    Ok(start.elapsed())
}

async fn kontract(url: &str, registry: &'static Registry) -> Result<(Duration, Duration), Failure> {
    let start = Instant::now();
    let mut base = Base::connect(url, registry).await?;
    let first = start.elapsed();
    let start = Instant::now();
    base.bring_up_to_date(registry).await?;
    let second = start.elapsed();
    base.close().await;
    Ok((first, second))
}

fn file(url: &str, as_url: bool) -> String {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = path.split('?').next().unwrap_or(path);
    if as_url { format!("sqlite://{path}?mode=rwc") } else { path.to_owned() }
}

fn statements(n: u32) -> Vec<String> {
    let table = n % 100;
    match n {
        ..100 => vec![
            format!("CREATE TABLE table_{table} (id BIGINT PRIMARY KEY, name TEXT NOT NULL)"),
            format!("CREATE INDEX table_{table}_name ON table_{table} (name)"),
        ],
        _ => vec![format!("INSERT INTO table_{} VALUES ({n}, 'a name')", table.max(1))],
    }
}

/// A history that has to be replayed, because its first migration carries data.
fn registry(count: u32) -> &'static Registry {
    let mut lock = LockFile { version: count, ..LockFile::default() };
    for version in 1..=count {
        let up = statements(version).into_iter().map(Step::new).collect();
        let script = Script { up, ..Script::default() };
        let manual = (version == 1)
            .then(|| Manual { file: "0001_table.sql".into(), checksum: "1:sha256:0".into() });
        let migration = Migration {
            version,
            name: "table".into(),
            parent: lock.head().to_owned(),
            hash: String::new(),
            checksum: String::new(),
            changes: Vec::new(),
            additive: false,
            manual,
            origin: None,
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
        generators: &[],
        migrations: &[],
    }))
}
