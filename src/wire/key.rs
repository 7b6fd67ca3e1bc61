//! Secrets, ready to sign and to verify: HMAC-SHA256 keys, and the ed25519 keys of Standard Webhooks.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ed25519_dalek::{KEYPAIR_LENGTH, Signature, Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use sha2::{Digest, Sha256};

/// Bytes in a block of SHA-256.
const BLOCK: usize = 64;

/// Random bytes in a new secret.
pub const FRESH: usize = 32;

/// Bytes that a `whsec_` secret may hold (Standard Webhooks 1.0.0, "Signature scheme").
const WHSEC_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What a dialect's secrets look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretShape {
    /// Any text; its UTF-8 bytes are the key.
    Text,
    /// `whsec_` and the base64 of an HMAC key (the prefix may be missing), or `whsk_` and that of an ed25519 seed and its
    /// public key.
    StandardWebhooks,
}

/// Why a text is no secret of its dialect; never with any part of it. Reads after "the secret" or after its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// It has no characters.
    #[error("is empty; give one, or leave it out")]
    Empty,
    /// Not base64 at all.
    #[error(
        "is not base64; a secret is `whsec_` and base64: copy it whole, or make one with `hooktui secret --dialect standard`"
    )]
    NotBase64,
    /// Base64 whose `=` at the end are missing.
    #[error("is base64 without its padding; add the `=` at its end")]
    NoPadding,
    /// Characters of the other base64 alphabet.
    #[error("is base64 of the URL-safe alphabet; write `+` for `-` and `/` for `_`, with the `=` at its end")]
    UrlSafe,
    /// A key that is too short to be safe, or too long for receivers.
    #[error("holds {0} bytes, and 24 to 64 are needed; make one with `hooktui secret --dialect standard`")]
    Length(usize),
    /// An ed25519 key that is not seed and public key.
    #[error("holds {0} bytes, and a `whsk_` key has 64: the seed and its public key; copy it whole")]
    PairLength(usize),
    /// The second half is not the public key of the first.
    #[error("does not fit together: its second half is not the public key of its first; copy it whole")]
    Pair,
    /// Svix's name for the half that receivers hold.
    #[error("is a public key, which cannot sign; give the `whsk_` key that belongs to it")]
    Public,
}

/// A secret, ready to sign. What can be computed once is computed once and copied for each signature.
#[derive(Clone)]
pub struct Key(Kind);

#[derive(Clone)]
enum Kind {
    Hmac(Hmac<Sha256>),
    Ed25519(Box<SigningKey>),
}

impl SecretShape {
    /// Reads a secret, trimmed.
    ///
    /// # Errors
    /// [`BadSecret`].
    pub fn key(self, secret: &SecretString) -> Result<Key, BadSecret> {
        let text = secret.expose_secret().trim();
        match self {
            _ if text.is_empty() => Err(BadSecret::Empty),
            Self::Text => Ok(Key::hmac(text.as_bytes())),
            Self::StandardWebhooks => standard_webhooks(text),
        }
    }

    /// A new secret made of random bytes.
    #[must_use]
    pub fn secret(self, random: &[u8; FRESH]) -> SecretString {
        SecretString::from(match self {
            Self::Text => hex(random),
            Self::StandardWebhooks => format!("whsec_{}", STANDARD.encode(random)),
        })
    }
}

fn standard_webhooks(text: &str) -> Result<Key, BadSecret> {
    if text.starts_with("whpk_") {
        return Err(BadSecret::Public);
    }
    if let Some(pair) = text.strip_prefix("whsk_") {
        let bytes = unbase64(pair)?;
        let pair: &[u8; KEYPAIR_LENGTH] =
            bytes.as_slice().try_into().map_err(|_| BadSecret::PairLength(bytes.len()))?;
        let key = SigningKey::from_keypair_bytes(pair).map_err(|_| BadSecret::Pair)?;
        return Ok(Key(Kind::Ed25519(Box::new(key))));
    }
    let bytes = unbase64(text.strip_prefix("whsec_").unwrap_or(text))?;
    if WHSEC_BYTES.contains(&bytes.len()) { Ok(Key::hmac(&bytes)) } else { Err(BadSecret::Length(bytes.len())) }
}

/// Padded standard base64; what else it may be is told apart, because the cures differ.
fn unbase64(text: &str) -> Result<Zeroizing<Vec<u8>>, BadSecret> {
    STANDARD.decode(text).map(Zeroizing::new).map_err(|_| {
        if STANDARD_NO_PAD.decode(text).is_ok() {
            BadSecret::NoPadding
        } else if text.contains(['-', '_']) && text.bytes().all(is_url_safe) {
            BadSecret::UrlSafe
        } else {
            BadSecret::NotBase64
        }
    })
}

const fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=')
}

impl Key {
    fn hmac(secret: &[u8]) -> Self {
        // RFC 2104: longer keys are hashed, shorter ones padded with zeros. Done here, because it cannot fail.
        let mut block = [0; BLOCK];
        let hashed = (secret.len() > BLOCK).then(|| Sha256::digest(secret));
        let bytes = hashed.as_ref().map_or(secret, |digest| digest.as_slice());
        for (to, from) in block.iter_mut().zip(bytes) {
            *to = *from;
        }
        Self(Kind::Hmac(Hmac::new(&block.into())))
    }

