//! The vectors of `tests/vectors`: what other systems do, recorded.

#![cfg(test)]

use hooktui::event::pattern::Patterns;
use hooktui::event::redact::{Mode, Passed, Policy};
use hooktui::event::{Event, Severity, StoredEvent, id};
use hooktui::wire::{Dialect, Format, Message, SecretUrl, Target, Template, dialect, render};
use secrecy::SecretString;
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    let cases = file["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn body(format: Format, event: &Event) -> Value {
    body_of(&dialect::NTM, format, event, 1)
}

fn body_of(dialect: &'static Dialect, format: Format, event: &Event, event_seq: i64) -> Value {
    let target = Target {
        url: SecretUrl::new("https://example.com/".parse().unwrap()),
        method: "POST",
        headers: Vec::new(),
        format,
        template: None,
        dialect,
        keys: Vec::new(),
        max_payload: None,
    };
    let event = &StoredEvent::try_from(event.clone()).unwrap();
    let message = Message { event, event_seq, delivery_id: "d", attempt: 1, unix_seconds: 0 };
    serde_json::from_slice(&render(&target, message).unwrap().body).unwrap()
}

/// NTM sends Discord empty values, which Discord refuses; here they are a zero-width space (dialects.md, the limits).
fn without_empty_values(mut discord: Value) -> Value {
    let fields = discord.pointer_mut("/embeds/0/fields").and_then(Value::as_array_mut);
    for field in fields.into_iter().flatten().filter(|field| field["value"] == "") {
        field["value"] = "\u{200b}".into();
    }
    discord
}

#[test]
fn bodies_are_those_of_ntm() {
    for case in cases(include_str!("vectors/formats.json")) {
        let event: Event = serde_json::from_value(case["event"].clone()).unwrap();
        let id = &event.id;
        assert_eq!(body(Format::Json, &event), case["json"], "json {id}");
        assert_eq!(body(Format::Slack, &event), case["slack"], "slack {id}");
        assert_eq!(body(Format::Discord, &event), without_empty_values(case["discord"].clone()), "discord {id}");
        assert_eq!(body(Format::Teams, &event), case["teams"], "teams {id}");
    }
}

#[test]
fn envelopes_are_those_of_each_dialect() {
    for case in cases(include_str!("vectors/envelopes.json")) {
        let event: Event = serde_json::from_str(&case["event"].to_string()).unwrap();
        let bodies = case["bodies"].as_object().unwrap();
        assert_eq!(bodies.len(), dialect::ALL.len());
        for (name, expected) in bodies {
            let dialect = Dialect::from_word(name).unwrap();
            let body = body_of(dialect, Format::Json, &event, case["sequence"].as_i64().unwrap());
            assert_eq!(&body, expected, "{name} {}", event.id);
        }
    }
}

#[test]
fn severities_are_those_of_ntm() {
    for case in cases(include_str!("vectors/formats.json")) {
        let kind = case["event"]["type"].as_str().unwrap();
        assert_eq!(case["severity"], Severity::of_type(kind).as_str(), "{kind}");
    }
}

#[test]
fn endpoint_ids_are_those_of_ntm() {
    for case in cases(include_str!("vectors/webhook_ids.json")) {
        let name = case["name"].as_str().unwrap();
        assert_eq!(case["id"], id::stable_endpoint_id(name), "{name}");
    }
}

#[test]
fn patterns_match_as_in_ntm() {
    for case in cases(include_str!("vectors/match.json")) {
        let patterns = case["patterns"].as_array().unwrap().iter().map(|pattern| pattern.as_str().unwrap());
        let matched = Patterns::new(patterns).matches(case["type"].as_str().unwrap());
        assert_eq!(case["match"], matched, "{case}");
    }
}

#[test]
fn templates_make_what_ntm_makes_of_them() {
    let file: Value = serde_json::from_str(include_str!("vectors/templates.json")).unwrap();
    let events = file["events"].as_array().unwrap();
    let events: Vec<Event> = events.iter().map(|event| serde_json::from_value(event.clone()).unwrap()).collect();
    for case in cases(include_str!("vectors/templates.json")) {
        let source = case["template"].as_str().unwrap();
        let template = Template::parse(source);
        assert_eq!(template.is_err(), case["parse_error"].is_string(), "{source}: {template:?}");
        let Ok(template) = template else { continue };
        for output in case["outputs"].as_array().unwrap() {
            let event = &events[usize::try_from(output["event"].as_u64().unwrap()).unwrap()];
            match (template.render(event), output["text"].as_str()) {
                (Ok(text), Some(expected)) => assert_eq!(text, expected, "{source} {}", event.id),
                // Go says in front of it where, in its own way.
                (Err(error), None) => {
                    let expected = output["error"].as_str().unwrap().rsplit_once(">: ").unwrap().1;
                    assert!(error.message.contains(expected), "{source} {}: {error}", event.id);
                }
                (made, expected) => panic!("{source} {}: {made:?} instead of {expected:?}", event.id),
            }
        }
    }
}

#[test]
fn secrets_are_found_and_replaced_as_in_ntm() {
    let warn = Policy { mode: Mode::Warn, ..Policy::default() };
    for case in cases(include_str!("vectors/redaction.json")) {
        let input = case["input"].as_str().unwrap();
        assert_eq!(case["output"], *Policy::default().text(input), "{case}");
        let told = match warn.pass(&Event { message: input.to_owned(), ..Event::new("test") }) {
            Passed::Warned(findings) => findings.to_string(),
            passed => format!("{passed:?}"),
        };
        let expected = case["categories"].as_array().map_or_else(
            || "Clean".to_owned(),
            |categories| {
                let each = |category: &Value| format!("{} in message", category.as_str().unwrap());
                categories.iter().map(each).collect::<Vec<_>>().join(", ")
            },
        );
        assert_eq!(told, expected, "{case}");
    }
}

#[test]
fn signatures_are_those_of_each_dialect() {
    for case in cases(include_str!("vectors/signatures.json")) {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let dialect = Dialect::from_word(text("dialect")).unwrap();
        let keys = [dialect.key(&SecretString::from(text("secret"))).unwrap()];
        let seconds = case["timestamp"].as_i64().unwrap_or_default();
        let (timestamp, body) = (seconds.to_string(), text("body").as_bytes());
        assert_eq!(text("header"), dialect.signature.header);
        assert_eq!(dialect.sign(&keys, text("id"), &timestamp, body).as_deref(), Some(text("value")), "{case}");
        let header = |name: &str| {
            let of_id = dialect.id_header.filter(|_| !text("id").is_empty());
            let known =
                [(of_id, text("id")), (dialect.timestamp_header, &timestamp), (Some(text("header")), text("value"))];
            known.iter().find(|(one, _)| *one == Some(name)).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(dialect.verify(&keys, &header, body, seconds), Ok(()), "{case}");
    }
}
