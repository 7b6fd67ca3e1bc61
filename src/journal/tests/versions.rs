//! Journals of other versions.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::support::{self, Bench, T0, check, event, revision};
use crate::event::{Outcome, Query, State, Trigger};
use crate::journal::lock::DispatcherLock;
use crate::journal::*;

/// The last version whose rows SQLite numbered.
const OLD: i64 = 3;

fn set_version(path: &Path, version: i64) {
    Connection::open(path).unwrap().pragma_update(None, "user_version", version).unwrap();
}

/// A journal of [`OLD`] with rows in every table.
fn old() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL").unwrap();
    for (_, migration) in open::MIGRATIONS.iter().take_while(|(version, _)| *version <= OLD) {
        conn.execute_batch(migration).unwrap();
    }
    conn.execute_batch(include_str!("old.sql")).unwrap();
    set_version(&path, OLD);
    (folder, path)
}

fn opened(path: &Path) -> Journal {
    Journal::open(path, Durability::Normal, Role::Command).unwrap()
}

#[test]
fn one_version_newer_is_worked_with_and_beyond_that_refused() {
    let bench = Bench::new(&["a"]);
    set_version(&bench.path(), 9);
    opened(&bench.path()).accept(vec![Submission::new(event("e1"))], RouteBy::Applied, T0).wait().unwrap()[0]
        .as_ref()
        .unwrap();
    assert!(Reader::open(&bench.path()).is_ok());
    set_version(&bench.path(), 10);
    let refused = Journal::open(&bench.path(), Durability::Full, Role::Command);
    assert!(matches!(refused, Err(JournalError::Version { found: 10, known: 8, .. })), "{refused:?}");
    assert!(matches!(Reader::open(&bench.path()), Err(JournalError::Version { .. })));
}

#[test]
fn what_a_migration_that_is_not_additive_parts_is_two_apart() {
    let versions: Vec<i64> = open::MIGRATIONS.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, [1, 2, 3, 5, 6, 8]);
}

#[test]
fn readers_refuse_an_old_journal_and_say_whom_to_restart() {
    let (_folder, path) = old();
    let told = |error: JournalError| error.to_string();
    assert!(told(Reader::open(&path).unwrap_err()).ends_with("start `hooktui run` once to bring it up to date"));
    let _held = DispatcherLock::try_take(&path).unwrap().unwrap();
    let pid = std::process::id();
    let message = told(Reader::open(&path).unwrap_err());
    assert!(message.ends_with(&format!("restart pid {pid}, which dispatches with an older hooktui")), "{message}");
}

#[test]
fn writers_wait_for_whoever_is_just_migrating() {
    let (_folder, path) = old();
    let held = DispatcherLock::try_take(&path).unwrap().unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| opened(&path).reader().unwrap().overview(T0).unwrap().events);
        open::migrate(&mut Connection::open(&path).unwrap()).unwrap();
        drop(held);
        assert_eq!(writer.join().unwrap(), 50);
    });
}

#[test]
fn an_old_journal_keeps_all_it_holds() {
    let (_folder, path) = old();
    let journal = opened(&path);
    let reader = journal.reader().unwrap();
    let ids: Vec<String> = reader.deliveries(Page::first(9)).unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(ids, ["e3_b_c", "a_b_c_1b5f33b5", "a_b_c"], "newest change first");
    for id in &ids {
        assert_eq!(reader.delivery(id).unwrap().unwrap().row.id, *id);
    }
    let dead = reader.delivery("a_b_c_1b5f33b5").unwrap().unwrap();
    assert_eq!((dead.event.id.as_str(), dead.row.endpoint_id.as_str(), dead.row.state), ("a", "b_c", State::Dead));
    assert_eq!((dead.origin.as_deref(), dead.attempts[0].row.status), (Some("a_b"), Some(404)));
    let stored = br#"{"id":"a","type":"agent.error","timestamp":"2026-11-22T10:00:00Z"}"#;
    assert_eq!(dead.attempts[0].request_body.as_deref(), Some(&stored[..]));
    let events: Vec<(String, u32)> =
        reader.events(Page::first(9)).unwrap().into_iter().map(|row| (row.id, row.deliveries)).collect();
    assert_eq!(events, [("e3", 1), ("a", 1), ("a_b", 1)].map(|(id, n)| (id.to_owned(), n)));
    assert_eq!(reader.attempts(Page::first(9)).unwrap().len(), 2);
    assert_eq!(reader.log(Page::first(9)).unwrap()[0].text, "an old line");
    assert_eq!(reader.orders().unwrap()[0].seq, 7);
    assert_eq!(reader.rollups(0).unwrap().len(), 1);
    let undone = support::undo(&journal, "me", T0).unwrap();
    assert_eq!((undone.undone, undone.of), (1, 1));
    assert_eq!(reader.delivery("e3_b_c").unwrap().unwrap().row.state, State::Dead);
    drop(journal);
    check(&path);
}

