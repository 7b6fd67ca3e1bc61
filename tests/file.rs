//! The file while things run: good saves, broken ones, none at all. Nothing is lost or sent to the wrong place.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there and then")]

mod support;

use std::time::{Duration, SystemTime};

use support::project::Project;
use support::receiver::Receiver;
use support::{wait_for, wait_until};

const BROKEN: &str = "webhooks:\n  - name: ops\n    url: http://127.0.0.1:9/x\n    tiemout: 3s\n";

fn endpoints(entries: &[(&str, String)]) -> String {
    let entry = |(name, url): &(&str, String)| format!("  - name: {name}\n    url: {url}\n");
    format!("webhooks:\n{}", entries.iter().map(entry).collect::<String>())
}

/// Paths that requests came to, in order.
fn paths(receiver: &Receiver) -> Vec<String> {
    receiver.received().into_iter().map(|one| one.path).collect()
}

#[test]
fn a_good_save_takes_effect_while_it_runs_and_a_broken_one_changes_nothing() {
    let receiver = Receiver::good();
    let ops = ("ops", receiver.url("/ops"));
    let project = Project::new(&endpoints(std::slice::from_ref(&ops)));
    let running = project.start();
    project.ok(&["emit", "agent.error", "--wait"]);
    assert_eq!(paths(&receiver), ["/ops"]);

    project.save(&endpoints(&[ops, ("ci", receiver.url("/ci"))]));
    wait_until("the log tells of the new endpoint", || project.ok(&["log"]).contains("ci"));
    project.ok(&["emit", "agent.error", "--wait"]);
    let mut after = paths(&receiver).split_off(1);
    after.sort();
    assert_eq!(after, ["/ci", "/ops"]);

    project.save(BROKEN);
    let line = wait_for("the log names the line of the mistake", || {
        let log = project.ok(&["log"]);
        log.lines().find(|line| line.contains("tiemout")).map(str::to_owned)
    });
    assert!(line.contains(":4:"), "{line}");
    project.ok(&["emit", "agent.error", "--wait"]);
    assert_eq!(receiver.count(), 5, "both endpoints are still delivered to");
    assert_eq!(project.dispatcher(), Some(running.pid()));
    assert!(running.stop().success());
}

#[test]
fn what_a_save_cannot_change_at_once_is_told() {
    let receiver = Receiver::good();
    let project = Project::new(&endpoints(&[("ops", receiver.url("/ops"))]));
    let running = project.start();
    let renamed = endpoints(&[("alarms", receiver.url("/ops"))]);
    project.save(&format!("{renamed}hooktui: {{journal: {{durability: normal}}}}\n"));
    wait_until("the log suggests the old id", || project.ok(&["log"]).contains("alarms has the address that ops had"));
    wait_until("the log names the setting", || project.ok(&["log"]).contains("a changed journal.durability takes"));
    assert!(running.stop().success());
}

#[test]
fn a_save_that_changes_redaction_is_told_and_the_next_event_is_redacted_by_it() {
    let receiver = Receiver::good();
    let file = endpoints(&[("ops", receiver.url("/ops"))]);
    let project = Project::new(&file);
    let running = project.start();
    project.save(&format!("{file}hooktui: {{redaction: {{mode: block}}}}\n"));
    wait_until("the log tells of the mode", || {
        project.ok(&["log"]).contains("redaction has changed: its mode is `block`")
    });
    assert_eq!(project.run(&["emit", "agent.error", "-m", "password=correct-horse"]).status.code(), Some(1));
    assert!(running.stop().success());
}

#[test]
fn a_file_that_is_emptied_or_deleted_never_replaces_a_good_one() {
    let receiver = Receiver::good();
    let project = Project::new(&endpoints(&[("ops", receiver.url("/ops"))]));
    let running = project.start();
    project.save("");
    project.ok(&["emit", "agent.error", "--wait"]);
    std::fs::remove_file(project.root().join(".ntm.yaml")).unwrap();
    project.save(&endpoints(&[("ops", receiver.url("/again"))]));
    wait_until("the recreated file is in force", || {
        project.ok(&["emit", "agent.error", "--wait"]);
        paths(&receiver).last().is_some_and(|path| path == "/again")
    });
    assert!(running.stop().success());
}

