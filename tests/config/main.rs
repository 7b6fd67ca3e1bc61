//! The file `.ntm.yaml` from its bytes to what it means, and `check` and `init` as a person meets them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there and then")]

#[path = "../support/mod.rs"]
mod support;

mod dialects;
mod ntm;
mod variables;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use hooktui::config::{self, Config, Env, Loaded, Project, Severity};
use hooktui::wire::dialect::RetryOn;
use proptest::prelude::*;

fn load_bytes(bytes: &[u8], variables: &[(&str, &str)]) -> Loaded {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(".ntm.yaml"), bytes).unwrap();
    config::load(&Project::at(directory.path()), &env(variables))
}

fn env(variables: &[(&str, &str)]) -> Env {
    Env::Fixed(
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>(),
    )
}

fn load(yaml: &str) -> Loaded {
    load_bytes(yaml.as_bytes(), &[])
}

#[track_caller]
fn good(yaml: &str, variables: &[(&str, &str)]) -> std::sync::Arc<Config> {
    let loaded = load_bytes(yaml.as_bytes(), variables);
    loaded.config.clone().unwrap_or_else(|| panic!("{yaml}\n{:#?}", lines(&loaded)))
}

/// The problems without the directory in front.
fn lines(loaded: &Loaded) -> Vec<String> {
    let told = loaded.problems.iter().map(|problem| {
        let line = problem.to_string();
        let at = line.find(".ntm.yaml").unwrap_or(0) + ".ntm.yaml".len();
        let mark = match problem.severity {
            Severity::Error => "E",
            Severity::Missing => "M",
            Severity::Warning => "W",
        };
        format!("{mark}{}", &line[at..])
    });
    told.collect()
}

/// An entry of ours with one more key, at line 3.
fn with(key: &str) -> String {
    format!("hooktui: {{webhooks: [{{name: a, url: 'https://h.example/x',\n\n{key}}}]}}")
}

