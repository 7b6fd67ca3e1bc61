use std::num::NonZeroU32;
use std::time::Duration;

use super::*;
use crate::config::{CircuitPolicy, Policy, Rate};
use crate::engine::circuit::Report;
use crate::engine::classify::tests::ntm_policy;
use crate::engine::classify::{Fate, Hold, Meaning};
use crate::event::{Details, Event, EventTime, Outcome, Reason, Route};
use crate::journal::{Counts, EndpointRow, EndpointUpdate};
use crate::wire::dialect::NTM;
use crate::wire::{Format, SecretUrl, Target};

const NOW: Millis = 1_000_000;

fn endpoint(policy: Policy) -> Arc<Endpoint> {
    let route = serde_json::json!({
        "endpoint": "wh_ops", "name": "ops", "host": "ops.example.com", "patterns": [], "enabled": true
    });
    let route: Route = serde_json::from_value(route).unwrap();
    Arc::new(Endpoint {
        route,
        line: 1,
        target: Some(Target {
            url: SecretUrl::new("https://ops.example.com/".parse().unwrap()),
            method: "POST",
            headers: Vec::new(),
            format: Format::Json,
            template: None,
            dialect: &NTM,
            keys: Vec::new(),
            max_payload: None,
        }),
        missing: None,
        route_missing: false,
        address_hash: [0; 32],
        policy,
    })
}

fn row(queued: u64) -> EndpointRow {
    EndpointRow {
        key: 1,
        counts: Counts { queued, ..Counts::default() },
        ..EndpointRow::unused("wh_ops", "ops", "ops.example.com")
    }
}

fn lane(policy: Policy) -> Lane {
    Lane::new(endpoint(policy), &row(100), NOW)
}

/// A lane that a person's wishes have been looked for in.
fn settled(policy: Policy) -> Lane {
    Lane { look: Look { due: true, urgent: false }, ..lane(policy) }
}

fn claimed(tries: u32) -> Claimed {
    let event = Event {
        id: "e1".to_owned(),
        kind: "agent.error".to_owned(),
        timestamp: EventTime::now(),
        session: String::new(),
        pane: String::new(),
        agent: String::new(),
        message: String::new(),
        details: Details::default(),
        data: None,
    };
    Claimed {
        delivery: 7,
        id: "e1_wh_ops".to_owned(),
        event: Arc::new(event.try_into().unwrap()),
        body_hash: None,
        event_seq: 1,
        number: tries + 1,
        tries,
        crashes: 0,
        created_at: NOW,
        claimed_at: NOW,
        was: State::Queued,
        urgent: false,
    }
}

fn meaning(fate: Fate, report: Report) -> Meaning {
    Meaning { outcome: Outcome::Refused, fate, report, hold: None, free: false, disables: false, error: None }
}

fn failure() -> Meaning {
    meaning(Fate::Again, Report::Failure)
}

fn too_many(hold: Hold) -> Meaning {
    Meaning { hold: Some(hold), free: true, ..meaning(Fate::Again, Report::Neutral) }
}

fn origin(lane: &Lane, trigger: Trigger) -> Origin {
    Origin { generation: lane.generation, address: lane.address, trigger, resend: false }
}

fn end(lane: &mut Lane, trigger: Trigger, tries: u32, meaning: &Meaning) -> Ended {
    let origin = origin(lane, trigger);
    ended(lane, origin, tries, meaning)
}

fn ended(lane: &mut Lane, origin: Origin, tries: u32, meaning: &Meaning) -> Ended {
    let endpoint = lane.endpoint.clone();
    lane.ended(origin, &endpoint.policy.retry, &claimed(tries), meaning, NOW, 0.5)
}

fn asked(lane: &Lane, now: Millis) -> Option<(Pick, usize, Trigger)> {
    lane.ask(now).map(|ask| (ask.pick, ask.limit, ask.trigger))
}

#[test]
fn no_more_is_claimed_than_there_are_free_slots() {
    let mut lane = settled(Policy { concurrency: 4, ..ntm_policy() });
    assert_eq!(asked(&lane, NOW), Some((Pick::Due, 4, Trigger::Auto)));
    let ask = lane.ask(NOW).unwrap();
    lane.asked(ask, NOW);
    assert_eq!(lane.ask(NOW), None, "one claim at a time");
    lane.answered(ask, &[claimed(0), claimed(0), claimed(0)], Some(NOW));
    assert_eq!(asked(&lane, NOW), Some((Pick::Due, 1, Trigger::Auto)));
}

