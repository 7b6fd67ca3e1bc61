//! `hooktui run`: the dispatcher without a screen; attempts as lines.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::config::{Env, Severity};
use crate::engine::clock::Clock;
use crate::engine::{Engine, EngineOptions, Role, Status, panic_log};
use crate::journal::{self, EndpointRow, Held, Journal, Reader};
use crate::present::escape;

use super::exit::{Exit, Failure, Outcome};
use super::follow::{Follower, Form};
use super::out::{Out, tell};
use super::place::{Context, Place, now};
use super::values;

/// How long attempts in flight may take once it has been told to stop.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a standby looks whether the other one is idle.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Options of `run`.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Exit once nothing is in flight and nothing can become due
    #[arg(long)]
    until_idle: bool,
    /// With --until-idle: exit 4 if that takes longer, for example 5m
    #[arg(long, value_name = "DURATION", value_parser = values::duration, requires = "until_idle")]
    max_wait: Option<Duration>,
    /// One JSON object per attempt
    #[arg(long)]
    json: bool,
}

/// Delivers until it is told to stop.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    for problem in &context.loaded.problems {
        tell(problem);
    }
    context.config()?;
    if context.loaded.blank {
        // Later an empty file never replaces a good one; at the start there is none, and nothing would ever be delivered.
        let file = context.loaded.path.display();
        return Err(Failure::failed(format!("{file} is empty: nothing can be delivered; write endpoints into it")));
    }
    if let Some(left) = context.left_behind() {
        tell(escape::line(&left));
    }
    let journal = context.journal_as(journal::Role::Resident)?;
    panic_log::keep(&context.project);
    // Signals are listened for before the engine begins: none may cut an attempt off.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}")))?
        .block_on(deliver(args, &context, journal, out))
}

async fn deliver(args: &Args, context: &Context, journal: Journal, out: &mut Out) -> Outcome {
    let mut stops = Stops::listen().map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    let reader = journal.reader()?;
    let follower = Follower::from_now(journal.reader()?)?;
    let changes = journal.changes();
    let engine = Engine::start(options(context), journal)?;
    let status = engine.status();
    let deadline = args.max_wait.map(|wait| Instant::now() + wait);
    let form = if args.json { Form::Json } else { Form::Text };
    let mut watch = Watch { engine, reader, status, changes, follower, form, told: Told::default() };
    let exit = watch.until_done(args.until_idle, deadline, &mut stops, out).await?;
    watch.stop(&mut stops, out).await?;
    Ok(exit)
}

/// What an engine of this project needs.
#[must_use]
pub fn options(context: &Context) -> EngineOptions {
    EngineOptions { project: context.project.clone(), env: Env::Process, clock: Clock::System }
}

/// A running engine and what is said about it.
struct Watch {
    engine: Engine,
    reader: Reader,
    status: watch::Receiver<Arc<Status>>,
    changes: watch::Receiver<i64>,
    follower: Follower,
    form: Form,
    told: Told,
}

impl Watch {
    /// Prints what happens until a signal comes, it is idle and may end then, or the deadline has passed.
    async fn until_done(
        &mut self,
        until_idle: bool,
        deadline: Option<Instant>,
        stops: &mut Stops,
        out: &mut Out,
    ) -> Outcome {
        loop {
            let now = Arc::clone(&self.status.borrow_and_update());
            let ended = now.role == Role::Stopped;
            if !ended {
                self.told.tell(&now);
            }
            self.print_new(out)?;
            if ended {
                return Err(Failure::failed(now.trouble.clone().unwrap_or_else(|| "the dispatcher ended".to_owned())));
            }
            let stands_by = until_idle && matches!(now.role, Role::Standby { .. });
            if until_idle && now.idle || stands_by && is_idle(&self.reader)? {
                return Ok(Exit::Done);
            }
            tokio::select! {
                // Nobody tells what another process does.
                () = tokio::time::sleep(LOOK_EVERY), if stands_by => {}
                () = stops.next() => return Ok(Exit::Done),
                _ = self.status.changed() => {}
                _ = self.changes.changed() => {}
                () = reached(deadline) => {
                    tell("--max-wait has passed and there is still work; see `hooktui status`");
                    return Ok(Exit::Waiting);
                }
            }
        }
    }

