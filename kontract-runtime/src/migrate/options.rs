//! How patient a runner is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::failure;
use crate::error::Result;

/// How long a runner waits, and whom it tells what it does.
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) patience: Duration,
    pub(super) statement_patience: Duration,
    pub(super) lease: Duration,
    pub(super) listener: Option<Listener>,
}

/// Whom a runner tells what it begins.
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
    /// The usual ones, and what the environment says.
    ///
    /// # Errors
    /// `KONTRACT_LOCK_TIMEOUT` is not a number of seconds.
    pub fn from_env() -> Result<Options> {
        let Some(text) = std::env::var_os("KONTRACT_LOCK_TIMEOUT").filter(|text| !text.is_empty())
        else {
            return Ok(Options::default());
        };
        let patience = patience(&text.to_string_lossy())?;
        Ok(Options { patience, ..Options::default() })
    }

    /// How long another runner is waited for: a minute, or the seconds that the variable
    /// `KONTRACT_LOCK_TIMEOUT` says.
    pub fn patience(mut self, patience: Duration) -> Options {
        self.patience = patience;
        self
    }

    /// How long a statement waits for a table on PostgreSQL before it is tried again a little
    /// later, five times: others wait behind it meanwhile. Five seconds.
    pub fn statement_patience(mut self, patience: Duration) -> Options {
        self.statement_patience = patience;
        self
    }

    /// For how long a runner behind a pooler keeps the lock between two of its transactions, which
    /// may take as long as they want: another one goes on that long after it was killed. Fifteen
    /// seconds.
    pub fn lease(mut self, lease: Duration) -> Options {
        self.lease = lease;
        self
    }

    /// Tells of each step when it begins.
    pub fn listener(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Options {
        self.listener = Some(Listener(Arc::new(listener)));
        self
    }
}

fn patience(text: &str) -> Result<Duration> {
    let seconds = text.trim().parse().ok().map(Duration::try_from_secs_f64);
    seconds.and_then(Result::ok).ok_or_else(|| {
        failure("K0447", format!("KONTRACT_LOCK_TIMEOUT is not a number of seconds: `{text}`"))
            .with_help(
                "for instance `KONTRACT_LOCK_TIMEOUT=120`; without it a runner waits a minute",
            )
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
