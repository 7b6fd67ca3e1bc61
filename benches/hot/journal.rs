//! One transaction of each kind, and one page of each list, in a journal of 100,000 deliveries.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use divan::Bencher;
use hooktui::journal::{Claimed, Cursor, Direction, Page, RouteBy, Turn};

use crate::filled::{DRAINED, ENDED, NOW, ROWS, WAITING, submissions};

/// Operations that share a commit.
const BATCH: usize = 64;

/// Ids that no event has had.
fn fresh(n: usize) -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(ROWS);
    NEXT.fetch_add(n, Ordering::Relaxed)
}

/// Sixty-four events with a delivery each.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn accept(bencher: Bencher<'_, '_>) {
    let journal = &WAITING.journal;
    bencher
        .with_inputs(|| submissions(fresh(BATCH), BATCH))
        .bench_local_values(|events| journal.accept(events, RouteBy::Applied, NOW).wait().unwrap());
}

/// Sixty-four of 100,000 that wait.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn claim(bencher: Bencher<'_, '_>) {
    // No more than one batch is in flight: a claim looks past what is.
    let claimed = RefCell::new(Vec::new());
    let release = || {
        let back = claimed.take().iter().map(|one: &Claimed| one.delivery).collect();
        WAITING.journal.release(WAITING.epoch, back, NOW).wait().unwrap();
    };
    bencher.with_inputs(release).bench_local_values(|()| drop(claimed.replace(WAITING.claim(BATCH))));
    release();
}

/// The ends of sixty-four attempts.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn settle(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| {
            ENDED.accept(fresh(BATCH), BATCH);
            ENDED.claim(BATCH).iter().map(|one| ENDED.settlement(1, one)).collect::<Vec<_>>()
        })
        .bench_local_values(|settlements| ENDED.journal.settle(settlements, NOW).wait().unwrap());
}

/// What a busy dispatcher does: the ends of so many attempts, and the claims that take their slots.
#[divan::bench(args = [1, 8, 24, 64], sample_count = 200, sample_size = 1)]
fn turn(bencher: Bencher<'_, '_>, results: usize) {
    let claimed = RefCell::new(DRAINED.claim(results));
    bencher
        .with_inputs(|| {
            let settlements = claimed.take().iter().map(|one| DRAINED.settlement(1, one)).collect();
            Turn { settlements: Arc::new(settlements), claims: vec![DRAINED.request(results)], now: NOW }
        })
        .bench_local_values(|turn| {
            let turned = DRAINED.journal.turn(turn).wait().unwrap();
            claimed.replace(turned.claims.unwrap().remove(0).claimed);
        });
    let back = claimed.take().iter().map(|one: &Claimed| one.delivery).collect();
    DRAINED.journal.release(DRAINED.epoch, back, NOW).wait().unwrap();
}

/// Fifty rows from the middle of each list.
#[divan::bench(args = ["deliveries", "dead_letters", "events", "attempts", "log"])]
fn page(bencher: Bencher<'_, '_>, list: &str) {
    let reader = ENDED.journal.reader().unwrap();
    let middle = i64::try_from(ROWS / 2).unwrap();
    let page = |sort| Page { from: Some(Cursor { sort, seq: middle }), direction: Direction::Down, limit: 50 };
    bencher.bench_local(|| match list {
        "deliveries" => reader.deliveries(page(middle)).unwrap().len(),
        "dead_letters" => reader.dead_letters(page(NOW)).unwrap().len(),
        "events" => reader.events(page(middle)).unwrap().len(),
        "attempts" => reader.attempts(page(middle)).unwrap().len(),
        _ => reader.log(page(middle)).unwrap().len(),
    });
}

/// The figures of the whole.
#[divan::bench]
fn overview(bencher: Bencher<'_, '_>) {
    let reader = ENDED.journal.reader().unwrap();
    bencher.bench_local(|| reader.overview(NOW).unwrap());
}
