//! Connections that wait for their next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::answer::Fields;
use super::connect::{Connected, Stream};
use super::http1::{self, Http1};
use super::http2::{self, Http2};
use super::{Body, Broken, Sent, micros};
use crate::wire::Request;
use crate::wire::address::{Origin, Sending};

/// Shorter than the keep-alive of common servers (5 s), so that a request seldom meets a connection about to close.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// A connection, seen from its requests.
pub(super) struct Line {
    speaks: Speaks,
    /// Whom it leads to.
    remote: Arc<str>,
}

enum Speaks {
    /// One request at a time.
    Http1(Http1<Stream>),
    /// Many share it.
    Http2(Http2),
}

impl Line {
    /// Over a connection just made.
    pub async fn open(connected: Connected) -> hyper::Result<Self> {
        let remote = connected.remote.to_string().into();
        let speaks = if connected.is_h2 {
            Speaks::Http2(Http2::open(connected.stream).await?)
        } else {
            Speaks::Http1(Http1::new(connected.stream))
        };
        Ok(Self { speaks, remote })
    }

    /// Sends a request and notes the answer. Answers whether the line takes another one.
    pub async fn send(
        &mut self,
        request: &Request,
        to: &Sending,
        begun: Instant,
        sent: &mut Sent,
    ) -> Result<bool, Broken> {
        match &mut self.speaks {
            Speaks::Http1(line) => {
                let head = line.ask(&http1::message(request, to)).await?;
                answered(sent, head.status, head.headers, &self.remote, begun);
                let mut body = Body { kept: &mut sent.body, read: 0 };
                // The status counts, whatever becomes of the body.
                Ok(line.body(head.framing, &mut body).await.is_ok_and(|whole| whole && head.keeps))
            }
            Speaks::Http2(line) => {
                let ask = async {
                    let answer = line.ask(request, to).await?;
                    let mut headers = Fields::with_capacity(answer.headers().len());
                    answer.headers().iter().for_each(|(name, value)| headers.push(name.as_str(), value.as_bytes()));
                    answered(sent, answer.status().as_u16(), headers, &self.remote, begun);
                    Ok(http2::read(answer.into_body(), &mut Body { kept: &mut sent.body, read: 0 }).await.is_ok())
                };
                // Large: boxed, so that not every request has to have room for it.
                Box::pin(ask).await
            }
        }
    }

    fn is_ready(&mut self) -> bool {
        match &mut self.speaks {
            Speaks::Http1(line) => line.is_ready(),
            Speaks::Http2(line) => line.is_ready(),
        }
    }

    /// Another hold of the same connection, where that can be shared.
    fn share(&self) -> Option<Self> {
        match &self.speaks {
            Speaks::Http1(_) => None,
            Speaks::Http2(line) => Some(Self { speaks: Speaks::Http2(line.clone()), remote: self.remote.clone() }),
        }
    }
}

fn answered(sent: &mut Sent, status: u16, headers: Fields, remote: &Arc<str>, begun: Instant) {
    sent.status = Some(status);
    sent.headers = headers;
    sent.remote = Some(remote.clone());
    sent.first_byte_us = Some(micros(begun));
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
    pub fn take(&self, origin: &Origin, now: Instant) -> Option<Line> {
        let mut kept = self.lock();
        let lines = kept.idle.get_mut(origin)?;
        while let Some((mut line, since)) = lines.pop() {
            if now.saturating_duration_since(since) >= KEEP_ALIVE {
                lines.clear();
            } else if line.is_ready() {
                // One that is shared stays for others.
                lines.extend(line.share().map(|shared| (shared, now)));
                return Some(line);
            }
        }
        None
    }

    /// Takes in a connection just made. Of those that can be shared one serves all: the first. Answers also whether the
    /// connection to use is another than the one just made.
    pub fn introduce(&self, origin: &Origin, line: Line) -> (Line, bool) {
        let Some(shared) = line.share() else { return (line, false) };
        if let Some(first) = self.take(origin, Instant::now()) {
            return (first, true);
        }
        self.keep(origin, shared);
        (line, false)
    }

    /// What is shared takes no further requests: one of them had no answer in time, and maybe none ever comes.
    pub fn give_up_shared(&self, origin: &Origin) {
        if let Some(lines) = self.lock().idle.get_mut(origin) {
            lines.retain(|(line, _)| matches!(line.speaks, Speaks::Http1(_)));
        }
    }

    /// Keeps a connection for the next request.
    pub fn keep(&self, origin: &Origin, line: Line) {
        let mut kept = self.lock();
        if !kept.idle.contains_key(origin) {
            kept.idle.insert(origin.clone(), Vec::new());
        }
        let Some(lines) = kept.idle.get_mut(origin) else { return };
        if matches!(line.speaks, Speaks::Http2(_)) {
            lines.retain(|(line, _)| matches!(line.speaks, Speaks::Http1(_)));
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
            lines.retain_mut(|(line, since)| since.elapsed() < KEEP_ALIVE && line.is_ready());
            !lines.is_empty()
        });
        if kept.idle.is_empty() {
            kept.sweeping = false;
            return;
        }
    }
}
