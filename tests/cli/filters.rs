//! `--filter`: what lists show, what acts mean, and how a wrong filter is told.

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::receiver::{Answer, Receiver};
use crate::{file, parts, unreachable};

/// Dead letters of three events, two of them refused with 422 and one with 404; and one delivery that waits.
fn project(receiver: &Receiver) -> Project {
    let project = Project::new(&file(&receiver.url("/hook")));
    receiver.script(|request| Answer::status(if request.json()["type"] == "bead.failed" { 404 } else { 422 }));
    project.ok(&["emit", "agent.error", "--id", "evt-1", "-m", "the disk is full", "--session", "acme"]);
    project.ok(&["emit", "agent.error", "--id", "evt-2", "--session", "other"]);
    project.ok(&["emit", "bead.failed", "--id", "evt-3"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    project.ok(&["emit", "agent.idle", "--id", "evt-4"]);
    project
}

/// Ids of a list's events (or its own), sorted.
fn ids(rows: &Value) -> Vec<String> {
    let id = |row: &Value| {
        row["event"]["id"].as_str().or(row["event_id"].as_str()).or(row["id"].as_str()).unwrap().to_owned()
    };
    let mut ids: Vec<String> = rows.as_array().unwrap().iter().map(id).map(|id| id.chars().take(5).collect()).collect();
    ids.sort();
    ids
}

#[test]
fn lists_show_what_matches() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    for (list, filter, found) in [
        (&["deliveries"][..], "state:dead status:422", &["evt-1", "evt-2"][..]),
        (&["deliveries"], "state:pending", &["evt-4"]),
        (&["deliveries"], "!state:dead,delivered id:evt-*", &["evt-4"]),
        (&["deliveries"], "endpoint:o* type:bead.*", &["evt-3"]),
        (&["events"], "session:acme", &["evt-1"]),
        (&["events"], "\"disk is\"", &["evt-1"]),
        (&["dlq", "list"], "reason:permanent !status:404", &["evt-1", "evt-2"]),
        (&["dlq", "list", "--endpoint", "ops"], "status:404", &["evt-3"]),
        (&["dlq", "list"], "age:>1h", &[]),
    ] {
        let rows = project.json(&[list, &["--filter", filter]].concat());
        assert_eq!(ids(&rows), found, "{list:?} {filter}");
    }
    let log = project.json(&["log", "--filter", "age:<1h dispatch"]);
    assert!(log.as_array().unwrap().iter().all(|line| line["text"].as_str().unwrap().contains("ispatch")), "{log}");
    let (code, out, err) = parts(&project.run(&["deliveries", "--filter", "state:in_flight"]));
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(err.contains("nothing matches state:in_flight"), "{err}");
    let (_, _, err) = parts(&project.run(&["deliveries", "--limit", "1", "--filter", "state:dead"]));
    let cursor = err.split("--after ").nth(1).unwrap().trim();
    let rest = project.json(&["deliveries", "--filter", "state:dead", "--after", cursor]);
    assert_eq!(rest.as_array().unwrap().len(), 2, "{err}");
}

#[test]
fn acts_mean_what_matches() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let counts = project.json(&["dlq", "retry", "--filter", "status:422", "--dry-run"]);
    assert_eq!((&counts[0]["endpoint"], &counts[0]["count"]), (&json!("ops"), &json!(2)), "{counts}");
    let exported = project.ok(&["dlq", "export", "--filter", "session:acme"]);
    assert_eq!(exported.lines().count(), 1, "{exported}");
    assert!(exported.contains("evt-1"));
    assert_eq!(project.json(&["dlq", "clear", "--filter", "type:agent.error", "--yes"])["done"], 2);
    assert_eq!(project.json(&["dlq", "restore", "--filter", "session:acme"])["done"], 1);
    assert_eq!(ids(&project.json(&["dlq", "list"])), ["evt-1", "evt-3"]);
    assert_eq!(project.json(&["cancel", "--filter", "type:agent.idle", "--yes"])["done"], 1);
    assert_eq!(project.json(&["dlq", "retry", "--filter", "reason:cancelled,permanent"])["done"], 3);
    assert_eq!(project.figure("dead_letter_count"), 0);
}

#[test]
fn a_wrong_filter_is_pointed_at_and_exits_2() {
    let project = Project::new(&unreachable());
    for (args, caret, cure) in [
        (
            &["deliveries", "--filter", "endpoint:ops stat:dead"][..],
            "                 ^^^^^^^^^",
            "did you mean state:?",
        ),
        (&["events", "--filter", "attempts:3"], "    ^^^^^^^^^^", "means nothing for events"),
        (&["log", "--filter", "a status:5xx"], "      ^^^^^^^^^^", "means nothing for the log"),
        (&["tail", "--filter", "status:9xx"], "           ^^^", "write 5xx"),
        (&["dlq", "list", "--filter", "reason:exausted"], "           ^^^^^^^^", "did you mean exhausted?"),
        (&["dlq", "clear", "--yes", "--filter", "\"x"], "    ^^", "not closed"),
        (&["dlq", "export", "--filter", "age:1h"], "        ^^", "write >1h"),
        (&["cancel", "--filter", "state:open"], "    ^^^^^^^^^^", "means nothing for deliveries"),
    ] {
        let (code, out, err) = parts(&project.run(args));
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.contains(cure) && err.lines().any(|line| line == caret), "{args:?}:\n{err}");
    }
    let (code, _, _) = parts(&project.run(&["cancel", "--all", "--filter", "state:queued"]));
    assert_eq!(code, 2, "one way to select at a time");
}

#[test]
fn tail_prints_attempts_that_match() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let tail = project.start_unseen(&["tail", "--json", "--since", "1h", "--filter", "status:404"]);
    crate::support::wait_until("the attempt is printed", || tail.printed().contains("bead.failed"));
    assert_eq!(tail.printed().lines().count(), 1, "{}", tail.printed());
}
