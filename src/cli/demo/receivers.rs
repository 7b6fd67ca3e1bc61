//! The demo's endpoints and the sinks behind them: one healthy, the others each with a trouble of its own.

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use axum::http::{HeaderValue, StatusCode};

use super::super::sink::server::{Answer, Sink};
use crate::wire::dialect;

/// One endpoint of the demo.
struct Part {
    name: &'static str,
    /// The keys of its entry in the file, but for `name` and `url`.
    keys: &'static [&'static str],
    script: fn(Turn) -> Answer,
}

/// What a script knows of a request.
#[derive(Clone, Copy)]
struct Turn {
    /// Its number, from 1.
    number: u64,
    /// How long the demo has been running.
    age: Duration,
}

/// Seconds from one outage of `ops` to the next, and how long each lasts.
const OUTAGES: (u64, u64) = (24, 11);

static PARTS: &[Part] = &[
    Part {
        name: "slack",
        keys: &["formatter: slack", "events: [agent.*, session.*]"],
        // Healthy; asks for patience once in a while.
        script: |turn| match turn.number % 40 {
            25 => Answer {
                retry_after: Some(HeaderValue::from_static("3")),
                ..Answer::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited")
            },
            _ => Answer { delay: between(40, 120), ..Answer::new(StatusCode::OK, "ok") },
        },
    },
    Part {
        name: "ci-hook",
        keys: &["secret: demo-secret", "concurrency: 3", "retry: {max_attempts: 3, base_delay: 500ms, max_delay: 2s}"],
        // Fails now and then, never so often in a row that its circuit opens.
        script: |turn| match turn.number % 7 {
            3 | 5 => Answer { delay: between(15, 60), ..Answer::new(StatusCode::BAD_GATEWAY, "upstream is gone") },
            _ => Answer { delay: between(15, 60), ..Answer::default() },
        },
    },
    Part {
        name: "ops",
        keys: &[
            "events: [agent, health]",
            "retry: {max_attempts: 4, base_delay: 400ms}",
            "circuit: {failure_threshold: 3, cooldown: 3s, max_cooldown: 6s, success_threshold: 2}",
        ],
        // Down, back, down again.
        script: |turn| {
            let (period, outage) = OUTAGES;
            if turn.age.as_secs() % period < outage {
                Answer::new(StatusCode::SERVICE_UNAVAILABLE, "down for maintenance")
            } else {
                Answer { delay: between(5, 25), ..Answer::default() }
            }
        },
    },
    Part {
        name: "old-bot",
        keys: &["formatter: discord", "events: [bead.failed, session.killed, rotation]"],
        // Refuses most of what it gets, so that a retry by hand may get through.
        script: |turn| match turn.number % 4 {
            0 => Answer::new(StatusCode::NO_CONTENT, ""),
            _ => Answer {
                delay: between(10, 40),
                ..Answer::new(StatusCode::UNPROCESSABLE_ENTITY, "no such field \"pane\"")
            },
        },
    },
    Part {
        name: "archive",
        keys: &["events: [agent, bead]", "concurrency: 2"],
        // Slow: a queue builds up before it.
        script: |_| Answer { delay: between(250, 700), ..Answer::default() },
    },
];

fn between(from: u64, to: u64) -> Duration {
    Duration::from_millis(fastrand::u64(from..to))
}

/// The sinks, each with a port of its own.
pub(super) struct Cast {
    listeners: Vec<(TcpListener, u16)>,
}

impl Cast {
    /// Takes a free port for each.
    pub(super) fn bind() -> io::Result<Self> {
        let listeners = PARTS.iter().map(|_| {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            listener.set_nonblocking(true)?;
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        });
        Ok(Self { listeners: listeners.collect::<io::Result<_>>()? })
    }

    /// The project's `.ntm.yaml`. The entries stand where NTM would not read them: they have keys that it refuses.
    pub(super) fn file(&self) -> String {
        let mut file =
            "# The endpoints of `hooktui demo`: sinks in its own process. Nothing here needs to survive a loss of power.\n\
             hooktui:\n  journal: {durability: normal}\n  webhooks:\n"
                .to_owned();
        for (part, (_, port)) in PARTS.iter().zip(&self.listeners) {
            let _ = writeln!(file, "    - name: {}\n      url: http://127.0.0.1:{port}/", part.name);
            for key in part.keys {
                let _ = writeln!(file, "      {key}");
            }
        }
        file
    }

    /// Serves until it is told to stop.
    pub(super) fn play(self, stop: Receiver<()>) {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        let begun = Instant::now();
        for (part, (listener, _)) in PARTS.iter().zip(self.listeners) {
            let script = move |number| (part.script)(Turn { number, age: begun.elapsed() });
            let sink = Sink { dialect: &dialect::NTM, keys: Vec::new(), script: Box::new(script), visits: None };
            runtime.spawn(async move { sink.serve(tokio::net::TcpListener::from_std(listener)?).await });
        }
        // Answers that are still being waited for then are nobody's business any more.
        let stopped = runtime.spawn_blocking(move || stop.recv());
        let _ = runtime.block_on(stopped);
    }
}
