//! Acts by hand, undo, orders.

use super::support::{self, Bench, T0, all, dead, of_endpoint, revision, route};
use crate::event::pattern::Patterns;
use crate::event::{Cause, EndpointState, Query, Reason, Revision, Route, State};
use crate::journal::*;

fn me() -> Actor {
    Actor("me@here".to_owned())
}

fn act(bench: &Bench, act: Act, selection: Selection) -> ActResult {
    bench.journal.act(act, selection, me(), T0).wait().unwrap()
}

fn undo(bench: &Bench) -> Option<Undone> {
    support::undo(&bench.journal, "me@here", T0)
}

fn ids(ids: &[&str]) -> Selection {
    Selection::Ids(ids.iter().map(|id| (*id).to_owned()).collect())
}

#[test]
fn retry_gives_fresh_tries_and_clear_and_restore_put_away_and_back() {
    let bench = dead(1);
    assert_eq!(act(&bench, Act::Retry, ids(&["e00000_a"])).done, 1);
    let row = bench.delivery("e00000_a").row;
    assert_eq!((row.state, row.tries, row.attempts, row.reason, row.retried_at), (State::Queued, 0, 1, None, Some(T0)));
    bench.run(Verdict::Dead(Reason::Permanent));
    for (verb, state) in [(Act::Clear, State::Cleared), (Act::Restore, State::Dead)] {
        assert_eq!(act(&bench, verb, all()).done, 1);
        assert_eq!(bench.delivery("e00000_a").row.state, state);
    }
    assert_eq!(bench.delivery("e00000_a").row.reason, Some(Reason::Permanent));
    assert_eq!(bench.endpoint("a").total_dead, 2, "restoring is no new death");
    bench.check();
}

#[test]
fn what_an_act_cannot_change_is_told_in_words() {
    let bench = dead(1);
    bench.emit("e1");
    let result = act(&bench, Act::Clear, ids(&["e1_a", "nobody", "e00000"]));
    assert_eq!(result.done, 1, "an event stands for its deliveries");
    assert_eq!(result.skipped[0], ("e1_a".to_owned(), "it is queued, not a dead letter".to_owned()));
    assert_eq!(result.skipped[1].0, "nobody");
    bench.claim(Pick::Due);
    assert!(act(&bench, Act::Cancel, ids(&["e1_a"])).skipped[0].1.contains("in flight"));
}

#[test]
fn retry_is_refused_for_removed_and_disabled_endpoints() {
    let mut bench = dead(2);
    bench.apply(&revision(&["b"]));
    assert_eq!(act(&bench, Act::Retry, all()).done, 0);
    assert!(act(&bench, Act::Retry, ids(&["e00000_a"])).skipped[0].1.contains("no longer in the file"));
    bench.apply(&revision(&["a"]));
    let off = EndpointUpdate {
        state: Some(EndpointState::Disabled),
        disabled_by: Some("410 Gone".to_owned()),
        ..EndpointUpdate::default()
    };
    bench.journal.update_endpoint(bench.epoch, bench.keys[0], off, T0).wait().unwrap();
    assert!(act(&bench, Act::Retry, ids(&["e00000_a"])).skipped[0].1.contains("resume it first"));
    let resend = bench.journal.resend(vec!["e00000_a".to_owned()], me(), T0).wait().unwrap();
    assert!(resend.skipped[0].1.contains("resume it first"));
    assert_eq!(act(&bench, Act::Clear, all()).done, 2, "clearing needs no endpoint");
}

#[test]
fn a_bulk_act_takes_several_transactions_and_is_one_act() {
    let bench = dead(5_000);
    let reader = bench.reader();
    let counts = reader.count(Act::Clear, &all()).unwrap();
    let only = Counted {
        endpoint_key: bench.keys[0],
        endpoint: "a-name".to_owned(),
        cause: Some(Cause::Status(500)),
        count: 5_000,
    };
    assert_eq!(counts, [only]);
    let before = reader.overview(T0).unwrap().change;
    assert_eq!(act(&bench, Act::Clear, of_endpoint("a-name")).done, 5_000);
    assert!(reader.overview(T0).unwrap().change >= before + 5_000);
    let last = reader.last_act(&me()).unwrap().unwrap();
    assert_eq!((last.what.as_str(), last.rows, last.stays), ("clear 5000 dead letters of a-name", 5_000, None));
    let undone = undo(&bench).unwrap();
    assert_eq!((undone.undone, undone.of), (5_000, 5_000));
    assert_eq!(bench.endpoint("a").counts.dead, 5_000);
    assert_eq!(undo(&bench), None);
    bench.check();
}

#[test]
fn undo_takes_back_only_rows_to_which_nothing_has_happened_since() {
    let bench = dead(40);
    assert_eq!(act(&bench, Act::Retry, all()).done, 40);
    let request = ClaimRequest { limit: 12, ..bench.request(bench.keys[0], Pick::Due) };
    for claimed in bench.journal.claim(request).wait().unwrap().claimed {
        bench.settle(&claimed, Verdict::Delivered);
    }
    assert_eq!(support::undo(&bench.journal, "another", T0), None, "only one's own");
    let undone = undo(&bench).unwrap();
    assert_eq!((undone.undone, undone.of, undone.what.as_str()), (28, 40, "retry 40 dead letters of a-name"));
    let counts = bench.endpoint("a").counts;
    assert_eq!((counts.dead, counts.delivered, counts.queued), (28, 12, 0));
    let line = &bench.reader().log(Page::first(1)).unwrap()[0];
    assert_eq!((line.source, line.who.as_deref()), (LogSource::Act, Some("me@here")));
    assert!(line.text.contains("28 of 40 undone"), "{}", line.text);
    bench.check();
}

