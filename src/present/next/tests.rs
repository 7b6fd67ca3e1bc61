use super::*;
use crate::event::Reason;
use crate::present::tests::{NOW, delivery, endpoint};

const RULES: Rules = Rules { max_attempts: Some(5), success_threshold: Some(2) };

fn outlook<'a>(delivery: &'a DeliveryRow, endpoint: &'a EndpointRow) -> Outlook<'a> {
    Outlook { delivery, endpoint: Some(endpoint), rules: RULES, dispatching: true, now: NOW }
}

type Change = fn(&mut DeliveryRow, &mut EndpointRow);

/// State, change of the rows, sentence, column, narrow column.
type Case = (State, Change, &'static str, &'static str, &'static str);

fn check(table: &[Case]) {
    for (state, change, sentence, column, narrow) in table {
        let (mut row, mut endpoint) = (delivery(*state), endpoint());
        change(&mut row, &mut endpoint);
        let outlook = outlook(&row, &endpoint);
        assert_eq!(outlook.sentence(), *sentence);
        assert_eq!(outlook.column(), *column);
        assert_eq!(outlook.narrow_column(), *narrow);
    }
}

#[test]
fn what_happens_next_is_said_in_words() {
    check(&[
        (State::Scheduled, |_, _| {}, "try 3 of 5 in 3.2 s; circuit closed", "try 3 of 5 in 3.2 s", "3/5 in 3.2 s"),
        (
            State::Scheduled,
            |row, _| row.due_at = NOW - 5,
            "try 3 of 5 as soon as a slot is free; circuit closed",
            "try 3 of 5 now",
            "3/5 now",
        ),
        (
            State::Queued,
            |row, _| row.tries = 0,
            "try 1 of 5 as soon as a slot is free; circuit closed",
            "try 1 of 5 now",
            "1/5 now",
        ),
        (
            State::Queued,
            |row, endpoint| {
                row.urgent = true;
                endpoint.state = EndpointState::Paused;
            },
            "goes now: a person asked for it, past circuit and pause",
            "try 3 of 5 now",
            "3/5 now",
        ),
        (State::InFlight, |_, _| {}, "attempt 3 is under way", "under way", "under way"),
        (
            State::Dead,
            |row, _| row.tries = 5,
            "dead for 41 s: 5 tries failed, the last with 502 Bad Gateway",
            "exhausted: 502 Bad Gateway",
            "exhausted: 502 Bad Gateway",
        ),
        (State::Delivered, |row, _| row.last_status = Some(200), "delivered 41 s ago with attempt 2: 200 OK", "", ""),
    ]);
}

#[test]
fn what_is_held_says_by_what() {
    check(&[
        (
            State::Scheduled,
            |_, endpoint| {
                endpoint.circuit.circuit = Circuit::Open;
                endpoint.circuit.probe_at = Some(NOW + 12_300);
            },
            "held: circuit open, one probe in 12 s, 31 waiting",
            "circuit open, probe in 12 s",
            "probe in 12 s",
        ),
        (
            State::Queued,
            |_, endpoint| {
                endpoint.circuit.circuit = Circuit::Open;
                endpoint.circuit.probe_at = Some(NOW - 1);
            },
            "held: circuit open, one probe now, 31 waiting",
            "circuit open, probe now",
            "probe now",
        ),
        (
            State::Queued,
            |_, endpoint| {
                endpoint.circuit.circuit = Circuit::HalfOpen;
                endpoint.circuit.good_probes = 1;
            },
            "held: circuit half-open, 1 of 2, one delivery at a time, 31 waiting",
            "circuit half-open, 1 of 2",
            "half-open",
        ),
        (
            State::Queued,
            |_, endpoint| {
                endpoint.state = EndpointState::Paused;
                endpoint.paused_by = Some("amy@host".to_owned());
            },
            "held: paused by amy@host",
            "paused by amy@host",
            "paused",
        ),
        (
            State::Queued,
            |_, endpoint| {
                endpoint.state = EndpointState::Paused;
                endpoint.paused_until = Some(NOW + 134_000);
            },
            "held: paused, ends in 2m14s",
            "paused",
            "paused",
        ),
        (
            State::Queued,
            |_, endpoint| endpoint.missing = Some("$OPS_URL is not set here".to_owned()),
            "held: $OPS_URL is not set here",
            "$OPS_URL is not set here",
            "$OPS_URL is not set here",
        ),
        (
            State::Queued,
            |_, endpoint| {
                endpoint.state = EndpointState::Disabled;
                endpoint.disabled_by = Some("410".to_owned());
            },
            "held: the endpoint is disabled by 410",
            "disabled by 410",
            "disabled",
        ),
        (
            State::Queued,
            |_, endpoint| endpoint.state = EndpointState::Removed,
            "held: the endpoint is no longer in the file",
            "no longer in the file",
            "removed",
        ),
        (
            State::Scheduled,
            |_, endpoint| endpoint.hold_until = Some(NOW + 28_000),
            "held: the receiver asked to wait, 28 s left",
            "asked to wait 28 s",
            "in 28 s",
        ),
    ]);
}

#[test]
fn without_a_dispatcher_nothing_is_promised() {
    let (row, endpoint) = (delivery(State::Scheduled), endpoint());
    let outlook = Outlook { dispatching: false, ..outlook(&row, &endpoint) };
    assert_eq!(outlook.sentence(), "waits: nobody dispatches; it goes out when hooktui runs again");
    assert_eq!(outlook.column(), "nobody dispatches");
    assert_eq!(outlook.narrow_column(), "nobody dispatches");
}

#[test]
fn what_is_not_known_is_left_out() {
    let row = delivery(State::Scheduled);
    let outlook = Outlook { delivery: &row, endpoint: None, rules: Rules::default(), dispatching: true, now: NOW };
    assert_eq!(outlook.sentence(), "try 3 in 3.2 s");
    assert_eq!(outlook.narrow_column(), "3 in 3.2 s");
}

#[test]
fn a_death_other_than_exhaustion_is_told_by_its_reason() {
    let mut row = delivery(State::Dead);
    row.reason = Some(Reason::Permanent);
    row.last_status = Some(422);
    row.last_error = Some("no such field".to_owned());
    assert_eq!(outlook(&row, &endpoint()).sentence(), "dead for 41 s: permanent: 422 no such field");
}

#[test]
fn a_good_probe_says_what_is_still_missing() {
    let (mut row, mut endpoint) = (delivery(State::Delivered), endpoint());
    row.last_trigger = Some(Trigger::Probe);
    endpoint.circuit.circuit = Circuit::HalfOpen;
    endpoint.circuit.good_probes = 1;
    assert_eq!(outlook(&row, &endpoint).column(), "circuit: 1 more good one closes it");
    let more = Outlook { rules: Rules { success_threshold: Some(4), ..RULES }, ..outlook(&row, &endpoint) };
    assert_eq!(more.column(), "circuit: 3 more good ones close it");
    endpoint.circuit.circuit = Circuit::Closed;
    assert_eq!(outlook(&row, &endpoint).column(), "");
}

#[test]
fn the_cure_is_a_key_or_a_command() {
    let (dead, mut endpoint) = (delivery(State::Dead), endpoint());
    assert_eq!(
        outlook(&dead, &endpoint).cure(By::Keys).unwrap(),
        "r sends it again with 5 fresh tries; circuit closed"
    );
    assert_eq!(
        outlook(&dead, &endpoint).cure(By::Commands).unwrap(),
        "`hooktui dlq retry evt-1_wh_ops` sends it again with 5 fresh tries; circuit closed"
    );
    let queued = delivery(State::Queued);
    assert_eq!(outlook(&queued, &endpoint).cure(By::Keys), None);
    endpoint.state = EndpointState::Paused;
    assert_eq!(outlook(&queued, &endpoint).cure(By::Keys).unwrap(), "p lets ops flow again");
    assert_eq!(
        outlook(&queued, &endpoint).cure(By::Commands).unwrap(),
        "`hooktui endpoints resume ops` lets ops flow again"
    );
}

#[test]
fn the_circuit_column_has_a_word_for_every_state() {
    let table: [(Change, &str); 6] = [
        (|_, _| {}, "closed"),
        (
            |_, endpoint| {
                endpoint.circuit.circuit = Circuit::Open;
                endpoint.circuit.probe_at = Some(NOW + 12_000);
            },
            "open, probe in 12 s",
        ),
        (
            |_, endpoint| {
                endpoint.circuit.circuit = Circuit::HalfOpen;
                endpoint.counts = crate::journal::Counts::default();
            },
            "half-open, waiting for a delivery to prove it",
        ),
        (|_, endpoint| endpoint.state = EndpointState::Removed, "removed"),
        (|_, endpoint| endpoint.hold_until = Some(NOW + 28_000), "asked to wait 28 s"),
        (|_, endpoint| endpoint.state = EndpointState::Disabled, "disabled"),
    ];
    for (change, shown) in table {
        let mut endpoint = endpoint();
        change(&mut delivery(State::Queued), &mut endpoint);
        assert_eq!(circuit_column(&endpoint, RULES, NOW), shown);
    }
}

#[test]
fn names_from_outside_are_escaped() {
    let (row, mut endpoint) = (delivery(State::Queued), endpoint());
    endpoint.state = EndpointState::Paused;
    endpoint.paused_by = Some("amy\x1b[2J@host".to_owned());
    assert_eq!(outlook(&row, &endpoint).sentence(), r"held: paused by amy\e[2J@host");
}
