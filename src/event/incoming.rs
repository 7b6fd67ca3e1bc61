//! Events from outside: what `emit` and every source take in, before it is fit for the journal.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Visitor};
use serde_json::value::RawValue;

use super::id::{self, TooLong};
use super::time::{EventTime, InvalidTime};
use super::{Details, Event, types};

/// An event as it came. All but the type may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an event")]
pub struct Incoming {
    /// Its id; a new one is made where it is missing or empty.
    #[serde(default, deserialize_with = "text")]
    pub id: String,
    /// Its type.
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub kind: String,
    /// When it happened, RFC 3339; now, where it is missing or empty.
    #[serde(default, deserialize_with = "text")]
    pub timestamp: String,
    /// NTM's session.
    #[serde(default, deserialize_with = "text")]
    pub session: String,
    /// NTM's pane.
    #[serde(default, deserialize_with = "text")]
    pub pane: String,
    /// NTM's agent type.
    #[serde(default, deserialize_with = "text")]
    pub agent: String,
    /// Text for people.
    #[serde(default, deserialize_with = "text")]
    pub message: String,
    /// Key and value pairs; scalars become text.
    #[serde(default, deserialize_with = "texts")]
    pub details: Details,
    /// Any JSON, kept as it came.
    #[serde(default)]
    pub data: Option<Box<RawValue>>,
}

/// Why something from outside is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// It cannot be read.
    #[error(
        "{0}; expected one JSON object with `type` and, if need be, id, timestamp, session, pane, agent, message, details, data"
    )]
    Json(String),
    /// It has no type.
    #[error("the event has no type; give one such as agent.error")]
    NoType,
    /// Its type is one that only hooktui itself may give.
    #[error("the type {0} is hooktui's own: types that begin `hooktui.` cannot come from outside; use another one")]
    OwnType(String),
    /// Its id or type is too long.
    #[error("the {field} is too long: {cause}")]
    TooLong {
        /// `id` or `type`.
        field: &'static str,
        /// By how much.
        cause: TooLong,
    },
    /// Its timestamp cannot be read.
    #[error("timestamp: {0}")]
    Timestamp(#[from] InvalidTime),
}

impl Event {
    /// An event of hooktui's own making: it happens now, its id is new. Not for what comes from outside, see
    /// [`Incoming::into_event`].
    #[must_use]
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            id: id::new_event_id(),
            kind: kind.into(),
            timestamp: EventTime::now(),
            session: String::new(),
            pane: String::new(),
            agent: String::new(),
            message: String::new(),
            details: Details::default(),
            data: None,
        }
    }

    /// Reads what one line of `emit --stdin` holds: a JSON object with the event's fields. Any other field is an error
    /// that names it, so that nothing is lost in silence.
    ///
    /// # Errors
    /// [`InvalidEvent`].
    pub fn from_json_line(line: &str) -> Result<Self, InvalidEvent> {
        // serde would take an array for the fields in their order.
        if line.trim_start().starts_with('[') {
            return Err(InvalidEvent::Json("this is an array".to_owned()));
        }
        // serde_json ends its texts with "at line 1 column 7"; whoever reads lines knows the line.
        let incoming: Incoming = serde_json::from_str(line).map_err(|error| {
            let text = error.to_string();
            let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
            InvalidEvent::Json(format!("column {}: {what}", error.column()))
        })?;
        incoming.into_event()
    }
}

impl Incoming {
    /// Reads a text of several lines: one JSON object with the event's fields, any other field an error that names it.
    ///
    /// # Errors
    /// [`InvalidEvent::Json`], with line and column.
    pub fn read(text: &str) -> Result<Self, InvalidEvent> {
        // serde would take an array for the fields in their order.
        if text.trim_start().starts_with('[') {
            return Err(InvalidEvent::Json("this is an array".to_owned()));
        }
        serde_json::from_str(text).map_err(|error| {
            let text = error.to_string();
            let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
            InvalidEvent::Json(format!("line {}, column {}: {what}", error.line(), error.column()))
        })
    }

    /// Gives it the alphabet of ids and types, an id and a time.
    ///
    /// # Errors
    /// [`InvalidEvent`], but never `Json`.
    pub fn into_event(self) -> Result<Event, InvalidEvent> {
        if self.kind.trim().is_empty() {
            return Err(InvalidEvent::NoType);
        }
        let encode = |field, text: &str| id::encode(text).map_err(|cause| InvalidEvent::TooLong { field, cause });
        let kind = encode("type", &self.kind)?;
        if types::is_own(&kind) {
            return Err(InvalidEvent::OwnType(kind));
        }
        let id = if self.id.is_empty() { id::new_event_id() } else { encode("id", &self.id)? };
        let timestamp = if self.timestamp.is_empty() { EventTime::now() } else { self.timestamp.parse()? };
        let Self { session, pane, agent, message, details, data, .. } = self;
        Ok(Event { id, kind, timestamp, session, pane, agent, message, details, data })
    }
}