#[test]
fn each_act_has_its_way_back() {
    let bench = dead(1);
    let state = || bench.delivery("e00000_a").row.state;
    for (verb, from, to) in [
        (Act::Clear, State::Dead, State::Cleared),
        (Act::Restore, State::Cleared, State::Dead),
        (Act::Retry, State::Dead, State::Queued),
        (Act::Cancel, State::Queued, State::Dead),
    ] {
        assert_eq!(state(), from);
        for step in 0..2 {
            assert_eq!(act(&bench, verb, all()).done, 1, "{verb:?} {step}");
            assert_eq!(state(), to);
            if step == 0 {
                assert_eq!(undo(&bench).unwrap().undone, 1);
                assert_eq!(state(), from);
            }
        }
    }
    bench.check();
}

#[test]
fn one_item_goes_now_past_circuit_and_pause() {
    let bench = dead(2);
    assert_eq!(bench.journal.retry_now("e00001_a".to_owned(), me(), T0).wait().unwrap().done, 1);
    assert!(bench.delivery("e00001_a").row.urgent);
    let claimed = bench.claim(Pick::Urgent).claimed;
    assert_eq!((claimed.len(), claimed[0].id.as_str(), claimed[0].urgent), (1, "e00001_a", true));
    assert!(bench.claim(Pick::Urgent).claimed.is_empty());
}

#[test]
fn orders_wait_for_the_dispatcher_and_end_with_their_effect() {
    let bench = Bench::new(&["a", "b"]);
    let given = bench.journal.order(Whom::All, OrderKind::Pause(Some(T0 + 9)), me(), T0).wait().unwrap();
    assert_eq!(given.done, 2);
    let orders = bench.reader().orders().unwrap();
    assert_eq!((orders.len(), orders[0].kind, orders[0].endpoint), (2, OrderKind::Pause(Some(T0 + 9)), bench.keys[0]));
    let paused = EndpointUpdate {
        state: Some(EndpointState::Paused),
        paused_by: Some("me@here".to_owned()),
        ..EndpointUpdate::default()
    };
    let finish = || bench.journal.finish_order(Some(bench.epoch), orders[0].seq, paused.clone(), T0).wait().unwrap();
    finish();
    finish();
    assert_eq!(bench.endpoint("a").held(T0), Some(Held::Paused));
    let undone = undo(&bench).unwrap();
    assert_eq!((undone.undone, undone.of), (2, 2));
    let left = bench.reader().orders().unwrap();
    assert_eq!(
        (left.len(), left[0].kind, left[0].endpoint),
        (1, OrderKind::Resume, bench.keys[0]),
        "b's was withdrawn"
    );
    let unknown = bench.journal.order(Whom::One("x".to_owned()), OrderKind::Trip, me(), T0).wait().unwrap();
    assert_eq!((unknown.done, unknown.skipped[0].0.as_str()), (0, "x"));
}

#[test]
fn a_resend_is_an_order_for_one_attempt() {
    let bench = dead(1);
    let ask = || bench.journal.resend(vec!["e00000_a".to_owned(), "x".to_owned()], me(), T0).wait().unwrap();
    let asked = ask();
    assert_eq!((asked.done, asked.skipped.len()), (1, 1));
    assert_eq!(ask().done, 0, "it has been asked for already");
    let order = bench.reader().orders().unwrap().remove(0);
    assert_eq!(order.kind, OrderKind::Resend(bench.delivery("e00000_a").row.seq));
}

#[test]
fn an_event_is_sent_to_those_that_match_now_and_never_had_it() {
    let mut bench = Bench::new(&["a"]);
    bench.emit("e1");
    bench.apply(&revision(&["a", "b"]));
    let journal = bench.journal.clone();
    let send = |only: Option<&str>| {
        let only = only.map(ToOwned::to_owned);
        journal.resend_event("e1".to_owned(), only, RouteBy::Applied, me(), T0).wait().unwrap()
    };
    assert!(send(Some("a")).unwrap_err().contains("e1_a"));
    assert_eq!(send(None).unwrap(), ["e1_b"]);
    assert_eq!(send(None).unwrap(), Vec::<String>::new());
    let deaf = Route { patterns: Patterns(vec!["deploy.*".to_owned()]), ..route("a") };
    bench.apply(&Revision { routes: vec![deaf], ..Revision::default() });
    assert!(
        send(None).unwrap_err().contains("no endpoint matches it now"),
        "that is something else than to have had it"
    );
    bench.check();
}

#[test]
fn an_act_on_what_a_person_was_asked_about_leaves_out_what_died_since() {
    let bench = dead(2);
    let asked = bench.reader().overview(T0).unwrap().change;
    bench.emit("later");
    bench.run(Verdict::Dead(Reason::Permanent));
    assert_eq!(act(&bench, Act::Clear, Selection::Matching { query: Query::default(), as_of: asked, at: T0 }).done, 2);
    assert_eq!(bench.delivery("later_a").row.state, State::Dead);
    bench.check();
}
