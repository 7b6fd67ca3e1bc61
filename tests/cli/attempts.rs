//! From `emit` to the receiver, and what is told of it: `run`, `tail`, `show`, `render`, `test`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::project::Project;
use crate::support::receiver::{Answer, Receiver};
use crate::support::wait_until;
use crate::{file, parts};

const SECRET: &str = "a-secret-that-must-not-leak";
const PATH: &str = "/services/T0000/B0000/path-is-secret-too";

/// A file with a secret and a path that is one.
fn secretive(receiver: &Receiver) -> String {
    format!("webhooks:\n  - name: ops\n    url: {}\n    secret: {SECRET}\n", receiver.url(PATH))
}

#[test]
fn an_event_arrives_with_ntms_headers_its_body_and_a_signature_that_verifies() {
    let receiver = Receiver::good();
    let project = Project::new(&secretive(&receiver));
    let answer = project.json(&["emit", "agent.error", "-m", "boom", "--id", "evt-1"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);

    let requests = receiver.received();
    let [request] = requests.as_slice() else { panic!("one request, not {}", requests.len()) };
    assert_eq!(request.path, PATH);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("x-ntm-event-type"), Some("agent.error"));
    assert_eq!(request.header("x-ntm-delivery-id"), answer["deliveries"][0].as_str());
    let body = request.json();
    assert_eq!(
        (&body["id"], &body["type"], &body["message"]),
        (&json!("evt-1"), &json!("agent.error"), &json!("boom"))
    );

    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&request.body);
    let signature = request.header("x-ntm-signature").and_then(|value| value.strip_prefix("sha256=")).unwrap();
    let signature: Vec<u8> =
        (0..signature.len()).step_by(2).map(|at| u8::from_str_radix(&signature[at..at + 2], 16).unwrap()).collect();
    mac.verify_slice(&signature).unwrap();
}

#[test]
fn secrets_never_leave_the_file() {
    let receiver = Receiver::scripted(|_| Answer::status(500).body(&format!("echo {SECRET}")));
    let project = Project::new(&secretive(&receiver));
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    let id = project.json(&["deliveries"])[0]["id"].as_str().unwrap().to_owned();
    let dispatcher = project.start();
    receiver.wait_for(1);
    project.wait_for_figure("in_flight", 0);
    nothing_tells(&[SECRET, PATH], &project, &id);
    assert!(!dispatcher.printed().contains(SECRET));
    dispatcher.stop();
    nothing_holds(&[SECRET, PATH], &project);
}

/// Asserts that no command about the endpoint `ops` and this delivery prints one of the secrets.
#[track_caller]
fn nothing_tells(secrets: &[&str], project: &Project, delivery: &str) {
    let commands: &[&[&str]] = &[
        &["show", delivery],
        &["show", delivery, "--json"],
        &["deliveries"],
        &["log"],
        &["status", "--json"],
        &["endpoints"],
        &["check"],
        &["render", "ops"],
        &["render", "ops", "--json"],
        &["test", "ops"],
        &["test", "ops", "--json"],
    ];
    for args in commands {
        let (_, out, err) = parts(&project.run(args));
        for secret in secrets {
            assert!(!out.contains(secret) && !err.contains(secret), "{args:?} tells {secret}:\n{out}{err}");
        }
    }
}

/// Asserts that no file of the state directory holds one of the secrets.
#[track_caller]
fn nothing_holds(secrets: &[&str], project: &Project) {
    for entry in std::fs::read_dir(project.root().join(".hooktui")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds {secret}", path.display());
        }
    }
}

