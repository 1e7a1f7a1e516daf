//! A moment as Unix milliseconds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z. BIGINT on PostgreSQL, INTEGER on SQLite, a
/// number in JSON.
///
/// ```
/// # use kontract_runtime::Timestamp;
/// let moment = Timestamp::from_millis(1_700_000_000_000);
/// assert_eq!(moment.as_millis(), 1_700_000_000_000);
/// assert_eq!(moment.to_string(), "2023-11-14T22:13:20.000000Z");
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Returns the current time of this machine, in milliseconds.
    ///
    /// ```
    /// # use kontract_runtime::Timestamp;
    /// assert!(Timestamp::now() > Timestamp::from_millis(1_700_000_000_000));
    /// ```
    pub fn now() -> Timestamp {
        Timestamp::from(SystemTime::now())
    }

    /// Creates the moment at that number of milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// ```
    /// # use kontract_runtime::Timestamp;
    /// assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000000Z");
    /// ```
    pub const fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis)
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// ```
    /// # use kontract_runtime::Timestamp;
    /// assert_eq!(Timestamp::from_millis(1_500).as_millis(), 1_500);
    /// ```
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns the time that is later by `duration`; saturates at the largest value.
    ///
    /// ```
    /// # use kontract_runtime::Timestamp;
    /// use std::time::Duration;
    /// let start = Timestamp::from_millis(1_000);
    /// assert_eq!(start.after(Duration::from_secs(2)).as_millis(), 3_000);
    /// ```
    pub fn after(self, duration: Duration) -> Timestamp {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_add(millis))
    }
}

/// Moments before 1970 are negative; fractions of a millisecond are cut off.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Timestamp {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp(match time.duration_since(UNIX_EPOCH) {
            Ok(since) => millis(since),
            Err(before) => -millis(before.duration()),
        })
    }
}

/// Prints RFC 3339 in UTC; the plain number if the year is not between 0001 and 9999.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.0.checked_mul(1000).and_then(super::calendar::format_datetime);
        match text {
            Some(text) => write!(f, "{text}Z"),
            None => write!(f, "{}", self.0),
        }
    }
}
