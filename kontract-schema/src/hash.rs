//! Hashes: SHA-256, written `sha256:` and 64 lower-case hexadecimal digits.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The hexadecimal SHA-256 of some bytes, without a prefix.
pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `sha256:` and the hexadecimal SHA-256 of some bytes.
pub fn of_bytes(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(bytes))
}

/// The hash of a value's compact JSON. Only for the types of this crate, which always serialize.
pub fn of_json(value: &impl Serialize) -> String {
    of_bytes(&serde_json::to_vec(value).expect("the types of the model serialize to JSON"))
}
