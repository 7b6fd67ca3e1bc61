//! Steps of the dispatcher, which are done on its own thread where nothing is in their way.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::support::Bench;
use crate::journal::*;

/// A claim; whether its answer was there at once.
fn claims_at_once(bench: &Bench) -> bool {
    let mut reply = bench.journal.claim(bench.request(bench.keys[0], Pick::Due));
    let at_once = Pin::new(&mut reply).poll(&mut Context::from_waker(Waker::noop()));
    match at_once {
        Poll::Ready(claim) => claim.is_ok(),
        Poll::Pending => {
            reply.wait().unwrap();
            false
        }
    }
}

#[test]
fn a_step_is_done_at_once_where_nothing_is_in_its_way() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(3);
    // The writer's thread may be just finishing what was sent before.
    let deadline = Instant::now() + Duration::from_secs(20);
    while !(0..20).all(|_| claims_at_once(&bench)) {
        assert!(Instant::now() < deadline, "its thread is asked although nothing is in the way");
    }
    bench.check();
}

#[test]
fn a_step_that_meets_another_process_is_done_once_that_lets_go() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(3);
    let other = rusqlite::Connection::open(bench.path()).unwrap();
    for _ in 0..20 {
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        // It lets go only after this has returned.
        let reply = bench.journal.claim(bench.request(bench.keys[0], Pick::Due));
        other.execute_batch("COMMIT").unwrap();
        reply.wait().unwrap();
    }
    bench.check();
}
