//! Acts on many: groups and counts before them, their course, gentle replays.

use super::support::{self, Bench, T0, all, dead, of_endpoint, record};
use crate::event::query::Name;
use crate::event::{Cause, Outcome, Query, Reason, State};
use crate::journal::*;

fn me() -> Actor {
    Actor("me@here".to_owned())
}

/// Dead letters of `a`: each with a reason, an outcome, a status and an error.
fn died_of(deaths: &[(Reason, Outcome, Option<u16>, &str)]) -> Bench {
    let bench = Bench::new(&["a"]);
    bench.emit_many(deaths.len());
    let claimed = bench.journal.claim(ClaimRequest { limit: deaths.len(), ..bench.request(bench.keys[0], Pick::Due) });
    for ((one, (reason, outcome, status, error)), at) in claimed.wait().unwrap().claimed.iter().zip(deaths).zip(T0..) {
        let mut settlement = bench.settlement(one, Verdict::Dead(*reason));
        settlement.attempt =
            AttemptRecord { error: Some((*error).to_owned()), ..record(one.number, *outcome, *status) };
        bench.journal.settle(vec![settlement], at).wait().unwrap();
    }
    bench
}

#[test]
fn dead_letters_are_grouped_by_what_they_died_of() {
    use Outcome::{Network, Refused, Timeout};
    let bench = died_of(&[
        (Reason::Exhausted, Refused, Some(502), "502 Bad Gateway: request 1"),
        (Reason::Exhausted, Refused, Some(502), "502 Bad Gateway: request 2"),
        (Reason::Exhausted, Refused, Some(502), "502 Bad Gateway: request 3"),
        (Reason::Exhausted, Network, None, "the name x.example does not resolve: a"),
        (Reason::Exhausted, Network, None, "the name y.example does not resolve: b"),
        (Reason::Exhausted, Timeout, None, "timeout after 10 s, no first byte"),
    ]);
    let groups = bench.reader().groups(None, 10).unwrap();
    let short: Vec<_> =
        groups.iter().map(|one| (one.count, one.cause, one.oldest_at - T0, one.newest_at - T0)).collect();
    assert_eq!(
        short,
        [(3, Cause::Status(502), 0, 2), (2, Cause::Name, 3, 4), (1, Cause::Timeout, 5, 5)],
        "the largest first"
    );
    assert_eq!(groups[0].sample.as_deref(), Some("502 Bad Gateway: request 3"), "the newest");
    assert_eq!(groups[1].sample.as_deref(), Some("the name y.example does not resolve: b"));
    assert_eq!((groups[0].endpoint.as_str(), groups[0].reason), ("a-name", Some(Reason::Exhausted)));
    assert_eq!(bench.reader().groups(Some(&Name::exactly("a")), 2).unwrap().len(), 2);
    assert_eq!(bench.reader().groups(Some(&Name::exactly("nobody")), 2).unwrap(), []);
}

#[test]
fn a_filter_finds_each_kind_of_error_as_the_groups_tell_them_apart() {
    use Outcome::{Interrupted, Network, Refused, Timeout, Unsent};
    let bench = died_of(&[
        (Reason::Exhausted, Refused, Some(502), "connection refused, says the proxy"),
        (Reason::Exhausted, Network, None, "connection refused"),
        (Reason::Exhausted, Network, None, "connection reset"),
        (Reason::Exhausted, Network, None, "connection closed"),
        (Reason::Exhausted, Network, None, "host unreachable"),
        (Reason::Exhausted, Network, None, "network unreachable"),
        (Reason::Exhausted, Network, None, "the name x does not resolve: a"),
        (Reason::Exhausted, Network, None, "certificate not trusted: UnknownIssuer"),
        (Reason::Exhausted, Network, None, "TLS failed: handshake"),
        (Reason::Exhausted, Network, None, "invalid HTTP version parsed"),
        (Reason::Exhausted, Timeout, None, "timeout after 10 s, no first byte"),
        (Reason::TooLarge, Unsent, None, "2.0 MiB of at most 1.0 MiB"),
        (Reason::Exhausted, Interrupted, None, "interrupted"),
    ]);
    let groups = bench.reader().groups(None, 100).unwrap();
    for group in groups.iter().filter(|group| group.cause.word().is_some()) {
        let query = Query::parse(&format!("error:{}", group.cause)).unwrap();
        let counts = bench.reader().count(Act::Clear, &Selection::Matching { query, as_of: i64::MAX, at: T0 }).unwrap();
        let found: Vec<_> = counts.iter().map(|one| (one.cause, one.count)).collect();
        assert_eq!(found, [(Some(group.cause), group.count)]);
    }
    assert_eq!(groups.len(), 11);
}

