//! The rules of accepting.

use std::sync::Arc;

use super::support::{Bench, T0, event, limited, revision, route, spec};
use crate::event::redact::{Mode, Policy};
use crate::event::{EndpointState, Event, Limits, Reason, Revision, State};
use crate::journal::*;

#[test]
fn without_a_revision_an_event_is_unrouted_and_routed_when_the_first_file_is_applied() {
    let mut bench = Bench::bare();
    let accepted = bench.emit("e1");
    assert!(accepted.unrouted && accepted.deliveries.is_empty());
    assert!(bench.reader().event("e1").unwrap().unwrap().row.unrouted);
    bench.take_over();
    let applied = bench.apply(&revision(&["a"]));
    assert_eq!((applied.routed, applied.added.as_slice()), (1, &["a-name".to_owned()][..]));
    assert_eq!(bench.delivery("e1_a").row.state, State::Queued);
    assert!(!bench.reader().event("e1").unwrap().unwrap().row.unrouted);
    bench.check();
}

#[test]
fn a_given_file_makes_rows_for_endpoints_that_no_dispatcher_has_applied() {
    let mut bench = Bench::bare();
    let given = RouteBy::Given(Arc::new(revision(&["a"])));
    let accepted = bench.journal.accept(vec![Submission::new(event("e1"))], given, T0).wait().unwrap();
    assert_eq!(accepted[0].as_ref().unwrap().deliveries, ["e1_a"]);
    bench.take_over();
    assert_eq!(bench.apply(&revision(&["a"])).added, ["a-name"]);
    assert_eq!(bench.claim(Pick::Due).claimed.len(), 1);
    bench.check();
}

#[test]
fn the_first_revision_applied_counts_more_than_the_file_that_stands_in_for_it() {
    let mut bench = Bench::bare();
    bench.take_over();
    let deliveries = |bench: &Bench, id: &str| {
        let stand_in = RouteBy::AppliedOr(Arc::new(revision(&["a"])));
        let accepted = bench.journal.accept(vec![Submission::new(event(id))], stand_in, T0).wait().unwrap();
        accepted[0].as_ref().unwrap().deliveries.clone()
    };
    assert_eq!(deliveries(&bench, "e1"), ["e1_a"]);
    bench.apply(&revision(&["b"]));
    assert_eq!(deliveries(&bench, "e2"), ["e2_b"]);
    bench.check();
}

#[test]
fn paused_endpoints_get_deliveries_disabled_ones_get_none() {
    let mut bench = Bench::new(&["gone", "paused"]);
    for (key, state) in bench.keys.clone().into_iter().zip([EndpointState::Disabled, EndpointState::Paused]) {
        let update = EndpointUpdate {
            state: Some(state),
            disabled_by: (state == EndpointState::Disabled).then(|| "410 Gone".to_owned()),
            ..EndpointUpdate::default()
        };
        bench.journal.update_endpoint(bench.epoch, key, update, T0).wait().unwrap();
    }
    let mut off = route("off");
    off.enabled = false;
    bench.apply(&Revision { routes: vec![route("gone"), route("paused"), off], ..Revision::default() });
    assert_eq!(bench.emit("e1").deliveries, ["e1_paused"]);
    for name in ["gone", "off-name"] {
        let refused = bench.submit(Submission { only: Some(name.to_owned()), ..Submission::new(event("e2")) });
        assert!(matches!(refused, Err(Refusal::Disabled { .. })), "{name}: {refused:?}");
    }
    bench.check();
}

#[test]
fn an_event_may_be_meant_for_one_endpoint_or_kept_from_one() {
    let bench = Bench::new(&["a", "b"]);
    let submit = |id: &str, only: Option<&str>, not_to: Option<&str>| {
        bench.submit(Submission {
            only: only.map(ToOwned::to_owned),
            not_to: not_to.map(ToOwned::to_owned),
            ..Submission::new(event(id))
        })
    };
    assert_eq!(submit("e1", Some("b"), None).unwrap().deliveries, ["e1_b"]);
    assert_eq!(submit("e2", Some("b-name"), None).unwrap().deliveries, ["e2_b"]);
    assert_eq!(submit("e3", None, Some("a")).unwrap().deliveries, ["e3_b"]);
    let known = "a-name, b-name".to_owned();
    assert_eq!(submit("e4", Some("x"), None), Err(Refusal::UnknownEndpoint { name: "x".to_owned(), known }));
    assert!(bench.reader().event("e4").unwrap().is_none());
}

