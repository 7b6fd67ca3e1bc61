//! Many rows with one statement: what it takes to begin and to end one is spent once for all of them. That is a cursor for the
//! table and one for each of its indexes, and the way down each of them.

use rusqlite::{CachedStatement, Connection, ToSql};

use super::JournalError;

/// Rows of one statement at most: with twice as many it takes a short command noticeably longer to prepare it.
pub(super) const MOST: usize = 16;

/// An `INSERT` of up to [`MOST`] rows.
pub(super) struct Insert {
    columns: usize,
    sql: String,
}

impl Insert {
    /// Into a table, given with its columns: `table (first, second)`. A row that cannot be inserted is an error, and the
    /// transaction has to be taken back: for a statement that can be taken back alone (without `OR FAIL`) SQLite copies every
    /// page that it writes to.
    pub fn into(table: &str) -> Self {
        let columns = table.matches(',').count() + 1;
        let row = format!("SELECT {}?", "?, ".repeat(columns - 1));
        let others = format!(" UNION ALL {row}").repeat(MOST - 1);
        // Not `VALUES`, which takes no limit: so one statement does for any number of rows.
        Self { columns, sql: format!("INSERT OR FAIL INTO {table} {row}{others} LIMIT ?") }
    }

    pub fn rows<'c>(&self, conn: &'c Connection) -> Result<Rows<'c>, JournalError> {
        Ok(Rows { statement: conn.prepare_cached(&self.sql)?, columns: self.columns, waiting: 0 })
    }
}

/// Rows on their way into a table.
pub(super) struct Rows<'c> {
    statement: CachedStatement<'c>,
    columns: usize,
    /// Rows that are bound and not stored yet.
    waiting: usize,
}

impl Rows<'_> {
    /// Takes a row, which is stored with those after it, at the latest by [`Rows::store`].
    pub fn push(&mut self, values: &[&dyn ToSql]) -> Result<(), JournalError> {
        let first = self.waiting * self.columns + 1;
        for (index, value) in (first..).zip(values) {
            self.statement.raw_bind_parameter(index, value)?;
        }
        self.waiting += 1;
        if self.waiting == MOST { self.store() } else { Ok(()) }
    }

    /// Stores what was pushed.
    pub fn store(&mut self) -> Result<(), JournalError> {
        if self.waiting > 0 {
            self.statement.raw_bind_parameter(MOST * self.columns + 1, self.waiting)?;
            self.waiting = 0;
            self.statement.raw_execute()?;
        }
        Ok(())
    }
}
