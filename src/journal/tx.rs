//! A transaction under way: what is read once in it, and what is gathered to be written once before its commit.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Params, params};

use super::arrivals::{Arrivals, NewDelivery};
use super::counters::{Minute, Tally, Told};
use super::header_sets::{self, HeaderSets};
use super::named::Names;
use super::{DISABLED_BY_FILE, Epoch, JournalError, RouteBy};
use crate::event::query::Name;
use crate::event::{Circuit, EndpointState, Millis, Revision, State};

/// `newest_time` is written once a minute at most.
const TIME_STEP: Millis = 60_000;

/// What the writer remembers between transactions.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The newest revision, parsed.
    revision: Option<(i64, Arc<Revision>)>,
    /// This process has the lease, so it need not be woken.
    pub dispatching: bool,
    header_sets: HeaderSets,
}

impl Memory {
    /// After a rollback nothing that was read in the transaction can be trusted.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// What most operations need to know of an endpoint.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub key: i64,
    pub id: String,
    pub name: String,
    /// As it was left. What a pause that has run out means see [`Known::state_at`].
    pub state: EndpointState,
    pub paused_until: Option<Millis>,
    /// Disabled by a 410, not by the file.
    pub gone: bool,
    /// The circuit is open or half-open since then.
    pub open_since: Option<Millis>,
}

impl Known {
    /// Whether it takes part at `now`: a pause whose end has come is over, though nobody dispatches who would end it.
    pub fn state_at(&self, now: Millis) -> EndpointState {
        self.state.at(self.paused_until, now)
    }

    /// Gets no new deliveries, whatever the file says: the receiver said that it is gone.
    pub fn is_switched_off(&self) -> bool {
        self.state == EndpointState::Disabled && self.gone
    }
}

/// Whether the journal may grow, as far as this transaction has looked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Room {
    Unknown,
    Enough,
    /// It holds so many bytes, and none of them can go.
    None(u64),
}

pub(super) struct Tx<'c> {
    pub conn: &'c Connection,
    memory: &'c mut Memory,
    epoch: i64,
    change: i64,
    change_before: i64,
    newest: Millis,
    newest_before: Millis,
    /// Rows that the connection had written when this transaction began.
    rows_before: u64,
    dropped: i64,
    /// Events that came in.
    accepted: i64,
    tallies: BTreeMap<i64, Tally>,
    minutes: BTreeMap<(i64, i64), Minute>,
    /// Attempts that refer to a set of headers, more or (below 0) fewer.
    header_users: BTreeMap<i64, i64>,
    endpoints: Option<Rc<[Known]>>,
    /// What [`Tx::revision`] has found.
    revision: Option<(i64, Arc<Revision>)>,
    waiting: Option<i64>,
    /// What [`super::upkeep::full`] found.
    pub room: Room,
    pub names: Names,
    arrivals: Arrivals<'c>,
}

impl<'c> Tx<'c> {
    pub fn begin(conn: &'c Connection, memory: &'c mut Memory) -> Result<Self, JournalError> {
        let mut tx = Self {
            conn,
            memory,
            epoch: 0,
            change: 0,
            change_before: 0,
            newest: 0,
            newest_before: 0,
            rows_before: conn.total_changes(),
            dropped: 0,
            accepted: 0,
            tallies: BTreeMap::new(),
            minutes: BTreeMap::new(),
            header_users: BTreeMap::new(),
            endpoints: None,
            revision: None,
            waiting: None,
            room: Room::Unknown,
            names: Names::default(),
            arrivals: Arrivals::default(),
        };
        // All of the few rows: for a list of keys SQLite would make a temporary table, in each transaction.
        let mut meta = conn.prepare_cached("SELECT key, value FROM meta")?;
        let mut rows = meta.query([])?;
        while let Some(row) = rows.next()? {
            match row.get_ref(0)?.as_str().unwrap_or_default() {
                "epoch" => tx.epoch = row.get(1)?,
                "change" => (tx.change, tx.change_before) = (row.get(1)?, row.get(1)?),
                "newest_time" => (tx.newest, tx.newest_before) = (row.get(1)?, row.get(1)?),
                _ => {}
            }
        }
        Ok(tx)
    }

