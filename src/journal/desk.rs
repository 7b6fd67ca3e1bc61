//! The desk: the one connection that writes, and how operations are run on it, committed and answered. One thread at a time
//! works at it: the writer's, or the dispatcher's for a step of its own (see writer.rs).

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::watch;

use super::flusher::{Flusher, Promises};
use super::keeper::{self, Keeper};
use super::opened::Link;
use super::tx::{Memory, Tx};
use super::writer::{Job, Kind};
use super::{Durability, JournalError, open, wake, wal_file};

/// How long commits may follow one another before other processes are let in.
const BREATH_EVERY: Duration = Duration::from_millis(40);

/// Pages of log (4 KiB each) at which the writer's thread takes the rest of it into the journal: under load the keeper never
/// catches up, and only a log that is wholly in the journal is begun anew. Seldom, because all others wait for the disk then.
pub(super) const LOG_TOO_LONG: i32 = if cfg!(test) { 2_048 } else { 16_384 };
/// After so many further pages it tries again, if the log goes on all the same: a reader is at it, or the keeper.
const LOG_STILL_TOO_LONG: i32 = 512;

/// For how long after another process wrote it is taken to be about.
const COMPANY: Duration = Duration::from_mins(1);

/// Whom commits wake, each told the newest change number.
pub(super) struct Signals {
    /// Whoever looks at the journal.
    pub change: watch::Sender<i64>,
    /// The dispatcher, which need not be told of its own steps.
    pub news: watch::Sender<i64>,
}

/// What is worked with.
pub(super) struct Desk {
    signals: Signals,
    durability: Durability,
    promises: Promises,
    flusher: Option<Flusher>,
    keeper: Option<Keeper>,
    /// There was nothing to do before this batch.
    pub rested: bool,
    /// Pages in the log at the last commit.
    log_pages: Arc<AtomicI32>,
    /// With so many the rest of it is taken into the journal.
    shorten_at: i32,
    /// The newest change number committed.
    newest: i64,
    memory: Memory,
    company: Company,
    pub working_since: Instant,
    /// Closed last: the log may go with it, and until then it is flushed.
    conn: Link,
}

