//! Pilot's registry: audit events, sent by the daemon's rules.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Dialect, PILOT};
use crate::event::{Event, EventTime};
use crate::wire::Message;

/// Pilot's registry.
pub static PILOT_REGISTRY: Dialect = Dialect { name: "pilot-registry", envelope, ..PILOT };

#[derive(Serialize)]
struct Envelope<'a> {
    /// Grows with each event of the journal.
    event_id: i64,
    action: &'a str,
    timestamp: EventTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Details<'a> {
    Data(&'a RawValue),
    Details(BTreeMap<&'a str, &'a str>),
}

fn envelope(message: &Message<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let event = message.event;
    let details = details(event);
    serde_json::to_vec(&Envelope {
        event_id: message.event_seq,
        action: &event.kind,
        timestamp: event.timestamp,
        details,
    })
}

/// The data, if that is an object; else the details, with the message among them. None where there is nothing in it.
fn details(event: &Event) -> Option<Details<'_>> {
    if let Some((data, inside)) = event.data.as_ref().and_then(|data| Some((data, object(data.get())?))) {
        return Some(Details::Data(data)).filter(|_| !inside.trim().is_empty());
    }
    let mut details: BTreeMap<&str, &str> =
        event.details.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    if !event.message.is_empty() {
        details.entry("message").or_insert(&event.message);
    }
    Some(Details::Details(details)).filter(|_| !event.details.is_empty() || !event.message.is_empty())
}

/// What stands between the braces of a JSON object.
fn object(json: &str) -> Option<&str> {
    json.trim().strip_prefix('{')?.strip_suffix('}')
}
