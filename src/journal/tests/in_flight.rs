//! What is in flight keeps the state that it had in its own row: nobody may take it for that.

use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, StatementStatus};
use std::sync::atomic::{AtomicI32, Ordering};

use super::support::{self, Bench, T0, all, dead, event, limited, of_endpoint};
use crate::event::{Limits, Query, Reason, State, Trigger};
use crate::journal::claim::claim;
use crate::journal::open::for_writing;
use crate::journal::tx::{Memory, Tx};
use crate::journal::*;

const LATER: i64 = T0 + 1_000_000;

fn me() -> Actor {
    Actor("me@here".to_owned())
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn emit_at(bench: &Bench, id: &str, at: i64) {
    bench.journal.accept(vec![Submission::new(event(id))], RouteBy::Applied, at).wait().unwrap().remove(0).unwrap();
}

/// Claims by this pick, by itself.
fn claim_one(bench: &Bench, pick: Pick, now: i64) -> Claimed {
    let request = ClaimRequest { limit: 1, now, ..bench.request(bench.keys[0], pick) };
    bench.journal.claim(request).wait().unwrap().claimed.remove(0)
}

/// One more attempt of this delivery is under way.
fn resent(bench: &Bench, id: &str) -> Claimed {
    claim_one(bench, Pick::Resend(bench.delivery(id).row.seq), T0 + 9)
}

/// A queued, a scheduled, a delivered and a dead delivery of `a`, all of them in flight.
fn all_in_flight() -> Bench {
    let bench = Bench::new(&["a"]);
    for (id, verdict) in [
        ("scheduled", Verdict::Retry(T0)),
        ("delivered", Verdict::Delivered),
        ("dead", Verdict::Dead(Reason::Exhausted)),
    ] {
        bench.emit(id);
        let claimed = bench.claim(Pick::Due).claimed;
        bench.settle(claimed.iter().find(|one| one.id.starts_with(id)).unwrap(), verdict);
        // What else was due.
        bench.journal.release(bench.epoch, claimed.iter().map(|one| one.delivery).collect(), T0).wait().unwrap();
    }
    bench.emit("queued");
    for id in STATES {
        resent(&bench, &format!("{id}_a"));
    }
    bench
}

const STATES: [&str; 4] = ["queued", "scheduled", "delivered", "dead"];

#[test]
fn a_claim_leaves_the_row_of_its_delivery_as_it_is() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(3);
    let rows = || {
        let conn = Connection::open(bench.path()).unwrap();
        let mut rows = conn.prepare("SELECT * FROM deliveries ORDER BY seq").unwrap();
        let columns = rows.column_count();
        let read = |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get(at)).collect::<Result<Vec<_>, _>>();
        rows.query_map([], read).unwrap().collect::<Result<Vec<Vec<rusqlite::types::Value>>, _>>().unwrap()
    };
    let before = rows();
    assert_eq!(bench.claim_at(Pick::Due, T0 + 7).claimed.len(), 3);
    assert_eq!(rows(), before);
    let row = bench.delivery("e00001_a").row;
    assert_eq!((row.state, row.changed_at), (State::InFlight, T0 + 7), "but everybody sees it");
    bench.check();
}

#[test]
fn no_pick_finds_what_is_in_flight() {
    let bench = all_in_flight();
    let seqs = STATES.map(|id| bench.delivery(&format!("{id}_a")).row.seq);
    for pick in [Pick::Due, Pick::Head, Pick::Probe, Pick::Urgent].into_iter().chain(seqs.map(Pick::Resend)) {
        let claim = bench.claim_at(pick, LATER);
        assert!(claim.claimed.is_empty() && claim.next_due.is_none(), "{pick:?}: {claim:?}");
    }
    assert_eq!(bench.endpoint("a").counts, Counts { in_flight: 4, ..Counts::default() });
    bench.check();
}

