//! One HTTP request, and what came of it. The only file that names `reqwest`.
//!
//! Redirects are not followed, no proxy is used, every address is judged by the guard before it is connected to, and
//! neither a slow nor an endless answer holds more than the attempt's own time or [`MOST_READ`] bytes.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::config::Network;
use crate::wire::Request;

use super::guard::{Blocked, Guard};

/// So much of an answer's body is kept.
pub const KEPT_BODY: usize = 4 * 1024;

/// So much of it is looked through before it is cut: a secret that lies across the cut must be whole to be found.
const SCRUBBED_BODY: usize = 2 * KEPT_BODY;

/// So much of an answer's body is read; then the connection is dropped.
pub const MOST_READ: usize = 64 * 1024;

/// So much of an answer's headers is kept, names and values together.
const KEPT_HEADERS: usize = 8 * 1024;

/// Headers that the client adds: room for them from the start.
const ADDED: usize = 3;

/// Shorter than the keep-alive of common servers (5 s), so that a request seldom meets a connection about to close.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

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
    pub remote: Option<String>,
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

/// An HTTP client behind the address guard. Connections are kept alive and reused.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    guard: Arc<Guard>,
}

impl Http {
    fn new(network: &Network) -> Result<Self, String> {
        static PROVIDER: Once = Once::new();
        // Fails only where the program has installed one already, which serves as well.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let guard = Arc::new(Guard::new(network.clone()));
        let builder = || {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .dns_resolver(GuardedResolver(guard.clone()))
                .pool_idle_timeout(KEEP_ALIVE)
                .tcp_nodelay(true)
        };
        // Without certificates of the system (a bare container) plain http must work all the same.
        let client = builder().build().or_else(|_| builder().tls_certs_only([]).build());
        let client = client.map_err(|error| format!("the HTTP client cannot be made: {}", innermost(&error)))?;
        Ok(Self { client, guard })
    }

    async fn send(&self, request: &Request, timeout: Duration) -> Sent {
        let begun = Instant::now();
        let lookup = Arc::new(AtomicU64::new(0));
        let mut sent = LOOKUP_US.scope(lookup.clone(), self.exchange(request, timeout, begun)).await;
        sent.whole_us = micros(begun);
        sent.resolve_us = Some(lookup.load(Ordering::Relaxed)).filter(|micros| *micros > 0);
        sent
    }

    async fn exchange(&self, request: &Request, timeout: Duration, begun: Instant) -> Sent {
        let prepared = match self.prepare(request) {
            Ok(prepared) => prepared,
            Err(failure) => return Sent { failure: Some(failure), ..Sent::default() },
        };
        let mut sent = Sent::default();
        let exchange = async {
            let mut response = self.client.execute(prepared).await?;
            sent.status = Some(response.status().as_u16());
            sent.headers = kept_headers(response.headers());
            sent.remote = response.remote_addr().map(|address| address.to_string());
            sent.first_byte_us = Some(micros(begun));
            read_body(&mut response, &mut sent.body).await
        };
        let deadline = tokio::time::Instant::from_std(begun) + timeout;
        let ended = tokio::time::timeout_at(deadline, exchange).await;
        // The status is the receiver's word; a body that breaks off or takes too long takes nothing back. To send again what
        // was accepted with a 200, or what a 410 refused, would help nobody.
        if sent.status.is_none() {
            sent.failure = match ended {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(failure_of(&error)),
                Err(_) => Some(Failure::Timeout(format!("timeout after {}, no first byte", seconds(timeout)))),
            };
        }
        sent
    }

