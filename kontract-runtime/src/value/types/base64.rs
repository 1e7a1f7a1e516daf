//! Base64 with padding (RFC 4648 §4): how JSON carries bytes.

use ::base64::Engine;
use ::base64::prelude::BASE64_STANDARD;

/// The text for some bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// The bytes of a text, unless it is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}
