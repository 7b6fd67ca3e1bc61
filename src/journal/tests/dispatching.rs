//! Claims, settlements, and what a new dispatcher finds.

use super::support::{Bench, T0, all, record};
use crate::event::{Circuit, Outcome, Reason, State};
use crate::journal::*;

fn ids(claim: &Claim) -> Vec<&str> {
    claim.claimed.iter().map(|claimed| claimed.id.as_str()).collect()
}

#[test]
fn due_retries_go_before_fresh_ones_each_in_their_order() {
    let bench = Bench::new(&["a"]);
    for id in ["e1", "e2", "e3"] {
        bench.emit(id);
    }
    let claimed = bench.claim(Pick::Due).claimed;
    bench.settle(&claimed[0], Verdict::Retry(T0 + 20));
    bench.settle(&claimed[1], Verdict::Retry(T0 + 10));
    bench.settle(&claimed[2], Verdict::Retry(T0 + 99));
    bench.emit("e4");
    bench.emit("e5");
    let claim = bench.claim_at(Pick::Due, T0 + 50);
    assert_eq!(ids(&claim), ["e2_a", "e1_a", "e4_a", "e5_a"]);
    assert_eq!(claim.next_due, Some(T0 + 99));
    bench.check();
}

#[test]
fn a_claim_that_finds_nothing_writes_nothing_and_wakes_nobody() {
    let bench = Bench::new(&["a"]);
    let onlooker = rusqlite::Connection::open(bench.path()).unwrap();
    let version = || onlooker.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0)).unwrap();
    let mut changes = bench.journal.changes();
    changes.mark_unchanged();
    let (before, change) = (version(), bench.reader().overview(T0).unwrap().change);
    for pick in [Pick::Due, Pick::Head, Pick::Probe, Pick::Urgent] {
        assert!(bench.claim_at(pick, T0 + 3_600_000).claimed.is_empty());
    }
    assert_eq!((version(), bench.reader().overview(T0).unwrap().change), (before, change));
    assert!(!changes.has_changed().unwrap());
    bench.emit("e1");
    assert_ne!(version(), before);
    assert!(changes.has_changed().unwrap());
}

#[test]
fn more_due_than_the_limit_is_told() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(3);
    let request = ClaimRequest { limit: 2, ..bench.request(bench.keys[0], Pick::Due) };
    let claim = bench.journal.claim(request).wait().unwrap();
    assert_eq!((claim.claimed.len(), claim.next_due), (2, Some(T0)));
}

#[test]
fn the_head_of_a_fifo_lane_holds_it_until_its_retry_is_due() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(2);
    let head = bench.claim(Pick::Head).claimed.remove(0);
    assert_eq!(head.id, "e00000_a");
    bench.settle(&head, Verdict::Retry(T0 + 10));
    let claim = bench.claim(Pick::Head);
    assert!(claim.claimed.is_empty());
    assert_eq!(claim.next_due, Some(T0 + 10));
    let head = bench.claim_at(Pick::Head, T0 + 10).claimed.remove(0);
    bench.settle(&head, Verdict::Dead(Reason::Exhausted));
    assert_eq!(ids(&bench.claim(Pick::Head)), ["e00001_a"]);
}

#[test]
fn retries_by_hand_join_a_fifo_lane_at_its_tail() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(3);
    let head = bench.claim(Pick::Head).claimed.remove(0);
    bench.settle(&head, Verdict::Dead(Reason::Permanent));
    let actor = Actor("me".to_owned());
    bench.journal.act(Act::Retry, all(), actor, T0).wait().unwrap();
    bench.emit("later");
    let mut order = Vec::new();
    while let Some(head) = bench.claim(Pick::Head).claimed.pop() {
        bench.settle(&head, Verdict::Delivered);
        order.push(head.id);
    }
    assert_eq!(order, ["e00001_a", "e00002_a", "e00000_a", "later_a"]);
}

#[test]
fn the_probe_is_the_due_delivery_least_recently_tried() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(2);
    for (claimed, at) in bench.claim(Pick::Due).claimed.iter().zip([T0, T0 + 1]) {
        bench.settle(claimed, Verdict::Retry(at));
    }
    let first = bench.claim_at(Pick::Probe, T0 + 10).claimed.remove(0);
    bench.settle(&first, Verdict::Retry(T0));
    let second = bench.claim_at(Pick::Probe, T0 + 20).claimed.remove(0);
    assert_ne!(first.id, second.id);
    bench.settle(&second, Verdict::Retry(T0));
    assert_eq!(bench.claim_at(Pick::Probe, T0 + 30).claimed[0].id, first.id);
}

