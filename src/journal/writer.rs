//! The writer: one thread, one connection, many operations in one transaction, answers after the commit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::flusher::{Flusher, Promises};
use super::keeper::Keeper;
use super::tx::{Memory, Tx};
use super::{Durability, JournalError, Reply, wake, wal_file};

/// Most operations in one transaction; each may bring many rows of its own.
const BATCH: usize = 1_024;
/// How long commits may follow one another before other processes are let in, and for how long.
const BREATH_EVERY: Duration = Duration::from_millis(40);
const BREATH: Duration = Duration::from_millis(2);
/// Pages of log (4 KiB each) at which a commit checkpoints by itself: under load the keeper never catches up, and only a log
/// that is wholly in the journal is begun anew. Seldom, because the writer waits for the disk then.
const LOG_TOO_LONG: i32 = 16_384;
/// After so many further pages it tries again, if the log goes on all the same: a reader is at it, or the keeper.
const LOG_STILL_TOO_LONG: i32 = 512;

/// For how long after another process wrote it is taken to be about.
const COMPANY: Duration = Duration::from_mins(1);

/// Where an operation in steps stands.
pub(super) enum Step<T> {
    /// To be called again, in the next transaction.
    More,
    /// Done.
    Done(T),
}

/// The writer thread; ends, having committed what was sent, when this is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

/// Whom commits wake, each told the newest change number.
pub(super) struct Signals {
    /// Whoever looks at the journal.
    pub change: watch::Sender<i64>,
    /// The dispatcher, which need not be told of its own steps.
    pub news: watch::Sender<i64>,
}

/// A writer that waited so long for this batch will not miss the time it takes to flush it.
const RESTED: Duration = Duration::from_millis(2);

/// What an operation means to those who wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody is promised that it lasts: with `durability: full` it is on the disk when the answer comes.
    Promise,
    /// A dispatcher's own step: on the disk soon after, see keeper.rs.
    Step,
}

impl Writer {
    pub fn start(
        conn: Connection,
        path: &Path,
        signals: Signals,
        durability: Durability,
        keeper: Option<Keeper>,
    ) -> Result<Self, JournalError> {
        let (jobs, queue) = channel();
        let failed = |error: std::io::Error| JournalError::Open {
            path: path.to_owned(),
            cause: format!("no thread for its writer: {error}"),
        };
        let promises = || Promises::new(path, durability);
        // A short command has nothing else to do while it flushes.
        let flusher = keeper.as_ref().map(|_| Flusher::start(promises())).transpose().map_err(failed)?;
        let desk = Desk::new((conn, path), signals, durability, promises(), flusher, keeper);
        let thread =
            std::thread::Builder::new().name("journal".to_owned()).spawn(move || desk.work(&queue)).map_err(failed)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Queues an operation. It may be run again (after a rolled-back batch), so it must not consume what it is given.
    pub fn call<T: Send + 'static>(
        &self,
        run: impl FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
    ) -> Reply<T> {
        self.call_as(Kind::Promise, run)
    }

    /// As [`Writer::call`], for what a dispatcher does by itself (claims, results).
    pub fn step_of_dispatcher<T: Send + 'static>(
        &self,
        run: impl FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
    ) -> Reply<T> {
        self.call_as(Kind::Step, run)
    }

    fn call_as<T: Send + 'static>(
        &self,
        kind: Kind,
        run: impl FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
    ) -> Reply<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Box::new(Call { kind, run, value: None, reply }));
        Reply(answer)
    }

    /// Queues an operation in steps, each in a transaction of its own, so that nobody waits for long. What `step` notes in `state` counts only if its transaction was committed.
    pub fn steps<S: Clone + Send + 'static, T: Send + 'static>(
        &self,
        state: S,
        step: impl FnMut(&mut Tx<'_>, &mut S) -> Result<Step<T>, JournalError> + Send + 'static,
    ) -> Reply<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Box::new(Steps { step, next: state.clone(), state, value: None, reply }));
        Reply(answer)
    }

    /// A job that cannot be sent is dropped, and its reply says that the journal is closed.
    fn send(&self, job: Box<dyn Job>) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One operation on its way through a transaction.
pub(super) trait Job: Send {
    fn kind(&self) -> Kind {
        Kind::Promise
    }
    /// There are no more steps.
    fn is_done(&self) -> bool {
        true
    }
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), JournalError>;
    /// Its transaction is committed: answers, or gives itself back for the next step.
    fn committed(self: Box<Self>) -> Option<Box<dyn Job>>;
    fn failed(self: Box<Self>, error: JournalError);
}

