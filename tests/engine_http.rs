//! One attempt over real sockets, against a server that misbehaves: what is kept of it, and that it always ends.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there and then")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use hooktui::config::{self, Config, Env, Network, Project};
use hooktui::engine::clock::Clock;
use hooktui::engine::send::send_once;
use hooktui::engine::transport::{Failure, Sent, Transport};
use hooktui::event::{Event, Outcome};
use hooktui::journal::AttemptRecord;
use hooktui::wire::mask::MASK;
use hooktui::wire::{Request, SecretUrl};

/// A server that takes one connection, reads the request's head and body, and then does `misbehave`.
fn server(misbehave: impl FnOnce(&mut TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&mut stream);
        misbehave(&mut stream);
    });
    port
}

fn read_request(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return;
            }
        }
        match stream.read(&mut chunk) {
            Ok(n) if n > 0 => seen.extend_from_slice(&chunk[..n]),
            _ => return,
        }
    }
}

/// Holds the connection until the other side gives up.
fn hold(stream: &mut TcpStream) {
    let _ = stream.read_to_end(&mut Vec::new());
}

fn read(root: &Path, yaml: &str) -> Config {
    let project = Project::at(root);
    std::fs::write(&project.file, yaml).unwrap();
    let loaded = config::load(&project, &Env::Fixed(std::collections::BTreeMap::new()));
    Arc::into_inner(loaded.config.unwrap_or_else(|| panic!("{:?}", loaded.problems))).unwrap()
}

fn send_to(url: &str, more: &str) -> AttemptRecord {
    let folder = tempfile::tempdir().unwrap();
    let yaml = format!("hooktui:\n  webhooks: [{{name: ops, url: '{url}', timeout: 500ms}}]\n{more}");
    let config = read(folder.path(), &yaml);
    let json = serde_json::json!({"id": "e1", "type": "agent.error", "timestamp": "2026-11-22T10:00:00Z"});
    let event: Event = serde_json::from_value(json).unwrap();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(send_once(&config.endpoints[0], &config, &event, Clock::System.now()))
        .unwrap()
}

fn attempt(misbehave: impl FnOnce(&mut TcpStream) + Send + 'static) -> AttemptRecord {
    send_to(&format!("http://127.0.0.1:{}/T0KEN/secret-path?key=private", server(misbehave)), "")
}

fn said(record: &AttemptRecord) -> (Outcome, Option<u16>, &str) {
    (record.outcome, record.status, record.error.as_deref().unwrap_or_default())
}

#[test]
fn a_good_answer_is_kept_with_its_timing_and_who_gave_it() {
    let record = attempt(|stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-request: 7\r\nset-cookie: id=1\r\n\r\nok")
            .unwrap();
    });
    assert_eq!(said(&record), (Outcome::Delivered, Some(200), ""));
    assert_eq!(record.response_body, b"ok");
    let header =
        |name: &str| record.response_headers.pairs().into_iter().find(|(key, _)| key == name).map(|(_, value)| value);
    assert_eq!(header("x-request").as_deref(), Some("7"));
    assert_eq!(header("set-cookie").as_deref(), Some(MASK), "cookies are secrets");
    assert!(record.remote.unwrap().starts_with("127.0.0.1:"));
    assert!(record.first_byte_us.unwrap() <= record.duration_us.unwrap());
}

#[test]
fn a_server_that_says_nothing_is_given_up_on_in_time() {
    assert_eq!(said(&attempt(hold)), (Outcome::Timeout, None, "timeout after 0.5 s, no first byte"));
}

#[test]
fn slow_headers_are_given_up_on_in_time() {
    let record = attempt(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nx-slow: ").unwrap();
        hold(stream);
    });
    assert_eq!(said(&record), (Outcome::Timeout, None, "timeout after 0.5 s, no first byte"));
}

#[test]
fn the_status_counts_though_the_body_never_comes() {
    let record = attempt(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").unwrap();
        hold(stream);
    });
    assert_eq!(said(&record), (Outcome::Delivered, Some(200), ""));
    assert_eq!(record.response_body, b"half");
}

