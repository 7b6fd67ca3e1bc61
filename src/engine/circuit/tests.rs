use std::time::Duration;

use proptest::prelude::*;

use super::*;
use Report::{Failure, Neutral, Success};
use Standing::{ByHand, Ordinary, Probe, Stale};

const POLICY: CircuitPolicy = CircuitPolicy {
    enabled: true,
    failure_threshold: 3,
    cooldown: Duration::from_secs(30),
    max_cooldown: Duration::from_secs(100),
    success_threshold: 2,
};

fn feed(mut row: CircuitRow, results: &[(Standing, Report)]) -> (CircuitRow, Vec<Change>) {
    let mut changes = Vec::new();
    for (index, (standing, report)) in results.iter().enumerate() {
        let now = 1_000 * Millis::try_from(index).unwrap();
        let (next, change) = after_result(row, &POLICY, 10, *standing, *report, now);
        row = next;
        changes.extend(change);
    }
    (row, changes)
}

fn opened() -> CircuitRow {
    open(CircuitRow::default(), &POLICY, 0)
}

#[test]
fn failure_threshold_consecutive_failures_open_it_at_once() {
    let (row, changes) = feed(CircuitRow::default(), &[(Ordinary, Failure); 3]);
    assert_eq!(changes, [Change::Opened]);
    assert_eq!((row.circuit, row.opened_at, row.probe_at), (Circuit::Open, Some(2_000), Some(32_000)));
    assert_eq!((row.openings, row.consecutive_failures), (1, 3));
}

#[test]
fn a_success_between_starts_the_count_again_and_a_neutral_answer_does_not() {
    let failures = [(Ordinary, Failure); 2];
    let (row, _) = feed(CircuitRow::default(), &[failures.as_slice(), &[(Ordinary, Success)], &failures].concat());
    assert_eq!((row.circuit, row.consecutive_failures), (Circuit::Closed, 2));
    let (row, _) = feed(CircuitRow::default(), &[failures.as_slice(), &[(Ordinary, Neutral)], &failures].concat());
    assert_eq!(row.circuit, Circuit::Open);
}

#[test]
fn each_failed_probe_doubles_the_cooldown_up_to_its_most() {
    let mut row = opened();
    let mut cooldowns = vec![row.cooldown_ms];
    for _ in 0..3 {
        row = after_result(row, &POLICY, 10, Probe, Failure, 50_000).0;
        cooldowns.push(row.cooldown_ms);
    }
    assert_eq!(cooldowns, [30_000, 60_000, 100_000, 100_000]);
    assert_eq!((row.probe_at, row.openings), (Some(150_000), 1));
}

#[test]
fn success_threshold_good_probes_close_it_and_concurrency_doubles_from_one() {
    let (row, changes) = feed(opened(), &[(Probe, Success)]);
    assert_eq!((row.circuit, row.good_probes, changes), (Circuit::HalfOpen, 1, vec![]));
    let (mut row, changes) = feed(row, &[(Probe, Success)]);
    assert_eq!(changes, [Change::Closed]);
    let mut slots_seen = Vec::new();
    for _ in 0..6 {
        slots_seen.push(slots(row, 10, 0));
        row = after_result(row, &POLICY, 10, Ordinary, Success, 0).0;
    }
    assert_eq!(slots_seen, [1, 2, 4, 8, 10, 10]);
}

#[test]
fn a_failure_while_half_open_opens_it_again() {
    let (row, changes) = feed(opened(), &[(Probe, Success), (Probe, Failure)]);
    assert_eq!((row.circuit, row.good_probes, row.cooldown_ms), (Circuit::Open, 0, 60_000));
    assert_eq!(changes, []);
}

#[test]
fn results_of_attempts_begun_before_the_opening_move_nothing() {
    for report in [Success, Failure, Neutral] {
        assert_eq!(feed(opened(), &[(Stale, report)]), (opened(), vec![]));
    }
}

