//! Undo: one's own last act and no other, and only where nothing has happened since.

use super::support::{self, Bench, T0, all, dead, revision};
use crate::engine::orders;
use crate::event::{EndpointState, Millis};
use crate::journal::*;

fn actor(name: &str) -> Actor {
    Actor(name.to_owned())
}

/// An order to endpoint `a`, applied as by whoever dispatches.
fn order(bench: &Bench, who: &str, kind: OrderKind) {
    let given = bench.journal.order(Whom::One("a".to_owned()), kind, actor(who), T0).wait().unwrap();
    assert_eq!(given.done, 1, "{given:?}");
    apply(bench);
}

fn apply(bench: &Bench) {
    assert!(orders::apply_when_free(&bench.journal, None, T0).unwrap());
}

/// Undoes and applies what that orders; how many were undone, of how many.
fn undo(bench: &Bench, who: &str) -> Option<(u64, u64)> {
    let undone = support::undo(&bench.journal, who, T0)?;
    apply(bench);
    Some((undone.undone, undone.of))
}

fn stays(bench: &Bench, who: &str) -> Option<String> {
    bench.reader().last_act(&actor(who)).unwrap().unwrap().stays
}

fn pause(bench: &Bench) -> (EndpointState, Option<Millis>) {
    let row = bench.endpoint("a");
    (row.state, row.paused_until)
}

fn disabled_by_410() -> EndpointUpdate {
    let state = Some(EndpointState::Disabled);
    EndpointUpdate { state, disabled_by: Some("410 Gone".to_owned()), ..EndpointUpdate::default() }
}

#[test]
fn what_cannot_be_taken_back_is_the_last_act_all_the_same() {
    let bench = dead(1);
    order(&bench, "ann", OrderKind::Pause(None));
    order(&bench, "ann", OrderKind::Trip);
    let trip = "your last act, trip a-name, cannot be taken back; `hooktui endpoints reset a-name` closes the circuit";
    for _ in 0..2 {
        let act = bench.reader().last_act(&actor("ann")).unwrap().unwrap();
        assert_eq!(act.stays.as_deref(), Some(trip));
        assert_eq!(bench.journal.undo(act, actor("ann"), T0).wait().unwrap(), Err(trip.to_owned()));
    }
    assert_eq!(pause(&bench).0, EndpointState::Paused);
    order(&bench, "ann", OrderKind::Reset);
    assert!(
        stays(&bench, "ann").unwrap().contains("reset a-name, cannot be taken back; `hooktui endpoints trip a-name`")
    );
    bench.journal.resend(vec!["e00000_a".to_owned()], actor("ann"), T0).wait().unwrap();
    assert!(stays(&bench, "ann").unwrap().contains("resend e00000_a, cannot be taken back"));
}

#[test]
fn an_event_that_was_sent_to_others_is_the_last_act() {
    let mut bench = Bench::new(&["a"]);
    bench.emit("e1");
    bench.apply(&revision(&["a", "b"]));
    bench.journal.resend_event("e1".to_owned(), None, RouteBy::Applied, actor("ann"), T0).wait().unwrap().unwrap();
    assert!(stays(&bench, "ann").unwrap().contains("send e1 to 1 more endpoint, cannot be taken back"));
}

#[test]
fn a_resume_after_a_410_cannot_be_taken_back() {
    let bench = Bench::new(&["a"]);
    order(&bench, "ann", OrderKind::Pause(None));
    bench.journal.update_endpoint(bench.epoch, bench.keys[0], disabled_by_410(), T0).wait().unwrap();
    order(&bench, "ann", OrderKind::Resume);
    assert_eq!(pause(&bench).0, EndpointState::Active);
    assert!(stays(&bench, "ann").unwrap().contains("`hooktui endpoints pause a-name`"));
}

#[test]
fn a_pause_that_was_prolonged_becomes_what_it_was() {
    let bench = Bench::new(&["a"]);
    order(&bench, "ann", OrderKind::Pause(Some(T0 + 5)));
    order(&bench, "ann", OrderKind::Pause(None));
    assert_eq!(pause(&bench), (EndpointState::Paused, None));
    assert_eq!(undo(&bench, "ann"), Some((1, 1)));
    assert_eq!(pause(&bench), (EndpointState::Paused, Some(T0 + 5)));
    assert_eq!(undo(&bench, "ann"), Some((1, 1)));
    assert_eq!(pause(&bench), (EndpointState::Active, None));
    assert_eq!(undo(&bench, "ann"), None);
}

