//! The wire: an event and an endpoint become a request.
//!
//! `address` is where to; `format` makes the body, or in its place an endpoint's own `template`; `dialect` says which
//! headers, signed bytes and rules a receiver expects, `key` reads secrets, `sign` signs with them and verifies, `mask`
//! keeps secrets out of everything that is kept or shown, `status` says what the answer's code means.

pub mod address;
pub mod dialect;
pub mod format;
pub mod key;
pub mod mask;
pub mod sign;
pub mod status;
pub mod template;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

use crate::event::{Reason, StoredEvent};

pub use address::SecretUrl;
pub use dialect::Dialect;
pub use format::Format;
pub use key::Key;
pub use template::Template;

/// What hooktui calls itself to receivers.
pub const USER_AGENT: &str = concat!("hooktui/", env!("CARGO_PKG_VERSION"));

/// Headers of a usual request that the endpoint does not give itself.
const OURS: usize = 8;

/// What rendering needs to know of an endpoint. Parsed once when the file is applied.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where to. A secret but for its host: never print it.
    pub url: SecretUrl,
    /// `POST` unless the file says otherwise.
    pub method: &'static str,
    /// The endpoint's own headers.
    pub headers: Vec<OwnHeader>,
    /// How the body looks, unless there is a template.
    pub format: Format,
    /// Makes the body in place of the format.
    pub template: Option<Arc<Template>>,
    /// What the receiver expects.
    pub dialect: &'static Dialect,
    /// Made of its secrets, newest first. Empty: no signature.
    pub keys: Vec<Key>,
    /// Largest body in bytes.
    pub max_payload: Option<usize>,
}

/// A header that the file gives an endpoint.
#[derive(Debug, Clone)]
pub struct OwnHeader {
    /// Its name, checked by config to be one and not a reserved one.
    pub name: String,
    /// Its value, checked by config to be free of control characters.
    pub value: SecretString,
    /// The value was made from a `${VAR}`: it is masked wherever it is shown.
    pub secret: bool,
}

/// The delivery that is being rendered.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The event. Read before anything but its id, type and JSON is asked for, see [`render`].
    pub event: &'a StoredEvent,
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
    pub method: &'static str,
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
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: Cow<'static, str>,
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
/// The endpoint's own headers come last and replace ours of the same name, but never the signature's.
///
/// # Errors
/// [`RenderError`], when no body can be made or it is larger than `max_payload`.
pub fn render(target: &Target, message: Message<'_>) -> Result<Request, RenderError> {
    let dialect = target.dialect;
    if target.template.is_some() || target.format != Format::Json || !dialect.sends_as_stored {
        message.event.read().map_err(|error| RenderError { reason: Reason::Render, text: error.to_string() })?;
    }
    let body = body(target, &message).map_err(|error| RenderError {
        reason: Reason::Render,
        text: format!("the {} body cannot be made: {error}", target.format_name()),
    })?;
    if let Some(most) = target.max_payload.filter(|&most| body.len() > most) {
        return Err(RenderError {
            reason: Reason::TooLarge,
            text: format!("the body is {} bytes, max_payload allows {most}; raise it or send less", body.len()),
        });
    }
    let is_signature = |name: &str| name.eq_ignore_ascii_case(dialect.signature.header);
    let is_own = |name: &str| target.headers.iter().any(|own| own.name.eq_ignore_ascii_case(name));
    let mut headers = our_headers(target, &message, &body);
    headers.retain(|ours| is_signature(&ours.name) || !is_own(&ours.name));
    headers.extend(target.headers.iter().filter(|own| !is_signature(&own.name)).map(|own| Header {
        name: own.name.clone().into(),
        value: own.value.expose_secret().to_owned().into(),
        secret: own.secret || mask::is_secret_header(&own.name),
    }));
    Ok(Request { method: target.method, url: target.url.clone(), headers, body: body.into() })
}

fn body(target: &Target, message: &Message<'_>) -> Result<Vec<u8>, String> {
    match &target.template {
        Some(template) => template.render(message.event).map(String::into_bytes).map_err(|error| error.to_string()),
        None => target.format.body(target.dialect, message).map_err(|error| error.to_string()),
    }
}

fn our_headers(target: &Target, message: &Message<'_>, body: &[u8]) -> Vec<Header> {
    let dialect = target.dialect;
    let (content_type, of_body) = match &target.template {
        // A template for a receiver that wants something else than JSON says so in the endpoint's own headers.
        Some(_) => ("application/json", Vec::new()),
        None => (target.format.content_type(), target.format.headers(message)),
    };
    let mut headers = Vec::with_capacity(OURS + target.headers.len());
    headers.push(Header::plain("Content-Type", content_type));
    headers.push(Header::plain("User-Agent", USER_AGENT));
    headers.extend(target.url.authorization().map(|value| Header::secret("Authorization", value.to_owned())));
    headers.extend(of_body);
    headers.extend(dialect.type_header.map(|name| Header::plain(name, message.event.kind.clone())));
    headers.extend(dialect.attempt_header.map(|name| Header::plain(name, message.attempt.to_string())));
    signed_headers(dialect, &target.keys, message, body).for_each(|header| headers.push(header));
    headers
}

/// The headers by which a receiver verifies a delivery: id, timestamp and, where there is a key, signature.
pub fn signed_headers(
    dialect: &Dialect,
    keys: &[Key],
    message: &Message<'_>,
    body: &[u8],
) -> impl Iterator<Item = Header> + use<> {
    let id = (dialect.id)(message);
    let timestamp = dialect.timestamp_header.map(|name| (name, message.unix_seconds.to_string()));
    let signature = dialect.sign(keys, &id, timestamp.as_ref().map_or("", |(_, seconds)| seconds), body);
    let signature = signature.map(|value| Header::secret(dialect.signature.header, value));
    let id = dialect.id_header.map(|name| Header::plain(name, id.into_owned()));
    let timestamp = timestamp.map(|(name, seconds)| Header::plain(name, seconds));
    [id, timestamp, signature].into_iter().flatten()
}

impl Target {
    /// The word for how the body is made: the format's, or `template`.
    #[must_use]
    pub const fn format_name(&self) -> &'static str {
        if self.template.is_some() { "template" } else { self.format.as_str() }
    }
}

impl Header {
    fn plain(name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), value: value.into(), secret: false }
    }

    fn secret(name: &'static str, value: String) -> Self {
        Self { secret: true, ..Self::plain(name, value) }
    }

    /// The value as it may be shown and kept.
    #[must_use]
    pub fn shown(&self) -> &str {
        if self.secret { mask::MASK } else { &self.value }
    }
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.shown())
    }
}

#[cfg(test)]
mod tests;
