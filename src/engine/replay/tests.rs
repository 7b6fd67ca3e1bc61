use std::num::NonZeroU32;

use super::*;

fn canary(per_second: u32) -> Canary {
    Canary::new(Rate { count: NonZeroU32::new(per_second).unwrap(), per: Duration::from_secs(1) })
}

fn rows(seqs: std::ops::Range<i64>) -> Vec<Sent> {
    seqs.map(|seq| Sent { seq, change: 1 }).collect()
}

fn stand(seq: i64, state: State, status: Option<u16>) -> Stand {
    Stand { seq, change: 2, state, reason: None, status, error: None, outcome: None }
}

fn delivered(seqs: std::ops::Range<i64>) -> Vec<Stand> {
    seqs.map(|seq| stand(seq, State::Delivered, Some(200))).collect()
}

/// These have been delivered, and of the others nothing is known yet.
fn deliver(canary: &mut Canary, seqs: std::ops::Range<i64>) {
    let on_their_way = |sent: &Sent| !seqs.contains(&sent.seq);
    let rest = canary.watched().filter(on_their_way).map(|sent| stand(sent.seq, State::InFlight, None));
    let stands: Vec<Stand> = rest.chain(delivered(seqs.clone())).collect();
    canary.saw(&stands);
}

const fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Eleven were sent and delivered.
fn proven(per_second: u32) -> Canary {
    let mut canary = canary(per_second);
    canary.sent("ops", &rows(0..1), at(0));
    deliver(&mut canary, 0..1);
    canary.sent("ops", &rows(1..11), at(0));
    deliver(&mut canary, 1..11);
    canary
}

#[test]
fn one_goes_first_then_ten_then_the_rest_at_a_pace() {
    let mut canary = canary(50);
    assert_eq!(canary.next(at(0)), Move::Send { limit: 1, urgent: true });
    canary.sent("ops", &rows(0..1), at(0));
    assert_eq!(canary.next(at(0)), Move::Wait(None));
    assert_eq!(canary.waits(), "waiting for 1 of ops");
    deliver(&mut canary, 0..1);
    assert_eq!(canary.next(at(900)), Move::Send { limit: 10, urgent: false });
    canary.sent("ops", &rows(1..11), at(900));
    deliver(&mut canary, 1..10);
    assert_eq!(canary.next(at(5_000)), Move::Wait(None), "all ten must be delivered");
    deliver(&mut canary, 10..11);
    assert_eq!(canary.next(at(1_000)), Move::Send { limit: 5, urgent: false }, "100 ms at 50/s");
    canary.sent("ops", &rows(11..16), at(1_000));
    assert!(matches!(canary.next(at(1_000)), Move::Wait(Some(_))));
    assert_eq!(canary.waits(), "");
}

#[test]
fn what_is_on_its_way_is_bounded_and_a_pause_is_not_made_up_for() {
    let mut canary = proven(50);
    assert_eq!(canary.next(at(60_000)), Move::Send { limit: 50, urgent: false }, "a second's worth at most");
    canary.sent("ops", &rows(11..61), at(60_000));
    canary.sent("ops", &rows(61..111), at(61_000));
    assert_eq!(canary.next(at(70_000)), Move::Wait(None), "100 wait: two seconds' worth");
    assert_eq!(canary.waits(), "100 are on their way");
    deliver(&mut canary, 11..31);
    assert_eq!(canary.next(at(70_000)), Move::Send { limit: 20, urgent: false });
}

#[test]
fn the_first_that_fails_again_stops_it() {
    for (state, status, error, reason, words) in [
        (State::Dead, Some(422), None, None, "ops answered 422 Unprocessable Content"),
        (State::Scheduled, Some(503), Some("503 Service Unavailable"), None, "ops answered 503 Service Unavailable"),
        (State::Scheduled, None, Some("connection refused"), None, "ops: connection refused"),
        (State::Dead, Some(503), None, Some(Reason::Cancelled), "one of ops is cancelled"),
        (State::Cleared, None, None, None, "one of ops was cleared by hand"),
    ] {
        let mut canary = proven(50);
        canary.sent("ops", &rows(11..16), at(0));
        let error = error.map(str::to_owned);
        canary.saw(&[Stand { reason, error, ..stand(12, state, status) }]);
        assert_eq!(canary.next(at(9_000)), Move::Stop(words.to_owned()));
    }
}

#[test]
fn patience_is_no_failure() {
    let mut canary = canary(50);
    canary.sent("ops", &rows(0..1), at(0));
    for waits in [
        Stand { change: 1, ..stand(0, State::Queued, Some(502)) },
        stand(0, State::InFlight, Some(502)),
        stand(0, State::Scheduled, Some(429)),
        stand(0, State::Queued, None),
    ] {
        assert!(!canary.saw(&[waits]));
        assert_eq!(canary.next(at(60_000)), Move::Wait(None));
    }
}

#[test]
fn each_endpoint_proves_itself() {
    let mut canary = proven(50);
    canary.sent("ops", &rows(11..16), at(0));
    canary.turned();
    assert_eq!(canary.next(at(0)), Move::Send { limit: 1, urgent: true });
    canary.sent("slack", &rows(20..21), at(0));
    assert_eq!(canary.waits(), "waiting for 1 of slack");
    canary.saw(&[stand(12, State::Dead, Some(500))]);
    assert_eq!(canary.next(at(0)), Move::Stop("ops answered 500 Internal Server Error".to_owned()));
}
