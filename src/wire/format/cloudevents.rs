//! `CloudEvents` 1.0 over HTTP: one event a request, structured or binary.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::super::Header;
use super::super::dialect::Payload;
use crate::event::Event;

/// The version of the specification.
const VERSION: &str = "1.0";

/// What `source` begins with; the session follows, where there is one. Whoever wants another one in binary mode gives the
/// endpoint a header `ce-source`.
const SOURCE: &str = "/hooktui";

/// Characters that are percent-encoded in headers, besides all that is not ASCII (HTTP protocol binding 1.0.2, 3.1.3.2).
const IN_HEADERS: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// Characters that are percent-encoded in a part of a path: all but the unreserved ones (RFC 3986, 2.3).
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The attributes that every event has.
#[derive(Serialize)]
struct Attributes<'a> {
    specversion: &'static str,
    id: &'a str,
    source: String,
    #[serde(rename = "type")]
    kind: &'a str,
    time: String,
}

#[derive(Serialize)]
struct Structured<'a> {
    #[serde(flatten)]
    attributes: Attributes<'a>,
    datacontenttype: &'static str,
    data: Payload<'a>,
}

impl<'a> Attributes<'a> {
    fn of(event: &'a Event) -> Self {
        let session = utf8_percent_encode(&event.session, IN_PATHS);
        Self {
            specversion: VERSION,
            id: &event.id,
            source: if event.session.is_empty() { SOURCE.to_owned() } else { format!("{SOURCE}/{session}") },
            kind: &event.kind,
            time: event.timestamp.to_string(),
        }
    }
}

/// The body in structured mode.
pub(super) fn body(event: &Event) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Structured {
        attributes: Attributes::of(event),
        datacontenttype: "application/json",
        data: Payload::of(event),
    })
}

/// The headers in binary mode.
pub(super) fn headers(event: &Event) -> Vec<Header> {
    let Attributes { specversion, id, source, kind, time } = Attributes::of(event);
    [("specversion", specversion), ("id", id), ("source", &source), ("type", kind), ("time", &time)]
        .into_iter()
        .map(|(name, value)| Header::plain(format!("ce-{name}"), utf8_percent_encode(value, IN_HEADERS).to_string()))
        .collect()
}
