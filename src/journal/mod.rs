//! The journal: the SQLite file that holds events, deliveries, attempts, circuits and operator actions.
//!
//! One writer thread per process owns the one write connection and commits many operations in one transaction; callers
//! are answered after the commit, never before. Readers are read-only connections: one statement per question, finished
//! at once, pages by key. Only this module names `rusqlite`.

mod accept;
mod acts;
mod arrivals;
mod claim;
mod condition;
mod counters;
mod course;
mod desk;
mod error;
mod flights;
mod flusher;
mod found;
mod header_sets;
mod headers;
mod keeper;
pub mod latency;
pub mod lock;
mod log;
mod many;
mod named;
mod open;
mod opened;
pub mod ops;
mod orders;
mod overflow;
mod place;
mod read;
mod recover;
mod redaction;
mod replay;
mod revision;
pub mod rows;
mod search;
mod settle;
mod tx;
mod undo;
mod upkeep;
pub mod wake;
mod wal_file;
mod writer;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

pub use crate::config::Durability;
use crate::config::{JournalSettings, Project};
pub use acts::IN_FLIGHT;
pub use course::{Course, Progress};
pub use error::JournalError;
pub use headers::Headers;
pub use ops::*;
pub use place::{in_use, left_behind};
pub use read::Reader;
pub use replay::{Batch, Next, Replay, Sent, Stand};
pub use rows::*;
pub use search::{Finding, Search, Sort};

use crate::event::{Millis, Revision};
use desk::Signals;
use keeper::Keeper;
use opened::Opened;
use redaction::Looked;
use writer::Writer;

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

/// A journal that is open for writing (and a factory of readers). Clones share the one writer thread, which ends with the
/// last of them.
#[derive(Debug, Clone)]
pub struct Journal {
    file: Arc<Opened>,
    changed: watch::Receiver<i64>,
    news: watch::Receiver<i64>,
    writer: Arc<Writer>,
}

/// Each operation is committed, together with whatever else waits, before its [`Reply`] comes.
impl Journal {
    /// Opens (creating and migrating where allowed) the journal at `path`; folder 0700, files 0600.
    ///
    /// # Errors
    /// [`JournalError::Open`], [`JournalError::Version`], [`JournalError::Busy`].
    pub fn open(path: &Path, durability: Durability, role: Role) -> Result<Self, JournalError> {
        let conn = open::for_writing(path, role)?;
        let file = Arc::clone(&conn.file);
        let (change, changed) = watch::channel(0);
        let (newest, news) = watch::channel(0);
        let keeper = if role == Role::Resident { Some(Keeper::start(&file.path)?) } else { None };
        let writer = Writer::start(conn, Signals { change, news: newest }, durability, keeper)?;
        Ok(Self { file, changed, news, writer: Arc::new(writer) })
    }

    /// Opens the journal that a project uses, see [`in_use`], and remembers it for when the file cannot be read or names
    /// another one. From one that is there only a process that stays moves on, and its log tells what is left behind.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn of(project: &Project, settings: Option<&JournalSettings>, role: Role) -> Result<Self, JournalError> {
        let path = in_use(project, settings);
        let left = if role == Role::Resident { left_behind(project, settings) } else { None };
        let stays = place::before(project, settings)
            .is_some_and(|before| path == before || (role == Role::Command && before.is_file()));
        if let Some(settings) = settings.filter(|_| !stays) {
            let folder = if settings.path.is_some() { open::make_folder(&project.state_dir()) } else { Ok(()) };
            folder.and_then(|()| project.remember_journal(settings)).map_err(|error| JournalError::Open {
                path: path.clone(),
                cause: format!("its place cannot be noted: {error}"),
            })?;
        }
        let journal = Self::open(&path, settings.map_or(Durability::Full, |settings| settings.durability), role)?;
        if let Some(text) = left {
            let line = LogLine { level: Level::Warning, source: LogSource::Engine, who: None, endpoint: None, text };
            drop(journal.log(line, jiff::Timestamp::now().as_millisecond()));
        }
        Ok(journal)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// Whether the file lies where it was opened. What is asked of the journal after it was removed or replaced is refused.
    ///
    /// # Errors
    /// [`JournalError::Gone`].
    pub fn in_place(&self) -> Result<(), JournalError> {
        if self.file.is_in_place() { Ok(()) } else { Err(JournalError::Gone(self.file.path.clone())) }
    }

    /// A new read-only connection. Sees what was committed when each question is asked.
    ///
    /// # Errors
    /// [`JournalError::Open`].
    pub fn reader(&self) -> Result<Reader, JournalError> {
        Reader::open(self.path())
    }