#[test]
fn every_wrong_value_is_told_with_its_place_and_what_would_be_right() {
    for (key, told) in [
        ("tiemout: 1s", "E:3:1: hooktui.webhooks[0].tiemout: unknown key `tiemout`; did you mean `timeout`?"),
        ("timeout: 10", "E:3:10: hooktui.webhooks[0].timeout: `10` has no unit; write 500ms, 10s or 1h30m"),
        (
            "timeout: -1s",
            "E:3:10: hooktui.webhooks[0].timeout: `-1s` is negative, and no duration can be; leave the `-` out",
        ),
        (
            "timeout: 1d",
            "E:3:10: hooktui.webhooks[0].timeout: `1d` counts days: NTM reads this key too and knows none; write hours, such as 24h",
        ),
        (
            "template: '{{.Type'",
            "E:3:11: hooktui.webhooks[0].template: does not parse: line 1, column 1 of the template: this action is not closed; write `}}` behind it",
        ),
        (
            "template: \"{{if .Pane}}\\n{{nope}}{{end}}\"",
            "E:3:11: hooktui.webhooks[0].template: does not parse: line 2, column 3 of the template: there is no function `nope`; there are: and, call, eq, ge, gt, html, index, js, json, jsonEscape, le, len, lt, ne, not, or, print, printf, println, slice, urlquery",
        ),
        ("template: [x]", "E:3:11: hooktui.webhooks[0].template: must be a text, found a list"),
        ("max_age: 0", "E:3:10: hooktui.webhooks[0].max_age: must be longer than 0"),
        ("enabled: yes", "E:3:10: hooktui.webhooks[0].enabled: must be true or false, found `yes`"),
        (
            "events: agent.error",
            "E:3:9: hooktui.webhooks[0].events: must be a list such as [agent.error], found a text",
        ),
        ("retry: 3", "E:3:8: hooktui.webhooks[0].retry: must be a map of keys and values, found a number"),
        ("retry: {jitter: 1.5}", "E:3:17: hooktui.webhooks[0].retry.jitter: must be a number from 0 to 1, found `1.5`"),
        (
            "retry: {on: [3xx]}",
            "E:3:14: hooktui.webhooks[0].retry.on[0]: `3xx` is nothing to retry on; use network, timeout, 4xx, 5xx, any, or a status from 400 to 599",
        ),
        (
            "retry: {base_delay: 9s, max_delay: 2s}",
            "E:3:36: hooktui.webhooks[0].retry.max_delay: is shorter than `base_delay`; no retry could keep both",
        ),
        (
            "circuit: {success_threshold: 0}",
            "E:3:30: hooktui.webhooks[0].circuit.success_threshold: must be a whole number from 1 to 1000, found `0`",
        ),
        (
            "ordering: lifo",
            "E:3:11: hooktui.webhooks[0].ordering: must be `fifo` or `none`, found `lifo`; did you mean `fifo`?",
        ),
        ("rate_limit: 50", "E:3:13: hooktui.webhooks[0].rate_limit: `50` is no rate; write 50/s, 300/m or 1000/h"),
        (
            "max_payload: big",
            "E:3:14: hooktui.webhooks[0].max_payload: `big` is no size; write 512KiB, 10MiB, 1GiB or a number of bytes",
        ),
        (
            "headers: {Host: x}",
            "E:3:11: hooktui.webhooks[0].headers.Host: `Host` is reserved: hooktui sets it itself; remove it",
        ),
        (
            "headers: {x-ntm-signature: x}",
            "E:3:11: hooktui.webhooks[0].headers.x-ntm-signature: `x-ntm-signature` is reserved: hooktui sets it itself; remove it",
        ),
        (
            "headers: {'a b': x}",
            "E:3:11: hooktui.webhooks[0].headers.a b: `a b` is no header name; use letters, digits and `-`",
        ),
        (
            "headers: {X-A: \"s3cret\\nX: y\"}",
            "E:3:16: hooktui.webhooks[0].headers.X-A: a header's value must be one line without control characters",
        ),
        (
            "headers: {X-A: \"a\\rb\"}",
            "E:3:16: hooktui.webhooks[0].headers.X-A: a header's value must be one line without control characters",
        ),
        ("method: GET", "E:3:9: hooktui.webhooks[0].method: must be `POST`, `PUT`, `PATCH` or `DELETE`, found `GET`"),
        (
            "formatter: cloudevent",
            "E:3:12: hooktui.webhooks[0].formatter: must be `json`, `slack`, `discord`, `teams`, `msteams`, `ms-teams`, `microsoft-teams`, `microsoft_teams`, `cloudevents` or `cloudevents-binary`, found `cloudevent`; did you mean `cloudevents`?",
        ),
        ("id: 'a b'", "E:3:5: hooktui.webhooks[0].id: `a b` is no id; use 1 to 128 of A-Z a-z 0-9 . _ : / -"),
        (
            "dialect: stndard",
            "E:3:10: hooktui.webhooks[0].dialect: must be `ntm`, `standard`, `nself`, `marionette`, `pilot` or `pilot-registry`, found `stndard`; did you mean `standard`?",
        ),
        (
            "filter: {session: '[a'}",
            "E:3:19: hooktui.webhooks[0].filter.session: `[a` is a bad glob: a `[` is not closed; `*` is any text, `?` any character, `[a-z]` one of them, `\\[` a bracket",
        ),
        (
            "filter: {severity: [fatal]}",
            "E:3:21: hooktui.webhooks[0].filter.severity[0]: `fatal` is no event's severity; use `error`, `warning`, `success` or `info`",
        ),
        ("id: a, id: b", "E:3:8: hooktui.webhooks[0].id: stands here a second time (first on line 3); keep one"),
        (
            "method: '${'",
            "E:3:9: hooktui.webhooks[0].method: `${` begins a variable such as ${SLACK_URL}; write `$${` for a literal `${`",
        ),
    ] {
        let loaded = load(&with(key));
        assert!(lines(&loaded).iter().any(|line| line == told), "{key}\n{:#?}\nnot: {told}", lines(&loaded));
        assert!(loaded.config.is_none(), "{key}");
    }
}

