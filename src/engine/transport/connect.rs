//! Making a connection: the name is resolved, every address is judged, and where the scheme asks for it TLS is spoken.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use super::super::guard::{Blocked, Guard};
use super::{Failure, micros, words};
use crate::wire::address::Origin;

/// Addresses of the family that the resolver named first have so much of a head start on the others (RFC 8305, 5).
const HEAD_START: Duration = Duration::from_millis(300);

/// What is spoken over TLS, the better first.
const PROTOCOLS: [&[u8]; 2] = [H2, b"http/1.1"];
const H2: &[u8] = b"h2";

/// What every TLS connection of this process is made with. The system's certificates are read once, for the first of them: that
/// takes longer than everything else a start has to do.
static TLS: OnceCell<TlsConnector> = OnceCell::const_new();

/// Makes connections.
pub(super) struct Connector {
    pub guard: Guard,
}

/// A connection made.
pub(super) struct Connected {
    pub stream: Stream,
    /// Whom it leads to.
    pub remote: SocketAddr,
    /// The receiver chose HTTP/2.
    pub is_h2: bool,
}

impl Connector {
    /// Connects. `lookup_us` is told how long a name took to be resolved, microseconds.
    pub async fn connect(&self, origin: &Origin, lookup_us: &mut Option<u64>) -> Result<Connected, Failure> {
        let addresses = match &origin.host {
            Host::Ipv4(address) => vec![SocketAddr::from((*address, origin.port))],
            Host::Ipv6(address) => vec![SocketAddr::from((*address, origin.port))],
            Host::Domain(name) => self.resolve(name, origin.port, lookup_us).await?,
        };
        let tcp = connect_to_any(addresses).await.map_err(|error| words::failure(&error))?;
        let ready = tcp.set_nodelay(true).and_then(|()| tcp.peer_addr());
        let remote = ready.map_err(|error| words::failure(&error))?;
        if !origin.https {
            return Ok(Connected { stream: Stream::Plain(tcp), remote, is_h2: false });
        }
        let name = match &origin.host {
            Host::Ipv4(address) => Ok(ServerName::from(IpAddr::V4(*address))),
            Host::Ipv6(address) => Ok(ServerName::from(IpAddr::V6(*address))),
            Host::Domain(name) => ServerName::try_from(name.clone()),
        };
        let name = name.map_err(|error| words::failure(&error))?;
        let tls = tls().await?.connect(name, tcp).await.map_err(|error| words::failure(&error))?;
        let is_h2 = tls.get_ref().1.alpn_protocol() == Some(H2);
        Ok(Connected { stream: Stream::Tls(Box::new(tls)), remote, is_h2 })
    }

    /// The addresses of a name that the guard allows: those are the ones connected to, there is no second look-up.
    async fn resolve(&self, name: &str, port: u16, lookup_us: &mut Option<u64>) -> Result<Vec<SocketAddr>, Failure> {
        let blocked = |blocked: Blocked| Failure::Blocked(blocked.to_string());
        Guard::judge_name(name).map_err(blocked)?;
        let begun = Instant::now();
        let found = tokio::net::lookup_host((name, port)).await;
        *lookup_us = Some(micros(begun).max(1));
        let found = found.map_err(|error| Failure::Network(format!("the name {name} does not resolve: {error}")))?;
        let mut refused = None;
        let mut allowed: Vec<SocketAddr> = found.collect();
        allowed.retain(|address| self.guard.judge(address.ip()).map_err(|blocked| refused = Some(blocked)).is_ok());
        match refused {
            Some(refused) if allowed.is_empty() => Err(blocked(refused)),
            _ => Ok(allowed),
        }
    }
}

/// [`TLS`], made on a thread of its own the first time: what is sent meanwhile must not wait for it.
pub(super) async fn tls() -> Result<&'static TlsConnector, Failure> {
    let make = async || {
        let made = tokio::task::spawn_blocking(client).await.map_err(|error| words::failure(&error))?;
        made.map(|client| TlsConnector::from(Arc::new(client))).map_err(|error| words::failure(&error))
    };
    TLS.get_or_try_init(make).await
}

/// Trusts whom the system trusts; where it has no certificates (a bare container) nobody, and says so of each receiver.
fn client() -> Result<ClientConfig, rustls::Error> {
    let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
    let builder = || ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let mut client = match builder()?.with_platform_verifier() {
        Ok(verified) => verified.with_no_client_auth(),
        Err(_) => builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    };
    client.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(client)
}

/// Tries the addresses of the first one's family in their order; the others, after a while, beside them.
async fn connect_to_any(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let is_first = addresses.first().map(SocketAddr::is_ipv4);
    let (first, other): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|one| Some(one.is_ipv4()) == is_first);
    if other.is_empty() {
        return connect_in_order(&first).await;
    }
    let late = async {
        tokio::time::sleep(HEAD_START).await;
        connect_in_order(&other).await
    };
    let (mut early, mut late) = (Box::pin(connect_in_order(&first)), Box::pin(late));
    tokio::select! {
        tcp = &mut early => match tcp {
            Ok(tcp) => Ok(tcp),
            Err(_) => connect_in_order(&other).await,
        },
        tcp = &mut late => match tcp {
            Ok(tcp) => Ok(tcp),
            Err(_) => early.await,
        },
    }
}

async fn connect_in_order(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(tcp) => return Ok(tcp),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// A connection, plain or over TLS.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