#[test]
fn what_waits_is_counted_by_cause_too() {
    let bench = dead(3);
    let act = |act, selection| bench.journal.act(act, selection, me(), T0).wait().unwrap();
    act(Act::Retry, Selection::Ids(vec!["e00000_a".to_owned()]));
    bench.emit("fresh");
    let count = |act, selection| {
        let counts = bench.reader().count(act, &selection).unwrap();
        counts.into_iter().map(|one| (one.cause.unwrap(), one.count)).collect::<Vec<_>>()
    };
    assert_eq!(count(Act::Cancel, all()), [(Cause::Status(500), 1), (Cause::Untried, 1)]);
    assert_eq!(count(Act::Clear, of_endpoint("a-name")), [(Cause::Status(500), 2)]);
    assert_eq!(count(Act::Restore, all()), []);
    let resend = bench.reader().count_resend(&["e00000_a".to_owned(), "fresh_a".to_owned()]).unwrap();
    assert_eq!(resend.iter().map(|one| one.count).sum::<u64>(), 2);
}

#[test]
fn an_act_that_is_cancelled_keeps_what_it_did_as_one_act() {
    let bench = dead(4_500);
    let course = Course::new(4_500);
    let mut progress = course.progress();
    let reply = bench.journal.act_with(Act::Clear, all(), me(), T0, &course);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(progress.wait_for(|progress| progress.done >= 2_000)).map(drop).unwrap();
    course.cancel();
    let result = reply.wait().unwrap();
    // It may have been in its last step already.
    let left = 4_500 - result.done;
    assert!(result.done >= 2_000 && (result.cancelled || left == 0), "{result:?}");
    assert_eq!(bench.endpoint("a").counts.dead, left);
    let LastAct { what, rows, .. } = bench.reader().last_act(&me()).unwrap().unwrap();
    assert_eq!(rows, result.done);
    assert_eq!(what.contains("(cancelled, of 4500)"), result.cancelled, "{what}");
    let log = bench.reader().log(Page::first(1)).unwrap();
    assert_eq!(log[0].text, what);
    assert_eq!(support::undo(&bench.journal, &me().0, T0).unwrap().undone, result.done);
    bench.check();
}

#[test]
fn an_act_cancelled_before_it_began_leaves_no_trace() {
    let bench = dead(3);
    let course = Course::new(3);
    course.cancel();
    let result = bench.journal.act_with(Act::Clear, all(), me(), T0, &course).wait().unwrap();
    assert_eq!((result.done, result.cancelled), (0, true));
    assert_eq!((bench.endpoint("a").counts.dead, bench.reader().last_act(&me()).unwrap()), (3, None));
}

fn replay(bench: &Bench, replay: Replay, limit: usize) -> Batch {
    bench.journal.replay(replay, limit, false, T0).wait().unwrap()
}

