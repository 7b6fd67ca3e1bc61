//! Signatures: HMAC-SHA256 in the shapes of the dialects.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Bytes in a block of SHA-256.
const BLOCK: usize = 64;

/// A secret, ready to sign: its key schedule is computed once and copied for each signature.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// A key of the secret's UTF-8 bytes.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        // RFC 2104: longer keys are hashed, shorter ones padded with zeros. Done here, because it cannot fail.
        let mut block = [0; BLOCK];
        let hashed = (secret.len() > BLOCK).then(|| Sha256::digest(secret));
        let bytes = hashed.as_ref().map_or(secret, |digest| digest.as_slice());
        for (to, from) in block.iter_mut().zip(bytes) {
            *to = *from;
        }
        Self(Hmac::new(&block.into()))
    }

    /// The signature of the parts, one after the other, in lower-case hex.
    #[must_use]
    pub fn sign_hex(&self, parts: &[&[u8]]) -> String {
        let tag = self.fed(parts).finalize().into_bytes();
        tag.iter().fold(String::with_capacity(BLOCK), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// Whether `hex` (any letter case) is the signature of the parts; compared in constant time.
    #[must_use]
    pub fn verifies_hex(&self, parts: &[&[u8]], hex: &str) -> bool {
        unhex(hex).is_some_and(|tag| self.fed(parts).verify_slice(&tag).is_ok())
    }

    fn fed(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    let bytes = hex.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| pair.iter().try_fold(0, |byte, &half| Some(byte << 4 | digit(half)?))).collect()
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Key {
        Key::new(&SecretString::from(secret))
    }

    /// RFC 4231, test cases 2 and 6 (a key longer than a block).
    #[test]
    fn signs_as_the_rfc_says() {
        let short = key("Jefe").sign_hex(&[b"what do ya want ", b"for nothing?"]);
        assert_eq!(short, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        // The key of the RFC is 131 times 0xaa, which is no text; this one was computed with Python's hmac.
        let long = key(&"k".repeat(131)).sign_hex(&[b"body"]);
        assert_eq!(long, LONG);
    }

    const LONG: &str = "7dd0b4f9ac955af59f261e803b720c84ec7202451c15f075d9edcb20f759e8a4";

    #[test]
    fn only_the_right_signature_verifies() {
        let signature = key("s3cr3t").sign_hex(&[b"body"]);
        for (hex, good) in [
            (signature.clone(), true),
            (signature.to_uppercase(), true),
            (signature.replacen(|_: char| true, "x", 1), false),
            (key("other").sign_hex(&[b"body"]), false),
            (signature[..62].to_owned(), false),
            (signature[..63].to_owned(), false),
            (String::new(), false),
            ("é".to_owned(), false),
        ] {
            assert_eq!(key("s3cr3t").verifies_hex(&[b"body"], &hex), good, "{hex}");
        }
    }
}
