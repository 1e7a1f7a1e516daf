//! Addresses of networks: family, network, prefix and address, in hexadecimal digits.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an address with the length of its network's prefix, `10.0.0.1/8`; without one it is the whole
/// address. Returns `None` if the text is not an address.
pub fn parse_network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(most), |prefix| prefix.parse().ok())?;
    (prefix <= most).then_some((address, prefix))
}

/// Returns the stored text of an address.
pub(super) fn store(text: &str) -> Option<String> {
    let (address, prefix) = parse_network(text)?;
    Some(match address {
        IpAddr::V4(address) => {
            let bits = address.to_bits();
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            format!("4 {:08x} {prefix:02x} {bits:08x}", bits & mask)
        }
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            format!("6 {:032x} {prefix:02x} {bits:032x}", bits & mask)
        }
    })
}

/// Returns the text of a stored address; with the prefix if it is the whole address only for `cidr`.
pub(super) fn load(stored: &str, is_cidr: bool) -> Option<String> {
    let mut parts = stored.split(' ');
    let (family, _, prefix, address) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (address, most): (IpAddr, u8) = match family {
        "4" => (Ipv4Addr::from_bits(u32::from_str_radix(address, 16).ok()?).into(), 32),
        "6" => (Ipv6Addr::from_bits(u128::from_str_radix(address, 16).ok()?).into(), 128),
        _ => return None,
    };
    let prefix = u8::from_str_radix(prefix, 16).ok()?;
    if parts.next().is_some() {
        return None;
    }
    Some(if prefix == most && !is_cidr {
        address.to_string()
    } else {
        format!("{address}/{prefix}")
    })
}
