//! One HTTP request, and what came of it. The only place that names `hyper`.
//!
//! Redirects are not followed, no proxy is used, every address is judged by the guard before it is connected to, and
//! neither a slow nor an endless answer holds more than the attempt's own time or [`MOST_READ`] bytes.
//!
//! The connections are our own to keep (`pool.rs`): a general client between hyper and us costs as much again as hyper does.

mod connect;
mod pool;
mod words;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};

use crate::config::Network;
use crate::wire::Request;
use crate::wire::address::{Origin, Sending};

use super::guard::Guard;
use connect::Connector;
use pool::{Line, Pool};

/// So much of an answer's body is kept.
pub const KEPT_BODY: usize = 4 * 1024;

/// So much of it is looked through before it is cut: a secret that lies across the cut must be whole to be found.
const SCRUBBED_BODY: usize = 2 * KEPT_BODY;

/// So much of an answer's body is read; then the connection is dropped.
pub const MOST_READ: usize = 64 * 1024;

/// So much of an answer's headers is kept, names and values together.
const KEPT_HEADERS: usize = 8 * 1024;

/// Headers that are added to the request's own: `Accept`, `Host`, `Content-Length`.
const ADDED: usize = 3;

/// What came of a request. Not masked yet.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// Status, if there was an answer.
    pub status: Option<u16>,
    /// Headers of the answer.
    pub headers: Vec<(String, String)>,
    /// The beginning of its body, more than is kept of it.
    pub body: Vec<u8>,
    /// Why there is no whole answer.
    pub failure: Option<Failure>,
    /// Who answered.
    pub remote: Option<Arc<str>>,
    /// How long the whole took, microseconds.
    pub whole_us: u64,
    /// Name resolution, microseconds; none where a connection was reused or no name had to be resolved.
    pub resolve_us: Option<u64>,
    /// Until the head of the answer, microseconds.
    pub first_byte_us: Option<u64>,
}

/// Why there is no whole answer, in words that never hold the URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Time ran out.
    Timeout(String),
    /// No connection, or it broke, or what came is not HTTP.
    Network(String),
    /// Nothing was sent: the guard refused the address, or a header cannot be written.
    Blocked(String),
}

/// How requests are sent.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Over the network.
    Http(Http),
    /// By a script, in tests.
    Scripted(Arc<dyn Script>),
}

/// Stands in for the network in tests.
pub trait Script: std::fmt::Debug + Send + Sync {
    /// Answers a request.
    fn send<'a>(&'a self, request: &'a Request, timeout: Duration) -> Pin<Box<dyn Future<Output = Sent> + Send + 'a>>;
}

impl Transport {
    /// Over the network, as far as `network` allows.
    ///
    /// # Errors
    /// In words, when the HTTP client cannot be made.
    pub fn http(network: &Network) -> Result<Self, String> {
        Http::new(network).map(Self::Http)
    }

    /// Sends a request; `timeout` bounds the whole attempt.
    pub async fn send(&self, request: &Request, timeout: Duration) -> Sent {
        match self {
            Self::Http(http) => http.send(request, timeout).await,
            Self::Scripted(script) => script.send(request, timeout).await,
        }
    }
}

/// Sends behind the address guard. Connections are kept alive and reused.
#[derive(Clone)]
pub struct Http {
    connector: Arc<Connector>,
    pool: Pool,
}

impl Http {
    fn new(network: &Network) -> Result<Self, String> {
        let connector = Connector::new(Guard::new(network.clone()));
        let connector = connector.map_err(|error| format!("the HTTP client cannot be made: {error}"))?;
        Ok(Self { connector: Arc::new(connector), pool: Pool::default() })
    }

