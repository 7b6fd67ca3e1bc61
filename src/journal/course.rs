//! The course of an act that takes a while: how far it has come, and the way to stop it.

use std::sync::Arc;

use tokio::sync::watch;

/// How far an act has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Rows that are done and committed.
    pub done: u64,
    /// Rows there were when the person was asked; 0: not known.
    pub of: u64,
    /// What it waits for, in words; empty while it goes on.
    pub waits: String,
}

/// Told by whoever does the act, watched and stopped by whoever asked for it. Clones are the same course.
#[derive(Debug, Clone)]
pub struct Course {
    progress: Arc<watch::Sender<Progress>>,
    cancelled: Arc<watch::Sender<bool>>,
}

impl Course {
    /// An act on so many rows (0: not known) that has not begun.
    #[must_use]
    pub fn new(of: u64) -> Self {
        let progress = Progress { of, ..Progress::default() };
        Self { progress: Arc::new(watch::Sender::new(progress)), cancelled: Arc::new(watch::Sender::new(false)) }
    }

    /// How far it has come, now and whenever that changes.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// How many rows there were when the person was asked.
    #[must_use]
    pub fn of(&self) -> u64 {
        self.progress.borrow().of
    }

    /// So many are done.
    pub fn tell(&self, done: u64, waits: &str) {
        self.progress.send_if_modified(|known| {
            let changed = known.done != done || known.waits != waits;
            known.done = done;
            if known.waits != waits {
                waits.clone_into(&mut known.waits);
            }
            changed
        });
    }

    /// Stops it at the next step: what is done stays done.
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }

    /// It shall stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }

    /// Resolves when it shall stop.
    pub async fn cancelled(&self) {
        let mut cancelled = self.cancelled.subscribe();
        // The sender lives as long as we do.
        let _ = cancelled.wait_for(|cancelled| *cancelled).await;
    }
}

impl Default for Course {
    fn default() -> Self {
        Self::new(0)
    }
}
