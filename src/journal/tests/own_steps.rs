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

/// One large event; the length of the log then, in bytes.
fn grow(bench: &Bench, n: usize) -> u64 {
    let message = "x".repeat(200_000);
    let large = crate::event::Event { message, ..super::support::event(&format!("large-{n}")) };
    bench.submit(Submission::new(large)).unwrap();
    let mut log = bench.path().into_os_string();
    log.push("-wal");
    std::fs::metadata(log).unwrap().len()
}

/// The length at which the log is begun anew, in bytes.
const TOO_LONG: u64 = desk::LOG_TOO_LONG as u64 * 4_096;

#[test]
fn a_long_log_is_begun_anew_and_steps_are_done_at_once_again() {
    let bench = Bench::new(&["a"]);
    for n in 0..150 {
        let log = grow(&bench, n);
        assert!(log < TOO_LONG * 2, "{log} bytes after {n}");
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    while !(0..20).all(|_| claims_at_once(&bench)) {
        assert!(Instant::now() < deadline, "the log stays too long");
    }
    bench.check();
}

#[test]
fn while_a_reader_holds_a_long_log_its_steps_go_to_the_writer() {
    let bench = Bench::new(&["a"]);
    let reader = rusqlite::Connection::open(bench.path()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM events").unwrap();
    let mut n = 0;
    while grow(&bench, n) < TOO_LONG * 3 / 2 {
        n += 1;
    }
    // Now and then the other thread is quicker than the look at the answer.
    assert!(!(0..200).all(|_| claims_at_once(&bench)), "a step might have to wait for the disk");
    reader.execute_batch("COMMIT").unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !(0..20).all(|_| claims_at_once(&bench)) {
        n += 1;
        grow(&bench, n);
        assert!(Instant::now() < deadline, "the log stays too long");
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
