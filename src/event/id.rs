//! Ids: of events, endpoints and deliveries.
//!
//! Ids and types travel in headers, on command lines and in URLs, so they are kept to an alphabet that is safe in all of
//! them. Whatever else arrives is percent-encoded, which loses nothing: [`decode`] gives it back.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Longest id or type, in characters, after encoding.
pub const MAX_LENGTH: usize = 128;

/// An id or type that is too long to take in. It is refused, not cut: a cut id could meet another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{length} characters (with percent-encoding) are too long, at most {MAX_LENGTH} are possible; shorten it")]
pub struct TooLong {
    /// Its length in characters after encoding.
    pub length: usize,
}

/// Whether the byte stands for itself in ids and types.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'/' | b'-')
}

/// The text in the alphabet of ids and types: every byte outside `A-Z a-z 0-9 . _ : / -` as `%XX`. As `%` itself is
/// outside, two different texts never become one.
///
/// # Errors
/// [`TooLong`], if the result has more than [`MAX_LENGTH`] characters.
pub fn encode(text: &str) -> Result<String, TooLong> {
    let length = text.bytes().map(|byte| if is_plain(byte) { 1 } else { 3 }).sum();
    if length > MAX_LENGTH {
        return Err(TooLong { length });
    }
    let mut encoded = String::with_capacity(length);
    for byte in text.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Ok(encoded)
}

/// The text as it came, before [`encode`]: for exports that are to be taken in again as the same event.
#[must_use]
pub fn decode(encoded: &str) -> Cow<'_, str> {
    if !encoded.contains('%') {
        return Cow::Borrowed(encoded);
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let Some(byte) = byte else { return Cow::Borrowed(encoded) };
        bytes.push(byte);
        rest = after.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).map_or(Cow::Borrowed(encoded), Cow::Owned)
}

/// Whether the text is made of the alphabet of ids alone and is of a length an id may have: what an endpoint's `id:`
/// must be.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_plain)
}

/// A new event id: `evt-` and a version 7 UUID, so that ids sort by time.
#[must_use]
pub fn new_event_id() -> String {
    format!("evt-{}", Uuid::now_v7().simple())
}

/// NTM's id of an endpoint that has no `id:` of its own: a function of its name, trimmed and in lower case
/// (`tests/vectors/webhook_ids.json`).
#[must_use]
pub fn stable_endpoint_id(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let readable: String =
        name.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' }).collect();
    format!("wh_{readable}_{}", short_hash(&name))
}

/// The id of a delivery, the same on every attempt.
#[must_use]
pub fn delivery_id(event: &str, endpoint: &str) -> String {
    format!("{event}_{endpoint}")
}

/// The id of a delivery whose [`delivery_id`] is the text of another one already (`a` to `b_c`, and `a_b` to `c`). A
/// further `salt` gives a further id.
#[must_use]
pub fn distinct_delivery_id(event: &str, endpoint: &str, salt: u32) -> String {
    format!("{event}_{endpoint}_{}", short_hash(&format!("{event}\0{endpoint}\0{salt}")))
}

/// The first 8 hex digits of the SHA-256.
fn short_hash(text: &str) -> String {
    Sha256::digest(text).iter().take(4).fold(String::with_capacity(8), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_outside_the_alphabet_is_percent_encoded() {
        for (text, encoded) in [
            ("agent.error", "agent.error"),
            ("A-z_0:9/x", "A-z_0:9/x"),
            ("a b", "a%20b"),
            ("50%", "50%25"),
            ("é\r\n", "%C3%A9%0D%0A"),
        ] {
            assert_eq!(encode(text).unwrap(), encoded);
        }
    }

    #[test]
    fn a_text_of_more_than_128_characters_is_refused() {
        assert_eq!(encode(&"x".repeat(128)).unwrap().len(), 128);
        assert_eq!(encode(&"x".repeat(129)), Err(TooLong { length: 129 }));
        assert_eq!(encode(&" ".repeat(43)), Err(TooLong { length: 129 }));
    }

    #[test]
    fn an_endpoint_id_needs_no_encoding() {
        for (text, valid) in
            [("wh_ops", true), ("", false), ("a b", false), ("a%20b", false), (&"x".repeat(129), false)]
        {
            assert_eq!(is_valid(text), valid, "{text}");
        }
    }

    #[test]
    fn new_event_ids_differ_and_sort_by_time() {
        let ids: Vec<String> = std::iter::repeat_with(new_event_id).take(100).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.iter().all(|id| id.len() == 36 && id.starts_with("evt-")));
    }

    #[test]
    fn delivery_ids_that_read_alike_can_be_told_apart() {
        assert_eq!(delivery_id("a", "b_c"), delivery_id("a_b", "c"));
        assert_ne!(distinct_delivery_id("a", "b_c", 0), distinct_delivery_id("a_b", "c", 0));
        assert_ne!(distinct_delivery_id("a", "b_c", 0), distinct_delivery_id("a", "b_c", 1));
    }

    #[test]
    fn what_was_never_encoded_is_not_decoded() {
        for text in ["%", "%zz", "a%2", "%FF", "%é1"] {
            assert_eq!(decode(text), text);
        }
    }

    proptest! {
        #[test]
        fn encoding_loses_nothing(text in "\\PC{0,32}") {
            if let Ok(encoded) = encode(&text) {
                prop_assert!(encoded.bytes().all(|byte| is_plain(byte) || byte == b'%'));
                prop_assert_eq!(decode(&encoded), text);
            }
        }
    }
}