#[test]
fn bad_urls_are_told_without_being_repeated() {
    for (url, told) in [
        ("''", "is empty; write https://..."),
        ("hooks.example/t0ken", "is no URL: it has no https:// in front"),
        ("ftp://h.example/t0ken", "must begin https:// (or http:// for localhost, 127.0.0.1 and ::1)"),
        (
            "http://h.example/t0ken",
            "http is unencrypted and only for localhost, 127.0.0.1 and ::1; use https, or set `allow_http: true`",
        ),
        ("'https:///'", "is no valid URL; write https://host/path"),
        ("'https://h.example:99999/t0ken'", "is no valid URL; write https://host/path"),
    ] {
        let loaded = load(&format!("webhooks:\n  - name: a\n    url: {url}\n"));
        assert_eq!(lines(&loaded), [format!("E:3:10: webhooks[0].url: {told}")], "{url}");
    }
    for url in ["http://localhost:1/", "http://127.0.0.1/", "http://[::1]:8080/x", "https://h.example"] {
        good(&format!("webhooks: [{{name: a, url: '{url}'}}]"), &[]);
    }
    good("hooktui: {webhooks: [{name: a, url: 'http://h.example', allow_http: true}]}", &[]);
}

#[test]
fn all_problems_are_told_at_once_and_in_file_order() {
    let loaded = load(
        "webhooks:\n  - url: https://h.example\n    events: [a*]\n  - name: b\n    tmeout: 1s\nhooktui:\n  jurnal: {}\n",
    );
    let told: Vec<_> = loaded.problems.iter().map(|problem| (problem.line, problem.path.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, "webhooks[0]"),
            (3, "webhooks[0].events[0]"),
            (4, "webhooks[1]"),
            (5, "webhooks[1].tmeout"),
            (7, "hooktui.jurnal"),
        ]
    );
}

#[test]
fn what_ntm_accepts_is_accepted_and_means_the_same() {
    let config = good(
        "theme: {x: [1]}\nagents: .inf\nwebhooks:\n  - name: ' Ops '\n    url: https://h.example/x\n    events: ['', ' Agent.ERROR ', '*']\n    \
         formatter: MS-Teams\n    filter: {session: 'a*', agent_type: [Claude-Code], severity: [warn]}\n    \
         retry: {max_attempts: 0, backoff: exponential}\n    timeout: 0\n    secret: ' s '\n  - {name: 7, url: 'https://h.example', events: , filter: ~}\n",
        &[],
    );
    let [ops, seven] = &config.endpoints[..] else { panic!("two endpoints") };
    assert_eq!((ops.route.endpoint.as_str(), ops.route.name.as_str()), ("wh_ops_a92c36e6", "Ops"));
    assert_eq!(ops.route.patterns.0, ["agent.error", "*"]);
    assert_eq!(ops.route.filter.agent_type, ["cc"]);
    assert_eq!(ops.policy.retry.max_attempts, NonZeroU32::MIN);
    assert_eq!(ops.policy.timeout, Duration::from_secs(10));
    let target = ops.target.as_ref().unwrap();
    assert_eq!((target.format.as_str(), target.keys.len(), target.method), ("teams", 1, "POST"));
    assert_eq!((seven.route.name.as_str(), seven.route.patterns.0.len(), seven.line), ("7", 0, 12));
    assert_eq!(seven.policy.retry.max_attempts.get(), 5);
}

#[test]
fn a_template_takes_the_place_of_the_formatter() {
    let name = |config: &Config| config.endpoints[0].target.as_ref().unwrap().format_name();
    let yaml = with("formatter: slack, template: '{{.Type}}'");
    let loaded = load(&yaml);
    assert_eq!(name(loaded.config.as_ref().unwrap()), "template");
    let told = lines(&loaded);
    let expected =
        "W:3:12: hooktui.webhooks[0].formatter: has no effect: `template` makes the body; remove one of them";
    assert_eq!(told, [expected]);
    // Empty is none, as in NTM.
    assert_eq!(name(&good(&with("formatter: slack, template: ''"), &[])), "slack");
    // What NTM delivers by itself keeps its formatter.
    let overlaid = "webhooks: [{name: a, url: 'https://h.example/x', formatter: slack}]\n\
                    hooktui: {webhooks: [{name: a, template: '{{.Type}}'}]}";
    let loaded = load(overlaid);
    assert_eq!((name(loaded.config.as_ref().unwrap()), lines(&loaded)), ("template", vec![]));
}

