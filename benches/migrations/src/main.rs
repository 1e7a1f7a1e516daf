//! Applies many migrations, the first hundred a table with an index, the others a row, and starts again with all of them applied:
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

    println!(
        "{count} migrations; a start with all of them applied, and without the connection alone, median of {starts}"
    );
    println!("{:24}{:>12}{:>12}{:>12}", "", "apply, ms", "start, ms", "of it, ms");
    let databases = [sqlite_database(), sqlite_database(), sqlite_database()];
    let [ours, theirs, others] = &databases;
    report("SQLite    Kontract", starts, async |all| kontract(ours.url(), registry, all).await)
        .await?;
    report("SQLite    sqlx migrate", starts, async |all| {
        let mut connection = sqlx::SqliteConnection::connect(&file(theirs.url(), true)).await?;
        if all {
            migrator.run(&mut connection).await?;
        }
        Ok(connection.close().await?)
    })
    .await?;
    report("SQLite    refinery", starts, async |all| {
        let mut connection = rusqlite::Connection::open(Path::new(&file(others.url(), false)))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        if all {
            Runner::new(&refined).run(&mut connection)?;
        }
        Ok(())
    })
    .await?;

    let databases = [postgres_database(), postgres_database(), postgres_database()];
    let [ours, theirs, others] = &databases;
    report("PostgreSQL Kontract", starts, async |all| kontract(ours.url(), registry, all).await)
        .await?;
    report("PostgreSQL sqlx migrate", starts, async |all| {
        let mut connection = sqlx::PgConnection::connect(theirs.url()).await?;
        if all {
            migrator.run(&mut connection).await?;
        }
        Ok(connection.close().await?)
    })
    .await?;
    report("PostgreSQL refinery", starts, async |all| {
        let (mut client, connection) =
            tokio_postgres::connect(others.url(), tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        if all {
            Runner::new(&refined).run_async(&mut client).await?;
        }
        drop(client);
        Ok(connection.await??)
    })
    .await?;
    Ok(())
}

/// Times the first run, then runs with and without the migrations in turns.
async fn report(
    what: &str,
    starts: usize,
    run: impl AsyncFn(bool) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let timed = async |all: bool| -> Result<Duration, Failure> {
        let start = Instant::now();
        run(all).await?;
        Ok(start.elapsed())
    };
    let apply = timed(true).await?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..starts {
        with.push(timed(true).await?);
        without.push(timed(false).await?);
    }
    with.sort();
    without.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let (with, without) = (ms(with[starts / 2]), ms(without[starts / 2]));
    println!("{what:24}{:>12.0}{with:>12.2}{:>12.2}", ms(apply), with - without);
    Ok(())
}

async fn kontract(url: &str, registry: &'static Registry, all: bool) -> Result<(), Failure> {
    let base = match all {
        true => Base::connect(url, registry).await?,
        false => Base::open(url).await?,
    };
    base.close().await;
    Ok(())
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