#[test]
fn a_full_queue_refuses_each_event_as_a_whole() {
    let bench = Bench::with(&limited(&["a", "b"], Limits { queue_size: 3, ..Limits::default() }));
    let submissions = ["e1", "e2", "e1"].map(|id| Submission::new(event(id))).to_vec();
    let answers = bench.journal.accept(submissions, RouteBy::Applied, T0).wait().unwrap();
    assert_eq!(answers[0].as_ref().unwrap().deliveries.len(), 2);
    assert_eq!(answers[1], Err(Refusal::QueueFull { waiting: 2, wanted: 2, limit: 3 }));
    assert!(answers[2].as_ref().unwrap().duplicate, "what is known already needs no room");
    assert!(bench.reader().event("e2").unwrap().is_none());
    bench.run(Verdict::Delivered);
    assert!(bench.submit(Submission::new(event("e2"))).is_ok(), "delivered ones make room");
    bench.check();
}

#[test]
fn drop_oldest_makes_the_oldest_dead_by_overflow() {
    let bench = Bench::with(&limited(&["a"], Limits { queue_size: 2, drop_oldest: true, ..Limits::default() }));
    for id in ["e1", "e2", "e3"] {
        bench.emit(id);
    }
    let row = bench.delivery("e1_a").row;
    assert_eq!((row.state, row.reason), (State::Dead, Some(Reason::Overflow)));
    let overview = bench.reader().overview(T0).unwrap();
    assert_eq!((overview.dropped, overview.endpoints[0].counts.queued, overview.endpoints[0].total_dead), (1, 2, 1));
    bench.check();
}

#[test]
fn a_journal_over_its_size_takes_settled_bodies_first_and_then_refuses() {
    let bench = Bench::with(&limited(&["a"], Limits { max_size: 1, ..Limits::default() }));
    let refused = bench.submit(Submission::new(event("e1")));
    assert!(matches!(refused, Err(Refusal::JournalFull { limit: 1, .. })), "{refused:?}");
    let mut roomy = Bench::new(&["a"]);
    roomy.emit("e1");
    roomy.run(Verdict::Delivered);
    roomy.apply(&limited(&["a"], Limits { max_size: 1, ..Limits::default() }));
    roomy.emit("e2");
    let detail = roomy.delivery("e1_a");
    assert_eq!((detail.event.id.as_str(), detail.event.message.as_str(), detail.attempts.len()), ("e1", "", 0));
    assert!(matches!(roomy.submit(Submission::new(event("e3"))), Err(Refusal::JournalFull { .. })));
    roomy.check();
}

#[test]
fn a_changed_file_adds_changes_and_removes_but_keeps_deliveries() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.emit("e1");
    let same = bench.apply(&revision(&["a", "b"]));
    assert_eq!((same.revision, same.added.len(), same.changed.len(), same.removed.len()), (1, 0, 0, 0));
    let moved = EndpointSpec { address_hash: [9; 32], ..spec("a") };
    let applied = bench.apply_specs(&revision(&["a", "c"]), vec![moved, spec("c")]);
    assert_eq!(applied.revision, 2);
    assert_eq!(applied.added, ["c-name"]);
    assert_eq!(applied.changed, ["a-name"]);
    assert_eq!(applied.removed, [("b-name".to_owned(), 1)]);
    assert_eq!(bench.endpoint("b").held(T0), Some(Held::Removed));
    assert_eq!(bench.endpoint("b").counts.queued, 1);
    assert_eq!(bench.apply(&revision(&["a", "b"])).added, ["b-name"]);
    assert_eq!(bench.endpoint("b").state, EndpointState::Active);
    bench.check();
}

#[test]
fn another_address_closes_the_circuit_and_ends_a_disabling_by_410() {
    let mut bench = Bench::new(&["a"]);
    let open =
        CircuitRow { circuit: crate::event::Circuit::Open, openings: 1, opened_at: Some(T0), ..CircuitRow::default() };
    let update = EndpointUpdate {
        circuit: Some(open),
        state: Some(EndpointState::Disabled),
        disabled_by: Some("410 Gone".to_owned()),
        hold_until: Some(Some(T0 + 5)),
        ..EndpointUpdate::default()
    };
    bench.journal.update_endpoint(bench.epoch, bench.keys[0], update, T0).wait().unwrap();
    bench.apply(&revision(&["a"]));
    assert_eq!(bench.endpoint("a").state, EndpointState::Disabled, "the same address stays gone");
    let applied = bench.apply_specs(&revision(&["a"]), vec![EndpointSpec { address_hash: [9; 32], ..spec("a") }]);
    assert_eq!(applied.moved, bench.keys);
    let endpoint = bench.endpoint("a");
    assert_eq!((endpoint.state, endpoint.disabled_by, endpoint.hold_until), (EndpointState::Active, None, None));
    assert_eq!((endpoint.circuit.circuit, endpoint.circuit.openings), (crate::event::Circuit::Closed, 1));
}

