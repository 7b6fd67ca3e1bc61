//! The clipboard: what is asked, and the very bytes that go there.

use crate::sight::{copied, copied_what, is_in, sees};
use crate::stage::{Console, Opening, Stage};

const SECRET: &str = "a-secret-that-must-not-leak";

/// A dead letter of `e1` at an endpoint that signs, and a console on it.
fn with_dead_letter() -> (Stage, Console) {
    let stage = Stage::refusing();
    let url = stage.receiver.url("/t0ken/path");
    stage.project.save(&format!("webhooks:\n  - name: ops\n    url: {url}\n    secret: {SECRET}\n"));
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching");
    stage.project.ok(&["emit", "agent.error", "-m", "boom", "--id", "e1"]);
    console.press("4").sees("┃▌").sees("permanent: 422");
    (stage, console)
}

#[test]
fn id_url_body_and_curl_of_a_row_are_copied() {
    let (stage, console) = with_dead_letter();
    let id = stage.project.json(&["deliveries"])[0]["id"].as_str().unwrap().to_owned();
    console.does("lists", "copy", is_in("copy")).does("copy", "id", copied(&id)).sees("copied the id");
    console.press("y").does("copy", "url", copied(&stage.receiver.url("/t0ken/path"))).sees("copied the URL");
    let body = String::from_utf8(stage.receiver.received()[0].body.clone()).unwrap();
    console.press("y").does("copy", "body", copied(&body)).sees("copied the body");
    console.press("y").does("copy", "curl", copied_what("a line of curl", |line| line.starts_with("curl ")));
    console.sees("copied a line of curl");
    let curl = console.seen().copied.pop().unwrap();
    assert!(curl.contains(&stage.receiver.url("/t0ken/path")) && curl.contains("X-NTM-Signature: sha256="), "{curl}");
    assert!(curl.contains(&body), "{curl}");
    assert!(!curl.contains(SECRET) && !console.screen().contains("t0ken"));
    console.press("y").does("copy", "close", is_in("dead letters"));
    assert_eq!(console.seen().copied.len(), 4, "nothing was copied by closing");
}

#[test]
fn what_the_tab_shows_is_copied_in_the_inspector() {
    let (stage, console) = with_dead_letter();
    console.press("Enter").sees("Delivery e1_").press("S-Tab").sees("\"boom\"").does(
        "inspector",
        "copy",
        is_in("copy"),
    );
    console.press("b").awaits(copied_what("the event", |text| {
        serde_json::from_str::<serde_json::Value>(text).is_ok_and(|event| event["id"] == "e1")
    }));
    console
        .press("Esc 5")
        .sees("┏━ 5 Events")
        .sees("agent.error")
        .press("G")
        .selects("agent.error")
        .press("y i")
        .awaits(copied("e1"));
    console.press("2 y").sees("Copy").sees("an endpoint has no body").press("u");
    console.awaits(copied(&stage.receiver.url("/t0ken/path")));
}

#[test]
fn before_the_first_event_the_command_to_try_is_copied() {
    let stage = Stage::good();
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching").sees("y copies it");
    console.does("lists", "copy", copied("hooktui emit agent.error -m \"hello\"")).sees("copied the command");
    stage.project.save("webhooks: []\n");
    console.sees("names no endpoint").does(
        "lists",
        "copy",
        copied_what("an endpoint", |text| text.contains("- name: local")),
    );
    console.awaits(sees("copied the example"));
}
