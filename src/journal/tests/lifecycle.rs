//! From accepted to delivered, or dead.

use super::support::{Bench, T0, event};
use crate::event::{Reason, State};
use crate::journal::*;

#[test]
fn an_accepted_event_is_claimed_attempted_and_delivered() {
    let bench = Bench::new(&["a", "b"]);
    let accepted = bench.emit("e1");
    assert_eq!(accepted.deliveries, ["e1_a", "e1_b"]);
    let claim = bench.claim(Pick::Due);
    assert_eq!(claim.claimed.len(), 1);
    let claimed = &claim.claimed[0];
    assert_eq!((claimed.id.as_str(), claimed.number, claimed.event.id.as_str()), ("e1_a", 1, "e1"));
    assert_eq!(bench.delivery("e1_a").row.state, State::InFlight);
    assert!(bench.settle(claimed, Verdict::Delivered).is_empty());
    let detail = bench.delivery("e1_a");
    assert_eq!(detail.row.state, State::Delivered);
    assert_eq!((detail.row.attempts, detail.row.tries, detail.row.last_status), (1, 1, Some(200)));
    assert_eq!(detail.attempts[0].request_body.as_deref(), Some(&b"{}"[..]));
    let endpoint = bench.endpoint("a");
    assert_eq!((endpoint.total_delivered, endpoint.counts.delivered, endpoint.last_success_at), (1, 1, Some(T0)));
    assert_eq!(bench.endpoint("b").counts.queued, 1);
    bench.check();
}

#[test]
fn a_retry_waits_for_its_time_and_a_death_is_told() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    let claimed = bench.claim(Pick::Due).claimed.remove(0);
    bench.settle(&claimed, Verdict::Retry(T0 + 1_000));
    let claim = bench.claim(Pick::Due);
    assert!(claim.claimed.is_empty());
    assert_eq!(claim.next_due, Some(T0 + 1_000));
    let claimed = bench.claim_at(Pick::Due, T0 + 1_000).claimed.remove(0);
    assert_eq!((claimed.number, claimed.tries, claimed.was), (2, 1, State::Scheduled));
    let buried = bench.settle(&claimed, Verdict::Dead(Reason::Exhausted));
    assert_eq!((buried[0].id.as_str(), buried[0].event_type.as_str()), ("e1_a", "agent.error"));
    let row = bench.delivery("e1_a").row;
    assert_eq!((row.state, row.reason), (State::Dead, Some(Reason::Exhausted)));
    assert_eq!(bench.endpoint("a").failing_since, Some(T0));
    bench.check();
}

#[test]
fn a_known_id_is_a_duplicate_and_other_content_is_told() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    let again = bench.emit("e1");
    assert!(again.duplicate && !again.differs);
    assert_eq!(again.deliveries, ["e1_a"]);
    let mut other = event("e1");
    other.message = "else".to_owned();
    let again = bench.submit(Submission::new(other)).unwrap();
    assert!(again.duplicate && again.differs);
    assert_eq!(bench.endpoint("a").counts.queued, 1);
}
