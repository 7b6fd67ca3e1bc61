//! What filters cost in a journal of a million deliveries, 100,000 of them dead. Takes a minute and 1 GB of disk:
//! `cargo test --lib -- --ignored --nocapture a_filter_answers_in_time`.

use std::time::Instant;

use super::support::{Bench, T0};
use crate::event::{Millis, Query};
use crate::journal::*;

const NOW: Millis = T0 + 7 * 86_400_000;

/// All that is rare or stuck lies far back, where a look through the newest does not reach.
const FILL: &str = r"
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
    INSERT INTO events (seq, id, type, accepted_at, body, digest, kept_from)
    SELECT i, printf('evt-%08d', i), CASE WHEN i < 400000 AND i % 40000 = 7 THEN 'task.canceled' WHEN i % 3 = 0 THEN 'bead.failed' ELSE 'agent.error' END,
        1700000000000 + i * 600,
        json_object('id', printf('evt-%08d', i), 'type', 'agent.error', 'timestamp', '2026-11-22T10:00:00Z', 'session', 'acme-' || (i % 9),
            'message', 'The build of acme-api broke in step ' || (i % 9) || ': ' || hex(randomblob(60)), 'details', json_object('exit', '101')),
        x'00', 1700000000000 + i * 600 FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000),
    rows (i, state) AS (SELECT i, CASE WHEN i <= 500000 AND i % 5 = 0 THEN 4 WHEN i BETWEEN 300000 AND 400000 AND i % 2 = 1 THEN 0
        WHEN i < 50000 AND i % 10 = 1 THEN 5 WHEN i < 90000 AND i % 300 = 2 THEN 1 ELSE 3 END FROM n)
    INSERT INTO deliveries (seq, event, endpoint, state, position, due_at, change, created_at, changed_at, attempts, tries,
        reason, last_status, last_error, last_ms, last_outcome, last_trigger)
    SELECT i, i,
        CASE WHEN state = 0 THEN 3 WHEN i < 40000 AND i % 200 = 3 THEN 5 WHEN i % 5 < 2 THEN 1 WHEN i % 5 < 4 THEN 2 ELSE 4 END,
        state, i, CASE state WHEN 1 THEN 1800000000000 + i ELSE 0 END, i * 3, 1700000000000 + i * 600, 1700000000000 + i * 600 + 300,
        state <> 0, state <> 0, CASE WHEN state IN (4, 5) THEN CASE WHEN i % 100000 = 5 THEN 2 ELSE i % 2 END END,
        CASE state WHEN 3 THEN 200 WHEN 0 THEN NULL ELSE 502 END, CASE WHEN state IN (1, 4, 5) THEN 'Bad Gateway' END, 31, 0, 0
    FROM rows ORDER BY i;
    INSERT INTO attempts (delivery, number, started_at, trigger, outcome, status, error, duration_us)
    SELECT seq, 1, changed_at, 0, state <> 3, last_status, last_error, 31000 FROM deliveries WHERE state <> 0;
    UPDATE endpoints SET
        queued = (SELECT count(*) FROM deliveries d WHERE d.endpoint = key AND d.state = 0),
        scheduled = (SELECT count(*) FROM deliveries d WHERE d.endpoint = key AND d.state = 1),
        delivered = (SELECT count(*) FROM deliveries d WHERE d.endpoint = key AND d.state = 3),
        dead = (SELECT count(*) FROM deliveries d WHERE d.endpoint = key AND d.state = 4),
        cleared = (SELECT count(*) FROM deliveries d WHERE d.endpoint = key AND d.state = 5);
    UPDATE endpoints SET state = 1 WHERE key = 3;
    UPDATE meta SET value = 3000000 WHERE key = 'change';
";

#[test]
#[ignore = "a measurement"]
fn a_filter_answers_in_time() {
    let bench = Bench::new(&["slack", "ci-hook", "ops", "metrics", "old-bot"]);
    let began = Instant::now();
    let conn = rusqlite::Connection::open(bench.path()).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; BEGIN;").unwrap();
    conn.execute_batch(FILL).unwrap();
    conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    println!("filled in {:?}", began.elapsed());
    let reader = bench.reader();
    let lists: [(&str, &[&str]); 4] = [
        (
            "deliveries",
            &[
                "",
                "state:dead",
                "state:dead reason:gone",
                "state:held",
                "state:queued",
                "state:scheduled",
                "state:cleared",
                "state:pending",
                "endpoint:old-bot*",
                "endpoint:ops*",
                "endpoint:slack* state:dead",
                "!state:delivered",
                "id:evt-00000007",
                "id:evt-000001*",
                "id:evt-*",
                "type:agent.error",
                "type:task.canceled",
                "age:<1h",
                "age:>6d",
                "age:>5d age:<5d1h",
                "age:>5d state:delivered type:bead*",
                "status:5xx",
                "attempts:>=9",
                "session:nowhere",
                "nowhere",
                "state:held nowhere",
            ],
        ),
        (
            "dead letters",
            &[
                "",
                "endpoint:metrics*",
                "reason:gone",
                "status:4xx",
                "type:task.canceled",
                "age:>6d23h",
                "nowhere",
                "session:nowhere",
                "id:evt-00000*",
            ],
        ),
        ("attempts", &["", "status:5xx", "id:evt-00000007", "age:>6d", "endpoint:old-bot*", "nowhere"]),
        ("events", &["", "type:task.canceled", "id:evt-0000000*", "age:>6d", "session:nowhere", "nowhere"]),
    ];
    for (list, queries) in lists {
        for text in queries {
            let search = Search::new(Query::parse(text).unwrap(), NOW);
            let mut worst = std::time::Duration::ZERO;
            let mut told = String::new();
            for direction in [Direction::Down, Direction::Up] {
                let page = Page { from: None, direction, limit: 100 };
                for _ in 0..3 {
                    let began = Instant::now();
                    let (rows, looked, stopped, total) = match list {
                        "deliveries" => tell(&reader.find_deliveries(page, &search).unwrap()),
                        "dead letters" => tell(&reader.find_dead_letters(page, &search).unwrap()),
                        "attempts" => tell(&reader.find_attempts(page, &search).unwrap()),
                        _ => tell(&reader.find_events(page, &search).unwrap()),
                    };
                    let took = began.elapsed();
                    worst = worst.max(took);
                    if direction == Direction::Down {
                        told = format!("{rows} rows, looked {looked}, stopped {stopped}, total {total:?}, {took:.1?}");
                    }
                }
            }
            println!("{list:12} {text:40} worst {worst:>9.1?}  {told}");
        }
    }
    for text in ["reason:exhausted", "nowhere", "endpoint:metrics*"] {
        let selection = Selection::Matching { query: Query::parse(text).unwrap(), as_of: i64::MAX, at: NOW };
        let began = Instant::now();
        let counts = reader.count(Act::Clear, &selection).unwrap();
        println!("count {text:20} {:?} {counts:?}", began.elapsed());
    }
}

