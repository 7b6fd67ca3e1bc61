//! Readers: read-only connections, one statement per question, pages by key.

mod attempts;
mod changes;
mod deliveries;
mod events;
mod find;
mod overview;
mod page;
mod rest;
mod room;
mod stands;
mod walk;
mod why;

use std::path::Path;

use super::opened::Link;
use super::{JournalError, open};
pub(super) use overview::endpoints;

/// A read-only connection. Blocking, each call well under a millisecond. Sees what was committed when each question is
/// asked.
#[derive(Debug)]
pub struct Reader {
    conn: Link,
}

impl Reader {
    /// Opens a journal for reading only; never creates one.
    ///
    /// # Errors
    /// [`JournalError::Open`] and [`JournalError::Version`].
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Ok(Self { conn: open::for_reading(path)? })
    }

    /// As [`Reader::open`]; none where there is no journal.
    ///
    /// # Errors
    /// As [`Reader::open`], and where it cannot be seen whether there is one.
    pub fn if_there(path: &Path) -> Result<Option<Self>, JournalError> {
        if open::is_there(path)? { Self::open(path).map(Some) } else { Ok(None) }
    }

    /// Another one of the same journal, for another thread.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn another(&self) -> Result<Self, JournalError> {
        Self::open(&self.conn.file.path)
    }

    /// Changes when another connection has committed (`PRAGMA data_version`).
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn data_version(&self) -> Result<i64, JournalError> {
        let mut select = self.conn.prepare_cached("PRAGMA data_version")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests;