#[test]
fn what_was_in_flight_in_an_old_journal_still_is_and_goes_back_to_what_it_was() {
    let (_folder, path) = old();
    let claim = "UPDATE deliveries SET state = 2, was_state = state, epoch = 0, claimed_as = 1, tried_at = 1700000000009 WHERE seq > 1;
        UPDATE endpoints SET queued = 0, dead = 0, in_flight = 2 WHERE key = 2";
    Connection::open(&path).unwrap().execute_batch(claim).unwrap();
    let journal = opened(&path);
    let reader = journal.reader().unwrap();
    let row = |id: &str| reader.delivery(id).unwrap().unwrap().row;
    assert_eq!(["e3_b_c", "a_b_c_1b5f33b5"].map(|id| row(id).state), [State::InFlight; 2]);
    check(&path);
    assert_eq!(journal.take_over(1, 1_000, T0).wait().unwrap().interrupted, 2);
    assert_eq!(["e3_b_c", "a_b_c_1b5f33b5"].map(|id| row(id).state), [State::Queued, State::Dead]);
    let cut_off = reader.attempts(Page::first(1)).unwrap().remove(0);
    let expected = (Outcome::Interrupted, Trigger::Manual, 1_700_000_000_009);
    assert_eq!((cut_off.outcome, cut_off.trigger, cut_off.started_at), expected);
    drop(journal);
    check(&path);
}

#[test]
fn nothing_in_an_old_journal_is_numbered_twice() {
    let (_folder, path) = old();
    let journal = opened(&path);
    let reader = journal.reader().unwrap();
    let before = reader.overview(T0).unwrap();
    assert_eq!((before.events, before.change), (50, 90), "the newest of any table, whether or not it is still there");
    let given = RouteBy::Given(Arc::new(revision(&["c"])));
    let accepted = journal.accept(vec![Submission::new(event("new"))], given, T0).wait().unwrap().remove(0).unwrap();
    assert_eq!(accepted.seq, 91);
    let delivery = reader.delivery("new_c").unwrap().unwrap().row;
    assert_eq!((delivery.seq, delivery.change), (92, 92));
    let epoch = journal.take_over(1, 1_000, T0).wait().unwrap().epoch;
    let bench = support::adopt(journal, epoch, 1);
    bench.run(Verdict::Delivered);
    let attempts = reader.attempts(Page::first(9)).unwrap();
    assert_eq!(attempts[0].delivery_id, "new_c");
    assert!(attempts[0].seq > 92);
    assert_eq!(reader.attempts_after(2, 9).unwrap(), attempts[..1], "what `tail` follows goes on");
    let newest = Search::new(Query::parse("id:new*").unwrap(), T0);
    assert_eq!(reader.find_deliveries(Page::first(9), &newest).unwrap().rows.len(), 1);
    assert_eq!(reader.overview(T0).unwrap().events, 51);
    check(&bench.path());
}

