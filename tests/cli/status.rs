//! `status`: the figures that scripts rely on.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::receiver::{Answer, Receiver};
use crate::support::wait_until;
use crate::{file, parts, unreachable};

const FIGURES: &[&str] = &[
    "queue_length",
    "queue_capacity",
    "retry_queue_length",
    "in_flight",
    "dead_letter_count",
    "total_deliveries",
    "total_failures",
    "dropped_events",
    "webhook_count",
    "oldest_undelivered_ms",
    "held",
    "oldest_due_ms",
    "dispatcher",
    "alarm",
    "endpoints",
];

const OF_ENDPOINTS: &[&str] = &[
    "id",
    "name",
    "url",
    "state",
    "circuit",
    "consecutive_failures",
    "circuit_skips",
    "health",
    "queued",
    "scheduled",
    "in_flight",
    "dead",
    "delivered",
    "failed",
    "p50_ms",
    "p95_ms",
    "last_status",
    "last_error",
    "last_success_at",
    "failing_since",
];

#[test]
fn every_figure_is_there_from_the_first_moment() {
    let project = Project::new(&unreachable());
    for _ in 0..2 {
        let status = project.json(&["status"]);
        for figure in FIGURES {
            assert!(status.get(figure).is_some(), "{figure}");
        }
        for field in OF_ENDPOINTS {
            assert!(status["endpoints"][0].get(field).is_some(), "{field}");
        }
        assert_eq!((&status["webhook_count"], &status["dispatcher"]), (&json!(1), &Value::Null));
        assert_eq!(status["endpoints"][0]["url"], "127.0.0.1:9", "the path is a secret");
        project.ok(&["emit", "agent.error"]);
    }
}

#[test]
fn figures_follow_what_happens() {
    let receiver = Receiver::scripted(|request| {
        Answer::status(if request.header("x-ntm-event-type") == Some("agent.error") { 422 } else { 200 })
    });
    let project = Project::new(&file(&receiver.url("/hook")));
    project.ok(&["emit", "agent.error"]);
    project.ok(&["emit", "agent.idle"]);
    assert_eq!(project.figure("queue_length"), 2);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    let status = project.json(&["status"]);
    assert_eq!(
        (&status["queue_length"], &status["dead_letter_count"], &status["total_deliveries"], &status["total_failures"]),
        (&json!(0), &json!(1), &json!(1), &json!(1))
    );
    assert_eq!(status["oldest_undelivered_ms"], Value::Null);
    let ops = &status["endpoints"][0];
    assert_eq!((&ops["delivered"], &ops["failed"], &ops["dead"]), (&json!(1), &json!(1), &json!(1)));
    assert!(ops["p50_ms"].is_u64() && ops["last_success_at"].is_string(), "{ops}");
}

#[test]
fn the_dispatcher_is_told_with_its_pid() {
    let project = Project::new(&unreachable());
    let dispatcher = project.start();
    let told = project.json(&["status"])["dispatcher"].clone();
    assert_eq!((&told["pid"], &told["responding"]), (&json!(dispatcher.pid()), &json!(true)));
    assert!(told["since"].as_str().unwrap().ends_with('Z'));
    dispatcher.stop();
    assert_eq!(project.json(&["status"])["dispatcher"], Value::Null);
}

#[test]
fn the_dispatcher_answers_by_whatever_path_and_environment_the_project_is_reached() {
    let project = Project::empty();
    let long = project.root().join("x".repeat(120));
    std::fs::create_dir(&long).unwrap();
    std::fs::write(long.join(".ntm.yaml"), unreachable()).unwrap();
    std::os::unix::fs::symlink(&long, project.root().join("short")).unwrap();
    let round = "short/../".repeat(20);
    for (started, asked) in [("short", long.to_str().unwrap()), (long.to_str().unwrap(), &format!("{round}short"))] {
        let dispatcher = project.start_unseen(&["-C", started, "run"]);
        wait_until("it dispatches and answers", || {
            let mut status = project.command(["-C", asked, "status", "--json"]);
            let output = status.env_remove("XDG_RUNTIME_DIR").output().unwrap();
            let told = serde_json::from_slice::<Value>(&output.stdout).unwrap()["dispatcher"].clone();
            (&told["pid"], &told["responding"]) == (&json!(dispatcher.pid()), &json!(true))
        });
        assert!(dispatcher.stop().success());
    }
}

