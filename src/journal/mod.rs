//! The journal: the SQLite file that holds events, deliveries, attempts, circuits and operator actions.
//!
//! One writer thread per process owns the one write connection and commits many operations in one transaction; callers
//! are answered after the commit, never before. Readers are read-only connections: one statement per question, finished
//! at once, pages by key. Only this module names `rusqlite`.

pub mod latency;
pub mod lock;
pub mod ops;
pub mod rows;
pub mod wake;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

pub use crate::config::Durability;
pub use ops::*;
pub use rows::*;

use crate::event::{Millis, Revision};

/// What can go wrong with the journal, and what to do about it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// The folder or file cannot be made or opened.
    #[error("cannot open the journal {path}: {cause}")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why, with the cure where one is known.
        cause: String,
    },
    /// The file is of a version this program cannot work with.
    #[error("the journal {path} is of version {found}, this program knows {known}; {cure}")]
    Version {
        /// Which file.
        path: PathBuf,
        /// `user_version` found.
        found: i64,
        /// Newest version known here.
        known: i64,
        /// "restart pid 123" or "use a newer hooktui".
        cure: String,
    },
    /// The disk is full.
    #[error("the disk is full: nothing was stored; free some space at {0}")]
    DiskFull(PathBuf),
    /// Another process kept the journal busy beyond the busy time-out.
    #[error("the journal stayed busy for 5 s: another process holds it; try again")]
    Busy,
    /// Any other failure of SQLite.
    #[error("the journal failed: {0}")]
    Sqlite(String),
    /// The writer has ended.
    #[error("the journal is closed")]
    Closed,
}

/// How a process means to use the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A short command: no checkpoint on close. Creates and migrates only while it holds the dispatcher lock for that moment.
    Command,
    /// Console, `run`: stays.
    Resident,
}

/// The answer to an operation: comes after its commit. Await it, or [`Reply::wait`] outside of a runtime.
#[derive(Debug)]
#[must_use = "an operation is done when its reply has come"]
pub struct Reply<T>(tokio::sync::oneshot::Receiver<Result<T, JournalError>>);

/// A journal that is open for writing (and a factory of readers). Clones share the one writer thread.
#[derive(Debug, Clone)]
pub struct Journal {
    path: Arc<Path>,
    changed: watch::Receiver<i64>,
}

/// Each operation is committed, together with whatever else waits, before its [`Reply`] comes.
impl Journal {
    /// Opens (creating and migrating where allowed) the journal at `path`; folder 0700, files 0600.
    ///
    /// # Errors
    /// [`JournalError::Open`], [`JournalError::Version`], [`JournalError::Busy`].
    pub fn open(path: &Path, durability: Durability, role: Role) -> Result<Self, JournalError> {
        let _ = (path, durability, role);
        Err(JournalError::Closed)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A new read-only connection. Sees what was committed when each question is asked.
    ///
    /// # Errors
    /// [`JournalError::Open`].
    pub fn reader(&self) -> Result<Reader, JournalError> {
        Reader::open(&self.path)
    }

    /// The newest change number that this process committed; set after each commit.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.changed.clone()
    }

