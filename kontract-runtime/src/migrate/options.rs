//! The time limits of a runner, and its listener.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kontract_schema::code;

use super::failure::failure;
use crate::error::Result;

/// The time limits of a runner, and its listener.
///
/// ```
/// # use kontract_doc_tables::*;
/// use std::time::Duration;
///
/// let options = Options::default()
///     .patience(Duration::from_secs(120)) // for another runner; default: 60 s
///     .statement_patience(Duration::from_secs(2)) // for a lock on a table; default: 5 s
///     .listener(|step| println!("{step}"));
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) patience: Duration,
    pub(super) statement_patience: Duration,
    pub(super) lease: Duration,
    pub(super) listener: Option<Listener>,
}

/// Receives the title of each step.
#[derive(Clone)]
pub(super) struct Listener(pub(super) Arc<dyn Fn(&str) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            patience: Duration::from_secs(60),
            statement_patience: Duration::from_secs(5),
            lease: Duration::from_secs(15),
            listener: None,
        }
    }
}

impl Options {
    /// Returns the defaults, with `KONTRACT_LOCK_TIMEOUT` of the environment.
    ///
    /// # Errors
    /// [`Kind::Migration`](crate::Kind::Migration) if `KONTRACT_LOCK_TIMEOUT` is not a number of
    /// seconds.
    pub fn from_env() -> Result<Options> {
        let Some(text) = std::env::var_os("KONTRACT_LOCK_TIMEOUT").filter(|text| !text.is_empty())
        else {
            return Ok(Options::default());
        };
        let patience = patience(&text.to_string_lossy())?;
        Ok(Options { patience, ..Options::default() })
    }

    /// Sets how long to wait for another runner. Default: 60 s, or the seconds of the variable
    /// `KONTRACT_LOCK_TIMEOUT`.
    pub fn patience(mut self, patience: Duration) -> Options {
        self.patience = patience;
        self
    }

    /// Sets how long a statement waits for a lock on a table on PostgreSQL, because other sessions
    /// wait behind it. The runner tries again five times, a little later. Default: 5 s.
    pub fn statement_patience(mut self, patience: Duration) -> Options {
        self.statement_patience = patience;
        self
    }

    /// Sets the lease duration behind a transaction pooler. Each transaction renews the lease;
    /// after a crash another runner can start once it has expired. Default: 15 s.
    pub fn lease(mut self, lease: Duration) -> Options {
        self.lease = lease;
        self
    }

    /// Calls the listener with the title of each step before it begins.
    pub fn listener(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Options {
        self.listener = Some(Listener(Arc::new(listener)));
        self
    }
}

fn patience(text: &str) -> Result<Duration> {
    let seconds = text.trim().parse().ok().map(Duration::try_from_secs_f64);
    seconds.and_then(Result::ok).ok_or_else(|| {
        failure(
            code::LOCK_TIMEOUT,
            format!("KONTRACT_LOCK_TIMEOUT is not a number of seconds: `{text}`"),
        )
        .with_help("for instance `KONTRACT_LOCK_TIMEOUT=120`; the default is 60")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds() {
        assert_eq!(patience("1.5").ok(), Some(Duration::from_millis(1500)));
        for text in ["a minute", "-1", "1e99", "NaN"] {
            assert_eq!(
                patience(text).err().and_then(|error| error.code()),
                Some("K0447"),
                "{text}"
            );
        }
    }
}