impl Desk {
    pub fn new(
        mut conn: Link,
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
            signals,
            durability,
            promises,
            flusher,
            rested: false,
            keeper,
            log_pages,
            shorten_at: LOG_TOO_LONG,
            newest: 0,
            memory: Memory::default(),
            company: Company::default(),
            working_since: Instant::now(),
        }
    }

    /// Runs and commits the jobs together, answers them, and returns those that have more steps.
    pub fn run_batch(&mut self, mut jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        // What is promised must be found again. A dispatcher looks for the file by itself, each second.
        if jobs.iter().any(|job| job.kind() != Kind::Step) && !self.conn.file.is_in_place() {
            return fail(jobs, &JournalError::Gone(self.conn.file.path.clone()));
        }
        match self.transact(&mut jobs) {
            Ok(change) => self.answer(change, jobs),
            // One operation that fails must not take the others with it, unless what failed is the journal as a whole.
            Err(error) if jobs.len() > 1 && !matches!(error, JournalError::Busy | JournalError::DiskFull(_)) => {
                jobs.into_iter().flat_map(|job| self.run_batch(vec![job])).collect()
            }
            Err(error) => fail(jobs, &error.of(&self.conn.file.path)),
        }
    }

    /// After a commit: tells whoever looks at the journal, answers the dispatcher's own steps, wakes the dispatcher for what
    /// others did, has the promises kept, and returns what has more steps.
    fn answer(&mut self, change: i64, jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        let wrote = std::mem::replace(&mut self.newest, change) != change;
        let promise = jobs.iter().any(|job| job.kind() != Kind::Step);
        let (done, others): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|job| job.kind() != Kind::Step && job.is_done());
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
            wake::nudge(&self.conn.file.path);
        }
    }

    /// Begins a transaction. Kept prepared: rusqlite's own transactions are parsed anew each time.
    fn begin(&self) -> Result<(), JournalError> {
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    /// Runs and commits a step of the dispatcher on its own thread, or gives it back: that thread waits neither for another
    /// process nor for a long log to be taken into the journal.
    pub fn do_here(&mut self, job: Box<dyn Job>) -> Option<Box<dyn Job>> {
        let is_free = self.log_pages.load(Ordering::Relaxed) < LOG_TOO_LONG && !self.company.is_about(&self.conn);
        if !is_free || open::without_waiting(|| self.begin()).is_err() {
            return Some(job);
        }
        let mut jobs = vec![job];
        match self.run_and_commit(&mut jobs) {
            Ok(change) => drop(self.answer(change, jobs)),
            Err(error) => drop(fail(jobs, &error.of(&self.conn.file.path))),
        }
        None
    }

    /// Runs and commits jobs in one transaction; answers with the newest change number.
    fn transact(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<i64, JournalError> {
        self.begin()?;
        self.run_and_commit(jobs)
    }

    /// In a transaction that has begun.
    fn run_and_commit(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<i64, JournalError> {
        let dispatching = self.memory.dispatching;
        let outcome = Tx::begin(&self.conn, &mut self.memory).and_then(|mut tx| {
            for job in jobs {
                // What those before have left waiting any other operation must see.
                if job.kind() != Kind::Accept {
                    tx.store_deliveries()?;
                }
                job.run(&mut tx)?;
            }
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

    /// Takes the rest of a long log into the journal, if that is due.
    pub fn shorten_log(&mut self) {
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < LOG_TOO_LONG {
            self.shorten_at = LOG_TOO_LONG;
        }
        if self.keeper.is_none() || pages < self.shorten_at {
            return;
        }
        self.shorten_at = pages + LOG_STILL_TOO_LONG;
        if keeper::checkpoint(&self.conn).is_ok_and(|checkpoint| checkpoint.left == Some(0)) {
            // The next commit begins it anew, and says how long it is then.
            self.log_pages.store(0, Ordering::Relaxed);
        }
    }

    /// Whether waiting processes are to be let in: between two commits there are else only microseconds.
    pub fn is_breath_due(&mut self) -> bool {
        let is_due = self.working_since.elapsed() >= BREATH_EVERY;
        if is_due {
            self.working_since = Instant::now();
        }
        is_due && self.company.is_about(&self.conn)
    }
}

/// Other processes that write the journal.
#[derive(Debug, Default)]
struct Company {
    /// `PRAGMA data_version`, which moves when another process has committed, and when it was looked at.
    looked: Option<(i64, Instant)>,
    seen: Option<Instant>,
}

impl Company {
    /// Whether any has written of late.
    fn is_about(&mut self, conn: &Connection) -> bool {
        let now = Instant::now();
        if self.looked.is_none_or(|(_, at)| now - at >= BREATH_EVERY) {
            let version = conn
                .prepare_cached("PRAGMA data_version")
                .and_then(|mut version| version.query_row([], |row| row.get(0)));
            let version = version.unwrap_or_default();
            if self.looked.is_some_and(|(before, _)| before != version) {
                self.seen = Some(now);
            }
            self.looked = Some((version, now));
        }
        self.seen.is_some_and(|seen| now - seen < COMPANY)
    }
}

/// Replaces SQLite's automatic checkpoint, which would make the writer wait for the disk each 1,000 pages.
fn watch_log(conn: &mut Connection, log_pages: Arc<AtomicI32>) {
    let hook = move |_: &mut rusqlite::hooks::Wal, pages: i32| {
        log_pages.store(pages, Ordering::Relaxed);
        Ok(())
    };
    // Without the hook SQLite's own checkpoint stays: slower, and right.
    let _ = conn.wal_hook(Some(hook));
}

fn fail(jobs: Vec<Box<dyn Job>>, error: &JournalError) -> Vec<Box<dyn Job>> {
    for job in jobs {
        job.failed(error.clone());
    }
    Vec::new()
}
