//! Acts by hand: retry, clear, restore, export, resend, cancel, undo, orders to endpoints.

use hooktui::journal::lock::DispatcherLock;
use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::receiver::{Answer, Receiver};
use crate::support::wait_until;
use crate::{file, parts, unreachable};

/// A project with dead letters of these events.
fn with_dead_letters(receiver: &Receiver, events: &[&str]) -> Project {
    let project = Project::new(&file(&receiver.url("/hook")));
    for event in events {
        project.ok(&["emit", "agent.error", "--id", event]);
    }
    receiver.script(|_| Answer::status(422));
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    receiver.script(|_| Answer::status(200));
    assert_eq!(project.figure("dead_letter_count"), events.len() as u64);
    project
}

#[test]
fn a_retry_delivers_dead_letters_again() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt-1", "evt-2", "evt-3"]);
    let counts = project.json(&["dlq", "retry", "--all", "--dry-run"]);
    assert_eq!(counts, json!([{"endpoint": "ops", "count": 3, "causes": [{"cause": "422", "count": 3}]}]));
    assert_eq!(project.figure("dead_letter_count"), 3, "--dry-run only counts");
    let (code, _, err) = parts(&project.run(&["dlq", "retry", "--endpoint", "nobody"]));
    assert!(code == 1 && err.contains("there are: ops"), "{err}");

    let id = project.json(&["dlq", "list"])[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(project.json(&["dlq", "retry", &id])["done"], 1);
    assert_eq!(project.json(&["dlq", "retry", "--endpoint", "ops"])["done"], 2);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    assert_eq!((project.figure("dead_letter_count"), project.figure("total_deliveries")), (0, 3));
    assert!(project.json(&["show", &id])["retried_at"].is_string());

    let (code, out, err) = parts(&project.run(&["dlq", "retry", &id, "--json"]));
    let again: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &again["done"], &again["skipped"][0]["id"]), (1, &json!(0), &json!(id)), "{err}");
}

#[test]
fn a_retry_of_the_one_dead_letter_of_an_event_goes_past_a_pause_as_one_by_its_own_id_does() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt-1", "evt-2"]);
    project.ok(&["endpoints", "pause", "ops"]);
    let dispatcher = project.start();
    project.ok(&["dlq", "retry", "evt-1"]);
    project.wait_for_figure("total_deliveries", 1);
    project.ok(&["dlq", "retry", "--filter", "id:evt-2*"]);
    assert_eq!((project.figure("held"), receiver.count()), (1, 3), "what a filter finds waits its turn");
    dispatcher.stop();
}

#[test]
fn what_a_killed_dispatcher_left_in_flight_waits_for_the_next_one_and_that_is_said() {
    let receiver = Receiver::good();
    receiver.hold_after(0);
    let project = Project::new(&file(&receiver.url("/hook")));
    let answer = project.json(&["emit", "agent.error", "--id", "evt-1"]);
    let id = answer["deliveries"][0].as_str().unwrap();
    let dispatcher = project.start();
    receiver.wait_for(1);
    let said = |command: &str| parts(&project.run(&[command, id])).2;
    assert!(said("cancel").contains("it is in flight; wait for its result"), "{}", said("cancel"));
    dispatcher.kill();
    for command in ["cancel", "resend"] {
        let said = said(command);
        assert!(said.contains("nobody dispatches") && said.contains("`hooktui run`"), "{command}: {said}");
        assert!(!said.contains("wait for its result"), "{command}: {said}");
    }
}

#[test]
fn a_clear_without_a_terminal_needs_yes_and_can_be_restored() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt-1", "evt-2"]);
    assert_eq!(parts(&project.run(&["dlq", "clear", "--all"])).0, 2);
    assert_eq!(project.figure("dead_letter_count"), 2);
    assert_eq!(project.json(&["dlq", "clear", "--all", "--yes"])["done"], 2);
    assert_eq!((project.figure("dead_letter_count"), project.json(&["dlq", "list"])), (0, json!([])));
    assert_eq!(project.json(&["dlq", "restore", "--all"])["done"], 2);
    assert_eq!(project.figure("dead_letter_count"), 2);
}

