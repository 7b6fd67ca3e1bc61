//! Retention.

use std::time::Duration;

use super::support::{Bench, T0, all, event, limited, revision};
use crate::event::{Limits, Reason, State};
use crate::journal::*;

const LATER: i64 = T0 + 1_000_000;

/// One step of so many rows, however long it takes.
const fn step_of(rows: usize) -> Pace {
    Pace { rows, step: Duration::MAX, run: Duration::ZERO }
}

fn upkeep(bench: &Bench, now: i64, keep_since: i64) -> UpkeepResult {
    let upkeep = Upkeep { now, keep_since, max_size: 0, dead_letter_limit: 0, pace: step_of(100) };
    bench.journal.upkeep(upkeep).wait().unwrap()
}

#[test]
fn only_what_is_delivered_cleared_or_unmatched_is_removed() {
    let bench = Bench::new(&["a"]);
    for (id, verdict) in [("good", Verdict::Delivered), ("dead", Verdict::Dead(Reason::Gone))] {
        bench.emit(id);
        bench.run(verdict);
    }
    bench.emit("waits");
    bench.submit(Submission { not_to: Some("a".to_owned()), ..Submission::new(event("unmatched")) }).unwrap();
    assert_eq!(upkeep(&bench, LATER, T0).events, 0, "not old enough");
    assert_eq!(upkeep(&bench, LATER, T0 + 1).events, 2);
    let left: Vec<_> = bench.reader().events(Page::first(9)).unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(left, ["waits", "dead"]);
    assert!(!bench.emit("good").duplicate, "its id is forgotten with it");
    bench.check();
}

#[test]
fn what_retention_removed_is_not_numbered_again() {
    let bench = Bench::new(&["a"]);
    let mut given = Vec::new();
    for id in ["e1", "e2", "e3"] {
        let event = bench.emit(id).seq;
        let delivery = bench.delivery(&format!("{id}_a")).row.seq;
        bench.run(Verdict::Delivered);
        let attempt = bench.reader().attempts(Page::first(1)).unwrap()[0].seq;
        given.push([event, delivery, attempt]);
        assert_eq!(upkeep(&bench, LATER, T0 + 1).events, 1, "nothing is left");
    }
    for column in 0..3 {
        assert!(given.is_sorted_by(|one, next| one[column] < next[column]), "{given:?}");
    }
    assert_eq!(bench.reader().overview(T0).unwrap().events, 3, "ever");
    bench.check();
}

#[test]
fn retention_counts_from_the_last_change_of_state() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    bench.run(Verdict::Dead(Reason::Gone));
    assert_eq!(upkeep(&bench, T0 + 500, T0 + 100).events, 0);
    bench.journal.act(Act::Clear, all(), Actor("me".to_owned()), T0 + 600).wait().unwrap();
    assert_eq!(upkeep(&bench, T0 + 700, T0 + 599).events, 0);
    assert_eq!(upkeep(&bench, T0 + 800, T0 + 601).events, 1);
    bench.check();
}

#[test]
fn events_from_a_time_to_come_hold_nothing_up_and_go_once_they_are_old() {
    const AHEAD: i64 = LATER * 2;
    let bench = Bench::new(&["a"]);
    let deliver = |id: &str, accepted_at: i64, delivered_at: i64| {
        bench.journal.accept(vec![Submission::new(event(id))], RouteBy::Applied, accepted_at).wait().unwrap();
        for claimed in bench.claim_at(Pick::Due, delivered_at).claimed {
            let end = bench.settlement(&claimed, Verdict::Delivered);
            bench.journal.settle(vec![end], delivered_at).wait().unwrap();
        }
    };
    deliver("accepted ahead", AHEAD, T0);
    deliver("all ahead", AHEAD, AHEAD);
    deliver("after", T0, T0);
    let left = || bench.reader().events(Page::first(9)).unwrap().into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(upkeep(&bench, LATER, T0 + 1).events, 1);
    assert_eq!(left(), ["all ahead", "accepted ahead"]);
    assert_eq!(upkeep(&bench, LATER + 100, LATER).events, 0, "kept from the time they were seen");
    assert_eq!(upkeep(&bench, LATER + 200, LATER + 1).events, 1);
    assert_eq!(left(), ["all ahead"], "it changed later still");
    bench.check();
    assert_eq!(upkeep(&bench, AHEAD + 9, AHEAD + 1).events, 0);
    assert_eq!(upkeep(&bench, AHEAD + 9, AHEAD + 2).events, 1);
    bench.check();
}

