use proptest::prelude::*;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

use super::*;
use crate::wire::{Header, SecretUrl};

fn request(body: &str) -> Request {
    let header =
        |name: &'static str, value: &'static str| Header { name: name.into(), value: value.into(), secret: false };
    Request {
        method: "PUT",
        url: SecretUrl::new("http://127.0.0.1:9/a%20b?c=d".parse().unwrap()),
        headers: vec![header("X-One", "1"), header("x-empty", "")],
        body: body.to_owned().into(),
    }
}

#[test]
fn a_request_is_a_head_and_its_body() {
    let mut request = request("{}");
    let message_of = |request: &Request| String::from_utf8(message(request, request.url.sending().unwrap())).unwrap();
    assert_eq!(
        message_of(&request),
        "PUT /a%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:9\r\nAccept: */*\r\nX-One: 1\r\nx-empty: \r\nContent-Length: 2\r\n\r\n{}"
    );
    request.headers = vec![Header { name: "accept".into(), value: "text/plain".into(), secret: false }];
    assert!(message_of(&request).contains("\r\naccept: text/plain\r\nContent-Length: 2\r\n"), "its own one alone");
}

/// An answer as it was read: status, body, whether the connection takes another request; or why there is none.
type Read = Result<(u16, String, bool), Failure>;

/// Answers with a head of some lines that matter, and a body of anything: what hostile or broken receivers say.
fn broken_answers() -> impl Strategy<Value = Vec<u8>> {
    const LINES: [&str; 14] = [
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.0 204\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 503 \r\n",
        "content-length: 5\r\n",
        "content-length: 18446744073709551615\r\n",
        "transfer-encoding: chunked\r\n",
        "connection: close\r\n",
        "x: \u{7f}y\r\n",
        "\r\n",
        "5\r\n12345\r\n",
        "ffffffffffffffff\r\n",
        "0\r\n\r\n",
        "\n\r",
    ];
    let line = proptest::sample::select(&LINES[..]).prop_map(|line| line.as_bytes().to_vec());
    let noise = proptest::collection::vec(any::<u8>(), 0..40);
    proptest::collection::vec(prop_oneof![6 => line, 1 => noise], 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn whatever_comes_is_an_answer_or_none_and_the_same_however_it_is_cut(raw in broken_answers(), room in 1..64_usize) {
        // What is wrong with it, and whether there is more behind it, depends on how much has come.
        let said = |room| answer(&raw, room).ok().map(|(status, body, _)| (status, body));
        prop_assert_eq!(said(room), said(4_096));
    }
}

async fn read(line: &mut Http1<DuplexStream>, request: &[u8]) -> Read {
    let head = line.ask(request).await.map_err(Broken::failure)?;
    let mut kept = Vec::new();
    let whole = line.body(head.framing, &mut Body { kept: &mut kept, read: 0 }).await;
    Ok((head.status, String::from_utf8_lossy(&kept).into_owned(), whole.is_ok_and(|whole| whole && head.keeps)))
}

/// What is made of an answer that comes in pieces of at most `room` bytes, after which the connection is closed.
fn answer(answer: impl AsRef<[u8]>, room: usize) -> Read {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (here, mut there) = duplex(room);
        let receiver = async {
            let mut got = [0; 4];
            there.read_exact(&mut got).await.unwrap();
            // The reader may have had enough before the end, and has hung up then.
            let _ = there.write_all(answer.as_ref()).await;
            drop(there);
        };
        let reader = async {
            let mut line = Http1::new(here);
            read(&mut line, b"PUT ").await
        };
        tokio::join!(reader, receiver).0
    })
}

#[test]
fn answers_are_read_however_they_come() {
    let ok = |status, body: &str, keeps| Ok((status, body.to_owned(), keeps));
    for (raw, expected) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", ok(200, "ok", true)),
        ("HTTP/1.1 200\ncontent-length: 2\n\nok", ok(200, "ok", true)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\ncontent-length: 2\r\n\r\nok", ok(200, "ok", true)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: x, Close\r\n\r\nok", ok(200, "ok", false)),
        ("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", ok(200, "ok", false)),
        ("HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok", ok(200, "ok", true)),
        ("HTTP/1.1 200 OK\r\n\r\nto the end", ok(200, "to the end", false)),
        ("HTTP/1.1 204 No Content\r\n\r\n", ok(204, "", true)),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n", ok(304, "", true)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", ok(200, "half", false)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nzzz", ok(200, "zzz", false)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", ok(200, "ok", true)),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nok\r\nA\r\n0123456789\r\n0\r\nt: 1\r\n\r\n",
            ok(200, "ok0123456789", true),
        ),
        // Not to be trusted further: both a length and chunks; a chunk that ends elsewhere; no number; a trailer that is cut.
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 9\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            ok(200, "ok", false),
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n", ok(200, "ok", false)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n\r\n\r\n", ok(200, "ok", false)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nt: 1\r\n", ok(200, "ok", false)),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 204 X\r\n\r\n", ok(204, "", true)),
        ("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nother words", ok(101, "", false)),
    ] {
        for room in [1, 7, 4_096] {
            assert_eq!(answer(raw, room), expected, "in pieces of {room}: {raw:?}");
        }
    }
}

#[test]
fn what_comes_behind_an_answer_ends_the_connection() {
    let said = answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more", 4_096);
    assert_eq!(said, Ok((200, "ok".to_owned(), false)));
}

#[test]
fn what_is_no_answer_is_told() {
    let unreadable = "the answer cannot be read";
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(LONGEST_HEAD));
    let interim = "HTTP/1.1 102 Processing\r\n\r\n".repeat(LONGEST_HEAD / 10);
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(MOST_HEADERS + 1));
    for (raw, told) in [
        ("", "connection closed"),
        ("HTTP/1.1 200 OK\r\nx: y\r\n", "connection closed"),
        ("SSH-2.0-OpenSSH_9.9\r\n", "invalid HTTP version"),
        ("HTTP/1.1 abc\r\n\r\n", "invalid response status"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx", unreadable),
        ("HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\nx", unreadable),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\nx", unreadable),
        ("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", unreadable),
        (&endless, "the head of the answer is too long"),
        (&interim, "the head of the answer is too long"),
        (&many, "too many headers"),
    ] {
        let Err(Failure::Network(words)) = answer(raw, 4_096) else { panic!("{raw:.60}") };
        assert!(words.starts_with(told), "{raw:.60}: {words}");
    }
}

#[tokio::test]
async fn a_receiver_that_reads_no_further_is_heard_all_the_same() {
    let (here, mut there) = duplex(64);
    there.write_all(b"HTTP/1.1 413 No\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    let mut line = Http1::new(here);
    assert_eq!(read(&mut line, &[b'x'; 4_096]).await, Ok((413, String::new(), false)));
}

#[tokio::test]
async fn a_connection_that_was_closed_or_says_what_nobody_asked_is_not_ready() {
    let (here, mut there) = duplex(64);
    let mut line = Http1::new(here);
    assert!(line.is_ready());
    there.write_all(b"HTTP/1.1 408 Too late\r\n\r\n").await.unwrap();
    assert!(!line.is_ready());
    let (here, there) = duplex(64);
    let mut line = Http1::new(here);
    drop(there);
    assert!(!line.is_ready());
    assert!(matches!(line.ask(b"PUT ").await, Err(Broken::Ended(_))), "it may go over another connection");
}
