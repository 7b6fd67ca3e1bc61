//! What questions cost, counted in steps of SQLite's machine, in a short journal and in one ten times as long.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rusqlite::StatementStatus;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::Reader;
use super::deliveries::WALK;
use crate::event::{Millis, Reason};
use crate::journal::tests::support::{Bench, T0, event};
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
    for letter in bench.reader().dead_letters(Page::first(10)).unwrap() {
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
        reader.dead_letters(by_time).unwrap();
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
fn costs(mut reader: Reader, ask: impl Fn(&Reader)) -> BTreeMap<String, i32> {
    let steps = Arc::new(Mutex::new(BTreeMap::new()));
    let counted = Arc::clone(&steps);
    let count = move |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, _) = event {
            counted.lock().unwrap().insert(statement.sql().into_owned(), statement.get_status(StatementStatus::VmStep));
        }
    };
    reader.conn.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(count)).unwrap();
    ask(&reader);
    drop(reader);
    steps.lock().unwrap().clone()
}

fn costs_of_all(events: usize) -> BTreeMap<String, i32> {
    let middle = i64::try_from(events / 2).unwrap();
    costs(filled(events).reader(), |reader| ask_all(reader, middle, T0 + middle / 2))
}

#[test]
fn no_question_costs_more_in_a_longer_journal() {
    let (short, long) = (costs_of_all(60), costs_of_all(60 * MORE));
    assert!(short.len() > 20, "only {} statements were counted", short.len());
    let dearer: Vec<_> =
        long.iter().filter(|(sql, steps)| **steps > short.get(*sql).copied().unwrap_or(0) * DEARER + 50).collect();
    assert!(dearer.is_empty(), "these look through the journal: {dearer:#?}");
}

/// Steps for pages of deliveries by change, from both ends of the list and from its middle.
fn cost_of_pages(bench: &Bench) -> i32 {
    let all = bench.reader().deliveries(Page::first(usize::MAX)).unwrap();
    let middle = all[all.len() / 2].place;
    let ask = |reader: &Reader| {
        for direction in [Direction::Down, Direction::Up] {
            for from in [None, Some(middle)] {
                assert_eq!(reader.deliveries(Page { from, direction, limit: 5 }).unwrap().len(), 5);
            }
        }
    };
    costs(bench.reader(), ask).values().sum()
}

/// Events that all of these endpoints get; those of the first few are delivered.
fn with_lanes(lanes: usize, events: usize, delivered: usize) -> Bench {
    let ids: Vec<String> = (0..lanes).map(|n| format!("lane{n}")).collect();
    let bench = Bench::new(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    bench.emit_many(events);
    for key in &bench.keys[..delivered] {
        let request = ClaimRequest { limit: events, ..bench.request(*key, Pick::Due) };
        let claimed = bench.journal.claim(request).wait().unwrap().claimed;
        let end = |one| Settlement { endpoint: *key, ..bench.settlement(one, Verdict::Delivered) };
        bench.journal.settle(claimed.iter().map(end).collect::<Vec<_>>(), T0).wait().unwrap();
    }
    bench
}

#[test]
fn a_page_of_deliveries_costs_the_same_whatever_waits_and_whatever_is_over() {
    let one_lane = cost_of_pages(&with_lanes(1, 20, 0));
    for (lanes, delivered) in [(1, 0), (1, 1), (3, 1), (50, 0), (50, 49)] {
        let bench = with_lanes(lanes, 20, delivered);
        bench.check();
        let (short, long) = (cost_of_pages(&bench), cost_of_pages(&with_lanes(lanes, 20 * MORE, delivered)));
        assert_eq!(short, long, "{delivered} of {lanes} lanes delivered");
        assert!(short < one_lane * 8, "{short} steps for {lanes} lanes, {one_lane} for one");
    }
}

/// Enough of each for a glance at all of them to tell how far to look.
#[test]
fn the_order_by_change_is_whole_over_many_lanes() {
    for delivered in [0, 3] {
        with_lanes(12, 60, delivered).check();
    }
}

/// Where times are looked for, a delivery that was given back long after it came in does not stand for its old place.
#[test]
fn times_are_found_in_the_order_by_change() {
    const HOUR: Millis = 3_600_000;
    let bench = Bench::new(&["a", "b"]);
    for hour in 0..9 {
        let submission = Submission::new(event(&format!("e{hour}")));
        bench.journal.accept(vec![submission], RouteBy::Applied, T0 + hour * HOUR).wait().unwrap();
    }
    let request = ClaimRequest { limit: 7, ..bench.request(bench.keys[0], Pick::Due) };
    let claimed = bench.journal.claim(request).wait().unwrap().claimed;
    bench.journal.settle(vec![bench.settlement(&claimed[0], Verdict::Delivered)], T0 + 20 * HOUR).wait().unwrap();
    let given_back = claimed[1..].iter().map(|one| one.delivery).collect();
    bench.journal.release(bench.epoch, given_back, T0 + 21 * HOUR).wait().unwrap();
    let reader = bench.reader();
    let rows = reader.deliveries(Page::first(99)).unwrap();
    for hour in 1..22 {
        let (low, high) = reader.ends(&WALK, (Some(T0 + hour * HOUR), Some(T0 + hour * HOUR))).unwrap();
        for row in &rows {
            let (early, late) = (row.changed_at < T0 + hour * HOUR, row.changed_at > T0 + hour * HOUR);
            assert_eq!((row.change < low.unwrap(), row.change >= high.unwrap()), (early, late), "{hour} h: {}", row.id);
        }
    }
}
