//! Pages against a list held in memory.

use proptest::prelude::*;

use super::support::{self, Bench, T0};
use crate::event::query::Name;
use crate::event::{Query, Reason};
use crate::journal::*;

/// A journal with rows in every list; change order differs from journal order. Of what is queued some is as it came in, in
/// flight or not, and some has changed: retried, given back, cancelled and taken back.
fn filled() -> Bench {
    let bench = Bench::new(&["a", "b", "c"]);
    bench.emit_many(23);
    let claimed = bench.claim(Pick::Due).claimed;
    for (n, one) in claimed.iter().rev().enumerate() {
        let verdict = match n % 3 {
            0 => Verdict::Delivered,
            1 => Verdict::Dead(Reason::Permanent),
            _ => Verdict::Retry(T0 + 5),
        };
        // Several die in the same millisecond: the sequence breaks the tie.
        let now = T0 + i64::try_from(n / 6).unwrap();
        bench.journal.settle(vec![bench.settlement(one, verdict)], now).wait().unwrap();
    }
    let ids = |all: &[&str]| Selection::Ids(all.iter().map(|id| (*id).to_owned()).collect());
    let act = |act, selection| bench.journal.act(act, selection, Actor("me".to_owned()), T0 + 9).wait().unwrap();
    act(Act::Retry, ids(&["e00021_a"]));
    act(Act::Clear, ids(&["e00018_a"]));
    act(Act::Cancel, ids(&["e00003_b", "e00020_b", "e00004_c"]));
    support::undo(&bench.journal, "me", T0 + 9);
    act(Act::Cancel, ids(&["e00007_c"]));
    let request = ClaimRequest { limit: 4, ..bench.request(bench.keys[1], Pick::Due) };
    let claimed = bench.journal.claim(request).wait().unwrap().claimed;
    bench.journal.release(bench.epoch, vec![claimed[0].delivery, claimed[2].delivery], T0 + 9).wait().unwrap();
    bench.emit("newest");
    bench.check();
    bench
}

/// The rows of a page of `limit` from a place in the whole list.
fn window<T: Clone>(all: &[T], from: Option<usize>, direction: Direction, limit: usize) -> Vec<T> {
    match direction {
        Direction::Down => all[from.map_or(0, |at| at + 1)..].iter().take(limit).cloned().collect(),
        Direction::Up => {
            let above = &all[..from.unwrap_or(all.len())];
            above[above.len().saturating_sub(limit)..].to_vec()
        }
    }
}

/// Walks a list up and down and compares every page with the same window of the whole.
fn walk<T: Clone + PartialEq + std::fmt::Debug>(
    steps: &[(bool, usize)],
    cursor: impl Fn(&T) -> Cursor,
    read: impl Fn(Page) -> Vec<T>,
) {
    let all = read(Page::first(1_000));
    assert!(all.len() > 5);
    let keys: Vec<_> = all.iter().map(|row| (cursor(row).sort, cursor(row).seq)).collect();
    assert!(keys.is_sorted_by(|one, next| one > next), "newest first, no ties");
    let mut from: Option<usize> = None;
    for (down, limit) in steps {
        let direction = if *down { Direction::Down } else { Direction::Up };
        let page = read(Page { from: from.map(|at| cursor(&all[at])), direction, limit: *limit });
        assert_eq!(page, window(&all, from, direction, *limit));
        let edge = if *down { page.last() } else { page.first() };
        from = edge.and_then(|row| all.iter().position(|other| other == row)).or(from);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn every_page_is_a_window_of_the_whole_list(steps in prop::collection::vec((any::<bool>(), 1_usize..9), 1..40)) {
        let bench = filled();
        let reader = bench.reader();
        walk(&steps, |row: &DeliveryRow| Cursor { sort: row.change, seq: row.seq }, |page| reader.deliveries(page).unwrap());
        let dead = |row: &DeliveryRow| Cursor { sort: row.changed_at, seq: row.seq };
        walk(&steps, dead, |page| reader.dead_letters(page).unwrap());
        walk(&steps, |row: &AttemptRow| Cursor { sort: row.seq, seq: row.seq }, |page| reader.attempts(page).unwrap());
        walk(&steps, |row: &EventRow| Cursor { sort: row.seq, seq: row.seq }, |page| reader.events(page).unwrap());
    }
}

#[test]
fn a_page_begins_beside_any_row_whichever_index_it_stands_in() {
    let bench = filled();
    let reader = bench.reader();
    let all = reader.deliveries(Page::first(1_000)).unwrap();
    let places = |page| reader.deliveries(page).unwrap().iter().map(|row| row.place).collect::<Vec<_>>();
    let whole: Vec<Cursor> = all.iter().map(|row| row.place).collect();
    for (at, place) in whole.iter().enumerate() {
        for limit in [0, 1, 5, 1_000] {
            let page = |seq, direction| Page { from: Some(Cursor { seq, ..*place }), direction, limit };
            let behind = limit.min(whole.len() - at);
            assert_eq!(places(page(place.seq + 1, Direction::Down)), whole[at..at + behind]);
            let before = limit.min(at + 1);
            assert_eq!(places(page(place.seq - 1, Direction::Up)), whole[at + 1 - before..=at]);
        }
    }
}

#[test]
fn a_page_is_full_however_many_have_left_their_places_in_the_lane() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(60);
    let ids = (10..50).map(|n| format!("e{n:05}_a")).collect();
    bench.journal.act(Act::Cancel, Selection::Ids(ids), Actor("me".to_owned()), T0).wait().unwrap();
    support::undo(&bench.journal, "me", T0);
    let reader = bench.reader();
    let page = |from, direction| Page { from, direction, limit: 15 };
    let last = reader.deliveries(page(None, Direction::Up)).unwrap();
    let ids: Vec<&str> = last.iter().map(|row| &row.id[3..6]).collect();
    let wanted = (50..55).rev().chain((0..10).rev()).map(|n| format!("{n:03}")).collect::<Vec<_>>();
    assert_eq!(ids, wanted);
    assert_eq!(reader.deliveries(page(Some(last[0].place), Direction::Down)).unwrap(), last[1..]);
    assert_eq!(reader.deliveries(page(Some(last[14].place), Direction::Up)).unwrap()[1..], last[..14]);
    bench.check();
}

