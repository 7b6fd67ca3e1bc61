//! A small vocabulary for tests of the journal.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::event::filter::Filter;
use crate::event::pattern::Patterns;
use crate::event::query::Name;
use crate::event::{Event, Limits, Millis, Outcome, Query, Reason, Revision, Route, Trigger};
use crate::journal::*;

/// The time at which every test begins.
pub const T0: Millis = 1_700_000_000_000;

pub fn event(id: &str) -> Event {
    let json =
        serde_json::json!({"id": id, "type": "agent.error", "timestamp": "2026-11-22T10:00:00Z", "message": "boom"});
    serde_json::from_value(json).unwrap()
}

pub fn route(id: &str) -> Route {
    Route {
        endpoint: id.to_owned(),
        name: format!("{id}-name"),
        host: format!("{id}.example"),
        patterns: Patterns::default(),
        filter: Filter::default(),
        enabled: true,
    }
}

pub fn revision(ids: &[&str]) -> Revision {
    Revision { routes: ids.iter().map(|id| route(id)).collect(), ..Revision::default() }
}

pub fn limited(ids: &[&str], limits: Limits) -> Revision {
    Revision { limits, ..revision(ids) }
}

pub fn spec(id: &str) -> EndpointSpec {
    EndpointSpec {
        id: id.to_owned(),
        name: format!("{id}-name"),
        host: format!("{id}.example"),
        address_hash: [7; 32],
        enabled: true,
        missing: None,
    }
}

pub fn record(number: u32, outcome: Outcome, status: Option<u16>) -> AttemptRecord {
    AttemptRecord {
        number,
        started_at: T0,
        trigger: Trigger::Auto,
        outcome,
        status,
        error: (outcome != Outcome::Delivered).then(|| format!("{outcome}")),
        duration_us: Some(5_000),
        resolve_us: None,
        first_byte_us: Some(4_000),
        remote: Some("127.0.0.1:80".into()),
        request_headers: [("X".to_owned(), "y".to_owned())].into_iter().collect(),
        body_as_stored: false,
        request_body: bytes::Bytes::from_static(b"{}"),
        response_headers: Headers::default(),
        response_body: b"ok".to_vec(),
    }
}

/// A journal in a folder of its own, with a dispatcher's lease where a test wants one.
pub struct Bench {
    pub journal: Journal,
    pub epoch: Epoch,
    pub keys: Vec<i64>,
    /// Removed when the test ends.
    _folder: Option<tempfile::TempDir>,
}

/// A bench around a journal that a test opened itself.
pub fn adopt(journal: Journal, epoch: Epoch, key: i64) -> Bench {
    Bench { _folder: None, journal, epoch, keys: vec![key] }
}