#[test]
fn the_next_due_time_is_that_of_what_is_not_in_flight() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(2);
    let claimed = bench.claim(Pick::Due).claimed;
    bench.settle(&claimed[0], Verdict::Retry(T0 + 10));
    bench.settle(&claimed[1], Verdict::Retry(T0 + 20));
    let claim = bench.claim_at(Pick::Due, T0 + 10);
    assert_eq!((claim.claimed.len(), claim.next_due), (1, Some(T0 + 20)));
    let reader = bench.reader();
    assert_eq!(reader.next_due(bench.keys[0]).unwrap(), Some(T0 + 20));
    assert_eq!(reader.overview(T0).unwrap().next_retry_at, Some(T0 + 20));
    bench.claim_at(Pick::Due, T0 + 20);
    assert_eq!(reader.next_due(bench.keys[0]).unwrap(), None);
}

#[test]
fn what_is_released_is_the_one_most_recently_tried_and_as_urgent_as_it_was() {
    let bench = dead(2);
    bench.journal.act(Act::Retry, all(), me(), T0).wait().unwrap();
    let first = claim_one(&bench, Pick::Probe, T0 + 10);
    bench.journal.release(bench.epoch, vec![first.delivery], T0 + 11).wait().unwrap();
    let second = claim_one(&bench, Pick::Probe, T0 + 12);
    assert_ne!(first.id, second.id);
    bench.settle(&second, Verdict::Dead(Reason::Exhausted));
    bench.journal.retry_now(second.id.clone(), me(), T0).wait().unwrap();
    let urgent = ClaimRequest { trigger: Trigger::Manual, ..bench.request(bench.keys[0], Pick::Urgent) };
    for release in [true, false] {
        let claimed = bench.journal.claim(urgent).wait().unwrap().claimed.remove(0);
        assert!(claimed.urgent && !bench.delivery(&second.id).row.urgent);
        if release {
            bench.journal.release(bench.epoch, vec![claimed.delivery], T0).wait().unwrap();
        } else {
            bench.journal.interrupt(bench.epoch, vec![claimed.delivery], T0).wait().unwrap();
        }
        assert_eq!(bench.delivery(&second.id).row.urgent, release);
    }
    let attempts = bench.delivery(&second.id);
    assert_eq!((attempts.row.last_trigger, attempts.attempts.len()), (Some(Trigger::Manual), 3));
    assert_eq!(attempts.attempts[2].row.trigger, Trigger::Manual);
    bench.check();
}

/// Every way to name them.
fn selections() -> Vec<Selection> {
    let matching = |text: &str| Selection::Matching { query: Query::parse(text).unwrap(), as_of: i64::MAX, at: T0 };
    vec![
        all(),
        of_endpoint("a"),
        Selection::Ids(STATES.map(|id| format!("{id}_a")).to_vec()),
        Selection::Ids(STATES.map(str::to_owned).to_vec()),
        matching(""),
        matching("endpoint:a*"),
        matching("state:pending,dead,delivered"),
    ]
}

#[test]
fn no_act_by_hand_changes_what_is_in_flight_and_none_is_counted() {
    let bench = all_in_flight();
    for act in [Act::Retry, Act::Clear, Act::Restore, Act::Cancel] {
        for selection in selections() {
            assert_eq!(bench.reader().count(act, &selection).unwrap(), [], "{act:?} {selection:?}");
            let result = bench.journal.act(act, selection.clone(), me(), T0).wait().unwrap();
            assert_eq!(result.done, 0, "{act:?} {selection:?}");
            assert!(result.skipped.iter().all(|(_, why)| why.contains("in flight")), "{result:?}");
        }
    }
    assert_eq!(bench.reader().last_act(&me()).unwrap(), None);
    let names = ids(&["queued_a", "scheduled_a", "delivered_a", "dead_a"]);
    assert_eq!(bench.reader().count_resend(&names).unwrap(), []);
    let resend = bench.journal.resend(names, me(), T0).wait().unwrap();
    assert!(resend.done == 0 && resend.skipped.iter().all(|(_, why)| why.contains("in flight")), "{resend:?}");
    bench.emit("rests");
    for selection in [all(), of_endpoint("a")] {
        let counts = bench.reader().count(Act::Cancel, &selection).unwrap();
        assert_eq!(counts.iter().map(|one| one.count).sum::<u64>(), 1, "{counts:?}");
    }
    for selection in selections() {
        let batch = bench.journal.replay(Replay::new(selection, me()), 9, false, T0).wait().unwrap();
        assert!(batch.sent.is_empty(), "{batch:?}");
    }
    bench.check();
}