    /// Inserts an event; answers whether there was none of its id.
    pub fn insert_event(&mut self, values: impl Params) -> Result<bool, JournalError> {
        self.arrivals.event(self.conn, values)
    }

    /// Inserts a delivery. It waits for others: what reads deliveries while events are taken in calls
    /// [`Tx::store_deliveries`] before.
    pub fn insert_delivery(&mut self, delivery: NewDelivery) -> Result<(), JournalError> {
        if self.arrivals.delivery(delivery) { self.store_deliveries() } else { Ok(()) }
    }

    /// Stores the deliveries that wait for others.
    pub fn store_deliveries(&mut self) -> Result<(), JournalError> {
        self.arrivals.store_deliveries(self.conn, &mut self.change)
    }

    /// Writes what was gathered; answers with the newest change number. Where nothing was written (a claim that found
    /// nothing) nothing is: the commit then costs no disk write, and nobody is woken by it.
    pub fn finish(&mut self) -> Result<i64, JournalError> {
        self.store_deliveries()?;
        self.flush()?;
        if self.conn.total_changes() == self.rows_before {
            return Ok(self.change_before);
        }
        // A commit that moved no delivery (an order, a log line) is a change all the same to whoever looks.
        if self.change == self.change_before {
            self.change += 1;
        }
        self.set_meta("change", self.change)?;
        if self.newest >= self.newest_before + TIME_STEP {
            self.set_meta("newest_time", self.newest)?;
        }
        Ok(self.change)
    }

    pub fn set_meta(&self, key: &str, value: i64) -> Result<(), JournalError> {
        self.conn.prepare_cached("UPDATE meta SET value = ?2 WHERE key = ?1")?.execute(params![key, value])?;
        Ok(())
    }

    pub fn meta(&self, key: &str) -> Result<i64, JournalError> {
        let mut read = self.conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(read.query_row([key], |row| row.get(0))?)
    }

    /// The lease in force.
    pub const fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Raises the lease: this process dispatches from the commit on.
    pub fn raise_epoch(&mut self) -> Result<Epoch, JournalError> {
        self.epoch += 1;
        self.set_meta("epoch", self.epoch)?;
        self.memory.dispatching = true;
        // Another dispatcher may have removed them.
        self.memory.header_sets.forget();
        Ok(Epoch(self.epoch))
    }

    /// This process no longer dispatches.
    pub const fn stop_dispatching(&mut self) {
        self.memory.dispatching = false;
    }

    /// Refuses the work of a dispatcher that has been superseded.
    pub const fn check(&self, epoch: Epoch) -> Result<(), JournalError> {
        if epoch.0 == self.epoch { Ok(()) } else { Err(JournalError::Superseded) }
    }

    /// The next change number: of a change to a delivery, and of a new event, delivery or attempt, whose sequence it is. As
    /// one transaction at a time has the write lock, what is committed later has the higher number, and none is given twice.
    pub const fn next_change(&mut self) -> i64 {
        self.change += 1;
        self.change
    }

    /// The newest change number given.
    pub const fn newest_change(&self) -> i64 {
        self.change
    }

    /// Notes the wall clock.
    pub fn saw(&mut self, now: Millis) {
        self.newest = self.newest.max(now);
    }

    fn tally(&mut self, endpoint: i64) -> &mut Tally {
        self.tallies.entry(endpoint).or_default()
    }

    /// A delivery came into being or changed its state.
    pub fn moved(&mut self, endpoint: i64, from: Option<State>, to: Option<State>) {
        let waits = |state: Option<State>| i64::from(matches!(state, Some(State::Queued | State::Scheduled)));
        if let Some(waiting) = &mut self.waiting {
            *waiting += waits(to) - waits(from);
        }
        self.tally(endpoint).moved(from, to);
    }

    /// A delivery died (now, not long ago).
    pub fn died(&mut self, endpoint: i64) {
        self.tally(endpoint).dead_ever += 1;
    }

