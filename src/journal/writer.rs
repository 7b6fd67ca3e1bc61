//! The writer: one thread, one connection, many operations in one transaction, answers after the commit.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use super::tx::{Memory, Tx};
use super::{JournalError, Reply, wake};

/// Most operations in one transaction; each may bring many rows of its own.
const BATCH: usize = 1_024;
/// How long commits may follow one another before other processes are let in, and for how long.
const BREATH_EVERY: Duration = Duration::from_millis(40);
const BREATH: Duration = Duration::from_millis(2);
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

impl Writer {
    pub fn start(conn: Connection, path: &Path, changed: watch::Sender<i64>) -> Result<Self, JournalError> {
        let (jobs, queue) = channel();
        let path = path.to_owned();
        let desk = path.clone();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || Desk::new(conn, desk, changed).work(&queue))
            .map_err(|error| JournalError::Open { path, cause: format!("no thread for its writer: {error}") })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Queues an operation. It may be run again (after a rolled-back batch), so it must not consume what it is given.
    pub fn call<T: Send + 'static>(
        &self,
        run: impl FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
    ) -> Reply<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Box::new(Call { run, value: None, reply }));
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
trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), JournalError>;
    /// Its transaction is committed: answers, or gives itself back for the next step.
    fn committed(self: Box<Self>) -> Option<Box<dyn Job>>;
    fn failed(self: Box<Self>, error: JournalError);
}

struct Call<T, F> {
    run: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

impl<T: Send + 'static, F> Job for Call<T, F>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
{
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

/// What the thread works with.
struct Desk {
    conn: Connection,
    path: PathBuf,
    changed: watch::Sender<i64>,
    memory: Memory,
    /// `PRAGMA data_version`: moves when another process has committed.
    others: i64,
    others_seen: Option<Instant>,
    working_since: Instant,
}

impl Desk {
    fn new(conn: Connection, path: PathBuf, changed: watch::Sender<i64>) -> Self {
        let memory = Memory::default();
        Self { conn, path, changed, memory, others: 0, others_seen: None, working_since: Instant::now() }
    }

    fn work(mut self, queue: &Receiver<Box<dyn Job>>) {
        let mut batch: Vec<Box<dyn Job>> = Vec::new();
        loop {
            if batch.is_empty() {
                let Ok(job) = queue.recv() else { break };
                batch.push(job);
                self.working_since = Instant::now();
            }
            // What came in while the last commit ran shares this one.
            batch.extend(queue.try_iter().take(BATCH.saturating_sub(batch.len())));
            batch = self.run_batch(std::mem::take(&mut batch));
            self.breathe();
        }
    }

    /// Runs and commits the jobs together, answers them, and returns those that have more steps.
    fn run_batch(&mut self, mut jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        match self.transact(&mut jobs) {
            Ok(change) => {
                let wrote = self.changed.send_if_modified(|newest| std::mem::replace(newest, change) != change);
                if wrote && !self.memory.dispatching {
                    wake::nudge(&self.path);
                }
                jobs.into_iter().filter_map(Job::committed).collect()
            }
            // One operation that fails must not take the others with it, unless what failed is the journal as a whole.
            Err(error) if jobs.len() > 1 && !matches!(error, JournalError::Busy | JournalError::DiskFull) => {
                jobs.into_iter().flat_map(|job| self.run_batch(vec![job])).collect()
            }
            Err(error) => {
                for job in jobs {
                    job.failed(error.clone());
                }
                Vec::new()
            }
        }
    }

    fn transact(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<i64, JournalError> {
        let transaction = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let dispatching = self.memory.dispatching;
        let mut tx = Tx::begin(&transaction, &mut self.memory)?;
        let outcome = jobs.iter_mut().try_for_each(|job| job.run(&mut tx)).and_then(|()| tx.finish());
        let committed = outcome.and_then(|change| Ok(transaction.commit().map(|()| change)?));
        if committed.is_err() {
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