impl Bench {
    /// A journal without a dispatcher.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".hooktui/journal.db");
        let journal = Journal::open(&path, Durability::Normal, Role::Resident).unwrap();
        Self { _folder: Some(folder), journal, epoch: Epoch(0), keys: Vec::new() }
    }

    /// A journal with a dispatcher that has applied these endpoints.
    pub fn new(ids: &[&str]) -> Self {
        Self::with(&revision(ids))
    }

    pub fn with(revision: &Revision) -> Self {
        let mut bench = Self::bare();
        bench.take_over();
        bench.apply(revision);
        bench
    }

    pub fn path(&self) -> PathBuf {
        self.journal.path().to_owned()
    }

    pub fn take_over(&mut self) -> TakeOver {
        let taken = self.journal.take_over(4_711, 3_600_000, T0).wait().unwrap();
        self.epoch = taken.epoch;
        taken
    }

    pub fn apply(&mut self, revision: &Revision) -> Applied {
        let specs =
            revision.routes.iter().map(|route| EndpointSpec { enabled: route.enabled, ..spec(&route.endpoint) });
        self.apply_specs(revision, specs.collect())
    }

    pub fn apply_specs(&mut self, revision: &Revision, specs: Vec<EndpointSpec>) -> Applied {
        let applied = self.journal.apply_revision(self.epoch, Arc::new(revision.clone()), specs, T0).wait().unwrap();
        self.keys = applied.keys.iter().map(|(_, key)| *key).collect();
        applied
    }

    pub fn submit(&self, submission: Submission) -> Result<Accepted, Refusal> {
        self.journal.accept(vec![submission], RouteBy::Applied, T0).wait().unwrap().remove(0)
    }

    pub fn emit(&self, id: &str) -> Accepted {
        self.submit(Submission::new(event(id))).unwrap()
    }

    pub fn emit_many(&self, n: usize) {
        let submissions = (0..n).map(|i| Submission::new(event(&format!("e{i:05}")))).collect();
        for accepted in self.journal.accept(submissions, RouteBy::Applied, T0).wait().unwrap() {
            accepted.unwrap();
        }
    }

    pub fn request(&self, endpoint: i64, pick: Pick) -> ClaimRequest {
        ClaimRequest {
            epoch: self.epoch,
            endpoint,
            pick,
            trigger: Trigger::Auto,
            limit: 100,
            now: T0,
            max_age: None,
            below_crashes: u32::MAX,
        }
    }

    pub fn claim(&self, pick: Pick) -> Claim {
        self.claim_at(pick, T0)
    }

    pub fn claim_at(&self, pick: Pick, now: Millis) -> Claim {
        self.journal.claim(ClaimRequest { now, ..self.request(self.keys[0], pick) }).wait().unwrap()
    }

    pub fn settlement(&self, claimed: &Claimed, verdict: Verdict) -> Settlement {
        let (outcome, status) = match verdict {
            Verdict::Delivered => (Outcome::Delivered, Some(200)),
            _ => (Outcome::Refused, Some(500)),
        };
        Settlement {
            epoch: self.epoch,
            delivery: claimed.delivery,
            endpoint: self.keys[0],
            was: claimed.was,
            claimed_at: claimed.claimed_at,
            body_hash: claimed.body_hash.clone(),
            attempt: record(claimed.number, outcome, status),
            verdict,
            charged: true,
            update: EndpointUpdate::default(),
        }
    }

    pub fn settle(&self, claimed: &Claimed, verdict: Verdict) -> Vec<Buried> {
        self.journal.settle(vec![self.settlement(claimed, verdict)], T0).wait().unwrap()
    }

    /// Claims all that is due and lets it end like this.
    pub fn run(&self, verdict: Verdict) {
        for claimed in self.claim(Pick::Due).claimed {
            self.settle(&claimed, verdict);
        }
    }

    pub fn reader(&self) -> Reader {
        self.journal.reader().unwrap()
    }

    pub fn delivery(&self, id: &str) -> DeliveryDetail {
        self.reader().delivery(id).unwrap().unwrap()
    }

    pub fn endpoint(&self, id: &str) -> EndpointRow {
        self.reader().overview(T0).unwrap().endpoints.into_iter().find(|endpoint| endpoint.id == id).unwrap()
    }

    /// What must hold after any operation: counters equal the rows, references lead somewhere, the file is sound.
    pub fn check(&self) {
        check(&self.path());
    }
}