    /// A delivery was delivered for the first time.
    pub fn got_through(&mut self, endpoint: i64) {
        self.tally(endpoint).delivered_ever += 1;
    }

    /// A delivery is held by the open circuit that was not counted yet.
    pub fn skipped(&mut self, endpoint: i64) {
        self.tally(endpoint).skips += 1;
    }

    /// A delivery died by overflow.
    pub const fn overflowed(&mut self) {
        self.dropped += 1;
    }

    /// An event came in.
    pub const fn accepted(&mut self) {
        self.accepted += 1;
    }

    /// A delivery came in.
    pub fn came_in(&mut self, endpoint: i64, now: Millis) {
        self.minutes.entry((now / 60_000, endpoint)).or_default().accepted += 1;
    }

    /// An attempt ended in a way that speaks of its endpoint.
    pub fn tell(&mut self, endpoint: i64, now: Millis, told: &Told<'_>) {
        self.minutes.entry((now / 60_000, endpoint)).or_default().tell(told);
        self.tally(endpoint).tell(now, told);
    }

    /// The set that an attempt is to refer to for these headers; none where it keeps them itself.
    pub fn use_header_set(&mut self, text: Option<&str>) -> Result<Option<i64>, JournalError> {
        let Some(text) = text.filter(|_| self.memory.dispatching) else { return Ok(None) };
        let (conn, change) = (self.conn, &mut self.change);
        let key = self.memory.header_sets.key(text, || {
            *change += 1;
            header_sets::make(conn, *change, text).map(|()| *change)
        })?;
        if let Some(key) = key {
            *self.header_users.entry(key).or_default() += 1;
        }
        Ok(key)
    }

    /// An attempt that is gone referred to this set of headers.
    pub fn leave_header_set(&mut self, key: i64) {
        *self.header_users.entry(key).or_default() -= 1;
    }

    /// Removes sets of headers that no attempt refers to, so many at most; answers how many went.
    pub fn remove_unused_header_sets(&mut self, most: i64) -> Result<usize, JournalError> {
        let removed = header_sets::remove_unused(self.conn, most)?;
        if removed > 0 {
            self.memory.header_sets.forget();
        }
        Ok(removed)
    }

    /// Queued and scheduled deliveries over all endpoints, this transaction's included.
    pub fn waiting(&mut self) -> Result<i64, JournalError> {
        if let Some(waiting) = self.waiting {
            return Ok(waiting);
        }
        self.flush()?;
        let mut sum = self.conn.prepare_cached("SELECT coalesce(sum(queued + scheduled), 0) FROM endpoints")?;
        let waiting = sum.query_row([], |row| row.get(0))?;
        self.waiting = Some(waiting);
        Ok(waiting)
    }

    /// Every endpoint the journal knows.
    pub fn endpoints(&mut self) -> Result<Rc<[Known]>, JournalError> {
        if let Some(known) = &self.endpoints {
            return Ok(Rc::clone(known));
        }
        let mut select = self.conn.prepare_cached(
            "SELECT key, id, name, state, circuit, opened_at, disabled_by, paused_until FROM endpoints ORDER BY key",
        )?;
        let known = select
            .query_map([], |row| {
                let closed = row.get::<_, i64>(4)? == Circuit::Closed.code();
                Ok(Known {
                    key: row.get(0)?,
                    id: row.get(1)?,
                    name: row.get(2)?,
                    state: EndpointState::from_code(row.get(3)?).unwrap_or(EndpointState::Disabled),
                    paused_until: row.get(7)?,
                    gone: row.get::<_, Option<String>>(6)?.is_some_and(|by| by != DISABLED_BY_FILE),
                    open_since: if closed { None } else { Some(row.get::<_, Option<i64>>(5)?.unwrap_or_default()) },
                })
            })?
            .collect::<Result<Rc<[_]>, _>>()?;
        self.endpoints = Some(Rc::clone(&known));
        Ok(known)
    }

    /// The endpoint with this key.
    pub fn endpoint(&mut self, key: i64) -> Result<Option<Known>, JournalError> {
        Ok(self.endpoints()?.iter().find(|known| known.key == key).cloned())
    }