#[test]
fn no_more_is_claimed_than_the_pace_allows() {
    let rate = Rate { count: NonZeroU32::new(2).unwrap(), per: Duration::from_secs(1) };
    let mut lane = settled(Policy { rate_limit: Some(rate), ..ntm_policy() });
    let ask = lane.ask(NOW).unwrap();
    assert_eq!(ask.limit, 1);
    lane.asked(ask, NOW);
    lane.answered(ask, &[claimed(0)], Some(NOW));
    assert_eq!(lane.ask(NOW), None);
    assert_eq!(lane.wake_at(NOW), Some(NOW + 500));
    assert!(lane.ask(NOW + 500).is_some());
}

#[test]
fn a_fifo_lane_has_one_slot_and_a_retry_holds_it() {
    let mut lane = settled(Policy { fifo: true, concurrency: 10, ..ntm_policy() });
    let ask = lane.ask(NOW).unwrap();
    assert_eq!((ask.pick, ask.limit), (Pick::Head, 1));
    lane.asked(ask, NOW);
    lane.answered(ask, &[claimed(0)], Some(NOW));
    assert_eq!(lane.ask(NOW), None);
    let ended = end(&mut lane, Trigger::Auto, 0, &failure());
    assert_eq!(ended.verdict, Verdict::Retry(NOW + 1_000));
    lane.next_due = None;
    lane.committed(Trigger::Auto, State::Queued, ended.verdict);
    assert_eq!(lane.ask(NOW + 999), None);
    assert_eq!(asked(&lane, NOW + 1_000), Some((Pick::Head, 1, Trigger::Auto)));
}

#[test]
fn a_failure_is_retried_after_its_backoff_until_its_tries_are_exhausted() {
    let policy = Policy { circuit: CircuitPolicy { enabled: false, ..ntm_policy().circuit }, ..ntm_policy() };
    let mut lane = settled(policy);
    let verdicts: Vec<_> = (0..5).map(|tries| end(&mut lane, Trigger::Auto, tries, &failure()).verdict).collect();
    let retries = [1_000, 2_000, 4_000, 8_000].map(|wait| Verdict::Retry(NOW + wait));
    assert_eq!(verdicts, [&retries[..], &[Verdict::Dead(Reason::Exhausted)]].concat());
}

#[test]
fn a_429_holds_the_endpoint_and_charges_no_try() {
    let mut lane = settled(ntm_policy());
    let ended = end(&mut lane, Trigger::Auto, 4, &too_many(Hold::For(Duration::from_mins(1))));
    assert_eq!((ended.verdict, ended.charged), (Verdict::Retry(NOW + 60_000), false));
    assert_eq!(ended.update.hold_until, Some(Some(NOW + 60_000)));
    assert_eq!(ended.update.circuit, None);
    assert_eq!(lane.ask(NOW + 59_999), None);
    assert!(lane.ask(NOW + 60_000).is_some());
    assert_eq!(lane.wake_at(NOW), Some(NOW + 60_000));
}

#[test]
fn a_429_without_a_time_holds_for_the_backoff() {
    let mut lane = settled(ntm_policy());
    let ended = end(&mut lane, Trigger::Auto, 2, &too_many(Hold::Backoff));
    assert_eq!((ended.verdict, ended.charged), (Verdict::Retry(NOW + 4_000), false));
    assert_eq!(lane.hold_until, Some(NOW + 4_000));
}

#[test]
fn a_503_that_names_a_time_holds_and_counts() {
    let mut lane = settled(ntm_policy());
    let meaning = Meaning { hold: Some(Hold::For(Duration::from_mins(1))), ..failure() };
    let ended = end(&mut lane, Trigger::Auto, 0, &meaning);
    assert_eq!((ended.verdict, ended.charged), (Verdict::Retry(NOW + 60_000), true));
    assert_eq!(ended.update.circuit.unwrap().consecutive_failures, 1);
    let last = end(&mut lane, Trigger::Auto, 4, &meaning);
    assert_eq!(last.verdict, Verdict::Dead(Reason::Exhausted));
}

