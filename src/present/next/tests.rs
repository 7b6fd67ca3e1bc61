use super::*;
use crate::event::Reason;
use crate::present::tests::{KEYS, NOW, delivery, endpoint};

const RULES: Rules =
    Rules { max_attempts: Some(5), success_threshold: Some(2), no_circuit: false, fifo: false, rate_limit: None };

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
            "goes as soon as a slot is free: sent by hand, past the pause",
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
        (
            State::Delivered,
            |row, _| (row.last_status, row.last_outcome) = (Some(200), Some(Outcome::Delivered)),
            "delivered 41 s ago with attempt 2: 200 OK",
            "",
            "",
        ),
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
            "held: circuit half-open, 1 of 2 probes good, one at a time, 31 waiting",
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
            "no $OPS_URL",
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
            "held: the receiver asked to wait; try 3 of 5 in 28 s",
            "try 3 of 5 in 28 s",
            "in 28 s",
        ),
    ]);
}

#[test]
fn without_a_dispatcher_nothing_is_promised() {
    let (row, endpoint) = (delivery(State::Scheduled), endpoint());
    let outlook = Outlook { dispatching: false, ..outlook(&row, &endpoint) };
    assert_eq!(outlook.sentence(), "waits: nobody dispatches; try 3 of 5 goes out when hooktui runs again");
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
        outlook(&dead, &endpoint).cure(By::Keys(&KEYS)).unwrap(),
        "r sends it again with 5 fresh tries; circuit closed"
    );
    assert_eq!(
        outlook(&dead, &endpoint).cure(By::Commands).unwrap(),
        "`hooktui dlq retry evt-1_wh_ops` sends it again with 5 fresh tries; circuit closed"
    );
    let queued = delivery(State::Queued);
    assert_eq!(outlook(&queued, &endpoint).cure(By::Keys(&KEYS)), None);
    endpoint.state = EndpointState::Paused;
    assert_eq!(outlook(&queued, &endpoint).cure(By::Keys(&KEYS)).unwrap(), "p in Endpoints lets ops flow again");
    assert_eq!(
        outlook(&queued, &endpoint).cure(By::Commands).unwrap(),
        "`hooktui endpoints resume ops` lets ops flow again"
    );
    let spaced = DeliveryRow { endpoint: "ops of amy".to_owned(), ..queued };
    assert_eq!(
        outlook(&spaced, &endpoint).cure(By::Commands).unwrap(),
        "`hooktui endpoints resume 'ops of amy'` lets ops of amy flow again"
    );
    let once = Outlook { rules: Rules { max_attempts: Some(1), ..RULES }, ..outlook(&dead, &endpoint) };
    assert_eq!(once.cure(By::Keys(&KEYS)).unwrap(), "r sends it again with 1 fresh try, past the pause");
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

#[test]
fn what_is_sent_by_hand_says_what_it_goes_past_and_what_stops_it() {
    let open = |_: &mut DeliveryRow, endpoint: &mut EndpointRow| endpoint.circuit.circuit = Circuit::Open;
    let table: [(Change, &str); 6] = [
        (|_, _| {}, "goes as soon as a slot is free: sent by hand"),
        (open, "goes as soon as a slot is free: sent by hand, past the open circuit"),
        (
            |_, endpoint| endpoint.hold_until = Some(NOW + 9_000),
            "goes as soon as a slot is free: sent by hand, past the wait that the receiver asked for",
        ),
        (|_, endpoint| endpoint.state = EndpointState::Removed, "held: the endpoint is no longer in the file"),
        (|_, endpoint| endpoint.state = EndpointState::Disabled, "held: the endpoint is disabled"),
        (|_, endpoint| endpoint.missing = Some("$X is not set here".to_owned()), "held: $X is not set here"),
    ];
    for (change, sentence) in table {
        let (mut row, mut endpoint) = (DeliveryRow { urgent: true, ..delivery(State::Queued) }, endpoint());
        change(&mut row, &mut endpoint);
        assert_eq!(outlook(&row, &endpoint).sentence(), sentence);
    }
}

