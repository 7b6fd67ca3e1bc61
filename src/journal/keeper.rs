//! The keeper: brings the write-ahead log to the disk, and from there into the journal, beside the writer.
//!
//! The writer's connection never waits for the disk by itself (`synchronous = NORMAL`). What somebody is promised is
//! flushed before it is answered, see flusher.rs. A dispatcher's own steps (claims, results) are flushed
//! here within [`FLUSH_WITHIN`]: a power cut can cost the record of the last attempts, which are then made again, but
//! nothing that was accepted. A crash of the process costs nothing at all: what is committed, the kernel has.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::desk::LOG_TOO_LONG;
use super::{JournalError, open, wal_file};

/// Steps of the dispatcher are on the disk this soon.
const FLUSH_WITHIN: Duration = Duration::from_millis(10);

/// So many pages of log (4 KiB each) that are not in the journal yet are worth taking there. The same pages are written
/// again and again: the fewer checkpoints, the fewer copies of each.
const CHECKPOINT_PAGES: i32 = 4_000;

/// A log that is nearly too long is taken there even if fewer are left: what the keeper leaves, the writer waits for.
const NEARLY_TOO_LONG: i32 = LOG_TOO_LONG - 1_024;
/// Unless that is so few.
const FEW_PAGES: i32 = 512;

/// The write-ahead log beside a journal.
#[derive(Debug)]
pub(super) struct Wal {
    pub path: PathBuf,
    file: Option<File>,
}

impl Wal {
    pub fn of(journal: &Path) -> Self {
        let mut path = journal.as_os_str().to_owned();
        path.push("-wal");
        Self { path: path.into(), file: None }
    }

    /// Everything committed so far is on the disk afterwards.
    pub fn flush(&mut self) -> io::Result<()> {
        // The log keeps its file for as long as any process has the journal open, this one included.
        let file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        file.sync_data()?;
        self.file = Some(file);
        Ok(())
    }
}

/// What became of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// Pages at the beginning of the log that are in the journal now.
    taken: i32,
    /// Those after them that are not; none where another is at a checkpoint.
    pub left: Option<i32>,
}

/// Takes of the log into the journal what nobody reads any more. Passive: waits for nobody and holds nobody up.
pub(super) fn checkpoint(conn: &Connection) -> rusqlite::Result<Checkpoint> {
    conn.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], |row| {
        let (busy, pages, taken): (bool, i32, i32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Checkpoint { taken, left: (!busy).then(|| pages - taken) })
    })
}

/// A thread that flushes and checkpoints; ends when dropped.
#[derive(Debug)]
pub(super) struct Keeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    due: Mutex<Due>,
    changed: Condvar,
    /// Pages in the log at the last commit.
    pages: AtomicI32,
    /// Those at its beginning that the last checkpoint left in the journal.
    taken: AtomicI32,
}

/// What there is to do.
#[derive(Debug, Default, Clone, Copy)]
struct Due {
    flush: bool,
    checkpoint: bool,
    end: bool,
}

impl Keeper {
    pub fn start(journal: &Path) -> Result<Self, JournalError> {
        let path = journal.to_owned();
        let failed = |cause: String| JournalError::Open { path: path.clone(), cause };
        let conn = open::for_checkpoints(journal)?;
        let wal = Wal::of(journal);
        let shared = Arc::new(Shared::default());
        let task = shared.clone();
        let thread = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || keep(&task, &conn, wal))
            .map_err(|error| failed(format!("no thread to flush it: {error}")))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The writer committed; the log holds so many pages. `flush`: nobody has flushed the commit.
    pub fn committed(&self, pages: i32, flush: bool) {
        self.shared.pages.store(pages, Ordering::Relaxed);
        let checkpoint = self.shared.is_checkpoint_due();
        if flush || checkpoint {
            let mut due = self.shared.due.lock().unwrap_or_else(PoisonError::into_inner);
            let asleep = !due.flush && !due.checkpoint;
            due.flush |= flush;
            due.checkpoint |= checkpoint;
            if asleep {
                self.shared.changed.notify_one();
            }
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.due.lock().unwrap_or_else(PoisonError::into_inner).end = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn keep(shared: &Shared, conn: &Connection, mut wal: Wal) {
    loop {
        let due = shared.next();
        // It may have been asked for during the last one.
        if due.checkpoint && shared.is_checkpoint_due() {
            // What it could not take it takes the next time.
            if let Ok(Checkpoint { taken, left: Some(left) }) = checkpoint(conn) {
                shared.taken.store(taken, Ordering::Relaxed);
                // SQLite has done so if nothing is left. This is nobody's time; later it would be the writer's, who is told of
                // a disk that cannot be written to.
                if left > 0 {
                    wal_file::flush_journal(conn);
                }
            }
        }
        if due.flush {
            // A disk that cannot be written to fails the next promise, which says so.
            let _ = wal.flush();
        }
        if due.end {
            return;
        }
    }
}

impl Shared {
    fn is_checkpoint_due(&self) -> bool {
        let pages = self.pages.load(Ordering::Relaxed);
        let left = self.left_of(pages);
        left >= CHECKPOINT_PAGES || (pages >= NEARLY_TOO_LONG && left >= FEW_PAGES)
    }

    /// Of so many pages of log, those that are not in the journal yet, as far as is known here.
    fn left_of(&self, pages: i32) -> i32 {
        let taken = self.taken.load(Ordering::Relaxed);
        // A log with fewer pages was begun anew.
        if pages < taken { pages } else { pages - taken }
    }

    /// Waits for something to do, then lets it gather for a moment.
    fn next(&self) -> Due {
        let due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |due: &mut Due| !due.flush && !due.checkpoint && !due.end;
        let due = self.changed.wait_while(due, idle).unwrap_or_else(PoisonError::into_inner);
        let gathering = |due: &mut Due| !due.end;
        let (mut due, _) =
            self.changed.wait_timeout_while(due, FLUSH_WITHIN, gathering).unwrap_or_else(PoisonError::into_inner);
        let end = due.end;
        std::mem::replace(&mut *due, Due { end, ..Due::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_are_in_the_journal_are_not_taken_again() {
        let shared = Shared::default();
        assert_eq!(shared.left_of(1_200), 1_200);
        shared.taken.store(1_200, Ordering::Relaxed);
        assert_eq!([1_200, 1_500, 300].map(|pages| shared.left_of(pages)), [0, 300, 300], "300: a new log");
    }

    #[test]
    fn a_checkpoint_is_worth_its_while_when_much_is_left_or_the_log_is_nearly_too_long() {
        let shared = Shared::default();
        let is_due = |pages, taken| {
            shared.pages.store(pages, Ordering::Relaxed);
            shared.taken.store(taken, Ordering::Relaxed);
            shared.is_checkpoint_due()
        };
        assert!(!is_due(NEARLY_TOO_LONG - 1, NEARLY_TOO_LONG - FEW_PAGES));
        assert!(is_due(NEARLY_TOO_LONG, NEARLY_TOO_LONG - FEW_PAGES));
        assert!(!is_due(NEARLY_TOO_LONG, NEARLY_TOO_LONG - FEW_PAGES + 1));
        assert!(is_due(CHECKPOINT_PAGES, 0));
    }

    #[test]
    fn what_is_due_is_gathered_and_taken_once() {
        let shared = Shared::default();
        *shared.due.lock().unwrap() = Due { flush: true, checkpoint: true, end: true };
        let due = shared.next();
        assert!(due.flush && due.checkpoint && due.end);
        let left = *shared.due.lock().unwrap();
        assert!(!left.flush && !left.checkpoint && left.end);
    }
}
