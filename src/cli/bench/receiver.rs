//! The receiver of the bench: HTTP/1.1 as a careful sender speaks it, bodies with a length, and no more than that.
//!
//! What a receiver takes of the processor is missing where it shares the cores with what is measured, and a server for
//! everybody takes a quarter more (10 us for a request where this takes 8): it finds out for each what is always the same here.

use std::io;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use httparse::{EMPTY_HEADER, Request, Status};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::watch::monotonic_ns;
use crate::wire::dialect::NTM;

/// The largest body taken in, in bytes.
const MAX_BODY: usize = 1 << 20;

/// Most headers of a request, and the bytes that they may take.
const MOST_HEADERS: usize = 64;
const LONGEST_HEAD: usize = 64 * 1_024;

/// So much is read at once.
const ROOM: usize = 4 * 1_024;

/// How long `/slow` takes to answer.
const SLOW: Duration = Duration::from_millis(50);

/// The head of a request, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
struct Head<'b> {
    /// With the empty line that ends it.
    length: usize,
    /// Of what comes after it.
    body: usize,
    course: Course,
    /// The id of the delivery.
    id: &'b [u8],
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Answered,
    Slow,
    Hanging,
}

/// Serves a connection until its other end has enough of it: requests to `/slow` after [`SLOW`], to `/hang` never, others at
/// once. `arrived` is told of each when its head is there: the delivery's id, and when that was ([`monotonic_ns`]).
///
/// # Errors
/// Of the connection, or of what came over it.
pub async fn serve(mut stream: TcpStream, arrived: impl Fn(&[u8], u64)) -> io::Result<()> {
    stream.set_nodelay(true)?;
    // Servers say what time it is.
    let date = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\ndate: {date}\r\n\r\n");
    let mut read = BytesMut::with_capacity(ROOM);
    loop {
        let (length, course) = loop {
            if let Some(head) = parse(&read)? {
                arrived(head.id, monotonic_ns());
                break (head.length + head.body, head.course);
            }
            if !more(&mut stream, &mut read).await? {
                return Ok(());
            }
        };
        while read.len() < length {
            if !more(&mut stream, &mut read).await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        read.advance(length);
        match course {
            Course::Answered => {}
            Course::Slow => tokio::time::sleep(SLOW).await,
            // Who has waited long enough goes, and the connection with them: it must not stay open here.
            Course::Hanging => {
                while more(&mut stream, &mut read).await? {
                    read.clear();
                }
                return Ok(());
            }
        }
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// Reads some more; answers whether there was any.
async fn more(stream: &mut TcpStream, read: &mut BytesMut) -> io::Result<bool> {
    read.reserve(ROOM);
    Ok(stream.read_buf(read).await? > 0)
}

/// The head at the beginning of these bytes, if it is whole.
fn parse(bytes: &[u8]) -> io::Result<Option<Head<'_>>> {
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why.to_owned()));
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut request = Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if bytes.len() <= LONGEST_HEAD => return Ok(None),
        Ok(Status::Partial) => return refused("a head without an end"),
        Err(error) => return refused(&error.to_string()),
    };
    let path = request.path.unwrap_or_default();
    let course = match path.split('/').nth(1) {
        Some("slow") => Course::Slow,
        Some("hang") => Course::Hanging,
        _ => Course::Answered,
    };
    let (mut body, mut id): (_, &[u8]) = (0, b"");
    for header in request.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            body = std::str::from_utf8(header.value).ok().and_then(|length| length.parse().ok()).unwrap_or(usize::MAX);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return refused("a body without a length");
        } else if NTM.id_header.is_some_and(|name| header.name.eq_ignore_ascii_case(name)) {
            id = header.value;
        }
    }
    if body > MAX_BODY { refused("too large a body") } else { Ok(Some(Head { length, body, course, id })) }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;
    use tokio::net::TcpListener;

    use super::*;

    const ASK: &str =
        "POST /plain HTTP/1.1\r\nhost: here\r\nContent-Length: 5\r\nX-NTM-Delivery-ID: evt-1_wh_a\r\n\r\n";

    /// A connection, and the end of it that is served.
    async fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (ours, theirs) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        (ours.unwrap(), theirs.unwrap().0)
    }

    #[tokio::test]
    async fn requests_are_answered_however_they_are_cut() {
        let both = format!("{ASK}hello{ASK}there");
        for piece in [1, 7, ASK.len(), ASK.len() + 2, both.len()] {
            let (mut ours, theirs) = connection().await;
            let arrivals = RefCell::new(Vec::new());
            let talk = async {
                for piece in both.as_bytes().chunks(piece) {
                    ours.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
                ours.shutdown().await.unwrap();
                let mut answers = String::new();
                ours.read_to_string(&mut answers).await.unwrap();
                answers
            };
            let arrived = |id: &[u8], at| arrivals.borrow_mut().push((id.to_vec(), at));
            let (served, answers) = tokio::join!(serve(theirs, arrived), talk);
            served.unwrap();
            assert_eq!(answers.matches("HTTP/1.1 200 OK\r\ncontent-length: 0\r\ndate: ").count(), 2, "{answers}");
            assert!(answers.ends_with(" GMT\r\n\r\n"), "{answers}");
            let arrivals = arrivals.into_inner();
            assert!(arrivals.iter().all(|(id, _)| id == b"evt-1_wh_a") && arrivals.len() == 2, "{arrivals:?}");
            assert!(arrivals[0].1 <= arrivals[1].1);
        }
    }

    #[tokio::test]
    async fn a_request_that_hangs_ends_with_its_sender_and_has_no_answer() {
        let (mut ours, theirs) = connection().await;
        let talk = async {
            ours.write_all(ASK.replace("/plain", "/hang").as_bytes()).await.unwrap();
            ours.write_all(b"hello, is there anybody").await.unwrap();
            ours.shutdown().await.unwrap();
            let mut answer = Vec::new();
            ours.read_to_end(&mut answer).await.unwrap();
            answer
        };
        let both = async { tokio::join!(serve(theirs, |_, _| ()), talk) };
        let (served, answer) = tokio::time::timeout(Duration::from_secs(10), both).await.unwrap();
        served.unwrap();
        assert!(answer.is_empty(), "{answer:?}");
    }

    #[test]
    fn the_path_tells_what_becomes_of_a_request() {
        for (path, course) in [
            ("/plain", Course::Answered),
            ("/slow", Course::Slow),
            ("/hang/7", Course::Hanging),
            ("/fan/slow", Course::Answered),
        ] {
            let ask = ASK.replace("/plain", path);
            let head = Head { length: ask.len(), body: 5, course, id: b"evt-1_wh_a" };
            assert_eq!(parse(ask.as_bytes()).unwrap(), Some(head), "{path}");
        }
    }

    #[test]
    fn what_it_does_not_speak_is_refused() {
        let endless = format!("POST / HTTP/1.1\r\nx: {}", "y".repeat(LONGEST_HEAD));
        for ask in [
            ASK.replace("Length: 5", "Length: 1048577"),
            ASK.replace("Length: 5", "Length: five"),
            ASK.replace("Content-Length: 5", "Transfer-Encoding: chunked"),
            "SSH-2.0-OpenSSH\r\n".to_owned(),
            endless,
        ] {
            let refused = parse(ask.as_bytes());
            assert!(refused.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::InvalidData), "{refused:?}");
        }
        assert_eq!(parse(&ASK.as_bytes()[..ASK.len() - 1]).unwrap(), None, "there is more to come");
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(noise in prop::collection::vec(any::<u8>(), 0..64), at in 0..ASK.len()) {
            let mut ask = ASK.as_bytes().to_vec();
            ask.splice(at..at, noise);
            if let Ok(Some(head)) = parse(&ask) {
                prop_assert!(head.length <= ask.len() && head.body <= MAX_BODY);
            }
        }
    }
}