#[test]
fn headers_in_common_are_stored_once_and_go_with_the_last_attempt_that_has_them() {
    let bench = Bench::new(&["a"]);
    let sets = || -> Vec<i64> {
        let conn = rusqlite::Connection::open(bench.path()).unwrap();
        let mut select = conn.prepare("SELECT users FROM header_sets ORDER BY key").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let deliver = |id: &str| {
        bench.emit(id);
        for claimed in bench.claim(Pick::Due).claimed {
            let mut end = bench.settlement(&claimed, Verdict::Delivered);
            end.attempt.request_headers = Headers::default();
            end.attempt.request_headers.push_delivery_id("X-NTM-Delivery-ID");
            end.attempt.response_headers = [("X-Request".to_owned(), id.to_owned())].into_iter().collect();
            bench.journal.settle(vec![end], T0).wait().unwrap();
        }
    };
    for id in ["e1", "e2", "e3"] {
        deliver(id);
    }
    assert_eq!(sets(), [2], "the first keeps its own, and each keeps what no other has");
    for id in ["e1", "e2", "e3"] {
        let attempt = bench.delivery(&format!("{id}_a")).attempts.remove(0);
        assert_eq!(attempt.request_headers, [("X-NTM-Delivery-ID".to_owned(), format!("{id}_a"))]);
        assert_eq!(attempt.response_headers, [("X-Request".to_owned(), id.to_owned())]);
    }
    bench.check();
    assert_eq!(upkeep(&bench, LATER, T0 + 1).events, 3);
    assert!(sets().is_empty());
    for id in ["e4", "e5", "e6"] {
        deliver(id);
    }
    assert_eq!(sets(), [2], "what went is not referred to again");
    bench.check();
}

#[test]
fn only_the_dispatcher_shares_headers() {
    let mut bench = Bench::bare();
    bench.take_over();
    bench.apply(&revision(&["a"]));
    let other = Journal::open(&bench.path(), Durability::Normal, Role::Command).unwrap();
    for n in 0..3 {
        let test = TestRecord {
            endpoint: revision(&["a"]).routes.remove(0),
            event: event(&format!("test{n}")),
            attempt: super::support::record(1, crate::event::Outcome::Delivered, Some(200)),
        };
        other.record_test(test, T0).wait().unwrap();
    }
    let conn = rusqlite::Connection::open(bench.path()).unwrap();
    let kept: i64 = conn.query_row("SELECT count(request_headers) FROM attempts", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 3, "another process does not know when a set goes");
    bench.check();
}

#[test]
fn unrouted_events_wait_for_their_first_file_however_long() {
    let mut bench = Bench::bare();
    bench.emit("e1");
    assert_eq!(upkeep(&bench, LATER, LATER).events, 0);
    bench.take_over();
    assert_eq!(bench.apply(&revision(&["a"])).routed, 1);
}

#[test]
fn the_dead_letter_limit_clears_the_oldest() {
    let bench = Bench::new(&["a"]);
    for id in ["e1", "e2", "e3"] {
        bench.emit(id);
        bench.run(Verdict::Dead(Reason::Gone));
    }
    let upkeep = Upkeep { now: LATER, keep_since: 0, max_size: 0, dead_letter_limit: 1, pace: step_of(1) };
    assert!(bench.journal.upkeep(upkeep).wait().unwrap().more);
    assert!(!bench.journal.upkeep(upkeep).wait().unwrap().more);
    let states = ["e1_a", "e2_a", "e3_a"].map(|id| bench.delivery(id).row.state);
    assert_eq!(states, [State::Cleared, State::Cleared, State::Dead]);
    bench.check();
}

#[test]
fn size_pressure_takes_bodies_and_attempts_and_keeps_the_ids() {
    let bench = Bench::with(&limited(&["a"], Limits::default()));
    bench.emit("e1");
    bench.run(Verdict::Delivered);
    bench.emit("e2");
    let upkeep = Upkeep { now: T0, keep_since: 0, max_size: 1, dead_letter_limit: 0, pace: step_of(9) };
    bench.journal.upkeep(upkeep).wait().unwrap();
    let kept = bench.delivery("e1_a");
    assert_eq!((kept.event.message.as_str(), kept.attempts.len(), kept.row.state), ("", 0, State::Delivered));
    assert_eq!(bench.delivery("e2_a").event.message, "boom");
    assert!(bench.emit("e1").duplicate);
    let refused = bench.journal.resend(vec!["e1_a".to_owned()], Actor("me".to_owned()), T0).wait().unwrap();
    assert!(refused.skipped[0].1.contains("max_size"));
    bench.check();
}

#[test]
fn a_run_goes_on_in_steps_until_nothing_is_left_or_its_time_is_up() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(20);
    bench.run(Verdict::Delivered);
    let run = |pace| {
        let upkeep = Upkeep { now: LATER, keep_since: LATER, max_size: 0, dead_letter_limit: 0, pace };
        bench.journal.upkeep(upkeep).wait().unwrap()
    };
    assert_eq!(run(step_of(3)), UpkeepResult { events: 3, more: true });
    let hasty = Pace { step: Duration::ZERO, ..step_of(100) };
    assert_eq!(run(hasty), UpkeepResult { events: 1, more: true }, "one row is done whatever the time");
    assert_eq!(run(Pace { run: Duration::MAX, ..hasty }), UpkeepResult { events: 16, more: false });
    bench.check();
}