#[test]
fn what_a_variable_put_into_a_template_is_never_told() {
    let yaml = "hooktui: {webhooks: [{name: a, url: 'https://h.example/x', template: 'x {{${WORD} .Type}}'}]}";
    let told = lines(&load_bytes(yaml.as_bytes(), &[("WORD", "s3cr3ts3cr3t")]));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("does not parse at line 1, column 5 of the template"), "{told:?}");
    assert!(!told[0].contains("s3cr3t"), "{told:?}");
    good(yaml, &[("WORD", "json")]);
}

#[test]
fn an_endpoints_key_beats_manager_and_manager_beats_the_built_in() {
    let config = good(
        "hooktui:\n  manager: {worker_count: 3, default_timeout: 7s, queue_size: 9, overflow: drop_oldest, dead_letter_limit: 4}\n  \
         journal: {path: x.db, durability: normal, retention: 2d, max_size: 2MiB}\n  \
         network: {allow: [10.0.0.0/8], deny_private: true}\n  webhooks:\n    - {name: a, url: 'https://h.example'}\n    \
         - name: b\n      url: https://h.example\n      concurrency: 1\n      timeout: 2s\n      rate_limit: 50/m\n      ordering: fifo\n      \
         max_age: 1d\n      enabled: false\n      retry: {base_delay: 1m, factor: 3, jitter: 0.5, schedule: [1s, 2s], on: [any, 429]}\n      \
         circuit: {enabled: false, cooldown: 20m}\n",
        &[],
    );
    let [a, b] = &config.endpoints[..] else { panic!("two endpoints") };
    assert_eq!((a.policy.concurrency, a.policy.timeout), (3, Duration::from_secs(7)));
    assert_eq!((b.policy.concurrency, b.policy.timeout), (1, Duration::from_secs(2)));
    assert_eq!(b.policy.rate_limit.map(|rate| (rate.count.get(), rate.per.as_secs())), Some((50, 60)));
    assert_eq!((b.policy.fifo, b.route.enabled, b.policy.max_age), (true, false, Some(Duration::from_hours(24))));
    let retry = &b.policy.retry;
    assert_eq!((retry.base_delay.as_secs(), retry.max_delay.as_secs(), retry.schedule.len()), (60, 60, 2));
    assert_eq!(retry.on, [RetryOn::Any, RetryOn::Status(429)]);
    assert_eq!((b.policy.circuit.enabled, b.policy.circuit.max_cooldown.as_secs()), (false, 1200));
    let limits = config.manager.limits;
    assert_eq!(
        (limits.queue_size, limits.drop_oldest, limits.dead_letter_limit, limits.max_size),
        (9, true, 4, 2 << 20)
    );
    assert_eq!(config.journal.retention, Duration::from_hours(48));
    assert!(config.network.deny_private && config.network.allow.len() == 1);
}

#[test]
fn an_overlay_adds_our_keys_to_ntms_entry() {
    let config = good(
        "webhooks:\n  - {name: Ops, url: 'https://h.example', retry: {max_attempts: 3}}\nhooktui:\n  webhooks:\n    \
         - {name: ' ops', id: my-id, retry: {base_delay: 2s}}\n    - {name: own, url: 'https://o.example'}\n",
        &[],
    );
    let told: Vec<_> = config.endpoints.iter().map(|e| (e.route.name.as_str(), e.line)).collect();
    assert_eq!(told, [("Ops", 2), ("own", 6)]);
    assert_eq!(config.endpoints[0].route.endpoint, "my-id");
    let retry = &config.endpoints[0].policy.retry;
    assert_eq!((retry.max_attempts.get(), retry.base_delay.as_secs()), (3, 2));
}