/// Asserts that an endpoint sends these headers, and that what its receiver says of its secrets is neither shown nor kept.
#[track_caller]
fn echoed(user_info: &str, headers: &str, sent: &[(&str, &str)], secrets: &'static [&'static str]) {
    let receiver = Receiver::scripted(|_| {
        let said = secrets.join(" ");
        Answer::status(400).header("x-echo", &said).body(&said)
    });
    let url = receiver.url("/hook").replace("http://", &format!("http://{user_info}"));
    let project = Project::new(&format!("hooktui: {{webhooks: [{{name: ops, url: '{url}', {headers}}}]}}\n"));
    let answer = project.json(&["emit", "agent.error"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    let request = &receiver.received()[0];
    for (name, value) in sent {
        assert_eq!(request.header(name), Some(*value));
    }
    nothing_tells(secrets, &project, answer["deliveries"][0].as_str().unwrap());
    nothing_holds(secrets, &project);
}

#[test]
fn user_info_of_the_url_is_sent_as_a_header_and_nothing_of_it_is_kept() {
    let secrets = &["YW15OnBAc3MtdzByZA==", "p@ss-w0rd", "p%40ss-w0rd"];
    echoed("amy:p%40ss-w0rd@", "", &[("authorization", "Basic YW15OnBAc3MtdzByZA==")], secrets);
}

#[test]
fn of_a_header_that_is_a_secret_no_part_is_kept_that_is_one_by_itself() {
    let secrets = &["lit-tok-en-abcdefgh", "c00kie-0ne", "c00kie-tw0"];
    let headers =
        "headers: {Authorization: Bearer lit-tok-en-abcdefgh, Cookie: 'theme=dark; id=c00kie-0ne; b=\"c00kie-tw0\"'}";
    echoed("", headers, &[("authorization", "Bearer lit-tok-en-abcdefgh")], secrets);
}

#[test]
fn show_prints_the_request_that_would_go_out_now_as_a_line_of_curl() {
    let receiver = Receiver::good();
    let project = Project::new(&secretive(&receiver));
    let answer = project.json(&["emit", "agent.error", "-m", "it's here", "--id", "evt-1"]);
    let id = answer["deliveries"][0].as_str().unwrap();
    let curl = project.ok(&["show", id, "--curl"]);
    for part in ["curl -X POST ", &receiver.url(PATH), "X-NTM-Signature: sha256=", r"it'\''s here"] {
        assert!(curl.contains(part), "{part}: {curl}");
    }
    assert!(!curl.contains(SECRET));
    assert_eq!(parts(&project.run(&["show", "evt-1", "--curl"])).0, 2, "an event is no request");
    project.save("webhooks: []\n");
    let (code, _, why) = parts(&project.run(&["show", id, "--curl"]));
    assert!(code == 1 && why.contains("not in the file"), "{code}: {why}");
}

#[test]
fn show_tells_every_attempt_with_request_and_response() {
    let receiver = Receiver::scripted(|_| Answer::status(503).header("x-why", "maintenance").body("come back"));
    let project = Project::new(&file(&receiver.url("/hook")));
    let answer = project.json(&["emit", "agent.error", "-m", "boom", "--id", "evt-1"]);
    let id = answer["deliveries"][0].as_str().unwrap();
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);

    let shown = project.json(&["show", id]);
    assert_eq!(
        (&shown["state"], &shown["reason"], &shown["attempts"]),
        (&json!("dead"), &json!("exhausted"), &json!(2))
    );
    assert_eq!(shown["event"]["message"], "boom");
    let log = shown["attempt_log"].as_array().unwrap();
    assert_eq!(log.len(), 2);
    for (entry, number) in log.iter().zip(1..) {
        assert_eq!(
            (&entry["attempt"], &entry["outcome"], &entry["status_code"], &entry["trigger"]),
            (&json!(number), &json!("refused"), &json!(503), &json!("auto"))
        );
        assert!(entry["timestamp"].as_str().unwrap().ends_with('Z'));
        assert!(entry["duration_ms"].as_f64().unwrap() > 0.0);
        assert!(entry["request"]["body"].as_str().unwrap().contains("boom"));
        assert_eq!(entry["response"]["headers"]["x-why"], "maintenance");
        assert_eq!(entry["response"]["body"], "come back");
    }
    let text = project.ok(&["show", id]);
    for told in ["dead for", "2 tries failed", "503", "hooktui dlq retry", "come back"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(project.json(&["dlq", "show", id])["attempt_log"], shown["attempt_log"]);
    assert_eq!(parts(&project.run(&["show", "nothing"])).0, 1);
}

#[test]
fn a_wait_ends_with_the_outcome() {
    let receiver = Receiver::scripted(|request| {
        Answer::status(if request.header("x-ntm-event-type") == Some("agent.error") { 422 } else { 200 })
    });
    let project = Project::new(&file(&receiver.url("/hook")));
    let dispatcher = project.start();
    assert_eq!(parts(&project.run(&["emit", "agent.idle", "--wait"])).0, 0);
    assert_eq!(parts(&project.run(&["emit", "agent.error", "--wait=30s"])).0, 3);
    receiver.hold_after(0);
    assert_eq!(parts(&project.run(&["emit", "agent.idle", "--wait=200ms"])).0, 4);
    receiver.release();
    dispatcher.stop();
}

#[test]
fn tail_shows_attempts_whichever_process_makes_them() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    let mut tail = project.command(["tail", "--json", "--since", "1h"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let before = next();
    project.ok(&["emit", "agent.idle", "--id", "evt-2"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    let live = next();
    tail.kill().unwrap();
    tail.wait().unwrap();
    for (attempt, event, kind) in [(before, "evt-1", "agent.error"), (live, "evt-2", "agent.idle")] {
        assert_eq!(attempt["event"], json!({"id": event, "type": kind}));
        assert_eq!(
            (&attempt["endpoint"], &attempt["attempt"], &attempt["outcome"], &attempt["status_code"]),
            (&json!("ops"), &json!(1), &json!("delivered"), &json!(200))
        );
    }
}

#[test]
fn tail_that_waited_for_the_journal_shows_its_first_attempts() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    let tail = project.start_unseen(&["tail"]);
    wait_until("it waits", || tail.printed().contains("waiting for the first event"));
    project.ok(&["emit", "agent.error", "--id", "evt-1"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    wait_until("the attempt is printed", || tail.printed().contains("agent.error → ops"));
}

#[test]
fn a_template_makes_the_body_and_one_that_fails_makes_a_dead_letter() {
    let receiver = Receiver::good();
    let endpoint = |name: &str, template: &str| {
        format!("    - {{name: {name}, url: '{}', template: '{template}'}}\n", receiver.url("/hook"))
    };
    let good = endpoint("good", "{{json .Details}} {{.Message | printf \"%q\"}}");
    let project = Project::new(&format!("hooktui:\n  webhooks:\n{good}{}", endpoint("bad", "{{.Nope}}")));
    let (code, out, _) = parts(&project.run(&["render", "good"]));
    assert!(code == 0 && out.contains("{\"source\":\"hooktui\"} \"A test"), "{out}");
    let (code, _, told) = parts(&project.run(&["render", "bad"]));
    assert!(code == 1 && told.contains("line 1, column 3 of the template: can't evaluate field Nope"), "{told}");

    // Details that are given and empty are told from none, also by the journal.
    let events = "{\"type\": \"a\", \"details\": {}}\n{\"type\": \"a\"}\n";
    assert_eq!(parts(&project.feed(&["emit", "--stdin"], events)).0, 0);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    let mut bodies: Vec<String> =
        receiver.received().iter().map(|request| String::from_utf8(request.body.clone()).unwrap()).collect();
    bodies.sort();
    assert_eq!(bodies, ["null \"\"", "{} \"\""]);
    assert_eq!(receiver.received()[0].header("content-type"), Some("application/json"));
    let dead = project.json(&["dlq", "list"]);
    assert_eq!(dead.as_array().map(Vec::len), Some(2), "{dead}");
    assert_eq!(dead[0]["reason"], "render", "{dead}");
    assert!(dead[0]["last_error"].as_str().unwrap().contains("can't evaluate field Nope"), "{dead}");
}

#[test]
fn what_a_variable_puts_into_a_template_is_sent_and_neither_kept_nor_shown() {
    const KEY: &str = "Hunter2Hunter2";
    let receiver = Receiver::good();
    let endpoint = |name: &str, template: &str| {
        format!("    - {{id: {name}, name: {name}, url: '{}', template: '{template}'}}\n", receiver.url("/hook"))
    };
    let good = endpoint("good", "{\"key\": \"${KEY}\", \"text\": {{json .Message}}}");
    let project = Project::new(&format!("hooktui:\n  webhooks:\n{good}{}", endpoint("bad", "{{.${KEY}}}")));
    let run = |arguments: &[&str]| parts(&project.command(arguments).env("KEY", KEY).output().unwrap());
    assert_eq!(run(&["emit", "a", "--id", "e1", "-m", "boom"]).0, 0);
    assert_eq!(run(&["run", "--until-idle", "--max-wait", "30s"]).0, 0);
    let sent: Value = serde_json::from_slice(&receiver.received()[0].body).unwrap();
    assert_eq!(sent, json!({"key": KEY, "text": "boom"}));

    let kept = project.json(&["show", "e1_good"])["attempt_log"][0]["request"]["body"].to_string();
    assert!(kept.contains("••••") && kept.contains("boom"), "{kept}");
    let dead = project.json(&["dlq", "list"])[0]["last_error"].to_string();
    assert!(dead.contains("can't evaluate field ••••"), "{dead}");
    let (code, _, told) = run(&["render", "bad"]);
    assert!(code == 1 && told.contains("can't evaluate field ••••"), "{told}");
    for name in ["journal.db", "journal.db-wal"] {
        let bytes = std::fs::read(project.root().join(".hooktui").join(name)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains(KEY), "{name}");
    }
}

#[test]
fn render_shows_what_would_be_sent_and_masks_unless_told_to_reveal() {
    let receiver = Receiver::good();
    let project = Project::new(&secretive(&receiver));
    let event = r#"{"type":"agent.error","id":"evt-1","message":"boom","timestamp":"2026-02-02T03:04:05Z"}"#;
    std::fs::write(project.root().join("event.json"), event).unwrap();
    let masked = project.json(&["render", "ops", "--event", "event.json"]);
    assert_eq!(masked["method"], "POST");
    assert_eq!(masked["headers"]["X-NTM-Event-Type"], "agent.error");
    assert!(!masked["headers"]["X-NTM-Signature"].as_str().unwrap().contains("sha256="));
    let body: Value = serde_json::from_str(masked["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["message"], "boom");

    for (text, told) in
        [("{\n  \"type\": 7,\n  \"typo\": 1\n}", "line 3, column 8: unknown field `typo`"), ("7", "expected an event")]
    {
        let (code, _, err) = parts(&project.feed(&["render", "ops", "--event", "-"], text));
        assert!(code == 1 && err.contains(told), "{err}");
    }
    let revealed = project.json(&["render", "ops", "--event", "event.json", "--reveal"]);
    assert_eq!(revealed["url"], receiver.url(PATH));
    assert!(revealed["headers"]["X-NTM-Signature"].as_str().unwrap().starts_with("sha256="));
    let (code, out, _) = parts(&project.feed(&["render", "ops", "--event", "-"], event));
    assert!(code == 0 && out.contains("boom"), "{out}");
    assert_eq!(parts(&project.run(&["render", "nobody"])).0, 1);
    assert_eq!(receiver.count(), 0);
    assert!(!project.has(".hooktui"));
}

#[test]
fn a_test_event_is_sent_at_once_and_moves_no_circuit() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook")));
    let report = project.json(&["test", "ops"]);
    assert_eq!((&report["outcome"], &report["status_code"]), (&json!("delivered"), &json!(200)));
    receiver.script(|_| Answer::status(500));
    for _ in 0..6 {
        assert_eq!(parts(&project.run(&["test", "ops"])).0, 1);
    }
    assert_eq!(receiver.count(), 7);
    let status = project.json(&["status"]);
    assert_eq!(status["endpoints"][0]["circuit"], "closed");
    assert_eq!((&status["dead_letter_count"], &status["queue_length"]), (&json!(0), &json!(0)));
}

#[test]
fn a_test_before_any_dispatcher_leaves_the_endpoint_as_the_file_has_it() {
    let receiver = Receiver::good();
    let (on, off) = (receiver.url("/on"), receiver.url("/off"));
    let project = Project::new(&format!(
        "webhooks:\n  - {{name: on, url: '{on}'}}\nhooktui:\n  webhooks:\n    - {{name: off, url: '{off}', enabled: false}}\n"
    ));
    let told = || project.json(&["status"])["endpoints"].as_array().unwrap().clone();
    let as_told = |one: &Value| ["id", "name", "url", "state", "disabled_by"].map(|field| one[field].clone());
    let sorted = || {
        let mut rows: Vec<_> = told().iter().map(as_told).collect();
        rows.sort_by_key(|row| row[1].to_string());
        rows
    };
    let before = sorted();
    assert_eq!((&before[0][1], &before[0][3]), (&json!("off"), &json!("disabled")));
    project.ok(&["test", "off"]);
    project.ok(&["test", "on"]);
    assert_eq!(sorted(), before);
    let (code, _, err) = parts(&project.run(&["endpoints", "resume", "off"]));
    assert!(code == 1 && err.contains("enabled: false"), "{err}");
    project.ok(&["endpoints", "pause", "on"]);
}
