//! One HTTP request, and what came of it. The only place of the engine that names `hyper` and `httparse`.
//!
//! Redirects are not followed, no proxy is used, every address is judged by the guard before it is connected to, and
//! neither a slow nor an endless answer holds more than the attempt's own time or [`MOST_READ`] bytes.
//!
//! The connections are our own to keep (`pool.rs`), and HTTP/1.1 is our own to speak (`http1.rs`): a general client costs
//! more than everything else that a delivery needs of the processor besides the system.

mod answer;
mod connect;
mod http1;
mod http2;
mod pool;
mod words;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::Network;
use crate::wire::Request;
use crate::wire::address::{Origin, Sending};

use super::guard::Guard;
pub use answer::Fields;
use connect::Connector;
use pool::{Line, Pool};

/// So much of an answer's body is kept.
pub const KEPT_BODY: usize = 4 * 1024;

/// So much of it is looked through before it is cut: a secret that lies across the cut must be whole to be found.
const SCRUBBED_BODY: usize = 2 * KEPT_BODY;

/// So much of an answer's body is read; then the connection is dropped.
pub const MOST_READ: usize = 64 * 1024;

/// What came of a request. Not masked yet.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// Status, if there was an answer.
    pub status: Option<u16>,
    /// Headers of the answer.
    pub headers: Fields,
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
    #[must_use]
    pub fn http(network: &Network) -> Self {
        let connector = Connector { guard: Guard::new(network.clone()) };
        Self::Http(Http { connector: Arc::new(connector), pool: Pool::default() })
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
    async fn send(&self, request: &Request, timeout: Duration) -> Sent {
        let mut sent = Sent::default();
        // What is made once for all TLS connections is no time that this receiver takes.
        if request.url.sending().is_some_and(|to| to.origin.https) {
            let ready = tokio::time::timeout(timeout, connect::tls()).await;
            let late = |_| {
                Err(Failure::Timeout(format!(
                    "{} were not enough to read this system's certificates",
                    seconds(timeout)
                )))
            };
            if let Err(failure) = ready.unwrap_or_else(late) {
                sent.failure = Some(failure);
                return sent;
            }
        }
        let begun = Instant::now();
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
        let to = self.checked(request)?;
        let (line, was_there) = match self.pool.take(&to.origin, begun) {
            Some(line) => (line, true),
            None => self.connect(&to.origin, sent).await?,
        };
        match self.send_over(line, request, to, begun, sent).await {
            // A receiver ends a connection that is kept when it likes, and that says nothing of it: once more, over a new one.
            Err(Broken::Ended(_)) if was_there => {}
            ended => return ended.map_err(Broken::failure),
        }
        let (line, _) = self.connect(&to.origin, sent).await?;
        self.send_over(line, request, to, begun, sent).await.map_err(Broken::failure)
    }

    /// Sends over this connection, and keeps it if it takes another request.
    async fn send_over(
        &self,
        mut line: Line,
        request: &Request,
        to: &Sending,
        begun: Instant,
        sent: &mut Sent,
    ) -> Result<(), Broken> {
        if line.send(request, to, begun, sent).await? {
            self.pool.keep(&to.origin, line);
        }
        Ok(())
    }

    /// Connects; answers also whether the connection was there already: one that is shared, made meanwhile for another request.
    async fn connect(&self, origin: &Origin, sent: &mut Sent) -> Result<(Line, bool), Failure> {
        // Seldom and large: boxed, so that not every request has to have room for it.
        let connected = Box::pin(self.connector.connect(origin, &mut sent.resolve_us)).await?;
        let line = Box::pin(Line::open(connected)).await.map_err(|error| words::failure(&error))?;
        Ok(self.pool.introduce(origin, line))
    }

    /// Where the request goes, if it may go there and can be written.
    fn checked<'r>(&self, request: &'r Request) -> Result<&'r Sending, Failure> {
        let blocked = |what: String| Err(Failure::Blocked(what));
        self.connector
            .guard
            .judge_url(request.url.expose())
            .map_err(|blocked| Failure::Blocked(blocked.to_string()))?;
        let Some(to) = request.url.sending() else {
            return blocked("the URL cannot be sent to: no request can be made of it".to_owned());
        };
        if !is_token(request.method) {
            return blocked(format!("{:?} is no HTTP method", request.method));
        }
        match request.headers.iter().find(|header| !is_token(&header.name) || !is_field_value(&header.value)) {
            Some(header) => blocked(format!("header {:?} cannot be sent: not a valid HTTP header", header.name)),
            None => Ok(to),
        }
    }
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let is_mark = |byte| matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

/// Without control characters, and so without the end of a line (RFC 9110, 5.5).
fn is_field_value(text: &str) -> bool {
    // Without a way out at the first that is not: so it takes many bytes at once.
    let fits = |byte: u8| byte == b'\t' || (byte >= b' ' && byte != 0x7f);
    text.bytes().fold(true, |all, byte| all & fits(byte))
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http")
    }
}

/// A body as it comes in: its beginning is kept, and the rest counted.
struct Body<'k> {
    kept: &'k mut Vec<u8>,
    read: usize,
}

impl Body<'_> {
    /// Takes what has come; answers whether more is wanted.
    fn take(&mut self, chunk: &[u8]) -> bool {
        let room = SCRUBBED_BODY.saturating_sub(self.kept.len()).min(chunk.len());
        self.kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
        self.read += chunk.len();
        self.read <= MOST_READ
    }
}

/// Why a connection brought no answer.
enum Broken {
    /// It ended, or said that it does not take the request, before anything of an answer came.
    Ended(Failure),
    /// It failed otherwise: what came is no answer, or refuses this very request.
    Failed(Failure),
}

impl Broken {
    fn failure(self) -> Failure {
        match self {
            Self::Ended(failure) | Self::Failed(failure) => failure,
        }
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// "10 s", "1.5 s".
fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
