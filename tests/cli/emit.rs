//! `emit`: one event, many events, what is answered.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::project::{Project, unread};
use crate::{parts, unreachable};

#[test]
fn an_accepted_event_is_answered_with_its_id_and_its_deliveries() {
    let project = Project::new(&unreachable());
    let answer = project.json(&["emit", "agent.error", "-m", "boom", "--id", "evt-1"]);
    let deliveries = answer["deliveries"].as_array().unwrap();
    assert_eq!(deliveries.len(), 1);
    assert!(deliveries[0].as_str().unwrap().starts_with("evt-1_"));
    assert_eq!(
        answer,
        json!({"id": "evt-1", "duplicate": false, "differs": false, "deliveries": deliveries, "unrouted": false})
    );
}

#[test]
fn an_event_that_comes_before_the_dispatcher_has_applied_the_file_is_routed_all_the_same() {
    let project = Project::new(&unreachable());
    project.ok(&["emit", "agent.error"]);
    let journal = project.root().join(".hooktui/journal.db");
    let _starting = hooktui::journal::lock::DispatcherLock::try_take(&journal).unwrap().unwrap();
    let answer = project.json(&["emit", "agent.error"]);
    let deliveries = answer["deliveries"].as_array().unwrap();
    assert_eq!((deliveries.len(), &answer["unrouted"]), (1, &json!(false)), "{answer}");
}

#[test]
fn every_option_of_an_event_reaches_the_journal() {
    let project = Project::new(&unreachable());
    project.ok(&[
        "emit",
        "agent.error",
        "-m",
        "boom",
        "--session",
        "s",
        "--pane",
        "%1",
        "--agent",
        "claude",
        "-d",
        "code=7",
        "-d",
        "why=a=b",
        "--data",
        r#"{"deep": [1, 2.50]}"#,
        "--id",
        "evt-1",
        "--timestamp",
        "2026-02-02T03:04:05+02:00",
        "--origin",
        "evt-0",
    ]);
    let shown = project.json(&["show", "evt-1"]);
    assert_eq!(shown["origin"], "evt-0");
    assert_eq!(
        shown["event"],
        json!({
            "id": "evt-1", "type": "agent.error", "timestamp": "2026-02-02T03:04:05+02:00", "session": "s", "pane": "%1",
            "agent": "claude", "message": "boom", "details": {"code": "7", "why": "a=b"}, "data": {"deep": [1, 2.50]},
        })
    );
}

#[test]
fn a_known_id_is_a_duplicate_and_says_when_its_content_differs() {
    let project = Project::new(&unreachable());
    project.ok(&["emit", "agent.error", "-m", "one", "--id", "evt-1"]);
    for (message, differs) in [("one", false), ("two", true)] {
        let (code, out, err) = parts(&project.run(&["emit", "agent.error", "-m", message, "--id", "evt-1", "--json"]));
        let answer: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(code, 0);
        assert_eq!((&answer["duplicate"], &answer["differs"]), (&json!(true), &json!(differs)));
        assert!(err.contains("evt-1"), "{err}");
    }
    assert_eq!(project.json(&["deliveries"]).as_array().unwrap().len(), 1);
}

#[test]
fn it_warns_when_nobody_dispatches_and_a_wait_exits_4() {
    let project = Project::new(&unreachable());
    let (code, _, err) = parts(&project.run(&["emit", "agent.error"]));
    assert_eq!(code, 0);
    assert!(err.contains("nobody dispatches"), "{err}");
    assert_eq!(parts(&project.run(&["emit", "agent.error", "--wait=1s"])).0, 4);
}

#[test]
fn ids_and_types_arrive_in_their_alphabet_and_the_answer_shows_it() {
    let project = Project::new(&unreachable());
    let answer = project.json(&["emit", "agent error", "--id", "a b"]);
    assert_eq!(answer["id"], "a%20b");
    assert_eq!(project.json(&["show", "a%20b"])["event"]["type"], "agent%20error");
}

