//! Signatures: what of a delivery is signed, how the header says it, and whether a receiver would believe it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::dialect::Dialect;
use super::key::{Key, hex, unhex};

/// Clocks of sender and receiver may be so many seconds apart, in either direction (Standard Webhooks 1.0.0, and nSelf
/// and Marionette with it).
pub const TOLERANCE: u64 = 300;

/// So many signatures of one header are looked at: a rotation needs two or three.
const MOST_SIGNATURES: usize = 16;

/// How a dialect signs.
#[derive(Debug, Clone, Copy)]
pub struct Scheme {
    /// Carries the signature; left out where the endpoint has no secret.
    pub header: &'static str,
    /// What is signed.
    pub signed: Signed,
    /// How the header says it.
    pub shape: Shape,
}

/// The signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// The body.
    Body,
    /// The timestamp header, a dot, the body.
    TimestampBody,
    /// The id header, a dot, the timestamp header, a dot, the body.
    IdTimestampBody,
}

/// How a header says a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// This prefix and hex. There is room for one signature: of several secrets the newest signs.
    Hex(&'static str),
    /// `v1,BASE64` or `v1a,BASE64`, one for each secret, newest first, with spaces between.
    Versions,
}

/// Why a signature is not to be believed. Never with a secret in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A header that the dialect needs is not there.
    #[error("there is no {0} header")]
    Missing(&'static str),
    /// A header is there and cannot be read.
    #[error("{header} is not {expected}")]
    Malformed {
        /// Which header.
        header: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// It was signed too long ago, or in the future.
    #[error(
        "{header} is {seconds} s in the {}, and at most {TOLERANCE} s are accepted; {}",
        if *.past { "past" } else { "future" },
        if *.matches { "the signature itself matches" } else { "nor does the signature match" }
    )]
    Age {
        /// The header that tells the time.
        header: &'static str,
        /// How far it is off.
        seconds: u64,
        /// Whether it lies in the past.
        past: bool,
        /// Whether all else is right.
        matches: bool,
    },
    /// None of the signatures is that of any secret.
    #[error("no signature matches: another secret, or another {0}")]
    NoMatch(&'static str),
}

/// What a receiver needs to know of a request: a header's value, by its name in any letter case.
pub type HeaderOf<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Dialect {
    /// The signature header's value; none without keys. `id` and `timestamp` are what their headers say.
    #[must_use]
    pub fn sign(&self, keys: &[Key], id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
        let parts = self.signature.signed.parts(id, timestamp, body);
        let newest = keys.first()?;
        Some(match self.signature.shape {
            Shape::Hex(prefix) => [prefix, &hex(&newest.sign(&parts))].concat(),
            Shape::Versions => {
                let one = |key: &Key| format!("{},{}", key.version(), STANDARD.encode(key.sign(&parts)));
                keys.iter().map(one).collect::<Vec<_>>().join(" ")
            }
        })
    }

    /// Checks a request as a receiver would that knows these keys; `now` in Unix seconds.
    ///
    /// # Errors
    /// [`Invalid`]: the first thing that is wrong.
    pub fn verify(&self, keys: &[Key], header: HeaderOf<'_>, body: &[u8], now: i64) -> Result<(), Invalid> {
        let Scheme { header: name, signed, shape } = self.signature;
        let value = |name: &'static str| header(name).ok_or(Invalid::Missing(name));
        let signatures = value(name)?;
        let signatures = shape.read(&signatures).ok_or(Invalid::Malformed { header: name, expected: shape.form() })?;
        let id = match self.id_header {
            Some(name) if signed == Signed::IdTimestampBody => value(name)?,
            _ => String::new(),
        };
        let (timestamp, too_old) = match self.timestamp_header {
            Some(name) if signed != Signed::Body => {
                let text = value(name)?;
                let seconds = unix_seconds(&text).ok_or(Invalid::Malformed { header: name, expected: SECONDS })?;
                let apart = now.abs_diff(seconds);
                (text, (apart > TOLERANCE).then_some((name, apart, seconds < now)))
            }
            _ => (String::new(), None),
        };
        let parts = signed.parts(id.trim(), timestamp.trim(), body);
        let matches = keys.iter().any(|key| {
            let of_key = |(version, _): &&(Option<String>, Vec<u8>)| {
                version.as_deref().is_none_or(|version| version == key.version())
            };
            let candidates: Vec<&[u8]> =
                signatures.iter().filter(of_key).map(|(_, signature)| signature.as_slice()).collect();
            key.verifies(&parts, &candidates)
        });
        match too_old {
            Some((header, seconds, past)) => Err(Invalid::Age { header, seconds, past, matches }),
            None if matches => Ok(()),
            None => Err(Invalid::NoMatch(signed.in_words())),
        }
    }
}

/// What a timestamp header must be.
const SECONDS: &str = "a time in Unix seconds";

fn unix_seconds(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

impl Signed {
    fn parts<'a>(self, id: &'a str, timestamp: &'a str, body: &'a [u8]) -> [&'a [u8]; 5] {
        match self {
            Self::Body => [b"", b"", b"", b"", body],
            Self::TimestampBody => [b"", b"", timestamp.as_bytes(), b".", body],
            Self::IdTimestampBody => [id.as_bytes(), b".", timestamp.as_bytes(), b".", body],
        }
    }

    /// What is signed, as documents of receivers write it.
    #[must_use]
    pub const fn formula(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::TimestampBody => "timestamp.body",
            Self::IdTimestampBody => "id.timestamp.body",
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::TimestampBody => "timestamp or body",
            Self::IdTimestampBody => "id, timestamp or body",
        }
    }
}

impl Shape {
    /// Whether a header has room for the signatures of several secrets.
    #[must_use]
    pub const fn holds_several(self) -> bool {
        matches!(self, Self::Versions)
    }

    /// The signatures in a header, each with its version where it has one; none where there is nothing of this shape.
    fn read(self, value: &str) -> Option<Vec<(Option<String>, Vec<u8>)>> {
        match self {
            Self::Hex(prefix) => {
                let signature = value.trim().strip_prefix(prefix).and_then(unhex)?;
                Some(vec![(None, signature)])
            }
            Self::Versions => {
                let versions = value.split_ascii_whitespace().take(MOST_SIGNATURES).filter_map(|one| {
                    let (version, signature) = one.split_once(',')?;
                    Some((Some(version.to_owned()), STANDARD.decode(signature).ok()?))
                });
                Some(versions.collect::<Vec<_>>()).filter(|found| !found.is_empty())
            }
        }
    }

    const fn form(self) -> &'static str {
        match self {
            Self::Hex(prefix) if prefix.is_empty() => "hex",
            Self::Hex(_) => "`sha256=` and hex",
            Self::Versions => "`v1,` or `v1a,` and base64",
        }
    }
}

#[cfg(test)]
mod tests;
