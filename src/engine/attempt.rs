//! One attempt: render, sign, send, and what is kept of it, free of secrets.

use std::borrow::Cow;

use bytes::Bytes;

use crate::config::Config;
use crate::event::redact::Policy;
use crate::event::{Millis, StoredEvent, Trigger};
use crate::journal::{AttemptRecord, Headers};
use crate::wire::mask::{self, MASK, Scrubber};
use crate::wire::{self, Message, RenderError, Request, Target};

use super::classify::Meaning;
use super::transport::{KEPT_BODY, Sent};

/// So many characters of an error are kept: status, and what the receiver said in a sentence.
const KEPT_ERROR: usize = 240;

/// What a usual request's headers take as JSON, bytes.
const ROOM_FOR_HEADERS: usize = 384;

/// What identifies an attempt.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// Counts the delivery's attempts from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Millis,
    /// What set it off.
    pub trigger: Trigger,
}

/// Renders and signs. `wall` is the wall clock, which signatures carry.
///
/// # Errors
/// [`RenderError`].
pub fn request(
    target: &Target,
    event: &StoredEvent,
    event_seq: i64,
    delivery_id: &str,
    attempt: u32,
    wall: Millis,
) -> Result<Request, RenderError> {
    wire::render(target, Message { event, event_seq, delivery_id, attempt, unix_seconds: wall.div_euclid(1_000) })
}

/// Takes secrets out of what is kept: first those that the file holds, then what looks like one.
#[derive(Debug, Clone, Copy)]
pub struct Cleaner<'a> {
    scrubber: &'a Scrubber,
    redaction: &'a Policy,
}

impl<'a> Cleaner<'a> {
    /// By the rules of this file.
    #[must_use]
    pub fn of(config: &'a Config) -> Self {
        Self { scrubber: &config.scrubber, redaction: &config.redaction }
    }

    fn text(self, text: &str) -> String {
        self.redaction.text(&self.scrubber.text(text)).into_owned()
    }

    fn bytes(self, bytes: &[u8]) -> Vec<u8> {
        self.redaction.bytes(&self.scrubber.bytes(bytes)).into_owned()
    }

    /// A body that was sent. The event in it was redacted when it came in, but a template may hold what a variable does.
    fn sent(self, body: &Bytes) -> Bytes {
        match self.scrubber.bytes(body) {
            Cow::Borrowed(_) => body.clone(),
            Cow::Owned(clean) => clean.into(),
        }
    }

    /// A header of an answer. What the file holds is looked for later, in all of them at once.
    fn header<'v>(self, name: &str, value: &'v str) -> Cow<'v, str> {
        if mask::is_secret_header(name) { Cow::Borrowed(MASK) } else { self.redaction.text(value) }
    }
}

/// What the journal holds already, and is not kept a second time with an attempt.
#[derive(Debug, Clone, Copy)]
pub struct Journaled<'a> {
    /// The event; the body may be the same.
    pub event: &'a StoredEvent,
    /// The delivery's id, which headers tell; none where the journal is still to give it.
    pub delivery_id: Option<&'a str>,
}