    /// The newest change number that this process committed; set after each commit.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.changed.clone()
    }

    /// As [`Journal::changes`], but for a dispatcher: what it does itself, claims and results, does not wake it.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<i64> {
        self.news.clone()
    }

    /// Accepts events: each is committed with its deliveries or refused as a whole; answers are in order. What redaction
    /// has to look through it looks through here, on the caller's thread.
    pub fn accept(
        &self,
        submissions: Vec<Submission>,
        route_by: RouteBy,
        now: Millis,
    ) -> Reply<Vec<Result<Accepted, Refusal>>> {
        let looked: Vec<_> = submissions.into_iter().map(|submission| Looked::through(submission, &route_by)).collect();
        self.writer.accept(move |tx| accept::accept(tx, &looked, &route_by, now))
    }

    /// Raises the epoch, recovers what earlier epochs left in flight, notes the dispatcher. No due time stays further off
    /// than `longest_delay` ms.
    pub fn take_over(&self, pid: u32, longest_delay: u64, now: Millis) -> Reply<TakeOver> {
        self.writer.call(move |tx| recover::take_over(tx, pid, longest_delay, now))
    }

    /// Notes that the dispatcher of this epoch ended in order.
    pub fn hand_back(&self, epoch: Epoch) -> Reply<()> {
        self.writer.call(move |tx| recover::hand_back(tx, epoch))
    }

    /// Applies a reading of the file: revision, endpoints, events that waited for a first file. `endpoints` are in file
    /// order.
    pub fn apply_revision(
        &self,
        epoch: Epoch,
        revision: Arc<Revision>,
        endpoints: Vec<EndpointSpec>,
        now: Millis,
    ) -> Reply<Applied> {
        self.writer.call(move |tx| revision::apply(tx, epoch, &revision, &endpoints, now))
    }

    /// A dispatcher's turn.
    pub fn turn(&self, turn: Turn) -> Reply<Turned> {
        let rows = turn.settlements.len() + turn.claims.iter().map(|request| request.limit).sum::<usize>();
        self.writer.step_of_dispatcher(rows, move |tx| {
            let buried = settle::settle(tx, &turn.settlements, turn.now)?;
            // The attempts of a dispatcher that was superseded are recorded all the same.
            let held = turn.claims.iter().all(|request| tx.check(request.epoch).is_ok());
            let mut claim = || turn.claims.iter().map(|request| claim::claim(tx, request)).collect::<Result<_, _>>();
            Ok(Turned { buried, claims: if held { Some(claim()?) } else { None } })
        })
    }

    /// Claims deliveries of one endpoint: the second half of a turn by itself.
    pub fn claim(&self, request: ClaimRequest) -> Reply<Claim> {
        self.writer.step_of_dispatcher(request.limit, move |tx| claim::claim(tx, &request))
    }

    /// Records the ends of attempts, the first half of a turn by itself. Answers with what died.
    pub fn settle(&self, settlements: impl Into<Arc<[Settlement]>>, now: Millis) -> Reply<Vec<Buried>> {
        let settlements = settlements.into();
        self.writer.step_of_dispatcher(settlements.len(), move |tx| settle::settle(tx, &settlements, now))
    }

    /// Gives back claims whose attempts never began; nothing is logged.
    pub fn release(&self, epoch: Epoch, deliveries: Vec<i64>, now: Millis) -> Reply<()> {
        self.writer.call(move |tx| settle::release(tx, epoch, &deliveries, now))
    }

    /// Logs attempts that a stop cut off as interrupted; they cost no try and go back to what they were.
    pub fn interrupt(&self, epoch: Epoch, deliveries: Vec<i64>, now: Millis) -> Reply<()> {
        self.writer.call(move |tx| settle::interrupt(tx, epoch, &deliveries, now))
    }

    /// Changes an endpoint outside of an attempt (a pause that ended, a probe timer).
    pub fn update_endpoint(&self, epoch: Epoch, endpoint: i64, update: EndpointUpdate, now: Millis) -> Reply<()> {
        self.writer.call(move |tx| {
            tx.check(epoch)?;
            tx.saw(now);
            settle::update_endpoint(tx, endpoint, &update)
        })
    }

    /// Ends an order: its effect on the endpoint and its removal, in one transaction.
    pub fn finish_order(&self, epoch: Option<Epoch>, order: i64, update: EndpointUpdate, now: Millis) -> Reply<()> {
        self.writer.call(move |tx| {
            tx.saw(now);
            orders::finish(tx, epoch, order, &update)
        })
    }
    /// Kills queued and scheduled deliveries of an endpoint older than `max_age`, at most `step` of them.
    pub fn expire(&self, epoch: Epoch, endpoint: i64, max_age: u64, step: usize, now: Millis) -> Reply<Vec<Buried>> {
        self.writer.call(move |tx| upkeep::expire(tx, epoch, endpoint, max_age, step, now))
    }
    /// Retention, in steps, for as long as its pace allows.
    pub fn upkeep(&self, upkeep: Upkeep) -> Reply<UpkeepResult> {
        self.writer.steps(upkeep::Progress::default(), move |tx, progress| upkeep::step(tx, &upkeep, progress))
    }
    /// An act by hand on deliveries; logged, and remembered for undo.
    pub fn act(&self, act: Act, selection: Selection, actor: Actor, now: Millis) -> Reply<ActResult> {
        self.act_with(act, selection, actor, now, &Course::default())
    }
    /// As [`Journal::act`], telling how far it has come; cancelled it ends between two steps.
    pub fn act_with(
        &self,
        act: Act,
        selection: Selection,
        actor: Actor,
        now: Millis,
        course: &Course,
    ) -> Reply<ActResult> {
        let request = acts::Request { act, selection, actor, urgent: false, now, course: course.clone() };
        self.writer.steps(acts::Progress::default(), move |tx, progress| acts::step(tx, &request, progress))
    }
    /// The next dead letters of a replay, at most `limit` and all of one endpoint, are queued again. `urgent`: past circuit
    /// and pause.
    pub fn replay(&self, replay: Replay, limit: usize, urgent: bool, now: Millis) -> Reply<Batch> {
        self.writer.call(move |tx| replay::step(tx, replay.clone(), limit, urgent, now))
    }
    /// Writes down how a replay ended.
    pub fn end_replay(&self, replay: Replay, text: String, now: Millis) -> Reply<()> {
        self.writer.call(move |tx| replay::end(tx, &replay, text.clone(), now))
    }
    /// Retry of dead letters that go now, past circuit and pause (one item by hand).
    pub fn retry_now(&self, id: String, actor: Actor, now: Millis) -> Reply<ActResult> {
        let selection = Selection::Ids(vec![id]);
        let request = acts::Request { act: Act::Retry, selection, actor, urgent: true, now, course: Course::default() };
        self.writer.steps(acts::Progress::default(), move |tx, progress| acts::step(tx, &request, progress))
    }
    /// Orders one attempt now for each delivery, whatever its state.
    pub fn resend(&self, deliveries: Vec<String>, actor: Actor, now: Millis) -> Reply<ActResult> {
        self.writer.call(move |tx| orders::resend(tx, &deliveries, &actor, now))
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
        self.writer.call(move |tx| orders::resend_event(tx, &event, only.as_deref(), &route_by, &actor, now))
    }
    /// Takes back this act, if it still is the actor's last one ([`Reader::last_act`]); else why not, in words. One of which
    /// no row can be taken back stays the last.
    pub fn undo(&self, act: LastAct, actor: Actor, now: Millis) -> Reply<Result<Undone, String>> {
        self.writer.steps(undo::Progress::default(), move |tx, progress| undo::step(tx, &act, &actor, progress, now))
    }
    /// Leaves orders for the dispatcher, one per endpoint.
    pub fn order(&self, whom: Whom, kind: OrderKind, actor: Actor, now: Millis) -> Reply<ActResult> {
        self.writer.call(move |tx| orders::order(tx, &whom, kind, &actor, now))
    }
    /// Notes after the fact that an event was sent as an edited copy of another one, to one endpoint (by name).
    pub fn sent_copy(&self, copy: String, of: String, endpoint: String, actor: Actor, now: Millis) -> Reply<()> {
        self.writer.call(move |tx| orders::sent_copy(tx, &copy, &of, &endpoint, &actor, now))
    }
    /// Records a test delivery after the fact.
    pub fn record_test(&self, test: TestRecord, now: Millis) -> Reply<()> {
        self.writer.call(move |tx| orders::record_test(tx, &test, now))
    }

    /// The deaths by overflow that no dispatcher has told of yet.
    pub fn overflow(&self, epoch: Epoch) -> Reply<Overflow> {
        self.writer.call(move |tx| overflow::take(tx, epoch))
    }

    /// Writes a line to the log.
    pub fn log(&self, line: LogLine, now: Millis) -> Reply<()> {
        self.writer.call(move |tx| log::write(tx, &line, now))
    }
}

impl<T> Reply<T> {
    /// Blocks until the operation is committed. Not for use inside a runtime.
    ///
    /// # Errors
    /// What the operation failed with.
    pub fn wait(self) -> Result<T, JournalError> {
        self.0.blocking_recv().unwrap_or(Err(JournalError::Closed))
    }
}

impl<T> Future for Reply<T> {
    type Output = Result<T, JournalError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or(Err(JournalError::Closed)))
    }
}

#[cfg(test)]
mod tests;
