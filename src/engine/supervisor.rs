//! The engine's life: waiting for a good file, standing by for the lock, dispatching, set aside, stopped.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::config::Config;
use crate::journal::lock::DispatcherLock;
use crate::journal::wake::WakeSocket;
use crate::journal::{Journal, Level, LogLine, LogSource, TakeOver};

use super::clock::{Clock, millis};
use super::dispatch::{Desk, Dispatch, End, Inputs};
use super::files::Files;
use super::status::Publisher;
use super::transport::Script;
use super::{Control, EngineOptions, Role, retry};

/// A standby tries the lock this often.
const LOCK_EVERY: Duration = Duration::from_millis(250);

/// Who waits for a good file looks this often whether the journal is in its place.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// After trouble at taking over, the next try waits this long.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// Runs an engine to its end.
pub(super) async fn supervise(
    options: EngineOptions,
    journal: Journal,
    script: Option<Arc<dyn Script>>,
    mut status: Publisher,
    control: mpsc::UnboundedReceiver<Control>,
) {
    let files = Files::new(options.project, options.env, options.clock.clone());
    let mut supervisor = Supervisor { clock: options.clock, journal, script, files, control };
    supervisor.files.read();
    supervisor.publish_file(&mut status);
    loop {
        // What would be stored there nobody would find.
        let gone = supervisor.journal.in_place().err();
        let step = match (&gone, supervisor.files.good()) {
            (Some(_), _) => Step::End(End::Stopped),
            (None, None) => supervisor.wait_for_file(&mut status).await,
            (None, Some(config)) => supervisor.stand_by(config, &mut status).await,
        };
        let end = match step {
            Step::Again => continue,
            Step::End(end) => end,
        };
        supervisor.files.let_go();
        supervisor.publish_file(&mut status);
        status.update(|status| {
            status.role = Role::Stopped;
            (status.in_flight, status.idle) = (0, false);
            status.trouble = gone.map(|gone| gone.to_string()).or(status.trouble.take());
        });
        if end == End::Stopped || !supervisor.resumed().await {
            return;
        }
        supervisor.files.read();
    }
}

/// What comes after a phase.
enum Step {
    Again,
    End(End),
}

struct Supervisor {
    clock: Clock,
    journal: Journal,
    script: Option<Arc<dyn Script>>,
    files: Files,
    control: mpsc::UnboundedReceiver<Control>,
}

impl Supervisor {
    async fn wait_for_file(&mut self, status: &mut Publisher) -> Step {
        status.update(|status| status.role = Role::Waiting);
        tokio::select! {
            told = self.control.recv() => return ended(told.as_ref()),
            _ = self.files.next() => {}
            () = self.clock.sleep(LOOK_EVERY) => {}
        }
        self.publish_file(status);
        Step::Again
    }

    /// Tries the lock until it is free, then dispatches.
    async fn stand_by(&mut self, config: Arc<Config>, status: &mut Publisher) -> Step {
        let taken = DispatcherLock::try_take(self.journal.path());
        let wait = match taken {
            Ok(Some(lock)) => match self.dispatch(config, lock, status).await {
                Ok(End::Lost) if self.journal.in_place().is_err() => return Step::Again,
                Ok(End::Lost) => AFTER_TROUBLE,
                Ok(end) => return Step::End(end),
                Err(trouble) => {
                    status.update(|status| status.trouble = Some(trouble));
                    AFTER_TROUBLE
                }
            },
            Ok(None) => {
                let pid = DispatcherLock::holder(self.journal.path());
                status.update(|status| {
                    status.role = Role::Standby { pid };
                    status.trouble = None;
                });
                LOCK_EVERY
            }
            Err(error) => {
                status.update(|status| status.trouble = Some(format!("the dispatcher lock cannot be taken: {error}")));
                AFTER_TROUBLE
            }
        };
        let clock = self.clock.clone();
        tokio::select! {
            told = self.control.recv() => return ended(told.as_ref()),
            _ = self.files.next() => self.publish_file(status),
            () = clock.sleep(wait) => {}
        }
        Step::Again
    }

    /// With the lock held: takes over, delivers, hands back.
    async fn dispatch(
        &mut self,
        config: Arc<Config>,
        lock: DispatcherLock,
        status: &mut Publisher,
    ) -> Result<End, String> {
        let lock = Arc::new(lock);
        let now = self.clock.now();
        let pid = std::process::id();
        let taken =
            self.journal.take_over(pid, longest_delay(&config), now).await.map_err(|error| error.to_string())?;
        // Without the socket the look each second still finds what comes in.
        let wake = WakeSocket::bind(self.journal.path()).ok();
        let news = self.journal.news();
        let desk = Desk {
            journal: self.journal.clone(),
            clock: self.clock.clone(),
            epoch: taken.epoch,
            lock: lock.clone(),
            script: self.script.clone(),
        };
        let mut dispatch = Dispatch::begin(desk, &taken, config.clone()).await?;
        self.files.applied(config, now);
        self.publish_file(status);
        status.update(|status| {
            status.role = Role::Dispatching { since: now };
            status.trouble = None;
        });
        let _ = self.journal.log(started(&taken, pid), now).await;
        let mut inputs = Inputs { control: &mut self.control, files: &mut self.files, wake, news };
        let end = dispatch.run(&mut inputs, status).await;
        drop(dispatch);
        let _ = self.journal.hand_back(taken.epoch).await;
        drop(lock);
        Ok(end)
    }

    /// Set aside: waits to be resumed; `false` if it is to end instead.
    async fn resumed(&mut self) -> bool {
        loop {
            match self.control.recv().await {
                Some(Control::Resume) => return true,
                Some(Control::Suspend) => {}
                Some(Control::Drain(_)) | None => return false,
            }
        }
    }

    fn publish_file(&self, status: &mut Publisher) {
        status.update(|status| status.file = self.files.status().clone());
    }
}

/// Outside of dispatching there is nothing to drain.
fn ended(told: Option<&Control>) -> Step {
    match told {
        Some(Control::Resume) => Step::Again,
        Some(Control::Suspend) => Step::End(End::Suspended),
        Some(Control::Drain(_)) | None => Step::End(End::Stopped),
    }
}

/// No retry of this file waits longer, in ms.
fn longest_delay(config: &Config) -> u64 {
    let delays = config.endpoints.iter().map(|endpoint| retry::longest(&endpoint.policy.retry));
    u64::try_from(delays.max().map_or(0, millis)).unwrap_or(0)
}

fn started(taken: &TakeOver, pid: u32) -> LogLine {
    let (level, text) = match taken.interrupted {
        0 => (Level::Info, format!("dispatcher started (pid {pid})")),
        n => (Level::Warning, format!("dispatcher started (pid {pid}); {n} in flight before were interrupted")),
    };
    LogLine { level, source: LogSource::Engine, who: None, endpoint: None, text }
}