#[test]
fn dead_letters_of_an_endpoint_are_its_own() {
    let bench = filled();
    let reader = bench.reader();
    let is_empty = |name: &str| {
        let search = Search::new(Query::of_endpoint(Name::exactly(name)), T0);
        reader.find_dead_letters(Page::first(99), &search).unwrap().rows.is_empty()
    };
    assert_eq!(["b", "nobody", "a"].map(is_empty), [true, true, false]);
}

#[test]
fn tail_goes_on_after_a_sequence_and_finds_a_time() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(5);
    for (n, claimed) in bench.claim(Pick::Due).claimed.iter().enumerate() {
        let mut settlement = bench.settlement(claimed, Verdict::Delivered);
        settlement.attempt.started_at = T0 + i64::try_from(n).unwrap() * 10;
        bench.journal.settle(vec![settlement], T0).wait().unwrap();
    }
    let reader = bench.reader();
    for (since, left) in [(T0 - 1, 5), (T0, 5), (T0 + 1, 4), (T0 + 25, 2), (T0 + 40, 1), (T0 + 41, 0)] {
        let seq = reader.attempt_seq_at(since).unwrap();
        let after = reader.attempts_after(seq, 99).unwrap();
        assert_eq!(after.len(), left, "since {}", since - T0);
        assert!(after.iter().all(|attempt| attempt.started_at >= since));
    }
}

#[test]
fn the_overview_tells_what_is_oldest_due_and_held() {
    let bench = Bench::new(&["a", "b"]);
    assert_eq!(bench.reader().overview(T0).unwrap().oldest_undelivered_at, None);
    bench.emit("e1");
    bench.run(Verdict::Retry(T0 + 50));
    let pause = EndpointUpdate { state: Some(crate::event::EndpointState::Paused), ..EndpointUpdate::default() };
    bench.journal.update_endpoint(bench.epoch, bench.keys[1], pause, T0).wait().unwrap();
    let overview = bench.reader().overview(T0).unwrap();
    assert_eq!(overview.oldest_undelivered_at, Some(T0));
    assert_eq!(overview.oldest_due_at, Some(T0 + 50), "what b holds is not due");
    assert_eq!(overview.next_retry_at, Some(T0 + 50));
    let pause = EndpointUpdate { state: Some(crate::event::EndpointState::Paused), ..EndpointUpdate::default() };
    bench.journal.update_endpoint(bench.epoch, bench.keys[0], pause, T0).wait().unwrap();
    assert_eq!(bench.reader().overview(T0).unwrap().next_retry_at, None, "what a holds is not next");
    assert_eq!((overview.events, overview.dispatcher.unwrap().pid), (1, 4_711));
    bench.journal.hand_back(bench.epoch).wait().unwrap();
    assert_eq!(bench.reader().overview(T0).unwrap().dispatcher, None);
}