#[test]
fn a_replay_is_one_act_however_many_steps_it_takes() {
    let bench = dead(5);
    let selection = Selection::Matching { query: Query::default(), as_of: i64::MAX, at: T0 };
    let first = replay(&bench, Replay::new(selection, me()), 1);
    assert_eq!((first.sent.len(), first.next, first.endpoint.as_str()), (1, Next::More, "a-name"));
    let second = replay(&bench, first.replay, 3);
    let stands = bench.reader().stands(second.sent.iter().map(|sent| sent.seq)).unwrap();
    assert!(stands.iter().zip(&second.sent).all(|(stand, sent)| stand.change == sent.change));
    assert!(stands.iter().all(|stand| stand.state == State::Queued));
    // What is retried and dies again is not retried twice.
    bench.run(Verdict::Dead(Reason::Permanent));
    let third = replay(&bench, second.replay, 10);
    assert_eq!(third.sent.len(), 1);
    let over = replay(&bench, third.replay, 10);
    assert_eq!((over.next, over.replay.done()), (Next::Over, 5));
    bench.journal.end_replay(over.replay, "done".to_owned(), T0).wait().unwrap();
    let LastAct { what, rows, .. } = bench.reader().last_act(&me()).unwrap().unwrap();
    assert_eq!((what.as_str(), rows), ("retry 5 dead letters of a-name, gently", 5));
    let undone = support::undo(&bench.journal, &me().0, T0).unwrap();
    assert_eq!((undone.undone, undone.of), (1, 5), "the others have died again since");
    bench.check();
}

#[test]
fn a_replay_of_what_a_filter_finds_takes_nothing_else() {
    let bench = dead(4);
    let query = Query::parse("id:e00001*,e00003*").unwrap();
    let selection = Selection::Matching { query, as_of: i64::MAX, at: T0 };
    let counts = bench.reader().count(Act::Retry, &selection).unwrap();
    assert_eq!((counts.len(), counts[0].cause, counts[0].count), (1, Some(Cause::Status(500)), 2));
    let mut step = replay(&bench, Replay::new(selection, me()), 1);
    let mut sent = step.sent.len();
    while step.next != Next::Over {
        step = replay(&bench, step.replay, 1);
        sent += step.sent.len();
    }
    let state = |id: &str| bench.delivery(id).row.state;
    assert_eq!(
        (sent, state("e00001_a"), state("e00003_a"), state("e00000_a")),
        (2, State::Queued, State::Queued, State::Dead)
    );
    bench.check();
}

#[test]
fn a_replay_of_named_dead_letters_goes_endpoint_by_endpoint_and_ends_when_it_is_taken_back() {
    let bench = Bench::new(&["a", "b"]);
    bench.emit_many(2);
    for key in bench.keys.clone() {
        for claimed in bench.journal.claim(bench.request(key, Pick::Due)).wait().unwrap().claimed {
            let settlement =
                Settlement { endpoint: key, ..bench.settlement(&claimed, Verdict::Dead(Reason::Exhausted)) };
            bench.journal.settle(vec![settlement], T0).wait().unwrap();
        }
    }
    let ids = ["e00000_a", "e00000_b", "e00001_a", "nobody"].map(str::to_owned).to_vec();
    let first = replay(&bench, Replay::new(Selection::Ids(ids), me()), 10);
    assert_eq!((first.endpoint.as_str(), first.sent.len()), ("a-name", 2));
    let turned = replay(&bench, first.replay, 10);
    assert_eq!((turned.endpoint.as_str(), turned.sent.len(), turned.next), ("b-name", 0, Next::Turned));
    assert_eq!(support::undo(&bench.journal, &me().0, T0).unwrap().undone, 2);
    assert_eq!(replay(&bench, turned.replay, 10).next, Next::TakenBack);
    assert_eq!(bench.endpoint("b").counts.dead, 2);
    bench.check();
}

#[test]
fn an_event_goes_to_who_never_had_it_and_that_is_counted_before() {
    let mut bench = Bench::new(&["a"]);
    bench.emit_many(2);
    bench.apply(&support::revision(&["a", "b"]));
    let ids = ["e00000".to_owned(), "e00001".to_owned()];
    let counts = bench.reader().count_routes(&ids).unwrap();
    assert_eq!(counts.iter().map(|one| (one.endpoint.as_str(), one.count)).collect::<Vec<_>>(), [("b-name", 2)]);
}
