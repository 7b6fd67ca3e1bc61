//! Finding the project, wrong usage, and what is printed where.

use hooktui::journal::lock::DispatcherLock;
use serde_json::{Value, json};

use crate::support::project::Project;
use crate::{parts, unreachable};

/// Every command that needs a project, with arguments that are right otherwise.
const COMMANDS: &[&[&str]] = &[
    &["run"],
    &["emit", "agent.error"],
    &["tail"],
    &["deliveries"],
    &["events"],
    &["log"],
    &["show", "evt-1"],
    &["dlq", "list"],
    &["dlq", "show", "x"],
    &["dlq", "retry", "--all"],
    &["dlq", "clear", "--all", "--yes"],
    &["dlq", "restore", "--all"],
    &["dlq", "export", "--all"],
    &["resend", "x"],
    &["cancel", "--all"],
    &["undo"],
    &["endpoints"],
    &["endpoints", "pause", "--all"],
    &["status"],
    &["check"],
    &["render", "ops"],
    &["test", "ops"],
];

#[test]
fn without_a_project_every_command_exits_2_names_the_cure_and_creates_nothing() {
    for args in COMMANDS {
        let nowhere = Project::empty();
        let (code, out, err) = parts(&nowhere.run(args));
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.contains("hooktui init"), "{args:?}: {err}");
        assert_eq!(std::fs::read_dir(nowhere.root()).unwrap().count(), 0, "{args:?}");
    }
}

#[test]
fn the_project_is_the_nearest_directory_upwards_or_the_one_given() {
    let project = Project::new(&unreachable());
    let below = project.root().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let from_below = project.command(["emit", "agent.error"]).current_dir(&below).output().unwrap();
    assert!(from_below.status.success());

    let elsewhere = Project::empty();
    let root = project.root();
    let directory = root.to_str().unwrap();
    for args in [["-C", directory, "events"], ["events", "--project", directory]] {
        assert_eq!(elsewhere.json(&args).as_array().unwrap().len(), 1);
    }
    for no_project in [below.to_str().unwrap(), "/does/not/exist"] {
        assert_eq!(parts(&elsewhere.run(&["-C", no_project, "events"])).0, 2, "{no_project}");
    }
}

#[test]
fn a_journal_elsewhere_takes_the_place_of_the_projects_own() {
    let project = Project::new(&unreachable());
    let elsewhere = Project::empty();
    let journal = elsewhere.root().join("other.db");
    let option = ["--journal", journal.to_str().unwrap()];
    project.ok(&[&["emit", "agent.error"], option.as_slice()].concat());
    assert!(journal.is_file());
    assert!(!project.has(".hooktui"));
    assert_eq!(project.json(&["events"]), json!([]));
    assert_eq!(project.json(&[&["events"], option.as_slice()].concat()).as_array().unwrap().len(), 1);
}

#[test]
fn a_journal_that_is_a_link_is_the_one_it_leads_to() {
    let project = Project::new(&unreachable());
    let (real, link) = (project.root().join("real.db"), project.root().join("link.db"));
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let through = |path: &std::path::Path, id: &str| {
        let output = project.run(&["emit", "agent.error", "--id", id, "--journal", path.to_str().unwrap()]);
        assert_eq!(parts(&output).0, 0, "{id}: {}", parts(&output).2);
    };
    through(&link, "evt-1");
    through(&real, "evt-2");
    through(&link, "evt-3");
    let link = ["--journal", link.to_str().unwrap()];
    assert_eq!(project.json(&[&["events"], &link[..]].concat()).as_array().unwrap().len(), 3);
    let _dispatching = DispatcherLock::try_take(&real).unwrap().unwrap();
    let (_, _, err) = parts(&project.run(&[&["emit", "agent.error"], &link[..]].concat()));
    assert!(!err.contains("nobody dispatches"), "the lock is one: {err}");
}

#[test]
fn looking_creates_nothing() {
    let project = Project::new(&unreachable());
    for args in [["deliveries"], ["events"], ["log"], ["status"], ["endpoints"]] {
        project.ok(&args);
    }
    assert!(!project.has(".hooktui"));
}

#[test]
fn a_journal_that_cannot_be_looked_at_is_not_taken_for_an_empty_one() {
    let project = Project::new(&unreachable());
    let state = project.root().join(".hooktui");
    let told_by_all = |option: &[&str], told: &[&str]| {
        for args in [&["status", "--check"][..], &["deliveries"], &["endpoints"], &["emit", "agent.error"], &["run"]] {
            let (code, _, err) = parts(&project.run(&[args, option].concat()));
            assert_eq!(code, 1, "{args:?}: {err}");
            assert!(told.iter().all(|told| err.contains(told)), "{args:?}: {err}");
        }
    };
    // What lies below a file cannot be looked at by anybody.
    std::fs::write(&state, "").unwrap();
    told_by_all(&[], &[".hooktui/journal.db", "Not a directory"]);
    std::fs::remove_file(&state).unwrap();
    std::fs::write(project.root().join("no.db"), "no journal, but longer than nothing").unwrap();
    told_by_all(&["--journal", "no.db"], &["no.db", "file is not a database; move that file away"]);
}

#[test]
fn an_empty_journal_says_how_it_becomes_one() {
    let project = Project::new(&unreachable());
    let journal = project.root().join("empty.db");
    let option = ["--journal", journal.to_str().unwrap()];
    std::fs::write(&journal, "").unwrap();
    let (code, _, err) = parts(&project.run(&[&["status"], &option[..]].concat()));
    assert!(code == 1 && err.contains("empty.db: it is empty; `hooktui`"), "{err}");
    project.ok(&[&["emit", "agent.error"], &option[..]].concat());
    project.ok(&[&["status"], &option[..]].concat());
}