#[test]
fn a_longer_hold_stands() {
    let mut lane = settled(ntm_policy());
    end(&mut lane, Trigger::Auto, 0, &too_many(Hold::For(Duration::from_mins(1))));
    end(&mut lane, Trigger::Auto, 0, &too_many(Hold::For(Duration::from_secs(1))));
    assert_eq!(lane.hold_until, Some(NOW + 60_000));
}

#[test]
fn the_failure_that_opens_the_circuit_and_those_that_come_in_behind_it_charge_no_try() {
    let mut lane = settled(ntm_policy());
    let before = origin(&lane, Trigger::Auto);
    let charged: Vec<bool> = (0..7).map(|_| ended(&mut lane, before, 4, &failure()).charged).collect();
    assert_eq!(charged, [true, true, true, true, false, false, false]);
    assert_eq!((lane.circuit.circuit, lane.circuit.consecutive_failures), (Circuit::Open, 5));
}

#[test]
fn an_open_circuit_lets_one_probe_out_at_its_time_and_none_before() {
    let mut lane = settled(ntm_policy());
    lane.circuit = circuit::open(lane.circuit, &lane.endpoint.policy.circuit.clone(), NOW);
    assert_eq!(lane.ask(NOW + 29_999), None);
    assert_eq!(lane.wake_at(NOW), Some(NOW + 30_000));
    let probe = lane.ask(NOW + 30_000).unwrap();
    assert_eq!((probe.pick, probe.limit, probe.trigger), (Pick::Probe, 1, Trigger::Probe));
    lane.asked(probe, NOW + 30_000);
    lane.answered(probe, &[claimed(4)], Some(NOW));
    assert_eq!(lane.ask(NOW + 40_000), None, "one at a time");
    let failed = end(&mut lane, Trigger::Probe, 4, &failure());
    assert!(!failed.charged);
    assert_eq!(failed.update.circuit.unwrap().cooldown_ms, 60_000);
}

#[test]
fn by_hand_one_goes_past_circuit_pause_and_hold() {
    let mut open = lane(ntm_policy());
    open.circuit = circuit::open(open.circuit, &open.endpoint.policy.circuit.clone(), NOW);
    let mut paused = lane(ntm_policy());
    paused.state = EndpointState::Paused;
    let mut held = lane(ntm_policy());
    held.hold_until = Some(NOW + 1_000);
    for mut lane in [open, paused, held] {
        assert_eq!(asked(&lane, NOW), Some((Pick::Urgent, 1, Trigger::Manual)));
        let ask = lane.ask(NOW).unwrap();
        lane.asked(ask, NOW);
        lane.answered(ask, &[], None);
        assert_eq!(lane.ask(NOW), None, "the others wait");
        lane.resends.push_back((3, 9));
        let ask = lane.ask(NOW).unwrap();
        assert_eq!((ask.pick, ask.order), (Pick::Resend(9), Some(3)));
    }
}

#[test]
fn by_hand_a_failure_changes_nothing_and_a_success_counts_towards_closing() {
    let mut lane = settled(ntm_policy());
    lane.circuit = circuit::open(lane.circuit, &lane.endpoint.policy.circuit.clone(), NOW);
    let before = lane.circuit;
    let failed = end(&mut lane, Trigger::Manual, 4, &failure());
    assert_eq!((lane.circuit, failed.charged, failed.update), (before, false, EndpointUpdate::default()));
    for expected in [Circuit::HalfOpen, Circuit::Closed] {
        end(&mut lane, Trigger::Manual, 0, &meaning(Fate::Delivered, Report::Success));
        assert_eq!(lane.circuit.circuit, expected);
    }
}

#[test]
fn a_resend_that_fails_leaves_the_delivery_as_it_was() {
    let mut lane = settled(ntm_policy());
    let origin = Origin { resend: true, ..origin(&lane, Trigger::Manual) };
    for fate in [Fate::Again, Fate::Dead(Reason::Permanent)] {
        let ended = ended(&mut lane, origin, 2, &meaning(fate, Report::Neutral));
        assert_eq!((ended.verdict, ended.charged), (Verdict::Back, false));
    }
    let ended = ended(&mut lane, origin, 2, &meaning(Fate::Delivered, Report::Success));
    assert_eq!((ended.verdict, ended.charged), (Verdict::Delivered, false));
}

