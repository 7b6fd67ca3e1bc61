//! `run`: the dispatcher without a screen.

use std::process::Stdio;

use serde_json::json;

use crate::support::project::{Project, unread};
use crate::support::receiver::{Answer, Receiver};
use crate::support::wait_until;
use crate::{file, parts, unreachable};

#[test]
fn attempts_are_lines() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    let out = project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.contains("agent.error → ops") && out.contains("✓ 200"), "{out}");
}

#[test]
fn it_delivers_on_when_nobody_reads_the_attempts_any_more() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    for _ in 0..3 {
        project.ok(&["emit", "agent.error"]);
    }
    let mut running = project.command(["run"]).stdout(unread()).stderr(Stdio::piped()).spawn().unwrap();
    receiver.wait_for(3);
    project.ok(&["emit", "agent.error"]);
    receiver.wait_for(4);
    assert_eq!(running.try_wait().unwrap(), None);
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let (code, _, err) = parts(&running.wait_with_output().unwrap());
    assert_eq!((code, err.matches("nobody reads the attempts").count()), (0, 1), "{err}");
}

#[test]
fn without_a_terminal_the_console_is_run() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    let running = project.start_unseen(&[]);
    wait_until("the attempt is printed", || running.printed().contains("✓ 200"));
    assert!(running.stop().success());
}

#[test]
fn a_bad_file_at_the_start_exits_1_and_tells_every_problem() {
    let project =
        Project::new("webhooks:\n  - {name: a, url: 'ftp://x/'}\n  - {name: b, url: 'https://x/', timeout: soon}\n");
    let (code, _, err) = parts(&project.run(&["run"]));
    assert_eq!(code, 1);
    assert!(err.contains(":2:") && err.contains(":3:"), "{err}");
}

#[test]
fn an_empty_file_at_the_start_exits_1_and_later_ends_nothing() {
    let receiver = Receiver::good();
    let project = Project::new("# nothing yet\n");
    for args in [&["run"][..], &["run", "--until-idle"]] {
        let (code, _, err) = parts(&project.run(args));
        assert!(code == 1 && err.contains(".ntm.yaml is empty"), "{code} {err}");
    }
    project.save(&file(&receiver.url("/hook")));
    let dispatcher = project.start();
    project.save("");
    wait_until("it is told", || dispatcher.printed().contains("the last good one stays in force"));
    project.ok(&["emit", "agent.error"]);
    receiver.wait_for(1);
    assert!(dispatcher.stop().success());
}

#[test]
fn the_wait_for_idleness_has_an_end() {
    let receiver = Receiver::scripted(|_| Answer::status(503));
    let project = Project::new(&format!(
        "webhooks:\n  - {{name: ops, url: '{}'}}\nhooktui:\n  webhooks:\n    - {{name: ops, retry: {{base_delay: 1h, max_delay: 1h}}}}\n",
        receiver.url("/hook")
    ));
    project.ok(&["emit", "agent.error"]);
    assert_eq!(parts(&project.run(&["run", "--until-idle", "--max-wait", "300ms"])).0, 4);
    assert_eq!(project.figure("retry_queue_length"), 1, "it still waits for its second try");
}

