//! `${VAR}` in values: what becomes of it, and that nothing tells what a variable holds.

use secrecy::ExposeSecret as _;

use crate::{good, lines, load_bytes, with};

/// Values that are wrong nearly everywhere, each in a way of its own.
const HELD: &[&str] = &[
    "s3cr3t s3cr3t",
    "s3cr3t.*.x",
    "-s3cr3t",
    "(s3cr3t",
    "hooktui-s3cr3t",
    "[s3cr3t, [s3cr3t]]",
    "{s3cr3t: s3cr3t}",
    "{'s3cr3t s3cr3t'}",
];

/// Every key of an entry that takes a value, `V` standing for it, and each of `hooktui:`.
const ENTRY: &[&str] = &[
    "id: V",
    "events: V",
    "events: [V]",
    "filter: V",
    "filter: {session: '[V'}",
    "filter: {session: V, agent_type: V, severity: V}",
    "filter: {agent_type: [V], severity: [V]}",
    "enabled: V",
    "method: V",
    "formatter: V",
    "template: '{{V .Type}}'",
    "dialect: V",
    "dialect: standard, secret: V, secrets: [V]",
    "secrets: V",
    "headers: V",
    "headers: {X-Key: V, Host: V}",
    "timeout: V",
    "retry: V",
    "retry: {max_attempts: V, backoff: V, base_delay: V, max_delay: V, factor: V, jitter: V, schedule: [V], on: [V]}",
    "retry: {schedule: V, on: V}",
    "circuit: V",
    "circuit: {enabled: V, failure_threshold: V, success_threshold: V, cooldown: V, max_cooldown: V}",
    "concurrency: V, rate_limit: V, ordering: V, max_payload: V, max_age: V, allow_http: V",
];
const SETTINGS: &[&str] = &[
    "webhooks: V",
    "webhooks: [V]",
    "webhooks: [{name: V, url: V}]",
    "webhooks: [{name: a, id: V, url: 'https://h.example'}, {name: b, id: V, url: 'https://h.example'}]",
    "manager: V",
    "manager: {queue_size: V, overflow: V, worker_count: V, default_timeout: V, dead_letter_limit: V}",
    "journal: {path: V, durability: V, retention: V, max_size: V}",
    "ingest: {listen: V, token: V, secret: V}",
    "sources: V",
    "sources: [V, {file: V/}, {sse: V}]",
    "redaction: {mode: V, allowlist: V, extra_patterns: V, disabled_categories: [V]}",
    "redaction: {allowlist: [V], extra_patterns: {ACME: [V]}}",
    "network: {allow: [V], deny_private: V}",
];

#[test]
fn no_problem_repeats_what_a_variable_holds() {
    let entries = ENTRY.iter().map(|key| format!("webhooks: [{{name: a, url: 'https://h.example', {key}}}]"));
    for key in entries.chain(SETTINGS.iter().map(|key| (*key).to_owned())) {
        let ours = format!("hooktui: {{{}}}", key.replace('V', "${SECX}"));
        for held in HELD {
            let loaded = load_bytes(ours.as_bytes(), &[("SECX", held)]);
            let mut told = lines(&loaded);
            told.extend(loaded.notes.iter().map(ToString::to_string));
            assert!(!told.iter().any(|line| line.to_lowercase().contains("s3cr3t")), "{ours}\n{told:#?}");
        }
    }
}

#[test]
fn what_a_variable_holds_is_told_to_be_wrong_without_it() {
    for (key, told) in [
        (
            "events: [\"${SECX}.*.x\"]",
            "hooktui.webhooks[0].events[0]: what the variable holds can match nothing; use letters, digits, `.`, `_`, `-`, and a `*` alone or as the last part after a dot",
        ),
        (
            "filter: {severity: [\"${SECX}\"]}",
            "hooktui.webhooks[0].filter.severity[0]: what the variable holds is no event's severity; use `error`, `warning`, `success` or `info`",
        ),
        (
            "retry: {backoff: \"${SECX}\"}",
            "hooktui.webhooks[0].retry.backoff: what the variable holds is not known and read as `exponential`; use `factor: 1` for equal delays",
        ),
    ] {
        let loaded = load_bytes(with(key).as_bytes(), &[("SECX", "hunter2hunter2")]);
        let lines = lines(&loaded);
        assert!(matches!(&lines[..], [line] if line.ends_with(told)), "{key}: {lines:#?}");
    }
}

#[test]
fn a_value_that_is_one_variable_may_be_a_list_or_a_map() {
    let keys =
        "events: ${EVENTS}, retry: ${RETRY}, secrets: ${SECRETS}, headers: ${HEADERS}, filter: {severity: ${SEVERITY}}";
    let config = good(
        &with(keys),
        &[
            ("EVENTS", "[agent.error, agent.idle]"),
            ("RETRY", "{max_attempts: 3, schedule: [2s, 7s]}"),
            ("SECRETS", "[new-secret, old-secret]"),
            ("HEADERS", "{\"X-Key\": \"header-key\"}"),
            ("SEVERITY", "[]"),
        ],
    );
    let endpoint = &config.endpoints[0];
    assert_eq!(endpoint.route.patterns.0, ["agent.error", "agent.idle"]);
    assert_eq!((endpoint.policy.retry.max_attempts.get(), endpoint.policy.retry.schedule.len()), (3, 2));
    let target = endpoint.target.as_ref().unwrap();
    let [header] = &target.headers[..] else { panic!("one header") };
    assert_eq!((header.name.as_str(), header.value.expose_secret(), header.secret), ("X-Key", "header-key", true));
    assert_eq!(target.keys.len(), 2);
    for secret in ["new-secret", "old-secret", "header-key"] {
        assert!(!config.scrubber.text(secret).contains(secret), "{secret}");
    }
}

#[test]
fn where_a_variable_holds_the_wrong_kind_it_is_named() {
    for (key, held, told) in [
        (
            "events: ${SECX}",
            "agent.error",
            "E:3:9: hooktui.webhooks[0].events: must be a list such as [agent.error], found a text in $SECX",
        ),
        (
            "retry: ${SECX}",
            "3",
            "E:3:8: hooktui.webhooks[0].retry: must be a map of keys and values, found a number in $SECX",
        ),
        (
            "secret: ${SECX}",
            "{hunter2}",
            "E:3:9: hooktui.webhooks[0].secret: must be a text, found a map in $SECX; if it is meant as one text, write \"${SECX}\" in quotes",
        ),
        (
            "retry: ${SECX}",
            "{max_atempts: 3}",
            "E:3:8: hooktui.webhooks[0].retry: unknown key in $SECX; did you mean `max_attempts`?",
        ),
        (
            "headers: ${SECX}",
            "{Host: a}",
            "E:3:10: hooktui.webhooks[0].headers: a key in $SECX is reserved: hooktui sets it itself; remove it",
        ),
    ] {
        let loaded = load_bytes(with(key).as_bytes(), &[("SECX", held)]);
        assert_eq!(lines(&loaded), [told], "{key}");
    }
}
