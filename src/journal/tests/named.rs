//! The ids of deliveries: distinct, the same for ever, and found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::support::{Bench, T0, event, revision};
use crate::event::id::distinct_delivery_id;
use crate::event::{EndpointState, Query, Reason, State};
use crate::journal::*;

fn found(bench: &Bench, filter: &str) -> Vec<String> {
    let search = Search::new(Query::parse(filter).unwrap(), T0);
    let mut ids: Vec<String> =
        bench.reader().find_deliveries(Page::first(99), &search).unwrap().rows.into_iter().map(|row| row.id).collect();
    ids.sort();
    ids
}

#[test]
fn where_two_delivery_ids_would_read_the_same_the_later_gets_a_hash() {
    let bench = Bench::new(&["c", "b_c"]);
    assert_eq!(bench.emit("a").deliveries, ["a_c", "a_b_c"]);
    let second = bench.emit("a_b").deliveries;
    assert_eq!(second[1], "a_b_b_c");
    assert_eq!((second[0].len(), &second[0][..6]), ("a_b_c_12345678".len(), "a_b_c_"));
    assert_eq!(bench.emit("a_b").deliveries, second, "a duplicate tells the same ids");
    for (id, event, endpoint) in [("a_b_c", "a", "b_c"), (second[0].as_str(), "a_b", "c")] {
        let row = bench.delivery(id).row;
        assert_eq!((row.id.as_str(), row.event_id.as_str(), row.endpoint_id.as_str()), (id, event, endpoint));
    }
    assert_eq!(found(&bench, &format!("id:{}", second[0])), [second[0].as_str()]);
    assert_eq!(found(&bench, "id:a_b_c*"), ["a_b_c", second[0].as_str()]);
    assert_eq!(found(&bench, "id:a_b_c"), ["a_b_c"]);
    assert_eq!(found(&bench, "id:a_b_b*"), ["a_b_b_c"], "to behind the event's id");
    bench.check();
}

#[test]
fn an_endpoint_that_comes_later_or_has_left_takes_no_id() {
    for (first, later) in [("c", "b_c"), ("b_c", "c")] {
        let mut bench = Bench::new(&[first]);
        let event = |endpoint: &str| if endpoint == "c" { "a_b" } else { "a" };
        assert_eq!(bench.emit(event(first)).deliveries, ["a_b_c"]);
        bench.apply(&revision(&[later]));
        let taken = bench.emit(event(later)).deliveries.remove(0);
        assert!(taken.starts_with("a_b_c_"), "{taken}");
        assert_eq!(bench.delivery("a_b_c").row.endpoint_id, first);
        assert_eq!(bench.delivery(&taken).row.endpoint_id, later);
        bench.check();
    }
}

/// What a transaction finds out about ids holds for what it does itself.
#[test]
fn endpoints_that_come_with_the_events_are_looked_at_too() {
    let bench = Bench::bare();
    let submissions = ["a_b", "a"].map(|id| Submission::new(event(id))).to_vec();
    let given = RouteBy::Given(Arc::new(revision(&["c", "b_c"])));
    let accepted = bench.journal.accept(submissions, given, T0).wait().unwrap();
    let ids: BTreeSet<&String> = accepted.iter().flat_map(|one| &one.as_ref().unwrap().deliveries).collect();
    assert_eq!(ids.len(), 4, "{ids:?}");
    bench.check();
}

#[test]
fn a_hashed_id_is_taken_like_any_other() {
    let hashed = distinct_delivery_id("a_b", "c", 0);
    let hash = hashed.trim_start_matches("a_b_c_");
    for events in [&["a", "a_b", "a_b_c"][..], &["a_b_c", "a", "a_b"]] {
        let bench = Bench::new(&["b_c", "c", hash]);
        let submissions = events.iter().map(|id| Submission::new(event(id))).collect();
        let accepted = bench.journal.accept(submissions, RouteBy::Applied, T0).wait().unwrap();
        let ids: BTreeSet<&String> = accepted.iter().flat_map(|one| &one.as_ref().unwrap().deliveries).collect();
        assert_eq!(ids.len(), 9, "{ids:?}");
        let first = if events[0] == "a" { ("a_b", "c") } else { ("a_b_c", hash) };
        let row = bench.delivery(&hashed).row;
        assert_eq!((row.event_id.as_str(), row.endpoint_id.as_str()), first);
        bench.check();
    }
}