/// A scalar as text: numbers as they were written, null as nothing.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    let scalar = scalar(raw.get()).map_err(D::Error::custom)?;
    Ok(scalar.unwrap_or_default())
}

/// A map of scalars as text.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Details, D::Error> {
    struct Texts;

    impl<'de> Visitor<'de> for Texts {
        type Value = Details;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of details")
        }

        fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok(Details::default())
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut details = BTreeMap::new();
            while let Some((key, raw)) = map.next_entry::<String, &RawValue>()? {
                let text = scalar(raw.get()).map_err(|what| A::Error::custom(format!("details.{key}: {what}")))?;
                details.insert(key, text.unwrap_or_else(|| "null".to_owned()));
            }
            Ok(Details::given_as(details))
        }
    }

    deserializer.deserialize_any(Texts)
}

/// The text of a JSON scalar; none for null.
fn scalar(raw: &str) -> Result<Option<String>, String> {
    match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw).map(Some).map_err(|error| error.to_string()),
        Some(b'{' | b'[') => Err("expected text, a number, true or false; nested values belong in `data`".to_owned()),
        _ if raw == "null" => Ok(None),
        _ => Ok(Some(raw.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_whole_event_is_read_as_it_is() {
        let line = r#"{"id":"evt-1","type":"agent.error","timestamp":"2026-02-02T03:04:05+02:00","session":"s","pane":"%1",
            "agent":"cc","message":"boom","details":{"k":"v"},"data":{"a": [1, 2.50]}}"#;
        let event = Event::from_json_line(line).unwrap();
        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            r#"{"id":"evt-1","type":"agent.error","timestamp":"2026-02-02T03:04:05+02:00","session":"s","pane":"%1","agent":"cc","message":"boom","details":{"k":"v"},"data":{"a": [1, 2.50]}}"#
        );
    }

    #[test]
    fn scalars_become_text_as_they_were_written() {
        let line = r#"{"type":"x","pane":7,"message":null,"details":{"int":12,"float":1.50,"big":123456789012345678901234567890,"yes":true,"none":null,"text":"t\n"}}"#;
        let event = Event::from_json_line(line).unwrap();
        assert_eq!((event.pane.as_str(), event.message.as_str()), ("7", ""));
        let details: Vec<(&str, &str)> =
            event.details.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(
            details,
            [
                ("big", "123456789012345678901234567890"),
                ("float", "1.50"),
                ("int", "12"),
                ("none", "null"),
                ("text", "t\n"),
                ("yes", "true")
            ]
        );
    }

    #[test]
    fn id_and_time_are_made_where_they_are_missing() {
        let event = Event::from_json_line(r#"{"type":"agent.idle","id":"","timestamp":null}"#).unwrap();
        assert!(event.id.starts_with("evt-"));
        assert!(!event.timestamp.is_zero());
    }

    #[test]
    fn ids_and_types_are_put_into_their_alphabet() {
        let event = Event::from_json_line(r#"{"type":"agent error","id":"a\u0000b"}"#).unwrap();
        assert_eq!((event.kind.as_str(), event.id.as_str()), ("agent%20error", "a%00b"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, named) in [
            ("", "column 0"),
            (r#"["evt-1", "agent.error"]"#, "array"),
            (r#"{"type":"x"} y"#, "trailing"),
            ("7", "expected an event"),
            (r#"{"message":"m"}"#, "no type"),
            (r#"{"type":" "}"#, "no type"),
            (r#"{"type":"HOOKTUI.delivery.dead"}"#, "hooktui's own"),
            (r#"{"type":"x","foo":1}"#, "`foo`"),
            (r#"{"type":"x","type":"y"}"#, "duplicate field"),
            (r#"{"type":"x","details":{"deep":{"a":1}}}"#, "details.deep"),
            (r#"{"type":"x","details":[1]}"#, "details"),
            (r#"{"type":"x","session":["a"]}"#, "expected text"),
            (r#"{"type":"x","timestamp":"yesterday"}"#, "RFC 3339"),
            (&format!(r#"{{"type":"x","id":"{}"}}"#, "i".repeat(129)), "the id is too long: 129"),
        ] {
            let told = Event::from_json_line(line).unwrap_err().to_string();
            assert!(told.contains(named), "{line}: {told}");
            assert!(!told.contains("at line"), "{told}");
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in "\\PC{0,60}") {
            let _ = Event::from_json_line(&line);
        }

        #[test]
        fn what_is_taken_in_reads_back_the_same(
            kind in "[a-z]{1,8}\\.[a-z]{1,8}",
            message in "\\PC{0,40}",
            details in prop::collection::btree_map("\\PC{0,8}", "\\PC{0,8}", 0..4),
        ) {
            let event = Event { message, details: details.into(), ..Event::new(kind) };
            let line = serde_json::to_string(&event).unwrap();
            let back = Event::from_json_line(&line).unwrap();
            prop_assert_eq!(serde_json::to_string(&back).unwrap(), line);
        }
    }
}