/// What is kept of an attempt: everything that came from outside is cleaned of secrets.
#[must_use]
pub fn record(
    attempt: &Numbered,
    request: Option<&Request>,
    journaled: Option<Journaled<'_>>,
    sent: &Sent,
    meaning: &Meaning,
    cleaner: Cleaner<'_>,
) -> AttemptRecord {
    // Cleaned before it is cut, as the error is.
    let mut response_body = cleaner.bytes(&sent.body);
    response_body.truncate(KEPT_BODY);
    let mut request_headers = Headers::with_capacity(ROOM_FOR_HEADERS);
    let delivery_id = journaled.and_then(|held| held.delivery_id);
    for header in request.iter().flat_map(|request| &request.headers) {
        let value = header.shown();
        if delivery_id == Some(value) {
            request_headers.push_delivery_id(&header.name);
        } else {
            request_headers.push(&header.name, value);
        }
    }
    let mut response_headers = Headers::with_capacity(ROOM_FOR_HEADERS);
    for (name, value) in sent.headers.kept() {
        response_headers.push(name, &cleaner.header(name, value));
    }
    let body_as_stored = request.zip(journaled).is_some_and(|(request, held)| held.event.is_stored_as(&request.body));
    let sent_body = |request: &Request| if body_as_stored { request.body.clone() } else { cleaner.sent(&request.body) };
    // The scrubber knows how secrets look inside JSON: one pass does for all of them.
    let masked = |headers: Headers| headers.masked(|json| cleaner.scrubber.text(json));
    AttemptRecord {
        number: attempt.number,
        started_at: attempt.started_at,
        trigger: attempt.trigger,
        outcome: meaning.outcome,
        status: sent.status,
        error: meaning.error.as_deref().map(|error| kept_error(error, cleaner)),
        duration_us: Some(sent.whole_us).filter(|_| request.is_some()),
        resolve_us: sent.resolve_us,
        first_byte_us: sent.first_byte_us,
        remote: sent.remote.clone(),
        request_headers: masked(request_headers),
        request_body: request.map(sent_body).unwrap_or_default(),
        body_as_stored,
        response_headers: masked(response_headers),
        response_body,
    }
}

/// Cleaned before it is cut: half a secret would not be found.
fn kept_error(error: &str, cleaner: Cleaner<'_>) -> String {
    let clean = cleaner.text(error);
    match clean.char_indices().nth(KEPT_ERROR) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default().trim_end()),
        None => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::redact::Mode;

    #[test]
    fn what_the_receiver_said_is_cleaned_and_then_cut() {
        let scrubber = Scrubber::new(["hunter2hunter2".to_owned()]);
        let cleaner = Cleaner { scrubber: &scrubber, redaction: &Policy::default() };
        let head = format!("400 Bad Request: {}", "x".repeat(KEPT_ERROR - 25));
        let kept = kept_error(&format!("{head}hunter2hunter2 is wrong"), cleaner);
        assert_eq!(kept, format!("{head}{MASK}…"));
        assert_eq!(kept_error("400 Bad Request: short", cleaner), "400 Bad Request: short");
        assert_eq!(kept_error("400: password=correct-horse", cleaner), "400: [REDACTED:PASSWORD:8617282b]");
    }

    #[test]
    fn an_answer_is_kept_without_what_looks_like_a_secret_in_its_body_headers_and_error() {
        let (scrubber, key) = (Scrubber::default(), "AKIAABCDEFGHIJKLMNOP");
        let sent = Sent {
            body: [b"\xff ", key.as_bytes(), b" \xff"].concat(),
            headers: [("X-Debug", key)].into_iter().collect(),
            ..Sent::default()
        };
        let meaning = crate::engine::classify::unsent(crate::event::Reason::Permanent, format!("no {key}"));
        let numbered = Numbered { number: 1, started_at: 0, trigger: Trigger::Auto };
        for (mode, shown) in [
            (Mode::Redact, "[REDACTED:AWS_ACCESS_KEY:1bdbaf95]"),
            (Mode::Block, "[REDACTED:AWS_ACCESS_KEY:1bdbaf95]"),
            (Mode::Warn, key),
            (Mode::Off, key),
        ] {
            let redaction = Policy { mode, ..Policy::default() };
            let cleaner = Cleaner { scrubber: &scrubber, redaction: &redaction };
            let kept = record(&numbered, None, None, &sent, &meaning, cleaner);
            assert_eq!(kept.response_body, [b"\xff ", shown.as_bytes(), b" \xff"].concat());
            assert_eq!(kept.response_headers.pairs(), [("x-debug".to_owned(), shown.to_owned())]);
            assert_eq!(kept.error.as_deref(), Some(&*format!("no {shown}")));
        }
    }
}