#[test]
fn the_last_of_one_name_wins_with_a_warning_and_one_id_twice_is_an_error() {
    let loaded =
        load("webhooks:\n  - {name: a, url: 'https://one.example'}\n  - {name: ' A', url: 'https://two.example'}\n");
    assert_eq!(loaded.config.as_ref().unwrap().endpoints[0].route.host, "two.example");
    assert_eq!(loaded.config.as_ref().unwrap().endpoints.len(), 1);
    assert!(
        lines(&loaded)[0].starts_with("W:2:12: webhooks[0].name: the name is given again on line 3"),
        "{:?}",
        lines(&loaded)
    );
    let loaded = load(
        "hooktui:\n  webhooks:\n  - {name: a, url: 'https://h.example', id: x}\n  - {name: b, url: 'https://h.example', id: x}\n",
    );
    assert!(
        lines(&loaded)[0]
            .starts_with("E:4:45: hooktui.webhooks[1].id: gives the id that the endpoint on line 3 has too"),
        "{:?}",
        lines(&loaded)
    );
}

#[test]
fn of_two_overlays_of_one_name_the_last_wins_with_a_warning() {
    let loaded = load(
        "webhooks:\n  - {name: a, url: 'http://h.example/x', timeout: 5s}\n\
         hooktui: {webhooks: [\n{name: A, secret: left-out-secret},\n{name: a, allow_http: true, timeout: 3s}]}\n",
    );
    let told = "W:4:8: hooktui.webhooks[0].name: the name is given again on line 5, and the last entry wins; rename or remove this one";
    assert_eq!(lines(&loaded), [told]);
    let config = loaded.config.unwrap();
    let [a] = &config.endpoints[..] else { panic!("one endpoint") };
    assert_eq!((a.target.as_ref().unwrap().keys.len(), a.policy.timeout.as_secs(), a.line), (0, 3, 2));
    assert!(!config.scrubber.text("left-out-secret").contains("left-out"));
}

#[test]
fn a_missing_variable_holds_its_endpoint_only() {
    let yaml = "webhooks:\n  - {name: a, url: '${A_URL}'}\n  - {name: b, url: 'https://h.example'}\n";
    let loaded = load(yaml);
    assert_eq!(
        lines(&loaded),
        [
            "M:2:20: webhooks[0].url: $A_URL is not set here; set it where hooktui runs. Until then this endpoint is held"
        ]
    );
    let config = loaded.config.unwrap();
    assert_eq!(config.endpoints[0].missing.as_deref(), Some("$A_URL is not set here"));
    assert!(config.endpoints[0].target.is_none() && config.endpoints[1].target.is_some());
    assert!(!config.route_missing());
    assert_eq!(good(yaml, &[("A_URL", "https://a.example")]).endpoints[0].route.host, "a.example");
}

#[test]
fn a_missing_variable_that_routing_needs_is_known_as_such() {
    for key in [
        "name: ${X}",
        "name: a, id: '${X}'",
        "name: a, events: ['${X}']",
        "name: a, filter: {session: '${X}'}",
        "name: a, enabled: '${X}'",
    ] {
        let config = good(&format!("hooktui: {{webhooks: [{{url: 'https://h.example', {key}}}]}}"), &[]);
        assert!(config.route_missing(), "{key}");
    }
    let config = good(&with("timeout: '${X}'"), &[]);
    assert!(!config.route_missing() && config.endpoints[0].missing.is_some());
}