#[test]
fn by_hand_success_counts_towards_closing_and_failure_changes_nothing() {
    assert_eq!(feed(opened(), &[(ByHand, Failure), (ByHand, Neutral)]), (opened(), vec![]));
    let (row, changes) = feed(opened(), &[(ByHand, Success), (ByHand, Success)]);
    assert_eq!((row.circuit, changes), (Circuit::Closed, vec![Change::Closed]));
}

#[test]
fn a_refusal_that_speaks_of_the_payload_lets_the_next_one_prove_the_endpoint() {
    let (row, _) = feed(opened(), &[(Probe, Neutral)]);
    assert_eq!((row.circuit, row.good_probes), (Circuit::HalfOpen, 0));
}

#[test]
fn a_breaker_that_is_switched_off_never_opens_and_is_closed_when_restored() {
    let off = CircuitPolicy { enabled: false, ..POLICY };
    let mut row = CircuitRow::default();
    for _ in 0..100 {
        row = after_result(row, &off, 10, Ordinary, Failure, 0).0;
    }
    assert_eq!(row.circuit, Circuit::Closed);
    assert_eq!(restored(opened(), &off, 0).circuit, Circuit::Closed);
}

#[test]
fn a_probe_time_from_a_clock_that_ran_ahead_is_at_most_the_longest_cooldown_away() {
    let row = CircuitRow { probe_at: Some(Millis::MAX), ..opened() };
    assert_eq!(restored(row, &POLICY, 5_000).probe_at, Some(105_000));
}

#[test]
fn an_open_circuit_has_no_slot_until_its_probe_may_go_and_then_one() {
    for (now, expected) in [(0, 0), (29_999, 0), (30_000, 1), (90_000, 1)] {
        assert_eq!(slots(opened(), 10, now), expected, "at {now}");
    }
}

#[test]
fn only_ordinary_failures_on_a_circuit_that_stays_closed_charge_a_try() {
    let closed = CircuitRow::default();
    let failed = CircuitRow { consecutive_failures: 1, ..closed };
    let table = [
        ("an ordinary failure", closed, failed, Ordinary, true),
        ("the failure that opens it", closed, opened(), Ordinary, false),
        ("a failure that comes in while it is open", opened(), opened(), Stale, false),
        ("a probe", opened(), opened(), Probe, false),
        ("one by hand past an open circuit", opened(), opened(), ByHand, false),
        ("a late one after it closed again", closed, closed, Stale, true),
    ];
    for (what, before, after, standing, expected) in table {
        assert_eq!(charges(before, after, standing), expected, "{what}");
    }
}

fn any_result() -> impl Strategy<Value = (Standing, Report)> {
    (prop::sample::select(vec![Ordinary, Probe, ByHand, Stale]), prop::sample::select(vec![Success, Failure, Neutral]))
}

proptest! {
    #[test]
    fn whatever_comes_the_row_stays_sound(results in prop::collection::vec(any_result(), 0..200)) {
        let mut row = CircuitRow::default();
        let mut now = 0;
        for (standing, report) in results {
            now += 500;
            let before = row;
            let (next, change) = after_result(row, &POLICY, 10, standing, report, now);
            row = next;
            prop_assert_eq!(row.circuit == Circuit::Open, row.probe_at.is_some());
            prop_assert!(row.cooldown_ms <= 100_000);
            prop_assert!(row.good_probes < POLICY.success_threshold);
            prop_assert!(row.ramp < 10);
            prop_assert_eq!(row.openings > before.openings, change == Some(Change::Opened));
            prop_assert_eq!(change == Some(Change::Closed), before.circuit != Circuit::Closed && row.circuit == Circuit::Closed);
            prop_assert!(slots(row, 10, now) <= 10);
        }
    }

    #[test]
    fn good_probes_always_close_it_in_the_end(failures in 0_usize..50) {
        let mut results = vec![(Ordinary, Failure); 3];
        results.extend(vec![(Probe, Failure); failures]);
        results.extend([(Probe, Success); 2]);
        prop_assert_eq!(feed(CircuitRow::default(), &results).0.circuit, Circuit::Closed);
    }
}
