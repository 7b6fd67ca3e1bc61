//! Searches through a list in its order, a bounded way at a time.
//!
//! Where a term has no index the rows are looked through, newest first, in stretches: the end of each is found in the
//! index, and the condition is asked only between. So a search ends when it has enough rows, when it has looked through
//! its share, or when its time is up; and tells where it stopped. Deliveries by change stand in no single index; what is
//! special about them is in [`changes`].

use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row};

use super::{Reader, changes};
use crate::event::Millis;
use crate::journal::condition::Condition;
use crate::journal::{Cursor, Direction, Finding, JournalError, Page};

/// Rows looked through for a page, where they can be in time.
pub(super) const LOOK: u64 = 100_000;
/// The same where texts are searched.
pub(super) const LOOK_AT_TEXTS: u64 = 10_000;
/// Rows of the first stretch and of the longest: what is common is found at once.
pub(super) const STRETCH: (u64, u64) = (200, 4_000);
/// After so many rows in vain the times that the filter names are looked up. Not at once: where the list is not sorted by
/// time (an undo gives a dead letter its old time back) a row may lie elsewhere, and that is so among the newest.
const IN_VAIN: u64 = 20_000;

/// A list in the order of an index, or deliveries by change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'a> {
    /// `SELECT .. FROM ..`, without conditions.
    pub select: &'a str,
    /// The table with its letter, for finding the ends of stretches.
    pub table: &'a str,
    /// Column of [`Cursor::sort`]; [`BY_CHANGE`] for deliveries by change, to which all of them belong.
    pub sort: &'a str,
    /// Column of [`Cursor::seq`], the key of the table.
    pub seq: &'a str,
    /// Which rows belong to the list; may use `?4`.
    pub rows: &'a str,
    /// What `?4` stands for.
    pub of: Option<i64>,
    /// What the list is nearly sorted by, if it is one of times; may use `?2`, the row's place.
    pub time: Option<&'a str>,
}

/// The column that [`changes`] puts in order.
pub(super) const BY_CHANGE: &str = "d.change";

/// What is asked of a walk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub page: Page,
    /// Its values begin with `?7`.
    pub condition: &'a Condition,
    /// Every row that can match lies between these times.
    pub times: (Option<Millis>, Option<Millis>),
    /// Rows of the first stretch.
    pub stretch: u64,
    /// Most rows to look through.
    pub most: u64,
    /// None: it may take as long as it takes.
    pub deadline: Option<Instant>,
}

/// First value of conditions.
pub(super) const FIRST_VALUE: usize = 7;

const TOP: Cursor = Cursor { sort: i64::MAX, seq: i64::MAX };
const BOTTOM: Cursor = Cursor { sort: i64::MIN, seq: i64::MIN };

/// Before the first row of a list that is read in this direction, and behind its last one.
pub(super) const fn edges(direction: Direction) -> (Cursor, Cursor) {
    match direction {
        Direction::Down => (TOP, BOTTOM),
        Direction::Up => (BOTTOM, TOP),
    }
}

/// Whether one comes before the other when a list is read in this direction.
pub(super) fn is_before(one: Cursor, other: Cursor, direction: Direction) -> bool {
    let (one, other) = ((one.sort, one.seq), (other.sort, other.seq));
    match direction {
        Direction::Down => one > other,
        Direction::Up => one < other,
    }
}

impl Reader {
    /// Walks; rows come in the order in which they were met.
    pub(super) fn walk<T>(
        &self,
        walk: &Walk<'_>,
        question: &Question<'_>,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<(Cursor, T)>,
    ) -> Result<Finding<(Cursor, T)>, JournalError> {
        let direction = question.page.direction;
        let (beyond_all, end_of_all) = edges(direction);
        let mut from = question.page.from.unwrap_or(beyond_all);
        let mut found = Finding::whole(Vec::new());
        let mut longest = question.stretch;
        // Exact where the list is sorted by time.
        let mut ends = (walk.time == Some(walk.sort)).then_some(question.times);
        loop {
            if ends.is_none() && found.looked >= IN_VAIN && question.times != (None, None) {
                ends = Some(self.ends(walk, question.times)?);
            }
            let (low, high) = ends.unwrap_or_default();
            let (nearest, farthest) = if direction == Direction::Down { (high, low) } else { (low, high) };
            // A place just before the first row of that sort value.
            let before = |sort| Cursor { sort, seq: beyond_all.seq };
            if let Some(nearest) = nearest.map(before).filter(|nearest| is_before(from, *nearest, direction)) {
                from = nearest;
            }
            let after = |sort| Cursor { sort, seq: end_of_all.seq };
            if farthest.map(after).is_some_and(|farthest| is_before(farthest, from, direction)) {
                return Ok(found);
            }
            let stretch = longest.min(question.most.saturating_sub(found.looked).max(1));
            longest = STRETCH.1.min(longest.saturating_mul(4));
            let end = self.end_of(walk, direction, from, stretch)?;
            let wanted = question.page.limit.saturating_sub(found.rows.len());
            let rows = self.between(walk, question, (from, end.unwrap_or(end_of_all)), wanted, &read)?;
            found.rows.extend(rows);
            found.looked = found.looked.saturating_add(stretch);
            let Some(end) = end else { return Ok(found) };
            if found.rows.len() >= question.page.limit {
                return Ok(found);
            }
            if found.looked >= question.most || question.deadline.is_some_and(|at| Instant::now() >= at) {
                found.stopped = Some(end);
                return Ok(found);
            }
            from = end;
        }
    }