#[test]
fn a_row_that_flew_off_after_it_was_read_is_left_alone() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    let request = bench.request(bench.keys[0], Pick::Due);
    let unchanged = bench.journal.writer.call(move |tx| {
        let target = acts::named(tx, "e1_a")?.remove(0);
        claim(tx, &request)?;
        let to = acts::Change { act: 1, verb: Act::Cancel, urgent: false, now: T0 };
        let cancelled = acts::change(tx, to, &target)?.is_some();
        let buried = accept::bury(tx, target.seq, target.endpoint, State::Queued, Reason::Overflow, T0)?;
        Ok(!cancelled && !buried)
    });
    assert!(unchanged.wait().unwrap());
    assert_eq!(bench.delivery("e1_a").row.state, State::InFlight);
    bench.check();
}

/// More of them than one step of an act looks at.
#[test]
fn an_act_ends_however_many_are_in_flight() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(2_001);
    let request = ClaimRequest { limit: 2_000, ..bench.request(bench.keys[0], Pick::Due) };
    bench.journal.claim(request).wait().unwrap();
    assert_eq!(bench.journal.act(Act::Cancel, all(), me(), T0).wait().unwrap().done, 1);
    bench.check();
}

#[test]
fn a_replay_passes_over_a_dead_letter_that_is_in_flight_by_now() {
    let bench = dead(2);
    let named = Replay::new(Selection::Ids(ids(&["e00000_a", "e00001_a"])), me());
    let first = bench.journal.replay(named, 1, false, T0).wait().unwrap();
    resent(&bench, "e00001_a");
    let second = bench.journal.replay(first.replay, 1, false, T0).wait().unwrap();
    assert_eq!((first.sent.len(), second.sent.len(), second.next), (1, 0, Next::Over));
    let bench = dead(2);
    resent(&bench, "e00000_a");
    let query = Query::parse("endpoint:a*").unwrap();
    let found = Replay::new(Selection::Matching { query, as_of: i64::MAX, at: T0 }, me());
    assert_eq!(bench.journal.replay(found, 1, false, T0).wait().unwrap().sent.len(), 1);
    bench.check();
}

#[test]
fn undo_leaves_what_is_in_flight() {
    let bench = dead(3);
    let undo = || support::undo(&bench.journal, &me().0, T0).map(|undone| (undone.undone, undone.of));
    bench.journal.act(Act::Retry, all(), me(), T0).wait().unwrap();
    claim_one(&bench, Pick::Due, T0);
    assert_eq!(undo(), Some((2, 3)));
    bench.emit("waits");
    bench.journal.act(Act::Cancel, Selection::Ids(ids(&["waits_a"])), me(), T0).wait().unwrap();
    resent(&bench, "waits_a");
    assert_eq!(undo(), Some((0, 1)));
    assert_eq!(bench.endpoint("a").counts, Counts { in_flight: 2, dead: 2, ..Counts::default() });
    bench.check();
}

#[test]
fn overflow_drops_the_oldest_that_is_not_in_flight() {
    let bench = Bench::with(&limited(&["a"], Limits { queue_size: 2, drop_oldest: true, ..Limits::default() }));
    emit_at(&bench, "seen", T0);
    let seen = claim_one(&bench, Pick::Due, T0);
    bench.settle(&seen, Verdict::Retry(T0));
    emit_at(&bench, "fresh", T0 + 1);
    assert_eq!(bench.claim(Pick::Due).claimed.len(), 2);
    for (n, at) in (T0 + 2..T0 + 5).enumerate() {
        emit_at(&bench, &format!("e{n}"), at);
    }
    let state = |id: &str| bench.delivery(id).row.state;
    assert_eq!(["seen_a", "fresh_a"].map(state), [State::InFlight; 2]);
    assert_eq!(["e0_a", "e1_a", "e2_a"].map(state), [State::Dead, State::Queued, State::Queued]);
    bench.check();
}

