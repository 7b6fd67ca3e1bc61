//! The wire: an event and an endpoint become a request.
//!
//! `format` makes the body, `dialect` says which headers, signed bytes and rules a receiver expects, `sign` makes the
//! signature, `mask` keeps secrets out of everything that is kept or shown.

pub mod dialect;
pub mod format;
pub mod mask;
pub mod sign;

use bytes::Bytes;
use secrecy::SecretString;
use url::Url;

use crate::event::{Event, Reason};

pub use dialect::Dialect;
pub use format::Format;

/// What rendering needs to know of an endpoint. Parsed once when the file is applied.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where to. A secret but for its host: never print it.
    pub url: SecretUrl,
    /// `POST` unless the file says otherwise.
    pub method: String,
    /// The endpoint's own headers: name, value, and whether the value was made from a `${VAR}`.
    pub headers: Vec<(String, SecretString)>,
    /// How the body looks.
    pub format: Format,
    /// What the receiver expects.
    pub dialect: &'static Dialect,
    /// Newest first; all sign. Empty: no signature.
    pub secrets: Vec<SecretString>,
    /// Largest body in bytes.
    pub max_payload: Option<usize>,
}

/// A URL whose `Debug` shows the host only.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

/// The delivery that is being rendered.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The event.
    pub event: &'a Event,
    /// Its sequence in the journal.
    pub event_seq: i64,
    /// The delivery's id.
    pub delivery_id: &'a str,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// Time of the attempt in Unix seconds (dialects that sign a timestamp).
    pub unix_seconds: i64,
}

/// A request, ready to send.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Where to.
    pub url: SecretUrl,
    /// Headers in order; each value with whether it may be shown.
    pub headers: Vec<Header>,
    /// The exact body.
    pub body: Bytes,
}

/// One header of a [`Request`].
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name, as it is written.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The value is a secret or a signature: shown and kept masked.
    pub secret: bool,
}

/// Why a delivery cannot become a request. It is dead at once, with this reason; the event stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct RenderError {
    /// [`Reason::Render`] or [`Reason::TooLarge`].
    pub reason: Reason,
    /// In words.
    pub text: String,
}

/// Renders and signs.
///
/// # Errors
/// [`RenderError`], when no body can be made or it is larger than `max_payload`.
pub fn render(target: &Target, message: Message<'_>) -> Result<Request, RenderError> {
    let _ = (target, message);
    Err(RenderError { reason: Reason::Render, text: String::new() })
}

impl SecretUrl {
    /// Wraps a URL that config has checked.
    #[must_use]
    pub const fn new(url: Url) -> Self {
        Self(url)
    }

    /// The host, and the port where it is not the scheme's own: all that may be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The URL itself: for sending only.
    #[must_use]
    pub const fn expose(&self) -> &Url {
        &self.0
    }
}

impl std::fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.shown())
    }
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, if self.secret { mask::MASK } else { &self.value })
    }
}
