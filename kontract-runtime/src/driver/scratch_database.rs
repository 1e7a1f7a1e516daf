//! A temporary database, for the command line. It runs migrations of other people, so it is confined: on
//! PostgreSQL by a temporary role, which has no rights outside of it.

use std::path::PathBuf;

use kontract_schema::code;
use kontract_schema::dialect::Dialect;

use super::dialect_of_url;
use super::postgres::Postgres;
use crate::error::{Error, Kind, Result};

/// An empty temporary database. [`Scratch::remove`] removes it.
#[derive(Debug)]
pub struct Scratch {
    url: String,
    target: Target,
}

/// What is removed at the end.
#[derive(Debug)]
enum Target {
    /// The directory of the file.
    Sqlite(PathBuf),
    /// A database beside the one at that address, and the role of this name if it was created.
    Postgres { server: String, name: String, has_role: bool },
}

impl Scratch {
    /// A SQLite file among the temporary files.
    ///
    /// # Errors
    /// The directory for temporary files cannot be written.
    pub fn sqlite() -> Result<Scratch> {
        let dir = std::env::temp_dir().join(name());
        std::fs::create_dir(&dir).map_err(|error| {
            let what = format!("the directory {} cannot be made: {error}", dir.display());
            Error::new(Kind::Database, what)
        })?;
        let url = format!("sqlite:{}", dir.join("scratch.db").display());
        Ok(Scratch { url, target: Target::Sqlite(dir) })
    }

    /// A database on the server of this address, beside the one that it names. Its owner is a temporary
    /// role, if the role of the address may create one.
    ///
    /// # Errors
    /// Of the connection; the role may not create databases, or it may use files or programs of the
    /// server and not create a role; the server does not let the temporary role log in.
    pub async fn postgres(server: &str) -> Result<Scratch> {
        if dialect_of_url(server)? != Dialect::Postgres {
            let what = "the address is not that of a server of PostgreSQL";
            return Err(Error::new(Kind::Url, what).with_code(code::DATABASE_URL));
        }
        let (name, password) = (name(), [(); 2].map(|()| random()).concat());
        let has_role = may_create_roles(server).await?;
        let mut url = with_database(server, &name);
        let mut create = format!("CREATE DATABASE {name}");
        if has_role {
            execute(
                server,
                &format!(
                    "CREATE ROLE {name} LOGIN PASSWORD '{password}'; GRANT {name} TO CURRENT_USER"
                ),
            )
            .await?;
            url = with_role(&url, &name, &password);
            create += &format!(" OWNER {name}");
        }
        let scratch =
            Scratch { url, target: Target::Postgres { server: server.to_owned(), name, has_role } };
        let made = execute(server, &create).await.map_err(|error| {
            match error.database().map(|error| error.code.as_str()) {
                Some("42501") => error.with_help("name a role that may create databases"),
                _ => error,
            }
        });
        let made = match made {
            Ok(_) if has_role => execute(&scratch.url, "SELECT 1").await.map_err(|error| {
                error.with_help("the migrations run as a temporary role with a password: let it log in (pg_hba.conf), or name a role that may create databases and no roles")
            }),
            made => made,
        };
        match made {
            Ok(_) => Ok(scratch),
            Err(error) => {
                // The first error says what to do.
                let _ = scratch.remove().await;
                Err(error)
            }
        }
    }

    /// Whether the statements run with the rights of the role of the address, which can have other
    /// databases.
    pub fn shares_role(&self) -> bool {
        matches!(self.target, Target::Postgres { has_role: false, .. })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Removes it.
    ///
    /// # Errors
    /// It is still there.
    pub async fn remove(self) -> Result<()> {
        match self.target {
            Target::Sqlite(dir) => std::fs::remove_dir_all(&dir).map_err(|error| {
                let what = format!("the directory {} cannot be removed: {error}", dir.display());
                Error::new(Kind::Database, what)
            }),
            Target::Postgres { server, name, has_role } => {
                execute(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
                if has_role {
                    execute(&server, &format!("DROP ROLE IF EXISTS {name}")).await?;
                }
                Ok(())
            }
        }
    }
}

/// A unique name.
fn name() -> String {
    format!("kontract_scratch_{}", random())
}

/// 32 hexadecimal digits, of which most are random.
fn random() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// Runs statements; returns how many rows they gave.
async fn execute(url: &str, statement: &str) -> Result<u64> {
    let mut session = Postgres::new(url)?.session().await?;
    let done = session.send(statement).await;
    session.close().await;
    done
}

/// Whether the role of the address may create roles.
///
/// # Errors
/// It may not, and it may use files or programs of the server.
async fn may_create_roles(url: &str) -> Result<bool> {
    let own = "SELECT 1 FROM pg_roles own WHERE rolname = CURRENT_USER AND";
    if execute(url, &format!("{own} (rolsuper OR rolcreaterole)")).await? > 0 {
        return Ok(true);
    }
    let others = "('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')";
    let has = format!(
        "EXISTS (SELECT FROM pg_roles other WHERE other.rolname IN {others} \
         AND pg_has_role(own.oid, other.oid, 'MEMBER'))"
    );
    if execute(url, &format!("{own} {has}")).await? > 0 {
        let what = "the role may use files or programs of the server, and so could each migration";
        return Err(Error::new(Kind::Denied, what)
            .with_help("name a role that may create roles, or one without these rights"));
    }
    Ok(false)
}

/// The address with another role.
fn with_role(url: &str, role: &str, password: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_other = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && !["user", "password", "passfile"].contains(&name)
    };
    let parameters: Vec<&str> = parameters.split('&').filter(is_other).collect();
    let question = if parameters.is_empty() { "" } else { "?" };
    format!("{scheme}://{role}:{password}@{host}/{path}{question}{}", parameters.join("&"))
}

/// The address with another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let authority = rest.split('/').next().unwrap_or_default();
    let question = if parameters.is_empty() { "" } else { "?" };
    format!("{scheme}://{authority}/{name}{question}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::{with_database, with_role};

    #[test]
    fn another_database_of_the_same_server() {
        for (url, other) in [
            ("postgres://a:b@host:5432/app", "postgres://a:b@host:5432/x"),
            ("postgresql://host", "postgresql://host/x"),
            ("postgres://host/app?sslmode=require", "postgres://host/x?sslmode=require"),
        ] {
            assert_eq!(with_database(url, "x"), other);
        }
    }

    #[test]
    fn another_role_of_the_same_database() {
        for (url, other) in [
            ("postgres://a:b@host:5432/x", "postgres://r:p@host:5432/x"),
            (
                "postgres://host/x?user=a&sslmode=require&password=b",
                "postgres://r:p@host/x?sslmode=require",
            ),
            ("postgresql:///x?host=/run/postgresql", "postgresql://r:p@/x?host=/run/postgresql"),
        ] {
            assert_eq!(with_role(url, "r", "p"), other);
        }
    }
}
