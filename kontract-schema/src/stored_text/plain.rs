//! Types whose texts sort as their values do, once each value has one text: identifiers, addresses of network
//! cards, bit strings.

/// Returns a UUID as PostgreSQL prints it; `None` if the text is not one. It may have brackets, capital letters,
/// and hyphens after each four digits.
pub(super) fn print_uuid(text: &str) -> Option<String> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut digits = String::with_capacity(32);
    let mut is_after_hyphen = true;
    for letter in inner.chars() {
        match letter {
            '-' if !is_after_hyphen && digits.len().is_multiple_of(4) && digits.len() < 32 => {
                is_after_hyphen = true;
                continue;
            }
            letter if letter.is_ascii_hexdigit() => digits.push(letter.to_ascii_lowercase()),
            _ => return None,
        }
        is_after_hyphen = false;
    }
    if digits.len() != 32 || is_after_hyphen {
        return None;
    }
    for place in [20, 16, 12, 8] {
        digits.insert(place, '-');
    }
    Some(digits)
}

/// Returns the address of a network card of 6 bytes as PostgreSQL prints it; `None` if the text is not one.
pub(super) fn print_macaddr(text: &str) -> Option<String> {
    let bytes = parse_bytes(text)?;
    (bytes.len() == 6).then(|| print_bytes(&bytes))
}

/// Returns the address of a network card of 8 bytes as PostgreSQL prints it; one of 6 bytes gets two in the
/// middle.
pub(super) fn print_macaddr8(text: &str) -> Option<String> {
    let bytes = parse_bytes(text)?;
    match &*bytes {
        [a, b, c, d, e, f] => Some(print_bytes(&[*a, *b, *c, 0xff, 0xfe, *d, *e, *f])),
        bytes => (bytes.len() == 8).then(|| print_bytes(bytes)),
    }
}

/// Reads pairs of digits; between them, or groups of them, is always one sign.
fn parse_bytes(text: &str) -> Option<Vec<u8>> {
    let sign = text.chars().find(|letter| !letter.is_ascii_hexdigit()).unwrap_or(':');
    if !matches!(sign, ':' | '-' | '.') {
        return None;
    }
    let groups: Vec<&str> = text.split(sign).collect();
    let length = groups.first()?.len();
    let is_even = length.is_multiple_of(2) && groups.iter().all(|group| group.len() == length);
    if !is_even || length == 0 {
        return None;
    }
    let digits = groups.concat();
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = |place: usize| u8::from_str_radix(digits.get(place..place + 2)?, 16).ok();
    is_hexadecimal.then(|| (0..digits.len()).step_by(2).map(byte).collect()).flatten()
}

fn print_bytes(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}

/// Returns a bit string as PostgreSQL prints it: `b101` is `101`, `x1F` is `00011111`.
pub(super) fn print_bits(text: &str) -> Option<String> {
    if let Some(digits) = text.strip_prefix(['x', 'X']) {
        let bits = digits.chars().map(|digit| Some(format!("{:04b}", digit.to_digit(16)?)));
        return bits.collect();
    }
    let bits = text.strip_prefix(['b', 'B']).unwrap_or(text);
    bits.bytes().all(|bit| matches!(bit, b'0' | b'1')).then(|| bits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_one_text() {
        let uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        for text in [
            uuid,
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
        ] {
            assert_eq!(print_uuid(text).as_deref(), Some(uuid), "{text}");
        }
        for text in ["", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "{a0eebc999c0b4ef8bb6d6bb9bd380a11"]
        {
            assert_eq!(print_uuid(text), None, "{text}");
        }
        for text in ["08:00:2b:01:02:03", "08-00-2B-01-02-03", "08002b:010203", "0800.2b01.0203"] {
            assert_eq!(print_macaddr(text).as_deref(), Some("08:00:2b:01:02:03"), "{text}");
            assert_eq!(print_macaddr8(text).as_deref(), Some("08:00:2b:ff:fe:01:02:03"), "{text}");
        }
        for text in ["", "08:00:2b:01:02", "08:00-2b:01:02:03", "0x:00:2b:01:02:03", "ä8002b010203"]
        {
            assert_eq!(print_macaddr(text), None, "{text}");
        }
        assert_eq!(print_bits("B101").as_deref(), Some("101"));
        assert_eq!(print_bits("x1F").as_deref(), Some("00011111"));
        assert_eq!(print_bits("102"), None);
    }
}