#[test]
fn an_address_that_lacks_a_variable_is_no_other_address() {
    let mut bench = Bench::new(&["a"]);
    let open =
        CircuitRow { circuit: crate::event::Circuit::Open, openings: 1, opened_at: Some(T0), ..CircuitRow::default() };
    let update = EndpointUpdate {
        circuit: Some(open),
        state: Some(EndpointState::Disabled),
        disabled_by: Some("410 Gone".to_owned()),
        ..EndpointUpdate::default()
    };
    bench.journal.update_endpoint(bench.epoch, bench.keys[0], update, T0).wait().unwrap();
    let unset =
        EndpointSpec { address_hash: [0; 32], missing: Some("$OPS_URL is not set here".to_owned()), ..spec("a") };
    for specs in [vec![unset], vec![spec("a")]] {
        let applied = bench.apply_specs(&revision(&["a"]), specs);
        assert_eq!(applied.moved, Vec::<i64>::new());
        let endpoint = bench.endpoint("a");
        assert_eq!((endpoint.state, endpoint.circuit.circuit), (EndpointState::Disabled, crate::event::Circuit::Open));
    }
    let applied = bench.apply_specs(&revision(&["a"]), vec![EndpointSpec { address_hash: [9; 32], ..spec("a") }]);
    assert_eq!(applied.moved, bench.keys, "the address from before the variable was missing is remembered");
}

fn with_message(id: &str, message: &str) -> Submission {
    Submission::new(Event { message: message.to_owned(), ..event(id) })
}

fn redacting(mode: Mode) -> Revision {
    Revision { redaction: Policy { mode, ..Policy::default() }, ..revision(&["a"]) }
}

#[test]
fn a_secret_is_redacted_before_it_is_stored_by_the_applied_revision_and_by_the_built_in_rules_without_one() {
    for bench in [Bench::bare(), Bench::with(&redacting(Mode::Redact))] {
        bench.submit(with_message("e1", "password=correct-horse")).unwrap();
        let stored = bench.reader().event("e1").unwrap().unwrap();
        assert_eq!(stored.event.message, "[REDACTED:PASSWORD:8617282b]");
        let again = |message| bench.submit(with_message("e1", message)).unwrap().differs;
        assert_eq!((again("password=correct-horse"), again("password=battery-staple")), (false, true));
        bench.check();
    }
}

#[test]
fn in_mode_warn_an_event_is_kept_as_it_is_and_the_log_tells_once_what_was_found_and_where() {
    let bench = Bench::with(&redacting(Mode::Warn));
    for _ in 0..2 {
        bench.submit(with_message("e1", "password=correct-horse")).unwrap();
    }
    assert_eq!(bench.reader().event("e1").unwrap().unwrap().event.message, "password=correct-horse");
    let log = bench.reader().log(Page::first(10)).unwrap();
    let told: Vec<_> = log.iter().filter(|line| line.text.contains("PASSWORD in message")).collect();
    assert_eq!(told.len(), 1, "{log:?}");
    assert_eq!(told[0].level, Level::Warning);
    assert!(log.iter().all(|line| !line.text.contains("correct-horse")));
}

#[test]
fn in_mode_block_an_event_is_refused_with_what_was_found_and_an_alert_of_our_own_is_redacted() {
    let bench = Bench::with(&redacting(Mode::Block));
    let refused = bench.submit(with_message("e1", "password=correct-horse")).unwrap_err().to_string();
    assert!(refused.contains("PASSWORD in message") && !refused.contains("correct-horse"), "{refused}");
    assert!(bench.reader().event("e1").unwrap().is_none());
    let mut alert = with_message("e2", "password=correct-horse");
    alert.event.kind = "hooktui.circuit.opened".to_owned();
    bench.submit(alert).unwrap();
    assert_eq!(bench.reader().event("e2").unwrap().unwrap().event.message, "[REDACTED:PASSWORD:8617282b]");
    bench.emit("e3");
    bench.check();
}

#[test]
fn what_comes_in_together_is_numbered_without_gaps_in_events_and_in_deliveries() {
    let bench = Bench::new(&["a"]);
    bench.emit_many(10);
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    for table in ["events", "deliveries"] {
        let span = format!("SELECT count(*), max(seq) - min(seq) + 1 FROM {table}");
        let found: (i64, i64) = raw.query_row(&span, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (10, 10), "{table}");
    }
    bench.check();
}
