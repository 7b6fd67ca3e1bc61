//! What is accepted is delivered, whatever happens to the process that delivers it.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails there and then")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use support::project::Project;
use support::receiver::{Received, Receiver};
use support::wait_until;

const EVENTS: usize = 1000;
const CONCURRENCY: usize = 8;

fn one_endpoint(receiver: &Receiver) -> String {
    format!(
        "webhooks:\n  - name: ops\n    url: {}\n    secret: a-secret-of-some-length\nhooktui:\n  webhooks:\n    - name: ops\n      \
         concurrency: {CONCURRENCY}\n",
        receiver.url("/ops")
    )
}

/// NDJSON for `emit --stdin`.
fn events(count: usize) -> String {
    (0..count).fold(String::new(), |mut lines, number| {
        let _ = writeln!(lines, r#"{{"id": "evt-{number}", "type": "agent.error", "message": "number {number}"}}"#);
        lines
    })
}

/// How often each event arrived, by its id in the body.
fn arrivals(received: &[Received]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in received {
        let id = one.json()["id"].as_str().expect("a body with an id").to_owned();
        *counts.entry(id).or_default() += 1;
    }
    counts
}

#[test]
fn a_kill_in_the_middle_loses_nothing_and_repeats_only_what_was_in_flight() {
    let receiver = Receiver::good();
    let project = Project::new(&one_endpoint(&receiver));
    receiver.hold_after(300);
    let first = project.start();
    let fed = project.feed(&["emit", "--stdin"], &events(EVENTS));
    assert!(fed.status.success(), "{}", support::project::both(&fed));
    wait_until("every slot waits for an answer", || receiver.waiting() == CONCURRENCY);
    first.kill();
    let cut_off = project.figure("in_flight");
    assert!(cut_off >= 1, "the journal knows what was in flight");
    receiver.release();

    let second = project.start();
    project.wait_for_figure("total_deliveries", EVENTS as u64);
    assert!(second.stop().success());

    let requests = receiver.received();
    let counts = arrivals(&requests);
    let sent: BTreeSet<_> = (0..EVENTS).map(|number| format!("evt-{number}")).collect();
    assert_eq!(counts.keys().cloned().collect::<BTreeSet<_>>(), sent, "every event arrives, and no other");
    let repeats = requests.len() - EVENTS;
    assert!(repeats as u64 <= cut_off, "{repeats} repeats, but only {cut_off} were in flight");
    let (repeated, _) = counts.iter().find(|(_, count)| **count > 1).expect("held requests are repeated");
    let log = attempt_log(&project, repeated);
    assert_eq!(log, ["interrupted", "delivered"], "the log of {repeated} tells what happened");
    assert_eq!(project.figure("dead_letter_count"), 0);
}

/// The outcomes of the one delivery of an event, oldest first.
fn attempt_log(project: &Project, event: &str) -> Vec<String> {
    let delivery = project.json(&["show", event])["deliveries"][0]["id"].as_str().expect("a delivery").to_owned();
    let shown = project.json(&["show", &delivery]);
    let log = shown["attempt_log"].as_array().expect("an attempt log");
    log.iter().map(|attempt| attempt["outcome"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_graceful_stop_finishes_what_is_in_flight_and_repeats_nothing() {
    let receiver = Receiver::good();
    let project = Project::new(&one_endpoint(&receiver));
    let first = project.start();
    project.feed(&["emit", "--stdin"], &events(200));
    assert!(first.stop().success());
    assert_eq!(project.figure("in_flight"), 0);

    let second = project.start();
    project.wait_for_figure("total_deliveries", 200);
    assert!(second.stop().success());
    assert_eq!(receiver.count(), 200, "nothing was sent twice");
}

#[test]
fn a_second_process_stands_by_and_takes_over_when_the_first_is_killed() {
    let receiver = Receiver::good();
    let project = Project::new(&one_endpoint(&receiver));
    let first = project.start();
    let second = project.start_unseen(&["run"]);
    wait_until("the second says whom it waits for", || second.printed().contains(&first.pid().to_string()));
    project.ok(&["emit", "agent.error", "-m", "to the first", "--wait"]);
    assert_eq!(project.dispatcher(), Some(first.pid()), "one dispatches, the other waits");

    first.kill();
    project.wait_for_dispatcher(second.pid());
    project.ok(&["emit", "agent.error", "-m", "to the second", "--wait"]);
    let messages: Vec<_> = receiver.received().iter().map(|one| one.json()["message"].clone()).collect();
    assert_eq!(messages, ["to the first", "to the second"]);
}

#[test]
fn what_is_emitted_while_nobody_dispatches_goes_out_later() {
    let receiver = Receiver::good();
    let project = Project::new(&one_endpoint(&receiver));
    let output = project.run(&["emit", "agent.error"]);
    assert!(output.status.success());
    assert!(!output.stderr.is_empty(), "it warns that nobody dispatches");
    assert_eq!(project.run(&["emit", "agent.error", "--wait=1s"]).status.code(), Some(4));
    let running = project.start();
    receiver.wait_for(2);
    project.wait_for_figure("total_deliveries", 2);
    assert!(running.stop().success());
}