#[test]
fn what_waited_longer_than_max_age_dies_instead_of_being_claimed() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    let request = ClaimRequest { now: T0 + 1_001, max_age: Some(1_000), ..bench.request(bench.keys[0], Pick::Due) };
    let claim = bench.journal.claim(request).wait().unwrap();
    assert!(claim.claimed.is_empty());
    assert_eq!((claim.expired[0].id.as_str(), claim.expired[0].reason), ("e1_a", Reason::Expired));
    assert_eq!(bench.delivery("e1_a").row.state, State::Dead);
    bench.emit("e2");
    let died = bench.journal.expire(bench.epoch, bench.keys[0], 10, 100, T0 + 11).wait().unwrap();
    assert_eq!(died[0].id, "e2_a");
    bench.check();
}

#[test]
fn a_first_attempt_that_delivers_leaves_all_there_is_to_say_in_the_row() {
    let bench = Bench::new(&["a"]);
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    for id in ["plain", "uncharged", "expired", "crashed"] {
        bench.emit(id);
    }
    // It died before it was ever sent, and somebody wants it again.
    raw.execute_batch(
        "UPDATE deliveries SET reason = 3, last_error = 'x', retried_at = 7 WHERE event = (SELECT seq FROM events WHERE id = 'expired');
         UPDATE deliveries SET crashes = 2, tries = 3 WHERE event = (SELECT seq FROM events WHERE id = 'crashed')",
    )
    .unwrap();
    let ends: Vec<_> = bench
        .claim_at(Pick::Due, T0 + 5)
        .claimed
        .iter()
        .map(|one| {
            let end = bench.settlement(one, Verdict::Delivered);
            Settlement { charged: !one.id.starts_with("uncharged"), ..end }
        })
        .collect();
    bench.journal.settle(ends, T0 + 9).wait().unwrap();
    for (id, tries) in [("plain", 1), ("uncharged", 0), ("expired", 1), ("crashed", 4)] {
        let row = "SELECT d.state, d.changed_at - ?2, d.attempts, d.tries, d.crashes, d.tried_at - ?2, d.last_status, d.last_ms,
                 d.last_outcome, d.last_trigger, d.due_at, d.urgent,
                 d.reason IS NULL AND d.last_error IS NULL AND length(d.body_hash) = 32
                     AND d.first_attempt = (SELECT a.seq FROM attempts a WHERE a.delivery = d.seq)
                     AND d.change = (SELECT max(change) FROM deliveries WHERE event <= d.event)
             FROM deliveries d WHERE d.event = (SELECT seq FROM events WHERE id = ?1)";
        let found: Vec<i64> =
            raw.query_row(row, rusqlite::params![id, T0], |row| (0..13).map(|at| row.get(at)).collect()).unwrap();
        assert_eq!(found, [3, 9, 1, tries, 0, 5, 200, 5, Outcome::Delivered.code(), 0, 0, 0, 1], "{id}");
    }
    bench.check();
}

/// What the values of a delivery's row take in the file (SQLite's record format), in bytes.
fn size_of_row(conn: &rusqlite::Connection) -> usize {
    use rusqlite::types::ValueRef;
    conn.query_row("SELECT * FROM deliveries", [], |row| {
        let sizes = (0..row.as_ref().column_count()).map(|column| match row.get_ref(column).unwrap() {
            ValueRef::Integer(0 | 1) | ValueRef::Null => 0,
            ValueRef::Integer(small) if i8::try_from(small).is_ok() => 1,
            ValueRef::Integer(small) if i16::try_from(small).is_ok() => 2,
            ValueRef::Integer(small) if (-0x80_0000..0x80_0000).contains(&small) => 3,
            ValueRef::Integer(small) if i32::try_from(small).is_ok() => 4,
            ValueRef::Integer(_) => 6,
            ValueRef::Real(_) => 8,
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        });
        Ok(sizes.sum())
    })
    .unwrap()
}

