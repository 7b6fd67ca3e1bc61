//! Receivers that nobody here wrote verify what the `standard` dialect sends: the `standardwebhooks` libraries of Rust and,
//! where it is installed, of Python.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there and then")]

mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use standardwebhooks::Webhook;
use support::project::Project;
use support::receiver::{Received, Receiver};

/// A delivery that was signed with the newer and the older of two secrets, a third secret that had no part in it, and
/// the secrets themselves.
struct Rotated {
    request: Received,
    newer: String,
    older: String,
    stranger: String,
}

fn rotated() -> Rotated {
    let receiver = Receiver::good();
    let project = Project::empty();
    let secret = || project.json(&["secret", "--dialect", "standard"])["secret"].as_str().unwrap().to_owned();
    let (newer, older, stranger) = (secret(), secret(), secret());
    let url = receiver.url("/hook");
    project.save(&format!(
        "hooktui:\n  webhooks:\n    - {{name: ops, url: '{url}', dialect: standard, secrets: ['{newer}', '{older}']}}\n"
    ));
    // An id with a dot: the libraries take the first one as the end of the id.
    project.ok(&["emit", "agent.error", "-m", "漢字 🚀", "--id", "evt.1"]);
    project.ok(&["run", "--until-idle", "--max-wait", "30s"]);
    Rotated { request: receiver.received().pop().unwrap(), newer, older, stranger }
}

#[test]
fn the_library_of_rust_verifies_both_secrets_of_a_rotation() {
    let Rotated { request, newer, older, stranger } = rotated();
    let headers = request.headers.iter().map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    });
    let headers: HeaderMap = headers.collect();
    assert_eq!(request.header("webhook-id").unwrap().split('_').next(), Some("evt~2e1"));
    for (secret, valid) in [(&newer, true), (&older, true), (&stranger, false)] {
        assert_eq!(Webhook::new(secret).unwrap().verify(&request.body, &headers).is_ok(), valid);
    }
    let other = [&request.body[..], b" "].concat();
    assert!(Webhook::new(&newer).unwrap().verify(&other, &headers).is_err());
}

/// What verifies there, by a word; a stranger's secret must not.
const PYTHON: &str = "
import json, sys
from standardwebhooks import Webhook, WebhookVerificationError
given = json.load(sys.stdin)
for secret in given['secrets']:
    try:
        Webhook(secret).verify(given['body'], given['headers'])
        print('valid')
    except WebhookVerificationError:
        print('not valid')
";

/// The Python that has the library: the one that `.ci/run` has made, else whichever is installed.
fn python() -> Option<String> {
    let named = std::env::var("HOOKTUI_TEST_PYTHON").ok();
    [named, Some("python3".to_owned())].into_iter().flatten().find(|python| {
        let tried = Command::new(python).args(["-c", "import standardwebhooks"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    })
}

#[test]
fn the_library_of_python_verifies_both_secrets_of_a_rotation() {
    let Some(python) = python() else {
        eprintln!("skipped: no Python with `standardwebhooks` (pip install it, or name one in HOOKTUI_TEST_PYTHON)");
        return;
    };
    let Rotated { request, newer, older, stranger } = rotated();
    let headers: serde_json::Map<_, _> =
        request.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let body = String::from_utf8(request.body).unwrap();
    let given = serde_json::json!({ "secrets": [newer, older, stranger], "headers": headers, "body": body });
    let mut child = Command::new(python)
        .args(["-c", PYTHON])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "valid\nvalid\nnot valid\n");
}
