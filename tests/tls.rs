//! Deliveries over TLS, in HTTP/2 and HTTP/1.1, to a receiver whose certificate the system trusts, or does not.
//!
//! `tests/tls/` holds an authority made for this and the certificate of `localhost` that it signed, both for a hundred years.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there and then")]

mod support;

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
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
use tokio_rustls::TlsAcceptor;

/// What the receiver saw.
#[derive(Debug, Clone, Default)]
struct Seen {
    connections: usize,
    /// Version, host (authority in HTTP/2) and body of each request.
    requests: Vec<(Version, String, Bytes)>,
}

/// A receiver that speaks TLS, and over it what of `protocols` the sender likes best. Its thread ends with the tests.
fn receiver(protocols: &[&[u8]]) -> (SocketAddr, Arc<Mutex<Seen>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::<Mutex<Seen>>::default();
    let (notes, acceptor) = (seen.clone(), TlsAcceptor::from(Arc::new(config(protocols))));
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

fn config(protocols: &[&[u8]]) -> ServerConfig {
    let file = |name: &str| std::fs::read(repository("tests/tls").join(name)).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(&file("localhost.pem")).unwrap()];
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

/// Sends so many events to the receiver, which this process trusts or not, and tells what became of them.
fn deliver(address: SocketAddr, events: usize, trusted: bool) -> Vec<Value> {
    let project = Project::new(&format!(
        "hooktui:\n  webhooks:\n    - {{name: ops, url: 'https://localhost:{}/hook', concurrency: 4, retry: {{max_attempts: 0}}}}\n",
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
fn a_receiver_that_nobody_vouches_for_is_sent_nothing() {
    let (address, seen) = receiver(&[b"h2"]);
    let deliveries = deliver(address, 1, false);
    assert_eq!(deliveries[0]["state"], "dead", "{deliveries:#?}");
    let error = deliveries[0]["last_error"].as_str().unwrap();
    assert!(error.contains("certificate"), "{error}");
    assert_eq!(seen.lock().unwrap().requests.len(), 0);
}
