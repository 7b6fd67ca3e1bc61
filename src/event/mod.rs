//! Events: what happened, and the rules that need nothing but the event itself.
//!
//! This is the leaf of the house: it names no other module of the crate. See `product.md`, "Words".

pub mod cause;
pub mod details;
pub mod filter;
pub mod glob;
pub mod id;
pub mod incoming;
pub mod pattern;
pub mod query;
pub mod redact;
pub mod route;
pub mod state;
pub mod stored;
pub mod time;
pub mod types;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use cause::Cause;
pub use details::Details;
pub use incoming::{Incoming, InvalidEvent};
pub use query::Query;
pub use route::{Limits, Revision, Route};
pub use state::{Circuit, EndpointState, Outcome, Reason, State, Trigger};
pub use stored::StoredEvent;
pub use time::EventTime;
pub use types::Severity;

/// Something that happened, as it stands in the journal and as a receiver of the `ntm` dialect reads it.
///
/// Field order is the wire order of NTM. Empty optional fields are left out; `message` is always there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// Unique within the journal; made of `A-Z a-z 0-9 . _ : / -` and `%XX`, at most 128 characters.
    pub id: String,
    /// The type, `agent.error` for example; same alphabet as the id.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened, by whoever emitted it.
    pub timestamp: EventTime,
    /// NTM's session name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub session: String,
    /// NTM's pane.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pane: String,
    /// NTM's agent type, as emitted (folded only when filters look at it).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agent: String,
    /// Text for people.
    #[serde(default)]
    pub message: String,
    /// Key and value pairs in key order; scalar values become text on arrival.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub details: Details,
    /// Any JSON, kept as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

fn is_empty(details: &Details) -> bool {
    details.is_empty()
}

/// Milliseconds since the Unix epoch: the one time type of journal and engine.
pub type Millis = i64;

impl Event {
    /// Its severity, read off its type.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::of_type(&self.kind)
    }
}
