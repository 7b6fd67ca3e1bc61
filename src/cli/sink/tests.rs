use axum::body::Bytes;
use axum::http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::wire::Key;
use crate::wire::dialect::NTM;

const BODY: &str = r#"{"id":"evt-1"}"#;

fn key(secret: &str) -> Key {
    NTM.key(&secret.into()).unwrap()
}

fn signed(secret: &str) -> String {
    format!("X-NTM-Signature: {}\r\n", NTM.sign(&[key(secret)], "", "", BODY.as_bytes()).unwrap())
}

/// Serves one request with these extra header lines; what was answered and what the sink made of it.
async fn served(keys: Vec<Key>, script: Script, header_lines: &str) -> (String, Visit) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (told, mut visits) = mpsc::channel(1);
    let sink = Sink { dialect: &NTM, keys, script, visits: Some(told) };
    let server = tokio::spawn(sink.serve(listener));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = BODY.len();
    let request = format!(
        "POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n{header_lines}\r\n{BODY}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let visit = visits.recv().await.unwrap();
    server.abort();
    (answer, visit)
}

fn always(answer: Answer) -> Script {
    Box::new(move |_| answer.clone())
}

#[tokio::test]
async fn a_signature_is_verified_before_the_script_is_asked() {
    for (header, status, signature) in [
        (signed("right"), 202, Signature::Good),
        (signed("wrong"), 401, Signature::Bad("no signature matches: another secret, or another body".to_owned())),
        (
            "X-NTM-Signature: md5=1\r\n".to_owned(),
            401,
            Signature::Bad("X-NTM-Signature is not `sha256=` and hex".to_owned()),
        ),
        (String::new(), 401, Signature::None),
    ] {
        let script = always(Answer::new(StatusCode::ACCEPTED, ""));
        let (answer, visit) = served(vec![key("new"), key("right")], script, &header).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert_eq!((visit.status.as_u16(), visit.signature), (status, signature));
    }
}

#[tokio::test]
async fn without_a_secret_every_signature_passes() {
    let (answer, visit) = served(Vec::new(), always(Answer::default()), &signed("any")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!((visit.signature, &visit.body[..]), (Signature::Unchecked, BODY.as_bytes()));
}

#[tokio::test]
async fn the_script_decides_status_retry_after_and_body() {
    let answer = Answer {
        retry_after: Some(HeaderValue::from_static("7")),
        ..Answer::new(StatusCode::TOO_MANY_REQUESTS, "slow down")
    };
    let (answer, _) = served(Vec::new(), always(answer), "").await;
    let answer = answer.to_lowercase();
    assert!(answer.starts_with("http/1.1 429 "), "{answer}");
    assert!(answer.contains("retry-after: 7\r\n") && answer.ends_with("slow down"), "{answer}");
}

fn visit(headers: HeaderMap) -> Visit {
    Visit {
        at: 0,
        method: "POST".to_owned(),
        path: "/a".to_owned(),
        headers,
        body: Bytes::from_static(b"x\x1b[2J\xff"),
        signature: Signature::Good,
        status: StatusCode::OK,
    }
}

#[test]
fn hostile_headers_are_escaped_in_a_line() {
    let mut headers = HeaderMap::new();
    headers.insert("x-ntm-event-type", HeaderValue::from_bytes(b"agent.\xc2\x9b31m").unwrap());
    headers.insert("x-ntm-delivery-id", HeaderValue::from_static("evt-1_ops"));
    headers.insert("x-ntm-attempt", HeaderValue::from_static("3"));
    let printer = Printer { dialect: &NTM, body: false, json: false };
    let line = printer.text(&visit(headers), &Out::new());
    assert!(!line.chars().any(char::is_control), "{line:?}");
    for part in ["200", "POST /a", r"agent.\x9b31m", "evt-1_ops", "attempt 3", "6 B", "signature ok"] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn what_was_not_sent_is_null_in_json() {
    let printer = Printer { dialect: &NTM, body: false, json: true };
    let record = serde_json::to_value(printer.record(&visit(HeaderMap::new()))).unwrap();
    assert_eq!(record["attempt"], serde_json::Value::Null);
    assert_eq!((&record["status"], &record["signature"]), (&200.into(), &"ok".into()));
    assert_eq!(record["body"], "x\u{1b}[2J\u{fffd}");
}

#[test]
fn options_out_of_range_are_refused() {
    for bad in ["199", "600", "x", "101"] {
        assert!(status(bad).is_err(), "{bad}");
    }
    for bad in ["-0.1", "1.1", "NaN", "x"] {
        assert!(share(bad).is_err(), "{bad}");
    }
    assert!(header_value("a\nb").is_err());
}
