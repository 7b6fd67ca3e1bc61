//! Connections that wait for their next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::TokioExecutor;

use super::connect::Connected;
use crate::wire::address::{Origin, Sending};

/// Shorter than the keep-alive of common servers (5 s), so that a request seldom meets a connection about to close.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// A connection, seen from its requests. A task of its own reads and writes; it ends when nobody holds this any more.
pub(super) struct Line {
    sender: Sender,
    /// Whom it leads to.
    pub remote: Arc<str>,
}

enum Sender {
    /// HTTP/1.1: one request at a time.
    One(http1::SendRequest<Full<Bytes>>),
    /// HTTP/2: many share it.
    Many(http2::SendRequest<Full<Bytes>>),
}

impl Line {
    /// Over a connection just made.
    pub async fn open(connected: Connected) -> hyper::Result<Self> {
        let remote = connected.remote.to_string().into();
        let sender = if connected.is_h2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), connected.stream).await?;
            tokio::spawn(connection);
            Sender::Many(sender)
        } else {
            let (sender, connection) = http1::handshake(connected.stream).await?;
            tokio::spawn(connection);
            Sender::One(sender)
        };
        Ok(Self { sender, remote })
    }

    /// Sends a request. The error holds it if nothing of it was sent.
    pub async fn send(
        &mut self,
        mut request: Request<Full<Bytes>>,
        to: &Sending,
    ) -> Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>> {
        match &mut self.sender {
            Sender::One(sender) => {
                request.headers_mut().insert(http::header::HOST, to.host.clone());
                *request.uri_mut() = to.path.clone();
                sender.try_send_request(request).await
            }
            Sender::Many(sender) => {
                request.headers_mut().remove(http::header::HOST);
                *request.uri_mut() = to.whole.clone();
                sender.try_send_request(request).await
            }
        }
    }

    /// Waits until it takes the next request; false: it never will.
    async fn settle(&mut self) -> bool {
        match &mut self.sender {
            Sender::One(sender) => sender.ready().await.is_ok(),
            Sender::Many(sender) => sender.ready().await.is_ok(),
        }
    }

    fn is_ready(&self) -> bool {
        match &self.sender {
            Sender::One(sender) => sender.is_ready(),
            Sender::Many(sender) => sender.is_ready(),
        }
    }

    /// Another hold of the same connection, where that can be shared.
    fn share(&self) -> Option<Self> {
        match &self.sender {
            Sender::One(_) => None,
            Sender::Many(sender) => Some(Self { sender: Sender::Many(sender.clone()), remote: self.remote.clone() }),
        }
    }
}

/// Keeps connections for [`KEEP_ALIVE`] after their last request.
#[derive(Clone, Default)]
pub(super) struct Pool(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// The newest last.
    idle: HashMap<Origin, Vec<(Line, Instant)>>,
    /// Connections are closed in time as long as there are any.
    sweeping: bool,
}

impl Pool {
    /// A connection to this origin, if there is one that takes requests.
    pub fn take(&self, origin: &Origin) -> Option<Line> {
        let mut kept = self.lock();
        let lines = kept.idle.get_mut(origin)?;
        while let Some((line, since)) = lines.pop() {
            if since.elapsed() >= KEEP_ALIVE {
                lines.clear();
            } else if line.is_ready() {
                // One that is shared stays for others.
                lines.extend(line.share().map(|shared| (shared, Instant::now())));
                return Some(line);
            }
        }
        None
    }

    /// Takes in a connection just made. Of those that can be shared one serves all: the first.
    pub fn introduce(&self, origin: &Origin, line: Line) -> Line {
        let Some(shared) = line.share() else { return line };
        if let Some(first) = self.take(origin) {
            return first;
        }
        self.put(origin, shared);
        line
    }

    /// Keeps a connection for the next request.
    pub fn keep(&self, origin: &Origin, mut line: Line) {
        if line.is_ready() {
            self.put(origin, line);
            return;
        }
        // It still has to write, or is about to close.
        let (pool, origin) = (self.clone(), origin.clone());
        tokio::spawn(async move {
            if tokio::time::timeout(KEEP_ALIVE, line.settle()).await.is_ok_and(|ready| ready) {
                pool.put(&origin, line);
            }
        });
    }

    /// What is shared takes no further requests: one of them had no answer in time, and maybe none ever comes.
    pub fn give_up_shared(&self, origin: &Origin) {
        if let Some(lines) = self.lock().idle.get_mut(origin) {
            lines.retain(|(line, _)| matches!(line.sender, Sender::One(_)));
        }
    }

    fn put(&self, origin: &Origin, line: Line) {
        let mut kept = self.lock();
        if !kept.idle.contains_key(origin) {
            kept.idle.insert(origin.clone(), Vec::new());
        }
        let Some(lines) = kept.idle.get_mut(origin) else { return };
        if matches!(line.sender, Sender::Many(_)) {
            lines.retain(|(line, _)| matches!(line.sender, Sender::One(_)));
        }
        lines.push((line, Instant::now()));
        if !std::mem::replace(&mut kept.sweeping, true) {
            tokio::spawn(sweep(Arc::downgrade(&self.0)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        lock(&self.0)
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Closes what nobody has used for too long, until there is nothing left.
async fn sweep(kept: Weak<Mutex<Kept>>) {
    loop {
        tokio::time::sleep(KEEP_ALIVE / 4).await;
        let Some(kept) = kept.upgrade() else { return };
        let mut kept = lock(&kept);
        kept.idle.retain(|_, lines| {
            lines.retain(|(line, since)| since.elapsed() < KEEP_ALIVE && line.is_ready());
            !lines.is_empty()
        });
        if kept.idle.is_empty() {
            kept.sweeping = false;
            return;
        }
    }
}
