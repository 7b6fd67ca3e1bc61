//! Deliveries by their newest change: the one order that no single index holds.
//!
//! What has changed since it came in stands in an index by change. What has not is queued, and stands in its lane as it came
//! in: its change number is its sequence. Accepting an event so writes nothing for this order (migration 6). The order is the
//! merge of the one index and of the lanes, of which there is one for each endpoint.

use rusqlite::{Connection, OptionalExtension, Row};

use super::walk::{compared, edges, is_before};
use crate::journal::{Cursor, Direction, JournalError};

/// So many lanes are simply looked through one after the other, and so are more of them for so few rows of each.
const FEW: usize = 8;
const FEW_ROWS: i64 = 8;

/// Deliveries that stand in either between (`?1`, `?2`) and (`?5`, `?6`): no more than the indexes tell, so what has changed
/// may be here by its old place. The first condition is that of the index, word for word.
pub(super) fn between(direction: Direction) -> String {
    let (compare, _) = compared(direction);
    let reach = if direction == Direction::Down { ">=" } else { "<=" };
    format!(
        "d.seq IN (SELECT seq FROM deliveries
             WHERE (state <> 0 OR change <> seq) AND (change, seq) {compare} (?1, ?2) AND (change, seq) {reach} (?5, ?6)
         UNION ALL SELECT seq FROM deliveries
             WHERE endpoint IN (SELECT key FROM endpoints) AND state = 0 AND due_at = 0 AND position = seq
             AND (position, seq) {compare} (?1, ?2) AND (position, seq) {reach} (?5, ?6))"
    )
}

/// A place with at most `rows` deliveries before it; none if there are no more in all. They are fewer where some that are
/// queued have changed: only their rows would tell, and the rows are not read.
pub(super) fn end_of(
    conn: &Connection,
    direction: Direction,
    from: Cursor,
    rows: u64,
) -> Result<Option<Cursor>, JournalError> {
    let (compare, order) = compared(direction);
    let beyond = if direction == Direction::Down { ">" } else { "<" };
    let (_, end_of_all) = edges(direction);
    let rows = usize::try_from(rows.max(1)).unwrap_or(usize::MAX);
    let limit = i64::try_from(rows).unwrap_or(i64::MAX);
    let mut changed = conn.prepare_cached(&format!(
        "SELECT change, seq FROM deliveries WHERE (state <> 0 OR change <> seq) AND (change, seq) {compare} (?1, ?2)
         ORDER BY change {order}, seq {order} LIMIT ?3"
    ))?;
    let place = |row: &Row<'_>| Ok(Cursor { sort: row.get(0)?, seq: row.get(1)? });
    let mut nearest: Vec<Cursor> = changed.query_map([from.sort, from.seq, limit], place)?.collect::<Result<_, _>>()?;
    let mut unchanged = conn.prepare_cached(&format!(
        "SELECT position, seq FROM deliveries WHERE endpoint = ?4 AND state = 0 AND due_at = 0 AND position = seq
         AND (position, seq) {compare} (?1, ?2) AND (position, seq) {beyond} (?5, ?6)
         ORDER BY position {order}, seq {order} LIMIT ?3"
    ))?;
    // Each lane is looked at only as far as it is nearer than what was found before it.
    let (lanes, bound) = lanes(conn, direction, from, limit)?;
    for lane in lanes {
        let known = nearest.len();
        let mut far = nearest.get(rows - 1).copied().unwrap_or(end_of_all);
        far = bound.filter(|bound| is_before(*bound, far, direction)).unwrap_or(far);
        for found in unchanged.query_map([from.sort, from.seq, limit, lane, far.sort, far.seq], place)? {
            nearest.push(found?);
        }
        if nearest.len() > known {
            // Both parts are in order: this sort only merges them.
            nearest.sort_by(|one, other| {
                let upwards = (one.sort, one.seq).cmp(&(other.sort, other.seq));
                if direction == Direction::Down { upwards.reverse() } else { upwards }
            });
            nearest.truncate(rows);
        }
    }
    Ok(nearest.get(rows - 1).copied().or(bound))
}

/// The endpoints in whose lanes something may stand; where these are many, also a place before which `rows` deliveries stand in
/// them at least, if that is seen at a glance: half of them hold twice their share. The offset is that share, whatever the list
/// holds.
fn lanes(
    conn: &Connection,
    direction: Direction,
    from: Cursor,
    rows: i64,
) -> Result<(Vec<i64>, Option<Cursor>), JournalError> {
    let mut select = conn.prepare_cached("SELECT key FROM endpoints WHERE queued + in_flight > 0")?;
    let lanes: Vec<i64> = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let share = rows / i64::try_from(lanes.len().max(1)).unwrap_or(i64::MAX);
    if lanes.len() <= FEW || share < FEW_ROWS {
        return Ok((lanes, None));
    }
    let (compare, order) = compared(direction);
    let mut select = conn.prepare_cached(&format!(
        "SELECT position FROM deliveries WHERE endpoint = ?4 AND state = 0 AND due_at = 0 AND position = seq
         AND (position, seq) {compare} (?1, ?2) ORDER BY position {order}, seq {order} LIMIT 1 OFFSET ?3"
    ))?;
    let twice = (share + 1).saturating_mul(2);
    let mut places = Vec::new();
    for lane in &lanes {
        places.extend(select.query_row([from.sort, from.seq, twice, *lane], |row| row.get::<_, i64>(0)).optional()?);
    }
    let holds = places.len() * 2 >= lanes.len();
    let far = if direction == Direction::Down { places.into_iter().min() } else { places.into_iter().max() };
    Ok((lanes, far.filter(|_| holds).map(|place| Cursor { sort: place, seq: place })))
}