#[test]
fn the_first_result_finds_room_in_the_row() {
    let bench = Bench::new(&["a"]);
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    // Numbers of a journal that has seen much.
    raw.execute("UPDATE meta SET value = 20000000 WHERE key = 'change'", []).unwrap();
    bench.emit("e1");
    let before = size_of_row(&raw);
    let claimed = bench.claim(Pick::Due).claimed.remove(0);
    assert_eq!(claimed.body_hash, None, "what keeps the room is no hash");
    let mut end = bench.settlement(&claimed, Verdict::Delivered);
    end.attempt.body_as_stored = true;
    bench.journal.settle(vec![end], T0).wait().unwrap();
    assert_eq!(bench.delivery("e1_a").row.state, State::Delivered);
    let after = size_of_row(&raw);
    assert!(after <= before && before - after < 4, "{before} bytes, then {after}");
}

#[test]
fn a_resend_that_fails_leaves_a_delivery_as_it_was() {
    for (verdict, state) in [(Verdict::Dead(Reason::Permanent), State::Dead), (Verdict::Delivered, State::Delivered)] {
        let bench = Bench::new(&["a"]);
        bench.emit("e1");
        bench.run(verdict);
        let before = bench.delivery("e1_a").row;
        let claimed = bench.claim(Pick::Resend(before.seq)).claimed.remove(0);
        assert_eq!((claimed.was, claimed.number), (state, 2));
        let back = Settlement { charged: false, ..bench.settlement(&claimed, Verdict::Back) };
        assert!(bench.journal.settle(vec![back], T0).wait().unwrap().is_empty(), "no alert for acts by hand");
        let after = bench.delivery("e1_a").row;
        assert_eq!((after.state, after.reason, after.tries), (before.state, before.reason, before.tries));
        assert_eq!(after.attempts, 2);
        let endpoint = bench.endpoint("a");
        assert_eq!(endpoint.total_dead + endpoint.total_delivered, 1);
        bench.check();
    }
}

#[test]
fn in_flight_and_cleared_deliveries_are_not_resent() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    let claimed = bench.claim(Pick::Due).claimed.remove(0);
    assert!(bench.claim(Pick::Resend(claimed.delivery)).claimed.is_empty());
    bench.settle(&claimed, Verdict::Dead(Reason::Gone));
    bench.journal.act(Act::Clear, all(), Actor("me".to_owned()), T0).wait().unwrap();
    assert!(bench.claim(Pick::Resend(claimed.delivery)).claimed.is_empty());
}

#[test]
fn a_claim_that_was_not_begun_goes_back_unlogged() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    let claimed = bench.claim(Pick::Due).claimed.remove(0);
    bench.journal.release(bench.epoch, vec![claimed.delivery], T0).wait().unwrap();
    let detail = bench.delivery("e1_a");
    assert_eq!((detail.row.state, detail.row.attempts, detail.attempts.len()), (State::Queued, 0, 0));
    bench.check();
}

#[test]
fn an_attempt_cut_off_by_a_stop_is_logged_and_charges_nothing() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    let claimed = bench.claim(Pick::Due).claimed.remove(0);
    bench.journal.interrupt(bench.epoch, vec![claimed.delivery], T0).wait().unwrap();
    let detail = bench.delivery("e1_a");
    assert_eq!((detail.row.state, detail.row.attempts, detail.row.tries), (State::Queued, 1, 0));
    assert_eq!(detail.attempts[0].row.outcome, Outcome::Interrupted);
    assert_eq!(bench.claim(Pick::Due).claimed[0].crashes, 0);
    assert_eq!(bench.endpoint("a").failing_since, None, "it says nothing of the endpoint");
    bench.check();
}

#[test]
fn a_new_dispatcher_returns_what_was_in_flight_and_tells_suspects_after_three_crashes() {
    let mut bench = Bench::new(&["a"]);
    bench.emit("e1");
    for crash in 1..=3 {
        let claimed = bench.claim(Pick::Due).claimed.remove(0);
        assert_eq!((claimed.number, claimed.crashes), (crash, crash - 1));
        let taken = bench.take_over();
        assert_eq!(taken.interrupted, 1);
        let reader = bench.journal.reader().unwrap();
        assert_eq!(reader.suspects().unwrap(), if crash == 3 { vec![bench.keys[0]] } else { Vec::new() });
    }
    let detail = bench.delivery("e1_a");
    assert_eq!((detail.row.state, detail.row.tries, detail.attempts.len()), (State::Queued, 0, 3));
    assert!(detail.attempts[0].row.error.as_deref().unwrap().contains("may have been sent"));
    let request = ClaimRequest { below_crashes: 3, ..bench.request(bench.keys[0], Pick::Due) };
    let claim = bench.journal.claim(request).wait().unwrap();
    assert!(claim.claimed.is_empty() && claim.next_due.is_none(), "it is sent alone");
    let claim = bench.claim(Pick::Suspect);
    assert_eq!((claim.claimed.len(), claim.next_due), (1, None));
    bench.settle(&claim.claimed[0], Verdict::Retry(T0));
    assert_eq!(bench.claim(Pick::Due).claimed[0].crashes, 0, "a result ends the row of crashes");
    bench.check();
}

