//! Many at once come to the same as one after the other.

use std::sync::Arc;

use proptest::prelude::*;

use super::support::{Bench, T0, all, event, limited, revision, route};
use crate::event::{Event, Limits, Revision, State};
use crate::journal::many::MOST;
use crate::journal::*;

/// Delivery ids in the order of their lane.
fn lane(bench: &Bench, key: i64, limit: usize) -> Vec<String> {
    let request = ClaimRequest { limit, ..bench.request(key, Pick::Due) };
    bench.journal.claim(request).wait().unwrap().claimed.into_iter().map(|one| one.id).collect()
}

#[test]
fn every_event_of_a_batch_of_any_size_gets_its_deliveries_in_order() {
    for events in [1, MOST - 1, MOST, MOST + 1, 2 * MOST + 3] {
        for endpoints in [&["a"][..], &["a", "b", "c"]] {
            let bench = Bench::new(endpoints);
            bench.emit_many(events);
            for (key, endpoint) in bench.keys.iter().zip(endpoints) {
                let expected: Vec<_> = (0..events).map(|i| format!("e{i:05}_{endpoint}")).collect();
                assert_eq!(lane(&bench, *key, 99), expected, "{events} events to {endpoints:?}");
            }
            bench.check();
        }
    }
}

#[test]
fn an_event_goes_to_any_number_of_endpoints() {
    let ids: Vec<String> = (0..2 * MOST + 3).map(|i| format!("p{i:02}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let bench = Bench::new(&ids);
    let expected: Vec<_> = ids.iter().map(|id| format!("e1_{id}")).collect();
    assert_eq!(bench.emit("e1").deliveries, expected);
    assert!(expected.iter().all(|id| bench.delivery(id).row.state == State::Queued));
    bench.check();
}

#[test]
fn an_endpoint_gets_an_event_once_though_it_stands_in_the_revision_twice() {
    let bench = Bench::bare();
    let twice = Arc::new(Revision { routes: vec![route("a"), route("b"), route("a")], ..Revision::default() });
    let submissions = ["e1", "e2"].map(|id| Submission::new(event(id))).to_vec();
    let accepted = bench.journal.accept(submissions, RouteBy::Given(twice), T0).wait().unwrap();
    let deliveries: Vec<_> = accepted.into_iter().map(|one| one.unwrap().deliveries).collect();
    assert_eq!(deliveries, [["e1_a", "e1_b"], ["e2_a", "e2_b"]]);
    bench.check();
}

#[test]
fn an_event_that_is_routed_later_does_not_go_again_to_who_had_it() {
    let mut bench = Bench::new(&["a"]);
    bench.emit("e1");
    let conn = rusqlite::Connection::open(bench.path()).unwrap();
    conn.execute("UPDATE events SET unrouted = 1", []).unwrap();
    assert_eq!(bench.apply(&revision(&["a", "b"])).routed, 1);
    assert_eq!([lane(&bench, bench.keys[0], 9), lane(&bench, bench.keys[1], 9)], [["e1_a"], ["e1_b"]]);
    bench.check();
}

#[test]
fn the_oldest_that_makes_room_may_be_of_the_same_batch() {
    let bench = Bench::with(&limited(&["a"], Limits { queue_size: 2, drop_oldest: true, ..Limits::default() }));
    bench.emit_many(5);
    assert_eq!(lane(&bench, bench.keys[0], 9), ["e00003_a", "e00004_a"]);
    assert_eq!(bench.reader().overview(T0).unwrap().dropped, 3);
    bench.check();
}

#[test]
fn what_an_operation_accepted_the_next_one_of_its_transaction_finds() {
    let bench = Bench::new(&["a"]);
    // While another has the journal operations gather; what gathered shares a transaction.
    let mut other = rusqlite::Connection::open(bench.path()).unwrap();
    let held = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    let first = bench.journal.release(bench.epoch, Vec::new(), T0);
    let accepted = bench.journal.accept(vec![Submission::new(event("e1"))], RouteBy::Applied, T0);
    let cancelled = bench.journal.act(Act::Cancel, all(), Actor("me".to_owned()), T0);
    held.rollback().unwrap();
    first.wait().unwrap();
    assert_eq!(accepted.wait().unwrap()[0].as_ref().unwrap().deliveries, ["e1_a"]);
    assert_eq!(cancelled.wait().unwrap().done, 1);
    bench.check();
}

#[test]
fn a_result_of_an_older_epoch_among_good_ones_is_recorded_and_changes_nothing_else() {
    let mut bench = Bench::new(&["a"]);
    bench.emit_many(2 * MOST + 3);
    let late: Vec<_> =
        bench.claim(Pick::Due).claimed.iter().map(|one| bench.settlement(one, Verdict::Delivered)).collect();
    bench.take_over();
    let claimed = bench.claim(Pick::Due).claimed;
    let good = claimed.iter().map(|one| bench.settlement(one, Verdict::Delivered));
    let ends: Vec<_> =
        good.zip(late).enumerate().map(|(n, (good, late))| if n % 7 == 3 { late } else { good }).collect();
    bench.journal.settle(ends, T0).wait().unwrap();
    for (n, one) in claimed.iter().enumerate() {
        let detail = bench.delivery(&one.id);
        let state = if n % 7 == 3 { State::InFlight } else { State::Delivered };
        // The first was cut off when the lease changed hands.
        assert_eq!((detail.row.state, detail.attempts.len()), (state, 2), "{}", one.id);
    }
    bench.check();
}

type Answers = Vec<Result<Accepted, Refusal>>;

/// What of a batch is told and stored, but for numbers.
fn told(bench: &Bench, answers: Answers) -> (Answers, Vec<(String, String)>) {
    let answers = answers.into_iter().map(|one| one.map(|accepted| Accepted { seq: 0, ..accepted })).collect();
    let mut rows: Vec<_> = bench
        .reader()
        .deliveries(Page::first(999))
        .unwrap()
        .into_iter()
        .map(|row| (row.id, format!("{:?} {:?}", row.state, row.reason)))
        .collect();
    rows.sort();
    (answers, rows)
}

/// Ids that are taken twice, and some that make with an endpoint's the id of another delivery.
fn submission() -> impl Strategy<Value = Submission> {
    let id = prop_oneof![
        2 => prop::sample::select(vec!["a", "a_b", "b", "b_c", "a_b_c"]).prop_map(str::to_owned),
        3 => (0..40).prop_map(|n| format!("e{n}")),
    ];
    let only = prop_oneof![4 => Just(None), 1 => prop::sample::select(vec!["c", "b_c", "x"]).prop_map(Some)];
    (id, only, 0..2_u8).prop_map(|(id, only, message)| Submission {
        only: only.map(str::to_owned),
        ..Submission::new(Event { message: message.to_string(), ..event(&id) })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_batch_is_answered_and_stored_as_its_events_one_by_one(
        batch in prop::collection::vec(submission(), 1..40),
        queue_size in prop_oneof![2 => Just(0_u64), 3 => 1_u64..40],
        drop_oldest: bool,
    ) {
        let revision = limited(&["c", "b_c"], Limits { queue_size, drop_oldest, ..Limits::default() });
        let at_once = Bench::with(&revision);
        let answers = at_once.journal.accept(batch.clone(), RouteBy::Applied, T0).wait().unwrap();
        let one_by_one = Bench::with(&revision);
        let expected = batch.into_iter().map(|one| one_by_one.submit(one)).collect();
        prop_assert_eq!(told(&at_once, answers), told(&one_by_one, expected));
        at_once.check();
    }
}