    async fn send(&self, request: &Request, timeout: Duration) -> Sent {
        let begun = Instant::now();
        let mut sent = Sent::default();
        let deadline = tokio::time::Instant::from_std(begun) + timeout;
        let ended = tokio::time::timeout_at(deadline, self.exchange(request, begun, &mut sent)).await;
        // The status is the receiver's word; a body that breaks off or takes too long takes nothing back. To send again what
        // was accepted with a 200, or what a 410 refused, would help nobody.
        if sent.status.is_none() {
            sent.failure = match ended {
                Ok(Ok(())) => None,
                Ok(Err(failure)) => Some(failure),
                Err(_) => {
                    if let Some(to) = request.url.sending() {
                        self.pool.give_up_shared(&to.origin);
                    }
                    Some(Failure::Timeout(format!("timeout after {}, no first byte", seconds(timeout))))
                }
            };
        }
        sent.whole_us = micros(begun);
        sent
    }

    async fn exchange(&self, request: &Request, begun: Instant, sent: &mut Sent) -> Result<(), Failure> {
        let (to, mut message) = self.prepare(request)?;
        let (line, response) = loop {
            let (mut line, is_new) = match self.pool.take(&to.origin) {
                Some(line) => (line, false),
                // Seldom and large: boxed, so that not every request has to have room for it.
                None => (Box::pin(self.connect(&to.origin, &mut sent.resolve_us)).await?, true),
            };
            match line.send(message, to).await {
                Ok(response) => break (line, response),
                // A connection that waited may close just now: what was not sent over it goes over another one.
                Err(mut error) => match error.take_message().filter(|_| !is_new) {
                    Some(again) => message = again,
                    None => return Err(words::failure(error.error())),
                },
            }
        };
        sent.status = Some(response.status().as_u16());
        sent.headers = kept_headers(response.headers());
        sent.remote = Some(line.remote.clone());
        sent.first_byte_us = Some(micros(begun));
        let whole = read_body(response.into_body(), &mut sent.body).await.map_err(|error| words::failure(&error))?;
        if whole {
            self.pool.keep(&to.origin, line);
        }
        Ok(())
    }

    async fn connect(&self, origin: &Origin, lookup_us: &mut Option<u64>) -> Result<Line, Failure> {
        let connected = self.connector.connect(origin, lookup_us).await?;
        let line = Line::open(connected).await.map_err(|error| words::failure(&error))?;
        Ok(self.pool.introduce(origin, line))
    }

    fn prepare<'r>(&self, request: &'r Request) -> Result<(&'r Sending, http::Request<Full<Bytes>>), Failure> {
        let blocked = |what: String| Err(Failure::Blocked(what));
        self.connector
            .guard
            .judge_url(request.url.expose())
            .map_err(|blocked| Failure::Blocked(blocked.to_string()))?;
        let Some(to) = request.url.sending() else {
            return blocked("the URL cannot be sent to: no request can be made of it".to_owned());
        };
        let Ok(method) = Method::from_bytes(request.method.as_bytes()) else {
            return blocked(format!("{:?} is no HTTP method", request.method));
        };
        let mut headers = HeaderMap::with_capacity(request.headers.len() + ADDED);
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        for header in &request.headers {
            let name = HeaderName::from_bytes(header.name.as_bytes());
            let value = HeaderValue::from_bytes(header.value.as_bytes());
            let (Ok(name), Ok(value)) = (name, value) else {
                return blocked(format!("header {:?} cannot be sent: not a valid HTTP header", header.name));
            };
            headers.insert(name, value);
        }
        let mut message = http::Request::new(Full::new(request.body.clone()));
        *message.method_mut() = method;
        *message.headers_mut() = headers;
        Ok((to, message))
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http")
    }
}

/// Reads a body as far as anybody wants it; answers whether that was all of it.
async fn read_body(mut body: Incoming, kept: &mut Vec<u8>) -> hyper::Result<bool> {
    let mut read = 0;
    if body.is_end_stream() {
        return Ok(true);
    }
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame?.into_data() else { continue };
        let room = SCRUBBED_BODY.saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
        read += chunk.len();
        if read > MOST_READ {
            return Ok(false);
        }
    }
    Ok(true)
}

fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut room = KEPT_HEADERS;
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .take_while(|(name, value)| {
            let fits = name.len() + value.len() <= room;
            room = room.saturating_sub(name.len() + value.len());
            fits
        })
        .collect()
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// "10 s", "1.5 s".
fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
