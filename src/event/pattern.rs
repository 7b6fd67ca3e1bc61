//! `events:` of an endpoint: which types it listens to.

use serde::{Deserialize, Serialize};

/// Patterns as in the file, trimmed and in lower case; none: every type but `hooktui.*`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Patterns(pub Vec<String>);

impl Patterns {
    /// Whether the type matches one of them.
    #[must_use]
    pub fn matches(&self, kind: &str) -> bool {
        let _ = kind;
        self.0.is_empty()
    }
}
