//! What is asked of a list, and how far the answer reaches.

use std::time::Duration;

use crate::event::{Millis, Query};

use super::Cursor;

/// What a list shall show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Which rows.
    pub query: Query,
    /// In which order.
    pub sort: Sort,
    /// `age:` and `held` are of this time.
    pub now: Millis,
    /// A search that looks for something rare stops after so long.
    pub patience: Duration,
}

/// What a person hardly waits for.
const PATIENCE: Duration = Duration::from_millis(80);

impl Search {
    /// In the list's own order, for somebody who looks at a screen.
    #[must_use]
    pub const fn new(query: Query, now: Millis) -> Self {
        Self { query, sort: Sort::Newest, now, patience: PATIENCE }
    }
}

/// What a list is sorted by: only what an index keeps in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Newest first, as each list has it: deliveries by change, dead letters by death, others as they came.
    #[default]
    Newest,
    /// Deliveries as they came in, newest first.
    Arrival,
}

/// The rows that were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding<T> {
    /// In the list's order.
    pub rows: Vec<T>,
    /// So many rows were looked through, where that says something: a term without an index was looked for.
    pub looked: u64,
    /// The search stopped here, before the end of the list and before there were enough rows: going on from here finds what
    /// lies beyond. None: nothing is left out.
    pub stopped: Option<Cursor>,
    /// How many match in all, where counters tell.
    pub total: Option<u64>,
}

impl<T> Default for Finding<T> {
    /// Nothing.
    fn default() -> Self {
        Self::whole(Vec::new())
    }
}

impl<T> Finding<T> {
    /// All there is.
    pub(super) const fn whole(rows: Vec<T>) -> Self {
        Self { rows, looked: 0, stopped: None, total: None }
    }

    /// The same with other rows.
    #[must_use]
    pub fn map<U>(self, to: impl FnMut(T) -> U) -> Finding<U> {
        let Self { rows, looked, stopped, total } = self;
        Finding { rows: rows.into_iter().map(to).collect(), looked, stopped, total }
    }
}