#[test]
fn a_result_of_an_older_epoch_is_recorded_and_changes_nothing_else() {
    let mut bench = Bench::new(&["a"]);
    bench.emit("e1");
    let claimed = bench.claim(Pick::Due).claimed.remove(0);
    let late = bench.settlement(&claimed, Verdict::Delivered);
    let old = bench.epoch;
    bench.take_over();
    assert!(bench.journal.settle(vec![late], T0).wait().unwrap().is_empty());
    let detail = bench.delivery("e1_a");
    assert_eq!((detail.row.state, detail.attempts.len()), (State::Queued, 2));
    assert_eq!(bench.endpoint("a").last_success_at, None);
    let stale = ClaimRequest { epoch: old, ..bench.request(bench.keys[0], Pick::Due) };
    assert!(matches!(bench.journal.claim(stale).wait(), Err(JournalError::Superseded)));
    bench.journal.release(old, vec![claimed.delivery], T0).wait().unwrap();
    bench.check();
}

#[test]
fn a_turn_stores_results_before_it_claims() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    bench.emit("e2");
    let first = bench.claim_at(Pick::Due, T0).claimed;
    let settlements: Vec<_> = first.iter().map(|one| bench.settlement(one, Verdict::Retry(T0))).collect();
    let claims = vec![bench.request(bench.keys[0], Pick::Due)];
    let turned = bench.journal.turn(Turn { settlements: settlements.into(), claims, now: T0 }).wait().unwrap();
    let again: Vec<_> = turned.claims.unwrap().remove(0).claimed.iter().map(|one| (one.number, one.tries)).collect();
    assert_eq!(again, vec![(2, 1); first.len()], "what a result makes due is found by the claim of its own turn");
    bench.check();
}

#[test]
fn a_turn_of_an_older_epoch_stores_its_attempts_and_claims_nothing() {
    let mut bench = Bench::new(&["a"]);
    bench.emit("e1");
    let claimed = bench.claim(Pick::Due).claimed.remove(0);
    let late = bench.settlement(&claimed, Verdict::Delivered);
    let claims = vec![bench.request(bench.keys[0], Pick::Due)];
    bench.take_over();
    let turned = bench.journal.turn(Turn { settlements: vec![late].into(), claims, now: T0 }).wait().unwrap();
    assert!(turned.claims.is_none() && turned.buried.is_empty());
    let detail = bench.delivery("e1_a");
    assert_eq!((detail.row.state, detail.attempts.len()), (State::Queued, 2));
    bench.check();
}

#[test]
fn due_times_beyond_the_longest_delay_are_pulled_near_on_load() {
    let mut bench = Bench::new(&["a"]);
    bench.emit("e1");
    bench.run(Verdict::Retry(T0 + 99_000_000));
    bench.take_over();
    assert_eq!(bench.delivery("e1_a").row.due_at, T0 + 3_600_000);
}

#[test]
fn a_request_body_is_stored_again_only_where_it_differs() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    for body in ["one", "one", "two"] {
        let claimed = bench.claim(Pick::Due).claimed.remove(0);
        let mut settlement = bench.settlement(&claimed, Verdict::Retry(T0));
        settlement.attempt.request_body = bytes::Bytes::from(body);
        bench.journal.settle(vec![settlement], T0).wait().unwrap();
    }
    let shown: Vec<_> = bench.delivery("e1_a").attempts.into_iter().map(|one| one.request_body.unwrap()).collect();
    assert_eq!(shown, [b"one", b"one", b"two"]);
    let conn = rusqlite::Connection::open(bench.path()).unwrap();
    let stored: i64 = conn.query_row("SELECT count(request_body) FROM attempts", [], |row| row.get(0)).unwrap();
    assert_eq!(stored, 2);
}

