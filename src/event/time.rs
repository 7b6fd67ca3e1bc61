//! The time an event carries: an instant with the offset it was written with.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant and the offset it was written with; printed as Go's `RFC3339Nano` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTime {
    instant: Timestamp,
    offset_seconds: i32,
}

impl EventTime {
    /// This instant, in UTC.
    #[must_use]
    pub fn now() -> Self {
        Self { instant: Timestamp::now(), offset_seconds: 0 }
    }

    /// The instant.
    #[must_use]
    pub const fn instant(self) -> Timestamp {
        self.instant
    }
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.instant)
    }
}

impl Serialize for EventTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(|instant| Self { instant, offset_seconds: 0 }).map_err(serde::de::Error::custom)
    }
}