/// What the program of the version before wrote is found where this one looks for it: the order by change, the attempts'
/// headers, and what retention has put off.
#[test]
fn a_journal_of_the_version_before_keeps_order_headers_and_what_was_put_off() {
    const BEFORE: &str = r#"
        INSERT INTO endpoints (key, id, name, host, address_hash, queued, delivered, dead)
            VALUES (1, 'a', 'a-name', 'a.example', x'00', 1, 2, 1);
        INSERT INTO events (seq, id, type, accepted_at, body, digest, kept_from)
            SELECT value, 'e' || value, 'agent.error', 1700000000000,
                json_object('id', 'e' || value, 'type', 'agent.error', 'timestamp', '2026-11-22T10:00:00Z'), x'00',
                1700000000000 + (value = 3)
            FROM json_each('[1, 3, 5, 7]');
        INSERT INTO deliveries (seq, event, endpoint, state, position, due_at, change, created_at, changed_at, attempts, tries,
            last_status, first_attempt)
        VALUES (2, 1, 1, 3, 2, 0, 20, 1700000000000, 1700000000000, 1, 1, 200, 19),
            (4, 3, 1, 4, 4, 0, 10, 1700000000000, 1700000000000, 0, 0, NULL, NULL),
            (6, 5, 1, 0, 6, 0, 6, 1700000000000, 1700000000000, 0, 0, NULL, NULL),
            (8, 7, 1, 3, 8, 0, 12, 1700000000000, 1700000000000, 0, 0, NULL, NULL);
        INSERT INTO attempts (seq, delivery, number, started_at, trigger, outcome, status, request_headers, is_first)
            VALUES (19, 2, 1, 1700000000000, 0, 0, 200, '[["X-NTM-Delivery-ID","e1_a"]]', 1);
        UPDATE meta SET value = 20 WHERE key = 'change';
    "#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL").unwrap();
    for (_, migration) in open::MIGRATIONS.iter().take_while(|(version, _)| *version <= 6) {
        conn.execute_batch(migration).unwrap();
    }
    conn.execute_batch(BEFORE).unwrap();
    set_version(&path, 6);
    assert!(matches!(Reader::open(&path), Err(JournalError::Version { found: 6, known: 8, .. })));
    let journal = opened(&path);
    check(&path);
    let reader = journal.reader().unwrap();
    let ids: Vec<String> = reader.deliveries(Page::first(9)).unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(ids, ["e1_a", "e7_a", "e3_a", "e5_a"], "newest change first");
    let headers = reader.delivery("e1_a").unwrap().unwrap().attempts.remove(0).request_headers;
    assert_eq!(headers, [("X-NTM-Delivery-ID".to_owned(), "e1_a".to_owned())]);
    let pace = Pace { rows: 9, step: std::time::Duration::MAX, run: std::time::Duration::ZERO };
    let upkeep = |now| Upkeep { now, keep_since: 1_700_000_000_002, max_size: 0, dead_letter_limit: 0, pace };
    assert_eq!(journal.upkeep(upkeep(1_700_000_000_009)).wait().unwrap().events, 2);
    let left: Vec<String> = reader.events(Page::first(9)).unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(left, ["e5", "e3"], "what waits and what is dead");
    drop(journal);
    check(&path);
}

#[test]
fn sqlite_numbers_no_hot_row() {
    let bench = Bench::new(&["a"]);
    let conn = Connection::open(bench.path()).unwrap();
    let mut numbered = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' ORDER BY name")
        .unwrap();
    let names: Vec<String> = numbered.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(names, ["acts", "log", "orders"]);
}

/// How long a journal of a million deliveries takes: `cargo test --release --lib -- --ignored --nocapture a_large_journal`.
#[test]
#[ignore = "a measurement"]
fn a_large_journal_is_migrated_in_time() {
    const FILL: &str = r#"
        WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 1000100)
        INSERT INTO events (seq, id, type, accepted_at, body, digest, kept_from)
        SELECT i, printf('evt-%032d', i), 'agent.error', 1700000000000 + i,
            printf('{"id":"evt-%032d","type":"agent.error","message":"%s"}', i, hex(randomblob(150))), randomblob(32), i FROM n;
        INSERT INTO deliveries (seq, id, event, endpoint, state, position, due_at, change, created_at, changed_at, attempts, tries,
            last_status, last_ms, last_outcome, last_trigger)
        SELECT seq, id || '_c', seq, 1, 3, seq, 0, seq * 2, accepted_at, accepted_at + 9, 1, 1, 200, 31, 0, 0 FROM events
            WHERE seq >= 100;
        INSERT INTO attempts (delivery, number, started_at, trigger, outcome, status, duration_us, request_headers, response_headers)
        SELECT seq, 1, changed_at, 0, 0, 200, 31000, hex(randomblob(100)), hex(randomblob(50)) FROM deliveries WHERE seq >= 100;
        UPDATE meta SET value = 3000000 WHERE key = 'change';
        UPDATE endpoints SET delivered = delivered + 1000001 WHERE key = 1;
    "#;
    let (_folder, path) = old();
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; BEGIN").unwrap();
    conn.execute_batch(FILL).unwrap();
    conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(conn);
    let size = |path: &Path| std::fs::metadata(path).unwrap().len() / 1_000_000;
    let (before, began) = (size(&path), std::time::Instant::now());
    let journal = opened(&path);
    let (took, log) = (began.elapsed(), size(&path.with_extension("db-wal")));
    drop(journal);
    println!("{before} MB in {took:.1?}, {} MB and a log of {log} MB after", size(&path));
    check(&path);
}
