//! Retention.

use super::support::{Bench, T0, event, limited, revision};
use crate::event::{Limits, Reason, State};
use crate::journal::*;

const LATER: i64 = T0 + 1_000_000;

fn upkeep(bench: &Bench, now: i64, keep_since: i64) -> UpkeepResult {
    let upkeep = Upkeep { now, keep_since, max_size: 0, dead_letter_limit: 0, step: 100 };
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
fn retention_counts_from_the_last_change_of_state() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    bench.run(Verdict::Dead(Reason::Gone));
    assert_eq!(upkeep(&bench, T0 + 500, T0 + 100).events, 0);
    bench.journal.act(Act::Clear, Selection::All, Actor("me".to_owned()), T0 + 600).wait().unwrap();
    assert_eq!(upkeep(&bench, T0 + 700, T0 + 599).events, 0);
    assert_eq!(upkeep(&bench, T0 + 800, T0 + 601).events, 1);
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
    let upkeep = Upkeep { now: LATER, keep_since: 0, max_size: 0, dead_letter_limit: 1, step: 1 };
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
    bench.journal.upkeep(Upkeep { now: T0, keep_since: 0, max_size: 1, dead_letter_limit: 0, step: 9 }).wait().unwrap();
    let kept = bench.delivery("e1_a");
    assert_eq!((kept.event.message.as_str(), kept.attempts.len(), kept.row.state), ("", 0, State::Delivered));
    assert_eq!(bench.delivery("e2_a").event.message, "boom");
    assert!(bench.emit("e1").duplicate);
    let refused = bench.journal.resend(vec!["e1_a".to_owned()], Actor("me".to_owned()), T0).wait().unwrap();
    assert!(refused.skipped[0].1.contains("max_size"));
    bench.check();
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
    let pages = || -> i64 {
        let conn = rusqlite::Connection::open(bench.path()).unwrap();
        conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap()
    };
    let before = pages();
    while upkeep(&bench, LATER, LATER).more {}
    assert!(pages() < before / 2, "{} of {before} pages left", pages());
    bench.check();
}