#[test]
fn a_pause_of_all_leaves_alone_what_is_paused_or_disabled() {
    let bench = Bench::new(&["a", "b", "c", "d"]);
    order(&bench, "bob", OrderKind::Pause(Some(T0 + 5)));
    bench.journal.update_endpoint(bench.epoch, bench.keys[3], disabled_by_410(), T0).wait().unwrap();
    let all = |kind| {
        let given = bench.journal.order(Whom::All, kind, actor("ann"), T0).wait().unwrap();
        apply(&bench);
        (given.done, given.skipped.len())
    };
    let states = || ["a", "b", "c", "d"].map(|id| bench.endpoint(id).state);
    let [on, off, gone] = [EndpointState::Active, EndpointState::Paused, EndpointState::Disabled];
    assert_eq!(
        (all(OrderKind::Pause(None)), states(), pause(&bench)),
        ((2, 0), [off, off, off, gone], (off, Some(T0 + 5)))
    );
    assert_eq!((all(OrderKind::Pause(None)), all(OrderKind::Resume)), ((0, 0), (3, 0)));
    assert_eq!(states(), [on, on, on, gone]);
    assert_eq!((undo(&bench, "ann"), pause(&bench)), (Some((3, 3)), (off, Some(T0 + 5))));
    assert_eq!((undo(&bench, "ann"), states()), (Some((2, 2)), [off, on, on, gone]));
    assert_eq!(undo(&bench, "ann"), None);
}

#[test]
fn an_order_for_several_is_for_those_that_were_counted_as_far_as_they_still_stand_so() {
    let bench = Bench::new(&["a", "b", "c"]);
    let counted = || Whom::These(["a", "b"].map(ToOwned::to_owned).to_vec());
    order(&bench, "bob", OrderKind::Pause(Some(T0 + 5)));
    assert_eq!(bench.journal.order(counted(), OrderKind::Pause(None), actor("ann"), T0).wait().unwrap().done, 1);
    apply(&bench);
    assert_eq!(
        ["a", "b", "c"].map(|id| bench.endpoint(id).paused_by),
        [Some("bob"), Some("ann"), None].map(|by| by.map(ToOwned::to_owned))
    );
}

#[test]
fn what_is_disabled_cannot_be_paused() {
    let bench = Bench::new(&["a"]);
    bench.journal.update_endpoint(bench.epoch, bench.keys[0], disabled_by_410(), T0).wait().unwrap();
    let given =
        bench.journal.order(Whom::One("a".to_owned()), OrderKind::Pause(None), actor("ann"), T0).wait().unwrap();
    assert_eq!((given.done, given.skipped[0].0.as_str()), (0, "a-name"));
    assert!(given.skipped[0].1.contains("it is disabled"), "{given:?}");
    assert_eq!(bench.reader().last_act(&actor("ann")).unwrap(), None);
}

#[test]
fn a_pause_that_another_has_given_since_stays() {
    let bench = Bench::new(&["a"]);
    order(&bench, "ann", OrderKind::Pause(None));
    order(&bench, "bob", OrderKind::Resume);
    order(&bench, "bob", OrderKind::Pause(None));
    for _ in 0..2 {
        assert_eq!(undo(&bench, "ann"), Some((0, 1)), "it stays her last act");
    }
    assert_eq!(pause(&bench).0, EndpointState::Paused);
    // What is taken back has not happened.
    assert_eq!(
        (undo(&bench, "bob"), undo(&bench, "bob"), undo(&bench, "ann")),
        (Some((1, 1)), Some((1, 1)), Some((1, 1)))
    );
    assert_eq!(pause(&bench).0, EndpointState::Active);
}

#[test]
fn a_resume_that_another_has_followed_stays() {
    let bench = Bench::new(&["a"]);
    order(&bench, "bob", OrderKind::Pause(None));
    for (who, kind) in [("ann", OrderKind::Resume), ("bob", OrderKind::Pause(None)), ("bob", OrderKind::Resume)] {
        order(&bench, who, kind);
    }
    assert_eq!(undo(&bench, "ann"), Some((0, 1)));
    assert_eq!(pause(&bench).0, EndpointState::Active);
}

