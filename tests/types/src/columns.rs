//! Types of Rust that have column types of their own.

use std::net::IpAddr;

use kontract::prelude::*;
use kontract::value::{Bits, Interval, IpNet, MacAddr};

/// A newtype of such a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Host(pub IpAddr);

/// A key of such a type.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Machine {
    /// INET.
    #[primkey]
    pub host: Host,
    /// INET.
    #[index]
    pub net: Option<IpNet>,
    /// CIDR.
    #[column(sql_type = "cidr")]
    pub block: IpNet,
    /// MACADDR.
    #[unique]
    pub mac: MacAddr,
    /// VARBIT.
    pub flags: Bits,
    /// BIT(3).
    #[column(sql_type = "bit(3)")]
    pub three: Option<Bits>,
    /// INTERVAL.
    pub uptime: Interval,
    /// INTERVAL.
    pub timeout: jiff::SignedDuration,
    /// INTERVAL.
    pub delay: Option<chrono::TimeDelta>,
    /// INET[].
    pub others: Vec<IpAddr>,
    /// INTERVAL[].
    pub pauses: Vec<jiff::SignedDuration>,
}

/// In a document they are texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
pub struct Visit {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A text.
    pub from: IpAddr,
    /// A text.
    pub stay: Interval,
}
