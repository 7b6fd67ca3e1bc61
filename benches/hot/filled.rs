//! A project and a journal with something in it, made once for all benches.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use hooktui::config::{self, Config, Env, Project};
use hooktui::event::{Event, Millis, Outcome, Reason, Trigger};
use hooktui::journal::{
    AttemptRecord, ClaimRequest, Claimed, Durability, EndpointUpdate, Epoch, Headers, Journal, Level, LogLine,
    LogSource, Pick, Role, RouteBy, Settlement, Submission, Verdict,
};
use hooktui::wire::Format;

/// Deliveries in the journal.
pub const ROWS: usize = 100_000;
/// When all of it happened.
pub const NOW: Millis = 1_795_349_021_000;
/// One delivery in so many is a dead letter.
const DEAD: usize = 10;
/// Events a transaction while the journal is filled.
const CHUNK: usize = 1_000;

/// A template of the usual size.
const TEMPLATE: &str = "{\"text\": {{json .Message}}, \"from\": \"{{.Session}} {{.Details.branch}}\"}";

/// The file: an endpoint for each format and one with a template, signed, of which the first gets every event and the others
/// none.
pub static CONFIG: LazyLock<Arc<Config>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let project = Project::at(folder.path());
    let formats = Format::WORDS.iter().map(|(format, _)| (format.as_str(), format!("formatter: {}", format.as_str())));
    let bodies = formats.chain([("template", format!("template: '{TEMPLATE}'"))]);
    let endpoint = |(n, (word, body))| {
        let events = if n == 0 { "*" } else { "none.such" };
        let url = format!("https://{word}.example.com/hook");
        format!("  - {{name: {word}, url: \"{url}\", {body}, secret: s3cr3t-s3cr3t, events: [\"{events}\"]}}\n")
    };
    let endpoints: String = bodies.enumerate().map(endpoint).collect();
    std::fs::write(&project.file, format!("webhooks:\n{endpoints}")).unwrap();
    let loaded = config::load(&project, &Env::Fixed(BTreeMap::new()));
    loaded.config.unwrap()
});

/// An event of the size that agents make.
pub fn event(id: &str) -> Event {
    Event {
        id: id.to_owned(),
        session: "acme".to_owned(),
        pane: "%3".to_owned(),
        agent: "claude".to_owned(),
        message: "The build of acme-api broke in step 4 of 9: linking failed with 12 errors. ".repeat(3),
        details: [("exit", "101"), ("branch", "main"), ("step", "link")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        ..Event::new("agent.error")
    }
}

/// Journals in which all deliveries wait, the second to be drained, and one in which all have ended.
pub static WAITING: LazyLock<Filled> = LazyLock::new(|| Filled::waiting(ROWS));
pub static DRAINED: LazyLock<Filled> = LazyLock::new(|| Filled::waiting(ROWS));
pub static ENDED: LazyLock<Filled> = LazyLock::new(|| Filled::ended(ROWS));

/// A journal whose deliveries all go to one endpoint.
pub struct Filled {
    pub journal: Journal,
    pub epoch: Epoch,
    pub endpoint: i64,
    _folder: tempfile::TempDir,
}

/// As `accept` was made for: each event with an id of its own.
pub fn submissions(first: usize, n: usize) -> Vec<Submission> {
    (first..first + n).map(|n| Submission::new(event(&format!("evt-{n:08}")))).collect()
}

impl Filled {
    /// Commits without waiting for the disk: what is measured is ours, not the disk's.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::at(&folder.path().join("journal.db"), folder)
    }

    fn at(path: &Path, folder: tempfile::TempDir) -> Self {
        let journal = Journal::open(path, Durability::Normal, Role::Resident).unwrap();
        let epoch = journal.take_over(1, 3_600_000, NOW).wait().unwrap().epoch;
        let specs = CONFIG.endpoints.iter().map(Into::into).collect();
        let applied = journal.apply_revision(epoch, Arc::new(CONFIG.revision()), specs, NOW).wait().unwrap();
        Self { journal, epoch, endpoint: applied.keys.first().unwrap().1, _folder: folder }
    }

    /// With so many deliveries that wait.
    pub fn waiting(rows: usize) -> Self {
        let filled = Self::new();
        for first in (0..rows).step_by(CHUNK) {
            filled.accept(first, CHUNK);
        }
        filled
    }

    /// With so many deliveries that have ended, and a log.
    pub fn ended(rows: usize) -> Self {
        let filled = Self::new();
        for first in (0..rows).step_by(CHUNK) {
            filled.accept(first, CHUNK);
            let claimed = filled.claim(CHUNK);
            let settlements: Vec<_> = claimed.iter().enumerate().map(|(n, one)| filled.settlement(n, one)).collect();
            filled.journal.settle(settlements, NOW).wait().unwrap();
            let text = format!("opened after 5 failures: {first} deliveries wait for 503 Service Unavailable");
            let (level, source, endpoint) = (Level::Warning, LogSource::Circuit, Some("json".to_owned()));
            filled.journal.log(LogLine { level, source, who: None, endpoint, text }, NOW).wait().unwrap();
        }
        filled
    }

    pub fn accept(&self, first: usize, n: usize) {
        let accepted = self.journal.accept(submissions(first, n), RouteBy::Applied, NOW).wait().unwrap();
        assert!(accepted.iter().all(Result::is_ok));
    }

    pub fn claim(&self, limit: usize) -> Vec<Claimed> {
        self.journal.claim(self.request(limit)).wait().unwrap().claimed
    }

    /// For so many of what is due.
    pub fn request(&self, limit: usize) -> ClaimRequest {
        let (pick, trigger, below_crashes) = (Pick::Due, Trigger::Auto, u32::MAX);
        let (epoch, endpoint) = (self.epoch, self.endpoint);
        ClaimRequest { epoch, endpoint, pick, trigger, limit, now: NOW, max_age: None, below_crashes }
    }

    /// How the `n`th delivery ends.
    pub fn settlement(&self, n: usize, claimed: &Claimed) -> Settlement {
        let dead = n.is_multiple_of(DEAD);
        let headers = |all: &[(&str, &str)]| {
            all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Headers>()
        };
        let attempt = AttemptRecord {
            number: claimed.number,
            started_at: NOW,
            trigger: Trigger::Auto,
            outcome: if dead { Outcome::Refused } else { Outcome::Delivered },
            status: Some(if dead { 422 } else { 200 }),
            error: dead.then(|| "no such field \"pane\"".to_owned()),
            duration_us: Some(5_000),
            resolve_us: None,
            first_byte_us: Some(4_000),
            remote: Some("127.0.0.1:443".into()),
            request_headers: headers(&[("Content-Type", "application/json"), ("X-NTM-Signature", "sha256=***")]),
            body_as_stored: true,
            request_body: claimed.event.json().to_owned().into(),
            response_headers: headers(&[("content-length", "2")]),
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
