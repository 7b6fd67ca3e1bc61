//! A project with a large journal, made through the journal's own operations; and a stream of further events.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hooktui::config::{self, Env, Project};
use hooktui::event::{Event, Millis, Outcome, Reason, Trigger};
use hooktui::journal::{
    AttemptRecord, ClaimRequest, Claimed, Durability, EndpointUpdate, Epoch, Journal, Pick, Role, RouteBy, Settlement,
    Submission, Verdict,
};

use crate::{Result, go_on};

/// How much a journal holds.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Deliveries that got through.
    pub delivered: usize,
    /// Dead letters.
    pub dead: usize,
}

/// What the bars are for.
pub const WHOLE: Size = Size { delivered: 1_000_000, dead: 100_000 };
/// A tenth of it.
pub const QUICK: Size = Size { delivered: 100_000, dead: 10_000 };

/// Endpoints that the journal is filled with.
const FILLED: [&str; 5] = ["slack", "ci-hook", "ops", "metrics", "archive"];
/// The endpoint of the running deliveries.
const LIVE: &str = "live";
/// Operations that share a transaction.
const CHUNK: usize = 2_000;
/// All of it happened within so many milliseconds.
const SPREAD: Millis = 6 * 3_600_000;

/// A project on disk.
#[derive(Debug)]
pub struct Ground {
    project: Project,
    _folder: tempfile::TempDir,
}

impl Ground {
    /// A project whose endpoints all lead to this port.
    pub fn lay(port: u16) -> Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("hooktui-console-").tempdir().map_err(|error| error.to_string())?;
        let project = Project::at(folder.path());
        let endpoint =
            |name: &str| format!("    - {{name: {name}, url: \"http://127.0.0.1:{port}/\", events: [{name}.*]}}\n");
        let endpoints: String = FILLED.iter().chain([&LIVE]).map(|name| endpoint(name)).collect();
        let file = format!("hooktui:\n  journal: {{durability: normal, max_size: 0}}\n  webhooks:\n{endpoints}");
        std::fs::write(&project.file, file).map_err(|error| error.to_string())?;
        Ok(Self { project, _folder: folder })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.project.root
    }

    fn journal(&self) -> PathBuf {
        self.project.journal_path(None)
    }

    /// Bytes of the journal.
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(self.journal()).map_or(0, |file| file.len())
    }

    /// Fills the journal.
    pub fn fill(&self, size: Size) -> Result<()> {
        let loaded = config::load(&self.project, &Env::Fixed(BTreeMap::new()));
        let config = loaded.config.ok_or("the file of the bench is not valid")?;
        let journal = Journal::open(&self.journal(), Durability::Normal, Role::Resident).map_err(text)?;
        let started = now() - SPREAD;
        let epoch = journal.take_over(std::process::id(), 3_600_000, started).wait().map_err(text)?.epoch;
        let specs = config.endpoints.iter().map(Into::into).collect();
        let revision = Arc::new(config.revision());
        let applied = journal.apply_revision(epoch, revision, specs, started).wait().map_err(text)?;
        let key = |name: &str| {
            let id = config.endpoints.iter().find(|one| one.route.name == name).map(|one| &one.route.endpoint);
            applied
                .keys
                .iter()
                .find(|(known, _)| Some(known) == id)
                .map(|(_, key)| *key)
                .ok_or("an endpoint is missing")
        };
        let whole = size.delivered + size.dead;
        let every = whole / size.dead.max(1);
        for (chunk, first) in (0..whole).step_by(CHUNK).enumerate() {
            go_on()?;
            let name = FILLED.get(chunk % FILLED.len()).copied().unwrap_or(LIVE);
            let part = i64::try_from(first).unwrap_or(0) * SPREAD / i64::try_from(whole).unwrap_or(1);
            let filler = Filler { journal: &journal, epoch, endpoint: key(name)?, every, now: started + part };
            filler.fill(name, first, CHUNK.min(whole - first))?;
        }
        journal.hand_back(epoch).wait().map_err(text)
    }

    /// Puts so many events a second into the journal until it is dropped.
    pub fn stream(&self, per_second: usize) -> Result<Stream> {
        let journal = Journal::open(&self.journal(), Durability::Normal, Role::Command).map_err(text)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let (begun, mut poured) = (Instant::now(), 0);
            while !stopped.load(Ordering::Relaxed) {
                let due = usize::try_from(begun.elapsed().as_millis()).unwrap_or(0) * per_second / 1_000;
                let events = (poured..due).map(|_| Submission::new(Event::new(format!("{LIVE}.event")))).collect();
                if due > poured && journal.accept(events, RouteBy::Applied, now()).wait().is_err() {
                    return;
                }
                poured = poured.max(due);
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        Ok(Stream { stop, thread: Some(thread) })
    }
}

/// Events that come in.
#[derive(Debug)]
pub struct Stream {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Puts in a chunk of deliveries and ends them.
struct Filler<'a> {
    journal: &'a Journal,
    epoch: Epoch,
    endpoint: i64,
    /// One in so many dies.
    every: usize,
    now: Millis,
}

impl Filler<'_> {
    fn fill(&self, name: &str, first: usize, count: usize) -> Result<()> {
        let event = |n: usize| Event {
            id: format!("evt-{n:08}"),
            session: "acme".to_owned(),
            message: format!("step {n} of the build of acme-api went as it went"),
            ..Event::new(format!("{name}.built"))
        };
        let events = (first..first + count).map(|n| Submission::new(event(n))).collect();
        self.journal.accept(events, RouteBy::Applied, self.now).wait().map_err(text)?;
        let (pick, trigger) = (Pick::Due, Trigger::Auto);
        let request = ClaimRequest {
            epoch: self.epoch,
            endpoint: self.endpoint,
            pick,
            trigger,
            limit: count,
            now: self.now,
            max_age: None,
            below_crashes: u32::MAX,
        };
        let claimed = self.journal.claim(request).wait().map_err(text)?.claimed;
        let ends: Vec<_> = (first..).zip(&claimed).map(|(n, one)| self.end(n, one)).collect();
        self.journal.settle(ends, self.now).wait().map_err(text)?;
        Ok(())
    }

    fn end(&self, n: usize, claimed: &Claimed) -> Settlement {
        let dead = n.is_multiple_of(self.every);
        let attempt = AttemptRecord {
            number: claimed.number,
            started_at: self.now,
            trigger: Trigger::Auto,
            outcome: if dead { Outcome::Refused } else { Outcome::Delivered },
            status: Some(if dead { 422 } else { 200 }),
            // Every row of the list looks different: the bench must see it move.
            error: dead.then(|| format!("no such build {n:08}")),
            duration_us: Some(5_000),
            resolve_us: None,
            first_byte_us: Some(4_000),
            remote: None,
            request_headers: [("Content-Type".to_owned(), "application/json".to_owned())].into_iter().collect(),
            body_as_stored: true,
            request_body: claimed.event.json().to_owned().into(),
            response_headers: std::iter::empty().collect(),
            response_body: b"ok".to_vec(),
        };
        Settlement {
            epoch: self.epoch,
            delivery: claimed.delivery,
            endpoint: self.endpoint,
            was: claimed.was,
            claimed_at: claimed.claimed_at,
            body_hash: claimed.body_hash.clone(),
            attempt,
            verdict: if dead { Verdict::Dead(Reason::Permanent) } else { Verdict::Delivered },
            charged: true,
            update: EndpointUpdate::default(),
        }
    }
}

fn now() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