#[test]
fn when_a_turn_comes_depends_on_the_rules() {
    let hour = std::time::Duration::from_hours(1);
    let limited = Rules { rate_limit: Some(Rate { count: std::num::NonZeroU32::new(4).unwrap(), per: hour }), ..RULES };
    for (rules, state, sentence, column, narrow) in [
        (
            Rules { fifo: true, ..limited },
            State::Queued,
            "try 3 of 5 in its turn, one at a time in order; circuit closed",
            "try 3 of 5 in its turn",
            "3/5 in turn",
        ),
        (
            limited,
            State::Queued,
            "try 3 of 5 as soon as the rate limit of 4/h lets it; circuit closed",
            "try 3 of 5 at 4/h",
            "3/5 at 4/h",
        ),
        (limited, State::Scheduled, "try 3 of 5 in 3.2 s; circuit closed", "try 3 of 5 in 3.2 s", "3/5 in 3.2 s"),
    ] {
        let (row, endpoint) = (delivery(state), endpoint());
        let shown = Outlook { rules, ..outlook(&row, &endpoint) };
        assert_eq!((shown.sentence().as_str(), shown.column().as_str()), (sentence, column));
        assert_eq!(shown.narrow_column(), narrow);
    }
}

#[test]
fn what_waits_behind_another_in_order_is_not_said_to_go_now() {
    let rules = Rules { fifo: true, ..RULES };
    let (row, mut endpoint) = (delivery(State::Queued), endpoint());
    for (scheduled, column, narrow) in [(1, "try 3 of 5 in its turn", "3/5 in turn"), (0, "try 3 of 5 now", "3/5 now")]
    {
        (endpoint.counts.scheduled, endpoint.counts.in_flight) = (scheduled, 0);
        let shown = Outlook { rules, ..outlook(&row, &endpoint) };
        assert_eq!((shown.column(), shown.narrow_column()), (column.to_owned(), narrow.to_owned()));
    }
}

#[test]
fn an_endpoint_without_a_circuit_is_not_said_to_have_a_closed_one() {
    let rules = Rules { no_circuit: true, ..RULES };
    let (row, mut endpoint) = (delivery(State::Queued), endpoint());
    let sentence = Outlook { rules, ..outlook(&row, &endpoint) }.sentence();
    assert_eq!(sentence, "try 3 of 5 as soon as a slot is free; no circuit");
    for (failed, column, narrow) in
        [(0, "no circuit", "no circuit"), (1_204, "no circuit, 1,204 failed in a row", "1,204 failed")]
    {
        endpoint.circuit.consecutive_failures = failed;
        assert_eq!(circuit_column(&endpoint, rules, NOW), column);
        assert_eq!(circuit_narrow(&endpoint, rules, NOW), narrow);
    }
}

#[test]
fn a_probe_that_is_out_is_said_to_be() {
    let (row, mut endpoint) = (delivery(State::Queued), endpoint());
    endpoint.circuit.circuit = Circuit::Open;
    endpoint.circuit.probe_at = Some(NOW - 1_000);
    endpoint.counts.in_flight = 1;
    assert_eq!(outlook(&row, &endpoint).sentence(), "held: circuit open, one probe is under way, 31 waiting");
    assert_eq!(outlook(&row, &endpoint).column(), "circuit open, probe under way");
}

#[test]
fn a_delivery_whose_resend_failed_is_still_delivered() {
    let row = DeliveryRow { attempts: 3, ..delivery(State::Delivered) };
    assert_eq!(
        outlook(&row, &endpoint()).sentence(),
        "delivered; attempt 3, sent by hand after that, failed 41 s ago: 502 Bad Gateway"
    );
}

#[test]
fn failures_in_a_row_are_told_before_the_circuit_opens() {
    let mut endpoint = endpoint();
    for (failed, column, narrow) in [(1, "closed", "closed"), (4, "closed, 4 failed in a row", "closed, 4 failed")] {
        endpoint.circuit.consecutive_failures = failed;
        assert_eq!(circuit_column(&endpoint, RULES, NOW), column);
        assert_eq!(circuit_narrow(&endpoint, RULES, NOW), narrow);
    }
}

#[test]
fn the_narrow_circuit_column_fits_where_there_is_little_room() {
    let disabled = |by| EndpointRow { state: EndpointState::Disabled, disabled_by: by, ..endpoint() };
    let circuit = |circuit, consecutive_failures| crate::journal::CircuitRow {
        circuit,
        consecutive_failures,
        probe_at: Some(NOW + 599_000),
        ..endpoint().circuit
    };
    let paused = Some("amy@host".to_owned());
    for (endpoint, narrow) in [
        (disabled(None), "disabled"),
        (disabled(Some("410 Gone".to_owned())), "disabled by 410"),
        (disabled(Some(DISABLED_BY_FILE.to_owned())), "disabled in file"),
        (EndpointRow { state: EndpointState::Paused, paused_by: paused, ..endpoint() }, "paused"),
        (EndpointRow { missing: Some("$OPS_URL is not set here".to_owned()), ..endpoint() }, "no $OPS_URL"),
        (EndpointRow { hold_until: Some(NOW + 599_000), ..endpoint() }, "waits 9m59s"),
        (EndpointRow { circuit: circuit(Circuit::Closed, 12), ..endpoint() }, "closed, 12 failed"),
        (EndpointRow { circuit: circuit(Circuit::Open, 5), ..endpoint() }, "open, probe 9m59s"),
        (EndpointRow { circuit: circuit(Circuit::HalfOpen, 5), ..endpoint() }, "half-open, 0 of 2"),
    ] {
        assert_eq!(circuit_narrow(&endpoint, RULES, NOW), narrow);
        assert!(narrow.len() <= 18, "{narrow}");
    }
}

