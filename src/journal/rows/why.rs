//! Dead letters by what they died of, and what an act would change.

use crate::event::{Cause, Millis, Reason};

/// Dead letters of one endpoint that died for the same reason and cause: their error signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// The endpoint's journal key.
    pub endpoint_key: i64,
    /// The endpoint's id.
    pub endpoint_id: String,
    /// The endpoint's name.
    pub endpoint: String,
    /// Why they are dead.
    pub reason: Option<Reason>,
    /// What the last attempt failed with.
    pub cause: Cause,
    /// How many there are.
    pub count: u64,
    /// When the oldest of them died.
    pub oldest_at: Millis,
    /// When the newest of them died.
    pub newest_at: Millis,
    /// The error of the newest, in words.
    pub sample: Option<String>,
}

/// Deliveries of one endpoint and cause that an act would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The endpoint's journal key.
    pub endpoint_key: i64,
    /// The endpoint's name.
    pub endpoint: String,
    /// What their last attempt failed with; none: there are too many to look at each.
    pub cause: Option<Cause>,
    /// How many.
    pub count: u64,
}