    /// The place of the last row of a stretch, or one before it; none if the list ends within it.
    fn end_of(
        &self,
        walk: &Walk<'_>,
        direction: Direction,
        from: Cursor,
        rows: u64,
    ) -> Result<Option<Cursor>, JournalError> {
        if walk.sort == BY_CHANGE {
            return changes::end_of(&self.conn, direction, from, rows);
        }
        let (compare, order) = compared(direction);
        let Walk { table, sort, seq, rows: belong, .. } = walk;
        let mut select = self.conn.prepare_cached(&format!(
            "SELECT {sort}, {seq} FROM {table} WHERE {belong} AND ({sort}, {seq}) {compare} (?1, ?2) AND ?4 IS ?4
             ORDER BY {sort} {order}, {seq} {order} LIMIT 1 OFFSET ?3"
        ))?;
        let offset = i64::try_from(rows.saturating_sub(1)).unwrap_or(i64::MAX);
        let place = |row: &Row<'_>| Ok(Cursor { sort: row.get(0)?, seq: row.get(1)? });
        Ok(select.query_row(rusqlite::params![from.sort, from.seq, offset, walk.of], place).optional()?)
    }

    /// Rows after a place through another for which the condition holds.
    fn between<T>(
        &self,
        walk: &Walk<'_>,
        question: &Question<'_>,
        (from, end): (Cursor, Cursor),
        limit: usize,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, JournalError> {
        let (compare, order) = compared(question.page.direction);
        let reach = if question.page.direction == Direction::Down { ">=" } else { "<=" };
        let Walk { select, sort, seq, rows, .. } = walk;
        let condition = &question.condition.sql;
        let by_change = (*sort == BY_CHANGE).then(|| changes::between(question.page.direction));
        let rows = by_change.as_deref().unwrap_or(rows);
        let mut statement = self.conn.prepare_cached(&format!(
            "{select} WHERE {rows} AND ({sort}, {seq}) {compare} (?1, ?2) AND ({sort}, {seq}) {reach} (?5, ?6)
             AND {condition} AND ?4 IS ?4 ORDER BY {sort} {order}, {seq} {order} LIMIT ?3"
        ))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let own = [from.sort, from.seq, limit].map(Value::Integer);
        let of = walk.of.map_or(Value::Null, Value::Integer);
        let end = [end.sort, end.seq].map(Value::Integer);
        let values = own.into_iter().chain([of]).chain(end).chain(question.condition.values.iter().cloned());
        let rows = statement.query_map(rusqlite::params_from_iter(values), |row| read(row))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Sort values between which rows of these times lie, with a minute to spare: times in a list are nearly in order.
    pub(super) fn ends(
        &self,
        walk: &Walk<'_>,
        (since, until): (Option<Millis>, Option<Millis>),
    ) -> Result<(Option<i64>, Option<i64>), JournalError> {
        const SPARE: Millis = 60_000;
        let Some(time) = walk.time else { return Ok((None, None)) };
        // Asked in many steps of the same journal.
        let same = self.conn.unchecked_transaction()?;
        let low = since.map(|at| self.first_at(walk, time, at.saturating_sub(SPARE))).transpose()?;
        let high = until.map(|at| self.first_at(walk, time, at.saturating_add(SPARE))).transpose()?;
        same.finish()?;
        Ok((low, high))
    }

    /// The smallest sort value from which on rows are not earlier than that, as far as they are in order.
    fn first_at(&self, walk: &Walk<'_>, time: &str, at: Millis) -> Result<i64, JournalError> {
        let Walk { table, seq, .. } = walk;
        let next = |direction, from| self.end_of(walk, direction, from, 1);
        let (oldest, newest) = (next(Direction::Up, BOTTOM)?, next(Direction::Down, TOP)?);
        let mut low = oldest.map_or(0, |oldest| oldest.sort);
        let mut high = newest.map_or(0, |newest| newest.sort).saturating_add(1);
        let mut select =
            self.conn.prepare_cached(&format!("SELECT {time} FROM {table} WHERE {seq} = ?1 AND ?2 IS ?2"))?;
        while low < high {
            let middle = low + (high - low) / 2;
            let next = next(Direction::Up, Cursor { sort: middle, seq: BOTTOM.seq })?;
            let time =
                |next: &Cursor| select.query_row([next.seq, next.sort], |row| row.get::<_, Millis>(0)).optional();
            match next.as_ref().map(time).transpose()?.flatten().zip(next) {
                Some((time, next)) if time < at => low = next.sort + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}

pub(super) const fn compared(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Down => ("<", "DESC"),
        Direction::Up => (">", "ASC"),
    }
}

/// Lists of the same order as one. What lies beyond the place where one of them stopped is not known of all.
pub(super) fn merged<T>(lists: Vec<Finding<(Cursor, T)>>, page: Page) -> Finding<(Cursor, T)> {
    let direction = page.direction;
    let looked = lists.iter().map(|one| one.looked).sum();
    let stops = lists.iter().filter_map(|one| one.stopped);
    let stop = stops.reduce(|one, other| if is_before(other, one, direction) { other } else { one });
    let mut rows: Vec<(Cursor, T)> = lists.into_iter().flat_map(|one| one.rows).collect();
    rows.retain(|(at, _)| stop.is_none_or(|stop| !is_before(stop, *at, direction)));
    rows.sort_by_key(|(at, _)| {
        let key = (at.sort, at.seq);
        // Reversed numbers sort the other way; none of them is the smallest there is.
        if direction == Direction::Down { (-key.0, -key.1) } else { key }
    });
    let enough = rows.len() >= page.limit;
    rows.truncate(page.limit);
    Finding { rows, looked, stopped: stop.filter(|_| !enough), total: None }
}
