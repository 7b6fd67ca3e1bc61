//! The engine: takes due deliveries from the journal, renders, signs and sends them, and journals what came of it.
//!
//! It runs on a thread of its own with a current-thread runtime, so that neither a console nor a slow reader ever delays
//! a delivery. It never names the console.

pub mod alerts;
pub mod attempt;
pub mod circuit;
pub mod classify;
pub mod clock;
mod dispatch;
mod files;
pub mod guard;
pub mod lane;
pub mod orders;
pub mod pace;
pub mod panic_log;
pub mod replay;
pub mod retry;
mod said;
pub mod send;
mod senders;
mod status;
mod supervisor;
pub mod transport;
pub mod upkeep;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::config::{Config, Env, Problem, Project};
use crate::event::Millis;
use crate::journal::Journal;

use clock::Clock;
use transport::Script;

/// What a process needs to run an engine.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The project whose file is read and watched.
    pub project: Project,
    /// Variables for the file.
    pub env: Env,
    /// Time; tests bring a manual one.
    pub clock: Clock,
}

/// How long a suspended or dropped engine waits for what is in flight.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running engine: dispatching, or standing by until the lock is free. Ends when dropped, after a drain of 5 s at most.
#[derive(Debug)]
pub struct Engine {
    status: watch::Receiver<Arc<Status>>,
    control: mpsc::UnboundedSender<Control>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What the engine does, for header, banners and `run`.
#[derive(Debug, Clone)]
pub struct Status {
    /// Its part.
    pub role: Role,
    /// The file.
    pub file: FileStatus,
    /// Attempts that are under way in this process.
    pub in_flight: usize,
    /// Nothing is in flight and nothing can become due (what a person or a missing endpoint holds does not count).
    pub idle: bool,
    /// The journal refuses to work: shown, retried, never fatal.
    pub trouble: Option<String>,
}

/// The part an engine plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Not begun yet.
    Starting,
    /// Holds the lock and delivers.
    Dispatching {
        /// Since when.
        since: Millis,
    },
    /// Another process delivers; this one takes over when that one ends.
    Standby {
        /// The other's pid, if it is known.
        pid: Option<u32>,
    },
    /// Holds no lock: there is no good file yet.
    Waiting,
    /// No new attempts; waits for those in flight.
    Draining,
    /// Ended, or set aside while the process is suspended.
    Stopped,
}

/// The state of the file.
#[derive(Debug, Clone, Default)]
pub struct FileStatus {
    /// The configuration in force.
    pub config: Option<Arc<Config>>,
    /// Problems of the newest reading; errors mean that it is not in force.
    pub problems: Vec<Problem>,
    /// In words, where the newest reading was not taken: "`.ntm.yaml` is empty: the last good one stays in force".
    pub banner: Option<String>,
    /// When the configuration in force was applied.
    pub applied_at: Option<Millis>,
}

/// What an engine can be told.
#[derive(Debug)]
enum Control {
    Drain(Duration),
    Suspend,
    Resume,
}

impl Engine {
    /// Starts an engine on its own thread. It takes the dispatcher lock as soon as that is free and there is a good file.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(options: EngineOptions, journal: Journal) -> io::Result<Self> {
        Self::launch(options, journal, None)
    }

    /// As [`Engine::start`], with a script in place of the network.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start_scripted(options: EngineOptions, journal: Journal, script: Arc<dyn Script>) -> io::Result<Self> {
        Self::launch(options, journal, Some(script))
    }

    fn launch(options: EngineOptions, journal: Journal, script: Option<Arc<dyn Script>>) -> io::Result<Self> {
        let (publisher, status) = status::Publisher::new();
        let (control, orders) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
            runtime.block_on(supervisor::supervise(options, journal, script, publisher, orders));
            // The system may still look up a name, or read certificates: what it takes is bounded by nobody, a stop is.
            runtime.shutdown_background();
        })?;
        Ok(Self { status, control, thread: Some(thread) })
    }

    /// What it does, now and whenever that changes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Arc<Status>> {
        self.status.clone()
    }

    /// No new attempts; those in flight have this long, the rest is interrupted; then the lock is released.
    /// [`Role::Stopped`] tells the end. A second call with a shorter time shortens the wait.
    pub fn drain(&self, patience: Duration) {
        let _ = self.control.send(Control::Drain(patience));
    }

    /// Drains (5 s at most) and releases the lock, to be resumed: Ctrl-z.
    pub fn suspend(&self) {
        let _ = self.control.send(Control::Suspend);
    }

    /// Takes part again after [`Engine::suspend`].
    pub fn resume(&self) {
        let _ = self.control.send(Control::Resume);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.drain(PATIENCE);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
