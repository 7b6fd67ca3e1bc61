//! Lists with a filter: which index serves it, and what is looked through where none does.

use std::time::Instant;

use rusqlite::Row;
use rusqlite::types::Value;

use super::deliveries::{DEAD, DEAD_OF};
use super::walk::{FIRST_VALUE, LOOK, LOOK_AT_TEXTS, Question, STRETCH, Walk, merged};
use super::{Reader, attempts, deliveries, events, rest};
use crate::event::query::{Name, Subject, Test};
use crate::event::{Query, State};
use crate::journal::condition::{self, ATTEMPTS, Columns, Condition, DELIVERIES, EVENTS, LOG, Part};
use crate::journal::flights::AT_REST;
use crate::journal::named;
use crate::journal::{
    AttemptRow, Cursor, DeliveryRow, Direction, EndpointRow, EventRow, Finding, JournalError, LogRow, Page, Search,
    Sort,
};

/// Up to so many rows are all looked at where an index gives them in another order than the list's: by themselves, and with
/// their events.
const SET: u64 = 100_000;
const SET_WITH_EVENTS: u64 = 20_000;
/// Up to so many rows of ids that begin alike.
const ALIKE: usize = 2_000;

const EVENTS_BY_ID: &str = "SELECT e.seq FROM events e WHERE e.id >= ?1 AND e.id <= ?2 LIMIT ?3";
const BY_EVENT: &str = "SELECT d.seq FROM events e CROSS JOIN deliveries d ON d.event = e.seq
    WHERE e.id >= ?1 AND e.id <= ?2 LIMIT ?3";
const BY_ALIAS: &str = "SELECT d.seq FROM deliveries d WHERE d.alias >= ?1 AND d.alias <= ?2 LIMIT ?3";

/// A filter made ready for a list.
struct Asked<'a> {
    search: &'a Search,
    page: Page,
    endpoints: Vec<EndpointRow>,
    condition: Condition,
    deadline: Instant,
}

impl Asked<'_> {
    fn question(&self, shares: usize) -> Question<'_> {
        let most = if self.search.query.has_words() { LOOK_AT_TEXTS } else { LOOK };
        Question {
            page: self.page,
            condition: &self.condition,
            times: condition::times(&self.search.query, self.search.now),
            most: (most / u64::try_from(shares.max(1)).unwrap_or(1)).max(100),
            stretch: STRETCH.0,
            deadline: Some(self.deadline),
        }
    }
}

impl Reader {
    /// Deliveries that match, newest change first, or as they came in. Their cursors are [`DeliveryRow::place`].
    ///
    /// # Errors
    /// [`JournalError::Filter`] for a term that means nothing here, others when the journal cannot be read.
    pub fn find_deliveries(&self, page: Page, search: &Search) -> Result<Finding<DeliveryRow>, JournalError> {
        let asked = self.asked(page, search, Subject::Deliveries, &DELIVERIES)?;
        if let Some(seqs) = self.deliveries_of_ids(&search.query)? {
            return self.deliveries_among(&asked, &seqs);
        }
        let parts = condition::parts(&search.query, &asked.endpoints, search.now);
        let narrow = condition::has_parts(&search.query);
        let total = parts.iter().map(|part| part.count).sum();
        let mut found = if is_over(&parts, search) {
            self.over(&asked, &parts)?
        } else if narrow && is_small(&parts, total, &asked) {
            self.deliveries_of_parts(&asked, &parts)?
        } else {
            let walk = match search.sort {
                Sort::Newest => deliveries::WALK,
                Sort::Arrival => Walk { sort: "d.seq", time: None, ..deliveries::WALK },
            };
            let found = self.walk(&walk, &asked.question(1), placed(search.sort))?;
            in_order(found.map(|(_, row)| row), page)
        };
        found.total = condition::is_of_parts(&search.query).then_some(total);
        Ok(found)
    }