    fn prepare(&self, request: &Request) -> Result<reqwest::Request, Failure> {
        let url = request.url.expose();
        self.guard.judge_url(url).map_err(|blocked| Failure::Blocked(blocked.to_string()))?;
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Failure::Blocked(format!("{:?} is no HTTP method", request.method)))?;
        let mut headers = HeaderMap::with_capacity(request.headers.len() + ADDED);
        for header in &request.headers {
            let name = HeaderName::from_bytes(header.name.as_bytes());
            let value = HeaderValue::from_bytes(header.value.as_bytes());
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(Failure::Blocked(format!(
                    "header {:?} cannot be sent: not a valid HTTP header",
                    header.name
                )));
            };
            headers.insert(name, value);
        }
        let mut prepared = reqwest::Request::new(method, url.clone());
        *prepared.headers_mut() = headers;
        *prepared.body_mut() = Some(request.body.clone().into());
        Ok(prepared)
    }
}

tokio::task_local! {
    /// Where the resolver notes for the attempt how long it took.
    static LOOKUP_US: Arc<AtomicU64>;
}

/// Resolves names and passes on only the addresses that the guard allows: those are the ones connected to.
struct GuardedResolver(Arc<Guard>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        let lookup = LOOKUP_US.try_with(Arc::clone).ok();
        Box::pin(async move {
            let begun = Instant::now();
            Guard::judge_name(name.as_str())?;
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            if let Some(lookup) = lookup {
                lookup.store(micros(begun).max(1), Ordering::Relaxed);
            }
            let found: Vec<SocketAddr> =
                found.map_err(|error| Unresolved { name: name.as_str().to_owned(), error })?.collect();
            let mut refused = None;
            let mut allowed = found.clone();
            allowed.retain(|address| guard.judge(address.ip()).map_err(|blocked| refused = Some(blocked)).is_ok());
            match refused {
                Some(blocked) if allowed.is_empty() => Err(blocked.into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name {name} does not resolve: {error}")]
struct Unresolved {
    name: String,
    error: io::Error,
}

async fn read_body(response: &mut reqwest::Response, kept: &mut Vec<u8>) -> reqwest::Result<()> {
    let mut read = 0;
    while let Some(chunk) = response.chunk().await? {
        let room = SCRUBBED_BODY.saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
        read += chunk.len();
        if read > MOST_READ {
            break;
        }
    }
    Ok(())
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

fn failure_of(error: &reqwest::Error) -> Failure {
    match find::<Blocked>(error) {
        Some(blocked) => Failure::Blocked(blocked.to_string()),
        None => Failure::Network(in_words(error)),
    }
}

/// The cause in words. The URL stands in the outermost error only, which is never printed.
fn in_words(error: &reqwest::Error) -> String {
    if let Some(unresolved) = find::<Unresolved>(error) {
        return unresolved.to_string();
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return match tls {
            rustls::Error::InvalidCertificate(why) => format!("certificate not trusted: {why}"),
            other => format!("TLS failed: {other}"),
        };
    }
    if let Some(cause) = find::<io::Error>(error) {
        match cause.kind() {
            io::ErrorKind::ConnectionRefused => return "connection refused".to_owned(),
            io::ErrorKind::ConnectionReset => return "connection reset".to_owned(),
            io::ErrorKind::HostUnreachable => return "host unreachable".to_owned(),
            io::ErrorKind::NetworkUnreachable => return "network unreachable".to_owned(),
            io::ErrorKind::UnexpectedEof => return "connection closed".to_owned(),
            _ => {}
        }
    }
    innermost(error)
}

/// The text of the error that caused all others.
fn innermost(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else {
        // An error of the client itself: its kind, without the URL.
        return if error.is_builder() {
            "the request cannot be built".to_owned()
        } else {
            "the request failed".to_owned()
        };
    };
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let mut text = String::new();
    let _ = write!(text, "{cause}");
    text
}

/// The first error of this type in the chain of causes, also where one is packed into an I/O error.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut cause: Option<&'a (dyn StdError + 'static)> = Some(error);
    while let Some(one) = cause {
        if let Some(found) = one.downcast_ref::<E>() {
            return Some(found);
        }
        let packed = one.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = match packed {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => one.source(),
        };
    }
    None
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// "10 s", "1.5 s".
fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