    /// What Standard Webhooks call signatures of this key.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        match self.0 {
            Kind::Hmac(_) => "v1",
            Kind::Ed25519(_) => "v1a",
        }
    }

    /// The name of how it signs.
    #[must_use]
    pub const fn algorithm(&self) -> &'static str {
        match self.0 {
            Kind::Hmac(_) => "HMAC-SHA256",
            Kind::Ed25519(_) => "Ed25519",
        }
    }

    /// The signature of the parts, one after the other.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> Vec<u8> {
        match &self.0 {
            Kind::Hmac(mac) => fed(mac, parts).finalize().into_bytes().to_vec(),
            Kind::Ed25519(key) => key.sign(&parts.concat()).to_bytes().to_vec(),
        }
    }

    /// Whether one of the signatures is that of the parts; each is compared in constant time.
    #[must_use]
    pub fn verifies(&self, parts: &[&[u8]], signatures: &[&[u8]]) -> bool {
        match &self.0 {
            Kind::Hmac(mac) => {
                // The parts may be long and the signatures many: hashed once.
                let mac = fed(mac, parts);
                signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
            }
            Kind::Ed25519(key) => {
                let message = parts.concat();
                let key = key.verifying_key();
                signatures.iter().any(|signature| {
                    Signature::from_slice(signature).is_ok_and(|one| key.verify_strict(&message, &one).is_ok())
                })
            }
        }
    }
}

fn fed(mac: &Hmac<Sha256>, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = mac.clone();
    for part in parts {
        mac.update(part);
    }
    mac
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
    let mut digits = vec![0; 2 * bytes.len()];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0x0f)]);
    }
    String::from_utf8(digits).unwrap_or_default()
}

/// The bytes of a hex text of any letter case.
#[must_use]
pub fn unhex(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = hex.as_bytes().chunks_exact(2);
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
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    fn text(secret: &str) -> Key {
        SecretShape::Text.key(&secret.into()).unwrap()
    }

    fn standard(secret: &str) -> Result<&'static str, BadSecret> {
        SecretShape::StandardWebhooks.key(&secret.into()).map(|key| key.version())
    }

    /// RFC 4231, test case 2, and a key longer than a block.
    #[test]
    fn signs_as_the_rfc_says() {
        let short = text("Jefe").sign(&[b"what do ya want ", b"for nothing?"]);
        assert_eq!(hex(&short), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        // The long key of the RFC is 131 times 0xaa, which is no text; this one was computed with Python's hmac.
        let long = text(&"k".repeat(131)).sign(&[b"body"]);
        assert_eq!(hex(&long), "7dd0b4f9ac955af59f261e803b720c84ec7202451c15f075d9edcb20f759e8a4");
    }

    #[test]
    fn only_the_right_signature_verifies() {
        let key = text("s3cr3t");
        let right = key.sign(&[b"body"]);
        let wrong = text("other").sign(&[b"body"]);
        let verifies = |signatures: &[&[u8]]| key.verifies(&[b"bo", b"dy"], signatures);
        assert!(verifies(&[&right]) && verifies(&[b"", &wrong, &right]));
        assert!(!verifies(&[]) && !verifies(&[&wrong, b"", right.get(..31).unwrap()]));
    }

    #[test]
    fn malformed_secrets_are_told_apart() {
        let encoded = |bytes: usize| STANDARD.encode(vec![0xfb_u8; bytes]);
        let pair = STANDARD.encode(SigningKey::from_bytes(&[7; 32]).to_keypair_bytes());
        for (secret, result) in [
            (format!("whsec_{}", encoded(24)), Ok("v1")),
            (format!(" whsec_{} ", encoded(64)), Ok("v1")),
            (encoded(32), Ok("v1")),
            (format!("whsk_{pair}"), Ok("v1a")),
            (" ".to_owned(), Err(BadSecret::Empty)),
            ("whsec_".to_owned(), Err(BadSecret::Length(0))),
            (format!("whsec_{}", encoded(23)), Err(BadSecret::Length(23))),
            (format!("whsec_{}", encoded(65)), Err(BadSecret::Length(65))),
            (format!("whsec_{}", encoded(32).trim_end_matches('=')), Err(BadSecret::NoPadding)),
            (format!("whsec_{}", URL_SAFE.encode([0xfb; 32])), Err(BadSecret::UrlSafe)),
            (format!("whsec_{}", URL_SAFE_NO_PAD.encode([0xfb; 32])), Err(BadSecret::UrlSafe)),
            ("whsec_not base64".to_owned(), Err(BadSecret::NotBase64)),
            ("whsec_cut-short_".to_owned(), Err(BadSecret::UrlSafe)),
            ("WHSEC_AAAA".to_owned(), Err(BadSecret::UrlSafe)),
            (format!("whsk_{}", encoded(32)), Err(BadSecret::PairLength(32))),
            (format!("whsk_{}", encoded(64)), Err(BadSecret::Pair)),
            (format!("whpk_{}", encoded(32)), Err(BadSecret::Public)),
        ] {
            assert_eq!(standard(&secret), result, "{secret}");
        }
    }

    #[test]
    fn new_secrets_are_of_their_shape() {
        for shape in [SecretShape::Text, SecretShape::StandardWebhooks] {
            let secret = shape.secret(&[0xfb; FRESH]);
            assert!(shape.key(&secret).is_ok(), "{shape:?}");
        }
        assert_eq!(SecretShape::Text.secret(&[0xfb; FRESH]).expose_secret(), "fb".repeat(32));
    }

    proptest! {
        #[test]
        fn hex_survives_a_round_trip(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(unhex(&hex(&bytes).to_uppercase()), Some(bytes));
        }

        #[test]
        fn no_text_panics_the_reader_of_secrets(secret in "(wh(sec|sk|pk)_)?[A-Za-z0-9+/=_é-]{0,99}") {
            let _ = standard(&secret);
        }
    }
}