#[test]
fn undo_names_the_act_and_takes_it_back() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt-1", "evt-2"]);
    assert_eq!(parts(&project.run(&["undo"])).0, 1, "there is nothing to undo yet");
    project.ok(&["dlq", "clear", "--all", "--yes"]);
    let (code, _, err) = parts(&project.run(&["undo"]));
    assert_eq!(code, 2, "more than one row asks");
    assert!(err.contains("undo: clear 2 dead letters of ops?") && !err.contains("--dry-run"), "{err}");
    let undone = project.json(&["undo", "--yes"]);
    assert_eq!((&undone["undone"], &undone["of"]), (&json!(2), &json!(2)));
    assert!(undone["act"].as_str().unwrap().contains("clear"), "{undone}");
    assert_eq!(project.figure("dead_letter_count"), 2);
}

#[test]
fn an_export_is_taken_in_by_emit() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt 1", "evt-2"]);
    let exported = project.ok(&["dlq", "export", "--all"]);
    assert_eq!(exported.lines().count(), 2);
    let elsewhere = Project::new(&unreachable());
    let (code, _, err) = parts(&elsewhere.feed(&["emit", "--stdin"], &exported));
    assert_eq!(code, 0, "{err}");
    let ids = |project: &Project| {
        let events = project.json(&["events"]);
        let events = events.as_array().unwrap().iter().filter(|event| event["type"] == "agent.error");
        let mut ids: Vec<String> = events.map(|event| event["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&elsewhere), ids(&project));
}

#[test]
fn an_export_is_one_line_an_event_whatever_its_data_holds() {
    let project = Project::new(&unreachable());
    let data = "{\"a\":\r\n{\"type\":\"injected\",\"id\":\"inj1\"}\n}";
    project.ok(&["emit", "agent.error", "--id", "evt-1", "--data", data]);
    project.ok(&["cancel", "--all", "--yes"]);
    let exported = project.ok(&["dlq", "export", "--all"]);
    assert_eq!(exported.lines().count(), 1, "{exported}");
    let elsewhere = Project::new(&unreachable());
    let (code, _, err) = parts(&elsewhere.feed(&["emit", "--stdin"], &exported));
    assert_eq!(code, 0, "{err}");
    let event = |project: &Project| project.json(&["show", "evt-1"])["event"].clone();
    assert_eq!(event(&elsewhere), event(&project));
}

#[test]
fn an_export_is_oldest_first_and_an_event_stands_for_its_deliveries() {
    let project = Project::new(&unreachable());
    for event in ["evt-1", "evt-2", "evt-3"] {
        let answer = project.json(&["emit", "agent.error", "--id", event]);
        project.ok(&["cancel", answer["deliveries"][0].as_str().unwrap()]);
    }
    let ids = |arguments: &[&str]| -> Vec<Value> {
        let lines = project.ok(&[&["dlq", "export"], arguments].concat());
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect()
    };
    for arguments in [&["--all"][..], &["--endpoint", "ops"], &["--filter", "reason:cancelled"]] {
        assert_eq!(ids(arguments), ["evt-1", "evt-2", "evt-3"], "{arguments:?}");
    }
    assert_eq!(ids(&["evt-2"]), ["evt-2"]);
    project.ok(&["dlq", "retry", "--all"]);
    let (code, _, err) = parts(&project.run(&["dlq", "export", "evt-2"]));
    assert!(code == 1 && err.contains("evt-2 is no dead letter and no event with one"), "{err}");
}

#[test]
fn a_gentle_retry_stops_at_the_first_that_fails_again_and_is_one_act() {
    let receiver = Receiver::good();
    let events: Vec<String> = (0..14).map(|at| format!("evt-{at}")).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let project = with_dead_letters(&receiver, &events);
    let (code, _, err) = parts(&project.run(&["dlq", "retry", "--all", "--canary"]));
    assert!(code == 4 && err.contains("nobody dispatches"), "{err}");

    let dispatcher = project.start();
    let before = receiver.count();
    receiver.script(|_| Answer::status(422));
    let (code, out, err) = parts(&project.run(&["dlq", "retry", "--all", "--canary", "--json"]));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &report["done"], &report["of"], &report["ended"]),
        (1, &json!(1), &json!(14), &json!("failed")),
        "{err}"
    );
    assert!(report["text"].as_str().unwrap().contains("stopped after 1 of 14: ops answered 422"), "{report}");
    assert_eq!(receiver.count(), before + 1, "only the first went out");

    receiver.script(|_| Answer::status(200));
    let out = project.ok(&["dlq", "retry", "--all", "--canary", "--pace", "1000/s"]);
    assert!(out.contains("all 14 queued again"), "{out}");
    project.wait_for_figure("total_deliveries", 14);
    let log = project.json(&["log"]);
    let acts: Vec<&str> = log
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["source"] == "act")
        .map(|line| line["text"].as_str().unwrap())
        .collect();
    assert_eq!(acts[0], "retried 14 of 14 dead letters gently");
    assert_eq!(acts[1], "retry 14 dead letters gently: one, then ten, then 1000/s");
    let (code, out, _) = parts(&project.run(&["undo", "--yes", "--json"]));
    let undone: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &undone["undone"], &undone["of"]), (1, &json!(0), &json!(14)), "they have all been delivered");
    dispatcher.stop();
}

