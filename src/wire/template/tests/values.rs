//! What values print as, and what happens where there is none.

use super::*;

#[test]
fn what_is_missing_is_told_from_what_is_wrong() {
    check(&[
        (
            "{{.Details.nope}} {{.Details.nope.deeper}} {{.Data.nope}} {{.Data.none}} {{.Data.map.y.none}}",
            "<no value> <no value> <no value> <no value> <no value>",
        ),
        (
            "{{print .Details.nope}} {{printf \"%v %s\" .Data.none nil}} {{html .Details.nope}}",
            "<nil> <nil> %!s(<nil>) &lt;no value&gt;",
        ),
        ("{{json .Details.nope}} {{json nil}}", "null null"),
    ]);
    check_failures(&[
        ("{{.Nope}}", "can't evaluate field Nope in type webhook.Event; an event has ID, Type"),
        ("{{.Type.Name}}", "can't evaluate field Name in type string"),
        ("{{.Details.a.b}}", "can't evaluate field b in type string"),
        ("{{.Data.none.x}}", "nil pointer evaluating interface {}.x"),
        ("{{.Data.list.x}}", "can't evaluate field x in type []interface {}"),
        ("{{jsonEscape .Details.nope}}", "invalid value; expected string"),
        ("{{jsonEscape 1}}", "expected string; found a int"),
        ("{{jsonEscape nil}}", "cannot assign nil to string"),
        ("{{jsonEscape .Data.n}}", "wrong type for value; expected string; got int"),
        ("{{printf 1}}", "expected string"),
        ("{{json 1 2}}", "wrong number of args for json: want 1 got 2"),
    ]);
}

#[test]
fn values_print_as_in_go() {
    check(&[
        ("{{.Details}} {{.Data.list}} {{.Data.map}}", "map[a:1 b:2] [1 2.5 x <nil> [true]] map[y:map[deep:d] z:1]"),
        ("{{.Data.n}} {{.Data.big}} {{.Data.f}}", "12345678 18446744073709551615 1e+06"),
        ("{{.Timestamp}}", "2026-02-02 03:04:05.5 +0000 UTC"),
        ("{{print 1 2}} {{print \"a\" 1 2 \"b\" \"c\" 3}} {{print 1.5 true nil}}", "1 2 a1 2bc3 1.5 true <nil>"),
        ("{{println 1 \"a\" nil}}", "1 a <nil>\n"),
        ("{{html 1 2 \"<\"}} {{js \"'=\\u0001\"}} {{urlquery \"a b\" 1 2}}", "1 2&lt; \\'\\u003D\\u0001 a+b1+2"),
        (
            "{{json .Timestamp}} {{json .Data.list}} {{json 1e21}} {{json 1.0}} {{json 1e-7}} {{json true}}",
            "\"2026-02-02T03:04:05.5Z\" [1,2.5,\"x\",null,[true]] 1e+21 1 1e-7 true",
        ),
        ("{{jsonEscape \"a\\u0008\\u000c\\u0001\\u2028<&>\\\\\"}}", "a\\b\\f\\u0001\\u2028\\u003c\\u0026\\u003e\\\\"),
        ("{{json .Data.map}}", r#"{"y":{"deep":"d"},"z":1}"#),
    ]);
}

#[test]
fn an_event_prints_as_a_struct() {
    let event = r#"{"id": "e", "type": "t", "timestamp": "2026-02-02T03:04:05Z", "message": "m"}"#;
    let mut event: Event = serde_json::from_str(event).unwrap();
    let rendered = |event: &Event, source| Template::parse(source).unwrap().render(event).unwrap();
    assert_eq!(rendered(&event, "{{.}}"), "{e t 2026-02-02 03:04:05 +0000 UTC    m map[]}");
    assert_eq!(rendered(&event, "{{.Data}}"), "<no value>");
    event.data = serde_json::value::RawValue::from_string("[1]".to_owned()).ok();
    assert_eq!(
        rendered(&event, "{{printf \"%+v\" .}}"),
        "{ID:e Type:t Timestamp:2026-02-02 03:04:05 +0000 UTC Session: Pane: Agent: Message:m Details:map[] Data:[1]}"
    );
}

#[test]
fn data_that_cannot_be_used_fails_only_where_it_is_asked_for() {
    let event = r#"{"id": "e", "type": "t", "timestamp": "2026-02-02T03:04:05Z", "data": 1e999}"#;
    let event: Event = serde_json::from_str(event).unwrap();
    assert_eq!(Template::parse("{{.Type}}").unwrap().render(&event).unwrap(), "t");
    let error = Template::parse("\n {{.Data}}").unwrap().render(&event).unwrap_err();
    assert_eq!((error.line, error.column), (2, 4), "{error}");
    assert!(error.message.contains("`data` cannot be used: number out of range"), "{error}");
}
