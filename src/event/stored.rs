//! An event as it stands in the journal.

use std::ops::Deref;
use std::sync::OnceLock;

use super::Event;

/// An event and its JSON as it stands in the journal. What goes out as it stands is never read: the JSON is parsed when
/// somebody asks for more than id and type, and then once.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// The event's id.
    pub id: String,
    /// Its type.
    pub kind: String,
    json: String,
    event: OnceLock<Event>,
}

/// The JSON is not that of an event: somebody has changed the journal by hand.
#[derive(Debug, thiserror::Error)]
#[error("the journal's copy of the event cannot be read: {0}")]
pub struct Unreadable(serde_json::Error);

impl StoredEvent {
    /// From a row of the journal.
    #[must_use]
    pub const fn new(id: String, kind: String, json: String) -> Self {
        Self { id, kind, json, event: OnceLock::new() }
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
        let event = serde_json::from_str(&self.json).map_err(Unreadable)?;
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
        Ok(Self { id: event.id.clone(), kind: event.kind.clone(), json, event: OnceLock::from(event) })
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
    fn an_event_and_its_json_say_the_same() {
        let event = Event { message: "m".to_owned(), ..Event::new("a.b") };
        let stored = StoredEvent::try_from(event).unwrap();
        let read = StoredEvent::new(stored.id.clone(), stored.kind.clone(), stored.json().to_owned());
        assert_eq!(read.read().unwrap().message, "m");
        assert_eq!(serde_json::to_string(read.read().unwrap()).unwrap(), stored.json());
    }
}
