//! The ceiling: a plain HTTP client that keeps nothing, on the same sink, with the same body, headers and signature.
//!
//! It is the only one that names `reqwest`: measured through the engine's transport, the ceiling would hold whatever that
//! costs.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Once;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use reqwest::{Client, StatusCode, redirect};
use tokio::task::{JoinSet, LocalSet};

use super::super::exit::Failure;
use super::load;
use super::watch::{Alarm, Lap, Stopwatch, late, limit_for};
use crate::wire::{self, Key, dialect::NTM};

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Where to.
    pub url: &'a str,
    /// Requests under way at any time.
    pub in_flight: u64,
    /// Requests before the measured ones.
    pub warm_up: u64,
    /// Requests that are measured.
    pub requests: u64,
}

/// Sends as the plan says, on a current-thread runtime, with one client.
pub fn measure(plan: Plan<'_>, alarm: &Alarm) -> Result<Lap, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sender = Rc::new(Sender::new(plan.url).map_err(|error| failed(&error))?);
    LocalSet::new().block_on(&runtime, async {
        send_all(&sender, plan.in_flight, plan.warm_up, alarm).await?;
        let watch = Stopwatch::start();
        send_all(&sender, plan.in_flight, plan.requests, alarm).await?;
        Ok(watch.stop(plan.requests))
    })
}

fn failed(error: &reqwest::Error) -> Failure {
    Failure::failed(format!("the raw client failed: {error}; run the bench again"))
}

async fn send_all(sender: &Rc<Sender>, in_flight: u64, requests: u64, alarm: &Alarm) -> Result<(), Failure> {
    let left = Rc::new(Cell::new(requests));
    let mut senders = JoinSet::new();
    for _ in 0..in_flight {
        let (sender, left, alarm) = (sender.clone(), left.clone(), alarm.clone());
        senders.spawn_local(async move {
            while let Some(number) = left.get().checked_sub(1) {
                left.set(number);
                alarm.check()?;
                sender.send(number).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    let limit = limit_for(requests);
    tokio::time::timeout(limit, async {
        while let Some(ended) = senders.join_next().await {
            ended.map_err(|error| Failure::failed(format!("the raw client failed: {error}")))??;
        }
        Ok(())
    })
    .await
    .unwrap_or_else(|_| Err(late("the raw client", limit)))
}

struct Sender {
    client: Client,
    url: String,
    keys: Vec<Key>,
    body: Bytes,
    kind: String,
    id: String,
}

impl Sender {
    fn new(url: &str) -> reqwest::Result<Self> {
        static PROVIDER: Once = Once::new();
        // Fails only where the program has installed one already, which serves as well.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        // As the engine's transport, for what plain http on loopback makes use of.
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(4))
            .tcp_nodelay(true)
            .tls_certs_only([])
            .build()?;
        let event = load::event();
        let body = serde_json::to_vec(&event).unwrap_or_default().into();
        Ok(Self {
            client,
            url: url.to_owned(),
            keys: NTM.key(&load::SECRET.into()).into_iter().collect(),
            body,
            kind: event.kind,
            id: event.id,
        })
    }

    async fn send(&self, number: u64) -> Result<(), Failure> {
        let signature = NTM.sign(&self.keys, "", "", &self.body).unwrap_or_default();
        let mut request = self
            .client
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, wire::USER_AGENT)
            .header(NTM.signature.header, signature)
            .body(self.body.clone());
        let (id, attempt) = (format!("{}_{number}", self.id), "1".to_owned());
        for (name, value) in [(NTM.id_header, &id), (NTM.type_header, &self.kind), (NTM.attempt_header, &attempt)] {
            if let Some(name) = name {
                request = request.header(name, value);
            }
        }
        let response = request.send().await.map_err(|error| failed(&error))?;
        let status = response.status();
        response.bytes().await.map_err(|error| failed(&error))?;
        if status == StatusCode::OK {
            return Ok(());
        }
        Err(Failure::failed(format!("the bench's sink answered {status}; run the bench again")))
    }
}
