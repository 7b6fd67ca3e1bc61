//! An event as it stands in the journal.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::OnceLock;

use super::{Details, Event};

/// How the JSON of an event in the journal ends where details were given and there are none. The wire leaves them out, and
/// a template tells them from no details. No other event ends so: what `data` holds has a brace more behind it.
const NO_DETAILS: &str = ",\"details\":{}}";

/// An event and its JSON as it stands in the journal. What goes out as it stands is never read: the JSON is parsed when
/// somebody asks for more than id and type, and then once.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// The event's id.
    pub id: String,
    /// Its type.
    pub kind: String,
    json: String,
    /// The journal's copy ends with [`NO_DETAILS`].
    no_details: bool,
    event: OnceLock<Event>,
}

/// The JSON is not that of an event: somebody has changed the journal by hand.
#[derive(Debug, thiserror::Error)]
#[error("the journal's copy of the event cannot be read: {0}")]
pub struct Unreadable(serde_json::Error);

impl StoredEvent {
    /// From a row of the journal.
    #[must_use]
    pub fn new(id: String, kind: String, mut json: String) -> Self {
        let no_details = json.ends_with(NO_DETAILS);
        if no_details {
            json.truncate(json.len() - NO_DETAILS.len());
            json.push('}');
        }
        Self { id, kind, json, no_details, event: OnceLock::new() }
    }

    /// The JSON of an event for a row of the journal.
    ///
    /// # Errors
    /// None that is known: an event can always be JSON.
    pub fn row(event: &Event) -> Result<String, serde_json::Error> {
        let mut json = serde_json::to_string(event)?;
        if event.details.given_empty() {
            json.pop();
            json.push_str(NO_DETAILS);
        }
        Ok(json)
    }

    /// Whether these bytes are the journal's copy.
    #[must_use]
    pub fn is_stored_as(&self, bytes: &[u8]) -> bool {
        !self.no_details && bytes == self.json.as_bytes()
    }

    /// The JSON: what a receiver of the `ntm` dialect reads.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Reads the JSON, unless that was done before.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(&self) -> Result<&Event, Unreadable> {
        if let Some(event) = self.event.get() {
            return Ok(event);
        }
        let mut event: Event = serde_json::from_str(&self.json).map_err(Unreadable)?;
        if self.no_details {
            event.details = Details::given_as(BTreeMap::new());
        }
        Ok(self.event.get_or_init(|| event))
    }
}

/// The fields of the event. Whoever renders has called [`StoredEvent::read`] and told of what cannot be read; without
/// that, an unreadable event has nothing but its id and type.
impl Deref for StoredEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        self.read().unwrap_or_else(|_| {
            let bare = || Event { id: self.id.clone(), ..Event::new(self.kind.clone()) };
            self.event.get_or_init(bare)
        })
    }
}

impl TryFrom<Event> for StoredEvent {
    type Error = serde_json::Error;

    fn try_from(event: Event) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_string(&event)?;
        Ok(Self {
            id: event.id.clone(),
            kind: event.kind.clone(),
            json,
            no_details: event.details.given_empty(),
            event: OnceLock::from(event),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_is_read_when_it_is_asked_for() {
        let stored = StoredEvent::new("e".to_owned(), "a.b".to_owned(), "{".to_owned());
        assert_eq!((stored.kind.as_str(), stored.json()), ("a.b", "{"));
        assert!(stored.read().unwrap_err().to_string().contains("cannot be read: EOF"));
        assert_eq!((stored.message.as_str(), Event::clone(&stored).id), ("", "e".to_owned()));
    }

    #[test]
    fn details_that_are_given_and_empty_are_told_from_none_and_are_not_sent() {
        let data = serde_json::value::RawValue::from_string("{\"a\":1,\"details\":{}}".to_owned()).ok();
        let none = Event { data, ..Event::new("a.b") };
        let empty = Event { details: Details::given_as(BTreeMap::new()), ..none.clone() };
        for (event, given) in [(&none, false), (&empty, true)] {
            let row = StoredEvent::row(event).unwrap();
            let stored = StoredEvent::new(event.id.clone(), event.kind.clone(), row.clone());
            assert_eq!(stored.json(), serde_json::to_string(event).unwrap());
            assert_eq!(
                (stored.is_stored_as(row.as_bytes()), stored.is_stored_as(stored.json().as_bytes())),
                (!given, !given)
            );
            assert_eq!(stored.read().unwrap().details.given().is_some(), given, "{row}");
        }
    }

    #[test]
    fn an_event_and_its_json_say_the_same() {
        let event = Event { message: "m".to_owned(), ..Event::new("a.b") };
        let stored = StoredEvent::try_from(event).unwrap();
        let read = StoredEvent::new(stored.id.clone(), stored.kind.clone(), stored.json().to_owned());
        assert_eq!(read.read().unwrap().message, "m");
        assert_eq!(serde_json::to_string(read.read().unwrap()).unwrap(), stored.json());
    }
}