#[test]
fn the_status_counts_though_the_body_breaks_off() {
    let record = attempt(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").unwrap();
    });
    assert_eq!(said(&record), (Outcome::Delivered, Some(200), ""));
    assert_eq!(record.response_body, b"half");
}

#[test]
fn an_endless_body_is_read_to_a_limit_and_kept_to_4_kib() {
    let record = attempt(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        while stream.write_all(&[b'x'; 8192]).is_ok() {}
    });
    assert_eq!(said(&record), (Outcome::Delivered, Some(200), ""));
    assert_eq!(record.response_body, [b'x'; 4096]);
}

#[test]
fn a_secret_across_the_end_of_what_is_kept_is_masked() {
    let record = attempt(|stream| {
        let body = format!("{}/T0KEN/secret-path", "x".repeat(4 * 1024 - 12));
        let answer = format!("HTTP/1.1 500 No\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let kept = String::from_utf8_lossy(&record.response_body);
    assert!(kept.starts_with("xxx") && !kept.contains("T0KEN"), "{kept}");
}

#[test]
fn garbage_is_a_network_error() {
    let record = attempt(|stream| {
        stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").unwrap();
    });
    assert_eq!((record.outcome, record.status), (Outcome::Network, None));
    assert!(record.error.is_some());
}

#[test]
fn a_connection_closed_without_an_answer_is_a_network_error() {
    let record = attempt(|_| {});
    assert_eq!((record.outcome, record.status), (Outcome::Network, None));
}

#[test]
fn a_refused_connection_says_so() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let record = send_to(&format!("http://127.0.0.1:{port}/"), "");
    assert_eq!(said(&record), (Outcome::Network, None, "connection refused"));
}

#[test]
fn a_redirect_is_not_followed() {
    let record = attempt(|stream| {
        let answer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let error = "302 redirect to http://127.0.0.1:1/elsewhere: redirects are not followed";
    assert_eq!(said(&record), (Outcome::Refused, Some(302), error));
}

#[test]
fn a_long_header_hides_none_that_comes_after_it() {
    let long = "x".repeat(9 * 1024);
    let answer = format!("HTTP/1.1 302 Found\r\nx-long: {long}\r\nlocation: /b\r\nx-request: 7\r\n\r\n");
    let record = attempt(move |stream| stream.write_all(answer.as_bytes()).unwrap());
    assert_eq!(said(&record), (Outcome::Refused, Some(302), "302 redirect to /b: redirects are not followed"));
    let kept = ["location", "x-request"].map(|name| record.response_headers.pairs().iter().any(|(key, _)| key == name));
    assert_eq!(kept, [true, true]);
    assert!(record.response_headers.pairs().iter().all(|(key, _)| key != "x-long"), "too long to be kept");
}

#[test]
fn a_name_is_resolved_and_judged_by_what_it_resolves_to() {
    let port = server(|stream| {
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    });
    let record = send_to(&format!("http://localhost:{port}/"), "");
    assert_eq!(record.status, Some(204), "{:?}", record.error);
    assert!(record.resolve_us.is_some());
    let record = send_to(&format!("http://localhost:{port}/"), "  network: {deny_private: true}\n");
    assert_eq!((record.outcome, record.status), (Outcome::Unsent, None));
    assert!(record.error.unwrap().starts_with("blocked: "));
}

#[test]
fn no_error_holds_the_path_or_the_query_of_the_url() {
    let records = [
        attempt(hold),
        attempt(|_| {}),
        attempt(|stream| stream.write_all(b"nonsense\r\n\r\n").unwrap()),
        attempt(|stream| {
            stream.write_all(b"HTTP/1.1 302 Found\r\nlocation: /T0KEN/secret-path?key=private\r\n\r\n").unwrap();
        }),
    ];
    for record in records {
        let kept = format!("{record:?}");
        assert!(!kept.contains("secret-path") && !kept.contains("key=private"), "{kept}");
    }
}

/// A server that answers request after request on each connection; counts the connections that came.
fn counting() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            counted.fetch_add(1, Ordering::SeqCst);
            loop {
                read_request(&mut stream);
                if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").is_err() {
                    break;
                }
            }
        }
    });
    (port, count)
}