#[test]
fn failing_since_is_the_first_failure_since_the_last_good_attempt() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    let attempt = |at, verdict| {
        let claimed = bench.claim_at(Pick::Due, at).claimed.remove(0);
        bench.journal.settle(vec![bench.settlement(&claimed, verdict)], at).wait().unwrap();
        let endpoint = bench.endpoint("a");
        assert_eq!(endpoint.last_attempt_at, Some(at), "its end, as the other times are");
        (endpoint.failing_since, endpoint.last_success_at, endpoint.last_status)
    };
    assert_eq!(attempt(T0, Verdict::Retry(T0)), (Some(T0), None, Some(500)));
    assert_eq!(attempt(T0 + 1, Verdict::Retry(T0)), (Some(T0), None, Some(500)));
    assert_eq!(attempt(T0 + 2, Verdict::Delivered), (None, Some(T0 + 2), Some(200)));
    bench.emit("e2");
    assert_eq!(attempt(T0 + 3, Verdict::Retry(T0)), (Some(T0 + 3), Some(T0 + 2), Some(500)));
}

#[test]
fn a_skip_is_a_delivery_held_by_the_circuit_counted_once_per_opening() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(4);
    let request = ClaimRequest { limit: 2, ..bench.request(bench.keys[0], Pick::Due) };
    let in_flight = bench.journal.claim(request).wait().unwrap().claimed;
    let open = CircuitRow { circuit: Circuit::Open, openings: 1, opened_at: Some(T0 + 1), ..CircuitRow::default() };
    let mut first = bench.settlement(&in_flight[0], Verdict::Retry(T0 + 5));
    first.update.circuit = Some(open);
    bench.journal.settle(vec![first], T0 + 1).wait().unwrap();
    assert_eq!(bench.endpoint("a").circuit_skips, 3, "two that wait, and the one that opened it");
    bench.settle(&in_flight[1], Verdict::Retry(T0 + 5));
    assert_eq!(bench.endpoint("a").circuit_skips, 4, "one that was in flight comes back to wait");
    bench.emit("later");
    assert_eq!(bench.endpoint("a").circuit_skips, 5, "one that comes in while it is open");
    let probe = bench.claim_at(Pick::Probe, T0 + 10).claimed.remove(0);
    let mut failed = bench.settlement(&probe, Verdict::Retry(T0 + 20));
    failed.update.circuit = Some(CircuitRow { probe_at: Some(T0 + 40), ..open });
    bench.journal.settle(vec![failed], T0 + 11).wait().unwrap();
    assert_eq!(bench.endpoint("a").circuit_skips, 5, "the same opening counts nothing twice");
    bench.check();
}

#[test]
fn attempts_of_a_minute_feed_its_rollup() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(3);
    let claimed = bench.claim(Pick::Due).claimed;
    bench.settle(&claimed[0], Verdict::Delivered);
    bench.settle(&claimed[1], Verdict::Delivered);
    bench.settle(&claimed[2], Verdict::Retry(T0));
    let rollups = bench.reader().rollups(T0 / 60_000).unwrap();
    assert_eq!((rollups[0].accepted, rollups[0].delivered, rollups[0].failed), (3, 2, 1));
    assert_eq!(rollups[0].latencies.total(), 3);
    assert!(bench.reader().rollups(T0 / 60_000 + 1).unwrap().is_empty());
}

#[test]
fn a_test_is_recorded_after_the_fact_and_never_becomes_a_dead_letter() {
    let bench = Bench::new(&["a"]);
    for (id, outcome, state) in [("t1", Outcome::Delivered, State::Delivered), ("t2", Outcome::Refused, State::Cleared)]
    {
        let test = TestRecord {
            event: super::support::event(id),
            endpoint: super::support::revision(&["a"]).routes.remove(0),
            attempt: record(1, outcome, Some(404)),
        };
        bench.journal.record_test(test, T0).wait().unwrap();
        let detail = bench.delivery(&format!("{id}_a"));
        assert_eq!((detail.row.state, detail.attempts.len()), (state, 1));
    }
    assert_eq!((bench.endpoint("a").total_dead, bench.endpoint("a").counts.dead), (0, 0));
    bench.check();
}
