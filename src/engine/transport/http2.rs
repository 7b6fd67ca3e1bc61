//! HTTP/2, by hyper: many requests share a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::connect::Stream;
use super::{Body, Broken, Failure, words};
use crate::wire::Request;
use crate::wire::address::Sending;

/// A hold of a connection. A task of its own reads and writes; it ends when nobody holds this any more.
#[derive(Clone)]
pub(super) struct Http2 {
    sender: SendRequest<Full<Bytes>>,
    /// The receiver has said that it takes no more, or is gone. For all who hold it.
    over: Arc<AtomicBool>,
}

impl Http2 {
    /// Over a connection just made.
    pub async fn open(stream: Stream) -> hyper::Result<Self> {
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, over: Arc::default() })
    }

    /// Whether it takes requests.
    pub fn is_ready(&self) -> bool {
        self.sender.is_ready() && !self.over.load(Ordering::Relaxed)
    }

    /// Sends a request.
    pub async fn ask(&mut self, request: &Request, to: &Sending) -> Result<Response<Incoming>, Broken> {
        let message = message(request, to).map_err(|error| Broken::Failed(Failure::Blocked(error.to_string())))?;
        self.sender.try_send_request(message).await.map_err(|mut error| {
            let unsent = error.take_message().is_some();
            let error = error.into_error();
            let failure = words::failure(&error);
            if unsent || error.is_canceled() || words::is_untouched(&error) {
                self.over.store(true, Ordering::Relaxed);
                Broken::Ended(failure)
            } else {
                Broken::Failed(failure)
            }
        })
    }
}

/// Reads a body as far as anybody wants it.
pub(super) async fn read(mut answer: Incoming, body: &mut Body<'_>) -> hyper::Result<()> {
    if answer.is_end_stream() {
        return Ok(());
    }
    while let Some(frame) = answer.frame().await {
        let Ok(chunk) = frame?.into_data() else { continue };
        if !body.take(&chunk) {
            break;
        }
    }
    Ok(())
}

fn message(request: &Request, to: &Sending) -> http::Result<http::Request<Full<Bytes>>> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 1);
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    for header in &request.headers {
        headers
            .insert(HeaderName::from_bytes(header.name.as_bytes())?, HeaderValue::from_bytes(header.value.as_bytes())?);
    }
    headers.remove(header::HOST);
    let mut message = http::Request::new(Full::new(request.body.clone()));
    *message.method_mut() = Method::from_bytes(request.method.as_bytes())?;
    *message.uri_mut() = to.whole.clone();
    *message.headers_mut() = headers;
    Ok(message)
}
