use super::*;
use crate::event::Event;

fn target() -> Target {
    Target {
        url: SecretUrl::new("https://example.com/hook".parse().unwrap()),
        method: "POST".to_owned(),
        headers: Vec::new(),
        format: Format::Json,
        dialect: &dialect::NTM,
        keys: vec![Key::new(&"s3cr3t".into())],
        max_payload: None,
    }
}

fn own(name: &str, value: &str, secret: bool) -> OwnHeader {
    OwnHeader { name: name.to_owned(), value: value.into(), secret }
}

fn rendered(target: &Target) -> Result<Request, RenderError> {
    let timestamp = "2026-02-02T03:04:05Z".parse().unwrap();
    let event = Event { id: "evt-1".to_owned(), timestamp, message: "boom".to_owned(), ..Event::new("agent.error") };
    let event = StoredEvent::try_from(event).unwrap();
    let message = Message { event: &event, event_seq: 1, delivery_id: "evt-1_ops", attempt: 3, unix_seconds: 0 };
    render(target, message)
}

fn value<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    request.headers.iter().filter(|header| header.name == name).map(|header| header.value.as_str()).collect()
}

#[test]
fn the_ntm_dialect_tells_delivery_type_attempt_and_signature() {
    let request = rendered(&target()).unwrap();
    assert_eq!(value(&request, "Content-Type"), ["application/json"]);
    assert_eq!(value(&request, "User-Agent"), [format!("hooktui/{}", env!("CARGO_PKG_VERSION"))]);
    assert_eq!(value(&request, "X-NTM-Delivery-ID"), ["evt-1_ops"]);
    assert_eq!(value(&request, "X-NTM-Event-Type"), ["agent.error"]);
    assert_eq!(value(&request, "X-NTM-Attempt"), ["3"]);
    let [signature] = value(&request, "X-NTM-Signature")[..] else { panic!("one signature") };
    let hex = signature.strip_prefix("sha256=").unwrap();
    assert!(Key::new(&"s3cr3t".into()).verifies_hex(&[&request.body], hex));
}

#[test]
fn without_a_secret_there_is_no_signature() {
    let request = rendered(&Target { keys: Vec::new(), ..target() }).unwrap();
    assert!(value(&request, "X-NTM-Signature").is_empty());
}

#[test]
fn of_several_secrets_the_newest_signs() {
    let older = Key::new(&"older".into());
    let keys = vec![target().keys.remove(0), older];
    assert_eq!(rendered(&Target { keys, ..target() }).unwrap().headers, rendered(&target()).unwrap().headers);
}

#[test]
fn own_headers_come_last_and_win_except_over_the_signature() {
    let headers =
        vec![own("user-agent", "mine", false), own("x-ntm-signature", "forged", false), own("X-Team", "a", true)];
    let request = rendered(&Target { headers, ..target() }).unwrap();
    assert!(value(&request, "User-Agent").is_empty());
    assert_eq!(value(&request, "user-agent"), ["mine"]);
    assert!(value(&request, "x-ntm-signature").is_empty());
    assert_eq!(value(&request, "X-NTM-Signature"), value(&rendered(&target()).unwrap(), "X-NTM-Signature"));
    assert_eq!(request.headers.last().unwrap().name, "X-Team");
}

#[test]
fn what_is_secret_is_not_shown() {
    let headers = vec![own("Authorization", "Basic abc", false), own("X-Key", "k", true), own("X-Team", "a", false)];
    let request = rendered(&Target { headers, ..target() }).unwrap();
    let shown: Vec<(&str, bool)> =
        request.headers.iter().map(|header| (header.name.as_str(), header.shown() == mask::MASK)).collect();
    for hidden in ["Authorization", "X-Key", "X-NTM-Signature"] {
        assert!(shown.contains(&(hidden, true)), "{shown:?}");
    }
    assert!(shown.contains(&("X-Team", false)));
    assert!(!format!("{request:?}").contains("Basic abc"));
}

#[test]
fn a_body_over_max_payload_is_refused_with_both_sizes() {
    let size = rendered(&target()).unwrap().body.len();
    assert!(rendered(&Target { max_payload: Some(size), ..target() }).is_ok());
    let error = rendered(&Target { max_payload: Some(size - 1), ..target() }).unwrap_err();
    assert_eq!(error.reason, Reason::TooLarge);
    assert!(error.text.contains(&size.to_string()) && error.text.contains(&(size - 1).to_string()), "{error}");
}

#[test]
fn a_dialect_reserves_its_own_headers_and_the_transports() {
    for (name, reserved) in [
        ("x-ntm-attempt", true),
        ("X-NTM-Signature", true),
        ("host", true),
        ("Content-Length", true),
        ("X-Team", false),
    ] {
        assert_eq!(dialect::NTM.reserves(name), reserved, "{name}");
    }
}