    /// Accepts events: each is committed with its deliveries or refused as a whole; answers are in order.
    pub fn accept(&self, submissions: Vec<Submission>, route_by: RouteBy) -> Reply<Vec<Result<Accepted, Refusal>>> {
        let _ = (submissions, route_by);
        Reply::closed()
    }
    /// Raises the epoch, recovers what earlier epochs left in flight, notes the dispatcher.
    pub fn take_over(&self, pid: u32, now: Millis) -> Reply<TakeOver> {
        let _ = (pid, now);
        Reply::closed()
    }
    /// Notes that the dispatcher of this epoch ended in order.
    pub fn hand_back(&self, epoch: Epoch) -> Reply<()> {
        let _ = (epoch,);
        Reply::closed()
    }
    /// Applies a reading of the file: revision, endpoints, events that waited for a first file.
    pub fn apply_revision(
        &self,
        epoch: Epoch,
        revision: Arc<Revision>,
        endpoints: Vec<EndpointSpec>,
        now: Millis,
    ) -> Reply<Applied> {
        let _ = (epoch, revision, endpoints, now);
        Reply::closed()
    }
    /// Claims deliveries of one endpoint.
    pub fn claim(&self, request: ClaimRequest) -> Reply<Claim> {
        let _ = (request,);
        Reply::closed()
    }
    /// Records the ends of attempts. Answers with what died.
    pub fn settle(&self, settlements: Vec<Settlement>, now: Millis) -> Reply<Vec<Buried>> {
        let _ = (settlements, now);
        Reply::closed()
    }
    /// Gives back claims whose attempts never began; nothing is logged.
    pub fn release(&self, epoch: Epoch, deliveries: Vec<i64>, now: Millis) -> Reply<()> {
        let _ = (epoch, deliveries, now);
        Reply::closed()
    }
    /// Changes an endpoint outside of an attempt (a pause that ended, a probe timer).
    pub fn update_endpoint(&self, epoch: Epoch, endpoint: i64, update: EndpointUpdate, now: Millis) -> Reply<()> {
        let _ = (epoch, endpoint, update, now);
        Reply::closed()
    }
    /// Ends an order: its effect on the endpoint and its removal, in one transaction.
    pub fn finish_order(&self, epoch: Option<Epoch>, order: i64, update: EndpointUpdate, now: Millis) -> Reply<()> {
        let _ = (epoch, order, update, now);
        Reply::closed()
    }
    /// Kills queued and scheduled deliveries of an endpoint older than `max_age`, at most `step` of them.
    pub fn expire(&self, epoch: Epoch, endpoint: i64, max_age: u64, step: usize, now: Millis) -> Reply<Vec<Buried>> {
        let _ = (epoch, endpoint, max_age, step, now);
        Reply::closed()
    }
    /// One step of retention.
    pub fn upkeep(&self, upkeep: Upkeep) -> Reply<UpkeepResult> {
        let _ = (upkeep,);
        Reply::closed()
    }
    /// An act by hand on deliveries; logged, and remembered for undo.
    pub fn act(&self, act: Act, selection: Selection, actor: Actor, now: Millis) -> Reply<ActResult> {
        let _ = (act, selection, actor, now);
        Reply::closed()
    }
    /// Retry of dead letters that go now, past circuit and pause (one item by hand).
    pub fn retry_now(&self, delivery: String, actor: Actor, now: Millis) -> Reply<ActResult> {
        let _ = (delivery, actor, now);
        Reply::closed()
    }
    /// Orders one attempt now for each delivery, whatever its state.
    pub fn resend(&self, deliveries: Vec<String>, actor: Actor, now: Millis) -> Reply<ActResult> {
        let _ = (deliveries, actor, now);
        Reply::closed()
    }
    /// Routes a stored event to the endpoints that match now and never had it, or to `only`.
    pub fn resend_event(
        &self,
        event: String,
        only: Option<String>,
        route_by: RouteBy,
        actor: Actor,
        now: Millis,
    ) -> Reply<Result<Vec<String>, String>> {
        let _ = (event, only, route_by, actor, now);
        Reply::closed()
    }
    /// Takes back the actor's last act; none if there is nothing to take back.
    pub fn undo(&self, actor: Actor, now: Millis) -> Reply<Option<Undone>> {
        let _ = (actor, now);
        Reply::closed()
    }
    /// Leaves orders for the dispatcher, one per endpoint (id or name; `None`: all).
    pub fn order(&self, endpoint: Option<String>, kind: OrderKind, actor: Actor, now: Millis) -> Reply<ActResult> {
        let _ = (endpoint, kind, actor, now);
        Reply::closed()
    }
    /// Writes a line to the log.
    pub fn log(&self, line: LogLine, now: Millis) -> Reply<()> {
        let _ = (line, now);
        Reply::closed()
    }
    /// Records a test delivery after the fact.
    pub fn record_test(&self, test: TestRecord, now: Millis) -> Reply<()> {
        let _ = (test, now);
        Reply::closed()
    }
}

/// A read-only connection. Blocking, each call well under a millisecond but for [`Reader::search_text`].
#[derive(Debug)]
pub struct Reader {}

