//! A project of the bench: a directory with a `.ntm.yaml`, a journal, and, when it is started, the engine in this process.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::super::exit::Failure;
use super::super::place::{Context, Place};
use super::super::run;
use super::load::{Emitter, KIND, SECRET};
use super::watch::{Alarm, float, limit_for};
use crate::engine::{Engine, Role};
use crate::journal::{self, Reader};

/// How long the engine may take to start.
const START: Duration = Duration::from_secs(30);

/// How long attempts in flight may take when it is stopped.
const PATIENCE: Duration = Duration::from_secs(1);

/// One endpoint of a project.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Which events it takes.
    pub events: &'static str,
    /// Further keys of its entry, as YAML.
    pub keys: String,
}

impl Endpoint {
    /// One that takes [`KIND`], with so many in flight.
    pub fn new(name: impl Into<String>, url: String, concurrency: u64) -> Self {
        Self { name: name.into(), url, events: KIND, keys: format!("concurrency: {concurrency}") }
    }

    /// One with other keys.
    pub fn with(name: impl Into<String>, url: String, events: &'static str, keys: &str) -> Self {
        Self { name: name.into(), url, events, keys: keys.to_owned() }
    }
}

/// The file of a project: `durability` is `full` or `normal`; the journal may grow as it likes.
fn file(durability: &str, endpoints: &[Endpoint]) -> String {
    let mut file = format!(
        "# Made by `hooktui bench`.\nhooktui:\n  journal: {{durability: {durability}, max_size: 0}}\n  webhooks:\n"
    );
    for Endpoint { name, url, events, keys } in endpoints {
        let _ =
            write!(file, "    - name: {name}\n      url: {url}\n      secret: {SECRET}\n      events: [{events}]\n");
        if !keys.is_empty() {
            let _ = writeln!(file, "      {keys}");
        }
    }
    file
}

/// A project. Its directory goes when this is dropped.
#[derive(Debug)]
pub struct Rig {
    /// The project directory.
    pub root: PathBuf,
    context: Context,
    emitter: Emitter,
    reader: Reader,
    engine: Option<Engine>,
}

impl Rig {
    /// Makes one in `directory`. Nothing is delivered yet.
    pub fn new(
        directory: &Path,
        name: &str,
        durability: &str,
        endpoints: &[Endpoint],
        alarm: &Alarm,
    ) -> Result<Self, Failure> {
        let root = directory.join(name);
        let made = std::fs::create_dir(&root)
            .and_then(|()| std::fs::write(root.join(".ntm.yaml"), file(durability, endpoints)));
        made.map_err(|error| {
            Failure::failed(format!("cannot make a project in {}: {error}; choose another --dir", directory.display()))
        })?;
        let context = Place { directory: Some(root.clone()), journal: None }.open()?;
        context.config()?;
        let journal = context.journal_as(journal::Role::Resident)?;
        let reader = journal.reader()?;
        let emitter = Emitter { journal, route_by: context.route_by(), alarm: alarm.clone() };
        Ok(Self { root, context, emitter, reader, engine: None })
    }

    /// Begins to deliver, as `hooktui run` does; back when the file is applied.
    pub fn start(&mut self) -> Result<(), Failure> {
        let engine = Engine::start(run::options(&self.context), self.emitter.journal.clone())?;
        let status = engine.status();
        self.engine = Some(engine);
        self.emitter.alarm.wait("starting the engine", START, Duration::from_millis(1), || {
            let now = status.borrow().clone();
            if let (Role::Stopped, trouble) = (&now.role, &now.trouble) {
                return Err(Failure::failed(trouble.clone().unwrap_or_else(|| "the engine ended".to_owned())));
            }
            let dispatching = matches!(now.role, Role::Dispatching { .. }) && now.file.applied_at.is_some();
            Ok(dispatching.then_some(()))
        })?;
        self.emitter.route_by = self.context.route_by();
        Ok(())
    }

    /// Ends to deliver, once what is in flight has arrived.
    pub fn stop(&mut self) {
        self.stop_within(PATIENCE);
    }

    fn stop_within(&mut self, patience: Duration) {
        if let Some(engine) = self.engine.take() {
            engine.drain(patience);
        }
        self.emitter.route_by = self.context.route_by();
    }

    /// Puts events in.
    pub fn emitter(&self) -> &Emitter {
        &self.emitter
    }

    /// Looks into the journal.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Where the journal lies.
    pub fn journal_path(&self) -> PathBuf {
        self.context.journal_path()
    }

    /// Deliveries that were ever delivered, by the endpoints whose name begins so.
    pub fn delivered(&self, name: &str) -> Result<u64, Failure> {
        let endpoints = self.reader.endpoints()?;
        Ok(endpoints.iter().filter(|row| row.name.starts_with(name)).map(|row| row.total_delivered).sum())
    }

    /// Sees to it that so many deliveries wait. Each measurement delivers more than it asks for before it is looked at: a small
    /// backlog can be used up before the last round.
    pub fn top_up(&self, least: u64) -> Result<(), Failure> {
        let waiting = self.waiting()?;
        if waiting < least { self.emitter().fill(least - waiting) } else { Ok(()) }
    }

    /// Deliveries that wait for their turn.
    fn waiting(&self) -> Result<u64, Failure> {
        Ok(self.reader.endpoints()?.iter().map(|row| row.counts.queued + row.counts.scheduled).sum())
    }

    /// Waits until so many were delivered, to whichever endpoint. It looks seldom while much is left, so that looking
    /// costs next to nothing.
    pub fn wait_delivered(&self, target: u64) -> Result<(), Failure> {
        self.wait_delivered_by("", target)
    }

    /// As [`Rig::wait_delivered`], for the endpoints whose name begins so.
    pub fn wait_delivered_by(&self, name: &str, target: u64) -> Result<(), Failure> {
        const LONGEST: f64 = 0.05;
        const SHORTEST: f64 = 0.001;
        let (began, before) = (Instant::now(), self.delivered(name)?);
        let limit = limit_for(target.saturating_sub(before));
        loop {
            let delivered = self.delivered(name)?;
            if delivered >= target {
                return Ok(());
            }
            let done = float(delivered.saturating_sub(before)).max(1.0);
            let left = began.elapsed().as_secs_f64() * float(target - delivered) / done;
            let pause = Duration::from_secs_f64((left / 4.0).clamp(SHORTEST, LONGEST));
            self.emitter.alarm.sleep_until(Instant::now() + pause)?;
            if began.elapsed() > limit {
                let (waited, of) = (limit.as_secs(), target - before);
                let got = delivered.saturating_sub(before);
                return Err(Failure::failed(format!(
                    "{got} of {of} deliveries in {waited} s: the machine is too slow or too busy for this; try --quick"
                )));
            }
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop_within(Duration::ZERO);
        // What cannot be removed now goes with the directory above it.
        let _ = std::fs::remove_dir_all(&self.root);
    }
}
