//! Routing: which endpoints an event goes to, by a revision of the file.

use serde::{Deserialize, Serialize};

use super::Event;
use super::filter::Filter;
use super::pattern::Patterns;

/// The part of one endpoint that routing needs. Holds no secret, so it may stand in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The endpoint's id.
    pub endpoint: String,
    /// Its name in the file.
    pub name: String,
    /// The host of its URL: all of the URL that may be shown.
    pub host: String,
    /// What it listens to.
    pub patterns: Patterns,
    /// Further conditions.
    #[serde(default)]
    pub filter: Filter,
    /// `enabled:` of the file. An endpoint that is not enabled gets no new deliveries.
    pub enabled: bool,
}

impl Route {
    /// Whether the event goes to this endpoint, as far as the file decides it.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        self.enabled && self.patterns.matches(&event.kind) && self.filter.matches(event)
    }
}

/// Limits that accepting obeys (`hooktui.manager`, `hooktui.journal`). 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Limits {
    /// Most queued and scheduled deliveries.
    pub queue_size: u64,
    /// At a full queue: kill the oldest instead of refusing the new.
    pub drop_oldest: bool,
    /// Most dead letters; the oldest are cleared.
    pub dead_letter_limit: u64,
    /// Largest size of the journal in bytes.
    pub max_size: u64,
}

/// The part without secrets of the file as last applied: what `emit` routes by while a dispatcher lives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Revision {
    /// One per endpoint, in file order.
    pub routes: Vec<Route>,
    /// The limits.
    pub limits: Limits,
    /// The redaction settings as they stand in the file (interpreted by a later release; kept so that it need not
    /// change the journal).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<serde_json::Value>,
}