#[test]
fn secrets_are_known_wherever_they_stand_and_hosts_and_names_are_none() {
    let config = good(
        "hooktui:\n  webhooks:\n  - name: ${NAME}\n    url: https://user12345:passw0rd1@${HOST}/services/T0KEN12345?key=querysecret\n    \
         secret: plain-secret\n    secrets: [older-secret]\n    headers: {Authorization: Bearer abcdefgh, Proxy-Authorization: 'Basic  cHJveHk6cHJveHk=', \
         Cookie: 'mode=dark; sid=c00kie12345;last=\"qu0ted-cookie\"', X-Env: production, X-Key: '${KEY}'}\n",
        &[("NAME", "long-endpoint-name"), ("HOST", "hooks.example.com"), ("KEY", "header-key-1")],
    );
    for secret in [
        "passw0rd1",
        "user12345",
        "T0KEN12345",
        "key=querysecret",
        "plain-secret",
        "older-secret",
        "Bearer abcdefgh",
        "abcdefgh",
        "cHJveHk6cHJveHk=",
        "c00kie12345",
        "qu0ted-cookie",
        "header-key-1",
    ] {
        assert!(!config.scrubber.text(&format!("said {secret}!")).contains(secret), "{secret}");
    }
    for open in ["hooks.example.com", "long-endpoint-name", "production", "mode=dark"] {
        assert_eq!(config.scrubber.text(open), open);
    }
    let shown = format!("{config:?}");
    for secret in ["passw0rd1", "T0KEN12345", "plain-secret", "abcdefgh", "header-key-1"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn an_entry_at_our_own_ingest_address_is_ntms_way_in() {
    let ingest = "hooktui: {ingest: {listen: '127.0.0.1:7999'}}\n";
    let yaml = |url: &str| format!("webhooks: [{{name: in, url: '{url}'}}]\n{ingest}");
    for url in ["http://127.0.0.1:7999/events", "http://localhost:7999", "http://[::1]:7999/"] {
        let config = good(&yaml(url), &[]);
        assert_eq!((config.endpoints.len(), config.ways_in.as_slice()), (0, &["in".to_owned()][..]), "{url}");
    }
    for url in ["http://127.0.0.1:8000/", "https://h.example:7999/"] {
        assert_eq!(good(&yaml(url), &[]).ways_in.len(), 0, "{url}");
    }
    assert!(good("webhooks: [{name: in, url: 'http://127.0.0.1:7717'}]", &[]).ways_in.is_empty(), "ingest is off");
}

#[test]
fn a_variable_needs_no_quotes_in_a_flow_map() {
    let config =
        good("webhooks: [{name: a, url: ${A_URL}, secret: x${S}}]", &[("A_URL", "https://a.example/x"), ("S", "y")]);
    assert_eq!(config.endpoints[0].route.host, "a.example");
    let loaded = load("webhooks: [{name: a, url: ${A_URL}}]");
    assert!(lines(&loaded)[0].starts_with("M:1:27: webhooks[0].url: $A_URL is not set here"), "{:?}", lines(&loaded));
}

#[test]
fn the_same_url_under_a_new_name_looks_renamed() {
    let file = |name: &str| good(&format!("webhooks: [{{name: {name}, url: 'https://h.example/x'}}]"), &[]);
    let (before, after) = (file("old"), file("new"));
    let renamed: Vec<_> =
        after.renamed(&before).iter().map(|(a, b)| (a.route.name.clone(), b.route.name.clone())).collect();
    assert_eq!(renamed, [("old".to_owned(), "new".to_owned())]);
    assert!(before.renamed(&before).is_empty());
}

#[test]
fn where_ntm_would_refuse_the_file_it_is_said() {
    let loaded = load(
        "# ${COMMENTED}\nwebhooks:\n  - name: a\n    url: https://h.example\n    events: [agent.eror, agent, deploy.done, agent.error, agent.*]\n    \
         max_age: 1d\n    retry: {base_delay: 1s}\n    filter: {session: x}\nhooktui:\n  webhooks:\n    - {name: b, url: '${B_URL}', events: [deploy.done]}\n",
    );
    let told = lines(&loaded);
    for expected in [
        "W:1:3: NTM replaces variables in a comment too, and refuses the file while $COMMENTED is not set; set it",
        "W:5:14: webhooks[0].events[0]: NTM does not know the event type `agent.eror` and refuses it; did you mean `agent.error`? If not, put it under `hooktui.webhooks`",
        "W:5:26: webhooks[0].events[1]: NTM knows no patterns and refuses `agent`; write the types out, or move `events` to an entry of the same name under `hooktui.webhooks`",
        "W:5:33: webhooks[0].events[2]: NTM does not know the event type `deploy.done` and refuses it; put it under `hooktui.webhooks`",
        "W:5:59: webhooks[0].events[4]: NTM knows no patterns and refuses `agent.*`; write the types out, or move `events` to an entry of the same name under `hooktui.webhooks`",
        "W:6:5: webhooks[0].max_age: NTM refuses a key here that it does not know; move `max_age` to an entry of the same name under `hooktui.webhooks`",
        "W:7:13: webhooks[0].retry.base_delay: NTM refuses a key here that it does not know; move `retry.base_delay` to an entry of the same name under `hooktui.webhooks`",
        "W:11:23: NTM replaces variables in `hooktui:` too, and refuses the file while $B_URL is not set; set it",
    ] {
        assert!(told.iter().any(|line| line == expected), "{expected}\n{told:#?}");
    }
    assert_eq!(told.len(), 9, "those, and the missing variable: {told:#?}");
    let notes: Vec<_> = loaded.notes.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(notes, ["webhooks", "webhooks[0].filter"]);
}

#[test]
fn an_empty_file_and_no_file_are_blank_and_never_an_error() {
    for text in ["", "\n", "# nothing\n", "---\n"] {
        let loaded = load(text);
        assert!(loaded.blank && loaded.problems.is_empty() && loaded.config.unwrap().endpoints.is_empty(), "{text:?}");
    }
    let directory = tempfile::tempdir().unwrap();
    let loaded = config::load(&Project::at(directory.path()), &env(&[]));
    assert!(loaded.blank && loaded.config.is_none() && loaded.problems.is_empty());
    assert!(!load("theme: dark").blank, "a file of NTM's without webhooks is a file");
}

#[test]
fn a_file_is_fresh_for_two_seconds() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".ntm.yaml");
    fs::write(&path, "a: 1").unwrap();
    for (offset, ahead, fresh) in [(3_600, false, false), (3_600, true, false), (0, false, true)] {
        let now = SystemTime::now();
        let offset = Duration::from_secs(offset);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(if ahead { now + offset } else { now - offset })
            .unwrap();
        assert_eq!(config::load(&Project::at(directory.path()), &env(&[])).fresh, fresh, "{offset:?} {ahead}");
    }
}

