use super::*;
use crate::event::Event;

fn target() -> Target {
    Target {
        url: SecretUrl::new("https://example.com/hook".parse().unwrap()),
        method: "POST",
        headers: Vec::new(),
        format: Format::Json,
        template: None,
        dialect: &dialect::NTM,
        keys: vec![dialect::NTM.key(&"s3cr3t".into()).unwrap()],
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
    let message =
        Message { event: &event, event_seq: 1, delivery_id: "evt-1_ops", attempt: 3, unix_seconds: 1_700_000_000 };
    render(target, message)
}

fn value<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    request.headers.iter().filter(|header| header.name == name).map(|header| &*header.value).collect()
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
    let expected = dialect::NTM.sign(&target().keys, "", "", &request.body);
    assert_eq!(Some(signature), expected.as_deref());
}

#[test]
fn without_a_secret_there_is_no_signature() {
    let request = rendered(&Target { keys: Vec::new(), ..target() }).unwrap();
    assert!(value(&request, "X-NTM-Signature").is_empty());
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
fn user_info_of_the_url_is_sent_unless_the_endpoint_has_a_header_of_its_own_for_it() {
    let url = SecretUrl::new("https://bob:pa55word@example.com/hook".parse().unwrap());
    let target = Target { url, ..target() };
    let request = rendered(&target).unwrap();
    assert_eq!(value(&request, "Authorization"), ["Basic Ym9iOnBhNTV3b3Jk"]);
    assert!(!format!("{request:?}").contains("Ym9i"), "{request:?}");
    let headers = vec![own("authorization", "Bearer mine", false)];
    let request = rendered(&Target { headers, ..target }).unwrap();
    assert_eq!((value(&request, "authorization"), value(&request, "Authorization").len()), (vec!["Bearer mine"], 0));
}

#[test]
fn what_is_secret_is_not_shown() {
    let headers = vec![own("Authorization", "Basic abc", false), own("X-Key", "k", true), own("X-Team", "a", false)];
    let request = rendered(&Target { headers, ..target() }).unwrap();
    let shown: Vec<(&str, bool)> =
        request.headers.iter().map(|header| (&*header.name, header.shown() == mask::MASK)).collect();
    for hidden in ["Authorization", "X-Key", "X-NTM-Signature"] {
        assert!(shown.contains(&(hidden, true)), "{shown:?}");
    }
    assert!(shown.contains(&("X-Team", false)));
    assert!(!format!("{request:?}").contains("Basic abc"));
}

#[test]
fn a_body_over_max_payload_is_refused_with_both_sizes_whatever_makes_it() {
    let template = Some(Arc::new(Template::parse("{{.Message}}").unwrap()));
    let formats = Format::WORDS.iter().map(|&(format, _)| Target { format, ..target() });
    for target in formats.chain([Target { template, ..target() }]) {
        let size = rendered(&target).unwrap().body.len();
        assert!(rendered(&Target { max_payload: Some(size), ..target.clone() }).is_ok());
        let error = rendered(&Target { max_payload: Some(size - 1), ..target }).unwrap_err();
        assert_eq!(error.reason, Reason::TooLarge);
        assert!(error.text.contains(&size.to_string()) && error.text.contains(&(size - 1).to_string()), "{error}");
    }
}

#[test]
fn a_template_makes_the_body_in_place_of_the_format() {
    let with = |source: &str| {
        let template = Some(Arc::new(Template::parse(source).unwrap()));
        rendered(&Target { format: Format::CloudEventsBinary, template, ..target() })
    };
    let request = with("{{.Type}}: {{.Message}}").unwrap();
    assert_eq!(request.body, "agent.error: boom");
    assert_eq!(value(&request, "Content-Type"), ["application/json"]);
    assert!(value(&request, "ce-id").is_empty(), "the format's headers belong to its body: {request:?}");
    let error = with("a\n{{.Nope}}").unwrap_err();
    assert_eq!(error.reason, Reason::Render);
    assert!(error.text.starts_with("the template body cannot be made: line 2, column 3 of the template: "), "{error}");
}

#[test]
fn a_dialect_reserves_its_own_headers_and_the_transports() {
    for (dialect, name, reserved) in [
        (&dialect::NTM, "x-ntm-attempt", true),
        (&dialect::NTM, "X-NTM-Signature", true),
        (&dialect::NTM, "host", true),
        (&dialect::NTM, "Content-Length", true),
        (&dialect::NTM, "X-Team", false),
        (&dialect::NTM, "webhook-id", false),
        (&dialect::STANDARD, "Webhook-Id", true),
        (&dialect::STANDARD, "webhook-timestamp", true),
        (&dialect::NSELF, "X-Nself-Event", true),
        (&dialect::MARIONETTE, "x-webhook-timestamp", true),
        (&dialect::PILOT_REGISTRY, "X-Pilot-Signature-256", true),
    ] {
        assert_eq!(dialect.reserves(name), reserved, "{} {name}", dialect.name);
    }
}

/// The headers of a request but for `Content-Type`, `User-Agent` and the signature's value.
fn shown(request: &Request) -> Vec<String> {
    let own = request.headers.iter().filter(|header| !matches!(&*header.name, "Content-Type" | "User-Agent"));
    own.map(|header| if header.secret { header.name.to_string() } else { format!("{}: {}", header.name, header.value) })
        .collect()
}

#[test]
fn each_dialect_tells_what_its_receivers_look_for() {
    for (dialect, expected) in [
        (&dialect::STANDARD, &["webhook-id: evt-1_ops", "webhook-timestamp: 1700000000", "webhook-signature"][..]),
        (
            &dialect::NSELF,
            &[
                "X-Nself-Event: agent.error",
                "X-Nself-Delivery: evt-1_ops",
                "X-Nself-Timestamp: 1700000000",
                "X-Nself-Signature-256",
            ],
        ),
        (&dialect::MARIONETTE, &["X-Webhook-ID: evt-1", "X-Webhook-Timestamp: 1700000000", "X-Webhook-Signature"]),
        (&dialect::PILOT, &["X-Pilot-Signature-256"]),
        (&dialect::PILOT_REGISTRY, &["X-Pilot-Signature-256"]),
    ] {
        let keys = vec![dialect.key(&dialect.secret.secret(&[1; key::FRESH])).unwrap()];
        let signed = rendered(&Target { dialect, keys, ..target() }).unwrap();
        assert_eq!(shown(&signed), expected, "{}", dialect.name);
        let unsigned = rendered(&Target { dialect, keys: Vec::new(), ..target() }).unwrap();
        assert_eq!(shown(&unsigned), expected[..expected.len() - 1], "{}", dialect.name);
    }
}

#[test]
fn an_id_with_a_dot_is_sent_and_signed_without() {
    let event = StoredEvent::try_from(Event::new("agent.error")).unwrap();
    let message = Message { event: &event, event_seq: 1, delivery_id: "a.b_c", attempt: 1, unix_seconds: 9 };
    let keys = [dialect::STANDARD.key(&dialect::STANDARD.secret.secret(&[1; key::FRESH])).unwrap()];
    let headers = signed_headers(&dialect::STANDARD, &keys, &message, b"{}").collect::<Vec<_>>();
    assert_eq!(headers[0].value, "a~2eb_c");
    assert_eq!(Some(&*headers[2].value), dialect::STANDARD.sign(&keys, "a~2eb_c", "9", b"{}").as_deref());
}

#[test]
fn cloudevents_tell_their_attributes_in_the_body_or_in_headers() {
    let timestamp = "2026-02-02T03:04:05.5Z".parse().unwrap();
    let event = Event {
        id: "evt%20\"1".to_owned(),
        timestamp,
        session: "my proj/é".to_owned(),
        data: Some(serde_json::value::RawValue::from_string("[1, 2]".to_owned()).unwrap()),
        ..Event::new("agent.error")
    };
    let event = StoredEvent::try_from(event).unwrap();
    let message = Message { event: &event, event_seq: 1, delivery_id: "d", attempt: 1, unix_seconds: 0 };
    let sent = |format| {
        let request =
            render(&Target { format, keys: Vec::new(), dialect: &dialect::PILOT, ..target() }, message).unwrap();
        let headers: Vec<(String, String)> = request
            .headers
            .into_iter()
            .map(|header| (header.name.into_owned(), header.value.into_owned()))
            .filter(|(name, _)| name != "User-Agent")
            .collect();
        (headers, String::from_utf8(request.body.to_vec()).unwrap())
    };
    let (headers, body) = sent(Format::CloudEvents);
    assert_eq!(headers, [("Content-Type".to_owned(), "application/cloudevents+json".to_owned())]);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&body).unwrap(),
        serde_json::json!({
            "specversion": "1.0", "id": "evt%20\"1", "source": "/hooktui/my%20proj%2F%C3%A9", "type": "agent.error",
            "time": "2026-02-02T03:04:05.5Z", "datacontenttype": "application/json", "data": [1, 2],
        })
    );
    let (headers, body) = sent(Format::CloudEventsBinary);
    let expected = [
        ("Content-Type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "evt%2520%221"),
        ("ce-source", "/hooktui/my%2520proj%252F%25C3%25A9"),
        ("ce-type", "agent.error"),
        ("ce-time", "2026-02-02T03:04:05.5Z"),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(body, "[1, 2]");
}

#[test]
fn a_source_of_ones_own_replaces_ours() {
    let target =
        Target { format: Format::CloudEventsBinary, headers: vec![own("CE-Source", "/mine", false)], ..target() };
    let request = rendered(&target).unwrap();
    assert_eq!((value(&request, "ce-source").len(), value(&request, "CE-Source")), (0, vec!["/mine"]));
}
