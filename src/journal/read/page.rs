//! Pages by key: the same statement shape for every list.

use rusqlite::{Connection, Row};

use super::super::{Cursor, Direction, JournalError, Page};

/// A list, newest first: its columns and joins, what it is sorted by, and which rows belong to it.
pub(super) struct List<'a> {
    /// `SELECT .. FROM ..`, without conditions.
    pub select: &'a str,
    /// Column of [`Cursor::sort`].
    pub sort: &'a str,
    /// Column of [`Cursor::seq`].
    pub seq: &'a str,
    /// Which rows; `1` for all. May use `?4`.
    pub rows: &'a str,
    /// What `?4` stands for.
    pub of: Option<i64>,
}

impl List<'_> {
    /// One page, in the list's order whichever way it was reached.
    pub fn page<T>(
        &self,
        conn: &Connection,
        page: Page,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, JournalError> {
        let (compare, order) = match page.direction {
            Direction::Down => ("<", "DESC"),
            Direction::Up => (">", "ASC"),
        };
        let Self { select, sort, seq, rows, .. } = self;
        // `?4 IS ?4`: lists that do not ask for it are given it all the same.
        let mut statement = conn.prepare_cached(&format!(
            "{select} WHERE {rows} AND ({sort}, {seq}) {compare} (?1, ?2) AND ?4 IS ?4
             ORDER BY {sort} {order}, {seq} {order} LIMIT ?3"
        ))?;
        let beyond_all = match page.direction {
            Direction::Down => Cursor { sort: i64::MAX, seq: i64::MAX },
            Direction::Up => Cursor { sort: i64::MIN, seq: i64::MIN },
        };
        let from = page.from.unwrap_or(beyond_all);
        let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(rusqlite::params![from.sort, from.seq, limit, self.of], read)?;
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        if page.direction == Direction::Up {
            rows.reverse();
        }
        Ok(rows)
    }
}
