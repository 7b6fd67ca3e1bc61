//! What questions cost, counted in steps of SQLite's machine, in a short journal and in one ten times as long.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rusqlite::StatementStatus;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::Reader;
use crate::event::{Millis, Reason};
use crate::journal::tests::support::{Bench, T0};
use crate::journal::*;

/// Ten times the rows may cost a search some more steps, and no question three times as many.
const MORE: usize = 10;
const DEARER: i32 = 3;

/// A journal with so many events, and deliveries of them in every state; in flight are the heads of what waits and is dead.
fn filled(events: usize) -> Bench {
    let bench = Bench::new(&["a", "b"]);
    bench.emit_many(events);
    let request = ClaimRequest { limit: events * 3 / 4, ..bench.request(bench.keys[0], Pick::Due) };
    let claimed = bench.journal.claim(request).wait().unwrap().claimed;
    for (n, (one, now)) in claimed.iter().zip(T0..).enumerate() {
        let verdict = match n % 3 {
            0 => Verdict::Delivered,
            1 => Verdict::Dead(Reason::Permanent),
            _ => Verdict::Retry(now + 3_600_000),
        };
        bench.journal.settle(vec![bench.settlement(one, verdict)], now).wait().unwrap();
    }
    let request = ClaimRequest { limit: 10, ..bench.request(bench.keys[0], Pick::Due) };
    bench.journal.claim(request).wait().unwrap();
    for letter in bench.reader().dead_letters(Page::first(10), None).unwrap() {
        bench.claim(Pick::Resend(letter.seq));
    }
    bench
}

/// Asks everything there is to ask, pages from the middle of each list included.
fn ask_all(reader: &Reader, middle: i64, now: Millis) {
    let pages = [Direction::Down, Direction::Up].map(|direction| {
        let at = |sort| Page { from: Some(Cursor { sort, seq: middle }), direction, limit: 5 };
        (at(middle), at(now))
    });
    for (by_seq, by_time) in pages {
        for page in [Page::first(5), by_seq] {
            reader.deliveries(page).unwrap();
            reader.events(page).unwrap();
            reader.attempts(page).unwrap();
            reader.log(page).unwrap();
        }
        reader.dead_letters(by_time, None).unwrap();
        reader.dead_letters(by_time, Some("a")).unwrap();
    }
    reader.overview(now).unwrap();
    reader.next_due(1).unwrap();
    reader.attempts_after(middle, 5).unwrap();
    reader.attempt_seq_at(now).unwrap();
    reader.event("e00007").unwrap().unwrap();
    reader.delivery("e00007_a").unwrap().unwrap();
    reader.revision().unwrap();
    reader.orders().unwrap();
    reader.rollups(0).unwrap();
    reader.last_act(&Actor("ann@box".to_owned())).unwrap();
    // Counts of more than these look at each dead letter, on an index that holds all they need: some 20 ms for 100,000.
    for act in [Act::Retry, Act::Clear, Act::Restore, Act::Cancel] {
        reader.count(act, &Selection::Ids(vec!["e00007".to_owned()])).unwrap();
    }
    reader.stands([1, 7]).unwrap();
}

/// What asking costs: steps by statement.
fn costs(events: usize) -> BTreeMap<String, i32> {
    let bench = filled(events);
    let mut reader = bench.reader();
    let steps = Arc::new(Mutex::new(BTreeMap::new()));
    let counted = Arc::clone(&steps);
    let count = move |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, _) = event {
            counted.lock().unwrap().insert(statement.sql().into_owned(), statement.get_status(StatementStatus::VmStep));
        }
    };
    reader.conn.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(count)).unwrap();
    let middle = i64::try_from(events / 2).unwrap();
    ask_all(&reader, middle, T0 + middle / 2);
    drop(reader);
    steps.lock().unwrap().clone()
}

#[test]
fn no_question_costs_more_in_a_longer_journal() {
    let (short, long) = (costs(60), costs(60 * MORE));
    assert!(short.len() > 20, "only {} statements were counted", short.len());
    let dearer: Vec<_> =
        long.iter().filter(|(sql, steps)| **steps > short.get(*sql).copied().unwrap_or(0) * DEARER + 50).collect();
    assert!(dearer.is_empty(), "these look through the journal: {dearer:#?}");
}