#[test]
fn dead_letters_are_listed_in_groups() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt-1", "evt-2", "evt-3"]);
    let groups = project.json(&["dlq", "list", "--group"]);
    let group = &groups[0];
    assert_eq!(groups.as_array().unwrap().len(), 1);
    assert_eq!(
        (&group["endpoint"], &group["reason"], &group["cause"], &group["count"]),
        (&json!("ops"), &json!("permanent"), &json!("422"), &json!(3))
    );
    assert!(group["oldest_at"].is_string() && group["sample"].as_str().unwrap().starts_with("422"), "{group}");
    let table = project.ok(&["dlq", "list", "--group", "--endpoint", "ops"]);
    assert!(table.contains("permanent: 422 Unprocessable Content"), "{table}");
}

#[test]
fn cancelling_many_asks_as_clearing_does() {
    let project = Project::new(&unreachable());
    for event in ["evt-1", "evt-2"] {
        project.ok(&["emit", "agent.error", "--id", event]);
    }
    assert_eq!(parts(&project.run(&["cancel", "--all"])).0, 2);
    assert_eq!(parts(&project.run(&["cancel", "--endpoint", "ops"])).0, 2);
    assert_eq!(parts(&project.run(&["cancel", "--filter", ""])).0, 2);
    assert_eq!(project.figure("dead_letter_count"), 0);
    let counts = project.json(&["cancel", "--all", "--dry-run"]);
    assert_eq!(counts, json!([{"endpoint": "ops", "count": 2, "causes": [{"cause": "untried", "count": 2}]}]));
    assert_eq!(project.json(&["cancel", "--all", "--yes"])["done"], 2);
}

#[test]
fn cancel_makes_what_waits_a_dead_letter() {
    let project = Project::new(&unreachable());
    let answer = project.json(&["emit", "agent.error", "--id", "evt-1"]);
    let id = answer["deliveries"][0].as_str().unwrap();
    assert_eq!(project.json(&["cancel", id])["done"], 1);
    let shown = project.json(&["show", id]);
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("dead"), &json!("cancelled")));
    assert_eq!(parts(&project.run(&["cancel", id])).0, 1, "it does not wait any more");
}

#[test]
fn a_resend_makes_one_more_attempt_under_the_same_id() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    let dispatcher = project.start();
    project.ok(&["emit", "agent.error", "--id", "evt-1", "--wait"]);
    let deliveries = project.json(&["deliveries"]);
    let id = deliveries[0]["id"].as_str().unwrap();
    assert_eq!(project.json(&["resend", id])["ordered"], 1);
    let requests = receiver.wait_for(2);
    assert!(requests.iter().all(|request| request.header("x-ntm-delivery-id") == Some(id)));
    dispatcher.stop();
    let (code, _, err) = parts(&project.run(&["resend", id]));
    assert_eq!(code, 4, "nobody dispatches: {err}");
}

#[test]
fn an_event_goes_to_endpoints_that_match_now_and_never_had_it() {
    let receiver = Receiver::good();
    let project = Project::new("webhooks:\n  - {name: beads, url: 'http://127.0.0.1:9/', events: [bead.*]}\n");
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    project.save(&file(&receiver.url("/hook")));
    let dispatcher = project.start();
    wait_until("the new file is applied", || project.run(&["resend", "evt-1"]).status.success());
    receiver.wait_for(1);
    assert_eq!(parts(&project.run(&["resend", "evt-1"])).0, 1, "it has had it");
    dispatcher.stop();
}

