//! What reaches the disk, and when.

use super::support::Bench;

#[test]
fn whoever_dispatches_has_heard_of_an_event_before_its_emitter_is_told() {
    let bench = Bench::new(&["a"]);
    let mut news = bench.journal.news();
    news.mark_unchanged();
    bench.emit("e1");
    assert!(news.has_changed().unwrap());
}