#[test]
fn of_two_files_the_first_name_wins_and_a_warning_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let below = directory.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    assert_ne!(Project::find(&below).map(|project| project.root), Some(directory.path().to_owned()));
    fs::write(directory.path().join(".ntm.yml"), "webhooks: [{name: yml, url: 'https://h.example'}]").unwrap();
    let project = Project::find(&below).unwrap();
    assert_eq!((project.root.as_path(), project.file.ends_with(".ntm.yml")), (directory.path(), true));
    fs::write(directory.path().join(".ntm.yaml"), "webhooks: [{name: yaml, url: 'https://h.example'}]").unwrap();
    let loaded = config::load(&project, &env(&[]));
    assert_eq!(loaded.config.as_ref().unwrap().endpoints[0].route.name, "yaml");
    assert!(loaded.problems[0].text.contains("is not read") && loaded.problems[0].severity == Severity::Warning);
}

#[test]
fn a_hostile_file_is_one_clear_error() {
    let bomb = (0..12).fold("webhooks: &k0 [x]\n".to_owned(), |bomb, i| {
        format!("{bomb}k{}: &k{} [{}]\n", i + 1, i + 1, vec![format!("*k{i}"); 9].join(","))
    });
    for (what, bytes, told) in [
        ("alias bomb", bomb.into_bytes(), "nested too deep, or repeats too much"),
        ("brackets", vec![b'['; 100_000], "nested too deep"),
        ("braces", b"{a: ".repeat(40_000), "nested too deep"),
        ("too large", vec![b'#'; (1 << 20) + 1], "larger than 1 MiB"),
        ("not UTF-8", b"a: 1\nb: \xff\n".to_vec(), "is not UTF-8 from here on"),
        ("tabs", b"webhooks:\n\t- name: a\n".to_vec(), "a tab cannot indent YAML"),
        ("binary", (0..=255).collect(), "is not UTF-8"),
        ("a list", b"- a\n".to_vec(), "must be a map"),
        ("many entries", format!("webhooks: [{}]", "x,".repeat(5_000)).into_bytes(), "more than 1000 entries"),
    ] {
        let loaded = load_bytes(&bytes, &[]);
        let told_lines = lines(&loaded);
        assert_eq!(told_lines.len(), 1, "{what}: {told_lines:#?}");
        assert!(told_lines[0].contains(told) && told_lines[0].len() < 300, "{what}: {told_lines:#?}");
        assert!(loaded.config.is_none() && !loaded.blank, "{what}");
    }
    assert!(lines(&load_bytes(b"a: 1\nb: \xff\n", &[]))[0].starts_with("E:2:4: "));
}

