//! `secret`, `sign`, `verify`: for every dialect, byte for byte, and never with the secret in what they say.

use std::process::Output;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::parts;
use crate::support::project::Project;

const DIALECTS: [&str; 6] = ["ntm", "standard", "nself", "marionette", "pilot", "pilot-registry"];

fn vectors() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../vectors/signatures.json")).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn now() -> String {
    jiff::Timestamp::now().as_second().to_string()
}

/// Runs a command with a body on its standard input, and the secret in `$HOOK_SECRET`.
fn with_body(project: &Project, arguments: &[&str], secret: &str, body: &[u8]) -> Output {
    std::fs::write(project.root().join("body"), body).unwrap();
    let mut command = project.command(arguments);
    command.args(["--secret-env", "HOOK_SECRET", "-"]).env("HOOK_SECRET", secret);
    command.stdin(std::fs::File::open(project.root().join("body")).unwrap()).output().unwrap()
}

#[test]
fn sign_prints_the_headers_of_the_vectors_from_a_file_or_standard_input() {
    let project = Project::empty();
    for case in vectors() {
        let text = |key: &str| case[key].as_str().unwrap_or("id-1").to_owned();
        let seconds = case["timestamp"].as_i64().unwrap_or(1).to_string();
        let (dialect, id, secret, body) = (text("dialect"), text("id"), text("secret"), text("body"));
        let arguments = ["sign", "--dialect", &dialect, "--id", &id, "--timestamp", &seconds];
        let (code, out, err) = parts(&with_body(&project, &arguments, &secret, body.as_bytes()));
        let line = format!("{}: {}\n", text("header"), text("value"));
        assert!(code == 0 && out.ends_with(&line), "{case}\n{out}{err}");
        std::fs::write(project.root().join("in-a-file"), &body).unwrap();
        let from_file = project.ok(&[&arguments[..], &["--secret", &secret, "in-a-file"]].concat());
        assert_eq!(from_file, out);
    }
}

#[test]
fn what_sign_prints_verify_takes_for_every_dialect() {
    let project = Project::empty();
    let body = b"{\"a\": \"\xff\x00\"}\r\n\n";
    for dialect in DIALECTS {
        let made = project.json(&["secret", "--dialect", dialect]);
        let secret = made["secret"].as_str().unwrap();
        let (code, lines, _) = parts(&with_body(&project, &["sign", "--dialect", dialect], secret, body));
        assert_eq!(code, 0);
        let verify = ["verify", "--dialect", dialect, "--header", &lines];
        let (code, out, _) = parts(&with_body(&project, &verify, secret, body));
        assert_eq!((code, out.as_str()), (0, "valid\n"), "{dialect}\n{lines}");
        let (code, out, _) = parts(&with_body(&project, &verify, secret, &body[..body.len() - 1]));
        assert!(code == 1 && out.starts_with("not valid: no signature matches"), "{dialect}: {out}");
        let other = project.json(&["secret", "--dialect", dialect])["secret"].as_str().unwrap().to_owned();
        let (code, out, err) = parts(&with_body(&project, &verify, &other, body));
        assert_eq!(code, 1, "{dialect}");
        assert!(!format!("{out}{err}").contains(&other), "{dialect}: {out}{err}");
        // The older secret of a rotation, given beside the newer one.
        let rotated = [&verify[..], &["--secret", &other]].concat();
        assert_eq!(parts(&with_body(&project, &rotated, secret, body)).0, 0, "{dialect}");
    }
}

#[test]
fn verify_says_which_part_is_wrong() {
    let project = Project::empty();
    let secret = format!("whsec_{}", STANDARD.encode([7; 32]));
    let signed = |seconds: &str| {
        let arguments = ["sign", "--dialect", "standard", "--id", "evt-1", "--timestamp", seconds];
        parts(&with_body(&project, &arguments, &secret, b"{}")).1
    };
    let verdict = |headers: &str| {
        let arguments = ["verify", "--dialect", "standard", "--json", "--header", headers];
        let (code, out, err) = parts(&with_body(&project, &arguments, &secret, b"{}"));
        let report: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
        (code, report["wrong"].clone(), report["text"].as_str().unwrap_or_default().to_owned())
    };
    let good = signed(&now());
    assert_eq!(verdict(&good), (0, Value::Null, String::new()));
    let (code, wrong, text) = verdict(&signed("1700000000"));
    assert!(code == 1 && wrong == "age" && text.contains("the signature itself matches"), "{text}");
    let without_id = good.lines().filter(|line| !line.starts_with("webhook-id")).collect::<Vec<_>>().join("\n");
    assert_eq!(verdict(&without_id), (1, "missing".into(), "there is no webhook-id header".to_owned()));
    let (code, wrong, _) = verdict(&good.replace("evt-1", "evt-2"));
    assert_eq!((code, wrong), (1, "signature".into()));
    let (code, wrong, _) = verdict(&good.replace("v1,", ""));
    assert_eq!((code, wrong), (1, "malformed".into()));
}

#[test]
fn wrong_usage_is_told_without_the_secret() {
    let project = Project::empty();
    std::fs::write(project.root().join("body"), "{}").unwrap();
    let standard = ["sign", "--dialect", "standard", "body"];
    for (arguments, told) in [
        (&["sign", "body"][..], "no secret is given"),
        (&[&standard[..], &["--secret", "hunter2hunter2"]].concat(), "--secret: is not base64"),
        (
            &[&standard[..], &["--secret", "whsec_hunter2-_AAA"]].concat(),
            "--secret: is base64 of the URL-safe alphabet",
        ),
        (&[&standard[..], &["--secret", "whsec_aHVudGVyMg=="]].concat(), "--secret: holds 7 bytes"),
        (&[&standard[..], &["--secret-env", "NOT_SET"]].concat(), "NOT_SET: is not set"),
        (
            &["sign", "--dialect", "slack", "--secret", "hunter2hunter2", "body"],
            "[possible values: ntm, standard, nself, marionette, pilot, pilot-registry]",
        ),
        (&["verify", "--secret", "hunter2hunter2", "--header", "no colon", "body"], "`Name: value`"),
        (&["sink", "--dialect", "standard", "--secret", "hunter2hunter2"], "--secret: is not base64"),
    ] {
        let (code, out, err) = parts(&project.run(arguments));
        assert!(code == 2 && err.contains(told), "{arguments:?}: {code}\n{err}");
        assert!(!format!("{out}{err}").contains("hunter2"), "{out}{err}");
    }
    let (code, _, err) = parts(&project.run(&["sign", "--secret", "x", "nowhere"]));
    assert!(code == 1 && err.contains("cannot read nowhere"), "{err}");
}

#[test]
fn a_new_secret_comes_with_its_hash_and_its_beginning() {
    let project = Project::empty();
    for dialect in DIALECTS {
        let made = project.json(&["secret", "--dialect", dialect]);
        let secret = made["secret"].as_str().unwrap();
        let hash = hooktui::wire::key::hex(&Sha256::digest(secret));
        assert_eq!((&made["sha256"], &made["prefix"]), (&hash.into(), &secret[..8].into()));
        match secret.strip_prefix("whsec_") {
            Some(encoded) => assert_eq!((dialect, STANDARD.decode(encoded).unwrap().len()), ("standard", 32)),
            None => assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{secret}"),
        }
        assert_ne!(project.json(&["secret", "--dialect", dialect])["secret"], secret);
    }
    let lines = project.ok(&["secret"]);
    let words: Vec<&str> = lines.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(words, ["secret", "sha256", "prefix"]);
}
