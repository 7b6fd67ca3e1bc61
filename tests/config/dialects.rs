//! Dialects in the file: the rules they bring, the keys that beat them, the secrets and headers they take.

use hooktui::config::Config;

use crate::{good, lines, load, load_bytes, with};

#[test]
fn wrong_secrets_and_headers_are_told_at_their_place() {
    for (key, told) in [
        (
            "dialect: standard, headers: {Webhook-Timestamp: 1}",
            "E:3:30: hooktui.webhooks[0].headers.Webhook-Timestamp: `Webhook-Timestamp` is reserved: hooktui sets it itself; remove it",
        ),
        (
            "dialect: standard, secret: hunter2-hunter2!",
            "E:3:28: hooktui.webhooks[0].secret: is not base64; a secret is `whsec_` and base64: copy it whole, or make one with `hooktui secret --dialect standard`",
        ),
        (
            "dialect: standard, secret: whsec_aHVudGVyMg==",
            "E:3:28: hooktui.webhooks[0].secret: holds 7 bytes, and 24 to 64 are needed; make one with `hooktui secret --dialect standard`",
        ),
        (
            "dialect: standard, secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2L-_aSw]",
            "E:3:70: hooktui.webhooks[0].secrets[1]: is base64 of the URL-safe alphabet; write `+` for `-` and `/` for `_`, with the `=` at its end",
        ),
        ("secrets: [a, '']", "E:3:14: hooktui.webhooks[0].secrets[1]: is empty; give one, or leave it out"),
    ] {
        let loaded = load(&with(key));
        assert_eq!(lines(&loaded), [told], "{key}");
        assert!(loaded.config.is_none(), "{key}");
    }
}

#[test]
fn a_malformed_secret_of_a_variable_is_told_without_it() {
    let yaml = "hooktui:\n  webhooks:\n  - {name: a, url: 'https://h.example', dialect: standard, secret: '${S}'}\n";
    let loaded = load_bytes(yaml.as_bytes(), &[("S", "hunter2-hunter2")]);
    let told = lines(&loaded).join("\n");
    assert!(told.starts_with("E:3:68: hooktui.webhooks[0].secret: is base64 of the URL-safe alphabet"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn a_secret_is_known_without_its_prefix_too() {
    let config = good(&with("dialect: standard, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &[]);
    let said = config.scrubber.text("the key MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw does not fit").into_owned();
    assert!(!said.contains("MfKQ9r8G"), "{said}");
}

#[test]
fn several_secrets_sign_newest_first_and_one_given_twice_signs_once() {
    let config = good(&with("secrets: [new, old, ' new '], secret: old"), &[]);
    assert_eq!(config.endpoints[0].target.as_ref().unwrap().keys.len(), 2);
}

#[test]
fn where_only_the_newest_secret_signs_check_says_so() {
    let notes = |keys: &str| load(&with(keys)).notes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let told = notes("dialect: nself, secrets: [new, old]");
    let expected = "hooktui.webhooks[0].secrets[0]: signs alone: X-Nself-Signature-256 has room for one signature";
    assert!(matches!(&told[..], [one] if one.contains(expected)), "{told:?}");
    let both =
        "dialect: standard, secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]";
    assert!(notes(both).is_empty() && notes("secrets: [new]").is_empty());
}

#[test]
fn a_format_that_ntm_does_not_know_is_told() {
    let loaded = load("webhooks:\n  - {name: a, url: 'https://h.example', formatter: CloudEvents}\n");
    assert!(loaded.config.is_some());
    let told = "W:2:52: webhooks[0].formatter: NTM does not know the formatter `CloudEvents`; move `formatter` to an entry of the same name under `hooktui.webhooks`";
    assert_eq!(lines(&loaded), [told]);
}

/// What a dialect's rules come to: tries, the first delays in seconds, time-out, failures and cooldown of the circuit,
/// limit of the body, success below.
type Rules = (u32, Vec<u64>, u64, (u32, u64), Option<usize>, u16);

fn rules(config: &Config) -> Rules {
    let (policy, target) = (&config.endpoints[0].policy, config.endpoints[0].target.as_ref().unwrap());
    let tries = policy.retry.max_attempts.get();
    let delays = (1..tries).map(|tries| hooktui::engine::retry::delay(&policy.retry, tries, 0.5).as_secs()).collect();
    let circuit = (policy.circuit.failure_threshold, policy.circuit.cooldown.as_secs());
    (tries, delays, policy.timeout.as_secs(), circuit, target.max_payload, policy.success_below)
}

#[test]
fn a_dialect_brings_its_systems_rules() {
    let hour = 3_600;
    for (dialect, expected) in [
        ("ntm", (5, vec![1, 2, 4, 8], 10, (5, 30), None, 300)),
        ("standard", (8, vec![5, 300, 1_800, 2 * hour, 5 * hour, 10 * hour, 10 * hour], 15, (5, 30), None, 300)),
        ("nself", (9, vec![1, 5, 30, 300, 1_800, 2 * hour, 8 * hour, 24 * hour], 10, (5, 600), None, 300)),
        ("marionette", (4, vec![120, 240, 480], 30, (5, 30), Some(10_000_000), 300)),
        ("pilot", (3, vec![1, 2], 5, (5, 30), None, 400)),
        ("pilot-registry", (3, vec![1, 2], 5, (5, 30), None, 400)),
    ] {
        let config = good(&with(&format!("dialect: {dialect}")), &[]);
        assert_eq!(rules(&config), expected, "{dialect}");
        let retry = &config.endpoints[0].policy.retry;
        assert_eq!(retry.jitter.total_cmp(&if dialect == "standard" { 0.2 } else { 0.0 }), std::cmp::Ordering::Equal);
        assert_eq!(config.endpoints[0].policy.circuit.success_threshold, 2);
    }
}

#[test]
fn an_endpoints_keys_beat_its_dialects_rules() {
    for (keys, expected) in [
        ("timeout: 3s, max_payload: 1KiB", (4, vec![120, 240, 480], 3, (5, 30), Some(1_024), 300)),
        ("max_payload: 0", (4, vec![120, 240, 480], 30, (5, 30), None, 300)),
        ("circuit: {failure_threshold: 2, cooldown: 1m}", (4, vec![120, 240, 480], 30, (2, 60), Some(10_000_000), 300)),
        ("retry: {max_attempts: 3, base_delay: 1s}", (3, vec![1, 2], 30, (5, 30), Some(10_000_000), 300)),
    ] {
        assert_eq!(rules(&good(&with(&format!("dialect: marionette, {keys}")), &[])), expected, "{keys}");
    }
    for (keys, delays) in [
        ("max_attempts: 3", vec![1, 5]),
        ("max_delay: 10s, max_attempts: 5", vec![1, 5, 10, 10]),
        ("schedule: [7s], max_attempts: 3", vec![7, 7]),
        ("base_delay: 2s, max_attempts: 4", vec![2, 4, 8]),
    ] {
        let config = good(&with(&format!("dialect: nself, retry: {{{keys}}}")), &[]);
        assert_eq!(rules(&config).1, delays, "{keys}");
    }
    let config = good(
        "hooktui:\n  manager: {default_timeout: 7s}\n  webhooks: [{name: a, url: 'https://h.example', dialect: pilot}]",
        &[],
    );
    assert_eq!(rules(&config).2, 5, "the dialect's time-out beats the manager's");
}