    /// Since when the circuit of this endpoint is open or half-open, if it is.
    pub fn open_since(&mut self, key: i64) -> Result<Option<Millis>, JournalError> {
        Ok(self.endpoints()?.iter().find(|known| known.key == key).and_then(|known| known.open_since))
    }

    /// The endpoint that a person means: by id, else by name (trimmed and in any letter case, as the file compares names), one
    /// that is in the file before one that left.
    pub fn endpoint_called(&mut self, name: &str) -> Result<Option<Known>, JournalError> {
        let all = self.endpoints()?;
        let name = name.trim();
        let by_id = all.iter().find(|known| known.id == name);
        let by_name = || {
            let wanted = Name::exactly(name);
            let mut named: Vec<_> = all.iter().filter(|known| wanted.fits(&known.name)).collect();
            named.sort_by_key(|known| known.state == EndpointState::Removed);
            named.into_iter().next()
        };
        Ok(by_id.or_else(by_name).cloned())
    }

    /// To be called after a change to an endpoint's own fields.
    pub fn endpoints_changed(&mut self) {
        self.endpoints = None;
        self.names.endpoints_changed();
    }

    /// The newest applied revision.
    pub fn revision(&mut self) -> Result<Option<(i64, Arc<Revision>)>, JournalError> {
        if self.revision.is_none() {
            self.revision = self.newest_revision()?;
        }
        Ok(self.revision.clone())
    }

    /// To be called after a revision was stored.
    pub fn revision_changed(&mut self) {
        self.revision = None;
    }

    fn newest_revision(&mut self) -> Result<Option<(i64, Arc<Revision>)>, JournalError> {
        let mut newest = self.conn.prepare_cached("SELECT max(number) FROM revisions")?;
        let Some(number) = newest.query_row([], |row| row.get::<_, Option<i64>>(0))? else { return Ok(None) };
        if let Some((cached, revision)) = &self.memory.revision
            && *cached == number
        {
            return Ok(Some((number, Arc::clone(revision))));
        }
        let mut read = self.conn.prepare_cached("SELECT body FROM revisions WHERE number = ?1")?;
        let Some(body) = read.query_row([number], |row| row.get::<_, String>(0)).optional()? else { return Ok(None) };
        let revision: Revision = serde_json::from_str(&body)
            .map_err(|error| JournalError::Sqlite(format!("revision {number} cannot be read: {error}")))?;
        let revision = Arc::new(revision);
        self.memory.revision = Some((number, Arc::clone(&revision)));
        Ok(Some((number, revision)))
    }

    /// The revision that events are routed by.
    pub fn route_by(&mut self, route_by: &RouteBy) -> Result<Option<Arc<Revision>>, JournalError> {
        match route_by {
            RouteBy::Given(revision) => Ok(Some(Arc::clone(revision))),
            RouteBy::Applied => Ok(self.revision()?.map(|(_, revision)| revision)),
            RouteBy::AppliedOr(first) => {
                Ok(Some(self.revision()?.map_or_else(|| Arc::clone(first), |(_, revision)| revision)))
            }
        }
    }

    /// Writes the gathered counters, so that what reads them in this transaction sees them.
    pub fn flush(&mut self) -> Result<(), JournalError> {
        for (key, more) in [("dropped", &mut self.dropped), ("events", &mut self.accepted)] {
            if *more > 0 {
                self.conn
                    .prepare_cached("UPDATE meta SET value = value + ?2 WHERE key = ?1")?
                    .execute(params![key, std::mem::take(more)])?;
            }
        }
        for (endpoint, tally) in std::mem::take(&mut self.tallies) {
            tally.write(self.conn, endpoint)?;
        }
        for ((minute, endpoint), gathered) in std::mem::take(&mut self.minutes) {
            gathered.write(self.conn, minute, endpoint)?;
        }
        for (key, more) in std::mem::take(&mut self.header_users) {
            header_sets::count(self.conn, key, more)?;
        }
        Ok(())
    }
}
