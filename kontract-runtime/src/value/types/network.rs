//! Addresses of networks: `inet`, `cidr` and `macaddr`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use kontract_schema::stored_text::parse_network;

/// An address with the length of its network's prefix: PostgreSQL's `inet` and `cidr`. An address
/// alone is a [`std::net::IpAddr`].
///
/// ```
/// # use kontract_runtime::IpNet;
/// let net: IpNet = "10.0.0.0/8".parse().unwrap();
/// assert_eq!(net.prefix, 8);
/// assert_eq!(net.to_string(), "10.0.0.0/8");
/// assert_eq!("::1".parse::<IpNet>().unwrap().prefix, 128);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IpNet {
    /// The address.
    pub address: IpAddr,
    /// The number of bits of the network: at most 32, for IPv6 at most 128.
    pub prefix: u8,
}

impl From<IpAddr> for IpNet {
    fn from(address: IpAddr) -> IpNet {
        IpNet { address, prefix: bits(address) }
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Without the prefix if it is the whole address, as PostgreSQL prints it.
impl fmt::Display for IpNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IpNet { address, prefix } = self;
        if *prefix == bits(*address) {
            write!(f, "{address}")
        } else {
            write!(f, "{address}/{prefix}")
        }
    }
}

/// An address of a device: PostgreSQL's `macaddr`.
///
/// ```
/// # use kontract_runtime::MacAddr;
/// let address: MacAddr = "08:00:2b:01:02:03".parse().unwrap();
/// assert_eq!(address, MacAddr([8, 0, 0x2b, 1, 2, 3]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr(pub [u8; 6]);

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, last] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{last:02x}")
    }
}

/// The error for a text that is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseAddressError;

impl fmt::Display for ParseAddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an address like `10.0.0.0/8` or `08:00:2b:01:02:03`")
    }
}

impl std::error::Error for ParseAddressError {}

impl FromStr for IpNet {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<IpNet, ParseAddressError> {
        let (address, prefix) = parse_network(text).ok_or(ParseAddressError)?;
        Ok(IpNet { address, prefix })
    }
}

impl FromStr for MacAddr {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<MacAddr, ParseAddressError> {
        let mut bytes = [0; 6];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2).ok_or(ParseAddressError)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| ParseAddressError)?;
        }
        if parts.next().is_some() { Err(ParseAddressError) } else { Ok(MacAddr(bytes)) }
    }
}