#[test]
fn only_the_act_that_was_asked_about_is_taken_back() {
    let bench = dead(2);
    bench.journal.act(Act::Clear, all(), actor("ann"), T0).wait().unwrap();
    let asked = bench.reader().last_act(&actor("ann")).unwrap().unwrap();
    order(&bench, "ann", OrderKind::Pause(None));
    let undo_asked = || bench.journal.undo(asked.clone(), actor("ann"), T0).wait().unwrap().unwrap_err();
    assert_eq!(
        undo_asked(),
        "clear 2 dead letters of a-name is no longer your last act, pause a-name is: nothing was undone"
    );
    assert_eq!((pause(&bench).0, bench.endpoint("a").counts.cleared), (EndpointState::Paused, 2));
    assert_eq!((undo(&bench, "ann"), undo(&bench, "ann")), (Some((1, 1)), Some((2, 2))));
    assert_eq!(undo_asked(), "clear 2 dead letters of a-name has been taken back already: nothing was undone");
}

#[test]
fn a_pause_that_has_run_out_is_over_and_not_undone() {
    let bench = Bench::new(&["a"]);
    bench.emit("e1");
    order(&bench, "ann", OrderKind::Pause(Some(T0 + 5)));
    let at = |now| {
        let overview = bench.reader().overview(now).unwrap();
        (overview.endpoints[0].state, overview.endpoints[0].held(now), overview.oldest_due_at)
    };
    assert_eq!(at(T0 + 4), (EndpointState::Paused, Some(Held::Paused), None));
    assert_eq!(at(T0 + 5), (EndpointState::Active, None, Some(T0)));
    let undone = support::undo(&bench.journal, "ann", T0 + 5).unwrap();
    assert_eq!((undone.undone, undone.of), (0, 1));
}

#[test]
fn what_is_taken_back_has_not_happened_to_older_acts() {
    let bench = dead(2);
    let row = |id: &str| bench.delivery(id).row;
    let before = row("e00000_a");
    let act = |who: &str, act, id: &str| {
        let ids = Selection::Ids(vec![id.to_owned()]);
        assert_eq!(bench.journal.act(act, ids, actor(who), T0).wait().unwrap().done, 1);
    };
    act("ann", Act::Retry, "e00000_a");
    act("ann", Act::Cancel, "e00000_a");
    act("bob", Act::Clear, "e00000_a");
    act("ann", Act::Restore, "e00000_a");
    act("ann", Act::Clear, "e00001_a");
    for who in ["ann", "ann", "bob", "ann", "ann"] {
        assert_eq!(undo(&bench, who), Some((1, 1)), "{who}");
    }
    let after = row("e00000_a");
    assert_eq!((after.state, after.reason, after.changed_at), (before.state, before.reason, before.changed_at));
    assert_eq!((undo(&bench, "ann"), undo(&bench, "bob")), (None, None));
    bench.check();
}

#[test]
fn an_older_act_stays_where_something_happened_between_the_two() {
    for between in [Verdict::Retry(T0 + 5), Verdict::Back] {
        let bench = dead(1);
        let act = |act| bench.journal.act(act, all(), actor("ann"), T0).wait().unwrap();
        act(Act::Retry);
        bench.run(between);
        act(Act::Cancel);
        assert_eq!(undo(&bench, "ann"), Some((1, 1)));
        assert_eq!(undo(&bench, "ann"), Some((0, 1)));
        bench.check();
    }
}

#[test]
fn a_pause_that_comes_back_is_of_whoever_gave_it() {
    let bench = Bench::new(&["a"]);
    order(&bench, "bob", OrderKind::Pause(None));
    for kind in [OrderKind::Resume, OrderKind::Pause(Some(T0 + 5))] {
        order(&bench, "ann", kind);
        assert_eq!(undo(&bench, "ann"), Some((1, 1)));
        assert_eq!((pause(&bench).1, bench.endpoint("a").paused_by.as_deref()), (None, Some("bob")));
    }
}