#[test]
fn emit_with_a_broken_file_is_routed_by_the_last_revision() {
    let receiver = Receiver::good();
    let good = endpoints(&[("ops", receiver.url("/ops"))]);
    let project = Project::new(&good);
    assert!(project.start().stop().success());
    project.save(BROKEN);
    let answer = project.json(&["emit", "agent.error"]);
    assert_eq!(answer["deliveries"].as_array().map(Vec::len), Some(1), "{answer}");

    assert_eq!(project.run(&["run"]).status.code(), Some(1), "run refuses a broken file at the start");
    project.save(&good);
    let running = project.start();
    assert_eq!(receiver.wait_for(1)[0].path, "/ops");
    assert!(running.stop().success());
}

#[test]
fn emit_before_any_good_file_is_accepted_unrouted_and_routed_later() {
    let receiver = Receiver::good();
    let project = Project::new(BROKEN);
    let answer = project.json(&["emit", "agent.error", "--id", "early"]);
    assert_eq!(answer["deliveries"].as_array().map(Vec::len), Some(0), "{answer}");
    project.save(&endpoints(&[("ops", receiver.url("/ops"))]));
    let running = project.start();
    assert_eq!(receiver.wait_for(1)[0].json()["id"], "early");
    assert!(running.stop().success());
}

#[test]
fn a_variable_that_is_not_set_here_holds_its_endpoint_and_no_other() {
    let receiver = Receiver::good();
    let yaml = endpoints(&[("ops", "${OPS_URL}".to_owned()), ("ci", receiver.url("/ci"))]);
    let project = Project::new(&yaml);
    let running = project.start();
    let answer = project.json(&["emit", "agent.error"]);
    assert_eq!(answer["deliveries"].as_array().map(Vec::len), Some(2), "{answer}");
    project.wait_for_figure("total_deliveries", 1);
    assert_eq!((project.figure("held"), paths(&receiver)), (1, vec!["/ci".to_owned()]));
    assert!(project.ok(&["endpoints"]).contains("$OPS_URL is not set here"));
    assert!(running.stop().success());

    let mut command = project.command(["run", "--until-idle"]);
    assert!(command.env("OPS_URL", receiver.url("/ops")).status().unwrap().success());
    assert_eq!(paths(&receiver), ["/ci", "/ops"]);
}

#[test]
fn a_file_saved_by_halves_misroutes_nothing() {
    let receiver = Receiver::good();
    let whole = endpoints(&[("ops", receiver.url("/ops")), ("ci", receiver.url("/ci"))]);
    let project = Project::new(&whole);
    assert!(project.start().stop().success());
    // The first half is valid YAML with one endpoint less: under 2 s old it is not trusted.
    let half = endpoints(&[("ops", receiver.url("/ops"))]);
    project.save(&half);
    just_now(&project);
    let answer = project.json(&["emit", "agent.error"]);
    assert_eq!(answer["deliveries"].as_array().map(Vec::len), Some(2), "{answer}");
}

/// Sets the file's time as late as still counts as just saved, so that a busy machine cannot make it look settled.
fn just_now(project: &Project) {
    let file = std::fs::File::options().append(true).open(project.root().join(".ntm.yaml")).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_millis(1_900)).unwrap();
}

#[test]
fn no_project_means_wrong_usage_and_nothing_is_created() {
    let project = Project::empty();
    for command in [&["run"][..], &["emit", "agent.error"], &["status"], &["dlq", "list"], &["check"]] {
        assert_eq!(project.run(command).status.code(), Some(2), "{command:?}");
    }
    assert!(!project.has(".hooktui"));
    assert_eq!(std::fs::read_dir(project.root()).unwrap().count(), 0);
}