#[test]
fn one_endpoint_only_whatever_its_patterns_say() {
    let project = Project::new(
        "webhooks:\n  - {name: ops, url: 'http://127.0.0.1:9/', events: [bead.*]}\n  - {name: all, url: 'http://127.0.0.1:9/'}\n",
    );
    let answer = project.json(&["emit", "agent.error", "--endpoint", "ops"]);
    let id = answer["deliveries"][0].as_str().unwrap();
    assert_eq!(answer["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(project.json(&["show", id])["endpoint"], "ops");
}

#[test]
fn lines_of_standard_input_are_answered_in_order_and_a_bad_one_makes_the_exit_1() {
    let project = Project::new(&unreachable());
    let input = "{\"type\":\"a\",\"id\":\"one\"}\n\nnot json\n{\"type\":\"a\",\"id\":\"two\"}\n{\"message\":\"no type\"}\n{\"type\":\"a\",\"id\":\"three\"}";
    let (code, out, _) = parts(&project.feed(&["emit", "--stdin", "--json"], input));
    assert_eq!(code, 1);
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<(Option<&str>, Option<u64>)> =
        answers.iter().map(|answer| (answer["id"].as_str(), answer["line"].as_u64())).collect();
    assert_eq!(
        told,
        [(Some("one"), None), (None, Some(3)), (Some("two"), None), (None, Some(5)), (Some("three"), None)]
    );
    assert!(answers[3]["error"].as_str().unwrap().contains("no type"));
    assert_eq!(project.json(&["events"]).as_array().unwrap().len(), 3);
}

#[test]
fn where_no_line_is_accepted_nothing_is_said_of_others_or_of_waiting() {
    let project = Project::new(&unreachable());
    assert_eq!(parts(&project.feed(&["emit", "--stdin"], "\n")), (0, String::new(), String::new()));
    let (code, _, err) = parts(&project.feed(&["emit", "--stdin"], "no event\n"));
    assert!(code == 1 && err.ends_with("hooktui: not accepted: 1 line\n"), "{err}");
    let (code, _, err) = parts(&project.feed(&["emit", "--stdin"], "no event\n{\"type\":\"a\"}\n"));
    assert!(code == 1 && err.contains("not accepted: 1 line; the others were"), "{err}");
    assert!(err.contains("nobody dispatches"), "{err}");
}

#[test]
fn a_full_queue_says_how_many_places_an_event_needs() {
    let one = unreachable();
    let project =
        Project::new(&format!("{one}    - {{name: too, url: 'http://127.0.0.1:9/'}}\n  manager: {{queue_size: 3}}\n"));
    project.ok(&["emit", "agent.error"]);
    let (code, _, err) = parts(&project.run(&["emit", "agent.error"]));
    assert_eq!(code, 1);
    assert!(err.contains("the queue is full: 2 of 3 waiting, and this event needs 2;"), "{err}");
}

#[test]
fn a_long_stream_is_taken_in_whole_and_in_order() {
    const LINES: usize = 20_000;
    let project = Project::new(&unreachable());
    let lines: Vec<String> = (0..LINES).map(|n| format!("{{\"type\":\"a\",\"id\":\"e{n}\"}}")).collect();
    let (code, out, err) = parts(&project.feed(&["emit", "--stdin", "--json"], &lines.join("\n")));
    assert_eq!(code, 0, "{err}");
    let ids = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned());
    assert!(ids.eq((0..LINES).map(|n| format!("e{n}"))));
    let newest = project.json(&["events", "--limit", "1"]);
    assert_eq!(newest[0]["id"], format!("e{}", LINES - 1));
}

#[test]
fn a_line_is_answered_before_the_next_one_is_written() {
    let project = Project::new(&unreachable());
    let mut child = project.command(["emit", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for n in 0..3 {
        writeln!(input, "{{\"type\":\"a\",\"id\":\"e{n}\"}}").unwrap();
        assert!(answers.next().unwrap().unwrap().starts_with(&format!("e{n} ")));
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn lines_are_taken_in_though_nobody_reads_the_answers() {
    let project = Project::new(&unreachable());
    let mut child = project
        .command(["emit", "--stdin", "--json"])
        .stdin(Stdio::piped())
        .stdout(unread())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for n in 1..=3 {
        writeln!(input, "{{\"type\":\"a\",\"id\":\"e{n}\"}}").unwrap();
        project.wait_for_figure("queue_length", n);
    }
    writeln!(input, "no event").unwrap();
    drop(input);
    let (code, _, err) = parts(&child.wait_with_output().unwrap());
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("not accepted: 1 line"), "{err}");
}

#[test]
fn with_a_broken_file_an_event_is_kept_unrouted_and_told_so() {
    let project = Project::new("webhooks: [");
    let (code, out, err) = parts(&project.run(&["emit", "agent.error", "--json"]));
    assert_eq!(code, 0, "{err}");
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&answer["unrouted"], &answer["deliveries"]), (&json!(true), &json!([])));
    assert!(err.contains("first good file"), "{err}");
}

#[test]
fn an_event_that_matches_nothing_is_kept_and_told_so() {
    let project = Project::new("webhooks:\n  - {name: ops, url: 'http://127.0.0.1:9/', events: [bead.*]}\n");
    let (code, _, err) = parts(&project.run(&["emit", "agent.error"]));
    assert_eq!(code, 0);
    assert!(err.contains("matches no endpoint"), "{err}");
    assert_eq!(project.json(&["events"])[0]["deliveries"], 0);
}