#[test]
fn a_delivery_that_is_resent_with_an_endpoint_is_the_one_that_is_named() {
    let project = Project::new(&unreachable());
    let answer = project.json(&["emit", "agent.error", "--id", "evt-1"]);
    let delivery = answer["deliveries"][0].as_str().unwrap();
    let (code, _, err) = parts(&project.run(&["resend", "evt-1", delivery, "--endpoint", "ops"]));
    assert_eq!(code, 2);
    assert!(err.contains(&format!("{delivery} is no event")), "{err}");
}

#[test]
fn orders_to_endpoints_work_with_and_without_a_dispatcher() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    let ops = |field: &str| project.json(&["endpoints"])[0][field].clone();
    for dispatching in [false, true] {
        let dispatcher = dispatching.then(|| project.start());
        project.ok(&["endpoints", "pause", "ops", "--for", "1h"]);
        assert_eq!(ops("state"), "paused");
        assert!(ops("paused_until").is_string() && ops("paused_by").as_str().unwrap().starts_with("amy@"));
        project.ok(&["endpoints", "resume", "--all"]);
        assert_eq!(ops("state"), "active");
        project.ok(&["undo"]);
        assert_eq!(ops("state"), "paused", "it is applied when undo ends");
        project.ok(&["undo"]);
        assert_eq!(ops("state"), "active");
        project.ok(&["endpoints", "trip", "ops"]);
        assert_eq!(ops("circuit"), "open");
        project.ok(&["endpoints", "reset", "ops"]);
        assert_eq!(ops("circuit"), "closed");
        assert_eq!(parts(&project.run(&["endpoints", "pause", "nobody"])).0, 1);
        drop(dispatcher);
    }
}

#[test]
fn orders_for_all_are_for_those_that_they_change() {
    let entry = |name: &str, more: &str| format!("  - {{name: {name}, url: 'http://127.0.0.1:9/{name}'{more}}}\n");
    let entries = [entry("one", ""), entry("two", ""), entry("timed", ""), entry("off", ", enabled: false")].concat();
    let project = Project::new(&format!("webhooks:\n{entries}"));
    project.ok(&["endpoints", "pause", "timed", "--for", "1h"]);
    assert_eq!(project.ok(&["endpoints", "pause", "--all"]), "2 endpoints: paused\n");
    let timed = || project.json(&["endpoints"])[2]["paused_until"].is_string();
    assert!(timed());
    let (code, out, err) = parts(&project.run(&["endpoints", "pause", "--all"]));
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("nothing to pause: no endpoint is active"), "{err}");
    assert_eq!(project.json(&["undo", "--yes"])["undone"], 2);
    assert!(timed());
    let (code, out, err) = parts(&project.run(&["endpoints", "pause", "off"]));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("off: it is disabled"), "{err}");
    assert_eq!(project.ok(&["endpoints", "resume", "--all"]), "1 endpoint: resumed\n");
    let (code, out, err) = parts(&project.run(&["endpoints", "resume", "--all"]));
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("nothing to resume"), "{err}");
}

#[test]
fn what_a_paused_endpoint_holds_goes_out_when_it_resumes() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    let dispatcher = project.start();
    project.ok(&["endpoints", "pause", "ops"]);
    project.ok(&["emit", "agent.error"]);
    assert_eq!((project.figure("queue_length"), project.figure("held")), (1, 1));
    project.ok(&["endpoints", "resume", "ops"]);
    receiver.wait_for(1);
    dispatcher.stop();
}

#[test]
fn undo_says_what_cannot_be_taken_back_and_reaches_no_further() {
    let project = Project::new(&unreachable());
    project.ok(&["endpoints", "pause", "ops"]);
    project.ok(&["endpoints", "trip", "ops"]);
    for _ in 0..2 {
        let (code, out, err) = parts(&project.run(&["undo", "--yes"]));
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(err.contains("your last act, trip ops, cannot be taken back; `hooktui endpoints reset ops`"), "{err}");
    }
    assert_eq!(project.json(&["endpoints"])[0]["state"], "paused");
}

#[test]
fn undo_of_a_pause_waits_until_it_is_applied() {
    let project = Project::new(&unreachable());
    project.ok(&["endpoints", "pause", "ops"]);
    let busy = DispatcherLock::try_take(&project.root().join(".hooktui/journal.db")).unwrap().unwrap();
    let (code, out, err) = parts(&project.run(&["undo"]));
    assert_eq!((code, out.as_str()), (4, "undo of pause ops: 1 of 1 undone\n"));
    assert!(err.contains("the dispatcher has not applied it yet"), "{err}");
    drop(busy);
}

