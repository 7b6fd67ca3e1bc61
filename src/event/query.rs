//! What a person looks for among deliveries, dead letters, events: the filter of lists and of acts on many.

use std::fmt;

/// A filter: several terms, all of which must hold. Without any, everything is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    text: String,
}

impl Query {
    /// Everything is meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.text.is_empty()
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