fn tell<T>(found: &Finding<T>) -> (usize, u64, bool, Option<u64>) {
    (found.rows.len(), found.looked, found.stopped.is_some(), found.total)
}

/// Deliveries of fifty endpoints; `{state}` says how they stand and `{change}` when they changed.
const SHAPE: &str = r#"
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
    INSERT INTO events (seq, id, type, accepted_at, body, digest, kept_from)
    SELECT i, printf('evt-%08d', i), 'agent.error', 1700000000000 + i * 600, '{"message": "The build broke"}', x'00', 1700000000000 + i * 600 FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
    INSERT INTO deliveries (seq, event, endpoint, state, position, due_at, change, created_at, changed_at)
    SELECT i, i, 1 + i % {lanes}, {state}, i, 0, {change}, 1700000000000 + i * 600, 1700000000000 + i * 600 FROM n;
    UPDATE endpoints SET
        queued = (SELECT count(*) FROM deliveries d WHERE d.endpoint = key AND d.state = 0),
        delivered = (SELECT count(*) FROM deliveries d WHERE d.endpoint = key AND d.state = 3);
    UPDATE meta SET value = 3000000 WHERE key = 'change';
"#;

/// What the order by change costs, whichever index the deliveries stand in:
/// `cargo test --release --lib -- --ignored --nocapture a_page_by_change`.
#[test]
#[ignore = "a measurement"]
fn a_page_by_change_is_read_in_time() {
    let shapes = [
        ("1,000,000 queued", 1, "0", "i"),
        ("1,000,000 delivered", 1, "3", "i + 1000000"),
        ("1,000,000 queued in 50 lanes", 50, "0", "i"),
        (
            "half of it delivered, 50 lanes",
            50,
            "CASE WHEN i < 500000 THEN 3 ELSE 0 END",
            "CASE WHEN i < 500000 THEN i + 1000000 ELSE i END",
        ),
        ("every other delivered, 50 lanes", 50, "i % 2 * 3", "i + i % 2"),
        ("1,000,000 queued, cancelled, taken back", 1, "0", "i + 1000000"),
        ("100,000 of them the same", 1, "0", "CASE WHEN i < 100000 THEN i + 1000000 ELSE i END"),
    ];
    for (name, lanes, state, change) in shapes {
        let ids: Vec<String> = (0..50).map(|n| format!("lane{n}")).collect();
        let bench = Bench::new(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        let fill = SHAPE.replace("{lanes}", &lanes.to_string()).replace("{state}", state).replace("{change}", change);
        let conn = rusqlite::Connection::open(bench.path()).unwrap();
        conn.execute_batch(&format!(
            "PRAGMA foreign_keys = OFF; BEGIN; {fill} COMMIT; PRAGMA wal_checkpoint(TRUNCATE)"
        ))
        .unwrap();
        let reader = bench.reader();
        println!("{name}");
        let (top, middle) = (None, Some(Cursor { sort: 999_000, seq: 0 }));
        let (down, up) = (Direction::Down, Direction::Up);
        for (title, from, direction) in
            [("first", top, down), ("below the middle", middle, down), ("above it", middle, up), ("last", top, up)]
        {
            let page = Page { from, direction, limit: 100 };
            time(title, || reader.deliveries(page).unwrap().len());
        }
        for text in ["nowhere", "type:task.canceled", "age:>20d", "session:nowhere"] {
            let search =
                Search { patience: std::time::Duration::from_secs(9), ..Search::new(Query::parse(text).unwrap(), NOW) };
            time(text, || reader.find_deliveries(Page::first(100), &search).unwrap().rows.len());
        }
    }
}

fn time(title: &str, ask: impl Fn() -> usize) {
    ask();
    let mut times: Vec<_> = (0..5)
        .map(|_| {
            let began = Instant::now();
            ask();
            began.elapsed()
        })
        .collect();
    times.sort();
    println!("  {title:30} {:>9.1?}, at worst {:>9.1?}: {} rows", times[2], times[4], ask());
}
