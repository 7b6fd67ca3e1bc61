//! The rows of all lists as one type, so that one window and one set of keys serve every pane.

use crate::event::Millis;
use crate::journal::{AttemptRow, Cursor, DeliveryRow, EndpointRow, EventRow, GroupRow, LogRow};

use super::window::Keyed;

/// One row of a list.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named after what they hold")]
pub enum Row {
    Endpoint(Box<EndpointRow>),
    Delivery(Box<DeliveryRow>),
    /// A dead letter: a delivery, but sorted by its death.
    Dead(Box<DeliveryRow>),
    Attempt(Box<AttemptRow>),
    /// Dead letters that died of the same.
    Group(Box<GroupRow>),
    Event(Box<EventRow>),
    Log(Box<LogRow>),
}

impl Keyed for Row {
    fn id(&self) -> String {
        match self {
            Self::Endpoint(row) => row.id.clone(),
            Self::Delivery(row) | Self::Dead(row) => row.id.clone(),
            Self::Attempt(row) => row.seq.to_string(),
            Self::Group(row) => format!("{} {:?} {}", row.endpoint_key, row.reason, row.cause),
            Self::Event(row) => row.id.clone(),
            Self::Log(row) => row.seq.to_string(),
        }
    }

    fn cursor(&self) -> Cursor {
        match self {
            Self::Endpoint(row) => Cursor { sort: row.key, seq: row.key },
            Self::Delivery(row) | Self::Dead(row) => row.place,
            Self::Attempt(row) => Cursor { sort: row.seq, seq: row.seq },
            Self::Group(row) => Cursor { sort: row.count.cast_signed(), seq: row.newest_at },
            Self::Event(row) => Cursor { sort: row.seq, seq: row.seq },
            Self::Log(row) => Cursor { sort: row.seq, seq: row.seq },
        }
    }
}

impl Row {
    /// When it came to be what it is: the age that is shown, and what lights it.
    #[must_use]
    pub fn at(&self) -> Option<Millis> {
        match self {
            Self::Endpoint(row) => row.last_attempt_at,
            Self::Delivery(row) | Self::Dead(row) => Some(row.changed_at),
            Self::Attempt(row) => Some(row.started_at),
            Self::Group(row) => Some(row.newest_at),
            Self::Event(row) => Some(row.accepted_at),
            Self::Log(row) => Some(row.at),
        }
    }

    /// The delivery that the row is about.
    #[must_use]
    pub fn delivery_id(&self) -> Option<&str> {
        match self {
            Self::Delivery(row) | Self::Dead(row) => Some(&row.id),
            Self::Attempt(row) => Some(&row.delivery_id),
            _ => None,
        }
    }
}
