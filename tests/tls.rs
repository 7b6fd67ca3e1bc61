//! Deliveries over TLS, in HTTP/2 and HTTP/1.1, to a receiver whose certificate the system trusts, or does not.
//!
//! `tests/tls/` holds an authority made for this and the certificate of `localhost` that it signed, and
//! one of the same key that `openssl req -x509` makes by itself, all for a hundred years.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there and then")]

mod support;

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use support::project::{Project, both, repository};
use support::receiver::Receiver;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What the receiver saw.
#[derive(Debug, Clone, Default)]
struct Seen {
    connections: usize,
    /// Version, host (authority in HTTP/2) and body of each request.
    requests: Vec<(Version, String, Bytes)>,
}

/// A receiver that speaks TLS, and over it what of `protocols` the sender likes best. Its thread ends with the tests.
fn receiver(protocols: &[&[u8]]) -> (SocketAddr, Arc<Mutex<Seen>>) {
    receiver_with("localhost.pem", protocols)
}

/// As [`receiver`], with this certificate.
fn receiver_with(certificate: &str, protocols: &[&[u8]]) -> (SocketAddr, Arc<Mutex<Seen>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::<Mutex<Seen>>::default();
    let (notes, acceptor) = (seen.clone(), TlsAcceptor::from(Arc::new(config(certificate, protocols))));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (notes, acceptor) = (notes.clone(), acceptor.clone());
                tokio::spawn(async move {
                    // One that does not trust us hangs up.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    notes.lock().unwrap().connections += 1;
                    let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    let answer = service_fn(move |request| note(notes.clone(), request));
                    let stream = TokioIo::new(stream);
                    let _ = if h2 {
                        http2::Builder::new(TokioExecutor::new()).serve_connection(stream, answer).await
                    } else {
                        http1::Builder::new().serve_connection(stream, answer).await
                    };
                });
            }
        });
    });
    (address, seen)
}

fn config(certificate: &str, protocols: &[&[u8]]) -> ServerConfig {
    let file = |name: &str| std::fs::read(repository("tests/tls").join(name)).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(&file(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&file("localhost.key")).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    config
}

async fn note(notes: Arc<Mutex<Seen>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let host = head.headers.get("host").and_then(|host| host.to_str().ok());
    let host = head.uri.authority().map(ToString::to_string).or(host.map(ToOwned::to_owned)).unwrap_or_default();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    notes.lock().unwrap().requests.push((head.version, host, body));
    Ok(Response::new(Full::from("taken")))
}

/// Frames of HTTP/2 (RFC 9113, 6): type, flags, stream, and what is in it.
const SETTINGS: (u8, u8) = (4, 0);
const ANSWER: (u8, u8) = (1, 5);
const RESET: (u8, u8) = (3, 0);
const GOAWAY: (u8, u8) = (7, 0);

fn frame((kind, flags): (u8, u8), stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), content].concat()
}

/// Reads frames of HTTP/2 until a request has begun; answers with its stream.
async fn next_request(stream: &mut TlsStream<TcpStream>) -> std::io::Result<u32> {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [a, b, c, kind, _, stream_id @ ..] = head;
        let mut content = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut content).await?;
        if kind == 1 {
            return Ok(u32::from_be_bytes(stream_id));
        }
    }
}

/// A receiver of HTTP/2 that takes so many requests over each connection; to the next one it says `refuses` and closes.
fn refusing(takes: usize, refuses: impl Fn(u32) -> Vec<u8> + Send + 'static) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::<AtomicUsize>::default();
    let (counted, acceptor) = (connections.clone(), TlsAcceptor::from(Arc::new(config("localhost.pem", &[b"h2"]))));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                counted.fetch_add(1, Ordering::SeqCst);
                let mut preface = [0; 24];
                let _ = stream.read_exact(&mut preface).await;
                let _ = stream.write_all(&frame(SETTINGS, 0, &[])).await;
                let mut answered = 0;
                while let Ok(id) = next_request(&mut stream).await {
                    // 0x88 is `:status: 200`.
                    let answer = if answered < takes { frame(ANSWER, id, &[0x88]) } else { refuses(id) };
                    let _ = stream.write_all(&answer).await;
                    if answered == takes {
                        break;
                    }
                    answered += 1;
                }
                let _ = stream.shutdown().await;
            }
        });
    });
    (address, connections)
}

/// The connection ends; nothing from this stream on was looked at.
fn goes_away(stream: u32) -> Vec<u8> {
    let last = (stream - 1).to_be_bytes();
    frame(GOAWAY, 0, &[last, [0; 4]].concat())
}

fn refused_with(code: u8) -> impl Fn(u32) -> Vec<u8> {
    move |stream| frame(RESET, stream, &[0, 0, 0, code])
}

/// Sends so many events to the receiver, which this process trusts or not, and tells what became of them.
fn deliver(address: SocketAddr, events: usize, trusted: bool) -> Vec<Value> {
    deliver_by(4, address, events, trusted)
}

/// As [`deliver`], so many at once.
fn deliver_by(concurrency: usize, address: SocketAddr, events: usize, trusted: bool) -> Vec<Value> {
    let project = Project::new(&format!(
        "hooktui:\n  webhooks:\n    - {{name: ops, url: 'https://localhost:{}/hook', concurrency: {concurrency}, retry: {{max_attempts: 0}}}}\n",
        address.port()
    ));
    for number in 0..events {
        project.ok(&["emit", "agent.error", "-m", &format!("number {number}")]);
    }
    let mut run = project.command(["run", "--until-idle", "--max-wait", "30s"]);
    if trusted {
        run.env("SSL_CERT_FILE", repository("tests/tls/ca.pem"));
    }
    let output = run.output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    project.json(&["deliveries"]).as_array().unwrap().clone()
}

