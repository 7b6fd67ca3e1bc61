//! `deliveries`, `events`, `log`, `dlq list`: pages, cursors, shapes.

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::receiver::{Answer, Receiver};
use crate::{file, parts, unreachable};

/// The ids of a list, page by page, as a script would read it.
fn all_ids(project: &Project, list: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut args = [list, &["--limit", "2"]].concat();
        if let Some(cursor) = &cursor {
            args.extend(["--after", cursor]);
        }
        let Value::Array(rows) = project.json(&args) else { panic!("a list is an array") };
        ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(oldest) = rows.last() else { return ids };
        cursor = Some(oldest["cursor"].as_str().unwrap().to_owned());
    }
}

#[test]
fn pages_follow_one_another_newest_first() {
    let receiver = Receiver::scripted(|_| Answer::status(422));
    let project = Project::new(&file(&receiver.url("/hook")));
    for n in 0..5 {
        project.ok(&["emit", "agent.error", "--id", &format!("evt-{n}")]);
    }
    let newest_first: Vec<String> = (0..5).rev().map(|n| format!("evt-{n}")).collect();
    assert_eq!(all_ids(&project, &["events"]), newest_first);
    assert_eq!(all_ids(&project, &["deliveries"]).len(), 5);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    let mut dead = all_ids(&project, &["dlq", "list"]);
    dead.sort();
    dead.dedup();
    assert_eq!(dead.len(), 5);
    assert_eq!(all_ids(&project, &["dlq", "list", "--endpoint", "ops"]).len(), 5);

    for list in [&["deliveries"][..], &["events"], &["log"], &["dlq", "list"], &["events", "--filter", "id:evt*"]] {
        let (code, out, err) = parts(&project.run(&[list, &["--after", "0"]].concat()));
        assert_eq!((code, out.as_str(), err.as_str()), (0, "", "hooktui: there are no more\n"), "{list:?}");
    }
    let (_, out, err) = parts(&project.run(&["events", "--limit", "2"]));
    assert_eq!(out.lines().count(), 3, "a head and two rows: {out}");
    assert!(err.contains("--after "), "{err}");
}

#[test]
fn a_dead_letter_has_the_fields_that_scripts_rely_on() {
    let receiver = Receiver::scripted(|_| Answer::status(422).body("no such field"));
    let project = Project::new(&file(&receiver.url("/hook")));
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    let list = project.json(&["dlq", "list"]);
    let letter = &list[0];
    assert_eq!(letter["event"], json!({"id": "evt-1", "type": "agent.error"}));
    assert_eq!(
        (&letter["endpoint"], &letter["attempts"], &letter["reason"], &letter["last_status"], &letter["retried_at"]),
        (&json!("ops"), &json!(1), &json!("permanent"), &json!(422), &Value::Null)
    );
    assert!(letter["failed_at"].as_str().unwrap().ends_with('Z'));
    assert!(letter["last_error"].is_string());
    let text = project.ok(&["dlq", "list"]);
    assert!(text.contains("permanent: 422"), "{text}");
}

#[test]
fn the_log_names_who_did_what() {
    let project = Project::new(&unreachable());
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    project.ok(&["cancel", "--all", "--yes"]);
    let log = project.json(&["log"]);
    let act = log.as_array().unwrap().iter().find(|line| line["source"] == "act").expect("acts are in the log");
    assert!(act["who"].as_str().unwrap().starts_with("amy@"));
    assert!(act["text"].as_str().unwrap().contains("cancel"), "{act}");
}

#[test]
fn deliveries_say_what_happens_next() {
    let project = Project::new(&unreachable());
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    let text = project.ok(&["deliveries"]);
    assert!(text.contains("nobody dispatches"), "{text}");
    let row = &project.json(&["deliveries"])[0];
    assert_eq!((&row["state"], &row["attempts"], &row["due_at"]), (&json!("queued"), &json!(0), &Value::Null));
}