#[test]
fn nothing_expires_in_flight_and_it_hides_nothing_that_does() {
    for verdict in [None, Some(Verdict::Retry(T0))] {
        let bench = Bench::new(&["a"]);
        bench.emit_many(3);
        if let Some(verdict) = verdict {
            bench.run(verdict);
        }
        let first = claim_one(&bench, Pick::Due, T0);
        let died = bench.journal.expire(bench.epoch, bench.keys[0], 10, 1, LATER).wait().unwrap();
        assert_eq!(died.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["e00001_a"]);
        assert_eq!(bench.delivery(&first.id).row.state, State::InFlight);
        bench.check();
    }
}

#[test]
fn retention_keeps_a_delivered_one_that_is_being_resent() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    bench.run(Verdict::Delivered);
    let claimed = resent(&bench, "e1_a");
    let pace = Pace { rows: 100, step: std::time::Duration::MAX, run: std::time::Duration::ZERO };
    let upkeep = |now, max_size| {
        let upkeep = Upkeep { now, keep_since: now, max_size, dead_letter_limit: 0, pace };
        bench.journal.upkeep(upkeep).wait().unwrap().events
    };
    assert_eq!(upkeep(LATER, 1), 0);
    assert_eq!(bench.delivery("e1_a").event.message, "boom", "nor does size pressure take its body");
    bench.settle(&claimed, Verdict::Back);
    bench.check();
    assert_eq!(upkeep(LATER + 1, 0), 1);
}

#[test]
fn the_dead_letter_limit_passes_over_a_dead_letter_that_is_being_resent() {
    let bench = dead(3);
    resent(&bench, "e00000_a");
    let pace = Pace { rows: 1, step: std::time::Duration::MAX, run: std::time::Duration::ZERO };
    let upkeep = Upkeep { now: LATER, keep_since: 0, max_size: 0, dead_letter_limit: 1, pace };
    bench.journal.upkeep(upkeep).wait().unwrap();
    let states = ["e00000_a", "e00001_a", "e00002_a"].map(|id| bench.delivery(id).row.state);
    assert_eq!(states, [State::InFlight, State::Cleared, State::Dead]);
    bench.check();
}

#[test]
fn a_dead_letter_that_is_being_resent_is_in_no_list_of_dead_letters() {
    let bench = dead(1);
    bench.emit("e1");
    let mut last = bench.settlement(&claim_one(&bench, Pick::Due, T0), Verdict::Dead(Reason::Exhausted));
    last.attempt.error = Some("the newest".to_owned());
    bench.journal.settle(vec![last], T0 + 5).wait().unwrap();
    bench.emit("e2");
    let mut unanswered = bench.settlement(&claim_one(&bench, Pick::Due, T0), Verdict::Dead(Reason::Exhausted));
    unanswered.attempt.status = None;
    bench.journal.settle(vec![unanswered], T0 + 6).wait().unwrap();
    let reader = bench.reader();
    assert_eq!(reader.groups(None, 9).unwrap().len(), 2);
    let claimed = ["e1_a", "e2_a"].map(|id| resent(&bench, id));
    let groups = reader.groups(None, 9).unwrap();
    let short: Vec<_> = groups.iter().map(|one| (one.count, one.newest_at, one.sample.as_deref())).collect();
    assert_eq!(short, [(1, T0, Some("refused"))]);
    let of = |rows: Vec<DeliveryRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(of(reader.dead_letters(Page::first(9)).unwrap()), ["e00000_a"]);
    for text in ["", "endpoint:a*", "id:e*", "reason:exhausted"] {
        let search = Search::new(Query::parse(text).unwrap(), T0);
        assert_eq!(of(reader.find_dead_letters(Page::first(9), &search).unwrap().rows), ["e00000_a"], "{text}");
    }
    let dead = |id: &str| reader.event(id).unwrap().unwrap().row.dead;
    assert_eq!((dead("e00000"), dead("e1")), (1, 0));
    bench.journal.settle(vec![bench.settlement(&claimed[0], Verdict::Back)], T0 + 50).wait().unwrap();
    assert_eq!((dead("e1"), reader.dead_letters(Page::first(9)).unwrap().len()), (1, 2));
    assert_eq!(reader.overview(T0).unwrap().oldest_dead_at, Some(T0));
    resent(&bench, "e00000_a");
    assert_eq!(reader.overview(T0).unwrap().oldest_dead_at, Some(T0 + 50));
    bench.check();
}