#[test]
fn size_pressure_looks_past_what_may_not_go() {
    let bench = Bench::new(&["a"]);
    for (id, verdict) in [("dead", Verdict::Dead(Reason::Gone)), ("good", Verdict::Delivered)] {
        bench.emit(id);
        bench.run(verdict);
    }
    let pace = Pace { run: Duration::MAX, ..step_of(1) };
    let upkeep = Upkeep { now: T0, keep_since: 0, max_size: 1, dead_letter_limit: 0, pace };
    assert!(!bench.journal.upkeep(upkeep).wait().unwrap().more);
    let messages = ["dead_a", "good_a"].map(|id| bench.delivery(id).event.message);
    assert_eq!(messages, ["boom", ""]);
}

#[test]
fn free_pages_go_back_to_the_file_system() {
    let bench = Bench::new(&["a"]);
    let big = "x".repeat(60_000);
    let submissions = (0..60).map(|n| {
        let mut one = event(&format!("e{n}"));
        one.message.clone_from(&big);
        Submission::new(one)
    });
    bench.journal.accept(submissions.collect(), RouteBy::Applied, T0).wait().unwrap();
    bench.run(Verdict::Delivered);
    let before = pages(&bench);
    while upkeep(&bench, LATER, LATER).more {}
    assert!(pages(&bench) < before / 2, "{} of {before} pages left", pages(&bench));
    bench.check();
}

/// Days of the same load, kept for an hour: rollups, which are kept longest, come and go as well.
#[test]
fn under_steady_load_the_file_stops_growing() {
    const HOUR: i64 = 3_600_000;
    let bench = Bench::new(&["a"]);
    let hour = |n: i64| {
        let now = T0 + n * HOUR;
        let events =
            (0..40).map(|i| Submission::new(event(&format!("e{}", (n * 40 + i).wrapping_mul(7_919) % 100_003))));
        let accepted = bench.journal.accept(events.collect(), RouteBy::Applied, now).wait().unwrap();
        assert!(accepted.iter().flatten().all(|one| !one.duplicate));
        let claimed = bench.claim_at(Pick::Due, now).claimed;
        let verdict = |n| if n % 10 == 0 { Verdict::Dead(Reason::Gone) } else { Verdict::Delivered };
        let ends: Vec<_> = claimed.iter().enumerate().map(|(n, one)| bench.settlement(one, verdict(n))).collect();
        bench.journal.settle(ends, now).wait().unwrap();
        bench.journal.act(Act::Clear, all(), Actor("me".to_owned()), now).wait().unwrap();
        while upkeep(&bench, now, now - HOUR).more {}
        pages(&bench)
    };
    let first: i64 = (0..60).map(hour).max().unwrap();
    let later: i64 = (60..240).map(hour).max().unwrap();
    assert!(later <= first + first / 20, "{later} pages, {first} in the first days");
    bench.check();
}

/// Pages of the file.
fn pages(bench: &Bench) -> i64 {
    let conn = rusqlite::Connection::open(bench.path()).unwrap();
    conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap()
}
