//! One attempt: render, sign, send, and what is kept of it, free of secrets.

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

/// What is kept of an attempt: everything that came from outside passes the scrubber. `event` is the journal's, where it is
/// there: a body that is the same is not kept a second time.
#[must_use]
pub fn record(
    attempt: &Numbered,
    request: Option<&Request>,
    event: Option<&StoredEvent>,
    sent: &Sent,
    meaning: &Meaning,
    scrubber: &Scrubber,
) -> AttemptRecord {
    // Scrubbed before it is cut, as the error is.
    let mut response_body = scrubber.bytes(&sent.body).into_owned();
    response_body.truncate(KEPT_BODY);
    let mut request_headers = Headers::with_capacity(ROOM_FOR_HEADERS);
    for header in request.iter().flat_map(|request| &request.headers) {
        request_headers.push(&header.name, header.shown());
    }
    let mut response_headers = Headers::with_capacity(ROOM_FOR_HEADERS);
    for (name, value) in &sent.headers {
        response_headers.push(name, if mask::is_secret_header(name) { MASK } else { value });
    }
    // The scrubber knows how secrets look inside JSON: one pass does for all of them.
    let masked = |headers: Headers| headers.masked(|json| scrubber.text(json));
    AttemptRecord {
        number: attempt.number,
        started_at: attempt.started_at,
        trigger: attempt.trigger,
        outcome: meaning.outcome,
        status: sent.status,
        error: meaning.error.as_deref().map(|error| kept_error(error, scrubber)),
        duration_us: Some(sent.whole_us).filter(|_| request.is_some()),
        resolve_us: sent.resolve_us,
        first_byte_us: sent.first_byte_us,
        remote: sent.remote.clone(),
        request_headers: masked(request_headers),
        request_body: request.map(|request| request.body.clone()).unwrap_or_default(),
        body_as_stored: request.zip(event).is_some_and(|(request, event)| event.is_stored_as(&request.body)),
        response_headers: masked(response_headers),
        response_body,
    }
}

/// Scrubbed before it is cut: half a secret would not be found.
fn kept_error(error: &str, scrubber: &Scrubber) -> String {
    let clean = scrubber.text(error);
    match clean.char_indices().nth(KEPT_ERROR) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default().trim_end()),
        None => clean.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::mask::MASK;

    #[test]
    fn what_the_receiver_said_is_scrubbed_and_then_cut() {
        let scrubber = Scrubber::new(["hunter2hunter2".to_owned()]);
        let head = format!("400 Bad Request: {}", "x".repeat(KEPT_ERROR - 25));
        let kept = kept_error(&format!("{head}hunter2hunter2 is wrong"), &scrubber);
        assert_eq!(kept, format!("{head}{MASK}…"));
        assert_eq!(kept_error("400 Bad Request: short", &scrubber), "400 Bad Request: short");
    }
}
