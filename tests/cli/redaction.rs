//! Redaction: what the file may say of it, and what becomes of an event that holds a secret.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::{file, parts, unreachable};

const PASSWORD: &str = "password=correct-horse";
const PLACEHOLDER: &str = "[REDACTED:PASSWORD:8617282b]";

fn with_redaction(redaction: &str) -> String {
    format!("{}  redaction: {redaction}\n", unreachable())
}

/// What `check` has against `redaction: ...`, which stands on line 9.
fn told(redaction: &str) -> Vec<String> {
    let project = Project::new(&with_redaction(redaction));
    let (_, out, _) = parts(&project.run(&["check", "--json"]));
    let checked: Value = serde_json::from_str(&out).unwrap();
    let problems = checked["problems"].as_array().unwrap();
    problems
        .iter()
        .map(|problem| {
            let text = |key: &str| problem[key].as_str().unwrap().to_owned();
            format!("{}:{}: {}: {}", problem["line"], problem["column"], text("path"), text("text"))
        })
        .collect()
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    for (redaction, problem) in [
        ("{mode: redakt}", "9:21: hooktui.redaction.mode: must be `off`, `warn`, `redact` or `block`, found `redakt`"),
        ("{allowlist: ['(']}", "9:27: hooktui.redaction.allowlist[0]: `(` is no regular expression: unclosed group"),
        ("{allowlist: [a, '.*']}", "9:30: hooktui.redaction.allowlist[1]: `.*` matches the empty text"),
        ("{extra_patterns: acme}", "9:31: hooktui.redaction.extra_patterns: must be a list"),
        (
            "{extra_patterns: ['(?=a)']}",
            "9:32: hooktui.redaction.extra_patterns[0]: `(?=a)` is no regular expression: look",
        ),
        ("{extra_patterns: {acme: [a]}}", "9:32: hooktui.redaction.extra_patterns.acme: is no name of a category"),
        ("{extra_patterns: {ACME: ['[']}}", "9:39: hooktui.redaction.extra_patterns.ACME[0]: `[` is no regular"),
        (
            "{extra_patterns: ['${HOME}']}",
            "9:32: hooktui.redaction.extra_patterns[0]: is made from a variable, and patterns",
        ),
        ("{disabled_categories: [PASWORD]}", "9:37: hooktui.redaction.disabled_categories[0]: must be `OPENAI_KEY`"),
    ] {
        let told = told(redaction);
        assert!(told.len() == 1 && told[0].starts_with(problem), "{redaction}: {told:?}");
    }
    assert!(told("{disabled_categories: [PASWORD]}")[0].ends_with("did you mean `PASSWORD`?"));
}

#[test]
fn check_shows_what_is_in_force() {
    let project = Project::new(&unreachable());
    assert!(project.ok(&["check"]).contains("\nredaction: redact\n"));
    project.save(&with_redaction(
        "{mode: WARN, allowlist: [a], extra_patterns: {ACME: [b, c]}, disabled_categories: [jwt, PASSWORD]}",
    ));
    let text = project.ok(&["check"]);
    let line = "\nredaction: warn, 2 extra patterns, 1 pattern allowed, without JWT PASSWORD\n";
    assert!(text.contains(line) && !text.contains("no effect"), "{text}");
    assert_eq!(
        project.json(&["check"])["redaction"],
        json!({
            "mode": "warn", "allowlist": ["a"], "disabled_categories": ["JWT", "PASSWORD"],
            "extra_patterns": [{"category": "ACME", "pattern": "b"}, {"category": "ACME", "pattern": "c"}],
        })
    );
}

#[test]
fn a_secret_is_replaced_before_the_journal_has_it() {
    let project = Project::new(&with_redaction("{extra_patterns: ['acme-[0-9]+']}"));
    let data = r#"{"keys": ["acme-1234", 1.50]}"#;
    project.ok(&[
        "emit",
        "agent.error",
        "--id",
        "e1",
        "-m",
        PASSWORD,
        "-d",
        "cmd=login password=correct-horse",
        "--data",
        data,
    ]);
    let event = &project.json(&["show", "e1"])["event"];
    assert_eq!(
        (&event["message"], &event["details"], &event["data"]),
        (
            &json!(PLACEHOLDER),
            &json!({"cmd": format!("login {PLACEHOLDER}")}),
            &json!({"keys": ["[REDACTED:CUSTOM:b313aea9]", 1.5]})
        )
    );
    for name in ["journal.db", "journal.db-wal"] {
        let bytes = std::fs::read(project.root().join(".hooktui").join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("correct-horse") && !text.contains("acme-1234"), "{name}");
    }
}