#[test]
fn undo_of_what_went_on_since_fails_and_stays_the_last_act() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt-1", "evt-2"]);
    project.ok(&["dlq", "retry", "--all"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    for _ in 0..2 {
        let (code, out, _) = parts(&project.run(&["undo", "--yes"]));
        assert_eq!((code, out.as_str()), (1, "undo of retry 2 dead letters of ops: 0 of 2 undone, 2 went on since\n"));
    }
}

#[test]
fn an_act_on_nothing_says_so() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt-1"]);
    let id = project.json(&["dlq", "list"])[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(project.ok(&["dlq", "clear", &id, "--yes"]), "clear: 1 delivery\n");
    assert_eq!(project.ok(&["dlq", "clear", "--all", "--yes"]), "clear: nothing to clear\n");
    let (code, out, err) = parts(&project.run(&["dlq", "clear", &id, "--yes"]));
    assert_eq!((code, out.as_str()), (1, "clear: nothing to clear\n"));
    assert_eq!(err, format!("hooktui: {id}: it is cleared, not a dead letter\n"));
    let (code, out, err) = parts(&Project::new("webhooks: []\n").run(&["endpoints", "pause", "--all"]));
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("there are no endpoints"), "{err}");
}

#[test]
fn a_gentle_retry_tells_what_it_leaves_out() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt-1"]);
    let id = project.json(&["dlq", "list"])[0]["id"].as_str().unwrap().to_owned();
    let dispatcher = project.start();
    let (code, out, err) = parts(&project.run(&["dlq", "retry", "nosuch", "--canary"]));
    assert_eq!((code, out.as_str()), (1, "retry: nothing to retry\n"));
    assert_eq!(err, "hooktui: nosuch: there is no delivery or event of this id with deliveries\n");
    assert!(!project.ok(&["log"]).contains("gently"), "an act on nothing leaves no trace");
    let (code, out, err) = parts(&project.run(&["dlq", "retry", "nosuch", &id, "--canary", "--json"]));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["done"], &report["skipped"][0]["id"]), (1, &json!(1), &json!("nosuch")), "{err}");
    dispatcher.stop();
}

#[test]
fn a_name_is_meant_in_any_letter_case_and_stands_for_all_that_had_it() {
    let receiver = Receiver::good();
    let project = with_dead_letters(&receiver, &["evt-1"]);
    let renamed = format!("{}      id: ops-2\n", file(&receiver.url("/hook")));
    project.save(&renamed);
    receiver.script(|_| Answer::status(422));
    let dispatcher = project.start();
    wait_until("the new id is applied", || project.json(&["endpoints"])[1]["state"] == "removed");
    project.ok(&["emit", "agent.error", "--id", "evt-2", "--endpoint", " OPS "]);
    project.wait_for_figure("dead_letter_count", 2);
    dispatcher.stop();
    for args in [["dlq", "list"], ["dlq", "export"]] {
        let all = project.ok(&[&args[..], &["--endpoint", " OPS "]].concat());
        assert!(all.contains("evt-1") && all.contains("evt-2"), "{args:?}: {all}");
    }
    let groups = project.json(&["dlq", "list", "--group", "--endpoint", "Ops"]);
    assert_eq!(groups.as_array().unwrap().len(), 2, "{groups}");
    let counts = project.json(&["dlq", "clear", "--endpoint", "ops", "--dry-run"]);
    assert_eq!(counts.as_array().unwrap().iter().map(|one| one["count"].as_u64().unwrap()).sum::<u64>(), 2, "{counts}");
    assert_eq!(project.json(&["dlq", "clear", "--endpoint", "OPS", "--yes"])["done"], 2);
    assert_eq!(project.ok(&["endpoints", "pause", "Ops "]), "Ops: paused\n");
    let state = |id: &str| {
        let endpoints = project.json(&["endpoints"]);
        let found = endpoints.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
        found["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state("ops-2"), "paused", "the one that is in the file");
    project.ok(&["dlq", "restore", "--all"]);
    let (code, _, err) = parts(&project.run(&["resend", "evt-1", "--endpoint", "OPS"]));
    assert_eq!(code, 4, "nobody dispatches: {err}");
}