    /// No new attempts, some seconds for those in flight; a second signal ends it at once.
    async fn stop(mut self, stops: &mut Stops, out: &mut Out) -> Result<(), Failure> {
        let in_flight = self.status.borrow().in_flight;
        if in_flight > 0 {
            tell(format_args!("stopping: {in_flight} in flight have 5 s; Ctrl-c again ends at once"));
        }
        self.engine.drain(PATIENCE);
        loop {
            if self.status.borrow_and_update().role == Role::Stopped {
                break;
            }
            tokio::select! {
                changed = self.status.changed() => if changed.is_err() { break },
                () = stops.next() => self.engine.drain(Duration::ZERO),
            }
        }
        self.print_new(out)
    }

    /// Prints the newest attempts while anybody reads them; delivering does not depend on it.
    fn print_new(&mut self, out: &mut Out) -> Result<(), Failure> {
        if out.is_reader_gone() {
            return Ok(());
        }
        self.follower.print_new(out, self.form)?;
        if out.is_reader_gone() {
            tell("nobody reads the attempts any more; delivering goes on");
        }
        Ok(())
    }
}

/// Whether whoever dispatches has nothing in flight and nothing that can become due: what a person or the file holds does not
/// count.
fn is_idle(reader: &Reader) -> Result<bool, Failure> {
    let now = now();
    let quiet = |row: &EndpointRow| {
        let waits = row.counts.queued + row.counts.scheduled > 0;
        let held = matches!(row.held(now), Some(Held::Removed | Held::Disabled | Held::Paused | Held::Missing));
        row.counts.in_flight == 0 && (!waits || held)
    };
    Ok(reader.orders()?.is_empty() && reader.endpoints()?.iter().all(quiet))
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// SIGTERM, SIGHUP, Ctrl-c: each means stop.
pub(super) struct Stops {
    signals: [Signal; 3],
}

impl Stops {
    pub(super) fn listen() -> std::io::Result<Self> {
        let [term, hangup, interrupt] = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
        Ok(Self { signals: [signal(term)?, signal(hangup)?, signal(interrupt)?] })
    }

    pub(super) async fn next(&mut self) {
        let [term, hangup, interrupt] = &mut self.signals;
        tokio::select! {
            _ = term.recv() => {}
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// What was said about the engine last: said again only when it changes.
#[derive(Debug, Default)]
struct Told {
    role: Option<Role>,
    trouble: Option<String>,
    file: Vec<String>,
}

impl Told {
    fn tell(&mut self, status: &Status) {
        if self.role.as_ref() != Some(&status.role) {
            match &status.role {
                Role::Dispatching { .. } => tell(format_args!("dispatching (pid {})", std::process::id())),
                Role::Standby { pid } => {
                    let who = pid.map_or_else(|| "another process".to_owned(), |pid| format!("pid {pid}"));
                    tell(format_args!("standing by: {who} dispatches; this one takes over when it ends"));
                }
                Role::Waiting => tell("waiting for a file that is valid"),
                Role::Starting | Role::Draining | Role::Stopped => {}
            }
            self.role = Some(status.role.clone());
        }
        if self.trouble != status.trouble {
            if let Some(trouble) = &status.trouble {
                tell(escape::line(trouble));
            }
            self.trouble.clone_from(&status.trouble);
        }
        let file = file_lines(status);
        if self.file != file {
            for line in &file {
                tell(line);
            }
            self.file = file;
        }
    }
}

/// Why the newest reading of the file was not taken.
fn file_lines(status: &Status) -> Vec<String> {
    let errors = status.file.problems.iter().filter(|problem| problem.severity == Severity::Error);
    errors.map(ToString::to_string).chain(status.file.banner.clone()).collect()
}