const EVENTS: usize = 12;

#[test]
fn certificates_that_cannot_be_read_hold_up_neither_plain_http_nor_the_end() {
    let receiver = Receiver::good();
    let project = Project::new(&format!(
        "hooktui:\n  webhooks:\n    - {{name: plain, url: '{}'}}\n    \
         - {{name: secure, url: 'https://localhost:1/', timeout: 500ms, retry: {{max_attempts: 0}}}}\n",
        receiver.url("/hook")
    ));
    project.ok(&["emit", "agent.error"]);
    // Whoever opens it waits for a writer who never comes.
    let certificates = project.root().join("certificates");
    assert!(std::process::Command::new("mkfifo").arg(&certificates).status().unwrap().success());
    let mut run = project.command(["run", "--until-idle", "--max-wait", "30s"]);
    let output = run.env("SSL_CERT_FILE", &certificates).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let deliveries = project.json(&["deliveries"]);
    let of = |state: &str| deliveries.as_array().unwrap().iter().find(|one| one["state"] == state).unwrap().clone();
    assert_eq!(of("delivered")["endpoint"], "plain");
    let error = of("dead")["last_error"].as_str().unwrap().to_owned();
    assert!(error.contains("certificates"), "{error}");
}

#[test]
fn http_2_is_spoken_where_the_receiver_does_and_its_connections_are_shared() {
    let (address, seen) = receiver(&[b"h2", b"http/1.1"]);
    let deliveries = deliver(address, EVENTS, true);
    let seen = seen.lock().unwrap().clone();
    assert!(deliveries.iter().all(|one| one["state"] == "delivered"), "{deliveries:#?}");
    assert_eq!(seen.requests.len(), EVENTS);
    for (version, host, body) in &seen.requests {
        assert_eq!((*version, host), (Version::HTTP_2, &format!("localhost:{}", address.port())));
        assert!(body.starts_with(b"{\"id\":\"evt-"), "{body:?}");
    }
    // Those that begin together each find none yet.
    assert!(seen.connections <= 4, "{} connections", seen.connections);
}

#[test]
fn http_1_1_is_spoken_where_the_receiver_knows_no_other_and_connections_are_kept() {
    let (address, seen) = receiver(&[b"http/1.1"]);
    let deliveries = deliver(address, EVENTS, true);
    let seen = seen.lock().unwrap().clone();
    assert!(deliveries.iter().all(|one| one["state"] == "delivered"), "{deliveries:#?}");
    assert_eq!(seen.requests.len(), EVENTS);
    for (version, host, _) in &seen.requests {
        assert_eq!((*version, host), (Version::HTTP_11, &format!("localhost:{}", address.port())));
    }
    assert!(seen.connections <= 4, "{} connections", seen.connections);
}

#[test]
fn a_request_that_a_kept_http_2_connection_does_not_take_goes_over_a_new_one() {
    let closes: fn(u32) -> Vec<u8> = |_| Vec::new();
    let ways: [Box<dyn Fn(u32) -> Vec<u8> + Send>; 3] =
        [Box::new(goes_away), Box::new(refused_with(7)), Box::new(closes)];
    for refuses in ways {
        let (address, connections) = refusing(1, refuses);
        let deliveries = deliver_by(1, address, 4, true);
        assert!(deliveries.iter().all(|one| one["state"] == "delivered"), "{deliveries:#?}");
        assert_eq!(connections.load(Ordering::SeqCst), 4);
    }
}

#[test]
fn a_request_that_is_itself_refused_over_http_2_does_not_go_again() {
    let (address, _) = refusing(1, refused_with(2));
    let deliveries = deliver_by(1, address, 2, true);
    let dead: Vec<_> = deliveries.iter().filter(|one| one["state"] == "dead").collect();
    assert_eq!(dead.len(), 1, "{deliveries:#?}");
    assert_eq!(dead[0]["last_error"], "the receiver broke the request off: unexpected internal error encountered");
}

#[test]
fn a_new_http_2_connection_that_takes_nothing_is_a_failure_in_words() {
    let (address, connections) = refusing(0, goes_away);
    let deliveries = deliver_by(1, address, 1, true);
    assert_eq!(deliveries[0]["last_error"], "the receiver ended the HTTP/2 connection", "{deliveries:#?}");
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[test]
fn a_receiver_that_nobody_vouches_for_is_sent_nothing() {
    let (address, seen) = receiver(&[b"h2"]);
    let deliveries = deliver(address, 1, false);
    assert_eq!(deliveries[0]["state"], "dead", "{deliveries:#?}");
    let error = deliveries[0]["last_error"].as_str().unwrap();
    assert!(error.starts_with("certificate not trusted: nobody this system trusts has signed it; "), "{error}");
    assert_eq!(seen.lock().unwrap().requests.len(), 0);
}

#[test]
fn a_certificate_that_is_an_authoritys_own_is_told_with_the_cure() {
    let (address, _) = receiver_with("own-authority.pem", &[b"h2"]);
    let deliveries = deliver(address, 1, true);
    let error = deliveries[0]["last_error"].as_str().unwrap();
    let why = "it is an authority's own, not a receiver's; with `openssl req -x509` add `-addext basicConstraints=critical,CA:FALSE`";
    assert_eq!(error, format!("certificate not trusted: {why}"), "{deliveries:#?}");
}
