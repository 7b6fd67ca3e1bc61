//! What receivers of each dialect get from a real run, and what becomes of a body that is too large.

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::receiver::Receiver;

/// A file with one endpoint, `ops`, and these keys of ours.
fn file(url: &str, keys: &str) -> String {
    format!("hooktui:\n  webhooks:\n    - name: ops\n      url: {url}\n      {keys}\n")
}

#[test]
fn each_dialect_signs_what_it_sends_and_verify_agrees() {
    for dialect in ["ntm", "standard", "nself", "marionette", "pilot", "pilot-registry"] {
        let receiver = Receiver::good();
        let project = Project::empty();
        let secret = project.json(&["secret", "--dialect", dialect])["secret"].as_str().unwrap().to_owned();
        project.save(&file(&receiver.url("/hook"), &format!("dialect: {dialect}\n      secret: {secret}")));
        project.ok(&["emit", "agent.error", "-m", "boom", "--session", "api", "--id", "evt-1"]);
        project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
        let request = receiver.received().pop().unwrap();
        std::fs::write(project.root().join("body"), &request.body).unwrap();
        let lines: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let lines = lines.join("\n");
        let verify = ["verify", "--dialect", dialect, "--secret", &secret, "--header", &lines, "body"];
        assert_eq!(project.ok(&verify), "valid\n", "{dialect}");
        assert!(request.json().is_object(), "{dialect}");
    }
}

#[test]
fn render_and_test_show_the_same_exchange_that_a_delivery_makes() {
    let receiver = Receiver::good();
    let keys = "dialect: nself\n      method: put\n      secret: a-secret-for-nself\n      headers: {X-Team: '${TEAM}', Content-Type: text/json}";
    let project = Project::new(&file(&receiver.url("/hook"), keys));
    let json = |arguments: &[&str]| -> Value {
        let output = project.command(arguments).env("TEAM", "team-from-a-variable").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let rendered = json(&["render", "ops", "--json", "--reveal"]);
    let headers = &rendered["headers"];
    assert_eq!((&rendered["method"], &headers["X-Team"]), (&json!("PUT"), &json!("team-from-a-variable")));
    assert_eq!((&headers["Content-Type"], &headers["X-Nself-Event"]), (&json!("text/json"), &json!("agent.error")));
    assert!(headers["X-Nself-Signature-256"].as_str().unwrap().starts_with("sha256="), "{headers}");
    let masked = json(&["render", "ops", "--json"]);
    assert!(
        !masked.to_string().contains("team-from-a-variable") && !masked.to_string().contains("sha256="),
        "{masked}"
    );
    assert_eq!(receiver.count(), 0);

    let tested = json(&["test", "ops", "--json"]);
    let request = receiver.received().pop().unwrap();
    assert_eq!(
        (request.header("x-team"), request.header("content-type")),
        (Some("team-from-a-variable"), Some("text/json"))
    );
    assert_eq!(tested["request"]["headers"]["X-Nself-Event"], "hooktui.test");
    assert!(!tested.to_string().contains("team-from-a-variable"), "{tested}");
}

#[test]
fn a_body_over_the_limit_is_a_dead_letter_and_the_event_is_kept() {
    let receiver = Receiver::good();
    let project = Project::new(&file(&receiver.url("/hook"), "max_payload: 200B"));
    project.ok(&["emit", "agent.error", "-m", &"x".repeat(200), "--id", "evt-1"]);
    project.ok(&["emit", "agent.error", "-m", "short", "--id", "evt-2"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    assert_eq!(receiver.count(), 1);
    let dead = project.json(&["dlq", "list"]);
    assert_eq!((&dead[0]["reason"], &dead[0]["event"]["id"]), (&json!("too_large"), &json!("evt-1")), "{dead}");
    assert!(dead[0]["last_error"].as_str().unwrap().contains("max_payload allows 200"), "{dead}");
    let event = project.json(&["show", "evt-1"]);
    assert!(event.to_string().contains(&"x".repeat(200)), "{event}");
    // With a higher limit it goes.
    project.save(&file(&receiver.url("/hook"), "max_payload: 1KiB"));
    project.ok(&["dlq", "retry", "--all"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    assert_eq!(receiver.count(), 2);
}

#[test]
fn marionette_takes_10_mb_unless_the_endpoint_says_otherwise() {
    let receiver = Receiver::good();
    let lifted =
        format!("    - {{name: lifted, url: '{}', dialect: marionette, max_payload: 0}}", receiver.url("/lifted"));
    let project = Project::new(&format!("{}{lifted}\n", file(&receiver.url("/hook"), "dialect: marionette")));
    let event = json!({"id": "evt-1", "type": "task.created", "data": "x".repeat(10_000_000)});
    let output = project.feed(&["emit", "--stdin"], &format!("{event}\n"));
    assert!(output.status.success(), "{}", crate::support::project::both(&output));
    project.ok(&["run", "--until-idle", "--max-wait", "50s"]);
    assert_eq!(receiver.received().iter().map(|request| request.path.as_str()).collect::<Vec<_>>(), ["/lifted"]);
    let dead = project.json(&["dlq", "list"]);
    assert_eq!((&dead[0]["reason"], &dead[0]["endpoint"]), (&json!("too_large"), &json!("ops")), "{dead}");
}

#[test]
fn cloudevents_arrive_structured_or_binary() {
    let receiver = Receiver::good();
    let binary = format!("    - {{name: two, url: '{}', formatter: cloudevents-binary}}", receiver.url("/two"));
    let project = Project::new(&format!("{}{binary}\n", file(&receiver.url("/one"), "formatter: cloudevents")));
    project.ok(&["emit", "agent.error", "-m", "boom", "--session", "api", "--id", "evt-1"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    let mut requests = receiver.received();
    requests.sort_by(|a, b| a.path.cmp(&b.path));
    let [one, two] = requests.as_slice() else { panic!("two requests, not {}", requests.len()) };
    assert_eq!(one.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!((&one.json()["id"], &one.json()["source"]), (&json!("evt-1"), &json!("/hooktui/api")));
    assert_eq!((two.header("content-type"), two.header("ce-id")), (Some("application/json"), Some("evt-1")));
    assert_eq!(two.json(), one.json()["data"]);
}