#[test]
fn in_a_fifo_lane_what_is_sent_by_hand_waits_for_the_slot() {
    let mut lane = settled(Policy { fifo: true, ..ntm_policy() });
    lane.resends.push_back((3, 9));
    lane.busy = 1;
    assert_eq!(lane.ask(NOW), None);
    lane.freed(Trigger::Auto);
    assert_eq!(asked(&lane, NOW), Some((Pick::Resend(9), 1, Trigger::Manual)));
}

#[test]
fn a_410_disables_the_endpoint() {
    let mut lane = settled(ntm_policy());
    let gone = Meaning { disables: true, ..meaning(Fate::Dead(Reason::Gone), Report::Neutral) };
    let ended = end(&mut lane, Trigger::Auto, 0, &gone);
    assert!(ended.disabled);
    assert_eq!(ended.verdict, Verdict::Dead(Reason::Gone));
    assert_eq!(ended.update.disabled_by.as_deref(), Some(GONE));
    assert_eq!(lane.ask(NOW), None);
}

#[test]
fn endpoints_that_are_disabled_removed_or_lack_a_variable_send_nothing() {
    for state in [EndpointState::Disabled, EndpointState::Removed] {
        let mut lane = lane(ntm_policy());
        lane.state = state;
        lane.resends.push_back((1, 1));
        assert_eq!(lane.ask(NOW), None, "{state}");
        assert!(lane.is_set_aside());
    }
    let mut missing = (*endpoint(ntm_policy())).clone();
    missing.target = None;
    assert_eq!(Lane::new(Arc::new(missing), &row(100), NOW).ask(NOW), None);
}

#[test]
fn a_changed_address_makes_what_is_under_way_say_nothing() {
    let mut lane = settled(ntm_policy());
    let before = origin(&lane, Trigger::Auto);
    lane.moved(&row(100), NOW);
    let gone = Meaning { disables: true, ..too_many(Hold::For(Duration::from_mins(10))) };
    for meaning in [failure(), gone] {
        assert_eq!(ended(&mut lane, before, 0, &meaning).update, EndpointUpdate::default());
    }
    assert!(lane.is_able() && !lane.is_held(NOW));
}

#[test]
fn a_claim_that_finds_nothing_frees_what_it_took() {
    let rate = Rate { count: NonZeroU32::new(1).unwrap(), per: Duration::from_secs(1) };
    let mut lane = settled(Policy { rate_limit: Some(rate), ..ntm_policy() });
    let ask = lane.ask(NOW).unwrap();
    lane.asked(ask, NOW);
    lane.answered(ask, &[], None);
    assert_eq!((lane.busy, lane.ask(NOW)), (0, None), "nothing is due");
    lane.counted(101, 0);
    assert!(lane.ask(NOW).is_some(), "its place in the pace was given back");
}

#[test]
fn only_more_than_it_knows_of_makes_a_lane_look() {
    let mut lane = settled(ntm_policy());
    let ask = lane.ask(NOW).unwrap();
    lane.asked(ask, NOW);
    lane.answered(ask, &[], None);
    lane.counted(50, 0);
    assert_eq!(lane.ask(NOW), None);
    lane.counted(51, 0);
    assert!(lane.ask(NOW).is_some());
}

#[test]
fn a_retry_committed_while_a_claim_was_under_way_is_looked_for() {
    let mut lane = settled(Policy { concurrency: 2, ..ntm_policy() });
    lane.busy = 1;
    let ask = lane.ask(NOW).unwrap();
    lane.asked(ask, NOW);
    lane.committed(Trigger::Auto, State::Queued, Verdict::Retry(NOW + 1_000));
    lane.answered(ask, &[], None);
    assert!(lane.ask(NOW).is_some());
}

#[test]
fn what_was_claimed_before_the_circuit_opened_is_not_sent_past_it() {
    let mut lane = settled(ntm_policy());
    assert!(lane.is_open_to(Trigger::Auto, NOW));
    lane.hold_until = Some(NOW + 1);
    assert!(!lane.is_open_to(Trigger::Auto, NOW) && lane.is_open_to(Trigger::Auto, NOW + 1));
    for _ in 0..5 {
        end(&mut lane, Trigger::Auto, 0, &failure());
    }
    assert_eq!(lane.circuit.circuit, Circuit::Open);
    assert!(!lane.is_open_to(Trigger::Auto, NOW + 1), "it would count as a probe");
    assert!(lane.is_open_to(Trigger::Manual, NOW) && lane.is_open_to(Trigger::Probe, NOW));
}