#[test]
fn a_check_exits_1_when_work_is_due_and_nothing_moves() {
    let project = Project::new(&unreachable());
    assert_eq!(parts(&project.run(&["status", "--check"])).0, 0);
    project.ok(&["emit", "agent.error"]);
    let (code, _, err) = parts(&project.run(&["status", "--check"]));
    assert_eq!(code, 1);
    assert!(err.contains("nobody dispatches"), "{err}");
    assert_eq!(parts(&project.run(&["status"])).0, 0, "only --check makes it a failure");
    project.ok(&["endpoints", "pause", "ops"]);
    assert_eq!(parts(&project.run(&["status", "--check"])).0, 0, "what a person holds is not due");
}

#[test]
fn a_broken_file_is_told_and_a_check_still_finds_that_nothing_moves() {
    let project = Project::new(&unreachable());
    project.ok(&["emit", "agent.error"]);
    project.save("webhooks:\n  - name: ops\n    url: http://127.0.0.1:9/\n    timeout: soon\n");
    let (code, _, err) = parts(&project.run(&["status", "--check"]));
    assert_eq!(code, 1);
    assert!(err.contains(".ntm.yaml:4:") && err.contains("hooktui check"), "{err}");
    let alarm = project.json(&["status"])["alarm"].clone();
    assert_eq!((&alarm["kind"], &alarm["stuck"]), (&json!("file"), &json!(true)));
}

#[test]
fn what_waits_for_a_person_is_told_with_its_cure() {
    let project = Project::new(&unreachable());
    assert_eq!(project.json(&["status"])["alarm"], Value::Null);
    let dispatcher = project.start();
    project.ok(&["endpoints", "pause", "ops"]);
    project.ok(&["emit", "agent.error"]);
    let (code, _, err) = parts(&project.run(&["status", "--check"]));
    assert_eq!(code, 0, "what a person holds is not due: {err}");
    assert!(err.contains("every endpoint is paused: 1 delivery waits"), "{err}");
    assert!(err.contains("hooktui endpoints resume --all"), "{err}");
    dispatcher.stop();
}

#[test]
fn a_dispatcher_that_does_not_answer_is_told_by_its_pid() {
    let project = Project::new(&unreachable());
    let dispatcher = project.start();
    let pid = Pid::from_raw(i32::try_from(dispatcher.pid()).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    project.ok(&["emit", "agent.error"]);
    let (code, _, err) = parts(&project.run(&["status", "--check"]));
    kill_process(pid, Signal::CONT).unwrap();
    assert_eq!(code, 1, "{err}");
    assert!(err.contains(&format!("(pid {}) does not answer", dispatcher.pid())), "{err}");
    dispatcher.stop();
}

#[test]
fn a_pause_that_has_run_out_is_over_though_nobody_dispatches() {
    let project = Project::new(&unreachable());
    project.ok(&["endpoints", "pause", "ops"]);
    project.ok(&["emit", "agent.error"]);
    assert_eq!((project.figure("held"), parts(&project.run(&["status", "--check"])).0), (1, 0));
    project.ok(&["endpoints", "pause", "ops", "--for", "1ms"]);
    let ops = project.json(&["endpoints"])[0].clone();
    assert_eq!(
        (&ops["state"], &ops["paused_until"], &ops["paused_by"]),
        (&json!("active"), &Value::Null, &Value::Null)
    );
    assert_eq!((project.figure("held"), parts(&project.run(&["status", "--check"])).0), (0, 1));
    assert_eq!(project.json(&["deliveries", "--filter", "state:held"]), json!([]));
}