#[test]
fn what_a_retry_would_meet_is_told_before_it_is_tried() {
    let table: [(Change, &str); 7] = [
        (
            |_, endpoint| endpoint.circuit.circuit = Circuit::Open,
            "r sends it again with 5 fresh tries, past the open circuit",
        ),
        (|_, endpoint| endpoint.state = EndpointState::Paused, "r sends it again with 5 fresh tries, past the pause"),
        (
            |_, endpoint| endpoint.state = EndpointState::Removed,
            "ops is no longer in the file: put it back, then r sends it",
        ),
        (
            |_, endpoint| {
                endpoint.state = EndpointState::Disabled;
                endpoint.disabled_by = Some("410 Gone".to_owned());
            },
            "p in Endpoints lets ops take part again, then r sends it",
        ),
        (
            |_, endpoint| {
                endpoint.state = EndpointState::Disabled;
                endpoint.disabled_by = Some(DISABLED_BY_FILE.to_owned());
            },
            "ops is disabled in the file: enable it there, then r sends it",
        ),
        (
            |_, endpoint| endpoint.missing = Some("$X is not set here".to_owned()),
            "$X is not set here: r queues it until that is mended",
        ),
        (
            |row, _| (row.state, row.last_outcome) = (State::Delivered, Some(Outcome::Delivered)),
            "r sends it once more under the same id",
        ),
    ];
    for (change, cure) in table {
        let (mut row, mut endpoint) = (delivery(State::Dead), endpoint());
        change(&mut row, &mut endpoint);
        assert_eq!(outlook(&row, &endpoint).cure(By::Keys(&KEYS)).unwrap(), cure);
    }
    let (row, endpoint) = (delivery(State::Dead), endpoint());
    let nobody = Outlook { dispatching: false, ..outlook(&row, &endpoint) };
    assert_eq!(nobody.cure(By::Keys(&KEYS)).unwrap(), "r queues it again with 5 fresh tries; nobody dispatches now");
}

/// Every state, circuit, endpoint's state, hold, wish of a person and dispatcher.
#[test]
fn in_every_case_the_sentence_says_what_holds_it_and_fits_a_line() {
    let states = [State::Queued, State::Scheduled, State::InFlight, State::Delivered, State::Dead, State::Cleared];
    let circuits = [Circuit::Closed, Circuit::Open, Circuit::HalfOpen];
    let sides = [EndpointState::Active, EndpointState::Paused, EndpointState::Disabled, EndpointState::Removed];
    for (state, circuit, side) in states
        .iter()
        .flat_map(|state| circuits.map(|circuit| (*state, circuit)))
        .flat_map(|(state, circuit)| sides.map(|side| (state, circuit, side)))
    {
        for bits in 0..16_u8 {
            let bit = |at: u8| bits & (1 << at) != 0;
            let (mut row, mut endpoint) = (delivery(state), endpoint());
            row.urgent = bit(0);
            (endpoint.circuit.circuit, endpoint.state) = (circuit, side);
            endpoint.hold_until = bit(1).then_some(NOW + 5_000);
            endpoint.missing = bit(2).then(|| "$X is not set here".to_owned());
            let one = Outlook { dispatching: bit(3), ..outlook(&row, &endpoint) };
            let (sentence, held) = (one.sentence(), one.held().is_some());
            let case = format!("{state} {circuit} {side:?} {bits:04b}: {sentence}");
            assert!(!sentence.is_empty() && sentence.len() <= 116, "{case}");
            let waits = matches!(state, State::Queued | State::Scheduled);
            assert_eq!(sentence.starts_with("held: "), waits && held && bit(3), "{case}");
            assert_eq!(sentence.starts_with("waits: nobody"), waits && !bit(3), "{case}");
            assert_eq!(one.column() == "nobody dispatches", waits && !bit(3), "{case}");
            let stopped = side != EndpointState::Active && side != EndpointState::Paused;
            assert!(!(waits && (stopped || bit(2))) || held, "{case}");
            if one.cure(By::Keys(&KEYS)).is_none() {
                assert!(waits || state == State::InFlight, "{case}");
            }
        }
    }
}
