//! Base64 with padding (RFC 4648 §4): the form of bytes in JSON.

use ::base64::Engine;
use ::base64::prelude::BASE64_STANDARD;

/// Returns the text of some bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Returns the bytes of a text, or `None` if it is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}