    /// Whether [`Reader::find_deliveries`] answers in the order of deaths: all that can match has ended, and the index of those
    /// serves.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn is_by_death(&self, search: &Search) -> Result<bool, JournalError> {
        let parts = condition::parts(&search.query, &self.endpoints()?, search.now);
        let names_ids = search.query.terms().iter().any(|term| !term.negated && matches!(term.test, Test::Id(_)));
        Ok(!names_ids && is_over(&parts, search))
    }

    /// Dead letters that match, newest death first. Their cursors are [`DeliveryRow::place`].
    ///
    /// # Errors
    /// As [`Reader::find_deliveries`].
    pub fn find_dead_letters(&self, page: Page, search: &Search) -> Result<Finding<DeliveryRow>, JournalError> {
        let mut asked = self.asked(page, search, Subject::Dead, &DELIVERIES)?;
        if let Some(seqs) = self.deliveries_of_ids(&search.query)? {
            asked.condition.sql += " AND ";
            asked.condition.sql += DEAD;
            return self.dead_letters_among(&asked, &seqs);
        }
        let mut parts = condition::parts(&search.query, &asked.endpoints, search.now);
        parts.retain(|part| part.state == State::Dead);
        let total = parts.iter().map(|part| part.count).sum();
        let mut found = self.over(&asked, &parts)?;
        found.total = condition::is_of_parts(&search.query).then_some(total);
        Ok(found)
    }

    /// Attempts that match, newest first. Cursor: (`seq`, `seq`).
    ///
    /// # Errors
    /// As [`Reader::find_deliveries`].
    pub fn find_attempts(&self, page: Page, search: &Search) -> Result<Finding<AttemptRow>, JournalError> {
        let asked = self.asked(page, search, Subject::Attempts, &ATTEMPTS)?;
        let (sort, time) = ("a.seq", Some("a.started_at"));
        let walk = Walk { select: attempts::SELECT, table: "attempts a", sort, seq: sort, rows: "1", of: None, time };
        let read = |row: &Row<'_>| attempts::attempt(row).map(|one| (same(one.seq), one));
        if let Some(seqs) = self.deliveries_of_ids(&search.query)? {
            let select = format!("{} WHERE a.delivery IN (SELECT value FROM json_each(?4))", attempts::SELECT);
            return self.among(&asked, &select, ("a.seq", "a.seq"), &seqs, read);
        }
        Ok(in_order(self.walk(&walk, &asked.question(1), read)?.map(|(_, row)| row), page))
    }

    /// Events that match, newest first. Cursor: (`seq`, `seq`).
    ///
    /// # Errors
    /// As [`Reader::find_deliveries`].
    pub fn find_events(&self, page: Page, search: &Search) -> Result<Finding<EventRow>, JournalError> {
        let asked = self.asked(page, search, Subject::Events, &EVENTS)?;
        let (sort, time) = ("e.seq", Some("e.accepted_at"));
        let walk = Walk { select: events::SELECT, table: "events e", sort, seq: sort, rows: "1", of: None, time };
        let read = |row: &Row<'_>| events::event(row).map(|one| (same(one.seq), one));
        let of_ids = self.of_ids(&search.query, |name| {
            let (first, last) = range(name);
            vec![(EVENTS_BY_ID, first, last)]
        })?;
        if let Some(seqs) = of_ids {
            let select = format!("{} WHERE e.seq IN (SELECT value FROM json_each(?4))", events::SELECT);
            return self.among(&asked, &select, ("e.seq", "e.seq"), &seqs, read);
        }
        Ok(in_order(self.walk(&walk, &asked.question(1), read)?.map(|(_, row)| row), page))
    }

    /// Log lines that match, newest first. Cursor: (`seq`, `seq`).
    ///
    /// # Errors
    /// As [`Reader::find_deliveries`].
    pub fn find_log(&self, page: Page, search: &Search) -> Result<Finding<LogRow>, JournalError> {
        let asked = self.asked(page, search, Subject::Log, &LOG)?;
        let (sort, time) = ("l.seq", Some("l.at"));
        let walk = Walk { select: rest::LOG, table: "log l", sort, seq: sort, rows: "1", of: None, time };
        let read = |row: &Row<'_>| rest::line(row).map(|one| (same(one.seq), one));
        Ok(in_order(self.walk(&walk, &asked.question(1), read)?.map(|(_, row)| row), page))
    }

    fn asked<'s>(
        &self,
        page: Page,
        search: &'s Search,
        subject: Subject,
        columns: &Columns,
    ) -> Result<Asked<'s>, JournalError> {
        search.query.check(subject).map_err(JournalError::Filter)?;
        let endpoints = self.endpoints()?;
        let condition = Condition::new(&search.query, columns, &endpoints, search.now, FIRST_VALUE);
        Ok(Asked { search, page, endpoints, condition, deadline: Instant::now() + search.patience })
    }

    /// Dead letters and cleared ones, newest first.
    fn over(&self, asked: &Asked<'_>, parts: &[Part]) -> Result<Finding<DeliveryRow>, JournalError> {
        let sort = "d.changed_at";
        let all = |state| parts.iter().filter(|part| part.state == state).count() == asked.endpoints.len();
        let walk = Walk {
            select: deliveries::SELECT,
            table: "deliveries d",
            sort,
            seq: "d.seq",
            rows: DEAD,
            of: None,
            time: Some(sort),
        };
        let found = if all(State::Dead) && parts.iter().all(|part| part.state == State::Dead) {
            self.walk(&walk, &asked.question(1), by_death)?
        } else {
            let some: Vec<&Part> = parts.iter().filter(|part| part.count > 0).collect();
            let question = asked.question(some.len());
            let mut lists = Vec::new();
            for part in some {
                let rows = if part.state == State::Dead { DEAD_OF } else { "d.endpoint = ?4 AND d.state = 5" };
                lists.push(self.walk(&Walk { rows, of: Some(part.endpoint), ..walk }, &question, by_death)?);
            }
            merged(lists, asked.page)
        };
        Ok(in_order(found.map(|(_, row)| row), asked.page))
    }

    /// All deliveries of some parts, by the indexes that have them in another order.
    fn deliveries_of_parts(&self, asked: &Asked<'_>, parts: &[Part]) -> Result<Finding<DeliveryRow>, JournalError> {
        let (compare, order) = match asked.page.direction {
            Direction::Down => ("<", "DESC"),
            Direction::Up => (">", "ASC"),
        };
        let sort = match asked.search.sort {
            Sort::Newest => "d.change",
            Sort::Arrival => "d.seq",
        };
        let beyond_all = if asked.page.direction == Direction::Down { i64::MAX } else { i64::MIN };
        let from = asked.page.from.unwrap_or(Cursor { sort: beyond_all, seq: beyond_all });
        let mut found: Vec<(i64, i64)> = Vec::new();
        for part in parts.iter().filter(|part| part.count > 0) {
            let (table, rows) = rows_of(part.state);
            let mut select = self.conn.prepare_cached(&format!(
                "SELECT {sort}, d.seq FROM {table} {joined}
                 WHERE {rows} AND ({sort}, d.seq) {compare} (?1, ?2) AND {condition}
                 AND ?5 IS ?5 AND ?6 IS ?6 ORDER BY {sort} {order}, d.seq {order} LIMIT ?3",
                condition = asked.condition.sql,
                joined = asked.condition.deliveries(),
            ))?;
            let limit = i64::try_from(asked.page.limit).unwrap_or(i64::MAX);
            let own = [from.sort, from.seq, limit, part.endpoint, 0, 0].map(Value::Integer).into_iter();
            let values = own.chain(asked.condition.values.iter().cloned());
            let rows = select.query_map(rusqlite::params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?;
            for row in rows {
                found.push(row?);
            }
        }
        found.sort_unstable();
        if asked.page.direction == Direction::Down {
            found.reverse();
        }
        found.truncate(asked.page.limit);
        let mut one = self.conn.prepare_cached(&format!("{} WHERE d.seq = ?1", deliveries::SELECT))?;
        let mut rows = Vec::with_capacity(found.len());
        for (_, seq) in found {
            rows.extend(one.query_map([seq], |row| placed(asked.search.sort)(row))?.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(in_order(Finding::whole(rows).map(|(_, row)| row), asked.page))
    }

    fn deliveries_among(&self, asked: &Asked<'_>, seqs: &[i64]) -> Result<Finding<DeliveryRow>, JournalError> {
        let select = format!("{} WHERE d.seq IN (SELECT value FROM json_each(?4))", deliveries::SELECT);
        let sort = match asked.search.sort {
            Sort::Newest => "d.change",
            Sort::Arrival => "d.seq",
        };
        self.among(asked, &select, (sort, "d.seq"), seqs, placed(asked.search.sort))
    }

    fn dead_letters_among(&self, asked: &Asked<'_>, seqs: &[i64]) -> Result<Finding<DeliveryRow>, JournalError> {
        let select = format!("{} WHERE d.seq IN (SELECT value FROM json_each(?4))", deliveries::SELECT);
        self.among(asked, &select, ("+d.changed_at", "d.seq"), seqs, by_death)
    }

    /// A page of few rows that are known.
    fn among<T>(
        &self,
        asked: &Asked<'_>,
        select: &str,
        (sort, seq): (&str, &str),
        seqs: &[i64],
        read: impl Fn(&Row<'_>) -> rusqlite::Result<(Cursor, T)>,
    ) -> Result<Finding<T>, JournalError> {
        let (compare, order, beyond_all) = match asked.page.direction {
            Direction::Down => ("<", "DESC", i64::MAX),
            Direction::Up => (">", "ASC", i64::MIN),
        };
        let mut statement = self.conn.prepare_cached(&format!(
            "{select} AND ({sort}, {seq}) {compare} (?1, ?2) AND {} AND ?5 IS ?5 AND ?6 IS ?6
             ORDER BY {sort} {order}, {seq} {order} LIMIT ?3",
            asked.condition.sql
        ))?;
        let from = asked.page.from.unwrap_or(Cursor { sort: beyond_all, seq: beyond_all });
        let seqs = format!("[{}]", seqs.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
        let limit = i64::try_from(asked.page.limit).unwrap_or(i64::MAX);
        let own = [from.sort, from.seq, limit].map(Value::Integer).into_iter().chain([Value::Text(seqs)]);
        let values = own.chain([Value::Null, Value::Null]).chain(asked.condition.values.iter().cloned());
        let rows = statement.query_map(rusqlite::params_from_iter(values), |row| read(row))?;
        let rows: Vec<(Cursor, T)> = rows.collect::<Result<_, _>>()?;
        Ok(in_order(Finding::whole(rows).map(|(_, row)| row), asked.page))
    }

    /// The deliveries that a filter's ids can mean, if it names some and they are few.
    fn deliveries_of_ids(&self, query: &Query) -> Result<Option<Vec<i64>>, JournalError> {
        self.of_ids(query, |name| {
            let (first, last) = range(name);
            // The event's id, the delivery's alias, or the delivery's id to behind the event's.
            let mut sources = vec![(BY_ALIAS, first.clone(), last.clone())];
            sources.extend(named::splits(&first).map(|(event, _)| (BY_EVENT, event.to_owned(), event.to_owned())));
            sources.push((BY_EVENT, first, last));
            sources
        })
    }

    /// What the ids of the first `id:` term can mean by the indexes on ids, if that is not too much. A source is a statement
    /// with the first and the last id that it is to look for.
    fn of_ids(
        &self,
        query: &Query,
        sources: impl Fn(&Name) -> Vec<(&'static str, String, String)>,
    ) -> Result<Option<Vec<i64>>, JournalError> {
        let mut terms = query.terms().iter().filter(|term| !term.negated);
        let Some(names) = terms.find_map(|term| if let Test::Id(names) = &term.test { Some(names) } else { None })
        else {
            return Ok(None);
        };
        if names.iter().any(|name| name.prefix().is_empty()) {
            return Ok(None);
        }
        let limit = i64::try_from(ALIKE + 1).unwrap_or(i64::MAX);
        let mut seqs: Vec<i64> = Vec::new();
        for (select, first, last) in names.iter().flat_map(sources) {
            let mut select = self.conn.prepare_cached(select)?;
            let rows = select.query_map(rusqlite::params![first, last, limit], |row| row.get(0))?;
            seqs.extend(rows.collect::<Result<Vec<i64>, _>>()?);
            if seqs.len() > ALIKE {
                return Ok(None);
            }
        }
        seqs.sort_unstable();
        seqs.dedup();
        Ok(Some(seqs))
    }
}

/// The deliveries of a part: where they are looked for, and which they are.
fn rows_of(state: State) -> (&'static str, String) {
    let index = match state {
        State::InFlight => {
            return ("flights f CROSS JOIN deliveries d ON d.seq = f.delivery", "f.endpoint = ?4".to_owned());
        }
        State::Queued | State::Scheduled => "deliveries d INDEXED BY deliveries_lane",
        State::Delivered | State::Dead | State::Cleared => "deliveries d INDEXED BY deliveries_dead_of",
    };
    (index, format!("d.endpoint = ?4 AND d.state = {} AND {AT_REST}", state.code()))
}

/// The first and the last id that can fit.
fn range(name: &Name) -> (String, String) {
    if let Some(id) = name.exact() {
        return (id.clone(), id);
    }
    let prefix = name.prefix();
    let last = format!("{prefix}\u{10ffff}");
    (prefix, last)
}

/// All that can match is dead or cleared.
fn is_over(parts: &[Part], search: &Search) -> bool {
    let over = |part: &Part| matches!(part.state, State::Dead | State::Cleared);
    condition::has_parts(&search.query) && search.sort == Sort::Newest && parts.iter().all(over)
}

/// All of it can be looked at: an index has it, and it is not much.
fn is_small(parts: &[Part], total: u64, asked: &Asked<'_>) -> bool {
    let most = match (asked.search.query.has_words(), asked.condition.deliveries()) {
        (true, _) => LOOK_AT_TEXTS,
        (false, "") => SET,
        (false, _) => SET_WITH_EVENTS,
    };
    total <= most && parts.iter().all(|part| part.state != State::Delivered || part.count == 0)
}

const fn same(seq: i64) -> Cursor {
    Cursor { sort: seq, seq }
}

fn by_death(row: &Row<'_>) -> rusqlite::Result<(Cursor, DeliveryRow)> {
    deliveries::dead_letter(row).map(|row| (row.place, row))
}

fn placed(sort: Sort) -> impl Fn(&Row<'_>) -> rusqlite::Result<(Cursor, DeliveryRow)> {
    move |row| {
        let mut row = deliveries::delivery(row)?;
        if sort == Sort::Arrival {
            row.place = same(row.seq);
        }
        Ok((row.place, row))
    }
}

/// Rows that were met from below stand in the list's order all the same.
fn in_order<T>(mut found: Finding<T>, page: Page) -> Finding<T> {
    if page.direction == Direction::Up {
        found.rows.reverse();
    }
    found
}