#[test]
fn what_a_person_holds_does_not_keep_it_from_idleness() {
    let project = Project::new(&unreachable());
    project.ok(&["emit", "agent.error"]);
    project.ok(&["endpoints", "pause", "ops"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    assert_eq!(project.figure("held"), 1);
}

#[test]
fn a_standby_ends_too_once_the_other_has_nothing_left_to_do() {
    let receiver = Receiver::scripted(|_| Answer::status(503));
    let project = Project::new(&format!(
        "hooktui:\n  webhooks:\n    - {{name: ops, url: '{}', retry: {{schedule: [1h]}}}}\n",
        receiver.url("/hook")
    ));
    let first = project.start_unseen(&["run"]);
    project.wait_for_dispatcher(first.pid());
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);

    project.ok(&["emit", "agent.error"]);
    project.wait_for_figure("retry_queue_length", 1);
    let (code, _, err) = parts(&project.run(&["run", "--until-idle", "--max-wait", "100ms"]));
    assert_eq!(code, 4, "a retry can become due: {err}");
    project.ok(&["endpoints", "pause", "ops"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    assert!(first.stop().success());
}

#[test]
fn a_second_one_stands_by_and_takes_over() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    let first = project.start();
    let second = project.start_unseen(&["run"]);
    let told = format!("pid {} dispatches", first.pid());
    wait_until("it stands by", || second.printed().contains(&told));
    first.kill();
    project.wait_for_dispatcher(second.pid());
    project.ok(&["emit", "agent.error"]);
    receiver.wait_for(1);
    assert!(second.stop().success());
}

#[test]
fn a_journal_that_is_removed_ends_whoever_dispatches_and_whoever_stands_by() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    for gone in [".hooktui", ".hooktui/journal.db"] {
        let first = project.start();
        let second = project.start_unseen(&["run"]);
        wait_until("it stands by", || second.printed().contains("standing by"));
        let gone = project.root().join(gone);
        if gone.is_dir() {
            std::fs::remove_dir_all(gone).unwrap();
        } else {
            std::fs::remove_file(gone).unwrap();
        }
        // Neither is there any more to hold the lock of the next one.
        project.ok(&["emit", "agent.error"]);
        for running in [first, second] {
            let told = "journal.db was removed or replaced while in use; start hooktui again";
            wait_until("it says so", || running.printed().contains(told));
            assert_eq!(running.wait().code(), Some(1));
        }
        assert_eq!(project.figure("queue_length"), 1, "what the new journal accepted is there");
    }
}

#[test]
fn a_lock_that_is_removed_is_taken_anew() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    let running = project.start();
    std::fs::remove_file(project.root().join(".hooktui/lock")).unwrap();
    wait_until("it says so", || {
        running.printed().contains("lock was removed or replaced while in use; it is taken anew")
    });
    wait_until("the lock is there", || project.has(".hooktui/lock"));
    project.wait_for_dispatcher(running.pid());
    project.ok(&["emit", "agent.error"]);
    receiver.wait_for(1);
    assert!(running.stop().success());
}

#[test]
fn a_stop_lets_what_is_in_flight_end_and_begins_nothing_new() {
    let receiver = Receiver::good();
    receiver.hold_after(0);
    let project = Project::new(&format!(
        "webhooks:\n  - {{name: ops, url: '{}'}}\nhooktui:\n  webhooks:\n    - {{name: ops, concurrency: 1}}\n",
        receiver.url("/hook")
    ));
    for _ in 0..3 {
        project.ok(&["emit", "agent.error"]);
    }
    let dispatcher = project.start();
    receiver.wait_for(1);
    let stopping = std::thread::spawn(move || dispatcher.stop());
    receiver.release();
    assert!(stopping.join().unwrap().success());
    let status = project.json(&["status"]);
    assert_eq!(status["in_flight"], json!(0));
    assert_eq!(status["dispatcher"], json!(null));
    let delivered = status["total_deliveries"].as_u64().unwrap();
    assert_eq!(delivered + status["queue_length"].as_u64().unwrap(), 3);
    assert!(delivered >= 1);
}

#[test]
fn a_journal_that_moves_in_the_file_is_left_only_once_its_dispatcher_has_ended() {
    let receiver = Receiver::good();
    let here = file(&receiver.url("/hook"));
    let elsewhere = format!("{here}  journal: {{path: elsewhere.db}}\n");
    let project = Project::new(&here);
    let dispatcher = project.start();
    project.ok(&["emit", "agent.error", "--id", "evt-1", "--wait"]);
    project.save(&elsewhere);
    let (code, _, err) = parts(&project.run(&["emit", "agent.error", "--id", "evt-2", "--wait"]));
    assert_eq!(code, 0, "it goes where something is delivered: {err}");
    project.ok(&["endpoints", "pause", "ops"]);
    project.ok(&["emit", "agent.error", "--id", "evt-3"]);
    assert_eq!((project.figure("queue_length"), project.dispatcher()), (1, Some(dispatcher.pid())));
    assert!(!project.has("elsewhere.db"));
    dispatcher.stop();

    project.ok(&["emit", "agent.error", "--id", "evt-4"]);
    assert!(project.has("elsewhere.db"));
    let (code, _, err) = parts(&project.run(&["run", "--until-idle", "--max-wait", "30s"]));
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("the journal has moved: 1 delivery waits in "), "{err}");
    assert!(err.contains(".hooktui/journal.db` delivers"), "{err}");
    assert!(project.ok(&["log"]).contains("the journal has moved: 1 delivery waits"));
    assert_eq!(project.figure("total_deliveries"), 1);
    let old = ["--journal", ".hooktui/journal.db"];
    project.ok(&[&["endpoints", "resume", "ops"], &old[..]].concat());
    project.ok(&[&["run", "--until-idle", "--max-wait", "30s"], &old[..]].concat());
    assert_eq!(receiver.count(), 4);
}