#[test]
fn in_mode_warn_the_log_tells_and_the_event_goes_as_it_is() {
    let project = Project::new(&with_redaction("{mode: warn}"));
    project.ok(&["emit", "agent.error", "--id", "e1", "-d", &format!("cmd={PASSWORD}")]);
    assert_eq!(project.json(&["show", "e1"])["event"]["details"]["cmd"], PASSWORD);
    let log = project.json(&["log"]);
    assert_eq!(log[0]["level"], "warning");
    let text = log[0]["text"].as_str().unwrap();
    assert!(text.starts_with("event e1 seems to hold secrets: PASSWORD in details.cmd; "), "{text}");
    assert!(!log.to_string().contains("correct-horse"), "{log}");
}

#[test]
fn in_mode_block_an_event_is_refused_with_category_and_place() {
    let project = Project::new(&with_redaction("{mode: block}"));
    let (code, out, err) =
        parts(&project.run(&["emit", "agent.error", "-m", PASSWORD, "-d", &format!("a\x1b[2Jb={PASSWORD}")]));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("PASSWORD in message, PASSWORD in details.a"), "{err}");
    assert!(!err.contains("correct-horse") && !err.contains('\x1b'), "{err}");

    let input = format!("{{\"type\":\"a\"}}\n{{\"type\":\"a\",\"data\":[\"{PASSWORD}\"]}}\n{{\"type\":\"a\"}}");
    let (code, out, _) = parts(&project.feed(&["emit", "--stdin", "--json"], &input));
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, answers.len(), &answers[1]["line"]), (1, 3, &json!(2)));
    assert!(answers[1]["error"].as_str().unwrap().contains("PASSWORD in data[0]"), "{out}");
    assert_eq!(project.json(&["events"]).as_array().unwrap().len(), 2);
}

#[test]
fn while_a_dispatcher_lives_its_applied_revision_decides_how_events_are_redacted() {
    let project = Project::new(&with_redaction("{mode: off}"));
    project.ok(&["run", "--until-idle"]);
    let journal = project.root().join(".hooktui/journal.db");
    project.save(&with_redaction("{mode: block}"));
    let lock = hooktui::journal::lock::DispatcherLock::try_take(&journal).unwrap().unwrap();
    project.ok(&["emit", "agent.error", "--id", "e1", "-m", PASSWORD]);
    assert_eq!(project.json(&["show", "e1"])["event"]["message"], PASSWORD);
    drop(lock);
    assert_eq!(parts(&project.run(&["emit", "agent.error", "-m", PASSWORD])).0, 1);
}

#[test]
fn render_shows_the_event_as_it_would_be_accepted() {
    let project = Project::new(&unreachable());
    let event = project.root().join("event.json");
    std::fs::write(&event, format!("{{\"type\":\"a\",\"message\":\"{PASSWORD}\"}}")).unwrap();
    let render = |project: &Project| parts(&project.run(&["render", "ops", "--event", event.to_str().unwrap()]));
    assert!(render(&project).1.contains(PLACEHOLDER));
    project.save(&with_redaction("{mode: warn}"));
    let (_, out, err) = render(&project);
    assert!(out.contains(PASSWORD) && err.contains("PASSWORD in message"), "{out}{err}");
    project.save(&with_redaction("{mode: block}"));
    let (code, _, err) = render(&project);
    assert!(code == 1 && err.contains("PASSWORD in message"), "{err}");
}

#[test]
fn what_a_receiver_answers_is_kept_redacted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let receiver = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 8192]).unwrap();
        let answer = format!(
            "HTTP/1.1 400 Bad Request\r\nX-Debug: {PASSWORD}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PASSWORD}",
            PASSWORD.len()
        );
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let project = Project::new(&file(&url));
    let (_, out, _) = parts(&project.run(&["test", "ops"]));
    receiver.join().unwrap();
    assert_eq!(out.matches(PLACEHOLDER).count(), 3, "{out}");
    assert!(!out.contains("correct-horse"), "{out}");
}