#[test]
fn lists_show_what_is_in_flight_once_and_as_such() {
    let bench = all_in_flight();
    let reader = bench.reader();
    let count = |text: &str| {
        let search = Search::new(Query::parse(text).unwrap(), LATER);
        reader.find_deliveries(Page::first(9), &search).unwrap().rows.len()
    };
    assert_eq!(["endpoint:a*", "state:in_flight", "state:pending"].map(count), [4; 3]);
    assert_eq!(
        ["state:queued", "state:scheduled", "state:delivered", "state:dead", "!state:in_flight"].map(count),
        [0; 5]
    );
    assert_eq!(["age:<16m39s", "age:>16m39s"].map(count), [0, 4], "of its claim");
    let event = reader.event("delivered").unwrap().unwrap();
    assert_eq!((event.row.deliveries, event.row.delivered, event.deliveries[0].state), (1, 0, State::InFlight));
    let stands = reader.stands(STATES.map(|id| bench.delivery(&format!("{id}_a")).row.seq)).unwrap();
    assert!(stands.len() == 4 && stands.iter().all(|stand| stand.state == State::InFlight), "{stands:?}");
}

#[test]
fn the_oldest_undelivered_may_be_in_flight_and_the_oldest_due_is_not() {
    let bench = Bench::new(&["a"]);
    for at in [T0, T0 + 5] {
        emit_at(&bench, &format!("e{at}"), at);
    }
    claim_one(&bench, Pick::Due, T0 + 6);
    let overview = bench.reader().overview(T0 + 7).unwrap();
    assert_eq!((overview.oldest_undelivered_at, overview.oldest_due_at), (Some(T0), Some(T0 + 5)));
    claim_one(&bench, Pick::Due, T0 + 6);
    let overview = bench.reader().overview(T0 + 7).unwrap();
    assert_eq!((overview.oldest_undelivered_at, overview.oldest_due_at), (Some(T0), None));
}

/// Steps of SQLite's machine that these picks take in a lane with so many in flight and so many behind them.
fn steps(in_flight: usize, waiting: usize) -> Vec<i32> {
    let bench = Bench::new(&["a"]);
    bench.emit_many(in_flight + waiting);
    let request = ClaimRequest { limit: in_flight, ..bench.request(bench.keys[0], Pick::Due) };
    bench.journal.claim(request).wait().unwrap();
    let mut conn = for_writing(&bench.path(), Role::Command).unwrap();
    let sum = Arc::new(AtomicI32::new(0));
    let counted = Arc::clone(&sum);
    let count = move |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, _) = event {
            counted.fetch_add(statement.get_status(StatementStatus::VmStep), Ordering::Relaxed);
        }
    };
    conn.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(count)).unwrap();
    let picks = [Pick::Due, Pick::Head, Pick::Probe, Pick::Urgent];
    picks
        .map(|pick| {
            conn.execute_batch("BEGIN IMMEDIATE").unwrap();
            sum.store(0, Ordering::Relaxed);
            let mut memory = Memory::default();
            let mut tx = Tx::begin(&conn, &mut memory).unwrap();
            claim(&mut tx, &ClaimRequest { limit: 1, ..bench.request(bench.keys[0], pick) }).unwrap();
            drop(tx);
            let steps = sum.load(Ordering::Relaxed);
            conn.execute_batch("ROLLBACK").unwrap();
            steps
        })
        .to_vec()
}

#[test]
fn a_claim_looks_past_what_is_in_flight_and_no_further() {
    let (short, long) = (steps(256, 100), steps(256, 1_000));
    assert_eq!(short, long, "what waits behind costs nothing");
    let most = steps(0, 100)[0] + 256 * 12;
    assert!(short[0] < most, "{} steps for 256 in flight, at most {most}", short[0]);
}