/// Sends so many requests one after the other through one transport; answers with their statuses.
fn send_many(port: u16, requests: usize) -> Vec<Option<u16>> {
    let url = SecretUrl::new(format!("http://127.0.0.1:{port}/a").parse().unwrap());
    let request = Request { method: "POST", url, headers: Vec::new(), body: b"{}".to_vec().into() };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let transport = Transport::http(&Network::default());
        let mut statuses = Vec::new();
        for _ in 0..requests {
            statuses.push(transport.send(&request, Duration::from_secs(5)).await.status);
        }
        statuses
    })
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let (port, connections) = counting();
    assert_eq!(send_many(port, 20), [Some(200); 20]);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Sends two requests through one transport to a receiver that answers the first, then does `end` to that connection and closes
/// it. The second is sent when it is closed, unless `end` waits for it. To each request that comes over a further
/// connection it does `then`. Answers with what came of the second request, and how many connections there were.
fn send_two(
    end: impl FnOnce(&mut TcpStream) + Send + 'static,
    waits: bool,
    then: impl Fn(&mut TcpStream) + Send + 'static,
) -> (Sent, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let (counted, (answered, was_answered), (closed, is_closed)) =
        (connections.clone(), mpsc::channel(), mpsc::channel());
    thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        counted.fetch_add(1, Ordering::SeqCst);
        read_request(&mut first);
        first.write_all(ANSWER).unwrap();
        was_answered.recv().unwrap();
        end(&mut first);
        drop(first);
        let _ = closed.send(());
        while let Ok((mut stream, _)) = listener.accept() {
            counted.fetch_add(1, Ordering::SeqCst);
            read_request(&mut stream);
            then(&mut stream);
        }
    });
    let url = SecretUrl::new(format!("http://127.0.0.1:{port}/a").parse().unwrap());
    let request = Request { method: "POST", url, headers: Vec::new(), body: b"{}".to_vec().into() };
    let second = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let transport = Transport::http(&Network::default());
        assert_eq!(transport.send(&request, Duration::from_secs(5)).await.status, Some(200));
        answered.send(()).unwrap();
        if !waits {
            // Nothing is awaited: the runtime has not heard of it.
            is_closed.recv().unwrap();
        }
        transport.send(&request, Duration::from_secs(5)).await
    });
    (second, connections.load(Ordering::SeqCst))
}

fn answers(stream: &mut TcpStream) {
    stream.write_all(ANSWER).unwrap();
    hold(stream);
}

#[test]
fn a_kept_connection_that_ends_is_no_failure_of_the_receiver() {
    let (second, connections) = send_two(|_| {}, false, answers);
    assert_eq!((second.status, second.failure, connections), (Some(200), None, 2), "closed while it was kept");
    let (second, connections) = send_two(read_request, true, answers);
    assert_eq!((second.status, second.failure, connections), (Some(200), None, 2), "closed instead of an answer");
}

#[test]
fn a_new_connection_that_ends_is_a_failure_and_there_is_no_third() {
    let (second, connections) = send_two(|_| {}, false, |_| {});
    let failure = Failure::Network("connection closed".to_owned());
    assert_eq!((second.status, second.failure, connections), (None, Some(failure), 2));
}

#[test]
fn once_an_answer_has_begun_the_request_does_not_go_again() {
    let begins = |stream: &mut TcpStream| {
        read_request(stream);
        stream.write_all(b"HTTP/1.1 2").unwrap();
    };
    let (second, connections) = send_two(begins, true, answers);
    let failure = Failure::Network("connection closed".to_owned());
    assert_eq!((second.status, second.failure, connections), (None, Some(failure), 1));
}

#[test]
fn what_cannot_be_verified_is_not_sent_to() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let record = send_to(&format!("https://127.0.0.1:{port}/"), "");
    assert_eq!(said(&record), (Outcome::Network, None, "connection refused"));
    // It answers in plain text where TLS is spoken.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        hold(&mut stream);
    });
    let record = send_to(&format!("https://127.0.0.1:{port}/"), "");
    assert_eq!((record.outcome, record.status), (Outcome::Network, None));
    assert!(record.error.unwrap().starts_with("TLS failed: "));
}
