//! The writer: one connection, many operations in one transaction, answers after the commit.
//!
//! Its thread does what is sent to it. A step of the dispatcher is done on the dispatcher's own thread where nothing is in its
//! way: to wake another thread, and to be woken by it, costs as much as a small transaction, and where there are no more cores
//! than threads it costs the time until the scheduler has found a place for each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::desk::{Desk, Signals};
use super::flusher::{Flusher, Promises};
use super::keeper::Keeper;
use super::opened::Link;
use super::tx::Tx;
use super::{Durability, JournalError, Reply};

/// Most operations in one transaction; each may bring many rows of its own.
const BATCH: usize = 1_024;

/// A step of the dispatcher with no more rows is done on the dispatcher's own thread, which can do nothing else meanwhile:
/// about a millisecond.
const FEW: usize = 256;

/// How long other processes are let in between two commits, if there are any about.
const BREATH: Duration = Duration::from_millis(2);

/// A writer that waited so long for this batch will not miss the time it takes to flush it.
const RESTED: Duration = Duration::from_millis(2);

/// Where an operation in steps stands.
pub(super) enum Step<T> {
    /// To be called again, in the next transaction.
    More,
    /// Done.
    Done(T),
}

/// The writer thread; ends, having committed what was sent, when this is dropped.
pub(super) struct Writer {
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// What the writer's thread shares with the dispatcher's.
struct Shared {
    desk: Mutex<Desk>,
    /// Operations sent to the thread and not done yet.
    pending: AtomicUsize,
}

/// What an operation means to those who wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody is promised that it lasts: with `durability: full` it is on the disk when the answer comes.
    Promise,
    /// A promise that takes events in. The deliveries that it makes may wait for those of the next one.
    Accept,
    /// A dispatcher's own step: on the disk soon after, see keeper.rs.
    Step,
}

impl Writer {
    pub fn start(
        conn: Link,
        signals: Signals,
        durability: Durability,
        keeper: Option<Keeper>,
    ) -> Result<Self, JournalError> {
        let (jobs, queue) = channel();
        let path = conn.file.path.clone();
        let failed = |error: std::io::Error| JournalError::Open {
            path: path.clone(),
            cause: format!("no thread for its writer: {error}"),
        };
        let promises = || Promises::new(&path, durability);
        // A short command has nothing else to do while it flushes.
        let flusher = keeper.as_ref().map(|_| Flusher::start(promises())).transpose().map_err(failed)?;
        let desk = Desk::new(conn, signals, durability, promises(), flusher, keeper);
        let shared = Arc::new(Shared { desk: Mutex::new(desk), pending: AtomicUsize::new(0) });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || theirs.work(&queue))
            .map_err(failed)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), shared })
    }

    /// Queues an operation. It may be run again (after a rolled-back batch), so it must not consume what it is given.
    pub fn call<T: Send + 'static>(
        &self,
        run: impl FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
    ) -> Reply<T> {
        let (job, answer) = call(Kind::Promise, run);
        self.send(job);
        answer
    }

    /// As [`Writer::call`], for events that come in.
    pub fn accept<T: Send + 'static>(
        &self,
        run: impl FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
    ) -> Reply<T> {
        let (job, answer) = call(Kind::Accept, run);
        self.send(job);
        answer
    }

    /// As [`Writer::call`], for what a dispatcher does by itself (claims, results), with so many rows. Done when this returns,
    /// if they are few and nothing is in their way.
    pub fn step_of_dispatcher<T: Send + 'static>(
        &self,
        rows: usize,
        run: impl FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
    ) -> Reply<T> {
        let (job, answer) = call(Kind::Step, run);
        let left = if rows <= FEW { self.shared.do_here(job) } else { Some(job) };
        if let Some(job) = left {
            self.send(job);
        }
        answer
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
            self.shared.pending.fetch_add(1, Ordering::AcqRel);
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

/// An operation and the answer to it.
fn call<T: Send + 'static>(
    kind: Kind,
    run: impl FnMut(&mut Tx<'_>) -> Result<T, JournalError> + Send + 'static,
) -> (Box<dyn Job>, Reply<T>) {
    let (reply, answer) = oneshot::channel();
    (Box::new(Call { kind, run, value: None, reply }), Reply(answer))
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does a step of the dispatcher on this thread, or gives it back: the writer's thread is at work, or about to be.
    fn do_here(&self, job: Box<dyn Job>) -> Option<Box<dyn Job>> {
        if self.pending.load(Ordering::Acquire) > 0 {
            return Some(job);
        }
        match self.desk.try_lock() {
            Ok(mut desk) => desk.do_here(job),
            Err(_) => Some(job),
        }
    }

    /// The life of the writer's thread.
    fn work(&self, queue: &Receiver<Box<dyn Job>>) {
        let mut batch: Vec<Box<dyn Job>> = Vec::new();
        loop {
            // Those have steps left, and were counted when they came.
            let counted = batch.len();
            let mut rested = false;
            if batch.is_empty() {
                let resting_since = Instant::now();
                let Ok(job) = queue.recv() else { break };
                batch.push(job);
                rested = resting_since.elapsed() > RESTED;
            }
            let mut desk = self.desk();
            if counted == 0 {
                desk.working_since = Instant::now();
            }
            desk.rested = rested;
            // What came in while the last commit ran shares this one.
            batch.extend(queue.try_iter().take(BATCH.saturating_sub(batch.len())));
            let taken = batch.len() - counted;
            // A dispatcher's slots wait for its steps: they do not wait for hundreds of events to be stored.
            let (steps, promises): (Vec<_>, Vec<_>) = batch.into_iter().partition(|job| job.kind() == Kind::Step);
            batch = Vec::new();
            for together in [steps, promises] {
                if !together.is_empty() {
                    batch.extend(desk.run_batch(together));
                }
            }
            desk.shorten_log();
            self.pending.fetch_sub(taken, Ordering::AcqRel);
            let breath = desk.is_breath_due();
            drop(desk);
            if breath {
                std::thread::sleep(BREATH);
            }
        }
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}
