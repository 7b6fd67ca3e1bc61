//! The flusher: brings what was promised to the disk and then answers, while the writer goes on with the next transaction.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::keeper::Wal;
use super::writer::Job;
use super::{Durability, JournalError};

/// Operations that are committed, and whose callers are told once that lasts.
pub(super) type Promised = Vec<Box<dyn Job>>;

/// Keeps promises: flushes, then answers.
pub(super) struct Promises {
    wal: Wal,
    durability: Durability,
}

impl Promises {
    pub fn new(journal: &Path, durability: Durability) -> Self {
        Self { wal: Wal::of(journal), durability }
    }

    /// One flush for all of them.
    pub fn keep(&mut self, promised: Vec<Promised>) {
        let flushed = if self.durability == Durability::Full { self.wal.flush() } else { Ok(()) };
        // Committed, but not for certain on the disk: to run it again would do it twice.
        let failed = flushed.err().map(|error| {
            JournalError::Sqlite(format!("{} cannot be brought to the disk: {error}", self.wal.path.display()))
        });
        for job in promised.into_iter().flatten() {
            match &failed {
                None => drop(job.committed()),
                Some(error) => job.failed(error.clone()),
            }
        }
    }
}

/// A thread that keeps promises beside the writer; ends, having kept them all, when this is dropped.
pub(super) struct Flusher {
    queue: Option<Sender<Promised>>,
    /// Handed over and not yet kept.
    pending: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    pub fn start(promises: Promises) -> std::io::Result<Self> {
        let (queue, waiting) = channel();
        let pending = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&pending);
        let work = move || work(promises, &waiting, &left);
        let thread = std::thread::Builder::new().name("flusher".to_owned()).spawn(work)?;
        Ok(Self { queue: Some(queue), pending, thread: Some(thread) })
    }

    /// Promises wait to be kept: a later one must not be kept before them.
    pub fn is_busy(&self) -> bool {
        self.pending.load(Ordering::Acquire) > 0
    }

    /// To be kept, after those handed over before.
    pub fn keep(&self, promised: Promised) {
        if let Some(queue) = &self.queue {
            // Should the thread have died, the replies are dropped, and say that the journal is closed.
            self.pending.fetch_add(1, Ordering::Relaxed);
            let _ = queue.send(promised);
        }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(mut promises: Promises, queue: &Receiver<Promised>, pending: &AtomicUsize) {
    while let Ok(first) = queue.recv() {
        // What was committed during the last flush shares this one.
        let together: Vec<_> = std::iter::once(first).chain(queue.try_iter()).collect();
        let kept = together.len();
        promises.keep(together);
        pending.fetch_sub(kept, Ordering::Release);
    }
}