struct Call<T, F> {
    kind: Kind,
    run: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

impl<T: Send + 'static, F> Job for Call<T, F>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
{
    fn kind(&self) -> Kind {
        self.kind
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), JournalError> {
        self.value = Some((self.run)(tx)?);
        Ok(())
    }

    fn committed(self: Box<Self>) -> Option<Box<dyn Job>> {
        if let Some(value) = self.value {
            let _ = self.reply.send(Ok(value));
        }
        None
    }

    fn failed(self: Box<Self>, error: JournalError) {
        let _ = self.reply.send(Err(error));
    }
}

struct Steps<S, T, F> {
    step: F,
    state: S,
    next: S,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

impl<S: Clone + Send + 'static, T: Send + 'static, F> Job for Steps<S, T, F>
where
    F: FnMut(&mut Tx<'_>, &mut S) -> Result<Step<T>, JournalError> + Send + 'static,
{
    fn is_done(&self) -> bool {
        self.value.is_some()
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), JournalError> {
        self.next = self.state.clone();
        self.value = match (self.step)(tx, &mut self.next)? {
            Step::More => None,
            Step::Done(value) => Some(value),
        };
        Ok(())
    }

    fn committed(mut self: Box<Self>) -> Option<Box<dyn Job>> {
        if let Some(value) = self.value.take() {
            let _ = self.reply.send(Ok(value));
            return None;
        }
        self.state = self.next.clone();
        Some(self)
    }

    fn failed(self: Box<Self>, error: JournalError) {
        let _ = self.reply.send(Err(error));
    }
}

fn fail(jobs: Vec<Box<dyn Job>>, error: &JournalError) -> Vec<Box<dyn Job>> {
    for job in jobs {
        job.failed(error.clone());
    }
    Vec::new()
}

/// Replaces SQLite's automatic checkpoint, which would make the writer wait for the disk each 1,000 pages.
fn watch_log(conn: &mut Connection, log_pages: Arc<AtomicI32>) {
    let mut try_at = LOG_TOO_LONG;
    let hook = move |log: &mut rusqlite::hooks::Wal, pages: i32| {
        log_pages.store(pages, Ordering::Relaxed);
        if pages < LOG_TOO_LONG {
            try_at = LOG_TOO_LONG;
        } else if pages >= try_at {
            try_at = pages + LOG_STILL_TOO_LONG;
            // What this answers SQLite takes for the answer of the commit, which has succeeded; the keeper may be at it.
            let _ = log.checkpoint();
        }
        Ok(())
    };
    // Without the hook SQLite's own checkpoint stays: slower, and right.
    let _ = conn.wal_hook(Some(hook));
}

/// What the thread works with.
struct Desk {
    path: PathBuf,
    signals: Signals,
    durability: Durability,
    promises: Promises,
    flusher: Option<Flusher>,
    keeper: Option<Keeper>,
    /// There was nothing to do before this batch.
    rested: bool,
    /// Pages in the log at the last commit.
    log_pages: Arc<AtomicI32>,
    /// The newest change number committed.
    newest: i64,
    memory: Memory,
    /// `PRAGMA data_version`: moves when another process has committed.
    others: i64,
    others_seen: Option<Instant>,
    working_since: Instant,
    /// Closed last: the log may go with it, and until then it is flushed.
    conn: Connection,
}

impl Desk {
    fn new(
        (mut conn, path): (Connection, &Path),
        signals: Signals,
        durability: Durability,
        promises: Promises,
        flusher: Option<Flusher>,
        keeper: Option<Keeper>,
    ) -> Self {
        let log_pages = Arc::default();
        if keeper.is_some() {
            watch_log(&mut conn, Arc::clone(&log_pages));
        }
        Self {
            conn,
            path: path.to_owned(),
            signals,
            durability,
            promises,
            flusher,
            rested: false,
            keeper,
            log_pages,
            newest: 0,
            memory: Memory::default(),
            others: 0,
            others_seen: None,
            working_since: Instant::now(),
        }
    }

    fn work(mut self, queue: &Receiver<Box<dyn Job>>) {
        let mut batch: Vec<Box<dyn Job>> = Vec::new();
        loop {
            if batch.is_empty() {
                let resting_since = Instant::now();
                let Ok(job) = queue.recv() else { break };
                batch.push(job);
                self.working_since = Instant::now();
                self.rested = self.working_since - resting_since > RESTED;
            } else {
                self.rested = false;
            }
            // What came in while the last commit ran shares this one.
            batch.extend(queue.try_iter().take(BATCH.saturating_sub(batch.len())));
            // A dispatcher's slots wait for its steps: they do not wait for hundreds of events to be stored.
            let (steps, promises): (Vec<_>, Vec<_>) = batch.into_iter().partition(|job| job.kind() == Kind::Step);
            batch = Vec::new();
            for together in [steps, promises] {
                if !together.is_empty() {
                    batch.extend(self.run_batch(together));
                }
            }
            self.breathe();
        }
    }

    /// Runs and commits the jobs together, answers them, and returns those that have more steps.
    fn run_batch(&mut self, mut jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        match self.transact(&mut jobs) {
            Ok(change) => self.answer(change, jobs),
            // One operation that fails must not take the others with it, unless what failed is the journal as a whole.
            Err(error) if jobs.len() > 1 && !matches!(error, JournalError::Busy | JournalError::DiskFull) => {
                jobs.into_iter().flat_map(|job| self.run_batch(vec![job])).collect()
            }
            Err(error) => fail(jobs, &error),
        }
    }

    /// After a commit: tells whoever looks at the journal, answers the dispatcher's own steps, wakes the dispatcher for what
    /// others did, has the promises kept, and returns what has more steps.
    fn answer(&mut self, change: i64, jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        let wrote = std::mem::replace(&mut self.newest, change) != change;
        let promise = jobs.iter().any(|job| job.kind() == Kind::Promise);
        let (done, others): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|job| job.kind() == Kind::Promise && job.is_done());
        if wrote {
            self.signals.change.send_replace(change);
            if let Some(keeper) = &self.keeper {
                let unflushed = self.durability == Durability::Full && !promise;
                keeper.committed(self.log_pages.load(Ordering::Relaxed), unflushed);
            }
        }
        let more = others.into_iter().filter_map(Job::committed).collect();
        if promise {
            self.tell_dispatcher(change);
            // A dispatcher here has claims to make of it already: the flush must not be in their way.
            let aside = self.memory.dispatching || !self.rested;
            match &self.flusher {
                Some(flusher) if aside || flusher.is_busy() => flusher.keep(done),
                _ => self.promises.keep(vec![done]),
            }
        }
        more
    }

    /// The dispatcher begins while the disk is at work: only who is promised something waits for that.
    fn tell_dispatcher(&self, change: i64) {
        let changed = self.signals.news.send_if_modified(|newest| std::mem::replace(newest, change) != change);
        if changed && !self.memory.dispatching {
            wake::nudge(&self.path);
        }
    }

    fn transact(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<i64, JournalError> {
        // Kept prepared: rusqlite's own transactions are parsed anew each time.
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let dispatching = self.memory.dispatching;
        let outcome = Tx::begin(&self.conn, &mut self.memory).and_then(|mut tx| {
            // What one operation leaves waiting the next one must see.
            let mut run = |job: &mut Box<dyn Job>| job.run(&mut tx).and_then(|()| tx.store_deliveries());
            jobs.iter_mut().try_for_each(&mut run)?;
            tx.finish()
        });
        let committed = outcome.and_then(|change| {
            let mut commit = self.conn.prepare_cached("COMMIT")?;
            wal_file::in_one_write(|| commit.execute([]))?;
            Ok(change)
        });
        if committed.is_err() {
            if !self.conn.is_autocommit() {
                // Should even this fail, the next BEGIN does, and says so.
                let _ = self.conn.execute_batch("ROLLBACK");
            }
            self.memory.forget();
            self.memory.dispatching = dispatching;
        }
        committed
    }

    /// Lets waiting processes in, if there are any about: between two commits there are else only microseconds.
    fn breathe(&mut self) {
        if self.working_since.elapsed() < BREATH_EVERY {
            return;
        }
        let others = self.conn.pragma_query_value(None, "data_version", |row| row.get(0)).unwrap_or(self.others);
        if others != self.others {
            self.others = others;
            self.others_seen = Some(Instant::now());
        }
        if self.others_seen.is_some_and(|seen| seen.elapsed() < COMPANY) {
            std::thread::sleep(BREATH);
        }
        self.working_since = Instant::now();
    }
}
