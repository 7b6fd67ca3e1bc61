//! HTTP/1.1 over one connection, one request at a time (RFC 9112).
//!
//! The task that sends does all of it: writes, reads, and parses with `httparse`. A general client gives the connection a
//! task of its own, and each request and each answer goes from task to task: that costs as much as all the rest here.

use std::future::{Future, poll_fn};
use std::io::{self, Write as _};
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, BytesMut};
use httparse::{ParserConfig, Response, Status};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::answer::Fields;
use super::{Body, Broken, Failure, words};
use crate::wire::Request;
use crate::wire::address::Sending;

/// Most headers of an answer.
const MOST_HEADERS: usize = 100;

/// So many bytes may come before an answer's head is whole.
const LONGEST_HEAD: usize = 64 * 1024;

/// Longest line between the chunks of a body.
const LONGEST_LINE: usize = 8 * 1024;

/// So much is read at once.
const ROOM: usize = 4 * 1024;

/// What a usual request's head takes, bytes.
const USUAL_HEAD: usize = 512;

/// A connection.
pub(super) struct Http1<S> {
    stream: S,
    /// What has come and is not used yet.
    read: BytesMut,
}

/// The head of an answer.
#[derive(Debug)]
pub(super) struct Head {
    pub status: u16,
    pub headers: Fields,
    /// How the body ends.
    pub framing: Framing,
    /// The connection takes another request when the body has been read.
    pub keeps: bool,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// In chunks, the last of which is empty.
    Chunked,
    /// With the connection.
    Closed,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Http1<S> {
    /// Over a connection just made.
    pub fn new(stream: S) -> Self {
        Self { stream, read: BytesMut::new() }
    }

    /// Whether the other side still listens, and has said nothing that it was not asked. Asks nobody: what the runtime has
    /// heard of the socket tells.
    pub fn is_ready(&mut self) -> bool {
        let mut byte = [0; 1];
        let mut context = Context::from_waker(Waker::noop());
        self.read.is_empty()
            && Pin::new(&mut self.stream).poll_read(&mut context, &mut ReadBuf::new(&mut byte)).is_pending()
    }

    /// Sends a request and reads the head of its answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Head, Broken> {
        let (mut written, mut seen, mut come) = (0, 0, 0);
        loop {
            let read = poll_fn(|cx| self.poll_exchange(cx, request, &mut written)).await;
            let read =
                read.and_then(|read| if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read) });
            come += read.map_err(|error| match words::failure(&error) {
                failure if come == 0 => Broken::Ended(failure),
                failure => Broken::Failed(failure),
            })?;
            // A head that comes in many small pieces is not parsed anew with each.
            while seen == 0 || ends_a_head(self.read.get(seen..).unwrap_or_default()) {
                let Some((mut head, length)) = parse(&self.read).map_err(Broken::Failed)? else { break };
                self.read.advance(length);
                seen = 0;
                // Interim answers say that the real one follows (RFC 9110, 15.2); after 101 it would be another protocol.
                if !matches!(head.status, 100 | 102..200) {
                    head.keeps &= written == request.len();
                    return Ok(head);
                }
                if self.read.is_empty() {
                    break;
                }
            }
            if come > LONGEST_HEAD {
                return Err(Broken::Failed(Failure::Network("the head of the answer is too long".to_owned())));
            }
            seen = self.read.len().saturating_sub(3);
        }
    }

    /// Goes on writing what is left, and reads: a receiver may answer before it has read all, and read no further then.
    fn poll_exchange(&mut self, cx: &mut Context<'_>, request: &[u8], written: &mut usize) -> Poll<io::Result<usize>> {
        while *written < request.len() {
            let left = request.get(*written..).unwrap_or_default();
            match Pin::new(&mut self.stream).poll_write(cx, left) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(some)) => *written += some,
                Poll::Ready(Err(error)) if *written == 0 => return Poll::Ready(Err(error)),
                // What it has said tells more than that it listens no more.
                Poll::Ready(Err(_)) | Poll::Pending => break,
            }
        }
        // TLS may hold some of it back. An error shows when it is read.
        let _ = Pin::new(&mut self.stream).poll_flush(cx);
        self.read.reserve(ROOM);
        pin!(self.stream.read_buf(&mut self.read)).poll(cx)
    }

    /// Reads a body as far as anybody wants it; answers whether that was all of it, and nothing came behind it.
    pub async fn body(&mut self, framing: Framing, body: &mut Body<'_>) -> io::Result<bool> {
        let whole = match framing {
            Framing::Length(length) => self.piece(length, body).await?,
            Framing::Chunked => self.chunks(body).await?,
            Framing::Closed => self.piece(u64::MAX, body).await?,
        };
        Ok(whole && self.read.is_empty())
    }

    /// Takes so many bytes of a body; answers whether more are wanted.
    async fn piece(&mut self, mut length: u64, body: &mut Body<'_>) -> io::Result<bool> {
        while length > 0 {
            if self.read.is_empty() {
                self.fill().await?;
            }
            let some = self.read.len().min(usize::try_from(length).unwrap_or(usize::MAX));
            let wanted = body.take(self.read.get(..some).unwrap_or_default());
            self.read.advance(some);
            length -= some as u64;
            if !wanted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn chunks(&mut self, body: &mut Body<'_>) -> io::Result<bool> {
        loop {
            let size = self.chunk_size().await?;
            if size == 0 {
                break;
            }
            if !self.piece(size, body).await? {
                return Ok(false);
            }
            if self.line().await? > 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        // What stands in trailers nobody asks for.
        for _ in 0..MOST_HEADERS {
            if self.line().await? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn chunk_size(&mut self) -> io::Result<u64> {
        loop {
            match httparse::parse_chunk_size(&self.read) {
                // A line without a number is taken for a zero there.
                Ok(Status::Complete((length, size))) if self.read.first().is_some_and(u8::is_ascii_hexdigit) => {
                    self.read.advance(length);
                    return Ok(size);
                }
                Ok(Status::Partial) if self.read.len() < LONGEST_LINE => self.fill().await?,
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }

    /// Takes a line; answers how long it is without its end.
    async fn line(&mut self) -> io::Result<usize> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line = self.read.get(..end).unwrap_or_default();
                let length = line.strip_suffix(b"\r").unwrap_or(line).len();
                self.read.advance(end + 1);
                return Ok(length);
            }
            if self.read.len() >= LONGEST_LINE {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        self.read.reserve(ROOM);
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// The request as it goes over the wire, in one piece: one write costs the system less than two.
pub(super) fn message(request: &Request, to: &Sending) -> Vec<u8> {
    let mut message = Vec::with_capacity(USUAL_HEAD + request.body.len());
    let path = to.path.path_and_query().map_or("/", |path| path.as_str());
    for part in [request.method.as_bytes(), b" ", path.as_bytes(), b" HTTP/1.1\r\nHost: ", to.host.as_bytes(), b"\r\n"]
    {
        message.extend_from_slice(part);
    }
    if !request.headers.iter().any(|header| header.name.eq_ignore_ascii_case("accept")) {
        message.extend_from_slice(b"Accept: */*\r\n");
    }
    for header in &request.headers {
        for part in [header.name.as_bytes(), b": ", header.value.as_bytes(), b"\r\n"] {
            message.extend_from_slice(part);
        }
    }
    // Writing to memory does not fail.
    let _ = write!(message, "Content-Length: {}\r\n\r\n", request.body.len());
    message.extend_from_slice(&request.body);
    message
}

/// Whether a head may end here: an empty line.
fn ends_a_head(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|two| two == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}

/// The head at the beginning of these bytes, and its length; none if it is not whole yet.
fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, Failure> {
    let mut headers = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut response = Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
    match parsed.map_err(|error| Failure::Network(error.to_string()))? {
        Status::Complete(length) => Ok(Some((Head::of(&response)?, length))),
        Status::Partial => Ok(None),
    }
}

impl Head {
    fn of(response: &Response<'_, '_>) -> Result<Self, Failure> {
        let is_11 = response.version == Some(1);
        let status = response.code.unwrap_or_default();
        let mut headers = Fields::with_capacity(response.headers.len());
        let (mut closes, mut keeps, mut length, mut chunked) = (false, is_11, None, None);
        for header in response.headers.iter() {
            headers.push(header.name, header.value);
            if header.name.eq_ignore_ascii_case("connection") {
                closes |= tokens(header.value).any(|token| token.eq_ignore_ascii_case(b"close"));
                keeps |= tokens(header.value).any(|token| token.eq_ignore_ascii_case(b"keep-alive"));
            } else if header.name.eq_ignore_ascii_case("content-length") {
                for token in tokens(header.value) {
                    length = Some(agreed(length, token)?);
                }
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = tokens(header.value).last().map(|coding| coding.eq_ignore_ascii_case(b"chunked"));
            }
        }
        // RFC 9112, 6.3. An answer that says both how long it is and that it comes in chunks is not to be trusted further.
        let framing = match (chunked, length) {
            _ if matches!(status, 100..200 | 204 | 304) => Framing::Length(0),
            (Some(_), _) if !is_11 => return Err(unreadable("a transfer coding in HTTP/1.0")),
            (Some(true), _) => Framing::Chunked,
            (None, Some(length)) => Framing::Length(length),
            (Some(false), _) | (None, None) => Framing::Closed,
        };
        let trusted = status != 101 && framing != Framing::Closed && !(chunked.is_some() && length.is_some());
        Ok(Self { status, headers, framing, keeps: keeps && !closes && trusted })
    }
}

/// The values of a list.
fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// A `Content-Length`, which must say what one before it said.
fn agreed(before: Option<u64>, digits: &[u8]) -> Result<u64, Failure> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let length = std::str::from_utf8(digits).ok().filter(|_| is_number).and_then(|digits| digits.parse().ok());
    let agrees = |length: &u64| before.is_none_or(|before| before == *length);
    length.filter(agrees).ok_or_else(|| unreadable("its length is no number, or several"))
}

fn unreadable(why: &str) -> Failure {
    Failure::Network(format!("the answer cannot be read: {why}"))
}

#[cfg(test)]
mod tests;
