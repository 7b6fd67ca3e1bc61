//! What reaches the disk, and when.

use std::collections::VecDeque;

use super::support::{Bench, T0, event, revision};
use crate::event::redact::{Mode, Policy};
use crate::event::{Event, Revision};
use crate::journal::*;

/// Looking through megabytes takes longer than storing them.
fn unlooked() -> Revision {
    Revision { redaction: Policy { mode: Mode::Off, ..Policy::default() }, ..revision(&["a"]) }
}

#[test]
fn the_log_is_begun_anew_though_the_writer_never_rests() {
    const BATCHES: usize = 12;
    let bench = Bench::with(&unlooked());
    let route_by = RouteBy::Given(unlooked().into());
    let message = "x".repeat(64 << 10);
    let mut on_their_way = VecDeque::new();
    for batch in 0..BATCHES {
        let big = |n| Event { message: message.clone(), ..event(&format!("e{batch}-{n}")) };
        let submissions = (0..64).map(|n| Submission::new(big(n))).collect();
        on_their_way.push_back(bench.journal.accept(submissions, route_by.clone(), T0));
        if on_their_way.len() > 2 {
            on_their_way.pop_front().unwrap().wait().unwrap();
        }
    }
    for reply in on_their_way {
        reply.wait().unwrap();
    }
    let log = std::fs::metadata(bench.path().with_file_name("journal.db-wal")).unwrap().len();
    assert!(log < 32 << 20, "{log} bytes of log, of 48 MB that were written");
    bench.check();
}

#[test]
fn whoever_dispatches_has_heard_of_an_event_before_its_emitter_is_told() {
    let bench = Bench::new(&["a"]);
    let mut news = bench.journal.news();
    news.mark_unchanged();
    bench.emit("e1");
    assert!(news.has_changed().unwrap());
}
