//! The desk: engine, journal and feed of one project, and how effects are performed on them.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::config::{self, Config, Env, Project};
use crate::engine::clock::Clock;
use crate::engine::{Engine, EngineOptions, Status};
use crate::engine::{panic_log, replay};
use crate::journal::{Actor, Course, Journal, JournalError, Role};

use super::app::Ground;
use super::deeds;
use super::effects::Deed;
use super::feed::{Ask, Feed};
use super::msg::Msg;

/// What it takes to lay a desk.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The project.
    pub project: Project,
    /// Variables for its file.
    pub env: Env,
    /// Who sits at it.
    pub actor: Actor,
}

/// Why there is no desk.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No thread for engine or feed.
    #[error("cannot start: {0}")]
    Start(#[from] io::Error),
}

/// Engine, journal and feed. Dropping it ends the engine, which drains for 5 s at most.
#[derive(Debug)]
pub struct Desk {
    engine: Engine,
    journal: Journal,
    feed: Feed,
    actor: Actor,
    inbox: UnboundedSender<Msg>,
    /// Of the newest act.
    course: RefCell<Course>,
    /// Drives the newest gentle retry.
    replay: RefCell<Option<JoinHandle<()>>>,
}

/// What goes on stops at its next step, and is written down as far as it has come.
impl Drop for Desk {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.replay.take() {
            let _ = thread.join();
        }
    }
}

impl Desk {
    /// Opens the journal, starts the engine and the feed. What they tell goes to `inbox`.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub fn lay(setting: Setting, inbox: UnboundedSender<Msg>) -> Result<Self, DeskError> {
        let loaded = config::load(&setting.project, &setting.env);
        let settings = loaded.config.as_deref().filter(|_| !loaded.blank).map(|config| &config.journal);
        let journal = Journal::of(&setting.project, settings, Role::Resident)?;
        panic_log::keep(&setting.project);
        let feed = Feed::start(journal.reader()?, inbox.clone())?;
        let options = EngineOptions { project: setting.project, env: setting.env, clock: Clock::System };
        let engine = Engine::start(options, journal.clone())?;
        let (course, replay) = (RefCell::new(Course::default()), RefCell::new(None));
        Ok(Self { engine, journal, feed, actor: setting.actor, inbox, course, replay })
    }

    /// The project as the console shows it.
    #[must_use]
    pub fn ground(project: &Project) -> Ground {
        let file = project.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ground { name: project.name(), root: project.root.clone(), file }
    }

    /// What the engine does.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Arc<Status>> {
        self.engine.status()
    }

    /// Commits of this process.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.journal.changes()
    }

    /// The engine, for draining and suspending.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Asks the journal.
    pub fn ask(&self, ask: Ask) {
        self.feed.ask(ask);
    }

    /// Does it; how far it has come and how it ended comes as messages.
    pub fn act(&self, deed: Deed) {
        let course = Course::new(deeds::rows(&deed));
        // One row is done before it could be stopped, and must not hide what goes on.
        if course.of() > 1 {
            self.course.replace(course.clone());
        }
        let (journal, actor, inbox) = (self.journal.clone(), self.actor.clone(), self.inbox.clone());
        let deed = match deed {
            Deed::SendCopy(draft) => {
                tokio::spawn(async move { inbox.send(deeds::send_copy(&journal, actor, *draft).await) });
                return;
            }
            Deed::Replay(selection, _) => {
                let order = replay::Order { selection, actor, pace: replay::default_pace() };
                let (thread, ended) = deeds::replay(journal, order, course.clone());
                self.replay.replace(thread);
                tokio::spawn(deeds::follow(ended, course, inbox));
                return;
            }
            deed => deed,
        };
        tokio::spawn(async move {
            let work = deeds::act(&journal, actor, deed, &course);
            deeds::follow(work, course.clone(), inbox).await;
        });
    }

    /// The act on many that goes on stops at its next step.
    pub fn stop(&self) {
        self.course.borrow().cancel();
    }

    /// Sends a test event to an endpoint of the file in force; how it ended comes as a message.
    pub fn test(&self, config: Arc<Config>, endpoint: String) {
        let (journal, inbox) = (self.journal.clone(), self.inbox.clone());
        tokio::spawn(async move {
            let outcome = deeds::test(&journal, &config, &endpoint).await.unwrap_or_else(deeds::bad);
            let _ = inbox.send(Msg::Done(outcome));
        });
    }

    /// No new attempts; what is in flight has this long.
    pub fn drain(&self, patience: Duration) {
        self.engine.drain(patience);
    }
}