impl Reader {
    /// Opens a journal for reading only; never creates one.
    ///
    /// # Errors
    /// [`JournalError::Open`] and [`JournalError::Version`].
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let _ = (path,);
        Err(JournalError::Closed)
    }
    /// The figures of the whole.
    pub fn overview(&self, now: Millis) -> Result<Overview, JournalError> {
        let _ = (now,);
        Err(JournalError::Closed)
    }
    /// Deliveries, newest change first. Cursor: (`change`, `seq`).
    pub fn deliveries(&self, page: Page) -> Result<Vec<DeliveryRow>, JournalError> {
        let _ = (page,);
        Err(JournalError::Closed)
    }
    /// Dead letters, newest death first. Cursor: (`changed_at`, `seq`).
    pub fn dead_letters(&self, page: Page, endpoint: Option<&str>) -> Result<Vec<DeliveryRow>, JournalError> {
        let _ = (page, endpoint);
        Err(JournalError::Closed)
    }
    /// Attempts, newest first. Cursor: (`seq`, `seq`).
    pub fn attempts(&self, page: Page) -> Result<Vec<AttemptRow>, JournalError> {
        let _ = (page,);
        Err(JournalError::Closed)
    }
    /// Events, newest first. Cursor: (`seq`, `seq`).
    pub fn events(&self, page: Page) -> Result<Vec<EventRow>, JournalError> {
        let _ = (page,);
        Err(JournalError::Closed)
    }
    /// Log lines, newest first. Cursor: (`seq`, `seq`).
    pub fn log(&self, page: Page) -> Result<Vec<LogRow>, JournalError> {
        let _ = (page,);
        Err(JournalError::Closed)
    }
    /// Attempts since a sequence, oldest first: what `tail` follows.
    pub fn attempts_after(&self, seq: i64, limit: usize) -> Result<Vec<AttemptRow>, JournalError> {
        let _ = (seq, limit);
        Err(JournalError::Closed)
    }
    /// First attempt sequence at or after a time.
    pub fn attempt_seq_at(&self, since: Millis) -> Result<i64, JournalError> {
        let _ = (since,);
        Err(JournalError::Closed)
    }
    /// One delivery with everything.
    pub fn delivery(&self, id: &str) -> Result<Option<DeliveryDetail>, JournalError> {
        let _ = (id,);
        Err(JournalError::Closed)
    }
    /// One event with its deliveries.
    pub fn event(&self, id: &str) -> Result<Option<EventDetail>, JournalError> {
        let _ = (id,);
        Err(JournalError::Closed)
    }
    /// How many deliveries an act on this selection would change, by endpoint name.
    pub fn count(&self, act: Act, selection: &Selection) -> Result<Vec<(String, u64)>, JournalError> {
        let _ = (act, selection);
        Err(JournalError::Closed)
    }
    /// Rollups from a Unix minute on, oldest first.
    pub fn rollups(&self, since_minute: i64) -> Result<Vec<RollupRow>, JournalError> {
        let _ = (since_minute,);
        Err(JournalError::Closed)
    }
    /// Orders that wait.
    pub fn orders(&self) -> Result<Vec<Order>, JournalError> {
        Err(JournalError::Closed)
    }
    /// The newest applied revision.
    pub fn revision(&self) -> Result<Option<(i64, Revision)>, JournalError> {
        Err(JournalError::Closed)
    }
    /// The newest due time of each lane, for a dispatcher that has just started: next due per endpoint key.
    pub fn next_due(&self, endpoint: i64) -> Result<Option<Millis>, JournalError> {
        let _ = (endpoint,);
        Err(JournalError::Closed)
    }
    /// Changes when another connection has committed (`PRAGMA data_version`).
    pub fn data_version(&self) -> Result<i64, JournalError> {
        Err(JournalError::Closed)
    }
    /// The undo that [`Journal::undo`] would do for this actor: the act in words, and its rows.
    pub fn last_act(&self, actor: &Actor) -> Result<Option<(String, u64)>, JournalError> {
        let _ = (actor,);
        Err(JournalError::Closed)
    }
}

impl<T> Reply<T> {
    fn closed() -> Self {
        let (answer, reply) = tokio::sync::oneshot::channel();
        drop(answer);
        Self(reply)
    }

    /// Blocks until the operation is committed. Not for use inside a runtime.
    ///
    /// # Errors
    /// What the operation failed with.
    pub fn wait(self) -> Result<T, JournalError> {
        self.0.blocking_recv().unwrap_or(Err(JournalError::Closed))
    }
}

impl<T> std::future::Future for Reply<T> {
    type Output = Result<T, JournalError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or(Err(JournalError::Closed)))
    }
}