#[test]
fn a_thousand_problems_do_not_become_a_thousand_lines() {
    let loaded =
        load(&format!("hooktui: {{{}}}", (0..1_000).map(|i| format!("key_{i}: 1")).collect::<Vec<_>>().join(", ")));
    assert_eq!(loaded.problems.len(), 201);
    assert!(loaded.problems[200].text.starts_with("800 more problems"), "{}", loaded.problems[200]);
}

proptest! {
    #[test]
    fn no_bytes_panic_the_loader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = load_bytes(&bytes, &[]);
    }

    #[test]
    fn no_value_of_a_known_key_panics_the_loader(
        key in prop::sample::select(vec!["name", "url", "events", "filter", "retry", "timeout", "secret", "secrets", "headers", "circuit",
            "rate_limit", "max_payload", "id", "enabled", "formatter", "dialect", "template", "method"]),
        value in "[-:\\[\\]{}&*!|>'\"%@`#?, a-c0-9~<$./]{0,40}",
    ) {
        let text = format!("hooktui:\n  webhooks:\n    - name: a\n      url: https://h.example\n      {key}: {value}\n");
        let _ = load_bytes(text.as_bytes(), &[("a", "b: [")]);
    }
}

#[test]
fn check_exits_1_for_an_invalid_file_and_never_prints_a_secret() {
    let project = support::project::Project::new(
        "webhooks:\n  - name: a\n    url: http://h.example/t0ken-in-path\n    sceret: hunter2hunter2\n    headers: {X-Key: 'k3y-k3y-k3y', Host: x}\n    timeout: soon\n",
    );
    let output = project.run(&["check"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(".ntm.yaml:6:14: webhooks[0].timeout: `soon` is no duration"), "{text}");
    assert!(text.contains("  6 |     timeout: soon\n    |              ^"), "{text}");
    for secret in ["t0ken", "hunter2", "k3y-k3y"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn check_shows_the_endpoints_masked_and_exits_0() {
    let project = support::project::Project::new(
        "webhooks:\n  - {name: a, url: 'https://h.example/t0ken-in-path', secret: hunter2hunter2}\n  - {name: b, url: '${NOT_SET}'}\n",
    );
    let text = project.ok(&["check"]);
    assert!(text.contains("wh_a_ca978112") && text.contains("h.example") && text.contains("signed"), "{text}");
    assert!(text.contains("held: $NOT_SET is not set here"), "{text}");
    assert!(!text.contains("t0ken") && !text.contains("hunter2"), "{text}");
    let json = project.json(&["check"]);
    assert_eq!((&json["valid"], &json["endpoints"][0]["signed"]), (&true.into(), &true.into()), "{json}");
    assert_eq!(
        (&json["problems"][0]["severity"], &json["problems"][0]["line"]),
        (&"missing".into(), &3.into()),
        "{json}"
    );
    assert!(!json.to_string().contains("t0ken"), "{json}");
}

#[test]
fn the_starter_file_passes_check_and_is_never_written_over_another() {
    let project = support::project::Project::empty();
    assert!(project.ok(&["init"]).contains(".ntm.yaml written"));
    let json = project.json(&["check"]);
    assert_eq!((json["valid"].as_bool(), json["problems"].as_array().map(Vec::len)), (Some(true), Some(0)), "{json}");
    assert_eq!(json["notes"].as_array().map(Vec::len), Some(0), "{json}");
    project.save("mine: 1\n");
    let output = project.run(&["init"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(project.root().join(".ntm.yaml")).unwrap(), "mine: 1\n");
}