#[test]
fn check_tells_a_missing_file_and_an_empty_one() {
    let project = Project::new("webhooks:\n  - {name: ops, url: 'http://127.0.0.1:9/'}\n");
    project.ok(&["endpoints", "pause", "ops"]);
    project.save("# nothing\n");
    let (code, empty, _) = parts(&project.run(&["check"]));
    assert_eq!(code, 0, "{empty}");
    assert!(empty.contains(".ntm.yaml: warning: is empty: the last good one stays in force; restore it"), "{empty}");
    std::fs::remove_file(project.root().join(".ntm.yaml")).unwrap();
    let (code, missing, _) = parts(&project.run(&["check"]));
    assert_eq!(code, 1, "{missing}");
    assert!(missing.contains(".ntm.yaml: is missing: the last good one stays in force; restore it"), "{missing}");
    assert!(missing.contains("not valid: 1 error"), "{missing}");
    let json: Value = serde_json::from_slice(&project.run(&["check", "--json"]).stdout).unwrap();
    assert_eq!((&json["valid"], &json["problems"][0]["severity"]), (&json!(false), &json!("error")));
}

#[test]
fn wrong_usage_exits_2() {
    let project = Project::new(&unreachable());
    for args in [
        &["frobnicate"][..],
        &["emit"],
        &["emit", "a", "--stdin"],
        &["emit", "a", "-d", "no-equals-sign"],
        &["emit", "a", "--data", "{"],
        &["emit", "a", "--timestamp", "yesterday"],
        &["emit", "hooktui.delivery.dead"],
        &["emit", "a", "--endpoint", "nobody"],
        &["emit", "a", "--wait=soon"],
        &["dlq", "retry"],
        &["dlq", "retry", "x", "--all"],
        &["dlq", "clear", "--all"],
        &["dlq", "list", "--group", "--filter", "status:5xx"],
        &["endpoints", "pause"],
        &["deliveries", "--limit", "0"],
        &["deliveries", "--after", "yesterday"],
    ] {
        let (code, out, err) = parts(&project.run(args));
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(!err.is_empty(), "{args:?}");
    }
}

#[test]
fn a_reader_that_goes_is_no_failure() {
    let project = Project::new(&unreachable());
    let lines = "{\"type\":\"agent.error\"}\n".repeat(3000);
    assert_eq!(parts(&project.feed(&["emit", "--stdin"], &lines)).0, 0);
    project.run(&["test", "ops"]);
    for list in [&["events", "--json", "--limit", "3000"][..], &["events"], &["tail", "--since", "1h"]] {
        assert_eq!(parts(&project.run_unread(list)), (0, String::new(), String::new()), "{list:?}");
    }
}

#[test]
fn what_a_command_comes_to_does_not_depend_on_its_reader() {
    let project = Project::new(&unreachable());
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    let body = project.root().join("body.json");
    std::fs::write(&body, "{}").unwrap();
    let verify = ["verify", "--secret", "whsec", "--header", "X-NTM-Signature: sha256=00", body.to_str().unwrap()];
    for (args, expected, told) in [
        (&["status", "--check"][..], 1, "nobody dispatches"),
        (&["cancel", "evt-0"], 1, "evt-0"),
        (&verify, 1, ""),
        (&["emit", "agent.error", "--wait"], 4, "nobody dispatches"),
    ] {
        let (code, _, err) = parts(&project.run_unread(args));
        assert_eq!(code, expected, "{args:?}: {err}");
        assert!(err.contains(told), "{args:?}: {err}");
    }
    project.save("webhooks: [");
    assert_eq!(parts(&project.run_unread(&["check"])).0, 1);
}

#[test]
fn plain_output_has_no_escapes_and_remote_text_is_harmless() {
    let project = Project::new(&unreachable());
    project.ok(&["emit", "agent.error", "-m", "\u{1b}[2J\u{9b}31mgone\nnext", "--id", "evt-1"]);
    for args in [&["events"][..], &["events", "--json"], &["show", "evt-1"], &["show", "evt-1", "--json"]] {
        let out = project.ok(args);
        let control = out.chars().find(|one| one.is_control() && *one != '\n');
        assert_eq!(control, None, "{args:?}: {out:?}");
    }
}

#[test]
fn help_lists_every_command_and_completions_are_made() {
    let project = Project::empty();
    let help = project.ok(&["--help"]);
    let names = COMMANDS.iter().map(|args| args[0]).chain(["sink", "init", "demo", "completions", "keys"]);
    for name in names {
        assert!(help.contains(&format!("\n  {name} ")), "{name}: {help}");
    }
    assert!(project.ok(&["keys"]).contains("| dead letters |"));
    for shell in ["bash", "zsh", "fish"] {
        let script = project.ok(&["completions", shell]);
        assert!(script.contains("deliveries") && script.contains("project"), "{script}");
        let hidden = ["bench-child", "hooktui,screen", "Draw the console's screen"];
        assert_eq!(hidden.map(|hidden| script.contains(hidden)), [false; 3], "{shell}");
    }
    for args in [&["help"][..], &["help", "emit"], &["emit"]] {
        let (_, out, err) = parts(&project.command(args).env("CLICOLOR_FORCE", "1").output().unwrap());
        assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'), "{args:?}");
    }
}
