//! The server behind `hooktui sink`, the demo and tests: receives, verifies, answers as its script says.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::event::Millis;
use crate::wire::{Dialect, Key};

/// The largest body taken in, in bytes; larger ones are answered 413.
const MAX_BODY: usize = 64 << 20;

/// A local receiver.
pub struct Sink {
    /// Names the headers that are looked at and how a signature is verified.
    pub dialect: &'static Dialect,
    /// Verify signatures, any of them: what does not verify is answered 401, and the script is not asked. None: nothing is
    /// verified.
    pub keys: Vec<Key>,
    /// What the rest is answered.
    pub script: Script,
    /// Is told of each request once it is answered.
    pub visits: Option<mpsc::Sender<Visit>>,
}

/// Decides the answer to the n-th request (from 1).
pub type Script = Box<dyn Fn(u64) -> Answer + Send + Sync>;

/// What a request is answered.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its `Retry-After` header.
    pub retry_after: Option<HeaderValue>,
    /// Its body.
    pub body: &'static str,
    /// How long it is waited for.
    pub delay: Duration,
}

/// A request and how it was answered.
#[derive(Debug)]
pub struct Visit {
    /// When it had come in whole, Unix milliseconds.
    pub at: Millis,
    /// Its method.
    pub method: String,
    /// Its path and query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// What its signature was worth.
    pub signature: Signature,
    /// The status it was answered with.
    pub status: StatusCode,
}

/// What a signature was worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// There was none.
    None,
    /// There was one, and no secret to verify it with.
    Unchecked,
    /// It verifies.
    Good,
    /// It does not; why.
    Bad(String),
}

impl Answer {
    /// An answer of this status and body, at once.
    #[must_use]
    pub fn new(status: StatusCode, body: &'static str) -> Self {
        Self { status, body, ..Self::default() }
    }
}

impl Sink {
    /// Serves until the future is dropped.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let state = Arc::new(Served { sink: self, count: AtomicU64::new(0) });
        axum::serve(listener, Router::new().fallback(receive).with_state(state)).await
    }

    fn check(&self, headers: &HeaderMap, body: &[u8], at: Millis) -> Signature {
        let header = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        if !headers.contains_key(self.dialect.signature.header) {
            return Signature::None;
        }
        if self.keys.is_empty() {
            return Signature::Unchecked;
        }
        let verified = self.dialect.verify(&self.keys, &header, body, at.div_euclid(1_000));
        verified.map_or_else(|invalid| Signature::Bad(invalid.to_string()), |()| Signature::Good)
    }
}

struct Served {
    sink: Sink,
    count: AtomicU64,
}

async fn receive(State(served): State<Arc<Served>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let at = jiff::Timestamp::now().as_millisecond();
    let sink = &served.sink;
    let signature = sink.check(&head.headers, &body, at);
    let answer = if !sink.keys.is_empty() && signature != Signature::Good {
        Answer::new(StatusCode::UNAUTHORIZED, "the signature does not verify\n")
    } else {
        (sink.script)(served.count.fetch_add(1, Ordering::Relaxed) + 1)
    };
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    if let Some(visits) = &sink.visits {
        let path = head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let (method, headers, status) = (head.method.to_string(), head.headers, answer.status);
        // Whoever listened may have gone; the answer goes out all the same.
        let _ = visits.send(Visit { at, method, path, headers, body, signature, status }).await;
    }
    let retry_after = answer.retry_after.map(|value| (header::RETRY_AFTER, value));
    (answer.status, HeaderMap::from_iter(retry_after), answer.body).into_response()
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Unchecked => f.write_str("unchecked"),
            Self::Good => f.write_str("ok"),
            Self::Bad(why) => write!(f, "BAD: {why}"),
        }
    }
}