pub fn check(path: &Path) {
    let conn = rusqlite::Connection::open(path).unwrap();
    let broken: String = conn.query_row("PRAGMA quick_check", [], |row| row.get(0)).unwrap();
    assert_eq!(broken, "ok");
    let dangling = conn.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap();
    assert!(!dangling, "a reference leads nowhere");
    let lost = "SELECT 1 FROM attempts a JOIN deliveries d ON d.seq = a.delivery
         WHERE (a.is_first IS NOT NULL) <> (d.first_attempt IS a.seq)";
    assert!(!conn.prepare(lost).unwrap().exists([]).unwrap(), "an attempt that its delivery does not find");
    let astray = "SELECT 1 FROM flights f JOIN deliveries d ON d.seq = f.delivery
         WHERE d.endpoint <> f.endpoint OR d.urgent OR f.epoch > (SELECT value FROM meta WHERE key = 'epoch')
         UNION ALL SELECT 1 FROM deliveries WHERE state = 2";
    assert!(!conn.prepare(astray).unwrap().exists([]).unwrap(), "a claim and its delivery do not go together");
    let miscounted = "SELECT 1 FROM header_sets WHERE users <>
         (SELECT count(*) FROM attempts WHERE request_set = key) + (SELECT count(*) FROM attempts WHERE response_set = key)";
    assert!(!conn.prepare(miscounted).unwrap().exists([]).unwrap(), "a set of headers does not know its users");
    let passed_over = "SELECT 1 FROM events WHERE kept_from = accepted_at
         AND seq <= (SELECT value FROM meta WHERE key = 'retained')";
    assert!(!conn.prepare(passed_over).unwrap().exists([]).unwrap(), "retention will not find an event again");
    check_order(path, &conn);
    let mut counted = conn
        .prepare(
            "WITH standing (endpoint, state) AS (SELECT d.endpoint, CASE WHEN f.delivery IS NULL THEN d.state ELSE 2 END
                 FROM deliveries d LEFT JOIN flights f ON f.delivery = d.seq)
             SELECT p.id, p.queued, p.scheduled, p.in_flight, p.delivered, p.dead, p.cleared,
                 (SELECT count(*) FROM standing d WHERE d.endpoint = p.key AND d.state = 0),
                 (SELECT count(*) FROM standing d WHERE d.endpoint = p.key AND d.state = 1),
                 (SELECT count(*) FROM standing d WHERE d.endpoint = p.key AND d.state = 2),
                 (SELECT count(*) FROM standing d WHERE d.endpoint = p.key AND d.state = 3),
                 (SELECT count(*) FROM standing d WHERE d.endpoint = p.key AND d.state = 4),
                 (SELECT count(*) FROM standing d WHERE d.endpoint = p.key AND d.state = 5)
             FROM endpoints p",
        )
        .unwrap();
    let mut rows = counted.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let id: String = row.get(0).unwrap();
        let counters: Vec<i64> = (1..7).map(|column| row.get(column).unwrap()).collect();
        let truth: Vec<i64> = (7..13).map(|column| row.get(column).unwrap()).collect();
        assert_eq!(counters, truth, "counters of {id}");
    }
}

/// Deliveries are listed by change as the rows say, and all of them, whichever index a row stands in.
fn check_order(path: &Path, conn: &rusqlite::Connection) {
    let astray = "SELECT 1 FROM deliveries WHERE state = 0 AND change = seq AND (position <> seq OR due_at <> 0)";
    assert!(
        !conn.prepare(astray).unwrap().exists([]).unwrap(),
        "an unchanged delivery is not in its place in the lane"
    );
    let mut rows = conn.prepare("SELECT seq FROM deliveries ORDER BY change DESC").unwrap();
    let mut wanted: Vec<i64> = rows.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let reader = Reader::open(path).unwrap();
    for direction in [Direction::Down, Direction::Up] {
        let (mut seqs, mut page) = (Vec::new(), Page { from: None, direction, limit: 100 });
        loop {
            let mut rows = reader.deliveries(page).unwrap();
            if direction == Direction::Up {
                rows.reverse();
            }
            let Some(last) = rows.last() else { break };
            page.from = Some(last.place);
            seqs.extend(rows.iter().map(|row| row.seq));
        }
        assert_eq!(seqs, wanted, "{direction:?}");
        wanted.reverse();
    }
}

/// Everything there is when the act begins.
pub fn all() -> Selection {
    Selection::Matching { query: Query::default(), as_of: i64::MAX, at: T0 }
}

/// Everything of the endpoints of this id or name.
pub fn of_endpoint(name: &str) -> Selection {
    Selection::Matching { query: Query::of_endpoint(Name::exactly(name)), as_of: i64::MAX, at: T0 }
}

/// Takes back the last act of this person, if there is one.
pub fn undo(journal: &Journal, actor: &str, now: Millis) -> Option<Undone> {
    let actor = Actor(actor.to_owned());
    let act = journal.reader().unwrap().last_act(&actor).unwrap()?;
    Some(journal.undo(act, actor, now).wait().unwrap().unwrap())
}

/// So many dead letters of endpoint `a`.
pub fn dead(n: usize) -> Bench {
    let bench = Bench::new(&["a"]);
    bench.emit_many(n);
    while bench.endpoint("a").counts.queued > 0 {
        let claimed = bench.claim(Pick::Due).claimed;
        let ends: Vec<_> = claimed.iter().map(|one| bench.settlement(one, Verdict::Dead(Reason::Exhausted))).collect();
        bench.journal.settle(ends, T0).wait().unwrap();
    }
    bench
}