#[test]
fn acts_find_a_hashed_id() {
    let bench = Bench::new(&["b_c", "c"]);
    bench.emit("a");
    let hashed = bench.emit("a_b").deliveries.remove(1);
    let me = || Actor("me".to_owned());
    let one = Selection::Ids(vec![hashed.clone()]);
    assert_eq!(bench.reader().count(Act::Cancel, &one).unwrap()[0].count, 1);
    assert_eq!(bench.journal.act(Act::Cancel, one.clone(), me(), T0).wait().unwrap().done, 1);
    assert_eq!(bench.delivery(&hashed).row.state, State::Dead);
    assert_eq!(bench.delivery("a_b_c").row.state, State::Queued);
    let skipped = bench.journal.act(Act::Cancel, one, me(), T0).wait().unwrap().skipped;
    assert_eq!(skipped, [(hashed.clone(), "it is dead, not waiting".to_owned())]);
    assert_eq!(bench.journal.resend(vec![hashed], me(), T0).wait().unwrap().done, 1);
    bench.check();
}

/// Ids that are made to meet one another.
fn id() -> impl Strategy<Value = String> {
    "[ab_]{1,4}"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn every_delivery_has_an_id_of_its_own_and_is_found_by_it(
        steps in prop::collection::vec((prop::collection::btree_set(id(), 1..4), prop::collection::vec(id(), 1..6)), 1..5),
    ) {
        let mut bench = Bench::bare();
        bench.take_over();
        let mut pairs: BTreeMap<String, (String, String)> = BTreeMap::new();
        for (endpoints, events) in steps {
            let endpoints: Vec<&str> = endpoints.iter().map(String::as_str).collect();
            bench.apply(&revision(&endpoints));
            // In one transaction, so that what it has found out about ids must stay right.
            let submissions = events.iter().map(|id| Submission::new(event(id))).collect();
            let accepted = bench.journal.accept(submissions, RouteBy::Applied, T0).wait().unwrap();
            for accepted in accepted.into_iter().map(Result::unwrap).filter(|one| !one.duplicate) {
                for (delivery, endpoint) in accepted.deliveries.into_iter().zip(&endpoints) {
                    let before = pairs.insert(delivery, (accepted.id.clone(), (*endpoint).to_owned()));
                    prop_assert_eq!(before, None);
                }
            }
        }
        for (id, pair) in &pairs {
            let row = bench.delivery(id).row;
            prop_assert_eq!((&row.id, &(row.event_id, row.endpoint_id)), (id, pair));
            let exactly = found(&bench, &format!("id:{id}"));
            prop_assert!(exactly.contains(id));
            let begin = &id[..id.len().div_ceil(2)];
            let alike: Vec<String> = pairs
                .iter()
                .filter(|(id, (event, _))| id.starts_with(begin) || event.starts_with(begin))
                .map(|(id, _)| id.clone())
                .collect();
            prop_assert_eq!(found(&bench, &format!("id:{begin}*")), alike);
        }
        bench.check();
    }
}

#[test]
fn why_nothing_of_an_event_is_retried_is_told_of_its_dead_letter() {
    let mut bench = Bench::new(&["a", "b", "c"]);
    bench.emit("e1");
    bench.keys.swap(0, 1);
    bench.run(Verdict::Dead(Reason::Exhausted));
    let disabled = EndpointUpdate { state: Some(EndpointState::Disabled), ..EndpointUpdate::default() };
    bench.journal.update_endpoint(bench.epoch, bench.keys[0], disabled, T0).wait().unwrap();
    let ids = Selection::Ids(vec!["e1".to_owned()]);
    let result = bench.journal.act(Act::Retry, ids, Actor("me".to_owned()), T0).wait().unwrap();
    let why = "endpoint b-name is disabled; resume it first".to_owned();
    assert_eq!((result.done, result.skipped), (0, vec![("e1".to_owned(), why)]));
}
